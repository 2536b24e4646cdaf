"""The events of a lesson's rounds, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sim.ground.files import canonical_json
from sim.ground.schema import Real, Whole
from sim.seminar.lesson.schema import PHASES
from sim.seminar.lesson.scores import LEAST, MOST
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import STAGES, PlayBegan
from sim.seminar.record.events import Ended, Removed, SeminarEvent, Step
from sim.seminar.record.fields import Digest, Millis, Number, Short
from sim.seminar.record.room import Part, Recorded, Room, no_student

MAX_REASON = 280
VOTES = {"vote": 1, "again": 2}
"""The phases in which students answer, and which vote it is."""

RoundNumber = Annotated[Whole, Field(ge=0, le=100)]
Vote = Literal[1, 2]
Percent = Annotated[Whole, Field(ge=LEAST, le=MOST)]
Phase = Literal["read", "vote", "discuss", "again", "sealed", "revealed"]


class Began(Step):
    """A phase of a round began, and the one before it ended."""

    kind: Literal["began"] = "began"
    round: RoundNumber
    phase: Phase
    deadline_ms: Millis | None = None
    """When the phase ends; None for no limit."""
    due_ms: Millis | None = None
    """When it had to begin by the dates of a lesson over days; None where the teacher began it."""

    @property
    def begins(self) -> tuple[str, int | None]:
        """The phase, and when it ends."""
        return self.phase, self.deadline_ms


class Answered(SeminarEvent):
    """A student answered a round, or changed the answer. The last one counts."""

    kind: Literal["answered"] = "answered"
    student: Number
    round: RoundNumber
    vote: Vote
    percents: dict[Short, Annotated[tuple[Percent, ...], Field(min_length=2, max_length=8)]]
    """By question, the probability of each option in percent; they sum to 100."""
    reason: Annotated[str, Field(min_length=1, max_length=MAX_REASON)]

    @model_validator(mode="after")
    def _sums(self) -> Answered:
        for question, percents in self.percents.items():
            if sum(percents) != 100:
                raise ValueError(f"the percents of {question} must sum to 100, not {sum(percents)}")
        return self


class ReasonHidden(SeminarEvent):
    """The teacher hid a reason from the pages."""

    kind: Literal["reason_hidden"] = "reason_hidden"
    student: Number
    round: RoundNumber
    vote: Vote


class Forecasted(SeminarEvent):
    """The simulator made its own forecast of a round, before anybody saw the round."""

    kind: Literal["forecasted"] = "forecasted"
    round: RoundNumber
    probabilities: dict[Short, tuple[Annotated[Real, Field(gt=0, lt=1)], ...]]
    worlds: Whole
    seed: Whole
    weights: Annotated[str, Field(max_length=2_000)]
    """Whose weights: the doctrines."""


class Sealed(SeminarEvent):
    """The answers of a round were closed. The digest is shown at once, the salt at the reveal."""

    kind: Literal["sealed"] = "sealed"
    round: RoundNumber
    sha256: Digest
    salt: Digest


class Revealed(SeminarEvent):
    """What happened was shown, with the scores."""

    kind: Literal["revealed"] = "revealed"
    round: RoundNumber


EVENTS = (Began, Answered, ReasonHidden, Forecasted, Sealed, Revealed)


@dataclass(frozen=True)
class Answer:
    """What a student answered in one vote of one round."""

    student: int
    percents: Mapping[str, tuple[int, ...]]
    reason: str
    at_ms: int
    times: int = 1
    """How often the student has stored an answer in this vote."""

    def probabilities(self, question: str) -> tuple[float, ...]:
        """Return the probability of each option of a question, in [0, 1]."""
        return tuple(p / 100 for p in self.percents[question])


Ballot = tuple[int, int]
"""A round and a vote in it."""


@dataclass(frozen=True)
class LessonState:
    """What the events of the rounds add up to."""

    round: int = -1
    """The present round from 0; -1 before the first."""
    answers: Mapping[Ballot, Mapping[int, Answer]] = field(default_factory=dict)
    hidden: frozenset[tuple[int, int, int]] = frozenset()
    """Round, vote and student of each reason that is hidden."""
    forecasts: Mapping[int, Forecasted] = field(default_factory=dict)
    seals: Mapping[int, Sealed] = field(default_factory=dict)
    revealed: frozenset[int] = frozenset()

    def cast(self, round_: int, vote: int) -> Mapping[int, Answer]:
        """Return the answers of one vote, by student."""
        return self.answers.get((round_, vote), {})

    def final(self, round_: int) -> dict[int, Answer]:
        """Return each student's last word of a round: the second vote, or else the first."""
        return {**self.cast(round_, 1), **self.cast(round_, 2)}


def _after(state: LessonState, _: Room, recorded: Recorded) -> LessonState:
    event = recorded.event
    match event:
        case Removed():
            answers = {
                ballot: {n: a for n, a in cast.items() if n != event.student}
                for ballot, cast in state.answers.items()
            }
            return replace(state, answers=answers)
        case Began():
            return replace(state, round=event.round)
        case Answered():
            ballot = (event.round, event.vote)
            before = state.cast(*ballot).get(event.student)
            times = 1 if before is None else before.times + 1
            answer = Answer(event.student, event.percents, event.reason, recorded.at_ms, times)
            cast = {**state.cast(*ballot), event.student: answer}
            return replace(state, answers={**state.answers, ballot: cast})
        case ReasonHidden():
            return replace(state, hidden=state.hidden | {(event.round, event.vote, event.student)})
        case Forecasted():
            return replace(state, forecasts={**state.forecasts, event.round: event})
        case Sealed():
            return replace(state, seals={**state.seals, event.round: event})
        case Revealed():
            return replace(state, revealed=state.revealed | {event.round})
    return state


def seal_of(state: LessonState, round_: int, salt: str) -> str:
    """Return the digest of a round's answers: the SHA-256 of the salt and of both votes.

    Who has the exported record can compute it again from the events before the seal.
    """
    told = [
        [vote, number, {q: list(p) for q, p in answer.percents.items()}, answer.reason]
        for vote in (1, 2)
        for number, answer in sorted(state.cast(round_, vote).items())
    ]
    return sha256(f"{salt}{canonical_json(told)}".encode()).hexdigest()


def _broken(room: Room, event: SeminarEvent) -> str | None:
    """Return what an event does not find: the round that it follows, an open vote, an answer."""
    state = LESSON.of(room)
    match event:
        case Ended() if room.phase not in ("", PHASES[-1], STAGES[-1]):
            return f"the lesson cannot end after {_place(room)}"
        case Began() if (event.round, event.phase) != next_phase(room):
            return f"round {event.round + 1}, {event.phase}: does not follow {_place(room)}"
        case PlayBegan() if event.stage != _next_stage(room):
            return f"{event.stage}: does not follow {_place(room)}"
        case Answered() if room.ended:
            return "the lesson is over"
        case Answered() if event.student not in room.students:
            return no_student(room, event.student)
        case Answered() if event.round in state.seals:
            return f"answers round {event.round + 1} after its seal"
        case Answered() if (event.round, event.vote) != (state.round, VOTES.get(room.phase)):
            return f"answers round {event.round + 1}, vote {event.vote}, which is not open"
        case ReasonHidden() if event.student not in state.cast(event.round, event.vote):
            return f"there is no such answer of student {event.student}"
        case Sealed() if seal_of(state, event.round, event.salt) != event.sha256:
            return f"the seal of round {event.round + 1} does not fit the answers: one was changed"
        case Sealed() | Revealed() if (event.round, event.kind) != (state.round, room.phase):
            return f"round {event.round + 1} is not {event.kind} here"
    return None


def _missing(room: Room, event: SeminarEvent | None) -> str | None:
    """Return what must come next, since it was stored together with what began a phase."""
    state = LESSON.of(room)
    if isinstance(event, Sealed | Revealed):
        return None
    if room.phase == "sealed" and state.round not in state.seals:
        return f"the seal of round {state.round + 1}"
    if room.phase == "revealed" and state.round not in state.revealed:
        return f"the reveal of round {state.round + 1}"
    return None


def next_phase(room: Room) -> tuple[int, str] | None:
    """Return the round and the phase that follow; None where a role play goes on."""
    round_ = LESSON.of(room).round
    if room.phase in STAGES:
        return None
    if room.phase in ("", PHASES[-1]):
        return round_ + 1, PHASES[0]
    return round_, PHASES[PHASES.index(room.phase) + 1]


def _next_stage(room: Room) -> str | None:
    """Return the stage of a role play that may follow."""
    if room.phase in ("", PHASES[-1]):
        return STAGES[0]
    return dict(pairwise(STAGES)).get(room.phase)


def _place(room: Room) -> str:
    if room.phase in STAGES:
        return room.phase
    return f"round {LESSON.of(room).round + 1}, {room.phase}" if room.phase else "the opening"


def place_of(room: Room) -> str:
    """Name where a lesson is: its round and phase, or the stage of its role play."""
    if room.ended:
        return "over"
    if PLAY.of(room).stage:
        return f"play-{room.phase}"
    return f"{LESSON.of(room).round}-{room.phase or 'before'}"


LESSON = Part("lesson", EVENTS, LessonState(), _after, _broken, _missing)

if Phase.__args__ != PHASES:  # type: ignore[attr-defined]
    raise TypeError("Phase must list the phases of sim.seminar.lesson.schema, in order")
