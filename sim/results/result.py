"""What a run gave: its answers, tables and sample worlds, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.ground.errors import InputError, Problem, did_you_mean, shown
from sim.ground.schema import MAX_EVENTS
from sim.ground.version import program_version
from sim.kernel import run as kernel
from sim.learning.resting import PowerScaling
from sim.log.log import LEFT_OUT, Log
from sim.model.chronicle import chronicle
from sim.model.compiled_scenario import CompiledScenario
from sim.model.eventtable import happenings_of
from sim.model.expected import opportunities
from sim.model.players import Player, Recorded
from sim.model.reference import World
from sim.model.replication import replicate
from sim.model.situation import SimulatedEvent
from sim.model.tally import Tally
from sim.results.outcomes import Answer, answers, as_share, event_rates
from sim.results.over_fit import Unseen, own_draws, rests_of, unseen
from sim.results.over_weights import Drawn
from sim.results.variance import Split, split
from sim.scenario.interventions import run_type
from sim.scenario.provenance import made_by, scenario_digest
from sim.scenario.scenario import Scenario

if TYPE_CHECKING:
    import polars as pl

    from sim.results.by_government import UnderGovernment

MANY = 50_000
"""Opportunities in a world from which its log is written by the kernel: the readable model takes
some microseconds for each, and loading the kernel takes as long as these."""


def world_log(
    scenario: Scenario, program: CompiledScenario, world: World, **more: str | int
) -> Log:
    """Write what has happened in a world as a log, with what made it in its header."""
    where = {"seed": world.seed, "replication": world.replication}
    return _log(scenario, program, world.situation.happenings, where | more)


def _log(
    scenario: Scenario,
    program: CompiledScenario,
    happenings: Sequence[SimulatedEvent],
    more: Mapping[str, str | int],
) -> Log:
    made = made_by()
    header: dict[str, str | int] = {
        "scenario_sha256": scenario_digest(scenario),
        "seed": more["seed"],
        "replication": more["replication"],
        "level": run_type(scenario),
        "backchannel": made["program"]["version"],
        "python": str(made["python"]),
        **more,
    }
    return chronicle(scenario, program, happenings, header)


@dataclass(repr=False)
class Result:
    """A finished run's values. `sim.study.run.Run` adds its figures and its folder."""

    scenario: Scenario
    program: CompiledScenario
    seed: int
    tally: Tally
    executor: str = "kernel"
    players: Mapping[str, Player] | None = None
    interval_width: float | None = None
    """How narrow the run was to make every interval; None where the number was set."""
    events: bool = False
    """Whether every event of every replication is kept."""
    version: str = field(default_factory=program_version)
    """The version of the program that made the run."""
    drawn: Drawn | None = None
    """More worlds, with drawn weights, over which answers have a range; None where none were asked
    for."""
    answers_given: dict[int, list[bool | None]] = field(default_factory=dict)
    """What players answered in each replication, in order; None where doctrines decided."""
    notes: list[str] = field(default_factory=list)
    """What the user should know of how the run went."""
    _samples: dict[int, Log] = field(default_factory=dict, init=False, repr=False)

    def __repr__(self) -> str:
        """Say what was run, in a line."""
        worlds = f"{self.replications:,} worlds, seed {self.seed}"
        return f"<Run {self.scenario.title!r}: a {self.level} over {worlds}>"

    def _repr_html_(self) -> str:
        from sim.results.frames import html_of

        return html_of(
            repr(self).strip("<>"), self.outcomes.select("title", "estimate", "low", "high")
        )

    @property
    def replications(self) -> int:
        """How many replications the run holds."""
        return self.tally.replications

    @property
    def draws(self) -> int:
        """Draws of the weights that were asked for, over which answers have a range."""
        return 0 if self.drawn is None else self.drawn.asked

    @property
    def level(self) -> str:
        """What the run answers: `forecast`, `policy` or `what-if`."""
        return run_type(self.scenario)

    @cached_property
    def answers(self) -> list[Answer]:
        """The outcomes with their intervals, and their range over draws of the weights. Without
        worlds for it, a run over a fit has the range over its own worlds."""
        own = (self.scenario, self.program, self.tally)
        return answers(*own, self.drawn or own_draws(*own, self.seed))

    @cached_property
    def rests(self) -> dict[str, PowerScaling]:
        """What the answer to each outcome rests on, by name; empty without a fit."""
        return rests_of(self.scenario, self.program, self.tally, self.seed)

    @cached_property
    def variance(self) -> dict[str, Split]:
        """Of what the variance of each outcome is made, by name: chance, dates, weights and rules;
        nothing without draws of the weights, or of what does not vary."""
        drawn, found = self.drawn, dict[str, Split]()
        if drawn is None:
            return found
        for q, (name, asked) in enumerate(self.scenario.outcomes.items()):
            values = as_share(asked.type, drawn.values[:, q])
            pinned = None if drawn.pinned is None else as_share(asked.type, drawn.pinned[:, q])
            parts = split(values, drawn.draw, drawn.rules, pinned, drawn.dates)
            if parts is not None:
                found[name] = parts
        return found

    @cached_property
    def unseen(self) -> list[Unseen]:
        """Changes of state that the record of the run's fit never shows; empty without a fit."""
        return unseen(self.scenario, self.program, self.tally)

    @cached_property
    def outcomes(self) -> pl.DataFrame:
        """The outcomes, one row each; the columns are the fields of `sim.results.outcomes.Answer`,
        and of a run over a fit those of `sim.learning.resting.PowerScaling`."""
        from sim.results.frames import outcomes_frame

        return outcomes_frame(self.answers, self.rests)

    @cached_property
    def values(self) -> pl.DataFrame:
        """One row a replication, one column an outcome: 1 or 0 for a yes-or-no outcome, the share
        of days (0 to 1) for a share, and for a first time the days until then, null for never. Of
        each government that is drawn a column more: `government/` and its id, with the doctrine. Of
        each group of unnamed people `unnamed/` and its id, with their number."""
        from sim.results.columns_of_worlds import drawn_columns
        from sim.results.frames import values_frame

        frame = values_frame(self.scenario, self.program, self.tally)
        return frame.with_columns(**drawn_columns(self.scenario, self.seed, self.replications))

    @cached_property
    def by_government(self) -> list[UnderGovernment]:
        """The answers by who governs, where the scenario draws that; else nothing."""
        from sim.results.by_government import by_government

        return by_government(self.scenario, self.program, self.tally, self.seed)

    def occupancy(self, channel: str | None = None) -> pl.DataFrame:
        """Shares of replications in each state over time: time, viewpoint, state, share.

        Raises:
            InputError: the run has no such channel; the first is taken where none is named.
        """
        from sim.results.frames import occupancy_frame

        names = self.program.channels.names
        if channel is not None and channel not in names:
            rule = f"must be one of {', '.join(names)}{did_you_mean(channel, names)}"
            raise InputError([Problem("occupancy", 0, "channel", rule, shown(channel))])
        return occupancy_frame(self.program, self.tally, channel or names[0])

    def sample(self, replication: int = 0) -> Log:
        """The full log of one replication, history included; it is run once and kept."""
        if replication not in self._samples:
            self._samples[replication] = self._sampled(replication)
        return self._samples[replication]

    def _sampled(self, replication: int) -> Log:
        players = self.players
        if players and replication in self.answers_given:  # nobody is asked twice
            recorded = Recorded(self.answers_given[replication])
            players = dict.fromkeys(players, recorded)
        if self.executor == "kernel" and not players and opportunities(self.program) > MANY:
            _, events = kernel.run(self.program, self.seed, replication, 1, events=True)
            assert events is not None
            where = {"seed": self.seed, "replication": replication}
            if len(events) > MAX_EVENTS:
                where[LEFT_OUT] = len(events) - MAX_EVENTS
            told = happenings_of(self.program, events.head(MAX_EVENTS))
            return _log(self.scenario, self.program, told, where)
        world = replicate(self.program, self.seed, replication, players)
        return world_log(self.scenario, self.program, world)

    def summary(self) -> dict[str, Any]:
        """The run's answers as plain data, for JSON."""
        told: dict[str, Any] = {
            "title": self.scenario.title,
            "question": self.scenario.question,
            "level": self.level,
            "as_of": self.scenario.as_of,
            "until": self.scenario.until,
            "seed": self.seed,
            "replications": self.replications,
            "draws": self.draws,
            "outcomes": {
                a.name: {k: said for k, said in asdict(a).items() if k not in ("name", "worlds")}
                for a in self.answers
            },
            "variance": {name: asdict(parts) for name, parts in self.variance.items()},
            "events_per_replication": event_rates(self.program, self.tally),
        }
        if self.scenario.fit is not None:
            told["fit"] = self.scenario.fit.sha256
            told["rests_on"] = {name: found.plain() for name, found in self.rests.items()}
            told["unseen_transitions"] = [asdict(u) for u in self.unseen]
        if self.scenario.governments:
            told["by_government"] = [u.plain() for u in self.by_government]
        return told
