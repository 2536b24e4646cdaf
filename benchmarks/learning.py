"""Learning from the wide record: its likelihood, its sampler, and the command as a whole.

The likelihood is laid beside the same formula in plain NumPy, and the two must agree. The sampler
is laid beside nutpie's No-U-Turn sampler on the same compiled likelihood; the means of all weights
must agree within Monte Carlo error. nutpie is needed here only:

    pip install nutpie
    python benchmarks/learning.py [--without-nutpie]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from arviz_stats.base import array_stats
from machine import ROOT, described, print_table

from sim.learning.arrays import prior_of, questions_in, rows_of, scratch_of
from sim.learning.compiled_calls import log_likelihood, log_posterior, to_weights
from sim.learning.design import Design, design_of
from sim.learning.mode import find_mode
from sim.learning.priors import Parameters, parameters_of
from sim.learning.sampling import Sampler
from sim.model.compiled_scenario import Floats
from sim.scenario.resolve import load_scenario

RECORD = ROOT / "scenarios" / "record.yaml"
DRAWS = 1_000
ROUNDS = 5


class Plain:
    """The likelihood and its gradient in plain NumPy, from the design itself."""

    def __init__(self, design: Design, parameters: Parameters, reporting: float) -> None:
        self.reporting, self.size = reporting, len(parameters)
        self.x = np.array([q.features for q in design.questions])
        self.block = np.array([q.block for q in design.questions])
        self.shape = (int(self.block.max()) + 1, self.x.shape[1])
        self.place = (parameters.block, parameters.feature)
        self.act = np.array([e.act for e in design.exposures])
        self.accept = np.array([e.accept for e in design.exposures])
        self.weight = np.array([e.weight for e in design.exposures])
        ways = [(n, a) for n, s in enumerate(design.shown) for a in s.alternatives]
        ways = [(n, a) for n, a in ways if reporting < 1.0 or not a.untold]
        self.event = np.array([n for n, _ in ways])
        rho = [
            (reporting if a.refused else 1) * (1 - reporting if a.untold else 1) for _, a in ways
        ]
        self.constant = np.log([a.weight * r for (_, a), r in zip(ways, rho, strict=True)])
        factors = [(n, q, yes) for n, (_, a) in enumerate(ways) for q, yes in a.factors]
        self.way, self.question = (np.array([f[k] for f in factors]) for k in (0, 1))
        self.yes = np.array([f[2] for f in factors])

    def __call__(self, weights: Floats) -> tuple[float, Floats]:
        """The value and the gradient."""
        whole = np.zeros(self.shape)
        whole[self.place] = weights
        logit = (self.x * whole[self.block]).sum(axis=1)
        p = 1.0 / (1.0 + np.exp(-logit))
        asked = self.accept >= 0
        q = np.where(asked, p[self.accept], 1.0)
        seen = np.where(asked, q + self.reporting * (1.0 - q), 1.0)
        expected = self.weight * p[self.act] * seen
        slope = np.zeros(len(p))
        np.add.at(slope, self.act, -expected * (1.0 - p[self.act]))
        hidden = self.weight * p[self.act] * (1.0 - self.reporting) * q * (1.0 - q)
        np.add.at(slope, self.accept[asked], -hidden[asked])
        signed = np.where(self.yes, logit[self.question], -logit[self.question])
        each = self.constant + np.bincount(self.way, -np.logaddexp(0.0, -signed))
        total = np.full(self.event[-1] + 1, -np.inf)
        np.logaddexp.at(total, self.event, each)
        share = np.exp(each - total[self.event])[self.way]
        np.add.at(slope, self.question, share * (self.yes - p[self.question]))
        gradient = np.zeros(self.shape)
        np.add.at(gradient, self.block, slope[:, None] * self.x)
        return float(total.sum() - expected.sum()), gradient[self.place]


def timed(work: Callable[[], object], times: int) -> float:
    """Return the seconds that a piece of work takes, over so many times."""
    begun = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begun) / times


def likelihoods(design: Design, parameters: Parameters) -> None:
    """Compare the compiled likelihood with plain NumPy, in interleaved rounds: with imprecise dates
    in the middle of their spans, as NumPy has them."""
    design = replace(design, dated=())
    rows_shown = []
    for reporting in (1.0, 0.5):
        rows, plain = rows_of(design, parameters, reporting), Plain(design, parameters, reporting)
        scratch, gradient, at = (
            scratch_of(rows),
            np.zeros(len(parameters)),
            parameters.shipped + 0.1,
        )
        value = log_likelihood(rows, scratch, at, gradient)
        other, slope = plain(at)
        assert abs(value - other) < 1e-9 * abs(value), (value, other)
        assert np.abs(gradient - slope).max() < 1e-9
        times: dict[str, list[float]] = {"compiled": [], "NumPy": []}
        for _ in range(ROUNDS):
            compiled = timed(lambda: log_likelihood(rows, scratch, at, gradient), 2_000)  # noqa: B023
            times["compiled"].append(compiled)
            times["NumPy"].append(timed(lambda: plain(at), 50))  # noqa: B023
        micro = {name: 1e6 * statistics.median(found) for name, found in times.items()}
        rows_shown.append(
            [
                f"refusals reported: {reporting:g}",
                f"{questions_in(rows):,}",
                f"{micro['compiled']:.0f}",
                f"{1e6 * min(times['compiled']):.0f}",
                f"{micro['NumPy']:.0f}",
                f"{micro['NumPy'] / micro['compiled']:.0f}",
            ]
        )
    head = ["value and gradient", "questions", "compiled, µs", "least", "NumPy, µs", "times"]
    print_table(head, rows_shown)


def summary(name: str, draws: Floats, seconds: float) -> list[str]:
    """Write a row about a sampler's draws [chains, draws, P]."""
    along = {"chain_axis": 0, "draw_axis": 1}
    effective = float(array_stats.ess(draws, method="bulk", **along).min())
    rhat = float(array_stats.rhat(draws, method="rank", **along).max())
    return [
        name,
        f"{seconds:.1f}",
        f"{effective:,.0f}",
        f"{effective / seconds:,.0f}",
        f"{rhat:.4f}",
    ]


def samplers(design: Design, parameters: Parameters, *, nutpie: bool) -> None:
    """Compare our sampler with nutpie's on one core each, both with their warm-up."""
    rows, law = rows_of(design, parameters, 0.5), prior_of(parameters)
    begun = time.perf_counter()
    mode = find_mode(rows, law)
    own = Sampler(rows, law, mode, 1, workers=1).draw(DRAWS)
    shown = [summary("Hamiltonian, preconditioned", own.weights, time.perf_counter() - begun)]
    if nutpie:
        begun = time.perf_counter()
        z = with_nutpie(rows, law, len(parameters))
        other = np.zeros_like(z)
        scratch = np.zeros(len(parameters))
        for chain, draw in np.ndindex(z.shape[:2]):
            to_weights(law, z[chain, draw].copy(), other[chain, draw], scratch)
        shown.append(summary("nutpie", other, time.perf_counter() - begun))
        agree(own.weights, other)
    print_table(["sampler, 4 chains of 1,000", "s", "least effective", "a second", "R-hat"], shown)


def agree(own: Floats, other: Floats) -> None:
    """Check that two samplers agree on the mean of every weight, within Monte Carlo error."""
    along = {"chain_axis": 0, "draw_axis": 1}
    effective = [array_stats.ess(d, method="bulk", **along) for d in (own, other)]
    means = [d.mean(axis=(0, 1)) for d in (own, other)]
    spread = [d.std(axis=(0, 1)) for d in (own, other)]
    error = np.sqrt(sum(s**2 / n for s, n in zip(spread, effective, strict=True)))
    z = (means[0] - means[1]) / error
    ratio = spread[0] / spread[1]
    rms, most = np.sqrt((z**2).mean()), np.abs(z).max()
    print(f"\nMeans of {len(z)} weights: rms z {rms:.2f}, largest {most:.2f}")
    print(f"Ratios of standard deviations: {ratio.min():.2f} to {ratio.max():.2f}")
    assert np.abs(z).max() < 4.5, "the samplers disagree"


def with_nutpie(rows: Any, law: Any, size: int) -> Floats:
    """Return draws [chains, draws, P] of z by nutpie."""
    import nutpie
    from nutpie.compiled_pyfunc import from_pyfunc

    def make_density() -> Callable[[Floats], tuple[float, Floats]]:
        scratch, gradient = scratch_of(rows), np.zeros(size)

        def density(z: Floats) -> tuple[float, Floats]:
            value = log_posterior(rows, law, scratch, np.ascontiguousarray(z), gradient)
            return value, gradient.copy()

        return density

    def make_expand(*_: object) -> Callable[[Floats], dict[str, Floats]]:
        return lambda z: {"z": np.array(z)}

    model = from_pyfunc(size, make_density, make_expand, [np.dtype("float64")], [(size,)], ["z"])
    kept = nutpie.sample(
        model, draws=DRAWS, tune=500, chains=4, cores=1, seed=1, progress_bar=False
    )
    return np.asarray(kept.posterior["z"])


def command() -> None:
    """Time `sim learn` with its page, in a process of its own, the code compiled before."""
    rows = []
    code = "import sys; from sim.cli.app import main; main()"
    for n in range(3):
        with tempfile.TemporaryDirectory() as folder:
            call = [sys.executable, "-c", code, "learn", str(RECORD), "--out", f"{folder}/fit"]
            begun, used = time.perf_counter(), os.times()
            subprocess.run(call, check=True, capture_output=True, cwd=folder)
            taken, now = time.perf_counter() - begun, os.times()
            assert (Path(folder) / "fit" / "report.html").is_file()
        cores = sum(now[k] - used[k] for k in (2, 3))  # of child processes
        rows += [[str(n), f"{taken:.1f}", f"{cores:.1f}"]] if n else []  # the first compiles
    print_table(["`sim learn scenarios/record.yaml`, with its page: try", "s", "s of cores"], rows)


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without-nutpie", action="store_true")
    asked = parser.parse_args()
    print(described("numba", "numpy", "arviz-stats", *([] if asked.without_nutpie else ["nutpie"])))
    design = design_of(load_scenario(RECORD))
    parameters = parameters_of(design.scenario, design.program)
    print(
        f"{len(design.exposures):,} moments, {len(design.shown)} shown, {len(parameters)} weights"
    )
    likelihoods(design, parameters)
    samplers(design, parameters, nutpie=not asked.without_nutpie)
    command()


if __name__ == "__main__":
    main()
