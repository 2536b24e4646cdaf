"""When coded events happen in one replication.

An exact date keeps its instant. An imprecise one is drawn: from its law given the history, where it
belongs to a block of dates that was weighed (`sim.kernel.dating`), else evenly from its span.
Either stays inside what causes and effects leave.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping

from sim.ground.draws import uniforms
from sim.model.coded import DATE
from sim.model.compiled_scenario import NO_TIME, CompiledScenario, Dates


def fact_instants(program: CompiledScenario, seed: int, replication: int) -> list[int]:
    """Return the instant of every fact in one replication, by place."""

    def chance(f: int) -> float:
        key = (int(program.facts.key[f, 0]), int(program.facts.key[f, 1]))
        drawn, _ = uniforms(seed, *key, replication, DATE)
        return float(drawn)

    weighed = {
        f: weighed_instant(program.dates, f, seed, replication)
        for f in (program.dates.block >= 0).nonzero()[0].tolist()
    }
    return placed_instants(program, chance, weighed)


def weighed_instant(dates: Dates, f: int, seed: int, replication: int) -> int:
    """Return the instant of a fact in the placement of its block that a replication has."""
    key_lo, key_hi = dates.key[int(dates.block[f])].tolist()
    u, _ = uniforms(seed, key_lo, key_hi, replication, DATE)
    return instant_at(dates, f, u)


def instant_at(dates: Dates, f: int, u: float) -> int:
    """Return the instant of a fact in the placement of its block at a share of all, in [0, 1)."""
    block, members = int(dates.block[f]), int(dates.members[dates.block[f]])
    lo, hi = (int(dates.row_start[block + n]) for n in (0, 1))
    row = min(lo + bisect_right(dates.share[lo:hi].tolist(), u), hi - 1)
    below = float(dates.share[row - 1]) if row > lo else 0.0
    within = (u - below) / (float(dates.share[row]) - below)
    place = int(dates.place_start[block]) + (row - lo) * members + int(dates.member[f])
    width = int(dates.width_s[place])
    return int(dates.lo_s[place]) + min(int(within * float(width)), width - 1)


def placed_instants(
    program: CompiledScenario,
    chance: Callable[[int], float],
    weighed: Mapping[int, int] | None = None,
) -> list[int]:
    """Return the instant of every fact, by place; `weighed` has those that are known already, and
    `chance` says for another one of imprecise date where in its span it lies, between 0 and 1."""
    facts, known, instants = program.facts, weighed or {}, list[int]()
    for f in range(len(facts.ids)):
        causes = facts.causes[facts.cause_start[f] : facts.cause_start[f + 1]]
        lo = max([int(facts.lo_s[f]), *(instants[c] for c in causes.tolist())])
        hi, wish = int(facts.hi_s[f]), int(facts.wish_s[f])
        if f in known:
            wish = known[f]
        elif wish == NO_TIME:
            wish = lo + int(chance(f) * float(hi - lo))
        instants.append(min(max(wish, lo), hi - 1))
    return instants
