"""A share of none or of all of some simulated worlds: none of them proves that a thing cannot be.

A finite number of worlds gives no answer of 0 or of 1. What no world shows is said to come in fewer
than one of so many. What history settles is said to be settled, and is none of this.
"""

from __future__ import annotations

import math

from sim.ground.language import _, numeral, percent

FEW = 10
"""Below so many worlds they are counted, since a share would say nothing."""


def floored(share: float, worlds: int | None, *, whole: bool = False) -> str | None:
    """Write a share of none or of all of so many worlds; None of any other share, and where it is
    not one of worlds. `whole` where there is room for whole per cents only."""
    if not worlds or 0.0 < share < 1.0 or not math.isfinite(share):
        return None
    none = share <= 0.0
    if worlds < FEW:
        return _("{n} of {most}", n=0 if none else worlds, most=worlds)
    if whole:
        least = max(1, math.ceil(100 / worlds))
        return percent(f"< {least}" if none else f"> {100 - least}")
    few = numeral("< 1" if none else f"> {worlds - 1:,}")
    return _("{n} in {worlds}", n=few, worlds=numeral(f"{worlds:,}"))


def in_worlds(share: float, worlds: int | None = None) -> str:
    """Write a share as so many of 100 worlds, never rounding a possible thing to none or all; of
    none or all of so many worlds as fewer than 1 of them, or more than all but 1."""
    if floored(share, worlds) is None or worlds is None:
        return _("in {n} of {worlds} worlds", n=in_hundred(share), worlds=100)
    if worlds < FEW:
        none = _("in none of {worlds} worlds", worlds=worlds)
        return none if share <= 0.0 else _("in each of {worlds} worlds", worlds=worlds)
    few = _("fewer than 1") if share <= 0.0 else _("more than {n}", n=numeral(f"{worlds - 1:,}"))
    return _("in {n} of {worlds} worlds", n=few, worlds=numeral(f"{worlds:,}"))


def in_hundred(share: float) -> str:
    """Write a share as a number of 100 worlds, never rounding a possible thing to none or all."""
    if 0 < share < 0.01:
        return _("fewer than 1")
    if 0.99 < share < 1:
        return _("more than {n}", n=99)
    return f"{int(100 * share + 0.5 + 1e-9)}"
