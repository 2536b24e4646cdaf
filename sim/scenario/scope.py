"""What a scenario settles before anything is drawn: its span, and its channels."""

from __future__ import annotations

from sim.ground.dates import DAY_S, parse
from sim.log.events import Event
from sim.log.log import Channel, LapseDays
from sim.scenario.attention import level_of
from sim.scenario.scenario import Rates, Scenario


def run_span(scenario: Scenario) -> tuple[int, int]:
    """Return the first second after the as-of date, and the first after the last day."""
    return parse(scenario.as_of).hi_s, parse(scenario.until).hi_s


def complete_start(scenario: Scenario) -> int | None:
    """Return the second from which a scenario's history is complete, at the latest the end of its
    as-of date. The scenario says so, or the log of each simulated channel: the last of these days
    counts. None where nothing says so."""
    channels = [c.complete_from for c in channels_of(scenario).values()]
    stated = [d for d in ([scenario.complete_from] if scenario.complete_from else channels) if d]
    latest = max((parse(d).lo_s for d in stated), default=None)
    return None if latest is None else min(latest, run_span(scenario)[0])


def past_start(scenario: Scenario) -> int:
    """Return the first second of the history that a what-if retraces: from where the log is
    complete, or where nothing says so, from the day of the first event."""
    if (stated := complete_start(scenario)) is not None:
        return stated
    events = scenario.history.events if scenario.history is not None else ()
    first = min([*(parse(e.date).lo_s for e in events), run_span(scenario)[0]])
    return first - first % DAY_S


def expected_opportunities(scenario: Scenario, start_s: int, end_s: int) -> float:
    """Return how many opportunities one replication is expected to hold from an instant to another,
    and at all forums."""
    channels = channels_of(scenario)
    per_day = sum(s.rate_per_day for s in scenario.world.values())
    for id_ in channels:
        per_day += 2 * sum(rates_of(scenario, id_).model_dump().values())
    return per_day * (end_s - start_s) / DAY_S + 2 * len(channels) * len(scenario.forums)


def rates_of(scenario: Scenario, channel: str) -> Rates:
    """Return the rates of opportunities on a channel."""
    setup = scenario.channels.get(channel)
    return (setup and setup.rates_per_day) or scenario.rates_per_day


def ranked_pairs(scenario: Scenario) -> set[tuple[int, ...]]:
    """Return, for each pair of parties, how many of its channels lie on each rank, lowest first;
    a channel whose level is in no order lies on none."""
    counts: dict[tuple[str, str], list[int]] = {}
    for id_, channel in channels_of(scenario).items():
        rank = level_of(id_, scenario.levels)
        pair = counts.setdefault(channel.parties, [0] * (len(scenario.levels) or 1))
        if rank is not None:
            pair[-1 - rank] += 1
    return {tuple(pair) for pair in counts.values()}


def channels_below(scenario: Scenario, channel: str) -> list[str]:
    """List the simulated channels that lie on a lower level than one of the scenario or of its
    history, between the same two parties."""
    simulated = channels_of(scenario)
    known = simulated | (scenario.history.channels if scenario.history is not None else {})
    rank = level_of(channel, scenario.levels)
    if channel not in known or rank is None:
        return []
    pair, found = sorted(known[channel].parties), list[str]()
    for id_, other in simulated.items():
        below = level_of(id_, scenario.levels)
        if below is not None and below > rank and sorted(other.parties) == pair:
            found.append(id_)
    return found


def is_heard_below(scenario: Scenario, event: Event) -> bool:
    """Whether an event is on a channel that is not simulated, and opens bursts on a lower level."""
    if event.channel is None or event.channel in channels_of(scenario):
        return False
    rows = [r for r in scenario.attention.values() if r.level == "lower" and event.kind in r.opener]
    return bool(rows) and bool(channels_below(scenario, event.channel))


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
            complete_from=(setup and setup.complete_from) or (base and base.complete_from),
        )
    return found
