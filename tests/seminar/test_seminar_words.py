"""The words of the seminar's pages: those of a list, and no turn that was found hard to read.

Who adds a word to a page adds it to `words.txt`, and asks first whether somebody knows it for whom
English is a third language. The pages of the role play are not among them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "sim" / "seminar"
LIST = Path(__file__).parent / "words.txt"
PAGES = sorted(
    path
    for folder in ("web", "pages")
    for path in (ROOT / folder / "templates").glob("*.html")
    if not path.name.startswith("play_") and path.name not in ("debrief.html", "alone.html")
)
MODULES = sorted(
    path
    for path in ROOT.rglob("*.py")
    if "rehearsal" not in path.name
    and path.parent.name != "play"
    and path.name not in ("play.py", "alone.py")
)
SPEAKING = [
    ROOT / f"{name}.py"
    for name in ("pages/days", "pages/legend", "pages/revealed", "record/refusal")
]
"""Modules that hold sentences of the pages."""
HARD = {
    "in the eyes of": "as Russia sees it",
    "meet the same chance": "use the same random numbers",
    "as it ships": "original, or normal value",
    "by silence": "after 60 days without contact",
    "run out": "is over",
    "comes about": "happens",
    "whoever": "anybody with",
    "it stands on": "look at",
    "up to 2": "until 2",
    "lay beside": "show next to",
}
"""What was once found on the pages, and what to write."""


def texts(template: str) -> Iterator[str]:
    """Give what a page says: its text, its labels, and the sentences of its conditions."""
    template = re.sub(r"<(script|style|code)\b.*?</\1>", " ", template, flags=re.DOTALL)
    for inside in re.findall(r"\{[{%].*?[%}]\}", template, flags=re.DOTALL):
        yield from (
            w for w in re.findall(r'"([^"]*)"', inside) if re.search(r"[a-z] |[A-Z][a-z]", w)
        )
    yield from re.findall(r"_\(\"([^\"]*)\"", template)
    bare = re.sub(r"\{[{%].*?[%}]\}", " ", template, flags=re.DOTALL)
    bare = re.sub(r'\bdata-page="[^"]*"', " ", bare)
    yield from re.findall(r'(?:aria-label|alt|data-(?:range|fits|less|more))="([^"]*)"', bare)
    yield re.sub(r"<[^>]*>", " ", bare)


def refusals(module: str) -> Iterator[str]:
    """Give what a module refuses, and in which words."""
    for node in ast.walk(ast.parse(module)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
            parts = [n for argument in node.args for n in ast.walk(argument)]
            yield " ".join(
                n.value for n in parts if isinstance(n, ast.Constant) and isinstance(n.value, str)
            )


def sentences(module: str) -> Iterator[str]:
    """Give every text of a module but for its docstrings."""
    tree = ast.parse(module)
    notes = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield node.value if " " in node.value else ""


@cache
def said() -> list[tuple[str, str]]:
    """Return every text, with its file."""
    return [
        (path.name, text)
        for paths, read in ((PAGES, texts), (SPEAKING, sentences), (MODULES, refusals))
        for path in paths
        for text in read(path.read_text("utf-8"))
    ]


def words_of(text: str) -> set[str]:
    """Return the words of a text, in small letters, without the names of its places."""
    text = re.sub(r"%\(\w+\)s|\{\w+\}", " ", text)
    return {w.lower() for w in re.findall(r"[A-Za-z]+(?:['’-][A-Za-z]+)*", text) if len(w) > 1}


KNOWN = {*LIST.read_text("utf-8").split()}


def test_every_word_is_on_the_list() -> None:
    new = {(name, word) for name, text in said() for word in words_of(text) - KNOWN}
    assert new == set()


def test_the_list_holds_no_word_that_is_not_used() -> None:
    used = {word for _, text in said() for word in words_of(text)}
    assert KNOWN - used == set()
    assert sorted(KNOWN) == LIST.read_text("utf-8").split()
    assert len(KNOWN) < 700


@pytest.mark.parametrize("turn", HARD)
def test_no_hard_turn_comes_back(turn: str) -> None:
    flat = [(name, re.sub(r"\s+", " ", text).lower()) for name, text in said()]
    assert [name for name, text in flat if turn in text] == []


def test_control_a_new_word_and_a_hard_turn_are_seen() -> None:
    page = '<p>The worlds obfuscate. {{ "They meet the same chance" if x else y }}</p>'
    assert words_of(" ".join(texts(page))) - KNOWN == {"obfuscate", "meet", "chance"}
    assert any("meet the same chance" in text for text in texts(page))
    assert [*refusals('raise Refused(f"No {x} may.")')] == ["No   may."]
