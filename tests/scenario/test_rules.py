"""The rules between the parts of a scenario, at their edges; the messages are in `test_invalid`."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sim.ground.errors import InputError
from sim.ground.yaml import parse_yaml
from sim.model.compiling import compile_scenario
from sim.scenario.resolve import merge, resolve
from sim.scenario.rules import MAX_OPPORTUNITIES
from sim.scenario.scenario import Scenario

VALID = Path(__file__).parents[1] / "messages" / "_valid.yaml"


def scenario(over: str) -> Scenario:
    base = parse_yaml(VALID.read_text(), VALID.as_posix())
    return resolve(merge(base, parse_yaml(over, "over.yaml")))


def paths(over: str) -> list[str]:
    """Where a scenario breaks a rule."""
    try:
        scenario(over)
    except InputError as error:
        return [p.path for p in error.problems]
    return []


@pytest.mark.parametrize(
    ("over", "broken"),
    [
        ("until: 2023-03-02", ["until"]),
        ("until: 2023-03-03", []),
        ("until: 2023-03-02T23:59:59Z", ["until"]),
        ("as_of: 2024-03-01", []),
        ("as_of: 2022-06-30", []),
        ("as_of: 2022-07-01", ["history.events[3].date"]),
        ("as_of: 2022-07-31", []),
        ("as_of: 2022-07", []),
        ("as_of: 2022", []),
        ("channels: {usa-rus/ministers: {since: 2022-01-10}}", []),
        (
            "channels: {usa-rus/ministers: {since: 2022-01-11}}",
            ["channels.usa-rus/ministers.since"],
        ),
        ("channels: {rus-usa/ministers: {parties: [USA, RUS]}}", []),
        ("show_from: 2023-03-02", []),
        ("show_from: 2023-03-03", ["show_from"]),
    ],
)
def test_dates_at_their_edges(over: str, broken: list[str]) -> None:
    assert paths(over) == broken


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("insert: {id: a, kind: statement, date: 2024-03-02}", []),
        ("insert: {id: a, kind: statement, date: 2024-03-03}", ["insert.date"]),
        ("insert: {id: a, kind: statement, date: 2023-03-02/2023-03-03}", ["insert.date"]),
        ("insert: {id: a, kind: statement, date: 2023-03-02}", []),
        ("insert: {id: cut, kind: statement, date: 2023-03-02}", ["insert.id"]),
        ("insert: {id: a, kind: statement, date: 2022-02, causes: [invasion]}", []),
        ("insert: {id: a, kind: statement, date: 2022-02-23, causes: [invasion]}", ["insert.date"]),
        ("insert: {id: a, kind: statement, date: 2023-05-01, causes: [later-call]}", []),
        ("move: {event: cut, to: 2024-03-02}", []),
        ("move: {event: cut, to: 2024-03-03}", ["move.to"]),
        ("move: {event: nothing, to: 2022}", ["move.event"]),
        ("remove: nothing", ["remove"]),
        ("set_doctrine: {party: USA, doctrine: isolating, from: 2024-03-02}", []),
        (
            "set_doctrine: {party: USA, doctrine: isolating, from: 2024-03-03}",
            ["set_doctrine.from"],
        ),
        (
            "set_doctrine: {party: USA, doctrine: isolating, from: 2024-01-05, until: 2024-01-05}",
            [],
        ),
        (
            "set_doctrine: {party: USA, doctrine: isolating, from: 2024-01-05, until: 2024-01-04}",
            ["set_doctrine.until"],
        ),
    ],
)
def test_changes_at_their_edges(change: str, broken: list[str]) -> None:
    assert paths(f"changes: [{{{change}}}]") == [f"changes[0].{path}" for path in broken]


def test_an_event_after_the_as_of_date_is_no_history_to_change() -> None:
    assert paths("as_of: 2022-03-31\nchanges: [{remove: later-call}]") == ["changes[0].remove"]
    assert paths("as_of: 2022-07-31\nchanges: [{remove: later-call}]") == []


def test_an_insert_follows_its_cause_where_that_was_moved() -> None:
    insert = "insert: {id: a, kind: statement, date: 2022-02-10, causes: [invasion]}"
    assert paths(f"changes: [{{{insert}}}]") == ["changes[0].insert.date"]
    assert paths(f"changes: [{{{insert}}}, {{move: {{event: invasion, to: 2022-02-01}}}}]") == []
    assert paths(f"changes: [{{{insert}}}, {{remove: invasion}}]") == []


def test_the_bound_on_opportunities_is_met_from_both_sides() -> None:
    rates = "{meet: 50, call: 50, raise_detainees: 50, cancel: 50, cut: 50, swap: 50}"
    days = MAX_OPPORTUNITIES // (2 * 6 * 50)
    last = date(2023, 3, 2) + timedelta(days=days)
    assert paths(f"rates_per_day: {rates}\nuntil: {last}") == []
    assert paths(f"rates_per_day: {rates}\nuntil: {last + timedelta(days=1)}") == ["until"]


def test_the_bound_holds_for_a_past_that_is_retraced() -> None:
    acts = "meet: 50, call: 50, raise_detainees: 50, cancel: 50, cut: 50, swap: 50"
    rates = f"rates_per_day: {{{acts}}}"
    days = MAX_OPPORTUNITIES // (2 * 6 * 50)
    first = date(2023, 3, 3) - timedelta(days=days)
    assert paths(f"{rates}\ncomplete_from: {first}") == []
    assert paths(f"{rates}\ncomplete_from: {first - timedelta(days=1)}") == ["complete_from"]
    channels = "{usa-rus/ministers: {parties: [RUS, USA]}}"
    events = "[{id: old, kind: statement, date: 1900-01-01}]"
    old = f"{rates}\nhistory: {{schema: 4, title: Old, channels: {channels}, events: {events}}}"
    assert paths(old) == []  # a forecast does not retrace it
    assert paths(f"{old}\nchanges: [{{remove: old}}]") == ["history"]
    compile_scenario(scenario(old))
    with pytest.raises(InputError, match="scenario: history: the past must not hold more than"):
        compile_scenario(scenario(old), retrace=True)


def test_rules_that_break_together_are_told_together() -> None:
    over: dict[str, Any] = {
        "forums": "{g: {date: 2023-05-01, channels: [usa-rus/x]}}",
        "detainees": "{p: {held_by: RUS, national_of: FRA}}",
        "treaty": "{parties: [FRA, USA]}",
        "outcomes": "{o: {type: state_at, state: open, viewpoint: FRA}}",
        "changes": "[{remove: nothing}]",
        "world": "{w: {kind: escalation, rate_per_day: 1, by: FRA}}",
    }
    together = paths("\n".join(f"{key}: {value}" for key, value in over.items()))
    alone = [path for key, value in over.items() for path in paths(f"{key}: {value}")]
    assert sorted(together) == sorted(alone)
    assert len(together) == len(over)
