"""Which imprecise dates are weighed, and which of them together.

A date is weighed where the log is complete and something was decided near: at a pair of parties
that the event concerns, in its span or up to `REACH_DAYS` after it. Two such dates belong together
where one can come before what the other reaches, or one bounds the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.ground.dates import DAY_S
from sim.model.compiled_scenario import DECIDED, MET, NO_TIME, CompiledScenario, pairs_of
from sim.model.walk import of

REACH_DAYS = 60
"""For so many days after an event what is decided says when the event was."""
REACH_S = REACH_DAYS * DAY_S


@dataclass(frozen=True)
class Block:
    """Dates that are weighed together."""

    facts: tuple[int, ...]
    """Facts by place, in order."""
    dyads: frozenset[int]
    """The pairs of parties that they concern."""


def date_blocks(program: CompiledScenario) -> list[Block]:
    """Return the blocks of a history, by their first facts."""
    facts, past = program.facts, of(program)
    spans = list(zip(facts.lo_s.tolist(), facts.hi_s.tolist(), strict=True))
    pairs = [dyads_of(program, f) for f in range(facts.before)]
    decisions = [f for f in range(facts.before) if past.role[f] in (DECIDED, MET)]

    def reaches(f: int, g: int) -> bool:
        return bool(pairs[f] & pairs[g]) and spans[g][0] < spans[f][1] + REACH_S

    def near(f: int, g: int) -> bool:
        return reaches(f, g) and spans[f][0] < spans[g][1]

    weighed = [
        f
        for f in range(facts.before)
        if facts.wish_s[f] == NO_TIME
        and spans[f][1] - spans[f][0] > 1
        and spans[f][0] >= past.start_s
        and any(near(f, g) for g in decisions)
    ]
    group = {f: f for f in weighed}

    def first_of(f: int) -> int:
        while group[f] != f:
            f = group[f]
        return f

    for n, f in enumerate(weighed):
        bounds = facts.causes[facts.cause_start[f] : facts.cause_start[f + 1]].tolist()
        for g in weighed[:n]:
            if g in bounds or (reaches(f, g) and reaches(g, f)):
                a, b = sorted((first_of(f), first_of(g)))
                group[b] = a
    blocks: dict[int, list[int]] = {}
    for f in weighed:
        blocks.setdefault(first_of(f), []).append(f)
    return [
        Block(tuple(b), frozenset[int]().union(*(pairs[f] for f in b))) for b in blocks.values()
    ]


def dyads_of(program: CompiledScenario, f: int) -> frozenset[int]:
    """Return the pairs of parties that an event concerns, by itself or by what it opens."""
    facts, attention, channels = program.facts, program.attention, program.channels
    rows = attention.row[attention.fact_start[f] : attention.fact_start[f + 1]]
    found = {int(channels.dyad[program.streams.channel[s]]) for s in attention.stream[rows]}
    if facts.elsewhere[f]:
        return frozenset(found)
    if facts.channel[f] >= 0:
        return frozenset(found | {int(channels.dyad[facts.channel[f]])})
    who = (int(facts.by[f]), int(facts.national[f]), int(facts.holder[f]))
    return frozenset(found.union(pairs_of(program.dyad_party.tolist(), *who)))
