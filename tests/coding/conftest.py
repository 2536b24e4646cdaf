"""The two codings of the article."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.log.file import load
from sim.log.log import Log

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def article() -> Log:
    """The first coder's log."""
    return load(SEEDS / "blinken-lavrov.yaml")


@pytest.fixture(scope="module")
def second() -> Log:
    """The second coder's log."""
    return load(SEEDS / "blinken-lavrov-second.yaml")
