"""What a scenario settles before anything is drawn: its span, and its channels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any, get_args

from sim.ground.countries import country_name
from sim.ground.dates import DAY_S, parse
from sim.log.coverage import shown_since
from sim.log.events import Event
from sim.log.knowing import not_public_by
from sim.log.log import STATES, Channel, LapseDays, Log, Omitted, Titled, level_of
from sim.rules.drift import walk_steps
from sim.rules.features import FEATURES
from sim.scenario.acts import ACT_RULES
from sim.scenario.attention import rank_of
from sim.scenario.doctrine import DECISIONS
from sim.scenario.scenario import Rates, Scenario


def run_span(scenario: Scenario) -> tuple[int, int]:
    """Return the first second after the as-of date, and the first after the last day."""
    return parse(scenario.as_of).hi_s, parse(scenario.until).hi_s


def complete_start(scenario: Scenario) -> int | None:
    """Return the second from which a scenario's history is complete, at the latest the end of its
    as-of date. The scenario says so, or the log of each simulated channel, also by what its sources
    can show: the last of these days counts. None where nothing says so."""
    channels = [c.complete_from or shown_since(c.coverage) for c in channels_of(scenario).values()]
    stated = [d for d in ([scenario.complete_from] if scenario.complete_from else channels) if d]
    latest = max((parse(d).lo_s for d in stated), default=None)
    return None if latest is None else min(latest, run_span(scenario)[0])


def past_start(scenario: Scenario) -> int:
    """Return the first second of the history that a what-if retraces: from where the log is
    complete, or where nothing says so, from the day of the first event."""
    if (stated := complete_start(scenario)) is not None:
        return stated
    first = min([*(parse(e.date).lo_s for e in scenario.coded), run_span(scenario)[0]])
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


def features_of(scenario: Scenario, party: str) -> tuple[str, ...]:
    """Return what a party's decisions may look at: all but the states that none of its channels may
    be in."""
    own = [c for c in channels_of(scenario).values() if party in c.parties]
    gone = {s for s in STATES if not any(s in c.states for c in own)}
    return tuple(feature for feature in FEATURES if feature not in gone)


def decisions_of(scenario: Scenario, party: str) -> tuple[str, ...]:
    """Return what a party may be asked, by the names in `DECISIONS`: all but the optional acts that
    no channel of its has a rate for."""
    own = [
        rates_of(scenario, id_) for id_, c in channels_of(scenario).items() if party in c.parties
    ]
    idle = {r.name for r in ACT_RULES if r.optional and not any(x.of(r.name) > 0 for x in own)}
    return tuple(d for d in DECISIONS if d.removeprefix("accept_") not in idle)


def drift_steps(scenario: Scenario) -> int:
    """Return how many steps all inclinations that drift go in a run."""
    start_s, end_s = run_span(scenario)
    pairs = [i for others in scenario.inclinations.values() for i in others.values()]
    return sum(len(i.rows()) for i in pairs if i.drift) * walk_steps(start_s, end_s)


def ranked_pairs(scenario: Scenario) -> set[tuple[int, ...]]:
    """Return, for each pair of parties, how many of its channels lie on each rank, lowest first;
    a channel whose level is in no order lies on none."""
    counts: dict[tuple[str, str], list[int]] = {}
    for id_, channel in channels_of(scenario).items():
        rank = rank_of(level_of(id_, channel), scenario.levels)
        pair = counts.setdefault(channel.parties, [0] * (len(scenario.levels) or 1))
        if rank is not None:
            pair[-1 - rank] += 1
    return {tuple(pair) for pair in counts.values()}


class Below:
    """Which simulated channels lie below which others, between the same two parties."""

    def __init__(self, scenario: Scenario, simulated: Mapping[str, Channel]) -> None:
        """`simulated` are the channels that `channels_of` gives."""
        history = scenario.history.channels if scenario.history is not None else {}
        self.known, self.simulated, self.levels = (
            history | dict(simulated),
            simulated,
            scenario.levels,
        )
        self.heard = {
            kind for r in scenario.attention.values() if r.level == "lower" for kind in r.opener
        }
        """Kinds of event that open bursts on lower levels."""
        self.ranked: dict[tuple[str, ...], list[tuple[int, str]]] = {}
        for id_, channel in simulated.items():
            rank = rank_of(level_of(id_, channel), scenario.levels)
            if rank is not None:
                self.ranked.setdefault(tuple(sorted(channel.parties)), []).append((rank, id_))

    def channels(self, channel: str) -> list[str]:
        """List the simulated channels below one of the scenario or of its history, by id."""
        if channel not in self.known:
            return []
        rank = rank_of(level_of(channel, self.known[channel]), self.levels)
        if rank is None:
            return []
        ranked = self.ranked.get(tuple(sorted(self.known[channel].parties)), [])
        return sorted(id_ for below, id_ in ranked if below > rank)

    def hears(self, event: Event) -> bool:
        """Whether an event is on a channel that is not simulated, and opens bursts below it."""
        if event.channel is None or event.channel in self.simulated:
            return False
        return event.kind in self.heard and bool(self.channels(event.channel))


def channels_of(scenario: Scenario) -> dict[str, Channel]:
    """Return the channels to simulate, by id, with what the history or the id says of them."""
    known = scenario.history.channels if scenario.history is not None else {}
    chosen = scenario.channels or dict.fromkeys(known)
    found: dict[str, Channel] = {}
    for id_ in sorted(chosen):
        setup, base = chosen[id_], known.get(id_)
        said = partial(_first_said, (setup, base))
        first, second = sorted(said("parties") or (id_[:3].upper(), id_[4:7].upper()))
        initial = said("initial") or "open"
        # the state in which it begins stays, which a rule refuses
        gone = {*scenario.leave_out, *(base.leave_out if base is not None else ())} - {initial}
        found[id_] = Channel(
            parties=(first, second),
            title=said("title"),
            level=said("level"),
            line=bool(said("line")),
            initial=initial,
            since=said("since"),
            lapse_days=said("lapse_days") or LapseDays(),
            leave_out=tuple(state for state in get_args(Omitted) if state in gone),
            complete_from=said("complete_from"),
            coverage=base and base.coverage,
        )
    return found


def _first_said(records: Iterable[object], name: str) -> Any:
    """Return what the first of some records says that says something under a name."""
    told = (getattr(record, name, None) for record in records)
    return next((value for value in told if value is not None), None)


def on_simulated(event: Event, channels: Collection[str]) -> Event:
    """Return an event as it concerns some channels: of several on which it happened, on those."""
    if not event.also_on:
        return event
    there = [c for c in (event.channel, *event.also_on) if c in channels] or [event.channel]
    return event.model_copy(update={"channel": there[0], "also_on": tuple(there[1:])})


def hidden_events(scenario: Scenario) -> list[Event]:
    """List the events of the history that were not public by the as-of date, though they are
    coded."""
    if scenario.history is None:
        return []
    gone = not_public_by(scenario.history, run_span(scenario)[0])
    return [e for e in scenario.history.events if e.id in gone]


def titled_parties(scenario: Scenario) -> dict[str, Titled]:
    """Return the titles that the history or the scenario gives to parties, by code."""
    known = dict(scenario.history.parties) if scenario.history is not None else {}
    known |= {c: Titled(title=s.title) for c, s in scenario.parties.items() if s.title}
    return known


def party_name(scenario: Scenario, code: str) -> str:
    """Return what people call a party: its title where it has one, else the country's name."""
    titled = titled_parties(scenario).get(code)
    return titled.title if titled is not None else country_name(code)


def coded_log(scenario: Scenario) -> Log | None:
    """Return the history with the channels as the scenario has them, complete from where it says;
    None where there is none."""
    if scenario.history is None:
        return None
    stated = scenario.complete_from
    simulated = {
        id_: c if c.complete_from else c.model_copy(update={"complete_from": stated})
        for id_, c in channels_of(scenario).items()
    }
    channels = scenario.history.channels | simulated
    return scenario.history.model_copy(update={"channels": channels})


UNASKED: Mapping[str, Any] = {"outcomes": {}, "sweep": {}, "seminar": None, "show_from": None}
"""What a scenario asks, left out: an update of a copy."""


def history_alone(scenario: Scenario) -> Scenario:
    """Return what a scenario says of its history as it was: without what it asks, changes or takes
    from a fit, and with a run of one day."""
    return scenario.model_copy(
        update={
            "until": scenario.as_of,
            "changes": (),
            "fit": None,
            "governments": {},
            "unnamed": {},
            **UNASKED,
        }
    )
