"""What a forecaster sees of a channel at an origin: its days, from the first complete one on.

Every rival is fitted on this and on nothing else, so none sees more than the simulator does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.ground.dates import DAY_S, parse
from sim.learning.paths import NOT_KNOWN
from sim.log.coverage import shows
from sim.log.events import Event
from sim.log.log import STATES, SUPPORTS, Channel, Log
from sim.log.projection import course_of, standings, timeline
from sim.log.rulebook import OBSERVER
from sim.model.compiled_scenario import Floats, Ints
from sim.rules.contact import FOR_EVER

TALKS = ("meeting_held", "call_held")
"""Kinds of event that are forecast and counted: calls and meetings."""
OPEN, CUT_OFF = STATES.index("open"), STATES.index("cut_off")
SUPPORTED = tuple(STATES.index(s) for s in SUPPORTS)
"""The state that each kind of contact keeps alive, widest first."""
MONTH_DAYS = 365.25 / 12
"""Days that count as one month of evidence."""
Number = TypeVar("Number", np.float64, np.bool_)


@dataclass(frozen=True)
class Seen:
    """The days of a channel up to an origin; N of them."""

    at_s: Ints
    """[N] the first second after each day; the last is that of the origin."""
    state: Ints
    """[N] the observer's state at the end of each day, as a code; NOT_KNOWN where the log does not
    know it."""
    ends_s: Ints
    """[N, 3] until when each kind of contact keeps the channel alive, as of the end of a day."""
    talks: Ints
    """[N] calls and meetings of each day."""
    adds_days: float
    """By how many days general contact keeps the channel open; infinity for ever."""
    lasts_days: float
    """How many days ahead it can; infinity for any number."""
    may: NDArray[np.bool_] = field(default_factory=lambda: np.ones(len(STATES), dtype=np.bool_))
    """[4] whether the channel may be in a state, by code; one that is left out has no chance."""

    def __len__(self) -> int:
        return len(self.at_s)

    @property
    def now(self) -> int:
        """The state at the origin."""
        return int(self.state[-1])

    @cached_property
    def so_far(self) -> Ints:
        """[N + 1] calls and meetings before the first day, and up to the end of each."""
        return np.concatenate([[0], np.cumsum(self.talks)])

    @cached_property
    def silent_days(self) -> Floats:
        """[N] days since the last call or meeting, or since the first day."""
        place = np.arange(len(self), dtype=np.float64)
        last = np.maximum.accumulate(np.where(self.talks > 0, place, -1.0))
        return place - last

    def calendar(self, days: int, step: int = 1) -> Ints:
        """Return the state so many days after each `step`-th day, the origin last, if nobody talks
        again: the widest that contact up to then keeps alive."""
        later = self.at_s[self.places(0, step)] + days * DAY_S - 1
        ends = self.ends_s[self.places(0, step)]
        found = np.full(len(later), CUT_OFF, dtype=np.int64)
        for kind in reversed(range(len(SUPPORTED))):
            found[later < ends[:, kind]] = SUPPORTED[kind]
        return found

    def places(self, ahead: int, step: int = 1) -> Ints:
        """Return the places of days, every `step`-th, of which the origin sees what came `ahead`
        days later; the last one lies `ahead` days before the origin."""
        return np.arange(len(self) - 1 - ahead, -1, -step, dtype=np.int64)[::-1]

    def counted(self, places: Ints, days: int) -> Ints:
        """Return the calls and meetings in so many days after the ends of some days."""
        return np.asarray(self.so_far[places + days + 1] - self.so_far[places + 1])


Law = dict[str, Floats]
"""A forecast: for each question a probability of each of its answers."""
Forecaster = Callable[[Seen, list[int]], list[Law]]
"""Forecasts so many days after the origin."""

STATE, CONTACT, COUNT = "state", "contact", "count"
MOST = 20
"""The last answer to the question of a count: so many calls and meetings, or more."""
WIDEST_FIRST = (*SUPPORTS, "cut_off")
ANSWERS: dict[str, tuple[str, ...]] = {
    STATE: WIDEST_FIRST,
    CONTACT: ("no", "yes"),
    COUNT: (*(str(n) for n in range(MOST)), f"{MOST}+"),
}
"""The answers to each question in order: the state at the end of the last day, widest first;
whether there is a call or a meeting by then; and how many there are."""
PLACE = np.array([WIDEST_FIRST.index(s) for s in STATES])
"""Where the code of each state stands in the answers."""


def by_answer(by_code: NDArray[Number]) -> NDArray[Number]:
    """Return what is said of states in the order of the answers, given it by code."""
    return np.asarray(by_code[[STATES.index(s) for s in WIDEST_FIRST]])


def share(happened: NDArray[np.bool_]) -> float:
    """Return the share of days on which something happened, by Jeffreys's prior for months:
    (happened + 1/2) / (of + 1), in months."""
    return float((happened.sum() / MONTH_DAYS + 0.5) / (len(happened) / MONTH_DAYS + 1.0))


def seen_of(log: Log, channel: str, start_s: int, now_s: int) -> Seen:
    """Return the days of a channel of a coded log, from a midnight on up to another."""
    setup = log.channels[channel]
    at_s = np.arange(start_s + DAY_S, now_s + 1, DAY_S, dtype=np.int64)
    course = course_of(log)
    spans = timeline(log, channel, OBSERVER, end_s=now_s, course=course)
    code = [NOT_KNOWN if i.state is None else STATES.index(i.state) for i in spans]
    steps = standings(log, channel, course=course)
    talks = np.zeros(len(at_s), dtype=np.int64)
    for event in course.moving.get(channel, ()):
        place = (course.times[event.id] - start_s) // DAY_S
        if event.kind in TALKS and is_shown(setup, event) and 0 <= place < len(talks):
            talks[place] += 1
    adds, lasts, *_ = setup.lapse_days.in_seconds()
    return Seen(
        at_s=at_s,
        state=_at([i.start_s for i in spans], code, at_s),
        ends_s=_at([t for t, _, _ in steps], [s.until for _, _, s in steps], at_s),
        talks=talks,
        adds_days=np.inf if adds == FOR_EVER else adds / DAY_S,
        lasts_days=np.inf if lasts == FOR_EVER else lasts / DAY_S,
        may=np.array([state in setup.states for state in STATES]),
    )


def is_shown(channel: Channel, event: Event) -> bool:
    """Whether an event is one of those that the sources of its channel show."""
    sides = channel.parties if event.by is None else (event.by,)
    span = parse(event.date)
    return any(
        shows(channel.coverage, event.kind, side, span.midpoint_s, span.midpoint_s)
        for side in sides
    )


def _at(since_s: list[int], values: Sequence[object], at_s: NDArray[np.int64]) -> Ints:
    """Return what held in the last second of each day."""
    places = np.searchsorted(np.array(since_s), at_s - 1, side="right") - 1
    return np.asarray(np.array(values, dtype=np.int64)[np.maximum(0, places)])
