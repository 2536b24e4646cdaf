"""A first look out of sample: states after the day up to which weights were learned.

From each origin (that day, and each end of a month after it) worlds are run with what is known by
then, and the observer's state at later ends of months is scored by the logarithm of the probability
that it was given (Good 1952, "Rational decisions", JRSS B 14). The weights stay those of the first
day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from sim.ground.dates import DAY_S, day, parse
from sim.kernel import run as kernel
from sim.learning.baselines import NOT_KNOWN, Path, baselines_of, state_at
from sim.learning.design import design_of
from sim.learning.fitting import Fit, Progress
from sim.learning.predicting import own_weights
from sim.learning.priors import Parameters, doctrine_weights
from sim.log.log import STATES, Channel
from sim.model.compiled_scenario import CompiledScenario, Floats
from sim.model.compiling import compile_scenario
from sim.scenario.outcomes import StateAt
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of

HORIZONS = (1, 3, 6, 12)
"""Months ahead."""
ONWARD = 0
"""Stands for all ends of months from the first origin on."""
LEAST_MONTHS = 3
"""Ends of months that a look out of sample takes, at least."""
DRAWN, EACH = 40, 25
"""Draws of the weights that are used, and worlds of each."""
SHIPPED, FITTED = "the doctrines' own weights", "the fitted weights"
PERSISTENCE, BASE, CHAIN = "persistence", "base rate", "Markov chain"
MODELS, BASELINES = (FITTED, SHIPPED), (PERSISTENCE, BASE, CHAIN)


@dataclass(frozen=True)
class Scored:
    """One forecast of one channel's state at one end of a month."""

    forecaster: str
    channel: str
    origin: str
    """The last day that is known."""
    months: int
    """How many ends of months ahead."""
    changed: bool
    """Whether the state differs from that of the origin."""
    probability: float
    """What it gave to the state that came."""

    @property
    def score(self) -> float:
        return float(np.log(self.probability))


@dataclass(frozen=True)
class Line:
    """The mean score of one forecaster over one horizon."""

    horizon: int
    """Months ahead; `ONWARD` for all from the first origin on."""
    forecaster: str
    number: int
    score: float
    changed: int
    score_changed: float | None
    """Where the state differs from that of the origin; None where it never does."""
    score_same: float | None


def month_ends(after_s: int, until_s: int) -> list[int]:
    """List the last seconds of the months that end after an instant and before another."""
    found: list[int] = []
    at = day(after_s).replace(day=1)
    while True:
        at = (at + timedelta(days=32)).replace(day=1)
        end_s = parse(at.isoformat()).lo_s
        if end_s > until_s:
            return found
        if end_s > after_s:
            found.append(end_s - 1)


def known_by(
    scenario: Scenario, channels: tuple[str, ...], at_s: int, ends_s: list[int]
) -> Scenario:
    """Return the scenario that forecasts from an instant and asks for states at ends of months."""
    asked = {
        _name(k, n, state): StateAt(
            type="state_at", channel=channel, state=(state,), date=day(end_s).isoformat()
        )
        for k, end_s in enumerate(ends_s)
        for n, channel in enumerate(channels)
        for state in STATES
    }
    return scenario.model_copy(
        update={
            "as_of": day(at_s - 1).isoformat(),
            "until": day(ends_s[-1]).isoformat(),
            "outcomes": dict(sorted(asked.items())),
            "changes": (),
            "sweep": {},
            "seminar": None,
            "show_from": None,
        }
    )


def _name(month: int, channel: int, state: str) -> str:
    return f"{month:04d}-{channel}-{state}"


def model_chances(
    program: CompiledScenario,
    channels: Sequence[Channel],
    months: int,
    weights: list[Floats],
    each: int,
    seed: int,
) -> Floats:
    """Return the shares of worlds [channels, months, 4] in each state at ends of months, half a
    world added to each; each of `weights` [parties, decisions, features] has `each` worlds."""
    counts = np.zeros(len(program.outcomes.names))
    for n, own in enumerate(weights):
        tally, _ = kernel.run(own_weights(program, own), seed, n * each, each)
        counts += tally.values.sum(axis=0)
    place = {name: q for q, name in enumerate(program.outcomes.names)}
    order = [
        [[place[_name(k, c, state)] for state in STATES] for k in range(months)]
        for c in range(len(channels))
    ]
    may = np.array([[[state in c.states for state in STATES]] for c in channels])
    worlds = len(weights) * each + 0.5 * may.sum(axis=2, keepdims=True)
    return np.asarray((counts[order] + 0.5 * may) / worlds)


def look_beyond(fit: Fit, progress: Progress | None = None) -> list[Scored] | None:
    """Score forecasts by a fit of what its scenario knows after the day up to which its weights
    were learned; None where it knows of fewer than `LEAST_MONTHS` ends of months later."""
    scenario, learned_s = fit.setup.scenario, fit.design.program.as_of_s
    if len(month_ends(learned_s, parse(scenario.as_of).hi_s)) < LEAST_MONTHS:
        return None
    whole = design_of(scenario)
    span = (fit.design.start_s, learned_s, whole.program.as_of_s)
    return look(scenario, whole.states, fit.parameters, fit.pooled, span, fit.seed, progress)


def look(
    scenario: Scenario,
    paths: tuple[Path, ...],
    parameters: Parameters,
    draws: Floats,
    span: tuple[int, int, int],
    seed: int,
    progress: Progress | None = None,
) -> list[Scored]:
    """Score forecasts of a record after the day up to which its weights were learned.

    `paths` are the observer's states of each channel, by name, over all of the record; `draws`
    [draws, P] are of the weights; `span` holds the first instant of which the history is complete,
    the end of that day, and the end of the record.
    """
    start_s, learned_s, end_s = span
    ends_s = month_ends(learned_s, end_s)
    simulated = channels_of(scenario)
    names, channels = tuple(simulated), tuple(simulated.values())
    known = [
        baselines_of(path, start_s, learned_s, month_ends(start_s, learned_s), channel.states)
        for path, channel in zip(paths, channels, strict=True)
    ]
    chosen = draws[(np.arange(DRAWN) * len(draws)) // DRAWN]
    origins = [learned_s, *(e + 1 for e in ends_s[:-1])]
    found: list[Scored] = []
    for done, at_s in enumerate(origins):
        ahead = [e for e in ends_s if e >= at_s]
        program = compile_scenario(known_by(scenario, names, at_s, ahead))
        own = program.doctrines.weights[0, program.doctrines.initial]
        fitted = [doctrine_weights(parameters, program, d) for d in chosen]
        shape = (program, channels, len(ahead))
        models = {
            FITTED: model_chances(*shape, fitted, EACH, seed),
            SHIPPED: model_chances(*shape, [own], DRAWN * EACH, seed),
        }
        for c, path in enumerate(paths):
            now = state_at(path, at_s - 1)
            for k, e in enumerate(ahead):
                days, came = (e + 1 - at_s) / DAY_S, state_at(path, e)
                if NOT_KNOWN in (now, came):
                    continue
                given = {name: models[name][c, k] for name in MODELS}
                given |= {
                    PERSISTENCE: known[c].persistence(now),
                    BASE: known[c].base,
                    CHAIN: known[c].chain(now, days),
                }
                origin = day(at_s - 1).isoformat()
                for name, chances in given.items():
                    changed, chance = came != now, float(chances[came])
                    found.append(Scored(name, names[c], origin, k + 1, changed, chance))
        if progress is not None:
            progress(done + 1, len(origins))
    return found


def lines_of(found: list[Scored]) -> list[Line]:
    """Return the mean scores, by horizon and forecaster: all ends of months from the first origin
    on, then so many months ahead from every origin."""
    lines = []
    for horizon in (ONWARD, *HORIZONS):
        for name in (*MODELS, *BASELINES):
            mine = [s for s in found if s.forecaster == name and _of(s, horizon, found[0].origin)]
            if mine:
                moved = [s.score for s in mine if s.changed]
                still = [s.score for s in mine if not s.changed]
                mean = float(np.mean([s.score for s in mine]))
                lines.append(
                    Line(horizon, name, len(mine), mean, len(moved), _mean(moved), _mean(still))
                )
    return lines


def _of(scored: Scored, horizon: int, first: str) -> bool:
    return scored.origin == first if horizon == ONWARD else scored.months == horizon


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def not_beaten(lines: list[Line]) -> list[tuple[Line, Line]]:
    """List where the fitted weights do not beat a baseline, or the doctrines' own weights: (their
    line, the other)."""
    return [
        (mine, other)
        for mine in lines
        for other in lines
        if mine.forecaster == FITTED
        and other.forecaster in (SHIPPED, *BASELINES)
        and other.horizon == mine.horizon
        and mine.score <= other.score
    ]


def line_rows(lines: list[Line]) -> list[dict[str, Any]]:
    """Return lines as plain rows."""
    return [asdict(line) for line in lines]
