"""Which draw of a fit the weights of a replication are."""

from __future__ import annotations

from sim.ground.draws import one_of, stream_key
from sim.model.compiled_scenario import Doctrines, Ints, ints

DRAWN = stream_key("parameters")
"""The words of the name of the stream that the draw is chosen by."""


def draw_of(doctrines: Doctrines, seed: int, replication: int) -> int:
    """Return the place of a replication's draw among those of its program; 0 where there is one.

    It depends on the seed, the replication and the number of draws, and on nothing else. So two
    worlds of one replication, a what-if's or those of a comparison, have the same weights.
    """
    return int(one_of(len(doctrines.weights), seed, *DRAWN, replication, 0))


def draws_of(doctrines: Doctrines, seed: int, replications: int) -> Ints:
    """Return the place [N] of the draw of each of the first N replications."""
    return ints(draw_of(doctrines, seed, r) for r in range(replications))
