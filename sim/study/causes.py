"""Necessity and sufficiency of an event for an outcome: what the shares of two worlds say of them,
however the chances of the two are coupled."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """A share of worlds that depends on the coupling, in [0, 1]."""

    low: float
    """The least that any coupling gives."""
    high: float
    """The most that any coupling gives."""
    independent: float
    """What it would be if, given history, the chances of the two worlds had nothing to do with each
    other."""


def necessary(with_it: float, without: float) -> Bounds:
    """Bound the share of the worlds with the outcome in which it fails without the event.

    `with_it` and `without` are the shares of all worlds in which the outcome comes about. Tian and
    Pearl (2000, "Probabilities of causation: bounds and identification", Annals of Mathematics and
    Artificial Intelligence 28), for an event that is known to have happened.
    """
    if with_it == 0.0:
        return Bounds(0.0, 1.0, 1.0 - without)
    least, most = (with_it - without) / with_it, (1.0 - without) / with_it
    return Bounds(max(0.0, least), min(1.0, most), 1.0 - without)


def sufficient(with_it: float, without: float) -> Bounds:
    """Bound the share of the worlds that lack the outcome without the event in which it comes about
    with it."""
    if without == 1.0:
        return Bounds(0.0, 1.0, with_it)
    least, most = (with_it - without) / (1.0 - without), with_it / (1.0 - without)
    return Bounds(max(0.0, least), min(1.0, most), with_it)
