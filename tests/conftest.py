"""What all tests share: Hypothesis profiles, and paths."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import bytecode_kept  # noqa: F401 - first, before much is imported
import compiled_once  # noqa: F401 - before the kernel is imported
import drawn
import pytest
from hypothesis import HealthCheck, settings

from sim.ensemble import settings as ensemble_settings

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile(
    "default", deadline=None, max_examples=20, suppress_health_check=SLOW_IS_FINE
)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=2_000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "default")
)


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: garbage is not looked for in it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True, scope="session")
def no_draws() -> None:
    """Draw no weights where a test does not ask for them: 2,000 worlds more for each run."""
    ensemble_settings.DRAWS = 0


@pytest.fixture(scope="module")
def drawn_once() -> Iterator[None]:
    """Draw no figure twice in tests that are not about how figures are drawn."""
    with drawn.once():
        yield


@pytest.fixture(scope="module")
def drawn_never() -> Iterator[None]:
    """Draw no figure in tests that look at none: pages and folders hold what it would show."""
    with drawn.never():
        yield


@pytest.fixture
def dated_hastily(monkeypatch: pytest.MonkeyPatch) -> None:
    """Place dates that belong together by the beginning of a chain, where a test only wants worlds:
    the shipped record of 1962 takes seconds else. Such laws are kept apart from the others."""
    monkeypatch.setattr("sim.ensemble.weighed.MOST_ROUNDS", 10)
    monkeypatch.setattr("sim.kernel.dating.SETTLING", 5)
