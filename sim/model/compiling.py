"""From a resolved scenario to its `Program`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from sim.ground.dates import DAY_S, parse
from sim.ground.draws import stream_key
from sim.ground.errors import InputError, Problem
from sim.log.events import KIND_CODE, KINDS, Event
from sim.log.kinds import EFFECTS, KIND_RULES
from sim.log.log import STATES, SUPPORTS, causal_order, latest
from sim.log.rulebook import OBSERVER, longest, read
from sim.model.compiling_doctrines import compile_doctrines
from sim.model.compiling_outcomes import compile_outcomes
from sim.model.compiling_past import PastBuilder, agreements, with_implied_forums
from sim.model.program import (
    NO_TIME,
    STREAM_KINDS,
    Channels,
    Facts,
    Forums,
    Ints,
    Program,
    Rules,
    Streams,
    floats,
    ints,
)
from sim.scenario.acts import ACTS
from sim.scenario.interventions import observed_from, run_type
from sim.scenario.rules import past_rules
from sim.scenario.scenario import Rates, Scenario
from sim.scenario.scope import channels_of, complete_start, run_span

MAX_GRID = 731
"""Instants at which occupancy is counted, at most: each day of two years."""


def compile_scenario(scenario: Scenario, *, retrace: bool = False) -> Program:
    """Compile a resolved scenario to plain arrays.

    With `retrace` a scenario without changes inside its history is compiled as a what-if too, so
    that its past runs by decisions: it then returns history itself.

    Raises:
        InputError: such a past would hold too many opportunities.
    """
    broken = past_rules(scenario) if retrace else ()
    problems = [Problem("scenario", 0, ".".join(map(str, p)), r, str(g)) for p, r, g in broken]
    if problems:
        raise InputError(problems)
    return _Compiler(scenario, retrace).program()


class _Compiler:
    """Holds the names that indices stand for while the parts are compiled."""

    def __init__(self, scenario: Scenario, retrace: bool) -> None:
        self.what_if = retrace or run_type(scenario) == "what-if"
        self.scenario = scenario = with_implied_forums(scenario) if self.what_if else scenario
        self.observe_s = observed_from(scenario)
        self.as_of_s, self.until_s = run_span(scenario)
        self.parties = tuple(sorted(scenario.parties))
        self.party = {code: n for n, code in enumerate(self.parties)} | {None: -1}
        self.channels = channels_of(scenario)
        self.channel = {id_: n for n, id_ in enumerate(self.channels)} | {None: -1}
        pairs = {tuple(self.party[p] for p in c.parties) for c in self.channels.values()}
        self.dyads = tuple(sorted((a, b) for a, b in pairs))

    def program(self) -> Program:
        history, latent, forced = self.fact_events()
        events = [*history, *latent, *forced]
        facts = self.facts(events, len(history), len(history) + len(latent))
        start = int(min([*facts.lo_s[: len(history)], self.as_of_s]))
        past_start = start = start - start % DAY_S
        if (complete_s := complete_start(self.scenario)) is not None:
            past_start, start = complete_s, min(start, complete_s)
        self.forum_start_s = past_start + 1 if self.what_if else self.as_of_s
        streams, forums, past = self.streams(), self.forums(), None
        if self.what_if:
            past = PastBuilder(
                self.scenario,
                events,
                facts.before,
                len(latent),
                streams,
                {id_: c.parties for id_, c in self.channels.items()},
                forums.names,
                past_start,
            ).past(ints((stream_key(f"past/{n}") for n in streams.names), 2))
        held = np.zeros((len(self.dyads), 2), dtype=np.int64)
        for person in self.scenario.detainees.values():
            d, side = self.held_place(person.national_of, person.held_by)
            held[d, side] += 1
        pair = self.scenario.treaty.parties
        bound_pair = pair and tuple(sorted(self.party[p] for p in pair))
        bound = ints(bound_pair in (None, d) for d in self.dyads)
        step = max(1, math.ceil((self.until_s - self.observe_s) / DAY_S / (MAX_GRID - 1))) * DAY_S
        return Program(
            parties=self.parties,
            dyad_party=ints(self.dyads, 2),
            start_s=start,
            as_of_s=self.as_of_s,
            until_s=self.until_s,
            observe_s=self.observe_s,
            shared=int(self.scenario.coupling == "shared"),
            held=held,
            bound=bound,
            suspended=bound * int(self.scenario.treaty.suspended),
            treaty=self.scenario.treaty.name,
            grid_s=np.arange(self.observe_s - 1, self.until_s, step, dtype=np.int64),
            channels=self.channel_arrays(start),
            streams=streams,
            facts=facts,
            forums=forums,
            rules=self.rules(),
            doctrines=compile_doctrines(self.scenario, self.party, self.until_s),
            outcomes=compile_outcomes(
                self.scenario, self.channels, self.party, self.as_of_s, self.until_s
            ),
            past=past,
        )

    def held_place(self, national_of: str, held_by: str) -> tuple[int, int]:
        """Return the pair of parties and the side whose nationals are held."""
        a, b = sorted((self.party[national_of], self.party[held_by]))
        return self.dyads.index((a, b)), int(self.party[national_of] == b)

    def channel_arrays(self, start: int) -> Channels:
        channels = self.channels.values()
        since = [parse(c.since).lo_s if c.since else start for c in channels]
        complete = [self.complete_s(id_) for id_ in self.channels]
        lapses = [c.lapse_days for c in channels]
        seconds = [[-1 if s is None else s for s in (x.step_s()[0], *x.most_s())] for x in lapses]
        until = [
            longest(c.initial, max(s, full), c.lapse_days)
            for c, s, full in zip(channels, since, complete, strict=True)
        ]
        sides = [[self.party[p] for p in c.parties] for c in channels]
        return Channels(
            names=tuple(self.channels),
            party=ints(sides, 2),
            dyad=ints(self.dyads.index((a, b)) for a, b in sides),
            initial=ints(STATES.index(c.initial) for c in channels),
            since_s=ints(since),
            lapse_s=ints(seconds, 1 + len(SUPPORTS)),
            complete_s=ints(complete),
            until_s=ints(until, len(SUPPORTS)),
        )

    def complete_s(self, id_: str) -> int:
        """Return from when silence on a channel is evidence: what the channel or the scenario says,
        else the as-of date, after which the run itself holds all contact."""
        stated = self.channels[id_].complete_from or self.scenario.complete_from
        return self.as_of_s if stated is None else min(parse(stated).lo_s, self.as_of_s)

    # ------------------------------------------------------------------------------ streams

    def streams(self) -> Streams:
        rows: list[dict[str, Any]] = []
        forums = self.run_forums()
        for c, (id_, channel) in enumerate(self.channels.items()):
            setup = self.scenario.channels.get(id_)
            rates: Rates = (setup and setup.rates_per_day) or self.scenario.rates_per_day
            for side, party in enumerate(channel.parties):
                common = {"channel": c, "side": side, "by": self.party[party]}
                for act in ACTS:
                    if rates.of(act) > 0:
                        name = f"{id_}/{party}/{act}"
                        rows.append({"name": name, "kind": act, "rate": rates.of(act), **common})
                for m, forum in enumerate(forums):
                    if self.attends(forum, id_):
                        name = f"{id_}/{party}/approach/{forum}"
                        rows.append(
                            {"name": name, "kind": "approach", "forum": m, **common}
                            | {"at": self.moments(id_, forum), "coin": f"{id_}/first/{forum}"}
                        )
        for id_, stream in self.scenario.world.items():
            rows.append(
                {
                    "name": f"world/{id_}",
                    "kind": stream.kind,
                    "rate": stream.rate_per_day,
                    "channel": self.channel[stream.channel],
                    "by": self.party[stream.held_by or stream.by],
                    "severity": stream.severity,
                    "label": stream.label,
                    "holder": self.party[stream.held_by],
                    "national": self.party[stream.national_of],
                }
            )
        rows.sort(key=lambda row: str(row["name"]))

        def column(name: str, default: Any = -1) -> list[Any]:
            return [row.get(name, default) for row in rows]

        side_of = {
            (r["channel"], r["forum"], r["side"]): n for n, r in enumerate(rows) if "at" in r
        }
        partners = [
            side_of[r["channel"], r["forum"], 1 - r["side"]] if "at" in r else -1 for r in rows
        ]

        return Streams(
            names=tuple(column("name")),
            kind=ints(STREAM_KINDS.index(k) for k in column("kind")),
            channel=ints(column("channel")),
            side=ints(column("side")),
            rate=floats(column("rate", 0.0)),
            forum=ints(column("forum")),
            at_s=ints(column("at", (NO_TIME, NO_TIME)), 2),
            coin=ints((stream_key(n) if n else (0, 0) for n in column("coin", "")), 2),
            partner=ints(partners),
            key=ints((stream_key(n) for n in column("name")), 2),
            severity=floats(column("severity", (0.0, 0.0)), 2),
            label=tuple(column("label", "")),
            by=ints(column("by")),
            holder=ints(column("holder")),
            national=ints(column("national")),
        )

    def moments(self, channel: str, forum: str) -> tuple[int, int]:
        """Return the two moments at which sides may walk up to each other at a forum: a hash of the
        names fixes where in its span, so that they are a schedule, and who is first is chance."""
        span = parse(self.scenario.forums[forum].date)
        wide = span.hi_s - span.lo_s
        names = (f"{channel}/moment/{forum}/{n}" for n in range(2))
        first, second = sorted(span.lo_s + int(stream_key(n)[0] / 2.0**32 * wide) for n in names)
        if first == second:  # somebody is first
            at_border = first + 1 in (self.as_of_s, self.until_s)  # which no forum crosses
            earlier = first > span.lo_s or at_border
            first, second = (first - 1, first) if earlier else (first, first + 1)
        return first, second

    def run_forums(self) -> list[str]:
        """List the forums that lie wholly inside the run, or inside the past of a what-if."""
        spans = {id_: parse(f.date) for id_, f in sorted(self.scenario.forums.items())}
        return [
            i
            for i, s in spans.items()
            if (s.hi_s if self.what_if else s.lo_s) >= self.forum_start_s
            and s.hi_s <= self.until_s
            and not s.lo_s < self.as_of_s < s.hi_s
        ]

    def attends(self, forum: str, channel: str) -> bool:
        chosen = self.scenario.forums[forum].channels
        return chosen is None or channel in chosen

    def forums(self) -> Forums:
        names = self.run_forums()
        spans = [parse(self.scenario.forums[f].date) for f in names]
        attends = [[int(self.attends(f, c)) for c in self.channels] for f in names]
        return Forums(
            names=tuple(names),
            lo_s=ints(s.lo_s for s in spans),
            hi_s=ints(s.hi_s for s in spans),
            attends=ints(attends, len(self.channels)),
        )

    # ------------------------------------------------------------------------------ facts

    def fact_events(self) -> tuple[list[Event], list[Event], list[Event]]:
        """Return history up to the as-of date, agreements that it implies, and forced events.

        Each is in causal order. Forced are inserted events, and moved ones at their new dates.
        """
        every = self.scenario.history.events if self.scenario.history else ()
        known = {e.id: e for e in every if self.concerns(e) and parse(e.date).hi_s <= self.as_of_s}
        history = [known[i] for i in causal_order(known)]
        _, latent = agreements(self.scenario, history) if self.what_if else ({}, [])
        forced: dict[str, Event] = {}
        for change in self.scenario.changes:
            if change.insert is not None and self.concerns(change.insert):
                forced[change.insert.id] = change.insert
            if change.move is not None and change.move.event in known:
                moved = known[change.move.event]
                elsewhere: dict[str, Any] = {"date": change.move.to}
                if change.move.to != moved.date:  # it is at the forum of its new day, if at any
                    elsewhere["forum"] = None
                forced[moved.id] = moved.model_copy(update=elsewhere)
        order = causal_order({**known, **forced})
        return history, latent, [forced[i] for i in order if i in forced]

    def concerns(self, event: Event) -> bool:
        """Whether an event is on a channel of the scenario, or between parties of one."""
        if event.channel is not None:
            return event.channel in self.channels
        holder, national = getattr(event, "held_by", None), getattr(event, "national_of", None)
        if holder is not None and national is not None:
            if holder not in self.party or national not in self.party:
                return False
            a, b = sorted((self.party[holder], self.party[national]))
            return (a, b) in self.dyads
        return event.by is None or event.by in self.party

    def facts(self, events: list[Event], coded: int, before: int) -> Facts:
        """Compile the facts: `coded` of history, then implied ones up to `before`, then forced."""
        known = {e.id: e for e in events[:coded]}
        room = latest(known, list(known))  # what is forced later leaves history where it was
        unmoved = {e.id: e.date for e in events[:coded]}
        ends = [
            room[e.id] if n < coded or unmoved.get(e.id) == e.date else parse(e.date).hi_s
            for n, e in enumerate(events)
        ]
        place = {e.id: n for n, e in enumerate(events[:before])}
        spans = [parse(e.date) for e in events]
        forced = {e.id: before + n for n, e in enumerate(events[before:])}
        causes = [
            [where[c] for c in e.causes if c in where and where[c] < n]
            for n, e in enumerate(events)
            for where in ((place if n < before else place | forced),)
        ]
        readings = [self.readings(e) for e in events]

        def column(get: Callable[[Any], Any]) -> Ints:
            return ints(get(e) for e in events)

        return Facts(
            ids=tuple(e.id for e in events),
            kind=column(lambda e: KIND_CODE[e.kind]),
            channel=column(lambda e: self.channel[e.channel]),
            by=column(lambda e: self.party.get(e.by or getattr(e, "held_by", None), -1)),
            reading=ints(([kind for kind, _ in r] for r in readings), 3),
            confined=ints(([int(confined) for _, confined in r] for r in readings), 3),
            severity=floats(getattr(e, "severity", 1.0) for e in events),
            persons=column(lambda e: len(getattr(e, "persons", ())) + getattr(e, "unnamed", 0)),
            national=column(lambda e: self.party[getattr(e, "national_of", None)]),
            holder=column(lambda e: self.party[getattr(e, "held_by", None)]),
            lo_s=ints(s.lo_s for s in spans),
            hi_s=ints(ends),
            wish_s=ints(s.midpoint_s if s.is_exact else NO_TIME for s in spans),
            key=ints((stream_key(f"date/{e.id}") for e in events), 2),
            meeting_s=ints((_meeting_span(e) for e in events), 3),
            rank=ints(self.ranks(events, place)),
            answered=ints(
                int(n < before or (e.id in known and _when(e) == _when(known[e.id])))
                for n, e in enumerate(events)
            ),
            cause_start=ints(np.cumsum([0, *map(len, causes)])),
            causes=ints(c for group in causes for c in group),
            before=before,
        )

    def ranks(self, events: list[Event], place: dict[str, int]) -> list[int]:
        """Rank facts at one instant: in the order of history, where an event that is moved, or
        removed and put in again, keeps its place; others come after."""
        return [
            2 * n if n < len(place) else 2 * place[e.id] + 1 if e.id in place else 2 * n
            for n, e in enumerate(events)
        ]

    def readings(self, event: Event) -> list[tuple[int, bool]]:
        """Return what the observer and each side take an event to be; code -1 for a denial."""
        sides = self.channels[event.channel].parties if event.channel else ("", "")
        found = []
        for viewpoint in (OBSERVER, *sides):
            reading = read(event, viewpoint)
            found.append(
                (KIND_CODE[reading.kind], reading.detainees_only) if reading else (-1, False)
            )
        return found

    # ------------------------------------------------------------------------------ the rest

    def rules(self) -> Rules:
        stocks, lead = self.scenario.stocks, self.scenario.meeting_lead_days
        three = (stocks.grievance, stocks.goodwill, stocks.war)
        effects = [rule.effect for rule in KIND_RULES.values()]
        return Rules(
            effect=ints(-1 if effect is None else EFFECTS.index(effect) for effect in effects),
            raises=floats(([s.raised_by.get(k, 0.0) for k in KINDS] for s in three), len(KINDS)),
            decay_per_s=floats(math.log(2) / (s.half_life_days * DAY_S) for s in three),
            lead_days=floats((lead.least, lead.most)),
        )


def _when(event: Event) -> tuple[str, str | None]:
    """Return the date of an event, and of the meeting that it agrees."""
    return event.date, getattr(event, "meeting_date", None)


def _meeting_span(event: Event) -> tuple[int, int, int]:
    if event.kind != "meeting_agreed":
        return NO_TIME, NO_TIME, NO_TIME
    span = parse(event.meeting_date)
    return span.lo_s, span.hi_s, span.midpoint_s if span.is_exact else NO_TIME
