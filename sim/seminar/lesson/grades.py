"""The grade of each student: points for forecasts by a proper score, and for taking part.

A question counts by its Brier score over that of the even answer, which is 1 - 1/k for k options,
so that questions of two and of four answers weigh the same. Points are linear in the mean of this
over the questions: who says what they believe has the most to expect. No outcome of a game counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean, stdev

from sim.seminar.lesson.grading import Grading
from sim.seminar.lesson.plan import Plan, Question
from sim.seminar.lesson.record import LESSON
from sim.seminar.lesson.results import scored
from sim.seminar.play.alone import ALONE
from sim.seminar.play.part import PLAY
from sim.seminar.record.room import Room, Student

FEW = 20
"""Questions below which points say little of how well somebody forecasts."""
ENOUGH = 0.5
"""The share of a team's questions on which a member votes who has taken part in the play: a vote
may be closed before everybody has voted."""


@dataclass(frozen=True)
class Grade:
    """What one student did, and the points for it. Only rounds that are revealed count."""

    student: Student
    answered: int
    """Questions."""
    missed: int
    """Questions without an answer; each counts as the even answer."""
    relative: float | None
    """The mean Brier score over that of the even answer: 0 is perfect and 1 the even answer. None
    for who answered no question."""
    error: float | None
    """Its standard error over the questions that were answered; None of fewer than two."""
    rounds: int
    """Rounds that were answered with a reason that the teacher did not hide."""
    twice: int
    """Rounds in which the student voted twice."""
    reasons: int
    """Reasons in both votes that the teacher did not hide."""
    votes: int
    """Questions of the role play on which the student voted."""
    asked: int
    """Questions of the role play that the student's team was asked."""
    alone: int
    """Answers in games that the student played alone."""
    part: float | None
    """How much of the lesson the student took part in, from 0 to 1; None before there is any."""

    @property
    def few(self) -> bool:
        """Whether so few questions were answered that luck decides more than judgement."""
        return self.answered < FEW

    def forecast_points(self, grading: Grading) -> float | None:
        """Return the points for forecasts; None where none is scored."""
        return None if self.relative is None else grading.points(self.relative)

    def forecast_error(self, grading: Grading) -> float | None:
        """Return the standard error of these points."""
        if self.error is None:
            return None
        return (grading.forecasts - grading.even_points) * self.error

    def part_points(self, grading: Grading) -> float | None:
        """Return the points for taking part."""
        return None if self.part is None else grading.participation * self.part


def total_of(grade: Grade, grading: Grading) -> float | None:
    """Return the sum of the points that there are; None before the first reveal."""
    given = [grade.forecast_points(grading), grade.part_points(grading)]
    found = [points for points in given if points is not None]
    return sum(found) if found else None


def most_of(plan: Plan) -> float:
    """Return the most points of a lesson: one without rounds gives those for taking part alone."""
    grading = plan.lesson.grading
    return grading.participation + (grading.forecasts if plan.rounds else 0.0)


def grades(plan: Plan, room: Room) -> list[Grade]:
    """Return the grades of all who are in the room, by their numbers."""
    return [_grade(plan, room, student) for _, student in sorted(room.students.items())]


def even_brier(question: Question) -> float:
    """Return the Brier score of the even answer, whatever came true."""
    return 1 - 1 / len(question.options)


def _grade(plan: Plan, room: Room, student: Student) -> Grade:
    held, n = LESSON.of(room), student.number
    given, missed = list[float](), 0
    rounds = twice = reasons = 0
    for number in sorted(held.revealed):
        questions = plan.rounds[number].questions
        ballots = [vote for vote in (1, 2) if n in held.cast(number, vote)]
        told = [vote for vote in ballots if (number, vote, n) not in held.hidden]
        rounds += bool(told)
        twice += len(ballots) == 2
        reasons += len(told)
        answer = held.final(number).get(n)
        if answer is None:
            missed += len(questions)
            continue
        given += [scored(answer, q).brier / even_brier(q) for q in questions]
    whole = len(given) + missed
    votes, asked = _voted(room, n)
    parts = [*_parts(room, n, rounds, votes, asked)]
    return Grade(
        student=student,
        answered=len(given),
        missed=missed,
        relative=(sum(given) + missed) / whole if given else None,
        error=stdev(given) * len(given) ** 0.5 / whole if len(given) > 1 else None,
        rounds=rounds,
        twice=twice,
        reasons=reasons,
        votes=votes,
        asked=asked,
        alone=sum(len(game.answered) for game in ALONE.of(room).of(n)),
        part=fmean(parts) if parts else None,
    )


def _voted(room: Room, student: int) -> tuple[int, int]:
    """Return on how many questions of a role play a student voted, and how many the team had."""
    play = PLAY.of(room)
    seat = play.seats.get(student)
    if seat is None:
        return 0, 0
    put = [
        p
        for p in play.tables[seat.table].put
        if p.question.party == seat.party and p.decided is not None
    ]
    return sum(student in p.votes for p in put), len(put)


def _parts(room: Room, student: int, rounds: int, votes: int, asked: int) -> Iterator[float]:
    """Yield how much of each part of the lesson that is over a student took part in, from 0 to 1:
    the rounds, and the role play. At home one answer is enough."""
    held, play = LESSON.of(room), PLAY.of(room)
    if held.revealed:
        yield rounds / len(held.revealed)
    if play.stage == "debrief":
        seated = student in play.seats
        yield min(1.0, votes / (ENOUGH * asked)) if asked else float(seated)
    if ALONE.of(room).home:
        yield float(any(game.answered for game in ALONE.of(room).of(student)))
