"""The simulator's own forecast from a cut date, by which a class is measured."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.ensemble.settings import Settings
from sim.ground.dates import DAY_S, day
from sim.log.log import STATES
from sim.log.projection import known_until
from sim.model.compiled_scenario import Floats
from sim.scenario.outcomes import FirstTime, Outcome
from sim.scenario.resolve import in_canonical_order
from sim.scenario.scenario import Scenario
from sim.seminar.lesson.plan import Plan, Question, RoundPlan
from sim.seminar.lesson.scores import kept_off_zero
from sim.study.running import carried_out, ordered

WORLDS = 2_000


def forecast(plan: Plan, round_: RoundPlan, worlds: int = WORLDS) -> dict[str, tuple[float, ...]]:
    """Return the simulator's probability of each option of each question of a round but those of
    the lesson's own, of which the scenario knows nothing.

    The scenario is run from the cut date, with what the log held by then and the scenario's own
    seed. At least 1 % goes to each option, as for students.
    """
    if not forecast_of(round_):
        return {}
    scenario, asked = _as_of_the_cut(plan, round_)
    order = ordered(scenario, Settings(worlds, scenario.ensemble.seed))
    values = carried_out(order).values
    found: dict[str, tuple[float, ...]] = {}
    for question in forecast_of(round_):
        columns = {name: values[column].to_numpy() for name, column in asked[question.id].items()}
        found[question.id] = kept_off_zero(_shares(question, columns))
    return found


def forecast_of(round_: RoundPlan) -> tuple[Question, ...]:
    """Return the questions of a round that the simulator and the base rate answer."""
    return tuple(q for q in round_.questions if not q.own)


def _shares(question: Question, columns: dict[str, Floats]) -> tuple[float, ...]:
    if question.present is None:
        share = float(np.mean(columns["outcome"]))
        return share, 1 - share
    window = (question.end_s - question.cut_s) / DAY_S
    others = [s for s in STATES if s != question.present]
    days = np.stack([np.nan_to_num(columns[s].astype(float), nan=np.inf) for s in others])
    soonest, came = days.min(axis=0), days.argmin(axis=0)
    shares = {s: float(np.mean((came == n) & (soonest < window))) for n, s in enumerate(others)}
    shares[question.present] = 1 - sum(shares.values())
    return tuple(shares[s] for s in STATES)


def _as_of_the_cut(plan: Plan, round_: RoundPlan) -> tuple[Scenario, dict[str, dict[str, str]]]:
    """Return the scenario as of a round's cut, and the outcomes that answer each question."""
    outcomes: dict[str, Outcome] = {}
    asked: dict[str, dict[str, str]] = {}
    for question in forecast_of(round_):
        if question.outcome is not None:
            last = str(day(question.end_s - 1))
            asked[question.id] = {"outcome": question.id}
            outcomes[question.id] = question.outcome.model_copy(update={"date": last})
            continue
        asked[question.id] = {s: f"{question.id}-{s}" for s in STATES if s != question.present}
        for state, name in asked[question.id].items():
            outcomes[name] = FirstTime(
                type="first_time",
                channel=question.channel,
                state=(state,),
                viewpoint=question.viewpoint,
            )
    history = plan.scenario.history
    assert history is not None
    update: dict[str, Any] = {
        "history": known_until(history, round_.cut_s),
        "as_of": round_.cut,
        "until": str(day(round_.end_s - 1)),
        "outcomes": outcomes,
        "show_from": None,
        "sweep": {},
        "seminar": None,
    }
    return in_canonical_order(plan.scenario.model_copy(update=update)), asked


def whose_weights(plan: Plan) -> str:
    """Say whose weights the forecast rests on: the doctrines by name, and of a fit its last day."""
    doctrines, parties = plan.scenario.doctrines, plan.scenario.parties.items()
    told = "; ".join(f"{party}: {doctrines[setup.doctrine].title}" for party, setup in parties)
    if plan.scenario.fit is None:
        return told
    until = plan.scenario.fit.saved.record["history"]["until"]
    return f"{told}; with weights learned from the record up to {until}"
