"""The part of a lesson that asks “what if”: sliders over the numbers of its scenario. Data.

A class moves them when the rounds are over; `sim.seminar.what_if` draws what follows.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from sim.ground.schema import Line, Real, Strict, Text

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
