"""Telling scenarios from logs, and the scenario to start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli.check import check_file, new_scenario
from sim.ground.dates import parse
from sim.ground.errors import InputError
from sim.log.file import load, to_jsonl
from sim.scenario.resolve import load_scenario, shipped_doctrines

ROOT = Path(__file__).parent.parent
SMALL = Path(__file__).parent / "scenarios" / "valid" / "small.yaml"
LOG = ROOT / "seeds" / "blinken-lavrov.yaml"


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_shipped_scenario_checks(path: Path) -> None:
    said = check_file(path)
    assert said.startswith("a scenario, a ")
    told, _, outside = said.partition("; forums outside its time: ")
    assert told.endswith(f" with {len(load_scenario(path).outcomes)} outcomes")
    scenario = load_scenario(path)
    end = parse(scenario.until).hi_s
    late = [n for n, f in scenario.forums.items() if parse(f.date).lo_s >= end]
    assert {*late} <= {*outside.split(", ")}


def test_a_log_is_told_from_a_scenario_by_its_events(tmp_path: Path) -> None:
    count = len(load(LOG).events)
    assert check_file(LOG) == f"a log of {count} events on 1 channel"
    (tmp_path / "log.jsonl").write_text(to_jsonl(load(LOG)))
    unbroken = f"a log of {count} events on 1 channel, unbroken"
    assert check_file(tmp_path / "log.jsonl") == unbroken
    assert check_file(SMALL) == "a scenario, a policy with 4 outcomes"


def test_a_broken_file_is_judged_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "log.yaml").write_text("title: x\nevents: []\n")
    with pytest.raises(InputError, match="schema: is required"):
        check_file(tmp_path / "log.yaml")
    (tmp_path / "scenario.yaml").write_text("title: x\n")
    with pytest.raises(InputError, match="question: is required"):
        check_file(tmp_path / "scenario.yaml")


def test_a_new_scenario_names_itself_and_the_doctrines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = new_scenario("mine")
    text = path.read_text()
    assert path == Path("mine.yaml")
    assert "sim run mine.yaml" in text
    assert ", ".join(shipped_doctrines()) in text
    assert "{{" not in text


def test_what_a_new_scenario_offers_in_comments_works_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = new_scenario("mine").read_text()
    opened = [
        line[2:] if line.startswith(("# doctrines:", "#   ", "# changes:")) else line
        for line in text.splitlines()
    ]
    (tmp_path / "open.yaml").write_text("\n".join(opened))
    found = load_scenario("open.yaml")
    assert "cautious" in found.doctrines
    assert len(found.changes) == 2


@pytest.mark.parametrize("name", ["a/b", "", "..", "a\n", "no good"])
def test_names_that_are_none(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="must be a plain name"):
        new_scenario(name)
    assert list(tmp_path.iterdir()) == []


def test_a_forum_of_another_year_is_pointed_out(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    base = (ROOT / "scenarios" / "calm-neighbours.yaml").as_posix()
    path.write_text(f"extends: {base}\nforums: {{typo: {{date: 2103-05-01}}}}\n")
    assert "; forums outside its time: " in check_file(path)
    assert "typo" in check_file(path)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("log.yaml", "is a log, not a scenario: `sim replay` reads it"),
        ("scenario.yaml", "is a scenario, not a log: `sim run` runs it"),
    ],
)
def test_one_is_not_taken_for_the_other(name: str, rule: str, tmp_path: Path) -> None:
    (tmp_path / "log.yaml").write_text("schema: 3\ntitle: A log\nchannels: {}\nevents: []\n")
    (tmp_path / "scenario.yaml").write_text("title: A scenario\nquestion: What?\nas_of: 2020\n")
    read = load_scenario if name == "log.yaml" else load
    with pytest.raises(InputError) as caught:
        read(tmp_path / name)
    (problem,) = caught.value.problems
    assert (problem.line, problem.rule[: len(rule)]) == (1, rule)
