"""The reference that is made from the code, and the site that is built from the pages."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import sim

DOCS = Path(__file__).parents[2] / "docs"


def test_the_reference_is_that_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    made = runpy.run_path(str(DOCS / "reference.py"))["PAGES"]
    for name, page in made.items():
        kept = (DOCS / "reference" / name).read_text(encoding="utf-8")
        assert kept.rstrip("\n") == page().rstrip("\n"), "run: python docs/reference.py"
    for name in sim.__all__:
        assert f"## sim.{name}\n" in made["python.md"]()


@pytest.mark.slow
def test_the_site_is_built_by_one_command(tmp_path: Path) -> None:
    words = [sys.executable, str(DOCS / "build.py"), str(tmp_path / "site")]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    pages = {p.relative_to(DOCS).with_suffix(".html") for p in DOCS.rglob("*.md")}
    assert pages <= {p.relative_to(tmp_path / "site") for p in (tmp_path / "site").rglob("*.html")}
