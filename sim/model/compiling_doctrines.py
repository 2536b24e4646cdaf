"""Compiling doctrines: their weights as arrays, and who follows which when."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate, product
from typing import TypeAlias

import numpy as np

from sim.ground.dates import parse
from sim.ground.draws import stream_key
from sim.model.compiled_scenario import Doctrines, Drift, Floats, floats, ints
from sim.model.governing import government_key, shares_of
from sim.rules.drift import STEP_DAYS, walk_steps
from sim.rules.features import BIAS, FEATURES
from sim.scenario.doctrine import DECISIONS
from sim.scenario.governments import in_order
from sim.scenario.inclination import inclination_name, towards
from sim.scenario.scenario import Scenario

Choices: TypeAlias = tuple[tuple[int, int], tuple[str, ...], tuple[float, ...]]
"""What a party takes up: the words of the stream that chooses, the doctrines, and the probability
of each with those before it."""


def compile_doctrines(
    scenario: Scenario,
    party: Mapping[str | None, int],
    dyads: Sequence[tuple[int, int]],
    as_of_s: int,
    until_s: int,
) -> Doctrines:
    """Compile the doctrines and the inclinations, and who follows which when."""
    names, inclined = tuple(sorted(scenario.doctrines)), towards(scenario.inclinations)
    first = len(inclined)
    index = {name: first + n for n, name in enumerate(names)}
    matrices = np.array([[scenario.doctrines[d].matrix() for d in names]], dtype=np.float64)
    weights = np.concatenate([_inclinations(scenario), matrices], axis=1)
    codes, own = sorted(scenario.parties), dict[str, int]()
    if scenario.fit is not None:
        drawn = _drawn(scenario, codes)
        weights = np.concatenate([np.repeat(weights, len(drawn), axis=0), drawn], axis=1)
        own = {code: first + len(names) + n for n, code in enumerate(codes)}
        _lay_drawn(scenario, weights)

    def row(code: str, doctrine: str) -> int:
        usual = doctrine == scenario.parties[code].doctrine
        return own.get(code, index[doctrine]) if usual else index[doctrine]

    switches = sorted(
        (at_s, party[code], code, choices)
        for code in codes
        for at_s, choices in _changes(scenario, code, as_of_s, until_s)
    )
    row_of = {(party[code], party[other]): n for n, (code, other) in enumerate(inclined)}
    sizes = [len(names) for *_, (_, names, _) in switches]
    return Doctrines(
        names=(*(f"{code} with {other}" for code, other in inclined), *names, *own),
        weights=weights,
        initial=ints(row(code, scenario.parties[code].doctrine) for code in codes),
        switch_s=ints(s[0] for s in switches),
        switch_party=ints(s[1] for s in switches),
        inclined=ints(((row_of.get((a, b), -1), row_of.get((b, a), -1)) for a, b in dyads), 2),
        pairs=first,
        switch_key=ints((key for *_, (key, _, _) in switches), 2),
        choice_start=ints(accumulate(sizes, initial=0)),
        choice_doctrine=ints(row(code, d) for *_, code, (_, taken, _) in switches for d in taken),
        choice_share=floats(p for *_, (_, _, shares) in switches for p in shares),
    )


def _inclinations(scenario: Scenario) -> Floats:
    """Return the rows of inclinations [1, pairs, decisions, features]."""
    found = towards(scenario.inclinations)
    rows = np.zeros((1, len(found), len(DECISIONS), len(FEATURES)))
    for n, (code, other) in enumerate(found):
        for decision, said in scenario.inclinations[code][other].rows().items():
            rows[0, n, DECISIONS.index(decision), BIAS] = said.centre
    return rows


def compile_drift(scenario: Scenario, start_s: int, until_s: int) -> Drift:
    """Compile how inclinations go on from an instant, the as-of date's end, to another.

    The way that is gone after n steps has the variance spread^2 (1 - kept^(2 n)).
    """
    found = towards(scenario.inclinations)
    walk = np.full((len(found), len(DECISIONS)), -1, dtype=np.int64)
    names, law = list[str](), list[tuple[float, float]]()
    for n, (code, other) in enumerate(found):
        said = scenario.inclinations[code][other]
        if said.drift is None:
            continue
        share = 0.5 ** (STEP_DAYS / said.drift.half_life_days)
        adds = said.drift.spread * math.sqrt(1.0 - share * share)
        for decision in said.rows():
            walk[n, DECISIONS.index(decision)] = len(names)
            names.append(f"drift/{inclination_name((code, other), decision)}")
            law.append((share, adds))
    kept, scatter = floats(law, 2).T
    return Drift(
        walk, ints((stream_key(n) for n in names), 2), kept, scatter, walk_steps(start_s, until_s)
    )


def _lay_drawn(scenario: Scenario, weights: Floats) -> None:
    """Put the draws of a scenario's fit in the place of its inclinations."""
    assert scenario.fit is not None
    fit = scenario.fit.saved
    column = {name: n for n, name in enumerate(fit.names)}
    for n, who in enumerate(towards(scenario.inclinations)):
        for d, decision in enumerate(DECISIONS):
            place = column.get(inclination_name(who, decision))
            if place is not None:
                weights[:, n, d, BIAS] = fit.weights[:, place]


def _drawn(scenario: Scenario, codes: list[str]) -> Floats:
    """Return the weights [draws, parties, decisions, features] of a scenario's fit."""
    assert scenario.fit is not None
    fit = scenario.fit.saved
    drawn = np.zeros((len(fit.weights), len(codes), len(DECISIONS), len(FEATURES)))
    if fit.of_any_pair:  # of what no pair was asked the doctrine says all
        own = [scenario.doctrines[scenario.parties[code].doctrine].matrix() for code in codes]
        drawn += np.array(own)
    for (p, code), (d, decision), (f, feature) in product(
        enumerate(codes), enumerate(DECISIONS), enumerate(FEATURES)
    ):
        place = fit.place(code, decision, feature)
        if place is not None:  # what was not learned weighs nothing: `fit_rules` sees to it
            drawn[:, p, d, f] = fit.weights[:, place]
    return drawn


def _changes(
    scenario: Scenario, party: str, as_of_s: int, until_s: int
) -> list[tuple[int, Choices]]:
    """List when a party takes up what: the doctrine of the `set_doctrine` in force that began last,
    else that of the government that began last, else its own."""
    lets = [
        (
            parse(c.set_doctrine.start).lo_s,
            parse(c.set_doctrine.until).hi_s if c.set_doctrine.until else until_s,
            c.set_doctrine.doctrine,
        )
        for c in scenario.changes
        if c.set_doctrine is not None and c.set_doctrine.party == party
    ]
    own = {id_: g for id_, g in scenario.governments.items() if g.party == party}
    governments = [
        (at_s, (government_key(id_), (*g.probabilities(),), shares_of(g)))
        for at_s, id_, g in in_order(own, as_of_s, until_s)
    ]
    times = {t for lo, hi, _ in lets for t in (lo, hi)} | {at_s for at_s, _ in governments}
    usual = _surely(scenario.parties[party].doctrine)
    found, current = list[tuple[int, Choices]](), usual
    for at_s in sorted(times):
        held = [(lo, doctrine) for lo, hi, doctrine in lets if lo <= at_s < hi]
        begun = [choices for since_s, choices in governments if since_s <= at_s]
        taken = _surely(max(held)[1]) if held else [usual, *begun][-1]
        if taken != current:
            found.append((at_s, taken))
        current = taken
    return found


def _surely(doctrine: str) -> Choices:
    return (0, 0), (doctrine,), (1.0,)
