"""Letters that steer a terminal or turn text around: refused in fields, escaped in names."""

from __future__ import annotations

import copy
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ground import schema
from sim.ground.errors import InputError, Problem, RunError, shown
from sim.ground.letters import TURNING, broken_text, escaped_json, plain, visible
from sim.log.file import load
from sim.scenario.resolve import load_scenario

CONTROLS = [chr(c) for c in [*range(32), *range(0x7F, 0xA0)] if chr(c) not in "\n\t"]
BAD = [*CONTROLS, *sorted(TURNING)]

texts = st.text(st.sampled_from(["a", "é", "ا", "\u200c", " ", "\n", "\ud800", "\udcff", *BAD])) | (
    st.text()
)


def steers(text: str) -> bool:
    """Whether a text holds what this module is to keep away; told by Unicode's own classes."""
    return any(
        unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF")
        or unicodedata.bidirectional(c) in ("LRI", "RLI", "FSI", "PDI")
        or c in "\u200e\u200f\u061c"
        for c in text
    )


@given(texts)
def test_what_is_made_visible_steers_nothing(text: str) -> None:
    assert not steers(visible(text))
    assert not steers(plain(text))
    assert not steers(shown(text))
    assert not steers(str(Problem(text, 1, text, text, text)))
    assert not steers(str(RunError(text)))


@given(st.text(st.sampled_from("aé\u200c\u200d\u00a0ا日🏳")))
def test_other_text_is_left_alone(text: str) -> None:
    assert visible(text) == plain(text) == escaped_json(text) == text
    assert broken_text(text) is None


@pytest.mark.parametrize("letter", BAD)
def test_each_letter_is_told_from_others(letter: str) -> None:
    """The control of the property: each of them steers where it is let through."""
    assert steers(f"a{letter}b")
    assert broken_text(f"a{letter}b", lines=True)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\x1b[31m", r"a\x1b[31m"),
        ("a\u202eb", r"a\u202eb"),
        ("a\nb", r"a\nb"),
        ("a\udcffb", r"a\xffb"),
        ("a\ud800b", r"a\ud800b"),
        ("a\U000e0001b", r"a\U000e0001b"),
    ],
)
def test_how_letters_are_escaped(text: str, seen: str) -> None:
    assert visible(text) == seen


@given(st.recursive(texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner)))
def test_escaped_json_says_the_same(value: Any) -> None:
    written = escaped_json(json.dumps(value, ensure_ascii=False))
    assert not steers(written)
    assert json.loads(written) == json.loads(json.dumps(value))


# ------------------------------------------------------------------------------------- fields

CHANNEL = "usa-rus/ministers"
LOG: dict[str, Any] = {
    "schema": 4,
    "title": "A log",
    "description": "How it came about.",
    "channels": {CHANNEL: {"parties": ["USA", "RUS"], "title": "The ministers"}},
    "sources": {"s": {"title": "T", "author": "A", "publisher": "P", "url": "https://u"}},
    "header": {"level": "forecast"},
    "events": [
        {
            "id": "call",
            "date": "2022-01-10",
            "kind": "call_held",
            "channel": CHANNEL,
            "place": "Geneva",
            "coder": "C",
            "summary": "They spoke.",
            "doubt": "One source.",
            "forum": "g20",
            "source": {"document": "s", "urls": ["https://v"]},
            "accounts": {"USA": {"summary": "A talk."}},
        },
        {"id": "treaty", "date": "2022-01-11", "kind": "treaty_suspended", "treaty": "New START"},
        {
            "id": "war",
            "date": "2022-01-12",
            "kind": "escalation",
            "severity": 0.5,
            "label": "invasion",
        },
    ],
}
SCENARIO: dict[str, Any] = {
    "title": "A scenario",
    "question": "What?",
    "reasons": "So.",
    "sources": ["A book"],
    "as_of": "2022-12-31",
    "until": "2023-06-30",
    "parties": {
        "USA": {"doctrine": "own", "principal": "Blinken"},
        "RUS": {"doctrine": "own", "principal": "Lavrov"},
    },
    "doctrines": {"own": {"extends": "transactional", "title": "Own", "reasons": "Because."}},
    "channels": {CHANNEL: {"title": "The ministers"}},
    "forums": {"g20": {"date": "2023-03-02", "title": "G20", "place": "New Delhi"}},
    "treaty": {"name": "New START"},
    "world": {"fighting": {"kind": "escalation", "rate_per_day": 0.1, "label": "fighting"}},
    "outcomes": {"open": {"type": "state_at", "title": "Open", "state": "open"}},
}
PARAGRAPHS = {"description", "summary", "doubt", "question", "reasons", "sources"}
"""Fields that may hold several lines."""


def leaves(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(data, str):
        yield path
    elif isinstance(data, dict | list):
        for step, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(value, (*path, step))


def changed(data: Any, path: tuple[str | int, ...], added: str) -> Any:
    data = copy.deepcopy(data)
    at = data
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] += added
    return data


CASES = [(load, LOG, path) for path in leaves(LOG)]
CASES += [(load_scenario, SCENARIO, path) for path in leaves(SCENARIO)]


def refused(read: Any, data: Any) -> bool:
    try:
        read(data)
        return False
    except InputError as error:
        told = str(error)
    assert not steers(told.replace("\n", " "))
    return True


def test_the_samples_are_valid() -> None:
    load(LOG)
    load_scenario(SCENARIO)


@pytest.mark.parametrize(
    ("read", "data", "path"),
    CASES,
    ids=lambda x: (
        x.__name__ if callable(x) else ".".join(map(str, x)) if isinstance(x, tuple) else "-"
    ),
)
def test_no_text_field_takes_them(read: Any, data: Any, path: tuple[str | int, ...]) -> None:
    for letter in ("\x1b", "\x9b", "\x07", "\u202e", "\u2066", "\u200f", "\u061c"):
        assert refused(read, changed(data, path, f"{letter}x")), ascii(letter)
    own = next(step for step in reversed(path) if isinstance(step, str))
    several = own in PARAGRAPHS and path[:1] != ("header",)
    assert refused(read, changed(data, path, "\nx")) != several


def test_keys_are_refused_too() -> None:
    for letter in ("\x1b", "\u202e", "\n"):
        assert refused(load, LOG | {"header": {f"a{letter}": "b"}})
        assert refused(load, LOG | {f"a{letter}": "b"})
        assert refused(load_scenario, SCENARIO | {"outcomes": {f"a{letter}": {}}})


def test_joiners_and_other_scripts_stay(tmp_path: Path) -> None:
    for title in ("می\u200cخواهم", "क\u200dष", "שלום", "日本"):
        assert load(LOG | {"title": title}).title == title


@pytest.mark.parametrize("path", [("title",), ("description",)])
def test_a_rule_that_lets_them_through_is_noticed(
    path: tuple[str | int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the rule, the same samples pass."""
    assert refused(load, changed(LOG, path, "\u202ex"))
    monkeypatch.setattr(schema, "broken_text", lambda *_, **__: None)
    assert not refused(load, changed(LOG, path, "\u202ex"))
