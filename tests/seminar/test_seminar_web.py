"""The room over HTTP: who gets in, who may do what, what is stored, and what is sent."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from threading import Event

import pytest
from hostile import Attacked, attacked
from lessons import LESSON, lesson, percents, plan
from rooms import press, served, student_of, teacher_of, until
from starlette.requests import Request
from starlette.responses import HTMLResponse

from sim.cli.seminar import _proxies
from sim.ground.errors import InputError, RunError
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import plan_of
from sim.seminar.lesson.record import LESSON as HELD
from sim.seminar.lesson.record import Answered
from sim.seminar.lesson.schema import PHASES
from sim.seminar.lesson.session import Session
from sim.seminar.pages import presenter
from sim.seminar.pages.presenter import Viewer
from sim.seminar.record.events import Removed, SeminarEvent
from sim.seminar.record.room import Recorded, Room, Student
from sim.seminar.record.store import Store
from sim.seminar.web import app, asking, filling, guard, hub, pages, rehearsal
from sim.seminar.web.app import Pages
from sim.seminar.web.caller import Caller, device_of
from sim.seminar.web.guard import Buckets
from sim.seminar.web.hub import Hub
from sim.seminar.web.person import Person
from sim.seminar.web.rehearsal import rehearse
from sim.seminar.web.room import Limits
from sim.seminar.web.serve import Opened, open_room
from sim.seminar.what_if.whole import SEMINAR


def marks(person: Person, wanted: str) -> bool:
    return person.told_of(wanted, 10) is not None


# ---------------------------------------------------------------------------------- the door


def test_students_join_with_the_code_and_keep_their_seat(tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        base = opened.room.address
        ana = Person(base, "Ana")
        wrong = ana.post("/join", {"code": "AAAAAA", "name": "Ana", "group": "north"})
        assert wrong.status == 403
        assert "not the room&#39;s code" in wrong.body
        assert wrong.cookie == ""
        typed = f"{opened.code[:3].lower()}-{opened.code[3:].lower()} "
        right = ana.post("/join", {"code": typed, "name": "Ana", "group": "north"})
        assert (right.status, right.place) == (303, "/room")
        ana.cookie = right.cookie
        assert "Ana · north" in ana.get("/room").body
        assert ana.get("/").place == "/room"
        again = ana.post("/join", {"code": opened.code, "name": "Ana", "group": "north"})
        assert again.place == "/room"  # one browser is one student
        assert len(opened.room.session.room.students) == 1
        bad = Person(base, "x").post("/join", {"code": opened.code, "name": " ", "group": "north"})
        assert (bad.status, "Type a name" in bad.body) == (422, True)


def test_cookies_cannot_be_read_by_scripts_or_sent_by_other_sites(tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        host = opened.room.address.removeprefix("http://")
        connection = http.client.HTTPConnection(host)
        body = f"code={opened.code}&name=Ana&group=north"
        connection.request("POST", "/join", body, {"Origin": opened.room.address})
        answer = connection.getresponse()
        cookie = answer.getheader("set-cookie") or ""
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        policy = answer.getheader("content-security-policy") or ""
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        connection.close()


def test_a_browser_keeps_a_seat_in_each_of_two_rooms_on_one_computer(tmp_path: Path) -> None:
    """Browsers send cookies to every port of a computer."""
    with served(tmp_path / "one") as one, served(tmp_path / "two") as two:
        kept: dict[str, str] = {}

        def browser(opened: Opened) -> Person:
            told = "; ".join(f"{name}={value}" for name, value in kept.items())
            return Person(opened.room.address, "Ana", cookie=told)

        for opened in (one, two):
            form = {"code": opened.code, "name": "Ana", "group": "north"}
            for path, sent in (("/join", form), ("/teacher/enter", {"key": opened.key})):
                name, _, value = browser(opened).post(path, sent).cookie.partition("=")
                kept[name] = value
        for opened in (one, two):
            assert "Ana · north" in browser(opened).get("/room").body
            assert browser(opened).get("/teacher").status == 200


def test_the_teacher_s_secret_is_needed_for_everything_of_the_teacher(tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        student = student_of(opened)
        for path in (
            "/teacher",
            "/teacher/part",
            "/teacher/export/record.jsonl",
            "/teacher/export/scores.csv",
        ):
            assert student.get(path).status == 403
        assert student.post("/teacher/advance", {"seen": "-1-before"}).status == 403
        assert student.get("/events?page=teacher").status == 403
        assert HELD.of(opened.room.session.room).round == -1
        assert Person(opened.room.address, "x").get("/teacher/enter?key=wrong").status == 403
        teacher = teacher_of(opened)
        assert teacher.get("/teacher").status == 200
        assert (
            Person(opened.room.address, "x").get(f"/teacher/enter?key={opened.key}").status == 303
        )
        other = Person(opened.room.address, "another device")
        other.enter(opened.key)
        assert other.get("/teacher").status == 200


def test_the_drawn_code_is_for_who_is_in_the_room(tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        student, teacher = student_of(opened), teacher_of(opened)
        stranger = Person(opened.room.address, "x")
        forged = Person(opened.room.address, "x", cookie=student.cookie[:-1])
        assert [p.get("/code.svg").status for p in (stranger, forged)] == [403, 403]
        assert stranger.request("HEAD", "/code.svg").status == 403
        for person in (student, teacher):
            assert "<svg" in person.get("/code.svg").body
        assert teacher.post("/teacher/remove", {"student": "1"}).status == 303
        assert student.get("/code.svg").status == 403


def guesses(opened: Opened, number: int, **headers: str) -> list[int]:
    """Try wrong codes; return the statuses."""
    form = {"code": "AAAAAA", "name": "x"}
    stranger = Person(opened.room.address, "x")
    return [stranger.post("/join", form, headers).status for _ in range(number)]


def test_wrong_codes_keep_out_neither_the_right_one_nor_the_teacher(tmp_path: Path) -> None:
    """A class may share one address with who tries codes."""
    with served(tmp_path) as opened:
        answers = guesses(opened, 34)
        assert (answers[0], answers[-1]) == (403, 429)
        assert student_of(opened).get("/room").status == 200
        wrong = teacher_of(opened).post("/teacher/enter", {"key": "wrong"})
        assert wrong.status == 403
        assert teacher_of(opened).get("/teacher").status == 200


def test_a_script_that_tries_codes_is_stopped_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "MOST_BEYOND", 10)
    with served(tmp_path) as opened:
        opened.room.proxies = (ip_network("127.0.0.1"),)
        form = {"code": opened.code, "name": "Ana", "group": "north"}
        ana, bea = ({"X-Forwarded-For": a} for a in ("192.0.2.1", "192.0.2.2"))
        assert guesses(opened, 50, **ana)[-1] == 429
        stopped = Person(opened.room.address, "x").post("/join", form, ana)
        assert stopped.status == 429
        assert "Too many wrong codes came from your network." in stopped.body
        key = {"key": opened.key}
        assert Person(opened.room.address, "x").post("/teacher/enter", key, ana).status == 303
        assert guesses(opened, 1, **bea) == [403]  # control: another device
        assert Person(opened.room.address, "x").post("/join", form, bea).status == 303


@pytest.mark.parametrize(
    ("client", "told", "proxies", "device"),
    [
        ("192.0.2.9", ["198.51.100.1"], [], "192.0.2.9"),  # anybody can write the header
        ("192.0.2.9", ["198.51.100.1"], ["192.0.2.9"], "198.51.100.1"),
        ("192.0.2.9", ["8.8.8.8, 198.51.100.1"], ["192.0.2.0/24"], "198.51.100.1"),
        ("192.0.2.9", ["8.8.8.8", "198.51.100.1, 192.0.2.8"], ["192.0.2.0/24"], "198.51.100.1"),
        ("192.0.2.9", [], ["192.0.2.9"], "192.0.2.9"),
        ("192.0.2.9", ["198.51.100.1, nonsense"], ["192.0.2.9"], "192.0.2.9"),
        ("::ffff:192.0.2.9", ["198.51.100.1"], ["192.0.2.9"], "198.51.100.1"),
        ("2001:db8::1:2:3:4", [], [], "2001:db8::/64"),
        ("2001:db8::5:6:7:8", [], [], "2001:db8::/64"),  # one device has many addresses
        ("nonsense", ["198.51.100.1"], ["192.0.2.9"], "?"),
    ],
)
def test_a_device_is_known_by_its_address_and_only_a_proxy_names_another(
    client: str, told: list[str], proxies: list[str], device: str
) -> None:
    headers = [(b"x-forwarded-for", line.encode()) for line in told]
    request = Request({"type": "http", "headers": headers, "client": (client, 5)})
    assert device_of(request, [ip_network(p) for p in proxies]) == device


def test_a_proxy_that_is_no_address_is_refused() -> None:
    assert _proxies(["127.0.0.1", "192.168.0.0/16", "::1"])[2] == ip_network("::1")
    with pytest.raises(InputError) as found:
        _proxies(["localhost", "127.0.0.1", "10.0.0.1/8"])
    rule = "must be the address of a computer, such as 127.0.0.1, or of a network of them"
    assert [str(p) for p in found.value.problems] == [
        f"--proxy: {rule} (got {given})" for given in ("10.0.0.1/8", "localhost")
    ]


# ---------------------------------------------------------------------------------- answers


def test_stored_is_said_only_when_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path) as opened:
        student, teacher = student_of(opened), teacher_of(opened)
        press(teacher, opened, "vote")
        session = opened.room.session
        assert "Your answer is stored" not in student.get("/room").body
        given = {q: list(p) for q, p in percents(session).items()}
        assert student.answer(0, 1, given, "A reason.")
        store = Store(tmp_path / "record.sqlite", SEMINAR)
        assert HELD.of(SEMINAR.room_of(store.read())).cast(0, 1)[1].reason == "A reason."
        store.close()

        def full(*_: object) -> None:
            raise RunError("record.sqlite: cannot be written: database or disk is full")

        monkeypatch.setattr(session.store, "append", full)
        form = {"round": "0", "vote": "1", "reason": "Another."}
        for q, p in given.items():
            form |= {f"p.{q}.{n}": str(x) for n, x in enumerate(p)}
        refused = student.post("/answer", form)
        assert refused.status == 507
        assert "Nothing was stored" in refused.body
        assert "A reason." in student.get("/room").body


def test_what_was_typed_comes_back_with_the_problem(tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        student, teacher = student_of(opened), teacher_of(opened)
        press(teacher, opened, "vote")
        form = {"round": "0", "vote": "1", "reason": "I think <so>.", "p.r1q2.0": "55"}
        form |= {f"p.r1q1.{n}": "30" for n in range(4)}
        back = student.post("/answer", form)
        assert back.status == 422
        assert "Question 1: the numbers must add up to 100. Too many: 20." in back.body
        assert "I think &lt;so&gt;." in back.body
        assert 'value="55"' in back.body
        late = student.post("/answer", {**form, "vote": "2", "p.r1q1.0": "10"})
        assert "This vote is closed. Your answer was not stored." in late.body


def test_two_tabs_are_one_student_and_late_joiners_start_where_the_lesson_is(
    tmp_path: Path,
) -> None:
    with served(tmp_path) as opened:
        student, teacher = student_of(opened), teacher_of(opened)
        press(teacher, opened, "vote")
        tab = Person(opened.room.address, student.name, cookie=student.cookie)
        given = {q: list(p) for q, p in percents(opened.room.session).items()}
        assert student.answer(0, 1, given, "One tab.")
        assert tab.answer(0, 1, given, "The other tab.")
        assert [a.reason for a in HELD.of(opened.room.session.room).cast(0, 1).values()] == [
            "The other tab."
        ]
        press(teacher, opened, "discuss")
        late = student_of(opened, "Late")
        assert "<h1>Discuss</h1>" in late.get("/room").body


def test_names_are_text_wherever_they_stand(tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        name = '<img src=x onerror="alert(1)">'
        student = student_of(opened, name)
        for body in (student.get("/room").body, teacher_of(opened).get("/teacher").body):
            assert "<img src=x" not in body
            assert "&lt;img src=x" in body


# ---------------------------------------------------------------------------------- the guard


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Content-Length": "999999"}, 413),
        ({}, 422),  # control: a form that is only wrong
    ],
)
def test_requests_from_elsewhere_and_too_large_ones_are_refused(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    with served(tmp_path) as opened:
        student = student_of(opened)
        before = opened.room.session.room.position
        assert student.post("/answer", {"reason": "x"}, headers).status == status
        assert opened.room.session.room.position == before


def test_a_body_without_a_length_is_cut_off(tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        student = student_of(opened)
        connection = http.client.HTTPConnection(opened.room.address.removeprefix("http://"))
        chunks = (b"reason=" + b"x" * 4_000 for _ in range(20))
        sent = {"Origin": opened.room.address, "Cookie": student.cookie}
        connection.request("POST", "/answer", chunks, sent, encode_chunked=True)
        assert connection.getresponse().status == 413
        connection.close()


def test_buckets_let_so_many_pass() -> None:
    bucket = Buckets(at_once=3, a_second=0.001, names=2)
    assert [bucket.take("a") for _ in range(4)] == [True, True, True, False]
    assert bucket.take("b")
    assert bucket.take("c")
    assert len(bucket._left) == 2  # the oldest name is forgotten


# ---------------------------------------------------------------------------------- pushes


def test_every_page_is_told_at_once_and_after_a_return_gets_the_present_state(
    tmp_path: Path,
) -> None:
    with served(tmp_path) as opened:
        student, teacher = student_of(opened), teacher_of(opened)
        board = Person(opened.room.address, "board", cookie=teacher.cookie)
        student.listen("room")
        board.listen("board")
        teacher.listen("teacher")
        assert marks(student, "before")
        press(teacher, opened, "vote")
        assert marks(student, "vote")
        assert marks(board, "vote")
        student.hang_up()
        student.forget()
        press(teacher, opened, "again")
        student.listen("room")
        assert marks(student, "again")
        assert [m for _, m in student.marks if "discuss" in m] == []
        for person in (student, teacher, board):
            person.hang_up()


def test_the_teacher_sees_who_is_connected(tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        student, teacher = student_of(opened), teacher_of(opened)
        assert "<strong>0</strong> connected" in teacher.get("/teacher").body
        student.listen("room")
        assert marks(student, "before")
        assert "<strong>1</strong> connected" in teacher.get("/teacher").body
        student.hang_up()


Opens = Callable[[Person, Sequence[str]], list[bool]]


@pytest.fixture(name="opens")
def _opens() -> Iterator[Opens]:
    """Open streams from one browser, and return which of them were let in."""
    made: list[Person] = []

    def call(person: Person, names: Sequence[str]) -> list[bool]:
        tabs = [Person(person.base, person.name, cookie=person.cookie) for _ in names]
        made.extend(tabs)
        for tab, page in zip(tabs, names, strict=True):
            tab.listen(page)
        return [tab.listening for tab in tabs]

    yield call
    for tab in made:
        tab.hang_up()


def test_one_student_may_not_hold_every_connection(tmp_path: Path, opens: Opens) -> None:
    """A student's streams are counted together, whatever the page, and never with the teacher's."""
    with served(tmp_path) as opened:
        student, teacher = student_of(opened), teacher_of(opened)
        assert opens(student, 6 * ["board"] + 3 * ["room"] + ["board"]) == 8 * [True] + 2 * [False]
        assert opens(student_of(opened, "Bea"), ["board", "room"]) == [True, True]
        assert opens(teacher, 10 * ["board"] + ["teacher"]) == 11 * [True]


def test_a_device_that_holds_every_place_keeps_out_neither_others_nor_the_teacher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opens: Opens
) -> None:
    with served(tmp_path, limits=Limits(seats=5, streams=7)) as opened:
        teacher = teacher_of(opened)
        crowd = [student_of(opened, f"Fake {n}") for n in range(5)]
        form = {"code": opened.code, "name": "Ana", "group": "north"}
        ana = Person(opened.room.address, "Ana")
        refused = ana.post("/join", form)
        assert refused.status == 422
        assert "5 students have joined from your network. No more may." in refused.body
        assert sum(sum(opens(p, ["room", "board"])) for p in crowd) == 7
        assert opens(teacher, ["teacher", "board"]) == [True, True]
        monkeypatch.setattr(asking, "device_of", lambda *_: "192.0.2.7")
        assert ana.join(opened.code, "north")
        monkeypatch.setattr(hub, "MAX_LISTENERS", 8)
        assert opens(ana, ["room", "board"]) == [True, False]
        assert opens(teacher, ["teacher", "board"]) == [True, True]
        monkeypatch.undo()
        for tab in ("1", "2"):  # who is removed leaves places for others
            assert teacher.post("/teacher/remove", {"student": tab}).status == 303
        assert Person(opened.room.address, "Bea").join(opened.code, "north")


def test_the_streams_of_who_is_removed_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "ALIVE_S", 0.05)
    with served(tmp_path) as opened, ExitStack() as lines:

        def stream(person: Person, page: str) -> http.client.HTTPResponse:
            line = http.client.HTTPConnection(person.base.removeprefix("http://"), timeout=15)
            lines.callback(line.close)
            line.request("GET", f"/events?page={page}", headers={"Cookie": person.cookie})
            return lines.enter_context(line.getresponse())

        teacher, ana = teacher_of(opened), student_of(opened)
        crowd = [student_of(opened, f"Fake {n}") for n in range(3)]
        many = [stream(p, page) for p in crowd for page in ("room", "board")]
        stays = stream(ana, "room")
        assert until(lambda: opened.room.hub.connected == {1, 2, 3, 4})
        assert teacher.post("/teacher/clear", {"first": "2", "last": "9"}).status == 303
        for line in many:
            assert any(line.readline() == b"" for _ in range(200))  # not for ever a sign of life
        assert until(lambda: len(opened.room.hub._listeners) == 1)
        assert opened.room.hub.connected == {1}
        assert [stream(p, "board").status for p in crowd] == [403] * 3
        press(teacher, opened, "vote")
        while b"-vote" not in stays.readline():  # control: a student who stays is told
            pass


def test_a_browser_that_does_not_listen_gives_its_place_back() -> None:
    """The place of who is removed is free at once, even where the last message was not taken."""

    async def listen() -> None:
        room = Room(students={1: Student(1, "Ana", None, None)})
        hub = Hub(lambda: room, lambda: 0)
        stream = hub.listen(Viewer("board"), Caller("192.0.2.1", 1))
        await anext(stream)
        assert len(hub._listeners) == 1
        room = replace(room, students={})
        hub.tell(None)
        assert not hub._listeners
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(stream), 2)

    asyncio.run(listen())


# ---------------------------------------------------------------------------------- exports


def test_the_teacher_takes_the_record_and_the_scores_home(tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        student_of(opened, "Ana Very Private")
        teacher = teacher_of(opened)
        record = teacher.get("/teacher/export/record.jsonl")
        assert json.loads(record.body.splitlines()[0])["form"] == "backchannel seminar"
        assert "Very Private" not in record.body
        assert "Very Private" in teacher.get("/teacher/export/record.jsonl?names=1").body
        assert teacher.get("/teacher/export/scores.csv").body.startswith("round,cut,question")
        assert teacher.get("/teacher/export/record.sqlite").status == 404


def test_the_room_answers_while_a_table_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of many games takes a while: their worlds are run for it."""
    begun, looked = Event(), Event()

    def written() -> str:
        begun.set()
        assert looked.wait(5)
        return "a,b\n"

    tables = {"alone.csv": written}
    monkeypatch.setattr(app, "exports", lambda session, names: tables)
    with served(tmp_path) as opened, ThreadPoolExecutor(max_workers=1) as pool:
        teacher, student = teacher_of(opened), student_of(opened)
        home = pool.submit(teacher.get, "/teacher/export/alone.csv")
        assert begun.wait(5)
        assert student.get("/room").ok
        looked.set()
        assert home.result().body == "a,b\n"


# ---------------------------------------------------------------------------------- ports


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with served(tmp_path / "one") as opened:
        port = opened.listening.getsockname()[1]
        session = Session(plan(), Store(tmp_path / "record.sqlite", SEMINAR))
        with pytest.raises(
            InputError, match=f"--port: is in use by another program.* \\(got {port}\\)"
        ):
            open_room(session, "127.0.0.1", port)
        assert session.room.position == 0
        with pytest.raises(InputError, match="--host: cannot be listened on"):
            open_room(session, "no-such-host.invalid", 0)


# ---------------------------------------------------------------------------------- kills


def command(folder: Path, scenario: Path) -> subprocess.Popen[str]:
    line = ["-c", "from sim.cli.app import main; main()", "seminar", str(scenario)]
    line += ["--out", str(folder), "--port", "0"]
    return subprocess.Popen([sys.executable, *line], stdout=subprocess.PIPE, text=True)


def told(server: subprocess.Popen[str]) -> tuple[str, str, str]:
    """Read the address, the code and the key off the terminal."""
    assert server.stdout is not None
    text = ""
    for line in server.stdout:
        text += line
        if "Ctrl-C" in line:
            break
    found = re.search(r"Students\s+(\S+)\s+code (\w+)\s+Teacher\s+\S+key=(\S+)", text)
    assert found is not None, text
    return found[1], found[2], found[3]


@pytest.mark.slow
def test_kill_loses_nothing_and_the_same_command_resumes(tmp_path: Path) -> None:
    scenario = tmp_path / "lesson.yaml"
    scenario.write_text(json.dumps(LESSON))
    folder = tmp_path / "room"
    server = command(folder, scenario)
    base, code, key = told(server)
    teacher = Person(base, "teacher")
    teacher.enter(key)
    people = [Person(base, f"S{n}") for n in range(4)]
    assert all(p.join(code, "north") for p in people)
    for seen in ("-1-before", "0-read"):
        assert teacher.post("/teacher/advance", {"seen": seen}).ok
    given = {"r1q1": [40, 20, 20, 20], "r1q2": [30, 70]}
    for n, person in enumerate(people):
        assert person.answer(0, 1, given, f"Reason {n}.")
    os.kill(server.pid, signal.SIGKILL)
    server.communicate()
    again = command(folder, scenario)
    base, second, _ = told(again)
    assert second == code
    back = [Person(base, p.name, cookie=p.cookie) for p in people]
    for n, person in enumerate(back):
        body = person.get("/room").body
        assert "Your answer is stored" in body
        assert f"Reason {n}." in body
    assert "The clock is paused." in back[0].get("/room").body
    teacher = Person(base, "teacher", cookie=teacher.cookie)
    assert teacher.get("/teacher").status == 200  # the first key still opens
    again.send_signal(signal.SIGINT)
    out = again.communicate(timeout=20)[0]
    assert again.returncode in (0, 130)
    assert "record.jsonl" in out
    assert (folder / "scores.csv").read_text().count("Reason") == 8


# ---------------------------------------------------------------------------------- rehearsals


@pytest.mark.slow
def test_a_rehearsal_of_the_lesson_finds_nothing(tmp_path: Path) -> None:
    found = rehearse(plan(), 8, tmp_path / "rehearsal")
    assert found.failures == []
    assert found.acknowledged == found.stored > 0
    assert found.lines()[-1] == "Nothing was lost or shown early."


@pytest.mark.slow
def test_no_attack_gets_through_while_a_class_votes() -> None:
    before = Attacked.attempts
    assert attacked(plan(), 8).failures == []
    assert Attacked.attempts - before > 50


def test_two_events_that_are_told_alike_give_nothing_away() -> None:
    data = lesson()
    first, _, last = data["history"]["events"]
    last["summary"] = first["summary"]
    data["seminar"]["retold"] = {}
    assert rehearse(plan_of(load_scenario(data)), 3).failures == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a room is broken, its pages may wait for what never comes."""
    monkeypatch.setattr(rehearsal, "PATIENCE_S", 0.3)


@pytest.mark.usefixtures("impatient")
def test_control_a_room_that_shows_the_future_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (presenter, pages):
        monkeypatch.setattr(module, "horizon", lambda plan, _: plan.rounds[-1].end_s)
    found = rehearse(plan(), 3)
    assert any("shows what comes later" in f for f in found.failures)


@pytest.mark.usefixtures("impatient")
def test_control_a_room_that_shows_open_votes_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presenter, "SHOWS_REASONS", PHASES)
    monkeypatch.setattr(filling, "filled", filled_with_reasons)
    monkeypatch.setattr(app, "filled", filled_with_reasons)
    monkeypatch.setattr(asking, "filled", filled_with_reasons)
    found = rehearse(plan(), 3)
    assert any("shows the answer of another student" in f for f in found.failures)


def filled_with_reasons(template: str, status: int = 200, **values: object) -> HTMLResponse:
    answer = pages_filled(template, status, **values)
    return HTMLResponse(answer.body.decode() + repr(values.get("reasons")), status)


pages_filled = filling.filled


@pytest.mark.usefixtures("impatient")
def test_control_a_room_that_loses_an_answer_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Store.append

    def forgetful(
        self: Store, seen: int, events: Sequence[SeminarEvent], at_ms: int
    ) -> list[Recorded]:
        """Write something else for an answer of student 2, and say that it is stored."""
        lost = [isinstance(e, Answered) and e.student == 2 for e in events]
        written = [Removed(student=999) if x else e for x, e in zip(lost, events, strict=True)]
        places = kept(self, seen, written, at_ms)
        return [Recorded(r.position, at_ms, e) for r, e in zip(places, events, strict=True)]

    monkeypatch.setattr(Store, "append", forgetful)
    found = rehearse(plan(), 3)
    assert any("lost: the answer of Student" in f for f in found.failures)


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_control_a_room_without_a_door_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pages, "is_teacher", lambda *_: True)
    found = attacked(plan(), 3)
    assert any("an attack got through" in f for f in found.failures)


def test_a_rehearsal_leaves_a_record_alone(tmp_path: Path) -> None:
    with served(tmp_path):
        pass
    with pytest.raises(RunError, match="needs a folder of its own"):
        rehearse(plan(), 3, tmp_path)


def test_what_is_told_while_a_message_is_on_its_way_is_sent_too() -> None:
    """A slow page is sent the newest message next, and never loses it."""

    async def listen() -> list[bytes]:
        hub = Hub(Room, lambda: 0)
        stream = hub.listen(Viewer("board"), Caller("192.0.2.1"))
        heard = [await anext(stream)]
        (listener,) = hub._listeners
        for message in (b"one", b"two", b"three"):
            listener.tell(message)  # the message before it is still being sent
            heard.append(await asyncio.wait_for(anext(stream), 2))
        return heard[1:]

    assert asyncio.run(listen()) == [b"one", b"two", b"three"]
