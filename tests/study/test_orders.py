"""Where a share turns on the order of two events, a why says so."""

from __future__ import annotations

from typing import Any

import pytest
from micro import doctrine
from pasts import event, told

from sim.report.answer import order_words
from sim.scenario.scenario import Scenario
from sim.study.but_for import ButFor
from sim.study.explaining import why

IN_FEBRUARY = {"from": "2021-02-01", "date": "2021-02-28"}


def crisis(cut: str, **shock: Any) -> Scenario:
    """A shock on 10 February, and a cut of contact that seldom comes without one."""
    return told(
        event("shock", "escalation", "2021-02-10", channel=None, by="CAN", label="war", **shock),
        event("cut", "contact_cut", cut, by="USA"),
        doctrines={"usa": doctrine(cut={"bias": -3.0, "shock": 12.0})},
        rates_per_day={"cut": 0.5},
        outcomes={"cut": {"type": "event_by", "kind": "contact_cut", **IN_FEBRUARY}},
        show_from="2021-01-01",
    )


def without_shock(scenario: Scenario) -> ButFor:
    found = why(scenario, replications=300, seed=3, workers=1, samples=0)
    return next(b for b in found.events if b.events == ("shock",))


def test_a_share_is_told_by_order() -> None:
    b = without_shock(crisis("2021-02", severity=1.0))
    by = b.by_order
    assert by is not None
    assert (by.event, by.other) == ("shock", "cut")
    assert by.before == 0.0  # what came before the shock did not come of it
    assert by.after > 0.5
    assert by.worlds_before + by.worlds_after == 300
    part = by.before * by.worlds_before + by.after * by.worlds_after
    assert abs(part / 300 - b.share) < 1e-9
    assert order_words(b).startswith("0.0 % where “cut” comes before it, ")


@pytest.mark.slow
def test_control_where_the_order_is_known_or_does_not_matter_nothing_is_told() -> None:
    assert without_shock(crisis("2021-02-20", severity=1.0)).by_order is None
    assert without_shock(crisis("2021-02", severity=0.001)).by_order is None
