"""A share of none or of all of some simulated worlds: none of them proves that a thing cannot be.

A finite number of worlds gives no answer of 0 or of 1. What no world shows is said to come in fewer
than one of so many. What history settles is said to be settled, and is none of this.
"""

from __future__ import annotations

import math

FEW = 10
"""Below so many worlds they are counted, since a share would say nothing."""


def floored(share: float, worlds: int | None, *, whole: bool = False) -> str | None:
    """Write a share of none or of all of so many worlds; None of any other share, and where it is
    not one of worlds. `whole` where there is room for whole per cents only."""
    if not worlds or 0.0 < share < 1.0 or not math.isfinite(share):
        return None
    none = share <= 0.0
    if worlds < FEW:
        return f"{0 if none else worlds} of {worlds}"
    if whole:
        least = max(1, math.ceil(100 / worlds))
        return f"< {least} %" if none else f"> {100 - least} %"
    return f"< 1 in {worlds:,}" if none else f"> {worlds - 1:,} in {worlds:,}"


def in_worlds(share: float, worlds: int | None = None) -> str:
    """Write a share as so many of 100 worlds, never rounding a possible thing to none or all; of
    none or all of so many worlds as fewer than 1 of them, or more than all but 1."""
    if floored(share, worlds) is None or worlds is None:
        return f"in {in_hundred(share)} of 100 worlds"
    if worlds < FEW:
        return f"in {'none' if share <= 0.0 else 'each'} of {worlds} worlds"
    few = "fewer than 1" if share <= 0.0 else f"more than {worlds - 1:,}"
    return f"in {few} of {worlds:,} worlds"


def in_hundred(share: float) -> str:
    """Write a share as a number of 100 worlds, never rounding a possible thing to none or all."""
    if 0 < share < 0.01:
        return "fewer than 1"
    if 0.99 < share < 1:
        return "more than 99"
    return f"{int(100 * share + 0.5 + 1e-9)}"
