"""What no world shows is written with a floor, and what history settles as settled."""

from __future__ import annotations

from pathlib import Path

import pytest
from micro import CHANNEL, always, doctrine, scenario

import sim
from sim.report.answer import answered, compared_in_words, why_in_words
from sim.report.comparison_pages import comparison_rows
from sim.report.numbers import estimate, share_of
from sim.report.why_pages import but_for_row
from sim.results.outcomes import in_file_order
from sim.scenario.scenario import Scenario
from sim.seminar.pages.what_if import written
from sim.study.but_for import Why

WORLDS = 40
CALL = {"id": "talk", "kind": "call_held", "channel": CHANNEL, "date": "2020-12-10", "by": "CAN"}
OUTCOMES = {
    "never": {"type": "event_by", "kind": "call_held", "title": "A call"},
    "days": {"type": "share_of_days", "state": "corridor", "channel": CHANNEL},
    "always": {"type": "state_at", "state": "open", "channel": CHANNEL, "date": "2021-01-02"},
    "settled": {
        "type": "event_by",
        "kind": "call_held",
        "from": "2020-12-01",
        "date": "2020-12-20",
        "title": "A call before",
    },
}


def asked(**parts: object) -> Scenario:
    """A scenario in which nobody calls, with one call in its history."""
    channels = {CHANNEL: {"parties": ["CAN", "USA"]}}
    history = {"schema": 4, "title": "Short", "channels": channels, "events": [CALL]}
    whole = {"outcomes": OUTCOMES, "history": history, "show_from": "2020-12-01"}
    whole["rates_per_day"] = {"call": 1e-9}  # so that the call of history may have been decided
    return scenario({"can": doctrine(call=0.0), "usa": always()}, **(whole | parts))


@pytest.fixture(scope="module")
def run() -> sim.Run:
    """A run of it."""
    return sim.run(asked(), replications=WORLDS, draws=0)


def test_an_answer_of_none_or_all_has_a_floor_and_a_settled_one_says_so(run: sim.Run) -> None:
    told = {a.name: estimate(a) for a in in_file_order(run.scenario, run.answers)}
    assert told["never"][0] == told["days"][0] == "< 1 in 40"
    assert told["always"][0] == "> 39 in 40"
    assert told["settled"] == ("yes", "settled by history", "")
    assert run.outcomes["estimate"].to_list() == [1.0, 0.0, 0.0, 1.0], "tables keep the numbers"
    assert "worlds" not in run.outcomes.columns
    assert {a.name: written(a).partition(" (")[0] for a in run.answers} == {
        "always": "> 97 %",
        "days": "< 3 %",
        "never": "< 3 %",
        "settled": "yes",
    }
    assert "in fewer than 1 of 40 worlds" in answered(run)[1]


def test_a_page_says_it(run: sim.Run, tmp_path: Path) -> None:
    sim.save(run, tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "&lt; 1 in 40" in page
    assert "“A call”: in fewer than 1 of 40 worlds." in page
    assert "settled by history" in page


def test_a_comparison_says_it() -> None:
    busy = asked(rates_per_day={"call": 1.0})
    found = sim.compare(asked(), {"busy": busy}, replications=WORLDS, draws=0)
    rows = {row["title"]: (row["base"], row["changed"]) for row in comparison_rows(found)}
    assert rows["A call"] == ("< 1 in 40", "> 39 in 40")
    assert rows["A call before"] == ("100.0 % (settled)", "100.0 % (settled)")
    (sentence,) = compared_in_words(found)
    assert "in more than 39 of 40 worlds" in sentence or "fewer than 1 of 40" in sentence


def test_a_why_says_it() -> None:
    found: Why = sim.why(asked(), "settled", replications=WORLDS, draws=0)
    assert found.settled
    assert why_in_words(found)[0] == "“A call before” comes about: history settles this."
    assert share_of(found.share, WORLDS, settled=found.settled).startswith("in all of 40 worlds")
    later: Why = sim.why(asked(), "never", replications=WORLDS, draws=0)
    assert not later.settled
    assert later.came == (0, WORLDS)
    assert "in fewer than 1 of 40 worlds" in why_in_words(later)[0]
    assert [but_for_row(b, later.came)[1] for b in later.events] == ["< 1 in 40"]
