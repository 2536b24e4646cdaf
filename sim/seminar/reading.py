"""Reading a record: what a damaged or an edited one is known by.

An event is read from plain data, whichever form the record has, and must follow from those before
it. So whoever shows, scores or exports a room need not ask whether it can be.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from sim.scenario.lesson import PHASES
from sim.seminar.ballots import VOTES, checked
from sim.seminar.fields import MAX_MILLIS
from sim.seminar.plan import Plan
from sim.seminar.play.checking import broken_play
from sim.seminar.play.record import STAGES, Instructed, PlayBegan, Seated
from sim.seminar.record import (
    Answered,
    Began,
    Ended,
    Forecasted,
    Joined,
    Opened,
    ReasonHidden,
    Recorded,
    Removed,
    Revealed,
    Room,
    Sealed,
    SeminarEvent,
    apply,
    event_of,
    seal_of,
)
from sim.seminar.refusal import Refused
from sim.seminar.what_if.record import BranchDropped, BranchKept


def parsed(text: object) -> dict[str, Any]:
    """Read the JSON object that one event, or a line, is.

    Raises:
        ValueError: it is none; the message says what it must be.
    """
    try:
        data = json.loads(text.decode() if isinstance(text, bytes) else str(text))
    except UnicodeDecodeError:
        raise ValueError("must be UTF-8 text, not binary") from None
    except (ValueError, RecursionError):
        raise ValueError("is not valid JSON") from None
    if not isinstance(data, dict):
        raise ValueError("must be an object")
    return data


def recorded_of(position: int, at_ms: object, data: dict[str, Any]) -> Recorded:
    """Read an event at its place.

    Raises:
        ValueError: it breaks a rule; the message says which.
    """
    if not isinstance(at_ms, int) or isinstance(at_ms, bool) or not 0 <= at_ms <= MAX_MILLIS:
        raise ValueError("at_ms: must be a time in milliseconds since 1970")
    return Recorded(position, at_ms, event_of(data))


def followed(
    record: Iterable[Recorded], plan: Plan | None = None, room: Room | None = None
) -> tuple[Room, list[tuple[int, str]]]:
    """Fold a record from a room on; return the room, and the position and rule of each event that
    does not follow from those before, or with a plan does not fit the lesson. Where one cannot be
    applied at all the rest is not looked at."""
    now, problems = room or Room(), list[tuple[int, str]]()
    for recorded in record:
        problems += [(recorded.position, rule) for rule in _broken(now, recorded, plan)]
        try:
            now = apply(now, recorded)
        except ValueError as error:
            problems.append((recorded.position, str(error)))
            break
    missing = "the opening of the room" if now.opened is None else _missing(now)
    if now.position and not problems and missing is not None:
        problems.append((now.position, f"the record ends before {missing}"))
    return now, problems


def _broken(room: Room, recorded: Recorded, plan: Plan | None) -> Iterator[str]:
    """Yield the rules that an event breaks after those before it; the first says the most."""
    event = recorded.event
    if recorded.position != room.position + 1:
        yield f"must be event {room.position + 1}, as the events follow each other"
    missing = _missing(room)
    if missing is not None and not isinstance(event, Sealed | Revealed):
        yield f"must be {missing}"
    rule = _lost(room, event) or broken_play(room.play, event)
    if rule is None and plan is not None:
        rule = _unfit(plan, room, event)
    if rule is not None:
        yield rule


def _missing(room: Room) -> str | None:
    """Return what must come next, since it was stored together with what began a phase."""
    if room.phase == "sealed" and room.round not in room.seals:
        return f"the seal of round {room.round + 1}"
    if room.phase == "revealed" and room.round not in room.revealed:
        return f"the reveal of round {room.round + 1}"
    return None


def _lost(room: Room, event: SeminarEvent) -> str | None:
    """Return what an event does not find: a student, a round, an open vote, an answer."""
    match event:
        case Opened() if room.opened is not None:
            return "opens the room a second time"
        case Joined() | Answered() | Began() | PlayBegan() | Ended() if room.ended:
            return "the lesson is over"
        case Ended() if room.phase not in ("", PHASES[-1], STAGES[-1]):
            return f"the lesson cannot end after {_place(room)}"
        case Joined() if event.student <= room.last_number:
            return f"gives the number {event.student} a second time"
        case Removed() | Answered() | Seated() | Instructed() if event.student not in room.students:
            return f"there is no student {event.student}"
        case Began() if (event.round, event.phase) != _next(room):
            return f"round {event.round + 1}, {event.phase}: does not follow {_place(room)}"
        case PlayBegan() if event.stage != _next_stage(room):
            return f"{event.stage}: does not follow {_place(room)}"
        case PlayBegan() if (event.tables is None) != (event.stage != STAGES[0]):
            return "the tables must be set as the first stage begins"
        case Answered() if event.round in room.seals:
            return f"answers round {event.round + 1} after its seal"
        case Answered() if (event.round, event.vote) != (room.round, VOTES.get(room.phase)):
            return f"answers round {event.round + 1}, vote {event.vote}, which is not open"
        case ReasonHidden() if event.student not in room.cast(event.round, event.vote):
            return f"there is no such answer of student {event.student}"
        case Sealed() if seal_of(room, event.round, event.salt) != event.sha256:
            return f"the seal of round {event.round + 1} does not fit the answers: one was changed"
        case Sealed() | Revealed() if (event.round, event.kind) != (room.round, room.phase):
            return f"round {event.round + 1} is not {event.kind} here"
        case BranchKept() if event.number <= room.last_branch:
            return f"gives the number {event.number} to a second branch"
        case BranchDropped() if event.number not in room.branches:
            return f"there is no branch {event.number}"
    return None


def _next(room: Room) -> tuple[int, str] | None:
    """Return the round and the phase that follow; None where a role play goes on."""
    if room.phase in STAGES:
        return None
    if room.phase in ("", PHASES[-1]):
        return room.round + 1, PHASES[0]
    return room.round, PHASES[PHASES.index(room.phase) + 1]


def _next_stage(room: Room) -> str | None:
    """Return the stage of a role play that may follow."""
    if room.phase in ("", PHASES[-1]):
        return STAGES[0]
    return dict(pairwise(STAGES)).get(room.phase)


def _place(room: Room) -> str:
    if room.phase in STAGES:
        return room.phase
    return f"round {room.round + 1}, {room.phase}" if room.phase else "the opening"


def _unfit(plan: Plan, room: Room, event: SeminarEvent) -> str | None:
    """Return what of an event the lesson does not have."""
    match event:
        case Began() | Forecasted() | Answered() if event.round >= len(plan.rounds):
            return f"there is no round {event.round + 1}"
        case Answered():
            try:
                checked(plan.rounds[event.round], event.percents)
            except Refused as refused:
                return f"does not answer round {event.round + 1}: {refused}"
        case Forecasted():
            asked = {q.id: len(q.options) for q in plan.rounds[event.round].questions}
            if {id_: len(p) for id_, p in event.probabilities.items()} != asked:
                return f"does not forecast the questions of round {event.round + 1}"
        case PlayBegan() if plan.play is None or room.round + 1 != len(plan.rounds):
            return "there is no role play here"
        case Seated() if plan.play is None or event.party not in plan.play.spec.parties:
            return f"nobody plays {event.party}"
    return None
