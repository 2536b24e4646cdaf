"""Compiling doctrines: their weights as arrays, and who follows which when."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.ground.dates import parse
from sim.model.program import Doctrines, ints
from sim.scenario.scenario import Scenario


def compile_doctrines(
    scenario: Scenario, party: Mapping[str | None, int], until_s: int
) -> Doctrines:
    """Compile the doctrines, and who follows which when."""
    names = tuple(sorted(scenario.doctrines))
    index = {name: n for n, name in enumerate(names)}
    initial = {p: index[s.doctrine] for p, s in scenario.parties.items()}
    switches = sorted(
        (at_s, party[code], index[doctrine])
        for code, setup in scenario.parties.items()
        for at_s, doctrine in _changes(scenario, code, setup.doctrine, until_s)
    )
    return Doctrines(
        names=names,
        weights=np.array([scenario.doctrines[d].matrix() for d in names], dtype=np.float64),
        initial=ints(initial[p] for p in sorted(scenario.parties)),
        switch_s=ints(s[0] for s in switches),
        switch_party=ints(s[1] for s in switches),
        switch_doctrine=ints(s[2] for s in switches),
    )


def _changes(scenario: Scenario, party: str, usual: str, until_s: int) -> list[tuple[int, str]]:
    """List when a party takes up which doctrine: the `let` in force that began last."""
    lets = [
        (parse(c.let.start).lo_s, parse(c.let.until).hi_s if c.let.until else until_s, c)
        for c in scenario.changes
        if c.let is not None and c.let.party == party
    ]
    found, current = list[tuple[int, str]](), usual
    for at_s in sorted({t for lo, hi, _ in lets for t in (lo, hi)}):
        held = [(lo, c.let.doctrine) for lo, hi, c in lets if c.let and lo <= at_s < hi]
        doctrine = max(held)[1] if held else usual
        if doctrine != current:
            found.append((at_s, doctrine))
        current = doctrine
    return found
