"""A label that is cut is not cut within brackets, and dates of first differences are not cut."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim import plots
from sim.plots.lettering import printable, shorten, width, wrap

ENDS_OPEN = re.compile(r"[(\[“][^)\]”]*…$")
"""A label whose ellipsis stands within brackets."""
WORDS = st.lists(
    st.sampled_from(
        ["Call", "held", "(drawn: 2022-02-22)", "“Deployment”", "[a, b]", "2022-02-21 to", "(USA)"]
    ),
    min_size=1,
    max_size=9,
).map(" ".join)


@pytest.mark.parametrize("text", ["21 Feb (…", "21 Feb (drawn…", "asked because of “Dep…"])
def test_control_a_cut_within_brackets_is_seen(text: str) -> None:
    assert ENDS_OPEN.search(text)


@given(WORDS, st.floats(0.5, 3.0), st.integers(1, 3))
def test_no_label_is_cut_within_brackets(text: str, inches: float, lines: int) -> None:
    assume(text[0] not in "([“")
    found = wrap(text, 8.0, inches, lines=lines)
    assert not ENDS_OPEN.search(" ".join(found))
    assert len(found) <= lines
    assert all(width(line, 8.0) <= inches for line in found)
    if not found[-1].endswith("…"):
        # Only a word that is wider than a line is broken within.
        gap = " " if all(width(word, 8.0) <= inches for word in text.split()) else ""
        assert gap.join(gap.join(found).split()) == gap.join(printable(text).split())


@given(st.text("AVTWilo. -,éł…", max_size=40), st.floats(0.05, 0.98))
def test_a_cut_label_is_as_long_as_fits(middle: str, share: float) -> None:
    """The longest beginning that fits, as found by a look at each."""
    whole = printable(f"A{middle}W")
    inches = share * width(whole, 8.0)
    cuts = [whole[:end].rstrip() + "…" for end in range(1, len(whole))]
    fit = [cut for cut in cuts if width(cut, 8.0) <= inches]
    assert shorten(whole, 8.0, inches) == (fit or cuts)[-1 if fit else 0]


def test_a_letter_that_is_wider_than_the_space_is_a_line() -> None:
    assert wrap("WW", 8.0, 0.02) == ["W", "W"]


def test_what_begins_with_a_bracket_is_cut_all_the_same() -> None:
    assert shorten("(drawn: 2022-02-22 and then some)", 8.0, 1.0).startswith("(drawn")


def test_brackets_that_are_closed_stay() -> None:
    text = "Call (USA) held and then a great deal more of it"
    assert shorten(text, 8.0, 1.2).startswith("Call (USA) held")


def test_a_first_difference_shows_its_date_whole() -> None:
    row = {
        "replication": 1234,
        "time": "2022-02-21 to 2022-02-23 (drawn: 2022-02-22)",
        "decision": "USA, cancel: meeting cancelled in the history only; asked because of “A long "
        "name of an event that goes on, and on, so that no room is left for all of it”, and "
        "more that nobody needs to read, the same day",
        "probability_base": 0.6,
        "probability_other": 0.1,
        "uniform": 0.3,
        "margin": 0.2,
    }
    figure = plots.first_difference([row])
    said = [t.get_text() for t in figure.texts]
    assert "(drawn: 2022-02-22)" in " ".join(said)
    assert not [text for text in said if ENDS_OPEN.search(text) or text.endswith("(")]
    notes = " ".join(t.get_text() for t in figure.texts if t.get_label() == "note")
    assert "What comes first need not be why the outcome differs." in notes
