"""A hindcast: from each origin the simulator and its rivals forecast, and what came is laid beside.

Origins are worked on side by side; each depends on nothing but its own day, so neither the number
of workers nor a kill changes a byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from sim.ensemble.settings import Settings
from sim.ensemble.work import Progress, Work
from sim.ensemble.workers import in_chunks
from sim.ground.dates import DAY_S
from sim.hindcast.kept import Kept
from sim.hindcast.origins import known_at, month_end
from sim.hindcast.plan import Pair, Plan, identity, pairs_of
from sim.hindcast.refits import Fits, fits_of
from sim.hindcast.rivals.table import RIVALS
from sim.hindcast.scores import floored
from sim.hindcast.seen import CONTACT, COUNT, MOST, PLACE, STATE, Law, Seen, by_answer, seen_of
from sim.hindcast.simulated import simulated
from sim.learning.paths import NOT_KNOWN
from sim.learning.priors import Parameters
from sim.model.compiled_scenario import Floats
from sim.scenario.scenario import Scenario

SIMULATOR, DOCTRINES = "simulator", "doctrines"
"""The simulator, with the weights that it has by then; and with those of its doctrines, where
weights are learned."""


@dataclass(frozen=True)
class Given:
    """One forecast of one question, and what came."""

    forecaster: str
    scenario: str
    channel: str
    origin_s: int
    """The end of the last day that is known."""
    months: int
    """How far ahead."""
    end_s: int
    """The end of the day that is forecast."""
    question: str
    law: tuple[float, ...]
    """The probability of each answer."""
    came: int
    """The place of the answer that came."""
    changed: bool
    """Whether the state at the end differs from that at the origin."""


@dataclass(frozen=True)
class Hindcast:
    """What came of a hindcast."""

    scenarios: Mapping[str, Scenario] = field(repr=False)
    plan: Plan
    given: tuple[Given, ...] = field(repr=False)
    learned: tuple[str, ...] = ()
    """Where weights could not be learned, and why, in words."""


def hindcast(
    scenarios: Mapping[str, Scenario],
    plan: Plan,
    *,
    out: Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Hindcast:
    """Forecast the records of scenarios from days of their past.

    With `out`, finished origins are kept there, and a hindcast that was killed goes on. `progress`
    counts fits, then origins.

    Raises:
        InputError: a scenario has no record to forecast.
        RunError: the disk refuses.
    """
    pairs = pairs_of(scenarios)
    kept = None if out is None else Kept(out / "origins", identity(scenarios, plan))
    fits = fits_of(scenarios, pairs, plan, kept, workers, progress)
    return forecast(Origins(scenarios, tuple(pairs), plan, fits), kept, workers, progress)


def forecast(
    job: Origins,
    kept: Kept | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Hindcast:
    """Forecast from every origin of a job, but for those that are kept already."""
    plan = job.plan
    found: dict[int, list[Any]] = {}
    for n in range(len(plan.origins_s)):
        held = None if kept is None else kept.load(f"origin-{n}")
        if held is not None:
            found[n] = held
    todo = [(n, 1) for n in range(len(plan.origins_s)) if n not in found]
    how = Settings(len(plan.origins_s), plan.seed, workers=workers)
    for n, rows in in_chunks(job, todo, how) if todo else ():
        found[n] = rows
        if kept is not None:
            kept.save(f"origin-{n}", rows)
        if progress is not None:
            progress(len(found), len(plan.origins_s))
    given = tuple(_given(row) for n in sorted(found) for row in found[n])
    notes = tuple(fit.why for fit in job.fits.values() if fit.why)
    return Hindcast(job.scenarios, plan, given, notes)


def _given(row: list[Any]) -> Given:
    """Return a plain row as a forecast."""
    names = (f.name for f in fields(Given))
    return Given(**dict(zip(names, row, strict=True)) | {"law": tuple(row[7])})


def forget(out: Path, found: Hindcast) -> None:
    """Remove what a finished hindcast kept in a folder."""
    Kept(out / "origins", identity(found.scenarios, found.plan)).clear()


@dataclass(frozen=True)
class Origins(Work[list[Any]]):
    """Forecasts from origins; a chunk is one of them."""

    scenarios: Mapping[str, Scenario]
    pairs: tuple[Pair, ...]
    plan: Plan
    fits: Fits
    executor: str = "kernel"

    def work(self, first: int, number: int) -> list[Any]:
        """Return the forecasts from an origin as plain rows: the fields of `Given` in order."""
        now_s, plan = self.plan.origins_s[first], self.plan
        pairs = self.pairs_at(now_s)
        ends_s = [month_end(now_s, h) for h in plan.horizons]
        days = [(end_s - now_s) // DAY_S for end_s in ends_s]
        seen = [seen_of(known_at(p.log, now_s), p.channel, p.start_s, now_s) for p in pairs]
        whole = [seen_of(p.log, p.channel, p.start_s, p.end_s) for p in pairs]
        laws = dict(self._rivals(seen, days)) | self.of_model(first, pairs, ends_s)
        rows: list[Any] = []
        for n, pair in enumerate(pairs):
            for k, (months, end_s) in enumerate(zip(plan.horizons, ends_s, strict=True)):
                unknown = seen[n].now == NOT_KNOWN and pair.tells_silence
                if end_s > pair.end_s or unknown:
                    continue
                came, changed = _came(whole[n], len(seen[n]), days[k])
                for forecaster, each in laws.items():
                    for question, law in each[n][k].items():
                        if question not in came or (question == STATE and not pair.tells_silence):
                            continue
                        may = by_answer(seen[n].may) if question == STATE else None
                        smooth = floored(law, plan.worlds, may).tolist()
                        head = (forecaster, pair.scenario, pair.channel, now_s, months, end_s)
                        rows.append([*head, question, smooth, came[question], changed])
        return rows

    def pairs_at(self, now_s: int) -> list[Pair]:
        """List the channels whose record is forecast from an instant."""
        return [p for p in self.pairs if p.start_s + DAY_S <= now_s < p.end_s]

    def _rivals(self, seen: list[Seen], days: list[int]) -> Iterator[tuple[str, list[list[Law]]]]:
        """Yield the forecasts of each rival, by channel and horizon."""
        for rival in RIVALS:
            laws = rival.forecasts(seen, days)
            if laws is not None:
                yield rival.id, laws

    def of_model(
        self, place: int, pairs: list[Pair], ends_s: list[int]
    ) -> dict[str, list[list[Law]]]:
        """Return the forecasts of the simulator from an origin, by who forecasts, channel and
        horizon."""
        now_s, plan, found = self.plan.origins_s[place], self.plan, {}
        names = [SIMULATOR, *([DOCTRINES] if plan.refit else [])]
        for who in names:
            laws: dict[tuple[str, str], list[Law]] = {}
            for name in dict.fromkeys(p.scenario for p in pairs):
                fit = self.fits.get((name, plan.learned_at[place])) if who == SIMULATOR else None
                learned = None if fit is None else fit.learned
                laws |= self.of_worlds(name, now_s, pairs, ends_s, learned)
            found[who] = [laws[p.scenario, p.channel] for p in pairs]
        return found

    def of_worlds(
        self,
        name: str,
        now_s: int,
        pairs: list[Pair],
        ends_s: list[int],
        learned: tuple[Parameters, Floats] | None,
    ) -> dict[tuple[str, str], list[Law]]:
        """Return the forecasts of a scenario's worlds by channel, of horizons that end within
        its record. Past it sources show nothing, and no act would be asked at any horizon."""
        plan, found = self.plan, dict[tuple[str, str], list[Law]]()
        last = {p.channel: p.end_s for p in pairs if p.scenario == name}
        for far_s in sorted({*last.values()}):
            told = [end_s for end_s in ends_s if end_s <= far_s]
            every = (
                simulated(self.scenarios[name], now_s, told, plan.worlds, plan.seed, learned)
                if told
                else {}
            )
            found |= {(name, c): every.get(c, []) for c, end_s in last.items() if end_s == far_s}
        return found


def _came(whole: Seen, known: int, days: int) -> tuple[dict[str, int], bool]:
    """Return the place of each answer that came so many days after the `known` first of a record,
    and whether the state is another than then; a state that is not known is left out."""
    talks = int(whole.talks[known : known + days].sum())
    found = {CONTACT: int(talks > 0), COUNT: min(talks, MOST)}
    before, after = int(whole.state[known - 1]), int(whole.state[known + days - 1])
    if after != NOT_KNOWN:
        found[STATE] = int(PLACE[after])
    return found, before != after
