"""One column of a written table: its name, its type, its unit, and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ColumnType: TypeAlias = Literal["string", "number", "integer", "boolean", "date", "datetime"]
"""As the types of fields in a Table Schema of the Data Package standard are called."""
COLUMNS_FILE = "columns.csv"
SHARE, DAYS = "share, 0 to 1", "days"
POINTS = "share or days, as `unit` says"
LOGITS, NATS, SPREADS = "logits", "nats", "standard deviations"


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    type: ColumnType
    unit: str
    """Empty for words and for numbers without a unit."""
    meaning: str


def text(name: str, meaning: str) -> Column:
    """Return a column of words."""
    return Column(name, "string", "", meaning)


def number(name: str, unit: str, meaning: str) -> Column:
    """Return a column of numbers."""
    return Column(name, "number", unit, meaning)


def count(name: str, unit: str, meaning: str) -> Column:
    """Return a column of whole numbers."""
    return Column(name, "integer", unit, meaning)


def yes(name: str, meaning: str) -> Column:
    """Return a column of yes and no."""
    return Column(name, "boolean", "", meaning)
