"""The browser of tests that look at pages as a person does: Chromium, where there is one.

Without it such a test is left out, and the run says why. In CI (`CI=true`) it fails instead, so
that nothing is left out there for want of a package.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WITHOUT = "needs Chromium: apt-get install --no-install-recommends chromium"
WITHOUT_FEATURES = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "PreloadTopChromeWebUI"),
    *("SpareRendererForSitePerProcess", "AimEnabled", "PreconnectToSearch", "OptimizationHints"),
    *("MediaRouter", "NetworkTimeServiceQuerying", "LensOverlay", "PaintHolding"),
    *("HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "DestroyProfileOnBrowserClose"),
)
"""What nobody sees: each window has pages of the address bar, and a page is kept ready for the next
one; they cost more than a page that is looked at. Chromium takes the last list, so what Playwright
turns off for the sake of tests stands here again."""
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    f"--disable-features={','.join(WITHOUT_FEATURES)}",
)
"""A window that nobody sees, and that asks nobody for anything."""

PATIENCE_MS = 60_000
"""So long a page is waited for: a machine that also compiles or draws worlds is slow."""
expect.set_options(timeout=PATIENCE_MS)


def chromium() -> str:
    """Return the browser's command; without one skip the test, or fail it in CI."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(WITHOUT)
        pytest.skip(WITHOUT)
    return found


@contextmanager
def window() -> Iterator[Browser]:
    """Open the browser, driven by Playwright, until the block ends."""
    command = chromium()
    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=command, args=list(QUIET))
        yield opened
        opened.close()


class Shared:
    """A browser that is opened when it is first asked for, and kept."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._opened: Browser | None = None

    def window(self) -> Browser:
        """Return it."""
        if self._opened is None:
            self._opened = self._stack.enter_context(window())
        return self._opened

    def close(self) -> None:
        """Close it where it is open; who asks for it again has another."""
        self._opened = None
        self._stack.close()


def printed(page: Path, folder: Path) -> bytes:
    """Print a page of a file to PDF, as the browser's own print command does."""
    out = folder / f"{page.parent.name}-{page.stem}.pdf"
    command = [
        *(chromium(), *QUIET, f"--user-data-dir={folder / 'profile'}", "--no-pdf-header-footer"),
        *(f"--print-to-pdf={out}", page.resolve().as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert out.is_file(), f"Chromium wrote no PDF: {done.stderr[-2000:]}"
    return out.read_bytes()


def sheets(pdf: bytes) -> int:
    """Count the sheets of a PDF as Chromium writes it: one object of type Page each."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def sizes(pdf: bytes) -> set[tuple[int, int]]:
    """The sizes of its sheets, in whole points."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    return {(round(float(wide)), round(float(high))) for wide, high in boxes}
