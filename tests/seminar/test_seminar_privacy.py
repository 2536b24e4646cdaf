"""What pages and exports tell of who wrote what."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lessons import SALT, TEACHER, forecasted, go_to, opened, percents, plan, seat

from sim.seminar.lesson.record import LESSON, Answer, LessonState
from sim.seminar.lesson.results import (
    by_group,
    class_calibration,
    first_word,
    last_word,
    question_result,
)
from sim.seminar.lesson.session import Session
from sim.seminar.lesson.spread import spread_of
from sim.seminar.pages.export import exports
from sim.seminar.pages.presenter import Presenter, Viewer
from sim.seminar.record.room import Room, Student
from sim.seminar.record.store import Store
from sim.seminar.web.filling import filled
from sim.seminar.what_if.whole import SEMINAR

PLAN = plan()


def voted(folder: Path, students: int) -> Session:
    """A lesson in which everybody has voted once."""
    session = opened(folder, students)
    go_to(session, "vote")
    for n in range(1, students + 1):
        given = percents(session, 10 + 7 * n)
        session.answer(150_000, n, LESSON.of(session.room).round, 1, given, f"Because of {n}.")
    return session


def order(presenter: Presenter, room: Room) -> tuple[int, ...]:
    """The authors of the reasons, in the order in which the projector shows them."""
    return tuple(r["student"] for r in presenter.values(room, Viewer("board"))["reasons"])


# ---------------------------------------------------------------------------------- reasons


def test_the_order_of_reasons_tells_nothing_of_their_authors(tmp_path: Path) -> None:
    """Who tries all authors cannot tell which are right: in rooms that differ by their secret alone
    each of the six orders is about as frequent."""
    session = voted(tmp_path, 3)
    go_to(session, "discuss")
    presenter = Presenter(session.plan)
    rooms = [replace(session.room, secret=f"{n:064x}") for n in range(600)]
    found = Counter(order(presenter, room) for room in rooms)
    assert len(found) == 6
    assert all(65 <= n <= 135 for n in found.values())  # 100, with a standard deviation of 9
    same = Counter(order(presenter, replace(session.room, position=n)) for n in range(50))
    assert len(same) == 1  # control: nothing else moves them


def test_no_order_that_students_can_compute_is_the_one_that_is_shown(tmp_path: Path) -> None:
    session = voted(tmp_path, 12)
    go_to(session, "discuss")
    shown = order(Presenter(session.plan), session.room)
    cast = LESSON.of(session.room).cast(0, 1)

    def unkeyed(n: int) -> bytes:
        return sha256(f"1{cast[n].reason}{n}".encode()).digest()

    assert sorted(shown) == [*range(1, 13)]
    assert shown != tuple(sorted(shown, key=unkeyed))
    assert shown != tuple(sorted(shown))


def test_a_room_that_goes_on_keeps_its_order_under_a_new_key(tmp_path: Path) -> None:
    session = voted(tmp_path, 12)
    go_to(session, "discuss")
    before = order(Presenter(session.plan), session.room)
    session.store.close()
    again = Session(session.plan, Store(tmp_path / "record.sqlite", SEMINAR))
    again.start(300_000, "ZZZZZZ", "8" * 64)
    assert order(Presenter(again.plan), again.room) == before
    assert again.room.secret == TEACHER
    again.store.close()


def test_no_export_holds_a_secret(tmp_path: Path) -> None:
    session = voted(tmp_path, 6)
    session.start(200_000, "ABC234", "8" * 64)
    go_to(session, "over", 300_000)
    assert session.room.secret
    for names in (False, True):
        for name, written in exports(session, names=names).items():
            text = written()
            told = {"columns.csv": "reason", "grades.csv": "Taking part"}
            words = told.get(name, "Because of 1.")
            assert words in text, name  # control: it is the whole of it
            for secret in (session.room.secret, *session.room.teachers, seat(1), "ABC234"):
                assert secret not in text, name


# ---------------------------------------------------------------------------------- few


def pages(session: Session, presenter: Presenter | None = None) -> dict[str, str]:
    """What each page shows at this moment."""
    presenter, room = presenter or Presenter(session.plan), session.room
    student = room.students[1]
    eyes = {"room": Viewer("room", student), "board": Viewer("board"), "teacher": Viewer("teacher")}
    found = {}
    for name, viewer in eyes.items():
        values = presenter.values(room, viewer) | {
            "problem": "",
            "given": {},
            "now_ms": 0,
            "part": True,
        }
        values |= {"connected": [], "address": "http://a", "trouble": ""}
        found[name] = bytes(filled(f"{name}.html", 200, **values).body).decode()
    return found


@pytest.mark.parametrize("students", [1, 4, 5])
def test_fewer_than_five_are_not_added_up(tmp_path: Path, students: int) -> None:
    """From the mean of four and an own answer the others' are soon guessed; of five it is shown."""
    session = voted(tmp_path, students)
    forecasted(session)
    enough = students >= 5
    for phase in ("discuss", "sealed", "revealed"):
        go_to(session, phase)
        for name, page in pages(session).items():
            assert ("mean of the class" in page) == enough, (phase, name)
            assert ("Their mean is not shown" in page) == (not enough), (phase, name)
            assert ("Because of 1." in page) == (phase == "discuss" or name != "board")
            if phase == "revealed":
                assert (">The class<" in page) == enough
                assert "Calibration" not in page or enough
                assert ">The simulator<" in page  # control: the scores are there
                assert "Group north" not in page


def test_a_few_who_vote_again_are_not_told_apart(tmp_path: Path) -> None:
    """The difference of two means tells what the one answered who alone voted again."""
    session = voted(tmp_path, 8)
    go_to(session, "again")
    for n in range(1, 5):
        session.answer(160_000, n, 0, 2, percents(session, 97), "Now I am sure.")
        go = session.room
        assert last_word(go, 0) == LESSON.of(go).cast(0, 1)
    go_to(session, "revealed")
    for name, page in pages(session).items():
        assert "students voted again. The numbers of the class are those of the first" in page, name
        assert "Too few voted twice" in page, name
    round_ = session.plan.rounds[0]
    before = question_result(session.plan, session.room, round_, round_.questions[1])
    assert before.gain is None
    held = LESSON.of(session.room)
    few = {n: held.cast(0, 1)[n] for n in range(1, 6)}
    changed = replace(held, answers={**held.answers, (0, 2): few})
    fifth = replace(session.room, states={**session.room.states, "lesson": changed})
    assert question_result(session.plan, fifth, round_, round_.questions[1]).gain is not None


answers = st.dictionaries(st.integers(1, 14), st.integers(1, 99), max_size=14)


@given(answers, answers, st.lists(st.sampled_from(["north", "south"]), min_size=14, max_size=14))
def test_no_sums_that_are_shown_differ_by_a_few(
    first: dict[int, int], second: dict[int, int], groups: list[str]
) -> None:
    """Whichever votes are cast: what is added up, and what is left if one sum is taken from
    another, holds answers of five students or of none."""
    students = {n: Student(n, f"S{n}", groups[n - 1], None) for n in range(1, 15)}
    cast = {
        (0, vote): {
            n: Answer(n, {"r1q2": (p, 100 - p)}, str((vote, n)), 0) for n, p in some.items()
        }
        for vote, some in ((1, first), (2, second))
    }
    room = Room(students=students, states={"lesson": LessonState(answers=cast)})
    shown = [first_word(room, 0), last_word(room, 0)]
    grouped = [{a.student: a for a in some} for some in by_group(PLAN, room, shown[1]).values()]
    for cast_ in [*shown, *grouped]:
        assert len(cast_) == 0 or len(cast_) >= 5
        for other in [*shown, *grouped]:
            differ = {n for n in {*cast_} | {*other} if cast_.get(n) != other.get(n)}
            assert not cast_ or not other or len(differ) == 0 or len(differ) >= 5


def test_a_seal_s_salt_is_on_no_page(tmp_path: Path) -> None:
    """With the salt, who knows the mean finds the other answers of a small class by trying."""
    session = voted(tmp_path, 6)
    for phase in ("sealed", "revealed", "over"):
        go_to(session, phase)
        for name, page in pages(session).items():
            assert SALT not in page, (phase, name)
            whole = LESSON.of(session.room).seals[0].sha256
            assert (whole in page) == (phase != "over" and name != "board"), (phase, name)
            start = f"{whole[:4]} {whole[4:8]} {whole[8:12]}"
            assert (start in page) == (phase == "sealed" and name == "board"), (phase, name)
    assert (
        SALT in exports(session)["record.jsonl"]()
    )  # the record holds it: with it the seal is computed again


def test_a_dot_of_the_calibration_holds_five_students(tmp_path: Path) -> None:
    session = opened(tmp_path, 6)
    go_to(session, "vote")
    for n in range(1, 7):
        given = {"r1q1": (70, 10, 10, 10), "r1q2": (30, 70) if n < 6 else (20, 80)}
        session.answer(150_000, n, 0, 1, given, "So.")
    go_to(session, "revealed")
    bins = class_calibration(session.plan, session.room)
    assert [(b.lo, b.count) for b in bins] == [(10, 18), (30, 5), (70, 11)]


# ---------------------------------------------------------------------------------- numbers


def gave(session: Session) -> dict[str, list[str]]:
    """The numbers that stand beside each reason on the projector."""
    values = Presenter(session.plan).values(session.room, Viewer("board"))
    return {r["text"]: r["gave"] for r in values["reasons"]}


@pytest.mark.parametrize(("students", "shown"), [(4, False), (5, True)])
def test_each_reason_has_its_number_unless_few_answered(
    tmp_path: Path, students: int, shown: bool
) -> None:
    session = voted(tmp_path, students)
    assert gave(session) == {}  # nobody sees how an open vote goes
    go_to(session, "discuss")
    told = gave(session)
    assert len(told) == students
    cast = LESSON.of(session.room).cast(0, 1)
    for answer in cast.values():
        yes = answer.percents["r1q2"][0]
        assert [n.endswith(f"; 2: yes {yes} %") for n in told[answer.reason]] == [True] * shown
    page = pages(session)["board"]
    assert ('class="gave"' in page) == shown
    assert ("<circle" in page) == shown


def test_a_few_second_votes_have_no_numbers(tmp_path: Path) -> None:
    session = voted(tmp_path, 6)
    go_to(session, "again")
    session.answer(160_000, 1, 0, 2, percents(session, 70), "I have changed my mind.")
    go_to(session, "sealed")
    told = gave(session)
    assert told["I have changed my mind."] == []
    assert told["Because of 2."] != []  # control: those of the first vote


def test_a_reason_that_the_teacher_hides_takes_its_number_with_it(tmp_path: Path) -> None:
    session = voted(tmp_path, 6)
    go_to(session, "discuss")
    session.hide(155_000, 0, 1, 3)
    assert "Because of 3." not in gave(session)


def test_the_spread_is_lowest_middle_and_highest() -> None:
    cast = {n: Answer(n, {"q": (p, 100 - p)}, "", 0) for n, p in enumerate([10, 20, 20, 90], 1)}
    yes, no = spread_of(cast, "q")
    assert (yes.lowest, yes.middle, yes.highest) == (10, 20, 90)
    assert (no.lowest, no.middle, no.highest) == (10, 80, 90)
    assert spread_of({}, "q") == []


def test_pages_warn_of_weights_that_were_made_for_another_pair(tmp_path: Path) -> None:
    session = voted(tmp_path, 6)
    words = "The simulator's weights were made for other governments."
    assert words in pages(session)["teacher"]
    assert words not in pages(session)["board"]  # beside the simulator's numbers
    go_to(session, "revealed")
    assert all(words in page for page in pages(session).values())
    presenter = Presenter(session.plan)
    presenter.care = []  # control: where the weights are the pair's own
    assert not any(words in page for page in pages(session, presenter).values())
