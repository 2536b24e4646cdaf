"""The sentences under a run's outcomes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from micro import CHANNEL, always, doctrine, scenario

import sim
from sim.report.numbers import estimate, percent
from sim.report.summary import FEW, summary
from sim.results.outcomes import Answer
from sim.study.run import Run

ANSWER = Answer("a", "Contact cut", "event_by", 0.42, 0.4, 0.44, None, None, None, None, None)


def run_of(calls: float = -30.0, **outcomes: dict[str, Any]) -> Run:
    whole = scenario(
        {"can": always(), "usa": doctrine(cut=0.0, call=calls)},
        rates_per_day={"call": 0.04, "cut": 0.01},
        outcomes=outcomes,
    )
    return sim.run(whole, replications=300, workers=1)


CUT = {"type": "event_by", "kind": "contact_cut"}
OFF = {"type": "state_by", "state": "cut_off", "channel": CHANNEL}


THREE = {"type": "event_by", "kind": "call_held", "at_least": 3}
EARLY = {"type": "event_by", "kind": "call_held", "date": "2021-01-31", "title": "An early call"}


def test_two_sentences_name_what_goes_together() -> None:
    said = summary(run_of(calls=1.0, three=THREE, early=EARLY))
    assert len(said) == 2
    assert said[0] == "300 possible worlds were simulated, from 2020-12-31 to 2021-03-31."
    assert "is most closely linked with “An early call”: yes in" in said[1]
    assert "This does not show which is the cause." in said[1]


def test_what_follows_by_the_rules_is_no_finding() -> None:
    """A cut cuts the channel off, in every world: to say that they go together says nothing."""
    said = summary(run_of(cut=CUT, off=OFF))
    assert said[1].endswith("is closely linked with none of the other outcomes.")


def test_what_splits_nothing_is_not_told() -> None:
    """The control: an outcome that nearly every world shares splits nothing."""
    said = summary(run_of(cut=CUT, never={"type": "event_by", "kind": "treaty_resumed"}))
    assert said[1].endswith("is closely linked with none of the other outcomes.")
    assert FEW == 10
    assert summary(run_of()) == []


def test_percentages_are_whole_where_the_interval_is_wide() -> None:
    assert estimate(ANSWER)[:2] == ("42 %", "40 % to 44 %")
    narrow = replace(ANSWER, estimate=0.4212, low=0.4190, high=0.4230)
    assert estimate(narrow)[:2] == ("42.1 %", "41.9 % to 42.3 %")
    assert (percent(0.003, whole=True), percent(0.997, whole=True)) == ("< 1 %", "> 99 %")
