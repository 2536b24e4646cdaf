"""The kernel beside its peers, in one run: SimPy (`world`), Mesa 3, and C.

All run the same scenario over the same draws, one core each. Rounds are interleaved, so that a busy
machine is busy for all; times are CPU times. First it is asserted that all do the same work.

    python benchmarks/peers.py [--rounds 9]
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields

import mesa_model
import numpy as np
from machine import ROOT, SCENARIO, compiler, described, print_table
from native import Native

from sim.kernel import run as kernel
from sim.log.events import KINDS
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.eventtable import Events, compare, events_of_world, join
from sim.model.replication import replicate
from sim.model.situation import Situation
from sim.model.tally import Tally, blank, count
from sim.scenario.interventions import run_type
from sim.scenario.resolve import load_scenario

PLAIN = ("-O3",)
NATIVE = ("-O3", "-march=native", "-ffp-contract=off")
TARGETS = {"Mesa 3": 100.0, "SimPy (`world`)": 40.0, "C, `-O3`": 1.0}
"""How many times faster the kernel is to be."""


@dataclass
class Peer:
    """Something that runs replications 0 to `number - 1` of a program, tally included."""

    name: str
    run: Callable[[int], Tally]
    number: int
    """Replications of one round."""
    seconds: list[float] = field(default_factory=list)

    def per_replication_us(self, chosen: Callable[[list[float]], float]) -> float:
        """Return the CPU time of a replication, in microseconds."""
        return chosen(self.seconds) / self.number * 1e6


def one_by_one(
    program: CompiledScenario, number: int, situation_of: Callable[[int], Situation]
) -> tuple[Tally, Events]:
    """Run replications that give a situation each; return their tally and events."""
    tally, tables = blank(program, number), []
    for row in range(number):
        situation = situation_of(row)
        count(program, situation, tally, row)
        tables.append(events_of_world(situation, row))
    return tally, join(tables)


def unequal(left: Tally, right: Tally) -> list[str]:
    """List the arrays in which two tallies differ."""
    names = [f.name for f in fields(Tally)]
    return [n for n in names if not np.array_equal(getattr(left, n), getattr(right, n))]


def same_work(program: CompiledScenario, seed: int, native: Native, number: int, few: int) -> int:
    """Assert that all peers yield the same events and the same tally; return how many events."""
    tally, events = kernel.run(program, seed, 0, number, events=True)
    assert events is not None
    assert len(events) > 0
    tally_c, happened, events_c = native.run(seed, 0, number, len(events))
    assert happened == len(events), (happened, len(events))
    assert events_c is not None
    assert compare(events, events_c) == len(events), compare(events, events_c)
    assert not unequal(tally, tally_c), unequal(tally, tally_c)
    some, expected = kernel.run(program, seed, 0, few, events=True)
    assert expected is not None
    for name, situation_of in (
        ("world", lambda row: replicate(program, seed, row).situation),
        ("mesa", lambda row: mesa_model.run(program, seed, row)),
    ):
        tally_p, events_p = one_by_one(program, few, situation_of)
        assert compare(expected, events_p) == len(expected), (name, compare(expected, events_p))
        assert not unequal(some, tally_p), (name, unequal(some, tally_p))
    return len(events)


def of_bursts(program: CompiledScenario, seed: int, number: int) -> float:
    """Return how many opportunities bursts bring a replication; routine ones follow from rates."""
    worlds = [replicate(program, seed, row) for row in range(number)]
    points = [p.at_s for w in worlds for opened in w.opened for p in w.points(opened)]
    return sum(program.as_of_s <= at_s < program.until_s for at_s in points) / number


def forecasts() -> list[CompiledScenario]:
    """Every scenario of the repository that `peer.c` knows: neither what-ifs, nor those that draw
    their weights from a fit."""
    loaded = [load_scenario(path) for path in sorted((ROOT / "scenarios").glob("*.yaml"))]
    programs = [compile_scenario(s) for s in loaded if run_type(s) != "what-if"]
    return [p for p in programs if len(p.doctrines.weights) == 1]


def measured(peers: list[Peer], rounds: int) -> None:
    """Time every peer once a round."""
    for peer in peers:
        peer.run(10)
    gc.collect()
    gc.freeze()  # what lives for ever is not to be searched for garbage in the peers' time
    for _ in range(rounds):
        for peer in peers:
            gc.collect()
            begun = time.process_time()
            peer.run(peer.number)
            peer.seconds.append(time.process_time() - begun)


def main() -> None:
    """Assert, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--replications", type=int, default=4000, help="of the compiled peers")
    options = parser.parse_args()
    scenario = load_scenario(SCENARIO)
    program, seed = compile_scenario(scenario), scenario.ensemble.seed
    number, few = options.replications, 100
    print(described("numba", "numpy", "simpy", "mesa"), compiler(), sep="; ")

    native, tuned = Native(program, *PLAIN), Native(program, *NATIVE)
    events = same_work(program, seed, native, number, few)
    streams, days = program.streams, (program.until_s - program.as_of_s) / 86400
    expected = float(streams.rate.sum()) * days + int((streams.forum >= 0).sum())
    print(
        f"new-delhi: the same {events:,} events in {number:,} replications of kernel and C, and "
        f"the same in the first {few} of all; {events / number:.0f} events and some "
        f"{expected:,.0f} routine opportunities a replication, and "
        f"{of_bursts(program, seed, few):.0f} of bursts"
    )
    tally, _ = kernel.run(program, seed, 0, few)
    kinds = {k: int(n) for k, n in zip(KINDS, tally.events, strict=True) if n}
    print(f"simulated events of the first {few} by kind: {kinds}")
    others = 0
    found = forecasts()
    for other in found:
        others += same_work(other, 7, Native(other, *PLAIN), 100, 5)
    print(f"{len(found)} forecasts of the repository: the same {others:,} events in 100 of each")

    def through(situation_of: Callable[[int], Situation]) -> Callable[[int], Tally]:
        def run(replications: int) -> Tally:
            tally = blank(program, replications)
            for row in range(replications):
                count(program, situation_of(row), tally, row)
            return tally

        return run

    peers = [
        Peer("kernel", lambda n: kernel.run(program, seed, 0, n)[0], number),
        Peer("C, `-O3`", lambda n: native.run(seed, 0, n)[0], number),
        Peer("C, `-O3 -march=native`", lambda n: tuned.run(seed, 0, n)[0], number),
        Peer("SimPy (`world`)", through(lambda r: replicate(program, seed, r).situation), few),
        Peer("Mesa 3", through(lambda r: mesa_model.run(program, seed, r)), few),
    ]
    measured(peers, options.rounds)
    base = peers[0]
    rows = []
    for peer in peers:
        median, least = (peer.per_replication_us(f) for f in (statistics.median, min))
        by_median = median / base.per_replication_us(statistics.median)
        paired = [p / peer.number for p in peer.seconds]
        ratios = [p / (b / base.number) for p, b in zip(paired, base.seconds, strict=True)]
        rows.append(
            (
                peer.name, f"{1e6 / median:,.0f}", f"{median:,.1f}", f"{least:,.1f}",
                f"{by_median:.2f}", f"{least / base.per_replication_us(min):.2f}",
                f"{min(ratios):.2f} to {max(ratios):.2f}",
            )
        )  # fmt: skip
    head = (
        "",
        "replications/s",
        "µs, median",
        "µs, least",
        "× kernel (median)",
        "× kernel (least)",
    )
    print_table((*head, "× kernel (rounds)"), rows)
    for peer in peers:
        if peer.name in TARGETS:
            times = peer.per_replication_us(min) / base.per_replication_us(min)
            verdict = "met" if times >= TARGETS[peer.name] else "MISSED"
            print(f"target: {TARGETS[peer.name]:g} times {peer.name}: {times:.2f}, {verdict}")


if __name__ == "__main__":
    main()
