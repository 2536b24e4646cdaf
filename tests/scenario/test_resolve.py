"""From what people write to the resolved scenario, and what random damage to it gives."""

from __future__ import annotations

import copy
import json
import math
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doctrines import shipped
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from strategies import examples, structures

from sim.ground.errors import InputError
from sim.ground.letters import visible
from sim.ground.yaml import dump_yaml, load_yaml, parse_yaml, paths_below
from sim.log.file import load
from sim.scenario import resolve as module
from sim.scenario.resolve import (
    load_scenario,
    merge,
    resolve,
    shipped_doctrines,
)
from sim.scenario.scenario import Scenario

ROOT = Path(__file__).parents[2]
INVALID = Path(__file__).parents[1] / "messages"

FULL = """\
title: Every part at once
question: Does it hold together?
reasons: It has one of everything.
sources: [a book]
history:
  schema: 4
  title: A short history
  channels:
    usa-rus/ministers: {parties: [USA, RUS], initial: open}
  sources: {article: {title: An article, date: 2023}}
  events:
    - {id: call, date: 2022-01-10, kind: call_held, channel: usa-rus/ministers, by: USA,
       agenda: [war], minutes: 30, source: {document: article, paragraph: [1, 2]},
       accounts: {RUS: {denial: true, summary: It was no call.}, USA: {agenda: [detainees]}}}
    - {id: held, date: 2021, kind: detained, persons: [whelan], held_by: RUS, national_of: USA}
    - {id: agreed, date: 2022-01, kind: meeting_agreed, channel: usa-rus/ministers,
       meeting_date: 2022-03-01, causes: [call]}
    - {id: war, date: 2022-02-24, kind: escalation, severity: 1, label: invasion, by: RUS}
    - {id: start, date: 2022-02-28, kind: treaty_suspended, treaty: New START, causes: [war]}
as_of: 2022-03-31
until: 2022-12-31
parties:
  USA: {doctrine: mild, principal: A minister}
  RUS: {doctrine: isolating}
channels:
  usa-rus/ministers:
    lapse_days: {open: 400, open_at_most: 500, corridor: null}
    rates_per_day: {meet: 0.1}
    since: 2020
doctrines:
  mild: {extends: conciliatory, acknowledge: {bias: 1}}
governments:
  election: {party: USA, on: 2022-08-01, take_up: {mild: 0.25, isolating: rest}, title: An election}
rates_per_day: {meet: 0.05, cut: 0}
meeting_lead_days: {least: 2, most: 5}
forums:
  g20: {date: 2022-11-15/2022-11-16, title: G20, channels: [usa-rus/ministers]}
detainees:
  reed: {held_by: RUS, national_of: USA}
unnamed:
  others: {held_by: RUS, national_of: USA, people: {from: 1, to: 3}}
treaty: {name: New START, suspended: true, parties: [USA, RUS]}
world:
  fighting: {kind: escalation, rate_per_day: 0.1, severity: [0.1, 0.2], by: RUS}
  arrests: {kind: detention, rate_per_day: 0.01, held_by: RUS, national_of: USA}
stocks:
  war: {half_life_days: 200, raised_by: {escalation: 1}}
changes:
  - set_doctrine: {party: USA, doctrine: transactional, from: 2022-04-01, until: 2022-06-01}
  - insert: {id: talk, date: 2022-05-05, kind: corridor_talk, channel: usa-rus/ministers}
  - move: {event: call, to: 2022-01-11}
  - remove: start
outcomes:
  at: {type: state_at, state: [open, corridor], date: 2022-06-01, viewpoint: RUS}
  by: {type: state_by, state: open}
  share: {type: share_of_days, state: cut_off, from: 2022-05-01}
  first: {type: first_time, state: prisoner_only}
  calls: {type: event_by, kind: call_held, by: USA, at_least: 2}
ensemble: {replications: 100, seed: 5}
"""


def test_the_full_scenario_loads() -> None:
    scenario = resolve(parse_yaml(FULL, "full.yaml"))
    written = parse_yaml(FULL, "full.yaml").data.keys()
    assert scenario.model_fields_set == written


def test_every_shipped_doctrine_loads() -> None:
    assert shipped_doctrines() == ["conciliatory", "isolating", "transactional"]
    assert [shipped(name).title.lower() for name in shipped_doctrines()] == shipped_doctrines()


# --------------------------------------------------------------------------------- extends


def test_merge_goes_key_by_key_and_null_takes_away() -> None:
    base = parse_yaml("a: {x: 1, y: [1, 2], z: {p: 1}}\nb: 2\nc: {d: 1}\n", "base.yaml")
    over = parse_yaml("a:\n  y: [3]\n  z: null\n  w: {q: 5}\nc: 7\n", "over.yaml")
    merged = merge(base, over)
    assert merged.data == {"a": {"x": 1, "y": [3], "w": {"q": 5}}, "b": 2, "c": 7}
    assert merged.place(("a", "x")) == ("base.yaml", 1)
    assert merged.place(("a", "y", 0)) == ("over.yaml", 2)
    assert merged.place(("a", "y", 1)) == ("over.yaml", 2)
    assert merged.place(("a", "w", "q")) == ("over.yaml", 4)
    assert ("c", "d") not in merged.places


def test_a_path_is_relative_to_the_file_that_holds_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/h.yaml").write_text((INVALID / "_history.yaml").read_text())
    base = (INVALID / "_valid.yaml").read_text().replace("_history.yaml", "../logs/h.yaml")
    (tmp_path / "deep/base.yaml").write_text(base)
    (tmp_path / "child.yaml").write_text("extends: deep/base.yaml\ntitle: A child\n")
    scenario = load_scenario(tmp_path / "child.yaml")
    assert scenario.title == "A child"
    assert scenario.history is not None


def test_a_mapping_laid_over_a_file_is_as_a_file_that_extends_it(tmp_path: Path) -> None:
    change: dict[str, Any] = {
        "title": "Other words 😀",
        "until": date(2023, 9, 1),
        "rates_per_day": {"call": np.float64(0.25), "cut": np.int64(1)},
        "outcomes": {"open-by": None},
        "parties": {"USA": {"doctrine": "mild"}},
        "doctrines": {
            "mild": {"extends": "conciliatory", "title": "Mild", "acknowledge": {"bias": 1}}
        },
    }
    written = dump_yaml(json.loads(json.dumps(change, default=str).replace('"1"', "1")))
    base = (INVALID / "_valid.yaml").resolve().as_posix()
    (tmp_path / "child.yaml").write_text(f"extends: {base}\n{written}")
    assert load_scenario(base, over=change) == load_scenario(tmp_path / "child.yaml")
    assert load_scenario(base, over={}) == load_scenario(base)
    assert load_scenario(base, over={}) != load_scenario(base, over=change)


def test_reasons_are_not_taken_over_under_another_title(tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    text = (INVALID / "_valid.yaml").read_text() + "reasons: The base of others.\n"
    base.write_text(text.replace("_history.yaml", (INVALID / "_history.yaml").resolve().as_posix()))
    (tmp_path / "named.yaml").write_text("extends: base.yaml\ntitle: Another\n")
    (tmp_path / "same.yaml").write_text("extends: base.yaml\nuntil: 2023-09-01\n")
    assert load_scenario(base).reasons == "The base of others."
    assert load_scenario(tmp_path / "named.yaml").reasons is None
    assert load_scenario(base, over={"title": "Another"}).reasons is None
    assert load_scenario(tmp_path / "same.yaml").reasons == "The base of others."


def test_what_a_scenario_asks_itself_stands_before_what_it_inherits(tmp_path: Path) -> None:
    base = (INVALID / "_valid.yaml").resolve().as_posix()
    inherited = load_scenario(base).outcome_order
    own = "{zz: {type: state_at, state: open}, aa: {type: state_at, state: cut_off}}"
    (tmp_path / "child.yaml").write_text(f"extends: {base}\noutcomes: {own}\n")
    assert load_scenario(tmp_path / "child.yaml").outcome_order == ["zz", "aa", *inherited]


def circle() -> dict[str, Any]:
    around: dict[str, Any] = {}
    around["around"] = around
    return around


@pytest.mark.slow
@pytest.mark.parametrize(
    ("over", "told"),
    [
        (
            {"titel": "T", "until": "soon", "rates_per_day": {"call": math.nan}},
            [
                "over: rates_per_day.call: must be a finite number (got nan)",
                "over: titel: unknown key; did you mean 'title'?",
                "over: until: must be an EDTF date",
            ],
        ),
        ({"extends": "other.yaml"}, ["over: extends: unknown key"]),
        ({"title": object()}, ["over: must be plain data: object is none"]),
        (circle(), ["over: must be plain data: Circular reference detected"]),
        (
            reduce(lambda d, _: {"a": d}, range(30), dict[str, Any]()),
            ["over: must not be nested deeper than 24"],
        ),
        ({"forums": {str(n): {} for n in range(70_000)}}, ["over: must hold at most"]),
        (3, ["over: must be a mapping (got 3)"]),
    ],
)
def test_what_is_laid_over_is_checked_as_a_file_is(over: Any, told: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        load_scenario(INVALID / "_valid.yaml", over=over)
    found = sorted(str(p) for p in caught.value.problems)
    assert len(found) == len(told)
    assert all(a.startswith(b) for a, b in zip(found, told, strict=True)), found


def test_a_history_of_json_lines(tmp_path: Path) -> None:
    from sim.log.file import to_jsonl

    log = load(INVALID / "_history.yaml")
    (tmp_path / "h.jsonl").write_text(to_jsonl(log))
    (tmp_path / "_history.yaml").write_text("not needed")
    text = (INVALID / "_valid.yaml").read_text().replace("_history.yaml", "h.jsonl")
    (tmp_path / "s.yaml").write_text(text)
    assert load_scenario(tmp_path / "s.yaml") == load_scenario(INVALID / "_valid.yaml")


def test_a_doctrine_is_laid_over_the_one_it_extends() -> None:
    scenario = resolve(parse_yaml(FULL, "full.yaml"))
    mild, base = scenario.doctrines["mild"], shipped("conciliatory")
    assert mild.acknowledge.bias == 1  # type: ignore[attr-defined]
    assert mild.acknowledge.bias != base.acknowledge.bias  # type: ignore[attr-defined]
    assert mild.act == base.act
    assert "transactional" in scenario.doctrines, "named by a change only"


# ------------------------------------------------------------------------- canonical order


def shuffled(data: Any, draw: Any) -> Any:
    """The same document with its keys, and lists whose order means nothing, turned about."""
    if isinstance(data, dict):
        keys = draw(st.permutations(list(data)))
        return {k: shuffled(data[k], draw) for k in keys}
    if isinstance(data, list) and data and isinstance(data[0], dict):
        return [shuffled(item, draw) for item in draw(st.permutations(data))]
    return data


@pytest.mark.slow
@settings(phases=[Phase.generate])
@given(st.data())
def test_the_order_of_entries_means_nothing(data: st.DataObject) -> None:
    plain = parse_yaml(FULL, "full.yaml").data
    other = shuffled(plain, data.draw)
    first = resolve(parse_yaml(FULL, "full.yaml"))
    second = resolve(parse_yaml(dump_yaml(other), "other.yaml"))
    assert first == second
    assert first.model_dump_json() == second.model_dump_json()


def test_a_difference_in_content_changes_the_bytes() -> None:
    """The control of the test above."""
    first = resolve(parse_yaml(FULL, "x"))
    second = resolve(parse_yaml(FULL.replace("seed: 5", "seed: 6"), "x"))
    third = resolve(parse_yaml(FULL.replace("[open, corridor]", "[corridor, open]"), "x"))
    assert len({s.model_dump_json() for s in (first, second, third)}) == 3


# ------------------------------------------------------------------------------- mutations


def spots(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of every node below the root."""
    return list(paths_below(data, path))


@st.composite
def mutants(draw: st.DrawFn, text: str) -> Any:
    """A document with one to three of its nodes deleted, renamed, copied about, or replaced."""
    data = copy.deepcopy(parse_yaml(text, "x").data)
    for _ in range(draw(st.integers(1, 3))):
        paths = spots(data)
        *above, last = draw(st.sampled_from(paths))
        parent = data
        for step in above:
            parent = parent[step]
        what = draw(st.sampled_from(["delete", "rename", "copy", "replace", "wrap"]))
        if what == "delete":
            del parent[last]
        elif what == "rename" and isinstance(parent, dict):
            parent[draw(st.sampled_from(["kind", "type", "", "é\n", "USA", last + "s"]))] = (
                parent.pop(last)
            )
        elif what == "copy":
            source: Any = data
            for step in draw(st.sampled_from(paths)):
                source = source[step] if _has(source, step) else source
            parent[last] = copy.deepcopy(source)
        elif what == "wrap":
            parent[last] = [parent[last]]
        else:
            parent[last] = draw(structures)
        if not spots(data):
            break
    return data


def _has(data: Any, step: Any) -> bool:
    if isinstance(data, list):
        return isinstance(step, int) and step < len(data)
    return isinstance(data, dict) and step in data


def well_placed(error: InputError, text: str) -> None:
    """Every problem stands on a line that its file has, or concerns the file as a whole."""
    lines = len(text.splitlines())
    for problem in error.problems:
        assert problem.file == "mutant.yaml"
        assert 0 <= problem.line <= lines
        assert problem.line > 0 or "more than" in problem.rule
        assert visible(str(problem)) == str(problem)


@pytest.mark.slow
@examples(50)
@given(mutants(FULL))
def test_a_damaged_scenario_loads_or_says_where_it_is_wrong(data: Any) -> None:
    text = dump_yaml(data)
    try:
        assert isinstance(resolve(parse_yaml(text, "mutant.yaml")), Scenario)
    except InputError as error:
        well_placed(error, text)


@pytest.mark.slow
@given(mutants((ROOT / "seeds" / "blinken-lavrov.yaml").read_text()))
def test_a_damaged_log_loads_or_says_where_it_is_wrong(data: Any) -> None:
    from sim.log.file import from_document

    text = dump_yaml(data)
    try:
        from_document(parse_yaml(text, "mutant.yaml"))
    except InputError as error:
        well_placed(error, text)


def test_the_places_of_problems_are_checked() -> None:
    """The control: a problem on a line that the file does not have is noticed."""
    text = "title: a\n"
    with pytest.raises(InputError) as caught:
        resolve(parse_yaml("\n\n" + text, "mutant.yaml"))
    with pytest.raises(AssertionError):
        well_placed(caught.value, text)


def test_loading_leaves_the_shipped_documents_alone() -> None:
    """They are read once and shared; a scenario that lays over one must not write into it."""
    files = ROOT / "sim" / "scenario" / "doctrines"
    before = copy.deepcopy(load_yaml(files / "conciliatory.yaml").data)
    resolve(parse_yaml(FULL, "full.yaml"))
    resolve(
        parse_yaml(FULL.replace("acknowledge: {bias: 1}", "act: {meet: {bias: 3}}"), "full.yaml")
    )
    assert module._shipped("conciliatory").data == before
