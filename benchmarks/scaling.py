"""From 1 channel to 1,000: what an event costs, as the number of streams grows.

The next event is found in a tree over all streams, so its cost may grow with their logarithm, and
with nothing else that the number of channels brings. The scenario is generated: every channel has
two parties of its own pair, the usual streams of both and a forum; every other one has a stream of
the world too.
What a chunk costs once (its memory, and adding up along the grid) is measured apart, as what is
left when a run of three times the replications costs three times as much.

    python benchmarks/scaling.py [--csv scaling.csv]
"""

from __future__ import annotations

import argparse
import csv
import math
import statistics
import time
from itertools import combinations
from pathlib import Path

import numpy as np
from machine import described, print_table
from native import Native

from sim.ground.countries import countries
from sim.ground.yaml import Document
from sim.kernel import run as kernel
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.eventtable import compare
from sim.scenario.resolve import resolve

CHANNELS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
PARTIES = 46
"""Their pairs are more than 1,000."""
DAYS = 365


def generated(channels: int) -> CompiledScenario:
    """Compile a scenario with so many channels, each between another pair of parties."""
    codes = list(countries())[:PARTIES]
    pairs = list(combinations(codes, 2))
    step = len(pairs) // channels  # spread over all parties
    chosen = pairs[:: max(1, step)][:channels]
    ids = {f"{a.lower()}-{b.lower()}/ministers": (a, b) for a, b in chosen}
    world = {
        f"widens-{n}": {
            "kind": "escalation",
            "channel": id_,
            "by": parties[0],
            "rate_per_day": 0.008,
            "severity": [0.1, 0.6],
        }
        for n, (id_, parties) in enumerate(ids.items())
        if n % 2 == 0  # a scenario may hold 500
    }
    data = {
        "title": f"{channels} channels",
        "question": "What does an event cost?",
        "as_of": "2022-12-31",
        "until": "2023-12-31",
        "parties": {c: {"doctrine": "transactional"} for pair in chosen for c in pair},
        "channels": {id_: {"initial": "open"} for id_ in ids},
        "forums": {"assembly": {"date": "2023-09-19/2023-09-23"}},
        "world": world,
    }
    return compile_scenario(resolve(Document("generated.yaml", data)))


def cpu_s(program: CompiledScenario, replications: int, rounds: int) -> float:
    """Return the least CPU time of so many replications."""
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        kernel.run(program, 1, 0, replications)
        found.append(time.process_time() - begun)
    return min(found)


def same_work(program: CompiledScenario, replications: int) -> int:
    """Assert that C yields the same events; return their number after the as-of date."""
    tally, events = kernel.run(program, 1, 0, replications, events=True)
    assert events is not None
    tally_c, happened, events_c = Native(program, "-O3").run(1, 0, replications, len(events))
    assert events_c is not None
    assert happened == len(events)
    assert compare(events, events_c) == len(events), compare(events, events_c)
    assert np.array_equal(tally.occupancy, tally_c.occupancy)
    number = int(tally.events.sum())
    assert number > 0
    return number


def main() -> None:
    """Measure, print a table and a plot in letters, and hold the curve against a logarithm."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--csv", type=Path, help="write the points there")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(described("numba", "numpy"))
    points: list[dict[str, float]] = []
    for channels in CHANNELS:
        program = generated(channels)
        streams = len(program.streams.names)
        assert len(program.channels.names) == channels
        few = max(1, 400 // channels)
        number = same_work(program, few)
        once, thrice = (cpu_s(program, n * few, options.rounds) for n in (1, 3))
        spent_s = (thrice - once) / 2
        opportunities = few * (float(program.streams.rate.sum()) * DAYS + 2 * channels)
        points.append(
            {
                "channels": channels,
                "streams": streams,
                "events": number,
                "us_per_event": spent_s / number * 1e6,
                "ns_per_opportunity": spent_s / opportunities * 1e9,
                "chunk_ms": max(0.0, once - spent_s) * 1e3,
            }
        )
    base = points[0]
    rows = []
    for p in points:
        ratio = p["us_per_event"] / base["us_per_event"]
        allowed = math.log2(p["streams"]) / math.log2(base["streams"])
        rows.append(
            (
                f"{p['channels']:,}", f"{p['streams']:,}", f"{p['events']:,}",
                f"{p['us_per_event']:.3f}", f"{p['ns_per_opportunity']:.1f}", f"{ratio:.2f}",
                f"{allowed:.2f}", f"{p['chunk_ms']:.1f}",
            )
        )  # fmt: skip
    head = ("channels", "streams", "events", "µs/event", "ns/opportunity", "× 1 channel")
    print_table((*head, "× log of streams", "ms/chunk, once"), rows)
    logs = [math.log2(p["streams"]) for p in points]
    costs = [p["us_per_event"] for p in points]
    slope, offset = statistics.linear_regression(logs, costs)
    fit = statistics.correlation(logs, costs) ** 2
    print(f"\nµs/event = {offset:.3f} + {slope:.4f} · log2(streams), R² {fit:.2f}")
    print("\nµs/event by log2(streams)")
    for p, x in zip(points, logs, strict=True):
        bar = "#" * round(60 * p["us_per_event"] / max(costs))
        print(f"{x:5.1f} {bar} {p['us_per_event']:.3f}")
    if options.csv:
        with options.csv.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(base))
            writer.writeheader()
            writer.writerows(points)
    worst = max(
        (p["us_per_event"] / base["us_per_event"])
        / (math.log2(p["streams"]) / math.log2(base["streams"]))
        for p in points
    )
    verdict = "met" if worst <= 1.1 else "MISSED"  # a tenth for a noisy machine
    print(f"target: cost over log2(streams) never above that of 1 channel: {worst:.2f}, {verdict}")


if __name__ == "__main__":
    main()
