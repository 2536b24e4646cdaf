"""Which rounds of a lesson teach most together: one in which something comes, and one in which
nothing does; a contact of which one side says that it was none; and else the earliest."""

from __future__ import annotations

from collections.abc import Sequence

from sim.seminar.lesson.plan import Question, RoundPlan


def something_came(question: Question) -> bool:
    """Whether the right answer is a change: an event that was asked about, or another state. Of a
    question of the lesson's own nobody knows."""
    if question.own:
        return False
    if question.present is None:
        return question.truth == 0
    return question.options[question.truth] != question.present


def changes(round_: RoundPlan) -> bool:
    """Whether something comes in a round."""
    return any(something_came(q) for q in round_.questions)


def told_in_two_ways(round_: RoundPlan) -> bool:
    """Whether a side does not count a contact of a round."""
    return any(q.uncounted for q in round_.questions)


def best_rounds(rounds: Sequence[RoundPlan], number: int) -> tuple[int, ...]:
    """Choose so many rounds, from 0: the earliest need the shortest log."""
    places = range(len(rounds))
    change = [n for n in places if changes(rounds[n])]
    both = [n for n in change if told_in_two_ways(rounds[n])]
    quiet = [n for n in places if not changes(rounds[n])]
    first = [*(both or change)[:1], *quiet[:1], *(n for n in places if told_in_two_ways(rounds[n]))]
    return tuple(sorted([*dict.fromkeys([*first, *places])][:number]))
