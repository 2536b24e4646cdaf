"""The figures of codings that are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from sim import plots
from sim.coding.agreement import Agreement
from sim.coding.stretches import days_compared, shared_viewpoints
from sim.galleries.names import channel_names, in_words, views
from sim.ground.dates import moment, parse
from sim.log.events import Event
from sim.log.projection import course_of, timeline
from sim.results.log_frames import TIME, intervals_frame, marks_frame

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ONLY = "only here: "
"""Before the name of an event that no other coding has."""


class CodingGallery:
    """The figures of an agreement, of one channel each."""

    def __init__(self, found: Agreement) -> None:
        self.found = found

    def states(self, channel: str) -> Figure:
        """Draw the states as each coding implies them, and the days on which they differ."""
        differing = [s for s in self.found.differing if s.channel == channel]
        rows = [
            (s.viewpoint, moment(parse(s.first).lo_s), moment(parse(s.last).hi_s), s.known)
            for s in differing
        ]
        times: dict[str, Any] = dict.fromkeys(("start", "end"), TIME)
        schema = {"viewpoint": pl.String, **times, "known": pl.Boolean}
        marked = pl.DataFrame(rows, schema=schema, orient="row")
        words = [
            in_words(self._bands(name, channel), self.found.logs[name]).with_columns(
                coding=pl.lit(name)
            )
            for name in self.found.names
        ]
        log = self.found.logs[self.found.names[0]]
        seen = marked["viewpoint"].unique().to_list()
        marked = marked.with_columns(pl.col("viewpoint").replace(views(seen, log.name_of)))
        named = channel_names(log.channels, log.name_of)
        return plots.codings(pl.concat(words), marked, title=named.get(channel, channel))

    def events(self, channel: str) -> Figure:
        """Draw the timeline of each coding: the events above the states of all viewpoints."""
        numbers = {name: f"{n}. {name}" for n, name in enumerate(self.found.names, 1)}
        bands = pl.concat(
            self._bands(name, channel).with_columns(channel=pl.lit(said))
            for name, said in numbers.items()
        )
        marks = pl.concat(
            self._marks(name, channel).with_columns(channel=pl.lit(said))
            for name, said in numbers.items()
        )
        return plots.timeline(bands, marks, channel)

    def _bands(self, name: str, channel: str) -> pl.DataFrame:
        log = self.found.logs[name]
        end_s = days_compared(self.found.stretches, channel)[1]
        course = course_of(log)
        return intervals_frame(
            i
            for viewpoint in shared_viewpoints(self.found.logs, channel)
            for i in timeline(log, channel, viewpoint, end_s=end_s, course=course)
        )

    def _marks(self, name: str, channel: str) -> pl.DataFrame:
        place = self.found.names.index(name)
        alone = {e.id for f in self.found.only(name) if (e := f.events[place]) is not None}
        compared: list[Event] = [e for f in self.found.facts if (e := f.events[place]) is not None]
        log = self.found.logs[name].model_copy(update={"events": tuple(compared)})
        marks = marks_frame(log, channels=[channel])
        said = pl.when(pl.col("id").is_in(sorted(alone))).then(pl.lit(ONLY)).otherwise(pl.lit(""))
        return marks.with_columns(label=said + pl.col("label"))
