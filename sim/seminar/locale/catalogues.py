"""The languages of lessons: English, and each for which a catalogue stands beside this module."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from sim.ground.countries import by_code
from sim.ground.language import ENGLISH, Language

FOLDER = Path(__file__).parent
CATALOGUE = "LC_MESSAGES/seminar.po"


def languages() -> list[str]:
    """List the languages that a lesson can be held in, English first."""
    return [ENGLISH.code, *sorted(path.parts[-3] for path in FOLDER.glob(f"*/{CATALOGUE}"))]


@cache
def language_of(code: str) -> Language:
    """Return one of `languages`; its catalogue is read once."""
    if code == ENGLISH.code:
        return ENGLISH
    from babel.core import Locale
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with (FOLDER / code / CATALOGUE).open("rb") as file:
        write_mo(compiled, read_po(file, locale=code, domain="seminar"))
    compiled.seek(0)
    locale, texts = Locale.parse(code), GNUTranslations(compiled)
    symbols, called = locale.number_symbols["latn"], by_code(locale.territories)
    return Language(code, texts, symbols["decimal"], symbols["group"], called)
