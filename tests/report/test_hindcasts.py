"""The page of a hindcast and its command: what beats the simulator comes first."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from micro import ALWAYS, doctrine
from pasts import event, told
from typed import unlike
from typer.testing import CliRunner

from sim.cli.app import app
from sim.cli.hindcast import scenarios_in
from sim.ground.errors import RunError
from sim.hindcast.comparing import Line
from sim.hindcast.hindcasting import SIMULATOR
from sim.hindcast.plan import pairs_of
from sim.hindcast.scores import Scores
from sim.hindcast.seen import CONTACT, STATE
from sim.report.hindcast_words import summary_of
from sim.scenario.resolve import resolved_text

pytestmark = pytest.mark.usefixtures("drawn_never")


def line(
    name: str,
    score: float,
    ahead: float = 0.0,
    inside: tuple[float, float] | None = None,
    question: str = STATE,
    months: int = 1,
) -> Line:
    scores = Scores(score, 0.5, 0.5, 0.5)
    return Line(question, months, name, 10, scores, None, score, ahead, inside, None)


def test_of_many_rivals_the_first_three_are_told_where_they_win() -> None:
    names = ("calendar", "hawkes", "markov", "persistence")
    assert summary_of([line(name, -0.5, -0.2) for name in names], learned=True)[0] == (
        "The simulator is beaten by the lapse calendar (state at 1 month), a Hawkes process (state "
        "at 1 month), a Markov chain (state at 1 month) and persistence."
    )


def test_what_beats_the_simulator_comes_first() -> None:
    lines = [
        line("calendar", -0.5, -0.2, (-0.3, -0.1)),
        line("calendar", -0.5, -0.2, (-0.3, 0.1), months=3),
        line("calendar", -0.5, -0.2, (-0.3, -0.1), CONTACT, 12),
        line(SIMULATOR, -0.7),
        line("markov", -0.9, 0.2, (0.1, 0.3)),
        line("hawkes", -0.6, -0.1, (-0.3, 0.1), CONTACT, 12),
    ]
    said = summary_of(lines, learned=True)
    assert said == [
        "The simulator is beaten by the lapse calendar (state at 1 and 3 months; contact at 12 "
        "months) and a Hawkes process (contact at 12 months).",
        "That is 4 of 5 comparisons, by the mean logarithm of the probability that was given to "
        "what came.",
        "Beyond luck, as far as resampling tells, it is beaten by the lapse calendar (state at 1 "
        "month; contact at 12 months).",
        "It is ahead beyond luck of a Markov chain (state at 1 month).",
    ]
    assert "a lead of it shows nothing" in summary_of(lines, learned=False)[-1]
    everywhere = [line("calendar", -0.5, -0.2, months=m) for m in (1, 3)]
    assert "(state at every horizon)" in summary_of(everywhere, learned=True)[0]
    everywhere += [line("calendar", -0.5, -0.2, question=CONTACT, months=m) for m in (1, 3)]
    assert "(state and contact at every horizon)" in summary_of(everywhere, learned=True)[0]
    alone = summary_of([line(SIMULATOR, -0.7), line("markov", -0.9, 0.2)], learned=True)
    assert alone[0].startswith("No rival beats the simulator")
    own = summary_of([*lines, line("doctrines", -0.4, -0.3)], learned=True)
    assert "it is beaten by the doctrines' own weights (state at 1 month)" in own[-1]


def written(folder: Path, name: str, months: int) -> Path:
    """A record of so many monthly calls, as a file."""
    calls = [event(f"call-{n}", "call_held", f"2021-{n:02d}-05") for n in range(1, months + 1)]
    calling = doctrine(call=-1.0, accept_call=ALWAYS)
    until = {"as_of": "2022-03-31", "until": "2022-04-30"}
    found = told(*calls, doctrines={"can": calling, "usa": calling}, **until)
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(resolved_text(found))
    return folder / name


ASKED = ["--from", "2021-10-31", "--horizons", "1,3", "-n", "30", "--workers", "1"]


def test_one_origin_is_said_as_one(tmp_path: Path) -> None:
    path, out = written(tmp_path, "a.yaml", 9), tmp_path / "out"
    one = ["--from", "2021-10-31", "--to", "2021-10-31", "-n", "20", "--horizons", "1"]
    done = CliRunner().invoke(app, ["hindcast", str(path), *one, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "· 1 origin, 2021-10-31</p>" in (out / "report.html").read_text()


@pytest.mark.slow
def test_the_command_writes_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, "a.yaml", 9)
    done = CliRunner().invoke(app, ["hindcast", str(path), *ASKED, "--out", "out"])
    assert done.exit_code == 0, done.output
    assert re.match(r"The simulator is beaten by|No rival beats the simulator", done.output)
    assert "the lapse calendar" in done.output
    out = tmp_path / "out"
    assert {p.name for p in out.iterdir()} == {
        *("study.json", "scenarios", "figures", "report.html", "scores.csv", "calibration.csv"),
        *("decomposition.csv", "model-output.parquet", "oracle-output.parquet"),
        *("columns.csv", "scores.md", "scores.tex", "datapackage.json"),
    }
    page = (out / "report.html").read_text()
    summary = re.search(r'class="answer"><p>(.*?)</p>', page)
    assert summary is not None
    first = done.output.partition("\n")[0]
    assert summary.group(1) == first.replace("'", "&#39;")
    study = json.loads((out / "study.json").read_text())
    assert study["study"] == "hindcast"
    assert study["origins"][0] == "2021-10-31"
    scores = pl.read_csv(out / "scores.csv")
    assert {*scores["question"]} == {"state", "contact", "count"}
    # the same bytes again, by another number of workers, and by the folder's own command
    again = [*ASKED[:-1], "2", "--out", "again"]
    assert CliRunner().invoke(app, ["hindcast", str(path), *again]).exit_code == 0
    assert unlike(tmp_path / "again", out) == []
    monkeypatch.chdir(out)
    own = CliRunner().invoke(app, [*study["command"][1:], "--out", str(tmp_path / "own")])
    assert own.exit_code == 0, own.output
    assert unlike(tmp_path / "own", out) == []
    monkeypatch.chdir(tmp_path)
    # and a folder that holds another one is refused
    other = ["hindcast", str(path), *ASKED[:-4], "-n", "40", "--out", "out"]
    refused = CliRunner().invoke(app, other)
    assert isinstance(refused.exception, RunError)
    assert "holds something else than this hindcast" in str(refused.exception)


@pytest.mark.slow
def test_a_folder_holds_a_pair_a_file(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs"
    for n in (3, 6):
        written(pairs, f"pair-{n}.yaml", n)
    (pairs / "_part.yaml").write_text("title: a part of others\n")
    out = str(tmp_path / "out")
    told_ = CliRunner().invoke(app, ["hindcast", str(pairs), *ASKED, "--out", out, "--json"])
    assert told_.exit_code == 0, told_.output
    rows = json.loads(told_.output)["scores"]
    assert {r["forecaster"] for r in rows} >= {"gamma-pooled", "simulator"}
    output = pl.read_parquet(Path(out) / "model-output.parquet")
    assert {*output["scenario"]} == {"pair-3", "pair-6"}
    empty = tmp_path / "empty"
    empty.mkdir()
    done = CliRunner().invoke(app, ["hindcast", str(empty)])
    assert "must hold scenarios" in str(done.exception)
    done = CliRunner().invoke(app, ["hindcast", str(pairs), "--horizons", "soon"])
    assert "--horizons: must be whole months" in str(done.exception)


def test_the_pairs_that_ship_can_be_forecast() -> None:
    found = scenarios_in(Path(__file__).parents[2] / "scenarios" / "pairs")
    assert [*found] == ["koreas", "record", "washington-beijing"]
    assert len(pairs_of(found)) == 7
