"""What learning will refuse of a history, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli.app import app
from sim.ground.errors import InputError
from sim.learning.design import design_of
from sim.learning.refusals import refusals, scenario_over
from sim.log.file import load

LOG = """
schema: 4
title: A log that learning refuses
channels: {usa-rus/ministers: {parties: [USA, RUS], initial: open, complete_from: 2021-01-01}}
events:
  - {id: call, date: 2021-02-01, kind: call_held, channel: usa-rus/ministers}
  - {id: off, date: 2021-03-01, kind: meeting_cancelled, channel: usa-rus/ministers, by: USA}
  - {id: again, date: 2021-03-15, kind: contact_restored, channel: usa-rus/ministers, by: USA}
  - {id: cut, date: 2021-04-01, kind: contact_cut, channel: usa-rus/ministers, by: USA}
  - {id: later, date: 2021-06-01, kind: call_held, channel: usa-rus/ministers, causes: [again]}
"""
REFUSED = ["again", "off"]


def test_every_event_that_is_refused_is_named() -> None:
    scenario = scenario_over(load(text=LOG))
    assert sorted(p.path for p in refusals(scenario)) == REFUSED
    with pytest.raises(InputError) as caught:  # learning itself stops at the first
        design_of(scenario)
    assert len(caught.value.problems) == 1


def test_what_is_left_is_not_refused() -> None:
    kept = [line for line in LOG.splitlines() if not any(f"id: {id_}," in line for id_ in REFUSED)]
    log = load(text="\n".join(kept).replace(", causes: [again]", ""))
    assert refusals(scenario_over(log)) == []
    design_of(scenario_over(log))


def test_a_scenario_without_a_history_is_refused_once() -> None:
    scenario = scenario_over(load(text=LOG))
    bare = scenario.model_copy(update={"history": None})
    (problem,) = refusals(bare)
    assert problem.path == "history"


def test_check_for_learning_on_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "log.yaml"
    path.write_text(LOG)
    done = CliRunner().invoke(app, ["check", "--for-learning", str(path)])
    assert isinstance(done.exception, InputError)
    lines = LOG.splitlines()
    for id_ in REFUSED:
        line = next(n for n, text in enumerate(lines, 1) if f"id: {id_}," in text)
        assert f"{path}:{line}: {id_}: the model cannot" in str(done.exception)
    scenario = Path(__file__).parents[2] / "scenarios" / "record.yaml"
    done = CliRunner().invoke(app, ["check", "--for-learning", str(scenario)])
    assert done.output.endswith("would refuse; silence counts from 2021-01-26 on\n")
