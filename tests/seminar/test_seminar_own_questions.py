"""Questions of a lesson's own: scored as the others are, shown early at no byte, and never averaged
with what the simulator answers."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from lessons import SALT, TEACHER, forecasted, go_to, lesson, opened, percents

from sim.ground.errors import InputError
from sim.ground.yaml import dump_yaml
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.forecast import forecast
from sim.seminar.lesson.plan import plan_of
from sim.seminar.lesson.record import LESSON, place_of
from sim.seminar.lesson.results import class_calibration, question_result, standings
from sim.seminar.lesson.session import Session
from sim.seminar.pages.export import scores_table
from sim.seminar.pages.handout import handout
from sim.seminar.pages.presenter import Presenter
from sim.seminar.pages.viewer import Viewer
from sim.seminar.record.file import load_record, record_lines
from sim.seminar.record.store import Store
from sim.seminar.web.filling import filled
from sim.seminar.web.serve import add_forecasts
from sim.seminar.what_if.from_lesson import base_of
from sim.seminar.what_if.whole import SEMINAR

SOURCE = "The register of treaties, volume 12."
OWN: dict[str, Any] = {
    "ask": "own",
    "title": "Who signs first",
    "answers": ["Paris", "Rome", "Nobody signs"],
    "right": "Rome",
    "source": SOURCE,
}


def rounds(**changes: Any) -> list[dict[str, Any]]:
    """Return two rounds: in the first a question of its own beside one of the scenario."""
    first, second = lesson()["seminar"]["rounds"]
    return [{**first, "questions": [first["questions"][1], {**OWN, **changes}]}, second]


def session_of(folder: Path, students: int = 6, **changes: Any) -> Session:
    session = opened(folder, students, rounds=rounds(**changes))
    forecasted(session)
    return session


def vote(session: Session, own: dict[int, tuple[int, int, int]]) -> None:
    """Let students vote: the same of the first question, and each their own of the second."""
    go_to(session, "vote")
    for n, given in own.items():
        told = {**percents(session, 40), "r1q2": given}
        session.answer(100_000, n, 0, 1, told, f"Because {n}")


@pytest.mark.parametrize(
    ("changes", "place", "rule"),
    [
        ({"right": "Roma"}, "right", "must be one of the answers; did you mean 'Rome'? (got Roma)"),
        ({"answers": ["Rome", "rome"]}, "answers[1]", "stands here twice (got rome)"),
        ({"answers": ["Rome", " Rome"]}, "answers[1]", "stands here twice (got  Rome)"),
        ({"answers": ["Rome", "Ro\u200bme"]}, "answers[1]", "stands here twice (got Ro"),
        ({"answers": ["Rome"]}, "answers", "at least 2"),
        ({"answers": [f"a{n}" for n in range(9)], "right": "a1"}, "answers", "at most 8"),
        ({"answers": ["Rome", "x" * 51]}, "answers[1]", "at most 50"),
        ({"source": "x" * 301}, "source", "at most 300"),
        ({"title": "two\nlines"}, "title", "one line"),
        ({"by": "2021-03-01"}, "by", "unknown"),
    ],
)
def test_what_breaks_a_rule_is_told_with_its_line(
    tmp_path: Path, changes: dict[str, Any], place: str, rule: str
) -> None:
    data = lesson(rounds=rounds(**changes))
    path = tmp_path / "lesson.yaml"
    path.write_text(dump_yaml(data))
    with pytest.raises(InputError) as error:
        load_scenario(path)
    (problem,) = error.value.problems
    assert problem.path == f"seminar.rounds[0].questions[1].{place}"
    assert problem.line > path.read_text().splitlines().index("  rounds:")
    assert rule in str(problem)


def test_a_question_of_ones_own_is_scored_by_hand(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    vote(session, dict.fromkeys(range(1, 7), (20, 50, 30)))
    go_to(session, "revealed")
    round_ = session.plan.rounds[0]
    assert round_.questions[1].text == "Who signs first?"
    found = question_result(session.plan, session.room, round_, round_.questions[1])
    assert [line.who for line in found.lines] == ["The class"]
    assert found.lines[0].score.brier == pytest.approx(0.2**2 + 0.5**2 + 0.3**2)
    assert sum(b.count for b in class_calibration(session.plan, session.room)) == 6 * (3 + 2)


def test_no_mean_is_over_questions_that_only_the_class_answers(tmp_path: Path) -> None:
    """The class knows its own question, and does not do better beside the simulator for it."""
    session = session_of(tmp_path)
    vote(session, dict.fromkeys(range(1, 7), (1, 98, 1)))
    go_to(session, "revealed")
    shared = {s.who: s.mean.brier for s in standings(session.plan, session.room)}
    own = {s.who: s.mean.brier for s in standings(session.plan, session.room, own=True)}
    assert shared["The class"] == pytest.approx(2 * 0.6**2)
    assert shared["The simulator"] == pytest.approx(0.5)
    assert "The simulator" not in own
    assert "The base rate" not in own
    assert own["The class"] < 0.001
    values = Presenter(session.plan).values(session.room, Viewer("board"))
    page = filled("board.html", **values, **ALWAYS).body.decode()
    assert "only of the questions that the simulator and the base rate answer too" in page
    assert "Only the class answers this question." in page


ALWAYS: dict[str, Any] = {
    "problem": "",
    "given": {},
    "now_ms": 0,
    "connected": set(),
    "address": "http://room",
    "part": True,
    "trouble": "",
}


def pages(session: Session) -> list[str]:
    """Fill all that a student and the projector see at this moment."""
    presenter, student = Presenter(session.plan), session.room.students[1]
    viewers = (Viewer("room", student), Viewer("board"))
    told = [presenter.values(session.room, v) | ALWAYS for v in viewers]
    for values in told:
        values["mark"] = ""  # it is drawn from the digest of the lesson, which holds the answer
    return [filled(f"{v.page}.html", **x).body.decode() for v, x in zip(viewers, told, strict=True)]


def test_pages_do_not_change_with_the_right_answer_before_the_reveal(tmp_path: Path) -> None:
    """Two lessons that differ in the right answer and in its source look alike, up to the reveal;
    there, as the control, they differ."""
    other = {"right": "Paris", "source": "Another book."}
    one, two = (session_of(tmp_path / str(n), **changes) for n, changes in enumerate(({}, other)))
    for phase in ("read", "vote", "discuss", "again", "sealed"):
        for session in (one, two):
            if phase == "vote":
                vote(session, {n: (20 + n, 50 - n, 30) for n in range(1, 7)})
            else:
                session.advance(100_000, place_of(session.room), SALT)
        assert LESSON.of(one.room).round == 0
        assert one.room.phase == phase
        for here, there in zip(pages(one), pages(two), strict=True):
            assert SOURCE not in here
            assert here == there
    for session in (one, two):
        go_to(session, "revealed")
    for here, there in zip(pages(one), pages(two), strict=True):
        assert SOURCE in here
        assert here != there


def test_the_exports_hold_the_answers_by_place(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    vote(session, {1: (20, 50, 30)})
    go_to(session, "sealed")
    assert "Rome,0" not in scores_table(session.plan, session.room)
    go_to(session, "revealed")
    rows = list(csv.DictReader(io.StringIO(scores_table(session.plan, session.room))))
    row = next(r for r in rows if r["question"] == "r1q2")
    assert [row[f"p_answer_{n}"] for n in range(1, 9)] == ["0.2", "0.5", "0.3", *[""] * 5]
    assert row["answers"] == "Paris | Rome | Nobody signs"
    assert (row["came_true"], row["p_yes"], row["p_open"]) == ("Rome", "", "")
    assert float(row["brier_score"]) == pytest.approx(0.2**2 + 0.5**2 + 0.3**2)
    assert [r["student"] for r in rows if r["question"] == "r1q2"] == ["1"]
    others = {r["student"] for r in rows if r["question"] == "r1q1"}
    assert others == {"1", "simulator", "base rate"}
    path = tmp_path / "record.jsonl"
    path.write_text(record_lines(session.store, session.plan.title, session.plan.digest))
    assert load_record(path, SEMINAR)[0]["title"] == session.plan.title


def test_the_simulator_is_not_asked(tmp_path: Path) -> None:
    alone = plan_of(load_scenario(lesson(rounds=[{**rounds()[0], "questions": [OWN]}])))
    assert forecast(alone, alone.rounds[0], worlds=10) == {}
    session = Session(alone, Store(tmp_path / "record.sqlite", SEMINAR))
    session.start(0, "ABC234", TEACHER)
    assert add_forecasts(session, worlds=10) == 1  # an empty one, so that nobody waits for it
    assert LESSON.of(session.room).forecasts[0].probabilities == {}
    assert base_of(alone).asked == {}


def test_the_handout_folds_the_right_answer_with_its_source() -> None:
    page = handout(load_scenario(lesson(rounds=rounds())))
    asked, _, told = page.partition("Who signs first?")[2].partition("<details>")
    assert "Paris, Rome, Nobody signs" in asked
    assert SOURCE not in asked
    assert f"Source: {SOURCE}" in told.partition("</details>")[0]
