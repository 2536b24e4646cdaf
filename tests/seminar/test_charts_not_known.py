"""The seminar's charts are hatched where the log does not know the state."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from sim.ground.dates import DAY_S
from sim.log.log import State
from sim.log.projection import Interval
from sim.seminar.pages.charts import STACKED, stacked, strips
from sim.seminar.pages.handout import _bands
from sim.seminar.pages.past import Strip

END = 300


def strip(*states: State | None) -> Strip:
    """Hundred days of each state."""
    days = [n * 100 * DAY_S for n in range(len(states) + 1)]
    held = [
        Interval("c", "public", s, a, b, None, False)
        for s, a, b in zip(states, days, days[1:], strict=False)
    ]
    return Strip("c", "public", tuple(held))


def of_views(shown: Strip) -> str:
    return strips([("public", shown)], 0, END * DAY_S)


def of_history(shown: Strip) -> str:
    grid = [n * DAY_S for n in range(0, END, 10)]
    even = {s: [0.25] * len(grid) for s in STACKED}
    return stacked(grid, even, shown.intervals, END * DAY_S, [], "T")


@pytest.mark.parametrize("draw", [of_views, of_history])
def test_a_stretch_that_is_not_known_is_hatched_and_named(draw: Callable[[Strip], str]) -> None:
    chart = draw(strip("open", None, "cut_off"))
    ET.fromstring(chart)
    assert chart.count('class="not-known"') == 2  # the stretch, and the key
    assert "not known" in chart
    assert "style=" not in chart
    known = draw(strip("open", "corridor", "cut_off"))  # the control
    assert "not known" not in known
    assert "not-known" not in known


def test_the_hatching_stays_within_its_stretch() -> None:
    chart = of_views(strip("open", None, "cut_off"))
    (path, *_) = re.findall(r'class="not-known" d="([^"]*)"', chart)
    places = [float(x) for x in re.findall(r"[ML](-?[\d.]+),", path)]
    boxes = re.findall(r'<rect x="([\d.]+)" y="6.0" width="([\d.]+)"', chart)
    (first, wide), (last, _) = boxes[0], boxes[-1]
    assert min(places) >= float(first) + float(wide) - 0.2
    assert max(places) <= float(last) + 0.2


def test_the_handout_is_hatched_too() -> None:
    assert 'fill="url(#not-known)"' in _bands([strip("open", None, "cut_off")], 0, END * DAY_S)
    assert 'fill="url(#not-known)"' not in _bands([strip("open", "cut_off")], 0, END * DAY_S)
