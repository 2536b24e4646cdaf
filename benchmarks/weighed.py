"""How many opportunities the kernel weighs, of all that come: counted in plain Python.

The kernel counts nothing while it runs; without its compiler it is plain Python, whose parts can be
listened to.

    python benchmarks/weighed.py [--replications 40] [scenarios/new-delhi.yaml ...]
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["NUMBA_DISABLE_JIT"] = "1"  # before the kernel is imported

from machine import SCENARIO, print_table

from sim.ground import draws
from sim.kernel import abduction, counterfactual, deciding, replication
from sim.kernel import memory as k
from sim.kernel import run as kernel
from sim.model.compiling import compile_scenario
from sim.scenario.acts import ACTS
from sim.scenario.resolve import load_scenario

COUNTED: Counter[str] = Counter()


def is_act(w: k.Arrays, s: int) -> bool:
    """Whether a stream brings opportunities of an act."""
    return bool(w.ints[k.at(w, k.T_STREAM, k.S_WIDTH, s) + k.S_KIND] < len(ACTS))


def listen(name: str, counts: Callable[..., bool], *modules: Any) -> None:
    """Count the calls of a part of the kernel, wherever it was imported."""
    for module in modules:
        part = getattr(module, name)

        def counted(*arguments: Any, part: Any = part) -> Any:
            if counts(*arguments):
                COUNTED[name] += 1
            return part(*arguments)

        setattr(module, name, counted)


def come(program: Any) -> float:
    """Return how many routine opportunities come on average, those of the past of a what-if too."""
    streams, past = program.streams, program.past
    acts = streams.kind < len(ACTS)
    seconds = program.until_s - (program.as_of_s if past is None else past.start_s)
    return float(streams.rate[acts].sum() * seconds / 86_400 + (streams.forum >= 0).sum())


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("scenarios", nargs="*", type=Path, default=[SCENARIO])
    parser.add_argument("--replications", type=int, default=40)
    options = parser.parse_args()
    assert not draws.HAS_NUMBA
    listen("arrive", is_act, replication, counterfactual)
    listen("pass_candidate", is_act, abduction)
    listen("out_of_reach", lambda w, s, *_: is_act(w, s), deciding, abduction)
    listen("likelihood", lambda _, decision, *__: decision < len(ACTS), deciding, abduction)
    listen("follow", lambda w, *_: True, deciding)
    rows = []
    for path in options.scenarios:
        program, number = compile_scenario(load_scenario(path)), options.replications
        COUNTED.clear()
        kernel.run(program, 7, 0, number)
        each = {name: count / number for name, count in COUNTED.items()}
        whole = come(program)
        candidates = each["arrive"] + each.get("pass_candidate", 0.0)  # of the factual world too
        rows.append(
            (
                path.stem, f"{whole:,.0f}", f"{candidates:.0f}", f"{each['out_of_reach']:.0f}",
                f"{each['likelihood']:.0f}", f"{each['follow']:.0f}",
                f"{each['likelihood'] / whole:.1%}",
            )
        )  # fmt: skip
    head = ("a replication of", "come", "candidates", "held against a bound", "weighed", "taken")
    print_table((*head, "share weighed"), rows)


if __name__ == "__main__":
    main()
