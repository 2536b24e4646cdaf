"""How a study is run: what is asked for is checked once, alike for every study."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from micro import Listener, scenario
from pasts import event, told

import sim
from sim.ensemble.settings import CAP, Settings, settings
from sim.ground.errors import InputError
from sim.scenario.scenario import Ensemble

USUAL = Ensemble(replications=7, seed=3)


def test_what_is_not_asked_for_is_usual() -> None:
    assert settings({}, USUAL) == Settings(7, 3)
    nothing = {"replications": None, "seed": None, "workers": None, "executor": None}
    assert settings(nothing, USUAL) == Settings(7, 3)  # type: ignore[arg-type]
    assert settings({"replications": 2, "seed": 0}, USUAL) == Settings(2, 0)
    assert settings({}, USUAL, interval_width=0.1) == Settings(CAP, 3, interval_width=0.1)
    assert settings({"replications": 9}, USUAL, interval_width=0.1).replications == 9
    players = {"USA": Listener()}
    assert settings({}, USUAL, players=players) == Settings(7, 3, "reference", players=players)


def test_numbers_of_numpy_become_numbers_of_python() -> None:
    made = settings({"replications": np.int64(5), "seed": np.int64(2)}, USUAL)  # type: ignore[typeddict-item]
    assert (type(made.replications), type(made.seed)) == (int, int)


@pytest.mark.parametrize("study", [sim.run, sim.compare, sim.why, sim.sweep])
@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"replications": 0}, "replications: must lie in 1 to 10000000"),
        ({"replications": 1.5}, "replications: must be a whole number"),
        ({"seed": -1}, "seed: must lie in 0 to"),
        ({"workers": 0}, "workers: must lie in 1 to 512"),
        (
            {"executor": "kernal"},
            "executor: must be one of kernel, reference; did you mean 'kernel'",
        ),
    ],
)
def test_every_study_refuses_the_same(
    study: Callable[..., Any], how: dict[str, object], message: str
) -> None:
    asked = told(
        event("talk", "call_held", "2021-02-01"),
        outcomes={"open": {"type": "state_at", "state": "open"}},
        sweep={"rates_per_day.call": [0.1]} if study is sim.sweep else {},
        changes=[{"remove": "talk"}] if study is sim.compare else [],
    )
    with pytest.raises(InputError, match=message):
        study(asked, **how)


def test_a_keyword_that_no_study_takes_is_named() -> None:
    with pytest.raises(TypeError, match=r"'replication'.*did you mean 'replications'"):
        sim.run(scenario(), replication=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'interval_width'"):
        sim.sweep(scenario(sweep={"rates_per_day.call": [0.1]}), interval_width=0.1)  # type: ignore[call-arg]
