"""Priors: what is thought of a doctrine's weights before a record is looked at.

A prior stands beside the weights in a doctrine's file. `sim learn` starts from it, and the range
of a run's answers over other weights is drawn from it; the plain run takes no notice of it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sim.ground.schema import Real, Strict, Text

MAX_WEIGHT = 50.0
"""No weight lies further from 0 than this, in logits."""
Weight = Annotated[Real, Field(ge=-MAX_WEIGHT, le=MAX_WEIGHT)]
MIN_SPREAD, MAX_SPREAD = 0.001, 10.0
Spread = Annotated[Real, Field(ge=MIN_SPREAD, le=MAX_SPREAD)]
"""The standard deviation of a Normal prior, in logits."""
MAX_ASTRAY = 3.0
"""How many spreads a centre may lie on the wrong side of 0, where the prior has a sign."""

Sign = Literal["positive", "negative"]


class Prior(Strict):
    """What is thought of one weight: a Normal law, cut off where the sign or the bounds of a weight
    forbid."""

    centre: Weight | None = None
    """The middle of the Normal law, in logits; the doctrine's own weight where it is left out."""
    spread: Spread | None = None
    """Its standard deviation; `biases` or `slopes` of the doctrine's prior where it is left out."""
    sign: Sign | None = None
    """The side of 0 on which the weight lies for certain; either where it is left out."""
    reason: Text
    """Why, and which literature speaks for it."""

    @model_validator(mode="after")
    def _centre_fits_sign(self) -> Prior:
        if self.sign and self.centre is not None and self.spread is not None:
            check_sign(self.centre, self.spread, self.sign)
        return self


def check_sign(centre: float, spread: float, sign: Sign) -> None:
    """Check that a Normal law leaves something on the side of 0 that a sign allows.

    Raises:
        ValueError: its centre lies more than `MAX_ASTRAY` spreads on the other side.
    """
    astray = -centre / spread if sign == "positive" else centre / spread
    if astray > MAX_ASTRAY:
        raise ValueError(f"the centre lies more than {MAX_ASTRAY:g} spreads off the {sign} side")
