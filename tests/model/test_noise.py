"""The noise that a what-if infers follows from history, the model and the seed alone."""

from __future__ import annotations

from typing import Any

import pytest
from micro import doctrine
from pasts import event, told

from sim.model.abduction import infer
from sim.model.compiling import compile_scenario
from sim.scenario.scenario import Scenario

EVENTS = (
    event("cut", "contact_cut", "2021-01", by="USA"),
    event("call", "call_held", "2021-02-10", accounts={"CAN": {"kind": "corridor_talk"}}),
    event("met", "meeting_held", "2021-02-20"),
)
PARTS: dict[str, Any] = {
    "doctrines": {
        "can": doctrine(
            call=0.0, accept_call=0.5, cut=-1.0, meet=0.0, accept_meet=0.0, acknowledge=0.3
        ),
        "usa": doctrine(
            call=0.0, accept_call=0.5, cut=-1.0, meet=0.0, accept_meet=0.0, acknowledge=0.3
        ),
        "dove": doctrine(call=2.0, accept_call=2.0),
    },
    "outcomes": {"open": {"type": "share_of_days", "state": "open"}},
    "show_from": "2021-01-01",
}
RAID = event("raid", "escalation", "2021-01-03", severity=0.5, label="raid", by="USA", channel=None)
CHANGES: dict[str, dict[str, Any]] = {
    "no cut": {"remove": "cut"},
    "no call": {"remove": "call"},
    "a dove": {"set_doctrine": {"party": "USA", "doctrine": "dove", "from": "2021-01-05"}},
    "a late call": {"move": {"event": "call", "to": "2021-02-15"}},
    "a raid": {"insert": RAID},
}


def inferred(name: str = "no cut", seed: int = 3, **parts: Any) -> list[str]:
    """What is inferred in 20 worlds, as text: NaN is not equal to itself, and is written alike."""
    whole: Scenario = told(*EVENTS, **(PARTS | {"changes": [CHANGES[name]]} | parts))
    program = compile_scenario(whole)
    return [repr(infer(program, seed, r)) for r in range(20)]


def test_it_does_not_depend_on_what_is_changed_or_asked() -> None:
    one = inferred()
    for name in CHANGES:
        assert inferred(name) == one
    assert inferred(outcomes={}, show_from=None, title="Another") == one


@pytest.mark.parametrize(
    "parts",
    [
        {"rates_per_day": {"call": 0.11}},
        {"coupling": "shared"},
        {"forums": {"summit": {"date": "2021-01-30"}}},
        {"parties": {"CAN": {"doctrine": "can"}, "USA": {"doctrine": "dove"}}},
        {"seed": 4},
    ],
    ids=lambda p: next(iter(p)),
)
def test_control_it_depends_on_history_model_and_seed(parts: dict[str, Any]) -> None:
    assert inferred(**parts) != inferred()
