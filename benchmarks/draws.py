"""What the range over weights costs: `sim run` with its draws, page and figures, and without draws.

In turns, each in a fresh process, with everything compiled. The ratio is to stay below 1.5.

    python benchmarks/draws.py [--rounds 7]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import SCENARIO, described, print_table

COMMAND = (sys.executable, "-c", "from sim.cli.app import main; main()")
DRAWS, LIMIT = 200, 1.5


def whole(draws: int) -> tuple[float, float]:
    """Run the command; return its wall and CPU time in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        options = ["--draws", str(draws), "--out", str(out)]
        before, begun = os.times(), time.perf_counter()
        subprocess.run(
            [*COMMAND, "run", str(SCENARIO), *options], check=True, stdout=subprocess.DEVNULL
        )
        wall, after = time.perf_counter() - begun, os.times()
        told = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        over = [outcome["over_weights"] for outcome in told["outcomes"].values()]
        assert all((one is not None) == (draws > 0) for one in over)
        assert (out / "report.html").stat().st_size > 100_000
    spent = after.children_user + after.children_system
    return wall, spent - before.children_user - before.children_system


def main() -> None:
    """Measure both in turns, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    whole(DRAWS)  # warm
    found = [(whole(0), whole(DRAWS)) for _ in range(rounds)]
    print(described("numba", "numpy", "polars", "matplotlib"))
    rows = []
    for n, clock in enumerate(("wall", "CPU")):
        without, over = [a[n] for a, _ in found], [b[n] for _, b in found]
        ratios = [b / a for a, b in zip(without, over, strict=True)]
        middle = statistics.median(ratios)
        times = (f"{statistics.median(without):.2f}", f"{statistics.median(over):.2f}")
        by_round = f"{min(ratios):.2f} to {max(ratios):.2f}"
        rows.append((clock, *times, f"{middle:.2f}", by_round))
    heads = ("", "without draws, s", f"{DRAWS} draws, s", "times, median", "by round")
    print_table(heads, rows)
    assert float(rows[1][3]) < LIMIT


if __name__ == "__main__":
    main()
