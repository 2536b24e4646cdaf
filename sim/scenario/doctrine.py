"""Doctrines: what a party is inclined to do, as weights that a teacher can change in YAML.

At an opportunity the party acts with probability logistic(weights . features); see `FEATURES`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema, create_model

from sim.ground.errors import did_you_mean
from sim.ground.schema import Line, Party, Strict, Text
from sim.log.log import STATES
from sim.rules.features import FEATURE_RULES, FEATURES, STANDINGS
from sim.scenario.acts import ACTS, ANSWERED, check_fields
from sim.scenario.prior import Prior, Spread, Weight

DECISIONS: tuple[str, ...] = (*ACTS, *(f"accept_{a}" for a in ANSWERED), "acknowledge")
"""Every decision with weights of its own; its code in arrays is its place here."""

if (*STATES, "lapsed") != STANDINGS:
    raise TypeError(f"STANDINGS must be each of STATES, in order, and lapsed: {STATES}")
if tuple(rule.name for rule in FEATURE_RULES if rule.bound == "state") != STANDINGS:
    raise TypeError(f"FEATURE_RULES must have a row for each of STANDINGS, in order: {STANDINGS}")


class WeightRow(Strict):
    """What the weights of one decision can do; their fields are made from the table of features."""

    def row(self) -> list[float]:
        """Return the weights in the order of `FEATURES`."""
        return [float(getattr(self, name)) for name in FEATURES]


_FIELDS: dict[str, Any] = {
    rule.name: (Weight, Field(default=0.0, description=rule.words)) for rule in FEATURE_RULES
}
Weights = create_model(
    "Weights",
    __base__=WeightRow,
    __module__=__name__,
    __doc__="The weights of one decision, in logits; a feature that is not named weighs nothing.",
    **_FIELDS,
)


class ActWeights(Strict):
    """Whether to take an opportunity, by act."""

    meet: Weights = Weights()
    """Propose a meeting on a general agenda."""
    call: Weights = Weights()
    """Propose a call on a general agenda."""
    raise_detainees: Weights = Weights()
    """Propose a call confined to detainees; only while someone is held."""
    approach: Weights = Weights()
    """Walk up to the other at a forum."""
    cancel: Weights = Weights()
    """Call off the agreed meeting; only while one is pending."""
    cut: Weights = Weights()
    """End contact, or end once more what is cut off already."""
    swap: Weights = Weights()
    """Propose an exchange of detainees; only while the other holds a national of the party."""
    send: Weights = Weights()
    """Send a letter, a note or an oral message; the other side need not do anything."""
    ask: Weights = Weights()
    """Ask for contact, or offer it."""
    restore: Weights = Weights()
    """Propose to restore the channel; only while the party sees it as cut off."""


class AcceptWeights(Strict):
    """Whether to accept what the other proposes, by act."""

    meet: Weights = Weights()
    call: Weights = Weights()
    raise_detainees: Weights = Weights()
    approach: Weights = Weights()
    """Stop and talk at a forum, when the other walks up; refusing is walking on."""
    swap: Weights = Weights()
    ask: Weights = Weights()
    """Answer a request, rather than leave it unanswered."""
    restore: Weights = Weights()


check_fields("ActWeights", ActWeights.model_fields, ACTS)
check_fields("AcceptWeights", AcceptWeights.model_fields, ANSWERED)


def _one_of(names: tuple[str, ...]) -> Callable[[str], str]:
    """Return a check that a key is one of some names."""

    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f"must be one of {', '.join(names)}{did_you_mean(name, names)}")
        return name

    return check


ActName = Annotated[str, AfterValidator(_one_of(ACTS)), WithJsonSchema({"enum": [*ACTS]})]
AnsweredName = Annotated[
    str, AfterValidator(_one_of(ANSWERED)), WithJsonSchema({"enum": [*ANSWERED]})
]
FeatureName = Annotated[
    str, AfterValidator(_one_of(FEATURES)), WithJsonSchema({"enum": [*FEATURES]})
]
PriorRow = dict[FeatureName, Prior]
"""What is thought of the weights of one decision, by feature."""


class DoctrinePrior(Strict):
    """What is thought of a doctrine's weights before a record is looked at. Learned are all biases,
    the weights that are not 0, and those that are named here; the others stay 0."""

    biases: Spread = 0.7
    """The spread of each bias, in logits."""
    slopes: Spread = 0.35
    """The spread of each other weight, in logits."""
    reason: Text | None = None
    """Why these spreads."""
    act: dict[ActName, PriorRow] = Field(default_factory=dict)
    """Weights of acts of which more is said, by act and feature."""
    accept: dict[AnsweredName, PriorRow] = Field(default_factory=dict)
    """Weights of acceptance of which more is said, by act and feature."""
    acknowledge: PriorRow = Field(default_factory=dict)
    """Weights of telling of which more is said, by feature."""
    shared: bool = False
    """Whether all parties have the same weights, of those of which more is said: one draw is that
    of both governments of a pair, as `sim pool` has them."""

    def row(self, decision: str) -> dict[str, Prior]:
        """Return what is said of the weights of a decision, by its name in `DECISIONS`."""
        if decision == "acknowledge":
            return self.acknowledge
        part = self.accept if decision.startswith("accept_") else self.act
        return part.get(decision.removeprefix("accept_"), {})

    def over(self, other: DoctrinePrior) -> DoctrinePrior:
        """Return another prior with what this one says laid over it, weight by weight."""
        laid = other.model_dump(exclude_unset=True) | self.model_dump(exclude_unset=True)
        for part in ("act", "accept"):
            below, above = getattr(other, part), getattr(self, part)
            laid[part] = {a: below.get(a, {}) | above.get(a, {}) for a in {**below, **above}}
        laid["acknowledge"] = other.acknowledge | self.acknowledge
        return DoctrinePrior.model_validate(laid)


class Doctrine(Strict):
    """A party's propensities."""

    title: Line
    """A short name."""
    reasons: Text
    """Why a government might act so, and which literature speaks for it."""
    made_for: tuple[Party, Party] | None = None
    """The two governments whose dealings the weights were set to; a scenario of others is told so.
    None where the author makes no claim."""
    act: ActWeights = ActWeights()
    """Whether to do it."""
    accept: AcceptWeights = AcceptWeights()
    """Whether to accept it."""
    acknowledge: Weights = Weights()
    """Whether to tell a contact as what it was, rather than to play it down."""
    prior: DoctrinePrior = DoctrinePrior()
    """What is thought of the weights before a record is looked at: `sim learn` starts from it, and
    the range of answers over other weights is drawn from it."""

    def matrix(self) -> list[list[float]]:
        """Return the weights as rows in the order of `DECISIONS`, columns of `FEATURES`."""
        acts = [getattr(self.act, name).row() for name in ACTS]
        accepts = [getattr(self.accept, name).row() for name in ANSWERED]
        return [*acts, *accepts, self.acknowledge.row()]


def weight_name(party: str, decision: str, feature: str) -> str:
    """Return what a party's weight is called: `USA.act.call.grievance`, `RUS.acknowledge.bias`."""
    return f"{party}.{decision_name(decision)}.{feature}"


def decision_name(decision: str) -> str:
    """Return what a decision is called in tables: `act.call`, `accept.call` or `acknowledge`."""
    if decision == "acknowledge":
        return decision
    accepted = decision.removeprefix("accept_")
    return f"act.{decision}" if accepted == decision else f"accept.{accepted}"
