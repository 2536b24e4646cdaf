"""What a scenario settles before anything is drawn: its span, and its channels."""

from __future__ import annotations

from sim.dates import parse
from sim.log import Channel, LapseDays
from sim.scenario import Scenario


def run_span(scenario: Scenario) -> tuple[int, int]:
    """Return the first second after the as-of date, and the first after the last day."""
    return parse(scenario.as_of).hi_s, parse(scenario.until).hi_s


def channels_of(scenario: Scenario) -> dict[str, Channel]:
    """Return the channels to simulate, by id, with what the history or the id says of them."""
    known = scenario.history.channels if scenario.history is not None else {}
    chosen = scenario.channels or dict.fromkeys(known)
    found: dict[str, Channel] = {}
    for id_ in sorted(chosen):
        setup, base = chosen[id_], known.get(id_)
        named = (id_[:3].upper(), id_[4:7].upper())
        parties = (setup and setup.parties) or (base and base.parties) or named
        first, second = sorted(parties)
        found[id_] = Channel(
            parties=(first, second),
            title=(setup and setup.title) or (base and base.title),
            initial=(setup and setup.initial) or (base.initial if base else "open"),
            since=(setup and setup.since) or (base and base.since),
            lapse_days=(setup and setup.lapse_days) or (base.lapse_days if base else LapseDays()),
        )
    return found
