"""What the pages of a lesson over days say of its dates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sim.ground.dates import in_a_sentence
from sim.seminar.lesson.days import Times, local, zone_of
from sim.seminar.lesson.over_days import standing
from sim.seminar.lesson.record import LESSON
from sim.seminar.record.room import Room

LEFT = {
    "days": ("1 day", "# days"),
    "hours": ("1 hour", "# hours"),
    "minutes": ("1 minute", "# minutes"),
}
"""What a page calls one and more of each unit of the time that is left."""
SOON = "less than a minute"


def said(at_ms: int, zone: ZoneInfo) -> str:
    """Write an instant as the clock of a zone shows it: 4 December 2026, 18:00."""
    shown = local(at_ms, zone)
    return f"{in_a_sentence(str(shown.date()))}, {shown:%H:%M}"


def left(ms: int) -> str:
    """Say how long a time is, by its two largest units."""
    minutes = max(0, ms) // 60_000
    sizes = {"days": minutes // 1440, "hours": minutes // 60 % 24, "minutes": minutes % 60}
    first = next((n for n, size in enumerate(sizes.values()) if size), None)
    if first is None:
        return SOON
    shown = [*sizes.items()][first : first + 2]
    return " ".join(
        LEFT[unit][0] if size == 1 else LEFT[unit][1].replace("#", str(size))
        for unit, size in shown
        if size
    )


def values_of(times: Times, room: Room) -> dict[str, Any]:
    """Return what every page shows of the dates at this moment."""
    zone, now = zone_of(times.zone), LESSON.of(room).round
    rounds = [
        {
            "opens": None if told.opens_ms is None else said(told.opens_ms, zone),
            "closes": said(told.closes_ms, zone),
            "again": None if told.again_ms is None else said(told.again_ms, zone),
            "reveals": said(told.reveals_ms, zone),
        }
        for told in standing(times, room)
    ]
    return {
        "zone": times.zone,
        "sentence": "" if room.deadline_ms is None else _sentence(times, room),
        "twice": now >= 0 and times.rounds[now].again_ms is not None,
        "rounds": rounds,
        "left": left,
        "units": LEFT,
        "soon": SOON,
    }


def _sentence(times: Times, room: Room) -> str:
    """Say what comes at the present deadline, and when."""
    assert room.deadline_ms is not None
    now = LESSON.of(room).round
    when = f"{said(room.deadline_ms, zone_of(times.zone))} ({times.zone})"
    twice = now >= 0 and times.rounds[now].again_ms is not None
    match room.phase:
        case "vote" if twice:
            return f"The first vote closes on {when}."
        case "vote":
            return f"The vote closes on {when}."
        case "again":
            return f"The second vote closes on {when}."
        case "sealed":
            return f"You see what happened on {when}."
    return f"Round {now + 2} opens on {when}."


def at_reveal(room: Room, round_: int) -> Room:
    """Return the room as if a round that is revealed were the present one: later rounds go on, and
    everybody may still look at it."""
    state = replace(LESSON.of(room), round=round_)
    states = {**room.states, LESSON.name: state}
    return replace(room, phase="revealed", deadline_ms=None, ended=False, states=states)
