"""Chance: the published answers of Philox, and draws that depend on their place alone."""

from __future__ import annotations

import inspect
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.ground import draws
from sim.ground.draws import MAX_SEED, exp, log, philox, probability, stream_key, uniforms

Generator = Callable[[int, tuple[int, int], int, int], tuple[float, float]]

KNOWN = [  # Random123's kat_vectors: "philox4x32 10", counter, key, result
    ("00000000 00000000 00000000 00000000", "00000000 00000000",
     "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
     "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
     "d16cfe09 94fdcceb 5001e420 24126ea1"),
]  # fmt: skip


def words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN)
def test_known_answers(counter: str, key: str, result: str) -> None:
    assert list(philox(*words(counter), *words(key))) == words(result)


def plain_philox(rounds: int, counter: Sequence[int], key: Sequence[int]) -> tuple[int, ...]:
    """Philox4x32 as its paper defines it, for any number of rounds."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(rounds):
        hi0, lo0 = divmod(0xD2511F53 * c0, 2**32)
        hi1, lo1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = hi1 ^ c1 ^ k0, lo1, hi0 ^ c3 ^ k1, lo0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c0, c1, c2, c3


word = st.integers(0, 2**32 - 1)


@given(st.tuples(word, word, word, word), st.tuples(word, word))
def test_philox_agrees_with_a_second_writing(
    counter: tuple[int, ...], key: tuple[int, ...]
) -> None:
    assert philox(*counter, *key) == plain_philox(10, counter, key)
    assert philox(*counter, *key) != plain_philox(9, counter, key), "the control: a round fewer"


# ------------------------------------------------------------------------------ uniforms


def test_golden_uniforms() -> None:
    """The first draws of a stream: a change here changes every run."""
    lo, hi = stream_key("usa-rus/ministers/USA/meet")
    assert (lo, hi) == (3031942826, 3918356572)
    assert uniforms(1, lo, hi, 0, 0) == (0.11647589807754966, 0.34354370431557946)
    assert uniforms(2**32 + 1, lo, hi, 3, 5) == (0.32985231786463054, 0.7377202406925888)


@pytest.mark.parametrize("words", [(0, 0, 0, 0), (2**32 - 1,) * 4])
def test_uniforms_lie_strictly_inside_the_unit_interval(
    words: tuple[int, int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where Philox gives the lowest and the highest words."""
    plain = getattr(uniforms, "py_func", uniforms)
    monkeypatch.setattr(draws, "_philox_here", lambda *_: words)
    first, second = plain(1, 2, 3, 4, 5)
    assert 0.0 < first < 1.0
    assert 0.0 < second < 1.0
    assert math.isfinite(log(first))
    assert math.isfinite(log(1.0 - first))


def test_a_half_and_no_more_bits_are_needed_for_that() -> None:
    """The control: the same program text without them leaves the interval."""
    source = inspect.getsource(getattr(uniforms, "py_func", uniforms))

    def extreme(text: str, word: int) -> float:
        """What a program text draws from a generator that gives nothing but one word."""
        names: dict[str, Any] = {"_philox_here": lambda *_: (word,) * 4}
        exec(text, names)
        return float(names["_uniforms"](1, 2, 3, 4, 5)[0])

    most = 2**32 - 1
    assert 0.0 < extreme(source, 0) < extreme(source, most) < 1.0
    assert extreme(source.replace(" + 0.5", ""), 0) == 0.0
    all_bits = source.replace("(a << 20 | b >> 12) + 0.5", "(a << 32 | b) / 4096 + 0.5")
    assert extreme(all_bits, most) == 1.0


places = st.tuples(
    st.integers(0, MAX_SEED), word, word, st.integers(0, 2**31 - 2), st.integers(0, 2**31 - 2)
)


@given(st.lists(places, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_no_draw_depends_on_the_order_of_calls(wanted: list[tuple[int, ...]], rng: object) -> None:
    first = {place: uniforms(*place) for place in wanted}
    rng.shuffle(wanted)  # type: ignore[attr-defined]
    assert {place: uniforms(*place) for place in wanted} == first


def test_a_generator_with_a_state_fails_that() -> None:
    """The control: a stream that is handed around gives another draw in another order."""
    rng = np.random.default_rng(1)
    a, b = rng.random(), rng.random()
    rng = np.random.default_rng(1)
    assert (rng.random(), rng.random()) != (b, a)


@given(places)
def test_every_part_of_the_place_counts(place: tuple[int, int, int, int, int]) -> None:
    here = uniforms(*place)
    for n in range(5):
        other = list(place)
        other[n] = other[n] + 1 if n in (0, 3, 4) and other[n] < MAX_SEED else other[n] ^ 1
        assert uniforms(*other) != here


def test_seeds_beyond_32_bits_differ() -> None:
    seeds = [1, 2**32 + 1, 2**33 + 1, 2**62 + 1, MAX_SEED, MAX_SEED - 2**32]
    assert len({uniforms(seed, 1, 2, 3, 4) for seed in seeds}) == len(seeds)
    low = {uniforms(seed & 0xFFFFFFFF, 1, 2, 3, 4) for seed in seeds[:4]}
    assert len(low) == 1, "the control: the low words alone are equal"


def test_stream_keys_of_similar_names_differ() -> None:
    names = [f"{c}/{p}/{a}" for c in ("usa-rus/m", "usa-rus/n") for p in "AB" for a in ("x", "y")]
    assert len({stream_key(n) for n in names}) == len(names)
    assert stream_key("a/b") != stream_key("a/b ")
    assert all(0 <= word < 2**32 for n in names for word in stream_key(n))


# ---------------------------------------------------------------------------- statistics

SHAPE = (12, 16, 60)
"""Streams, replications and indices of the sample."""


def ours(seed: int, key: tuple[int, int], replication: int, index: int) -> tuple[float, float]:
    return uniforms(seed, *key, replication, index)


def three_rounds(
    seed: int, key: tuple[int, int], replication: int, index: int
) -> tuple[float, float]:
    """A broken generator: Philox with too few rounds."""
    a, b, c, d = plain_philox(3, (index, replication, *key), (seed, 0))
    return (a << 20 | b >> 12) * 2.0**-52, (c << 20 | d >> 12) * 2.0**-52


def no_index(seed: int, key: tuple[int, int], replication: int, index: int) -> tuple[float, float]:
    """A broken generator: the index is dropped for all but every third draw."""
    return uniforms(seed, *key, replication, index // 3)


def no_replication(
    seed: int, key: tuple[int, int], replication: int, index: int
) -> tuple[float, float]:
    return uniforms(seed, *key, 0, index)


def no_stream(seed: int, key: tuple[int, int], replication: int, index: int) -> tuple[float, float]:
    return uniforms(seed, 0, 0, replication, index)


def lopsided(seed: int, key: tuple[int, int], replication: int, index: int) -> tuple[float, float]:
    """A broken generator: the second uniform is not quite uniform."""
    first, second = uniforms(seed, *key, replication, index)
    return first, second**1.1


def sample(generator: Generator, seed: int = 7) -> np.ndarray:
    streams, replications, indices = SHAPE
    keys = [stream_key(f"stream/{n}") for n in range(streams)]
    return np.array(
        [
            [[generator(seed, key, r, i) for i in range(indices)] for r in range(replications)]
            for key in keys
        ]
    )


def verdicts(generator: Generator) -> dict[str, float]:
    """P-values: of uniformity, and of no correlation along each axis and within a pair."""
    u = sample(generator)
    found = {
        "uniform first": stats.kstest(u[..., 0].ravel(), "uniform").pvalue,
        "uniform second": stats.kstest(u[..., 1].ravel(), "uniform").pvalue,
        "pair": stats.pearsonr(u[..., 0].ravel(), u[..., 1].ravel()).pvalue,
    }
    for axis, name in enumerate(("streams", "replications", "indices")):
        ahead = np.delete(u, 0, axis)[..., 0].ravel()
        behind = np.delete(u, -1, axis)[..., 0].ravel()
        found[name] = stats.pearsonr(ahead, behind).pvalue
    return found


def test_draws_are_uniform_and_unrelated() -> None:
    assert min(verdicts(ours).values()) > 0.01


@pytest.mark.parametrize(
    ("generator", "name"),
    [
        (three_rounds, "replications"),
        (no_index, "indices"),
        (no_replication, "replications"),
        (no_stream, "streams"),
        (lopsided, "uniform second"),
    ],
)
def test_broken_generators_are_noticed(generator: Generator, name: str) -> None:
    """The controls: each is caught by the test that looks along its axis."""
    assert verdicts(generator)[name] < 1e-6


# ------------------------------------------------------------------------ exp, log, logistic


@given(st.floats(-800, 800))
def test_exp_and_log(x: float) -> None:
    assert exp(x) == pytest.approx(math.exp(x) if x <= 709 else math.inf, rel=1e-14)
    if abs(x) < 700:
        assert log(exp(x)) == pytest.approx(x, abs=1e-9)


@given(st.floats(-1e308, 1e308))
def test_probability_is_the_logistic_function(logit: float) -> None:
    p = probability(logit)
    assert 0.0 <= p <= 1.0
    assert probability(-logit) == pytest.approx(1.0 - p, abs=1e-12)
    if abs(logit) < 30:
        assert log(p / (1.0 - p)) == pytest.approx(logit, abs=1e-3)


def test_probability_golden() -> None:
    assert probability(0.0) == 0.5
    assert probability(-2.0) == pytest.approx(0.11920292202211755, rel=1e-15)
    assert probability(math.inf) == 1.0
    assert probability(-math.inf) == 0.0


# ------------------------------------------------------------------- compiled and plain Python

PROBE = """
import json, sys
from sim.ground.draws import HAS_NUMBA, philox, uniforms
places = json.load(sys.stdin)
print(json.dumps({"compiled": HAS_NUMBA, "uniforms": [uniforms(*p) for p in places],
                  "words": [philox(*p[1:], p[0] % 2**32, p[0] >> 32) for p in places]}))
"""


def probe(**environment: str) -> dict[str, object]:
    rng = np.random.default_rng(3)
    places = [
        [int(rng.integers(0, MAX_SEED)), *(int(w) for w in rng.integers(0, 2**32, 2)),
         int(rng.integers(0, 2**31)), int(rng.integers(0, 2**31))]
        for _ in range(200)
    ]  # fmt: skip
    places += [[0, 0, 0, 0, 0], [MAX_SEED, 2**32 - 1, 2**32 - 1, 2**31 - 1, 2**31 - 1]]
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        input=json.dumps(places),
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environment,
    )
    return dict(json.loads(done.stdout))


def test_compiled_and_plain_python_agree_to_the_last_bit() -> None:
    compiled = probe(NUMBA_DISABLE_JIT="0")
    plain = probe(NUMBA_DISABLE_JIT="1")
    assert compiled.pop("compiled") is True, "the control: they are not the same program twice"
    assert plain.pop("compiled") is False
    assert compiled == plain
