"""The folder of a pool: the law of many pairs as a prior and as draws, its scores, and a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from sim import plots
from sim.ground.column import LOGITS, Column
from sim.ground.commands import SCENARIOS, files_of, how, options
from sim.hindcast.comparing import lines_of
from sim.hindcast.hindcasting import DOCTRINES, SIMULATOR, Hindcast
from sim.hindcast.plan import Plan
from sim.hindcast.seen import CONTACT
from sim.hindcast.tables import NAMES, scores_frame
from sim.learning.table import rows_frame
from sim.pooling.folder import draws_frame, write_law
from sim.pooling.pooled import NONE, TITLES, Pooled, doctrine_mean
from sim.pooling.records import name_of
from sim.pooling.scoring import FOLDS, UNSEEN, LeftOut, folds, identity_of, kept_of
from sim.report.contents import write_contents
from sim.report.drawing import Drawn
from sim.report.hindcasts import hub_tables, shown_scores, state_scores
from sim.report.numbers import Z90, minus
from sim.report.pages import page
from sim.report.pool_words import summary_of
from sim.report.studyfolder import claim, record
from sim.scenario.fit import DRAWS
from sim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POOL_NAMES = NAMES | {
    SIMULATOR: "the pooled law, with its own record",
    UNSEEN: "the pooled law, no record of its own",
}
MODELS = (SIMULATOR, UNSEEN, DOCTRINES)
SHOWN, SHOWN_PAIRS = 20, 24
"""Weights, and pairs of each act, that a figure shows."""


@dataclass(frozen=True)
class Account:
    """A pool, and how it did on pairs that were left out."""

    found: Pooled
    left_out: list[LeftOut] = field(repr=False)
    forecasts: Hindcast | None = field(repr=False)
    """Of pairs by the law of others; None where no record says from when it is complete."""
    plan: Plan | None
    seed: int
    reporting: float | None = None

    @property
    def scenarios(self) -> dict[str, Scenario]:
        """The scenarios that were pooled, by name."""
        return {r.name: r.scenario for r in self.found.records}


def pool_record(
    scenarios: Mapping[str, Scenario], plan: Plan | None, seed: int, reporting: float | None
) -> dict[str, Any]:
    """Return what a pool's folder says of it."""
    asked: dict[str, object] = {"--reporting": reporting}
    more: dict[str, Any] = {"reporting": reporting}
    worlds = 0 if plan is None else plan.worlds
    if plan is not None:
        origins = plan.plain()["origins_s"]
        asked |= {"--from": origins[0], "--to": origins[-1], "--every": plan.every}
        asked |= {"--horizons": ",".join(map(str, plan.horizons))}
        more |= {"origins": origins, "horizons": list(plan.horizons), "every": plan.every}
    more["follows_from"] = identity_of(scenarios, plan, reporting)
    files = files_of(scenarios, SCENARIOS)
    place = [SCENARIOS] if len(files) > 1 else [*files.values()]
    settings = how(seed, worlds) if plan is not None else ["--seed", str(seed)]
    command = ["sim", "pool", *place, *options(asked), *settings]
    return record("pool", scenarios, seed, worlds, command, **more)


def save_pool(account: Account, folder: Path) -> None:
    """Write a pool's folder, and remove what was kept there of its origins.

    Raises:
        RunError: the disk or the folder refuses, or the folder holds something else.
    """
    found, scenarios = account.found, account.scenarios
    study = pool_record(scenarios, account.plan, account.seed, account.reporting)
    claim(folder, study, scenarios)
    lines = [] if account.forecasts is None else lines_of(account.forecasts)
    law, own, slopes = law_frame(found), rows_frame(own_rows(found)), slope_rows(found)
    pairs = rows_frame(pair_rows(account)).cast({"pooled": pl.Float64, "doctrines": pl.Float64})
    scores = scores_frame(lines) if lines else None
    figures = pool_figures(law, own, scores)
    write_law(found, folder, account.seed, account.reporting)
    columns = draws_frame(found.law, account.seed).columns
    tables: dict[str, pl.DataFrame | list[str]] = {
        DRAWS: columns,
        "law.csv": law,
        "pairs.csv": pairs,
        "intercepts.csv": own,
        "slopes.csv": rows_frame(slopes),
    }
    if account.forecasts is not None and scores is not None:
        tables |= {"scores.csv": scores, **hub_tables(account.forecasts)}
    plan = account.plan
    html = page(
        "pool.html",
        found=found,
        summary=summary_of(account.found, lines, account.left_out),
        law=[r for r in law.to_dicts() if not r["held"]],
        biases=[n for n in law["weight"] if n.endswith(".bias")],
        held=[r for r in law.to_dicts() if r["held"]],
        pairs=pairs.to_dicts(),
        slopes=slopes,
        figures={f.stem: f for f in figures},
        origins=study.get("origins", []),
        folds=min(FOLDS, len(found.records)),
        made=study,
        **shown_scores(lines, plan, POOL_NAMES, CONTACT),
    )
    heads = ("Weight", "Doctrines", "All pairs", "Spread from pair to pair")
    write_contents(
        folder,
        f"Pooled: {len(found.records)} pairs",
        html,
        figures,
        tables,
        own={n: Column(n, "number", LOGITS, "The weight.") for n in columns if "." in n},
        paper=("law", heads, law_words(law)),
    )
    if plan is not None:
        kept_of(scenarios, plan, account.reporting, folder).clear()


def law_frame(found: Pooled) -> pl.DataFrame:
    """Return the law as a table."""
    return rows_frame(law_rows(found)).cast({"pairs_q05": pl.Float64, "pairs_q95": pl.Float64})


def law_rows(found: Pooled) -> list[dict[str, Any]]:
    """Return the law as plain rows: biases first, then slopes, in the order of decisions."""
    place = {w: k for k, w in enumerate(found.pool.weights)}
    errors = np.sqrt(np.diag(found.covariance))
    spread = dict(zip(found.pool.own, np.exp(found.spread.log_spread).tolist(), strict=True))
    told = dict(zip(found.pool.own, found.spread.law, strict=True))
    rows = []
    for n, weight in enumerate(found.law.weights):
        k = place.get(weight, -1)
        rows.append(
            {
                "weight": name_of(weight),
                "doctrine": doctrine_mean(found.records, weight),
                "common": 0.0 if k < 0 else float(found.common[k]),
                "error": 0.0 if k < 0 else float(errors[k]),
                "pairs_spread": float(spread.get(k, 0.0)),
                "pairs_q05": None if (law := told.get(k)) is None else law.quantile(0.05),
                "pairs_q95": None if law is None else law.quantile(0.95),
                "centre": float(found.law.centre[n]),
                "spread": float(found.law.spread[n]),
                "came": found.law.came[n],
                "held": "yes" if k < 0 else "",
            }
        )
    return sorted(rows, key=lambda r: (r["held"], not r["weight"].endswith(".bias")))


def pair_rows(account: Account) -> list[dict[str, Any]]:
    """Return the pairs as plain rows: what each says, and how much it moves the law."""
    found, dealt = account.found, folds([r.name for r in account.found.records])
    scores = {each.name: each for each in account.left_out}
    rows = []
    for n, r in enumerate(found.records):
        moved = found.without(n)
        most = int(np.nanargmax(np.abs(moved))) if np.isfinite(moved).any() else 0
        score = scores.get(r.name)
        rows.append(
            {
                "scenario": r.name,
                "pair": "-".join(r.pair),
                "fold": dealt[r.name] + 1,
                "from": r.span[0],
                "until": r.span[1],
                "decisions": r.decisions,
                "pooled": None if score is None else score.pooled,
                "doctrines": None if score is None else score.doctrines,
                "moves": name_of(found.pool.weights[most]),
                "moves_by": -float(moved[most]),
            }
        )
    return rows


def own_rows(found: Pooled) -> list[dict[str, Any]]:
    """Return the intercepts of every pair as plain rows."""
    place = {name_of(w): k for k, w in enumerate(found.pool.weights)}
    spread = dict(zip(found.pool.own, np.exp(found.spread.log_spread).tolist(), strict=True))
    return [
        {
            "scenario": r.name,
            "pair": "-".join(r.pair),
            "act": name.removesuffix(".bias").removeprefix("act."),
            "own": own,
            "error": error,
            "common": float(found.common[place[name]]),
            "pairs_spread": float(spread[place[name]]),
        }
        for n, r in enumerate(found.records)
        for name, (own, error) in found.own_of(n).items()
    ]


def slope_rows(found: Pooled) -> list[dict[str, Any]]:
    """Return the slopes that were compared as plain rows."""
    return [
        {
            "slopes": name,
            "title": TITLES[name],
            "log_evidence": value,
            "ahead_of_none": value - found.compared[NONE],
            "kept": "yes" if name == found.slopes else "",
        }
        for name, value in found.compared.items()
    ]


def pool_figures(law: pl.DataFrame, own: pl.DataFrame, scores: pl.DataFrame | None) -> list[Drawn]:
    """Draw every figure of a pool from its tables."""
    found = []
    if scores is not None:
        found.append(state_scores(scores, POOL_NAMES, CONTACT, MODELS))
    caption = "What pairs have in common, and how far they differ."
    found.append(Drawn("law", caption, partial(_law, law)))
    caption = "Each pair's own intercepts, drawn to those of all."
    return [*found, Drawn("pairs", caption, partial(_pairs, own))]


def _law(law: pl.DataFrame) -> Figure:
    shown = [
        {
            "panel": "logits",
            "label": r["weight"],
            **_normal(1, r["centre"], r["spread"]),
            **_normal(2, r["common"], r["error"]),
            "mark": r["doctrine"],
        }
        for r in law.filter(pl.col("held") == "").to_dicts()
        if r["came"] and r["weight"].endswith(".bias")
    ]
    return plots.laws(
        rows_frame(shown[:SHOWN]),
        names=("a pair that was never seen", "all pairs in common", "the doctrines"),
        title="How readily pairs act",
        note="The biases of what records show. Bands and lines hold 9 in 10 of each law.",
    )


def _normal(n: int, centre: float, spread: float) -> dict[str, float]:
    reach = Z90 * spread
    return {f"low_{n}": centre - reach, f"middle_{n}": centre, f"high_{n}": centre + reach}


def _pairs(own: pl.DataFrame) -> Figure:
    shown = []
    for (act,), rows in own.group_by("act", maintain_order=True):
        apart = rows.with_columns(apart=(pl.col("own") - pl.col("common")).abs())
        if not (apart["apart"] > 0.0).any():
            continue
        kept = apart.sort("apart", "scenario", descending=[True, False]).head(SHOWN_PAIRS)
        for r in kept.sort("own", "scenario").to_dicts():
            row = {"panel": f"{act}, logits", "label": r["pair"], "mark": float("nan")}
            row |= _normal(1, r["common"], r["pairs_spread"]) | _normal(2, r["own"], r["error"])
            shown.append(row)
    return plots.laws(
        rows_frame(shown),
        names=("the law of all pairs", "the pair's own"),
        title="How pairs differ",
        note=f"Of each act at most the {SHOWN_PAIRS} pairs farthest from the mean. Bands and lines "
        "hold 9 in 10.",
    )


def law_words(law: pl.DataFrame) -> list[tuple[str, ...]]:
    """Return what the terminal and a manuscript show: a row a bias."""
    return [
        (
            r["weight"],
            *(minus(f"{r[k]:+.2f}") for k in ("doctrine", "common")),
            f"{r['pairs_spread']:.2f}" if r["pairs_spread"] else "",
        )
        for r in law.to_dicts()
        if r["weight"].endswith(".bias")
    ]
