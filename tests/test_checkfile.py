"""Telling scenarios from logs, and the scenario to start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.checkfile import check_file, new_scenario
from sim.errors import InputError
from sim.logfile import load, to_jsonl
from sim.resolve import load_scenario, shipped_doctrines

ROOT = Path(__file__).parent.parent
SMALL = Path(__file__).parent / "scenarios" / "valid" / "small.yaml"
LOG = ROOT / "seeds" / "blinken-lavrov.yaml"


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_shipped_scenario_checks(path: Path) -> None:
    said = check_file(path)
    assert said.startswith("a scenario, a ")
    assert said.endswith(f" with {len(load_scenario(path).outcomes)} outcomes")


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
