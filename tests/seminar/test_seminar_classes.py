"""Several classes over one set of questions."""

from __future__ import annotations

import csv
import json
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from lessons import LESSON as SMALL
from lessons import TEACHER, forecasted, go_to, lesson, opened, percents, plan, seat
from plays import play_plan
from worn import worn_lesson

from sim.cli.app import main
from sim.ground.errors import InputError
from sim.ground.yaml import dump_yaml
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.classes import Held, compare, shared_rounds
from sim.seminar.lesson.grades import grades
from sim.seminar.lesson.plan import plan_of, questions_digest
from sim.seminar.lesson.record import LESSON, place_of
from sim.seminar.lesson.scores import score
from sim.seminar.lesson.session import Session
from sim.seminar.pages.anonymous import anonymous_tables
from sim.seminar.pages.class_records import load_classes
from sim.seminar.pages.classes import labelled, save_classes, summary_of
from sim.seminar.pages.export import exports
from sim.seminar.record.store import Store
from sim.seminar.what_if.whole import SEMINAR

PLAN = plan()


def held(folder: Path, students: int, first: int = 40, step: int = 3, rounds: int = 2) -> Session:
    """A class of which some rounds are revealed; all but the last student vote twice."""
    session = opened(folder)
    forecasted(session)
    for n in range(1, students + 1):
        session.join(n, f"Zora Quill {n}", ("north", "south")[n % 2], seat(900 + n))
    salt = "0123456789abcdef"[len(folder.name) % 16] * 64
    for number in range(rounds):
        for phase, vote in (("vote", 1), ("again", 2)):
            go_to(session, phase, 100_000)
            for n in range(1, students + vote % 2):
                given = percents(session, min(97, first + step * n + vote))
                session.answer(100_001, n, number, vote, given, f"Bec4use {n}.")
        while session.room.phase != "revealed":
            seen = f"{number}-{session.room.phase}"
            session.advance(100_002, seen, salt)
    return session


def exported(session: Session, folder: Path, name: str = "record.jsonl") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    text = exports(session, names="names" in name)["record.jsonl"]()
    path.write_text(text, encoding="utf-8")
    return path


def two(tmp_path: Path) -> list[Held]:
    """Two classes; the second is surer of the first option."""
    return [
        Held("a", held(tmp_path / "a", 12).room),
        Held("b", held(tmp_path / "bb", 9, first=70).room),
    ]


# ---------------------------------------------------------------------------------- numbers


def test_scores_by_hand(tmp_path: Path) -> None:
    classes = two(tmp_path)
    found = compare(PLAN, classes, 7)
    assert (found.rounds, found.questions) == ((0, 1), 3)
    for result, students in zip(found.classes, (12, 9), strict=True):
        room = result.held.room
        by_question = [
            np.mean(
                [
                    score(a.probabilities(q.id), q.truth).brier
                    for a in LESSON.of(room).final(r.number).values()
                ]
            )
            for r in PLAN.rounds
            for q in r.questions
        ]
        assert result.brier.value == pytest.approx(np.mean(by_question))
        assert result.brier.low < result.brier.value < result.brier.high
        assert (result.students, result.answers) == (students, 3 * students)
        assert result.forecast.brier <= result.brier.value + 1e-12
        assert result.gain is not None
        assert result.twice == students - 1
    a, b = found.classes
    assert a.difference is None
    assert b.difference is not None
    assert b.difference.value == pytest.approx(b.brier.value - a.brier.value)
    assert found.same_simulator
    assert [r.who for r in found.rivals] == ["The simulator", "The base rate"]


def test_who_missed_a_round_counts_in_the_others(tmp_path: Path) -> None:
    session = held(tmp_path / "a", 7, 20, 9, rounds=1)
    go_to(session, "vote", 200_000)
    for n in range(1, 6):
        session.answer(200_001, n, 1, 1, percents(session, 90), "So.")
    go_to(session, "revealed", 200_002)
    found = compare(PLAN, [Held("a", session.room)], 7).classes[0]
    final = LESSON.of(session.room).final
    means = [
        np.mean([score(a.probabilities(q.id), q.truth).brier for a in final(r.number).values()])
        for r in PLAN.rounds
        for q in r.questions
    ]
    assert found.brier.value == pytest.approx(np.mean(means))
    assert (found.students, found.answers) == (7, 7 * 2 + 5)


def test_the_interval_is_that_of_a_mean_of_students(tmp_path: Path) -> None:
    """Of one question, and as wide as theory says of a mean: 1.96 standard errors to each side."""
    classes = [Held("a", held(tmp_path / "a", 40, 20, 1, rounds=1).room)]
    found = compare(PLAN, classes, 7).classes[0]
    room = classes[0].room
    means = [
        np.mean([score(a.probabilities(q.id), q.truth).brier for q in PLAN.rounds[0].questions])
        for a in LESSON.of(room).final(0).values()
    ]
    error = np.std(means) / np.sqrt(len(means))
    assert (found.brier.high - found.brier.low) / (2 * 1.96 * error) == pytest.approx(1, abs=0.05)
    fewer = compare(PLAN, [Held("a", held(tmp_path / "aa", 10, 20, 4, rounds=1).room)], 7)
    wide = fewer.classes[0].brier
    assert wide.high - wide.low > 1.5 * (found.brier.high - found.brier.low)  # control


def test_the_same_seed_gives_the_same_and_classes_do_not_share_their_draws(tmp_path: Path) -> None:
    classes = two(tmp_path)
    assert compare(PLAN, classes, 7) == compare(PLAN, classes, 7)
    assert compare(PLAN, classes, 7) != compare(PLAN, classes, 8)
    twins = [Held("a", classes[0].room), Held("b", classes[0].room)]
    difference = compare(PLAN, twins, 7).classes[1].difference
    assert difference is not None
    assert difference.value == 0
    assert difference.low < -0.001
    assert difference.high > 0.001


def test_the_order_of_the_classes_changes_no_interval(tmp_path: Path) -> None:
    classes = two(tmp_path)
    here, there = (compare(PLAN, some, 7).classes for some in (classes, classes[::-1]))
    for mine, theirs in zip(here, there[::-1], strict=True):
        assert (mine.brier, mine.log, mine.gain) == (theirs.brier, theirs.log, theirs.gain)
    one, other = here[1].difference, there[1].difference
    assert one is not None
    assert other is not None
    assert (one.low, one.value) == pytest.approx((-other.high, -other.value))


def test_another_forecast_of_the_simulator_is_seen(tmp_path: Path) -> None:
    classes = two(tmp_path)
    state = LESSON.of(classes[1].room)
    forecast = state.forecasts[0]
    law = {**forecast.probabilities, "r1q1": (0.1, 0.2, 0.3, 0.4)}
    other = replace(
        state, forecasts={**state.forecasts, 0: forecast.model_copy(update={"probabilities": law})}
    )
    room = replace(classes[1].room, states={**classes[1].room.states, "lesson": other})
    assert not compare(PLAN, [classes[0], Held("b", room)], 7).same_simulator


OWN = {
    "ask": "own",
    "title": "Is a deal signed by March?",
    "answers": ["yes, by both", "no", "nobody knows"],
    "right": "no",
    "source": "The newspaper of the first of April",
}


def test_a_question_of_a_lesson_s_own_is_scored_without_rivals(tmp_path: Path) -> None:
    rounds = [{**SMALL["seminar"]["rounds"][0], "questions": [{"ask": "next_state"}, OWN]}]
    session = opened(tmp_path, 6, rounds=rounds)
    forecasted(session)
    go_to(session, "vote")
    for n in range(1, 7):
        given = {"r1q1": (40, 20, 20, 20), "r1q2": (10 * n, 90 - 10 * n, 10)}
        session.answer(150_000, n, 0, 1, given, "So.")
    go_to(session, "revealed")
    classes = [Held(n, session.room) for n in "ab"]
    found = compare(session.plan, classes, 7)
    assert found.questions == 2
    assert [r.questions for r in found.rivals] == [1, 1]
    page = save_classes(session.plan, found, 7, tmp_path / "out").read_text("utf-8")
    assert "(1 of 2 questions)" in page
    made = anonymous_tables(session.plan, session.room, session.store.read(), "key")
    asked = [r for r in csv.DictReader(made["questions.csv"].splitlines()) if r["option"] == "no"]
    assert [(r["came_true"], r["simulator"], r["base_rate"]) for r in asked] == [("true", "", "")]
    sure = grades(session.plan, session.room)[0]
    assert sure.relative == pytest.approx(
        (score((0.1, 0.8, 0.1), 1).brier / (2 / 3) + 4 / 3 * score(FOUR, truth(session)).brier) / 2
    )


FOUR = (0.4, 0.2, 0.2, 0.2)


def truth(session: Session) -> int:
    return session.plan.rounds[0].questions[0].truth


def test_a_round_that_few_of_a_class_answered_is_left_out_for_all(tmp_path: Path) -> None:
    whole, part = held(tmp_path / "a", 12), held(tmp_path / "bb", 6, rounds=1)
    go_to(part, "vote", 200_000)
    for n in range(1, 5):
        part.answer(200_001, n, 1, 1, percents(part), "So.")
    go_to(part, "revealed", 200_002)
    rooms = [whole.room, part.room]
    assert shared_rounds(PLAN, rooms[:1]) == (0, 1)
    assert shared_rounds(PLAN, rooms) == (0,)
    found = compare(PLAN, [Held("a", rooms[0]), Held("b", rooms[1])], 7)
    assert (found.questions, found.classes[0].answers) == (2, 24)
    assert 0 < sum(b.count for b in found.classes[0].calibration) <= 12 * 6  # of round 1 alone


def test_a_gain_is_told_of_five_who_voted_twice_or_not_at_all(tmp_path: Path) -> None:
    for students, told in ((5, False), (6, True)):
        room = held(tmp_path / f"{students}", students).room
        found = compare(PLAN, [Held("a", room)], 7).classes[0]
        assert (found.gain is not None) == told
        assert found.twice == (5 if told else 0)


# ---------------------------------------------------------------------------------- records


def test_a_record_is_read_in_each_of_its_forms(tmp_path: Path) -> None:
    session = held(tmp_path / "kept", 6)
    other = exported(held(tmp_path / "others", 7), tmp_path / "tuesday", "record-with-names.jsonl")
    lines = exported(session, tmp_path / "monday")
    session.store.close()
    for place in (tmp_path / "kept", tmp_path / "kept" / "record.sqlite", lines, lines.parent):
        classes = load_classes(PLAN, [str(place), str(other.parent)])
        name = "kept" if "kept" in str(place) else "monday"
        assert [(c.name, len(c.room.students)) for c in classes] == [(name, 6), ("tuesday", 7)]
    named = load_classes(PLAN, [f"the first={lines}", f"b={other}"])
    assert [c.name for c in named] == ["the first", "b"]


def edited(path: Path, change: dict[str, object]) -> Path:
    """Change what the record says of its opening."""
    head, opening, *rest = path.read_text("utf-8").splitlines()
    changed = json.dumps(json.loads(opening) | change)
    path.write_text("\n".join([head, changed, *rest]) + "\n", encoding="utf-8")
    return path


def test_another_lesson_with_the_same_questions_is_compared_and_labelled(tmp_path: Path) -> None:
    one = exported(held(tmp_path / "x", 6), tmp_path / "plain")
    worn = exported(held(tmp_path / "xx", 6), tmp_path / "worn")
    other = {"lesson_sha256": "ab" * 32, "questions_sha256": questions_digest(PLAN)}
    edited(worn, other | {"disguised": True})
    classes = load_classes(PLAN, [str(one), str(worn)])
    compared = compare(PLAN, classes, 7)
    assert [labelled(c) for c in compared.classes] == ["plain", "worn (in disguise)"]
    report = save_classes(PLAN, compared, 7, tmp_path / "out")
    assert "worn (in disguise)" in report.read_text("utf-8")
    rows = list(csv.DictReader((tmp_path / "out" / "classes.csv").read_text().splitlines()))
    assert [r["disguised"] for r in rows] == ["false", "true", "", ""]
    edited(worn, other | {"questions_sha256": "cd" * 32})  # control
    with pytest.raises(InputError, match="is of other questions than the lesson"):
        load_classes(PLAN, [str(one), str(worn)])


def test_a_lesson_in_disguise_stands_beside_the_same_lesson_without(tmp_path: Path) -> None:
    worn = worn_lesson()
    open_ = deepcopy(worn)
    del open_["seminar"]["disguise"]
    places = []
    for name, data in (("worn", worn), ("open", open_)):
        session = Session(
            plan_of(load_scenario(data)), Store(tmp_path / name / "record.sqlite", SEMINAR)
        )
        session.start(0, "ABC234", TEACHER)
        for n in range(1, 7):
            session.join(n, f"S{n}", session.plan.lesson.groups[n % 2], seat(n))
        go_to(session, "vote")
        for n in range(1, 7):
            session.answer(150_000, n, 0, 1, percents(session, 10 * n), "So.")
        while session.room.phase != "revealed":
            session.advance(160_000, place_of(session.room), name[0].encode().hex() * 32)
        session.store.close()
        places.append(str(tmp_path / name))
    digests = {plan_of(load_scenario(data)).digest for data in (worn, open_)}
    assert len(digests) == 2
    for data in (worn, open_):
        made = plan_of(load_scenario(data))
        compared = compare(made, load_classes(made, places), 7)
        assert [labelled(c) for c in compared.classes] == ["worn (in disguise)", "open"]


def test_a_forged_opening_does_not_help(tmp_path: Path) -> None:
    """A record of other questions that says it is of these is found by its answers."""
    rounds = [{**SMALL["seminar"]["rounds"][0], "questions": [{"ask": "next_state"}]}]
    other = opened(tmp_path / "x", 6, rounds=rounds)
    go_to(other, "vote", 100_000)
    for n in range(1, 7):
        other.answer(100_001, n, 0, 1, percents(other), "So.")
    go_to(other, "revealed", 100_002)
    forged = edited(exported(other, tmp_path / "forged"), {"lesson_sha256": PLAN.digest})
    good = exported(held(tmp_path / "xx", 6), tmp_path / "good")
    with pytest.raises(InputError, match=r"record\.jsonl:\d+: does not answer round 1"):
        load_classes(PLAN, [str(good), str(forged)])


def test_questions_are_the_same_whatever_they_are_called() -> None:
    assert questions_digest(plan(title="Other", welcome="Hello.")) == questions_digest(PLAN)
    rounds = [dict(r) for r in SMALL["seminar"]["rounds"]]
    for other in ({"by": "2021-04-01"}, {"cut": "2021-02-16"}, {"questions": []}):
        changed = [{**rounds[0], **other}, rounds[1]]
        if not changed[0]["questions"]:
            changed[0]["questions"] = rounds[0]["questions"][:1]
        assert questions_digest(plan(rounds=changed)) != questions_digest(PLAN)


BAD = {
    "no-such-file.jsonl": "no such file",
    "empty-folder": "holds no record: neither record.sqlite nor record.jsonl",
    "empty.jsonl": "must not be empty",
    "header.jsonl": "is empty: no lesson was held",
    "other.jsonl": "is of other questions than the lesson: it is the record of “Two towns”",
    "damaged.jsonl": "damaged.jsonl:9: ",
    "seal.jsonl": "the seal of round 1 does not fit the answers",
    "few.jsonl": "must hold answers of at least 5 students: fewer are not added up (got 2)",
    "early.jsonl": "holds no round that is revealed",
    "text.sqlite": "is not the record of a seminar",
    "log.jsonl": "form: must be",
}


def bad(tmp_path: Path) -> None:
    """Make files that are no record of a class."""
    whole = exported(held(tmp_path / "g", 6), tmp_path / "good").read_text("utf-8")
    lines = whole.splitlines()
    (tmp_path / "empty-folder").mkdir()
    texts = {
        "empty.jsonl": "",
        "header.jsonl": lines[0] + "\n",
        "damaged.jsonl": "\n".join([*lines[:8], lines[8][:-9], *lines[9:]]),
        "seal.jsonl": whole.replace(
            '"percents":{"r1q1":[44,', '"percents":{"r1q1":[43,', 1
        ).replace("43,18,18,20", "43,19,18,20", 1),
        "text.sqlite": "This is a text.",
        "log.jsonl": '{"schema":4}\n',
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    exported(held(tmp_path / "f", 2, rounds=1), tmp_path, "few.jsonl")
    exported(opened(tmp_path / "e", 6), tmp_path, "early.jsonl")
    other = opened(tmp_path / "o", 6, title="Two towns", rounds=SMALL["seminar"]["rounds"][:1])
    exported(other, tmp_path, "other.jsonl")


def test_bad_records_are_told_all_at_once_with_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad(tmp_path)
    scenario = tmp_path / "lesson.yaml"
    scenario.write_text(dump_yaml(lesson()), encoding="utf-8")
    good = str(tmp_path / "good")
    argv = ["sim", "classes", str(scenario), good, *(str(tmp_path / name) for name in BAD), "=x"]
    monkeypatch.setattr(sys, "argv", [*argv, "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    told = capsys.readouterr().err
    for name, rule in BAD.items():
        mine = [line for line in told.splitlines() if name in line]
        assert any(rule in line for line in mine), (name, mine)
    assert "sim classes: NAME: must not be empty" in told
    assert "Traceback" not in told
    assert not (tmp_path / "out").exists()


def test_one_class_twice_or_alone_or_of_one_name_is_refused(tmp_path: Path) -> None:
    session = held(tmp_path / "x", 6)
    one = exported(session, tmp_path / "one")
    again = exported(session, tmp_path / "two", "record-with-names.jsonl")
    other = exported(held(tmp_path / "xx", 6), tmp_path / "three")
    with pytest.raises(InputError, match=r"is the record of the same lesson as .*one"):
        load_classes(PLAN, [str(one), str(again)])
    with pytest.raises(InputError, match=r"another name than a class before it.*\(got a\)"):
        load_classes(PLAN, [f"a={one}", f"a={other}"])
    with pytest.raises(InputError, match=r"records of 2 to 24 classes \(got 1\)"):
        load_classes(PLAN, [str(one)])
    with pytest.raises(InputError, match="change the direction of text"):
        load_classes(PLAN, [f"a\u202e={one}", str(other)])
    with pytest.raises(InputError, match="has no rounds: there is nothing to compare"):
        load_classes(play_plan(), [str(one), str(other)])
    late = held(tmp_path / "xxx", 6, rounds=0)
    go_to(late, "revealed")
    with pytest.raises(InputError, match="at least 5 students"):
        load_classes(PLAN, [str(one), str(exported(late, tmp_path / "late"))])


# ---------------------------------------------------------------------------------- the page


def test_no_byte_of_the_folder_names_a_student(tmp_path: Path) -> None:
    compared = compare(PLAN, two(tmp_path), 7)
    save_classes(PLAN, compared, 7, tmp_path / "out")
    files = [p for p in (tmp_path / "out").rglob("*") if p.is_file()]
    assert {p.name for p in files} >= {
        "report.html",
        "classes.csv",
        "calibration.svg",
        "scores.svg",
    }
    for path in files:
        text = path.read_text("utf-8")
        assert "Quill" not in text, path.name
        assert "Bec4use" not in text, path.name
    raw = (tmp_path / "a" / "record.sqlite-wal").read_bytes()
    assert b"Quill" in raw  # control
    assert b"Bec4use" in raw


def test_tables_hold_numbers_and_no_apostrophes(tmp_path: Path) -> None:
    compared = compare(PLAN, two(tmp_path)[::-1], 7)
    save_classes(PLAN, compared, 7, tmp_path / "out")
    rows = list(csv.DictReader((tmp_path / "out" / "classes.csv").read_text().splitlines()))
    assert float(rows[1]["difference_low"]) < float(rows[1]["difference"])
    assert min(float(rows[1]["difference"]), float(rows[1]["gain_low"])) < 0
    assert [r["kind"] for r in rows] == ["class", "class", "simulator", "base rate"]
    text = (tmp_path / "out" / "class-calibration.csv").read_text()
    bins = list(csv.DictReader(text.splitlines()))
    assert sum(int(b["count"]) for b in bins if b["class"] == "a") <= 12 * 10
    assert all(0 <= float(b["came"]) <= 1 for b in bins)


def test_the_page_says_which_class_is_ahead_and_whether_luck_may_explain_it(tmp_path: Path) -> None:
    far = [
        Held("a", held(tmp_path / "a", 12, 10, 0).room),
        Held("b", held(tmp_path / "bb", 12, 90, 0).room),
    ]
    said = [*summary_of(compare(PLAN, far, 7))]
    assert said[0].startswith(("a has the lowest", "b has the lowest"))
    assert "More than the choice of students explains." in said[1]
    near = [Held(n, far[0].room) for n in "ab"]
    level = [*summary_of(compare(PLAN, near, 7))]
    assert level[0].startswith("a and b have the same mean Brier score")
    assert "may explain it" in level[1]
    close = [Held("a", far[0].room), Held("b", held(tmp_path / "cc", 12, 5, 1).room)]
    compared = compare(PLAN, close, 7)
    assert compared.classes[1].difference is not None
    assert compared.classes[1].difference.value != 0
    assert "may explain it" in [*summary_of(compared)][1]
