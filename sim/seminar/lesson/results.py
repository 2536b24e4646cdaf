"""What the pages show of a round's answers: means, scores, and what the discussion gained.

Nothing here adds up the answers of a few: it would tell what one of them answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sim.ground.language import N_, _
from sim.seminar.lesson.plan import Plan, Question, RoundPlan
from sim.seminar.lesson.record import LESSON, Answer
from sim.seminar.lesson.scores import (
    Bin,
    Score,
    bin_of,
    calibration,
    fallen,
    kept_off_zero,
    mean,
    pooled,
    score,
)
from sim.seminar.record.room import Room

FEWEST = 5
"""Students whose answers may be added up for all to see."""


@dataclass(frozen=True)
class Line:
    """One forecaster of one question: the class, a group, the simulator, the base rate."""

    who: str
    probabilities: tuple[float, ...]
    score: Score
    of_group: bool = False
    """Whether it is a group of the class."""


@dataclass(frozen=True)
class QuestionResult:
    """What one question came to."""

    question: Question
    lines: tuple[Line, ...]
    gain: Score | None
    """By how much the mean score of those who voted twice fell from the first vote to the second,
    in each score; below 0 it rose. None where fewer than `FEWEST` did."""
    twice: int
    """How many voted twice."""


CLASS, SIMULATOR, BASE = N_("The class"), N_("The simulator"), N_("The base rate")

Cast = Mapping[int, Answer]
"""Answers by student."""


def first_word(room: Room, round_: int) -> Cast:
    """Return the answers of the first vote, if they may be added up; none otherwise."""
    cast = LESSON.of(room).cast(round_, 1)
    return cast if len(cast) >= FEWEST else {}


def last_word(room: Room, round_: int) -> Cast:
    """Return each student's last word, if they may be added up; none otherwise.

    Where a few voted again, the difference of both votes would tell of them: it is the first then.
    """
    if 0 < len(LESSON.of(room).cast(round_, 2)) < FEWEST and first_word(room, round_):
        return first_word(room, round_)
    final = LESSON.of(room).final(round_)
    return final if len(final) >= FEWEST else {}


def voted_twice(room: Room, round_: int) -> dict[int, tuple[Answer, Answer]]:
    """Return both answers of each student who voted twice."""
    one, two = (LESSON.of(room).cast(round_, vote) for vote in (1, 2))
    return {n: (one[n], two[n]) for n in sorted({*one} & {*two})}


def scored(answer: Answer, question: Question) -> Score:
    """Score a student's answer to one question."""
    return score(answer.probabilities(question.id), question.truth)


def by_group(plan: Plan, room: Room, cast: Cast) -> dict[str, list[Answer]]:
    """Return the answers of each group; none where a group is so small that the mean of the class
    without the others' would tell of it."""
    found: dict[str, list[Answer]] = {group: [] for group in plan.lesson.groups}
    for number, answer in cast.items():
        found.setdefault(room.students[number].group or "", []).append(answer)
    found = {group: answers for group, answers in found.items() if answers}
    return found if all(len(answers) >= FEWEST for answers in found.values()) else {}


def question_result(
    plan: Plan, room: Room, round_: RoundPlan, question: Question
) -> QuestionResult:
    """Score one question of a round."""
    final = last_word(room, round_.number)
    lines = [_line(_(CLASS), final.values(), question)]
    if plan.lesson.groups:
        groups = by_group(plan, room, final)
        lines += [
            _line(_("Group {name}", name=name), cast, question, of_group=True)
            for name, cast in groups.items()
        ]
    for who, given in others(room, round_, question).items():
        lines.append(Line(_(who), given, score(given, question.truth)))
    both, gain = voted_twice(room, round_.number), None
    if len(both) >= FEWEST:
        votes = zip(*both.values(), strict=True)
        gain = fallen(*(mean(scored(a, question) for a in vote) for vote in votes))
    shown = tuple(line for line in lines if line is not None)
    return QuestionResult(question, shown, gain, len(both))


def others(room: Room, round_: RoundPlan, question: Question) -> dict[str, tuple[float, ...]]:
    """Return what the simulator and the base rate give to a question; nothing to one of the
    lesson's own."""
    if question.base_rate is None:
        return {}
    forecast = LESSON.of(room).forecasts.get(round_.number)
    found = {} if forecast is None else {SIMULATOR: forecast.probabilities[question.id]}
    return {**found, BASE: kept_off_zero(question.base_rate)}


def _line(
    who: str, answers: Iterable[Answer], question: Question, *, of_group: bool = False
) -> Line | None:
    mean_ = pooled([a.probabilities(question.id) for a in answers])
    return None if mean_ is None else Line(who, mean_, score(mean_, question.truth), of_group)


@dataclass(frozen=True)
class OwnResult:
    """A student's own scores of a round."""

    rounds: Mapping[int, Score]
    """By round, the mean over its questions of the last vote."""
    mean: Score | None


def own_result(plan: Plan, room: Room, student: int) -> OwnResult:
    """Score a student over the rounds that are revealed."""
    found = {}
    for number in sorted(LESSON.of(room).revealed):
        answer = LESSON.of(room).final(number).get(student)
        if answer is not None:
            found[number] = mean(scored(answer, q) for q in plan.rounds[number].questions)
    return OwnResult(found, mean(found.values()) if found else None)


@dataclass(frozen=True)
class Standing:
    """A forecaster over all rounds that are revealed."""

    who: str
    mean: Score
    rounds: int


def standings(plan: Plan, room: Room, *, own: bool = False) -> list[Standing]:
    """Return the class, its groups, the simulator and the base rate over the revealed rounds: over
    the questions that all of these answer, or over those of the lesson's own, which the class alone
    answers. No mean is over both: it would compare scores of different questions."""
    found: dict[str, dict[int, list[Score]]] = {}
    for number in sorted(LESSON.of(room).revealed):
        round_ = plan.rounds[number]
        for question in round_.questions:
            if question.own != own:
                continue
            for line in question_result(plan, room, round_, question).lines:
                found.setdefault(line.who, {}).setdefault(number, []).append(line.score)
    return [
        Standing(who, mean(map(mean, rounds.values())), len(rounds))
        for who, rounds in found.items()
    ]


def class_calibration(plan: Plan, room: Room, rounds: Iterable[int] | None = None) -> list[Bin]:
    """Compare the probabilities of all last votes of some rounds, those that are revealed where
    None are named, with what came true. A bin that holds answers of few students is left out."""
    given = [
        (answer.student, p, n == question.truth)
        for number in sorted(LESSON.of(room).revealed if rounds is None else rounds)
        for question in plan.rounds[number].questions
        for answer in last_word(room, number).values()
        for n, p in enumerate(answer.probabilities(question.id))
    ]
    voices: dict[int, set[int]] = {}
    for student, p, __ in given:
        voices.setdefault(bin_of(p), set()).add(student)
    return calibration((p, came) for _, p, came in given if len(voices[bin_of(p)]) >= FEWEST)
