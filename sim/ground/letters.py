"""Letters that are not what they seem: those that steer a terminal, end a line, or turn the
direction of text around. Text fields refuse them; names of files show them escaped.
"""

from __future__ import annotations

import unicodedata

LINE_ENDS = frozenset("\n\u2028\u2029")
IN_LINES = LINE_ENDS | {"\t"}
"""What a text of several lines may hold and a text of one line may not."""
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks, embeddings, overrides and isolates: with them a text may be shown in another order than
it is written. Letters of scripts that run from right to left need none of them."""
JOINERS = frozenset("\u200c\u200d")
"""How Persian, Hindi and other scripts say that letters join, or do not."""


def broken_text(text: str, *, lines: bool = False) -> str | None:
    """Return the rule that a text breaks, of one line or of several, or None."""
    if text.isprintable():  # nearly every text is, and it is quick to tell
        return None
    for letter in text:
        if letter in IN_LINES:
            if not lines:
                return "must be one line" + (", without tabs" if letter == "\t" else "")
        elif unicodedata.category(letter) == "Cc":
            return "must not hold control characters"
        elif letter in TURNING:
            return "must not hold characters that change the direction of text"
        elif unicodedata.category(letter) == "Cs":
            return "must be text, not half a character"
    return None


def visible(text: str) -> str:
    """Write text on one line, with what does not print escaped, as `\\x1b` or `\\u202e`."""
    if text.isprintable():
        return text
    return "".join(c if _prints(c) else _escaped(c) for c in text)


def _prints(letter: str) -> bool:
    return letter.isprintable() or letter in JOINERS or unicodedata.category(letter) == "Zs"


def _escaped(letter: str) -> str:
    if letter == "\n":
        return r"\n"
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:  # Python's stand-in for a byte of a name that is no text
        code -= 0xDC00
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65_536 else f"\\U{code:08x}"
    )


def plain(text: str) -> str:
    """Return text for a file's name: with a dash for what does not print."""
    return "".join(c if _prints(c) else "-" for c in text)


def escaped_json(text: str) -> str:
    """Escape what does not print in JSON text, which then still says the same."""
    if text.isprintable():
        return text
    return "".join(c if c == "\n" or _prints(c) else _json_escape(c) for c in text)


def _json_escape(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))
