"""Which draw of a fit, or of priors, the weights of a replication are."""

from __future__ import annotations

from typing import Literal

from sim.ground.draws import one_of, stream_key
from sim.model.compiled_scenario import Doctrines, Ints, ints

Source = Literal["fit", "priors"]
"""Where draws of weights come from."""
DRAWN = stream_key("parameters")
"""The words of the name of the stream that the draw is chosen by."""


def draw_of(doctrines: Doctrines, seed: int, replication: int) -> int:
    """Return the place of a replication's draw among those of its program; 0 where there is one.

    It depends on the seed, the replication and the number of draws, and on nothing else. So two
    worlds of one replication, a what-if's or those of a comparison, have the same weights.
    """
    return _one_of(len(doctrines.weights), seed, replication)


def draws_of(draws: int, seed: int, replications: int) -> Ints:
    """Return the place [N] of the draw, of so many, of each of the first N replications."""
    return ints(_one_of(draws, seed, r) for r in range(replications))


def _one_of(draws: int, seed: int, replication: int) -> int:
    return int(one_of(draws, seed, *DRAWN, replication, 0))
