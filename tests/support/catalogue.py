"""The texts of the seminar's pages: as they are marked, as a catalogue has them, as pages show
them."""

from __future__ import annotations

import ast
import io
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from sim.seminar.locale.catalogues import CATALOGUE, FOLDER

ROOT = Path(__file__).parents[2]
KEYWORDS = {**DEFAULT_KEYWORDS, "FeatureRule": (3,)}
Texts = tuple[str, ...]
"""A text, or its forms for one and for many."""
MARKS = re.compile(r"\{\w+\}|%\(\w+\)s|#|<[^>]*>")
"""What a text must hold in every language: its places and its tags."""
SHOWN = ("aria-label", "alt", "title", "placeholder")
"""Attributes that people are told, beside those of `data-` that a script shows."""


@cache
def marked() -> frozenset[Texts]:
    """Return all texts that are marked, as `pybabel extract` finds them."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]
    methods = [(m["pattern"], m["method"]) for m in mappings["mappings"]]
    options = {
        m["pattern"]: {k: v for k, v in m.items() if v == "true"} for m in mappings["mappings"]
    }
    found = extract_from_dir(
        ROOT / "sim",
        [(p.removeprefix("sim/"), m) for p, m in methods],
        {p.removeprefix("sim/"): o for p, o in options.items()},
        KEYWORDS,
    )
    return frozenset(text if isinstance(text, tuple) else (text,) for _, _, text, _, _ in found)


def written() -> Iterator[str]:
    """Give every first argument of the marks in the program's modules, also within f-strings."""
    for path in (ROOT / "sim").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if name in ("_", "N_", "ngettext") and isinstance(node, ast.Call):
                text = node.args[0]
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield text.value


@cache
def catalogue(code: str) -> dict[Texts, Texts]:
    """Read a catalogue; a text that is not sure has no translation."""
    path = FOLDER / code / CATALOGUE
    with path.open("rb") as file:
        read = read_po(file)
    return {texts(m.id): () if m.fuzzy else texts(m.string) for m in read if m.id}


def texts(said: str | Sequence[str]) -> Texts:
    """Return the forms of a text."""
    return (said,) if isinstance(said, str) else tuple(said)


def bracketed(folder: Path, code: str) -> None:
    """Write a catalogue in which every text stands in brackets, and is English within them."""
    made = Catalog(locale=code, domain="seminar", fuzzy=False)
    for text in marked():
        forms = [f"⟦{form}⟧" for form in text]
        made.add(text if len(text) > 1 else text[0], forms if len(text) > 1 else forms[0])
    path = folder / code / CATALOGUE
    path.parent.mkdir(parents=True)
    out = io.BytesIO()
    write_po(out, made)
    path.write_bytes(out.getvalue())


class _Said(HTMLParser):
    """Collects what a page says: its texts in order, and its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.named: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")
        for name, value in attrs:
            if name in SHOWN or (
                name.startswith("data-") and name != "data-kinds" and " " in (value or "")
            ):
                self.named.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.told.append(" ".join(data.split()))


def said(page: str) -> tuple[list[str], list[str]]:
    """Return what a page says: its texts in order, and the attributes that people are told."""
    reader = _Said()
    reader.feed(page)
    return reader.told, reader.named
