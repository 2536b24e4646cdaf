"""People held on the as-of date whose number is not known."""

from __future__ import annotations

from pydantic import Field, model_validator

from sim.ground.schema import Line, Party, Strict, Whole

MAX_GROUPS, MAX_HELD = 100, 1000


class Number(Strict):
    """A number of people, drawn evenly."""

    least: Whole = Field(alias="from", ge=0, le=MAX_HELD)
    """The fewest."""
    most: Whole = Field(alias="to", ge=0, le=MAX_HELD)
    """The most."""

    @model_validator(mode="after")
    def _ordered(self) -> Number:
        if self.least > self.most:
            raise ValueError(f"from must not exceed to: {self.least} > {self.most}")
        return self


class Unnamed(Strict):
    """People held on the as-of date beside those whom the history or `detainees` names."""

    held_by: Party
    """The government that holds them."""
    national_of: Party
    """The government whose nationals they are."""
    people: Number
    """How many they are."""
    reasons: Line | None = None
    """Where the numbers come from."""
