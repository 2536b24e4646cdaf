"""The ballots of a round: when they are open, and what may be on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.seminar.lesson.plan import RoundPlan
from sim.seminar.lesson.scores import LEAST, MOST
from sim.seminar.record.refusal import Refused


def checked(round_: RoundPlan, percents: Mapping[str, Sequence[int]]) -> dict[str, tuple[int, ...]]:
    """Return percents that fit the questions of a round.

    Raises:
        Refused: they do not.
    """
    known = {q.id: q for q in round_.questions}
    if {*percents} != {*known}:
        raise Refused("Answer every question of the round.")
    found: dict[str, tuple[int, ...]] = {}
    for number, (id_, question) in enumerate(known.items(), start=1):
        given = tuple(percents[id_])
        where = f"Question {number}: " if len(known) > 1 else ""
        if len(given) != len(question.options):
            raise Refused(f"{where}give a number for each answer.")
        if not all(LEAST <= p <= MOST for p in given):
            raise Refused(f"{where}each number must be from {LEAST} to {MOST}.")
        over = sum(given) - 100
        if over:
            told = f"Too many: {over}." if over > 0 else f"Still missing: {-over}."
            raise Refused(f"{where}the numbers must add up to 100. {told}")
        found[id_] = given
    return found
