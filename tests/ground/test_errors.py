"""Problems: one line each, bounded, in order, and whole after a journey between processes."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ground.errors import (
    MAX_HINTED,
    MAX_SHOWN_VALUE,
    BackchannelError,
    InputError,
    Problem,
    RunError,
    did_you_mean,
    shown,
)
from sim.ground.letters import visible


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (None, "nothing"),
        (1.5, "1.5"),
        ([1, 2], "a list of 2"),
        ({"a": 1}, "a mapping of 1"),
        ("two\nlines\x1b", r"two\nlines\x1b"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 57 + "..."),
    ],
)
def test_values_are_shown(value: object, text: str) -> None:
    assert shown(value) == text


@given(st.text() | st.integers() | st.floats() | st.binary() | st.lists(st.text()))
def test_any_value_is_shown_on_one_bounded_line(value: object) -> None:
    assert shown(value).isprintable()
    assert len(shown(value)) <= MAX_SHOWN_VALUE


@given(st.text(), st.text(), st.text(), st.text())
def test_a_message_is_one_line(file: str, path: str, rule: str, got: str) -> None:
    told = str(Problem(file, 3, path, rule, got))
    assert visible(told) == told


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("f.yaml", 12, "a.b", "must be so", "x"), "f.yaml:12: a.b: must be so (got x)"),
        (Problem("f.yaml", 12, "", "must be so"), "f.yaml:12: must be so"),
        (Problem("f.yaml", 0, "", "no such file"), "f.yaml: no such file"),
    ],
)
def test_messages(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_problems_are_sorted_and_told_once() -> None:
    a, b, c = (Problem("b", 2, "", "x"), Problem("a", 10, "", "x"), Problem("a", 9, "", "x"))
    error = InputError([a, b, c, a])
    assert error.problems == [c, b, a]
    assert str(error) == "a:9: x\na:10: x\nb:2: x"


def test_errors_survive_pickling() -> None:
    error = InputError([Problem("f", 1, "p", "r", "g")])
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is InputError
    assert again.problems == error.problems
    assert str(again) == str(error)


def test_the_family() -> None:
    assert issubclass(InputError, BackchannelError)
    assert issubclass(RunError, BackchannelError)


def test_near_misses() -> None:
    assert did_you_mean("untli", ["until", "as_of"]) == "; did you mean 'until'?"
    assert did_you_mean("xyz", ["until", "as_of"]) == ""
    assert did_you_mean("until", []) == ""
    assert did_you_mean("untli", [*(f"k{n}" for n in range(MAX_HINTED)), "until"]) == ""
    assert did_you_mean("x" * 1_000_000, ["x" * 99]) == f"; did you mean '{'x' * 99}'?"


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("titel", ["title", "until"], "title"),
        ("URS", ["RUS", "USA"], "USA"),
        ("Russia", ["RUS", "USA"], ""),
        ("freed", ["reopened", "american-freed"], "american-freed"),
        ("open", ["reopened", "open-at-end"], ""),
        ("usa-rus/leaders", ["usa-rus/ministers"], "usa-rus/ministers"),
        ("abc", ["x-abc-y"], ""),
    ],
)
def test_hints_are_near_or_none(word: str, known: list[str], hint: str) -> None:
    assert did_you_mean(word, known) == (f"; did you mean '{hint}'?" if hint else "")
