"""The codebook in short: kinds of event, fields and their words, as the models say it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from inspect import getdoc

from sim.coding.book import CODEBOOK, EVENTS, Sheet
from sim.coding.columns import BY_RUNS, KEYED, Column, columns_of, event_columns, keyed_columns
from sim.log.accounts import AGENDAS
from sim.log.events import MODELS, ChannelOccurrence, Occurrence
from sim.log.kinds import KIND_RULES

EFFECTS = {
    "contact": "keeps the channel alive",
    "corridor": "keeps words in passing alive",
    "cut": "ends contact",
    "silence": "ends a standing line",
    None: "none",
}
"""What an event does to the channel's state, in words."""


@dataclass(frozen=True)
class KindRow:
    """One kind of event in short."""

    kind: str
    about: str
    channel: str
    needs: tuple[str, ...]
    may: tuple[str, ...]
    effect: str


def kind_rows() -> list[KindRow]:
    """Return every kind of event with what it needs and does."""
    common = {c.name for c in columns_of(Occurrence)}
    found = []
    for (kind, rule), model in zip(KIND_RULES.items(), MODELS, strict=True):
        said = " ".join((getdoc(model) or "").split()).partition(". ")[0].rstrip(".") + "."
        names = {field.alias or name: field for name, field in model.model_fields.items()}
        own = [c.name for c in columns_of(model) if c.name not in common and c.name != "kind"]
        needs = tuple(n for n in own if n in names and names[n].is_required())
        must = issubclass(model, ChannelOccurrence)
        may = tuple(n for n in own if n not in needs)
        where = "required" if must else "may be empty"
        found.append(KindRow(kind, said, where, needs, may, EFFECTS[rule.effect]))
    return found


def field_rows() -> list[tuple[str, str, str]]:
    """Return every column of events that a coder fills in: name, what it means, its words."""
    columns = [c for c in event_columns() if c.name not in BY_RUNS]
    return [(c.name, c.about, _words(c)) for c in columns]


def channel_rows() -> list[tuple[str, str, str]]:
    """Return every column of the sheet of channels."""
    return [(c.name, c.about, _words(c)) for c in keyed_columns("channels")]


def _words(column: Column) -> str:
    if column.name == "agenda":
        return ", ".join(AGENDAS)
    if column.name == "kind":
        return "see the kinds"
    forms = {
        "words": "several: with semicolons between",
        "wholes": "several: with semicolons between",
        "lines": "several: one a line",
        "flag": "true, or empty",
        "number": "a number",
        "whole": "a whole number",
    }
    return ", ".join(column.options) or forms.get(column.form, "")


KIND_HEADS = ("kind", "what happened", "channel", "needs", "may have", "effect on the channel")
FIELD_HEADS = ("column", "about", "words")
DATES = (
    ("2023-03-02", "a day"),
    ("2022-07", "a month"),
    ("2018", "a year"),
    ("2022-02-21/2022-02-24", "one of these days"),
    ("2021-12~", "about then"),
)
"""How dates are written, no more precise than the source is."""


def codebook_sheet() -> tuple[Sheet, dict[str, tuple[int, int]]]:
    """Return the codebook as a sheet, and the first and last row of what its first column lists."""
    rows: list[list[str]] = []
    places: dict[str, tuple[int, int]] = {}

    def part(name: str, heads: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
        if rows:
            rows.append([])
        rows.append(list(heads))
        first = len(rows) + 1
        rows.extend([*line] for line in lines)
        places[name] = (first, len(rows))

    kinds = kind_rows()
    part(
        "kind",
        KIND_HEADS,
        (
            (k.kind, k.about, k.channel, "; ".join(k.needs), "; ".join(k.may), k.effect)
            for k in kinds
        ),
    )
    part("date", ("date", "about"), DATES)
    part("agenda", ("agenda",), ((word,) for word in AGENDAS))
    part("column", FIELD_HEADS, field_rows())
    part("channels", ("column of the sheet channels", "about", "words"), channel_rows())
    return Sheet(CODEBOOK, rows), places


def lists_for(
    sheets: Iterable[Sheet], places: dict[str, tuple[int, int]]
) -> dict[str, dict[str, Sequence[str] | str]]:
    """Return by sheet and column what may be chosen: short lists of words, and where the book
    holds the longer ones."""
    held = {sheet.name: sheet for sheet in sheets}
    options = {c.name: c.options for c in event_columns() if c.options}
    chosen: dict[str, Sequence[str] | str] = {}
    for head in held[EVENTS].rows[0]:
        last = head.rpartition(".")[2]
        if head == "kind":
            chosen[head] = _range(CODEBOOK, *places["kind"])
        elif last == "agenda":
            chosen[head] = _range(CODEBOOK, *places["agenda"])
        elif head.startswith("accounts.") and last == "kind":
            chosen[head] = tuple(k for k, rule in KIND_RULES.items() if rule.told)
        elif head in ("channel", "source.document"):
            part = "channels" if head == "channel" else "sources"
            if part in held:
                chosen[head] = _range(part, 2, 200)
        elif last in ("stand_in", "denial"):
            chosen[head] = ("true",)
        elif head in options:
            chosen[head] = options[head]
    lists: dict[str, dict[str, Sequence[str] | str]] = {EVENTS: chosen}
    for part in KEYED:
        lists[part] = {c.name: c.options for c in keyed_columns(part) if c.options}
    return lists


def _range(sheet: str, first: int, last: int) -> str:
    return f"{sheet}!$A${first}:$A${last}"
