"""Invariant 7 with bursts of attention: what events open keeps the law of the intervened model.

As in `test_intervened_law`: a world of the model becomes a log, its noise is inferred, one thing is
otherwise; over many such histories the changed worlds are to be distributed as those of the model
in which that one thing is otherwise from the start. Here events open bursts, densely, and what is
otherwise is an opener: one that nobody decides, or a decision that itself came of a burst.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from micro import CHANNEL, scenario
from test_intervened_law import (
    BEGIN,
    DOCTRINES,
    ENDS,
    FORWARD,
    MODEL,
    SEED_OF_CHANGED,
    UNTIL,
    Row,
    Values,
    by_kernel,
    by_world,
    drawn,
    forward,
    off,
)

from sim.log.log import Log
from sim.model.abduction import Abduction
from sim.model.attending import Opened
from sim.model.bursts import Point
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.counterfactual import ChangedWorld
from sim.model.opportunity import Opportunity
from sim.model.walk import Walk
from sim.scenario.scenario import Change, Scenario

pytestmark = pytest.mark.slow

LEADERS = "can-usa/leaders"


def burst(opener: Any, act: str, side: str, m: float, tau: float, **more: str) -> dict[str, Any]:
    return {"opener": opener, "act": act, "side": side, "m": m, "tau_days": tau} | more


ATTENTION = {
    "shock-cut": burst("escalation", "cut", "both", 1.0, 2.0),
    "shock-call": burst("escalation", "call", "both", 1.5, 6.0),
    "cut-call": burst("contact_cut", "call", "other", 1.2, 4.0),
    "call-call": burst("call_held", "call", "both", 0.2, 3.0),
    "refused-call": burst("contact_refused", "call", "both", 0.15, 3.0),
    "call-meet": burst(["call_held", "corridor_talk"], "meet", "both", 0.25, 3.0),
    "agreed-cancel": burst("meeting_agreed", "cancel", "both", 0.4, 4.0),
    "cancelled-cut": burst("meeting_cancelled", "cut", "other", 0.8, 2.0),
    "met-call": burst("meeting_held", "call", "both", 0.1, 5.0),
    "passed-detainees": burst("copresence", "raise_detainees", "both", 0.8, 3.0),
    "freed-swap": burst(["released", "swap_refused"], "swap", "initiator", 0.3, 5.0),
}
DENSE = MODEL | {
    "attention": ATTENTION,
    "rates_per_day": {a: r / 2 for a, r in MODEL["rates_per_day"].items()},
}
ABOVE = {
    "channels": {CHANNEL: {"initial": "open"}, LEADERS: {"initial": "open"}},
    "attention": ATTENTION
    | {
        "above-call": burst(["call_held", "meeting_held"], "call", "both", 0.4, 2.0, level="lower"),
        "above-meet": burst(["contact_cut"], "cut", "both", 0.6, 2.0, level="lower"),
    },
}
COUNTED = {
    "call_held": 4,
    "contact_refused": 5,
    "contact_cut": 2,
    "meeting_held": 1,
    "meeting_cancelled": 1,
    "corridor_talk": 1,
    "released": 1,
}


def shock(day: str) -> dict[str, Any]:
    """A coded event that nobody decides: each history of a case holds it."""
    event = {"id": "shock", "kind": "escalation", "date": day, "severity": 0.8, "label": "shock"}
    return {"insert": event}


def questions() -> dict[str, Any]:
    """Counts and states: soon after the change, in history's time, and beyond it."""
    asked: dict[str, Any] = {}
    spans = {
        "soon": ("2021-01-10", "2021-01-28", 0.6),
        "past": ("2021-01-01", ENDS, 1.0),
        "after": ("2021-02-21", "2021-03-05", 0.4),
        "whole": ("2021-01-01", UNTIL, 2.0),
    }
    for kind, number in COUNTED.items():
        for span, (start, end, share) in spans.items():
            asked[f"{kind.replace('_', '-')}-{span}"] = {
                "type": "event_by",
                "kind": kind,
                "from": start,
                "date": end,
                "channel": CHANNEL,
                "at_least": max(1, round(number * share)),
            }
    for view in ("observer", "USA"):
        for day in ("2021-01-20", ENDS, UNTIL):
            asked[f"open-{view.lower()}-{day}"] = {
                "type": "state_at",
                "state": "open",
                "date": day,
                "viewpoint": view,
                "channel": CHANNEL,
            }
    return asked


def as_it_is(log: Log) -> Log:
    return log


def by_day(log: Log) -> Log:
    """The days of events, without their hours, in the order in which they happened."""
    told, before = [], ""
    for event in log.events:
        causes = {c for c in (*event.causes, before) if c}
        days = {"date": event.date[:10], "causes": tuple(sorted(causes))}
        told.append(event.model_copy(update=days))
        before = event.id
    return log.model_copy(update={"events": tuple(told)})


def unsigned(log: Log) -> Log:
    """Calls and meetings without who began them."""
    kinds = ("call_held", "meeting_agreed", "meeting_held", "corridor_talk")
    told = tuple(e.model_copy(update={"by": None}) if e.kind in kinds else e for e in log.events)
    return log.model_copy(update={"events": told})


@dataclass(frozen=True)
class Case:
    """What every history holds, what is otherwise, and the model that it is held against."""

    given: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    instead: list[dict[str, Any]]
    """What the intervened model holds from the start."""
    parts: dict[str, Any] = field(default_factory=dict)
    told: Callable[[Log], Log] = as_it_is

    def scenario(self, as_of: str, until: str, **more: Any) -> Scenario:
        parts = DENSE | self.parts | {"as_of": as_of, "until": until} | more
        return scenario(parts.pop("doctrines", DOCTRINES), **parts)

    def intervened(self) -> tuple[list[str], Values]:
        whole = self.scenario(BEGIN, UNTIL, outcomes=questions(), changes=self.instead)
        return forward(whole.model_dump_json())

    def what_ifs(self, histories: int) -> Iterator[CompiledScenario]:
        """Each of many histories with the changes, compiled."""
        plain = self.scenario(BEGIN, ENDS, changes=self.given).model_dump_json()
        dates = {"complete_from": "2021-01-01", "show_from": "2021-01-01"}
        whole = self.scenario(ENDS, UNTIL, outcomes=questions(), **dates)
        changes = tuple(Change.model_validate(c) for c in self.changes)
        whole = whole.model_copy(update={"changes": changes})
        for log in drawn(plain, histories):
            what_if = whole.model_copy(update={"history": self.told(log)})
            yield compile_scenario(what_if, retrace=True)


LET = {"set_doctrine": {"party": "USA", "doctrine": "stiff", "from": "2021-01-12"}}
GIVEN = [shock("2021-01-12")]
CASES = {
    "a doctrine from a day on": Case(GIVEN, [LET], [*GIVEN, LET]),
    "one uniform for both stages": Case(GIVEN, [LET], [*GIVEN, LET], {"coupling": "shared"}),
    "a removed opener": Case(GIVEN, [{"remove": "shock"}], []),
    "an opener that comes later": Case(
        GIVEN, [{"move": {"event": "shock", "to": "2021-01-20"}}], [shock("2021-01-20")]
    ),
    "an opener that comes earlier": Case(
        [shock("2021-01-20")],
        [{"move": {"event": "shock", "to": "2021-01-12"}}],
        GIVEN,
        {"coupling": "shared"},
    ),
    "an inserted opener": Case([], GIVEN, GIVEN),
    "an opener on the last day": Case(
        [shock("2021-02-19")], [{"remove": "shock"}], [], {"coupling": "shared"}
    ),
    "a burst that outlives history": Case([shock("2021-02-19")], [LET], [shock("2021-02-19"), LET]),
    "an opener that leaves history": Case(
        [shock("2021-02-10")],
        [{"move": {"event": "shock", "to": "2021-02-24"}}],
        [shock("2021-02-24")],
    ),
    "two levels": Case(GIVEN, [{"remove": "shock"}], [], ABOVE),
    "days without hours": Case(GIVEN, [{"remove": "shock"}], [], told=by_day),
    "unknown initiators": Case(GIVEN, [{"remove": "shock"}], [], told=unsigned),
}


def scores(case: Case, changed: Values) -> Row:
    """By how many standard errors each outcome's share lies off that of the intervened model."""
    names, direct = case.intervened()
    share = direct.mean(axis=0)
    asked = (share > 0.02) & (share < 0.98)  # every question is one
    assert asked.sum() >= 20, dict(zip(names, share, strict=True))
    error = np.sqrt(share * (1 - share) * (1 / len(changed) + 1 / FORWARD))
    z = (changed.mean(axis=0) - share)[asked] / error[asked]
    return dict(zip(np.array(names)[asked].tolist(), z.tolist(), strict=True))


def always_routine(self: Walk, f: int) -> list[tuple[int, int, float]]:
    return []


def newest_only(self: Walk, f: int) -> list[tuple[int, int, float]]:
    return EVERY(self, f)[-1:]


EVERY = Walk.sources
KEEP = Abduction.keep


def never_dropped(self: Abduction, o: Opportunity, asked: Any) -> None:
    if o.burst < 0:
        KEEP(self, o, asked)


POINTS = ChangedWorld.points


def until_the_as_of_date(self: ChangedWorld, opened: Opened) -> Iterator[Point]:
    return (p for p in POINTS(self, opened) if p.at_s < self.program.as_of_s or opened.burst < 0)


REVISIT = ChangedWorld.revisit


def offered_all_the_same(self: ChangedWorld, f: int) -> None:
    if self.past.removed[f]:
        self.attend(self.coded.fact(f, self.when[f]))
    REVISIT(self, f)


@dataclass(frozen=True)
class Control:
    """A short cut: what of the walk is replaced by what."""

    case: str
    owner: type
    name: str
    short_cut: Callable[..., Any]
    histories: int = 150


REMOVED, LASTING, WILL = (
    "a removed opener", "a burst that outlives history", "a doctrine from a day on"
)  # fmt: skip
CONTROLS = {
    "always routine": Control(REMOVED, Walk, "sources", always_routine),
    "the newest burst only": Control(REMOVED, Walk, "sources", newest_only, 400),
    "no point dropped": Control(WILL, Abduction, "keep", never_dropped),
    "a removed opener still opens": Control(REMOVED, ChangedWorld, "revisit", offered_all_the_same),
    "no burst beyond the as-of date": Control(
        LASTING, ChangedWorld, "points", until_the_as_of_date, 200
    ),
}
"""After so many histories the law is off by 3.3, 3.0, 7.1, 3.3 and 3.6."""
HISTORIES = 150
"""Of each case, and more where a control needs more to be seen."""


@pytest.mark.parametrize("case", CASES)
def test_7_bursts_keep_the_law_of_the_intervened_model(
    monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """Each short cut, tried on the same histories, has another law."""
    controls = {name: c for name, c in CONTROLS.items() if c.case == case}
    right, wrong = list[Values](), {name: list[Values]() for name in controls}
    most = max([HISTORIES, *(c.histories for c in controls.values())])
    for n, program in enumerate(CASES[case].what_ifs(most)):
        right.append(by_kernel(program, SEED_OF_CHANGED, n))
        for name, control in controls.items():
            if n < control.histories:
                with monkeypatch.context() as patched:
                    patched.setattr(control.owner, control.name, control.short_cut)
                    wrong[name].append(by_world(program, SEED_OF_CHANGED, n))
    found = scores(CASES[case], np.array(right))
    assert max(map(abs, found.values())) < 4.2, found
    assert off(found) < 2.0, found
    for name, rows in wrong.items():
        assert off(scores(CASES[case], np.array(rows))) > 2.5, name
