"""Chance: every draw is a pure function of (seed, stream name, replication, index).

Philox4x32-10 is a counter-based generator (Salmon, Moraes, Dror and Shaw 2011, "Parallel random
numbers: as easy as 1, 2, 3", SC11). The key is the seed; the counter holds the index, the
replication and 64 bits of the SHA-256 of the stream's name. So no draw depends on the order of
calls, on how many workers run, or on which other streams exist.

This module also owns `exp` and `log`: the executors share these compiled functions, since a
compiled kernel and plain Python may differ in the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from types import FunctionType
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

try:
    from numba import config, njit

    from sim.ground.codecache import Slow, keep
    from sim.ground.parts import part_options

    HAS_NUMBA = not getattr(config, "DISABLE_JIT", 0)
    # what only compiled code calls needs no entry for Python, which takes as long to compile
    _PART = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **part_options()}
except ImportError:  # the program works without it, slowly
    HAS_NUMBA = False

MAX_SEED = 2**63 - 1
MAX_REPLICATIONS = 2**31 - 1


# counting references to arrays takes longer than the rest of a kernel, and nothing here needs it:
# compiled functions make no arrays (_nrt=False), and their callers keep those they pass
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "python", "_nrt": False}


def compiled(function: F, slow: tuple[str, float, float] | None = None) -> F:
    """Compile a function of numbers and arrays, or return it as it is without numba.

    It may write to the arrays that it is given, but make none. What is `slow` is said to be so, see
    `compiled_slowly`.
    """
    if not HAS_NUMBA:
        return function
    dispatcher = njit(**_OPTIONS)(function)
    keep(dispatcher, function, None if slow is None else Slow(*slow))
    return cast(F, dispatcher)


def compiled_slowly(what: str, alone_s: float, after_s: float) -> Callable[[F], F]:
    """Compile a function that takes long to compile: what it is, and how long it takes, is said
    when that happens. By experience that is `alone_s` seconds, or `after_s` where another one of
    its file was compiled before."""
    return lambda function: compiled(function, (what, alone_s, after_s))


def compiled_part(function: F) -> F:
    """Compile a function that only compiled functions of other modules call.

    It has no cache of its own: numba looks for changes in the module of a function alone, and
    would go on using a part that was compiled with an older draw.
    """
    if not HAS_NUMBA:
        return function
    return cast(F, njit(**_PART, **_OPTIONS)(function))


def compiled_inline(function: F) -> F:
    """Compile a function into each of its callers, where a call costs more than it should."""
    if not HAS_NUMBA:
        return function
    return cast(F, njit(forceinline=True, **_PART, **_OPTIONS)(function))


def compiled_rule(function: F) -> F:
    """Compile a rule, a plain function of numbers, into each of its callers, together with the
    plain functions that it calls. The rule itself stays as it is, for who calls it from Python."""
    return cast(F, _rule(function)) if HAS_NUMBA else function


@cache
def _rule(function: Any) -> Any:
    known = function.__globals__
    called = {n: known[n] for n in function.__code__.co_names if n in known}
    below = {n: _rule(called[n]) for n in called if isinstance(called[n], FunctionType)}
    body = (function.__code__, {**known, **below}, function.__name__)
    return compiled_inline(FunctionType(*body, function.__defaults__, function.__closure__))


def _philox(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Return the 4 words that Philox4x32-10 gives for a counter of 4 words and a key of 2.

    All words are integers in [0, 2**32). Compiled products wrap at 64 bits, hence the masks.
    """
    mask = 0xFFFFFFFF
    for _ in range(10):
        product0 = 0xD2511F53 * c0
        product1 = 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (
            (product1 >> 32 & mask) ^ c1 ^ k0,
            product1 & mask,
            (product0 >> 32 & mask) ^ c3 ^ k1,
            product0 & mask,
        )
        k0 = (k0 + 0x9E3779B9) & mask
        k1 = (k1 + 0xBB67AE85) & mask
    return c0, c1, c2, c3


philox = compiled(_philox)
_philox_here = compiled_inline(_philox)


def _uniforms(
    seed: int, stream_lo: int, stream_hi: int, replication: int, index: int
) -> tuple[float, float]:
    """Return the two uniforms in the open interval (0, 1) that belong to this place.

    `stream_lo` and `stream_hi` are the words of `stream_key`; each uniform carries 52 random bits.
    """
    mask = 0xFFFFFFFF
    a, b, c, d = _philox_here(
        index & mask, replication & mask, stream_lo, stream_hi, seed & mask, seed >> 32 & mask
    )
    scale = 2.220446049250313e-16  # 2**-52
    return ((a << 20 | b >> 12) + 0.5) * scale, ((c << 20 | d >> 12) + 0.5) * scale


uniforms = compiled(_uniforms)
uniforms_here = compiled_inline(_uniforms)
"""The same, compiled into a loop: several draws are then made at once."""


@compiled
def one_of(
    count: int, seed: int, stream_lo: int, stream_hi: int, replication: int, index: int
) -> int:
    """Return one of 0 to `count` - 1, all alike, by the first uniform of this place."""
    chance, _ = uniforms(seed, stream_lo, stream_hi, replication, index)
    return int(chance * float(count))


@compiled
def exp(x: float) -> float:
    """Return e to the power x; 0 below and infinity above the range of a double."""
    if x > 709.0:
        return math.inf
    return math.exp(x)


@compiled
def log(x: float) -> float:
    """Return the natural logarithm of x > 0."""
    return math.log(x)


@compiled
def probability(logit: float) -> float:
    """Return the logistic function of a logit, in [0, 1]."""
    return 1.0 / (1.0 + exp(-logit))


def stream_key(name: str) -> tuple[int, int]:
    """Hash a stream's name to two words in [0, 2**32): the first 8 bytes of its SHA-256."""
    digest = sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")
