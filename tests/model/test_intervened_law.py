"""Invariant 7: histories drawn from the model, abducted and intervened on, have the law of the
intervened model.

A world of the model is run to a day and written as a log. That log is the history of a what-if, in
which the noise is inferred and one thing is otherwise from some day on. Over many such histories
the changed worlds are to be distributed as those of the model in which that one thing is otherwise
from the start, whose own history nobody looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from coarse import by_month
from learned import BRIEF
from micro import CHANNEL, doctrine, scenario
from numpy.typing import NDArray

from sim.ensemble.weighed import compile_weighed, law_given
from sim.ensemble.work import simulate
from sim.ground.errors import InputError
from sim.kernel import dating
from sim.kernel import run as kernel
from sim.log.log import Log
from sim.model import situation as situations
from sim.model.abduction import Abduction, Inferred
from sim.model.chronicle import chronicle
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.eventtable import happenings_of
from sim.model.opportunity import Opportunity
from sim.scenario.scenario import Scenario

pytestmark = pytest.mark.slow

BEGIN, ENDS, UNTIL = "2020-12-31", "2021-02-20", "2021-03-31"
"""The day before history, its last day, and the last day of all."""
SEED = 2
"""The seed of the worlds that become histories."""
SEED_OF_CHANGED = 3
"""That of their changed worlds."""
FORWARD = 10_000
"""Replications of the intervened model."""

Row = dict[str, float]
Values = NDArray[np.int64]


def moody(**rows: Row) -> dict[str, Any]:
    """A doctrine whose every decision hangs on the state, or on what a party remembers."""
    made = doctrine(raise_detainees=0.0, cancel=-1.0, swap=-1.0, meet=0.3)
    made["act"] |= {
        "call": {"bias": 0.0, "open": 0.5, "cut_off": -1.0, "grievance": -0.5},
        "cut": {"bias": -1.5, "open": 0.3, "grievance": 1.0},
        "approach": {"bias": 0.3, "corridor": 0.7, "war": -0.5},
    } | rows
    made["accept"] |= {
        "call": {"bias": 0.5, "cut_off": -1.0},
        "meet": {"bias": 0.0, "goodwill": 0.8},
        "raise_detainees": {"bias": 0.5, "own_held": 0.2},
        "approach": {"bias": 0.4},
        "swap": {"bias": 0.5},
    }
    made["acknowledge"] = {"bias": 0.8}
    return made


STIFF = moody(
    call={"bias": -1.5, "open": 0.5},
    cut={"bias": 0.0, "grievance": 1.0},
    approach={"bias": -1.0},
)
DOCTRINES = {"can": moody(), "usa": moody(), "stiff": STIFF}
MODEL: dict[str, Any] = {
    "channels": {CHANNEL: {"initial": "open"}},
    "rates_per_day": {
        "call": 0.2,
        "cut": 0.1,
        "meet": 0.1,
        "cancel": 0.2,
        "swap": 0.05,
        "raise_detainees": 0.1,
    },
    "meeting_lead_days": {"least": 3.0, "most": 20.0},
    "detainees": {
        "ann": {"held_by": "CAN", "national_of": "USA"},
        "bea": {"held_by": "USA", "national_of": "CAN"},
    },
    "forums": {"summit": {"date": "2021-01-20/2021-01-22"}, "later": {"date": "2021-03-10"}},
    "world": {"up": {"kind": "escalation", "rate_per_day": 0.03}},
}
COUNTED = {
    "call_held": 4,
    "contact_refused": 6,
    "contact_cut": 2,
    "meeting_held": 1,
    "meeting_cancelled": 1,
    "corridor_talk": 1,
    "copresence": 1,
    "released": 1,
}
"""Kinds of event, and how many are asked for in history's time; twice as many in all."""


def questions() -> dict[str, Any]:
    """Counts and states, in history's time and beyond it."""
    asked: dict[str, Any] = {}
    for kind, least in COUNTED.items():
        for span, end in (("past", ENDS), ("whole", UNTIL)):
            asked[f"{kind.replace('_', '-')}-{span}"] = {
                "type": "event_by",
                "kind": kind,
                "from": "2021-01-01",
                "date": end,
                "at_least": least * (1 + (span == "whole")),
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


@cache
def forward(model: str) -> tuple[list[str], Values]:
    """The outcomes' names and values in a model, which is a scenario as JSON."""
    program = compile_scenario(Scenario.model_validate_json(model))
    return list(program.outcomes.names), kernel.run(program, 1, 0, FORWARD)[0].values


@cache
def drawn(model: str, histories: int) -> list[Log]:
    """Worlds of a model as logs. The kernel draws them, which is quicker; several cases share
    them."""
    plain = Scenario.model_validate_json(model)
    early = compile_scenario(plain)
    _, events = kernel.run(early, SEED, 0, histories, events=True)
    assert events is not None
    worlds = (happenings_of(early, events.of(n)) for n in range(histories))
    return [chronicle(plain, early, happenings, {}) for happenings in worlds]


@dataclass(frozen=True)
class Case:
    """An intervention, and what is otherwise about the model."""

    change: dict[str, Any]
    parts: dict[str, Any]
    asked: Callable[[], dict[str, Any]] = questions
    histories: int = 150

    def scenario(self, as_of: str, until: str, **more: Any) -> Scenario:
        """The model over some time."""
        parts = MODEL | self.parts | {"as_of": as_of, "until": until} | more
        return scenario(parts.pop("doctrines", DOCTRINES), **parts)

    def intervened(self) -> tuple[list[str], Values]:
        """The outcomes' names, and their values in the intervened model."""
        asked = {"outcomes": self.asked(), "changes": [self.change]}
        return forward(self.scenario(BEGIN, UNTIL, **asked).model_dump_json())

    def what_ifs(
        self,
        histories: int,
        told: Callable[[Log], Log] = lambda log: log,
        compiled: Callable[..., CompiledScenario] = compile_scenario,
    ) -> Iterator[CompiledScenario]:
        """Each of many histories with the change, compiled."""
        dates = {"complete_from": "2021-01-01", "show_from": "2021-01-01"}
        asked = {"outcomes": self.asked(), "changes": [self.change]} | dates
        whole = self.scenario(ENDS, UNTIL, **asked)
        plain = self.scenario(BEGIN, ENDS).model_dump_json()
        for log in drawn(plain, histories):
            yield compiled(whole.model_copy(update={"history": told(log)}), retrace=True)

    def changed(
        self,
        histories: int,
        run: Callable[[CompiledScenario, int, int], Values],
        **how: Any,
    ) -> Values:
        """The outcomes' values in one changed world for each of many histories."""
        programs = enumerate(self.what_ifs(histories, **how))
        return np.array([run(program, SEED_OF_CHANGED, n) for n, program in programs])


def by_kernel(program: CompiledScenario, seed: int, replication: int) -> Values:
    return kernel.run(program, seed, replication, 1)[0].values[0]


def by_world(program: CompiledScenario, seed: int, replication: int) -> Values:
    return simulate(program, seed, replication, 1).values[0]


def who_walked_up() -> dict[str, Any]:
    """Who walked up how often, and who declined, in history's time after the change and in all."""
    asked: dict[str, Any] = {}
    for kind in ("corridor_talk", "contact_refused", "copresence"):
        for by in ("CAN", "USA") if kind != "copresence" else (None,):
            often = (kind, by) in {("corridor_talk", "CAN"), ("contact_refused", "USA")}
            for span, end, least in (("past", ENDS, 1), ("whole", UNTIL, 3 if often else 1)):
                name = f"{kind.replace('_', '-')}-{(by or 'none').lower()}-{span}"
                asked[name] = {"type": "event_by", "kind": kind, "by": by, "at_least": least}
                asked[name] |= {"from": "2021-01-12", "date": end}
    return asked


def writing(answers: float) -> dict[str, Any]:
    """A doctrine that writes and asks, the more the less it was answered."""
    return moody(
        send={"bias": -0.5, "cut_off": 0.7, "grievance": -0.5},
        ask={"bias": 0.0, "cut_off": 0.5, "silence": 0.5, "grievance": -0.5},
        restore={"bias": -0.5, "grievance": -0.5},
    ) | {
        "accept": moody()["accept"]
        | {
            "ask": {"bias": answers, "open": 0.6, "grievance": -0.8},
            "restore": {"bias": answers, "silence": 0.3},
        }
    }


WRITING = {"can": writing(0.3), "usa": writing(0.8), "stiff": writing(-1.0)}
HURT = {"grievance": {"half_life_days": 30, "raised_by": {"request_unanswered": 1.0}}}
ANSWERED = {
    "again": {
        "opener": ["request_unanswered", "message_delivered"],
        "act": "ask",
        "side": "both",
        "m": 0.3,
        "tau_days": 3,
    }
}


def what_was_written() -> dict[str, Any]:
    """How often each side wrote, asked and left unanswered, in history's time and in all, and the
    state."""
    asked: dict[str, Any] = {}
    for kind, least in (
        ("message_delivered", 2),
        ("contact_requested", 4),
        ("request_unanswered", 3),
    ):
        for by in ("CAN", "USA"):
            for span, end in (("past", ENDS), ("whole", UNTIL)):
                asked[f"{kind.replace('_', '-')}-{by.lower()}-{span}"] = {
                    "type": "event_by",
                    "kind": kind,
                    "by": by,
                    "from": "2021-01-12",
                    "date": end,
                    "at_least": least * (1 + (span == "whole")),
                }
    return asked | {name: q for name, q in questions().items() if q["type"] == "state_at"}


LINE_KINDS = ("contact_cut", "contact_restored", "contact_refused", "request_unanswered")


def what_became_of_the_line(kinds: tuple[str, ...] = LINE_KINDS) -> dict[str, Any]:
    """How often a line was cut, restored, refused and not answered, and the state."""
    asked: dict[str, Any] = {}
    for kind in kinds:
        for span, end in (("past", ENDS), ("whole", UNTIL)):
            asked[f"{kind.replace('_', '-')}-{span}"] = {
                "type": "event_by",
                "kind": kind,
                "from": "2021-01-12",
                "date": end,
                "at_least": 1 + (span == "whole"),
            }
    return asked | {name: q for name, q in questions().items() if q["type"] == "state_at"}


def what_was_cut_and_lapsed() -> dict[str, Any]:
    """How often contact was cut, taken up and refused, and the state."""
    return what_became_of_the_line(("contact_cut", "call_held", "contact_refused"))


def parting(bias: float) -> dict[str, Any]:
    """A doctrine that talks the more after a lapse, and the less after a cut."""
    made = moody(
        call={"bias": bias, "open": 0.3, "cut_off": -2.0, "lapsed": 2.5},
        cut={"bias": -0.5, "open": 0.5, "cut_off": -4.0, "lapsed": -4.0},
    )
    made["accept"]["call"] = {"bias": 0.0, "cut_off": -1.5, "lapsed": 2.0}
    return made


LET = {"set_doctrine": {"party": "USA", "doctrine": "stiff", "from": "2021-01-12"}}
CALL = {"id": "new", "kind": "call_held", "date": "2021-01-08", "channel": CHANNEL, "by": "CAN"}
CASES = {
    "a doctrine from a day on": Case(LET, {}),
    "one uniform for both stages": Case(LET, {"coupling": "shared"}),
    "an inserted call": Case({"insert": CALL}, {}),
    "memories of passing by": Case(
        LET, {"stocks": {"grievance": {"half_life_days": 30, "raised_by": {"copresence": 2.0}}}}
    ),
    "letters and requests": Case(
        LET,
        {
            "rates_per_day": dict.fromkeys(MODEL["rates_per_day"], 0.0)
            | {"send": 0.05, "ask": 0.2, "cut": 0.02},
            "doctrines": WRITING,
            "channels": {CHANNEL: {"initial": "open", "lapse_days": BRIEF}},
            "forums": {},
            "stocks": HURT,
            "attention": ANSWERED,
        },
        what_was_written,
    ),
    "cuts and lapses": Case(
        LET,
        {
            "rates_per_day": MODEL["rates_per_day"] | {"call": 0.1, "meet": 0.0},
            "doctrines": {"can": parting(-0.5), "usa": parting(-0.5), "stiff": parting(-1.5)},
            "channels": {CHANNEL: {"initial": "open", "lapse_days": BRIEF}},
        },
        what_was_cut_and_lapsed,
    ),
    "a standing line that goes unanswered": Case(
        LET,
        {
            "rates_per_day": dict.fromkeys(MODEL["rates_per_day"], 0.0)
            | {"ask": 0.1, "cut": 0.1, "restore": 0.2},
            "doctrines": WRITING,
            "channels": {CHANNEL: {"initial": "open", "line": True}},
            "forums": {},
        },
        what_became_of_the_line,
    ),
    "who walked up first": Case(
        LET,
        {
            "rates_per_day": dict.fromkeys(MODEL["rates_per_day"], 0.0),
            "doctrines": {
                "can": moody(approach={"bias": 0.8}),
                "usa": moody(approach={"bias": 1.5}),
                "stiff": moody(approach={"bias": -2.0}),
            },
            "forums": {
                f"forum-{n}": {"date": day}
                for n, day in enumerate(
                    (
                        "2021-01-06",
                        "2021-01-14/2021-01-16",
                        "2021-01-25",
                        "2021-02-03",
                        "2021-02-12",
                        "2021-03-10",
                        "2021-03-20",
                    )
                )
            },
        },
        who_walked_up,
    ),
}


def scores(case: Case, changed: Values, against: Case | None = None) -> Row:
    """By how many standard errors each outcome's share lies off that of the intervened model."""
    names, direct = (against or case).intervened()
    share = direct.mean(axis=0)
    assert ((share > 0.02) & (share < 0.99)).all()  # every question is one
    error = np.sqrt(share * (1 - share) * (1 / len(changed) + 1 / FORWARD))
    return dict(zip(names, ((changed.mean(axis=0) - share) / error).tolist(), strict=True))


def off(found: Row) -> float:
    """The mean square of scores: about 1 where the law is the same."""
    return float(np.mean(np.square([*found.values()])))


def same_law(found: Row) -> None:
    assert max(map(abs, found.values())) < 4.0, found
    assert off(found) < 2.0, found


WITH_CONTROLS = {"a doctrine from a day on", "cuts and lapses", "who walked up first"}
"""Cases whose histories are asked about with something broken too, in tests of their own."""


@pytest.mark.parametrize("case", [name for name in CASES if name not in WITH_CONTROLS])
def test_7_changed_worlds_have_the_law_of_the_intervened_model(case: str) -> None:
    same_law(scores(CASES[case], CASES[case].changed(CASES[case].histories, by_kernel)))


def test_7_a_doctrine_from_a_day_on_and_three_controls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The change on another day is off by 7, and after 150 histories, as many as other cases have,
    by 2.8. Forums that nobody closes are missed by 5.0 standard errors. Without dropping the law is
    off by 15 after 100 histories."""

    def keep(self: Abduction, o: Opportunity, asked: Any) -> None:
        self.found.append(Inferred(o.at_s, o.stream, o.index, -1, o.do))

    case = CASES["a doctrine from a day on"]
    right, unclosed, kept = [], [], []
    for n, program in enumerate(case.what_ifs(350)):
        assert program.past is not None
        past = replace(program.past, passes=np.zeros_like(program.past.passes))
        right.append(by_kernel(program, SEED_OF_CHANGED, n))
        unclosed.append(by_kernel(replace(program, past=past), SEED_OF_CHANGED, n))
        if n < 100:
            with monkeypatch.context() as patched:
                patched.setattr(Abduction, "keep", keep)
                kept.append(by_world(program, SEED_OF_CHANGED, n))
    same_law(scores(case, np.array(right)))
    later = Case({"set_doctrine": LET["set_doctrine"] | {"from": "2021-01-25"}}, {})
    assert off(scores(case, np.array(right), against=later)) > 4.0
    assert scores(case, np.array(unclosed))["copresence-past"] < -4.0
    assert off(scores(case, np.array(kept))) > 10.0


def test_7_cuts_and_lapses_and_a_control(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a lapse is taken for a cut the law is off by 7.5."""
    case = CASES["cuts and lapses"]
    right, mistaken = [], []
    for n, program in enumerate(case.what_ifs(300)):
        right.append(by_kernel(program, SEED_OF_CHANGED, n))
        with monkeypatch.context() as patched:
            patched.setattr(situations, "standing_of", lambda state, until: state)
            mistaken.append(by_world(program, SEED_OF_CHANGED, n))
    same_law(scores(case, np.array(right)))
    assert off(scores(case, np.array(mistaken))) > 6.0


def test_7_who_walked_up_first_and_a_control(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which side came first is inferred from what both did and did not do; by the prior alone, the
    side that walked up is too often the second, and the two pass each other by too seldom: by 4.5
    standard errors."""
    case = CASES["who walked up first"]
    right, by_the_prior = [], []
    for n, program in enumerate(case.what_ifs(800)):
        right.append(by_kernel(program, SEED_OF_CHANGED, n))
        assert n >= 20 or np.array_equal(right[n], by_world(program, SEED_OF_CHANGED, n))
        if n < 400:
            with monkeypatch.context() as patched:
                patched.setattr(Abduction, "orders", lambda self, s, at_s: (1.0, 1.0))
                by_the_prior.append(by_world(program, SEED_OF_CHANGED, n))
    same_law(scores(case, np.array(right)))
    place = case.intervened()[0].index("copresence-none-past")
    more = (np.array(by_the_prior) - np.array(right[:400]))[:, place]
    assert more.mean() < -4.0 * more.std() / np.sqrt(400)


# ------------------------------------------------------------------------------ imprecise dates


def asked_of_cuts() -> dict[str, Any]:
    """How often contact is cut and taken up after the change, in history's time and in all."""
    asked: dict[str, Any] = {}
    for kind, least in (("contact_cut", 1), ("call_held", 4)):
        for span, end in (("past", ENDS), ("whole", UNTIL)):
            asked[f"{kind.replace('_', '-')}-{span}"] = {
                "type": "event_by",
                "kind": kind,
                "from": "2021-01-05",
                "date": end,
                "at_least": least,
            }
    return asked


def angry(shock: float) -> dict[str, Any]:
    """A doctrine that cuts contact after a shock, and seldom else."""
    return moody(cut={"bias": -5.5, "shock": shock}, call={"bias": -0.5, "cut_off": 0.5})


SHOCKS = Case(
    {"set_doctrine": {"party": "USA", "doctrine": "stiff", "from": "2021-01-05"}},
    {
        "rates_per_day": {"cut": 0.4, "call": 0.15},
        "forums": {},
        "world": {"up": {"kind": "escalation", "rate_per_day": 0.05, "by": "CAN"}},
        "doctrines": {"can": moody(cut={"bias": -6.0}), "usa": angry(9.0), "stiff": angry(0.0)},
    },
    asked_of_cuts,
)
"""Cuts that answer shocks, of which a log tells the months."""


def months(log: Log) -> Log:
    return by_month(log, ENDS)


@pytest.fixture
def short_chains(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Of each history one placement is drawn, so few are kept of a chain once it has settled."""
    for name, number in (("STEPS", 5), ("LEAST_ROUNDS", 5), ("SETTLING", 25)):
        monkeypatch.setattr(dating, name, number)
    yield
    law_given.cache_clear()  # other tests of the process want the laws of whole chains


@pytest.mark.usefixtures("short_chains")
def test_7_where_dates_are_months_the_law_is_that_of_the_intervened_model() -> None:
    """Even dates are off by 3.5 and 6.3 in two times 300 histories."""
    found = scores(SHOCKS, SHOCKS.changed(300, by_kernel, told=months, compiled=compile_weighed))
    assert max(map(abs, found.values())) < 4.0, found
    assert off(found) < 2.5, found


def where_possible(program: CompiledScenario, seed: int, replication: int) -> Values:
    """One changed world of the first seed with which the model can bring about the history."""
    for other in range(seed, seed + 500):
        with suppress(InputError):
            return by_kernel(program, other, replication)
    raise AssertionError("no even dates are possible")


def test_7_control_with_even_dates_the_law_is_another() -> None:
    """Even where dates that are impossible are drawn again: off by 7.7."""
    assert off(scores(SHOCKS, SHOCKS.changed(600, where_possible, told=months))) > 5.0
