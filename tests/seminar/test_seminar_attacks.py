"""What goes wrong in a room, by bad luck or by intent: stops, disks, clocks, crowds, bad input."""

from __future__ import annotations

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from lessons import LESSON, lesson, percents, plan
from rooms import press, served, student_of, teacher_of, until
from test_seminar_web import command, told
from typed import typed

from sim.cli.seminar import _address
from sim.ground.errors import InputError, RunError
from sim.seminar.lesson.record import LESSON as HELD
from sim.seminar.lesson.record import Answered, Forecasted
from sim.seminar.record.file import load_record
from sim.seminar.record.store import Store
from sim.seminar.record.typed import can_be_shown
from sim.seminar.web import app, asking, room, serve
from sim.seminar.web.person import Person
from sim.seminar.web.serve import add_forecasts, check_folder, open_room
from sim.seminar.what_if.whole import SEMINAR, take_up

# ---------------------------------------------------------------------------------- the start


def test_a_stop_while_the_simulator_forecasts_leaves_a_record_that_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan()

    def forecast(_: object, round_: object, worlds: int) -> dict[str, tuple[float, ...]]:
        if round_ is not made.rounds[0]:
            raise KeyboardInterrupt
        return {
            q.id: tuple(1 / len(q.options) for _ in q.options) for q in made.rounds[0].questions
        }

    monkeypatch.setattr(serve, "forecast", forecast)
    session = take_up(made, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        open_room(session, "127.0.0.1", 0, prepare=lambda: add_forecasts(session) and None)
    session.store.close()
    again = take_up(made, tmp_path)
    assert [*HELD.of(again.room).forecasts] == [0]
    assert isinstance(HELD.of(again.room).forecasts[0], Forecasted)
    opened = open_room(again, "127.0.0.1", 0)
    assert len(opened.code) == 6
    opened.listening.close()
    opened.room.close()
    again.store.close()


def test_a_port_that_is_taken_is_told_before_anything_is_prepared(tmp_path: Path) -> None:
    session = take_up(plan(), tmp_path)
    with pytest.raises(InputError, match="--host: cannot be listened on"):
        open_room(session, "no-such-host.invalid", 0, prepare=lambda: pytest.fail("too early"))
    assert session.room.position == 0
    session.store.close()


def test_a_folder_that_is_a_file_is_refused_as_input(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="--out: is a file, and must be a folder"):
        check_folder(tmp_path / "file")
    check_folder(tmp_path)


@pytest.mark.slow
def test_a_signal_to_stop_closes_the_room_and_writes_what_the_teacher_takes_home(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The one of a terminal whose window is closed; `test_explore` sends the other."""
    scenario, folder = tmp_path / "lesson.yaml", tmp_path / "room"
    scenario.write_text(json.dumps(LESSON))
    server = command(folder, scenario)
    base, code, _ = told(server)
    ana = Person(base, "Ana")
    assert ana.join(code, "north")
    ana.listen("room")
    assert ana.told_of("before", 10) is not None
    server.send_signal(signal.SIGHUP)
    out = server.communicate(timeout=60)[0]
    ana.hang_up()
    assert "Traceback" not in capfd.readouterr().err
    assert server.returncode == 0
    assert "record.jsonl" in out
    assert "joined" in {r.event.kind for r in load_record(folder / "record.jsonl", SEMINAR)[1]}


def test_a_scenario_without_anything_to_forecast_is_named_by_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = {k: v for k, v in lesson().items() if k != "seminar"}
    data["history"] = data["history"] | {"events": []}
    scenario = tmp_path / "quiet.yaml"
    scenario.write_text(json.dumps(data))
    monkeypatch.chdir(tmp_path)
    done = typed(capsys, "seminar", scenario)
    assert done.code == 2
    assert done.err.startswith(f"{scenario}: seminar: the coded history has no change of state")
    assert [p.name for p in tmp_path.iterdir()] == ["quiet.yaml"]


# ---------------------------------------------------------------------------------- the disk


def answers_of(session: Any, reason: str = "A reason.") -> dict[str, str]:
    """Return a form that answers the present round."""
    vote = "2" if session.room.phase == "again" else "1"
    form = {"round": str(HELD.of(session.room).round), "vote": vote, "reason": reason}
    for question, given in percents(session).items():
        form |= {f"p.{question}.{n}": str(p) for n, p in enumerate(given)}
    return form


def test_a_disk_that_refuses_for_a_while_does_not_stop_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "AGAIN_S", 0.05)
    with served(tmp_path) as opened:
        teacher, student = teacher_of(opened), student_of(opened)
        press(teacher, opened, "vote")
        session, kept = opened.room.session, opened.room.session.store.append
        refused: list[int] = []

        def full(*_: object) -> None:
            refused.append(1)
            raise RunError("/home/somebody/record.sqlite: cannot be written: disk is full")

        monkeypatch.setattr(session.store, "append", full)
        later = opened.room.now_ms() + 5 * 60_000
        monkeypatch.setattr(opened.room, "now_ms", lambda: later)
        assert until(lambda: len(refused) > 1)
        assert session.room.phase == "vote"
        page = teacher.get("/teacher").body
        assert "Nothing can be stored: /home/somebody/record.sqlite" in page
        monkeypatch.setattr(session.store, "append", kept)
        assert until(lambda: session.room.phase == "discuss")
        assert until(lambda: "Nothing can be stored" not in teacher.get("/teacher").body)
        assert "<h1>Discuss</h1>" in student.get("/room").body


def test_students_are_not_told_where_the_record_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path) as opened:
        teacher, student = teacher_of(opened), student_of(opened)
        press(teacher, opened, "vote")

        def refuses(error: Exception) -> None:
            def append(*_: object) -> None:
                raise error

            monkeypatch.setattr(opened.room.session.store, "append", append)

        for error in (RunError(f"{tmp_path}: is full"), InputError([])):
            refuses(error)
            page = student.post("/answer", answers_of(opened.room.session))
            assert page.status == 507
            assert "Nothing was stored" in page.body
            assert str(tmp_path) not in page.body
        refuses(RunError(f"{tmp_path}: is full"))
        assert str(tmp_path) in teacher.post("/teacher/pause", {}).body


def test_a_fault_of_the_program_is_told_on_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path) as opened:
        student = student_of(opened)

        def broken(*_: object) -> None:
            raise ZeroDivisionError("something secret")

        monkeypatch.setattr(app, "log_page", broken)
        page = student.get("/log")
        assert page.status == 500
        assert "The program made a mistake. What was stored is safe." in page.body
        assert "secret" not in page.body


@pytest.mark.parametrize("lost", ["record.sqlite", "record.sqlite-wal"])
def test_nothing_is_acknowledged_when_the_record_was_removed(tmp_path: Path, lost: str) -> None:
    with served(tmp_path) as opened:
        teacher, student = teacher_of(opened), student_of(opened)
        press(teacher, opened, "vote")
        assert student.post("/answer", answers_of(opened.room.session, "Before.")).status == 303
        (tmp_path / lost).rename(tmp_path / "away")
        page = student.post("/answer", answers_of(opened.room.session, "After."))
        assert page.status == 507
        assert "was moved, removed or replaced" in teacher.get("/teacher").body
        home = teacher.get("/teacher/export/record.jsonl").body
        assert "Before." in home
        assert "After." not in home
        (tmp_path / "away").rename(tmp_path / lost)
        assert student.post("/answer", answers_of(opened.room.session, "Back.")).status == 303


# ---------------------------------------------------------------------------------- the clock


def test_a_computer_s_clock_that_is_set_back_or_forward_changes_no_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = room.OpenRoom.now_ms()
    for hours in (-5, 5):
        shifted = time.time_ns() + hours * 3_600_000_000_000
        monkeypatch.setattr(time, "time_ns", lambda t=shifted: t)
        assert 0 <= room.OpenRoom.now_ms() - before < 600_000
        monkeypatch.undo()
    assert abs(before - time.time() * 1000) < 600_000  # and yet it is the time of day


# ---------------------------------------------------------------------------------- the crowd


def test_one_machine_cannot_fill_the_room_and_others_still_join(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path) as opened:
        base = opened.room.address
        got = [Person(base, f"Fake {n}").join(opened.code, "north") for n in range(70)]
        assert got[:60] == [True] * 60  # a class behind one address
        assert got.count(True) < 65
        full = Person(base, "Ana").post(
            "/join", {"code": opened.code, "name": "Ana", "group": "north"}
        )
        assert full.status == 429
        assert "Wait ten seconds, and press Join again." in full.body
        monkeypatch.setattr(asking, "device_of", lambda *_: "192.168.1.7")
        assert Person(base, "Ana").join(opened.code, "north")  # control: another machine


def test_the_teacher_closes_the_door_and_clears_out_a_crowd(tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        teacher, ana = teacher_of(opened), student_of(opened)
        for n in range(12):
            student_of(opened, f"Fake {n}")
        assert ana.post("/teacher/door", {"open": "0"}).status == 403
        assert ana.post("/teacher/clear", {"first": "2", "last": "9"}).status == 403
        assert teacher.post("/teacher/door", {"open": "0"}).status == 303
        late = Person(opened.room.address, "Late")
        closed = late.post("/join", {"code": opened.code, "name": "Late", "group": "north"})
        assert closed.status == 422
        assert "The teacher has closed the door" in closed.body
        assert "Ana" in ana.get("/room").body
        assert teacher.post("/teacher/clear", {"first": "2", "last": "900"}).status == 303
        assert [s.name for s in opened.room.session.room.students.values()] == ["Ana"]
        again = teacher.post("/teacher/clear", {"first": "2", "last": "900"})
        assert "There are no students of these numbers." in again.body
        assert "Nobody else can join" in again.body
        assert teacher.post("/teacher/door", {"open": "1"}).status == 303
        assert late.join(opened.code, "north")
        kept = SEMINAR.room_of(Store(tmp_path / "record.sqlite", SEMINAR).read())
        assert {s.name for s in kept.students.values()} == {"Ana", "Late"}
        assert kept.door_open


@pytest.mark.parametrize(
    ("typed", "fine"),
    [
        ("Ana", True),
        ("Bükü", True),
        ("Nguye\u0302\u0303n", True),  # marks of their own, as some keyboards write them
        ("می\u200cخواهم", True),
        ("שָׁלוֹם", True),
        ("👩\u200d🏫", True),
        ("?!", True),
        ("\u200d", False),
        ("\u2800", False),  # braille without a point
        ("\u3164", False),  # a filler
        ("\ufe0f", False),
        ("\u034f", False),
        ("a" + 5 * "\u0301", False),
        ("a\u202eb", False),
        ("a\x00b", False),
    ],
)
def test_what_is_typed_can_be_seen_and_stays_in_its_line(typed: str, fine: bool) -> None:
    assert can_be_shown(typed) is fine


def test_a_name_that_cannot_be_seen_is_refused(tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        form = {"code": opened.code, "name": "\u3164", "group": "north"}
        page = Person(opened.room.address, "x").post("/join", form)
        assert page.status == 422
        assert "The name holds characters that cannot be shown." in page.body


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://192.168.1.5:8000", "http://192.168.1.5:8000"),
        ("HTTPS://Seminar.Example.org:443/", "https://seminar.example.org"),
        ("http://room:80", "http://room"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        *(
            (bad, None)
            for bad in (
                *("nonsense", "http://", "ftp://x", "http://u:p@x", "http://@x", "http://x/y"),
                *("http://x:0", "http://x:99999", "http://x:abc", "http://[::1", "http://[x:y]"),
                *("http://a b", "http://x#f", "http://x#", "http://x?", "http://é.example"),
                *("http://..", "http://x\n", f"http://{'a' * 300}", ""),
            )
        ),
    ],
)
def test_an_address_is_one_that_browsers_can_open(given: str, kept: str | None) -> None:
    if kept is not None:
        assert _address(given) == kept
        return
    with pytest.raises(InputError, match="--address: must be an address such as"):
        _address(given)


def test_many_at_once_are_each_stored_once(tmp_path: Path) -> None:
    """Twenty presses of one button are one step; every answer of sixty at once is in the record."""
    with served(tmp_path) as opened, ThreadPoolExecutor(60) as pool:
        teacher = teacher_of(opened)
        people = [student_of(opened, f"S{n}") for n in range(60)]
        for seen, phase in (("-1-before", "read"), ("0-read", "vote")):
            form = {"seen": seen}
            done = [pool.submit(teacher.post, "/teacher/advance", form) for _ in range(20)]
            assert sorted(d.result().status for d in done) == [303] + 19 * [422]
            assert opened.room.session.room.phase == phase
        session = opened.room.session
        sent = [
            pool.submit(p.post, "/answer", answers_of(session, f"Reason {n}."))
            for n, p in enumerate(people, start=1)
        ]
        assert {s.result().status for s in sent} == {303}
        store = Store(tmp_path / "record.sqlite", SEMINAR)
        kept = [r.event for r in store.read() if isinstance(r.event, Answered)]
        store.close()
        assert sorted(e.reason for e in kept) == sorted(f"Reason {n}." for n in range(1, 61))
        assert all(e.reason == f"Reason {e.student}." for e in kept)


def test_two_servers_on_one_record_lose_nothing(tmp_path: Path) -> None:
    """Who has not seen what the other wrote stores nothing, says so, and has seen it then."""
    with served(tmp_path) as one:
        teacher, ana = teacher_of(one), student_of(one)
        press(teacher, one, "vote")
        with served(tmp_path, port=0) as two:
            bea = Person(two.room.address, "Bea")
            assert bea.join(two.code, "south")
            form = answers_of(one.room.session, "A reason.")
            first = ana.post("/answer", form)
            assert first.status == 422
            assert "Another program writes to the same record. Nothing was stored" in first.body
            assert ana.post("/answer", form).status == 303
            assert {s.name for s in one.room.session.room.students.values()} == {"Ana", "Bea"}
        kept = SEMINAR.room_of(one.room.session.store.read())
        assert [a.reason for a in HELD.of(kept).cast(0, 1).values()] == ["A reason."]
