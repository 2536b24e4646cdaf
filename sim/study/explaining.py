"""Why: but-for shares of the events behind an outcome, and the decisions that would differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from math import comb
from operator import attrgetter
from typing import TypeAlias, Unpack

import numpy as np

from sim.ensemble.settings import How, Settings, settings
from sim.ground.intervals import wilson
from sim.log.events import Event
from sim.log.label import label as label_of
from sim.model.abduction import infer
from sim.model.compiling_needs import swept_along
from sim.model.replication import replicate
from sim.model.walk import of
from sim.scenario.resolve import Place, scenario_at
from sim.study.asking import Question, question, without
from sim.study.but_for import REVERSES, ButFor, Why
from sim.study.causes import necessary, sufficient
from sim.study.first_difference import FirstDifference, first_difference
from sim.study.orders import Orders
from sim.study.sets import Counts, DrawnSets, Group, count_sets, drawn_sets, removed_by

Label: TypeAlias = Callable[[Event], str]
"""What an event is called."""
WORLDS = 500
"""Replications of each set of events, unless another number is asked for."""
SAMPLES = 3
"""Worlds that are shown where they part."""
MAX_EVENTS = 60
"""Events that are asked about one by one."""
MAX_SETS = 700
"""Sets of events that are tried for a joint reversal, single events among them."""
MAX_SET = 3
SELDOM = 0.05
"""Below this share an outcome is asked about the other way round: what would have brought it
about?"""


def why(
    scenario: Place,
    outcome: str | None = None,
    *,
    samples: int = SAMPLES,
    sets: int = MAX_SETS,
    label: Label = attrgetter("id"),
    **how: Unpack[How],
) -> Why:
    """Ask of each event of history how often the outcome would have failed without it.

    `scenario` is one that `load_scenario` gave, its file, or plain data. `samples` is how many
    worlds are shown that part, and `sets` how many sets of events are tried at most for a joint
    reversal. `how` are the keywords of `sim.ensemble.settings.How`, with 500 replications by
    default; `progress` is told how many worlds without some events are done, and how many there are
    at most.

    Raises:
        InputError: no such yes-or-no outcome, no history, or one that the model holds impossible.
        RunError: a worker died.
    """
    given = scenario_at(scenario)
    asked = question(given, outcome, MAX_EVENTS)
    made = settings({"replications": WORLDS, **how}, given.ensemble)
    return explained(asked, made, samples=samples, sets=sets, label=label)


def explained(
    asked: Question,
    how: Settings,
    *,
    samples: int = SAMPLES,
    sets: int = MAX_SETS,
    label: Label = attrgetter("id"),
) -> Why:
    """Answer what a why asks, as `why` does."""
    done, most = 0, how.replications * sum(batches(len(asked.events), sets))

    def told(worlds: int) -> None:
        nonlocal done
        done += worlds
        if how.progress is not None:
            how.progress(done, most)

    orders = Orders(asked, how.seed, how.replications)

    def counted(groups: list[Group]) -> Counts:
        return count_sets(asked, groups, how, told, orders)

    told(0)
    first = counted([(event,) for event in asked.events])
    turned = first.came / how.replications < SELDOM
    over = drawn_sets(asked, first.groups, how)
    singles = [
        _but_for(asked, first, m, label, over, turned=turned) for m in range(len(asked.events))
    ]
    reversals, tried = [b for b in singles if b.weight >= REVERSES], len(singles)
    exact = asked.every
    for size in range(2, MAX_SET + 1):
        if reversals:
            break
        groups = list(combinations(asked.events, size))
        if tried + len(groups) > sets:
            exact = False
            groups = _likeliest(groups, singles, sets - tried)
        if groups:
            found = counted(groups)
            places = np.flatnonzero(found.weights(turned=turned) >= REVERSES).tolist()
            reversals = [_but_for(asked, found, m, label, turned=turned) for m in places]
            tried += len(groups)
    if how.progress is not None:
        how.progress(done, done)
    return Why(
        scenario=asked.given,
        outcome=asked.outcome,
        title=asked.title,
        replications=how.replications,
        seed=how.seed,
        share=first.came / how.replications,
        events=tuple(sorted(singles, key=lambda b: (-b.weight, b.date, b.events))),
        reversals=tuple(sorted(reversals, key=lambda b: (-b.weight, b.events))),
        tried=tried,
        exact=exact,
        differences=tuple(_differences(asked, singles, first, how.seed, samples)),
        turned=turned,
        over_weights=None if over is None else over.share(),
        draws=how.draws,
    )


def batches(events: int, sets: int) -> list[int]:
    """Return how many sets of one event, of two, and so on, a why tries at most, if it asks about
    so many events and tries so many sets."""
    found = [events]
    for size in range(2, MAX_SET + 1):
        found.append(min(comb(events, size), max(0, sets - sum(found))))
    return found


def _but_for(
    asked: Question,
    counts: Counts,
    m: int,
    label: Label,
    over: DrawnSets | None = None,
    *,
    turned: bool,
) -> ButFor:
    """Put what was counted without the m-th set into shares and words."""
    group, came = counts.groups[m], counts.came
    stayed_out, ids = counts.replications - came, tuple(e.id for e in group)
    failed, made = int(counts.failed[m]), int(counts.made[m])
    share, low, high = _share(failed, came)
    made_share, made_low, made_high = _share(made, stayed_out)
    again, number = int(counts.again[m]), counts.replications
    lacking = stayed_out - made + failed
    with_it, without_it = came / number, (number - lacking) / number
    if turned:  # the event stands in the way: without it is the world that has the outcome
        bounds = necessary(1.0 - with_it, 1.0 - without_it)
    else:
        bounds = necessary(with_it, without_it)
    return ButFor(
        events=ids,
        label="; ".join(label(e) for e in group),
        date=", ".join(e.date for e in group),
        share=share,
        low=low,
        high=high,
        made=made_share,
        made_low=made_low,
        made_high=made_high,
        turned=turned,
        along=tuple(e for e, _ in swept_along(without(asked.scenario, ids)) if e not in ids),
        again=again / number if again >= 0 else None,
        without=without_it,
        any_coupling=bounds,
        sufficient=failed / lacking if lacking else None,
        sufficient_any_coupling=sufficient(with_it, without_it),
        over_weights=None if over is None else over.but_for(m, turned=turned),
        by_order=counts.by_order.turning(m, group, label, turned=turned),
    )


def _share(part: int, whole: int) -> tuple[float, float, float]:
    """Return a share with its 95 % interval; one of nothing is 0, and may be anything."""
    return (part / whole, *wilson(part, whole)) if whole else (0.0, 0.0, 1.0)


def _likeliest(groups: list[Group], singles: list[ButFor], most: int) -> list[Group]:
    """Choose the sets whose members weigh most one by one."""
    share = {b.events[0]: b.weight for b in singles}
    ranked = sorted(groups, key=lambda g: (-sum(share[e.id] for e in g), [e.id for e in g]))
    return ranked[: max(0, most)]


# ---------------------------------------------------------------------------------- the first step


def _differences(
    asked: Question, singles: list[ButFor], counts: Counts, seed: int, samples: int
) -> Iterator[FirstDifference]:
    """Show, for the event that weighs most, where sample replications part."""
    m = max(range(len(singles)), key=lambda m: singles[m].weight)
    top, came, comes = singles[m], counts.first[:, 0], counts.first[:, 1 + m]
    if top.weight == 0.0 or samples == 0:
        return
    before, after = (
        replace(asked.program, past=replace(of(asked.program), removed=row))
        for row in removed_by(asked, [counts.groups[m]])
    )
    gone = {*top.events, *top.along}
    scenario = asked.scenario
    dates = {e.id: e.date for e in scenario.coded}
    names = {e.id: label_of(e) for e in (*scenario.coded, *scenario.inserted)}
    shown, parted = 0, ~came & comes if top.turned else came & ~comes
    for r in np.flatnonzero(parted).tolist():
        noise = infer(before, seed, r)
        base, changed = (replicate(p, seed, r, noise=noise, trace=True) for p in (before, after))
        found = first_difference(base, changed, r, gone, dates, names)
        if found is not None:
            yield found
            shown += 1
        if shown == samples:
            return
