"""What a party perceives in the kernel, and sums over the features.

The features are a table of functions (`sim.rules.features`), and numba has no loop over functions.
So a sum over them is compiled as a chain: each term adds itself and calls the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sim.ground.draws import compiled_inline, compiled_rule
from sim.kernel import memory as k
from sim.kernel.memory import Arrays, at, spot
from sim.rules.features import FEATURE_RULES, Memory, Perceived

Term = Callable[[Arrays, int, Any], float]
"""What a feature adds to a sum: by where the row of weights begins, and what is perceived."""


@compiled_inline
def memory(w: Arrays, dyad: int, which: int) -> Memory:
    """Return a stock as it was last touched."""
    return Memory(
        float(w.floats[at(w, k.X_STOCK, 1, k.MEMORIES * dyad + which)]),
        int(w.ints[at(w, k.T_DYAD, 1, k.D_WIDTH * dyad + k.D_TOUCHED + which)]),
        float(w.floats[spot(k.DECAY + which // 2)]),
    )


@compiled_inline
def perceived(w: Arrays, channel: int, side: int, at_s: int) -> Perceived:
    """Return what a side perceives of a channel; lapses before the instant must have happened."""
    i, c = w.ints, at(w, k.T_CHANNEL, k.C_WIDTH, channel)
    seen, dyad = spot(c + k.C_SEEN + k.SEEN * (1 + side)), int(i[c + k.C_DYAD])
    d = at(w, k.T_DYAD, k.D_WIDTH, dyad)
    return Perceived(
        at_s,
        int(i[seen + k.SEEN_STATE]),
        int(i[seen + k.SEEN_CONTACT]),
        memory(w, dyad, k.GRIEVANCE_SLOT + side),
        memory(w, dyad, k.GOODWILL_SLOT + side),
        memory(w, dyad, k.WAR_SLOT),
        memory(w, dyad, k.SHOCK_SLOT + side),
        int(i[spot(d + k.D_HELD + side)]),
        int(i[spot(d + k.D_HELD + 1 - side)]),
        int(i[d + k.D_SUSPENDED]),
        int(i[c + k.C_PENDING]),
    )


def summed(terms: Sequence[Term]) -> Any:
    """Compile a sum of terms, in order, onto what is given last."""

    @compiled_inline
    def whole(w: Arrays, row: int, p: Any, total: float) -> float:
        return total

    for term in reversed(terms):
        whole = _before(compiled_inline(term), whole)
    return whole


def _before(term: Term, rest: Any) -> Any:
    @compiled_inline
    def adding(w: Arrays, row: int, p: Any, total: float) -> float:
        return float(rest(w, row, p, total + term(w, row, p)))

    return adding


def _weighed(n: int) -> Term:
    value = compiled_rule(FEATURE_RULES[n].value)

    def term(w: Arrays, row: int, p: Perceived) -> float:
        weight = float(w.floats[row + n])
        # adding zero changes no probability, and a memory costs an exponential and a logarithm
        return weight * value(p) if weight != 0.0 else 0.0

    return term


logit_of = summed([_weighed(n) for n in range(len(FEATURE_RULES))])
"""The logit of a decision: `sim.rules.features.logit_of`, without what weighs nothing."""
