"""The rules between a scenario and the fit that its weights are drawn from."""

from __future__ import annotations

from collections.abc import Iterator

from sim.ground.errors import Broken
from sim.rules.features import FEATURES
from sim.scenario.doctrine import DECISIONS, weight_name
from sim.scenario.fit import SavedFit
from sim.scenario.inclination import WITH, inclination_name, towards, towards_of
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, decisions_of, features_of


def fit_rules(scenario: Scenario) -> Iterator[Broken]:
    """Yield (path, rule, value) for each way in which a scenario's fit is not one of its parties,
    levels, doctrines and weights."""
    if scenario.fit is None:
        return
    fit = scenario.fit.saved
    levels = sorted({level_of(id_) for id_ in fit.channels})
    for id_ in channels_of(scenario):
        if level_of(id_) not in levels:
            rule = f"must be a fit of the level of {id_}: it was learned from {', '.join(levels)}"
            yield ("fit",), rule, level_of(id_)
    if fit.of_any_pair:
        return
    for code, setup in scenario.parties.items():
        if code not in fit.parties:
            rule = f"must be a fit of {code}, a party of the scenario"
            yield ("fit",), rule, ", ".join(fit.parties)
        elif setup.doctrine != fit.parties[code]:
            rule = f"must be {fit.parties[code]}, under which the weights of {code} were learned"
            yield ("parties", code, "doctrine"), rule, setup.doctrine
        elif setup.doctrine in scenario.doctrines:
            yield from _weight_rules(scenario, fit, code, setup.doctrine)
    yield from _inclination_rules(scenario, fit)


def level_of(channel: str) -> str:
    """Return the level in a channel's id: `ministers` of `usa-rus/ministers`."""
    return channel.partition("/")[2]


def _weight_rules(scenario: Scenario, fit: SavedFit, code: str, doctrine: str) -> Iterator[Broken]:
    """Yield the weights that a fit lacks, or learned under another doctrine of the same name."""
    learned, lacking, other = fit.doctrine, list[str](), list[str]()
    asked, seen = decisions_of(scenario, code), features_of(scenario, code)
    for decision, row in zip(DECISIONS, scenario.doctrines[doctrine].matrix(), strict=True):
        for feature, weight in zip(FEATURES, row, strict=True):
            name = weight_name(code, decision, feature)
            if name not in learned:
                wanted = decision in asked and feature in seen
                if wanted and (weight != 0.0 or feature == "bias"):
                    lacking.append(name)
            elif learned[name] != weight:
                other.append(f"{name} is {weight:g} here and {learned[name]:g} there")
    if lacking:
        yield ("fit",), f"must hold the weights of {doctrine}", _some(lacking)
    if other:
        rule = f"must be as it was when the weights of {code} were learned, or have another name"
        yield ("doctrines", doctrine), rule, _some(other)


def _inclination_rules(scenario: Scenario, fit: SavedFit) -> Iterator[Broken]:
    """Yield the inclinations that the scenario and its fit do not both hold, or hold otherwise."""
    own = {
        inclination_name(who, decision): said.centre
        for who in towards(scenario.inclinations)
        for decision, said in scenario.inclinations[who[0]][who[1]].rows().items()
        if decision in decisions_of(scenario, who[0])
    }
    met = {frozenset(channel.parties) for channel in channels_of(scenario).values()}
    learned = {
        name: centre
        for name, centre in fit.doctrine.items()
        if f".{WITH}" in name and frozenset(towards_of(name)) in met
    }
    if lacking := sorted(own.keys() - learned):
        yield ("fit",), "must hold the inclinations of the scenario", _some(lacking)
    if further := sorted(learned.keys() - own):
        rule = "must hold the inclinations that were learned in the fit"
        yield ("inclinations",), rule, _some(further)
    other = [
        f"{name} is {own[name]:g} here and {learned[name]:g} there"
        for name in sorted(own.keys() & learned)
        if own[name] != learned[name]
    ]
    if other:
        yield ("inclinations",), "must be as they were when the fit was learned", _some(other)


def _some(found: list[str]) -> str:
    """List three, and say how many more there are."""
    more = f", and {len(found) - 3} more" if len(found) > 3 else ""
    return ", ".join(found[:3]) + more
