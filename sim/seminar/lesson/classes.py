"""Several classes that answered the same questions: their scores side by side.

Each question weighs the same, and in it each student of the class. Intervals come of drawing the
students of a class anew; the questions stay, so an interval says nothing of other questions. No sum
holds the answers of fewer than `FEWEST` students.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from sim.hindcast.chance import even_draws
from sim.model.compiled_scenario import Floats
from sim.seminar.lesson.plan import Plan, Question, RoundPlan
from sim.seminar.lesson.record import LESSON
from sim.seminar.lesson.results import (
    BASE,
    FEWEST,
    SIMULATOR,
    class_calibration,
    last_word,
    others,
    scored,
    voted_twice,
)
from sim.seminar.lesson.scores import Bin, Score, fallen, mean, pooled, score
from sim.seminar.record.room import Room

RESAMPLES = 2_000
INSIDE = (0.025, 0.975)
"""The quantiles that an interval reaches to: 19 in 20."""
T = TypeVar("T")


@dataclass(frozen=True)
class Held:
    """One class and its record."""

    name: str
    room: Room
    disguised: bool = False
    """Whether it was held in disguise."""


@dataclass(frozen=True)
class Estimate:
    """A mean over the students of a class, and where 19 in 20 such means of students drawn anew
    lie."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ClassResult:
    """What one class came to, over the rounds that all classes have."""

    held: Held
    students: int
    """Students who answered."""
    answers: int
    """Answers to a question."""
    brier: Estimate
    log: Estimate
    forecast: Score
    """The scores of the class's mean forecast, on average over the questions."""
    gain: Estimate | None
    """By how much the Brier score fell in the discussion; None where fewer than `FEWEST` voted
    twice in a round."""
    twice: int
    """Students whose two votes the gain is of."""
    calibration: tuple[Bin, ...]
    difference: Estimate | None
    """The Brier score less that of the first class; None of the first."""


@dataclass(frozen=True)
class Rival:
    """The simulator, or the base rate."""

    who: str
    score: Score
    questions: int
    """How many it answers: none of a lesson's own."""


@dataclass(frozen=True)
class Compared:
    """Several classes, and who they are compared with."""

    rounds: tuple[int, ...]
    """The rounds that all classes have, from 0."""
    questions: int
    classes: tuple[ClassResult, ...]
    rivals: tuple[Rival, ...]
    same_simulator: bool
    """Whether all records hold the same forecasts of the simulator."""


def shared_rounds(plan: Plan, rooms: Sequence[Room]) -> tuple[int, ...]:
    """Return the rounds that are revealed in every class, with enough answers to be added up."""
    return tuple(
        r.number
        for r in plan.rounds
        if all(r.number in LESSON.of(room).revealed and last_word(room, r.number) for room in rooms)
    )


def compare(plan: Plan, classes: Sequence[Held], seed: int) -> Compared:
    """Compare classes over the rounds that all have, of which there is one at least. Each class is
    drawn anew under its name, whatever the order of the classes."""
    rounds = shared_rounds(plan, [c.room for c in classes])
    asked: Asked = [(plan.rounds[n], q) for n in rounds for q in plan.rounds[n].questions]
    rooms, found = [c.room for c in classes], list[ClassResult]()
    for held in classes:
        last = {n: last_word(held.room, n) for n in rounds}
        logs, briers = _table(last, asked, scored)
        both = {n: votes for n in rounds if len(votes := voted_twice(held.room, n)) >= FEWEST}
        enough = [(r, q) for r, q in asked if r.number in both]
        gains = _table(both, enough, lambda votes, q: fallen(*(scored(a, q) for a in votes)))[1]
        name = f"{held.name}/students"
        value, drawn = _resampled(briers, name, seed)
        if not found:
            first, first_drawn = value, drawn
        gain = _resampled(gains, f"{held.name}/twice", seed) if gains.size else None
        found.append(
            ClassResult(
                held=held,
                students=len(briers),
                answers=int(np.isfinite(briers).sum()),
                brier=_estimate(value, drawn),
                log=_estimate(*_resampled(logs, name, seed)),
                forecast=_forecast(held.room, asked),
                gain=_estimate(*gain) if gain is not None else None,
                twice=len(gains),
                calibration=tuple(class_calibration(plan, held.room, rounds)),
                difference=_estimate(value - first, drawn - first_drawn) if found else None,
            )
        )
    told = [[others(room, r, q).get(SIMULATOR) for r, q in asked] for room in rooms]
    return Compared(
        rounds,
        len(asked),
        tuple(found),
        tuple(_rivals(rooms[0], asked)),
        all(some == told[0] for some in told),
    )


def by_question(plan: Plan, compared: Compared) -> list[tuple[RoundPlan, Question, list[Score]]]:
    """Return the mean score of each class in each question."""
    rows = []
    for number in compared.rounds:
        for question in plan.rounds[number].questions:
            casts = [last_word(c.held.room, number).values() for c in compared.classes]
            means = [mean(scored(answer, question) for answer in cast) for cast in casts]
            rows.append((plan.rounds[number], question, means))
    return rows


Asked = Sequence[tuple[RoundPlan, Question]]


def _table(
    given: Mapping[int, Mapping[int, T]], asked: Asked, of: Callable[[T, Question], Score]
) -> tuple[Floats, Floats]:
    """Return the log and Brier scores `of` what students gave, by round and student: each
    [students, questions], not a number where a student gave nothing."""
    students = sorted({n for cast in given.values() for n in cast})
    found = np.full((2, len(students), len(asked)), np.nan)
    for row, student in enumerate(students):
        for column, (round_, question) in enumerate(asked):
            if (own := given[round_.number].get(student)) is not None:
                told = of(own, question)
                found[:, row, column] = told.log, told.brier
    return found[0], found[1]


def _forecast(room: Room, asked: Asked) -> Score:
    found = []
    for round_, question in asked:
        cast = last_word(room, round_.number).values()
        given = pooled([a.probabilities(question.id) for a in cast])
        assert given is not None
        found.append(score(given, question.truth))
    return mean(found)


def _rivals(room: Room, asked: Asked) -> list[Rival]:
    found = []
    for who in (SIMULATOR, BASE):
        given = [(others(room, r, q).get(who), q.truth) for r, q in asked]
        scores = [score(p, truth) for p, truth in given if p is not None]
        if scores:
            found.append(Rival(who, mean(scores), len(scores)))
    return found


def _resampled(values: Floats, what: str, seed: int) -> tuple[float, Floats]:
    """Return the mean over questions of the mean over students, and those of resamples of the
    students; `values` is [students, questions], not a number where there is no answer."""
    students = values.shape[0]
    u = even_draws(RESAMPLES, students, f"seminar/classes/{what}", seed)
    drawn = np.minimum(students - 1, (u * students).astype(np.int64))
    times = np.zeros((RESAMPLES + 1, students))
    np.add.at(times, (np.arange(RESAMPLES)[:, None], drawn), 1.0)
    times[RESAMPLES] = 1.0
    known = np.isfinite(values)
    sums, counts = times @ np.where(known, values, 0.0), times @ known
    with np.errstate(invalid="ignore"):
        means = np.nanmean(np.where(counts > 0, sums / counts, np.nan), axis=1)
    return float(means[RESAMPLES]), means[:RESAMPLES]


def _estimate(value: float, drawn: Floats) -> Estimate:
    low, high = np.quantile(drawn, INSIDE)
    return Estimate(value, float(low), float(high))
