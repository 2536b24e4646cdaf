"""What a party perceives in the kernel, and sums over the features.

The features are a table of functions (`sim.rules.features`), and numba has no loop over functions.
So a sum over them is compiled as a chain: each feature adds itself and calls the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sim.ground.draws import compiled_inline, compiled_rule
from sim.kernel import memory as k
from sim.kernel.memory import Arrays, at, spot
from sim.log.log import SUPPORTS
from sim.rules import features
from sim.rules.features import FEATURE_RULES, Memory, Perceived

standing_of = compiled_rule(features.standing_of)

Sum = Callable[[Arrays, int, Any, float], float]
"""A sum over features: by where the row of weights begins, what is perceived, and what it is added
to."""
Link = Callable[[Sum], Sum]
"""What puts a feature before the sum of those after it."""


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
    d, until = at(w, k.T_DYAD, k.D_WIDTH, dyad), seen + k.SEEN_UNTIL
    return Perceived(
        at_s,
        int(standing_of(i[seen + k.SEEN_STATE], i[until : until + len(SUPPORTS)])),
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


def chained(links: Sequence[Link]) -> Sum:
    """Compile links into one sum, in order, onto what is given last."""

    @compiled_inline
    def nothing(w: Arrays, row: int, p: Any, total: float) -> float:
        return total

    whole: Sum = nothing
    for link in reversed(links):
        whole = compiled_inline(link(whole))
    return whole


def _weighed(n: int) -> Link:
    """Return the link of a feature's part of a logit."""
    rule = FEATURE_RULES[n]
    value = compiled_rule(rule.value)

    def link(rest: Sum) -> Sum:
        def of_state(w: Arrays, row: int, p: Perceived, total: float) -> float:
            return rest(w, row, p, total + w.floats[spot(row + n + p.standing)])

        def dear(w: Arrays, row: int, p: Perceived, total: float) -> float:
            weight = float(w.floats[row + n])
            # adding zero changes no probability, and a memory costs an exponential and a logarithm
            if weight != 0.0:
                total += weight * value(p)
            return rest(w, row, p, total)

        def cheap(w: Arrays, row: int, p: Perceived, total: float) -> float:
            return rest(w, row, p, total + w.floats[row + n] * value(p))

        return of_state if rule.bound == "state" else dear if rule.moves else cheap

    return link


STATE_PLACES = [n for n, rule in enumerate(FEATURE_RULES) if rule.bound == "state"]
"""The features of which one is 1 and the others are 0: the first stands for all of them."""
logit_of = chained([_weighed(n) for n in range(len(FEATURE_RULES)) if n not in STATE_PLACES[1:]])
"""The logit of a decision, as `sim.rules.features.logit_of` has it; the state is looked up."""


def _written(n: int) -> Link:
    """Return the link that writes what a feature is worth."""
    value = compiled_rule(FEATURE_RULES[n].value)

    def link(rest: Sum) -> Sum:
        def written(w: Any, row: int, p: Perceived, total: float) -> float:
            w[row + n] = value(p)
            return rest(w, row, p, total)

        return written

    return link


write_features: Any = chained([_written(n) for n in range(len(FEATURE_RULES))])
"""Writes what each feature is worth into an array, from a row on."""
