"""Folders made again by the commands that they keep, and archives of them."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from kinds import MADE, PAST, write_files
from rocrate.rocrate import ROCrate
from typed import Type, Typed, listing, typed, unlike

import sim
from sim.ground.commands import files_of, options
from sim.report.archiving import archive
from sim.report.kept import kept_in

pytestmark = pytest.mark.usefixtures("drawn_never")


@pytest.fixture
def sim_in(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Path], Type]:
    write_files(tmp_path)

    def at(folder: Path) -> Type:
        monkeypatch.chdir(folder)
        return lambda *arguments: typed(capsys, *arguments)

    return at


def done(found: Typed) -> None:
    assert found.code == 0, found.err


@pytest.mark.slow
@pytest.mark.parametrize("name", MADE)
def test_a_folder_is_made_again_by_its_own_command(
    name: str, sim_in: Callable[[Path], Type], tmp_path: Path
) -> None:
    done(sim_in(tmp_path)(*MADE[name], "--out", name))
    for path in tmp_path.glob("*.yaml"):
        path.unlink()  # nothing outside the folder is needed
    command = kept_in(tmp_path / name).command
    assert command is not None
    done(sim_in(tmp_path / name)(*command[1:], "--out", tmp_path / "again"))
    assert unlike(tmp_path / "again", tmp_path / name) == []


def test_a_study_keeps_its_titles(sim_in: Callable[[Path], Type], tmp_path: Path) -> None:
    done(sim_in(tmp_path)("compare", "kept.yaml", "-n", 2, "--out", "it"))
    record = json.loads((tmp_path / "it" / "study.json").read_text())
    assert record["titles"] == {"no changes": "Kept", "kept": "Kept"}
    assert record["command"][2:4] == ["scenarios/no changes.yaml", "scenarios/kept.yaml"]


def test_a_run_that_people_played_has_no_command(tmp_path: Path) -> None:
    players = {"USA": sim.ScriptedPlayer((sim.Line("accept_call", False),))}
    sim.run(PAST, replications=2, players=players).save(tmp_path / "played", report=False)
    assert kept_in(tmp_path / "played").command is None


def test_names_that_are_no_files_are_written_otherwise() -> None:
    names = ["no changes", "a/b: c?", "A", "a", "", ".x", "x" * 70]
    found = files_of(names, "scenarios")
    assert found["no changes"] == "scenarios/no changes.yaml"
    assert found["a/b: c?"] == "scenarios/1-a-b-c-.yaml"
    assert found["A"] == "scenarios/A.yaml"
    assert found["a"] == "scenarios/3-a.yaml"  # some systems take the two for one
    assert len({path.lower() for path in found.values()}) == len(names)
    assert all(not Path(path).name.startswith(".") for path in found.values())


def test_options_are_written_as_they_are_typed() -> None:
    given = {"--a": None, "--b": False, "--c": True, "--d": 0.25, "--e": "x"}
    assert options(given) == ["--c", "--d", "0.25", "--e", "x"]


# ---------------------------------------------------------------------------------- archives


@pytest.fixture
def two(sim_in: Callable[[Path], Type], tmp_path: Path) -> Path:
    """A folder with a run and a comparison."""
    for name in ("a-run", "a-comparison"):
        done(sim_in(tmp_path)(*MADE[name], "--out", name))
    return tmp_path


def opened(path: Path, folder: Path) -> Path:
    with ZipFile(path) as whole:
        whole.extractall(folder)
    return folder


def test_an_archive_holds_the_folders_and_says_what_made_them(
    two: Path, sim_in: Callable[[Path], Type]
) -> None:
    command = ("archive", "a-run", "a-comparison", "--out", "it.zip", "--date", "2024-05-31")
    words = ("--title", "Replication data", "--license", "https://example.org/licence")
    done(sim_in(two)(*command, *words))
    whole = opened(two / "it.zip", two / "out")
    for name in ("a-run", "a-comparison"):
        assert unlike(whole / name, two / name) == []
    commands = json.loads((whole / "commands.json").read_text())
    assert commands["a-run"] == [
        "sim",
        "run",
        "scenario.yaml",
        "-n",
        "6",
        "--seed",
        "5",
        "--events",
        "--draws",
        "0",
    ]
    versions = (whole / "requirements.txt").read_text().splitlines()
    assert f"# Python {sys.version.split()[0]}" in versions
    assert any(line.startswith("backchannel==") for line in versions)
    assert "@misc{scenario-" in (whole / "bibliography.bib").read_text()


def test_an_archive_is_an_ro_crate(two: Path) -> None:
    archive([two / "a-run", two / "a-comparison"], two / "it.zip", date="2024-05-31")
    whole = opened(two / "it.zip", two / "out")
    crate = ROCrate(str(whole))
    assert crate.root_dataset["datePublished"] == "2024-05-31"
    described = {e.id for e in crate.get_entities() if e.type == "File"}
    assert described == listing(whole).keys() - {"ro-crate-metadata.json"}
    made = crate.dereference("#a-run")
    assert made["instrument"]["softwareVersion"] == sim.__version__
    assert [e.id for e in made["object"]] == ["a-run/scenario.yaml"]
    assert made["result"].id == "a-run/"
    ids = [e["@id"] for e in json.loads((whole / "ro-crate-metadata.json").read_text())["@graph"]]
    assert len(ids) == len(set(ids))


def test_the_same_folders_make_the_same_bytes(two: Path) -> None:
    paths = [archive([two / "a-run"], two / name, date="2024-05-31") for name in ("1.zip", "2.zip")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    other = archive([two / "a-run"], two / "3.zip", date="2024-06-01")
    assert other.read_bytes() != paths[0].read_bytes()


def again(whole: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run an archive's script, its commands within this process; return its code and its lines."""
    main = runpy.run_path(str(whole / "rerun.py"))["main"]
    said: list[str] = []

    def run(words: list[str], *, cwd: Path, **more: Any) -> subprocess.CompletedProcess[bytes]:
        assert words[:3] == [sys.executable, "-m", "sim"]
        said.extend(capsys.readouterr().out.splitlines())
        before = Path.cwd()
        os.chdir(cwd)
        try:
            return subprocess.CompletedProcess(words, typed(capsys, *words[3:]).code)
        finally:
            os.chdir(before)

    monkeypatch.setattr(subprocess, "run", run)
    code = main([])
    return code, said + capsys.readouterr().out.splitlines()


@pytest.mark.slow
def test_the_script_makes_all_again_and_compares(
    two: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    archive([two / "a-run", two / "a-comparison"], two / "it.zip", date="2024-05-31")
    whole = opened(two / "it.zip", two / "out")
    code, lines = again(whole, monkeypatch, capsys)
    assert (code, lines.count("  the same bytes")) == (0, 2)


@pytest.mark.slow
def test_the_script_finds_what_differs(
    two: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    archive([two / "a-run", two / "a-comparison"], two / "it.zip", date="2024-05-31")
    whole = opened(two / "it.zip", two / "out")
    (whole / "a-run" / "outcomes.csv").write_text("name\n")
    (whole / "a-comparison" / "mine.txt").write_text("")
    shutil.rmtree(whole / "a-comparison" / "figures")
    (whole / "requirements.txt").write_text("# Python 2.7\nbackchannel==0\n")
    code, lines = again(whole, monkeypatch, capsys)
    assert code == 1
    assert "  outcomes.csv: other bytes" in lines
    assert "  mine.txt: only in the archive" in lines
    assert "  figures/contrasts.svg: only made again" in lines
    assert f"another version: backchannel {sim.__version__} here, 0 in the archive" in lines


def test_the_script_runs_as_a_program(two: Path) -> None:
    archive([two / "a-run"], two / "it.zip", date="2024-05-31")
    whole = opened(two / "it.zip", two / "out")
    words = [sys.executable, "rerun.py", "nothing"]
    found = subprocess.run(words, cwd=whole, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (2, "not in this archive: nothing\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("a-run", "--out", "it.rar"), "--out: must end in .zip (got it.rar)"),
        (("a-run", "a-run", "--out", "it.zip"), "a-run: folders of an archive must have different"),
        (("empty", "--out", "it.zip"), "empty: must be the folder of a finished run, study or fit"),
        (("a-run", "--out", "it.zip", "--date", "May"), "--date: must be a day, as 2024-05-31"),
        (("a-run", "--out", "it.zip", "--title", "a\nb"), "--title: must be one line"),
    ],
)
def test_refusals(
    words: tuple[str, ...], complaint: str, sim_in: Callable[[Path], Type], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    sim.run(PAST, replications=2).save(tmp_path / "a-run", report=False)
    found = sim_in(tmp_path)("archive", *words)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(complaint)
    assert not [path for path in tmp_path.iterdir() if "it." in path.name]
