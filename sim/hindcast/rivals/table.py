"""The table of rivals: a row each, with what it is called and how it forecasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.hindcast.rivals.calendar import lapse_calendar
from sim.hindcast.rivals.chains import markov_chain
from sim.hindcast.rivals.hawkes import hawkes
from sim.hindcast.rivals.logit import ridge_logit
from sim.hindcast.rivals.persistence import base_rate, persistence
from sim.hindcast.rivals.rates import own_rate, pooled_rates
from sim.hindcast.rivals.two_rates import two_rates
from sim.hindcast.seen import Forecaster, Law, Seen

Pairs = Sequence[Seen]
"""All channels of a hindcast, as they are seen at one origin."""


@dataclass(frozen=True)
class Rival:
    """A forecaster that knows no model."""

    id: str
    """How files name it."""
    name: str
    """How people read it."""
    forecasts: Callable[[Pairs, list[int]], list[list[Law]] | None]
    """Forecasts of each channel, so many days after the origin; None where it needs several."""


def _each(forecaster: Forecaster) -> Callable[[Pairs, list[int]], list[list[Law]] | None]:
    """Return forecasts of a rival that looks at one channel at a time."""
    return lambda pairs, days: [forecaster(seen, days) for seen in pairs]


RIVALS = (
    Rival("calendar", "the lapse calendar", _each(lapse_calendar)),
    Rival("two-rates", "two rates and the lapse rule", _each(two_rates)),
    Rival("persistence", "persistence", _each(persistence)),
    Rival("base-rate", "the base rate", _each(base_rate)),
    Rival("markov", "a Markov chain", _each(markov_chain)),
    Rival("logit", "a ridge logit", _each(ridge_logit)),
    Rival("gamma", "the pair's own Gamma rate", _each(own_rate)),
    Rival("gamma-pooled", "pooled Gamma rates", pooled_rates),
    Rival("hawkes", "a Hawkes process", _each(hawkes)),
)
"""Every rival; a hindcast and the look of a fit out of sample score all of them."""
