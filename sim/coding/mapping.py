"""Mapping files: what the columns and codes of a table of events mean, in YAML for people."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from sim.ground.checking import check
from sim.ground.errors import did_you_mean
from sim.ground.schema import Line, Slug, Strict, Text, Whole
from sim.ground.yaml import load_yaml
from sim.log.accounts import Agenda
from sim.log.events import KINDS, MODELS
from sim.log.log import Reference

SHIPPED = Path(__file__).parent / "mappings"
NEEDED = {"id", "kind", "date", "channel"}
MAPPABLE = tuple(
    kind
    for kind, model in zip(KINDS, MODELS, strict=True)
    if {n for n, f in model.model_fields.items() if f.is_required()} <= NEEDED
)
"""Kinds that a row can give everything that they need."""


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Heads = Annotated[tuple[Line, ...], BeforeValidator(_listed), Field(max_length=20)]
"""The head of a column, or several whose cells are put together."""


class Side(Strict):
    """The columns that say who one side is."""

    country: Line
    """The column of its country, as a name or a code."""
    sectors: Heads = ()
    """The columns of its offices, such as `Foreign Ministry`."""
    name: Heads = ()
    """The columns of its name, such as `Sergey Lavrov`."""


class Columns(Strict):
    """Which column holds what."""

    date: Line
    code: Heads
    """What happened; of several columns the cells are joined by `/`."""
    a: Side
    """Who acted."""
    b: Side
    """Towards whom."""
    id: Line | None = None
    """The row's own number."""
    words: Heads = ()
    """What becomes the summary."""
    place: Line | None = None
    agenda: Heads = ()
    """What `agendas` is looked up in."""
    url: Line | None = None


class KindOf(Strict):
    """What a code means."""

    kind: Literal[MAPPABLE]  # type: ignore[valid-type]
    by: Literal["a", "b"] | None = None
    """Who began it; nobody where the table says only that both took part."""


class LevelOf(Strict):
    """By what a side is known to be a principal of a level."""

    sectors: tuple[Line, ...] = ()
    """Words of which one stands in its offices."""
    names: tuple[Line, ...] = ()
    """Words of which one stands in its name."""
    unless: tuple[Line, ...] = ()
    """Words that make it somebody else, such as `Deputy`."""


class Mapping(Strict):
    """What a table of coded events means."""

    title: Line
    reasons: Text | None = None
    """Why it maps as it does."""
    source: Reference
    """The document that the events name as their source."""
    delimiter: Literal["comma", "semicolon", "tab"] | None = None
    """What stands between the cells; found out where it is left out."""
    header: tuple[Line, ...] = Field(default=(), max_length=200)
    """The heads of the columns, for a table without a line of heads."""
    date_form: Literal["YYYY-MM-DD", "YYYYMMDD", "MM/DD/YYYY", "DD/MM/YYYY"] = "YYYY-MM-DD"
    columns: Columns
    kinds: dict[Line, KindOf | None] = Field(max_length=2_000)
    """What a code, or all codes that begin so, mean; null for nothing. The longest counts."""
    levels: dict[Slug, LevelOf] = Field(min_length=1, max_length=50)
    """The levels, the first that fits; both sides must be of one."""
    agendas: dict[Line, Agenda | None] = Field(default_factory=dict, max_length=500)
    """What a word of the columns for the agenda means."""
    same_within_days: Whole = Field(default=1, ge=0, le=30)
    """Rows of one kind and channel that lie so near are taken for one event."""
    doubt: Text
    """What every event of it says of how sure it is."""

    @model_validator(mode="after")
    def _known_heads(self) -> Mapping:
        if self.header:
            for head in self.heads:
                if head not in self.header:
                    hint = did_you_mean(head, self.header)
                    raise ValueError(f"the header has no column {head}{hint}")
        return self

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Every column that it reads."""
        c = self.columns
        single = (c.date, c.a.country, c.b.country, c.id, c.place, c.url)
        several = (c.code, c.words, c.agenda, c.a.sectors, c.a.name, c.b.sectors, c.b.name)
        return (*(h for h in single if h), *(h for heads in several for h in heads))

    @cached_property
    def _longest(self) -> list[str]:
        return sorted(self.kinds, key=len, reverse=True)

    def kind_of(self, code: str) -> KindOf | None:
        """Return what a code means, by the longest beginning that is listed."""
        found = next((key for key in self._longest if code.startswith(key)), None)
        return None if found is None else self.kinds[found]

    def level_of(self, sectors: str, name: str) -> str | None:
        """Return the level of one side."""
        said, called = sectors.lower(), name.lower()
        for level, rule in self.levels.items():
            if any(word.lower() in said or word.lower() in called for word in rule.unless):
                continue
            if any(word.lower() in said for word in rule.sectors):
                return level
            if any(word.lower() in called for word in rule.names):
                return level
        return None


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises:
        InputError: every broken rule of it.
    """
    return check(Mapping, load_yaml(path))


def shipped_mappings() -> list[str]:
    """List the tables for which a mapping ships."""
    return sorted(p.stem for p in SHIPPED.glob("*.yaml"))
