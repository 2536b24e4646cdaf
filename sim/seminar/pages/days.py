"""What the pages of a lesson over days say of its dates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sim.ground.dates import in_a_sentence
from sim.ground.language import N_, _
from sim.seminar.lesson.days import Times, local, zone_of
from sim.seminar.lesson.over_days import standing
from sim.seminar.lesson.record import LESSON
from sim.seminar.record.room import Room

LEFT = {
    "days": (N_("1 day"), N_("# days")),
    "hours": (N_("1 hour"), N_("# hours")),
    "minutes": (N_("1 minute"), N_("# minutes")),
}
"""What a page calls one and more of each unit of the time that is left."""
SOON = N_("less than a minute")


def said(at_ms: int, zone: ZoneInfo) -> str:
    """Write an instant as the clock of a zone shows it: 4 December 2026, 18:00."""
    shown = local(at_ms, zone)
    day, hour, minute = in_a_sentence(str(shown.date())), shown.strftime("%H"), shown.strftime("%M")
    return _("{day}, {hour}:{minute}", day=day, hour=hour, minute=minute)


def left(ms: int) -> str:
    """Say how long a time is, by its two largest units."""
    minutes = max(0, ms) // 60_000
    sizes = {"days": minutes // 1440, "hours": minutes // 60 % 24, "minutes": minutes % 60}
    first = next((n for n, size in enumerate(sizes.values()) if size), None)
    if first is None:
        return _(SOON)
    shown = [*sizes.items()][first : first + 2]
    return " ".join(
        _(LEFT[unit][0]) if size == 1 else _(LEFT[unit][1]).replace("#", str(size))
        for unit, size in shown
        if size
    )


def values_of(times: Times, room: Room) -> dict[str, Any]:
    """Return what every page shows of the dates at this moment."""
    zone = zone_of(times.zone)

    def when(at_ms: int | None) -> str | None:
        return None if at_ms is None else said(at_ms, zone)

    rounds = [
        {
            "opens": when(told.opens_ms),
            "closes": when(told.closes_ms),
            "again": when(told.again_ms),
            "reveals": when(told.reveals_ms),
        }
        for told in standing(times, room)
    ]
    return {
        "zone": times.zone,
        "sentence": "" if room.deadline_ms is None else _sentence(times, room),
        "twice": _twice(times, room),
        "rounds": rounds,
        "left": left,
        "units": {unit: [_(word) for word in words] for unit, words in LEFT.items()},
        "soon": _(SOON),
    }


def _twice(times: Times, room: Room) -> bool:
    """Whether the class votes twice in the present round."""
    now = LESSON.of(room).round
    return now >= 0 and times.rounds[now].again_ms is not None


def _sentence(times: Times, room: Room) -> str:
    """Say what comes at the present deadline, and when."""
    assert room.deadline_ms is not None
    told = {"when": said(room.deadline_ms, zone_of(times.zone)), "zone": times.zone}
    match room.phase:
        case "vote" if _twice(times, room):
            return _("The first vote closes on {when} ({zone}).", **told)
        case "vote":
            return _("The vote closes on {when} ({zone}).", **told)
        case "again":
            return _("The second vote closes on {when} ({zone}).", **told)
        case "sealed":
            return _("You see what happened on {when} ({zone}).", **told)
    return _("Round {n} opens on {when} ({zone}).", n=LESSON.of(room).round + 2, **told)


def at_reveal(room: Room, round_: int) -> Room:
    """Return the room as if a round that is revealed were the present one: later rounds go on, and
    everybody may still look at it."""
    state = replace(LESSON.of(room), round=round_)
    states = {**room.states, LESSON.name: state}
    return replace(room, phase="revealed", deadline_ms=None, ended=False, states=states)
