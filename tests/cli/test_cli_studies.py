"""The commands `compare`, `why` and `verify`: what they say and write, and what they refuse."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from micro import doctrine
from pasts import detained, event, written
from typed import Type, Typed, listing, typed

from sim.ground.letters import visible
from sim.ground.yaml import dump_yaml
from sim.model.eventtable import Difference
from sim.study.verifying import Placebo

pytestmark = pytest.mark.usefixtures("drawn_never")

EVEN = doctrine(call=0.0, accept_call=0.0, cut=-1.0, acknowledge=0.5)
DOVE = {"set_doctrine": {"party": "USA", "doctrine": "dove", "from": "2021-03-05"}}


def write(path: Path, *changes: dict[str, Any], **parts: Any) -> None:
    whole = written(
        event("cut", "contact_cut", "2021-01-20", by="USA"),
        detained("arrest", "2021-01-22"),
        detained("free", "2021-02-10", "released"),
        doctrines={"can": EVEN, "usa": EVEN, "dove": doctrine(call=2.0, accept_call=2.0)},
        **(
            {
                "changes": list(changes),
                "outcomes": {"open": {"type": "state_at", "state": "open", "title": "Open"}},
                "show_from": "2021-01-20",
            }
            | parts
        ),
    )
    path.write_text(dump_yaml(whole), encoding="utf-8")


@pytest.fixture
def sim(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Type:
    """Type commands in a folder that holds a base, a what-if and a policy."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "base.yaml")
    write(tmp_path / "kept.yaml", {"remove": "cut"})
    write(tmp_path / "dove.yaml", DOVE)
    return lambda *arguments: typed(capsys, *arguments)


def refused(found: Typed, *complaints: str) -> None:
    assert (found.code, found.out) == (2, "")
    assert found.complaints == list(complaints)


# ---------------------------------------------------------------------------------- compare


def test_compare_with_no_changes(sim: Type, tmp_path: Path) -> None:
    found = sim("compare", "kept.yaml", "-n", 40)
    assert (found.code, found.err) == (0, "")
    assert "“A small scenario” compared with “no changes”" in found.out
    assert "“A small scenario”, a what-if. Against “no changes”:" in found.out
    assert "Simulation's interval" in found.out
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("compare-kept-")
    assert f"Report: runs/{folder.name}/report.html" in found.out
    assert {"comparison.json", "contrasts.csv", "report.html"} <= set(listing(folder))
    assert sim("compare", "kept.yaml", "-n", 40) == found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"red\x1b[31m", r"red\x1b[31m"),
        (b"bytes\xff", r"bytes\xff"),
        ("turned\u202e".encode(), r"turned\u202e"),
        (b"two\nlines", r"two\nlines"),
    ],
)
def test_compare_files_whose_names_do_not_print(
    name: bytes, shown: str, sim: Type, tmp_path: Path
) -> None:
    odd = Path(os.fsdecode(name) + ".yaml")
    try:
        odd.write_bytes(Path("dove.yaml").read_bytes())
    except OSError as error:
        pytest.skip(f"this disk has no such names: {error}")
    for line in (("base.yaml", odd), (odd, "base.yaml"), (odd, "base.yaml", "--json")):
        found = sim("compare", *line, "-n", 4, "--out", f"here-{line[0] == odd}")
        assert (found.code, found.err) == (0, "")
        assert visible(found.out.replace("\n", "")) == found.out.replace("\n", "")
    assert shown in json.loads(found.out)["levels"]
    page = Path("here-True/report.html").read_text(encoding="utf-8").replace("\n", "")
    assert visible(page) == page
    found = sim("compare", "base.yaml", odd, "-n", 4)
    assert found.code == 0
    assert all(visible(p.name) == p.name for p in Path("runs").iterdir())


def test_compare_several(sim: Type) -> None:
    found = sim("compare", "base.yaml", "kept.yaml", "dove.yaml", "-n", 20, "--out", "here")
    assert "2 scenarios compared with “base”" in found.out
    assert "“kept”, a what-if. Against “base”:" in found.out
    assert "“dove”, a policy. Against “base”:" in found.out
    assert found.out.count("Open") >= 2
    assert "counterfactual" not in found.out.lower()


def test_compare_json_is_json_and_nothing_else(sim: Type) -> None:
    line = ("compare", "base.yaml", "dove.yaml", "-n", 20, "--seed", 4, "--json", "--out", "here")
    found = sim(*line, "--coupling")
    assert (found.code, found.err, found.out.count("\n")) == (0, "", 1)
    made = json.loads(found.out)
    assert made["levels"] == {"base": "forecast", "dove": "policy"}
    assert (made["seed"], made["replications"], made["folder"]) == (4, 20, "here")
    assert [c["name"] for c in made["contrasts"]] == ["open"]
    assert made["contrasts"][0]["gap"] is not None
    plain = sim(*line[:-1], "there")
    assert json.loads(plain.out)["contrasts"][0]["gap"] is None
    refused = sim(*line)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "here: holds something else than this comparison; choose another --out\n"
    same = json.loads(sim(*line, "--coupling", "--executor", "reference", "--workers", 1).out)
    assert same["contrasts"] == made["contrasts"]


def test_compare_of_one_world_has_no_traceback(sim: Type) -> None:
    assert sim("compare", "kept.yaml", "-n", 1, "--out", "here").code == 0


def test_compare_refuses(sim: Type, tmp_path: Path) -> None:
    before = listing(tmp_path)
    rule = "has no changes: name another scenario to compare it with"
    refused(sim("compare", "base.yaml"), f"base.yaml: changes: {rule}")
    rule = "compare: scenarios that are compared must have different file names"
    refused(sim("compare", "base.yaml", "base.yaml"), rule)
    refused(sim("compare", "base.yaml", "kept.yaml", "./kept.yaml"), rule)
    refused(sim("compare", "bse.yaml"), "bse.yaml: no such file; did you mean 'base.yaml'?")
    assert listing(tmp_path) == before
    write(tmp_path / "other.yaml", until="2021-04-30")
    rule = "must be 2021-03-31, as in the base: otherwise the two share no noise (got 2021-04-30)"
    refused(sim("compare", "base.yaml", "other.yaml"), f"other: until: {rule}")
    assert not (tmp_path / "runs").exists()


# ---------------------------------------------------------------------------------- why


def test_why_says_what_it_found_and_keeps_it(sim: Type, tmp_path: Path) -> None:
    found = sim("why", "base.yaml", "-n", 30)
    assert (found.code, found.err) == (0, "")
    assert "Why: Open" in found.out
    assert "% of 30 worlds." in found.out
    assert "(and with it free)" in found.out
    (folder,) = (tmp_path / "runs").glob("why-base-open-*-n30-s*")
    assert "Note: The log is taken to be complete from" in found.out
    assert {"why.json", "but-for.csv", "report.html"} <= set(listing(folder))
    assert ("The smallest sets that reverse it:" in found.out) == bool(
        json.loads((folder / "why.json").read_text())["reversals"]
    )


def test_why_says_that_nothing_reverses_it(sim: Type, tmp_path: Path) -> None:
    write(
        tmp_path / "sure.yaml",
        outcomes={"cut": {"type": "event_by", "kind": "detained", "from": "2021-01-20"}},
    )
    found = sim("why", "sure.yaml", "-n", 5)
    assert "The smallest sets that reverse it:" in found.out
    write(tmp_path / "never.yaml", outcomes={"x": {"type": "state_at", "state": "corridor"}})
    found = sim("why", "never.yaml", "-n", 5)
    assert "It comes about in none of 5 worlds." in found.out
    assert "None of 7 sets of up to three events reverses it." in found.out


def test_a_long_why_says_so_before_it_begins(sim: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "may take" not in sim("why", "base.yaml", "-n", 20, "--seed", 3).err
    monkeypatch.setattr("sim.cli.duration.MANY", {"kernel": 0, "reference": 0})
    monkeypatch.setattr("sim.cli.duration.LONG_S", 0.0)
    monkeypatch.setattr("sim.ground.saying._said", set())
    found = sim("why", "base.yaml", "-n", 20, "--seed", 4)
    assert found.code == 0
    said = "this why tries up to 7 sets of events over 20 worlds each and may take up to about "
    assert found.err.startswith(said)


def test_why_json_is_json_and_nothing_else(sim: Type) -> None:
    found = sim("why", "base.yaml", "-n", 10, "--seed", 8, "--json", "--out", "here")
    assert (found.code, found.err, found.out.count("\n")) == (0, "", 1)
    made = json.loads(found.out)
    assert (made["seed"], made["replications"], made["folder"]) == (8, 10, "here")
    assert {e["events"][0] for e in made["events"]} == {"cut", "arrest", "free"}
    assert {k: v for k, v in made.items() if k != "folder"} == json.loads(
        Path("here/why.json").read_text()
    )


def test_why_refuses(sim: Type, tmp_path: Path) -> None:
    found = sim("why", "base.yaml", "--outcome", "opn")
    refused(found, "--outcome: must be one of open; did you mean 'open'? (got opn)")
    write(tmp_path / "shares.yaml", outcomes={"s": {"type": "share_of_days", "state": "open"}})
    rule = "a why needs an outcome of type state_at, state_by or event_by"
    refused(sim("why", "shares.yaml"), f"A small scenario: outcomes: {rule}")
    assert not (tmp_path / "runs").exists()


def test_why_of_an_impossible_history_names_the_event(sim: Type, tmp_path: Path) -> None:
    write(tmp_path / "bad.yaml", rates_per_day={"cut": 0})
    found = sim("why", "bad.yaml", "-n", 5)
    assert (found.code, found.out) == (2, "")
    (complaint,) = found.complaints
    assert re.match(r"bad\.yaml:\d+: cut: the model cannot produce this event", complaint)
    assert "give its act a rate above 0" in complaint
    assert not (tmp_path / "runs").exists()


def test_a_run_of_an_impossible_history_leaves_its_folder_free(sim: Type, tmp_path: Path) -> None:
    changed = {"remove": "arrest"}
    write(tmp_path / "bad.yaml", changed, rates_per_day={"cut": 0})
    for executor in ("reference", "kernel"):
        found = sim("run", "bad.yaml", "-n", 5, "--executor", executor, "--out", "here")
        assert found.code == 2
        assert re.match(r"bad\.yaml:\d+: cut: the model cannot", found.complaints[0])
        assert not (tmp_path / "here").exists()
    write(tmp_path / "good.yaml", changed)
    assert sim("run", "good.yaml", "-n", 5, "--out", "here").code == 0


# ---------------------------------------------------------------------------------- verify


@pytest.mark.parametrize("name", ["base", "kept", "dove"])
def test_verify(sim: Type, tmp_path: Path, name: str) -> None:
    found = sim("verify", f"{name}.yaml", "-n", 4)
    assert (found.code, found.err) == (0, "")
    assert found.out.endswith("events of 4 worlds are the same to the last bit\n")
    assert not (tmp_path / "runs").exists()


def test_verify_names_a_difference(sim: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    def differing(*_: object) -> Difference:
        return Difference(3, 14, "told_a", 0, 1)

    monkeypatch.setattr("sim.study.verifying.verify", differing)
    found = sim("verify", "base.yaml")
    assert found.code == 1
    place = "replication 3, event 14, told_a: reference 0, kernel 1"
    assert found.out == f"the executors differ: {place}\n"


def test_verify_placebos(sim: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    found = sim("verify", "kept.yaml", "-n", 2, "--placebo")
    assert found.code == 0
    assert found.out.count("nothing changed in") == 3

    def failing(*_: object) -> list[Placebo]:
        return [Placebo("words", 5, ""), Placebo("a cut", 5, "1 became 2")]

    monkeypatch.setattr("sim.study.verifying.placebos", failing)
    found = sim("verify", "kept.yaml", "--placebo")
    assert found.code == 1
    assert found.out == "words: nothing changed in 5 events\na cut: 1 became 2\n"


def test_compare_says_what_is_changed_and_what_a_mean_of_days_is(sim: Type, tmp_path: Path) -> None:
    first = {"first": {"type": "first_time", "state": "open"}}
    write(tmp_path / "days.yaml", {"remove": "cut"}, outcomes=first)
    found = sim("compare", "days.yaml", "-n", 20, "--coupling")
    assert "  removed: Contact cut (USA) (cut) of 2021-01-20" in found.out
    assert "Coupling gap" in found.out
    assert "Note: Days until a first time are means over all worlds" in found.out
    assert "counts with all " in found.out
    page = next((tmp_path / "runs").glob("*/report.html")).read_text(encoding="utf-8")
    assert "removed: Contact cut (USA) (cut) of 2021-01-20" in page
    assert "How this was made" in page
