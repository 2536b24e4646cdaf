"""Players: whoever answers for a party at an opportunity.

A doctrine is one player; a script, a person in a seminar or a language model are others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sim.ground.dates import day, parse
from sim.ground.errors import InputError, Problem, did_you_mean, shown
from sim.scenario.doctrine import DECISIONS


@dataclass(frozen=True, slots=True)
class Occasion:
    """The event whose burst brought a question up."""

    kind: str
    at_s: int
    """When it happened, in seconds since 1970."""
    event: str | None = None
    """The id of a coded event; None for a simulated one."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a player is asked: does your party do this, now?

    It holds what the party sees and no more: not the chance that decides where its doctrine
    answers, not the other side's view, and nothing of what comes.
    """

    decision: str
    """One of `sim.scenario.doctrine.DECISIONS`: an act, `accept_` and an act, or `acknowledge`."""
    party: str
    other: str
    channel: str
    at_s: int
    """The instant, in seconds since 1970."""
    state: str
    """The channel's state as the party sees it."""
    features: tuple[float, ...]
    """What the party perceives, in the order of `sim.rules.features.FEATURES`."""
    probability: float
    """What the party's doctrine gives for a yes, in [0, 1]."""
    forum: str | None = None
    """The forum at which this happens, if it does."""
    because: Occasion | None = None
    """The event that brought the question up; None where it comes up by routine."""
    exchange: tuple[int, int] | None = None
    """Of an exchange that is offered: how many people of the party come home, and how many it lets
    go; None elsewhere."""
    contact: str | None = None
    """Of a contact that is to be told: the kind of its event; None elsewhere."""
    confined: bool = False
    """Whether that contact was about detainees and nothing else."""
    meeting: str | None = None
    """Of a meeting that is to be called off: the day for which it is agreed; None elsewhere."""

    @property
    def proposed_by(self) -> str | None:
        """The party that proposes what is to be accepted; None where nobody does."""
        return self.other if self.decision.startswith("accept_") else None

    @property
    def date(self) -> str:
        """The day (UTC) of the question, as `2023-03-02`."""
        return day(self.at_s).isoformat()


class Player(Protocol):
    """Answers for one party."""

    def answer(self, question: Question) -> bool | None:
        """Say whether the party does what is asked; None lets its doctrine decide."""
        ...


class DoctrinePlayer:
    """Leaves every answer to the party's doctrine."""

    def answer(self, question: Question) -> None:
        """Let the doctrine decide."""
        return


class Recorded:
    """Gives the answers that were given in a world before, in order; then lets doctrines decide."""

    def __init__(self, answers: Iterable[bool | None]) -> None:
        self.left = iter(answers)

    def answer(self, question: Question) -> bool | None:
        """Give the next answer."""
        return next(self.left, None)


@dataclass(frozen=True)
class Line:
    """One line of a script: for these decisions, between these days, this answer."""

    decision: str
    """A decision, or `*` for all."""
    answer: bool
    start: str = "1800-01-01"
    """The first day, as EDTF."""
    until: str = "2199-12-31"
    """The last day, as EDTF."""
    forum: str | None = None
    """Only at this forum."""

    def __post_init__(self) -> None:
        """Check the words.

        Raises:
            InputError: there is no such decision, or a day that is none.
        """
        problems = []
        if self.decision not in ("*", *DECISIONS):
            rule = f"must be * or one of {', '.join(DECISIONS)}"
            rule += did_you_mean(self.decision, DECISIONS)
            problems.append(Problem("Line", 0, "decision", rule, shown(self.decision)))
        for name in ("start", "until"):
            try:
                parse(getattr(self, name))
            except ValueError as error:
                problems.append(Problem("Line", 0, name, str(error), shown(getattr(self, name))))
        if problems:
            raise InputError(problems)

    def covers(self, question: Question) -> bool:
        """Whether the line speaks to a question."""
        return (
            self.decision in ("*", question.decision)
            and parse(self.start).lo_s <= question.at_s < parse(self.until).hi_s
            and self.forum in (None, question.forum)
        )


@dataclass
class ScriptedPlayer:
    """Answers by the first line that covers a question, and by another player where none does."""

    lines: tuple[Line, ...]
    otherwise: Player = field(default_factory=DoctrinePlayer)
    asked: list[tuple[str, str, bool | None]] = field(default_factory=list)
    """What was asked: (day, decision, answer), in order; None where the doctrine decided."""

    def answer(self, question: Question) -> bool | None:
        """Answer by the script."""
        line = next((x for x in self.lines if x.covers(question)), None)
        answer = self.otherwise.answer(question) if line is None else line.answer
        self.asked.append((question.date, question.decision, answer))
        return answer


def seats(
    parties: tuple[str, ...], players: Mapping[str, Player] | None
) -> dict[str, Player | None]:
    """Give every party the player that is named for it, or None: its doctrine answers.

    Raises:
        ValueError: a player for a party that the scenario does not have.
    """
    unknown = set(players or {}) - set(parties)
    if unknown:
        raise ValueError(f"no such party: {', '.join(sorted(unknown))}")
    return {p: (players or {}).get(p) for p in parties}
