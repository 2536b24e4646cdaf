"""What all tests of this room share: one Chromium, and few worlds."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path

import browser
import pytest
from playwright.sync_api import Browser

from sim.ensemble import weighed
from sim.kernel import dating
from sim.seminar.what_if import sharing
from sim.seminar.what_if.world_queue import FIRST, Drawer

HERE = Path(__file__).parent
SHARED = browser.Shared()


@pytest.fixture(name="window")
def _window() -> Iterator[Browser]:
    """The browser of all tests of a worker; what a test leaves open in it is closed."""
    opened = SHARED.window()
    yield opened
    for context in opened.contexts:
        context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None]:
    """Close the browser after the last test here: as long as it is driven, no other test of the
    process can run a loop of its own."""
    yield
    if nextitem is None or HERE not in nextitem.path.parents:
        SHARED.close()


@pytest.fixture(autouse=True)
def few_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw twice the first worlds of a what-if, and take any dates of the past that may be: the
    numbers are held elsewhere, and pages show others alike."""
    monkeypatch.setattr(sharing, "Drawer", partial(Drawer, most=2 * FIRST))
    for rounds in ("MOST_ROUNDS", "LEAST_ROUNDS"):
        monkeypatch.setattr(weighed, rounds, 10)
    monkeypatch.setattr(dating, "SETTLING", 5)
