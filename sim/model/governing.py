"""Who governs in a replication, where that is not known: keyed draws of doctrines."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from sim.ground.draws import stream_key, uniforms
from sim.model.compiled_scenario import Doctrines, Ints, ints
from sim.scenario.governments import Government


def government_key(id_: str) -> tuple[int, int]:
    """Return the words of the stream by which a government is drawn. They are those of its id, so
    two worlds of one replication, with a change and without, have the same one."""
    return stream_key(f"government/{id_}")


def shares_of(government: Government) -> tuple[float, ...]:
    """Return the probability of each doctrine with those before it, in the order of their names."""
    sums = [*accumulate(government.probabilities().values())]
    return tuple(s / sums[-1] for s in sums)


def taken_up(doctrines: Doctrines, switch: int, seed: int, replication: int) -> int:
    """Return the row of the doctrine that a party takes up at a switch in one replication."""
    first, end = (int(doctrines.choice_start[switch + n]) for n in (0, 1))
    lo, hi = doctrines.switch_key[switch].tolist()
    shares = doctrines.choice_share[first:end].tolist()
    return int(doctrines.choice_doctrine[first + _chosen(shares, (lo, hi), seed, replication)])


def governing(id_: str, government: Government, seed: int, replications: int) -> Ints:
    """Return the place [N], among the doctrines by name, of the one that a government has in each
    of the first N replications."""
    shares, key = shares_of(government), government_key(id_)
    return ints(_chosen(shares, key, seed, r) for r in range(replications))


def _chosen(shares: Sequence[float], key: tuple[int, int], seed: int, replication: int) -> int:
    if len(shares) == 1:
        return 0
    chance, _ = uniforms(seed, *key, replication, 0)
    return min(bisect_right(shares, chance), len(shares) - 1)
