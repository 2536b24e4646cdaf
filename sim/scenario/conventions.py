"""Rules that are conventions, and the range that each may have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field

from sim.ground.draws import stream_key, uniforms
from sim.ground.errors import Broken
from sim.ground.schema import Real, Strict
from sim.log.log import Channel, Days, LapseDays


def _ordered(span: tuple[float, float]) -> tuple[float, float]:
    if span[0] >= span[1]:
        raise ValueError("the first number of a range must lie below the second")
    return span


Span: TypeAlias = Annotated[tuple[Days, Days], AfterValidator(_ordered)]
"""A range of days: the least and the most."""


Chances: TypeAlias = Annotated[
    tuple[Annotated[Real, Field(gt=0, le=1)], Annotated[Real, Field(gt=0, le=1)]],
    AfterValidator(_ordered),
]
"""A range of a probability: the least and the most."""


class LapseSpans(Strict):
    """The ranges of days for which contact keeps a channel alive; what has none stays as it is."""

    open: Span | None = None
    """Days that each general contact adds to the time for which the channel is open."""
    open_at_most: Span | None = None
    """How many days ahead general contact can keep the channel open."""
    prisoner_only: Span | None = None
    """Days for which a contact that is confined to detainees keeps that line alive."""
    corridor: Span | None = None
    """Days for which words in a corridor count."""

    def given(self) -> dict[str, tuple[float, float]]:
        """Return the ranges that are given, by key."""
        spans = {key: getattr(self, key) for key in LapseDays.model_fields}
        return {key: span for key, span in spans.items() if span is not None}


if [*LapseSpans.model_fields] != [*LapseDays.model_fields]:
    raise TypeError(f"LapseSpans must have the fields of LapseDays: {[*LapseDays.model_fields]}")


class Conventions(Strict):
    """Rules that could as well be otherwise. The range of answers over other weights is then one
    over other rules too; the plain run has the scenario's own."""

    lapse_days: LapseSpans = Field(default_factory=LapseSpans)
    """Ranges of days, drawn evenly in their logarithm, the same for all channels; a lapse that
    never comes stays so."""
    refusals_reported: Chances | None = None
    """The range of the probability that a refusal is reported. `sim learn` then learns it with the
    weights, from an even prior."""


def drawn_lapses(conventions: Conventions, seed: int, draw: int) -> dict[str, float]:
    """Return the keyed draw of every lapse that has a range, in days."""
    found = {}
    for key, (low, high) in conventions.lapse_days.given().items():
        chance, _ = uniforms(seed, *stream_key(f"conventions/lapse_days.{key}"), draw, 0)
        found[key] = float(low * (high / low) ** chance)
    return found


def lapsing(days: LapseDays, drawn: Mapping[str, float]) -> LapseDays:
    """Return the days of a lapse with drawn ones in place, where they end at all."""
    there = {key: value for key, value in drawn.items() if getattr(days, key) is not None}
    return LapseDays.model_validate(days.model_dump() | there)


def convention_rules(conventions: Conventions, channels: Mapping[str, Channel]) -> Iterator[Broken]:
    """Yield (path, rule, value) where the ranges of two lapses of a channel cross."""
    spans = conventions.lapse_days.given()
    worst = {key: span[1] for key, span in spans.items() if key == "open"}
    worst |= {key: span[0] for key, span in spans.items() if key == "open_at_most"}
    for id_, channel in channels.items():
        try:
            lapsing(channel.lapse_days, worst)
        except ValueError:
            rule = f"must leave open_at_most at least as long as open, on {id_} too"
            yield ("conventions", "lapse_days"), rule, ...
            return
