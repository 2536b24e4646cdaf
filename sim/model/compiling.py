"""From a resolved scenario to its `CompiledScenario`."""

from __future__ import annotations

import math

import numpy as np

from sim.ground.dates import DAY_S, parse
from sim.ground.errors import SCENARIO, InputError, Problem
from sim.ground.yaml import dotted
from sim.log.events import KINDS
from sim.log.kinds import EFFECTS, KIND_RULES
from sim.log.log import STATES, SUPPORTS, Channel, LapseDays
from sim.log.rulebook import longest
from sim.model.compiled_scenario import (
    Channels,
    CompiledScenario,
    Rules,
    UnnamedHeld,
    even_dates,
    floats,
    ints,
)
from sim.model.compiling_attention import compile_attention
from sim.model.compiling_doctrines import compile_doctrines, compile_drift
from sim.model.compiling_facts import FactBuilder
from sim.model.compiling_names import Names
from sim.model.compiling_outcomes import compile_outcomes
from sim.model.compiling_past import PastBuilder
from sim.model.compiling_streams import StreamBuilder
from sim.model.unnamed import choices_of, unnamed_key
from sim.rules.contact import NEVER
from sim.scenario.rules import past_rules
from sim.scenario.scenario import Scenario
from sim.scenario.scope import complete_start
from sim.scenario.shown import shows_accounts

MAX_GRID = 731
"""Instants at which occupancy is counted, at most: each day of two years."""


def compile_scenario(
    scenario: Scenario, *, retrace: bool = False, shown: bool = False
) -> CompiledScenario:
    """Compile a resolved scenario to plain arrays.

    With `retrace` a scenario without changes inside its history is compiled as a what-if too, so
    that its past runs by decisions: it then returns history itself. With `shown` no party has an
    opportunity for what the sources of the history cannot show (`coverage` of a log), and where
    they cannot show all contact, silence is none: so learning and scores ask what can be seen.

    Raises:
        InputError: such a past would hold too many opportunities.
    """
    broken = past_rules(scenario) if retrace else ()
    problems = [Problem(SCENARIO, 0, dotted(p), r, str(g)) for p, r, g in broken]
    if problems:
        raise InputError(problems)
    return _Compiler(scenario, retrace, shown).program()


class _Compiler(Names):
    """Puts the parts together."""

    def program(self) -> CompiledScenario:
        builder = FactBuilder(self)
        history, latent, forced = builder.fact_events()
        events = [*history, *latent, *forced]
        here = [parse(e.counts_from).lo_s for e in history if self.concerns(e)]
        start = int(min([*here, self.as_of_s]))
        past_start = start = start - start % DAY_S
        if (complete_s := complete_start(self.scenario)) is not None:
            past_start, start = complete_s, min(start, complete_s)
        opportunities = StreamBuilder(self, past_start + 1 if self.what_if else self.as_of_s)
        streams, forums, past = opportunities.streams(), opportunities.forums(), None
        before = len(history) + len(latent)
        facts = builder.facts(events, len(history), before, forums.names)
        attention = compile_attention(self, events, len(history), facts, streams, forums.names)
        if self.what_if:
            with_streams = (streams, forums.names, past_start, facts, attention)
            past = PastBuilder(self, events, len(history), *with_streams).past()
        held = np.zeros((len(self.dyads), 2), dtype=np.int64)
        for person in self.scenario.detainees.values():
            d, side = self.held_place(person.national_of, person.held_by)
            held[d, side] += 1
        pair = self.scenario.treaty.parties
        bound_pair = pair and tuple(sorted(self.party[p] for p in pair))
        bound = ints(bound_pair in (None, d) for d in self.dyads)
        step = max(1, math.ceil((self.until_s - self.observe_s) / DAY_S / (MAX_GRID - 1))) * DAY_S
        return CompiledScenario(
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
            attention=attention,
            rules=self.rules(),
            doctrines=compile_doctrines(self),
            drift=compile_drift(self),
            outcomes=compile_outcomes(self),
            dates=even_dates(len(facts.ids)),
            unnamed=self.unnamed(),
            past=past,
        )

    def unnamed(self) -> UnnamedHeld:
        groups = sorted(self.scenario.unnamed.items())
        return UnnamedHeld(
            place=ints((self.held_place(g.national_of, g.held_by) for _, g in groups), 2),
            number=ints(((g.people.least, choices_of(g)) for _, g in groups), 2),
            key=ints((unnamed_key(id_) for id_, _ in groups), 2),
        )

    def held_place(self, national_of: str, held_by: str) -> tuple[int, int]:
        """Return the pair of parties and the side whose nationals are held."""
        a, b = sorted((self.party[national_of], self.party[held_by]))
        return self.dyads.index((a, b)), int(self.party[national_of] == b)

    def channel_arrays(self, start: int) -> Channels:
        channels = [self.with_lapses(c) for c in self.channels.values()]
        since = [parse(c.since).lo_s if c.since else start for c in channels]
        complete = [self.complete_s(id_) for id_ in self.channels]
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
            lapse_s=ints(
                (c.lapse_days.in_seconds(c.leave_out) for c in channels), 1 + len(SUPPORTS)
            ),
            complete_s=ints(complete),
            until_s=ints(until, len(SUPPORTS)),
            line=ints(int(c.line) for c in channels),
            contact_s=ints(self.silent_from(c, s) for c, s in zip(channels, since, strict=True)),
            told=ints(int(not self.shown or shows_accounts(c, self.shown_span)) for c in channels),
        )

    def with_lapses(self, channel: Channel) -> Channel:
        """Return a channel that never lapses, where only what its sources show is asked and they
        cannot show all contact."""
        if not self.shown or channel.tells_silence:
            return channel
        never = LapseDays(open=None, open_at_most=None, prisoner_only=None, corridor=None)
        return channel.model_copy(update={"lapse_days": never})

    def silent_from(self, channel: Channel, since_s: int) -> int:
        """Return the instant from which silence is counted on a channel. Where sources cannot show
        all contact, it is the as-of date, after which the run itself holds all of it."""
        if channel.tells_silence:
            return since_s
        return NEVER if self.shown else max(since_s, self.as_of_s)

    def complete_s(self, id_: str) -> int:
        """Return from when silence on a channel is evidence: what the channel or the scenario says,
        else the as-of date, after which the run itself holds all contact."""
        channel = self.channels[id_]
        stated = channel.complete_from or self.scenario.complete_from
        stated = stated if channel.tells_silence else None
        return self.as_of_s if stated is None else min(parse(stated).lo_s, self.as_of_s)

    def rules(self) -> Rules:
        stocks, lead = self.scenario.stocks, self.scenario.meeting_lead_days
        memories = (stocks.grievance, stocks.goodwill, stocks.war, stocks.shock)
        effects = [rule.effect for rule in KIND_RULES.values()]
        return Rules(
            effect=ints(-1 if effect is None else EFFECTS.index(effect) for effect in effects),
            raises=floats(([s.raised_by.get(k, 0.0) for k in KINDS] for s in memories), len(KINDS)),
            decay_per_s=floats(math.log(2) / (s.half_life_days * DAY_S) for s in memories),
            lead_days=floats((lead.least, lead.most)),
        )
