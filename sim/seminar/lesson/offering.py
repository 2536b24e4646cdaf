"""The lesson that the program offers where a scenario has none.

Its cuts lie before some days on which the state changed, and in the longest quiet stretch between
two of them, so that "no change" is an answer too.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.ground.dates import DAY_S, day, parse
from sim.ground.errors import InputError, Problem
from sim.ground.language import _
from sim.log.events import Event
from sim.log.projection import known_only, known_until, timeline
from sim.scenario.interventions import first_change
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, coded_log, run_span
from sim.seminar.lesson.rules import astride, bears_on
from sim.seminar.lesson.schema import Lesson, NextState, Round

LOOKS_AHEAD = 60
"""Days that a round of the offered lesson looks ahead, where the next round leaves room."""
BEFORE = 10
"""Days between a cut and the change that follows it."""
LEAST = 5
"""Days that a round looks ahead at the least."""
MOST_ROUNDS = 4


def offered_lesson(scenario: Scenario, file: str) -> Lesson:
    """Make a lesson of a scenario that has none: up to four rounds on its first channel's states.
    `file` is what errors name.

    Raises:
        InputError: the scenario has changes, or its history holds nothing to forecast.
    """
    if first_change(scenario) is not None:
        rule = "a seminar needs a scenario without changes"
        raise InputError([Problem(file, 0, "changes", rule)])
    id_, channel = next(iter(channels_of(scenario).items()))
    events = scenario.history.events if scenario.history is not None else ()
    bearing = [e for e in events if bears_on(e, id_, None)]
    cuts = _cuts(scenario, id_, bearing)
    rounds: list[Round] = []
    for n, cut in enumerate(cuts):
        following = cuts[n + 1] if n + 1 < len(cuts) else run_span(scenario)[0]
        end = _end(bearing, cut, min(cut + LOOKS_AHEAD * DAY_S, following))
        if end is not None:
            asked = NextState(ask="next_state", channel=id_)
            by, cut_day = str(day(end - 1)), str(day(cut - 1))
            title = _("After {day}", day=cut_day)
            rounds.append(Round(title=title, cut=cut_day, by=by, questions=(asked,)))
    if not rounds:
        rule = (
            "the coded history has no change of state to forecast: write a `seminar` block, as "
            "docs/seminar.md shows"
        )
        raise InputError([Problem(file, 0, "seminar", rule)])
    return Lesson(title=(channel.title or id_)[:120], rounds=tuple(rounds))


def _cuts(scenario: Scenario, channel: str, bearing: Sequence[Event]) -> list[int]:
    """Return the first seconds after the offered cuts, in order; `bearing` are the events that move
    the channel."""
    facts, coded = run_span(scenario)[0], coded_log(scenario)
    ends = [end_s for e in bearing if (end_s := parse(e.date).hi_s) <= facts]
    if coded is None or not ends:
        return []
    states = known_only(timeline(known_until(coded, facts), channel, end_s=facts))
    first, changes = min(ends), [i.start_s for i in states[1:]]
    wanted = [_clear_day(bearing, c - BEFORE * DAY_S, c) for c in changes]
    quiet = [(b - a, a) for a, b in zip([first, *changes], [*changes, facts], strict=True)]
    length, begin = max(quiet)
    wanted.append(_clear_day(bearing, begin + length // 3, begin + length))
    found = sorted({w for w in wanted if w is not None and w >= first})
    apart: list[int] = []
    for cut in found:
        if not apart or cut - apart[-1] >= LEAST * DAY_S:
            apart.append(cut)
    if len(apart) <= MOST_ROUNDS:
        return apart
    step = (len(apart) - 1) / (MOST_ROUNDS - 1)
    return [apart[round(n * step)] for n in range(MOST_ROUNDS)]


def _clear_day(bearing: Sequence[Event], wish_s: int, before_s: int) -> int | None:
    """Return the end of a day near an instant, and before another, that no event straddles."""
    end = wish_s - wish_s % DAY_S
    for shift in range(60):
        for candidate in (end + shift * DAY_S, end - shift * DAY_S):
            if candidate <= before_s and not astride(bearing, candidate):
                return candidate
    return None


def _end(bearing: Sequence[Event], cut_s: int, wish_s: int) -> int | None:
    """Return the last clear end of a day up to an instant, long enough after the cut."""
    end = wish_s - wish_s % DAY_S
    while end - cut_s >= LEAST * DAY_S:
        if not astride(bearing, end):
            return end
        end -= DAY_S
    return None
