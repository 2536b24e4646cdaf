"""The folder of a fit: its record and draws, tables, figures and a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from sim import plots
from sim.galleries.names import channels_in
from sim.ground.column import LOGITS, Column
from sim.hindcast.comparing import Line, lines_of
from sim.hindcast.hindcasting import Hindcast
from sim.hindcast.tables import scores_frame
from sim.learning.fitting import Beside, Fit, beside
from sim.learning.folder import source_of, write_fit, written_whole
from sim.learning.placed import placements_counted
from sim.learning.predicting import SHARE, SILENCE, Predicted, predict, predicted_rows
from sim.learning.residuals import ALL, Residuals, residual_rows, residuals
from sim.learning.table import rows_frame
from sim.report.caveats import caveats
from sim.report.contents import write_contents
from sim.report.drawing import Drawn
from sim.report.hindcasts import shown_scores, state_scores
from sim.report.learned_words import LATER_NAMES, summary_of
from sim.report.numbers import Z90, minus
from sim.report.pages import page
from sim.scenario.fit import CHAIN, DRAW, DRAWS, LOG_LIKELIHOOD, LOG_PRIOR, REPORTED
from sim.scenario.provenance import made_by

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 24
"""Weights that the figure of what moved shows."""
MAX_CHANNELS = 6
"""Channels that a page draws; record-beside-worlds.csv has all."""
LITTLE = 0.02
"""Share of its variance that a weight keeps to, if the record says next to nothing of it."""


@dataclass(frozen=True)
class Learned:
    """A fit with all that its page says of it."""

    fit: Fit
    beside: list[Beside]
    predicted: list[Predicted]
    residuals: list[Residuals]
    later: Hindcast | None = None
    """What came after the day up to which weights were learned; None where nothing is known of
    it."""

    @cached_property
    def lines(self) -> list[Line]:
        """Its scores."""
        return [] if self.later is None else lines_of(self.later)


def account(fit: Fit, later: Hindcast | None = None) -> Learned:
    """Return a fit with what is to be said of it; `later` as `look_beyond` gives it."""
    return Learned(fit, beside(fit), predict(fit), residuals(fit), later)


def weight_rows(fit: Fit) -> list[dict[str, Any]]:
    """Return a row a weight, what moved most first: the prior, the posterior, by how many spreads
    of the prior its mean moved, and the share of the variance that it lost."""
    prior_mean, prior_spread = fit.parameters.moments()
    low, high = np.quantile(fit.pooled, (0.05, 0.95), axis=0)
    mean, spread = fit.pooled.mean(axis=0), fit.pooled.std(axis=0, ddof=1)
    rows = [
        said
        | {
            "prior_mean": float(prior_mean[p]),
            "prior_spread": float(prior_spread[p]),
            "mean": float(mean[p]),
            "q05": float(low[p]),
            "q95": float(high[p]),
            "posterior_spread": float(spread[p]),
            "moved": float((mean[p] - prior_mean[p]) / prior_spread[p]),
            "learned": float(1.0 - (spread[p] / prior_spread[p]) ** 2),
        }
        for p, said in enumerate(fit.parameters.plain())
    ]
    return sorted(rows, key=lambda r: (-abs(r["moved"]), r["weight"]))


def figures(learned: Learned) -> list[Drawn]:
    """Draw every figure of the page, what moved first."""
    rows, predicted = weight_rows(learned.fit), predicted_rows(learned.predicted)
    caption = "What moved most: before the record and after it."
    found = [Drawn("weights", caption, lambda: _weights(rows))]
    named = channels_in(learned.fit.design.scenario)
    for channel in learned.fit.design.program.channels.names[:MAX_CHANNELS]:
        stem = f"worlds-{channel.replace('/', '-')}"
        caption = f"{named[channel]}. The record beside worlds drawn before it and after it."
        found.append(Drawn(stem, caption, partial(_worlds, predicted, channel, named[channel])))
    every = next(r for r in learned.residuals if r.what == ALL)
    caption = "Gaps between events on the clock of what is expected."
    found.append(Drawn("residuals", caption, partial(_pace, every)))
    if learned.lines:
        found.append(state_scores(scores_frame(learned.lines), LATER_NAMES))
    return found


def _pace(every: Residuals) -> Figure:
    return plots.evenness(
        every.even.tolist(),
        title="Does the log come at the pace that the fit expects?",
        note="Gaps between events, in events expected, as shares of an exponential law.",
        axis="share of the law below the gap",
    )


def _weights(rows: list[dict[str, Any]]) -> Figure:
    shown = []
    for r in rows[:SHOWN]:
        row = {"panel": "spreads of the prior, from its mean", "label": r["weight"]}
        row |= {"low_1": -Z90, "middle_1": 0.0, "high_1": Z90}
        told = {"low_2": "q05", "middle_2": "mean", "high_2": "q95", "mark": "doctrine"}
        row |= {to: (r[name] - r["prior_mean"]) / r["prior_spread"] for to, name in told.items()}
        shown.append(row)
    return plots.laws(
        rows_frame(shown),
        names=("before the record", "after it", "the doctrine"),
        title="What moved most",
        note="Each weight in spreads of its own prior. Bands and lines hold 9 in 10 of each law.",
    )


def _worlds(rows: list[dict[str, Any]], channel: str, named: str) -> Figure:
    shown = []
    for r in (r for r in rows if r["channel"] == channel):
        share = r["what"].startswith(SHARE.partition("{")[0])
        row = {"panel": "days" if r["what"] == SILENCE else "share" if share else "events"}
        row |= {"label": r["what"], "mark": r["record"]}
        for n, law in ((1, "prior"), (2, "posterior")):
            row |= {f"low_{n}": r[f"{law}_q05"], f"high_{n}": r[f"{law}_q95"]}
            row[f"middle_{n}"] = r[f"{law}_median"]
        shown.append(row)
    return plots.laws(
        rows_frame(shown).sort("panel", maintain_order=True),
        names=("worlds before the record", "worlds after it", "the record"),
        title=f"The record beside worlds of the model: {named}",
        note="Bands and lines hold 9 in 10 worlds. What no party decided is given as it was.",
    )


def save_learned(learned: Learned, folder: Path, keep: int | None = None) -> None:
    """Write a fit's folder, all of it or nothing; `keep` draws, or all.

    Raises:
        RunError: the disk or the folder refuses, or the folder holds something already.
    """
    fit, found = learned.fit, figures(learned)
    rows, predicted = weight_rows(fit), predicted_rows(learned.predicted)
    came = residual_rows(learned.residuals)
    html = page(
        "learned.html",
        learned=learned,
        fit=fit,
        scenario=fit.setup.scenario,
        caveats=caveats(fit.setup.scenario),
        summary=summary_of(rows, predicted, came, learned.lines, fit.diagnostics.draws),
        rows=rows,
        moved=rows[:SHOWN],
        silent=[r for r in rows if r["learned"] < LITTLE],
        beside=beside_rows(learned),
        residuals=came,
        dated=placements_counted(fit),
        figures={f.stem: f for f in found},
        more_channels=fit.design.program.channels.names[MAX_CHANNELS:],
        source=source_of(fit.setup),
        made=made_by() | {"seed": fit.seed},
        **shown_scores(
            learned.lines, None if learned.later is None else learned.later.plan, LATER_NAMES
        ),
    )
    reported = [] if fit.reported is None else [REPORTED]
    tables: dict[str, pl.DataFrame | list[str]] = {
        DRAWS: [CHAIN, DRAW, LOG_PRIOR, LOG_LIKELIHOOD, *reported, *fit.parameters.names],
        "weights.csv": rows_frame(rows),
        "record-beside-worlds.csv": rows_frame(predicted),
        "residuals.csv": rows_frame(came),
    }
    if learned.lines:
        tables["scores.csv"] = scores_frame(learned.lines)
    heads = ("Weight", "Doctrine", "Mean", "9 in 10", "Variance lost")
    with written_whole(folder) as within:
        write_fit(fit, within, keep)
        write_contents(
            within,
            f"Learned: {fit.setup.scenario.title}",
            html,
            found,
            tables,
            own={n: Column(n, "number", LOGITS, "The weight.") for n in fit.parameters.names},
            paper=("weights", heads, [_weight_words(r) for r in rows[:SHOWN]]),
        )


def _weight_words(row: dict[str, Any]) -> tuple[str, ...]:
    between = f"{row['q05']:+.2f} to {row['q95']:+.2f}"
    lost = f"{100 * max(0.0, row['learned']):.0f} %"
    words = (f"{row['doctrine']:+.2f}", f"{row['mean']:+.2f}", between, lost)
    return row["weight"], *map(minus, words)


def beside_rows(learned: Learned) -> list[tuple[str, list[str]]]:
    """Return what each reporting probability says of the biases of acceptance: (weight, values)."""
    names = learned.fit.parameters.names
    wanted = [p for p, n in enumerate(names) if ".accept." in n and n.endswith(".bias")]
    return [
        (names[p], [f"{b.weights[p]:+.2f} ± {b.spread[p]:.2f}" for b in learned.beside])
        for p in wanted
    ]
