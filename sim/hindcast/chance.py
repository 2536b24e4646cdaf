"""Keyed draws as arrays."""

from __future__ import annotations

import numpy as np

from sim.ground.draws import compiled, stream_key, uniforms
from sim.model.compiled_scenario import Floats


@compiled
def _fill(out: Floats, seed: int, lo: int, hi: int) -> None:
    for n in range(out.shape[0]):
        for k in range(out.shape[1]):
            out[n, k], _ = uniforms(seed, lo, hi, n, k)


def even_draws(rows: int, columns: int, stream: str, seed: int) -> Floats:
    """Return uniforms [rows, columns] of a stream: a row a replication, a column an index."""
    out = np.empty((rows, columns))
    _fill(out, seed, *stream_key(stream))
    return out
