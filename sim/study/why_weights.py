"""A why over draws of the weights: the range of its shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.ensemble.settings import Settings
from sim.ensemble.without import Without
from sim.learning.drawn_weights import draws_among, source_of, with_draws
from sim.model.compiled_scenario import Ints
from sim.model.fit_draw import Source, draws_of
from sim.results.outcomes import values_from
from sim.results.over_weights import OverWeights, over_weights
from sim.study.asking import Question
from sim.study.sets import Group, removed_by

EACH = 5
"""Worlds of each draw, in the mean, with history as it was and without each event."""


@dataclass(frozen=True)
class DrawnSets:
    """Worlds with drawn weights, with history as it was and without each set of events."""

    came: NDArray[np.bool_]
    """[N, 1 + M] whether the outcome comes about: with history as it was, then without each set."""
    draw: Ints
    """[N]"""
    source: Source

    def share(self) -> OverWeights | None:
        """Return the range of the share in which the outcome comes about with history as it was."""
        return over_weights(self.came[:, 0].astype(np.float64), self.draw, self.source)

    def but_for(self, m: int, *, turned: bool) -> OverWeights | None:
        """Return the range of the share that answers the question for the m-th set: of the worlds
        in which the outcome comes about, those in which it then fails; if `turned`, the other way
        round."""
        asked = self.came[:, 0] != turned
        changed = (self.came[:, 1 + m] == turned)[asked]
        return over_weights(changed.astype(np.float64), self.draw[asked], self.source)


def drawn_sets(question: Question, groups: Sequence[Group], how: Settings) -> DrawnSets | None:
    """Ask the outcome without each set over draws of the weights; None where none are asked for.

    Raises:
        InputError: a prior is broken, or the model holds the history impossible.
        RunError: a worker died.
    """
    if not how.draws:
        return None
    scenario, program = question.scenario, question.program
    over = with_draws(scenario, program, how.seed, how.draws)
    number = how.draws * EACH
    came = np.zeros((number, 1 + len(groups)), dtype=np.bool_)
    job = Without(over, removed_by(question, groups), how.seed, how.executor)
    for first, values in job.values(replace(how, replications=number)):
        found = values_from(values[:, :, 0], scenario, program, 0) == 1
        came[first : first + len(found)] = found
    draw = draws_of(draws_among(scenario, program, how.draws), how.seed, number)
    return DrawnSets(came, draw, source_of(scenario))
