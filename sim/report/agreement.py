"""The folder of codings that are compared: the page, the figures, and tables for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from sim.coding.agreement import FEW, Agreement, Fact, FieldAgreement
from sim.coding.stretches import Stretch
from sim.coding.values import shown_value
from sim.galleries.coding_gallery import CodingGallery
from sim.ground.commands import LOGS, SCENARIOS, files_of, how, options
from sim.ground.files import json_text, write_safely
from sim.ground.states import state_name
from sim.learning.table import rows_frame
from sim.log.digest import log_digest
from sim.log.file import to_jsonl
from sim.log.label import date_of, label
from sim.log.log import Log
from sim.plots.scale import whole_percent
from sim.report.caveats import caveats_of
from sim.report.comparison_pages import amount, range_of
from sim.report.contents import write_contents
from sim.report.drawing import Drawn
from sim.report.numbers import minus, percent
from sim.report.pages import page
from sim.report.studyfolder import claim, record
from sim.scenario.scenario import Scenario
from sim.study.coded_answers import Moved, moved
from sim.study.comparing import Comparison

MAX_CHANNELS = 4
STATES = (
    "The state at the end of each day, as each coding implies it. Where a lane is hatched, that "
    "coding does not know the state."
)
TIMELINES = "The timeline of each coding. “Only here” marks what no other coding has."
"""Captions of the figures."""


def agreement_record(
    logs: dict[str, Log],
    scenarios: dict[str, Scenario],
    seed: int,
    replications: int,
    since: str | None,
    until: str | None,
) -> dict[str, Any]:
    """Return what the folder says of the comparison: enough to make it again."""
    digests = {name: log_digest(log) for name, log in logs.items()}
    days = {"from": since, "until": until}
    typed = ["sim", "agree", *files_of(logs, LOGS, ".jsonl").values()]
    typed += options({f"--{name}": day for name, day in days.items()})
    if scenarios:
        typed += ["--scenario", next(iter(files_of(scenarios, SCENARIOS).values()))]
        typed += how(seed, replications)
    else:
        typed += options({"--seed": seed})
    return record("agreement", scenarios, seed, replications, typed, logs=digests, **days)


def days_of(lines: Iterable[Stretch]) -> tuple[int, int, int]:
    """Count the days of stretches: on which the codings differ and all know the state, on which all
    know it, and on which not all do but some."""
    known = differ = some = 0
    for s in lines:
        known += s.days if s.known else 0
        differ += s.days if s.known and s.differs else 0
        some += s.days if s.differs and not s.known else 0
    return differ, known, some


def stretch_rows(found: Agreement) -> list[dict[str, Any]]:
    """Write the stretches on which the states differ, those of several viewpoints in one row."""
    rows: dict[tuple[object, ...], dict[str, Any]] = {}
    for s in found.differing:
        at = (s.channel, s.first, s.last, s.states)
        row = rows.setdefault(at, {"channel": s.channel, "days": s.days, "viewpoints": []})
        row["viewpoints"].append(s.viewpoint)
        row["when"] = s.first if s.days == 1 else f"{s.first} to {s.last}"
        row["known"], row["states"] = s.known, [state_name(x) for x in s.states]
    return sorted(rows.values(), key=lambda r: (r["channel"], not r["known"], r["when"]))


def field_row(f: FieldAgreement) -> dict[str, str]:
    """Write a field's agreement for a table."""
    a = f.measured
    if a.alpha is None:
        said = f"fewer than {FEW} events" if f.events < FEW else "all the same"
        value, interval = "", said
    else:
        value = minus(f"{a.alpha:.2f}")
        bounds = [minus(f"{x:.2f}") for x in (a.low, a.high) if x is not None]
        interval = " to ".join(bounds) or ("never differ" if f.alike == f.pairs else "too few")
    return {
        "field": f.field.replace("_", " "),
        "alike": f"{f.alike} of {f.pairs}",
        "share": percent(f.share, whole=True),
        "alpha": value,
        "interval": interval,
    }


def summary(found: Agreement, answers: list[Moved]) -> list[str]:
    """Say in a few sentences what was found."""
    common = sum(f.common for f in found.facts)
    every = "both codings" if len(found.names) == 2 else f"all {len(found.names)} codings"
    alone = [(name, len(found.only(name))) for name in found.names]
    said = [f"{common} of {len(found.facts)} facts are in {every}."]
    said += [f"Only {name} has {number}." for name, number in alone if number]
    for channel in found.channels:
        lines = [s for s in found.stretches if s.channel == channel]
        views = list(dict.fromkeys(s.viewpoint for s in lines))
        counted = {v: days_of(s for s in lines if s.viewpoint == v) for v in views}
        if "observer" not in counted:
            continue
        said.append(_days_said(channel, counted["observer"]))
        said += [
            f"As {'the public' if view == 'public' else view} sees it, it differs on {days[0]:,}."
            for view, days in counted.items()
            if days[0] != counted["observer"][0]
        ]
    if answers:
        most = max(answers, key=lambda m: (m.unit != "days", m.spread))
        spread = amount(most.spread, most.unit, signed=True).lstrip("+")
        said.append(f"The answer that moves most is “{most.title}”: {spread} between codings.")
    return said


def _days_said(channel: str, counted: tuple[int, int, int]) -> str:
    differ, known, some = counted
    state = f"The state of {channel}, as the observer sees it,"
    if not known:
        return f"{state} is on no day known by all codings."
    text = f"{state} differs on {differ:,} of {known:,} days"
    if not differ:
        text = f"{state} is the same on all of {known:,} days"
    return text + (f"; on {some:,} more only some codings know it." if some else ".")


def absent_rows(found: Agreement) -> list[dict[str, str]]:
    """Write the facts that not all codings have."""
    rows = []
    for fact in found.facts:
        had = {name: e for name, e in zip(found.names, fact.events, strict=True) if e is not None}
        if len(had) < len(found.names):
            event = next(iter(had.values()))
            rows.append(
                {
                    "fact": fact.name,
                    "label": label(event),
                    "kind": event.kind.replace("_", " "),
                    "date": date_of(event),
                    "have": ", ".join(had),
                    "summary": event.summary or "",
                }
            )
    return rows


def difference_rows(found: Agreement) -> list[dict[str, Any]]:
    """Write the fields in which a fact is coded otherwise, by value."""
    facts: dict[str, Fact] = {f.name: f for f in found.facts}
    rows, before = [], ""
    for d in found.differences:
        event = next(e for e in facts[d.fact].events if e is not None)
        values = [
            shown_value(v) if has else "does not have it"
            for v, has in zip(d.values, d.has, strict=True)
        ]
        again = d.fact == before
        row = {"fact": d.fact, "label": label(event), "again": again}
        rows.append(row | {"field": d.field.replace("_", " "), "values": values})
        before = d.fact
    return rows


def answer_rows(answers: list[Moved]) -> list[dict[str, Any]]:
    """Write how far each answer moves."""
    return [
        {
            "title": f"{m.title}, mean of all worlds" if m.unit == "days" else m.title,
            "estimates": [amount(x, m.unit) for x in m.estimates],
            "spread": amount(m.spread, m.unit, signed=True).lstrip("+"),
            "interval": "; ".join(range_of(c.low, c.high, c.unit) for c in m.contrasts),
            "variance": ", ".join(
                f"{part} {whole_percent(share)}" for part, share in m.variance.items()
            ),
        }
        for m in answers
    ]


def agreement_json(found: Agreement, ran: Comparison | None) -> dict[str, Any]:
    """Return a comparison of codings as plain data, for programs."""

    def named(values: Iterable[object]) -> dict[str, object]:
        return dict(zip(found.names, values, strict=True))

    plain: dict[str, Any] = {
        "schema": 1,
        "codings": {
            name: {
                "title": log.title,
                "sha256": log_digest(log),
                "events": len(log.events),
                "left_out": found.left_out[name],
            }
            for name, log in found.logs.items()
        },
        "channels": list(found.channels),
        "facts": [{"fact": f.name, "ids": named(f.ids)} for f in found.facts],
        "fields": _field_dicts(found),
        "differences": [
            {"fact": d.fact, "field": d.field, "values": named(d.values)} for d in found.differences
        ],
        "setup": [
            {"channel": s.channel, "field": s.field, "values": named(s.values)}
            for s in found.setups
        ],
        "states": [
            {name: getattr(s, name) for name in ("channel", "viewpoint", "first", "last", "days")}
            | {"states": named(s.states)}
            for s in found.stretches
        ],
        "seed": found.seed,
    }
    if ran is not None:
        plain["answers"] = {
            "scenario": ran.base.scenario.title,
            "seed": ran.base.seed,
            "replications": ran.base.replications,
            "outcomes": [
                {
                    "outcome": m.outcome,
                    "title": m.title,
                    "unit": m.unit,
                    "estimates": named(m.estimates),
                    "variance": m.variance,
                    "spread": m.spread,
                    "against_first": {
                        c.other: {"difference": c.difference, "low": c.low, "high": c.high}
                        for c in m.contrasts
                    },
                }
                for m in moved(ran)
            ],
        }
    return plain


def _field_dicts(found: Agreement) -> list[dict[str, Any]]:
    names = ("field", "metric", "events", "pairs", "alike", "share")
    return [{n: getattr(f, n) for n in names} | asdict(f.measured) for f in found.fields]


def figures(found: Agreement) -> list[Drawn]:
    """Draw codings: states and timelines, channel by channel."""
    draw, figures = CodingGallery(found), []
    for channel in found.channels[:MAX_CHANNELS]:
        slug = channel.replace("/", "-")
        figures.append(Drawn(f"states-{slug}", STATES, partial(draw.states, channel)))
        figures.append(Drawn(f"timelines-{slug}", TIMELINES, partial(draw.events, channel)))
    return figures


def save_agreement(
    found: Agreement, ran: Comparison | None, study: dict[str, Any], folder: Path
) -> None:
    """Write the folder.

    Raises:
        RunError: the disk or the folder refuses, or the folder holds something else.
    """
    scenarios = {} if ran is None else {name: run.scenario for name, run in ran.runs.items()}
    answers = [] if ran is None else moved(ran)
    shown = figures(found)
    html = page(
        "agreement.html",
        heading=f"{len(found.names)} codings compared: {', '.join(found.names)}",
        found=found,
        hidden_channels=found.channels[MAX_CHANNELS:],
        sentences=summary(found, answers),
        figures=shown,
        stretches=stretch_rows(found),
        fields=[field_row(f) for f in found.fields],
        absent=absent_rows(found),
        differences=difference_rows(found),
        answers=answer_rows(answers),
        scenario=None if ran is None else ran.base.scenario,
        caveats=caveats_of(scenarios.values()),
        made=study,
    )
    claim(folder, study, scenarios)
    for name, file in files_of(found.logs, LOGS, ".jsonl").items():
        write_safely(folder / file, to_jsonl(found.logs[name]))
    write_safely(folder / "agreement.json", json_text(agreement_json(found, ran)))
    tables = {"agreement.csv": rows_frame(_field_dicts(found))}
    if ran is not None:
        tables["answers.csv"] = ran.frame.drop("gap")
    heads = ("Field", "Alike", "Per cent", "Alpha", "95 % interval")
    cells = [tuple(field_row(f).values()) for f in found.fields]
    title = f"Codings compared: {', '.join(found.names)}"
    write_contents(folder, title, html, shown, tables, paper=("agreement", heads, cells))
