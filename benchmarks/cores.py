"""One worker and two: how much faster an ensemble is on two cores.

Wall time is what counts here, so other load on the machine falsifies it: the least of several
interleaved rounds is taken. Beside it stands what CPU times say, which load hardly touches: with
two cores free, two workers need what the main thread spends and half of what the others spend.

    python benchmarks/cores.py [--replications 100000]
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import fields

import numpy as np
from machine import SCENARIO, described, print_table

from sim.ensemble.ensemble import ensemble
from sim.ensemble.settings import Settings
from sim.model.compiling import compile_scenario
from sim.model.tally import Tally
from sim.scenario.resolve import load_scenario


def main() -> None:
    """Measure both, assert that the results are the same, and print the speed-up."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--replications", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    program = compile_scenario(load_scenario(SCENARIO))
    number = options.replications
    print(described("numba", "numpy"))
    ensemble(program, Settings(10, 1))
    wall: dict[int, list[float]] = {1: [], 2: []}
    cpu: dict[int, list[float]] = {1: [], 2: []}
    alone: dict[int, list[float]] = {1: [], 2: []}
    tallies: dict[int, Tally] = {}
    for _ in range(options.rounds):
        for workers in (1, 2):
            begun, spent, main_s = time.perf_counter(), time.process_time(), time.thread_time()
            tallies[workers] = ensemble(program, Settings(number, 1, workers=workers))
            wall[workers].append(time.perf_counter() - begun)
            cpu[workers].append(time.process_time() - spent)
            alone[workers].append(time.thread_time() - main_s)
    for f in fields(Tally):
        one, two = (getattr(tallies[n], f.name) for n in (1, 2))
        assert np.array_equal(one, two), f.name
    events = int(tallies[1].events.sum())
    assert events > 0
    rows = []
    for workers in (1, 2):
        w, c = wall[workers], cpu[workers]
        rows.append(
            (
                str(workers), f"{min(w):.2f}", f"{sorted(w)[len(w) // 2]:.2f}", f"{min(c):.2f}",
                f"{number / min(w):,.0f}", f"{min(wall[1]) / min(w):.2f}",
            )
        )  # fmt: skip
    head = ("workers", "s, least", "s, median", "CPU s, least", "replications/s", "speed-up")
    print_table(head, rows)
    print(f"\nthe same tally of {events:,} events; load now {os.getloadavg()[0]:.1f}")
    free_s = min(m + (c - m) / 2 for m, c in zip(alone[2], cpu[2], strict=True))
    print(f"with two cores free, by CPU times: {min(cpu[1]) / free_s:.2f}")
    pairs = [a / b for a, b in zip(wall[1], wall[2], strict=True)]
    print(f"speed-up by round: {', '.join(f'{p:.2f}' for p in pairs)}")


if __name__ == "__main__":
    main()
