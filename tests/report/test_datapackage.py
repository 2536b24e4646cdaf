"""What folders say of themselves to other programs, and tables for manuscripts."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from frictionless import Package, system
from kinds import MADE, PAST, write_files
from typed import listing, typed

import sim
from sim.report.manuscript import latex, latex_text, markdown

pytestmark = [
    pytest.mark.usefixtures("drawn_never"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of packages that frictionless uses
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of every kind."""
    place = tmp_path_factory.mktemp("kinds")
    write_files(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        yield place


@pytest.fixture
def folder(request: pytest.FixtureRequest, made: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    name = request.param
    if not (made / name).exists():
        found = typed(capsys, *MADE[name], "--out", name)
        assert found.code == 0, found.err
    return made / name


def problems(folder: Path) -> list[str]:
    """What frictionless finds in the tables of a package."""
    with system.use_context(trusted=True):
        package = Package(str(folder / "datapackage.json"))
        for resource in [r for r in package.resources if r.format != "csv"]:
            package.remove_resource(resource.name)
        return [str(found) for found in package.validate().flatten(["type", "note", "rowNumber"])]


@pytest.mark.slow
@pytest.mark.parametrize("folder", MADE, indirect=True)
def test_every_folder_is_a_data_package(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    paths = [r["path"] for r in package["resources"]]
    assert {*paths} == listing(folder).keys() - {"datapackage.json"}
    names = [r["name"] for r in package["resources"]]
    assert len({*names}) == len(names)
    for resource in package["resources"]:
        if resource["path"].endswith((".csv", ".parquet")):
            for field in resource["schema"]["fields"]:
                assert field["type"]
                assert field["description"]
        else:
            assert resource["description"], resource["path"]
    assert problems(folder) == []


@pytest.mark.parametrize("folder", ["a-run"], indirect=True)
def test_control_a_column_of_another_type_is_found(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "run")
    table = tmp_path / "run" / "worlds.csv"
    table.write_text(table.read_text().replace("\n0,", "\nnone,"))
    assert problems(tmp_path / "run")
    table.write_text("other,names\n1,2\n")
    assert problems(tmp_path / "run")


@pytest.mark.parametrize("folder", ["a-run", "a-comparison"], indirect=True)
def test_parquet_has_the_columns_that_the_package_names(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    tables = [r for r in package["resources"] if r["path"].endswith(".parquet")]
    assert tables
    for resource in tables:
        named = [field["name"] for field in resource["schema"]["fields"]]
        assert named == pl.read_parquet(folder / resource["path"]).columns


def test_worlds_are_a_row_each_with_a_column_an_outcome(tmp_path: Path) -> None:
    asked = {
        "open": {"type": "state_at", "state": "open", "title": "Open"},
        "share": {"type": "share_of_days", "state": "open"},
        "first": {"type": "first_time", "state": "open"},
    }
    run = sim.run(PAST | {"outcomes": asked}, replications=7)
    run.save(tmp_path, report=False)
    assert pl.read_parquet(tmp_path / "worlds.parquet").equals(run.values)
    rows = list(csv.DictReader((tmp_path / "worlds.csv").read_text().splitlines()))
    assert [*rows[0]] == ["replication", "first", "open", "share"]
    assert [int(row["open"]) for row in rows] == run.values["open"].to_list()
    fields = json.loads((tmp_path / "datapackage.json").read_text())["resources"]
    (table,) = [r["schema"]["fields"] for r in fields if r["path"] == "worlds.csv"]
    said = {field["name"]: (field["type"], field.get("unit")) for field in table}
    assert said == {
        "replication": ("integer", None),
        "open": ("integer", None),
        "share": ("number", "share, 0 to 1"),
        "first": ("number", "days"),
    }


@pytest.mark.parametrize("folder", ["a-comparison"], indirect=True)
def test_worlds_of_a_comparison_say_of_which_scenario_they_are(folder: Path) -> None:
    worlds = pl.read_csv(folder / "worlds.csv")
    assert worlds["scenario"].to_list() == ["no changes"] * 6 + ["kept"] * 6
    contrast = pl.read_csv(folder / "contrasts.csv").row(0, named=True)
    means = worlds.group_by("scenario").agg(pl.col("open").mean())
    found = dict(means.iter_rows())
    assert found["kept"] - found["no changes"] == pytest.approx(contrast["difference"])


# ---------------------------------------------------------------------------------- manuscripts


def test_a_table_for_latex() -> None:
    assert latex(("Outcome", "Estimate"), [("A & B_1", "\N{MINUS SIGN}3.0 %")]) == (
        "% needs \\usepackage{booktabs}\n"
        "\\begin{tabular}{lr}\n"
        "\\toprule\n"
        "Outcome & Estimate \\\\\n"
        "\\midrule\n"
        "A \\& B\\_1 & $-$3.0 \\% \\\\\n"
        "\\bottomrule\n"
        "\\end{tabular}\n"
    )
    assert latex_text("<0.1 %") == r"\textless{}0.1 \%"


def test_a_table_in_markdown() -> None:
    found = markdown(("Outcome", "Estimate"), [("a | b", "<0.1 %")])
    assert found == "| Outcome | Estimate |\n|---|---:|\n| a \\| b | &lt;0.1 % |\n"


@pytest.mark.parametrize(
    ("folder", "stem"),
    [
        ("a-run", "outcomes"),
        ("a-comparison", "contrasts"),
        ("a-why", "but-for"),
        ("a-sweep", "sweep"),
        ("codings", "agreement"),
    ],
    indirect=["folder"],
)
def test_the_table_of_a_page_is_there_for_a_manuscript(folder: Path, stem: str) -> None:
    text = (folder / f"{stem}.tex").read_text(encoding="utf-8")
    body = text.split("\\midrule\n")[1].split("\\bottomrule")[0].splitlines()
    rows = (folder / f"{stem}.md").read_text(encoding="utf-8").splitlines()[2:]
    assert len(body) == len(rows) == len(pl.read_csv(folder / f"{stem}.csv"))
    columns = text.split("{tabular}{")[1].split("}")[0]
    assert {line.count(" & ") + 1 for line in body} == {len(columns)}
