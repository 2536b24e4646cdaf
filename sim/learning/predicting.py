"""What worlds drawn from a prior or a posterior look like, beside the record.

Each world has its own draw of the weights and is run by the kernel over the record's own days. What
no party decides is given as it was: acts of war, arrests, treaty acts, events of other channels.
Decisions, and what follows from them, are made anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.ground.dates import DAY_S, day, instant
from sim.ground.draws import stream_key, uniforms
from sim.ground.states import STATE_LABELS
from sim.kernel import run as kernel
from sim.learning.design import Design
from sim.learning.fitting import Fit, evenly
from sim.learning.paths import NOT_KNOWN
from sim.learning.priors import Parameters, doctrine_weights, prior_draws
from sim.log.events import KIND_CODE, KINDS, Event
from sim.log.kinds import TOLD
from sim.log.log import STATES
from sim.model.compiled_scenario import (
    EXOGENOUS,
    STREAM_KINDS,
    CompiledScenario,
    Floats,
    Ints,
)
from sim.model.compiling import compile_scenario
from sim.model.compiling_forums import with_implied_forums
from sim.model.eventtable import Events
from sim.scenario.acts import ACT_RULES, RULE_OF
from sim.scenario.outcomes import ShareOfDays
from sim.scenario.scenario import Change, Scenario
from sim.scenario.scope import channels_of
from sim.scenario.shown import kinds_done

WORLDS = 300
"""Worlds of each law."""
COUNTED = {
    "call_held": "calls",
    "meeting_held": "meetings held",
    "corridor_talk": "talks in a corridor",
    "contact_refused": "refusals reported",
    "meeting_cancelled": "meetings called off",
    "contact_cut": "cuts of contact",
    "swap_proposed": "exchanges offered",
}
"""Kinds of event that parties decide and that are counted, in words."""
SILENCE = "longest silence, days"
SHARE = "share of days {}"
REFUSALS = tuple({KIND_CODE[rule.refused]: 0 for rule in ACT_RULES if rule.refused})
OF_PROPOSALS = tuple(KIND_CODE[rule.refused] for rule in ACT_RULES if rule.refused and rule.answers)
"""Kinds of refusal of what was an event of its own."""
MOVES_NOTHING = ("sentenced", "statement", "copresence")


@dataclass(frozen=True)
class Predicted:
    """One number of a channel, as the record has it and as worlds have it."""

    channel: str
    what: str
    record: float
    prior: Floats
    """[worlds] under the prior."""
    posterior: Floats
    """[worlds] under the posterior."""

    @property
    def surprise(self) -> float:
        """The smaller of the shares of posterior worlds at or above the record, and at or below."""
        above = float((self.posterior >= self.record).mean())
        return min(above, float((self.posterior <= self.record).mean()))


def given_world(design: Design) -> Scenario:
    """Return the scenario that runs a record's days anew, with what no party decided given.

    It is a scenario that no file could hold: inserted events are as many as the record has.
    """
    program, scenario = design.program, with_implied_forums(design.scenario)
    past, facts = program.past, program.facts
    assert past is not None  # a design has both
    assert scenario.history is not None
    coded = {e.id: e for e in scenario.history.events}
    given = [
        _inserted(coded[facts.ids[f]], design.instants[f])
        for f in range(facts.before)
        if facts.ids[f] in coded
        and past.role[f] == EXOGENOUS
        and past.follows[f] < 0
        and design.instants[f] >= design.start_s
        and coded[facts.ids[f]].kind not in MOVES_NOTHING
    ]
    shares = {
        f"{n}-{state}": ShareOfDays(type="share_of_days", channel=channel, state=(state,))
        for n, channel in enumerate(program.channels.names)
        for state in STATES
    }
    return scenario.model_copy(
        update={
            "as_of": day(design.start_s - 1).isoformat(),
            "until": day(program.as_of_s - 1).isoformat(),
            "complete_from": None,
            "changes": tuple(Change(insert=event) for event in given),
            "world": {},
            "outcomes": dict(sorted(shares.items())),
        }
    )


def _inserted(event: Event, at_s: int) -> Event:
    """Return an event on the instant at which it counts, without its causes."""
    return event.model_copy(update={"date": instant(at_s), "causes": ()})


def own_weights(program: CompiledScenario, weights: Floats) -> CompiledScenario:
    """Return a program in which each party has its own weights: [inclinations + parties, decisions,
    features]."""
    parties = program.doctrines.pairs + np.arange(len(program.parties))
    own = replace(program.doctrines, weights=weights[None], initial=parties)
    return replace(program, doctrines=own)


def numbers_of(
    program: CompiledScenario, start_s: int, end_s: int, kind: Ints, channel: Ints, at_s: Ints
) -> Floats:
    """Return the counts and the longest silence of each channel [C, kinds + 1] between two
    instants, of events in columns."""
    inside = (at_s >= start_s) & (at_s < end_s)
    found = np.zeros((len(program.channels.names), len(COUNTED) + 1))
    contact = np.isin(kind, [KIND_CODE[k] for k in TOLD])
    for c in range(len(found)):
        here = inside & (channel == c)
        for n, name in enumerate(COUNTED):
            found[c, n] = (here & (kind == KIND_CODE[name])).sum()
        ends = np.sort(np.concatenate([[start_s], at_s[here & contact], [end_s]]))
        found[c, -1] = np.diff(ends).max() / DAY_S
    return found


def record_numbers(design: Design) -> Floats:
    """Return the numbers [C, kinds + 1 + states] of the record itself."""
    program, start_s, end_s = design.program, design.start_s, design.program.as_of_s
    facts, shares = program.facts, np.zeros((len(design.states), len(STATES)))
    before = slice(0, facts.before)
    here = np.where(facts.elsewhere[before] == 1, -1, facts.channel[before])
    at_s = np.array(design.instants[before], dtype=np.int64)
    counted = numbers_of(program, start_s, end_s, facts.kind[before], here, at_s)
    for c, path in enumerate(design.states):
        ends = [*(since for since, _ in path[1:]), end_s]
        for (since_s, state), until_s in zip(path, ends, strict=True):
            if state != NOT_KNOWN:
                shares[c, state] += max(0, until_s - max(since_s, start_s))
    known = np.maximum(1, shares.sum(axis=1, keepdims=True))
    return np.concatenate([counted, shares / known], axis=1)


def shares_held(program: CompiledScenario, reporting: float) -> Floats:
    """Return the probability [C, kinds] that a record holds an event that came of an act, where a
    refusal is reported with a probability."""
    streams = program.streams
    found = np.ones((len(program.channels.names), len(KINDS)))
    found[:, REFUSALS] = reporting
    for s in np.flatnonzero(streams.side >= 0):
        act, c = STREAM_KINDS[streams.kind[s]], int(streams.channel[s])
        done, refused = streams.shown[s].tolist()
        for kind in kinds_done(act):
            found[c, KIND_CODE[kind]] = done
        if (no := RULE_OF[act].refused) is not None:
            found[c, KIND_CODE[no]] = reporting * refused
    return found


def is_reported(events: Events, held: Floats, seed: int) -> NDArray[np.bool_]:
    """Return which events of one world a record would hold, by the probabilities that
    `shares_held` gives: each by its own draw, and with a refusal the offer or request that was
    refused."""
    kept = np.ones(len(events), dtype=np.bool_)
    share = np.where(events.channel >= 0, held[events.channel, events.kind], 1.0)
    lo, hi = stream_key("learn/reported")
    for n in np.flatnonzero(share < 1.0):
        u, _ = uniforms(seed, lo, hi, int(events.replication[n]), int(n))
        if u >= share[n]:
            kept[n] = False
            if events.kind[n] in OF_PROPOSALS and events.cause[n] >= 0:
                kept[events.cause[n]] = False
    return kept


def world_numbers(
    program: CompiledScenario, parameters: Parameters, draws: Floats, reporting: Floats, seed: int
) -> Iterator[Floats]:
    """Yield the numbers [C, kinds + 1 + states] of a world for each draw [worlds, P], as a record
    would show them that reports a refusal with a probability [worlds]."""
    lo_s, hi_s = program.as_of_s, program.until_s
    channels = len(program.channels.names)
    order = [program.outcomes.names.index(f"{c}-{s}") for c in range(channels) for s in STATES]
    for replication, learned in enumerate(draws):
        own = own_weights(program, doctrine_weights(parameters, program, learned))
        tally, events = kernel.run(own, seed, replication, 1, events=True)
        assert events is not None  # they were asked for
        held = shares_held(program, float(reporting[replication]))
        seen = is_reported(events, held, seed)
        columns = (c[seen] for c in (events.kind, events.channel, events.at_s))
        counted = numbers_of(program, lo_s, hi_s, *columns)
        shares = tally.values[0, order].reshape(channels, -1) / (hi_s - lo_s)
        yield np.concatenate([counted, shares], axis=1)


def reported_in(fit: Fit, places: Ints) -> tuple[Floats, Floats]:
    """Return the probability that a refusal is reported, of worlds of the prior and of those of the
    draws at some places."""
    span = fit.setup.reported
    if fit.reported is None or span is None:
        fixed = np.full(len(places), fit.reporting)
        return fixed, fixed
    key = stream_key("learn/prior-reported")
    u = np.array([uniforms(fit.seed, *key, n, 0)[0] for n in range(len(places))])
    return span[0] + (span[1] - span[0]) * u, fit.reported.ravel()[places]


def predict(fit: Fit, worlds: int = WORLDS) -> list[Predicted]:
    """Run worlds of the prior and of the posterior beside a record; every number of a channel."""
    program = compile_scenario(given_world(fit.design), shown=True)
    places = evenly(worlds, len(fit.pooled))
    laws = [prior_draws(fit.parameters, fit.seed, worlds), fit.pooled[places]]
    prior, posterior = (
        np.array(list(world_numbers(program, fit.parameters, law, reporting, fit.seed)))
        for law, reporting in zip(laws, reported_in(fit, places), strict=True)
    )
    record = record_numbers(fit.design)
    what = [*COUNTED.values(), SILENCE, *(SHARE.format(STATE_LABELS[s]) for s in STATES)]
    return [
        Predicted(channel, name, float(record[c, n]), prior[:, c, n], posterior[:, c, n])
        for c, (channel, setup) in enumerate(channels_of(fit.design.scenario).items())
        for n, name in enumerate(what)
        if name not in {SHARE.format(STATE_LABELS[state]) for state in setup.leave_out}
    ]


def predicted_rows(found: list[Predicted]) -> list[dict[str, Any]]:
    """Return predictions as plain rows: the record, and the middle and 9 in 10 of either law."""
    rows = []
    for p in found:
        row: dict[str, Any] = {"channel": p.channel, "what": p.what, "record": p.record}
        for name, values in (("prior", p.prior), ("posterior", p.posterior)):
            low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
            row |= {f"{name}_q05": low, f"{name}_median": middle, f"{name}_q95": high}
        rows.append(row | {"surprise": p.surprise})
    return rows
