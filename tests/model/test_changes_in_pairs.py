"""Invariant 7 for several changes at once: removed, moved and inserted events beside another will.

As in `test_burst_law`, worlds of the model become histories. What is removed here are decisions of
the world itself, so no model holds them from the start: the law is that of twin worlds (`twins`),
history by history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from micro import CHANNEL, doctrine, scenario
from numpy.typing import NDArray
from test_burst_law import DENSE, questions
from test_intervened_law import (
    BEGIN,
    ENDS,
    SEED,
    SEED_OF_CHANGED,
    UNTIL,
    Row,
    Values,
    drawn,
    moody,
    off,
)
from twins import as_it_was, otherwise

from sim.kernel import run as kernel
from sim.log.log import Log
from sim.model.chronicle import chronicle
from sim.model.compiling import compile_scenario
from sim.model.tally import blank, count
from sim.scenario.scenario import Change, Scenario

pytestmark = pytest.mark.slow

WORLDS = 8
"""Changed worlds of each history; they are averaged."""
DOCTRINES = {
    "can": moody(cut={"bias": 0.5, "cut_off": -4.0, "grievance": 1.0}),
    "usa": moody(cut={"bias": 0.5, "cut_off": -4.0, "grievance": 1.0}),
    "soft": moody(
        call={"bias": 0.8, "open": 0.5},
        cut={"bias": -2.5, "cut_off": -4.0, "grievance": 0.5},
        approach={"bias": 1.0},
    ),
}
LET = {"set_doctrine": {"party": "USA", "doctrine": "soft", "from": "2021-01-25"}}
CALL = {"id": "new", "kind": "call_held", "date": "2021-01-20", "channel": CHANNEL, "by": "CAN"}


def asked() -> dict[str, Any]:
    """What is asked of openers, and how many cuts there are in history's time, by whom."""
    found = questions()
    for by in ("CAN", "USA", None):
        for least in (1, 2, 3):
            cut = {"type": "event_by", "kind": "contact_cut", "channel": CHANNEL, "by": by}
            cut |= {"from": "2021-01-01", "date": ENDS, "at_least": least}
            found[f"cut-{(by or 'either').lower()}-{least}"] = cut
    return found


def what_was_asked() -> dict[str, Any]:
    """How often each side asked, wrote and left unanswered, in history's time and in all, and the
    states."""
    found = {name: q for name, q in questions().items() if q["type"] != "event_by"}
    for kind in (
        "contact_requested",
        "message_delivered",
        "request_unanswered",
        "contact_restored",
    ):
        for by in ("CAN", "USA"):
            for least, end in ((1, ENDS), (2, ENDS), (4, ENDS), (2, UNTIL), (4, UNTIL), (8, UNTIL)):
                much = {"type": "event_by", "kind": kind, "by": by, "at_least": least}
                name = f"{kind.replace('_', '-')}-{by.lower()}-{least}-{end}"
                found[name] = much | {"from": "2021-01-01", "date": end}
    return found


def writing(ask: float, answers: float) -> dict[str, Any]:
    """A doctrine that asks, writes and restores, and holds it against who does not answer."""
    return doctrine(
        ask={"bias": ask, "grievance": -0.5, "silence": 0.4},
        accept_ask={"bias": answers, "grievance": -1.0},
        send={"bias": -0.5, "shock": 1.0},
        cut={"bias": -1.0, "grievance": 1.0},
        restore={"bias": -0.5, "silence": 0.5},
        accept_restore={"bias": 0.5, "grievance": -0.5},
        call=-0.5,
        accept_call=0.0,
        acknowledge=0.5,
    )


WRITTEN: dict[str, Any] = {
    "doctrines": {
        "can": writing(0.3, 0.3),
        "usa": writing(0.0, 0.6),
        "soft": writing(1.5, -0.5),
    },
    "channels": {CHANNEL: {"initial": "open"}},
    "rates_per_day": {"ask": 0.15, "send": 0.05, "cut": 0.05, "restore": 0.1, "call": 0.05},
    "stocks": {
        name: {"half_life_days": days, "raised_by": {"request_unanswered": 1.0, "contact_cut": 0.5}}
        for name, days in (("grievance", 30), ("shock", 3))
    },
    "attention": {
        "unanswered": {
            "opener": ["request_unanswered", "contact_requested"],
            "act": "send",
            "side": "both",
            "m": 0.3,
            "tau_days": 3,
        },
        "answered": {
            "opener": "message_delivered",
            "act": "ask",
            "side": "both",
            "m": 0.3,
            "tau_days": 3,
        },
    },
}


def every_cut(log: Log) -> list[str]:
    return [e.id for e in log.events if e.kind == "contact_cut"]


def every_request(log: Log) -> list[str]:
    return [e.id for e in log.events if e.kind == "contact_requested"]


def first_cut(log: Log) -> list[str]:
    return every_cut(log)[:1]


@dataclass(frozen=True)
class Case:
    """Which decisions do not happen, or on which day they do, and what is changed beside them."""

    gone: Callable[[Log], list[str]]
    beside: list[dict[str, Any]]
    to: str | None = None
    parts: dict[str, Any] = field(default_factory=dict)
    """What is otherwise about the model."""
    asks: Callable[[], dict[str, Any]] = asked

    def changes(self, log: Log) -> list[dict[str, Any]]:
        """The what-if's."""
        if self.to is None:
            return [{"remove": id_} for id_ in self.gone(log)] + self.beside
        return [{"move": {"event": id_, "to": self.to}} for id_ in self.gone(log)] + self.beside

    def instead(self, log: Log) -> list[dict[str, Any]]:
        """The twin's: a decision that is moved is an event there."""
        if self.to is None:
            return self.beside
        moved = [e for e in log.events if e.id in self.gone(log)]
        facts = [
            {
                "id": f"moved-{e.id}",
                "kind": e.kind,
                "date": self.to,
                "channel": e.channel,
                "by": e.by,
            }
            for e in moved
        ]
        return [{"insert": fact} for fact in facts] + self.beside


REMOVED = Case(every_cut, [])
CASES = {
    "every cut removed, and another will": Case(every_cut, [LET]),
    "every cut removed, and a call put in": Case(every_cut, [{"insert": CALL}]),
    "a cut that comes later, and another will": Case(first_cut, [LET], "2021-01-28"),
    "every request removed, and another will": Case(
        every_request, [LET], parts=WRITTEN, asks=what_was_asked
    ),
}


def model(as_of: str, until: str, **more: Any) -> Scenario:
    parts = DENSE | {"as_of": as_of, "until": until} | more
    return scenario(parts.pop("doctrines", DOCTRINES), **parts)


def with_changes(whole: Scenario, changes: list[dict[str, Any]]) -> Scenario:
    return whole.model_copy(update={"changes": tuple(Change.model_validate(c) for c in changes)})


Shares = NDArray[np.float64]


def histories_of(case: Case, number: int) -> list[Log]:
    return drawn(model(BEGIN, ENDS, **case.parts).model_dump_json(), number)


def changed_worlds(case: Case, histories: int) -> Shares:
    """The outcomes' shares among the changed worlds of each history."""
    dates = {"complete_from": "2021-01-01", "show_from": "2021-01-01"}
    whole = model(ENDS, UNTIL, outcomes=case.asks(), **dates, **case.parts)
    found = []
    for n, log in enumerate(histories_of(case, histories)):
        what_if = with_changes(whole.model_copy(update={"history": log}), case.changes(log))
        program = compile_scenario(what_if, retrace=True)
        values = kernel.run(program, SEED_OF_CHANGED, WORLDS * n, WORLDS)[0].values
        found.append(values.mean(axis=0))
    return np.array(found)


def twins(
    case: Case, histories: int, twin: Case | None = None, world: tuple[dict[str, Any], ...] = ()
) -> Values:
    """The outcomes in the twins of the same histories.

    `twin` is the case that the twins are of, if it is another; `world` is what their own world as
    it was had changed, where it is not the one that became history.
    """
    twin, plain = twin or case, model(BEGIN, ENDS, **case.parts)
    law = model(BEGIN, UNTIL, outcomes=case.asks(), **case.parts)
    as_is = with_changes(plain, [*world])
    early = compile_scenario(as_is)
    shares = blank(compile_scenario(law), histories)
    for n, log in enumerate(histories_of(case, histories)):
        was = as_it_was(early, SEED, n)
        own = chronicle(as_is, early, was.situation.happenings, {})
        assert world or own.events == log.events
        place = {e.id: m for m, e in enumerate(own.events)}
        gone = {id_: place[id_] for id_ in twin.gone(own)}
        program = compile_scenario(with_changes(law, twin.instead(own)))
        moved = {f"moved-{id_}": m for id_, m in gone.items()} if twin.to else {}
        count(program, otherwise(program, was, {*gone.values()}, moved), shares, n)
    return shares.values


def scores(case: Case, changed: Shares, twin: Values) -> Row:
    """By how many standard errors the changed worlds lie off the twins of the same histories."""
    changed = changed[: len(twin)]
    share, apart = twin.mean(axis=0), changed - twin
    error = apart.std(axis=0) / np.sqrt(len(twin))
    kept = (share > 0.02) & (share < 0.98) & (error > 0.0)
    assert kept.sum() >= 20
    z = apart.mean(axis=0)[kept] / error[kept]
    return dict(zip(np.array(sorted(case.asks()))[kept].tolist(), z.tolist(), strict=True))


CONTROLS: dict[str, tuple[str, Case | None, tuple[dict[str, Any], ...], int]] = {
    "the decisions stay": (
        "every cut removed, and another will", Case(lambda log: [], [LET]), (), 40
    ),
    "the will stays": ("every cut removed, and another will", REMOVED, (), 40),
    "no call is put in": ("every cut removed, and a call put in", REMOVED, (), 60),
    "what is moved is only removed": (
        "a cut that comes later, and another will", Case(first_cut, [LET]), (), 40
    ),
    "the requests stay": (
        "every request removed, and another will", Case(lambda log: [], [LET]), (), 40
    ),
    "the cuts of another world are gone": (
        "every cut removed, and another will", None, (LET,), 300
    ),
}  # fmt: skip
"""The what-if, the twins that it does not have the law of, and the histories after which that is
seen clearly: it is off by 9.1, 6.0, 3.5, 4.1, 47 and 3.3. In the last those cuts are gone that a
world of the other will has: they are not the coded ones."""
HISTORIES = 100
"""Of each case, and more where a control needs more to be seen."""


@pytest.mark.parametrize("case", CASES)
def test_7_changes_in_pairs_keep_the_law_of_the_twins(case: str) -> None:
    """The controls: other twins of the same histories have another law."""
    controls = {
        name: (twin, world, number)
        for name, (of, twin, world, number) in CONTROLS.items()
        if of == case
    }
    most = max([HISTORIES, *(number for _, _, number in controls.values())])
    changed = changed_worlds(CASES[case], most)
    found = scores(CASES[case], changed, twins(CASES[case], most))
    assert max(map(abs, found.values())) < 4.2, found
    assert off(found) < 2.0, found
    for name, (twin, world, number) in controls.items():
        others = twins(CASES[case], number, twin, world)
        assert off(scores(CASES[case], changed, others)) > 2.5, name
