"""What goes wrong in a role play, by bad luck or by intent: teams that leave, clocks, stops, forged
forms, edited records, lessons in which nothing is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lessons import SALT, TEACHER, seat
from plays import (
    advance,
    class_of,
    comes_to,
    play_lesson,
    play_on,
    play_plan,
    table_of,
    team_of,
    vote,
)
from rooms import served, teacher_of, until

from sim.cli.check import check_file
from sim.ground.errors import InputError
from sim.ground.yaml import load_yaml
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import plan_of
from sim.seminar.lesson.record import place_of
from sim.seminar.lesson.session import Session, unfit
from sim.seminar.pages.debrief import Debriefs
from sim.seminar.pages.export import exports
from sim.seminar.pages.presenter import Presenter, Viewer, mark_of
from sim.seminar.pages.views import Views
from sim.seminar.play.controller import Controller
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import Asked, Decided, Put, Seat, TableEnded, TableState
from sim.seminar.record.refusal import Refused
from sim.seminar.record.store import Store
from sim.seminar.web.filling import filled
from sim.seminar.what_if.whole import SEMINAR

PLAN = play_plan(questions=4)
SCENARIOS = Path(__file__).parents[2] / "scenarios"

# ---------------------------------------------------------------------------------- any story

small = st.integers(0, 6)
steps = st.one_of(
    st.tuples(st.just("join")),
    st.tuples(st.just("remove"), small),
    st.tuples(st.just("seat"), small, st.sampled_from(["FRA", "ITA"])),
    st.tuples(st.just("clear")),
    st.tuples(st.just("vote"), small, small, st.booleans()),
    st.tuples(st.just("all vote"), st.booleans()),
    st.tuples(st.just("close"), small, small),
    st.tuples(st.just("note"), small, small, st.sampled_from(["adviser", "desk", "press", "x"])),
    st.tuples(st.just("instruct"), small, st.text(max_size=3)),
    st.tuples(st.just("hide"), small, small),
    st.tuples(st.sampled_from(["pause", "resume", "unlimited", "restart", "run", "advance"])),
    st.tuples(st.just("extend"), st.integers(0, 61)),
    st.tuples(st.just("wait"), st.integers(0, 400_000)),
)


class Story:
    """A room in which anything is done in any order."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now, self.joined = folder, 0, 0
        self.presenter = Presenter(PLAN)
        self.open()
        for _ in range(4):
            self.do("join")

    def open(self) -> None:
        """Open the room, or take it up again."""
        assert self.presenter.play is not None
        self.session = Session(PLAN, Store(self.folder / "record.sqlite", SEMINAR))
        self.session.start(self.now, "ABC234", TEACHER)
        self.controller = Controller(
            self.session.record, self.presenter.play.plan, self.presenter.play.debriefs.warm
        )

    def do(self, what: str, *given: Any) -> None:
        """Do something; what is refused changes nothing."""
        before = self.session.room
        try:
            self._do(what, *given)
        except Refused:
            same = self.session.room == before
        else:
            same = True
        assert same

    def _do(self, what: str, *given: Any) -> None:
        session, controller, now = self.session, self.controller, self.now
        match what, given:
            case "join", ():
                self.joined += 1
                session.join(now, f"Student {self.joined}", None, seat(self.joined))
            case "remove", (student,):
                session.remove(now, student)
            case "seat", (student, party):
                controller.seat(now, student, Seat(1, party))
            case "clear", ():
                session.remove(now, 1, 999)
            case "vote", (student, number, yes):
                controller.vote(now, student, number, yes)
            case "all vote", (yes,):
                for table in [*PLAY.of(session.room).tables.values()]:
                    for student in [*session.room.students]:
                        if table.open is not None:
                            self.do("vote", student, table.open.question.number, yes)
            case "close", (student, number):
                controller.close(now, student, number)
            case "note", (student, number, part):
                controller.note(now, student, number, part, "A line.")
            case "instruct", (student, text):
                controller.instruct(now, student, text)
            case "hide", (student, number):
                controller.hide(now, (1, number or None, "press" if number else None, student))
            case "extend", (minutes,):
                session.extend(now, minutes)
            case "wait", (more,):
                self.now += more
                session.tick(self.now, SALT)
                controller.tick(self.now)
            case "restart", ():
                session.store.close()
                self.open()
            case "run", ():
                for _ in range(20):
                    controller.tick(now)
                    waiting = controller.waiting()
                    if waiting is None:
                        break
                    controller.put(now, waiting, controller.come_to(waiting))
            case "advance", ():
                session.advance(now, place_of(session.room), SALT)
            case _:
                deed = {"pause": session.pause, "resume": session.take_up}
                deed.get(what, session.without_limit)(now)

    def sound(self) -> None:
        """Hold that every page can be shown, and that the record tells what the room is."""
        room = self.session.room
        assert SEMINAR.room_of(self.session.store.read()) == room
        eyes = [
            Viewer("board"),
            Viewer("teacher"),
            *(Viewer("room", s) for s in room.students.values()),
        ]
        for viewer in eyes:
            assert mark_of(room, viewer)
            shown = self.presenter.values(room, viewer) | {
                "address": "http://x",
                "now_ms": self.now,
            }
            shown |= {"connected": frozenset(), "problem": "", "given": {}, "part": False}
            body = bytes(filled(f"{viewer.page}.html", 200, trouble="", **shown).body).decode()
            assert "None" not in body
        for table in PLAY.of(room).tables.values():
            assert table.deadline_ms is None or table.left_ms is None
            assert (table.deadline_ms, table.left_ms) == (None, None) or table.open is not None


@pytest.mark.slow
@given(st.lists(steps, max_size=25))
def test_whatever_happens_every_page_can_be_shown(
    tmp_path_factory: pytest.TempPathFactory, given: list[tuple[Any, ...]]
) -> None:
    story = Story(tmp_path_factory.mktemp("story"))
    begun = [("advance",), ("advance",), ("run",)]
    try:
        for step in [*given[:3], *begun, *given[3:], ("run",)]:
            story.do(*step)
            story.sound()
        assert SEMINAR.followed(story.session.store.read(), partial(unfit, PLAN))[1] == []
    finally:
        story.session.store.close()


# ---------------------------------------------------------------------------------- the clock


def test_a_vote_closes_when_the_last_who_has_not_voted_is_removed(tmp_path: Path) -> None:
    """With no time limit it would stay open for ever."""
    with served(tmp_path, play_plan()) as opened:
        teacher, people = teacher_of(opened), class_of(opened, [f"S{n}" for n in range(1, 7)])
        advance(teacher, opened, tables="1")
        advance(teacher, opened)
        comes_to(opened, 0)
        assert teacher.post("/teacher/unlimited", {}).ok
        first, second, _ = team_of(opened, people, "FRA")
        assert (vote(first, 0, "yes"), vote(second, 0, "no")) == (303, 303)
        assert table_of(opened).open is not None
        assert teacher.post("/teacher/remove", {"student": "5"}).ok
        assert until(lambda: len(table_of(opened).answers) == 1)
        assert table_of(opened).put[0].decided == Decided(
            table=1, number=0, answer=True, how="minister", yes=1, no=1
        )
        assert people[5].post("/play/vote", {"number": "0", "answer": "no"}).status == 403
        assert teacher.post("/teacher/clear", {"first": "1", "last": "9"}).ok
        assert until(lambda: table_of(opened).ended is not None)  # the doctrines end it


def test_the_end_of_the_play_counts_the_votes_that_stand(tmp_path: Path) -> None:
    story = Story(tmp_path)
    for step in (("advance",), ("advance",), ("run",), ("vote", 1, 0, False), ("advance",)):
        story.do(*step)
    table = PLAY.of(story.session.room).tables[1]
    assert table.answers == (False,)
    assert table.open is None
    story.do("run")
    assert PLAY.of(story.session.room).tables[1].ended is not None
    viewer = Viewer("board")
    (told,) = story.presenter.values(story.session.room, viewer)["play"]["debrief"]["tables"]
    assert [a.how for a, _ in told["teams"][0]["rows"]] == ["by 1 vote to 0"]
    assert told["teams"][0]["office"]
    story.session.store.close()


def test_a_member_cannot_read_the_votes_off_the_mark(tmp_path: Path) -> None:
    """All else in it a member knows, and the votes of a small team are few to try."""
    marks = []
    for n, secret in enumerate((TEACHER, SALT, TEACHER)):
        session = Session(PLAN, Store(tmp_path / f"{n}.sqlite", SEMINAR))
        session.start(0, "ABC234", secret)
        for k in range(4):
            session.join(0, f"S{k}", None, seat(k))
        session.advance(0, place_of(session.room), SALT)
        marks.append(mark_of(session.room, Viewer("room", session.room.students[1])))
        session.store.close()
    assert marks[0] == marks[2] != marks[1]


# ---------------------------------------------------------------------------------- what is sent


def test_odd_lines_and_two_tabs(tmp_path: Path) -> None:
    with served(tmp_path, play_plan()) as opened:
        opened.room.often.at_once = opened.room.often.a_second = 1e6
        teacher, people = teacher_of(opened), class_of(opened, [f"S{n}" for n in range(1, 5)])
        advance(teacher, opened, tables="1")
        minister, adviser = team_of(opened, people, "FRA")
        bad = {
            "": "Write your instructions in one line.",
            "\u3164": "The line holds characters that cannot be shown.",
            "a\x1b[2J": "The line holds characters that cannot be shown.",
            "a\u202eb": "The line holds characters that cannot be shown.",
            "x" * 201: "The line is too long: 200 characters at most.",
        }
        for text, words in bad.items():
            before = opened.room.session.room
            reply = minister.post("/play/instruct", {"text": text})
            assert reply.status == 422
            assert words in reply.body
            assert opened.room.session.room == before
        assert minister.post("/play/instruct", {"text": "x" * 20_000}).status == 413
        assert minister.post("/play/instruct", {"text": "  a \n b  "}).status == 303
        assert "“a b”" in adviser.get("/room").body
        advance(teacher, opened)
        comes_to(opened, 0)
        tab = type(minister)(minister.base, "tab", minister.cookie)
        assert [vote(minister, 0, "yes"), vote(tab, 0, "no")] == [303, 303]
        put = table_of(opened).open
        assert put is not None
        assert dict(put.votes) == {1: False}
        note = {"number": "0", "part": "adviser", "text": "a\u202eb"}
        assert 'value="a\u202eb"' in adviser.post("/play/note", note).body  # what was typed stays
        for number in ("0x0", "-0", "00000000000", "1e9", "٠", " 1"):
            reply = adviser.post("/play/vote", {"number": number, "answer": "yes"})
            assert reply.status == 422
        stranger = type(minister)(minister.base, "stranger", minister.cookie[:-1] + "~")
        assert stranger.post("/play/vote", {"number": "0", "answer": "yes"}).status == 403
        assert table_of(opened).open == put


# ---------------------------------------------------------------------------------- the record


@pytest.fixture(scope="module", name="lines")
def _lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The exported record of a play, a line each."""
    story = Story(tmp_path_factory.mktemp("record"))
    for step in (("advance",), ("advance",), *4 * (("run",), ("all vote", True))):
        story.do(*step)
    story.do("run")
    lines = exports(story.session)["record.jsonl"]().splitlines()
    story.session.store.close()
    return lines


EDITS: dict[str, tuple[str, dict[str, Any], str]] = {
    "a vote": ("voted", {"yes": False}, "the votes on question 1 of table 1 say otherwise"),
    "an answer": ("decided", {"answer": False}, "the votes on question 1 of table 1 say otherwise"),
    "a count": ("decided", {"yes": 7}, "the votes on question 1 of table 1 say otherwise"),
    "a voter": ("voted", {"student": 2}, "student 2 is not in the team that question 1 of table 1"),
    "a question": ("voted", {"number": 3}, "question 4 of table 1 is not open here"),
    "a table": ("voted", {"table": 2}, "there is no table 2"),
    "a late vote": ("asked", {"number": 1}, "table 1 has no question 2"),
}


def edited(lines: list[str], kind: str, change: dict[str, Any], path: Path) -> int:
    """Write the record with its first event of a kind changed; return the line."""
    at = next(n for n, line in enumerate(lines) if json.loads(line).get("kind") == kind)
    changed = json.dumps(json.loads(lines[at]) | change)
    path.write_text("\n".join([*lines[:at], changed, *lines[at + 1 :]]) + "\n")
    return at + 1


@pytest.mark.parametrize("what", EDITS)
def test_an_edited_record_is_told_by_its_line(tmp_path: Path, lines: list[str], what: str) -> None:
    kind, change, rule = EDITS[what]
    path = tmp_path / "record.jsonl"
    edited(lines, kind, change, path)
    with pytest.raises(InputError) as caught:
        check_file(path)
    first = str(caught.value).splitlines()[0]
    assert rule in first
    assert first.startswith(f"{path}:")
    path.write_text("\n".join(lines) + "\n")
    assert "4 students" in check_file(path)  # control: as it was it is sound


def test_control_an_edited_vote_that_nobody_looks_at(
    tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = tuple(replace(p, broken=lambda *_: None) if p is PLAY else p for p in SEMINAR.parts)
    monkeypatch.setattr(SEMINAR, "parts", others)
    edited(lines, "voted", {"yes": False}, tmp_path / "record.jsonl")
    check_file(tmp_path / "record.jsonl")


# ---------------------------------------------------------------------------------- lessons


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"below": 0.999}, "seminar.play: asks the teams nothing: lower `below`"),
        ({"until": "2021-02-01"}, "seminar.play: asks the teams nothing: lower `below`"),
        ({"from": "2023-01-01"}, "seminar.play.from: must not lie after the day that follows"),
        ({"title": "x" * 121}, "seminar.play.title: must be at most 120 characters"),
        ({"brief": "\x1b[2J"}, "seminar.play.brief: must not hold control characters"),
        ({"parties": ["FRA", "DEU"]}, "seminar.play.parties[1]: must be a party of the scenario"),
    ],
)
def test_a_play_that_cannot_be_held_is_told_in_one_line(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(InputError) as caught:
        plan_of(load_scenario(play_lesson(**changes)))
    (line,) = str(caught.value).splitlines()
    assert rule in line


def test_a_check_tells_a_play_in_which_nothing_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "quiet.yaml"
    path.write_text(json.dumps(play_lesson(below=0.999)))
    with pytest.raises(InputError, match=r"quiet.yaml: seminar.play: asks the teams nothing"):
        check_file(path)
    path.write_text(json.dumps(play_lesson()))
    assert "a lesson of a role play" in check_file(path)


@pytest.mark.slow
def test_three_parties_at_one_table_over_several_channels(tmp_path: Path) -> None:
    """Each sees the channels that it has a part in, and no other."""
    data = load_yaml(SCENARIOS / "three-capitals.yaml").data | {
        "changes": None,
        "sweep": None,
        "seminar": {"play": {"parties": ["USA", "RUS", "CHN"], "questions": 6}},
    }
    with served(tmp_path, plan_of(load_scenario({k: v for k, v in data.items() if v}))) as opened:
        teacher, people = teacher_of(opened), class_of(opened, ["A", "B", "C"])
        advance(teacher, opened, tables="1")
        advance(teacher, opened)
        names = {"CHN-USA": "China and the United States", "CHN-RUS": "China and Russia"}
        has = {1: {"CHN-USA"}, 2: {"CHN-RUS"}, 3: {"CHN-USA", "CHN-RUS"}}

        def look(number: int, party: str) -> None:
            for n, person in people.items():
                body = person.get("/room").body + person.get("/log").body
                assert {k for k, name in names.items() if name in body} == has[n]

        play_on(opened, people, meanwhile=look)
        advance(teacher, opened)
        assert until(lambda: "What came of it" in people[1].get("/room").body)
        rows = teacher.get("/teacher/export/decisions.csv").body.splitlines()
        assert sum(",office," not in row for row in rows) == 7


def test_what_happens_at_a_forum_is_told_by_its_place() -> None:
    """A simulated event names its forum by its id, which no page is to show."""
    as_they_come = {"seminar": {"play": {"spread": False, "apart_days": 0}}}
    made = plan_of(load_scenario(SCENARIOS / "seminar-play.yaml", as_they_come))
    assert made.play is not None
    views, debriefs = Views(made.play, {}), Debriefs(made.play)
    answers: tuple[bool, ...] = ()
    while made.play.worlds.at(answers).question is not None and len(answers) < 20:
        answers += (True,)
    log = made.play.worlds.log_of(answers)
    forums = [e for e in log.events if getattr(e, "forum", None) and not e.place]
    assert forums, "this world has a simulated event at a forum"
    told = [t.title for t in views.past(answers, "RUS").past.events]
    ended = TableEnded(table=1, log_sha256="0" * 64)
    whole = debriefs.told(replace(TableState(1, _put(answers)), ended=ended))
    told += [t.title for t in whole.tell(made.play.end_s, True).events]
    for event in forums:
        assert event.forum is not None
        assert made.play.forums[event.forum] in " ".join(told)
        assert event.forum.replace("-", " ") not in " ".join(told)


def _put(answers: tuple[bool, ...]) -> tuple[Put, ...]:
    asked = {"table": 1, "party": "USA", "channel": "x", "decision": "x", "at": "x"}
    return tuple(
        Put(
            Asked.model_validate(asked | {"number": n}),
            decided=Decided(table=1, number=n, answer=a, how="vote", yes=1, no=0),
        )
        for n, a in enumerate(answers)
    )


def test_nobody_but_the_teacher_gives_places(tmp_path: Path) -> None:
    with served(tmp_path, play_plan()) as opened:
        teacher, people = teacher_of(opened), class_of(opened, "ABCDEF")
        advance(teacher, opened, tables="1")
        late = class_of(opened, ["G"])
        ((number, person),) = late.items()
        form = {"student": str(number), "team": "1 ITA"}
        before = opened.room.session.room
        for who in (person, people[1]):
            assert not who.post("/play/seat", form).ok
        for team in ("", "1", "ITA 1", "1 USA", "9 ITA", "x ITA", "1 ITA "):
            assert teacher.post("/play/seat", form | {"team": team}).status == 422
        assert opened.room.session.room is before
        for path in ("/room", "/room/part"):
            assert "no place in a team yet" in person.get(path).body
        assert person.get("/log").status == 403
        assert teacher.post("/play/seat", form).ok
        assert PLAY.of(opened.room.session.room).seats[number] == Seat(1, "ITA")
