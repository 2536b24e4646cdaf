"""A lesson over days: dates on which its rounds open, close and are revealed, by one place's clock.

The dates stand apart from the rounds, so that a class of one's own is a file that extends a lesson
and adds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field

from sim.ground.errors import Broken, did_you_mean
from sim.ground.schema import Strict

DAYS = ("seminar", "days")
SEALED_MS = 3_600_000
"""For how long the seal stands before the reveal, where a lesson does not say when that is."""
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
NOWHERE = ("Factory", "localtime", "posixrules")
"""Names that systems keep beside the zones: of no place, or of wherever the computer stands."""
_YEARS = range(2000, 2200)


def _local(text: str) -> str:
    if _LOCAL.fullmatch(text) is None:
        raise ValueError("must be a date and a time such as 2026-12-04T18:00")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a date and a time that exist") from None
    if found.year not in _YEARS:
        raise ValueError(f"must lie in the years {_YEARS[0]} to {_YEARS[-1]}")
    return text


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone.

    Raises:
        ValueError: there is none of that name.
    """
    try:
        if name in NOWHERE or name.startswith(("posix/", "right/")):
            raise ValueError(name)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is none
        hint = did_you_mean(name, sorted(z for z in available_timezones() if z[:1] == name[:1]))
        raise ValueError(f"must be a time zone such as Europe/Berlin{hint}") from None


LocalTime = Annotated[str, AfterValidator(_local)]
"""A date and a time of day as the clock of the lesson's zone shows it: 2026-12-04T18:00."""


class RoundDays(Strict):
    """When one round opens, closes and is revealed."""

    opens: LocalTime | None = None
    """When its vote opens. Where it is left out: at the reveal of the round before, and the first
    round as soon as the room is open."""
    closes: LocalTime
    """When the first vote closes."""
    again_closes: LocalTime | None = None
    """When the second vote closes. It opens when the first one closes, with the answers and
    reasons of the first. Where it is left out there is no second vote."""
    reveals: LocalTime | None = None
    """When everybody is shown what happened; an hour after the last vote where it is left out."""


class Days(Strict):
    """Dates of a lesson that is done at home, without a teacher in the room."""

    zone: Annotated[str, AfterValidator(lambda name: zone_of(name).key)]
    """The time zone of all dates, by its name in the IANA database: Europe/Berlin."""
    rounds: tuple[RoundDays, ...] = Field(min_length=1, max_length=20)
    """One for each round of the lesson, in order."""


@dataclass(frozen=True)
class RoundTimes:
    """The instants of one round, in milliseconds since 1970."""

    opens_ms: int | None
    closes_ms: int
    again_ms: int | None
    reveals_ms: int

    def end_ms(self, phase: str) -> int | None:
        """Return when a phase ends; None for one that takes no time, or that has no end."""
        ends = {"vote": self.closes_ms, "again": self.again_ms, "sealed": self.reveals_ms}
        return ends.get(phase)

    def later(self, by_ms: int, phase: str) -> RoundTimes:
        """Return the instants of a round in a phase of which the end was moved: what comes after
        it keeps its distance."""
        again = None if self.again_ms is None else self.again_ms + by_ms
        moved = replace(self, reveals_ms=self.reveals_ms + by_ms)
        if phase in ("vote", "again"):
            moved = replace(moved, again_ms=again)
        if phase == "vote":
            moved = replace(moved, closes_ms=self.closes_ms + by_ms)
        return moved


@dataclass(frozen=True)
class Times:
    """The instants of a lesson over days."""

    zone: str
    rounds: tuple[RoundTimes, ...]

    def passes(self, round_: int, phase: str) -> bool:
        """Whether a phase takes no time: everybody reads and discusses while a vote is open."""
        return phase in ("read", "discuss") or (
            phase == "again" and self.rounds[round_].again_ms is None
        )


def times_of(days: Days) -> Times:
    """Return the instants of dates that break no rule of `days_rules`."""
    zone, rounds = zone_of(days.zone), list[RoundTimes]()

    def at_ms(text: str | None) -> int | None:
        return None if text is None else _instant_ms(text, zone)

    for told in days.rounds:
        closes, again = _instant_ms(told.closes, zone), at_ms(told.again_closes)
        reveals = at_ms(told.reveals) or (again or closes) + SEALED_MS
        rounds.append(RoundTimes(at_ms(told.opens), closes, again, reveals))
    return Times(days.zone, tuple(rounds))


def days_rules(days: Days, rounds: int, *, plays: bool) -> Iterator[Broken]:
    """Yield (path, rule, value) for each rule that dates break; `rounds` is how many rounds the
    lesson has, and `plays` whether it has a role play."""
    if plays:
        yield DAYS, "needs a lesson of rounds alone: a role play needs a class in a room", ...
    if len(days.rounds) != rounds:
        rule = f"must have an entry for each round of the lesson, {rounds} in all"
        yield (*DAYS, "rounds"), rule, list(days.rounds)
    zone = zone_of(days.zone)
    strange = False
    for at, text in _told(days):
        rule = _clock_rule(text, zone)
        if rule:
            strange = True
            yield at, rule, text
    if not strange:
        yield from _order(days)


def _told(days: Days) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Give each date with its place."""
    for n, told in enumerate(days.rounds):
        for key in RoundDays.model_fields:
            text = getattr(told, key)
            if text is not None:
                yield (*DAYS, "rounds", n, key), text


def _order(days: Days) -> Iterator[Broken]:
    """Check that each date lies after the one before it: a reveal may stand at the end of a vote,
    and an opening at a reveal."""
    before, before_ms = "", 0
    zone = zone_of(days.zone)
    for n, (told, times) in enumerate(zip(days.rounds, times_of(days).rounds, strict=True)):
        steps = (
            ("opens", told.opens, times.opens_ms, "an opening"),
            ("closes", told.closes, times.closes_ms, ""),
            ("again_closes", told.again_closes, times.again_ms, ""),
            ("reveals", told.reveals, times.reveals_ms, "a reveal"),
        )
        for key, text, at_ms, may_equal in steps:
            if at_ms is None:
                continue
            early = at_ms < before_ms or (at_ms == before_ms and not may_equal)
            if early and text is not None:
                word = "not lie before" if may_equal else "lie after"
                yield (*DAYS, "rounds", n, key), f"must {word} {before}", text
            if at_ms >= before_ms:
                name = f"the reveal of round {n + 1}" if key == "reveals" else f"`{key}`"
                shown = text if text is not None else f"{local(at_ms, zone):%Y-%m-%dT%H:%M}"
                before, before_ms = f"{name}, {shown}", at_ms


def _clock_rule(text: str, zone: ZoneInfo) -> str:
    """Say why a date names no instant, or two; "" where it names one."""
    early, late = (datetime.fromisoformat(text).replace(tzinfo=zone, fold=f) for f in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return ""
    back = early.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0)
    if back != datetime.fromisoformat(text):
        return f"does not exist in {zone.key}: the clock is put forward then"
    return f"comes twice in {zone.key}: the clock is put back then. Choose another time"


def _instant_ms(text: str, zone: ZoneInfo) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def local(at_ms: int, zone: ZoneInfo) -> datetime:
    """Return an instant as the clock of a zone shows it."""
    return datetime.fromtimestamp(at_ms // 1000, zone)
