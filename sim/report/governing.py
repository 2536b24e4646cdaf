"""In words and tables: what a run answers under each government that may come."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from sim.ground.dates import spoken
from sim.report.answer import estimated, main_answer
from sim.report.numbers import estimate, percent
from sim.scenario.scope import party_name

if TYPE_CHECKING:
    from sim.results.by_government import UnderGovernment
    from sim.results.result import Result

TOLD = 2
"""Governments that the first screen of a page tells, at most; its table has all."""


@dataclass(frozen=True)
class GovernmentTable:
    """What the worlds of each government that may come answer."""

    head: str
    """Which party, and from when."""
    governments: list[tuple[str, str]]
    """What may be taken up, and by which probability in how many worlds it is."""
    rows: list[tuple[str, list[tuple[str, str]]]]
    """Of each outcome the estimate and the interval under each."""
    reasons: str
    """Why the probabilities are what they are; may be empty."""


def government_tables(run: Result) -> list[GovernmentTable]:
    """Write a table for each government of a run, without what history settles."""
    return [_table(run, under) for under in _drawn(run)]


def _drawn(run: Result) -> list[list[UnderGovernment]]:
    """Return what may be taken up at each date, without what no world has."""
    met = [u for u in run.by_government if u.worlds]
    return [list(group) for _, group in groupby(met, key=lambda u: u.id)]


def _table(run: Result, under: list[UnderGovernment]) -> GovernmentTable:
    first = under[0].government
    who = f"{party_name(run.scenario, first.party)}, from {spoken(first.on)}"
    heads = [
        (_title(run, u), f"{percent(u.probability, whole=True)}, {u.worlds:,} worlds")
        for u in under
    ]
    rows = []
    for n, answer in enumerate(under[0].answers):
        if not answer.settled:
            cells = [estimate(u.answers[n])[:2] for u in under]
            rows.append((answer.title, cells))
    head = f"{first.title}: {who}" if first.title else who
    return GovernmentTable(head, heads, rows, first.reasons or "")


def governed(run: Result) -> list[str]:
    """Say how the outcome that is asked differs by who governs; nothing where that is not drawn."""
    main = main_answer(run)
    if main is None or main.settled:
        return []
    return [
        _told(run, under, main.name, main.title) for under in _drawn(run)[:TOLD] if len(under) > 1
    ]


def _told(run: Result, under: list[UnderGovernment], name: str, title: str) -> str:
    party, since = under[0].government.party, spoken(under[0].government.on)
    parts = [
        f"{estimated(a.type, a.estimate, a.worlds)} with “{_title(run, u)}”"
        for u in under
        for a in u.answers
        if a.name == name
    ]
    return f"“{title}”, by who governs from {since} ({party}): {', '.join(parts)}."


def _title(run: Result, under: UnderGovernment) -> str:
    return run.scenario.doctrines[under.doctrine].title
