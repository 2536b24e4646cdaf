"""Shares by the order of two events: where the answer to a why turns on dates that nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ground.intervals import wilson
from sim.log.events import Event
from sim.model.compiled_scenario import Ints
from sim.model.dating import fact_instants
from sim.model.walk import of
from sim.study.asking import Question

LEAST_WORLDS = 10
"""Worlds that each order must have at least, for its share to be told."""
TURNS = 0.25
"""A difference of shares from which an answer is said to turn on an order; their 95 % intervals
must not meet either."""


@dataclass(frozen=True)
class ByOrder:
    """A share by the order of two events."""

    event: str
    """One of the set."""
    label: str
    other: str
    """One that is not of the set."""
    other_label: str
    before: float
    """The share where the other event comes first."""
    after: float
    """The share where it comes later."""
    worlds_before: int
    worlds_after: int


class Orders:
    """Which events of history come in another order from world to world."""

    def __init__(self, question: Question, seed: int, replications: int) -> None:
        program, history = question.program, question.scenario.history
        facts, latent = program.facts, of(program).latent
        self.ids = facts.ids
        self.known = {e.id: e for e in (history.events if history is not None else ())}
        asked = {event.id for event in question.events}
        coded = [f for f in range(facts.before) if not latent[f] and facts.ids[f] in self.known]
        self.pairs = [
            (e, o)
            for e in coded
            for o in coded
            if e != o and facts.ids[e] in asked
            if facts.lo_s[o] < facts.hi_s[e] and facts.lo_s[e] < facts.hi_s[o]
        ]
        """(asked, other): events whose dates overlap."""
        self.other_first = np.zeros((replications, len(self.pairs)), dtype=np.bool_)
        """[replications, pairs] whether the other comes first."""
        if self.pairs:
            mine, other = (np.array(side) for side in zip(*self.pairs, strict=True))
            for r in range(replications):
                at_s = np.array(fact_instants(program, seed, r))
                same = (at_s[other] == at_s[mine]) & (facts.rank[other] < facts.rank[mine])
                self.other_first[r] = (at_s[other] < at_s[mine]) | same


class ByOrders:
    """In how many worlds of each order it ends otherwise without each set; M of them."""

    def __init__(self, orders: Orders, sets: int) -> None:
        self.orders = orders
        shape = (2, 2, sets, len(orders.pairs))
        self.whole, self.part = (np.zeros(shape, dtype=np.int64) for _ in range(2))
        """[turned, other first or later, sets, pairs] worlds in which the outcome came about (or
        did not, if turned), and those of them in which it then does not (or does)."""

    def count(self, first: int, came: NDArray[np.bool_]) -> None:
        """Count worlds from the `first` on: whether the outcome comes about [worlds, 1 + M]."""
        other_first = self.orders.other_first[first : first + len(came)]
        for turned in (0, 1):
            base, ends = came[:, :1] != bool(turned), came[:, 1:] == bool(turned)
            for n, side in enumerate((other_first, ~other_first)):
                worlds: Ints = side.astype(np.int64)
                self.whole[turned, n] += (base.astype(np.int64).T @ worlds)[0]
                self.part[turned, n] += (base & ends).astype(np.int64).T @ worlds

    def turning(
        self, m: int, group: Sequence[Event], label: Callable[[Event], str], *, turned: bool
    ) -> ByOrder | None:
        """Return the order on which the share of the m-th set turns most; None where on none."""
        ids, names, known = {e.id for e in group}, self.orders.ids, self.orders.known
        found: list[tuple[float, str, ByOrder]] = []
        for p, (e, o) in enumerate(self.orders.pairs):
            whole = [int(n) for n in self.whole[int(turned), :, m, p]]
            part = [int(n) for n in self.part[int(turned), :, m, p]]
            if names[e] not in ids or names[o] in ids or min(whole) < LEAST_WORLDS:
                continue
            (low, high), (low_later, high_later) = map(wilson, part, whole)
            before, after = part[0] / whole[0], part[1] / whole[1]
            if abs(before - after) >= TURNS and (high < low_later or high_later < low):
                who = (names[e], label(known[names[e]]), names[o], label(known[names[o]]))
                found.append((abs(before - after), names[o], ByOrder(*who, before, after, *whole)))
        return max(found, key=lambda f: f[:2])[2] if found else None
