"""The page of the log: what it asks for, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.datastructures import QueryParams

from sim.ground.dates import parse
from sim.ground.language import _
from sim.log.log import Channel
from sim.log.rulebook import OBSERVER
from sim.seminar.lesson.horizon import horizon, is_over, seen_before
from sim.seminar.pages.legend import legend
from sim.seminar.pages.past import Past
from sim.seminar.pages.presenter import strips_of

if TYPE_CHECKING:
    from sim.seminar.web.room import OpenRoom


OPENED = 3
"""Events that the page of the log tells in full; the others are opened one by one."""
LISTED = 15
"""New events that it lists, at most; the others are among the earlier ones."""


def teller_place(room: OpenRoom, query: QueryParams) -> tuple[int | None, str]:
    """Return the instant that a page of the log asks for, and a problem or nothing.

    `at` is an event's place from 1; `day` is a day to whose end the log is shown.
    """
    shown = room.shown()
    until_s = horizon(shown.plan, shown.room)
    if day := query.get("day", "").strip()[:40]:
        try:
            return min(parse(day).hi_s, until_s), ""
        except ValueError:
            return None, _("Write the day as 2010-05-31.")
    at = query.get("at", "")
    if at.isascii() and at.isdecimal() and len(at) <= 6:
        return shown.presenter.teller.after(until_s, int(at)), ""
    return None, ""


def log_page(room: OpenRoom, at_s: int | None) -> dict[str, Any]:
    """Return what the page of the log shows."""
    shown = room.shown()
    plan, now, teller = shown.plan, shown.room, shown.presenter.teller
    until_s = horizon(plan, now)
    told = teller.tell(until_s, is_over(plan, now), at_s)
    end_s = until_s if at_s is None else min(at_s, until_s)
    strips = ""
    if told.shown:
        strips = strips_of(told, end_s, OBSERVER, shown.presenter.named_channel(now))
    new = 0
    if at_s is None:
        new = told.shown - teller.before(until_s, seen_before(plan, now))
    opened = min(max(new, 1), OPENED)
    return log_values(plan.title, told, strips, plan.log.channels, opened=opened, new=new)


def log_values(
    lesson: str,
    told: Past,
    strips: str,
    channels: Mapping[str, Channel],
    note: str = "",
    query: str = "",
    opened: int = OPENED,
    new: int = 0,
) -> dict[str, Any]:
    """Return what the page of a log shows. `note` says whose log it is where it is not the class's,
    `query` goes with each link to another place in it, `opened` is how many events are told in
    full, and `new` how many the class has not seen before."""
    listed = told.events[: told.shown][::-1]
    closed = max(opened, min(new, LISTED))
    return {
        "lesson": lesson,
        "past": told,
        "note": note,
        "query": query,
        "opened": listed[:opened],
        "closed": listed[opened:closed],
        "earlier": listed[closed:],
        "new": new,
        "strips": strips,
        "place": told.shown,
        "count": len(told.events),
        "legend": legend(
            {v.channel: channels[v.channel] for v in told.views}, parse(told.last).hi_s
        ),
        "titles": {v.channel: channels[v.channel].title or v.channel for v in told.views},
    }
