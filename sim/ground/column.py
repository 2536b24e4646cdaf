"""One column of a written table: its name, its type, its unit, and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ColumnType: TypeAlias = Literal["string", "number", "integer", "boolean", "date", "datetime"]
"""As the types of fields in a Table Schema of the Data Package standard are called."""
COLUMNS_FILE = "columns.csv"
SHARE, DAYS, LOGITS = "share, 0 to 1", "days", "logits"


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    type: ColumnType
    unit: str
    """Empty for words and for numbers without a unit."""
    meaning: str
