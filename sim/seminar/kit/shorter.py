"""A lesson that fits into less time: the same scenario with fewer rounds or questions, or shorter
limits, as a file that a seminar takes."""

from __future__ import annotations

from typing import Any

from sim.ground.yaml import dump_yaml
from sim.scenario.resolve import resolved_text
from sim.seminar.kit.timing import Choice, everything, phase_minutes
from sim.seminar.lesson.plan import Plan, RoundPlan
from sim.seminar.lesson.schema import TIMED, Lesson, Minutes, Round


def shorter(plan: Plan, choice: Choice) -> str | None:
    """Write the scenario with the lesson as it was chosen; None where the lesson's own file does
    it. Leaving the what-if out needs no other file; a lesson over days does, since it goes by its
    dates and not by its minutes."""
    whole = everything(plan)
    left_whole = (whole.rounds, False, whole.questions)
    if plan.days is None and (choice.rounds, choice.short, choice.questions) == left_whole:
        return None
    return resolved_text(plan.scenario) + dump_yaml({"seminar": _lesson(plan, choice).plain()})


def _lesson(plan: Plan, choice: Choice) -> Lesson:
    lesson = plan.lesson
    rounds = tuple(
        _round(lesson.rounds[n], plan.rounds[n], short=choice.short) for n in choice.rounds
    )
    play = lesson.play if choice.questions else None
    if play is not None:
        play = play.model_copy(update={"questions": choice.questions})
    update: dict[str, Any] = {"title": plan.title, "rounds": rounds, "play": play, "days": None}
    return lesson.model_copy(update=update)


def _round(round_: Round, planned: RoundPlan, *, short: bool) -> Round:
    if not short:
        return round_
    minutes = {phase: float(phase_minutes(planned, phase, short=True)) for phase in TIMED}
    return round_.model_copy(update={"minutes": Minutes.model_validate(minutes)})
