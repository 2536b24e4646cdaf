"""What it costs to draw the weights of each world from a fit.

In turns: worlds with one set of weights; the same worlds over a fit whose draws are all that set,
which must be equal to the last bit; worlds over 200 draws of the shipped fit; and the plain way to
run these draws, a program for each.

    python benchmarks/fits.py
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
from machine import ROOT, described, print_table

from sim.kernel import run as kernel
from sim.model.compiled_scenario import CompiledScenario, Floats
from sim.model.compiling import compile_scenario
from sim.model.fit_draw import draws_of
from sim.model.tally import Tally
from sim.scenario.resolve import load_scenario

SCENARIO = ROOT / "scenarios" / "learned-record.yaml"
DRAWS, EACH, ROUNDS, SEED = 200, 50, 7, 1
WORLDS = DRAWS * EACH


def over(program: CompiledScenario, weights: Floats) -> CompiledScenario:
    """The program with these weights [draws, doctrines, decisions, features]."""
    return replace(program, doctrines=replace(program.doctrines, weights=weights))


def equal(left: Tally, right: Tally) -> bool:
    """Whether two tallies are the same, number by number."""
    return all(np.array_equal(getattr(left, f.name), getattr(right, f.name)) for f in fields(Tally))


def main() -> None:
    """Measure, and print a table."""
    program = compile_scenario(load_scenario(SCENARIO))
    drawn = program.doctrines.weights[:DRAWS]
    one, many = over(program, drawn[:1]), over(program, np.repeat(drawn[:1], DRAWS, axis=0))
    fit, apart = over(program, drawn), [over(program, drawn[n : n + 1]) for n in range(DRAWS)]

    def separately() -> Tally:
        return [kernel.run(p, SEED, n * EACH, EACH)[0] for n, p in enumerate(apart)][-1]

    ways: dict[str, Callable[[], Tally]] = {
        "one set of weights": lambda: kernel.run(one, SEED, 0, WORLDS)[0],
        f"{DRAWS} equal draws": lambda: kernel.run(many, SEED, 0, WORLDS)[0],
        f"a fit of {DRAWS} draws": lambda: kernel.run(fit, SEED, 0, WORLDS)[0],
        f"{DRAWS} programs of {EACH} worlds": separately,
    }
    first = {name: run() for name, run in ways.items()}
    names = list(ways)
    assert equal(first[names[0]], first[names[1]])
    assert not equal(first[names[0]], first[names[2]])
    assert len(np.unique(draws_of(DRAWS, SEED, WORLDS))) == DRAWS
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, run in ways.items():
            began = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - began)
    base = times[names[0]]
    rows = []
    for name, taken in times.items():
        ratios = [t / b for t, b in zip(taken, base, strict=True)]
        by_round = f"{min(ratios):.2f} to {max(ratios):.2f}"
        events = int(first[name].events.sum()) / first[name].replications
        middle = statistics.median(taken)
        rows.append(
            (name, f"{middle:.3f}", f"{statistics.median(ratios):.2f}", by_round, f"{events:.2f}")
        )
    print(described("numba", "numpy"))
    print(f"{WORLDS:,} worlds of {SCENARIO.name}, one core\n")
    print_table(("way", "s, median", "times the first", "by round", "events a world"), rows)


if __name__ == "__main__":
    main()
