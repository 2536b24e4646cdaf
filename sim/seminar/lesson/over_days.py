"""How a lesson over days goes on: which instants stand at present, and how far they may be moved.

What a teacher moves is the end of the present phase, and with it what comes after it in the same
round; the dates of other rounds stay. So the record needs no dates but the end of each phase.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.ground.language import _
from sim.seminar.lesson.days import RoundTimes, Times
from sim.seminar.lesson.record import LESSON
from sim.seminar.record.refusal import Refused
from sim.seminar.record.room import Room


def standing(times: Times, room: Room) -> tuple[RoundTimes, ...]:
    """Return the instants of all rounds, with what was moved in the present one."""
    now = LESSON.of(room).round
    ends = times.rounds[now].end_ms(room.phase) if now >= 0 else None
    if ends is None or room.deadline_ms is None:
        return times.rounds
    moved = times.rounds[now].later(room.deadline_ms - ends, room.phase)
    return (*times.rounds[:now], moved, *times.rounds[now + 1 :])


def end_ms(times: Times, room: Room, round_: int, phase: str, began_ms: int) -> int | None:
    """Return when a phase ends that begins at an instant after the present one; None for none."""
    if phase != "revealed":
        return standing(times, room)[round_].end_ms(phase)
    return opens_ms(times, round_ + 1, began_ms)


def opens_ms(times: Times, round_: int, earliest_ms: int) -> int | None:
    """Return when a round opens, at once where no date is said; None where there is no round."""
    if round_ >= len(times.rounds):
        return None
    said = times.rounds[round_].opens_ms
    return earliest_ms if said is None else said


def extended_ms(times: Times, room: Room, by_ms: int) -> int:
    """Return the present deadline, so much later.

    Raises:
        Refused: there is none, or the next round would have no time.
    """
    if room.deadline_ms is None:
        raise Refused(_("This step has no deadline."))
    now = LESSON.of(room).round
    later = room.deadline_ms + by_ms
    last = later
    if now >= 0 and times.rounds[now].end_ms(room.phase) is not None:
        last = standing(times, room)[now].reveals_ms + by_ms
    if now + 1 < len(times.rounds) and last >= times.rounds[now + 1].closes_ms:
        raise Refused(_("That is too late: the next round would close before it opens."))
    return later


def waiting(times: Times, room: Room) -> Iterator[tuple[int, int, int]]:
    """Give each vote that has not closed yet: its round from 0, which vote it is, and when it
    closes."""
    now = LESSON.of(room).round
    for number, told in enumerate(standing(times, room)):
        for vote, at_ms in ((1, told.closes_ms), (2, told.again_ms)):
            closed = number < now or (
                number == now
                and (room.phase in ("sealed", "revealed") or (room.phase == "again" and vote == 1))
            )
            if at_ms is not None and not closed:
                yield number, vote, at_ms
