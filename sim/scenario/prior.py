"""Priors: what is thought of a doctrine's weights before a record is looked at.

A prior stands beside the weights in a doctrine's file. `sim learn` starts from it; a run takes no
notice of it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sim.ground.schema import Real, Strict, Text

MAX_WEIGHT = 50.0
"""No weight lies further from 0 than this, in logits."""
Weight = Annotated[Real, Field(ge=-MAX_WEIGHT, le=MAX_WEIGHT)]
Spread = Annotated[Real, Field(ge=0.001, le=10)]
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


class PriorRow(Strict):
    """What is thought of the weights of one decision, by feature; see the doctrine's weights."""

    bias: Prior | None = None
    open: Prior | None = None
    cut_off: Prior | None = None
    prisoner_only: Prior | None = None
    corridor: Prior | None = None
    grievance: Prior | None = None
    goodwill: Prior | None = None
    war: Prior | None = None
    shock: Prior | None = None
    own_held: Prior | None = None
    other_held: Prior | None = None
    treaty_suspended: Prior | None = None
    meeting_pending: Prior | None = None
    silence: Prior | None = None

    def of(self, feature: str) -> Prior | None:
        """Return what is said of one weight."""
        found: Prior | None = getattr(self, feature)
        return found


class ActPriors(Strict):
    """Whether to take an opportunity, by act."""

    meet: PriorRow = PriorRow()
    call: PriorRow = PriorRow()
    raise_detainees: PriorRow = PriorRow()
    approach: PriorRow = PriorRow()
    cancel: PriorRow = PriorRow()
    cut: PriorRow = PriorRow()
    swap: PriorRow = PriorRow()


class AcceptPriors(Strict):
    """Whether to accept what the other proposes, by act."""

    meet: PriorRow = PriorRow()
    call: PriorRow = PriorRow()
    raise_detainees: PriorRow = PriorRow()
    approach: PriorRow = PriorRow()
    swap: PriorRow = PriorRow()


class DoctrinePrior(Strict):
    """What is thought of a doctrine's weights. Learned are all biases, the weights that are not 0,
    and those that are named here; the others stay 0."""

    biases: Spread = 0.7
    """The spread of each bias."""
    slopes: Spread = 0.35
    """The spread of each other weight."""
    reason: Text | None = None
    """Why these spreads."""
    act: ActPriors = ActPriors()
    """Weights of acts of which more is said."""
    accept: AcceptPriors = AcceptPriors()
    """Weights of acceptance of which more is said."""
    tell: PriorRow = PriorRow()
    """Weights of telling of which more is said."""

    def row(self, decision: str) -> PriorRow:
        """Return what is said of the weights of a decision, by its name in `DECISIONS`."""
        if decision == "tell":
            return self.tell
        part: ActPriors | AcceptPriors = self.act
        if decision.startswith("accept_"):
            part, decision = self.accept, decision.removeprefix("accept_")
        found: PriorRow = getattr(part, decision)
        return found

    def over(self, other: DoctrinePrior) -> DoctrinePrior:
        """Return another prior with what this one says laid over it, weight by weight."""
        below, above = (p.model_dump(exclude_unset=True) for p in (other, self))
        return DoctrinePrior.model_validate(_laid_over(below, above))


def _laid_over(below: dict[str, object], above: dict[str, object]) -> dict[str, object]:
    laid = dict(below)
    for key, value in above.items():
        base = laid.get(key)
        if isinstance(base, dict) and isinstance(value, dict) and "reason" not in value:
            laid[key] = _laid_over(base, value)
        else:
            laid[key] = value
    return laid
