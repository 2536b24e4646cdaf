"""Results as Polars frames, in the shapes that figures and reports read. Owns polars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from iso3166 import countries_by_alpha3

from sim.ground.dates import DAY_S, moment, parse
from sim.log.events import Event
from sim.log.log import STATES, Log, canonical_times, in_order
from sim.log.projection import Interval, disagreement, timeline, viewpoints
from sim.log.rulebook import OBSERVER
from sim.model.program import OUTCOME_TYPES, Program
from sim.model.tally import Tally
from sim.study.outcomes import Answer

if TYPE_CHECKING:
    from sim.study.comparing import Contrast
    from sim.study.sweeping import Point

TIME = pl.Datetime("us", "UTC")
YEAR_S = 365.25 * DAY_S


def outcomes_frame(found: Iterable[Answer]) -> pl.DataFrame:
    """One row an outcome: the fields of `sim.study.outcomes.Answer`."""
    texts = dict.fromkeys(("name", "title", "type"), pl.String)
    schema = {f: texts.get(f, pl.Float64) for f in Answer.__dataclass_fields__}
    return pl.DataFrame([asdict(a) for a in found], schema=schema)


def contrasts_frame(contrasts: Iterable[Contrast], gaps: Mapping[Any, float]) -> pl.DataFrame:
    """One row a contrast: the fields of `sim.study.comparing.Contrast`, and `gap` where it was asked."""
    rows = [asdict(c) | {"gap": gaps.get((c.other, c.outcome))} for c in contrasts]
    texts = dict.fromkeys(("outcome", "title", "other", "unit"), pl.String)
    numbers = ("base", "changed", "difference", "low", "high", "narrowing", "alike", "gap")
    return pl.DataFrame(rows, schema=texts | dict.fromkeys(numbers, pl.Float64))


def sweep_frame(paths: Iterable[str], points: Iterable[Point]) -> pl.DataFrame:
    """One row a point and outcome: a column a path, then outcome, title, estimate, low, high."""
    rows = [
        {**p.values, "outcome": a.name, "title": a.title}
        | {"estimate": a.estimate, "low": a.low, "high": a.high}
        for p in points
        for a in p.answers
    ]
    schema: dict[str, Any] = dict.fromkeys(paths, pl.Float64)
    schema |= {"outcome": pl.String, "title": pl.String}
    return pl.DataFrame(
        rows, schema=schema | dict.fromkeys(("estimate", "low", "high"), pl.Float64)
    )


def values_frame(program: Program, tally: Tally) -> pl.DataFrame:
    """One row a replication, one column an outcome: 1 or 0 for a yes-or-no outcome, the share of
    days (0 to 1) for a share, and for a first time the days until then, null where it never came.
    """
    columns: dict[str, Any] = {"replication": np.arange(tally.replications)}
    for q, name in enumerate(program.outcomes.names):
        kind = OUTCOME_TYPES[program.outcomes.type[q]]
        values: Any = tally.values[:, q]
        if kind == "share_of_days":
            values = values / float(program.outcomes.hi_s[q] - program.outcomes.lo_s[q])
        elif kind == "first_time":
            values = pl.Series(np.where(values < 0, np.nan, values / DAY_S), nan_to_null=True)
        columns[name] = values
    return pl.DataFrame(columns)


def intervals_frame(intervals: Iterable[Interval]) -> pl.DataFrame:
    """One row a stretch of one state: channel, viewpoint, state, start, end, event, lapse."""
    rows = [
        (i.channel, i.viewpoint, i.state, moment(i.start_s), moment(i.end_s), i.event, i.lapsed)
        for i in intervals
    ]
    schema: dict[str, Any] = {
        "channel": pl.String,
        "viewpoint": pl.String,
        "state": pl.String,
        "start": TIME,
        "end": TIME,
        "event": pl.String,
        "lapse": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def timeline_frame(
    log: Log, *, channels: Iterable[str] | None = None, end_s: int | None = None
) -> pl.DataFrame:
    """All viewpoints' intervals of some channels of a log, or of all."""
    chosen = list(channels or log.channels)
    return intervals_frame(
        i for c in chosen for v in viewpoints(log, c) for i in timeline(log, c, v, end_s=end_s)
    )


def marks_frame(
    log: Log, *, channels: Iterable[str] | None = None, as_of_s: int | None = None
) -> pl.DataFrame:
    """One row an event and channel: channel, time, lo, hi, id, kind, label, by, really.

    An event of the world has a row on each channel. `really` marks those after `as_of_s`.
    """
    times, chosen = canonical_times(log.events), list(channels or log.channels)
    rows = []
    for place, event in enumerate(in_order(log.events, times)):
        span = parse(event.date)
        # figures sort by time: a microsecond keeps the order of those at one instant
        time = moment(times[event.id]) + timedelta(microseconds=place)
        for channel in chosen:
            if event.channel in (channel, None):
                rows.append(
                    (
                        channel,
                        time,
                        moment(span.lo_s),
                        moment(span.hi_s),
                        event.id,
                        event.kind,
                        label(event),
                        event.by,
                        as_of_s is not None and span.hi_s > as_of_s,
                    )
                )
    texts = {"id": pl.String, "kind": pl.String, "label": pl.String, "by": pl.String}
    schema: dict[str, Any] = {"channel": pl.String, "time": TIME, "lo": TIME, "hi": TIME, **texts}
    return pl.DataFrame(rows, schema={**schema, "really": pl.Boolean}, orient="row")


def label(event: Event) -> str:
    """Name an event in a few words, for a mark on a timeline."""
    words = str(event.kind).replace("_", " ").capitalize()
    if event.kind in ("escalation", "deescalation"):
        words = event.label.replace("-", " ").replace("_", " ").capitalize()
    elif event.kind in ("detained", "sentenced", "released"):
        people = ", ".join(_person(p) for p in event.persons[:2])
        more = f" and {len(event.persons) - 2} more" if len(event.persons) > 2 else ""
        words = f"{people}{more} {event.kind}"
    elif event.kind in ("treaty_suspended", "treaty_resumed"):
        words = f"{event.treaty} {str(event.kind).partition('_')[2]}"
    elif event.kind in ("contact_refused", "contact_cut", "meeting_cancelled", "statement"):
        words += f" ({event.by})" if event.by else ""
    elif event.kind == "copresence":
        words = "No talk"
    elif event.kind == "call_held" and set(event.agenda) == {"detainees"}:
        words = "Call on detainees"
    if event.kind in ("meeting_held", "corridor_talk", "copresence") and event.place:
        words += f", {event.place.partition(',')[0].partition('(')[0].strip()}"
    return words


def _person(slug: str) -> str:
    """Write a person's slug as a name: `paul-whelan` as Paul Whelan, `usa-detainee-1` as one."""
    first, _, rest = slug.partition("-")
    if first.upper() in countries_by_alpha3:
        return f"{first.upper()} {rest.replace('-', ' ')}"
    return slug.replace("-", " ").title()


def events_frame(log: Log) -> pl.DataFrame:
    """One row an event, in order: time, date, id, kind, channel, by, agenda, causes, summary."""
    times = canonical_times(log.events)
    rows = [
        (
            moment(times[e.id]),
            e.date,
            e.id,
            e.kind,
            e.channel,
            e.by,
            " ".join(e.agenda),
            " ".join(e.causes),
            e.summary,
        )
        for e in in_order(log.events, times)
    ]
    names = ("date", "id", "kind", "channel", "by", "agenda", "causes", "summary")
    schema: dict[str, Any] = {"time": TIME, **dict.fromkeys(names, pl.String)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def occupancy_frame(program: Program, tally: Tally, channel: str) -> pl.DataFrame:
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
    program: Program, tally: Tally, channel: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Changes of state as the observer sees them: (source, target, count, rate_per_year), and
    (state, years); counts and years are means over replications."""
    c, n = program.channels.names.index(channel), tally.replications
    years = tally.exposure_s[c, 0] / n / YEAR_S
    rows = []
    for i, source in enumerate(STATES):
        for j, target in enumerate(STATES):
            moves = int(tally.moves[c, 0, i, j]) / n
            if i != j:
                rows.append((source, target, moves, moves / years[i] if years[i] else 0.0))
    schema = {
        "source": pl.String,
        "target": pl.String,
        "count": pl.Float64,
        "rate_per_year": pl.Float64,
    }
    exposure = pl.DataFrame({"state": list(STATES), "years": years})
    return pl.DataFrame(rows, schema=schema, orient="row"), exposure


def divergence_frame(
    log: Log, *, channels: Iterable[str] | None = None, end_s: int | None = None
) -> pl.DataFrame:
    """Share of days on which a channel's parties see different states: channel, party_a, party_b,
    share."""
    rows = []
    for c in channels or log.channels:
        _, a, b = viewpoints(log, c)
        lines = [timeline(log, c, v, end_s=end_s) for v in (a, b)]
        rows.append((c, a, b, disagreement(*lines)))
    schema = {"channel": pl.String, "party_a": pl.String, "party_b": pl.String, "share": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def raster_times(program: Program) -> list[datetime]:
    """The days' ends that a raster's columns stand for."""
    return [moment(int(t) + 1) for t in program.grid_s]
