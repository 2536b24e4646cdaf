"""Text that a spreadsheet would take for a formula, and how to write it so that it does not."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

LEADS = frozenset("=+-@\u2212")
"""What a formula begins with. Other forms of these signs, as the full-width ones, count as well."""
ENDS = frozenset(",;\t|\r\n")
"""What may end a cell: programs that expect semicolons split a text at them, quoted or not."""


def harmless(text: str) -> str:
    """Return a text with an apostrophe before each sign at which a spreadsheet would begin a
    formula: at the start of a cell, and of what becomes one where another sign separates cells."""
    return _with(text, [first for first, sign in _begun(text) if first == sign])


def marked(text: str) -> str:
    """Return a harmless text from which `unmarked` gets the text back: one that has an apostrophe
    in such a place already gets another one."""
    return _with(text, [first for first, _ in _begun(text)])


def unmarked(text: str) -> str:
    """Take away one apostrophe from each place in which `marked` puts one."""
    gone = {first for first, sign in _begun(text) if first < sign}
    return "".join(letter for n, letter in enumerate(text) if n not in gone) if gone else text


def _begun(text: str) -> Iterator[tuple[int, int]]:
    """Find where formulas would begin: the place of the sign, and of the first apostrophe of those
    that stand before it."""
    begins = True
    for first, letter in enumerate(text):
        if begins:
            sign = first
            while text[sign : sign + 1] == "'":
                sign += 1
            if unicodedata.normalize("NFKC", text[sign : sign + 1])[:1] in LEADS:
                yield first, sign
        begins = letter in ENDS or (begins and (letter == '"' or letter.isspace()))


def _with(text: str, places: list[int]) -> str:
    for n in reversed(places):
        text = f"{text[:n]}'{text[n:]}"
    return text
