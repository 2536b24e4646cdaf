"""The kit: every file for every lesson, the same bytes twice, and nothing shown before."""

from __future__ import annotations

import csv
import io
import json
import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import browser
import pytest
import test_kit_plan
from kits import ARTICLE, LESSONS, OTHERS, ROLE_PLAY, kit, secrets, seen_in, shipped, text_of
from lessons import LESSON, lesson
from plays import PLAY, play_lesson
from slides import all_files, hold_cards, hold_slides
from typer.testing import CliRunner
from worn import seen, worn_lesson

from sim.cli import app as cli
from sim.ensemble.settings import Settings
from sim.ground.errors import RunError
from sim.ground.files import write_safely
from sim.seminar.kit import cards, printing, whole
from sim.seminar.kit.contents import (
    ANSWERS_CSV,
    CARDS,
    HOMEWORK,
    INDEX,
    KNOWN,
    LATER_CARDS,
    LENGTHS,
    MEMORY,
    NOTES,
    PLAN,
    PRINTED,
    RECORD,
    SAID,
    SHORTER,
    SLIDES,
    TESTS,
)
from sim.seminar.kit.face import Face, face_of
from sim.seminar.kit.homework import homework_of
from sim.seminar.kit.key import forecasts_of, key_of, shown_key
from sim.seminar.kit.pitfalls import general, pitfalls
from sim.seminar.kit.reading import reading_list
from sim.seminar.kit.whole import Kit
from sim.seminar.kit.writing import write_kit
from sim.seminar.lesson.block import checked_at, load_scenario
from sim.seminar.lesson.forecast import forecast
from sim.seminar.lesson.plan import plan_of
from sim.seminar.lesson.results import BASE, SIMULATOR
from sim.seminar.pages.past import Teller
from sim.study.compared import named, observed
from sim.study.comparing import compared

PAGES = [name for name in SAID if name.endswith(".html")]


def both() -> dict[str, Any]:
    """A lesson with rounds, roles, notes, a question of its own and a role play."""
    data = lesson(
        notes="Ask who has fished.",
        after="Fish is only fish.",
        play=deepcopy(PLAY) | {"from": "2021-07-01", "notes": "Keep the trawler out of it."},
    )
    data["ensemble"] = {"seed": 2}
    own = {"ask": "own", "title": "Who wins the cup", "answers": ["Rome", "Paris"]}
    data["seminar"]["rounds"][0]["notes"] = "Most say that nothing comes."
    data["seminar"]["rounds"][1]["questions"].append(own | {"right": "Paris", "source": "L'Équipe"})
    return data


# ---------------------------------------------------------------------------------- whole


@pytest.mark.parametrize("path", LESSONS)
def test_every_shipped_lesson_has_a_kit(path: Path) -> None:
    plan, made = shipped(path)
    needed = {INDEX, RECORD, PLAN, NOTES, SLIDES, HOMEWORK, ANSWERS_CSV, *TESTS.values()}
    assert needed - {*made.files} == set()
    assert (CARDS in made.files) == bool(plan.lesson.roles or (plan.play and not plan.rounds))
    assert (LATER_CARDS in made.files) == bool(plan.play and plan.rounds)
    assert (MEMORY in made.files) == bool(plan.rounds)
    index = text_of(made.files[INDEX])
    assert all(SAID[name][0] in index for name in SAID if name in made.files)
    assert {*made.files} - {*KNOWN, RECORD} == set()
    assert made.notes[-1] == whole.WITHOUT_PDF


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("path", OTHERS)
def test_the_kit_of_another_lesson_is_as_sound(path: Path, tmp_path: Path) -> None:
    """What is asked of the kit of one lesson of each kind, of a kit that is made once."""
    test_every_shipped_lesson_has_a_kit(path)
    test_what_students_get_before_says_nothing_of_what_comes(path)
    test_pages_fetch_nothing_and_links_lead_somewhere(path)
    for minutes in LENGTHS:
        (tmp_path / str(minutes)).mkdir()
        test_kit_plan.test_every_shipped_lesson_fits_or_is_made_to(
            path, minutes, tmp_path / str(minutes)
        )
    test_the_homework_of_a_shipped_lesson_can_be_run(path, tmp_path)
    made = shipped(path)[1]
    with browser.window() as window:
        hold_slides(window, all_files(made, tmp_path / "kit"))
        hold_cards(window, made, tmp_path / "kit")


def test_a_kit_has_the_same_bytes_twice() -> None:
    first, second = kit(both())[1], kit(both())[1]
    assert first == second
    other = both()
    other["seminar"]["rounds"][0]["title"] = "Autumn"
    assert kit(other)[1] != first  # control


def test_a_scenario_without_a_lesson_has_a_kit_of_the_offered_one() -> None:
    data = deepcopy(LESSON)
    del data["seminar"]
    plan, made = kit(data)
    assert plan.offered
    assert "After 2021-02-" in text_of(made.files[PLAN])


# ---------------------------------------------------------------------------------- secrets


@pytest.mark.parametrize("path", LESSONS)
def test_what_students_get_before_says_nothing_of_what_comes(path: Path) -> None:
    plan, made = shipped(path)
    hidden = secrets(plan)
    assert len(hidden) > 5
    assert seen_in(made.files, "before/", hidden) == []
    assert len(seen_in(made.files, "teacher/", hidden)) > 3  # control: the spy can see


def test_control_a_card_that_tells_too_much_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = cards.cards_of

    def talkative(plan: Any) -> tuple[cards.Card, ...]:
        told = key_of(plan, {})[0].answers[0].evidence
        return tuple(replace(card, events=told) for card in honest(plan))

    plan, made = kit(both())
    assert seen_in(made.files, "before/", secrets(plan)) == []
    monkeypatch.setattr(whole, "cards_of", talkative)
    plan, made = kit(both())
    found = {word for _, word in seen_in(made.files, "before/", secrets(plan))}
    assert "Rome ends all contact over a trawler." in found


def test_notes_stay_in_the_teacher_s_folder_and_after_comes_after() -> None:
    plan, made = kit(both())
    notes = plan.lesson.all_notes()
    assert len(notes) == 3
    assert {n for n, _ in seen_in(made.files, "", notes)} == {NOTES, *SHORTER.values()} & {
        *made.files
    }
    assert {w for n, w in seen_in(made.files, "", notes) if n == NOTES} == {*notes}
    last = text_of(made.files[SLIDES]).rpartition("Fish is only fish.")[2]
    assert len(last) < 10  # it is on the last slide, before its number


def test_slides_tell_an_event_as_the_room_does_at_that_reveal() -> None:
    """The log's own words about an event may give away what a later round asks."""
    data = both()
    data["seminar"]["retold"]["the-cut"] = "Rome is angry."
    plan, made = kit(data)
    slides = text_of(made.files[SLIDES])
    assert "Rome is angry." in slides
    assert "over a trawler" not in slides
    assert "over a trawler" in text_of(made.files[NOTES])
    del data["seminar"]["play"]  # control: after the last reveal all is told
    data["seminar"]["rounds"].pop()
    assert "over a trawler" in text_of(kit(data)[1].files[SLIDES])
    assert [k.plan for k in shown_key(face_of(plan), {})] == [k.plan for k in key_of(plan, {})]


def test_a_card_holds_what_its_part_may_know() -> None:
    data = play_lesson()
    data["doctrines"] = {"proud": {"title": "Proud and slow", "extends": "transactional"}}
    data["parties"]["ITA"] = {"doctrine": "proud"}
    denies = {"FRA": {"denial": True, "summary": "We rang nobody."}}
    for n in range(6):
        event = {**data["history"]["events"][0], "id": f"old-{n}", "date": f"2021-01-0{n + 1}"}
        data["history"]["events"].append(
            event | {"summary": f"Call {n} of six.", "accounts": denies if n == 5 else {}}
        )
    made = cards.cards_of(plan_of(load_scenario(data)))
    assert [(c.team, c.title.split()[1]) for c in made] == [
        (team, part)
        for team in ("France", "Italy")
        for part in ("minister", "adviser", "desk", "press")
    ]
    said = {(c.team, c.title.split()[1]): repr(c) for c in made}
    assert {k for k, text in said.items() if "Proud and slow" in text} == {("Italy", "adviser")}
    assert {k for k, text in said.items() if "Call 0 of six" in text} == {
        ("France", "desk"),
        ("Italy", "desk"),
    }
    for other, words in (("Italy", "We rang nobody."), ("France", "It was a wrong number.")):
        own = {team for (team, _), text in said.items() if words in text}
        assert own == {"France", "Italy"} - {other}
    assert all("trawler" not in text for text in said.values())


def test_a_disguise_is_in_all_that_students_see_before_it_is_lifted() -> None:
    _, made = kit(worn_lesson())
    before = [n for n in made.files if n.startswith("before/")]
    shown = {name: made.files[name].decode() for name in (*before, LATER_CARDS)}
    slides = made.files[SLIDES].decode()
    shown["slides"], _, lifted = slides.partition("The disguise is lifted")
    assert {name: seen(text) for name, text in shown.items()} == {name: [] for name in shown}
    assert "Arcadia" in shown[CARDS]  # control: they name somebody
    assert "Szohod" in shown["slides"]
    assert "Arcadia is France." in lifted  # and the true names are where they may be
    assert "France: in class Arcadia (ARC)" in text_of(made.files[NOTES])
    assert any("is in disguise" in note for note in made.notes)
    assert any(
        "Le Matin" in text for text in seen(made.files["after/reading-list-after.md"].decode())
    )


def test_control_true_names_before_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        whole, "face_of", lambda plan: Face(plan, Teller.of(plan), (), face_of(plan).lifted)
    )
    _, made = kit(worn_lesson())
    assert {"Paris", "France"} <= {*seen(made.files[LATER_CARDS].decode())}


# ---------------------------------------------------------------------------------- the key


def test_the_key_gives_what_the_seminar_gives() -> None:
    plan = plan_of(load_scenario(both()))
    simulated = forecasts_of(plan, 20)
    given = forecast(plan, plan.rounds[0], 20)
    keys = key_of(plan, simulated)
    first, own = keys[0].answers[0], keys[1].answers[-1]
    assert first.came == "cut off"
    assert [e.date for e in first.evidence] == ["2021-03-01"]
    lines = {line.who: line for line in first.lines}
    assert lines[SIMULATOR].probabilities == given["r1q1"]
    assert lines[BASE].probabilities == pytest.approx((0.97, 0.01, 0.01, 0.01))
    assert (own.came, own.lines) == ("Paris", ())
    notes = text_of(kit(both())[1].files[NOTES])
    for words in ("2021-03-01: Contact cut (ITA).", "L'Équipe", "Most say that nothing comes."):
        assert words in notes


def test_what_goes_wrong_is_in_numbers_of_the_lesson() -> None:
    plan = plan_of(load_scenario(both()))
    said = " ".join(general(plan))
    assert "a Brier score of 1.96 and a log score of 4.61; 50 % costs 0.50 and 0.69" in said
    assert "four answers the same has a Brier score of 0.75 and a log score of 1.39" in said
    keys = key_of(plan, forecasts_of(plan, 20))
    assert any("The day is not certain." in text for text in pitfalls(keys[0].answers[0], plan.log))
    play = plan_of(load_scenario(play_lesson()))
    assert general(play) == []


def test_a_lesson_that_ships_says_what_silence_and_one_side_s_view_do() -> None:
    _, made = shipped(ARTICLE)
    notes = text_of(made.files[NOTES])
    assert "A contact that Russia does not count changes nothing in this view." in notes
    assert "Russia does not count this as contact." in notes
    given = re.findall(r"and the simulator (\d+) %\. (A low number|Ask which events)", notes)
    assert {told for _, told in given} == {"A low number", "Ask which events"}
    assert all((int(percent) < 20) == (told == "A low number") for percent, told in given)
    data = lesson()
    data["seminar"]["rounds"] = [
        {
            "title": "Summer",
            "cut": "2021-06-02",
            "by": "2021-10-31",
            "questions": [{"ask": "next_state"}],
        }
    ]
    words = text_of(kit(data)[1].files[NOTES])
    assert "The class looks for an event, and there is none" in words
    assert "There was no contact for 60 days" in words


# ---------------------------------------------------------------------------------- after


def test_the_reading_list_has_each_source_once_in_order() -> None:
    data = both()
    paper = {"title": "Same", "author": "Zed", "date": "2021-12-01", "url": "https://a.example/x"}
    data["history"]["sources"] = {
        "paper": paper,
        "early": {"title": "Early", "author": "Abel", "date": "2021-01-10"},
        "again": paper,
        "unused": {"title": "Never read"},
    }
    _, cut, second = data["history"]["events"]
    cut["source"] = {"document": "paper", "urls": ["https://b.example/1", "https://b.example/2"]}
    second["source"] = {"document": "again", "urls": ["https://b.example/1"]}
    listed = reading_list(plan_of(load_scenario(data)))
    assert [w.title for w in listed.works] == ["Early", "Same"]
    assert [(r.url, r.about) for r in listed.addresses] == [
        ("https://b.example/1", "2021-03-01, Contact cut (ITA); 2021-06-01, Call held"),
        ("https://b.example/2", "2021-03-01, Contact cut (ITA)"),
    ]
    files = kit(data)[1].files
    assert files["after/reading-list-after.bib"].count(b"@misc{") == 2
    assert [x["title"] for x in json.loads(files["after/reading-list-after.json"])] == [
        "Early",
        "Same",
    ]
    assert files["after/reading-list-after.md"].decode().count("https://b.example/1") == 1


def laid_out(made: Kit, folder: Path) -> None:
    """Write the folder for students after the lesson."""
    for name, content in made.files.items():
        if name.startswith("after/"):
            (folder / name.removeprefix("after/")).write_bytes(content)


@pytest.mark.usefixtures("drawn_never")
def test_the_commands_of_the_homework_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, made = kit(both())
    laid_out(made, tmp_path)
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r'<pre class="command">(.*?)</pre>', made.files[HOMEWORK].decode())
    assert [command.split()[1] for command in commands] == ["run", "compare", "compare"]
    for command in commands[:2]:  # the third is as the second
        program, *words = command.split()
        assert program == "sim"
        few = [{"2000": "40"}.get(word, word) for word in words]
        done = CliRunner().invoke(cli.app, [*few, "--workers", "1"])
        assert done.exit_code == 0, (command, done.output, done.exception)
        assert (tmp_path / words[-1] / "report.html").is_file()


@pytest.mark.parametrize("path", LESSONS)
def test_the_homework_of_a_shipped_lesson_can_be_run(path: Path, tmp_path: Path) -> None:
    """As its commands do it, without the pages that they draw."""
    _, made = shipped(path)
    laid_out(made, tmp_path)
    found = re.findall(r"sim compare (\S+) (\S+) -n", made.files[HOMEWORK].decode())
    assert len(found) == 2
    weighed = checked_at(tmp_path / found[1][1])
    assert weighed.doctrines != checked_at(tmp_path / found[1][0]).doctrines
    name, first, others = named(*(tmp_path / file for file in found[0]), load=checked_at)
    first, rest = observed(first, others)
    run = compared(name, first, rest, Settings(4, 1, workers=1))
    assert run.base.replications == 4


def test_a_homework_changes_what_it_says() -> None:
    plan = plan_of(load_scenario(both()))
    made = homework_of(plan, key_of(plan, {}))
    assert "- remove: the-cut" in made.files["homework-what-if.yaml"]
    assert "seminar:" not in made.files["homework-scenario.yaml"]
    settled = [q.text for r in plan.rounds for q in r.questions]
    assert not {t.rstrip("?") for t in settled} & {*made.tasks[0].choices}
    total = sum(task.points for task in made.tasks)
    assert f"{total} points in all" in text_of(kit(both())[1].files[HOMEWORK])


# ---------------------------------------------------------------------------------- hostile


HOSTILE = "</style></script><script>alert(1)</script> =1+1 [x](javascript:alert(1))"


def test_texts_are_text_and_links_lead_where_the_log_says() -> None:
    data = both()
    seminar, history = data["seminar"], data["history"]
    data["title"] = HOSTILE
    seminar.update(title=HOSTILE[:120], welcome=HOSTILE, notes=HOSTILE, after=HOSTILE)
    seminar["roles"]["paris"].update(title=HOSTILE[:120], brief=HOSTILE)
    seminar["retold"]["first-call"] = HOSTILE
    for part in (*seminar["rounds"], seminar["play"]):
        part.update(title=HOSTILE[:120], brief=HOSTILE, notes=HOSTILE)
    for event in history["events"]:
        event["summary"] = HOSTILE
        event["accounts"] = {"ITA": {"summary": HOSTILE}}
    history["sources"]["paper"] = {"title": HOSTILE, "url": "javascript:alert(1)"}
    history["events"][1]["source"]["urls"] = ["javascript:alert(1)", 'https://x.example/"><b>']
    for outcome in data["outcomes"].values():
        outcome["title"] = HOSTILE
    _, made = kit(data)
    for name, page in made.files.items():
        if name.endswith(".html"):
            text = page.decode()
            assert "<script>alert" not in text, name
            assert 'href="javascript' not in text, name
            assert text.count("<script>") == (name == SLIDES), name
            assert "alert(1)" in text or name in TESTS.values() or name == MEMORY, name
    rows = list(csv.reader(io.StringIO(made.files[ANSWERS_CSV].decode())))
    assert len(rows) == 21
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    listed = made.files["after/reading-list-after.md"].decode()
    assert re.findall(r"(?<!\\)\]\(|<", listed) == []
    assert re.findall(r"(?<!\\)\]\(|<", "[x](y) <b>") == ["](", "<"]  # control


def links(page: bytes) -> list[str]:
    return re.findall(r'href="([^"]*)"', page.decode())


@pytest.mark.parametrize("path", LESSONS)
def test_pages_fetch_nothing_and_links_lead_somewhere(path: Path) -> None:
    plan, made = shipped(path)
    known = {w.url for w in reading_list(plan).works}
    known |= {u for e in plan.log.events if e.source is not None for u in e.source.urls}
    for name, page in made.files.items():
        if name.endswith(".html"):
            fetched = re.findall(r'\ssrc="|url\(|@import|<link\b|<iframe', page.decode())
            assert fetched == [], name
            for link in links(page):
                unescaped = link.replace("&amp;", "&")
                assert link in made.files if name == INDEX else unescaped in known, (name, link)
    assert re.findall(r"@import", "@import url(x)") == ["@import"]  # control


# ---------------------------------------------------------------------------------- the folder


def test_a_kit_replaces_a_kit_and_nothing_else(tmp_path: Path) -> None:
    plan, made = kit(both())
    folder = tmp_path / "kit"
    write_kit(made, plan.scenario, folder)
    written = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert written == {*made.files}
    (folder / "teacher" / "mine.txt").write_text("my own")
    play, other = kit(play_lesson())
    write_kit(other, play.scenario, folder)
    assert not (folder / MEMORY).exists()  # of the other lesson nothing stays
    assert (folder / "teacher" / "mine.txt").read_text() == "my own"
    assert (folder / PLAN).read_bytes() == other.files[PLAN]
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "thesis.doc").write_text("years of work")
    with pytest.raises(RunError, match="holds files that are not a kit's; choose another --out"):
        write_kit(made, plan.scenario, strange)
    assert [p.name for p in strange.iterdir()] == ["thesis.doc"]


def test_a_kit_that_was_stopped_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, made = kit(play_lesson())

    def full(path: Path, content: bytes) -> None:
        if path.name != RECORD:
            raise RunError(f"{path}: cannot be written: the disk is full")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    with monkeypatch.context() as patched:
        patched.setattr("sim.seminar.kit.writing.write_safely", full)
        with pytest.raises(RunError, match="the disk is full"):
            write_kit(made, plan.scenario, tmp_path / "kit")
    write_kit(made, plan.scenario, tmp_path / "kit")
    assert (tmp_path / "kit" / INDEX).is_file()


def test_a_kit_that_was_stopped_has_no_first_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of two lessons may lie beside each other then, and nobody hands them out."""
    plan, made = kit(play_lesson())
    write_kit(made, plan.scenario, tmp_path)
    written = list[str]()

    def full(path: Path, content: bytes) -> None:
        written.append(path.relative_to(tmp_path).as_posix())
        if written[-1] == NOTES:
            raise RunError(f"{path}: cannot be written: the disk is full")
        write_safely(path, content)

    monkeypatch.setattr("sim.seminar.kit.writing.write_safely", full)
    with pytest.raises(RunError, match="the disk is full"):
        write_kit(made, plan.scenario, tmp_path)
    assert len(written) > 2
    assert not (tmp_path / INDEX).exists()


def test_the_command_writes_the_folder_and_says_what_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plan = shipped(ROLE_PLAY)[0]
    monkeypatch.setattr(printing, "browser", lambda: None)
    done = CliRunner().invoke(cli.app, ["kit", str(ROLE_PLAY)])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1] == "seminar-play-kit/index.html"
    assert whole.WITHOUT_PDF in done.output
    assert plan.title in (tmp_path / "seminar-play-kit" / INDEX).read_text("utf-8")


def test_a_browser_that_fails_leaves_the_pdf_out() -> None:
    assert printing.printed("<p>x</p>", "false") is None
    assert printing.printed("<p>x</p>", "/no/such/browser") is None
    plan = plan_of(load_scenario(play_lesson()))
    made: Kit = whole.kit_of(plan, "false", 20)
    assert PRINTED not in made.files
    assert whole.WITHOUT_PDF in text_of(made.files[INDEX])
