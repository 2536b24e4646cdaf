"""Compiling doctrines: their weights as arrays, and who follows which when."""

from __future__ import annotations

import math
from itertools import product
from typing import TypeAlias

import numpy as np

from sim.ground.dates import parse
from sim.ground.draws import stream_key
from sim.model.compiled_scenario import Doctrines, Drift, Floats, floats, ints, starts
from sim.model.compiling_names import Names
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


def compile_doctrines(names: Names) -> Doctrines:
    """Compile the doctrines and the inclinations, and who follows which when."""
    scenario, party = names.scenario, names.party
    known, inclined = tuple(sorted(scenario.doctrines)), towards(scenario.inclinations)
    first = len(inclined)
    index = {name: first + n for n, name in enumerate(known)}
    matrices = np.array([[scenario.doctrines[d].matrix() for d in known]], dtype=np.float64)
    weights = np.concatenate([_inclinations(scenario), matrices], axis=1)
    codes, own = sorted(scenario.parties), dict[str, int]()
    if scenario.fit is not None:
        drawn = _drawn(scenario, codes)
        weights = np.concatenate([np.repeat(weights, len(drawn), axis=0), drawn], axis=1)
        own = {code: first + len(known) + n for n, code in enumerate(codes)}
        _lay_drawn(scenario, weights)

    def row(code: str, doctrine: str) -> int:
        usual = doctrine == scenario.parties[code].doctrine
        return own.get(code, index[doctrine]) if usual else index[doctrine]

    switches = sorted(
        (at_s, party[code], code, choices)
        for code in codes
        for at_s, choices in _changes(names, code)
    )
    row_of = {(party[code], party[other]): n for n, (code, other) in enumerate(inclined)}
    return Doctrines(
        names=(*(f"{code} with {other}" for code, other in inclined), *known, *own),
        weights=weights,
        initial=ints(row(code, scenario.parties[code].doctrine) for code in codes),
        switch_s=ints(s[0] for s in switches),
        switch_party=ints(s[1] for s in switches),
        inclined=ints(
            ((row_of.get((a, b), -1), row_of.get((b, a), -1)) for a, b in names.dyads), 2
        ),
        pairs=first,
        switch_key=ints((key for *_, (key, _, _) in switches), 2),
        choice_start=starts(taken for *_, (_, taken, _) in switches),
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


def compile_drift(names: Names) -> Drift:
    """Compile how inclinations go on after the as-of date.

    The way that is gone after n steps has the variance spread^2 (1 - kept^(2 n)).
    """
    inclinations = names.scenario.inclinations
    found = towards(inclinations)
    walk = np.full((len(found), len(DECISIONS)), -1, dtype=np.int64)
    walks, law = list[str](), list[tuple[float, float]]()
    for n, (code, other) in enumerate(found):
        said = inclinations[code][other]
        if said.drift is None:
            continue
        share = 0.5 ** (STEP_DAYS / said.drift.half_life_days)
        adds = said.drift.spread * math.sqrt(1.0 - share * share)
        for decision in said.rows():
            walk[n, DECISIONS.index(decision)] = len(walks)
            walks.append(f"drift/{inclination_name((code, other), decision)}")
            law.append((share, adds))
    kept, scatter = floats(law, 2).T
    steps = walk_steps(names.as_of_s, names.until_s)
    return Drift(walk, ints((stream_key(n) for n in walks), 2), kept, scatter, steps)


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


def _changes(names: Names, party: str) -> list[tuple[int, Choices]]:
    """List when a party takes up what: the doctrine of the `set_doctrine` in force that began last,
    else that of the government that began last, else its own."""
    scenario, until_s = names.scenario, names.until_s
    every = (c.set_doctrine for c in scenario.changes)
    lets = [
        (parse(x.start).lo_s, parse(x.until).hi_s if x.until else until_s, x.doctrine)
        for x in every
        if x is not None and x.party == party
    ]
    own = {id_: g for id_, g in scenario.governments.items() if g.party == party}
    governments = [
        (at_s, (government_key(id_), (*g.probabilities(),), shares_of(g)))
        for at_s, id_, g in in_order(own, names.as_of_s, until_s)
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
