"""What is asked of a hindcast: from which days, how far ahead, when weights are learned anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import Any

from sim.ground.dates import DAY_S, day, end_of, parse
from sim.ground.errors import InputError, Problem
from sim.ground.files import canonical_json
from sim.ground.version import MODEL_VERSION, program_version
from sim.hindcast.origins import month_end, month_ends
from sim.log.coverage import shown_since, shown_until
from sim.log.log import Log
from sim.scenario.doctrine import DoctrinePrior
from sim.scenario.resolve import resolved_text
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, coded_log, run_span

HORIZONS = (1, 3, 6, 12)
"""Months ahead."""
MOST_MONTHS = 60
"""Months that a horizon may have."""
FIRST_DAYS = 300
"""Days that are complete before the first origin, where nobody names it."""
WORLDS = 1_000


@dataclass(frozen=True)
class Plan:
    """The settings of a hindcast."""

    origins_s: tuple[int, ...]
    """The ends of the days from which is forecast, in order."""
    horizons: tuple[int, ...] = HORIZONS
    """Months ahead, in order."""
    every: int = 1
    """Months from one origin to the next."""
    refit: int = 0
    """Months after which weights are learned anew; 0 for never: the scenario's own are used."""
    worlds: int = WORLDS
    seed: int = 0
    prior: DoctrinePrior | None = None
    """What is laid over the priors of the doctrines where weights are learned."""

    @property
    def learned_at(self) -> list[int]:
        """The place of the origin at which the weights of each origin are learned."""
        step = max(1, -(-self.refit // self.every))
        return [n - n % step for n in range(len(self.origins_s))]

    def plain(self) -> dict[str, Any]:
        """Return the settings as plain data."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "prior"} | {
            "origins_s": [day(t - 1).isoformat() for t in self.origins_s],
            "horizons": list(self.horizons),
        }
        if self.prior is not None:
            plain["prior"] = self.prior.model_dump(mode="json", exclude_unset=True)
        return plain


@dataclass(frozen=True)
class Pair:
    """A channel of a scenario, whose record is forecast."""

    scenario: str
    """The name of the scenario."""
    channel: str
    start_s: int
    """From when the record is complete."""
    end_s: int
    """The end of the last day that it tells of."""
    log: Log = field(repr=False)
    """The whole record, with its channels as the scenario has them."""

    @property
    def tells_silence(self) -> bool:
        """Whether its sources show all contact; of what others show, the state is not scored."""
        return self.log.channels[self.channel].tells_silence


def pairs_of(scenarios: Mapping[str, Scenario]) -> list[Pair]:
    """List the channels of scenarios whose record can be forecast.

    Raises:
        InputError: a scenario has no history, changes it, or does not say from when its channels
            are complete.
    """
    problems: list[Problem] = []
    found: list[Pair] = []
    for name, scenario in scenarios.items():
        if scenario.history is None:
            rule = "is required: it is what is forecast"
            problems.append(Problem(name, 0, "history", rule))
            continue
        if scenario.changes:
            rule = "must be empty: history is forecast as it was"
            problems.append(Problem(name, 0, "changes", rule, f"{len(scenario.changes)}"))
        told = complete_pairs(name, scenario)
        for channel in channels_of(scenario).keys() - {p.channel for p in told}:
            rule = "is required: where silence may be a gap, nothing can be scored"
            problems.append(Problem(name, 0, f"channels.{channel}.complete_from", rule))
        found += told
    if problems:
        raise InputError(problems)
    return found


def complete_pairs(name: str, scenario: Scenario) -> list[Pair]:
    """List the channels of a scenario of which it is said from when their record is complete, or
    shows what its sources can show; a pair's days are those on which it does."""
    log = coded_log(scenario)
    found: list[Pair] = []
    if log is None:
        return found
    for channel in channels_of(scenario):
        setup = log.channels[channel]
        shown = setup.coverage
        complete = scenario.complete_from or setup.complete_from or shown_since(shown)
        if complete is not None:
            days = (complete, setup.since, shown_since(shown))
            start_s = max(parse(day_).lo_s for day_ in days if day_)
            end_s, last = run_span(scenario)[0], shown_until(shown)
            end_s = end_s if last is None else min(end_s, parse(last).hi_s)
            found.append(Pair(name, channel, start_s, end_s, log))
    return found


def planned(
    pairs: list[Pair],
    *,
    first: str | None = None,
    last: str | None = None,
    every: int = 1,
    horizons: tuple[int, ...] = HORIZONS,
    refit: int = 0,
    worlds: int = WORLDS,
    seed: int = 0,
    prior: DoctrinePrior | None = None,
) -> Plan:
    """Lay out a hindcast: origins are ends of months between two days, by default from when 300
    days of some record are complete up to its last day.

    Raises:
        InputError: a setting is out of bounds, or no origin lies in any record.
    """
    problems: list[Problem] = []

    def check(fine: bool, option: str, rule: str, got: str = "") -> None:
        if not fine:
            problems.append(Problem(option, 0, "", rule, got))

    check(every >= 1, "--every", "must be 1 or more months", str(every))
    check(refit >= 0, "--refit", "must be 0 (never) or more months", str(refit))
    learns = prior is None or refit > 0
    check(learns, "--prior", "needs --refit: without it no weights are learned")
    whole = bool(horizons) and all(1 <= h <= MOST_MONTHS for h in horizons)
    rule = f"must be different whole months from 1 to {MOST_MONTHS}"
    differ = len({*horizons}) == len(horizons)
    check(whole and differ, "--horizons", rule, ",".join(map(str, horizons)))
    ends = {}
    for option, text in (("--from", first), ("--to", last)):
        try:
            ends[option] = None if text is None else end_of(text)
        except ValueError as error:
            problems.append(Problem(option, 0, "", str(error), str(text)))
    if problems:
        raise InputError(problems)
    start_s, end_s = ends["--from"], ends["--to"]
    if start_s is None:
        start_s = min(p.start_s for p in pairs) + FIRST_DAYS * DAY_S
    if end_s is None:
        end_s = max(p.end_s for p in pairs)
    every_month = month_ends(start_s - 1, end_s)
    origins = tuple(every_month[::every])
    kept = tuple(
        t
        for t in origins
        if any(p.start_s < t and month_end(t, min(horizons)) <= p.end_s for p in pairs)
    )
    if not kept:
        rule = "no end of a month from which the record tells of the first horizon lies between"
        asked = f"{first or day(start_s - 1)} to {last or day(end_s - 1)}"
        raise InputError([Problem("--from", 0, "", rule, asked)])
    return Plan(kept, tuple(sorted(horizons)), every, refit, worlds, seed, prior)


def identity(scenarios: Mapping[str, Scenario], plan: Plan) -> str:
    """Return the digest of all that the numbers of a hindcast follow from."""
    held = {
        "program": [program_version(), MODEL_VERSION],
        "scenarios": {name: resolved_text(s) for name, s in scenarios.items()},
        "plan": plan.plain(),
    }
    return sha256(canonical_json(held).encode()).hexdigest()
