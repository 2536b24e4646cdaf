"""How many minutes the parts of a lesson take, and which of them fit into a lesson's time.

The limits and the pace are the lesson's. What has no limit there has an assumed length here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from sim.seminar.kit.contrast import best_rounds
from sim.seminar.lesson.plan import Plan, RoundPlan
from sim.seminar.lesson.schema import TIMED
from sim.seminar.play.schema import RolePlay

OPENING, CLOSING = 5, 3
"""Joining with the code and the welcome; the last word and the homework."""
ASSUMED = {"read": 3, "vote": 4, "discuss": 6, "again": 3}
"""Minutes of a phase that has no limit in the lesson."""
SHORT = {"read": 2, "vote": 3, "discuss": 4, "again": 2}
"""Minutes of a phase at a quick pace, where it is not shorter anyhow."""
REVEAL, REVEAL_EACH = 2, 1
"""Sealing and showing what happened; and for each question."""
SEATING, INSTRUCT, DEBRIEF = 3, 5, 10
"""The parts of a role play beside its questions; instructions only where the lesson has no
limit."""
WHAT_IF = 10
IN_RESERVE = 15
"""One minute of so many is kept for what takes longer."""
LEAST_EACH = 4
"""Questions of each side below which a role play is not worth its debrief."""


@dataclass(frozen=True)
class Choice:
    """What of a lesson is held."""

    rounds: tuple[int, ...]
    """The rounds, from 0."""
    short: bool
    """Whether they go at the quick pace."""
    questions: int
    """Of the role play; 0 where it is left out."""
    what_if: bool


def phase_minutes(round_: RoundPlan, phase: str, *, short: bool) -> int:
    """Return the minutes of one phase of a round, in whole ones."""
    limit_s = round_.limit_s(phase)
    own = ASSUMED[phase] if limit_s is None else ceil(limit_s / 60)
    return min(own, SHORT[phase]) if short else own


def reveal_minutes(round_: RoundPlan) -> int:
    """Return the minutes of sealing and showing what happened."""
    return REVEAL + REVEAL_EACH * len(round_.questions)


def round_minutes(round_: RoundPlan, *, short: bool) -> int:
    """Return the minutes of a whole round."""
    phases = sum(phase_minutes(round_, phase, short=short) for phase in TIMED)
    return phases + reveal_minutes(round_)


def instruct_minutes(play: RolePlay) -> int:
    """Return the minutes in which teams write instructions to themselves."""
    limit = play.minutes.instruct
    return INSTRUCT if limit is None else ceil(limit)


def question_minutes(play: RolePlay, questions: int) -> int:
    """Return the minutes of so many questions, where each takes all of its time."""
    return ceil(questions * play.question_s / 60)


def play_minutes(play: RolePlay, questions: int) -> int:
    """Return the minutes of a whole role play; 0 of one that is left out."""
    if not questions:
        return 0
    return SEATING + instruct_minutes(play) + question_minutes(play, questions) + DEBRIEF


def minutes_of(plan: Plan, choice: Choice) -> int:
    """Return the minutes of what is held."""
    total = OPENING + CLOSING + (WHAT_IF if choice.what_if else 0)
    total += sum(round_minutes(plan.rounds[n], short=choice.short) for n in choice.rounds)
    if plan.lesson.play is not None:
        total += play_minutes(plan.lesson.play, choice.questions)
    return total


def everything(plan: Plan) -> Choice:
    """Choose all of a lesson, as it is."""
    play = plan.lesson.play
    questions = play.questions if play is not None else 0
    return Choice(tuple(range(len(plan.rounds))), False, questions, True)


def chosen(plan: Plan, minutes: int) -> Choice | None:
    """Choose what of a lesson fits into so many minutes, some in reserve; None where nothing does.

    First come rounds and the role play, each at least in part; then a second round, the lesson's
    own limits, more rounds, more questions, and the what-if.
    """
    most = minutes - minutes // IN_RESERVE
    fits = (c for c in _choices(plan, most) if minutes_of(plan, c) <= most)
    return max(fits, key=lambda c: _worth(plan, c), default=None)


def _worth(plan: Plan, choice: Choice) -> tuple[int, ...]:
    number = len(choice.rounds)
    full = plan.lesson.play is None or choice.questions in (0, plan.lesson.play.questions)
    return (
        bool(number) + bool(choice.questions),
        min(number, 2),
        full and not choice.short,
        number,
        choice.questions,
        choice.what_if,
    )


def _choices(plan: Plan, minutes: int) -> Iterator[Choice]:
    """Give what could be held: of each number of rounds those that teach most."""
    sets = [best_rounds(plan.rounds, k) for k in range(len(plan.rounds) + 1)]
    for rounds in sets:
        for short in (False, True):
            for what_if in (True, False):
                bare = Choice(rounds, short, 0, what_if)
                if rounds:
                    yield bare
                for questions in _questions(plan, minutes - minutes_of(plan, bare)):
                    yield Choice(rounds, short, questions, what_if)


def _questions(plan: Plan, left: int) -> list[int]:
    """Return how many questions a role play may have: all, or as many as the minutes that are left
    allow, the same for each side."""
    play = plan.lesson.play
    if play is None:
        return []
    sides = len(play.parties)
    least = min(play.questions, LEAST_EACH * sides)
    fewer = range(play.questions - play.questions % sides, least - 1, -sides)
    fits = next((n for n in fewer if play_minutes(play, n) <= left), None)
    return [play.questions, *([fits] if fits else [])]
