"""What a class can discuss after a round, and after the whole lesson."""

from __future__ import annotations

from collections.abc import Iterator

from sim.seminar.kit.contrast import something_came
from sim.seminar.kit.key import Answer, RoundKey
from sim.seminar.lesson.plan import Plan
from sim.seminar.lesson.results import BASE

MOST = 4
"""Prompts of one round."""


def of_round(key: RoundKey) -> list[str]:
    """List what can be discussed after a round, what is its own first."""
    found = [prompt for answer in key.answers for prompt in _of_answer(answer)]
    found.append("Which reason of the class was good, although its number was wrong?")
    return [*dict.fromkeys(found)][:MOST]


def _of_answer(answer: Answer) -> Iterator[str]:
    for told, _ in answer.uncounted[:1]:
        yield f"{told.title}: whose account would you have believed on that day?"
    if answer.silence:
        yield "Nothing happened, and the state changed. Who notices such a change, and when?"
    for told in [e for e in answer.evidence if e.accounts][:1]:
        yield f"{told.title}: the sides tell it in their own ways. Who gains by which words?"
    for told in [e for e in answer.evidence if e.doubt][:1]:
        yield f"{told.title}: the log is in doubt here. What would another answer change?"
    question = answer.question
    base = [x.probabilities[question.truth] for x in answer.lines if x.who == BASE]
    if not something_came(question) and not question.own:
        yield "Where nothing came: what made you expect something?"
    elif base and base[0] < 1 / 2:
        yield "Could somebody have known it at the cut? By which sign in the log?"


def of_play(plan: Plan) -> list[str]:
    """List what can be discussed after a role play; nothing where there is none."""
    if plan.lesson.play is None:
        return []
    return [
        "Where did you do something else than you had told yourselves? What made you?",
        "Which answer of the other side surprised you? What did you not know?",
        "Which single answer would have led somewhere else? Could you have known it then?",
        "Did the table with the best end decide best, or was it lucky?",
    ]


def at_the_end(plan: Plan) -> list[str]:
    """List what can be discussed when all is revealed."""
    found = [
        "What did you find surprising at the time, and what seems clear only now?",
        "Which event would you have coded in another way? Would the state have been another one?",
    ]
    if plan.rounds:
        found.insert(1, "The simulator gave other numbers. What does it leave out?")
    found.append("If nothing came of a meeting, was it a mistake to agree to it?")
    return found
