"""What a scenario holds, in words for people: its interventions, what drifts, what is otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sim.ground.dates import day, spoken
from sim.ground.errors import shown
from sim.ground.language import _
from sim.log.events import Event
from sim.log.label import label
from sim.log.projection import course_of, timeline
from sim.scenario.scenario import Change, Scenario
from sim.scenario.scope import coded_log, complete_start, party_name, past_start

ASKED = ("title", "question", "reasons", "sources", "ensemble", "show_from", "outcomes", "sweep")
"""Parts of a scenario in which two may differ without anything being otherwise in the world."""


def changes_in_words(scenario: Scenario, *, ids: bool = True) -> list[str]:
    """Say what each intervention of a scenario is, in the order of the days that it changes; `ids`
    is whether events are told with their ids."""
    history = {e.id: e for e in scenario.history.events} if scenario.history else {}
    told = [_told(change, history, scenario, ids) for change in scenario.changes]
    return [text for _, text in sorted(told)]


def _told(
    change: Change, history: dict[str, Event], scenario: Scenario, ids: bool
) -> tuple[str, str]:
    if change.set_doctrine is not None:
        told = {
            "party": change.set_doctrine.party,
            "doctrine": scenario.doctrines[change.set_doctrine.doctrine].title,
            "first": change.set_doctrine.start,
        }
        text = _("{party} follows the doctrine “{doctrine}” from {first} on", **told)
        if last := change.set_doctrine.until:
            text = _(
                "{party} follows the doctrine “{doctrine}” from {first} until {last}",
                last=last,
                **told,
            )
        return change.set_doctrine.start, text
    if change.insert is not None:
        event = change.insert
        named = _named(event, ids)
        return event.date, _("inserted: {event} on {day}", event=named, day=spoken(event.date))
    event = history[change.remove or (change.move.event if change.move else "")]
    if change.move is not None:
        days = {"day": spoken(event.date), "to": spoken(change.move.to)}
        return event.date, _("moved: {event} from {day} to {to}", event=_named(event, ids), **days)
    removed = {"event": _named(event, ids), "day": spoken(event.date)}
    return event.date, _("removed: {event} of {day}", **removed)


def _named(event: Event, ids: bool) -> str:
    return f"{label(event)} ({event.id})" if ids else label(event)


def completeness(scenario: Scenario) -> str:
    """Say from when on a what-if takes the log to hold all that happened."""
    start = day(past_start(scenario)).isoformat()
    if complete_start(scenario) is not None:
        return f"The log is taken to be complete from {start} on."
    return (
        f"The log is taken to be complete from {start} on, its first day, since the scenario does "
        "not say otherwise (complete_from)."
    )


def not_known(scenario: Scenario, channels: Sequence[str], end_s: int) -> str:
    """Say what the simulated governments take a state to be where the log does not know it; empty
    where it knows the states of all channels up to an instant."""
    log = coded_log(scenario)
    if log is None:
        return ""
    course = course_of(log)
    lines = [timeline(log, c, end_s=end_s, course=course) for c in channels]
    if all(interval.state is not None for line in lines for interval in line):
        return ""
    return (
        "Where the log does not know the state of a channel, the figures of history are hatched, "
        "and the simulated governments go on from the last state that it gives them: at first from "
        "the channel's initial state."
    )


def drifting(scenario: Scenario) -> list[str]:
    """Say which inclinations drift, with which half-life and spread: a sentence for each law."""
    laws: dict[tuple[float, float], list[str]] = {}
    for code, towards in scenario.inclinations.items():
        for other, inclination in towards.items():
            if (drift := inclination.drift) is not None:
                law = float(drift.half_life_days), float(drift.spread)
                names = (party_name(scenario, c) for c in (code, other))
                laws.setdefault(law, []).append(" towards ".join(names))
    return [
        f"After {spoken(scenario.as_of)} inclinations drift ({', '.join(who)}), with a half-life "
        f"of {half_life:g} days and a spread of {spread:g} logit{'' if spread == 1 else 's'} in "
        "the long run: so a year ahead is less sure than a month ahead."
        for (half_life, spread), who in laws.items()
    ]


def differences(base: Scenario, other: Scenario, most: int = 12) -> list[str]:
    """Say where a scenario differs from a base beside its interventions.

    Doctrines that only one of them holds are passed over: who follows them is told.
    """
    one, two = base.plain(), other.plain()
    for plain in (one, two):
        for name in (*ASKED, "changes"):
            plain.pop(name, None)
    shared = {*one["doctrines"]} & {*two["doctrines"]}
    for plain in (one, two):
        plain["doctrines"] = {n: d for n, d in plain["doctrines"].items() if n in shared}
    found = list(_parted(one, two, ""))
    return found[:most] + ([f"and {len(found) - most} more"] if len(found) > most else [])


def _parted(one: Any, two: Any, path: str) -> Iterator[str]:
    one, two = _by_id(one), _by_id(two)
    if not (isinstance(one, dict) and isinstance(two, dict)):
        if one != two:
            yield f"{path}: {_value(two)} instead of {_value(one)}"
        return
    for key in sorted({*one, *two}, key=str):
        below = f"{path}.{key}" if path else str(key)
        if key in one and key in two:
            yield from _parted(one[key], two[key], below)
        elif one.get(key, two.get(key)) not in (None, {}, []):
            yield f"{below}: {'taken away' if key in one else 'added'}"


def _by_id(value: Any) -> Any:
    """Take a list of things with ids for a mapping, so that one more does not move the rest."""
    if not isinstance(value, list | tuple):
        return value
    if not all(isinstance(v, dict) and "id" in v for v in value):
        return value
    return {v["id"]: v for v in value}


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else shown(value)
