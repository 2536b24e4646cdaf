"""Compiling the attention table: which rows an event may open, and the bursts of coded events."""

from __future__ import annotations

from collections import defaultdict

from sim.ground.draws import stream_key
from sim.log.events import KIND_CODE, KINDS, Event
from sim.model.bursts import burst_words, is_asked
from sim.model.compiled_scenario import (
    STREAM_KINDS,
    Attention,
    Facts,
    Streams,
    floats,
    ints,
    pairs_of,
    starts,
)
from sim.model.compiling_names import Names
from sim.scenario.attention import TOWARD, Burst


def compile_attention(
    names: Names,
    events: list[Event],
    coded: int,
    facts: Facts,
    streams: Streams,
    forums: tuple[str, ...],
) -> Attention:
    """Compile the rows, and the bursts of coded events: `coded` of history, then agreements that it
    implies, which nobody saw, then forced ones."""
    places = {
        (int(c), int(side), STREAM_KINDS[kind]): s
        for s, (kind, c, side) in enumerate(
            zip(streams.kind, streams.channel, streams.side, strict=True)
        )
        if side >= 0 and streams.rate[s] > 0.0
    }
    rows: list[tuple[str, str, int, int, Burst]] = []
    for (c, _, act), s in places.items():
        for name, burst in names.scenario.attention.items():
            if burst.act == act and burst.m > 0.0:
                of = f"{streams.names[s]}/after/{name}"
                rows += [(f"{of}/{kind}", kind, c, s, burst) for kind in burst.opener]
    rows.sort(key=lambda row: row[0])
    number = {pair: d for d, pair in enumerate(names.dyads)}
    sides = [channel.parties for channel in names.channels.values()]
    dyads = [number[names.party[a], names.party[b]] for a, b in sides]
    here: dict[tuple[int, int], list[int]] = defaultdict(list)
    """(kind, channel) to the rows that an event on it opens there."""
    under: dict[tuple[int, int], list[int]] = defaultdict(list)
    """(kind, channel) to the rows there that an event on a higher level opens."""
    pairs: dict[tuple[int, int], list[int]] = defaultdict(list)
    for a, (_, kind, c, _, burst) in enumerate(rows):
        if burst.level == "same":
            here[KIND_CODE[kind], c].append(a)
            pairs[KIND_CODE[kind], dyads[c]].append(a)
        else:
            under[KIND_CODE[kind], c].append(a)
    below = {id_: names.below(id_) for id_ in {*names.channels, *(e.channel or "" for e in events)}}

    def opened(kind: int, channel: str) -> list[int]:
        found = [a for c in below[channel] for a in under[kind, c]]
        if channel in names.channels:
            found += here[kind, names.channel[channel]]
        return sorted(found)

    channel_rows = [opened(k, id_) for k in range(len(KINDS)) for id_ in names.channels]
    pair_rows = [pairs[k, d] for k in range(len(KINDS)) for d in range(len(names.dyads))]
    key = ints((stream_key(row[0]) for row in rows), 2)
    toward = ints(TOWARD.index(row[4].side) for row in rows)
    stream = ints(row[3] for row in rows)
    fact_rows: list[list[int]] = []
    for f, event in enumerate(events):
        code = int(facts.kind[f])
        by, national, holder = int(facts.by[f]), int(facts.national[f]), int(facts.holder[f])
        if event.channel is not None:
            found = opened(code, event.channel)
        else:
            reached = pairs_of(names.dyads, by, national, holder)
            found = [a for d in reached for a in pairs[code, d]]
        by = holder if national >= 0 else by
        seen = not coded <= f < facts.before
        asked = [a for a in found if is_asked(int(toward[a]), int(streams.by[stream[a]]), by)]
        fact_rows.append(asked if seen else [])
    fact_key = ints((stream_key(f"event/{e.id}") for e in events), 2)
    opener = [f for f, asked in enumerate(fact_rows) for _ in asked]
    row = [a for asked in fact_rows for a in asked]
    words = [
        burst_words(int(fact_key[f, 0]), int(fact_key[f, 1]), 0, 0, int(key[a, 0]), int(key[a, 1]))
        for f, a in zip(opener, row, strict=True)
    ]
    first = {
        (facts.ids[f], int(facts.kind[f]), a): b
        for b, (f, a) in enumerate(zip(opener, row, strict=True))
        if f < facts.before
    }
    return Attention(
        names=tuple(r[0] for r in rows),
        stream=stream,
        toward=toward,
        m=floats(r[4].m for r in rows),
        tau_days=floats(r[4].tau_days for r in rows),
        key=key,
        channel_start=starts(channel_rows),
        channel_rows=ints(a for group in channel_rows for a in group),
        pair_start=starts(pair_rows),
        pair_rows=ints(a for group in pair_rows for a in group),
        fact_key=fact_key,
        fact_start=starts(fact_rows),
        row=ints(row),
        opener=ints(opener),
        words=ints(words, 2),
        origin=ints(
            first.get((facts.ids[f], int(facts.kind[f]), a), -1)
            for f, a in zip(opener, row, strict=True)
        ),
        forum_key=ints((stream_key(f"forum/{m}") for m in forums), 2),
        channel_word=ints(stream_key(f"channel/{c}")[0] for c in names.channels),
        party_word=ints(stream_key(f"party/{p}")[0] for p in names.parties),
    )
