"""What all tests of this room share: one Chromium, and few worlds."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import browser
import pytest
from fewer import short_chains as short_chains
from playwright.sync_api import Browser

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
