"""Projections: golden states of the seeds, timelines without holes, and beliefs that stay apart."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import logs

from sim.ground.dates import DAY_S, end_of, instant, parse
from sim.log import projection
from sim.log.disagreement import disagreement
from sim.log.events import Event
from sim.log.file import load
from sim.log.knowing import PUBLIC
from sim.log.log import STATES, LapseDays, Log
from sim.log.order import in_order
from sim.log.projection import (
    Interval,
    course_of,
    instant_of,
    project,
    standings,
    timeline,
    viewpoints,
)
from sim.log.rulebook import OBSERVER, Reading, read

SEEDS = Path(__file__).parents[2] / "seeds"
MINISTERS = "usa-rus/ministers"

lapses = st.builds(
    LapseDays,
    open=st.none() | st.integers(1, 90),
    open_at_most=st.none() | st.integers(90, 900),
    prisoner_only=st.none() | st.integers(1, 900),
    corridor=st.none() | st.integers(1, 900),
)


def with_lapse(log: Log, lapse: LapseDays) -> Log:
    channels = {c: s.model_copy(update={"lapse_days": lapse}) for c, s in log.channels.items()}
    return log.model_copy(update={"channels": channels})


@pytest.fixture(scope="module")
def article() -> Log:
    return load(SEEDS / "blinken-lavrov.yaml")


@pytest.fixture(scope="module")
def record() -> Log:
    return load(SEEDS / "usa-rus-record.yaml")


# ------------------------------------------------------------------------------ golden states


@pytest.mark.parametrize(
    ("day", "observer", "usa", "rus"),
    [
        ("2022-01-15", "open", "open", "open"),
        ("2022-03-15", "cut_off", "cut_off", "cut_off"),
        ("2022-08-15", "prisoner_only", "prisoner_only", "prisoner_only"),
        ("2023-01-31", "cut_off", "cut_off", "cut_off"),
        ("2023-03-01", "cut_off", "cut_off", "cut_off"),
        ("2023-03-02", "corridor", "corridor", "cut_off"),
        ("2024-12-31", "cut_off", "cut_off", "cut_off"),
    ],
)
def test_states_that_the_article_gives(
    day: str, observer: str, usa: str, rus: str, article: Log
) -> None:
    found = [project(article, v, day)[MINISTERS].state for v in (OBSERVER, "USA", "RUS")]
    assert found == [observer, usa, rus]


def test_the_russian_denial_is_what_keeps_moscow_apart(article: Log) -> None:
    """The control: without it Moscow sees the corridor like everyone else."""
    events = [e.model_copy(update={"accounts": {}}) for e in article.events]
    bare = article.model_copy(update={"events": tuple(events)})
    assert project(bare, "RUS", "2023-03-02")[MINISTERS].state == "corridor"


def told(log: Log, viewpoint: str = OBSERVER, after: str = "2022-02-20") -> list[tuple[Any, ...]]:
    """The intervals of the ministers' channel that end after a day."""
    return [
        (i.state, instant(i.start_s)[:10], i.lapsed)
        for i in timeline(log, MINISTERS, viewpoint, end_s=end_of("2024-12-31"))
        if i.end_s > end_of(after)
    ]


def test_states_that_the_record_gives(record: Log) -> None:
    """As the codebook tells in its section on where the logs diverge."""
    assert told(record)[1:] == [
        ("cut_off", "2022-02-22", False),
        ("open", "2022-07-29", False),
        ("cut_off", "2022-09-27", True),
        ("corridor", "2023-03-02", False),
        ("cut_off", "2023-04-01", True),
        ("open", "2023-04-02", False),
        ("cut_off", "2023-06-01", True),
    ]
    assert told(record)[0][0] == "open"


def test_one_call_that_lasts_for_ever_is_noticed(record: Log) -> None:
    """The control: where openness does not lapse, one call in a war makes it usual."""
    forever = told(with_lapse(record, LapseDays(open=None)))
    assert forever[-1] == ("open", "2022-07-29", False)


def test_silence_before_the_record_is_complete_is_no_evidence(article: Log) -> None:
    """Between what the article tells of, nobody knows whether its channel was open; no silence
    closes it before February 2022."""
    found = told(article, after="2010")
    assert [state for state, day, _ in found if day < "2022-02"] == ["open", None, "open"]
    assert found[3] == ("cut_off", "2022-02-23", False)
    early = {c: s.model_copy(update={"complete_from": "2011"}) for c, s in article.channels.items()}
    lapsing = told(article.model_copy(update={"channels": early}), after="2010")
    assert ("cut_off", True) in {(state, lapsed) for state, day, lapsed in lapsing if day < "2022"}


def test_without_a_first_day_nothing_lapses(article: Log) -> None:
    bare = {c: s.model_copy(update={"complete_from": None}) for c, s in article.channels.items()}
    found = told(article.model_copy(update={"channels": bare}))
    assert not any(lapsed for _, _, lapsed in found)


def test_before_a_channel_begins_its_state_is_not_known(article: Log) -> None:
    start = timeline(article, MINISTERS)[0].start_s
    assert project(article, OBSERVER, start - 1)[MINISTERS].state is None
    assert project(article, OBSERVER, start)[MINISTERS].state == "open"


def test_the_timeline_of_the_article(article: Log) -> None:
    found = [(i.state, i.event, i.lapsed) for i in timeline(article, MINISTERS, "RUS")]
    assert found == [
        ("open", None, False),
        (None, None, False),
        ("open", "talks-before-invasion", False),
        ("cut_off", "contact-cut", False),
        ("prisoner_only", "july-2022-call", False),
        ("cut_off", None, True),
    ]


# ---------------------------------------------------------------------------- timelines


def whole(intervals: list[Interval], start: int, end: int) -> None:
    """The intervals cover [start, end) once, and neighbours differ in state."""
    assert intervals[0].start_s == start
    assert intervals[-1].end_s == end
    for before, after in pairwise(intervals):
        assert before.end_s == after.start_s
        assert before.state != after.state
    assert all(i.start_s < i.end_s for i in intervals)
    assert all(i.event is None for i in intervals if i.lapsed)
    assert all(i.state != "open" for i in intervals if i.lapsed)


@given(logs(), lapses, st.data())
def test_timelines_are_whole_and_agree_with_projections(
    log: Log, lapse: LapseDays, data: st.DataObject
) -> None:
    log = with_lapse(log, lapse)
    for channel in log.channels:
        for viewpoint in {*viewpoints(log, channel)} - {PUBLIC}:  # it knows less at an earlier date
            intervals = timeline(log, channel, viewpoint)
            start, end = intervals[0].start_s, intervals[-1].end_s
            steps = standings(log, channel, viewpoint)
            whole(intervals, steps[0][0], max(t for t, _, _ in steps) + DAY_S)
            edges = {e for i in intervals for e in (i.start_s, i.end_s - 1)}
            inside = data.draw(st.lists(st.integers(start, end - 1), max_size=4))
            for at in (*edges, *inside, *(t for t, _, _ in steps)):
                held = next(i for i in intervals if i.start_s <= at < i.end_s)
                standing = project(log, viewpoint, at)[channel]
                assert standing.state == held.state
                assert held.start_s <= standing.since_s
                if standing.since_s == held.start_s:  # else it was left and taken up in an instant
                    assert standing.event == held.event
                    assert standing.lapsed == held.lapsed


@pytest.mark.slow
@given(logs(), lapses, st.integers(-400, 400))
def test_a_timeline_may_end_anywhere(log: Log, lapse: LapseDays, days: int) -> None:
    """It is then the longer one, cut off."""
    log, channel = with_lapse(log, lapse), min(log.channels)
    full = timeline(log, channel, end_s=end_of("2030"))
    end = parse("2021").lo_s + days * DAY_S
    if end > full[0].start_s:
        short = timeline(log, channel, end_s=end)
        whole(short, full[0].start_s, end)
        cut = [i for i in full if i.start_s < end]
        assert [(i.state, i.start_s, i.event) for i in short] == [
            (i.state, i.start_s, i.event) for i in cut
        ]


def test_a_hole_is_noticed(article: Log) -> None:
    """The control of both tests above."""
    intervals = timeline(article, MINISTERS)
    start, end = intervals[0].start_s, intervals[-1].end_s
    whole(intervals, start, end)
    for broken in (intervals[1:], intervals[:-1], [*intervals[:1], *intervals[2:]]):
        with pytest.raises(AssertionError):
            whole(broken, start, end)


def test_lapses_fall_at_their_second(article: Log) -> None:
    call = next(i for i in timeline(article, MINISTERS) if i.state == "prisoner_only")
    ends = call.start_s + 180 * DAY_S
    assert call.end_s == ends
    before, at = (project(article, OBSERVER, t)[MINISTERS] for t in (ends - 1, ends))
    assert (before.state, before.lapsed) == ("prisoner_only", False)
    assert (at.state, at.lapsed, at.since_s, at.event) == ("cut_off", True, ends, None)


def test_a_timeline_that_ends_at_or_just_after_a_lapse(article: Log) -> None:
    call = next(i for i in timeline(article, MINISTERS) if i.state == "prisoner_only")
    for extra, states in ((0, ["prisoner_only"]), (1, ["prisoner_only", "cut_off"])):
        found = timeline(article, MINISTERS, end_s=call.end_s + extra)
        assert [i.state for i in found if i.start_s >= call.start_s] == states
        assert found[-1].end_s == call.end_s + extra


def test_a_timeline_that_ends_where_it_begins_is_empty(article: Log) -> None:
    start = timeline(article, MINISTERS)[0].start_s
    assert timeline(article, MINISTERS, end_s=start) == []


@given(logs(), st.integers(0, 2**32))
def test_the_order_of_entries_means_nothing(log: Log, seed: int) -> None:
    shuffled = list(log.events)
    random.Random(seed).shuffle(shuffled)
    other = log.model_copy(update={"events": tuple(shuffled)})
    for viewpoint in {v for c in log.channels for v in viewpoints(log, c)}:
        assert project(log, viewpoint) == project(other, viewpoint)
        for channel in project(log, viewpoint):
            assert timeline(log, channel, viewpoint) == timeline(other, channel, viewpoint)


def test_an_order_by_entry_would_fail_that(monkeypatch: pytest.MonkeyPatch, article: Log) -> None:
    """The control: a fold in the order of entries depends on it."""
    turned = article.model_copy(update={"events": article.events[::-1]})
    assert timeline(turned, MINISTERS) == timeline(article, MINISTERS)

    def as_entered(events: Iterable[Event], times: dict[str, int]) -> list[Event]:
        return list(events)

    monkeypatch.setattr(projection, "in_order", as_entered)
    assert project(turned) != project(article)


# --------------------------------------------- invariant 9: beliefs rest on one's own accounts


def without_accounts_of(log: Log, party: str) -> Log:
    events = [
        e.model_copy(update={"accounts": {p: a for p, a in e.accounts.items() if p != party}})
        for e in log.events
    ]
    return log.model_copy(update={"events": tuple(events)})


def beliefs(log: Log, viewpoint: str) -> Any:
    return [standings(log, c, viewpoint) for c in project(log, viewpoint)] and [
        timeline(log, c, viewpoint) for c in project(log, viewpoint)
    ]


def unmoved(log: Log, party: str) -> bool:
    """Whether removing a party's accounts leaves everyone else's projection as it was."""
    others = {v for c in log.channels for v in viewpoints(log, c)} - {party}
    bare = without_accounts_of(log, party)
    return all(beliefs(log, v) == beliefs(bare, v) for v in others)


@given(logs(), st.sampled_from(["USA", "RUS", "CHN"]))
def test_removing_one_sides_accounts_leaves_the_others_unchanged(log: Log, party: str) -> None:
    assert unmoved(log, party)


@pytest.mark.parametrize("party", ["USA", "RUS"])
def test_the_same_for_the_seeds(party: str, article: Log, record: Log) -> None:
    assert unmoved(article, party)
    assert unmoved(record, party)


def test_the_accounts_do_move_their_own_side(article: Log) -> None:
    """The first control: what is removed counts for the side that told it."""
    assert beliefs(article, "RUS") != beliefs(without_accounts_of(article, "RUS"), "RUS")


def test_a_reading_of_other_peoples_accounts_is_noticed(
    article: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second control: a fold in which any denial counts for everyone breaks the invariant."""

    def gullible(event: Event, viewpoint: str = OBSERVER) -> Reading | None:
        denied = any(a.denial for a in event.accounts.values())
        return None if denied else read(event, viewpoint)

    monkeypatch.setattr(projection, "read", gullible)
    assert not unmoved(article, "RUS")


# --------------------------------------------------------------------------- disagreement


def interval(state: str, start: int, end: int) -> Interval:
    return Interval(MINISTERS, OBSERVER, state, start, end, None, False)  # type: ignore[arg-type]


def test_disagreement_is_the_share_of_common_time() -> None:
    a = [interval("open", 0, 10), interval("cut_off", 10, 20)]
    b = [interval("open", 5, 12), interval("cut_off", 12, 40)]
    assert disagreement(a, b) == disagreement(b, a) == 2 / 15
    assert disagreement(a, a) == 0.0
    assert disagreement([interval("open", 0, 4)], [interval("corridor", 0, 4)]) == 1.0


def test_disagreement_about_the_article(article: Log) -> None:
    """Thirty days of corridor, of the days on which the state is known."""
    ends = end_of("2023-12-31")
    usa, rus = (timeline(article, MINISTERS, v, end_s=ends) for v in ("USA", "RUS"))
    known = sum(i.end_s - i.start_s for i in usa if i.state is not None)
    assert known < ends - usa[0].start_s
    assert disagreement(usa, rus) == 30 * DAY_S / known
    assert disagreement(usa, timeline(article, MINISTERS, OBSERVER, end_s=ends)) == 0.0


@pytest.mark.parametrize("empty", [([], []), ([], [interval("open", 0, 1)])])
def test_timelines_without_common_time(empty: tuple[list[Interval], list[Interval]]) -> None:
    with pytest.raises(ValueError, match="no time in common"):
        disagreement(*empty)
    with pytest.raises(ValueError, match="no time in common"):
        disagreement([interval("open", 0, 1)], [interval("open", 1, 2)])


@pytest.mark.slow
@given(logs(), lapses)
def test_disagreement_agrees_with_counting_days(log: Log, lapse: LapseDays) -> None:
    log, channel = with_lapse(log, lapse), min(log.channels)
    end = end_of("2025")
    a, b = (timeline(log, channel, v, end_s=end) for v in viewpoints(log, channel)[1:3])
    try:
        share = disagreement(a, b)
    except ValueError:  # nothing is known of both at once
        return
    points = [a[0].start_s + n * (end - a[0].start_s) // 4000 for n in range(4000)]

    def state(intervals: list[Interval]) -> list[str | None]:
        states, i = list[str | None](), 0
        for p in points:
            while p >= intervals[i].end_s:
                i += 1
            states.append(intervals[i].state)
        return states

    pairs = [(x, y) for x, y in zip(state(a), state(b), strict=True) if x and y]
    if len(pairs) > 400:  # a few points say little
        counted = sum(x != y for x, y in pairs) / len(pairs)
        assert share == pytest.approx(counted, abs=0.02)


# ------------------------------------------------------------------------------- instants


def test_an_instant_is_the_last_second_of_what_is_named() -> None:
    last = end_of("2023-03-02") - 1
    assert instant_of("2023-03-02") == instant_of(date(2023, 3, 2)) == last
    assert instant_of(datetime(2023, 3, 2, 10, tzinfo=UTC)) == last - 14 * 3600 + 1
    assert instant_of(17) == 17
    assert instant_of("2023") == end_of("2023-12-31") - 1


def test_unknown_viewpoints_are_refused(article: Log) -> None:
    with pytest.raises(ValueError, match="the viewpoint must be one of RUS, USA, observer, public"):
        project(article, "CHN")
    with pytest.raises(ValueError, match="must be an EDTF date"):
        project(article, OBSERVER, "tomorrow")


def test_a_log_without_events(article: Log) -> None:
    empty = article.model_copy(update={"events": ()})
    assert project(empty)[MINISTERS].state == "open"
    assert len(timeline(empty, MINISTERS)) == 1


# --------------------------------------------------------- long logs: the work grows evenly


def wide(channels: int, events: int) -> Log:
    """A log whose events are spread over channels of the same two parties."""
    ids = [f"usa-rus/c{n}" for n in range(channels)]
    coded = [
        {"id": f"e{n}", "date": "2022-03-01", "kind": "call_held", "channel": ids[n % channels]}
        for n in range(events)
    ]
    setups = {id_: {"parties": ["USA", "RUS"], "complete_from": "2022"} for id_ in ids}
    return Log.model_validate({"title": "T", "channels": setups, "events": coded})


def work_of(log: Log, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """How often a projection orders a log, and how many events it folds."""
    counts = {"ordered": 0, "folded": 0}

    def ordering(*given: Any) -> Any:
        counts["ordered"] += 1
        return in_order(*given)

    def reading(*given: Any) -> Any:
        counts["folded"] += 1
        return read(*given)

    with monkeypatch.context() as patch:
        patch.setattr(projection, "in_order", ordering)
        patch.setattr(projection, "read", reading)
        project(log)
    return counts["ordered"], counts["folded"]


def test_a_log_is_ordered_once_and_each_event_folded_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the rules of what is taken to be so, and of what is known."""
    assert work_of(wide(40, 120), monkeypatch) == (1, 2 * 120)


def test_a_projection_that_orders_for_each_channel_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: a fold that orders the log anew and meets every event."""
    folded = projection._folded

    def anew(log: Log, channel: str, viewpoint: str, *given: Any) -> Any:
        course, rules = course_of(log), given[2]
        return folded(log, channel, viewpoint, course, course.events, rules)

    monkeypatch.setattr(projection, "_folded", anew)
    assert work_of(wide(40, 120), monkeypatch) == (81, 2 * 40 * 120)


@given(logs())
def test_a_course_that_is_handed_in_changes_nothing(log: Log) -> None:
    course = course_of(log)
    for channel in log.channels:
        for viewpoint in viewpoints(log, channel):
            assert timeline(log, channel, viewpoint, course=course) == timeline(
                log, channel, viewpoint
            )
            assert standings(log, channel, viewpoint, course=course) == standings(
                log, channel, viewpoint
            )


@given(st.lists(st.sampled_from([0, 1, 2, 5]), max_size=8), st.integers(0, 9))
def test_disagreement_walks_once_and_counts_all(lengths: list[int], shift: int) -> None:
    """Against every pair of intervals, as the definition says."""
    edges, line = 0, []
    for n, length in enumerate(lengths):
        line.append(interval(STATES[n % len(STATES)], edges, edges + length))
        edges += length
    other = [interval("open", shift, 12), interval("cut_off", 12, 40)]
    hi, lo = min(edges, 40), shift
    if hi <= lo:
        return
    pairs = sum(
        max(0, min(x.end_s, y.end_s, hi) - max(x.start_s, y.start_s, lo))
        for x in line
        for y in other
        if x.state != y.state
    )
    assert disagreement(line, other) == disagreement(other, line) == pairs / (hi - lo)
