"""What all tests share: Hypothesis profiles, and paths."""

from __future__ import annotations

import os
from collections.abc import Iterator

import drawn
import pytest
from hypothesis import HealthCheck, settings

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile(
    "default", deadline=None, max_examples=20, suppress_health_check=SLOW_IS_FINE
)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=2_000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "default")
)


@pytest.fixture(scope="session", autouse=True)
def _compiled_kernel() -> None:
    """Compile the kernel before anything is timed or its messages are read."""
    from micro import scenario

    from sim.kernel import run as kernel
    from sim.model.compiling import compile_scenario

    kinds = (False, True)  # forecasts and what-ifs are compiled apart
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
        kinds = (True, False)  # two workers compile one each, and take the other's
    for retrace in kinds:
        kernel.run(compile_scenario(scenario(), retrace=retrace), 1, 0, 1)


@pytest.fixture(scope="module")
def drawn_once() -> Iterator[None]:
    """Draw no figure twice in tests that are not about how figures are drawn."""
    with drawn.once():
        yield
