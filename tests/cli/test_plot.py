"""The command `plot`: figures for print, and those of studies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import drawn
import matplotlib.image
import pytest
from kinds import MADE, write_files
from typed import Type, typed


@pytest.fixture
def sim(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Type:
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: typed(capsys, *arguments)


@pytest.fixture
def made(sim: Type) -> Callable[[str], str]:
    def make(name: str) -> str:
        with drawn.never():
            assert sim(*MADE[name], "--out", name).code == 0
        return name

    return make


@pytest.mark.slow
def test_a_figure_of_a_run_for_a_column(sim: Type, made: Callable[[str], str]) -> None:
    how = ("--width", 3.5, "--font", "serif", "--size", 8, "--no-title", "--format", "png")
    found = sim("plot", made("a-run"), "--kind", "raster", *how)
    assert (found.code, found.out, found.err) == (0, "raster.png\n", "")
    assert matplotlib.image.imread("raster.png").shape[1] == 700  # 3.5 inches at 200 dpi
    assert sim("plot", "a-run", "--out", "it", "--format", "pdf").out == "it.pdf\n"
    assert Path("it.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a-comparison", "contrasts"),
        ("a-why", "but-for"),
        ("a-sweep", "sweep"),
        ("codings", "states-can-usa-ministers"),
        ("a-sensitivity", "tornado-open"),
        ("a-hindcast", "scores"),
        ("a-hindcast", "reliability"),
    ],
)
def test_a_figure_of_a_study_is_that_of_its_folder(name: str, kind: str, sim: Type) -> None:
    assert sim(*MADE[name], "--out", name).code == 0
    for path in Path().glob("*.yaml"):
        path.unlink()  # nothing outside the folder is needed
    found = sim("plot", name, "--kind", kind, "--width", 7, "--out", "it.svg")
    assert (found.code, found.err) == (0, "")
    drawn = Path("it.svg").read_text(encoding="utf-8")
    said = drawn.partition('aria-label="')[2].partition('"')[0]
    kept = (Path(name) / "figures" / f"{kind}.svg").read_text(encoding="utf-8")
    assert said
    assert f'aria-label="{said}"' in kept  # the same description: the same numbers


REFUSED: list[tuple[tuple[object, ...], str]] = [
    (
        ("--width", 3),
        "a-comparison: at 8 points a figure must be 3.5 to 20 inches wide (got 3)",
    ),
    (("--size", 20), "a-comparison: the size must be 8 to 14 points (got 20)"),
    (("--font", "Nothing"), "a-comparison: there is no font “Nothing” on this machine"),
    (("--kind", "contrast"), "--kind: must be one of contrasts, difference-1-can-usa-min"),
    (("--format", "gif"), "--format: must be one of png, svg, pdf (got gif)"),
    (("--format", "pdf", "--out", "it.svg"), "--format: must be svg, as --out ends in it"),
    (("--channel", "x"), "--channel: is of runs and logs: --kind names a study's figure"),
]


@pytest.mark.slow
def test_refusals(sim: Type, made: Callable[[str], str]) -> None:
    place = made("a-comparison")
    for words, complaint in REFUSED:
        found = sim("plot", place, *words)
        assert (found.code, found.out) == (2, "")
        assert found.err.startswith(complaint)


def test_a_study_whose_record_was_changed(sim: Type, made: Callable[[str], str]) -> None:
    record = Path(made("a-why")) / "study.json"
    record.write_text(record.read_text().replace('"scenarios": {', '"scenarios": 3, "x": {'))
    found = sim("plot", "a-why")
    assert (found.code, found.out) == (2, "")
    assert "scenarios: the record does not name what was studied" in found.err


def test_a_folder_of_another_kind_is_refused(sim: Type, made: Callable[[str], str]) -> None:
    found = sim("plot", made("a-design"))
    assert (found.code, found.out) == (2, "")
    record = Path(made("a-why")) / "study.json"
    record.write_text(record.read_text().replace('"study": "why"', '"study": "poll"'))
    found = sim("plot", "a-why")
    assert (found.code, found.out) == (2, "")
    assert found.err == "a-why: is a poll: `sim plot` draws no figure of it anew\n"


@pytest.mark.parametrize(
    ("was", "now", "complaint"),
    [
        ("at_own", "base", "sensitivity.csv: must be the table that this version writes"),
        ("\nopen,", "\nshut,", "must tell of the outcomes of the scenario: it was changed"),
    ],
)
def test_a_table_that_was_changed_is_refused(
    was: str, now: str, complaint: str, sim: Type, made: Callable[[str], str]
) -> None:
    table = Path(made("a-sensitivity")) / "sensitivity.csv"
    table.write_text(table.read_text().replace(was, now))
    found = sim("plot", "a-sensitivity")
    assert (found.code, found.out) == (2, "")
    assert complaint in found.err


def test_nothing_is_run_again_where_the_tables_hold_what_is_drawn(
    sim: Type, made: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [made("a-sensitivity"), made("a-hindcast")]

    def fail(*_: object) -> None:
        raise AssertionError("a study was run again")

    monkeypatch.setattr("sim.ensemble.workers.in_chunks", fail)
    monkeypatch.setattr("sim.study.sensitivity.in_chunks", fail)
    monkeypatch.setattr("sim.hindcast.hindcasting.in_chunks", fail)
    for place in places:
        assert sim("plot", place, "--out", "it.png").code == 0
