"""Pages of the what-ifs have two scripts: neither takes the other's elements for its own."""

from __future__ import annotations

import re
from importlib.resources import files

STATIC = files("sim.seminar.web") / "static"


def sought(script: str) -> set[str]:
    """The attributes by which a script finds its elements."""
    return set(re.findall(r"\[(data-[a-z-]+)", (STATIC / script).read_text("utf-8")))


def test_two_scripts_of_one_page_seek_other_attributes() -> None:
    everywhere, sliders = sought("seminar.js"), sought("what_if.js")
    assert "data-asked" in everywhere
    assert "data-kinds" in sliders
    assert not everywhere & sliders
