"""The names that indices stand for while a scenario is compiled."""

from __future__ import annotations

from functools import cached_property

from sim.log.events import Event
from sim.model.compiling_forums import with_implied_forums
from sim.scenario.interventions import observed_from, run_type
from sim.scenario.scenario import Scenario
from sim.scenario.scope import Below, channels_of, past_start, run_span


class Names:
    """Places of parties, pairs and channels, and the span of the run."""

    def __init__(self, scenario: Scenario, retrace: bool, shown: bool = False) -> None:
        """`shown` leaves out what the sources of the history cannot show."""
        self.shown = shown
        self.what_if = retrace or run_type(scenario) == "what-if"
        self.scenario = scenario = with_implied_forums(scenario) if self.what_if else scenario
        self.observe_s = observed_from(scenario)
        self.as_of_s, self.until_s = run_span(scenario)
        self.parties = tuple(sorted(scenario.parties))
        self.party = {code: n for n, code in enumerate(self.parties)} | {None: -1}
        self.channels = channels_of(scenario)
        self.channel = {id_: n for n, id_ in enumerate(self.channels)} | {None: -1}
        pairs = {tuple(self.party[p] for p in c.parties) for c in self.channels.values()}
        self.dyads = tuple(sorted((a, b) for a, b in pairs))
        last_s = self.as_of_s if retrace else self.until_s
        self.shown_span = past_start(scenario), last_s
        """The time in which sources must show an act throughout for it to be asked."""

    def concerns(self, event: Event) -> bool:
        """Whether an event is on a channel of the scenario, or between parties of one."""
        if event.channel is not None:
            return event.channel in self.channels
        holder, national = getattr(event, "held_by", None), getattr(event, "national_of", None)
        if holder is not None and national is not None:
            if holder not in self.party or national not in self.party:
                return False
            a, b = sorted((self.party[holder], self.party[national]))
            return (a, b) in self.dyads
        return event.by is None or event.by in self.party

    @cached_property
    def levels(self) -> Below:
        """Which simulated channels lie below which others."""
        return Below(self.scenario, self.channels)

    def opens_below(self, event: Event) -> bool:
        """Whether an event is on a channel that is not simulated, and opens bursts on a lower level
        of the same pair."""
        return self.levels.hears(event)

    def below(self, channel: str) -> list[int]:
        """List the simulated channels of the same pair that lie on a lower level."""
        return [self.channel[id_] for id_ in self.levels.channels(channel)]
