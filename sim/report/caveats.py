"""What must be said of a scenario's numbers before anybody reads them."""

from __future__ import annotations

from collections.abc import Iterable

from sim.ground.language import _
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of


def caveats(scenario: Scenario) -> list[str]:
    """List the doctrines that were made for another pair of governments than those that follow
    them here, a sentence each."""
    found: list[str] = []
    for name, doctrine in scenario.doctrines.items():
        if doctrine.made_for is None:
            continue
        pairs = sorted(
            {
                pair
                for channel in channels_of(scenario).values()
                for pair in (tuple(sorted(channel.parties)),)
                if {*pair} != {*doctrine.made_for}
                and any(name in followed(scenario, party) for party in pair)
            }
        )
        if pairs:
            here = "; ".join(_(" and ").join(pair) for pair in pairs[:4])
            said = _(
                "The weights of the doctrine “{doctrine}” were made for {made_for}. Nobody has "
                "checked them for {pairs}: take the numbers as an exercise, until a doctrine of "
                "their own says `made_for`.",
                doctrine=doctrine.title,
                made_for=_(" and ").join(doctrine.made_for),
                pairs=_("{pairs}; and others", pairs=here) if len(pairs) > 4 else here,
            )
            found.append(said)
    return found


def caveats_of(scenarios: Iterable[Scenario]) -> list[str]:
    """List the caveats of several scenarios, each once."""
    return sorted({text for scenario in scenarios for text in caveats(scenario)})


def followed(scenario: Scenario, party: str) -> set[str]:
    """Return the doctrines that a party follows at some time."""
    lets = {
        c.set_doctrine.doctrine
        for c in scenario.changes
        if c.set_doctrine and c.set_doctrine.party == party
    }
    drawn = {name for g in scenario.governments.values() if g.party == party for name in g.take_up}
    return {scenario.parties[party].doctrine} | lets | drawn
