"""Which events of several codings are the same fact: the cheapest assignment.

Every pair of events has a cost, and what costs `THRESHOLD` or more is never matched. Of all ways to
pair the events of two codings, that with the least cost is taken, where an event that stays alone
costs half of the threshold (the assignment problem; `scipy.optimize.linear_sum_assignment`). Ids do
not count, but that they part what is alike in everything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from sim.coding.values import Value, values_of
from sim.ground.dates import DAY_S, parse
from sim.log.events import KIND_CODE, KINDS, Event
from sim.log.log import Log

THRESHOLD = 1.0
"""What a pair must cost less than to be matched."""
DAYS_APART, WORDS_APART = 30.0, 10.0
"""Days between two dates, from the end of the one to the start of the other, that alone cost the
threshold; of two statements, whose kind says little of which one it is. Dates that overlap cost
nothing. The dates of agreed meetings cost likewise."""
FAMILY, WORDS = 0.3, 0.6
"""The cost of two kinds of one family; of a statement, which is written where no kind fits, and any
other kind. Other kinds are never matched."""
NO_CHANNEL, OTHER_CHANNEL = 0.2, 0.6
"""The cost where only one event names a channel; where they name two of the same parties. Channels
of other parties are never matched."""
OTHER_INITIATOR = 0.3
"""The cost where two different parties are said to have begun it."""
OTHER_SUBJECT = 0.4
"""The cost where both name people, a treaty or what it was, and share no word."""
MIDDLES, THE_REST, ID = 0.05, 0.05, 1e-6
"""What decides between pairs that cost the same: how far the middles of the dates are apart, the
share of the other fields that differ, and at last the id."""

FAMILIES = (
    (
        *("meeting_held", "call_held", "corridor_talk", "copresence", "message_delivered"),
        *("talks_held", "contact_restored", "channel_opened"),
    ),
    ("meeting_agreed", "meeting_postponed", "meeting_cancelled", "contact_requested"),
    (
        *("contact_refused", "contact_cut", "channel_closed", "request_unanswered"),
        "meeting_cancelled",
    ),
    ("detained", "sentenced"),
    ("released",),
    ("swap_proposed", "swap_refused"),
    ("treaty_suspended", "treaty_resumed", "agreement_reached"),
    ("escalation", "deescalation"),
    ("statement",),
)
"""Kinds that coders may take for each other."""

if {kind for family in FAMILIES for kind in family} != {*KINDS}:
    raise TypeError("FAMILIES must hold every kind of event")

Unit: TypeAlias = "tuple[Event | None, ...]"
"""One fact: each coding's event of it, None where it has none."""
Numbers: TypeAlias = "NDArray[np.float64]"


def _kind_costs() -> Numbers:
    costs = np.full((len(KINDS), len(KINDS)), np.inf)
    for family in FAMILIES:
        codes = [KIND_CODE[kind] for kind in family]
        costs[np.ix_(codes, codes)] = FAMILY
    words = KIND_CODE["statement"]
    costs[words, :] = costs[:, words] = WORDS
    np.fill_diagonal(costs, 0.0)
    return costs


KIND_COSTS = _kind_costs()
"""[kinds, kinds]: what it costs that two coders chose these kinds."""


def canonical(events: Iterable[Event]) -> list[Event]:
    """Sort events so that the order in which a coder wrote them means nothing."""
    return sorted(events, key=lambda e: (parse(e.date).midpoint_s, KIND_CODE[e.kind], e.id))


def match(codings: Sequence[tuple[Log, Sequence[Event]]]) -> list[Unit]:
    """Match events of codings, each given with the log that they stand in.

    The second coding is matched with the first, and each further one with what was found so far; a
    pair then costs the mean of what it costs with each event of the unit.
    """
    sides = [(log, canonical(events)) for log, events in codings]
    units: list[list[Event | None]] = [[e] for e in sides[0][1]]
    for n in range(1, len(sides)):
        _assign(units, _costs_of_units(units, sides, n), sides[n][1], n)
    found = [tuple(unit) for unit in units]
    return sorted(found, key=_place)


def _place(unit: Unit) -> tuple[float, int, str]:
    first = next(e for e in unit if e is not None)
    return parse(first.date).midpoint_s, KIND_CODE[first.kind], first.id


def _costs_of_units(
    units: Sequence[Sequence[Event | None]], sides: Sequence[tuple[Log, list[Event]]], n: int
) -> Numbers:
    total = np.zeros((len(units), len(sides[n][1])))
    members = np.zeros(len(units))
    for m in range(n):
        place = {e.id: row for row, unit in enumerate(units) if (e := unit[m]) is not None}
        rows = [place[e.id] for e in sides[m][1]]
        total[rows] += costs(sides[m], sides[n])
        members[rows] += 1
    return np.asarray(total / members[:, None])


def _assign(
    units: list[list[Event | None]], costs: Numbers, events: Sequence[Event], before: int
) -> None:
    """Give each unit its event of the next coding; what has none begins a unit."""
    alone, rows = set(range(len(events))), len(units)
    given: dict[int, Event] = {}
    for row, column in zip(*linear_sum_assignment(np.minimum(costs, THRESHOLD)), strict=True):
        if costs[row, column] < THRESHOLD:
            given[int(row)] = events[column]
            alone.discard(int(column))
    for row in range(rows):
        units[row].append(given.get(row))
    units += [[*[None] * before, events[column]] for column in sorted(alone)]


def costs(first: tuple[Log, Sequence[Event]], second: tuple[Log, Sequence[Event]]) -> Numbers:
    """Return what it costs to match each event of one coding with each of another: [events of the
    first, events of the second], infinite where they cannot be the same fact."""
    a, b = first[1], second[1]
    gap = _gap(a, b, lambda e: e.date)
    kinds = [np.array([KIND_CODE[e.kind] for e in side], dtype=np.int64) for side in (a, b)]
    words = [side == KIND_CODE["statement"] for side in kinds]
    both_words = words[0][:, None] & words[1][None, :]
    total = gap / np.where(both_words, WORDS_APART, DAYS_APART)
    total += _gap(a, b, lambda e: getattr(e, "meeting_date", None)) / DAYS_APART
    middle = [np.array([parse(e.date).midpoint_s / DAY_S for e in side]) for side in (a, b)]
    apart = np.abs(middle[0][:, None] - middle[1][None, :])
    total += MIDDLES * np.minimum(1.0, apart / 365.0)
    total += KIND_COSTS[np.ix_(*kinds)]
    total += _channel_costs(a, b)
    differ, both = _compared(a, b, lambda e: e.by)
    total += OTHER_INITIATOR * (differ & both)
    total += OTHER_SUBJECT * _strange(a, b)
    total += THE_REST * _rest(first, second)
    total += ID * _compared(a, b, lambda e: e.id)[0]
    return np.asarray(total)


def _gap(a: Sequence[Event], b: Sequence[Event], of: Callable[[Event], str | None]) -> Numbers:
    """Return the days between two dates of each pair; 0 where they overlap, or one is missing."""

    def ends(event: Event) -> tuple[float, float]:
        if (text := of(event)) is None:
            return np.nan, np.nan
        date = parse(text)
        return date.lo_s / DAY_S, date.hi_s / DAY_S

    (lo_a, hi_a), (lo_b, hi_b) = (
        np.array([ends(e) for e in side]).reshape(-1, 2).T for side in (a, b)
    )
    gap = np.maximum(lo_b[None, :] - hi_a[:, None], lo_a[:, None] - hi_b[None, :])
    return np.asarray(np.maximum(np.nan_to_num(gap, nan=0.0), 0.0))


def _compared(
    a: Sequence[Event], b: Sequence[Event], of: Callable[[Event], object]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each pair differs in something, and whether both say it."""
    x, y = _codes([of(e) for e in a], [of(e) for e in b])
    return x[:, None] != y[None, :], (x[:, None] >= 0) & (y[None, :] >= 0)


def _codes(*sides: Sequence[object]) -> list[NDArray[np.int64]]:
    """Number what the events of each side say: the same number for the same, -1 for nothing."""
    codes: dict[object, int] = {None: -1}
    return [
        np.array([codes.setdefault(said, len(codes)) for said in side], dtype=np.int64)
        for side in sides
    ]


def _channel_costs(a: Sequence[Event], b: Sequence[Event]) -> Numbers:
    differ, both = _compared(a, b, lambda e: e.channel)
    others, _ = _compared(a, b, lambda e: e.channel and e.channel.partition("/")[0])
    cost = np.where(both, np.where(others, np.inf, OTHER_CHANNEL), NO_CHANNEL)
    return np.where(differ, cost, 0.0)


def subject_of(event: Event) -> set[str]:
    """Return the words for whom or what an event is about, in lower case."""
    said = [*getattr(event, "persons", ())]
    said += [str(getattr(event, name, "") or "") for name in ("label", "treaty", "title")]
    return {word for text in said for word in re.split(r"[\W_]+", text.lower()) if word}


def _strange(a: Sequence[Event], b: Sequence[Event]) -> NDArray[np.bool_]:
    """Whether both events of a pair name their subject and share no word."""
    words: dict[str, int] = {}
    sides = [[subject_of(e) for e in side] for side in (a, b)]
    for side in sides:
        for said in side:
            for word in sorted(said):
                words.setdefault(word, len(words))
    x, y = (np.zeros((len(side), len(words)), dtype=np.float32) for side in sides)
    for side, marked in zip(sides, (x, y), strict=True):
        for row, said in enumerate(side):
            marked[row, [words[w] for w in said]] = 1.0
    named = [np.array([bool(said) for said in side], dtype=np.bool_) for side in sides]
    strange: NDArray[np.bool_] = named[0][:, None] & named[1][None, :] & (x @ y.T == 0)
    return strange


def _rest(first: tuple[Log, Sequence[Event]], second: tuple[Log, Sequence[Event]]) -> Numbers:
    """Return the share of all fields but the causes in which each pair differs, in [0, 1]."""
    said: list[list[Mapping[str, Value]]] = [
        [values_of(e, log.channels, {}) for e in events] for log, events in (first, second)
    ]
    fields = sorted({f for side in said for values in side for f in values} - {"causes"})
    differing = np.zeros((len(said[0]), len(said[1])))
    for field in fields:
        x, y = _codes(*([values.get(field, ...) for values in side] for side in said))
        differing += x[:, None] != y[None, :]
    return differing / max(1, len(fields))
