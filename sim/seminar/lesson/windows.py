"""Whether a yes-or-no outcome comes about in a stretch of a log."""

from __future__ import annotations

from collections.abc import Mapping

from sim.log.events import Event
from sim.log.log import Channel, Log
from sim.log.order import canonical_times
from sim.log.projection import Interval, timeline
from sim.log.rulebook import OBSERVER
from sim.scenario.outcomes import EventBy, Outcome, StateAt, StateBy


class Windows:
    """Whether a yes-or-no outcome comes about in windows of a log, counted as the model counts."""

    def __init__(
        self,
        log: Log,
        outcome: Outcome,
        simulated: Mapping[str, Channel],
        end_s: int,
    ) -> None:
        """`simulated` are the channels of the scenario, and `end_s` ends the last window."""
        self.outcome, self.channel = outcome, outcome.channel
        """The channel that it is about; None where events on any count."""
        self.counted: list[tuple[int, int, str]] = []
        """The instant of each event that counts, how much it counts, and its id."""
        self.states: list[Interval] = []
        if isinstance(outcome, EventBy):
            times = canonical_times(log.events)
            for event in log.events:
                by = event.by or getattr(event, "held_by", None)
                on = {event.channel, *event.also_on}
                fits = event.kind in outcome.kind and not on.isdisjoint({None, *simulated})
                fits = fits and (outcome.by is None or by == outcome.by)
                if fits and (self.channel is None or self.channel in on):
                    n = _people(event) if outcome.count == "people" else 1
                    self.counted.append((times[event.id], n, event.id))
        else:
            self.channel = self.channel or next(iter(simulated))
            view = getattr(outcome, "viewpoint", OBSERVER)
            self.states = timeline(log, self.channel, view, end_s=end_s)

    def holds(self, start_s: int, end_s: int) -> bool:
        """Whether it comes about from one instant to before another."""
        match self.outcome:
            case EventBy(at_least=least):
                return sum(n for t, n, _ in self.counted if start_s <= t < end_s) >= least
            case StateAt(state=wanted):
                held = [i.state for i in self.states if i.start_s < end_s]
                return bool(held) and held[-1] in wanted
            case StateBy(state=wanted):  # as the model counts: the state at the start is enough
                return any(
                    i.state in wanted and i.end_s >= start_s and i.start_s < end_s
                    for i in self.states
                )
        raise TypeError(f"{self.outcome.type} has no yes or no")

    def is_known(self, start_s: int, end_s: int) -> bool:
        """Whether the log knows if it comes about in a window: a state may not be known."""
        return not any(
            i.state is None and i.start_s < end_s and i.end_s > start_s for i in self.states
        )

    def evidence(self, start_s: int, end_s: int) -> tuple[str, ...]:
        """List the events in a window that decide it, in order of time: those that are counted, or
        those that began a state that is asked for."""
        if isinstance(self.outcome, EventBy):
            return tuple(id_ for t, _, id_ in sorted(self.counted) if start_s <= t < end_s)
        wanted = getattr(self.outcome, "state", ())
        return tuple(
            i.event
            for i in self.states
            if i.event is not None and i.state in wanted and start_s <= i.start_s < end_s
        )


def _people(event: Event) -> int:
    return len(getattr(event, "persons", ())) + getattr(event, "unnamed", 0)
