"""The worlds of the tables: each is the scenario and the answers of its teams, and nothing else.

All tables share the seed, so two that answer alike have the same world.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import sha256

from sim.ground.dates import instant
from sim.ground.errors import InputError, Problem
from sim.log.file import to_jsonl
from sim.log.log import Channel, Log
from sim.log.projection import known_until
from sim.model.players import Question
from sim.scenario.outcomes import Outcome
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of
from sim.seminar.play.record import Asked, Decided, PlayState, Put, TableEnded, TableState
from sim.seminar.play.rules import play_span, played
from sim.seminar.play.schema import RolePlay
from sim.study.playing import Play, where
from sim.study.routine import Routine

Answers = tuple[bool | None, ...]
MOST_SEEDS = 20
IN_A_ROW = 2
"""Questions that one side is asked before the other is."""


@dataclass(frozen=True)
class PlayPlan:
    """A role play, ready to begin."""

    scenario: Scenario
    """What the tables run."""
    spec: RolePlay
    start_s: int
    """The first second of the play."""
    end_s: int
    """The first second after it."""
    outcomes: Mapping[str, Outcome]
    """What the debrief tells of each world, by name."""
    seed: int | None = None
    """The seed of its worlds; the scenario's own where it is None."""

    @cached_property
    def worlds(self) -> Worlds:
        """The worlds of its tables."""
        return Worlds(self)

    @cached_property
    def channels(self) -> dict[str, Channel]:
        """The channels that are played, by id."""
        return channels_of(self.scenario)

    @cached_property
    def forums(self) -> dict[str, str]:
        """Where each forum is held, or else what it is called, by id."""
        listed = self.scenario.forums.items()
        return {name: forum.place or forum.title or name for name, forum in listed}

    @property
    def in_history(self) -> bool:
        """Whether it retraces a history that answers alone change."""
        return bool(self.scenario.changes)


def play_plan_of(scenario: Scenario, spec: RolePlay | None, file: str = "") -> PlayPlan | None:
    """Prepare the role play of a lesson; None where it has none.

    Raises:
        InputError: the model holds the history of the play impossible, or nothing is ever asked.
    """
    if spec is None:
        return None
    outcomes = {name: scenario.outcomes[name] for name in spec.outcomes}
    plan = PlayPlan(played(scenario, spec), spec, *play_span(scenario, spec), outcomes)
    if not _asks(plan):  # an impossible history is told now, not in the lesson
        rule = "asks the teams nothing: lower `below`, move `from` or `until`, or take another seed"
        raise InputError([Problem(file or scenario.title, 0, "seminar.play", rule)])
    return plan


def _asks(plan: PlayPlan) -> bool:
    """Whether the teams are asked anything."""
    first = plan.worlds.at(()).question
    return first is not None and first.at_s < plan.end_s


def seed_from(plan: PlayPlan, seed: int) -> int:
    """Return the first seed from one on by which the teams are asked something; the scenario's
    where none of a few does."""
    for found in range(seed, seed + MOST_SEEDS):
        with suppress(InputError):  # the model holds this history impossible with this noise
            if _asks(replace(plan, seed=found)):
                return found
    return plan.scenario.ensemble.seed


def routine_of(spec: RolePlay, start_s: int, end_s: int) -> Routine:
    """Return which questions of a role play are put to its teams."""
    routine = Routine(spec.below, spec.questions, spec.always, apart_days=spec.apart_days)
    if not spec.spread:
        return routine
    return replace(routine, each=spec.each, span=(start_s, end_s), in_a_row=IN_A_ROW)


class Worlds:
    """Runs and keeps worlds by their answers. Its methods may be called from any thread."""

    def __init__(self, plan: PlayPlan) -> None:
        spec = plan.spec
        self.plan = plan
        self.routine = routine_of(spec, plan.start_s, plan.end_s)
        seed = plan.scenario.ensemble.seed if plan.seed is None else plan.seed
        self._first = Play(plan.scenario, spec.parties, seed, 0, (), self.routine)
        self.at = lru_cache(maxsize=512)(self._at)
        """`at(answers)`: the world after these answers, at its next question or its end."""
        self.ended = lru_cache(maxsize=64)(self._ended)
        """`ended(answers)`: the same, with the rest left to the doctrines."""

    def _at(self, answers: Answers) -> Play:
        game = self._first.branch(0)
        game.answers = answers
        game.finished  # noqa: B018 - run it here, in this thread
        return game

    def _ended(self, answers: Answers) -> Play:
        game = self._at(answers)
        game.routine = replace(self.routine, most=len(answers))
        game = game.branch()
        game.finished  # noqa: B018 - run it here, in this thread
        return game

    def history(self) -> Log:
        """Return the log of the world in which no team decides: the history, as far as it goes."""
        return self.log_of(())

    def question(self, table: TableState) -> Question | None:
        """Return the question that a table is at, or None."""
        return None if table.open is None else self.at(table.answers).question

    def decided(self, table: TableState) -> list[tuple[Question, Put, Decided]]:
        """Return the questions that a table has answered, in order, with what came of each."""
        pairs = zip(self.at(table.answers).asked, table.put, strict=False)
        return [(q, put, put.decided) for q, put in pairs if put.decided is not None]

    def passed(self, game: Play, party: str) -> list[tuple[Question, bool]]:
        """Return what a party's office answered by itself, with its answers, in order."""
        pairs = zip(game.passed, game.passed_answers, strict=True)
        return [(q, yes) for q, yes in pairs if q.party == party and q.at_s < self.plan.end_s]

    def next(self, table: TableState) -> Asked | TableEnded:
        """Run a table's world up to its next question, or to its end."""
        game = self.at(table.answers)
        question = game.question
        if question is None or question.at_s >= self.plan.end_s:
            return self.end(table)
        return Asked(
            table=table.number,
            number=len(table.put),
            party=question.party,
            channel=question.channel,
            decision=question.decision,
            at=instant(question.at_s),
        )

    def end(self, table: TableState) -> TableEnded:
        """Run a table's world to its end."""
        digest = sha256(to_jsonl(self.log(table)).encode()).hexdigest()
        return TableEnded(table=table.number, log_sha256=digest)

    def log_of(self, answers: Answers) -> Log:
        """Return the whole log of the world of some answers, up to the last day of the play; what
        is not answered the doctrines decide."""
        return known_until(self.ended(answers).world, self.plan.end_s)

    def log_if(self, answers: Answers, number: int, answer: bool) -> Log:
        """Return the whole log of the world in which one question has another answer. Questions
        that come up again keep their answers; what is not answered the doctrines decide."""
        asked = self.at(answers).asked
        given = {where(q): a for q, a in zip(asked, answers, strict=True) if a is not None}
        given[where(asked[number])] = answer
        return known_until(self._first.world_if(given), self.plan.end_s)

    def log(self, table: TableState) -> Log:
        """Return the whole log of a table's world."""
        return self.log_of(table.answers)

    def check(self, state: PlayState, name: str) -> None:
        """Check that the worlds ask what a record says that they asked.

        Raises:
            InputError: they do not: the record is of another version of the program.
        """
        for table in state.tables.values():
            game = self.at(table.answers)
            found = [*game.asked, *([game.question] if game.question is not None else [])]
            for n, put in enumerate(table.put):
                told = put.question
                here = found[n] if n < len(found) else None
                if here is None or not same(here, told):
                    where = f"table {table.number}, question {n + 1}"
                    rule = "is not the question that this version of the program comes to"
                    raise InputError([Problem(name, 0, where, rule)])
            if table.ended is not None and self.end(table) != table.ended:
                rule = "its world ends otherwise in this version of the program"
                raise InputError([Problem(name, 0, f"table {table.number}", rule)])


def same(question: Question, told: Asked) -> bool:
    """Whether a question is the one that a record tells of."""
    return (instant(question.at_s), question.party, question.channel, question.decision) == (
        told.at,
        told.party,
        told.channel,
        told.decision,
    )
