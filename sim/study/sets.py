"""Sets of events: in how many worlds an outcome fails, or comes about, without each of them, and
where these shares lie over draws of the weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.ensemble.settings import Settings
from sim.ensemble.without import Without
from sim.learning.drawn_weights import draws_among, source_of, with_draws
from sim.log.events import Event
from sim.model.compiled_scenario import Floats, Ints
from sim.model.fit_draw import Source, draws_of
from sim.model.walk import of
from sim.results.outcomes import values_from
from sim.results.over_weights import OverWeights, over_weights
from sim.study.asking import Question
from sim.study.orders import ByOrders, Orders

Group = tuple[Event, ...]
SHOWN = 200
"""Replications, the first ones, of which it is kept how each set ends."""
EACH = 5
"""Worlds of each draw, in the mean, with history as it was and without each event."""


@dataclass
class Counts:
    """In how many replications it ends otherwise without each set; M of them."""

    groups: Sequence[Group]
    replications: int
    came: int
    """Those in which the outcome comes about with history as it was."""
    failed: Ints
    """[M] of these, those in which it then does not."""
    made: Ints
    """[M] of the others, those in which it then does."""
    again: Ints
    """[M] of all, those in which the decision is taken again; -1 where the set is no decision."""
    first: NDArray[np.bool_]
    """[replications up to `SHOWN`, 1 + M] whether it comes about: with history as it was, then
    without each set."""
    by_order: ByOrders
    """The same by the order of events."""

    def weights(self, *, turned: bool) -> Floats:
        """Return the shares [M] that answer the question: of the replications in which the outcome
        comes about, those in which it then fails; if `turned`, the other way round."""
        part, whole = self.failed, self.came
        if turned:
            part, whole = self.made, self.replications - self.came
        return part / whole if whole else np.zeros(len(part))


def removed_by(question: Question, groups: Sequence[Group]) -> Ints:
    """Return which facts are removed [1 + M, facts]: with history as it was, then by each set."""
    program = question.program
    before = program.facts.ids[: program.facts.before]
    removed = np.tile(of(program).removed, (1 + len(groups), 1))
    for row, group in zip(removed[1:], groups, strict=True):
        gone = {event.id for event in group}
        row[: len(before)] |= [int(id_ in gone) for id_ in before]
    return removed


def count_sets(
    question: Question,
    groups: Sequence[Group],
    how: Settings,
    told: Callable[[int], None],
    orders: Orders,
) -> Counts:
    """Ask the outcome without each set, over the same noise; history is walked through once a
    replication. `told` is told how many worlds more are done, not counting history as it was.

    Raises:
        InputError: the model holds the history impossible.
        RunError: a worker died.
    """
    single = {event.id: place for event, place in zip(question.events, question.again, strict=True)}
    places = [single[group[0].id] if len(group) == 1 else -1 for group in groups]
    asked = [(m, place) for m, place in enumerate(places) if place >= 0]
    found = Counts(
        groups=groups,
        replications=how.replications,
        came=0,
        failed=np.zeros(len(groups), dtype=np.int64),
        made=np.zeros(len(groups), dtype=np.int64),
        again=np.minimum(places, 0),
        first=np.zeros((min(how.replications, SHOWN), 1 + len(groups)), dtype=np.bool_),
        by_order=ByOrders(orders, len(groups)),
    )
    job = Without(question.program, removed_by(question, groups), how.seed, how.executor)
    for first, values in job.values(how):
        came = values_from(values[:, :, 0], question.scenario, question.program, 0) == 1
        base, changed = came[:, :1], came[:, 1:]
        found.came += int(base.sum())
        found.failed += (base & ~changed).sum(axis=0)
        found.made += (~base & changed).sum(axis=0)
        found.by_order.count(first, came)
        for m, place in asked:
            found.again[m] += values[:, 1 + m, place].sum()
        if first < SHOWN:
            found.first[first : first + len(came)] = came[: SHOWN - first]
        told(len(values) * len(groups))
    return found


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
