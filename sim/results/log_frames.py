"""Logs as Polars frames: states, events and disagreements, in the shapes that figures read."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl

from sim.ground.dates import moment, parse
from sim.log.disagreement import disagreement
from sim.log.events import Event
from sim.log.label import label
from sim.log.log import Log
from sim.log.order import canonical_times, in_order
from sim.log.projection import Interval, course_of, timeline, viewpoints

TIME = pl.Datetime("us", "UTC")


def intervals_frame(intervals: Iterable[Interval]) -> pl.DataFrame:
    """One row a stretch of one state: channel, viewpoint, state, start, end, event, lapse."""
    rows = [
        (i.channel, i.viewpoint, i.state, moment(i.start_s), moment(i.end_s), i.event, i.lapsed)
        for i in intervals
    ]
    schema: dict[str, Any] = dict.fromkeys(("channel", "viewpoint", "state"), pl.String)
    schema |= {"start": TIME, "end": TIME, "event": pl.String, "lapse": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def timeline_frame(
    log: Log,
    *,
    channels: Iterable[str] | None = None,
    end_s: int | None = None,
    viewpoint: str | None = None,
) -> pl.DataFrame:
    """All viewpoints' intervals of some channels of a log, or of all; or those of one viewpoint."""
    chosen, course = list(channels or log.channels), course_of(log)
    return intervals_frame(
        i
        for c in chosen
        for v in ([viewpoint] if viewpoint is not None else viewpoints(log, c))
        for i in timeline(log, c, v, end_s=end_s, course=course)
    )


def marks_frame(
    log: Log, *, channels: Iterable[str] | None = None, as_of_s: int | None = None
) -> pl.DataFrame:
    """One row an event and channel: channel, time, lo, hi, id, kind, label, by, really.

    An event without a channel has a row on each channel whose two parties it concerns: of people
    held, those of holder and state; of other events, those of whoever began it, or all. `really`
    marks those after `as_of_s`.
    """
    times, chosen = canonical_times(log.events), list(channels or log.channels)
    rows = []
    for place, event in enumerate(in_order(log.events, times)):
        span = parse(event.coded_date or event.date)
        # figures sort by time: a microsecond keeps the order of those at one instant
        time = moment(times[event.id]) + timedelta(microseconds=place)
        for channel in chosen:
            if concerns(event, channel, log.channels[channel].parties):
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


def concerns(event: Event, channel: str, parties: tuple[str, str]) -> bool:
    """Whether an event is on a channel, or has none and concerns its two parties."""
    if event.channel is not None:
        return channel in (event.channel, *event.also_on)
    people = {getattr(event, "held_by", None), getattr(event, "national_of", None)} - {None}
    if people:
        return people <= {*parties}
    return event.by is None or event.by in parties


def events_frame(log: Log) -> pl.DataFrame:
    """One row an event, in order: time, date, id, kind, channel, by, agenda, causes, summary.

    The date is the coded one; a run may have drawn the time from it."""
    times = canonical_times(log.events)
    rows = [
        (
            moment(times[e.id]),
            e.coded_date or e.date,
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


def divergence_frame(
    log: Log,
    *,
    channels: Iterable[str] | None = None,
    start_s: int | None = None,
    end_s: int | None = None,
) -> pl.DataFrame:
    """Share of days on which a channel's parties see different states, of those on which both are
    known: channel, party_a, party_b, share, which is null where there are none. `start_s` is the
    first instant that counts, by default the log's."""
    rows, course = [], course_of(log)
    for c in channels or log.channels:
        a, b = sorted(log.channels[c].parties)
        lines = [timeline(log, c, v, end_s=end_s, course=course) for v in (a, b)]
        if start_s is not None:
            lines = [
                [replace(i, start_s=max(i.start_s, start_s)) for i in line if i.end_s > start_s]
                for line in lines
            ]
        share = None
        with suppress(ValueError):  # where nothing is known of both, there is nothing to compare
            share = disagreement(*lines)
        rows.append((c, a, b, share))
    schema = {"channel": pl.String, "party_a": pl.String, "party_b": pl.String, "share": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")
