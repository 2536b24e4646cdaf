"""Which questions of a played world are put to people, and which go to the doctrine as routine.

It is worked out from what was asked before, and from nothing that nobody sees: the same answers
give the same questions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter

from sim.ground.dates import DAY_S
from sim.ground.files import json_line
from sim.model.players import Question
from sim.scenario.doctrine import DECISIONS

AHEAD, MOST_AHEAD, BEHIND = 1.0, 3.0, 0.5
"""Questions by which a party may run ahead of its pace; by which it may where an event, the other
party's proposal or its turn brings one up, less and less to the end, so that something is left for
it; and behind it by which it is asked anything."""


Count = Annotated[int, Field(ge=0)]


def _known(decision: str) -> str:
    """Return the name of a decision, or refuse any other."""
    if decision not in DECISIONS:
        raise ValueError("must be a decision")
    return decision


@dataclass(frozen=True)
class Routine:
    """Which questions go to the doctrine without being asked, so that a lesson has time for the
    others, and each side gets its part of them."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    below: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Those to which the doctrine says yes with a probability below this."""
    most: Count | None = None
    """All that come after so many were answered; None for no such bound."""
    always: tuple[Annotated[str, AfterValidator(_known)], ...] = ()
    """Decisions that `below` and the pace do not concern where an event has just brought them
    up."""
    each: Count | None = None
    """All that come after a party was asked so many; None for no such bound."""
    span: tuple[int, int] | None = None
    """The first second and the first after it over which the questions of each party are spread,
    evenly; None for as they come. A party that is behind its pace is asked whatever comes next."""
    apart_days: Count = 0
    """The same act is not asked again within so many days, counted by date."""
    in_a_row: Count | None = None
    """So many questions to one party follow each other at most, as long as another has some
    left."""
    then: Then | None = None
    """What takes its place from some question on."""

    def covers(
        self, question: Question, asked: Sequence[Question], parties: Collection[str]
    ) -> bool:
        """Whether a question to one of some parties goes to the doctrine, after others were
        asked."""
        if self.then is not None and len(asked) >= self.then.at:
            if question.party not in self.then.parties:
                return True
            return self.then.routine.covers(question, asked[self.then.at :], self.then.parties)
        own = sum(q.party == question.party for q in asked)
        spent = own == self.each or len(asked) == self.most
        if spent or self.repeats(question, asked) or self._waits(question, asked, parties):
            return True
        ahead, left = self._ahead(question, own)
        if ahead >= MOST_AHEAD * left:
            return True
        replies = bool(asked) and asked[-1].at_s == question.at_s
        replies = replies and question.decision == f"accept_{asked[-1].decision}"
        urgent = question.because is not None and question.decision in self.always
        if urgent or replies or self._is_turn(question, asked) or ahead <= -BEHIND:
            return False
        return ahead >= AHEAD or question.probability < self.below

    def _ahead(self, question: Question, own: int) -> tuple[float, float]:
        """Return by how many questions a party is ahead of its pace, and the share of the time that
        is left; nothing and all of it where there is no pace."""
        if self.each is None or self.span is None:
            return 0.0, 1.0
        start_s, end_s = self.span
        gone = (question.at_s - start_s) / max(1, end_s - start_s)
        return own - self.each * gone, 1.0 - gone

    def repeats(self, question: Question, asked: Iterable[Question]) -> bool:
        """Whether the same act of the same party was asked within the last days."""
        return any(_days(q, question) < self.apart_days for q in asked if _same(q, question))

    def stands(self, question: Question, answered: Iterable[tuple[Question, bool | None]]) -> bool:
        """Whether a no of the last days answers a question that is not asked again."""
        return self.repeats(question, (q for q, answer in answered if answer is False))

    def _last(self, asked: Sequence[Question]) -> str | None:
        """Return the party to which the last questions went, where these are all in a row."""
        if self.in_a_row is None or len(asked) < self.in_a_row:
            return None
        last = {q.party for q in asked[len(asked) - self.in_a_row :]}
        return last.pop() if len(last) == 1 else None

    def _waits(
        self, question: Question, asked: Sequence[Question], parties: Collection[str]
    ) -> bool:
        """Whether another party comes first, and has questions left."""
        if self._last(asked) != question.party:
            return False
        others = {*parties} - {question.party}
        return any(sum(q.party == p for q in asked) != self.each for p in others)

    def _is_turn(self, question: Question, asked: Sequence[Question]) -> bool:
        """Whether others had all questions in a row, so that this party is waited for."""
        return self._last(asked) not in (None, question.party)


@dataclass(frozen=True)
class Then:
    """Another routine from some question on: who plays on alone is asked more often."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    at: Count
    """How many questions come before it; they do not count in it."""
    routine: Routine
    parties: tuple[str, ...]
    """Who is asked from then on; the doctrines answer for the others."""


@cache
def _reader() -> TypeAdapter[Routine]:
    return TypeAdapter(Routine)


def routine_from(data: object) -> Routine:
    """Read a routine that `dataclasses.asdict` wrote.

    Raises:
        ValueError: it is none.
    """
    return _reader().validate_json(json_line(data), strict=True)


def _same(one: Question, two: Question) -> bool:
    return (one.party, one.channel, one.decision) == (two.party, two.channel, two.decision)


def _days(one: Question, two: Question) -> int:
    """Return how many dates lie between two questions."""
    return abs(two.at_s // DAY_S - one.at_s // DAY_S)
