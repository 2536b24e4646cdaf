"""Who governs after the as-of date, where it is not known: doctrines with probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from sim.ground.dates import parse
from sim.ground.errors import Broken
from sim.ground.schema import EdtfDate, Line, Party, Slug, Strict

MAX_GOVERNMENTS, MAX_CHOICES = 50, 20
NEARLY = 1e-9
"""By how much the sum of probabilities may differ from 1: they are written in decimals."""


def _a_share(value: Any) -> Any:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value == "rest" or (number and 0 <= value <= 1):
        return value
    raise ValueError("must be a probability from 0 to 1, or `rest`")


Share: TypeAlias = Annotated[
    Annotated[float, Field(ge=0, le=1)] | Literal["rest"], BeforeValidator(_a_share)
]
"""A probability, or what the others leave."""


class Government(Strict):
    """On a date a party takes up one of several doctrines: an election, an inauguration."""

    party: Party
    """Who takes up a doctrine."""
    on: EdtfDate
    """The first day of it, after the as-of date."""
    take_up: dict[Slug, Share] = Field(min_length=1, max_length=MAX_CHOICES)
    """Doctrine to its probability; they sum to 1. One may be `rest`: what the others leave."""
    title: Line | None = None
    """What people call it, such as an inauguration."""
    reasons: Line | None = None
    """Why the probabilities are what they are."""

    def probabilities(self) -> dict[str, float]:
        """Return the probability of each doctrine, in the order of their names."""
        given = {name: p for name, p in self.take_up.items() if p != "rest"}
        rest = max(0.0, 1.0 - sum(given.values()))
        return {name: given.get(name, rest) for name in sorted(self.take_up)}


def in_order(
    governments: Mapping[str, Government], start_s: int, end_s: int
) -> list[tuple[int, str, Government]]:
    """List the governments of a run from an instant to before another, by date: (instant, id,
    government). Others are passed over, as forums are."""
    dated = ((parse(g.on).lo_s, id_, g) for id_, g in governments.items())
    return sorted((row for row in dated if start_s <= row[0] < end_s), key=lambda row: row[:2])


def government_rules(
    governments: Mapping[str, Government],
    span: tuple[int, int],
    as_of: str,
    until: str,
) -> Iterator[Broken]:
    """Yield (path, rule, value) for each rule that the governments of a scenario break."""
    seen: dict[tuple[str, int], str] = {}
    for id_, government in governments.items():
        at, first_s = ("governments", id_), parse(government.on).lo_s
        if first_s < span[0]:
            yield (*at, "on"), f"must lie after the as-of date {as_of}", government.on
        elif first_s >= span[1]:
            yield (*at, "on"), f"must not lie after until {until}", government.on
        other = seen.setdefault((government.party, first_s), id_)
        if other != id_:
            rule = f"must not be the date of another government of {government.party}, {other}"
            yield (*at, "on"), rule, government.on
        yield from _sum_rules((*at, "take_up"), government)


def _sum_rules(at: tuple[str, ...], government: Government) -> Iterator[Broken]:
    given = [p for p in government.take_up.values() if p != "rest"]
    total, rests = sum(given), len(government.take_up) - len(given)
    if rests > 1:
        yield at, "must not hold more than one `rest`", rests
    elif rests == 1 and total > 1.0 + NEARLY:
        yield at, "the probabilities beside `rest` must not sum to more than 1", f"{total:g}"
    elif rests == 0 and abs(total - 1.0) > NEARLY:
        yield at, "the probabilities must sum to 1; one may be `rest`", f"{total:g}"
