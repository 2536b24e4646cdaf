"""How far the class may see: nothing that lies after the horizon is told to anybody."""

from __future__ import annotations

from sim.scenario.scope import run_span
from sim.seminar.lesson.plan import Plan
from sim.seminar.lesson.record import LESSON
from sim.seminar.play.part import PLAY
from sim.seminar.record.room import Room


def horizon(plan: Plan, room: Room) -> int:
    """Return the first second that the class may not see yet: the present round's cut, the end of a
    round that is revealed, or the first day of a role play; after the play there is none."""
    seen = [plan.rounds[n].end_s for n in LESSON.of(room).revealed]
    if LESSON.of(room).round >= 0:
        seen.append(plan.rounds[LESSON.of(room).round].cut_s)
    if plan.play is not None and (PLAY.of(room).stage or not plan.rounds):
        seen.append(plan.play.start_s)
    if plan.play is not None and is_over(plan, room):
        seen.append(run_span(plan.scenario)[0])
    return max(seen, default=0) or plan.rounds[0].cut_s


def seen_before(plan: Plan, room: Room) -> int:
    """Return the first second that the class had not seen before the present step: the cut of a
    round that is revealed, the end of the round before, or 0 where all is new."""
    held = LESSON.of(room)
    if held.round in held.revealed:
        return plan.rounds[held.round].cut_s
    return max((plan.rounds[n].end_s for n in held.revealed), default=0)


def is_over(plan: Plan, room: Room) -> bool:
    """Whether the lesson has reached the end of its last round, and the debrief of its role play,
    so that all may be seen."""
    played = plan.play is None or PLAY.of(room).stage == "debrief"
    return room.ended or (played and len(LESSON.of(room).revealed) == len(plan.rounds))
