"""How Sphinx builds the site; `python docs/build.py` calls it."""

from __future__ import annotations

import re
from typing import Any

from sim.ground.version import program_version
from sim.report.citing import DEVELOPERS

project, author, release = "Backchannel", DEVELOPERS, program_version()
copyright = DEVELOPERS  # noqa: A001 - Sphinx calls it so
extensions = ["myst_parser"]
exclude_patterns = ["site"]
html_theme = "furo"
html_title = "Backchannel"
html_copy_source = False
myst_heading_anchors = 4
myst_enable_extensions = ["smartquotes"]
suppress_warnings = ["myst.header"]

OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./((?:[\w-]+/)*[\w-]+(?:\.md)?)(?:#[^)]*)?\)")
"""A link to a page or a folder of the repository that is no page of the site."""


def named(app: Any, page: str, source: list[str]) -> None:
    """Name what is not in the site instead of linking to it; files are copied by Sphinx."""
    if not page.startswith("reference/"):  # from there, .. is still within the site
        source[0] = OUTSIDE.sub(r"\1 (`\2` in the repository)", source[0])


def setup(app: Any) -> None:
    """Let Sphinx ask."""
    app.connect("source-read", named)
