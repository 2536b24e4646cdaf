"""What the what-ifs of a lesson start from: its scenario, which also asks what the rounds asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.ground.dates import DAY_S, day, parse
from sim.ground.states import STATE_LABELS
from sim.log.events import Event
from sim.log.log import STATES
from sim.log.rulebook import OBSERVER
from sim.scenario.outcomes import Outcome, ShareOfDays, StateAt, StateBy
from sim.scenario.resolve import in_canonical_order
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, run_span
from sim.seminar.lesson.plan import YES, Plan, Question
from sim.seminar.lesson.sliders import Slider, shipped_value
from sim.seminar.what_if.sliders import offered
from sim.study.explaining import removable

LEAD = 30
"""Days that charts show before the first event that can be changed."""
FEW = 4
"""Outcomes below which a scenario also tells the share of days in each state."""
MOST_EVENTS = 200
"""Events that the page offers to change, the newest."""


@dataclass(frozen=True)
class Base:
    """The scenario of a lesson as it ships, ready for changes."""

    scenario: Scenario
    """Without its lesson; its outcomes are those of the rounds and its own."""
    sliders: tuple[Slider, ...]
    shipped: tuple[float, ...]
    """Where each slider stands in the scenario."""
    offered: bool
    """Whether the program made the sliders."""
    channel: str
    """The channel that charts show."""
    begin_s: int
    """The first second that charts show, where no change lies earlier."""
    asked: dict[str, str]
    """What the rounds asked, by name of the outcome, and what happened: `yes` or `no`."""
    events: tuple[Event, ...]
    """The events of the history that can be removed or moved, in order."""


def base_of(plan: Plan) -> Base:
    """Prepare the what-ifs of a lesson."""
    own = plan.lesson.what_if.sliders if plan.lesson.what_if is not None else ()
    bare = plan.scenario.model_copy(update={"seminar": None, "sweep": {}})
    scenario, sliders = (bare, own) if own else offered(bare)
    questions = [q for r in plan.rounds for q in r.questions]
    channel = next((q.channel for q in questions if q.channel), None)
    channel = channel or next(iter(channels_of(scenario)))
    events = tuple(removable(scenario))[-MOST_EVENTS:]
    begins = [*(parse(e.date).lo_s for e in events), *(r.cut_s for r in plan.rounds[:1])]
    first = min([*begins, run_span(bare)[0]])
    begin_s = first - first % DAY_S - LEAD * DAY_S
    outcomes: dict[str, Outcome] = {}
    asked: dict[str, str] = {}
    for question in questions:
        name = question.id
        while name in scenario.outcomes:
            name = f"asked-{name}"
        outcomes[name], asked[name] = _as_outcome(question)
    told = [q.outcome for q in questions]  # the scenario need not ask them once more
    others = {n: o for n, o in scenario.outcomes.items() if o not in told}
    if len(others) < FEW:
        outcomes |= {
            f"days-{state.replace('_', '-')}": ShareOfDays(
                type="share_of_days", channel=channel, state=(state,)
            )
            for state in STATES
            if f"days-{state.replace('_', '-')}" not in scenario.outcomes
        }
    own_order = [n for n in scenario.outcome_order if n in others]
    order = [*asked, *own_order, *(n for n in outcomes if n not in asked)]
    update: dict[str, Any] = {
        "outcomes": {**others, **outcomes},
        "show_from": str(day(begin_s)),
    }
    scenario = in_canonical_order(scenario.model_copy(update=update)).ordered(order)
    shipped = tuple(shipped_value(scenario, s) for s in sliders)
    return Base(scenario, sliders, shipped, not own, channel, begin_s, asked, events)


def _as_outcome(question: Question) -> tuple[Outcome, str]:
    """Ask the question of a round of every world, from its cut to its end; say what happened.

    The next state becomes: whether the state that came next comes about; where none came, whether
    the channel ends in the state that it was in.
    """
    start, last = str(day(question.cut_s)), str(day(question.end_s - 1))
    if question.outcome is not None:
        update = {"date": last, "title": question.text.rstrip("?")}
        if "start" in type(question.outcome).model_fields:
            update["start"] = start
        answer = question.options[question.truth]
        return question.outcome.model_copy(update=update), "yes" if answer == YES else "no"
    came = STATES[question.truth]
    eyes = "" if question.viewpoint == OBSERVER else f" in the eyes of {question.viewpoint}"
    is_ = f"The channel is {STATE_LABELS[came]}"
    about: dict[str, Any] = {
        "channel": question.channel,
        "state": (came,),
        "viewpoint": question.viewpoint,
        "date": last,
    }
    if came == question.present:
        return StateAt(type="state_at", title=f"{is_} on {last}{eyes}", **about), "yes"
    words = f"{is_} at some time from {start} to {last}{eyes}"
    return StateBy(type="state_by", start=start, title=words, **about), "yes"
