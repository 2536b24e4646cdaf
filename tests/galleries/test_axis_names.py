"""Sweeps name what they vary in words, and mark the scenario's own value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from micro import CHANNEL, doctrine, scenario

from sim import plots
from sim.galleries.axis_names import axis_names, own_values
from sim.plots.sweep_axis import Line
from sim.report.sweep_pages import save_sweep
from sim.scenario.axes import Axis
from sim.scenario.scenario import Scenario
from sim.scenario.varying import keys_to, plain_for_sweeps
from sim.study.sweeping import sweep

CALL, MEET, LEAD = "rates_per_day.call", "rates_per_day.meet", "meeting_lead_days.least"
DOCTRINES = {"can": doctrine(call=0.5), "usa": doctrine(call=-0.5)}
PARTS: dict[str, Any] = {
    "channels": {CHANNEL: {"lapse_days": {"open": 20}, "title": "The ministers"}},
    "world": {"war-widens": {"kind": "escalation", "label": "x", "rate_per_day": 0.1}},
    "rates_per_day": {"call": 0.25, "meet": 0.1},
    "outcomes": {"open": {"type": "state_at", "state": "open", "title": "Open at the end"}},
}


def swept(axes: dict[str, Any], **parts: Any) -> Scenario:
    return scenario(DOCTRINES, **(PARTS | parts | {"sweep": axes}))


def names(*paths: str) -> list[str]:
    """The names of numbers, whatever values a sweep would give them."""
    axes = {p: Axis.model_validate({"values": [1.0]}) for p in paths}
    return [*axis_names(swept({}).model_copy(update={"sweep": axes})).values()]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (MEET, "rate of meet per day"),
        ("rates_per_day.raise_detainees", "rate of raise detainees per day"),
        ("doctrines.can.act.call.bias", "inclination to call, Canada"),
        ("doctrines.usa.act.call.war", "weight of war on call, United States"),
        ("doctrines.can.accept.call.cut_off", "weight of “cut off” on accepting: call, Canada"),
        ("doctrines.can.acknowledge.own_held", "weight of own held on telling of contact, Canada"),
        ("world.war-widens.rate_per_day", "rate of war widens per day"),
        ("world.war-widens.severity.1", "largest severity of war widens"),
        ("stocks.grievance.half_life_days", "half-life of grievance in days"),
        ("stocks.war.raised_by.escalation", "war raised by escalation"),
        (
            f"channels.{CHANNEL}.lapse_days.open",
            "days that one contact keeps “open”, The ministers",
        ),
        (
            f"channels.{CHANNEL}.lapse_days.open_at_most",
            "days that “open” lasts at most, The ministers",
        ),
        (LEAD, "least lead of a meeting in days"),
        ("outcomes.open.date", "date, open"),
    ],
)
def test_a_path_in_words(path: str, name: str) -> None:
    assert names(path) == [name]


def test_every_number_of_a_scenario_has_a_name_that_is_no_path() -> None:
    whole = plain_for_sweeps(swept({}))

    def numbers(at: Any, path: str = "") -> list[str]:
        if isinstance(at, dict):
            parts = at.items()
        elif isinstance(at, list):
            parts = enumerate(at)  # type: ignore[assignment]
        else:
            number = isinstance(at, int | float) and not isinstance(at, bool)
            return [path] if number else []
        return [p for k, v in parts for p in numbers(v, f"{path}.{k}" if path else str(k))]

    paths = numbers(whole)
    found = names(*paths)
    assert len(paths) > 100
    assert len({*found}) == len(found)
    assert [n for n in found if re.search(r"_|\w\.\w", n)] == []


def test_control_a_path_is_seen_as_one() -> None:
    assert re.search(r"_|\w\.\w", CALL)


def test_two_numbers_of_one_name_keep_their_paths() -> None:
    both = {"can": doctrine(call=0.5) | {"title": "Same"}, "usa": doctrine() | {"title": "Same"}}
    paths = ["doctrines.can.act.call.bias", "doctrines.usa.act.call.bias"]
    parties = {"CAN": {"doctrine": "can"}, "USA": {"doctrine": "can"}}
    axes = {p: Axis.model_validate({"values": [1.0]}) for p in paths}
    made = scenario(both, **(PARTS | {"parties": parties})).model_copy(update={"sweep": axes})
    assert [*axis_names(made).values()] == [f"inclination to call, Same ({p})" for p in paths]


def test_a_scenarios_own_values() -> None:
    assert own_values(swept({CALL: [0.1, 0.5], LEAD: [1, 2]})) == {CALL: 0.25, LEAD: 3.0}
    assert keys_to(plain_for_sweeps(swept({})), f"channels.{CHANNEL}.lapse_days.open") == [
        "channels", CHANNEL, "lapse_days", "open",
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------- figures


def labelled(figure: Figure, label: str) -> list[Axes]:
    return [axes for axes in figure.axes if axes.get_label() == label]


def words(figure: Figure) -> list[str]:
    texts = [*figure.texts, *(t for axes in figure.axes for t in axes.texts)]
    return [t.get_text() for t in texts]


def own_lines(figure: Figure) -> list[float]:
    """Where the scenario's own value is drawn, in inches from the left of each panel."""
    lines = [ln for axes in labelled(figure, "sweep") for ln in axes.lines]
    return [float(ln.get_xdata()[0]) for ln in lines if ln.get_label() == "own"]  # type: ignore[index]


def lines_over(values: list[float], own: float | None) -> Figure:
    table = pl.DataFrame({"x": values, "outcome": ["Open"] * len(values)}).with_columns(
        estimate=pl.lit(0.5), low=pl.lit(0.4), high=pl.lit(0.6)
    )
    return plots.sweep_lines(table, x_label="rate of call per day", x_path=CALL, own=own)


@pytest.mark.parametrize("values", [[0.1, 0.2, 0.4], [0.001, 0.01, 0.1, 1.0]])
def test_a_line_marks_the_own_value_at_its_place(values: list[float]) -> None:
    """On an even and on a logarithmic scale, between the values as well as on one of them."""
    figure = lines_over(values, 0.2)
    inches = labelled(figure, "sweep")[0].get_xlim()[1]
    assert own_lines(figure) == [pytest.approx(Line.of(values, inches).at(0.2))]
    said = words(figure)
    assert "the scenario's own value" in said
    assert any("The scenario's own value is 0.2." in text for text in said)
    assert "rate of call per day" in said
    assert CALL in said


@pytest.mark.parametrize("own", [9.0, -1.0, None])
def test_control_a_value_off_the_scale_is_said_and_not_drawn(own: float | None) -> None:
    figure = lines_over([0.1, 0.2, 0.4], own)
    assert own_lines(figure) == []
    assert "the scenario's own value" not in words(figure)
    assert any("own value" in text for text in words(figure)) == (own is not None)


def map_over(own: tuple[float | None, float | None]) -> Figure:
    pairs = [(x, y) for x in (1.0, 2.0, 3.0) for y in (10.0, 20.0)]
    table = pl.DataFrame({"x": [p[0] for p in pairs], "y": [p[1] for p in pairs]}).with_columns(
        estimate=pl.col("x") / 4
    )
    return plots.sweep_map(
        table, x_label="across", y_label="up", outcome="Open", paths=("a.b", "c.d"), own=own
    )


def bold_ticks(figure: Figure) -> set[str]:
    ticks = [t for t in figure.texts if t.get_label() == "tick"]
    return {t.get_text() for t in ticks if t.get_fontweight() == "bold"}


@pytest.mark.parametrize(
    ("own", "bold", "cell"),
    [
        ((2.0, 20.0), {"2", "20"}, (1, 0)),
        ((3.0, 10.0), {"3", "10"}, (2, 1)),
        ((2.5, 20.0), {"20"}, None),
        ((None, None), set(), None),
    ],
)
def test_a_map_marks_the_own_values(
    own: tuple[float | None, float | None], bold: set[str], cell: tuple[int, int] | None
) -> None:
    figure = map_over(own)
    assert bold_ticks(figure) == bold
    axes = labelled(figure, "map")[0]
    frames = [p for p in axes.patches if p.get_label() == "own"]
    assert len(frames) == (cell is not None)
    if cell is not None:
        wide, high = axes.get_xlim()[1] / 3, axes.get_ylim()[0] / 2
        assert frames[0].get_xy() == pytest.approx((cell[0] * wide, cell[1] * high))  # type: ignore[attr-defined]
    assert ("the scenario as it is" in words(figure)) == (cell is not None)
    assert {"across · a.b", "up · c.d"} <= {*words(figure)}


def test_pages_and_figures_of_a_sweep_name_its_axes(tmp_path: Path) -> None:
    for n, axes in enumerate(({CALL: [0.1, 0.25]}, {CALL: [0.1, 0.25], MEET: [0.1, 0.2]})):
        found = sweep(swept(axes), replications=5)
        save_sweep(found, tmp_path / str(n))
        page = (tmp_path / str(n) / "report.html").read_text(encoding="utf-8")
        assert f"rate of call per day (<code>{CALL}</code>): 0.25 in the scenario itself" in page
        assert '<th class="number">rate of call per day</th>' in page
        assert f'<th class="number">{CALL}</th>' not in page
        figure = found.plot.map() if found.plot.mapped else found.plot.estimates()
        assert any(text.startswith("rate of call per day") for text in words(figure))
        assert own_lines(figure) or bold_ticks(figure) == {"0.25", "0.1"}
