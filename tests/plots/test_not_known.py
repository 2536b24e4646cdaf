"""Where the state is not known, figures are hatched and say so; where it is, nothing is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim import plots
from sim.ground.states import NOT_KNOWN
from sim.plots.bands import Band
from sim.plots.divergence import disagreements
from sim.results.log_frames import TIME, marks_frame
from sim.results.log_frames import intervals_frame as no_intervals

CHANNEL = "usa-rus/leaders"
START = datetime(2020, 1, 1, tzinfo=UTC)
GAP: tuple[str | None, ...] = ("open", None, "cut_off")
WHOLE: tuple[str | None, ...] = ("open", "corridor", "cut_off")


def intervals(states: tuple[str | None, ...], *, late: str = "") -> pl.DataFrame:
    """Hundred days of each state, the same for all; who is `late` begins a state later."""
    rows = [
        (CHANNEL, who, state, START + timedelta(100 * n), START + timedelta(100 * n + 100), None, 0)
        for who in ("observer", "RUS", "USA")
        for n, state in enumerate(states)
        if n or who != late
    ]
    empty = no_intervals([])
    return pl.DataFrame(rows, empty.columns, orient="row").cast(dict(empty.schema))


def no_marks() -> pl.DataFrame:
    from sim.log.log import Log

    setup = {"parties": ["USA", "RUS"]}
    return marks_frame(Log.model_validate({"title": "T", "channels": {CHANNEL: setup}}))


def hatched(figure: Figure) -> list[tuple[float, float]]:
    """List the hatched bands as days from the start."""
    first = START.timestamp() / 86_400
    found = [p for axes in figure.axes for p in axes.patches if p.get_label() == "not-known"]
    assert all(p.get_hatch() for p in found)
    return [(p.get_x() - first, p.get_x() - first + p.get_width()) for p in found]  # type: ignore[attr-defined]


def words(figure: Figure) -> list[str]:
    return [t.get_text() for t in figure.findobj(Text)]


def key(figure: Figure) -> list[str]:
    (axes,) = [a for a in figure.axes if a.get_label() == "key"] or [None]  # type: ignore[list-item]
    return [] if axes is None else [t.get_text() for t in axes.texts]


def test_a_timeline_is_hatched_where_the_state_is_not_known() -> None:
    figure = plots.timeline(intervals(GAP), no_marks())
    assert hatched(figure) == [(100, 200)] * 3
    assert NOT_KNOWN in key(figure)
    known = plots.timeline(intervals(WHOLE), no_marks())
    assert hatched(known) == []
    assert NOT_KNOWN not in words(known)


def test_before_a_viewpoints_first_interval_its_state_is_not_known() -> None:
    figure = plots.timeline(intervals(WHOLE, late="RUS"), no_marks())
    ((begin, end),) = hatched(figure)
    assert (begin < 100, end) == (True, 100)
    assert NOT_KNOWN in key(figure)


def shares(share: float | None) -> pl.DataFrame:
    names = ["channel", "party_a", "party_b", "share"]
    kinds = {"share": pl.Float64}
    return pl.DataFrame(
        [(CHANNEL, "RUS", "USA", share)], names, schema_overrides=kinds, orient="row"
    )


def test_a_share_of_disagreement_says_that_it_is_of_the_days_that_are_known() -> None:
    figure = plots.divergence(intervals(GAP), shares(0.25))
    assert "disagree on 25 % of the days on which both states are known" in words(figure)
    assert NOT_KNOWN in key(figure)
    assert len(hatched(figure)) == 2
    known = plots.divergence(intervals(WHOLE), shares(0.25))
    assert "disagree on 25 % of days" in words(known)
    assert NOT_KNOWN not in words(known)
    nothing = plots.divergence(intervals((None, None)), shares(None))
    assert "no day on which both states are known" in words(nothing)


def test_parties_disagree_only_where_both_states_are_known() -> None:
    ours = [Band("open", 0, 10), Band(None, 10, 20), Band("open", 20, 30)]
    theirs = [Band("cut_off", 0, 5), Band(None, 5, 15), Band("cut_off", 15, 30)]
    assert disagreements(ours, theirs) == [(0, 5), (20, 30)]


@pytest.mark.parametrize(("states", "said"), [(GAP, True), (WHOLE, False)])
@pytest.mark.parametrize("last", ["open", None])
def test_the_history_before_a_fan_is_hatched(
    states: tuple[str | None, ...], said: bool, last: str | None
) -> None:
    before = intervals((*states, last) if said else states)
    first = START + timedelta(100 * (4 if said else 3))
    rows = [
        (first + timedelta(n), "observer", state, float(state == "open"))
        for n in range(1, 20)
        for state in plots.STATES
    ]
    grid = pl.DataFrame(rows, ["time", "viewpoint", "state", "share"], orient="row")
    figure = plots.occupancy(grid.cast({"time": TIME}), intervals=before, as_of=first)
    assert (NOT_KNOWN in key(figure)) is said
    spans = [(100, 200)] + ([(300, 400)] if last is None else [])
    assert hatched(figure) == (spans if said else [])
