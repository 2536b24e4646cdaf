"""The language in which pages are written.

Texts stand in English where they are used, marked by `_` and `ngettext`; those of tables are marked
by `N_` where they stand, and go through `_` where they are printed. English is spoken unless
somebody says otherwise: the command line, errors and reports are English.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from gettext import NullTranslations


@dataclass(frozen=True)
class Language:
    """A language: its texts, and how it writes numbers."""

    code: str
    texts: NullTranslations
    decimal: str = "."
    group: str = ","
    countries: Mapping[str, str] = field(default_factory=dict)
    """The names of countries, by ISO 3166 alpha-3 code, where they are not the English ones."""


SIGN = "% \u00a0\u202f"
"""What stands behind the number of a percentage."""
QUESTION = "?. \u00a0\u202f"
"""What stands behind the words of a question."""
ENGLISH = Language("en", NullTranslations())
_SPOKEN: ContextVar[Language] = ContextVar("language", default=ENGLISH)


def language() -> Language:
    """Return the language that is spoken here."""
    return _SPOKEN.get()


@contextmanager
def speaking(spoken: Language) -> Iterator[None]:
    """Speak a language for a while. It is that of this task or thread only: two rooms of one
    process may speak two."""
    before = _SPOKEN.set(spoken)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def N_(text: str) -> str:  # noqa: N802 - the name by which extractors know it
    """Mark a text of a table: it is translated where it is printed."""
    return text


def _(text: str, /, **values: object) -> str:
    """Return a text in the language that is spoken, with its named places filled."""
    said = language().texts.gettext(text)
    return said.format(**values) if values else said


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """Return a text as it is said of so many; the number may stand in it as `{n}`."""
    values = {"n": numeral(f"{number:,}"), **values}
    return language().texts.ngettext(one, many, number).format(**values)


def numeral(number: object) -> str:
    """Return a number that was written in English as the language writes it."""
    spoken, text = language(), str(number)
    if (spoken.decimal, spoken.group) == (".", ","):
        return text
    return text.translate({ord("."): spoken.decimal, ord(","): spoken.group})


def percent(number: object) -> str:
    """Write a percentage; `number` is written in English."""
    return _("{number} %", number=numeral(number))
