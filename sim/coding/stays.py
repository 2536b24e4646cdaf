"""Stays abroad as tables have them: a row for a first and a last day (travels and visits).

The tables are XML, read by defusedxml: document types and entities are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sim.coding.found import LeftOut, Rows, clean, span
from sim.ground.errors import InputError, Problem, shown
from sim.ground.files import read_bytes

MAX_XML_BYTES = 20_000_000
MAX_XML_ROWS = 100_000


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
        text = _text(self.cells, name)
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
        for number, cells in enumerate(_rows(path, root, row), 1):
            rows.read += 1
            id_ = clean(_text(cells, "id"), 40) or str(number)
            date = span(_text(cells, "start-date"), _text(cells, "end-date"))
            words = (_text(cells, child) for child in (who, said))
            yield Stay(f"{path.name}#{id_}", date, clean(": ".join(filter(None, words))), cells)


def _rows(path: Path, root: str, row: str) -> list[Element]:
    """Read the rows of an XML file: the elements of one name in its root element.

    Raises:
        InputError: it cannot be read, is too large, declares entities, or is of another kind.
    """
    name = path.as_posix()
    try:
        found = fromstring(read_bytes(path, MAX_XML_BYTES), forbid_dtd=True)
    except DefusedXmlException:
        rule = "must not hold a document type or entities"
        raise InputError([Problem(name, 0, "", rule)]) from None
    except ParseError as error:
        line = error.position[0]
        rule = f"is not well-formed XML: {str(error).partition(':')[0]}"
        raise InputError([Problem(name, line, "", rule)]) from None
    except (ValueError, LookupError):  # an encoding that nobody knows
        raise InputError([Problem(name, 0, "", "is not well-formed XML")]) from None
    if found.tag != root:
        rule = f"must hold <{root}> with a <{row}> a row"
        raise InputError([Problem(name, 0, "", rule, shown(f"<{found.tag}>"))])
    rows: list[Element] = found.findall(row)
    if len(rows) > MAX_XML_ROWS:
        raise InputError([Problem(name, 0, "", f"must hold at most {MAX_XML_ROWS:,} rows")])
    return rows


def _text(element: Element, name: str) -> str:
    """Return the text of a child on one line, its inner elements included; empty without one."""
    child = element.find(name)
    return " ".join("".join(child.itertext()).split()) if child is not None else ""
