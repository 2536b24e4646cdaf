"""The plan of a lesson by the minute, for a lesson of so many minutes: what is held when, what is
left out, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sim.seminar.kit import timing
from sim.seminar.kit.contrast import changes, told_in_two_ways
from sim.seminar.kit.timing import Choice
from sim.seminar.lesson.plan import Plan, RoundPlan
from sim.seminar.lesson.schema import TIMED
from sim.seminar.play.schema import RolePlay

DO = {
    "read": "Read the log together, up to the cut. Ask what is new, and who says so.",
    "vote": "First vote. Each student alone, without talking. Remind them: from 1 to 99, and why.",
    "discuss": "Discuss. Ask for the argument behind the lowest and the highest number.",
    "again": "Second vote. Changing a number is no weakness.",
}
"""What the teacher does in each phase."""


@dataclass(frozen=True)
class Row:
    """One line of the plan."""

    start: int
    """The minute at which it begins."""
    end: int
    part: str
    """The part of the lesson that begins here; empty where one goes on."""
    what: str
    assumed: bool = False
    """Whether the lesson sets no limit, so that the minutes are assumed."""


@dataclass(frozen=True)
class MinutePlan:
    """A lesson of so many minutes."""

    minutes: int
    choice: Choice | None
    """What is held; None where nothing fits."""
    rows: tuple[Row, ...]
    used: int
    left_out: tuple[str, ...]
    """What is left out or made shorter, and why, a sentence or two each."""
    whole: int
    """What the whole lesson takes."""

    @property
    def reserve(self) -> int:
        """The minutes that are left."""
        return self.minutes - self.used


def minute_plan(plan: Plan, minutes: int) -> MinutePlan:
    """Plan a lesson of so many minutes."""
    choice, whole = timing.chosen(plan, minutes), timing.minutes_of(plan, timing.everything(plan))
    if choice is None:
        return MinutePlan(minutes, None, (), 0, tuple(_nothing(plan, minutes)), whole)
    rows = tuple(_timed(_parts(plan, choice)))
    left = tuple(_left_out(plan, choice, minutes))
    return MinutePlan(minutes, choice, rows, rows[-1].end, left, whole)


Part = tuple[int, str, str, bool]
"""Minutes, the part, what is done, and whether the minutes are assumed."""


def _timed(parts: Iterator[Part]) -> Iterator[Row]:
    now = 0
    for minutes, part, what, assumed in parts:
        yield Row(now, now + minutes, part, what, assumed)
        now += minutes


def _parts(plan: Plan, choice: Choice) -> Iterator[Part]:
    opening = "Students join with the code on the projector. Read the welcome together."
    if choice.rounds:
        opening += " Show the slide on answering with probabilities."
    yield timing.OPENING, "Opening", opening, False
    for place, number in enumerate(choice.rounds, start=1):
        yield from _round_parts(plan.rounds[number], place, choice)
    if choice.questions and plan.lesson.play is not None:
        yield from _play_parts(plan.lesson.play, choice.questions)
    if choice.what_if:
        what = "The class changes an event or a weight. Let it guess first; then look at the chart."
        yield timing.WHAT_IF, "What if", what, False
    yield timing.CLOSING, "End", "Read the last words, hand out the homework and the test.", False


def _round_parts(round_: RoundPlan, place: int, choice: Choice) -> Iterator[Part]:
    part = f"Round {place}: {round_.title}"
    for phase in TIMED:
        minutes = timing.phase_minutes(round_, phase, short=choice.short)
        yield minutes, part, DO[phase], round_.limit_s(phase) is None and not choice.short
        part = ""
    shown = "Seal the answers and show what happened. Both accounts first, then the scores."
    yield timing.reveal_minutes(round_), part, shown, False


def _play_parts(play: RolePlay, questions: int) -> Iterator[Part]:
    seats = "Count heads, seat the teams, and let each team sit together. Hand out the cards."
    yield timing.SEATING, f"Role play: {play.title}", seats, False
    told = "Each team reads its log and writes one line to itself."
    yield timing.instruct_minutes(play), "", told, play.minutes.instruct is None
    asked = f"The teams decide: up to {questions} questions a table, {play.question_s:.0f} seconds"
    minutes = timing.question_minutes(play, questions)
    yield minutes, "", f"{asked} each. Walk around; do not help.", False
    debrief = "Debrief: where did the tables part, from history and from each other? Which answer"
    yield timing.DEBRIEF, "", f"{debrief} would have changed it?", False


# ---------------------------------------------------------------------------------- left out


def _left_out(plan: Plan, choice: Choice, minutes: int) -> Iterator[str]:
    most = minutes - minutes // timing.IN_RESERVE

    def takes(**other: Any) -> str:
        """Say what the plan takes with another choice, and what there is."""
        longer = timing.minutes_of(plan, replace(choice, **other))
        return f"plan takes {longer} minutes, and {most} can be used"

    if choice.short:
        own = f"With the lesson's own limits this {takes(short=False)}."
        yield f"The time limits are shorter than the lesson's. {own}"
    for number, round_ in enumerate(plan.rounds):
        if number not in choice.rounds:
            told = takes(rounds=tuple(sorted([*choice.rounds, number])))
            yield f"The round “{round_.title}” is left out: with it the {told}."
    if choice.rounds and len(choice.rounds) < len(plan.rounds):
        yield _why_these(plan, choice)
    play = plan.lesson.play
    if play is not None and choice.questions < play.questions:
        told = takes(questions=play.questions)
        if choice.questions:
            yield (
                f"The role play has {choice.questions} of its {play.questions} questions: with all "
                f"of them the {told}."
            )
        else:
            yield (
                f"The role play, “{play.title}”, is left out: with it the {told}. Hold it in a "
                "lesson of its own."
            )
    if not choice.what_if:
        yield f"“What if” is left out: with it the {takes(what_if=True)}. The homework has it."


def _why_these(plan: Plan, choice: Choice) -> str:
    """Say why these rounds are held and not others."""
    kept = [plan.rounds[n] for n in choice.rounds]
    if len(kept) == 1 and told_in_two_ways(kept[0]):
        return "This round is held because the two sides do not count the same contacts in it."
    if len(kept) == 1:
        return "This round is held because something comes in it, after a short log."
    if {changes(r) for r in kept} == {True, False}:
        return (
            "These rounds are held because something comes in one of them, and nothing in another. "
            "A class must learn that both are answers."
        )
    if any(told_in_two_ways(r) for r in kept):
        return (
            "These rounds are held because in one of them the two sides do not count the same "
            "contacts, and because the others need the shortest log."
        )
    return "These rounds are held because the earliest rounds need the shortest log."


def _nothing(plan: Plan, minutes: int) -> Iterator[str]:
    """Say that nothing fits, and what the least would take."""
    play = plan.lesson.play
    assert play is not None  # a round at the quick pace always fits
    least = min(play.questions, timing.LEAST_EACH * len(play.parties))
    needed = timing.minutes_of(plan, Choice((), False, least, False))
    yield (
        f"Nothing of this lesson fits into {minutes} minutes: the role play with only {least} "
        f"questions takes {needed}. Hold it over two lessons: the room goes on where it was."
    )
