"""Bursts of attention: which event brings which question up, for whom, how often and how fast.

An event opens, for the acts and sides of its rows, a Poisson burst of opportunities of intensity
m / tau exp(-t / tau), t days after it. `docs/model.md` gives the reason for each default.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import product
from typing import Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from sim.ground.errors import Broken, did_you_mean
from sim.ground.schema import Real, Slug, Strict
from sim.log.events import KIND_CODE, KINDS
from sim.scenario.acts import ACT_RULES, RULE_OF, Act

MAX_ROWS = 100
MAX_CALM = 0.999
"""The spectral radius that a table must stay below."""

Toward = Literal["initiator", "other", "both"]
TOWARD: tuple[Toward, ...] = ("initiator", "other", "both")
"""Whom a row asks: who brought the event about (of people held, their holder), the other side, or
both. Where nobody is known to have brought it about, each side is the other."""


class Burst(Strict):
    """One row of the table: after this, this question comes up."""

    opener: tuple[Slug, ...] = Field(min_length=1, max_length=30)
    """The kind of event that opens the burst, or a list of kinds."""
    level: Literal["same", "lower"] = "same"
    """Whether the burst is on the event's own channel (of an event without a channel: on all
    channels of the pairs that it concerns), or on the pair's channels of lower levels."""
    act: Act
    """What the opportunities are for. An act whose rate is 0 on a channel gets none there."""
    side: Toward
    """Whom they are for: initiator, other, or both."""
    m: Real = Field(ge=0, le=20)
    """How many opportunities are expected, for each side that is asked."""
    tau_days: Real = Field(ge=0.01, le=1_000)
    """The mean delay of an opportunity after the event, in days."""

    @field_validator("opener", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """A single kind need not be written as a list."""
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _has_a_burst(self) -> Burst:
        if RULE_OF[self.act].at_forum:
            raise ValueError(f"{self.act} has its opportunities at forums only")
        if len({*self.opener}) < len(self.opener):
            raise ValueError("names a kind of event twice")
        return self


def _row(
    opener: str | tuple[str, ...],
    act: Act,
    side: Toward,
    m: float,
    tau_days: float,
    level: Literal["same", "lower"] = "same",
) -> Burst:
    kinds = (opener,) if isinstance(opener, str) else opener
    return Burst(opener=kinds, act=act, side=side, m=m, tau_days=tau_days, level=level)


CONTACT = ("meeting_held", "call_held")
DEFAULT_ATTENTION: dict[str, Burst] = {
    "arrest-call": _row("detained", "call", "other", 0.5, 3),
    "arrest-cancel": _row("detained", "cancel", "other", 0.5, 3),
    "arrest-detainees": _row("detained", "raise_detainees", "other", 1, 5),
    "cancelled-call": _row("meeting_cancelled", "call", "other", 0.5, 3),
    "cancelled-cut": _row("meeting_cancelled", "cut", "both", 0.5, 2),
    "contact-above-call": _row(CONTACT, "call", "both", 1, 3, "lower"),
    "contact-above-meet": _row(CONTACT, "meet", "both", 0.5, 5, "lower"),
    "cut-call": _row("contact_cut", "call", "other", 0.5, 7),
    "cut-detainees": _row("contact_cut", "raise_detainees", "other", 0.5, 7),
    "escalation-cancel": _row("escalation", "cancel", "other", 2, 1),
    "escalation-cut": _row("escalation", "cut", "other", 1, 2),
}
"""The table where a scenario gives none."""

Ranks = tuple[tuple[Slug, ...], ...]
DEFAULT_LEVELS: Ranks = (
    ("leaders",),
    ("ministers", "security", "security-council", "defence", "intelligence"),
    ("deputies",),
    ("ambassadors", "experts"),
)
"""Levels of contact from high to low; those of one rank stand side by side."""


def rank_of(level: str, levels: Ranks) -> int | None:
    """Return the rank of a level, 0 for the highest; None where the order does not name it."""
    return next((n for n, rank in enumerate(levels) if level in rank), None)


def attention_rules(
    rows: Mapping[str, Burst],
    levels: Ranks,
    base: float,
    pairs: Collection[tuple[int, ...]],
    acts: Collection[str],
) -> Iterator[Broken]:
    """Yield what is wrong with a table, for `base` opportunities without it and pairs of parties
    with so many channels on each rank, lowest first; `acts` have a rate above 0."""
    broken = False
    for name, row in rows.items():
        for kind in row.opener:
            if kind not in KINDS:
                broken = True
                rule = f"must be a kind of event{did_you_mean(kind, KINDS)}"
                yield ("attention", name, "opener"), rule, kind
    named = [name for rank in levels for name in rank]
    for name in sorted({n for n in named if named.count(n) > 1}):
        yield ("levels",), "must name each level once", name
    if broken:
        return
    radius, most = offspring(rows, pairs, acts)
    if radius > MAX_CALM:
        rule = (
            "must die out: with every question answered yes, an event must bring less than one "
            "further event of its kind, through whatever chain of bursts"
        )
        yield ("attention",), rule, f"{radius:.3g}"
    elif base * most > MAX_OFFERED:
        rule = f"must not bring more than {MAX_OFFERED:,} opportunities a replication"
        yield ("attention",), rule, f"up to {base * most:,.0f}"


MAX_OFFERED = 200_000_000
"""Opportunities that bursts may bring in one replication, if every question is answered yes."""


def offspring(
    rows: Mapping[str, Burst], pairs: Collection[tuple[int, ...]], acts: Collection[str]
) -> tuple[float, float]:
    """Return the spectral radius of the mean offspring of events, and how many opportunities of
    bursts one event brings at most, with its descendants.

    The matrix is over (channel, kind of event). Rows that reach lower levels lead strictly
    downwards, so the radius is that of one channel's block. Answers are taken as yes or no for each
    act, whichever brings more: the event of an act, or that of its refusal, may open bursts itself.
    """
    answered = [rule.name for rule in ACT_RULES if rule.refused and not rule.at_forum]
    asks = {row.act for row in rows.values()} & {*answered}
    radius, most = 0.0, 0.0
    for answers in product((True, False), repeat=len(asks)):
        refused = {act for act, yes in zip(sorted(asks), answers, strict=True) if not yes}
        blocks, offers = {}, {}
        for level in ("same", "lower"):
            block, offer = np.zeros((len(KINDS), len(KINDS))), np.zeros(len(KINDS))
            for row in rows.values():
                if row.level != level or row.act not in acts:
                    continue
                asked = row.m * (2.0 if row.side == "both" else 1.0)
                for kind in row.opener:
                    offer[KIND_CODE[kind]] += asked
                    for brought, times in _brings(row.act, no=row.act in refused).items():
                        block[KIND_CODE[kind], KIND_CODE[brought]] += asked * times
            blocks[level], offers[level] = block, offer
        radius = max(radius, float(np.abs(np.linalg.eigvals(blocks["same"])).max()))
        if radius <= MAX_CALM:
            solved = np.linalg.inv(np.eye(len(KINDS)) - blocks["same"])
            for ranks in pairs:
                below = np.zeros(len(KINDS))
                for channels in ranks:
                    total = solved @ (offers["same"] + below)
                    below = below + channels * (offers["lower"] + blocks["lower"] @ total)
                    most = max(most, float(total.max()), float(below.max()))
    return radius, most


def _brings(act: Act, *, no: bool) -> dict[str, float]:
    """Return how many events of each kind an opportunity brings that is taken, and answered yes or
    no."""
    rule = RULE_OF[act]
    if rule.effect == "agreement":
        return {rule.refused or "": 1.0} if no else {rule.kind: 1.0, "meeting_held": 1.0}
    if rule.accepted is not None:
        times = 2.0 if rule.effect == "exchange" else 1.0
        return {rule.kind: 1.0} | ({rule.refused or "": 1.0} if no else {rule.accepted: times})
    return {rule.refused or "": 1.0} if no else {rule.kind: 1.0}
