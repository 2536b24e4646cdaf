"""The names that indices stand for while a scenario is compiled."""

from __future__ import annotations

from sim.log.events import Event
from sim.model.compiling_past import with_implied_forums
from sim.scenario.attention import level_of
from sim.scenario.interventions import observed_from, run_type
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, run_span


class Names:
    """Places of parties, pairs and channels, and the span of the run."""

    def __init__(self, scenario: Scenario, retrace: bool) -> None:
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
        self.ranks = [level_of(id_, scenario.levels) for id_ in self.channels]
        """Of each channel, 0 for the highest level; None where the order does not name it."""

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

    def opens_below(self, event: Event) -> bool:
        """Whether an event is on a channel that is not simulated, and a row of the table makes it
        open bursts on a lower level of the same pair."""
        if event.channel is None or event.channel in self.channels or self.scenario.history is None:
            return False
        return bool(self.below(event.channel)) and any(
            event.kind in row.opener and row.level == "lower"
            for row in self.scenario.attention.values()
        )

    def below(self, channel: str) -> list[int]:
        """List the simulated channels of the same pair that lie on a lower level."""
        known = self.channels | (self.scenario.history.channels if self.scenario.history else {})
        rank = level_of(channel, self.scenario.levels)
        if channel not in known or rank is None:
            return []
        pair = sorted(known[channel].parties)
        return [
            n
            for n, (other, below) in enumerate(zip(self.channels.values(), self.ranks, strict=True))
            if below is not None and below > rank and sorted(other.parties) == pair
        ]
