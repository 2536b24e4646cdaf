"""What a hindcast comes to: mean scores, who beats the simulator, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.hindcast.bootstrap import over_origins, over_pairs
from sim.hindcast.hindcasting import SIMULATOR, Given, Hindcast
from sim.hindcast.reliability import Reliability, reliability_of
from sim.hindcast.scores import Scores, scored
from sim.hindcast.seen import ANSWERS, CONTACT, STATE
from sim.model.compiled_scenario import Floats

Interval = tuple[float, float] | None


@dataclass(frozen=True)
class Line:
    """How one forecaster did on one question, so many months ahead."""

    question: str
    months: int
    forecaster: str
    number: int
    """Forecasts that were scored."""
    scores: Scores
    """Their means: over the origins of each pair, then over pairs."""
    log_changed: float | None
    """The mean log score where the state came to be another; None where it never did."""
    log_same: float | None
    """The mean log score where the state came to be the same."""
    ahead: float
    """The simulator's mean log score less this one: below 0 where the simulator is beaten."""
    over_origins: Interval
    """Where 9 in 10 of such differences lie if origins are drawn anew."""
    over_pairs: Interval
    """The same, if pairs are drawn anew."""

    @property
    def beats(self) -> bool:
        """Whether it beats the simulator."""
        return self.forecaster != SIMULATOR and self.ahead < 0.0

    @property
    def surely(self) -> bool:
        """Whether it beats the simulator in 19 of 20 resamples at least, of either kind."""
        given = [i for i in (self.over_origins, self.over_pairs) if i is not None]
        return self.beats and bool(given) and all(high < 0.0 for _, high in given)


def lines_of(found: Hindcast) -> list[Line]:
    """Return the mean scores by question, horizon and forecaster, the best log score first."""
    lines: list[Line] = []
    for question in ANSWERS:
        for months in found.plan.horizons:
            here = [g for g in found.given if (g.question, g.months) == (question, months)]
            by = {name: [g for g in here if g.forecaster == name] for name in _names(here)}
            if not by:
                continue
            mine = _table([(g, scored(np.array(g.law), g.came)) for g in by[SIMULATOR]])
            some = [_line(name, rows, mine, found) for name, rows in by.items()]
            lines += sorted(some, key=lambda line: (-line.scores.log, line.forecaster))
    return lines


def _names(given: Iterable[Given]) -> list[str]:
    return [*dict.fromkeys(g.forecaster for g in given)]


Pair = tuple[str, str]
Table = dict[Pair, dict[int, Scores]]
"""The scores of one forecaster by pair and origin."""


def _table(rows: Sequence[tuple[Given, Scores]]) -> Table:
    found: Table = {}
    for g, scores in rows:
        found.setdefault((g.scenario, g.channel), {})[g.origin_s] = scores
    return found


def _line(name: str, given: Sequence[Given], mine: Table, found: Hindcast) -> Line:
    rows = [(g, scored(np.array(g.law), g.came)) for g in given]
    table = _table(rows)
    ahead = {
        pair: {t: mine[pair][t].log - s.log for t, s in by_origin.items()}
        for pair, by_origin in table.items()
    }
    each = np.array([np.mean([*by_origin.values()]) for by_origin in ahead.values()])
    means = [np.mean([*by_origin.values()], axis=0) for by_origin in table.values()]
    steps = -(-given[0].months // found.plan.every)
    seed, is_other = found.plan.seed, name != SIMULATOR
    return Line(
        question=given[0].question,
        months=given[0].months,
        forecaster=name,
        number=len(given),
        scores=Scores(*np.mean(means, axis=0).tolist()),
        log_changed=_mean([s.log for g, s in rows if g.changed]),
        log_same=_mean([s.log for g, s in rows if not g.changed]),
        ahead=float(each.mean()),
        over_origins=over_origins(_by_origin(ahead), steps, seed) if is_other else None,
        over_pairs=over_pairs(each, seed) if is_other else None,
    )


def _by_origin(ahead: dict[Pair, dict[int, float]]) -> Floats:
    """Return the mean over pairs of each origin, in order."""
    origins = sorted({t for by_origin in ahead.values() for t in by_origin})
    return np.array([np.mean([a[t] for a in ahead.values() if t in a]) for t in origins])


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


YES = ((CONTACT, 1, "contact"), (STATE, 0, "open"))
"""What calibration is shown of: a question, the place of an answer, and its words."""


@dataclass(frozen=True)
class Calibrated:
    """How one forecaster's chances of a yes compare with what came."""

    what: str
    months: int
    forecaster: str
    curve: Reliability


def calibration_of(found: Hindcast) -> list[Calibrated]:
    """Compare each forecaster's chances of contact, and of an open channel, with what came."""
    curves: list[Calibrated] = []
    for question, place, what in YES:
        for months in found.plan.horizons:
            here = [g for g in found.given if (g.question, g.months) == (question, months)]
            for name in _names(here):
                mine = [g for g in here if g.forecaster == name]
                said = np.array([g.law[place] for g in mine])
                came = np.array([float(g.came == place) for g in mine])
                curve = reliability_of(said, came, found.plan.seed)
                curves.append(Calibrated(what, months, name, curve))
    return curves
