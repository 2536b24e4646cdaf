"""The rules of a lesson's sliders, and the scenario at given values of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sim.ground.errors import Broken, InputError
from sim.scenario.lesson_what_if import Slider
from sim.scenario.scenario import Scenario
from sim.scenario.varying import place_of, plain_for_sweeps, varied


def shipped_value(scenario: Scenario, slider: Slider) -> float:
    """Return where a slider stands in the scenario as it is: its number, or 0 for a shift.

    Raises:
        ValueError: its path leads to no number; the message says where it goes wrong.
    """
    return _shipped(plain_for_sweeps(scenario), slider)


def _shipped(data: Any, slider: Slider) -> float:
    values = [_number(data, path) for path in slider.places]
    return values[0] if slider.path is not None else 0.0


def _number(data: Any, path: str) -> float:
    container, key = place_of(data, path)
    found = container[key]
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ValueError("no number stands there")
    return float(found)


def slid(scenario: Scenario, sliders: Sequence[Slider], values: Sequence[float]) -> Scenario:
    """Return the scenario with its sliders at given values. Shifts add to what stands there; two
    sliders that move one number add up. Sliders that stand where they shipped change nothing.

    Raises:
        InputError: the scenario cannot hold these values.
    """
    data = plain_for_sweeps(scenario)
    found: dict[str, float] = {}
    for slider, value in zip(sliders, values, strict=True):
        shift = value - _shipped(data, slider)
        if shift:
            for path in slider.places:
                found[path] = found.get(path, _number(data, path)) + shift
    return varied(scenario, found) if found else scenario


def slider_rules(scenario: Scenario) -> Iterator[Broken]:
    """Yield (path, rule, value) for each rule that a lesson's sliders break: each path leads to a
    number, the shipped value lies in the range, and both ends give a scenario that is valid."""
    lesson = scenario.seminar
    if lesson is None or lesson.what_if is None:
        return
    bare = scenario.model_copy(update={"seminar": None, "sweep": {}})
    seen: set[str] = set()
    for n, slider in enumerate(lesson.what_if.sliders):
        at = ("seminar", "what_if", "sliders", n)
        if slider.title in seen:
            yield (*at, "title"), "stands here twice", slider.title
        seen.add(slider.title)
        try:
            value = shipped_value(bare, slider)
        except ValueError as error:
            named = "path" if slider.path is not None else "paths"
            yield (*at, named), str(error), ", ".join(slider.places)
            continue
        if not slider.start <= value <= slider.to:
            rule = f"the range must hold the scenario's own value, {value:g}"
            yield (*at, "from"), rule, f"{slider.start:g} to {slider.to:g}"
            continue
        for name, end in (("from", slider.start), ("to", slider.to)):
            try:
                slid(bare, [slider], [end])
            except InputError as error:
                yield (*at, name), f"the scenario cannot hold this: {error.problems[0].rule}", end
