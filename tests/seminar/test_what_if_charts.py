"""The chart of a what-if: areas that add up, on the axis of history."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ground.colours import STATE_COLOURS
from sim.ground.dates import DAY_S
from sim.log.log import STATES
from sim.seminar.pages.charts import MOST_POINTS, STACKED, stacked

FOOT, HEIGHT = 280.0, 210.0


def edges(chart: str) -> dict[str, list[tuple[float, float]]]:
    """Return the upper edge of each state's area: places, and shares from the foot."""
    found = {}
    for path, colour in re.findall(r'<path d="(M[^"]*V[^"]*z)" fill="([^"]*)"', chart):
        points = re.findall(r"L(-?[\d.]+),(-?[\d.]+)", path)
        state = next(s for s, c in STATE_COLOURS.items() if c == colour)
        found[state] = [(float(x), (FOOT - float(y)) / HEIGHT) for x, y in points]
    return found


def chart_of(rows: list[tuple[float, ...]], facts_s: int = 0) -> str:
    shares = {s: [row[n] for row in rows] for n, s in enumerate(STACKED)}
    grid = [n * DAY_S for n in range(len(rows))]
    return stacked(grid, shares, [], facts_s, [DAY_S], "A title with <marks> & more")


@st.composite
def shares(draw: st.DrawFn) -> list[tuple[float, ...]]:
    """Rows of four shares that add up to 1."""
    rows = draw(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=2))
    return [tuple((v + (1 if sum(r) == 0 else 0)) / (sum(r) or 4) for v in r) for r in rows]


@given(shares())
def test_areas_lie_on_each_other_and_fill_the_height(rows: list[tuple[float, ...]]) -> None:
    found = edges(chart_of(rows))
    for n, state in enumerate(STACKED):
        if max(row[n] for row in rows) == 0:
            assert state not in found
            continue
        first, last = found[state][0][1], found[state][-1][1]
        assert first == pytest.approx(sum(rows[0][: n + 1]), abs=0.001)
        assert last == pytest.approx(sum(rows[-1][: n + 1]), abs=0.001)
    top = max((s for s in found), key=STACKED.index)
    assert {round(y, 3) for _, y in found[top]} == {1.0}


def test_control_shares_that_do_not_add_up_show() -> None:
    found = edges(chart_of([(0.2, 0.2, 0.2, 0.2), (0.2, 0.2, 0.2, 0.2)]))
    assert {round(y, 3) for _, y in found["cut_off"]} == {0.8}


def test_level_stretches_and_many_days_take_few_points() -> None:
    level = edges(chart_of([(1.0, 0.0, 0.0, 0.0)] * 700))
    assert len(level["open"]) == 2
    falling = edges(chart_of([(1 - n / 700, n / 700, 0.0, 0.0) for n in range(700)]))
    assert 100 < len(falling["open"]) <= MOST_POINTS + 1


def test_it_says_where_the_log_ends_and_where_something_changed() -> None:
    rows = [(1.0, 0.0, 0.0, 0.0)] * 10
    assert "the log ends" in chart_of(rows, facts_s=5 * DAY_S)
    assert "the log ends" not in chart_of(rows, facts_s=0)
    assert "&lt;marks&gt; &amp; more" in chart_of(rows)
    assert sorted(STACKED) == sorted(STATES)
