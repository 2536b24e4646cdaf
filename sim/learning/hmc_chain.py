"""One chain of Hamiltonian Monte Carlo, compiled. See `sim.learning.sampling`."""

from __future__ import annotations

import math

from sim.ground.draws import compiled_part, exp, log, stream_key, uniforms
from sim.learning.likelihood import normal_quantile, posterior_at, weights_at
from sim.learning.linear import solve_lower, solve_upper
from sim.learning.rows import Drawn, Prior, Rows, Scratch
from sim.model.compiled_scenario import Floats

WARM_UP = 300
"""Draws in which the step is set; they are not kept."""
ACCEPT = 0.8
"""Share of proposals that the step is set to have accepted."""
TRAJECTORY = math.pi / 2.0
"""Mean length of a trajectory: a quarter of the turn of a standard Normal."""
MAX_LEAPS = 200
LOST = 1000.0
"""Loss of energy beyond which a trajectory has diverged (as in Stan)."""
KEY = stream_key("learn/chain")
STEP, MEAN_STEP, MEAN_LOSS, TRIED = range(4)
"""Places in the state of a chain: the step and what dual averaging remembers."""


@compiled_part
def _density(
    rows: Rows, prior: Prior, s: Scratch, mode: Floats, factor: Floats, x: Floats, w: Floats
) -> float:
    """Return the log-posterior at x, and write its gradient in x to w[0]; w[1] is z."""
    z, gradient = w[1], w[0]
    for p in range(len(x)):
        z[p] = x[p]
    solve_upper(factor, z)
    for p in range(len(x)):
        z[p] += mode[p]
    value = posterior_at(rows, prior, s, z, gradient)
    solve_lower(factor, gradient)
    return value


@compiled_part
def _normals(seed: int, chain: int, index: int, out: Floats) -> int:
    """Fill an array with keyed standard Normals; return the next index."""
    lo, hi = KEY
    for p in range(0, len(out), 2):
        u, v = uniforms(seed, lo, hi, chain, index)
        out[p] = normal_quantile(u)
        if p + 1 < len(out):
            out[p + 1] = normal_quantile(v)
        index += 1
    return index


@compiled_part
def _adapt(state: Floats, loss: float, last: bool) -> None:
    """Set the step by dual averaging, after a proposal of which a share `loss` was lost."""
    state[TRIED] += 1.0
    t = state[TRIED]
    state[MEAN_LOSS] += (loss - state[MEAN_LOSS]) / (t + 10.0)
    log_step = log(3.0) - math.sqrt(t) / 0.05 * state[MEAN_LOSS]
    log_step = min(max(log_step, -12.0), 1.0)
    share = exp(-0.75 * log(t))
    state[MEAN_STEP] = share * log_step + (1.0 - share) * state[MEAN_STEP]
    state[STEP] = exp(state[MEAN_STEP] if last else log_step)


@compiled_part
def advance_in(
    rows: Rows,
    prior: Prior,
    s: Scratch,
    mode: Floats,
    factor: Floats,
    seed: int,
    chain: int,
    done: int,
    x: Floats,
    state: Floats,
    work: Floats,
    drawn: Drawn,
) -> int:
    """Draw on from where a chain is; return how many trajectories diverged."""
    size, diverged, lo, hi = len(x), 0, KEY[0], KEY[1]
    per_draw = (size + 1) // 2 + 1
    momentum, moved, slope, z = work[2], work[3], work[4], work[5]
    value = _density(rows, prior, s, mode, factor, x, work)
    for p in range(size):
        slope[p] = work[0, p]
    for n in range(len(drawn.accepted)):
        index = _normals(seed, chain, (done + n) * per_draw, momentum)
        length, choice = uniforms(seed, lo, hi, chain, index)
        warm = done + n < WARM_UP
        step = state[STEP]
        leaps = math.ceil(TRAJECTORY * (0.5 + length) / step)
        leaps = min(max(leaps, 1), MAX_LEAPS)
        energy = value
        for p in range(size):
            energy -= 0.5 * momentum[p] * momentum[p]
            moved[p] = x[p]
            work[0, p] = slope[p]
        there = value
        for _ in range(leaps):
            for p in range(size):
                momentum[p] += 0.5 * step * work[0, p]
                moved[p] += step * momentum[p]
            there = _density(rows, prior, s, mode, factor, moved, work)
            if not there > -math.inf:  # a weight beyond its bounds: the proposal is refused
                break
            for p in range(size):
                momentum[p] += 0.5 * step * work[0, p]
        after = there
        for p in range(size):
            after -= 0.5 * momentum[p] * momentum[p]
        gained = after - energy
        if not gained > -LOST:
            diverged += 0 if warm else 1
            share = 0.0
        else:
            share = min(1.0, exp(min(gained, 0.0)))
        if choice < share:
            value = there
            for p in range(size):
                x[p], slope[p] = moved[p], work[0, p]
        if warm:
            _adapt(state, ACCEPT - share, done + n == WARM_UP - 1)
        drawn.accepted[n] = share
        for p in range(size):
            z[p] = x[p]
        solve_upper(factor, z)
        prior_part = 0.0
        for p in range(size):
            z[p] += mode[p]
            prior_part += 0.5 * z[p] * z[p]
        weights_at(prior, z, drawn.weights[n], s.stretch)
        drawn.likelihoods[n] = value + prior_part
    return diverged
