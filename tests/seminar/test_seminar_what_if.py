"""What-ifs over HTTP: who may, what is stored, what pages are told, and bad input."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen

import pytest
from fewer import MOST
from hostile import still_closed
from lessons import CHANNEL, SALT, forecasted, go_to, lesson, opened, plan
from rooms import press, served, student_of, teacher_of, until

from sim.ground.errors import InputError
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.horizon import is_over
from sim.seminar.lesson.plan import plan_of
from sim.seminar.lesson.record import place_of
from sim.seminar.lesson.session import Session
from sim.seminar.pages.export import exports
from sim.seminar.pages.what_if import Shows, change_in_words
from sim.seminar.record.file import load_record
from sim.seminar.record.refusal import Refused
from sim.seminar.record.store import Store
from sim.seminar.web import rehearsal_what_if
from sim.seminar.web.guard import Buckets
from sim.seminar.web.person import Person
from sim.seminar.web.rehearsal_what_if import rehearse_what_if
from sim.seminar.web.serve import Opened
from sim.seminar.what_if import sharing
from sim.seminar.what_if.from_lesson import InRecord, base_of
from sim.seminar.what_if.keeping import InMemory
from sim.seminar.what_if.record import BRANCHES
from sim.seminar.what_if.sharing import MAX_BRANCHES, Sharing
from sim.seminar.what_if.shipped import base_alone
from sim.seminar.what_if.whole import SEMINAR
from sim.seminar.what_if.world_queue import FIRST
from sim.study.comparing import SHARE, Contrast

NEVER_EARLY = ("/what-if", "/what-if/part", "/what-if/board", "/what-if/board/part")


@pytest.fixture(scope="module", name="room")
def _room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Opened, Person, Person]]:
    """A room whose last round is revealed, with its teacher and a student."""
    with served(tmp_path_factory.mktemp("room")) as made:
        teacher, student = teacher_of(made), student_of(made)
        for path in NEVER_EARLY:
            assert (teacher.get(path).status, student.get(path).status) == (403, 403)
        for act in ("slide", "keep", "everybody"):
            form = {"s0": "1", "name": "x", "may": "1"}
            assert teacher.post(f"/what-if/{act}", form).status == 403
        for phase in ("revealed", "read", "revealed"):
            press(teacher, made, phase)
        yield made, teacher, student


@pytest.fixture(autouse=True)
def _shipped(room: tuple[Opened, Person, Person]) -> None:
    """Each test begins where the scenario ships, with fresh patience."""
    made, teacher, _ = room
    what_if = made.room.what_if
    teacher.get("/what-if")
    what_if.sharing.let_everybody(False)
    what_if.sharing.reset(None)
    what_if.often = Buckets(at_once=20, a_second=12.0)


Room = tuple[Opened, Person, Person]


def drawn(made: Opened, worlds: int = FIRST) -> bool:
    shared = made.room.what_if.sharing
    return shared.drawer.wait(shared.now.position, worlds, 60)


# ---------------------------------------------------------------------------------- who may


def test_it_opens_when_the_last_round_is_revealed_and_not_before(tmp_path: Path) -> None:
    session = opened(tmp_path, 1)
    forecasted(session)
    seen = []
    for _ in range(14):
        seen.append(is_over(session.plan, session.room))
        if not session.room.ended:
            session.advance(100_000, place_of(session.room), SALT)
    assert seen == [False] * 12 + [True] * 2
    session.store.close()


def test_students_see_it_and_the_teacher_moves_it(room: Room) -> None:
    made, teacher, student = room
    assert student.post("/what-if/slide", {"s0": "1"}).status == 422
    assert made.room.what_if.sharing.now.position.values[0] == 0
    assert teacher.post("/what-if/slide", {"s0": "1"}).status == 303
    assert made.room.what_if.sharing.now.position.values[0] == 1
    assert drawn(made)
    for person in (student, teacher):
        assert until(lambda p=person: "How readily FRA seeks contact: 1" in p.get("/what-if").body)
    assert 'name="s0"' in student.get("/what-if").body
    assert re.search(r'name="s0"[^>]* disabled', student.get("/what-if").body)
    assert not re.search(r'name="s0"[^>]* disabled', teacher.get("/what-if").body)
    board = student.get("/what-if/board").body
    assert "<svg" in board
    assert "<form" not in board


def test_the_teacher_can_hand_it_to_everybody(room: Room) -> None:
    made, teacher, student = room
    assert student.post("/what-if/everybody", {"may": "1"}).status == 403
    assert student.post("/what-if/slide", {"s0": "1"}).status == 422
    teacher.post("/what-if/everybody", {"may": "1"})
    assert student.post("/what-if/slide", {"s0": "-1"}).status == 303
    assert made.room.what_if.sharing.now.by == 1
    for act in ("keep", "drop", "go", "beside", "aside", "why", "everybody"):
        assert student.post(f"/what-if/{act}", {"name": "x", "branch": "1"}).status == 403
    assert student.post("/what-if/no-such", {}).status == 404
    teacher.post("/what-if/everybody", {"may": "0"})
    assert student.post("/what-if/slide", {"s0": "1"}).status == 422


def test_strangers_see_nothing(room: Room) -> None:
    made, _, _ = room
    stranger = Person(made.room.address, "stranger")
    for path in (*NEVER_EARLY, "/what-if/export/1.yaml", "/events?page=what-if"):
        assert stranger.get(path).status == 403
    assert stranger.post("/what-if/reset", {}).status == 403


def test_one_seat_cannot_send_moves_without_end(room: Room) -> None:
    _, teacher, student = room
    teacher.post("/what-if/everybody", {"may": "1"})
    statuses = [student.post("/what-if/slide", {"s0": "1"}).status for _ in range(60)]
    assert statuses[0] == 303
    assert 422 in statuses
    assert teacher.post("/what-if/slide", {"s0": "0"}).status == 303  # nobody else is kept out


# ---------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("act", "form", "words"),
    [
        ("slide", {"s0": "9"}, "must lie between -2 and 2, and 9 does not"),
        ("slide", {"s0": "nan"}, "Give the value as a number"),
        ("slide", {"s0": "x" * 500}, "Give the value as a number"),
        ("slide", {"s77": "1"}, "no such slider"),
        ("slide", {"sx": "1"}, "Give the slider as a whole number"),
        ("remove", {"event": "no-such"}, "must name an event of the history"),
        ("remove", {}, "must be an id of lower-case letters"),
        ("move", {"event": "the-cut", "to": "2031-01-01"}, "must not lie after until"),
        ("insert", {"kind": "detained", "date": "2021-02-02"}, "cannot be inserted here"),
        ("insert", {"kind": "released", "date": "2021-02-02"}, "how many people as a whole"),
        ("insert", {"kind": "call_held", "date": ""}, "date"),
        ("undo", {"place": "0"}, "no such change"),
        ("undo", {"place": "-1"}, "Give the change as a whole number"),
        ("keep", {"name": "  "}, "Give the branch a name"),
        ("keep", {"name": "x" * 61}, "Give the branch a name"),
        ("keep", {"name": "a\u202eb"}, "Give the branch a name"),
        ("go", {"branch": "99"}, "no such branch"),
        ("drop", {"branch": "99"}, "no such branch"),
        ("beside", {"left": "0", "right": "0"}, "two different ones"),
        ("beside", {"left": "0", "right": "99"}, "no such branch"),
        ("why", {"outcome": "share"}, "with yes or no"),
    ],
)
def test_what_is_refused_says_why_and_stores_nothing(
    room: Room, act: str, form: dict[str, str], words: str
) -> None:
    made, teacher, _ = room
    sharing_, position = made.room.what_if.sharing, made.room.session.room.position
    before = sharing_.now
    answer = teacher.post(f"/what-if/{act}", form)
    assert answer.status == 422
    assert words in answer.body
    scripted = teacher.post(f"/what-if/{act}", {**form, "live": "1"})
    assert scripted.status == 422
    assert words in json.loads(scripted.body)["problem"]
    assert sharing_.now == before
    assert made.room.session.room.position == position


def test_text_of_a_form_is_text(room: Room) -> None:
    _, teacher, _ = room
    name = "<script>alert(1)</script>"
    assert teacher.post("/what-if/keep", {"name": name}).status == 303
    body = teacher.get("/what-if").body
    assert name not in body
    assert "&lt;script&gt;alert(1)" in body
    answer = teacher.post("/what-if/remove", {"event": "<b>x</b>"})
    assert "<b>x</b>" not in answer.body


# ---------------------------------------------------------------------------------- branches


def test_a_branch_is_kept_returned_to_compared_exported_and_dropped(room: Room) -> None:
    made, teacher, student = room
    shared, session = made.room.what_if.sharing, made.room.session
    teacher.post("/what-if/slide", {"s1": "1.5"})
    teacher.post("/what-if/remove", {"event": "the-cut"})
    kept = shared.now.position
    assert teacher.post("/what-if/keep", {"name": "No trawler"}).status == 303
    number = BRANCHES.of(session.room).last
    assert BRANCHES.of(session.room).kept[number].name == "No trawler"
    assert "There is a branch" in teacher.post("/what-if/keep", {"name": "No trawler"}).body
    teacher.post("/what-if/reset", {})
    assert shared.now.position == shared.start
    teacher.post("/what-if/go", {"branch": str(number)})
    assert shared.now.position == kept
    assert teacher.post("/what-if/beside", {"left": "0", "right": str(number)}).status == 303
    assert until(lambda: student.get("/what-if/board").body.count("<svg") == 2)
    assert student.get(f"/what-if/export/{number}.yaml").status == 403
    answer = teacher.get(f"/what-if/export/{number}.yaml")
    assert load_scenario(text=answer.body).changes == kept.changes
    assert teacher.get("/what-if/export/99.yaml").status == 422
    assert teacher.get("/what-if/export/x.yaml").status == 422
    teacher.post("/what-if/drop", {"branch": str(number)})
    assert number not in BRANCHES.of(session.room).kept
    assert shared.now.beside is None
    again = Session(session.plan, Store(session.store.path, SEMINAR))
    assert again.room == session.room
    again.store.close()


def test_a_record_with_branches_is_exported_and_read(room: Room, tmp_path: Path) -> None:
    made, teacher, _ = room
    teacher.post("/what-if/remove", {"event": "second-call"})
    teacher.post("/what-if/keep", {"name": "No second call"})
    path = tmp_path / "record.jsonl"
    path.write_text(exports(made.room.session)["record.jsonl"](), encoding="utf-8")
    _, found = load_record(path, SEMINAR)
    kept = [r.event for r in found if r.event.kind == "branch_kept"]
    assert (
        kept[-1]
        == BRANCHES.of(made.room.session.room).kept[BRANCHES.of(made.room.session.room).last]
    )
    lines = path.read_text(encoding="utf-8").splitlines()
    broken = [re.sub(r'"remove":"second-call"', '"remove":7', line) for line in lines]
    path.write_text("\n".join(broken), encoding="utf-8")
    with pytest.raises(InputError, match="remove"):
        load_record(path, SEMINAR)


def test_an_edited_lesson_does_not_take_up_the_record(tmp_path: Path) -> None:
    """A slider that was added makes another lesson: its record and its branches are left alone."""
    session = opened(tmp_path)
    content = session.store.read()
    session.store.close()
    slider = {"title": "Calls", "path": "rates_per_day.call", "from": 0, "to": 1}
    store = Store(session.store.path, SEMINAR)
    with pytest.raises(InputError, match="another version of this one or of its scenario"):
        Session(plan(what_if={"sliders": [slider]}), store)
    assert store.read() == content
    store.close()


def test_so_many_branches_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = opened(tmp_path)
    forecasted(session)
    go_to(session, "over")
    shared = Sharing(base_of(session.plan), InRecord(session), lambda: None)
    monkeypatch.setattr(sharing, "MAX_BRANCHES", 2)
    for n in range(2):
        shared.keep(200_000, f"Branch {n}")
    with pytest.raises(Refused, match="2 branches at most"):
        shared.keep(200_000, "One more")
    shared.drop(200_000, 1)
    shared.keep(200_000, "One more")
    assert [*BRANCHES.of(session.room).kept] == [2, 3]  # a number is not given twice
    shared.close()
    session.store.close()
    assert MAX_BRANCHES > 2


# ---------------------------------------------------------------------------------- pages


def listen(made: Opened, person: Person, page: str, told: list[dict[str, Any]]) -> None:
    """Read what a page is told, in the background."""
    request = Request(f"{made.room.address}/events?page={page}", headers={"Cookie": person.cookie})

    def read() -> None:
        with urlopen(request, timeout=30) as answer:
            for line in answer:
                if line.startswith(b"data: {"):
                    told.append(json.loads(line[6:]))

    Thread(target=read, daemon=True).start()
    assert until(lambda: told)


def test_a_move_reaches_every_page_as_one_message(room: Room) -> None:
    made, teacher, student = room
    told: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    listen(made, student, "what-if", told)
    listen(made, student, "room", other)
    time.sleep(0.6)  # the pages are told once more that the student is here
    before = len(other)
    answer = teacher.post("/what-if/slide", {"s0": "0.5", "live": "1"})
    version = json.loads(answer.body)["version"]
    assert until(lambda: told[-1]["drawn"] >= version)
    assert told[-1]["values"][0] == 0.5
    assert "<svg" in told[-1]["chart"]
    assert "What the rounds asked" in told[-1]["table"]
    assert until(lambda: f'data-worlds="{MOST}"' in told[-1]["chart"], 60)
    marks = {t["mark"] for t in told}
    assert len(marks) == 1  # a slider draws no page anew
    teacher.post("/what-if/remove", {"event": "the-cut"})
    assert until(lambda: told[-1]["mark"] not in marks)
    assert len(other) == before  # and the room's own pages hear nothing of it
    assert "chart" not in other[0]


def test_while_a_slider_moves_what_is_drawn_last_stays_on_the_pages(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _, student = room
    assert drawn(made)
    shared = made.room.what_if.sharing
    monkeypatch.setattr(shared.drawer, "want", lambda _: None)
    for n in range(11, 16):
        shared.slide(None, {0: n / 10})
        made.room.what_if.renew()
        assert "<svg" in student.get("/what-if/part").body
    assert shared.newest_drawn() == shared.start


@pytest.mark.slow
def test_it_works_without_the_script(room: Room) -> None:
    _, teacher, _ = room
    answer = teacher.post("/what-if/slide", {f"s{n}": "0.5" for n in range(6)})
    assert (answer.status, answer.place) == (303, "/what-if")
    body = teacher.get("/what-if").body
    assert "How readily ITA accepts contact: 0.5" in body or until(
        lambda: "How readily ITA accepts contact: 0.5" in teacher.get("/what-if").body
    )
    assert '<button id="draw">' in body


def test_the_table_says_what_history_settles_and_how_much_changes(room: Room) -> None:
    made, teacher, _ = room
    teacher.post("/what-if/remove", {"event": "the-cut"})
    assert drawn(made)
    lines = made.room.what_if.shows.values()["lines"]
    cut = next(x for x in lines if x.title.startswith("One of them cuts contact"))
    assert (cut.asked, cut.history, cut.before) == (True, "yes", "yes")
    assert cut.now != "yes"
    assert cut.difference.startswith("−")
    ahead = next(x for x in lines if x.title == "The channel is open")
    assert (ahead.asked, ahead.history) == (False, "not known")
    made.room.what_if.sharing.reset(None)
    assert drawn(made)
    again = made.room.what_if.shows.values()["lines"]  # the control: nothing is changed
    assert {x.difference for x in again} == {"the same"}


def test_the_table_has_first_times() -> None:
    data = lesson()
    data["outcomes"]["again"] = {"type": "first_time", "state": "open", "title": "Open again"}
    base = base_alone(load_scenario(data))
    shared = Sharing(base, InMemory(), lambda: None)
    try:
        cut = {
            "id": "cut",
            "kind": "contact_cut",
            "channel": CHANNEL,
            "date": "2021-12-20",
            "by": "ITA",
        }
        shared.change(None, {"insert": cut})
        before, now = shared.start, shared.now.position
        assert all(shared.drawer.wait(p, FIRST, 60) for p in (before, now))
        one, two = (shared.drawer.drawn(p) for p in (before, now))
        assert one is not None
        assert two is not None
        shows = Shows(shared)
        (line,) = [x for x in shows.lines(one, two) if x.title == "Open again"]
        assert re.fullmatch(r"\D*\d+ % ever; half of these by \w+ 202[12]", line.before)
        assert re.search(r"day|the same", line.difference)
        (same,) = [x for x in shows.lines(one, one) if x.title == "Open again"]
        assert same.difference == "the same"  # control
    finally:
        shared.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"difference": 12.4, "low": 8, "high": 17}, "12 days later (+8 to +17)"),
        ({"difference": -1.2, "low": -2, "high": 0}, "1 day earlier"),
        ({"difference": 0.2, "low": -1, "high": 1}, "less than 1 day"),
        ({"difference": 0.0, "low": 0, "high": 0, "alike": 1.0}, "the same"),
        ({"difference": 0.124, "low": 0.1, "high": 0.15, "unit": SHARE}, "+12 points (+10 to +15)"),
    ],
)
def test_a_difference_is_said_in_its_unit(change: dict[str, Any], said: str) -> None:
    told: dict[str, Any] = {"unit": "days", "alike": 0.5, **change}
    names = {"name": "x", "title": "x", "type": "first_time", "other": "x", "narrowing": None}
    assert change_in_words(Contrast(**names, base=0, changed=0, **told)) == said


def test_what_mattered_most_is_said_to_everybody(room: Room) -> None:
    _, teacher, student = room
    assert teacher.post("/what-if/why", {"outcome": "r1q2"}).status == 303
    assert until(lambda: "Without “Contact cut (ITA)”" in student.get("/what-if").body, 60)


def test_a_rehearsal_asks_what_if_and_notices_what_opens_early(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal_what_if, "MOST", FIRST)  # it need not wait for all
    made, teacher, student = room
    said, failed = rehearse_what_if(made, teacher, student)
    assert failed == []
    assert said.startswith("What if: after a move 1,000 worlds were drawn in ")
    early = [*still_closed(teacher)]  # the control: here it is open
    assert len(early) == 5


def test_an_offered_lesson_can_ask_what_if_too() -> None:
    root = Path(__file__).parents[2] / "scenarios"
    made = plan_of(load_scenario(root / "new-delhi.yaml"), "new-delhi.yaml")
    base = base_of(made)
    assert made.offered
    assert len(base.sliders) == 6
    assert base.events
