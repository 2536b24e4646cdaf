"""The deadlines of a lesson over days as a calendar file. Owns icalendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from sim.ground.language import N_, _
from sim.seminar.lesson.days import Times
from sim.seminar.lesson.over_days import waiting
from sim.seminar.record.room import Room

ALARM_HOURS = 24
"""So many hours before a deadline a calendar reminds of it."""
CLOSES = (
    N_("{title}: the vote of round {n} closes"),
    N_("{title}: the first vote of round {n} closes"),
    N_("{title}: the second vote of round {n} closes"),
)
"""What a calendar calls the deadline of the only vote of a round, of its first, of its second."""
SOON = (
    N_("{title}: the vote of round {n} closes soon"),
    N_("{title}: the first vote of round {n} closes soon"),
    N_("{title}: the second vote of round {n} closes soon"),
)
"""How it reminds of them."""


def calendar(times: Times, room: Room, title: str, address: str, mark: str) -> bytes:
    """Write the deadlines that are to come as a calendar file (RFC 5545), each with an alarm.

    It holds the title of the lesson and the numbers of rounds, and nothing that is asked. `mark`
    is this room's own: who takes the file again moves the dates that have moved.
    """
    made = Calendar()
    made.add("prodid", "-//backchannel//seminar//EN")
    made.add("version", "2.0")
    for round_, vote, at_ms in waiting(times, room):
        twice = times.rounds[round_].again_ms is not None
        closes, soon = _(CLOSES[0 if not twice else vote]), _(SOON[0 if not twice else vote])
        entry = Event()
        entry.add("uid", f"{mark}-{round_ + 1}-{vote}@backchannel")
        entry.add("sequence", room.position)
        entry.add("dtstamp", _utc(room.at_ms))
        entry.add("dtstart", _utc(at_ms))
        entry.add("summary", closes.format(title=title, n=round_ + 1))
        entry.add("url", address)
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", soon.format(title=title, n=round_ + 1))
        alarm.add("trigger", timedelta(hours=-ALARM_HOURS))
        entry.add_component(alarm)
        made.add_component(entry)
    return bytes(made.to_ical())


def _utc(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms // 1000, UTC)
