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
from sim.learning.hmc_chain import WARM_UP
from sim.learning.mode import Mode
from sim.learning.rows import Drawn, Prior, Rows
from sim.model.compiled_scenario import Floats

CHAINS = 4
BLOCK = 100
"""Draws of a chain between two words on how far all are."""


class Chain:
    """One chain: where it is, and what it has drawn."""

    def __init__(self, number: int, size: int) -> None:
        self.number, self.diverged = number, 0
        self.x, self.work = np.zeros(size), np.zeros((6, size))
        self.state = np.array([0.3, 0.0, 0.0, 0.0])
        self.drawn = Drawn(np.zeros((0, size)), np.zeros(0), np.zeros(0))

    def __len__(self) -> int:
        """How many draws it has, those of the warm-up included."""
        return len(self.drawn.accepted)


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


class Sampler:
    """Several chains over one posterior, which can be drawn on."""

    def __init__(self, rows: Rows, prior: Prior, mode: Mode, seed: int, workers: int) -> None:
        """`workers` chains are drawn at once; their draws do not depend on it."""
        self.rows, self.prior, self.mode, self.seed = rows, prior, mode, seed
        self.workers = workers
        self.chains = [Chain(number, len(mode.z)) for number in range(CHAINS)]

    def draw(self, count: int, progress: Callable[[int], None] | None = None) -> Draws:
        """Draw on until every chain has `count` draws; `progress` hears how many are done."""
        while len(self.chains[0]) < count + WARM_UP:
            ask = min(BLOCK, count + WARM_UP - len(self.chains[0]))
            with ThreadPoolExecutor(self.workers) as pool:
                list(pool.map(partial(self._advance, count=ask), self.chains))
            if progress is not None:
                progress(sum(map(len, self.chains)))
        kept = [Drawn(*(part[WARM_UP:] for part in chain.drawn)) for chain in self.chains]
        return Draws(
            np.stack([k.weights for k in kept]),
            np.stack([k.likelihoods for k in kept]),
            float(np.mean([k.accepted.mean() for k in kept])),
            sum(chain.diverged for chain in self.chains),
        )

    def _advance(self, chain: Chain, count: int) -> None:
        made = Drawn(np.zeros((count, len(chain.x))), np.zeros(count), np.zeros(count))
        chain.diverged += advance(
            *(self.rows, self.prior, scratch_of(self.rows), self.mode.z, self.mode.factor),
            *(self.seed, chain.number, len(chain), chain.x, chain.state, chain.work, made),
        )
        chain.drawn = Drawn(*map(np.concatenate, zip(chain.drawn, made, strict=True)))
