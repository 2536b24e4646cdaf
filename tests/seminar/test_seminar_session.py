"""A session: who may do what, and when; and what the record makes of it."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lessons import SALT, TEACHER, forecasted, go_to, opened, percents, plan, seat

from sim.ground.errors import InputError
from sim.ground.formulas import harmless
from sim.seminar.lesson.record import LESSON, Sealed, place_of, seal_of
from sim.seminar.lesson.results import own_result, question_result, standings
from sim.seminar.lesson.schema import PHASES
from sim.seminar.lesson.session import Session
from sim.seminar.pages.export import exports, scores_table
from sim.seminar.pages.sheets import heads, table_text
from sim.seminar.record.file import load_record
from sim.seminar.record.refusal import Refused
from sim.seminar.record.room import Room
from sim.seminar.record.store import Store
from sim.seminar.what_if.whole import SEMINAR


def answer(
    session: Session, student: int, first: int = 40, now_ms: int = 150_000, **changes: Any
) -> None:
    vote = 2 if session.room.phase == "again" else 1
    given = {
        "round_": LESSON.of(session.room).round,
        "vote": vote,
        "percents": percents(session, first),
    }
    session.answer(now_ms, student, **(given | {"reason": f"Because of {student}."} | changes))


def test_a_lesson_goes_through_its_phases(tmp_path: Path) -> None:
    session = opened(tmp_path, 2)
    seen = [place_of(session.room)]
    while not session.room.ended:
        session.advance(100_000, seen[-1], SALT)
        seen.append(place_of(session.room))
    assert seen == ["-1-before", *(f"{r}-{p}" for r in (0, 1) for p in PHASES), "over"]
    with pytest.raises(Refused, match="over"):
        session.advance(100_000, "over", SALT)


def test_the_room_is_the_fold_of_its_record(tmp_path: Path) -> None:
    session = opened(tmp_path, 3)
    forecasted(session)
    go_to(session, "vote")
    answer(session, 1)
    answer(session, 2, 70)
    session.remove(160_000, 3)
    go_to(session, "revealed")
    session.hide(170_000, 0, 1, 2)
    assert SEMINAR.room_of(session.store.read()) == session.room
    again = Session(session.plan, Store(tmp_path / "record.sqlite", SEMINAR))
    assert again.room == session.room


def test_two_clicks_are_one_step(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.advance(100_000, "-1-before", SALT)
    with pytest.raises(Refused, match="gone on meanwhile"):
        session.advance(100_000, "-1-before", SALT)
    assert place_of(session.room) == "0-read"


def test_answers_count_in_their_vote_only(tmp_path: Path) -> None:
    session = opened(tmp_path, 2)
    go_to(session, "read")
    with pytest.raises(Refused, match="closed"):
        answer(session, 1)
    go_to(session, "vote")
    answer(session, 1, 40)
    answer(session, 1, 60)  # the last one counts
    with pytest.raises(Refused, match="closed"):
        answer(session, 1, vote=2)
    with pytest.raises(Refused, match="closed"):
        answer(session, 1, round_=1)
    go_to(session, "discuss")
    with pytest.raises(Refused, match="closed"):
        answer(session, 1)
    go_to(session, "again")
    answer(session, 2, 20)
    go_to(session, "sealed")
    with pytest.raises(Refused, match="closed"):
        answer(session, 2, 90, vote=2)
    final = LESSON.of(session.room).final(0)
    assert {n: a.percents["r1q2"][0] for n, a in final.items()} == {1: 60, 2: 20}
    assert LESSON.of(session.room).cast(0, 2).keys() == {2}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"percents": {}}, "Answer every question"),
        (
            {"percents": {"r1q1": (40, 20, 20, 20), "r1q2": (50, 50), "r9q9": (50, 50)}},
            "every question",
        ),
        (
            {"percents": {"r1q1": (40, 20, 20), "r1q2": (50, 50)}},
            "Question 1: give a number for each",
        ),
        ({"percents": {"r1q1": (40, 20, 20, 21), "r1q2": (50, 50)}}, "Question 1: .*Too many: 1."),
        ({"percents": {"r1q1": (97, 1, 1, 1), "r1q2": (100, 0)}}, "Question 2: .*from 1 to 99"),
        ({"percents": {"r1q1": (-97, 99, 99, -1), "r1q2": (50, 50)}}, "from 1 to 99"),
        ({"reason": "  "}, "one sentence"),
        ({"reason": "x" * 281}, "too long"),
        ({"reason": "abc\u202e"}, "cannot be shown"),
        ({"student": 9}, "no seat"),
    ],
)
def test_an_answer_that_breaks_a_rule_is_not_stored(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    session = opened(tmp_path, 1)
    go_to(session, "vote")
    before = session.room
    with pytest.raises(Refused, match=words):
        answer(session, changes.pop("student", 1), **changes)
    assert session.room == before
    assert len(session.store.read()) == before.position


def test_a_limit_closes_the_vote_and_the_lesson_goes_on_by_itself(tmp_path: Path) -> None:
    session = opened(tmp_path, 1)
    go_to(session, "vote", 100_000)
    assert session.room.deadline_ms == 100_000 + 240_000
    answer(session, 1, now_ms=339_999)
    with pytest.raises(Refused, match="closed"):
        answer(session, 1, 90, now_ms=340_000)
    assert not session.tick(339_999, SALT)
    assert session.tick(340_000, SALT)
    assert (session.room.phase, session.room.deadline_ms) == ("discuss", None)
    assert not session.tick(900_000, SALT)  # no limit
    go_to(session, "again", 900_000)
    assert session.tick(900_000 + 120_000, SALT)
    assert session.room.phase == "sealed"
    assert LESSON.of(session.room).seals[0].sha256 == seal_of(LESSON.of(session.room), 0, SALT)


def test_the_teacher_can_pause_extend_and_turn_off_a_limit(tmp_path: Path) -> None:
    session = opened(tmp_path, 1)
    for deed in (session.pause, session.take_up, session.without_limit):
        with pytest.raises(Refused):
            deed(50_000)
    go_to(session, "vote", 100_000)
    session.pause(200_000)
    assert (session.room.deadline_ms, session.room.left_ms) == (None, 140_000)
    assert not session.tick(9_000_000, SALT)
    answer(session, 1, now_ms=8_000_000)  # the clock stands; the vote is open
    session.extend(8_000_000, 2)
    assert session.room.left_ms == 260_000
    session.take_up(9_000_000)
    assert session.room.deadline_ms == 9_260_000
    session.extend(9_000_000, 5)
    assert session.room.deadline_ms == 9_560_000
    for minutes in (0, 61):
        with pytest.raises(Refused, match="1 to 60"):
            session.extend(9_000_000, minutes)
    session.without_limit(9_000_000)
    assert not session.tick(99_000_000, SALT)
    answer(session, 1, 70, now_ms=99_000_000)


def test_a_server_that_stopped_takes_no_time_from_anybody(tmp_path: Path) -> None:
    session = opened(tmp_path, 1)
    go_to(session, "vote", 100_000)
    answer(session, 1, now_ms=160_000)
    session.store.close()
    again = Session(session.plan, Store(tmp_path / "record.sqlite", SEMINAR))
    again.start(99_000_000, "ZZZZZZ", "8" * 64)
    assert again.room.left_ms == 340_000 - 160_000
    assert again.room.opened is not None
    assert again.room.opened.code == "ABC234"  # the code on the board stays
    assert again.room.teachers == {TEACHER, "8" * 64}


def test_a_clock_that_was_set_back_takes_no_time_from_anybody(tmp_path: Path) -> None:
    """The vote begins at 10,000 s by a clock that is an hour fast. The server stops twice, and in
    between somebody sets the clock right."""
    session = opened(tmp_path, 1)
    go_to(session, "vote", 10_000_000)
    answer(session, 1, now_ms=10_060_000)
    session.store.close()
    again = Session(session.plan, Store(tmp_path / "record.sqlite", SEMINAR))
    again.start(6_500_000, "ZZZZZZ", "8" * 64)
    assert again.room.left_ms == 180_000
    again.take_up(6_510_000)
    answer(again, 1, 70, now_ms=6_520_000)
    again.store.close()
    third = Session(session.plan, Store(tmp_path / "record.sqlite", SEMINAR))
    third.start(6_600_000, "ZZZZZZ", "9" * 64)
    assert third.room.left_ms == 170_000


def test_names_are_kept_apart_and_clean(tmp_path: Path) -> None:
    session = opened(tmp_path)
    names = [
        session.join(1, name, "north", seat(n)).name
        for n, name in enumerate(("Ana", " Ana ", "Ana"))
    ]
    assert names == ["Ana", "Ana (2)", "Ana (3)"]
    long = session.join(1, "x" * 40, "north", seat(10)).name
    other = session.join(1, "x" * 40, "north", seat(11)).name
    assert (len(long), len(other), other[-4:]) == (40, 40, " (2)")
    assert session.join(1, "می\u200cخواهم", "south", seat(12)).name  # a joiner inside a word stays
    for name, words in {
        "": "Type a name",
        "x" * 41: "too long",
        "a\x1b[2J": "cannot be shown",
        "a\u202eb": "shown",
    }.items():
        with pytest.raises(Refused, match=words):
            session.join(1, name, "north", seat(13))
    for group in (None, "east"):
        with pytest.raises(Refused, match="Choose a group"):
            session.join(1, "Ben", group, seat(13))


@pytest.mark.parametrize(
    "name",
    [
        "\u0410n\u0430",  # Cyrillic
        "\u0391n\u0251",  # Greek, and a letter of phonetics
        "Ａｎａ",
        "\U0001d400\U0001d427\U0001d41a",  # mathematical
        "A\u200dna",  # a joiner
        "An\u034fa",
        "Ana\ufe0f",
        "A\u115fna",
        "A\u17b4na",
        "Ana\u3164",
        "Ana \u2800",
        "ANA",
    ],
)
def test_a_name_that_looks_like_another_gets_a_number(tmp_path: Path, name: str) -> None:
    session = opened(tmp_path)
    session.join(1, "Ana", "north", seat(1))
    session.join(1, name, "north", seat(2))
    assert [s.name for s in session.room.students.values()] == ["Ana", f"{name} (2)"]


def test_names_that_only_resemble_each_other_are_kept(tmp_path: Path) -> None:
    names = [
        "Ana",
        "Anna",
        "Aná",
        "Anа 2",
        "José",
        "Jose",
        "किरण",
        "करण",
        "Бен",
        "李明",
        "😀",
        "😃",
    ]
    session = opened(tmp_path)
    for n, name in enumerate(names):
        assert session.join(1, name, "north", seat(n)).name == name
    assert session.join(1, "Carmen", "north", seat(50)).name == "Carmen"
    assert session.join(1, "Carrnen", "north", seat(51)).name == "Carrnen (2)"
    assert session.join(1, "Ann", "north", seat(52)).name == "Ann"  # control: the list is no net
    long = [session.join(1, letter * 40, "north", seat(60 + n)) for n, letter in enumerate("xх")]
    assert [len(s.name) for s in long] == [40, 40]
    assert long[1].name.endswith(" (2)")


def test_roles_go_round(tmp_path: Path) -> None:
    session = opened(tmp_path)
    for n in range(6):
        session.join(1, "x", ("north", "south")[n // 3], seat(n))
    roles = [s.role for s in session.room.students.values()]
    assert roles == ["paris", "press"] * 3


def test_a_removed_student_counts_no_more_and_the_number_is_not_given_again(tmp_path: Path) -> None:
    session = opened(tmp_path, 2)
    go_to(session, "vote")
    answer(session, 2)
    session.remove(200_000, 2)
    assert LESSON.of(session.room).cast(0, 1) == {}
    assert seat(2) not in session.room.seats
    with pytest.raises(Refused, match="no seat"):
        answer(session, 2)
    assert session.join(200_000, "New", "north", seat(3)).number == 3
    with pytest.raises(Refused, match="no such student"):
        session.remove(200_000, 2)


def test_another_lesson_does_not_go_on_in_this_record(tmp_path: Path) -> None:
    opened(tmp_path).store.close()
    other = plan(title="Another")
    with pytest.raises(InputError, match="another lesson, “Two capitals”"):
        Session(other, Store(tmp_path / "record.sqlite", SEMINAR))


def test_two_servers_on_one_record_lose_nothing(tmp_path: Path) -> None:
    one = opened(tmp_path, 1)
    two = Session(one.plan, Store(tmp_path / "record.sqlite", SEMINAR))
    two.join(5_000, "Ben", "north", seat(50))
    with pytest.raises(Refused, match="Another program"):
        one.join(6_000, "Cy", "north", seat(51))
    assert one.room == two.room  # it has caught up, and the next try is stored
    one.join(6_000, "Cy", "north", seat(51))
    assert len(SEMINAR.room_of(one.store.read()).students) == 3


# ---------------------------------------------------------------------------------- seals


def test_a_seal_can_be_computed_again_and_breaks_if_an_answer_changes(tmp_path: Path) -> None:
    session = opened(tmp_path, 2)
    go_to(session, "vote")
    answer(session, 1)
    go_to(session, "sealed")
    lines = exports(session)["record.jsonl"]().splitlines()
    path = tmp_path / "record.jsonl"
    path.write_text("\n".join(lines) + "\n")
    _, record = load_record(path, SEMINAR)
    room = Room()
    sealed = next(r for r in record if r.event.kind == "sealed")
    room = SEMINAR.room_of(r for r in record if r.position < sealed.position)
    assert isinstance(sealed.event, Sealed)
    assert seal_of(LESSON.of(room), 0, sealed.event.salt) == sealed.event.sha256
    changed = "\n".join(lines).replace("Because of 1.", "Because of 2.")
    path.write_text(changed + "\n")
    with pytest.raises(InputError) as caught:
        load_record(path, SEMINAR)
    rule = "the seal of round 1 does not fit the answers: one was changed"
    assert [str(p) for p in caught.value.problems] == [f"{path}:{sealed.position + 1}: {rule}"]


def test_an_answer_after_the_seal_is_told(tmp_path: Path) -> None:
    session = opened(tmp_path, 2)
    go_to(session, "vote")
    answer(session, 1)
    go_to(session, "sealed")
    lines = exports(session)["record.jsonl"]().splitlines()
    late = next(line for line in lines if "Because of 1." in line)
    lines.append(late.replace(late[: late.index(",")], f'{{"position":{len(lines)}'))
    path = tmp_path / "record.jsonl"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match="answers round 1 after its seal"):
        load_record(path, SEMINAR)


# ---------------------------------------------------------------------------------- results


def test_scores_of_a_round(tmp_path: Path) -> None:
    """Of eleven students the first does not answer. All say 20 % at first; those with even numbers,
    the group north, say 80 % in the second vote."""
    session = opened(tmp_path, 11)
    forecasted(session)
    go_to(session, "vote")
    for n in range(2, 12):
        answer(session, n, 20)
    go_to(session, "again")
    for n in range(2, 12, 2):
        answer(session, n, 80)
    go_to(session, "revealed")
    round_ = session.plan.rounds[0]
    found = question_result(session.plan, session.room, round_, round_.questions[1])  # truth: yes
    lines = {line.who: line for line in found.lines}
    assert list(lines) == [
        "The class",
        "Group north",
        "Group south",
        "The simulator",
        "The base rate",
    ]
    assert lines["The class"].probabilities == pytest.approx((0.5, 0.5))  # 80 and 20
    assert lines["Group north"].probabilities[0] == pytest.approx(0.8)  # even numbers
    assert lines["Group south"].probabilities[0] == pytest.approx(0.2)
    assert lines["The simulator"].score.brier == pytest.approx(0.5)
    assert lines["The base rate"].probabilities == (0.01, 0.99)
    assert found.twice == 5
    assert found.gain is not None
    assert found.gain.brier == pytest.approx(2 * 0.8**2 - 2 * 0.2**2)
    own = own_result(session.plan, session.room, 1)
    assert own.rounds == {}
    assert own.mean is None
    second = own_result(session.plan, session.room, 2).rounds[0]
    state = 0.8**2 + (0.06 - 1) ** 2 + 0.06**2 + 0.08**2
    assert second.brier == pytest.approx((state + 2 * 0.2**2) / 2)
    assert next(s.who for s in standings(session.plan, session.room)) == "The class"


def test_nothing_is_scored_before_the_reveal(tmp_path: Path) -> None:
    session = opened(tmp_path, 1)
    forecasted(session)
    go_to(session, "vote")
    answer(session, 1)
    go_to(session, "sealed")
    assert standings(session.plan, session.room) == []
    table = scores_table(session.plan, session.room).splitlines()
    head = table[0].split(",")
    assert tuple(head) == heads("seminar/scores.csv")
    row = dict(zip(head, table[1].split(","), strict=True))
    assert "simulator" not in "".join(table)
    go_to(session, "revealed")
    assert "simulator" in scores_table(session.plan, session.room)
    assert row["student"] == "1"


def test_a_spreadsheet_takes_no_text_for_a_formula(tmp_path: Path) -> None:
    """Read with commas or with semicolons, no cell begins as a formula does."""
    session = opened(tmp_path)
    session.join(1, "=HYPERLINK(1)", "north", seat(1))
    session.join(1, "x;=cmd|' /C calc'!A0", "north", seat(2))
    go_to(session, "vote")
    answer(session, 1, reason="＝1+1")
    answer(session, 2, reason='so;"=1+1;-2')
    table = scores_table(session.plan, session.room, names=True)
    assert "'=HYPERLINK(1)" in table
    cells = [c for mark in ",;\t|" for row in csv.reader(table.splitlines(), delimiter=mark)
             for c in row]  # fmt: skip
    assert len(cells) > 100
    begun = [
        c for c in cells if unicodedata.normalize("NFKC", c.strip())[:1] in ("=", "+", "-", "@")
    ]
    assert begun == []


@given(st.text("a1 ,;\t|\n\r\"'=+-@＝－﹢", max_size=12))
def test_no_text_makes_a_formula_in_a_cell_of_its_own(text: str) -> None:
    for mark in ",;\t|":
        written = table_text(["a", "b"], [["x", text]])
        for row in csv.reader(io.StringIO(written, newline=""), delimiter=mark):
            for cell in row:
                sign = unicodedata.normalize("NFKC", cell.lstrip(' \t\r\n"'))[:1]
                assert sign not in ("=", "+", "-", "@"), (mark, cell)


def test_other_texts_stay_as_they_are() -> None:
    for text in ("Half-way; then = or + or - follows", "(2) a@b, c", "a: -5", ""):
        assert harmless(text) == text
    assert harmless("it falls, -5 at most") == "it falls, '-5 at most"
    assert harmless(harmless("=1;=2")) == harmless("=1;=2") == "'=1;'=2"


# ---------------------------------------------------------------------------------- export


def test_an_export_names_nobody_and_holds_no_secret(tmp_path: Path) -> None:
    session = opened(tmp_path, 2)
    go_to(session, "vote")
    answer(session, 1)
    lines = exports(session)["record.jsonl"]()
    for secret in ("Student 1", TEACHER, seat(1), "ABC234"):
        assert secret not in lines
    named = exports(session, names=True)["record.jsonl"]()
    assert "Student 1" in named
    assert TEACHER not in named
    path = tmp_path / "record.jsonl"
    path.write_text(lines)
    head, record = load_record(path, SEMINAR)
    assert head["title"] == "Two capitals"
    folded = SEMINAR.room_of(record)
    assert (LESSON.of(folded).round, folded.phase, LESSON.of(folded).answers.keys()) == (
        0,
        "vote",
        {(0, 1)},
    )


def test_a_broken_export_is_told_line_by_line(tmp_path: Path) -> None:
    session = opened(tmp_path, 2)
    path = tmp_path / "record.jsonl"
    lines = exports(session)["record.jsonl"]().splitlines()
    lines[1] = "{"
    lines[2] = lines[2].replace('"position":2', '"position":"2"')
    lines[3] = json.dumps(json.loads(lines[3]) | {"student": -1})
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError) as caught:
        load_record(path, SEMINAR)
    told = [str(p).partition("jsonl:")[2] for p in caught.value.problems]
    assert told[0] == "2: is not valid JSON"
    assert told[1] == "3: position: must be 2, as the events follow each other"
    assert told[2].startswith("4: joined.student:")


def test_a_missing_line_is_told_once(tmp_path: Path) -> None:
    session = opened(tmp_path, 5)
    path = tmp_path / "record.jsonl"
    lines = exports(session)["record.jsonl"]().splitlines()
    del lines[3]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError) as caught:
        load_record(path, SEMINAR)
    told = [str(p).partition("jsonl:")[2] for p in caught.value.problems]
    assert told == ["4: position: must be 3, as the events follow each other"]


acts = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "join",
                "answer",
                "advance",
                "tick",
                "pause",
                "resume",
                "extend",
                "off",
                "remove",
                "clear",
                "door",
                "hide",
                "restart",
            ]
        ),
        st.integers(0, 5),
        st.integers(0, 120_000),
    ),
    max_size=40,
)


@settings(max_examples=40)
@given(acts)
def test_any_course_of_a_lesson_is_its_record(
    tmp_path_factory: pytest.TempPathFactory, course: list[tuple[str, int, int]]
) -> None:
    """Whatever is done in whatever order: what is refused leaves no trace, what is done is kept."""
    session = opened(tmp_path_factory.mktemp("room"), 2)
    now = 100_000
    for act, n, later in course:
        now += later
        before = session.room
        try:
            match act:
                case "join":
                    session.join(now, f"S{n}", "north", seat(now + n))
                case "answer":
                    if LESSON.of(before).round >= 0:
                        answer(session, n, 10 + n, now)
                case "advance":
                    session.advance(now, place_of(before), SALT)
                case "tick":
                    session.tick(now, SALT)
                case "pause":
                    session.pause(now)
                case "resume":
                    session.take_up(now)
                case "extend":
                    session.extend(now, n)
                case "off":
                    session.without_limit(now)
                case "remove":
                    session.remove(now, n)
                case "clear":
                    session.remove(now, n, n + 3)
                case "door":
                    session.set_door(now, n % 2 == 0)
                case "hide":
                    session.hide(now, 0, 1, n)
                case _:
                    session.start(now, "ABC234", TEACHER)
        except Refused:
            assert session.room == before
        assert SEMINAR.room_of(session.store.read()) == session.room
        assert session.room.position >= before.position
    session.store.close()
