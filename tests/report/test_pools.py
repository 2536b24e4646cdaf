"""The page of a pool and its command: what it found, and what beats it, come first."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from pools import made
from typed import unlike
from typer.testing import CliRunner

from sim.cli.app import app
from sim.scenario.resolve import resolved_text

pytestmark = pytest.mark.usefixtures("drawn_never")

ASKED = ["--from", "2021-09-30", "--horizons", "1,3", "-n", "20", "--every", "6", "--workers", "1"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scenarios of four pairs, as files."""
    place = tmp_path_factory.mktemp("pairs")
    for name, scenario in made(3, pairs=4)[1].items():
        (place / f"{name}.yaml").write_text(resolved_text(scenario))
    return place


@pytest.mark.slow
def test_the_command_writes_a_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["pool", str(folder), *ASKED, "--out", "out"])
    assert done.exit_code == 0, done.output
    first = done.output.partition("\n")[0]
    assert re.match(r"4 pairs (differ by a factor|hold too few)", first)
    assert re.search(r"on pairs that were left out .*(beat|beaten)", first)
    out = tmp_path / "out"
    assert {p.name for p in out.iterdir()} == {
        *("study.json", "scenarios", "figures", "report.html", "prior.yaml", "fit.json"),
        *("draws.parquet", "law.csv", "pairs.csv", "intercepts.csv", "slopes.csv", "scores.csv"),
        *("model-output.parquet", "oracle-output.parquet", "columns.csv", "datapackage.json"),
        *("law.md", "law.tex"),
    }
    summary = re.search(r'class="answer"><p>(.*?)</p>', (out / "report.html").read_text())
    assert summary is not None
    assert summary.group(1) == first.replace("'", "&#39;")
    forecasters = {*pl.read_csv(out / "scores.csv")["forecaster"]}
    assert {"simulator", "unseen", "doctrines", "gamma-pooled"} <= forecasters
    study = json.loads((out / "study.json").read_text())
    monkeypatch.chdir(out)  # the same bytes again, by the folder's own command
    again = [*study["command"][1:], "--workers", "1", "--out", str(tmp_path / "again")]
    assert CliRunner().invoke(app, again).exit_code == 0
    assert unlike(tmp_path / "again", out) == []
    monkeypatch.chdir(tmp_path)
    for kind in ("law", "pairs", "scores"):
        drawn = CliRunner().invoke(app, ["plot", "out", "--kind", kind, "--out", f"{kind}.png"])
        assert drawn.exit_code == 0, drawn.output
    learned = [str(folder / "arg.yaml"), "--prior", "out/prior.yaml", "--out", "learned"]
    told = CliRunner().invoke(app, ["design", *learned])
    assert told.exit_code == 0, told.output
    shared = pl.read_csv(tmp_path / "learned" / "weights.csv")
    assert shared["reason"].str.starts_with("Learned on 4 pairs").sum() > 4


def test_what_cannot_be_pooled_is_named(folder: Path, tmp_path: Path) -> None:
    one = str(folder / "arg.yaml")
    done = CliRunner().invoke(app, ["pool", one, one])
    assert "must have another name than a scenario before it" in str(done.exception)
    prior = tmp_path / "prior.yaml"
    prior.write_text("shared: maybe\nact:\n  call:\n    bais: {centre: 1, reason: x}\n")
    done = CliRunner().invoke(app, ["hindcast", one, "--refit", "1", "--prior", str(prior)])
    told = str(done.exception)
    assert f"{prior}:1: shared: must be" in told
    assert f"{prior}:4: act.call.bais" in told
    prior.write_text("shared: true\n")
    done = CliRunner().invoke(app, ["hindcast", one, "--prior", str(prior)])
    assert "--prior: needs --refit" in str(done.exception)
