"""What the controls of the what-ifs show: sliders, the events of the history, and branches."""

from __future__ import annotations

from typing import Any

from sim.ground.dates import day, spoken
from sim.ground.language import QUESTION
from sim.log.events import Event
from sim.log.label import label
from sim.results.outcomes import title_of
from sim.scenario.outcomes import OUTCOME_RULES
from sim.scenario.scope import channels_of
from sim.seminar.what_if.inserting import (
    INSERTED,
    MOST_PEOPLE,
    SEVERITY,
    holders_of,
    pairs_of,
    treaties_of,
)
from sim.seminar.what_if.position import Position, in_words, shipped_position, step_of
from sim.seminar.what_if.sharing import Sharing
from sim.seminar.what_if.shipped import Base
from sim.seminar.what_if.sliders import reason_of


def controls(sharing: Sharing, teacher: bool) -> dict[str, Any]:
    """Return what the controls show; `teacher` is whether all of them may be used."""
    base, shared = sharing.seen()
    shipped = shipped_position(base).values
    sliders = [
        {
            "place": n,
            "title": s.title,
            "from": s.start,
            "to": s.to,
            "step": step_of(s),
            "value": shared.position.values[n],
            "shipped": shipped[n],
            "shift": s.path is None,
            "reason": reason_of(base.scenario, s),
        }
        for n, s in enumerate(base.sliders)
    ]
    first = [sliders[n] for n in base.found]
    rest = [s for n, s in enumerate(sliders) if n not in base.found]
    gone = {c.remove or (c.move.event if c.move else None) for c in shared.position.changes}
    return {
        "sliders": first or rest,
        "other_sliders": rest if first else [],
        "finding": sharing.finder.words,
        "outcomes": [(n, title_of(base.scenario, n)) for n in base.scenario.outcome_order],
        "offered": base.offered,
        "events": [told_event(e) for e in base.events if e.id not in gone],
        "changed": changed_in_words(base, shared.position),
        "kinds": INSERTED,
        "parties": sorted(base.scenario.parties),
        "inserted_on": channels_of(base.scenario),
        "asks": _asks(),
        "holders": holders_of(base.scenario),
        "pairs": pairs_of(base.scenario),
        "treaties": treaties_of(base.scenario),
        "severity": SEVERITY,
        "most_people": MOST_PEOPLE,
        "until": base.scenario.until,
        "first": str(day(base.begin_s)),
        "branches": sorted(sharing.keeping.branches.kept.values(), key=lambda b: b.number),
        "questions": [
            (n, title_of(base.scenario, n).rstrip(QUESTION))
            for n in base.scenario.outcome_order
            if OUTCOME_RULES[base.scenario.outcomes[n].type].form == "yes_or_no"
        ],
        "why_asked": sharing.explainer.outcome,
        "everybody": shared.everybody,
        "beside": shared.beside is not None,
        "may": teacher or shared.everybody,
        "teacher": teacher,
    }


def _asks() -> dict[str, str]:
    """Return the kinds that ask each field of the form of insertions, with spaces between."""
    fields = dict.fromkeys(f for kind in INSERTED.values() for f in kind.asks)
    return {f: " ".join(k for k, kind in INSERTED.items() if f in kind.asks) for f in fields}


def told_event(event: Event) -> dict[str, str]:
    """Write an event for the list of those that can be changed."""
    return {"id": event.id, "title": label(event), "date": spoken(event.date)}


def changed_in_words(base: Base, position: Position) -> list[str]:
    """Say each change of the history, in the order in which they were made."""
    return [
        in_words(base, Position(shipped_position(base).values, position.seed, (change,)))[0]
        for change in position.changes
    ]
