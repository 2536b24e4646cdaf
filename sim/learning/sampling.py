"""Draws from the posterior: Hamiltonian Monte Carlo, preconditioned by Laplace's approximation.

In x = L' (z - mode), with L the Cholesky factor of the negative Hessian at the mode, the posterior
is nearly standard Normal, so all directions need the same step (Neal 2011, "MCMC using Hamiltonian
dynamics", in the Handbook of Markov Chain Monte Carlo). The step is set while a chain warms up, by
dual averaging (Hoffman and Gelman 2014, "The No-U-Turn Sampler", JMLR 15). Every number that a
chain draws is keyed by the seed, the chain and its own place in it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from sim.learning.arrays import scratch_of
from sim.learning.compiled_calls import advance
from sim.learning.hmc_chain import STEP, WARM_UP
from sim.learning.mode import Mode
from sim.learning.rows import Prior, Rows
from sim.model.compiled_scenario import Floats

CHAINS = 4


class Chain:
    """One chain: where it is, and what it has drawn."""

    def __init__(self, mode: Mode, number: int) -> None:
        size = len(mode.z)
        self.number, self.done = number, 0
        self.x = np.zeros(size)
        self.state = np.array([0.3, 0.0, 0.0, 0.0])
        self.work = np.zeros((6, size))
        self.weights = np.zeros((0, size))
        """[draws, P]."""
        self.likelihoods = np.zeros(0)
        """[draws] log-likelihood."""
        self.accepted = np.zeros(0)
        """[draws] probability that the proposal was accepted."""
        self.diverged = 0


@dataclass(frozen=True)
class Draws:
    """What the chains have drawn after they were warm: C chains of N draws of P weights."""

    weights: Floats
    """[C, N, P] in logits."""
    likelihoods: Floats
    """[C, N] log-likelihood, in nats."""
    accepted: float
    """Mean probability that a proposal was accepted."""
    diverged: int
    """Trajectories that lost their energy."""
    steps: tuple[float, ...]
    """[C] the step of each chain."""


class Sampler:
    """Several chains over one posterior, which can be drawn on."""

    def __init__(self, rows: Rows, prior: Prior, mode: Mode, seed: int, workers: int) -> None:
        """`workers` chains are drawn at once; their draws do not depend on it."""
        self.rows, self.prior, self.mode, self.seed = rows, prior, mode, seed
        self.workers = workers
        self.chains = [Chain(mode, number) for number in range(CHAINS)]

    def draw(self, count: int, progress: Callable[[int], None] | None = None) -> Draws:
        """Draw on until every chain has `count` draws; `progress` hears how many are done."""
        blocks = 100
        while any(len(c.accepted) < count + WARM_UP for c in self.chains):
            ask = min(blocks, count + WARM_UP - len(self.chains[0].accepted))
            if self.workers > 1:
                with ThreadPoolExecutor(self.workers) as pool:
                    list(pool.map(partial(self._advance, count=ask), self.chains))
            else:
                for chain in self.chains:
                    self._advance(chain, ask)
            if progress is not None:
                progress(sum(len(c.accepted) for c in self.chains))
        return self.drawn()

    def _advance(self, chain: Chain, count: int) -> None:
        weights = np.zeros((count, len(chain.x)))
        likelihoods, accepted = np.zeros(count), np.zeros(count)
        diverged = advance(
            self.rows,
            self.prior,
            scratch_of(self.rows),
            self.mode.z,
            self.mode.factor,
            self.seed,
            chain.number,
            len(chain.accepted),
            chain.x,
            chain.state,
            chain.work,
            weights,
            likelihoods,
            accepted,
        )
        chain.weights = np.concatenate([chain.weights, weights])
        chain.likelihoods = np.concatenate([chain.likelihoods, likelihoods])
        chain.accepted = np.concatenate([chain.accepted, accepted])
        chain.diverged += diverged

    def drawn(self) -> Draws:
        """Return what was drawn so far, without the warm-up."""
        kept = [slice(WARM_UP, len(c.accepted)) for c in self.chains]
        parts = list(zip(self.chains, kept, strict=True))
        return Draws(
            np.stack([c.weights[k] for c, k in parts]),
            np.stack([c.likelihoods[k] for c, k in parts]),
            float(np.mean([c.accepted[k].mean() for c, k in parts])),
            sum(c.diverged for c in self.chains),
            tuple(float(c.state[STEP]) for c in self.chains),
        )
