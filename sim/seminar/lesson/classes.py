"""Several classes that answered the same questions: their scores side by side.

Each question weighs the same, and in it each student of the class. Intervals come of drawing the
students of a class anew; the questions stay, so an interval says nothing of other questions. No sum
holds the answers of fewer than `FEWEST` students.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.hindcast.chance import even_draws
from sim.seminar.lesson.plan import Plan, Question, RoundPlan
from sim.seminar.lesson.record import LESSON, Answer
from sim.seminar.lesson.results import (
    BASE,
    FEWEST,
    SIMULATOR,
    class_calibration,
    last_word,
    others,
)
from sim.seminar.lesson.scores import Bin, Score, mean, pooled, score
from sim.seminar.record.room import Room

RESAMPLES = 2_000
INSIDE = (0.025, 0.975)
"""The quantiles that an interval reaches to: 19 in 20."""
Floats = NDArray[np.float64]


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
    asked = [(plan.rounds[n], q) for n in rounds for q in plan.rounds[n].questions]
    scores = [_scores(c.room, asked) for c in classes]
    means = [
        _resampled(given[..., 0], f"{held.name}/students", seed)
        for held, given in zip(classes, scores, strict=True)
    ]
    first, first_drawn = means[0]
    found = list[ClassResult]()
    for held, given, (value, drawn) in zip(classes, scores, means, strict=True):
        logs, logs_drawn = _resampled(given[..., 1], f"{held.name}/students", seed)
        fallen, twice = _fallen(held.room, asked), f"{held.name}/twice"
        found.append(
            ClassResult(
                held=held,
                students=given.shape[0],
                answers=int(np.isfinite(given[..., 0]).sum()),
                brier=_estimate(value, drawn),
                log=_estimate(logs, logs_drawn),
                forecast=_forecast(held.room, asked),
                gain=_estimate(*_resampled(fallen, twice, seed)) if fallen.size else None,
                twice=fallen.shape[0],
                calibration=tuple(class_calibration(plan, held.room, rounds)),
                difference=_estimate(value - first, drawn - first_drawn) if found else None,
            )
        )
    rooms = [c.room for c in classes]
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
            scored = [_mean(last_word(c.held.room, number), question) for c in compared.classes]
            rows.append((plan.rounds[number], question, scored))
    return rows


def _mean(cast: Mapping[int, Answer], question: Question) -> Score:
    found = mean(score(a.probabilities(question.id), question.truth) for a in cast.values())
    assert found is not None
    return found


Asked = Sequence[tuple[RoundPlan, Question]]


def _scores(room: Room, asked: Asked) -> Floats:
    """Return the scores of the last words: [students, questions, Brier and log], not a number where
    a student did not answer."""
    casts = {r.number: last_word(room, r.number) for r, _ in asked}
    students = sorted({n for cast in casts.values() for n in cast})
    found = np.full((len(students), len(asked), 2), np.nan)
    for row, student in enumerate(students):
        for column, (round_, question) in enumerate(asked):
            answer = casts[round_.number].get(student)
            if answer is not None:
                scored = score(answer.probabilities(question.id), question.truth)
                found[row, column] = scored.brier, scored.log
    return found


def _fallen(room: Room, asked: Asked) -> Floats:
    """Return by how much the Brier score of each student fell from the first vote to the second, in
    the rounds in which enough voted twice: [students, questions]."""
    held = LESSON.of(room)
    both = {
        r.number: sorted({*held.cast(r.number, 1)} & {*held.cast(r.number, 2)}) for r, _ in asked
    }
    enough = [(r, q) for r, q in asked if len(both[r.number]) >= FEWEST]
    students = sorted({n for r, _ in enough for n in both[r.number]})
    found = np.full((len(students), len(enough)), np.nan)
    for row, student in enumerate(students):
        for column, (round_, question) in enumerate(enough):
            if student in both[round_.number]:
                before, after = (
                    score(
                        held.cast(round_.number, vote)[student].probabilities(question.id),
                        question.truth,
                    ).brier
                    for vote in (1, 2)
                )
                found[row, column] = before - after
    return found


def _forecast(room: Room, asked: Asked) -> Score:
    scored = []
    for round_, question in asked:
        cast = last_word(room, round_.number).values()
        given = pooled([a.probabilities(question.id) for a in cast])
        assert given is not None
        scored.append(score(given, question.truth))
    found = mean(scored)
    assert found is not None
    return found


def _rivals(room: Room, asked: Asked) -> list[Rival]:
    found = []
    for who in (SIMULATOR, BASE):
        given = [(others(room, r, q).get(who), q.truth) for r, q in asked]
        scored = [score(p, truth) for p, truth in given if p is not None]
        if (whole := mean(scored)) is not None:
            found.append(Rival(who, whole, len(scored)))
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
