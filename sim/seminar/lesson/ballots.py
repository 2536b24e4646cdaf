"""The ballots of a round: when they are open, and what may be on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.ground.language import _
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
        raise Refused(_("Answer every question of the round."))
    found: dict[str, tuple[int, ...]] = {}
    for number, (id_, question) in enumerate(known.items(), start=1):
        given = tuple(percents[id_])
        wrong = _wrong(given, len(question.options))
        if wrong and len(known) > 1:
            wrong = _("Question {number}: {problem}", number=number, problem=wrong)
        if wrong:
            raise Refused(wrong)
        found[id_] = given
    return found


def _wrong(given: Sequence[int], options: int) -> str:
    """Say what is wrong with the percents of one question; "" where nothing is."""
    if len(given) != options:
        return _("give a number for each answer.")
    if not all(LEAST <= p <= MOST for p in given):
        return _("each number must be from {least} to {most}.", least=LEAST, most=MOST)
    over = sum(given) - 100
    if over > 0:
        return _("the numbers must add up to 100. Too many: {n}.", n=over)
    return _("the numbers must add up to 100. Still missing: {n}.", n=-over) if over else ""
