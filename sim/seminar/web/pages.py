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
from sim.seminar.pages.past import Past, Teller
from sim.seminar.pages.presenter import strips_of

if TYPE_CHECKING:
    from sim.seminar.web.room import OpenRoom


OPENED = 3
"""Events that the page of the log tells in full; the others are opened one by one."""
LISTED = 15
"""New events that it lists, at most; the others are among the earlier ones."""


def teller_place(room: OpenRoom, query: QueryParams) -> tuple[int | None, str]:
    """Return the instant that a page of the log asks for, and a problem or nothing.

    `at` is as for `place_asked`; `day` is a day to whose end the log is shown.
    """
    shown = room.shown()
    until_s = horizon(shown.plan, shown.room)
    if day := query.get("day", "").strip()[:40]:
        try:
            return min(parse(day).hi_s, until_s), ""
        except ValueError:
            return None, _("Write the day as 2010-05-31.")
    place = place_asked(query)
    return None if place is None else shown.presenter.teller.after(until_s, place), ""


def place_asked(query: QueryParams) -> int | None:
    """Return the place of an event, from 1, as of which a log is asked for; None for the last."""
    at = query.get("at", "")
    return int(at) if at.isascii() and at.isdecimal() and len(at) <= 6 else None


def log_page(room: OpenRoom, at_s: int | None) -> dict[str, Any]:
    """Return what the page of the log shows."""
    shown = room.shown()
    plan, now, teller = shown.plan, shown.room, shown.presenter.teller
    until_s = horizon(plan, now)
    named = shown.presenter.named_channel(now)
    told, strips = _told(teller, until_s, is_over(plan, now), at_s, named)
    new = 0
    if at_s is None:
        new = told.shown - teller.before(until_s, seen_before(plan, now))
    opened = min(max(new, 1), OPENED)
    return log_values(plan.title, told, strips, plan.log.channels, opened=opened, new=new)


def whole_world(teller: Teller, end_s: int, place: int | None) -> tuple[Past, str]:
    """Tell a world that is over, as of one of its events or to its end, and draw its states."""
    at_s = None if place is None else teller.after(end_s, place)
    return _told(teller, end_s, True, at_s)


def _told(
    teller: Teller, until_s: int, over: bool, at_s: int | None, named: tuple[str, str] | None = None
) -> tuple[Past, str]:
    """Tell a log as it stood at an instant, or at its horizon, and draw the states up to there."""
    told = teller.tell(until_s, over, at_s)
    if not told.shown:
        return told, ""
    return told, strips_of(told, until_s if at_s is None else min(at_s, until_s), OBSERVER, named)


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
