"""Telling scenarios from logs, and the scenario to start from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import sim
from sim.cli import check
from sim.cli.check import check_file
from sim.cli.new import new_scenario
from sim.ground.dates import parse
from sim.ground.errors import InputError
from sim.log.file import load, to_jsonl
from sim.scenario.resolve import load_scenario, shipped_doctrines
from sim.scenario.scenario import Scenario

ROOT = Path(__file__).parents[2]
SMALL = Path(__file__).parents[1] / "support" / "valid" / "small.yaml"
LOG = ROOT / "seeds" / "blinken-lavrov.yaml"


@pytest.mark.slow
@pytest.mark.usefixtures("dated_hastily")
@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_shipped_scenario_checks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Scenario] = []

    def loading(path: Path, real: Callable[[Path], Scenario] = check.load_scenario) -> Scenario:
        loaded.append(real(path))
        return loaded[-1]

    monkeypatch.setattr(check, "load_scenario", loading)
    monkeypatch.setattr(check, "TRIED", 2)  # `test_whatif_scenarios` runs hundreds
    said = check_file(path)
    (scenario,) = loaded
    assert said.startswith("a scenario, a ")
    told, _, outside = said.partition("; forums outside its time: ")
    assert f" with {len(scenario.outcomes)} outcomes" in told
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


def test_a_log_is_told_what_it_means_that_it_is_not_said_to_be_complete(tmp_path: Path) -> None:
    text = LOG.read_text()
    assert text.count("complete_from: ") == 1
    lines = [line for line in text.splitlines() if "complete_from: " not in line]
    (tmp_path / "log.yaml").write_text("\n".join(lines))
    said = check_file(tmp_path / "log.yaml")
    start = "a log of 16 events on 1 channel. The channel does not have a `complete_from`, the day"
    assert said.startswith(start)
    assert said.count(".") == 2
    assert "complete_from" not in check_file(LOG)  # the control


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
    (tmp_path / "log.yaml").write_text("schema: 4\ntitle: A log\nchannels: {}\nevents: []\n")
    (tmp_path / "scenario.yaml").write_text("title: A scenario\nquestion: What?\nas_of: 2020\n")
    read = load_scenario if name == "log.yaml" else load
    with pytest.raises(InputError) as caught:
        read(tmp_path / name)
    (problem,) = caught.value.problems
    assert (problem.line, problem.rule[: len(rule)]) == (1, rule)


SAME_DAY = """
title: Agreed and cancelled
question: May a meeting be cancelled on its own day?
as_of: 2022-06-30
until: 2022-07-31
parties: {USA: {doctrine: transactional}, RUS: {doctrine: transactional}}
rates_per_day: {meet: 0.01, call: 0.01, raise_detainees: 0.01, cancel: 0.05, cut: 0.01, swap: 0.01}
complete_from: 2022-01-01
history:
  schema: 4
  title: A meeting
  channels: {usa-rus/ministers: {parties: [USA, RUS]}}
  events:
    - {id: agreed, date: 2022-05-02, kind: meeting_agreed, channel: usa-rus/ministers,
       meeting_date: 2022-05-16}
    - {id: called-off, date: %s, kind: meeting_cancelled, channel: usa-rus/ministers, by: USA,
       causes: [agreed]}
changes:
  - remove: called-off
"""


@pytest.mark.parametrize("day", ["2022-05-16", "2022-05-16T03:00:00Z", "2022-05-10"])
def test_a_meeting_may_be_cancelled_on_its_own_day(day: str, tmp_path: Path) -> None:
    """Events of one day follow causes; a meeting of a day is not over before the day is."""
    path = tmp_path / "s.yaml"
    path.write_text(SAME_DAY % day)
    check_file(path)
    sim.run(path, replications=20, workers=1, executor="reference")


def test_check_finds_what_a_run_would_refuse(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SAME_DAY % "2022-05-17")
    with pytest.raises(InputError) as refused:
        sim.run(path, replications=20, workers=1)
    with pytest.raises(InputError) as checked:
        check_file(path)
    assert [str(p) for p in checked.value.problems] == [str(p) for p in refused.value.problems]
    assert "history: agreed: the model cannot produce this event" in str(refused.value.problems[0])
