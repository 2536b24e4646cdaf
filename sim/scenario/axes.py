"""An axis of a sweep: the values that one number of a scenario takes."""

from __future__ import annotations

from pydantic import Field, model_validator

from sim.ground.schema import Real, Strict, Whole


class Axis(Strict):
    """The values that one number of the scenario takes: listed, evenly spaced, or drawn."""

    values: tuple[Real, ...] = Field(default=(), max_length=10_000)
    """The values themselves; a plain list means the same."""
    start: Real | None = Field(default=None, alias="from")
    """The first of evenly spaced values."""
    to: Real | None = None
    """The last of them."""
    steps: Whole = Field(default=5, ge=2, le=10_000)
    """How many of them."""
    uniform: tuple[Real, Real] | None = None
    """Draw evenly between two bounds."""
    normal: tuple[Real, Real] | None = None
    """Draw from a normal distribution: mean and standard deviation."""
    draws: Whole = Field(default=20, ge=1, le=10_000)
    """How many values to draw."""

    @model_validator(mode="before")
    @classmethod
    def _plain_list(cls, data: object) -> object:
        return {"values": data} if isinstance(data, list) else data

    @model_validator(mode="after")
    def _one_form(self) -> Axis:
        spaced = self.start is not None or self.to is not None
        forms = [bool(self.values), spaced, self.uniform is not None, self.normal is not None]
        if sum(forms) != 1:
            raise ValueError("must give exactly one of values, from and to, uniform, normal")
        if spaced and (self.start is None or self.to is None):
            raise ValueError("from and to belong together")
        if self.uniform is not None and self.uniform[0] >= self.uniform[1]:
            raise ValueError("the lower bound of uniform must lie below the upper")
        if self.normal is not None and self.normal[1] <= 0:
            raise ValueError("the standard deviation of normal must be greater than 0")
        return self

    @property
    def drawn(self) -> bool:
        """Whether the values are drawn rather than given."""
        return self.uniform is not None or self.normal is not None
