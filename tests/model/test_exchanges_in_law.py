"""Invariant 7 where several people are held: arrests are removed, put in and moved.

Histories hold exchanges, each of a share of those who were held. In the changed worlds other
numbers are held, and the same share frees other numbers; the intervened model says how many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from micro import scenario
from test_burst_law import DENSE
from test_intervened_law import (
    BEGIN,
    DOCTRINES,
    ENDS,
    FORWARD,
    SEED_OF_CHANGED,
    UNTIL,
    Row,
    Values,
    by_kernel,
    drawn,
    forward,
    moody,
    off,
)

from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.scenario.scenario import Change, Scenario
from sim.study.verifying import verify

pytestmark = pytest.mark.slow

HELD = {
    **{f"american-{n}": {"held_by": "CAN", "national_of": "USA"} for n in range(3)},
    **{f"canadian-{n}": {"held_by": "USA", "national_of": "CAN"} for n in range(2)},
}
WILLS = DOCTRINES | {"stiff": moody(swap={"bias": -3.0})}
MODEL: dict[str, Any] = DENSE | {
    "detainees": HELD,
    "rates_per_day": DENSE["rates_per_day"] | {"swap": 0.04},
    "world": DENSE["world"]
    | {
        "taken": {
            "kind": "detention",
            "held_by": "CAN",
            "national_of": "USA",
            "rate_per_day": 0.03,
        }
    },
}


def arrest(day: str) -> dict[str, Any]:
    """Four Americans at once: more than are held before."""
    people = {"persons": [f"taken-{n}" for n in range(4)], "held_by": "CAN", "national_of": "USA"}
    return {"insert": {"id": "arrest", "kind": "detained", "date": day} | people}


def questions() -> dict[str, Any]:
    """How many offers and releases there are, by whom, and how many people are freed."""
    asked: dict[str, Any] = {}
    for span, end in (("soon", "2021-01-28"), ("past", ENDS), ("whole", UNTIL)):
        days = {"type": "event_by", "from": "2021-01-01", "date": end}
        for least in range(1, 8):
            freed = {"kind": "released", "count": "people", "at_least": least}
            asked[f"freed-{least}-{span}"] = days | freed
        for by in ("CAN", "USA"):
            for least in (1, 2, 3):
                name, much = f"{by.lower()}-{least}-{span}", days | {"by": by}
                asked[f"offers-{name}"] = much | {"kind": "swap_proposed", "at_least": least}
                asked[f"releases-{name}"] = much | {"kind": "released", "at_least": least}
                people = {"kind": "released", "count": "people", "at_least": least + 1}
                asked[f"people-{name}"] = much | people
    return asked


@dataclass(frozen=True)
class Case:
    """What every history holds, what is otherwise, and what the intervened model holds."""

    given: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    instead: list[dict[str, Any]]


def model(as_of: str, until: str, **more: Any) -> Scenario:
    return scenario(WILLS, **MODEL | {"as_of": as_of, "until": until} | more)


LET = {"set_doctrine": {"party": "USA", "doctrine": "stiff", "from": "2021-01-12"}}
EARLY, LATE = arrest("2021-01-05"), arrest("2021-01-20")
CASES = {
    "removed": Case([EARLY], [{"remove": "arrest"}], []),
    "put in": Case([], [EARLY], [EARLY]),
    "moved": Case([EARLY], [{"move": {"event": "arrest", "to": "2021-01-20"}}], [LATE]),
    "removed, and another will": Case([EARLY], [{"remove": "arrest"}, LET], [LET]),
}


def what_ifs(case: Case, histories: int) -> Iterator[CompiledScenario]:
    """Each of many histories with a case's changes, compiled."""
    dates = {"complete_from": "2021-01-01", "show_from": "2021-01-01"}
    whole = model(ENDS, UNTIL, outcomes=questions(), **dates)
    changes = tuple(Change.model_validate(c) for c in case.changes)
    plain = model(BEGIN, ENDS, changes=case.given).model_dump_json()
    for log in drawn(plain, histories):
        what_if = whole.model_copy(update={"history": log, "changes": changes})
        yield compile_scenario(what_if, retrace=True)


def scores(changed: Values, instead: list[dict[str, Any]]) -> Row:
    """By how many standard errors each outcome's share lies off that of the model that holds other
    events from the start."""
    law = model(BEGIN, UNTIL, outcomes=questions(), changes=instead)
    names, direct = forward(law.model_dump_json())
    share = direct.mean(axis=0)
    asked = (share > 0.02) & (share < 0.98)
    assert asked.sum() >= 20
    error = np.sqrt(share * (1 - share) * (1 / len(changed) + 1 / FORWARD))
    z = (changed.mean(axis=0) - share)[asked] / error[asked]
    return dict(zip(np.array(names)[asked].tolist(), z.tolist(), strict=True))


def numbers_of_the_log(program: CompiledScenario, seed: int, replication: int) -> Values:
    """A what-if in which a logged exchange frees whom the log frees, however many are held."""
    assert program.past is not None
    past = replace(program.past, frees=np.full_like(program.past.frees, -1))
    return by_kernel(replace(program, past=past), seed, replication)


HISTORIES = 150
"""After so many the numbers of the log are off by 6.0, 3.8 and 3.4 in the cases that they can
matter in, and other changes by 5.4 and more."""
OTHERS: dict[str, list[dict[str, Any]]] = {
    "moved": [], "removed": [EARLY], "removed, and another will": []
}  # fmt: skip
"""What the law of a case is not: that of a model that holds this instead."""


@pytest.mark.parametrize("case", CASES)
def test_7_an_exchange_frees_its_share_where_others_are_held(case: str) -> None:
    """Here exchanges come of bursts, and releases open bursts, which shift; both executors free the
    same. The controls: who the log frees, and other changes, are another law."""
    right, as_logged = [], []
    for n, program in enumerate(what_ifs(CASES[case], HISTORIES)):
        right.append(by_kernel(program, SEED_OF_CHANGED, n))
        as_logged.append(numbers_of_the_log(program, SEED_OF_CHANGED, n))
        assert n >= 12 or isinstance(verify(program, SEED_OF_CHANGED, 2), int)
    found = scores(np.array(right), CASES[case].instead)
    assert max(map(abs, found.values())) < 4.2, found
    assert off(found) < 2.0, found
    if case != "moved":  # there as many are held from the day on
        assert off(scores(np.array(as_logged), CASES[case].instead)) > 2.5
    if case in OTHERS:
        assert off(scores(np.array(right), OTHERS[case])) > 2.5
