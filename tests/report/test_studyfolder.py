"""The folders of studies: nothing is mixed, and nothing is overwritten."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from micro import scenario
from typed import listing

from sim.ground.errors import InputError, RunError
from sim.report.runfolder import load_run
from sim.report.runs import run
from sim.report.studyfolder import check_free, claim, record
from sim.scenario.resolve import load_scenario

WHOLE = scenario()


def study(**more: Any) -> dict[str, Any]:
    return record("why", {"a/b c": WHOLE}, 1, 20, **({"outcome": "open"} | more))


def test_a_folder_says_whose_it_is(tmp_path: Path) -> None:
    claim(tmp_path / "new", study(), {"a/b c": WHOLE})
    assert listing(tmp_path / "new").keys() == {"scenarios/0-a-b-c.yaml", "study.json"}
    kept = json.loads((tmp_path / "new/study.json").read_text(encoding="utf-8"))
    assert kept == study()
    assert (kept["study"], kept["seed"], kept["outcome"]) == ("why", 1, "open")
    assert len(kept["scenarios"]["a/b c"]) == 64
    assert load_scenario(tmp_path / "new/scenarios/0-a-b-c.yaml") == WHOLE
    (tmp_path / "new/chunks").mkdir()
    claim(tmp_path / "new", study(), {"a/b c": WHOLE})  # the same again goes on


def test_what_a_killed_sweep_left_is_taken_up(tmp_path: Path) -> None:
    (tmp_path / "chunks").mkdir()
    (tmp_path / "chunks/one.chunk").write_text("")
    check_free(tmp_path, study())
    check_free(tmp_path / "none", study())
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("other", [{"outcome": "shut"}, {"seed": 2}, {"study": "sweep"}])
def test_another_study_does_not_take_it(other: dict[str, Any], tmp_path: Path) -> None:
    claim(tmp_path, study(), {})
    before = (tmp_path / "study.json").read_bytes()
    with pytest.raises(RunError, match=r"holds something else than this .*choose another --out"):
        claim(tmp_path, study() | other, {})
    assert (tmp_path / "study.json").read_bytes() == before


@pytest.mark.slow
def test_a_run_and_other_files_are_not_overwritten(tmp_path: Path) -> None:
    run(WHOLE, replications=2, out=tmp_path / "run")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/report.html").write_text("my own")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/study.json").write_text("{")
    (tmp_path / "file").write_text("a file")
    for name in ("run", "mine", "broken", "file"):
        before = listing(tmp_path / name) if name != "file" else {}
        with pytest.raises(RunError, match=r"holds something else|cannot be opened"):
            claim(tmp_path / name, study(), {"a": WHOLE})
        assert name == "file" or listing(tmp_path / name) == before


def test_a_study_is_not_opened_as_a_run(tmp_path: Path) -> None:
    claim(tmp_path, study(), {})
    with pytest.raises(InputError, match="holds a comparison, a why or a sweep"):
        load_run(tmp_path)
    (tmp_path / "study.json").unlink()
    with pytest.raises(InputError, match=r"must be the folder of a finished run$"):
        load_run(tmp_path)


@pytest.mark.parametrize("content", ["[" * 200_000, '{"a":' * 100_000, "[]", "\ud800", None])
def test_a_record_that_is_none_is_told(content: str | None, tmp_path: Path) -> None:
    """Nested without end, of another form, no text, or a pipe that nobody writes into."""
    if content is None:
        os.mkfifo(tmp_path / "study.json")
    else:
        (tmp_path / "study.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(RunError, match="holds something else than this why"):
        check_free(tmp_path, study())
