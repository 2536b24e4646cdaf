"""The figures of a run or of a log, by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from sim import plots
from sim.galleries.figures import LOG_FIGURES, RUN_FIGURES, check_methods, names_of
from sim.galleries.forums import forums_of
from sim.galleries.names import channels_in, in_words, one_of
from sim.ground.dates import DAY_S, moment
from sim.log.events import ON_CHANNEL
from sim.log.knowing import PUBLIC
from sim.log.log import LEFT_OUT, STATES, Log
from sim.log.order import canonical_times
from sim.log.projection import course_of, known_events, sees, timeline
from sim.log.rulebook import OBSERVER
from sim.results import frames, log_frames
from sim.results.outcomes import held_of, title_of, values_of
from sim.results.result import Result
from sim.scenario.interventions import first_change
from sim.scenario.outcomes import types_of
from sim.scenario.scope import coded_log

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_MARKS = 500
"""Events that a timeline marks."""


class LogGallery:
    """The figures of a log; of what one viewpoint sees and knows, where one is given."""

    KINDS = names_of(LOG_FIGURES)

    def __init__(
        self,
        log: Log,
        start_s: int | None = None,
        end_s: int | None = None,
        *,
        viewpoint: str | None = None,
    ) -> None:
        """With `start_s` and `end_s` figures show what lies between two instants.

        Raises:
            ValueError: no channel of the log has that viewpoint.
        """
        self.log, self.start_s, self.viewpoint = log, start_s, viewpoint
        self.end_s = _shown_until(log) if end_s is None else end_s
        self._seen = sorted(log.channels) if viewpoint is None else sees(log, viewpoint)

    def _channels(self, channel: str | None) -> list[str]:
        return self._seen if channel is None else [one_of("channel", channel, self._seen)]

    def timeline(self, channel: str | None = None, *, title: str | None = None) -> Figure:
        """Draw the states from each viewpoint, under the events."""
        log, viewpoint, end, text = self.log, self.viewpoint, self.end_s, self.log.title
        channels = self._channels(channel)
        bands = log_frames.timeline_frame(log, channels=channels, end_s=end, viewpoint=viewpoint)
        marks = log_frames.marks_frame(log, channels=channels)
        marks = marks.filter(pl.col("time") < moment(end))
        if viewpoint is not None:
            known = known_events(log, log.events, viewpoint, course_of(log), end)
            marks = marks.filter(pl.col("id").is_in([event.id for *_, event in known]))
            plain = viewpoint in (OBSERVER, PUBLIC)
            who = f"the {viewpoint}" if plain else log.name_of(viewpoint)
            text = f"{text}, as {who} sees it"
        marks, text = _marked(in_words(marks, log), text if title is None else title)
        start = None if self.start_s is None else moment(self.start_s)
        return plots.timeline(in_words(bands, log), marks, text, start=start)

    def divergence(self, channel: str | None = None, *, title: str | None = None) -> Figure:
        """Draw where the two parties disagree about the state of their own channel."""
        channels = self._channels(channel)
        bands = log_frames.timeline_frame(self.log, channels=channels, end_s=self.end_s)
        if self.start_s is not None:
            bands = _clipped(bands, self.start_s, self.end_s)
        span = {"start_s": self.start_s, "end_s": self.end_s}
        return plots.divergence(
            in_words(bands, self.log),
            in_words(log_frames.divergence_frame(self.log, channels=channels, **span), self.log),
            title=self.log.title if title is None else title,
        )


class Gallery:
    """The figures of a run. `channel` is the scenario's first where it is left out."""

    KINDS = names_of(RUN_FIGURES)

    def __init__(self, run: Result) -> None:
        self.run = run

    @property
    def as_of(self) -> datetime:
        """The last second of the as-of date."""
        return moment(self.run.program.as_of_s - 1)

    @property
    def since(self) -> datetime | None:
        """The first second of the day on which the first change falls; None in a forecast."""
        first = first_change(self.run.scenario)
        return None if first is None else moment(first - first % DAY_S)

    @property
    def sample(self) -> Log:
        """The log of the first replication."""
        return self.run.sample()

    @cached_property
    def named(self) -> dict[str, str]:
        """What people read for each channel, by id."""
        return channels_in(self.run.scenario)

    @property
    def _start_s(self) -> int:
        """From when history is shown before what is simulated: for half as long as that lasts."""
        split_s, until_s = self.run.program.observe_s, self.run.program.until_s
        return split_s - (until_s - split_s) // 2

    def _channel(self, channel: str | None) -> str:
        return one_of("channel", channel, self.run.program.channels.names)

    def _titled(self, text: str, channel: str) -> str:
        """Name the channel of a figure where the run has several."""
        several = len(self.run.program.channels.names) > 1
        return f"{text}: {self.named[channel]}" if several else text

    def _end_of(self, log: Log) -> int:
        """Return how far a log of the run says what happened: to its last event, exclusive, where
        it does not hold them all."""
        if LEFT_OUT not in log.header:
            return self.run.program.until_s
        return max(canonical_times(log.events).values()) + 1

    def occupancy(self, channel: str | None = None, *, title: str | None = None) -> Figure:
        """Draw history as it was, then the fan of possible states, and what really happened."""
        name, program = self._channel(channel), self.run.program
        shares = frames.occupancy_frame(program, self.run.tally, name)
        before = really = None
        history = coded_log(self.run.scenario)
        if history is not None:
            split, start = program.observe_s, self._start_s
            line = timeline(history, name, OBSERVER, end_s=program.until_s)
            known = max([*canonical_times(history.events).values(), program.as_of_s])
            bands = log_frames.intervals_frame(line)
            before = _clipped(bands, start, split)
            if known > max(split, program.as_of_s) or split < program.as_of_s:
                really = _clipped(bands, split, min(known, program.until_s))
        return plots.occupancy(
            shares.filter(pl.col("viewpoint") == OBSERVER),
            intervals=before,
            as_of=self.as_of,
            really=really,
            since=self.since,
            forums=[(moment(at), called) for at, called in forums_of(self.run, name)],
            replications=self.run.replications,
            title=self._titled(self.run.scenario.title, name) if title is None else title,
        )

    def history(self, channel: str | None = None, *, title: str | None = None) -> Figure:
        """Draw the coded history; what came after the as-of date, and the model never saw, hollow.

        Raises:
            ValueError: the scenario has no history.
        """
        history, name = coded_log(self.run.scenario), self._channel(channel)
        if history is None:
            raise ValueError("the scenario has no history to draw")
        as_of_s = self.run.program.as_of_s
        later = max(canonical_times(history.events).values(), default=0) > as_of_s
        end = _shown_until(history) if later else as_of_s  # where it ends, so does the figure
        bands = log_frames.timeline_frame(history, channels=[name], end_s=end)
        marks = log_frames.marks_frame(history, channels=[name], as_of_s=as_of_s)
        return plots.timeline(
            in_words(bands, history),
            in_words(marks, history),
            title="The history as coded" if title is None else title,
            as_of=self.as_of,
        )

    def timeline(
        self, channel: str | None = None, *, replication: int = 0, title: str | None = None
    ) -> Figure:
        """Draw one replication: the last of history, and one way in which it might go on."""
        log, name = self.run.sample(replication), self._channel(channel)
        text = f"One possible world: replication {replication} of {self.run.replications:,}"
        bands = log_frames.timeline_frame(log, channels=[name], end_s=self._end_of(log))
        marks = in_words(log_frames.marks_frame(log, channels=[name]), log)
        marks, text = _marked(marks, text if title is None else title)
        start = moment(self._start_s)
        return plots.timeline(in_words(bands, log), marks, text, as_of=self.as_of, start=start)

    def divergence(
        self, channel: str | None = None, *, replication: int = 0, title: str | None = None
    ) -> Figure:
        """Draw where the two parties disagree about their channel, in one replication."""
        log = self.run.sample(replication)
        names, until = [self._channel(channel)], self._end_of(log)
        text = f"Two views of one channel, in replication {replication}"
        bands = log_frames.timeline_frame(log, channels=names, end_s=until)
        start = self._start_s
        shares = log_frames.divergence_frame(log, channels=names, start_s=start, end_s=until)
        return plots.divergence(
            in_words(_clipped(bands, start, until), log),
            in_words(shares, log),
            title=text if title is None else title,
            as_of=self.as_of,
        )

    def raster(self, channel: str | None = None, *, title: str | None = None) -> Figure:
        """Draw a row a replication, coloured by state."""
        name = self._channel(channel)
        text = self._titled("Many possible worlds, a row each", name)
        return plots.raster(
            self.run.tally.raster[:, self.run.program.channels.names.index(name)],
            frames.raster_times(self.run.program),
            as_of=self.as_of,
            replications=self.run.replications,
            title=text if title is None else title,
        )

    def transitions(self, channel: str | None = None, *, title: str | None = None) -> Figure:
        """Draw how the channel moves between its states after the as-of date."""
        name = self._channel(channel)
        moves, exposure = frames.transitions_frame(self.run.program, self.run.tally, name)
        text = self._titled("How the channel moves", name)
        return plots.transitions(moves, exposure, title=text if title is None else title)

    def attention(self, channel: str | None = None, *, title: str | None = None) -> Figure:
        """Draw how often which question comes up in the days after which event."""
        name = self._channel(channel)
        text = self._titled("What events bring up", name)
        rows = frames.attention_rows(self.run.scenario, name)
        return plots.attention(rows, title=text if title is None else title)

    def waiting(self, outcome: str | None = None, *, title: str | None = None) -> Figure:
        """Draw how long it takes to the first time in a state; `outcome` names a `first_time`.

        Raises:
            ValueError: the scenario has no such outcome.
        """
        asked = self.run.scenario.outcomes
        types = types_of("days")
        known = [n for n, o in asked.items() if o.type in types]
        if not known or (outcome is not None and outcome not in known):
            listed = ", ".join(known) or "none here"
            raise ValueError(f"needs an outcome of type {' or '.join(types)}: {listed}")
        name = outcome or known[0]
        run, q = self.run, list(asked).index(name)
        window, states = run.program.outcomes, getattr(asked[name], "state", ())
        return plots.waiting(
            values_of(run.scenario, run.program, run.tally, q),
            float(window.hi_s[q] - window.lo_s[q]) / DAY_S,
            target=sorted(states, key=STATES.index),
            as_of=moment(int(window.lo_s[q]) - 1),
            held=held_of(run.scenario, run.tally, q) or 0.0,
            title=title_of(run.scenario, name) if title is None else title,
        )


check_methods(LogGallery, LOG_FIGURES)
check_methods(Gallery, RUN_FIGURES)


def _marked(marks: pl.DataFrame, title: str) -> tuple[pl.DataFrame, str]:
    """Keep some events of too many, and say so in the title: each takes a line of the key."""
    if len(marks) > MAX_MARKS:
        marked = f"{MAX_MARKS} of {len(marks):,} events are marked, those on a channel first"
        title = f"{title}. {marked}" if title else marked
        of_the_world = ~pl.col("kind").is_in(ON_CHANNEL)
        marks = marks.sort(of_the_world, "time", maintain_order=True).head(MAX_MARKS)
    return marks, title


def _shown_until(log: Log) -> int:
    """Say how far a log is drawn beyond its last event, so that the state after that is seen, but
    not its lapse."""
    times = canonical_times(log.events).values()
    if not times:
        return 0
    return max(times) + min((max(times) - min(times)) // 25, 28 * DAY_S) + 1


def _clipped(bands: pl.DataFrame, start_s: int, end_s: int) -> pl.DataFrame:
    """Cut intervals to what lies between two instants."""
    return bands.with_columns(
        pl.col("lapse") & (pl.col("start") > moment(start_s)),
        pl.col("start").clip(lower_bound=moment(start_s)),
        pl.col("end").clip(upper_bound=moment(end_s)),
    ).filter(pl.col("start") < pl.col("end"))


def draw(gallery: Gallery | LogGallery, kind: str, channel: str | None = None) -> Figure:
    """Draw one figure by its name; for `waiting`, `channel` names the outcome.

    Raises:
        ValueError: there is no such figure or channel.
    """
    name = one_of("kind", kind, gallery.KINDS)
    method: Callable[[str | None], Figure] = getattr(gallery, name)
    return method(channel)
