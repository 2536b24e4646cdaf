"""Slides as a PDF, printed by a browser where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

NAMES = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "msedge"),
)
"""What the browsers are called that print without a window."""
PLACES = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"),
    Path("C:/Program Files/Google/Chrome/Application/chrome.exe"),
    Path("C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe"),
)
"""Where they are that no name leads to."""
QUIET = (
    *("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-extensions"),
)
"""No window, and nobody is asked for anything."""
PATIENCE_S = 120


def browser() -> str | None:
    """Return the command of a browser that prints; None where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or next((str(path) for path in PLACES if path.is_file()), None)


def printed(page: str, command: str) -> bytes | None:
    """Print a page that needs nothing but itself; None where the browser does not do it."""
    with TemporaryDirectory(prefix="sim-kit-", ignore_cleanup_errors=True) as held:
        folder = Path(held)
        source, out = folder / "page.html", folder / "page.pdf"
        source.write_text(page, encoding="utf-8")
        asked = [command, *QUIET, *_as_root(), f"--user-data-dir={folder / 'profile'}"]
        asked += ["--no-pdf-header-footer", f"--print-to-pdf={out}", source.as_uri()]
        try:
            subprocess.run(asked, capture_output=True, timeout=PATIENCE_S, check=False)
            return out.read_bytes()
        except (OSError, subprocess.TimeoutExpired):
            return None


def _as_root() -> list[str]:
    """Return what Chromium asks of an administrator, for whom it has no sandbox. The page is our
    own, and without scripts of others."""
    return ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
