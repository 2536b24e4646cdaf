"""The rules between the parts of a scenario, beyond the types of its fields."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sim.ground.dates import day, parse
from sim.ground.errors import Broken, did_you_mean, listed
from sim.log.events import KINDS, OF_PEOPLE, Event
from sim.log.log_rules import channel_rules, event_rules, order_rules, since_rules
from sim.log.redated import put_off
from sim.log.rulebook import OBSERVER
from sim.scenario.acts import ACTS
from sim.scenario.attention import attention_rules
from sim.scenario.conventions import convention_rules
from sim.scenario.fit_rules import fit_rules
from sim.scenario.governments import government_rules
from sim.scenario.interventions import observed_from, run_type
from sim.scenario.outcomes import EventBy, StateAt
from sim.scenario.scenario import Scenario, SetDoctrine
from sim.scenario.scope import (
    Below,
    channels_of,
    drift_steps,
    expected_opportunities,
    past_start,
    ranked_pairs,
    rates_of,
    run_span,
)

MAX_OPPORTUNITIES = 5_000_000
"""Opportunities that one replication may be expected to hold."""

MAX_DRIFT = 1_000_000
"""Steps of all inclinations that drift, in one replication."""

A_CHANNEL, A_PARTY = "a channel of the scenario", "a party of the scenario"


def broken_rules(scenario: Scenario) -> Iterator[Broken]:
    """Yield (path, rule, value) for each rule that a scenario breaks."""
    yield from _time_rules(scenario)
    yield from _part_rules(scenario)
    yield from _attention_rules(scenario)
    yield from _inclination_rules(scenario)
    yield from _change_rules(scenario)
    span = run_span(scenario)
    yield from government_rules(scenario.governments, span, scenario.as_of, scenario.until)
    for id_, government in scenario.governments.items():
        at = ("governments", id_, "party")
        yield from _known(at, government.party, scenario.parties, A_PARTY)
    yield from _outcome_rules(scenario)
    yield from fit_rules(scenario)
    yield from convention_rules(scenario.conventions, channels_of(scenario))


def _time_rules(scenario: Scenario) -> Iterator[Broken]:
    start, end = run_span(scenario)
    if end <= start:
        yield ("until",), f"must lie after as_of {scenario.as_of}", scenario.until
        return
    expected = expected_opportunities(scenario, start, end)
    if expected > MAX_OPPORTUNITIES:
        rule = f"the run must not hold more than {MAX_OPPORTUNITIES:,} opportunities a replication"
        yield ("until",), rule, f"about {expected:,.0f}"
    if scenario.complete_from is not None or run_type(scenario) == "what-if":
        yield from past_rules(scenario)
    for name in ("show_from", "complete_from"):
        date = getattr(scenario, name)
        if date is not None and parse(date).lo_s >= start:
            yield (name,), f"must not lie after the as-of date {scenario.as_of}", date
    for n, event in enumerate(scenario.coded):
        span = parse(event.date)
        if span.lo_s < start < span.hi_s:
            rule = f"must lie wholly before or wholly after the as-of date {scenario.as_of}"
            yield ("history", "events", n, "date"), rule, event.date


def past_rules(scenario: Scenario) -> Iterator[Broken]:
    """Yield what forbids to retrace a scenario's past: more opportunities than memory is for."""
    expected = expected_opportunities(scenario, past_start(scenario), run_span(scenario)[0])
    if expected > MAX_OPPORTUNITIES:
        rule = f"the past must not hold more than {MAX_OPPORTUNITIES:,} opportunities a replication"
        where = "history" if scenario.complete_from is None else "complete_from"
        yield (where,), rule, f"about {expected:,.0f}"


def _part_rules(scenario: Scenario) -> Iterator[Broken]:
    channels = channels_of(scenario)
    coded = [*scenario.coded, *scenario.inserted]
    if not channels:
        yield ("channels",), "at least one channel is needed, here or in the history", ...
    for id_, setup in scenario.channels.items():
        if setup.since is not None and parse(setup.since).lo_s >= run_span(scenario)[0]:
            rule = f"must not lie after the as-of date {scenario.as_of}"
            yield ("channels", id_, "since"), rule, setup.since
        else:
            yield from since_rules(id_, setup.since, coded, ("channels", id_))
        if setup.parties is not None:
            yield from channel_rules(id_, setup.parties, ("channels", id_))
    for id_, channel in channels.items():
        if channel.initial in scenario.leave_out:
            yield ("leave_out",), f"must not hold the initial state of {id_}", channel.initial
        if any(channel_rules(id_, channel.parties, ())):
            continue
        for party in channel.parties:
            if party not in scenario.parties:
                rule = f"must hold {party}, a party of the channel {id_}"
                yield ("parties",), rule, ", ".join(scenario.parties)
    paired = {frozenset(c.parties) for c in channels.values()}
    for id_, forum in scenario.forums.items():
        for n, name in enumerate(forum.channels or ()):
            yield from _known(("forums", id_, "channels", n), name, channels, A_CHANNEL)
    for id_, stream in scenario.world.items():
        at = ("world", id_)
        if stream.channel is not None:
            yield from _known((*at, "channel"), stream.channel, channels, A_CHANNEL)
        if stream.by is not None:
            yield from _known((*at, "by"), stream.by, scenario.parties, A_PARTY)
    for part in ("detainees", "unnamed", "world"):
        for id_, held in getattr(scenario, part).items():
            between = (held.held_by, held.national_of)  # of no conflict stream
            if between != (None, None) and frozenset(between) not in paired:
                rule = "held_by and national_of must be the two parties of a channel"
                yield (part, id_), rule, ", ".join(between)
    bound = scenario.treaty.parties
    if bound is not None and frozenset(bound) not in paired:
        yield ("treaty", "parties"), "must be the two parties of a channel", ", ".join(bound)
    for name in type(scenario.stocks).model_fields:
        for kind in getattr(scenario.stocks, name).raised_by:
            yield from _known(("stocks", name, "raised_by", kind), kind, KINDS, "a kind of event")


def _inclination_rules(scenario: Scenario) -> Iterator[Broken]:
    met: dict[str, set[str]] = {code: set() for code in scenario.parties}
    for channel in channels_of(scenario).values():
        first, second = channel.parties
        met.setdefault(first, set()).add(second)
        met.setdefault(second, set()).add(first)
    if (steps := drift_steps(scenario)) > MAX_DRIFT:
        rule = f"must not drift in more than {MAX_DRIFT:,} steps of all numbers"
        yield ("inclinations",), rule, f"{steps:,}"
    for code, others in scenario.inclinations.items():
        if code not in scenario.parties:
            yield from _known(("inclinations", code), code, scenario.parties, A_PARTY)
            continue
        for other in others:
            if other not in met[code] - {code}:
                rule = f"must be a party with which {code} has a channel"
                yield ("inclinations", code, other), rule, other


def _attention_rules(scenario: Scenario) -> Iterator[Broken]:
    rates = [rates_of(scenario, id_) for id_ in channels_of(scenario)]
    acts = {act for act in ACTS if any(r.of(act) > 0 for r in rates)}
    start, end = run_span(scenario)
    if run_type(scenario) == "what-if":
        start = min(start, past_start(scenario))
    # a run that is too long by itself is refused as such
    base = min(expected_opportunities(scenario, start, max(start, end)), MAX_OPPORTUNITIES)
    pairs = ranked_pairs(scenario)
    yield from attention_rules(scenario.attention, scenario.levels, base, pairs, acts)


def _known(
    at: tuple[str | int, ...], name: str, known: Collection[str], what: str
) -> Iterator[Broken]:
    if name not in known:
        yield at, f"must be {what}: {listed(known)}{did_you_mean(name, known)}", name


def _change_rules(scenario: Scenario) -> Iterator[Broken]:
    history = {e.id: e for e in scenario.coded}
    inserts = [(n, c.insert) for n, c in enumerate(scenario.changes) if c.insert is not None]
    ids = {*history, *(e.id for _, e in inserts)}
    channels = channels_of(scenario)
    below = Below(scenario, channels)
    parties = {p for c in channels.values() for p in c.parties}
    seen = set(history) - {c.remove for c in scenario.changes}  # put in again: the same event
    for n, event in inserts:
        at = ("changes", n, "insert")
        if event.id in seen:
            yield (*at, "id"), "the id stands in the history or in another change", event.id
        seen.add(event.id)
        yield from event_rules(event, at, below.known, parties, ids)
        if event.channel in below.known.keys() - channels and not below.hears(event):
            rule = f"would change nothing: the scenario simulates {listed(channels)}"
            yield (*at, "channel"), rule, event.channel
        yield from _date_rules((*at, "date"), event.date, scenario)
        if event.source is not None and event.source.document not in (
            scenario.history.sources if scenario.history else {}
        ):
            rule = "must name a document under the history's sources"
            yield (*at, "source", "document"), rule, event.source.document
    start = run_span(scenario)[0]
    past = {id_: e for id_, e in history.items() if parse(e.date).hi_s <= start}
    changed = dict(past)
    for n, change in enumerate(scenario.changes):
        if change.set_doctrine is not None:
            yield from _let_rules(("changes", n, "set_doctrine"), change.set_doctrine, scenario)
        named: str | None = change.remove
        where: tuple[str | int, ...] = ("changes", n, "remove")
        if change.move is not None:
            named, where = change.move.event, ("changes", n, "move", "event")
            yield from _date_rules(("changes", n, "move", "to"), change.move.to, scenario)
        if named is None:
            continue
        if named not in past:
            rule = "must name an event of the history up to the as-of date"
            yield where, rule + did_you_mean(named, past), named
        elif changed.get(named) is not past[named]:
            yield where, "another change removes or moves this event already", named
        elif change.move is not None:
            moved = changed[named] = put_off(past[named], change.move.to)
            meets = getattr(moved, "meeting_date", None)
            if meets is not None and parse(meets).hi_s <= parse(moved.date).lo_s:
                rule = f"must not lie after the meeting that it agrees, of {meets}"
                yield ("changes", n, "move", "to"), rule, change.move.to
        else:
            del changed[named]
    yield from _changed_order(scenario, changed)


def _let_rules(at: tuple[str | int, ...], let: SetDoctrine, scenario: Scenario) -> Iterator[Broken]:
    yield from _known((*at, "party"), let.party, scenario.parties, A_PARTY)
    if let.until is not None and parse(let.until).hi_s <= parse(let.start).lo_s:
        yield (*at, "until"), f"must not lie before from {let.start}", let.until
    if parse(let.start).lo_s >= run_span(scenario)[1]:
        yield (*at, "from"), f"must not lie after until {scenario.until}", let.start


def _date_rules(at: tuple[str | int, ...], date: str, scenario: Scenario) -> Iterator[Broken]:
    """Check the date that a change gives to an event."""
    (start, end), span = run_span(scenario), parse(date)
    if span.hi_s > end:
        yield at, f"must not lie after until {scenario.until}", date
    elif span.lo_s < start < span.hi_s:
        rule = f"must lie wholly before or wholly after the as-of date {scenario.as_of}"
        yield at, rule, date


def _changed_order(scenario: Scenario, changed: dict[str, Event]) -> Iterator[Broken]:
    """Check that inserted and moved events come after their causes and before their effects."""
    place: dict[str, tuple[str | int, ...]] = {}
    events = dict(changed)
    for n, change in enumerate(scenario.changes):
        if change.insert is not None:
            place.setdefault(change.insert.id, ("changes", n, "insert", "date"))
            events.setdefault(change.insert.id, change.insert)
        elif change.move is not None:
            place.setdefault(change.move.event, ("changes", n, "move", "to"))
    if not place:
        return
    ids = list(events)
    for path, rule, got in order_rules(events.values()):
        id_ = ids[int(path[1])]
        if id_ in place:
            at = place[id_]
            yield (*at[:-1], "causes") if path[2] == "causes" else at, rule, got
            continue
        for cause in events[id_].causes:
            if cause in place:
                yield place[cause], f"must not lie after {id_}, which follows from it", got


def _outcome_rules(scenario: Scenario) -> Iterator[Broken]:
    channels = channels_of(scenario)
    start, end = observed_from(scenario), run_span(scenario)[1]
    for name, outcome in scenario.outcomes.items():
        at = ("outcomes", name)
        if outcome.channel is not None:
            yield from _known((*at, "channel"), outcome.channel, channels, A_CHANNEL)
        if isinstance(outcome, EventBy):
            for n, kind in enumerate(outcome.kind):
                where = (*at, "kind", n) if len(outcome.kind) > 1 else (*at, "kind")
                if kind in outcome.kind[:n]:
                    yield where, "stands here twice", kind
                yield from _known(where, kind, KINDS, "a kind of event")
            if outcome.by is not None:
                yield from _known((*at, "by"), outcome.by, scenario.parties, A_PARTY)
            if outcome.count == "people" and not {*outcome.kind} <= {*OF_PEOPLE}:
                rule = f"counts people of {', '.join(OF_PEOPLE)} only"
                yield (*at, "count"), rule, outcome.count
        else:
            if outcome.channel is None and len(channels) > 1:
                yield (*at, "channel"), "is required where there are several channels", ...
            chosen = outcome.channel or next(iter(channels), "")
            if chosen in channels:
                views = (OBSERVER, *channels[chosen].parties)
                if outcome.viewpoint not in views:
                    rule = f"must be one of {', '.join(views)}"
                    yield (*at, "viewpoint"), rule, outcome.viewpoint
        dates = [("from", getattr(outcome, "start", None))]
        dates += [(n, getattr(outcome, n, None)) for n in ("date", "until")]
        for field, date in dates:
            if date is not None and not start < parse(date).hi_s <= end:
                rule = f"must lie after {day(start - 1)} and not after {scenario.until}"
                yield (*at, field), rule, date
        if not isinstance(outcome, StateAt):
            yield from _window_rules(at, scenario, *(date for _, date in dates))


def _window_rules(
    at: tuple[str | int, ...],
    scenario: Scenario,
    first: str | None,
    date: str | None,
    until: str | None,
) -> Iterator[Broken]:
    """Check that the window of an outcome is not empty."""
    last = date or until
    if last is None:
        return
    begin = parse(first).lo_s if first else run_span(scenario)[0]
    if parse(last).hi_s <= begin:
        rule = f"must not lie before from {first}" if first else "needs a `from` before it"
        yield (*at, "date" if date else "until"), rule, last
