"""What a fit comes to, in sentences: first what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.hindcast.comparing import Line
from sim.hindcast.hindcasting import SIMULATOR
from sim.hindcast.tables import NAMES
from sim.learning.residuals import ALL
from sim.report.hindcast_words import beaters
from sim.report.numbers import minus

INFORMED, HALF = 0.1, 0.5
"""Share of its variance that a weight must lose to count as informed, and as well informed."""
OUTSIDE = 0.05
"""Share of worlds on the record's side below which a number is called surprising."""
NAMED = 3
"""Things that a sentence names, at most."""
LATER_NAMES = NAMES | {SIMULATOR: "the fitted weights"}
"""How a fit's page names forecasters."""


def summary_of(
    rows: Sequence[dict[str, Any]],
    predicted: Sequence[dict[str, Any]],
    came: Sequence[dict[str, Any]],
    lines: Sequence[Line],
    draws: int,
) -> list[str]:
    """Write the sentences that open a fit's page.

    `rows` are those of its weights, what moved most first; `predicted`, `came` and `lines` those of
    its worlds, its residuals and its scores.
    """
    return [
        *looked(list(lines)),
        *surprised(predicted, came),
        learned(rows),
        moved(rows),
        f"All numbers rest on {draws:,} draws whose chains agree.",
    ]


def looked(lines: list[Line]) -> list[str]:
    """Say what beats the fitted weights out of sample; nothing where no look was taken."""
    if not lines:
        return []
    found = [line for line in lines if line.beats]
    if not found:
        return [
            "In the look out of sample the fitted weights beat every rival on every question at "
            "every horizon. History took one path, so this may be luck."
        ]
    others = sum(line.forecaster != SIMULATOR for line in lines)
    said = [
        f"Out of sample the fitted weights are beaten by {beaters(found, lines)}: in {len(found)} "
        f"of {others} comparisons."
    ]
    if not any(line.surely for line in found):
        said.append("None of these differences is beyond what resampling calls luck.")
    return said


def surprised(predicted: Sequence[dict[str, Any]], came: Sequence[dict[str, Any]]) -> list[str]:
    """Say where worlds of the fit do not look like the record, or its log has another pace."""
    odd = sorted((r for r in predicted if r["surprise"] < OUTSIDE), key=lambda r: r["surprise"])
    said = []
    if odd:
        named = [
            f"{r['what']} ({r['record']:.3g} in the record, {r['posterior_median']:.3g} in the "
            f"middle world)"
            for r in odd
        ]
        said.append(f"Worlds of the fit do not look like the record in: {_listed(named)}.")
    slow = [r for r in came if r["p_count"] < OUTSIDE and r["what"] != ALL]
    if slow:
        named = [f"{r['what']} ({r['came']:.1f} came, {r['expected']:.1f} expected)" for r in slow]
        said.append(f"The log does not come at the pace of the fit in: {_listed(named)}.")
    every = next(r for r in came if r["what"] == ALL)
    if every["p_gaps"] is not None and every["p_gaps"] < OUTSIDE:
        said.append(
            "The gaps between events are not those of the fit (Kolmogorov and Smirnov: "
            f"p = {every['p_gaps']:.3f})."
        )
    return said


def learned(rows: Sequence[dict[str, Any]]) -> str:
    """Say how much the record says of the weights."""
    some = sum(r["learned"] > INFORMED for r in rows)
    much = sum(r["learned"] > HALF for r in rows)
    worth = sum(max(0.0, r["learned"]) for r in rows)
    return (
        f"Of {len(rows)} weights the record informs {some} by more than a tenth of their variance "
        f"and {much} by more than half. Together it says as much as would settle {worth:.0f} "
        "weights; the rest is the prior."
    )


def moved(rows: Sequence[dict[str, Any]]) -> str:
    """Name what moved most."""
    named = [f"{r['weight']} ({r['prior_mean']:+.2f} to {r['mean']:+.2f})" for r in rows[:NAMED]]
    return minus(f"What moved most: {', '.join(named)}.")


def _listed(named: Sequence[str]) -> str:
    more = len(named) - NAMED
    return "; ".join(named[:NAMED]) + (f"; and {more} more" if more > 0 else "")
