"""What what-ifs start from: a scenario; that of a lesson also asks what the rounds asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.ground.dates import DAY_S, day, parse
from sim.log.events import Event
from sim.log.log import STATES
from sim.scenario.outcomes import Outcome, ShareOfDays
from sim.scenario.resolve import in_canonical_order
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, run_span
from sim.seminar.lesson.block import lesson_of
from sim.seminar.lesson.schema import Lesson
from sim.seminar.lesson.sliders import Slider, shipped_value
from sim.seminar.what_if.sliders import offered
from sim.study.asking import removable

LEAD = 30
"""Days that charts show before the first event that can be changed."""
FEW = 4
"""Outcomes below which a scenario also tells the share of days in each state."""
MOST_EVENTS = 200
"""Events that the page offers to change, the newest."""


@dataclass(frozen=True)
class Base:
    """A scenario as it ships, ready for changes."""

    scenario: Scenario
    """Without its lesson; its outcomes are those of the rounds and its own. Its own changes of
    history are those that a position starts with."""
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
    found: tuple[int, ...] = ()
    """The places of the sliders that the last screening found, the most important first."""


@dataclass(frozen=True)
class Rounds:
    """What of the rounds of a lesson its what-ifs ask of every world."""

    asked: tuple[tuple[str, Outcome, str], ...] = ()
    """The questions: a name, what is asked, and what happened, `yes` or `no`."""
    told: tuple[Outcome, ...] = ()
    """The outcomes of the scenario that they ask."""
    channel: str | None = None
    """The channel that they ask about first."""
    begins_s: tuple[int, ...] = ()
    """When the first of them begins."""


def base_alone(scenario: Scenario) -> Base:
    """Prepare the what-ifs of a scenario without holding its lesson: of that only the sliders
    count."""
    return prepared(scenario, lesson_of(scenario), Rounds())


def prepared(given: Scenario, lesson: Lesson | None, rounds: Rounds) -> Base:
    """Prepare the what-ifs of a scenario, which may ask what the rounds of its lesson asked."""
    own = lesson.what_if.sliders if lesson is not None and lesson.what_if is not None else ()
    bare = given.model_copy(update={"seminar": None, "sweep": {}})
    scenario, sliders = (bare, own) if own else offered(bare)
    channel = rounds.channel or next(iter(channels_of(scenario)))
    events = tuple(removable(scenario.model_copy(update={"changes": ()})))[-MOST_EVENTS:]
    begins = [parse(e.date).lo_s for e in events]
    first = min([*begins, *rounds.begins_s, run_span(bare)[0]])
    begin_s = first - first % DAY_S - LEAD * DAY_S
    outcomes: dict[str, Outcome] = {}
    asked: dict[str, str] = {}
    for id_, outcome, answer in rounds.asked:
        name = id_
        while name in scenario.outcomes:
            name = f"asked-{name}"
        outcomes[name], asked[name] = outcome, answer
    # the scenario need not ask once more what they ask
    others = {n: o for n, o in scenario.outcomes.items() if o not in rounds.told}
    if len(others) < FEW:
        for state in STATES:
            if (name := f"days-{state.replace('_', '-')}") not in scenario.outcomes:
                days = ShareOfDays(type="share_of_days", channel=channel, state=(state,))
                outcomes[name] = days
    own_order = [n for n in scenario.outcome_order if n in others]
    order = [*asked, *own_order, *(n for n in outcomes if n not in asked)]
    update: dict[str, Any] = {"outcomes": others | outcomes, "show_from": str(day(begin_s))}
    scenario = in_canonical_order(scenario.model_copy(update=update)).ordered(order)
    shipped = tuple(shipped_value(scenario, s) for s in sliders)
    return Base(scenario, sliders, shipped, not own, channel, begin_s, asked, events)


def with_found(base: Base, found: Sequence[Slider]) -> Base:
    """Return it with the sliders of a screening; one that exists already, or that would have the
    title of another, is not made again. The same base where nothing was found."""
    if not found:
        return base
    places = {s.title: n for n, s in enumerate(base.sliders)}
    new = tuple(s for s in found if s.title not in places)
    places |= {s.title: len(base.sliders) + n for n, s in enumerate(new)}
    shipped = tuple(shipped_value(base.scenario, s) for s in new)
    return replace(
        base,
        sliders=(*base.sliders, *new),
        shipped=(*base.shipped, *shipped),
        found=tuple(places[s.title] for s in found),
    )
