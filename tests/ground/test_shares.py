"""A share of none or of all of some worlds is no 0 and no 1."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ground.shares import floored, in_worlds
from sim.plots.scale import whole_percent
from sim.report.numbers import percent, share_of

worlds = st.integers(1, 10**6)
BARE = re.compile(r"(0|0\.0|100|100\.0) %")


@pytest.mark.parametrize(
    ("share", "of", "long", "short"),
    [
        (0.0, 2000, "< 1 in 2,000", "< 1 %"),
        (1.0, 2000, "> 1,999 in 2,000", "> 99 %"),
        (0.0, 100, "< 1 in 100", "< 1 %"),
        (0.0, 60, "< 1 in 60", "< 2 %"),
        (1.0, 60, "> 59 in 60", "> 98 %"),
        (0.0, 4, "0 of 4", "0 of 4"),
        (1.0, 4, "4 of 4", "4 of 4"),
    ],
)
def test_none_and_all_have_a_floor(share: float, of: int, long: str, short: str) -> None:
    assert floored(share, of) == percent(share, worlds=of) == long
    assert floored(share, of, whole=True) == whole_percent(share, of) == short


@given(worlds, st.data())
def test_no_share_of_worlds_is_written_as_0_or_100(of: int, data: st.DataObject) -> None:
    count = data.draw(st.sampled_from([0, 1, of - 1, of]) | st.integers(0, of))
    for text in (percent(count / of, worlds=of), whole_percent(count / of, of)):
        assert not BARE.fullmatch(text), text
    assert (floored(count / of, of) is None) == (0 < count < of)
    assert BARE.fullmatch(percent(0.0)), "the control: nobody said of how many worlds"


def test_what_is_no_share_of_worlds_keeps_its_number() -> None:
    assert floored(0.0, None) is None
    assert floored(float("nan"), 10) is None
    assert percent(0.0) == "0.0 %"
    assert percent(1.0) == "100.0 %"
    assert whole_percent(0.0) == "0 %"


def test_sentences() -> None:
    assert in_worlds(0.48, 2000) == "in 48 of 100 worlds"
    assert in_worlds(0.0005, 2000) == "in fewer than 1 of 100 worlds"
    assert in_worlds(0.0, 2000) == "in fewer than 1 of 2,000 worlds"
    assert in_worlds(1.0, 2000) == "in more than 1,999 of 2,000 worlds"
    assert in_worlds(0.0, 3) == "in none of 3 worlds"
    assert in_worlds(1.0, 3) == "in each of 3 worlds"
    assert in_worlds(0.0) == "in 0 of 100 worlds"
    assert share_of(0.0, 500) == "in fewer than 1 of 500 worlds"
    assert share_of(0.25, 500) == "in 25.0 % of 500 worlds"
    assert share_of(1.0, 500, settled=True) == "in all of 500 worlds: history settles this"
