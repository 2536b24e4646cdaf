"""Time travel: the log as the class may see it, up to where the lesson has come.

Nothing that lies after this horizon leaves this module: no event, no title of a later source, and
no summary that a lesson tells otherwise until it is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sim.ground.dates import DAY_S, day, parse, spoken
from sim.ground.language import _, ngettext
from sim.log.events import Event
from sim.log.label import label
from sim.log.log import Log, State
from sim.log.names import kind_name, subject_name
from sim.log.projection import (
    Course,
    Interval,
    course_of,
    known_until,
    project,
    timeline,
    viewpoints,
)
from sim.log.rulebook import Standing
from sim.scenario.scope import channels_of
from sim.seminar.lesson.plan import Plan


@dataclass(frozen=True)
class Account:
    """One side's telling of an event."""

    party: str
    text: str


@dataclass(frozen=True)
class Told:
    """One event as the pages tell it."""

    place: int
    """Its place in the log, from 1."""
    title: str
    date: str
    channel: str
    summary: str
    accounts: tuple[Account, ...]
    others: tuple[str, ...]
    """The sides of its channel that have no account of their own, where another side has."""
    source: str
    urls: tuple[str, ...]
    """Addresses of the source; once the lesson is over, since an address may tell what came."""
    doubt: str


@dataclass(frozen=True)
class View:
    """A channel's state from one viewpoint."""

    channel: str
    viewpoint: str
    state: State | None
    since: str
    silence: str
    """After how long without contact it began, where it began so."""


@dataclass(frozen=True)
class Strip:
    """The states of a channel from one viewpoint up to an instant."""

    channel: str
    viewpoint: str
    intervals: tuple[Interval, ...]


@dataclass(frozen=True)
class Past:
    """The log up to one instant."""

    at: str
    """The day to whose end it is shown."""
    events: tuple[Told, ...]
    """All events up to the horizon, in order."""
    shown: int
    """How many of them lie before the instant that is looked at."""
    views: tuple[View, ...]
    """The states at that instant."""
    strips: tuple[Strip, ...]
    first: str
    last: str
    """The first and the last day that can be looked at."""


class Teller:
    """Tells a log up to a horizon."""

    def __init__(
        self,
        log: Log,
        channels: Sequence[str],
        retold: Mapping[str, str] | None = None,
        forums: Mapping[str, str] | None = None,
    ) -> None:
        """`channels` are those whose states are told, `retold` what is said of an event instead of
        its summary, by id, until all is over, and `forums` where each is held."""
        self.log, self.channels, self.retold = log, tuple(channels), retold or {}
        self.forums = forums or {}
        self.known = lru_cache(maxsize=64)(self._known)
        self.tell = lru_cache(maxsize=1_000)(self._tell)
        """`tell(until_s, over, at_s)`: see `_tell`."""

    @classmethod
    def of(cls, plan: Plan) -> Teller:
        """Tell the log of a lesson: the channels that it asks about, or else the first."""
        asked = {q.channel for r in plan.rounds for q in r.questions if q.channel is not None}
        chosen = sorted(asked) or sorted(channels_of(plan.scenario))[:1]
        return cls(plan.log, chosen, plan.lesson.retold)

    def _known(self, until_s: int) -> tuple[Log, Course]:
        """Return the log up to a horizon, and the course of its events."""
        log = known_until(self.log, until_s)
        return log, course_of(log)

    def after(self, until_s: int, place: int) -> int:
        """Return the second after the place-th event, from 1; the horizon where there is none."""
        course = self.known(until_s)[1]
        if not 1 <= place <= len(course.events):
            return until_s
        return course.times[course.events[place - 1].id] + 1

    def before(self, until_s: int, since_s: int) -> int:
        """Return how many events up to a horizon lie before an instant."""
        course = self.known(until_s)[1]
        return sum(course.times[e.id] < since_s for e in course.events)

    def found(self, until_s: int, over: bool, events: Iterable[str]) -> list[Told]:
        """Tell some events, by id, in their given order; those after the horizon are left out."""
        course = self.known(until_s)[1]
        place = {e.id: n for n, e in enumerate(course.events)}
        told = self.tell(until_s, over).events
        return [told[place[id_]] for id_ in events if id_ in place]

    def _tell(self, until_s: int, over: bool, at_s: int | None = None) -> Past:
        """Tell the log up to a horizon, as it stood at an instant, or at the horizon.

        `over` is whether the lesson has reached the end of its last round.
        """
        log, course = self.known(until_s)
        times, order = course.times, course.events
        first = min((times[e.id] for e in order), default=until_s - 1)
        end_s = until_s if at_s is None else max(first + 1, min(at_s, until_s))
        shown = sum(times[e.id] < end_s for e in order)
        before = log.model_copy(update={"events": tuple(order[:shown])})
        so_far = course_of(before)
        views: list[View] = []
        strips: list[Strip] = []
        seers = {v for c in self.channels for v in viewpoints(log, c)}
        seen = {v: project(before, v, end_s - 1) for v in seers}
        for channel in self.channels:
            for viewpoint in viewpoints(log, channel):
                standing = seen[viewpoint][channel]
                since, silence = str(day(standing.since_s)), _silence(standing)
                views.append(View(channel, viewpoint, standing.state, since, silence))
                held = timeline(before, channel, viewpoint, end_s=end_s, course=so_far)
                strips.append(Strip(channel, viewpoint, tuple(held) if shown else ()))
        return Past(
            str(day(end_s - 1)),
            tuple(self._event(log, e, n, until_s, over) for n, e in enumerate(order, start=1)),
            shown,
            tuple(views),
            tuple(strips),
            str(day(first)),
            str(day(until_s - 1)),
        )

    def _event(self, log: Log, event: Event, place: int, until_s: int, over: bool) -> Told:
        retold = None if over else self.retold.get(event.id)
        told = [] if retold is not None else sorted(event.accounts)
        # the coder's few words may say what the lesson tells otherwise
        shown = event if retold is None else event.model_copy(update={"short": None})
        return Told(
            place,
            label(placed(shown, self.forums)),
            _when(event, until_s),
            "" if event.channel is None else log.channels[event.channel].title or event.channel,
            retold or event.summary or "",
            tuple(Account(party, _account(event, party)) for party in told),
            _others(log, event, told),
            _source(log, event, until_s),
            event.source.urls if over and event.source is not None else (),
            "" if retold is not None else event.doubt or "",
        )


def placed(event: Event, forums: Mapping[str, str]) -> Event:
    """Return a simulated event with the place of its forum, which its log does not say."""
    place = forums.get(getattr(event, "forum", None) or "")
    return event if place is None or event.place else event.model_copy(update={"place": place})


def _when(event: Event, until_s: int) -> str:
    """Write when an event was: as it was coded, or the day that a run drew for it where the coded
    span is not over yet."""
    if event.coded_date is not None and parse(event.coded_date).hi_s <= until_s:
        return spoken(event.coded_date)
    return spoken(event.date if "T" not in event.date else event.date[:10])


def _silence(standing: Standing) -> str:
    """Say after how many days without contact a state began; that of another contact that still
    counts began when the time of the wider one was over."""
    if not standing.lapsed:
        return ""
    if standing.state != "cut_off" or standing.contact_s > standing.since_s:
        return _("without contact on other subjects")
    days = (standing.since_s - standing.contact_s) // DAY_S
    return _("after {n} days without contact", n=days)


def _others(log: Log, event: Event, told: Sequence[str]) -> tuple[str, ...]:
    if not told or event.channel is None:
        return ()
    return tuple(
        party for party in sorted(log.channels[event.channel].parties) if party not in told
    )


def _account(event: Event, party: str) -> str:
    account = event.accounts[party]
    parts = []
    if account.denial:
        parts.append(_("denies that this was a contact"))
    if account.kind not in (None, event.kind):
        parts.append(_("calls it {kind}", kind=kind_name(account.kind)))
    if account.agenda is not None:
        subjects = ", ".join(subject_name(a) for a in account.agenda)
        parts.append(_("names as its subjects: {subjects}", subjects=subjects or _("none")))
    if account.summary:
        parts.append(account.summary)
    return _("; ").join(parts) or _("tells it in the same way")


def _source(log: Log, event: Event, until_s: int) -> str:
    if event.source is None:
        return ""
    reference = log.sources[event.source.document]
    places = event.source.paragraph
    if reference.date is not None and parse(reference.date).lo_s >= until_s:
        named = spoken(reference.date)
        return _("a document of {day}; its title is shown from that date on", day=named)
    parts = [reference.author, reference.title, reference.publisher]
    named = ". ".join(p for p in parts if p)
    if reference.date:
        named = f"{named} ({spoken(reference.date)})"
    if not places:
        return named
    told = {"source": named, "numbers": ", ".join(map(str, places))}
    return ngettext(
        "{source}, paragraph {numbers}", "{source}, paragraphs {numbers}", len(places), **told
    )
