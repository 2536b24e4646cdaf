"""The rules between a lesson and the scenario that it belongs to."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from sim.ground.dates import day, parse
from sim.ground.errors import Broken, did_you_mean
from sim.log.events import Event
from sim.log.kinds import KIND_RULES
from sim.log.log import Channel
from sim.log.rulebook import OBSERVER
from sim.scenario.interventions import first_change
from sim.scenario.outcomes import EventBy, Outcome
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, run_span
from sim.seminar.lesson.days import days_rules
from sim.seminar.lesson.schema import (
    Ask,
    Lesson,
    NextState,
    OwnQuestion,
    Round,
)
from sim.seminar.locale.catalogues import languages
from sim.seminar.play.rules import asked_rules, play_rules

ROUNDS = ("seminar", "rounds")


def lesson_rules(scenario: Scenario, lesson: Lesson) -> Iterator[Broken]:
    """Yield (path, rule, value) for each rule that a scenario's lesson breaks."""
    if lesson.language not in languages():
        rule = f"must be one of {', '.join(languages())}"
        yield ("seminar", "language"), rule, lesson.language
    if first_change(scenario) is not None:
        yield ("changes",), "a seminar needs a scenario without changes", ...
    if lesson.play is not None:
        yield from play_rules(scenario, lesson.play)
    if lesson.days is not None:
        yield from days_rules(lesson.days, len(lesson.rounds), plays=lesson.play is not None)
    if scenario.history is None or not scenario.history.events:
        yield ("seminar",), "needs a history: without one there is nothing to reveal", ...
        return
    channels = channels_of(scenario)
    yield from _names(lesson, scenario.history.events)
    for name, role in lesson.roles.items():
        views = _views(channels.values())
        if role.viewpoint not in views:
            at = ("seminar", "roles", name, "viewpoint")
            yield at, f"must be one of {', '.join(views)}", role.viewpoint
    reached: str | None = None
    for n, round_ in enumerate(lesson.rounds):
        yield from _date_rules(scenario, n, round_, reached)
        ends = [round_.by, *(by for q in round_.questions if (by := _own_end(q)) is not None)]
        reached = max([*ends, reached or round_.cut], key=lambda d: parse(d).hi_s)
        for q, question in enumerate(round_.questions):
            here: tuple[str | int, ...] = (*ROUNDS, n, "questions", q)
            if isinstance(question, NextState):
                yield from _state_rules(here, question, channels)
            elif isinstance(question, OwnQuestion):
                yield from _answer_rules(here, question)
            else:
                asks = "round asks from its cut up to its `by`"
                yield from asked_rules((*here, "outcome"), question.outcome, scenario, asks)


def _names(lesson: Lesson, events: Sequence[Event]) -> Iterator[Broken]:
    known = {e.id for e in events}
    for name in lesson.retold:
        if name not in known:
            rule = f"must name an event of the history{did_you_mean(name, known)}"
            yield ("seminar", "retold", name), rule, name
    for n, group in enumerate(lesson.groups):
        if group in lesson.groups[:n]:
            yield ("seminar", "groups", n), "stands here twice", group


def _views(channels: Iterable[Channel]) -> list[str]:
    return [OBSERVER, *sorted({p for c in channels for p in c.parties})]


def bears_on(event: Event, channel: str | None, outcome: Outcome | None) -> bool:
    """Whether the date of an event can decide a question: one of a channel's state, or, where
    `outcome` counts events, whether such an event happens."""
    if isinstance(outcome, EventBy):
        on = {event.channel, *event.also_on}
        return event.kind in outcome.kind and (outcome.channel is None or outcome.channel in on)
    moves = KIND_RULES[event.kind].effect is not None or bool(event.accounts)
    return moves and event.channel in (None, channel)


def astride(events: Iterable[Event], end_s: int) -> list[Event]:
    """List the events of which nobody knows whether they lie before or after an instant."""
    return [e for e in events if parse(e.date).lo_s < end_s < parse(e.date).hi_s]


def _date_rules(scenario: Scenario, n: int, round_: Round, reached: str | None) -> Iterator[Broken]:
    events = scenario.history.events if scenario.history else ()
    first = min(parse(e.date).hi_s for e in events)
    facts, cut = run_span(scenario)[0], parse(round_.cut).hi_s
    at: tuple[str | int, ...] = (*ROUNDS, n)
    if cut < first:
        rule = f"must not lie before the first event of the history, {day(first - 1)}"
        yield (*at, "cut"), rule, round_.cut
    if reached is not None and cut < parse(reached).hi_s:
        rule = f"must not lie before {reached}, which an earlier round reveals"
        yield (*at, "cut"), rule, round_.cut
    deciding = [_deciding(events, ask, scenario) for ask in round_.questions]
    yield from _clear((*at, "cut"), round_.cut, (e for some in deciding for e in some))
    own = [d for d, ask in zip(deciding, round_.questions, strict=True) if _own_end(ask) is None]
    ends = [((*at, "by"), round_.by, [e for some in own for e in some])]
    for q, ask in enumerate(round_.questions):
        if (by := _own_end(ask)) is not None:
            ends.append(((*at, "questions", q, "by"), by, deciding[q]))
    for place, date, bearing in ends:
        if parse(date).hi_s <= cut:
            yield place, f"must lie after the cut, {round_.cut}", date
        elif parse(date).hi_s > facts:
            rule = f"must not lie after the as-of date {scenario.as_of}: it could not be revealed"
            yield place, rule, date
        else:
            yield from _clear(place, date, bearing)


def _own_end(ask: Ask) -> str | None:
    """Return the last day that counts where a question has one of its own."""
    return None if isinstance(ask, OwnQuestion) else ask.by


def _deciding(events: Iterable[Event], ask: Ask, scenario: Scenario) -> list[Event]:
    """List the events that a question turns on."""
    if isinstance(ask, OwnQuestion):
        return []
    outcome = None if isinstance(ask, NextState) else scenario.outcomes.get(ask.outcome)
    asked = ask if isinstance(ask, NextState) else outcome
    if asked is None:
        return []
    channel = asked.channel or next(iter(channels_of(scenario)), None)
    return [e for e in events if bears_on(e, channel, outcome)]


def _clear(at: tuple[str | int, ...], date: str, events: Iterable[Event]) -> Iterator[Broken]:
    """Check that each event that a question turns on lies wholly before or after a day's end."""
    found = {e.id: e for e in astride(events, parse(date).hi_s)}
    if found:
        listed = ", ".join(f"{e.id} of {e.date}" for e in list(found.values())[:3])
        more = ", ..." if len(found) > 3 else ""
        rule = f"nobody knows whether {listed}{more} lies before or after the end of this day"
        yield at, rule, date


def _state_rules(
    at: tuple[str | int, ...], question: NextState, channels: dict[str, Channel]
) -> Iterator[Broken]:
    if question.channel is None and len(channels) > 1:
        yield (*at, "channel"), "is required where there are several channels", ...
        return
    chosen = question.channel or next(iter(channels), "")
    if chosen not in channels:
        hint = did_you_mean(chosen, channels)
        yield (*at, "channel"), f"must be a channel of the scenario{hint}", chosen
        return
    views = _views([channels[chosen]])
    if question.viewpoint not in views:
        yield (*at, "viewpoint"), f"must be one of {', '.join(views)}", question.viewpoint


def _look(text: str) -> str:
    """Return what texts share that look the same on a page: letters without what is not seen."""
    seen = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join("".join(seen).casefold().split())


def _answer_rules(at: tuple[str | int, ...], question: OwnQuestion) -> Iterator[Broken]:
    """Check that the answers can be told apart, and that one of them is the right one."""
    looks = [_look(answer) for answer in question.answers]
    for n, answer in enumerate(question.answers):
        if looks[n] in looks[:n]:
            yield (*at, "answers", n), "stands here twice", answer
    if question.right not in question.answers:
        hint = did_you_mean(question.right, question.answers)
        yield (*at, "right"), f"must be one of the answers{hint}", question.right
