"""Why: but-for shares of the events behind an outcome, and the decisions that would differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.ensemble.ensemble import ensemble
from sim.ensemble.work import Progress
from sim.ground.dates import day, parse, spoken
from sim.ground.errors import InputError, Problem, did_you_mean
from sim.ground.intervals import wilson
from sim.log.events import Event
from sim.log.label import label as label_of
from sim.log.log import canonical_times, in_order
from sim.model.compiling import compile_scenario
from sim.model.compiling_names import Names
from sim.model.compiling_needs import swept_along
from sim.model.compiling_past import DECIDABLE
from sim.model.replication import replicate
from sim.model.tally import outcome_value
from sim.scenario.interventions import observed_from
from sim.scenario.outcomes import EventBy, types_of
from sim.scenario.resolve import Place, scenario_at
from sim.scenario.scenario import Change, Scenario
from sim.scenario.scope import channels_of, complete_start, run_span
from sim.study.first_difference import FirstDifference, first_difference
from sim.study.frames import html_of
from sim.study.outcomes import title_of, values_from, values_of

if TYPE_CHECKING:
    from sim.study.study_gallery import WhyGallery

MAX_EVENTS = 60
"""Events that are asked about one by one."""
MAX_SETS = 700
"""Sets of events that are tried for a joint reversal."""
MAX_SET = 3
SELDOM = 0.05
"""Below this share an outcome is asked about the other way round: what would have brought it
about?"""
REVERSES = 0.5
"""The but-for share from which a set of events is said to reverse the outcome."""


@dataclass(frozen=True)
class ButFor:
    """How often an outcome would have failed without some events."""

    events: tuple[str, ...]
    label: str
    date: str
    share: float
    """Of the replications in which the outcome came about, those in which it then does not."""
    low: float
    high: float
    made: float
    """Of the replications in which it did not, the share in which it then does."""
    along: tuple[str, ...]
    """What goes with them, because it needs them."""
    again: float | None = None
    """Of all replications, those in which the party then decides the same, on that day of history
    or a later one; None where no party decided it, or for a set."""

    made_low: float = 0.0
    made_high: float = 1.0
    """The 95 % interval of `made`."""
    turned: bool = False
    """Whether the outcome hardly ever comes about, so that the question is what would have brought
    it about."""

    @property
    def certain(self) -> bool:
        """Whether the interval, too, lies above what counts as a reversal."""
        return (self.made_low if self.turned else self.low) >= REVERSES

    @property
    def weight(self) -> float:
        """The share that answers the question."""
        return self.made if self.turned else self.share


@dataclass(frozen=True)
class Why:
    """The answer to why an outcome came about."""

    outcome: str
    title: str
    replications: int
    seed: int
    share: float
    """The share of replications in which it comes about with history as it was."""
    events: tuple[ButFor, ...]
    reversals: tuple[ButFor, ...]
    """The smallest sets of events that reverse it, as far as these replications show; of a
    `certain` one the interval says so too. None where none of those tried does."""
    tried: int
    """How many sets were tried."""
    exact: bool
    """Whether every set up to the size of those found, or up to 3, was tried."""
    differences: tuple[FirstDifference, ...]
    turned: bool = False
    """Whether the outcome comes about in less than 5 % of replications. Then the question that has
    an answer is what would have brought it about, and events and sets are ranked by `made`."""

    @cached_property
    def frame(self) -> pl.DataFrame:
        """One row an event: id, label, date, share, low, high, made, made_low, made_high, along,
        again; shares in [0, 1], `again` null where no party decided the event."""
        rows = [
            (
                b.events[0],
                b.label,
                spoken(b.date),
                b.share,
                b.low,
                b.high,
                b.made,
                b.made_low,
                b.made_high,
                " ".join(b.along),
                b.again,
            )
            for b in self.events
        ]
        schema: dict[str, Any] = dict.fromkeys(("id", "label", "date"), pl.String)
        numbers = ("share", "low", "high", "made", "made_low", "made_high")
        schema |= dict.fromkeys(numbers, pl.Float64)
        schema |= {"along": pl.String, "again": pl.Float64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    @property
    def values(self) -> pl.DataFrame:
        """One row an event: id, share, low, high, made; shares in [0, 1]."""
        return self.frame.select("id", "share", "low", "high", "made")

    @property
    def plot(self) -> WhyGallery:
        """The figures of the why."""
        from sim.study.study_gallery import WhyGallery

        rows = [d.row() for d in self.differences]
        return WhyGallery(self.title, self.frame, rows, turned=self.turned)

    def _repr_html_(self) -> str:
        return html_of(f"Why: {self.title}", self.frame.drop("id"))


def removable(scenario: Scenario) -> list[Event]:
    """List the events of history that may be asked about, in order: all but mere words."""
    if scenario.history is None:
        return []
    start, _ = run_span(scenario)
    channels, names = channels_of(scenario), Names(scenario, retrace=True)
    earliest = complete_start(scenario)
    gone = {c.remove or (c.move.event if c.move else None) for c in scenario.changes}
    events = scenario.history.events
    return [
        e
        for e in in_order(events, canonical_times(events))
        if parse(e.date).hi_s <= start
        and (earliest is None or parse(e.date).lo_s >= earliest)
        and (e.channel is None or e.channel in channels or names.opens_below(e))
        and e.kind not in ("statement", "copresence")
        and e.id not in gone
    ]


def without(scenario: Scenario, events: Iterable[str]) -> Scenario:
    """Return the scenario with some events of its history removed as well."""
    removed = tuple(Change(remove=e) for e in events)
    return scenario.model_copy(update={"changes": (*scenario.changes, *removed)})


def why(
    scenario: Place,
    outcome: str | None = None,
    *,
    replications: int = 500,
    seed: int | None = None,
    workers: int | None = None,
    executor: str | None = None,
    samples: int = 3,
    sets: int = MAX_SETS,
    label: Callable[[Event], str] = lambda event: event.id,
    progress: Progress | None = None,
) -> Why:
    """Ask of each event of history how often the outcome would have failed without it.

    `scenario` is one that `load_scenario` gave, its file, or plain data. `sets` is how many sets of
    events are tried at most for a joint reversal.

    Raises:
        InputError: no such yes-or-no outcome, no history, or one that the model holds impossible.
    """
    scenario = scenario_at(scenario)
    if scenario.sweep:
        raise InputError([Problem(scenario.title, 0, "sweep", "a why takes no sweep")])
    name = asked_outcome(scenario, outcome)
    q = list(scenario.outcomes).index(name)
    events = removable(scenario)
    if not events:
        rule = "there is no event of history to ask about: a why needs a coded history"
        raise InputError([Problem(scenario.title, 0, "history", rule)])
    chosen = scenario.ensemble.seed if seed is None else seed
    start = day(observed_from(scenario)).isoformat()  # however early an event is removed
    observed = scenario.model_copy(update={"observe_from": start})

    def values(variant: Scenario) -> NDArray[np.bool_]:
        program = compile_scenario(variant)
        tally = ensemble(program, chosen, replications, workers=workers, executor=executor)
        came: NDArray[np.bool_] = values_of(variant, program, tally, q) == 1
        return came

    base = values(observed)
    turned = float(base.mean()) < SELDOM
    done, total = 0, min(len(events), MAX_EVENTS)

    def again(event: Event) -> float | None:
        """Return in how many worlds a decision that was taken away is taken again."""
        if event.kind not in DECIDABLE:
            return None
        first, last = day(parse(event.date).lo_s).isoformat(), scenario.as_of
        sort = (event.kind, event.channel, event.by)
        alike = [e for e in events if (e.kind, e.channel, e.by) == sort]
        later = sum(parse(e.date).hi_s > parse(first).lo_s for e in alike)
        asked = EventBy(
            type="event_by",
            start=first,
            channel=event.channel,
            kind=str(event.kind),
            by=event.by,
            at_least=max(1, later),
            date=last,
        )
        variant = without(observed, (event.id,))
        update = {"outcomes": {"again": asked}, "observe_from": first}
        program = compile_scenario(variant.model_copy(update=update))
        tally = ensemble(program, chosen, replications, workers=workers, executor=executor)
        return float(tally.values[:, 0].mean())

    def but_for(group: tuple[Event, ...]) -> ButFor:
        nonlocal done
        ids = tuple(e.id for e in group)
        variant = without(observed, ids)
        changed = values(variant)
        came, stayed_out = int(base.sum()), int((~base).sum())
        failed, made = int((base & ~changed).sum()), int((~base & changed).sum())
        low, high = wilson(failed, came) if came else (0.0, 1.0)
        made_low, made_high = wilson(made, stayed_out) if stayed_out else (0.0, 1.0)
        done += 1
        if progress is not None:
            progress(min(done, total), total)
        return ButFor(
            events=ids,
            label="; ".join(label(e) for e in group),
            date=", ".join(e.date for e in group),
            share=failed / came if came else 0.0,
            low=low,
            high=high,
            made=made / stayed_out if stayed_out else 0.0,
            made_low=made_low,
            made_high=made_high,
            turned=turned,
            along=tuple(e for e, _ in swept_along(variant) if e not in ids),
            again=again(group[0]) if len(group) == 1 else None,
        )

    singles = [but_for((e,)) for e in events[:MAX_EVENTS]]
    reversals, tried = [b for b in singles if b.weight >= REVERSES], len(singles)
    exact = len(events) <= MAX_EVENTS
    for size in range(2, MAX_SET + 1):
        if reversals:
            break
        groups = list(combinations(events[:MAX_EVENTS], size))
        if tried + len(groups) > sets:
            exact = False
            groups = _likeliest(groups, singles, sets - tried)
        total += len(groups)
        found = [but_for(group) for group in groups]
        tried += len(found)
        reversals = [b for b in found if b.weight >= REVERSES]
    return Why(
        outcome=name,
        title=title_of(scenario, name),
        replications=replications,
        seed=chosen,
        share=float(base.mean()),
        events=tuple(sorted(singles, key=lambda b: (-b.weight, b.date, b.events))),
        reversals=tuple(sorted(reversals, key=lambda b: (-b.weight, b.events))),
        tried=tried,
        exact=exact,
        differences=tuple(_differences(observed, singles, q, chosen, replications, samples)),
        turned=turned,
    )


def asked_outcome(scenario: Scenario, outcome: str | None) -> str:
    """Return the outcome that is asked about: the one named, or the first yes-or-no one.

    Raises:
        InputError: the scenario has no such outcome.
    """
    types = types_of("yes_or_no")
    yes_or_no = [n for n, o in scenario.outcomes.items() if o.type in types]
    if not yes_or_no:
        rule = f"a why needs an outcome of type {', '.join(types[:-1])} or {types[-1]}"
        raise InputError([Problem(scenario.title, 0, "outcomes", rule)])
    if outcome is not None and outcome not in yes_or_no:
        rule = f"must be one of {', '.join(yes_or_no)}{did_you_mean(outcome, yes_or_no)}"
        raise InputError([Problem("--outcome", 0, "", rule, outcome)])
    return outcome or yes_or_no[0]


def _likeliest(
    groups: list[tuple[Event, ...]], singles: list[ButFor], most: int
) -> list[tuple[Event, ...]]:
    """Choose the sets whose members weigh most one by one."""
    share = {b.events[0]: b.weight for b in singles}
    ranked = sorted(groups, key=lambda g: (-sum(share[e.id] for e in g), [e.id for e in g]))
    return ranked[: max(0, most)]


# ---------------------------------------------------------------------------------- the first step


def _differences(
    scenario: Scenario, singles: list[ButFor], q: int, seed: int, replications: int, samples: int
) -> Iterable[FirstDifference]:
    """Show, for the event that weighs most, where sample replications part."""
    top = max(singles, key=lambda b: b.weight)
    if top.weight == 0.0 or samples == 0:
        return
    before = compile_scenario(scenario, retrace=True)
    after = compile_scenario(without(scenario, top.events))
    gone = {*top.events, *top.along}
    history = scenario.history.events if scenario.history else ()
    forced = [c.insert for c in scenario.changes if c.insert is not None]
    dates = {e.id: e.date for e in history}
    names = {e.id: label_of(e) for e in (*history, *forced)}
    shown = 0
    for r in range(min(replications, 200)):
        base = replicate(before, seed, r, trace=True)
        changed = replicate(after, seed, r, trace=True)
        counted = np.array([outcome_value(w.program, w.situation, q) for w in (base, changed)])
        if values_from(counted, scenario, before, q).tolist() != ([0, 1] if top.turned else [1, 0]):
            continue
        found = first_difference(base, changed, r, gone, dates, names)
        if found is not None:
            yield found
            shown += 1
        if shown == samples:
            return
