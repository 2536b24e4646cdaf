"""Inclinations: what a party is inclined to do towards one other party, beside its doctrine.

A doctrine belongs to a government and speaks of all whom it deals with. An inclination is one
number for a pair and a decision, added to the doctrine's bias. It stays when the doctrine changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, model_validator

from sim.ground.schema import Party, Real, Strict, Text
from sim.scenario.acts import ACTS, ANSWERED
from sim.scenario.doctrine import ActName, AnsweredName, weight_name
from sim.scenario.prior import Spread, Weight

LEAST_DAYS, MOST_DAYS = 1, 100_000
"""The half-lives that a drift may have."""


class Intercept(Strict):
    """What is added to the bias of one decision, towards one party."""

    centre: Weight = 0.0
    """In logits; 0 adds nothing. `sim learn` takes it for the middle of its prior."""
    spread: Spread = 0.7
    """How unsure it is, in logits: the standard deviation of a Normal prior, from which `sim learn`
    starts and the range over other weights is drawn."""
    reason: Text | None = None
    """Why."""


class Drift(Strict):
    """How inclinations go on after the as-of date: each by a keyed walk of its own, in steps of 30
    days, from where it stands."""

    half_life_days: Real = Field(ge=LEAST_DAYS, le=MOST_DAYS)
    """After how many days half of the way that it has gone is left."""
    spread: Spread
    """How far it gets in the long run: the standard deviation of the way, in logits."""
    reason: Text | None = None
    """Why."""


class Inclination(Strict):
    """What a party is inclined to do towards one other party, by decision."""

    act: dict[ActName, Intercept] = Field(default_factory=dict)
    """Whether to do it, by act."""
    accept: dict[AnsweredName, Intercept] = Field(default_factory=dict)
    """Whether to accept it, by act."""
    acknowledge: Intercept | None = None
    """Whether to tell a contact as what it was."""
    drift: Drift | None = None
    """How the numbers that are named here go on after the as-of date; None where they stay."""

    @model_validator(mode="after")
    def _names_one(self) -> Inclination:
        if not self.rows():
            raise ValueError("must name a decision under act, accept or acknowledge")
        return self

    def rows(self) -> dict[str, Intercept]:
        """Return what is named, by the names of `DECISIONS` and in their order."""
        found = {str(act): self.act[act] for act in ACTS if act in self.act}
        found |= {f"accept_{a}": self.accept[a] for a in ANSWERED if a in self.accept}
        return found if self.acknowledge is None else found | {"acknowledge": self.acknowledge}


Inclinations = dict[Party, dict[Party, Inclination]]
"""By the party that decides, and by the other party."""
Towards = tuple[str, str]
"""The party that decides, and the other party."""


def towards(inclinations: Mapping[str, Mapping[str, Inclination]]) -> list[Towards]:
    """List who has an inclination towards whom, in order."""
    return [(code, other) for code in sorted(inclinations) for other in sorted(inclinations[code])]


def inclination_name(who: Towards, decision: str) -> str:
    """Return what an inclination is called beside the weights: `USA.act.call.with_RUS`."""
    code, other = who
    return weight_name(code, decision, f"{WITH}{other}")


def towards_of(name: str) -> Towards:
    """Return who has an inclination towards whom, by its name."""
    return name.partition(".")[0], name.rpartition(f".{WITH}")[2]


WITH = "with_"
"""How the last part of an inclination's name begins; the other party follows."""
