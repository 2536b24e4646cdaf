"""A lesson over days: it goes on by its dates, whether or not the server runs at each of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lessons import DAYS, SALT, TEACHER, lesson, percents, plan, seat

from sim.ground.errors import InputError
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.over_days import waiting
from sim.seminar.lesson.record import LESSON, Answered, Began, Revealed, Sealed, place_of
from sim.seminar.lesson.session import MOST_CHANGES, Session
from sim.seminar.record.refusal import Refused
from sim.seminar.what_if.whole import SEMINAR, take_up

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def at(text: str, zone: str = "Europe/Berlin") -> int:
    """The instant of a local time."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


OPENS, CLOSES = at("2026-11-30T08:00"), at("2026-12-02T18:00")
AGAIN, REVEALS = at("2026-12-04T18:00"), at("2026-12-04T20:00")
SECOND = at("2026-12-09T18:00")


def begun(folder: Path, now_ms: int = OPENS - DAY, students: int = 2, **days: Any) -> Session:
    """A session of the lesson over days, with students who have joined."""
    session = take_up(plan(days={**DAYS, **days}), folder)
    session.start(now_ms, "ABC234", TEACHER)
    for n in range(1, students + 1):
        session.join(now_ms, f"Student {n}", ("north", "south")[n % 2], seat(n))
    return session


def caught_up(session: Session, now_ms: int) -> list[str]:
    """Let the clock reach an instant; return the places that the lesson comes to."""
    places = []
    while session.tick(now_ms, SALT):
        places.append(place_of(session.room))
    return places


def again(session: Session, now_ms: int) -> Session:
    """The session as another server takes it up, before it has caught up."""
    session.store.close()
    taken = take_up(session.plan, session.store.path.parent)
    taken.start(now_ms, "XXX999", "8" * 64)
    return taken


def answer(session: Session, student: int, now_ms: int, first: int = 40) -> None:
    vote = 2 if session.room.phase == "again" else 1
    given, round_ = percents(session, first), LESSON.of(session.room).round
    session.answer(now_ms, student, round_, vote, given, f"Because of {student}, {first}.")


# ------------------------------------------------------------------------------------ the dates


def broken(**days: Any) -> list[tuple[str, str, str]]:
    """The rules that dates break."""
    with pytest.raises(InputError) as caught:
        load_scenario(lesson(days={**DAYS, **days}))
    return [(p.path, p.rule, p.got) for p in caught.value.problems]


def test_dates_are_instants_of_their_zone() -> None:
    days = plan(days=DAYS).days
    assert days is not None
    first, second = days.rounds
    assert (first.opens_ms, first.closes_ms) == (OPENS, CLOSES)
    assert (first.again_ms, first.reveals_ms) == (AGAIN, REVEALS)
    assert (second.opens_ms, second.again_ms) == (None, None)
    assert second.reveals_ms == SECOND + HOUR
    tokyo = plan(days={**DAYS, "zone": "Asia/Tokyo"}).days
    assert tokyo is not None
    assert tokyo.rounds[0].closes_ms == CLOSES - 8 * HOUR


def test_an_hour_more_or_less_is_a_day_s_where_the_clock_changes() -> None:
    rounds = [
        {"opens": "2026-10-24T18:00", "closes": "2026-10-25T18:00"},
        {"closes": "2027-03-28T18:00"},
    ]
    days = plan(days={"zone": "Europe/Berlin", "rounds": rounds}).days
    assert days is not None
    assert days.rounds[0].closes_ms - (days.rounds[0].opens_ms or 0) == 25 * HOUR


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2027-03-28T02:30", "does not exist in Europe/Berlin: the clock is put forward then"),
        ("2026-10-25T02:30", "comes twice in Europe/Berlin: the clock is put back then"),
        ("2026-12-04", "must be a date and a time such as 2026-12-04T18:00"),
        ("2026-12-04T18:00:00", "must be a date and a time such as 2026-12-04T18:00"),
        ("2026-12-04T18:00+01:00", "must be a date and a time such as 2026-12-04T18:00"),
        ("2026-02-30T18:00", "must be a date and a time that exist"),
        ("1969-02-20T18:00", "must lie in the years 2000 to 2199"),
    ],
)
def test_a_time_that_is_none_or_two_is_refused(text: str, rule: str) -> None:
    found = broken(rounds=[{"closes": text}, {"closes": "2028-01-01T00:00"}])
    assert [(p, r[: len(rule)], g) for p, r, g in found] == [
        ("seminar.days.rounds[0].closes", rule, text)
    ]


NOWHERE = ["localtime", "posixrules", "Factory", "right/Europe/Berlin"]


@pytest.mark.parametrize("zone", ["Europe/Berln", "Europe", "../etc/passwd", "", "CEST", *NOWHERE])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    (found,) = broken(zone=zone)
    assert found[0] == "seminar.days.zone"
    assert found[1].startswith("must be a time zone such as Europe/Berlin")
    assert ("did you mean 'Europe/Berlin'?" in found[1]) == (zone == "Europe/Berln")


def test_dates_are_in_order() -> None:
    first = {"opens": "2026-12-02T18:00", "closes": "2026-12-02T18:00"}
    first |= {"again_closes": "2026-12-01T18:00", "reveals": "2026-12-02T17:00"}
    found = broken(rounds=[first, {"opens": "2026-12-02T18:30", "closes": "2026-12-02T18:20"}])
    assert [(p.removeprefix("seminar.days.rounds"), r) for p, r, _ in found] == [
        ("[0].again_closes", "must lie after `closes`, 2026-12-02T18:00"),
        ("[0].closes", "must lie after `opens`, 2026-12-02T18:00"),
        ("[0].reveals", "must not lie before `closes`, 2026-12-02T18:00"),
        ("[1].closes", "must lie after `opens`, 2026-12-02T18:30"),
    ]
    (late,) = broken(rounds=[{"closes": "2026-12-02T18:00"}, {"closes": "2026-12-02T18:30"}])
    assert late[1] == "must lie after the reveal of round 1, 2026-12-02T19:00"


def test_every_round_has_its_dates_and_a_role_play_has_none() -> None:
    found = broken(rounds=DAYS["rounds"][:1])
    assert found == [
        (
            "seminar.days.rounds",
            "must have an entry for each round of the lesson, 2 in all",
            "a list of 1",
        )
    ]
    with pytest.raises(InputError, match="a role play needs a class in a room"):
        load_scenario(lesson(days=DAYS, play={"parties": ["FRA"], "from": "2022-01-01"}))


# ----------------------------------------------------------------------------------- the session


def test_a_lesson_goes_on_by_its_dates(tmp_path: Path) -> None:
    session = begun(tmp_path)
    assert session.room.deadline_ms == OPENS
    assert caught_up(session, OPENS - 1) == []
    assert caught_up(session, OPENS) == ["0-vote"]
    answer(session, 1, CLOSES - 1)
    assert caught_up(session, CLOSES) == ["0-again"]
    answer(session, 2, AGAIN - 1)
    assert caught_up(session, AGAIN) == ["0-sealed"]
    assert caught_up(session, REVEALS - 1) == []
    assert caught_up(session, REVEALS) == ["0-revealed", "1-vote"]
    assert session.room.deadline_ms == SECOND
    assert caught_up(session, SECOND) == ["1-sealed"]
    assert caught_up(session, SECOND + HOUR) == ["1-revealed"]
    assert session.room.deadline_ms is None
    assert caught_up(session, SECOND + 99 * DAY) == []
    assert LESSON.of(session.room).revealed == {0, 1}
    assert SEMINAR.room_of(session.store.read()) == session.room


def test_a_server_that_was_down_does_in_order_what_was_due(tmp_path: Path) -> None:
    session = begun(tmp_path)
    caught_up(session, OPENS)
    answer(session, 1, OPENS + HOUR)
    late = SECOND + 3 * HOUR
    session = again(session, late)
    assert session.room.phase == "vote"
    assert session.room.left_ms is None  # no clock is paused
    with pytest.raises(Refused, match="not stored"):
        answer(session, 2, late)
    places = ["0-again", "0-sealed", "0-revealed", "1-vote", "1-sealed", "1-revealed"]
    assert caught_up(session, late) == places
    told = [r for r in session.store.read() if isinstance(r.event, Began)][-10:]
    assert all(r.at_ms == late for r in told)
    dues = [r.event.due_ms for r in told if isinstance(r.event, Began)]
    assert dues == [
        *([CLOSES] * 2),  # the discussion, which takes no time, and the second vote
        AGAIN,
        REVEALS,
        *([REVEALS] * 2),  # the second round opens at the reveal
        *([SECOND] * 3),
        SECOND + HOUR,
    ]
    assert LESSON.of(session.room).final(0).keys() == {1}
    kinds = [type(r.event) for r in session.store.read()]
    assert [k for k in kinds if k in (Sealed, Revealed)] == [Sealed, Revealed] * 2


def test_answers_after_a_deadline_are_refused_before_anything_is_sealed(tmp_path: Path) -> None:
    session = begun(tmp_path)
    caught_up(session, OPENS)
    answer(session, 1, CLOSES - 1)
    with pytest.raises(Refused, match="not stored"):
        answer(session, 2, CLOSES)
    assert session.room.phase == "vote"
    caught_up(session, AGAIN)
    assert [e.student for e in kept(session, Answered)] == [1]
    (seal,) = kept(session, Sealed)
    assert seal.round == 0


def kept(session: Session, kind: type[Any]) -> list[Any]:
    return [r.event for r in session.store.read() if isinstance(r.event, kind)]


def test_a_clock_that_goes_back_opens_nothing_again(tmp_path: Path) -> None:
    session = begun(tmp_path)
    caught_up(session, OPENS)
    session.set_door(CLOSES + 1, open_=False)  # an event after the deadline, and then it is killed
    session = again(session, OPENS + HOUR)
    with pytest.raises(Refused, match="not stored"):
        answer(session, 1, OPENS + HOUR)
    assert caught_up(session, OPENS + HOUR) == ["0-again"]
    session = again(session, OPENS - DAY)
    assert session.room.phase == "again"
    caught_up(session, REVEALS)
    session = again(session, OPENS)
    assert caught_up(session, OPENS) == []
    assert place_of(session.room) == "1-vote"
    with pytest.raises(Refused, match="not stored"):
        session.answer(OPENS, 1, 0, 1, {}, "Again.")


def test_control_without_that_rule_a_vote_opens_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "_now", lambda self, now_ms: now_ms)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        test_a_clock_that_goes_back_opens_nothing_again(tmp_path)


def test_a_lesson_whose_first_round_is_over_does_not_begin(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"rounds\[0\].closes: lies in the past"):
        begun(tmp_path, CLOSES)
    session = begun(tmp_path / "other", CLOSES - 1)
    assert caught_up(again(session, CLOSES + 1), CLOSES + 1) == ["0-vote", "0-again"]


def test_a_deadline_is_moved_and_what_follows_in_its_round_with_it(tmp_path: Path) -> None:
    session = begun(tmp_path)
    caught_up(session, OPENS)
    session.extend(OPENS, 24 * 60)
    assert session.room.deadline_ms == CLOSES + DAY
    session = again(session, OPENS)
    days = session.plan.days
    assert days is not None
    assert [w[2] for w in waiting(days, session.room)] == [CLOSES + DAY, AGAIN + DAY, SECOND]
    assert caught_up(session, CLOSES + DAY) == ["0-again"]
    session.extend(CLOSES + DAY, 60)
    assert caught_up(session, AGAIN + DAY + HOUR) == ["0-sealed"]
    assert session.room.deadline_ms == REVEALS + DAY + HOUR
    with pytest.raises(Refused, match="next round would close"):
        session.extend(AGAIN + DAY + HOUR, 5 * 24 * 60)
    caught_up(session, REVEALS + DAY + HOUR)
    assert session.room.deadline_ms == SECOND  # the dates of other rounds stay
    session.extend(SECOND - 1, 7 * 24 * 60)
    assert session.room.deadline_ms == SECOND + 7 * DAY


def test_a_vote_that_is_closed_early_leaves_the_dates_as_they_are(tmp_path: Path) -> None:
    session = begun(tmp_path)
    caught_up(session, OPENS)
    session.advance(OPENS + HOUR, "0-vote", SALT)
    assert (session.room.phase, session.room.deadline_ms) == ("again", AGAIN)
    session.advance(OPENS + HOUR, "0-again", SALT)
    assert (session.room.phase, session.room.deadline_ms) == ("sealed", REVEALS)
    began = kept(session, Began)
    assert all(b.due_ms is None for b in began[2:])
    assert caught_up(session, REVEALS) == ["0-revealed", "1-vote"]


def test_a_round_opens_at_its_own_date(tmp_path: Path) -> None:
    opens = "2026-12-07T08:00"
    rounds = [DAYS["rounds"][0], {**DAYS["rounds"][1], "opens": opens}]
    session = begun(tmp_path, rounds=rounds)
    caught_up(session, REVEALS)
    assert (session.room.phase, session.room.deadline_ms) == ("revealed", at(opens))
    assert caught_up(session, at(opens)) == ["1-vote"]


def test_the_clock_of_days_is_neither_paused_nor_turned_off(tmp_path: Path) -> None:
    session = begun(tmp_path)
    caught_up(session, OPENS)
    for deed in (session.pause, session.without_limit):
        with pytest.raises(Refused, match="goes on by dates"):
            deed(OPENS)
    with pytest.raises(Refused, match="1 to 10080 minutes"):
        session.extend(OPENS, 10_081)


def test_the_record_is_bounded(tmp_path: Path) -> None:
    session = begun(tmp_path)
    caught_up(session, OPENS)
    answer(session, 1, OPENS + 1)
    before = session.room.position
    answer(session, 1, OPENS + 2)  # the same again is not written again
    assert session.room.position == before
    for n in range(MOST_CHANGES - 1):
        answer(session, 1, OPENS + 3, 10 + n % 80)
    with pytest.raises(Refused, match=f"stored {MOST_CHANGES} answers"):
        answer(session, 1, OPENS + 4, 95)
    caught_up(session, CLOSES)
    answer(session, 1, CLOSES + 1, 95)
    assert len(kept(session, Answered)) == MOST_CHANGES + 1
