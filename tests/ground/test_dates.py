"""Dates against the `edtf` library as an oracle, and against the calendar of Python.

The oracle differs in two ways, which are tested apart: it loses the time of a date-time, and it
takes an interval that ends before it begins.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from time import struct_time

import pytest
from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException
from hypothesis import given
from hypothesis import strategies as st
from strategies import edtf_dates

from sim.ground.dates import DAY_S, MAX_YEAR, MIN_YEAR, day, end_of, instant, moment, parse, seconds

in_range = st.dates(date(MIN_YEAR, 1, 1), date(MAX_YEAR, 12, 31))


def oracle(text: str) -> tuple[int, int]:
    """The instants that the `edtf` library gives to a date, from its first day to its last."""
    parsed = parse_edtf(text)

    def at(edge: struct_time) -> int:
        return calendar.timegm(edge)

    return at(parsed.lower_strict()), at(parsed.upper_strict()) + DAY_S


def span(text: str) -> tuple[int, int]:
    found = parse(text)
    return found.lo_s, found.hi_s


@given(edtf_dates().filter(lambda text: "T" not in text))
def test_spans_agree_with_the_oracle(text: str) -> None:
    assert span(text) == oracle(text)


@given(in_range, in_range, st.sampled_from(["", "~", "?", "%"]), st.sampled_from(["%Y", "%Y-%m"]))
def test_intervals_and_doubts_agree_with_the_oracle(
    first: date, last: date, doubt: str, form: str
) -> None:
    lo, hi = sorted((first, last))
    for text in (lo.isoformat() + doubt, lo.strftime(form) + doubt, f"{lo}{doubt}/{hi}{doubt}"):
        assert span(text) == oracle(text)
        assert parse(text).doubt == doubt


@pytest.mark.parametrize("text", ["2023-02-28", "2024-02", "1900-02", "2000-02", "2023", "2023-12"])
def test_the_oracle_sees_a_day_too_many(text: str) -> None:
    """The control: a span that is a day longer or shorter does not agree."""
    lo, hi = oracle(text)
    assert span(text) == (lo, hi)
    assert span(text) not in ((lo, hi + DAY_S), (lo, hi - DAY_S), (lo - DAY_S, hi))


NO_DATES = [
    "", " ", "2022-13", "2022-00", "2023-02-30", "2023-00-10", "2022-1-1", "22-01-01",
    "2022-07-", "20220701", "spring 2022", "2022-01-01T25:00:00Z",
    "2022-01-01T10:61:00Z", "2022-01-01T10:00:61Z", "2022~~", "２０２２",
    "2022-01-01/2022-02-01/2022-03-01",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_refused_as_by_the_oracle(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|exist"):
        parse(text)
    with pytest.raises((EDTFParseException, ValueError)):
        parse_edtf(text).lower_strict()


@pytest.mark.parametrize(
    "text",
    ["2022-21", "202X", "2022-XX", "Y20000", "../2022", "2022/..", "2022/", "/2022", "~2022"],
)
def test_levels_of_edtf_that_are_not_used_here(text: str) -> None:
    parse_edtf(text)
    with pytest.raises(ValueError, match=r"must be an EDTF date|does not exist"):
        parse(text)


@pytest.mark.parametrize("text", ["2023-02-29", "2022-07-01 ", " 2022"])
def test_what_the_oracle_lets_pass(text: str) -> None:
    """A day that its year does not have, and space around a date."""
    parse_edtf(text)
    with pytest.raises(ValueError, match=r"must be an EDTF date|does not exist"):
        parse(text)


@pytest.mark.parametrize("year", [MIN_YEAR - 1, MAX_YEAR + 1, 0, 9999])
def test_years_have_a_range(year: int) -> None:
    with pytest.raises(ValueError, match="the year must lie in 1800 to 2199"):
        parse(f"{year:04d}-01-01")
    assert span(f"{MIN_YEAR}") < span(f"{MAX_YEAR}")


@pytest.mark.parametrize("text", ["x" * 51, "2022-01-01" * 10_000, "9" * 60])
def test_long_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be an EDTF date"):
        parse(text)


@pytest.mark.parametrize("value", [None, 2022, 2022.5, ["2022"], b"2022"])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="must be an EDTF date"):
        parse(value)  # type: ignore[arg-type]


def test_an_interval_must_not_end_before_it_begins() -> None:
    """The oracle takes this one."""
    assert oracle("2023-03-02/2023-01-01")[0] > oracle("2023-01-01")[0]
    for text in ("2023-03-02/2023-01-01", "2023/2022-12-31", "2023-05/2023", "2023/2023-06"):
        with pytest.raises(ValueError, match="an interval must not end before it begins"):
            parse(text)


@given(in_range, st.integers(0, DAY_S - 1))
def test_a_date_time_is_one_second(on: date, second: int) -> None:
    """The oracle gives the whole day for this one."""
    at = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(seconds=second)
    text = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    found = parse(text)
    assert (found.lo_s, found.hi_s) == (seconds(at), seconds(at) + 1)
    assert found.is_exact
    assert found.midpoint_s == found.lo_s
    assert oracle(text) == span(on.isoformat())


@given(st.integers(seconds(moment(-5_364_662_400)), 7_258_118_399))
def test_instants_round_trip(at_s: int) -> None:
    assert parse(instant(at_s)).lo_s == at_s
    assert seconds(moment(at_s)) == at_s
    assert span(day(at_s).isoformat())[0] <= at_s < span(day(at_s).isoformat())[1]


def test_seconds_round_down_before_1970_too() -> None:
    assert seconds(datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)) == -1
    assert seconds(datetime(1970, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    ("text", "precision", "middle", "doubt"),
    [
        ("2023-03-02", "day", "2023-03-02T12:00:00Z", ""),
        ("2022-07", "month", "2022-07-16T12:00:00Z", ""),
        ("2022", "year", "2022-07-02T12:00:00Z", ""),
        ("2022-02-21/2022-02-24", "interval", "2022-02-23T00:00:00Z", ""),
        ("2021-12~/2022-02-20?", "interval", "2022-01-11T00:00:00Z", "%"),
        ("2021-12~/2022-02-20", "interval", "2022-01-11T00:00:00Z", "~"),
        ("2022-02-24T03:00:00Z", "second", "2022-02-24T03:00:00Z", ""),
        ("2018?", "year", "2018-07-02T12:00:00Z", "?"),
    ],
)
def test_golden_spans(text: str, precision: str, middle: str, doubt: str) -> None:
    found = parse(text)
    assert (found.precision, instant(found.midpoint_s), found.doubt) == (precision, middle, doubt)
    assert found.is_exact == (precision in ("day", "second"))
    assert end_of(text) == found.hi_s


@given(edtf_dates())
def test_the_middle_lies_inside(text: str) -> None:
    found = parse(text)
    assert found.lo_s <= found.midpoint_s < found.hi_s


@given(st.text(max_size=30))
def test_arbitrary_text_is_a_date_or_a_value_error(text: str) -> None:
    try:
        found = parse(text)
    except ValueError:
        return
    assert found.lo_s < found.hi_s
