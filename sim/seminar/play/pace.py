"""How the questions of a role play fall: to which side, and up to which day.

It plays tables without people, which answer by a rule: what a teacher wants to know the evening
before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from sim.ground.dates import DAY_S, day
from sim.model.players import Question
from sim.seminar.play.worlds import Answers, PlayPlan

Rule = Callable[[int, int, Question], bool | None]
"""Answers a question, by the number of the table and of the question."""
FEW, EARLY, LONG = 1 / 2, 3 / 4, 1 / 3
"""What is warned of: a side that is asked less than this share of its questions, a last question
before this share of the days, and a stretch without a question that is longer than this share."""


def at_random(table: int, number: int, question: Question) -> bool:
    """Say yes to every other question, without a pattern."""
    return sha256(f"{table} {number}".encode()).digest()[0] % 2 == 0


RULES: Mapping[str, Rule] = {
    "at random": at_random,
    "always no": lambda table, number, question: False,
    "always yes": lambda table, number, question: True,
    "by doctrine": lambda table, number, question: None,
}
"""How tables without people answer."""


@dataclass(frozen=True)
class Pace:
    """How the questions of one table fell."""

    sides: Mapping[str, int]
    """How many each side was asked."""
    last_s: int
    """The instant of the last one."""
    gap_days: int
    """The longest stretch without one, from the first day to the last."""

    @property
    def last(self) -> str:
        """The day of the last question."""
        return str(day(self.last_s))

    def words(self) -> str:
        """Say how many each side was asked, and when the last one was."""
        sides = ", ".join(f"{party} {n}" for party, n in self.sides.items())
        return f"{sides}; the last on {self.last}; {self.gap_days} days at most without one"

    def warnings(self, plan: PlayPlan) -> list[str]:
        """Say what is not as a class would want it."""
        days = (plan.end_s - plan.start_s) // DAY_S
        each, found = plan.spec.each, []
        for party, n in self.sides.items():
            if n < FEW * each:
                found.append(f"{party} is asked {n} of {each} questions")
        if self.last_s - plan.start_s < EARLY * (plan.end_s - plan.start_s):
            found.append(f"the questions are over on {self.last}, long before the end")
        if self.gap_days > LONG * days:
            found.append(f"{self.gap_days} of {days} days pass without a question")
        return found


def pace_of(plan: PlayPlan, answers: Answers) -> Pace:
    """Return how the questions of a table fell that gave these answers."""
    asked = plan.worlds.at(answers).asked
    counted = Counter(q.party for q in asked)
    moments = [plan.start_s, *(q.at_s for q in asked), plan.end_s]
    gap = max(b - a for a, b in pairwise(moments))
    return Pace({p: counted[p] for p in plan.spec.parties}, moments[-2], gap // DAY_S)


def answers_by(plan: PlayPlan, rule: Rule, table: int = 1) -> Answers:
    """Return the answers of a table that answers by a rule, up to the end of its play."""
    answers: Answers = ()
    while (question := plan.worlds.at(answers).question) is not None:
        if question.at_s >= plan.end_s:
            break
        answers = (*answers, rule(table, len(answers), question))
    return answers


def paces(plan: PlayPlan, tables: int) -> dict[str, Pace]:
    """Return how the questions fall by each rule; `tables` answer at random."""
    found = {}
    for name, rule in RULES.items():
        for table in range(1, 1 + (tables if rule is at_random else 1)):
            told = f"{name}, table {table}" if rule is at_random and tables > 1 else name
            found[told] = pace_of(plan, answers_by(plan, rule, table))
    return found


def pace_lines(plan: PlayPlan, tables: int) -> list[str]:
    """Say how the questions fall, and warn where they fall badly."""
    listed = paces(plan, tables)
    lines = ["Questions to each side, where a table answers"]
    lines += [f"  {name}: {pace.words()}" for name, pace in listed.items()]
    warned = [(name, said) for name, pace in listed.items() for said in pace.warnings(plan)]
    return lines + [f"WARNING: where a table answers {name}, {said}." for name, said in warned]
