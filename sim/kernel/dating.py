"""The law of imprecise dates given the history, as placements from which both executors draw.

A date by itself is weighed in cells of its span; dates that belong together are placed by a chain.
This is worked out once for a history, from the coded events and the doctrines at the start alone:
changes, inserted events and draws of weights have no part in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from sim.ground.draws import compiled_slowly, exp, stream_key
from sim.kernel import memory as k
from sim.kernel.abduction import factual
from sim.kernel.chain import run_chain, weigh_one
from sim.kernel.memory import Arrays
from sim.kernel.sources import sources_digest
from sim.kernel.weighing import Guide
from sim.model.coded import lead_span
from sim.model.compiled_scenario import (
    DECIDED,
    NO_TIME,
    CompiledScenario,
    Dates,
    Floats,
    Ints,
    ints,
    starts,
)
from sim.model.dateblocks import REACH_S, Block, date_blocks, dyads_of
from sim.model.dating import placed_instants
from sim.model.situation import AGREED
from sim.model.walk import of

CELLS = 64
"""Cells of a date that is weighed by itself; the instants of other events divide them further."""
STEPS, MOST_ROUNDS, LEAST_ROUNDS, SETTLING = 6_000, 1_000, 100, 50
"""Steps of a chain, about; the most and the least rounds that are kept; and rounds before them."""


def _compile(sources: int) -> Any:
    @compiled_slowly("the law of dates", 18, 8)
    def chain(
        v: Arrays, g: Guide, members: Ints, links: Ints, x: Ints, y: Ints,
        first: int, kept: Ints,
    ) -> int:  # fmt: skip
        run_chain(v, g, members, links, x, y, first, kept)
        return sources

    return chain


def _compile_cells(sources: int) -> Any:
    @compiled_slowly("the law of a date", 15, 3)
    def cells_of(
        v: Arrays, g: Guide, f: int, x: Ints, y: Ints, ends: Ints, cells: Ints,
        likely: Floats,
    ) -> int:  # fmt: skip
        weigh_one(v, g, f, x, y, ends, cells, likely)
        return sources

    return cells_of


_SOURCES = sources_digest()
place_together, weigh_cells = _compile(_SOURCES), _compile_cells(_SOURCES)


@dataclass(frozen=True)
class Placed:
    """The placements of one block."""

    ids: tuple[str, ...]
    share: Floats
    """[rows] the share of each and of those before it."""
    lo_s: Ints
    width_s: Ints
    """[rows, dates]"""


@dataclass(frozen=True)
class Law:
    """The law of a history's dates."""

    blocks: tuple[Placed, ...]
    lead: frozenset[str]
    """Agreements of which a meeting's drawn date lies as far ahead as the model has it."""


def law_by(program: CompiledScenario, most_rounds: int = MOST_ROUNDS) -> Law:
    """Work out the law of a history's dates; `program` is that history, with its past to be
    retraced. A chain keeps so many rounds at most."""
    blocks = date_blocks(program)
    lead = frozenset(program.facts.ids[f] for f in leading(program).nonzero()[0].tolist())
    if not blocks:
        return Law((), lead)
    v = factual(program).world
    v.ints[k.BURST_ROWS] = 0  # a walk asks for intensities, and draws no opportunities
    return Law(tuple(place(program, v, block, most_rounds) for block in blocks), lead)


def leading(program: CompiledScenario) -> Ints:
    """Mark the agreements whose meeting may lie as far ahead as the model has it."""
    facts, past = program.facts, of(program)
    least_s, most_s = lead_span(program)
    lo, hi = facts.meeting_s[:, 0], facts.meeting_s[:, 1]
    marks = (past.role == DECIDED) & (facts.kind == AGREED)
    marks &= (hi > facts.lo_s + least_s) & (lo < facts.hi_s + most_s)
    marks[facts.before :] = False
    return ints(marks)


def guide_of(program: CompiledScenario, block: Block, free: Ints) -> Guide:
    """Return what a walk for a block looks at."""
    streams, facts, past = program.streams, program.facts, of(program)
    channels = range(len(program.channels.names))
    rows: list[list[int]] = [[] for _ in streams.names]
    for a, s in enumerate(program.attention.stream.tolist()):
        rows[s].append(a)
    poisson = (streams.side >= 0) & (streams.forum < 0)
    mine = [
        [s for s in (poisson & (streams.channel == c)).nonzero()[0].tolist() if streams.rate[s] > 0]
        for c in channels
    ]
    early = streams.at_s[:, 0]
    here = (streams.forum >= 0) & (streams.side == 0)
    here &= (past.start_s <= early) & (early < program.as_of_s)
    asked = ints(int(d) in block.dyads for d in program.channels.dyad)
    forum = [s for s in here.nonzero()[0].tolist() if asked[streams.channel[s]]]
    approached = {
        (int(facts.forum[f]), int(facts.channel[f]))
        for f in range(facts.before)
        if past.role[f] == DECIDED and facts.forum[f] >= 0
    }
    return Guide(
        asked=asked,
        concerns=concerned(program, block),
        stream_start=starts(mine),
        stream=ints(s for group in mine for s in group),
        row_start=starts(rows),
        row=ints(a for group in rows for a in group),
        level=np.zeros(len(program.attention.stream)),
        level_s=np.zeros(len(program.attention.stream), dtype=np.int64),
        forum=ints(forum),
        passed=ints(
            int((int(streams.forum[s]), int(streams.channel[s])) not in approached) for s in forum
        ),
        brought=ints(brought(program, f, rows) for f in range(len(facts.ids))),
        free=free,
        lead=leading(program),
        feature=np.zeros(2 * program.doctrines.weights.shape[-1]),
    )


def concerned(program: CompiledScenario, block: Block) -> Ints:
    """Mark the events that concern the pairs of a block."""
    return ints(
        int(bool(dyads_of(program, f) & block.dyads)) for f in range(len(program.facts.ids))
    )


def brought(program: CompiledScenario, f: int, rows: list[list[int]]) -> int:
    """Return 1 for a fact that some stream can bring at all."""
    past, streams = of(program), program.streams
    candidates = past.candidates[past.candidate_start[f] : past.candidate_start[f + 1]].tolist()
    return int(any(streams.rate[s] > 0 or streams.forum[s] >= 0 or rows[s] for s in candidates))


def place(program: CompiledScenario, v: Arrays, block: Block, most_rounds: int) -> Placed:
    """Weigh the dates of a block."""
    facts, members = program.facts, ints(block.facts)
    free = np.zeros(len(facts.ids), dtype=np.int64)
    free[members] = 1
    guide = guide_of(program, block, free)
    x = ints(placed_instants(program, lambda f: 0.5))
    for f in (facts.wish_s[: facts.before] == NO_TIME).nonzero()[0].tolist():
        at_s = int(v.ints[k.T_FACT]) + k.F_WIDTH * f + k.F_WISH
        v.ints[at_s] = NO_TIME if free[f] else x[f]  # dates outside of the block have their middle
    ids = tuple(facts.ids[f] for f in block.facts)
    if len(members) == 1:
        share, cells = place_alone(program, v, guide, int(members[0]), x)
        return Placed(ids, share, cells[:, :1], cells[:, 1:])
    links = ints(
        (
            (c, f)
            for f in block.facts
            for c in facts.causes[facts.cause_start[f] : facts.cause_start[f + 1]].tolist()
            if free[c]
        ),
        2,
    )
    each = (3 * len(members) + len(links) + 1) // 2
    rounds = min(most_rounds, max(LEAST_ROUNDS, STEPS // each))
    kept = np.zeros((rounds, len(members)), dtype=np.int64)
    place_together(v, guide, members, links, x, x.copy(), SETTLING, kept)
    share = np.arange(1, rounds + 1) / rounds
    return Placed(ids, share, kept, np.ones_like(kept))


def place_alone(
    program: CompiledScenario, v: Arrays, guide: Guide, f: int, x: Ints
) -> tuple[Floats, Ints]:
    """Weigh one date in cells: return the share of each and of those before it, and the cells."""
    facts, lo, hi = program.facts, int(program.facts.lo_s[f]), int(program.facts.hi_s[f])
    ends = ints([lo, min(hi + REACH_S, program.as_of_s)])
    cuts = {lo + n * (hi - lo) // CELLS for n in range(CELLS + 1)}
    near = guide.concerns[: facts.before].nonzero()[0].tolist()
    cuts |= {int(x[g]) for g in near if g != f and lo < x[g] < hi}
    edges = sorted(cuts)
    cells = ints(((a, b - a) for a, b in pairwise(edges)), 2)
    likely = np.zeros(len(cells))
    weigh_cells(v, guide, f, x, x.copy(), ends, cells, likely)
    most = float(likely.max())
    weight = np.array([exp(a - most) for a in likely.tolist()]) * cells[:, 1]
    some = weight > 0.0
    share = np.cumsum(weight[some])
    return share / share[-1], cells[some]


def dates_by(program: CompiledScenario, law: Law) -> Dates:
    """Return the dates of a program by the law of its history: of coded events, also where one is
    put in again as it was."""
    facts, block = program.facts, np.full(len(program.facts.ids), -1, dtype=np.int64)
    member, lead = np.zeros_like(block), np.zeros_like(block)
    known: dict[str, tuple[int, int]] = {}
    for n, placed in enumerate(law.blocks):
        known |= {id_: (n, m) for m, id_ in enumerate(placed.ids)}
    first = {id_: f for f, id_ in reversed(list(enumerate(facts.ids[: facts.before])))}
    for f, id_ in enumerate(facts.ids):
        coded = first.get(id_, -1)
        same = coded >= 0 and all(
            a[f] == a[coded] for a in (facts.lo_s, facts.hi_s, facts.wish_s, facts.answered)
        )
        if same and facts.wish_s[f] == NO_TIME and id_ in known:
            block[f], member[f] = known[id_]
        lead[f] = int(same and id_ in law.lead)
    sizes = [len(p.share) for p in law.blocks]
    members = [len(p.ids) for p in law.blocks]
    spans = [s * m for s, m in zip(sizes, members, strict=True)]

    def joined(parts: list[Any], kind: Any) -> Any:
        return np.concatenate([np.zeros(0, dtype=kind), *(p.ravel() for p in parts)])

    return Dates(
        block=block,
        member=member,
        lead=lead,
        members=ints(members),
        key=ints((stream_key(f"date/{p.ids[0]}") for p in law.blocks), 2),
        row_start=np.cumsum([0, *sizes], dtype=np.int64),
        share=joined([p.share for p in law.blocks], np.float64),
        place_start=np.cumsum([0, *spans], dtype=np.int64)[:-1],
        lo_s=joined([p.lo_s for p in law.blocks], np.int64),
        width_s=joined([p.width_s for p in law.blocks], np.int64),
    )
