"""XML of public data, read by defusedxml: document types and entities are refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sim.ground.errors import InputError, Problem, shown
from sim.ground.files import read_bytes

MAX_XML_BYTES = 20_000_000
MAX_XML_ROWS = 100_000


def xml_rows(path: Path, root: str, row: str) -> Iterator[tuple[int, Element]]:
    """Read the rows of an XML file: the elements of one name in its root element, counted from 1.

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
    rows = found.findall(row)
    if len(rows) > MAX_XML_ROWS:
        raise InputError([Problem(name, 0, "", f"must hold at most {MAX_XML_ROWS:,} rows")])
    yield from enumerate(rows, 1)


def text_of(element: Element, name: str) -> str:
    """Return the text of a child on one line, its inner elements included; empty without one."""
    child = element.find(name)
    return " ".join("".join(child.itertext()).split()) if child is not None else ""
