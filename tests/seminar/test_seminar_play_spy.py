"""What a spy in a role play tries, and must not get: the other teams' lines, the other side's
telling of events, what comes, and the chance that decides."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any
from urllib.parse import urlsplit

import pytest
from plays import advance, class_of, play_lesson, play_on, play_plan, team_of, vote
from rooms import served, teacher_of, until

from sim.model.replication import world_of
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import Plan, plan_of
from sim.seminar.pages.play import PlayPresenter
from sim.seminar.pages.presenter import Viewer
from sim.seminar.play.part import PLAY
from sim.seminar.play.teams import PARTS
from sim.seminar.web.hub import EVERY_S, Hub
from sim.seminar.web.person import Person, Reply
from sim.seminar.web.serve import Opened
from sim.study import playing

OWN, THEIRS, LATER = "Baguette", "Polenta", ("Anchovy", "Haddock", "Mullet")
LINES = {("ITA", 1): "Gorgonzola", ("FRA", 2): "Roquefort", ("ITA", 2): "Mascarpone"}
"""A word in every line of each team but the spy's own."""
HIDDEN = "Obscenity"


def spied_plan() -> Plan:
    """A role play whose events carry words by which a leak is seen."""
    data = play_lesson()
    history = deepcopy(data["history"])
    first, cut, second = history["events"]
    first["accounts"] = {
        "FRA": {"kind": "statement", "summary": OWN},
        "ITA": {"denial": True, "summary": THEIRS},
    }
    cut["summary"], second["summary"] = f"All ends over {LATER[0]}.", f"Talks on {LATER[1]} begin."
    history["sources"]["paper"]["title"] = LATER[2]
    return plan_of(load_scenario(data | {"history": history}))


class Spy:
    """A member of the team of FRA at table 1, and all that ever came back."""

    def __init__(self, opened: Opened, person: Person) -> None:
        self.opened, self.person = opened, person
        self.seen: dict[str, str] = {}
        """What came back, each text once, and what was asked for when it came first."""
        self.streams: list[http.client.HTTPConnection] = []
        self.heard = [self._listen(query) for query in STREAMS]

    def _listen(self, query: str) -> bytearray:
        """Listen to a stream for as long as the server is there."""
        at, heard = urlsplit(self.person.base), bytearray()
        stream = http.client.HTTPConnection(at.hostname or "", at.port, timeout=30)
        stream.request("GET", f"/events?{query}", headers={"Cookie": self.person.cookie})
        answer = stream.getresponse()

        def read() -> None:
            with suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
                while line := answer.readline():
                    heard.extend(line)

        self.streams.append(stream)
        Thread(target=read, daemon=True).start()
        return heard

    def hang_up(self) -> None:
        """End the streams."""
        for stream in self.streams:
            with suppress(OSError):
                if stream.sock is not None:
                    stream.sock.shutdown(socket.SHUT_RDWR)
            stream.close()

    def look(self, when: str) -> None:
        """Load everything that can be loaded."""
        for path in PATHS:
            self._keep(f"{when}: {path}", self.person.get(path))

    def forge(self, when: str) -> None:
        """Send everything that can be sent and changes nothing of the spy's own."""
        before = self.opened.room.session.room.position
        for path, form in forged(self.opened):
            reply = self.person.post(path, form)
            self._keep(f"{when}: {path} {form}", reply)
            assert reply.status in (403, 404, 405, 422), (when, path, form, reply.status)
        assert self.opened.room.session.room.position == before

    def _keep(self, what: str, reply: Reply) -> None:
        self.seen.setdefault(f"{reply.body} {reply.place} {reply.cookie}", what)

    def found(self, words: list[str]) -> list[str]:
        """Say where any of some words was seen."""
        told = self.seen | {bytes(s).decode(): "a stream" for s in self.heard}
        return [f"{w} in {what}" for text, what in told.items() for w in words if w in text]


STREAMS = ("page=room", "page=board", "page=teacher", "page=room&table=2&party=ITA")
PATHS = (
    *("/", "/room", "/room/part", "/board", "/board/part", "/teacher", "/teacher/part"),
    *("/room?table=2", "/room?party=ITA&viewpoint=ITA", "/room/part?student=2", "/code.svg"),
    *(
        f"/log{query}"
        for query in (
            *("", "?at=1", "?at=2", "?at=99999", "?at=0", "?at=-1", "?table=1", "?table=2"),
            *("?table=1&at=99", "?table=2&at=1", "?party=ITA", "?viewpoint=observer", "?table="),
            *("?day=2021-12-31", "?day=2021-03-02&party=ITA", "?at=1&table=2&viewpoint=ITA"),
        )
    ),
    *(
        f"/teacher/export/{name}"
        for name in (
            *("record.jsonl", "record.jsonl?names=1", "scores.csv", "decisions.csv"),
            *("table-1.jsonl", "table-2.jsonl", "../record.sqlite", "record.sqlite"),
        )
    ),
    *("/play/vote", "/play/log", "/play/hide", "/play", "/record.sqlite", "/static/../record"),
)


def forged(opened: Opened) -> Iterator[tuple[str, dict[str, str]]]:
    """Give forms that the page of the spy does not hold now: numbers, tables, parts of others."""
    state = PLAY.of(opened.room.session.room)
    put = state.tables[1].open if state.tables else None
    mine = put.question.number if put is not None and put.question.party == "FRA" else None
    for number in ("-1", "0", "1", "5", "6", "1000", "x", "", "٣"):
        if number != str(mine):
            other = {"number": number, "table": "2", "party": "ITA", "student": "2"}
            yield "/play/vote", {**other, "answer": "yes"}
            yield "/play/close", other
            yield "/play/note", {**other, "part": "press", "text": "x"}
    for part in ("adviser", "minister", "spy", ""):  # parts that are not the spy's
        yield "/play/note", {"number": str(mine or 0), "part": part, "text": "x"}
    for answer in ("", "maybe", "None", "YES"):
        yield "/play/vote", {"number": str(mine or 0), "answer": answer}
    if state.stage != "instruct":
        yield "/play/instruct", {"text": "Another line.", "table": "2", "party": "ITA"}
    for number in ("", "0"):
        line = {"table": "1", "student": "2", "number": number, "part": "press" if number else ""}
        yield "/play/hide", line
    for act in ("advance", "pause", "resume", "extend", "unlimited", "remove", "clear", "door"):
        yield f"/teacher/{act}", {"seen": "play-play", "minutes": "5", "student": "2", "open": "0"}
    yield "/play/decide", {"number": "0", "answer": "yes"}


def write(opened: Opened, people: dict[int, Person], party: str, table: int, number: int) -> None:
    """Let every member of a team write whatever the parts allow beside a question."""
    word = LINES.get((party, table), OWN)
    for person in team_of(opened, people, party, table):
        for part in ("adviser", "desk", "press"):
            form = {"number": str(number), "part": part, "text": f"{word}, says the {part}."}
            person.post("/play/note", form)


def uniforms(plan: Plan, answers: tuple[bool | None, ...]) -> list[str]:
    """Return how the chances of a table's world would be written."""
    assert plan.play is not None
    game = plan.play.worlds.at(answers)
    seat = playing._Seat(answers, game._from_s, game.routine, game.parties)
    players = dict.fromkeys(game.parties, seat)
    world = world_of(game.program, game.seed, 0, players, noise=game._noise, trace=True)
    world.run()
    chances = {d.uniform for d in world.trace or ()}
    assert len(chances) > 20
    return [text for u in chances for text in (f"{u:.4f}"[1:], f"{100 * u:.3f}")]


def spy_through(folder: Path, made: Plan) -> None:
    """Let a class of eight play at two tables, and a spy try everything at every step."""
    chances = uniforms(made, (True,) * 6)
    secret = [THEIRS, *LINES.values(), *chances]
    with served(folder, made) as opened:
        opened.room.often.at_once = opened.room.often.a_second = 1e6
        teacher, people = teacher_of(opened), class_of(opened, [f"S{n}" for n in range(1, 9)])
        spy = Spy(opened, people[1])
        try:
            _spy_through(opened, teacher, people, spy, secret, chances)
        finally:
            spy.hang_up()


def _spy_through(
    opened: Opened,
    teacher: Person,
    people: dict[int, Person],
    spy: Spy,
    secret: list[str],
    chances: list[str],
) -> None:
    spy.look("before")
    spy.forge("before")
    assert spy.found([*secret, *LATER]) == []
    advance(teacher, opened, tables="2")
    for (party, table), word in LINES.items():
        person = team_of(opened, people, party, table)[0]
        assert person.post("/play/instruct", {"text": f"Hold on to {word}."}).ok
    mine = team_of(opened, people, "FRA")
    assert people[1] is mine[0]
    assert mine[1].post("/play/instruct", {"text": HIDDEN}).ok
    spy.look("instruct")
    spy.forge("instruct")
    assert spy.found([*secret, *LATER]) == []
    assert spy.found([HIDDEN])  # it was there until the teacher hid it
    assert teacher.post("/play/hide", {"table": "1", "student": "5"}).ok
    spy.seen.clear()
    advance(teacher, opened)
    play_on(opened, people, tables=(2,), meanwhile=lambda n, p: write(opened, people, p, 2, n))

    def steps(number: int, party: str) -> None:
        write(opened, people, party, 1, number)
        if number == 0:
            form = {"number": "0", "part": "press", "text": HIDDEN}
            assert mine[1].post("/play/note", form).ok
            told = {"table": "1", "student": "5", "number": "0", "part": "press"}
            assert teacher.post("/play/hide", told).ok
        spy.look(f"question {number}")
        if number < 2:  # one of its own, one of the other side
            spy.forge(f"question {number}")
        assert spy.found([*secret, *LATER, HIDDEN]) == []

    play_on(opened, people, meanwhile=steps)
    assert spy.found([OWN])  # control: it did see its own team's lines
    assert [b'"mark":"play-play' in h for h in spy.heard] == [True, True, False, True]
    spy.look("the end of the table")
    spy.forge("the end of the table")
    assert spy.found([*secret, HIDDEN]) == []  # what came is its own world's, now that it has ended
    spy.seen.clear()
    advance(teacher, opened)
    assert until(lambda: "is being run" not in spy.person.get("/room").body)
    spy.look("the debrief")
    spy.forge("the debrief")
    told = {w for w in (THEIRS, *LINES.values()) if spy.found([w])}
    assert told == {THEIRS, *LINES.values()}  # control: now all is told
    assert spy.found([HIDDEN, *chances]) == []
    assert HIDDEN in teacher.get("/teacher/export/record.jsonl").body


@pytest.mark.slow
def test_a_spy_gets_nothing_by_any_request(tmp_path: Path) -> None:
    spy_through(tmp_path, spied_plan())


@pytest.mark.slow
@pytest.mark.parametrize("leak", ["account", "line", "future", "chance"])
def test_control_a_leak_would_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leak: str
) -> None:
    made = spied_plan()
    values, chance = PlayPresenter.values, uniforms(made, (True,) * 6)[0]

    def leaking(self: PlayPresenter, room: Any, page: str, student: Any) -> dict[str, Any]:
        shown = values(self, room, page, student)
        told = {
            "line": " ".join(i.text for i in PLAY.of(room).instructions.values()),
            "future": made.log.events[-1].summary,
            "chance": chance,
        }
        return shown | {"title": told[leak]}

    if leak == "account":
        monkeypatch.setattr(playing, "told_to", lambda log, party: log)
    else:
        monkeypatch.setattr(PlayPresenter, "values", leaking)
    with pytest.raises(AssertionError):
        spy_through(tmp_path, made)


def count_by_stream(folder: Path) -> None:
    """Hold that a spy's streams say nothing while the other team votes and writes."""
    with served(folder, play_plan(tables=1)) as opened:
        opened.room.often.at_once = opened.room.often.a_second = 1e6
        teacher, people = teacher_of(opened), class_of(opened, [f"S{n}" for n in range(1, 7)])
        advance(teacher, opened, tables="1")
        advance(teacher, opened)
        asked = []

        def messages(heard: bytearray) -> list[bytes]:
            return [m for m in bytes(heard).split(b"\n\n") if b"data: {" in m]

        def listen(number: int, party: str) -> None:
            write(opened, people, party, 1, number)
            if party != "ITA" or asked:
                return
            asked.append(number)
            spy = Spy(opened, team_of(opened, people, "FRA")[0])
            try:
                board, room = spy.heard[1], spy.heard[0]
                assert until(lambda: messages(room) and messages(board))
                before = len(messages(room)), len(messages(board))
                for answer in ("yes", "no", "yes", "no"):
                    assert vote(team_of(opened, people, party)[0], number, answer) == 303
                write(opened, people, party, 1, number)
                sleep(2 * EVERY_S)  # counts are told after a moment
                assert teacher.post("/teacher/pause", {}).ok  # control: this every page is told
                assert until(lambda: b"/paused/" in room and b"/paused/" in board)
                assert (len(messages(room)), len(messages(board))) == (before[0] + 1, before[1] + 1)
                assert not any(m.startswith(b"id:") or b"\nid:" in m for m in messages(room))
                assert teacher.post("/teacher/resume", {}).ok
            finally:
                spy.hang_up()

        play_on(opened, people, meanwhile=listen)
        assert asked


@pytest.mark.slow
def test_a_stream_does_not_count_the_other_team_s_votes(tmp_path: Path) -> None:
    count_by_stream(tmp_path)


def test_control_a_stream_that_counts_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Hub.told

    def counting(self: Hub, viewer: Viewer) -> dict[str, Any]:
        return told(self, viewer) | {"number": self._room().position}

    monkeypatch.setattr(Hub, "told", counting)
    with pytest.raises(AssertionError):
        count_by_stream(tmp_path)


def figures(folder: Path) -> None:
    """Hold at each question that the doctrine's view reaches the adviser of the team asked."""
    with served(folder, spied_plan()) as opened:
        teacher, people = teacher_of(opened), class_of(opened, [f"S{n}" for n in range(1, 7)])
        advance(teacher, opened, tables="1")
        advance(teacher, opened)
        seen = []

        def look(number: int, party: str) -> None:
            adviser = team_of(opened, people, party)[1]
            told = [p for p in people.values() if "in such a moment" in p.get("/room").body]
            assert told == [adviser]
            assert "in such a moment" not in teacher.get("/board").body
            seen.append((number, party))

        play_on(opened, people, meanwhile=look)
        assert [n for n, _ in seen] == list(range(6))
        assert {p for _, p in seen} == {"FRA", "ITA"}


def test_the_doctrine_s_view_reaches_the_adviser_only(tmp_path: Path) -> None:
    figures(tmp_path)


def test_control_figures_for_everybody_would_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.seminar.pages.play.parts_of", lambda *_: PARTS)
    with pytest.raises(AssertionError):
        figures(tmp_path)
