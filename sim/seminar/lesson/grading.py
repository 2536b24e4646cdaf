"""The points of a lesson: how scores and taking part become a grade, as a teacher writes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sim.ground.schema import Real, Strict

LEAST_EVEN = 0.75
"""What the even answer gets at the least, as a share of the points for perfect forecasts. The worst
answer to a question has at most four times the Brier score of the even one, so nobody falls below 0
and no floor is needed: with a floor, who is near it would gain by saying more than they believe."""

Points = Annotated[Real, Field(ge=0, le=1_000)]


class Grading(Strict):
    """How many points a lesson gives. It changes no score and may be changed after the lesson."""

    forecasts: Points = 60
    """Points for perfect forecasts, with a Brier score of 0 in every question."""
    even: Points | None = None
    """Points for the even answer, which gives every option the same; three quarters of `forecasts`
    where it is left out, and not less. Points lie on a straight line through both."""
    participation: Points = 40
    """Points for having taken part in everything."""

    @model_validator(mode="after")
    def _in_order(self) -> Grading:
        if not LEAST_EVEN * self.forecasts <= self.even_points <= self.forecasts:
            raise ValueError("even must lie between three quarters of forecasts and forecasts")
        if self.forecasts + self.participation == 0:
            raise ValueError("must give points for forecasts, for participation, or for both")
        return self

    @property
    def even_points(self) -> float:
        """The points of the even answer."""
        return LEAST_EVEN * self.forecasts if self.even is None else self.even

    def points(self, relative: float) -> float:
        """Return the points of a Brier score that is `relative` times that of the even answer."""
        return self.forecasts - (self.forecasts - self.even_points) * relative
