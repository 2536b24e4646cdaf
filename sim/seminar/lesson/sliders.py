"""The sliders of a lesson over the numbers of its scenario: as a user writes them, their rules, and
the scenario at given values. A class moves them when the rounds are over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import Field, model_validator

from sim.ground.errors import Broken, InputError
from sim.ground.schema import Line, Real, Strict, Text
from sim.scenario.scenario import Scenario
from sim.scenario.varying import place_of, plain_for_sweeps, varied

MAX_SLIDERS = 8


class Slider(Strict):
    """A slider: one number of the scenario, or several that move together by the same amount."""

    title: Line = Field(max_length=120)
    """What it means, in plain words."""
    path: str | None = Field(default=None, max_length=300)
    """The number, by its path as in a sweep. The slider gives the number itself."""
    paths: tuple[str, ...] = Field(default=(), max_length=20)
    """Several numbers. The slider gives what is added to each; 0 leaves them as they are."""
    start: Real = Field(alias="from")
    """The left end."""
    to: Real
    """The right end."""
    step: Real | None = Field(default=None, gt=0)
    """The distance from one value to the next; a hundredth of the range where it is left out."""
    reason: Text | None = None
    """Why the number is as it is; the reasons of its doctrine where it is left out."""

    @model_validator(mode="after")
    def _whole(self) -> Slider:
        if (self.path is None) == (not self.paths):
            raise ValueError("must give exactly one of path and paths")
        if self.start >= self.to:
            raise ValueError("from must lie below to")
        if self.step is not None and self.step > self.to - self.start:
            raise ValueError("the step must not be longer than the range")
        return self

    @property
    def places(self) -> tuple[str, ...]:
        """The paths that it moves."""
        return self.paths if self.path is None else (self.path,)


class WhatIf(Strict):
    """What the class may change after the last round, beside the events of the history."""

    sliders: tuple[Slider, ...] = Field(default=(), max_length=MAX_SLIDERS)
    """The sliders, in the order of the page; the program offers some where there are none."""


def shipped_value(scenario: Scenario, slider: Slider) -> float:
    """Return where a slider stands in the scenario as it is: its number, or 0 for a shift.

    Raises:
        ValueError: its path leads to no number; the message says where it goes wrong.
    """
    return _shipped(plain_for_sweeps(scenario, slider.places), slider)


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
    data = plain_for_sweeps(scenario, [p for s in sliders for p in s.places])
    found: dict[str, float] = {}
    for slider, value in zip(sliders, values, strict=True):
        shift = value - _shipped(data, slider)
        if shift:
            for path in slider.places:
                found[path] = found.get(path, _number(data, path)) + shift
    return varied(scenario, found) if found else scenario


def slider_rules(scenario: Scenario, sliders: Sequence[Slider]) -> Iterator[Broken]:
    """Yield (path, rule, value) for each rule that a lesson's sliders break: each path leads to a
    number, the shipped value lies in the range, and both ends give a scenario that is valid."""
    bare = scenario.model_copy(update={"seminar": None, "sweep": {}})
    seen: set[str] = set()
    for n, slider in enumerate(sliders):
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
