"""The command `cite`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pasts import event, written
from typed import typed

import sim

ROOT = Path(__file__).parents[2]
ARTICLE = ROOT / "seeds" / "blinken-lavrov.yaml"

pytestmark = pytest.mark.usefixtures("drawn_never")


def test_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    found = typed(capsys, "cite", ARTICLE)
    assert (found.code, found.err) == (0, "")
    assert found.out.startswith("@misc{log-")
    assert found.out.count("@misc{") == 3
    assert (
        json.loads(typed(capsys, "cite", ARTICLE, "--format", "csl").out)[2]["id"] == "decamp-2023"
    )


def test_a_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    scenario = written(event("cut", "contact_cut", "2021-01-20", by="USA"))
    sim.run(scenario, replications=3, seed=4).save(tmp_path / "run", report=False)
    found = typed(capsys, "cite", tmp_path / "run")
    assert (found.code, found.err) == (0, "")
    assert "3 worlds, seed 4." in found.out


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ("ris", "--format: must be bibtex or csl (got ris)"),
        ("bibtex", "empty: must be the folder of a finished run, study or fit"),
    ],
)
def test_refusals(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    found = typed(capsys, "cite", "empty", "--format", form)
    assert (found.code, found.out, found.complaints) == (2, "", [complaint])


def test_a_broken_record(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "study.json").write_text('{"study": "why"}')
    found = typed(capsys, "cite", tmp_path)
    assert (found.code, found.out) == (2, "")
    assert "study.json must be the record of what made the folder" in found.err


def test_the_package_is_the_command() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "sim", "--version"], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (0, f"backchannel {sim.__version__}\n")
