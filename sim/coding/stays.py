"""Stays abroad as tables have them: a row for a first and a last day (travels and visits)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from sim.coding.found import LeftOut, Rows, clean, span
from sim.coding.xmlfile import text_of, xml_rows


@dataclass(frozen=True)
class Stay:
    """One row of such a table."""

    row: str
    """Where it stands, as `travels.xml#3992`."""
    date: str
    """The days as EDTF; empty where they are none."""
    words: str
    """What the row says."""
    cells: Element

    def text(self, name: str, most: int | None = None) -> str:
        """Return what a child says, cut where it is longer than `most` letters."""
        text = text_of(self.cells, name)
        return text if most is None else clean(text, most)

    def left_out(self, reason: str) -> LeftOut:
        """Return the row as one that becomes no event."""
        return LeftOut(self.row, reason, self.words)


def stays(
    files: Iterable[Path], rows: Rows, root: str, row: str, who: str, said: str
) -> Iterator[Stay]:
    """Read the rows of tables of stays, and count them; `who` or where and what is `said` of it are
    the children that its words are made of.

    Raises:
        InputError: a file cannot be read.
    """
    for path in files:
        for number, cells in xml_rows(path, root, row):
            rows.read += 1
            id_ = clean(text_of(cells, "id"), 40) or str(number)
            date = span(text_of(cells, "start-date"), text_of(cells, "end-date"))
            words = (text_of(cells, child) for child in (who, said))
            yield Stay(f"{path.name}#{id_}", date, clean(": ".join(filter(None, words))), cells)
