"""The features: what a decision looks at, a row each.

A doctrine has one weight for each feature. The probability of a yes is the logistic function of the
sum of the weights, each times the value of its feature. Everything that is said of a feature, and
how it is found, stands in its row: the form of scenarios, both executors, the kernel's bounds, the
likelihood and the seminar read it here. `docs/extending.md` shows how one is added.

An example of such a sum, for a call: with the weights bias -2, grievance -0.5 and silence 0.4, a
stock of grievance of 3 and 60 days of silence it is -2 - 0.5 * log(4) + 0.4 * log(3) = -2.25, and
the probability is 0.095.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sim.ground.draws import exp, log
from sim.rules.contact import Ends, was_cut

STANDINGS = ("open", "cut_off", "prisoner_only", "corridor", "lapsed")
"""How a channel stands: its states, and lapsed beside them; each is a feature, in this order."""
OPEN, CUT_OFF, PRISONER_ONLY, CORRIDOR, LAPSED = range(len(STANDINGS))
"""Their codes. A channel that is cut off stands at CUT_OFF if somebody ended contact, and at LAPSED
if silence did."""
MAX_COUNTED = 5
"""Detainees beyond this number add nothing to `own_held` and `other_held`."""
MONTH_S = 30 * 86_400
"""What `silence` is counted in."""


class Memory(NamedTuple):
    """A stock that decays: what it was when it was last touched."""

    value: float
    touched_s: int
    decay_per_s: float
    """Natural logarithm of 2 over its half-life."""


class Perceived(NamedTuple):
    """What a party perceives of one channel and of the other party, at one instant."""

    at_s: int
    standing: int
    """How the channel stands, as a code."""
    contact_s: int
    """The last contact that the party acknowledges."""
    grievance: Memory
    goodwill: Memory
    war: Memory
    shock: Memory
    own_held: int
    """The party's nationals that the other holds."""
    other_held: int
    treaty_suspended: int
    meeting_pending: int


def standing_of(state: int, until: Ends) -> int:
    """Return how a channel stands that is in a state, with the ends of each kind of contact."""
    if state == CUT_OFF and not was_cut(until):
        return LAPSED
    return state


def left_of(memory: Memory, at_s: int) -> float:
    """Return what is left of a stock at an instant."""
    if memory.value == 0.0:  # most are empty, and an exponential is dear
        return 0.0
    left: float = memory.value * exp(-memory.decay_per_s * float(at_s - memory.touched_s))
    return left


def of_memory(memory: Memory, at_s: int) -> float:
    """Return the value of a feature that is a memory. The tenth escalation of a war does not weigh
    ten times the first, hence the logarithm."""
    value: float = log(1.0 + left_of(memory, at_s))
    return value


def of_silence(silence_s: int) -> float:
    """Return the value of `silence`. A what-if may look at a time before the first state of the
    channel is known to hold, hence the zero."""
    value: float = log(1.0 + float(max(0, silence_s)) / 86_400.0 / 30.0)
    return value


Bound = Literal["steady", "state", "memory", "silence"] | float
"""How the value of a feature goes between two events at the pair, from which the kernel finds what
the logit cannot exceed (`sim.kernel.bounds`). It is "steady", and changes at events alone. Or it
moves, but stays between 0 and a number. The others are of features that the kernel knows: whether
how the channel stands ("state"), a "memory" that fades, the "silence" that grows. Which is right
says `docs/design.md` under Candidates; what is wrong is found by `sim verify`."""


@dataclass(frozen=True)
class FeatureRule:
    """What one feature is."""

    name: str
    """What its weight is called in a doctrine."""
    words: str
    """What it is worth, for the reference and for the schema that editors use."""
    reason: str
    """What it is as a reason, for who plays a party."""
    value: Callable[[Perceived], float]
    """What it is worth. Only numbers, `exp` and `log` here: the kernel compiles it."""
    bound: Bound = "steady"

    @property
    def moves(self) -> bool:
        """Whether it moves between two events, other than by jumps at instants that are known."""
        return self.bound not in ("steady", "state")


FEATURE_RULES: tuple[FeatureRule, ...] = (
    FeatureRule(
        "bias",
        "The inclination with every other feature at 0: 0 is even odds, -2 is about 1 in 8.",
        "its habit, with nothing else in view",
        lambda p: 1.0,
    ),
    FeatureRule(
        "open",
        "1 while the party sees the channel as open.",
        "the line is open",
        lambda p: 1.0 if p.standing == OPEN else 0.0,
        "state",
    ),
    FeatureRule(
        "cut_off",
        "1 while the party sees the channel as cut off and somebody ended contact.",
        "contact was cut",
        lambda p: 1.0 if p.standing == CUT_OFF else 0.0,
        "state",
    ),
    FeatureRule(
        "prisoner_only",
        "1 while the party sees the channel as confined to detainees.",
        "only detainees are talked about",
        lambda p: 1.0 if p.standing == PRISONER_ONLY else 0.0,
        "state",
    ),
    FeatureRule(
        "corridor",
        "1 while the party sees the channel as corridor talk only.",
        "only words in passing are exchanged",
        lambda p: 1.0 if p.standing == CORRIDOR else 0.0,
        "state",
    ),
    FeatureRule(
        "lapsed",
        "1 while the party sees the channel as cut off and nobody ended contact: silence did.",
        "contact has lapsed",
        lambda p: 1.0 if p.standing == LAPSED else 0.0,
        "state",
    ),
    FeatureRule(
        "grievance",
        "log(1 + the party's stock of grievance against the other).",
        "what the other side has done",
        lambda p: of_memory(p.grievance, p.at_s),
        "memory",
    ),
    FeatureRule(
        "goodwill",
        "log(1 + the party's stock of goodwill towards the other).",
        "contacts that went well",
        lambda p: of_memory(p.goodwill, p.at_s),
        "memory",
    ),
    FeatureRule(
        "war",
        "log(1 + the stock of war between the two).",
        "the war",
        lambda p: of_memory(p.war, p.at_s),
        "memory",
    ),
    FeatureRule(
        "shock",
        "log(1 + the party's stock of shock): what the other did in the last days.",
        "what the other side did in the last days",
        lambda p: of_memory(p.shock, p.at_s),
        "memory",
    ),
    FeatureRule(
        "own_held",
        "The party's nationals that the other holds, counted up to 5.",
        "our people whom the other side holds",
        lambda p: float(min(p.own_held, MAX_COUNTED)),
    ),
    FeatureRule(
        "other_held",
        "The other's nationals that the party holds, counted up to 5.",
        "their people whom we hold",
        lambda p: float(min(p.other_held, MAX_COUNTED)),
    ),
    FeatureRule(
        "treaty_suspended",
        "1 while a treaty between the two is suspended.",
        "a treaty is suspended",
        lambda p: float(p.treaty_suspended),
    ),
    FeatureRule(
        "meeting_pending",
        "1 while a meeting is agreed and not yet held.",
        "a meeting is agreed",
        lambda p: float(p.meeting_pending),
    ),
    FeatureRule(
        "silence",
        "log(1 + days since the last contact that the party acknowledges / 30).",
        "the long silence",
        lambda p: of_silence(p.at_s - p.contact_s),
        "silence",
    ),
)
"""Every feature, in the order in which the products are summed."""

FEATURES: tuple[str, ...] = tuple(rule.name for rule in FEATURE_RULES)
"""Their names; the place of a weight in arrays is its place here."""
BIAS = FEATURES.index("bias")


def values_of(perceived: Perceived) -> tuple[float, ...]:
    """Return what each feature is worth, in the order of `FEATURES`."""
    return tuple(rule.value(perceived) for rule in FEATURE_RULES)


def logit_of(weights: Sequence[float], perceived: Perceived, inclined: float = 0.0) -> float:
    """Return the sum of weights times features, in order: another order is another last bit. It is
    added to what a party is inclined to do towards the other."""
    logit = inclined
    for weight, rule in zip(weights, FEATURE_RULES, strict=True):
        if weight != 0.0:  # adding zero changes no probability, and to find a value takes long
            logit += weight * rule.value(perceived)
    return logit
