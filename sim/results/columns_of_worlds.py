"""What each world has that is drawn before it begins: who governs, and how many people nobody
names."""

from __future__ import annotations

import numpy as np
import polars as pl

from sim.model.governing import governing
from sim.model.unnamed import numbers
from sim.scenario.governments import in_order
from sim.scenario.scenario import Scenario
from sim.scenario.scope import run_span

GOVERNMENT, UNNAMED = "government/", "unnamed/"
"""How the names of these columns begin; no outcome has such a name."""


def drawn_columns(scenario: Scenario, seed: int, replications: int) -> dict[str, pl.Series]:
    """Return columns by name: for each government the doctrine that each world has, and for each
    group of unnamed people how many it holds."""
    found = {}
    for _, id_, government in in_order(scenario.governments, *run_span(scenario)):
        names = np.array([*government.probabilities()])
        place = governing(id_, government, seed, replications)
        found[f"{GOVERNMENT}{id_}"] = pl.Series(names[place], dtype=pl.String)
    for id_, group in scenario.unnamed.items():
        found[f"{UNNAMED}{id_}"] = pl.Series(numbers(id_, group, seed, replications))
    return found
