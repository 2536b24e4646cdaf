"""What the sources of a channel can show: kinds of event, of which side, on which days.

Of what a source cannot show, that nothing is coded says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from sim.ground.dates import parse
from sim.ground.errors import did_you_mean
from sim.ground.schema import EdtfDate, Party, Strict
from sim.log.events import KINDS
from sim.log.kinds import CONTACTS


def _kind(word: str) -> str:
    if word not in KINDS:
        raise ValueError(f"must be a kind of event{did_you_mean(word, KINDS)}")
    return word


Kind = Annotated[
    str, AfterValidator(_kind), WithJsonSchema({"type": "string", "enum": list(KINDS)})
]


class Covered(Strict):
    """Kinds of event that a source can show."""

    kinds: tuple[Kind, ...] = Field(min_length=1, max_length=len(KINDS))
    """The kinds of event."""
    side: Party | None = None
    """The side of which it shows them: what this party does or begins, and of meetings those to
    which it travels. Both sides where it is left out."""
    since: EdtfDate | None = None
    """The first day on which it shows them; all of the log's time where it is left out."""
    until: EdtfDate | None = None
    """The last day on which it shows them."""

    @model_validator(mode="after")
    def _in_order(self) -> Covered:
        if self.since and self.until and parse(self.until).hi_s <= parse(self.since).lo_s:
            raise ValueError(f"until must not lie before since: {self.until} < {self.since}")
        return self

    def holds(self, kind: str, side: str, lo_s: int, hi_s: int) -> bool:
        """Whether an event of a kind and a side is shown at any instant of a span."""
        return (
            kind in self.kinds
            and self.side in (None, side)
            and (self.since is None or parse(self.since).lo_s <= lo_s)
            and (self.until is None or hi_s <= parse(self.until).hi_s)
        )


Coverage = tuple[Covered, ...]


def shows(coverage: Coverage | None, kind: str, side: str, lo_s: int, hi_s: int) -> bool:
    """Whether a source shows each event of a kind that a side brings about in a span of time; it
    does where nothing says what it can show."""
    return coverage is None or any(c.holds(kind, side, lo_s, hi_s) for c in coverage)


def not_shown(coverage: Coverage | None, parties: Iterable[str]) -> list[str]:
    """List the kinds of contact that the sources cannot show of both sides. They show whether there
    was silence where there is none."""
    if coverage is None:
        return []
    sides = tuple(parties)
    return [
        kind
        for kind in CONTACTS
        if not all(any(kind in c.kinds and c.side in (None, s) for c in coverage) for s in sides)
    ]


def shown_since(coverage: Coverage | None) -> str | None:
    """Return the latest day from which a source shows something: from then on all of it is shown
    that is ever shown. None where nothing says it."""
    days = [c.since for c in coverage or () if c.since is not None]
    return max(days, key=lambda d: parse(d).lo_s, default=None)


def shown_until(coverage: Coverage | None) -> str | None:
    """Return the first of the last days on which a source shows something; None where there is
    none."""
    days = [c.until for c in coverage or () if c.until is not None]
    return min(days, key=lambda d: parse(d).hi_s, default=None)


def broken_coverage(
    coverage: Coverage | None, parties: tuple[str, str], complete_from: str | None
) -> Iterator[tuple[tuple[str | int, ...], str, object]]:
    """Yield the broken rules of what the sources of a channel show, by path in the channel."""
    for n, covered in enumerate(coverage or ()):
        if covered.side is not None and covered.side not in parties:
            rule = f"must be one of {' and '.join(parties)}"
            yield ("coverage", n, "side"), rule, covered.side
    missing = not_shown(coverage, parties)
    if complete_from is not None and missing:
        rule = (
            "must be left out where `coverage` lacks kinds of contact, of either side: "
            f"{', '.join(missing)}"
        )
        yield ("complete_from",), rule, complete_from
