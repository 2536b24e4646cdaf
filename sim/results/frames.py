"""A run's counts as Polars frames, in the shapes that figures and reports read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from html import escape
from itertools import permutations
from typing import Any

import numpy as np
import polars as pl

from sim.ground.column import ColumnType
from sim.ground.columns import TABLES
from sim.ground.dates import DAY_S, moment
from sim.learning.resting import PowerScaling
from sim.log.log import STATES
from sim.log.rulebook import OBSERVER
from sim.model.compiled_scenario import CompiledScenario
from sim.model.tally import Tally
from sim.results.outcomes import Answer, values_of
from sim.results.over_weights import OverWeights
from sim.scenario.outcomes import OUTCOME_RULES
from sim.scenario.scenario import Scenario
from sim.scenario.scope import rates_of

TYPES: dict[ColumnType, Any] = {
    "string": pl.String,
    "number": pl.Float64,
    "integer": pl.Int64,
    "boolean": pl.Boolean,
    "date": pl.String,
}
"""By the type of a column of a table that is written, that of its values; days stay as written."""
WEIGHTS = "weights_"
"""How the name of a column begins that tells of the range over draws of the weights."""
YEAR_S = 365.25 * DAY_S


def outcomes_frame(
    found: Iterable[Answer], rests: Mapping[str, PowerScaling] | None = None
) -> pl.DataFrame:
    """One row an outcome: the fields of `sim.results.outcomes.Answer`; those of its range over
    draws of the weights, each after `weights_`, null where it has none; and those of
    `sim.learning.resting.PowerScaling` unless `rests` is empty, null where history settles an
    outcome."""
    told = {name: scaled.plain() for name, scaled in (rests or {}).items()}
    rows = [vars(a) | weights_columns(a.over_weights) | told.get(a.name, {}) for a in found]
    without = () if told else [f.name for f in fields(PowerScaling)]
    return pl.DataFrame(rows, schema=schema_of("outcomes.csv", without))


def schema_of(file: str, without: Collection[str] = ()) -> dict[str, Any]:
    """Return the columns of a table as it is written, with the types of their values, but for
    some. Rows become a frame by it: what they hold besides is left out, what they lack is null."""
    return {c.name: TYPES[c.type] for c in TABLES[file] if c.name not in without}


def weights_columns(over: OverWeights | None) -> dict[str, Any]:
    """Return a range over draws of the weights as columns; nothing where there is none."""
    return {} if over is None else {f"{WEIGHTS}{name}": x for name, x in vars(over).items()}


def values_frame(scenario: Scenario, program: CompiledScenario, tally: Tally) -> pl.DataFrame:
    """One row a replication, one column an outcome: 1 or 0 for a yes-or-no outcome, the share of
    days (0 to 1) for a share, and for a first time the days until then, null where it never came.
    """
    columns: dict[str, Any] = {"replication": np.arange(tally.replications)}
    for q, (name, outcome) in enumerate(scenario.outcomes.items()):
        values = values_of(scenario, program, tally, q)
        yes_or_no = OUTCOME_RULES[outcome.type].form == "yes_or_no"
        columns[name] = values.astype(np.int64) if yes_or_no else pl.Series(values).fill_nan(None)
    return pl.DataFrame(columns)


def occupancy_frame(program: CompiledScenario, tally: Tally, channel: str) -> pl.DataFrame:
    """Shares of replications in each state: time, viewpoint, state, share."""
    c = program.channels.names.index(channel)
    views = (OBSERVER, *(program.parties[p] for p in program.channels.party[c]))
    shares = tally.occupancy[c] / tally.replications  # [3, G, 4]
    instants = program.grid_s + 1  # the grid holds last seconds of days: show the day's end
    times = np.array(instants * 1_000_000, dtype="datetime64[us]")
    v, g, s = shares.shape
    return pl.DataFrame(
        {
            "time": np.tile(np.repeat(times, s), v),
            "viewpoint": np.repeat(np.array(views), g * s),
            "state": np.tile(np.array(STATES), v * g),
            "share": shares.ravel(),
        }
    ).with_columns(pl.col("time").dt.replace_time_zone("UTC"))


def transitions_frame(
    program: CompiledScenario, tally: Tally, channel: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Changes of state as the observer sees them: (source, target, count, rate_per_year), and
    (state, years); counts and years are means over replications."""
    c, n = program.channels.names.index(channel), tally.replications
    years = tally.exposure_s[c, 0] / n / YEAR_S
    rows = []
    for (i, source), (j, target) in permutations(enumerate(STATES), 2):
        moves = int(tally.moves[c, 0, i, j]) / n
        rows.append((source, target, moves, moves / years[i] if years[i] else 0.0))
    columns = ("source", "target", "count", "rate_per_year")
    exposure = pl.DataFrame({"state": list(STATES), "years": years})
    return pl.DataFrame(rows, schema=columns, orient="row"), exposure


def raster_times(program: CompiledScenario) -> list[datetime]:
    """The days' ends that a raster's columns stand for."""
    return [moment(int(t) + 1) for t in program.grid_s]


def html_of(heading: str, frame: pl.DataFrame) -> str:
    """Write a frame as HTML under a heading, as notebooks show results."""
    return f"<p><strong>{escape(heading)}</strong></p>{frame._repr_html_()}"


SIDES = {"initiator": "who did it", "other": "the other side", "both": "both sides"}


def attention_rows(scenario: Scenario, channel: str) -> list[dict[str, Any]]:
    """Return what events bring up on a channel, for the figure: a row for each row of the table and
    kind of event, by event and name."""
    rates, found = rates_of(scenario, channel), list[dict[str, Any]]()
    table = sorted(
        scenario.attention.items(), key=lambda r: (r[1].level == "lower", r[1].opener, r[0])
    )
    for _, row in table:
        routine = rates.of(row.act)
        if routine == 0.0 or row.m == 0.0:
            continue
        kinds = " or ".join(kind.replace("_", " ") for kind in row.opener)
        after = f"{'Higher level' if row.level == 'lower' else 'After'}: {kinds}"
        asks = f"{row.act.replace('_', ' ')}, {SIDES[row.side]}"
        burst = {"after": after, "asks": asks, "m": row.m, "tau_days": row.tau_days}
        found.append(burst | {"routine": routine})
    return found
