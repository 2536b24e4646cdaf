"""How many people each world holds whom nobody names, where that is drawn."""

from __future__ import annotations

import polars as pl

from sim.model.unnamed import numbers
from sim.scenario.scenario import Scenario

UNNAMED = "unnamed/"
"""How the name of a column of worlds begins that tells how many; no outcome has such a name."""


def held_unnamed(scenario: Scenario, seed: int, replications: int) -> dict[str, pl.Series]:
    """Return for each group, by the name of its column of worlds, how many each world holds."""
    return {
        f"{UNNAMED}{id_}": pl.Series(numbers(id_, group, seed, replications))
        for id_, group in scenario.unnamed.items()
    }
