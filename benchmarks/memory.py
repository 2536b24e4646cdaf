"""A million replications: peak memory. Each of two ways runs in a process of its own.

python benchmarks/memory.py [--replications 1000000]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

from machine import SCENARIO, described, print_table

LIMIT_MIB = 1024.0


def through_ensemble(number: int) -> int:
    """Run an ensemble; return how many events it counted."""
    from sim.ensemble.ensemble import ensemble
    from sim.ensemble.settings import Settings
    from sim.model.compiling import compile_scenario
    from sim.scenario.resolve import load_scenario

    scenario = load_scenario(SCENARIO)
    tally = ensemble(compile_scenario(scenario), Settings(number, scenario.ensemble.seed))
    assert tally.replications == number
    return int(tally.events.sum())


def until_precise(number: int) -> int:
    """Run until a precision that needs every replication; return how many events were counted."""
    from sim.report.runs import run

    finished = run(SCENARIO, replications=number, interval_width=0.0001)
    assert finished.replications == number, finished.replications
    return int(finished.tally.events.sum())


WAYS = {"ensemble": through_ensemble, "--interval-width 0.0001": until_precise}


def alone(way: str, number: int) -> None:
    """Run one way in this process and print what it took, as JSON."""
    begun = time.perf_counter()
    events = WAYS[way](number)
    used = resource.getrusage(resource.RUSAGE_SELF)
    measured = {
        "events": events,
        "rss_mib": used.ru_maxrss / 1024,
        "cpu_s": used.ru_utime + used.ru_stime,
        "wall_s": time.perf_counter() - begun,
    }
    print(json.dumps(measured))


def main() -> None:
    """Measure both ways, and assert that they stay below the limit."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--replications", type=int, default=1_000_000)
    parser.add_argument("--alone", choices=list(WAYS))
    options = parser.parse_args()
    if options.alone:
        alone(options.alone, options.replications)
        return
    print(described("numba", "numpy"))
    rows, events = [], set()
    for way in WAYS:
        command = [sys.executable, __file__, "--alone", way]
        command += ["--replications", str(options.replications)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
        events.add(found["events"])
        assert found["rss_mib"] < LIMIT_MIB, found
        figures = (f"{found['rss_mib']:,.0f}", f"{found['cpu_s']:.0f}", f"{found['wall_s']:.0f}")
        rows.append((way, f"{options.replications:,}", f"{found['events']:,}", *figures))
    assert len(events) == 1, events
    assert events != {0}
    print_table(("", "replications", "events", "peak MiB", "CPU s", "wall s"), rows)
    print(f"\ntarget: below {LIMIT_MIB:,.0f} MiB: met")


if __name__ == "__main__":
    main()
