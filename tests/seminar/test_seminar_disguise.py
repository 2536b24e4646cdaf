"""The disguise of a lesson: what it refuses, how it moves dates, and that no number changes."""

from __future__ import annotations

from copy import deepcopy
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lessons import SALT, TEACHER, forecasted, go_to, percents, seat
from worn import DISGUISE, seen, worn_lesson

from sim.ground.dates import DAY_S, parse
from sim.ground.errors import InputError
from sim.ground.language import Language, speaking
from sim.ground.yaml import dump_yaml
from sim.log.projection import timeline
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.disguise_dates import Dates, in_numbers, moved
from sim.seminar.lesson.disguised import Disguised, disguised
from sim.seminar.lesson.forecast import forecast
from sim.seminar.lesson.plan import Plan, plan_of
from sim.seminar.lesson.results import question_result
from sim.seminar.lesson.session import Session, check_home
from sim.seminar.pages.export import scores_table
from sim.seminar.pages.handout import handout
from sim.seminar.pages.readable import readable
from sim.seminar.pages.shown import Faces
from sim.seminar.record.file import load_record, record_lines
from sim.seminar.record.store import Store
from sim.seminar.what_if.whole import SEMINAR

SHIFT_S = DISGUISE["shift_days"] * DAY_S


@pytest.fixture(scope="module", name="worn")
def _worn() -> Disguised:
    found = disguised(plan_of(load_scenario(worn_lesson())))
    assert found is not None
    return found


def bare() -> Plan:
    """Return the same lesson without the disguise."""
    data = worn_lesson()
    del data["seminar"]["disguise"]
    return plan_of(load_scenario(data))


# ---------------------------------------------------------------------------------- rules


def problems(folder: Path, **changes: Any) -> list[str]:
    """Return what is wrong with a disguise, without the name of the file."""
    spec = deepcopy(DISGUISE)
    for key, value in changes.items():
        spec[key] = {**spec[key], **value} if isinstance(value, dict) else value
        if isinstance(value, dict):
            spec[key] = {k: v for k, v in spec[key].items() if v is not None}
    path = folder / "lesson.yaml"
    path.write_text(dump_yaml(worn_lesson(**spec)))
    try:
        load_scenario(path)
    except InputError as error:
        lines = path.read_text().splitlines()
        for problem in error.problems:
            assert problem.line > lines.index("  disguise:")  # the file, and the line in it
        return [str(p).partition("seminar.disguise.")[2] for p in error.problems]
    return []


def test_a_whole_disguise_is_taken(tmp_path: Path) -> None:
    assert problems(tmp_path) == []
    assert problems(tmp_path, names={"the French": "Arcadians"}) == []  # it holds `French`


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"names": {"Trieste": None}}, "names: “Trieste” (the event the-cut) has no disguise"),
        ({"names": {"Rome": None}}, "names: “Rome” (the welcome) has no disguise"),
        ({"names": {"EU": None}}, "names: “EU” (the forum eu-next) has no disguise"),
        ({"names": {"Dupont": None, "Luc Dupont": None}}, "names: “Luc Dupont” (the play) has no"),
        ({"keep": []}, "names: “Mediterranean” (the welcome) has no disguise"),
        ({"parties": {"CHE": None}}, "parties: CHE has no disguise"),
        ({"parties": {"ITA": None}}, "parties: ITA has no disguise"),
        ({"names": {"Rome": "Klow"}}, "names.Rome: stands for “Paris” too"),
        ({"names": {"Rome": "Arcadia"}}, "names.Rome: stands for “France” too"),
        ({"names": {"Rome": "Paris"}}, "names.Rome: must hold no true name (got Paris)"),
        ({"names": {"Rome": "New Paris"}}, "names.Rome: must hold no true name (got New Paris)"),
        ({"names": {"Rome": "Old FRA"}}, "names.Rome: must hold no true name (got Old FRA)"),
        ({"names": {"FRA": "Freedonia"}}, "names.FRA: is the code of a party"),
        ({"names": {"Held": "Shut"}}, "names: a name stands for a word that must stay: events"),
        (
            {"parties": {"FRA": {"code": "DEU", "name": "Arcadia"}}},
            "parties.FRA.code: is the code of Germany (got DEU)",
        ),
        (
            {"parties": {"FRA": {"code": "arc", "name": "Arcadia"}}},
            "parties.FRA.code: must be three capital letters or digits (got arc)",
        ),
        (
            {"parties": {"FRA": {"code": "BOR", "name": "Arcadia"}}},
            "parties.ITA.code: stands for FRA too",
        ),
        (
            {"parties": {"FRA": {"code": "ARC", "name": "Borduria"}}},
            "parties.ITA.name: stands for “France” too",
        ),
        (
            {"parties": {"FRA": {"code": "ARC", "name": "Italy"}}},
            "parties.FRA.name: must hold no true name (got Italy)",
        ),
        ({"shift_days": 90_000}, "shift_days: moves dates out of the years 1801 to 2198"),
        ({"shift_days": 100_001}, "shift_days: "),
    ],
)
def test_what_would_leak_or_mislead_is_refused(
    tmp_path: Path, changes: dict[str, Any], rule: str
) -> None:
    found = problems(tmp_path, **changes)
    assert [f for f in found if f.startswith(rule)], found


def test_all_that_was_forgotten_is_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, names=dict.fromkeys(DISGUISE["names"]), keep=[])
    words = [f.partition("“")[2].partition("”")[0] for f in found]
    wanted = {"Paris", "Rome", "Italians", "Luc Dupont", "Trieste", "Geneva", "EU"}
    assert wanted <= {*words}
    assert len(words) == len({*words})


def refused(data: dict[str, Any]) -> list[str]:
    """What is told of a lesson in disguise, without its place; nothing where it is taken."""
    try:
        load_scenario(data)
    except InputError as error:
        return [str(p).partition("seminar.disguise.")[2] for p in error.problems]
    return []


def test_a_person_whom_no_text_names_needs_a_name_too() -> None:
    """A page says who was detained by the id alone: petr-novak becomes Petr Novak."""
    held = {"id": "held", "date": "2021-02", "kind": "detained", "persons": ["petr-novak"],
            "held_by": "ITA", "national_of": "FRA"}  # fmt: skip
    found = []
    for worn in ({}, {"keep": ["Mediterranean", "Novak", "Petr"]}, {"texts": False}):
        data = worn_lesson(**worn)
        data["history"]["events"].append(held)
        found.append(refused(data))
    words = [f"names: “{w}” (the event held) has no disguise" for w in ("novak", "petr")]
    assert [told.partition(":")[0] + ":" + told.partition(":")[2].partition(":")[0]
            for told in found[0]] == words  # fmt: skip
    assert found[1:] == [[], []]


def test_ids_that_pages_show_need_names_too() -> None:
    """A page calls a channel without a title by its id, and a subject that the log declares."""

    def told(where: str, text: str, **worn: Any) -> list[str]:
        data = worn_lesson(**worn)
        if where == "channel":
            data["history"]["channels"][text] = {"parties": ["FRA", "ITA"], "initial": "open"}
        else:
            data["history"]["agendas"] = {text: {"title": "The port"}}
            event = data["history"]["events"][0 if where == "subject" else -1]
            event["accounts"] = {"ITA": {"agenda": [text, "borders"]}}
        return [problem.partition(":")[2].partition(":")[0] for problem in refused(data)]

    brest = {**DISGUISE["names"], "Brest": "Klow Bay"}
    for where, text in (("channel", "fra-ita/brest"), ("subject", "brest")):
        at = f"channel {text}" if where == "channel" else "event first-call"
        assert told(where, text) == [f" “brest” (the {at}) has no disguise"]
        assert told(where, text, names=brest) == []
        assert told(where, text, keep=["Mediterranean", "brest"]) == []
    assert told("channel", "fra-ita/deputies") == []  # a level as any other
    assert told("late subject", "brest") == []  # nobody sees it in disguise


def test_ids_hold_names_without_their_accents() -> None:
    """A channel without a title is called by its id, and an id has plain letters alone."""
    data = worn_lesson()
    talks = "fra-ita/munchen-talks"
    data["history"]["channels"][talks] = {"parties": ["FRA", "ITA"], "initial": "open"}
    data["seminar"]["welcome"] = "They met in München."
    data["seminar"]["disguise"]["names"]["München"] = "Klöster"
    data["seminar"]["disguise"]["keep"].append("talks")
    worn = disguised(plan_of(load_scenario(data)))
    assert worn is not None
    assert "arc-bor/kloster-talks" in worn.plan.log.channels


@pytest.mark.parametrize("date", ["10.01.2021", "1/10/2021", "10-01-2021"])
def test_a_date_in_numbers_alone_is_refused(date: str) -> None:
    data = worn_lesson()
    data["history"]["events"][1]["summary"] = f"On {date} Rome ends all contact."
    rule = f"shift_days: “{date}” (the event the-cut) is not moved"
    assert [told[: len(rule)] for told in refused(data)] == [rule]
    data["seminar"]["disguise"]["shift_days"] = 0
    assert refused(data) == []
    assert in_numbers("12.5.1, 10.01.20211, 2021-01-10, 1/2, 2021/22") is None


def test_names_in_small_letters_are_found_where_a_language_writes_them_so() -> None:
    def told(language: str, **names: str) -> list[str]:
        data = worn_lesson(names={**DISGUISE["names"], "Gaulois": "Bordure", **names})
        data["seminar"]["language"] = language
        data["seminar"]["welcome"] = "Le ministre gaulois, la presse gauloise, un gaulage."
        return refused(data)

    found = sorted(f.partition("”")[0] for f in told("fr"))
    assert found == ["names: “gaulois", "names: “gauloise"]
    assert told("fr", gaulois="bordure", gauloise="bordurette") == []
    assert told("en") == []


def test_a_log_without_its_texts_needs_few_names(tmp_path: Path) -> None:
    """Without the log's texts nobody reads of Trieste, and people are numbered."""
    assert problems(tmp_path, texts=False, names={"Trieste": None}) == []
    scenario = load_scenario(worn_lesson(texts=False))
    worn = disguised(plan_of(scenario))
    assert worn is not None
    held = next(e for e in worn.plan.log.events if e.kind == "detained")
    assert held.persons == ("person-1",)
    assert held.doubt is None
    kept = next(e for e in worn.plan.log.events if e.kind == "treaty_suspended")
    assert (kept.treaty, kept.summary) == ("the treaty", None)


def test_who_would_give_it_away_is_refused() -> None:
    plan = plan_of(load_scenario(worn_lesson()))
    with pytest.raises(InputError, match="--home"):
        check_home(plan)
    check_home(bare())  # control
    with pytest.raises(InputError, match="--lift"):
        handout(plan.scenario)
    assert "Paris" in handout(plan.scenario, lift=True)


# ---------------------------------------------------------------------------------- dates


@given(
    st.sampled_from(["2022", "2022-02", "2022-02-24", "2022-02-24T10:20:30Z", "2020-02~",
                     "2021-12~/2022-02-20", "2021/2022-03?", "2022-02-21/2022-02-24"]),
    st.integers(-60_000, 60_000),
)  # fmt: skip
def test_a_moved_date_covers_the_same_days_moved(date: str, days: int) -> None:
    span, found = parse(date), parse(moved(date, days))
    assert (found.lo_s, found.hi_s) == (span.lo_s + days * DAY_S, span.hi_s + days * DAY_S)
    assert found.doubt == span.doubt


def test_months_and_years_stay_what_they_are_where_the_calendar_lets_them() -> None:
    assert moved("2022-07", -10_227) == "1994-07"  # 28 years
    assert moved("2022", -10_227) == "1994"
    assert moved("2022-07", -10_226) == "1994-07-02/1994-08-01"
    assert moved("2022-07?", 0) == "2022-07?"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("On 20 February 2022 they met.", "On 22 May 1994 they met."),
        ("On 20 February, in March.", "On 22 May, in June."),
        ("March on, they may. May they?", "March on, they may. May they?"),
        ("From 20 to 24 February 2022.", "From 22 to 26 May 1994."),
        ("From 27 to 30 February 2022.", "From 27 to 30 February 2022."),  # no such day: it stays
        ("On 1 and 2 March 2022", "On 31 May and 1 June 1994"),
        ("February 24, 2022", "May 26, 1994"),
        ("Feb. 2022 and Feb 2022", "May 1994 and May 1994"),
        ("In June 2022, 2021 to 2023", "In September 1994, 1993 to 1995"),
        ("2021–22, the 2010s, 2022-02-24, 2022-07", "1993–94, the 1980s, 1994-05-26, 1994-10"),
        ("the 20th of February 2022, February 20th", "the 22 May 1994, May 22"),
        ("2,022 people, 12022, 2022.5, 20%", "2,022 people, 12022, 2022.5, 20%"),
    ],
)
def test_dates_in_a_sentence_are_moved(text: str, told: str) -> None:
    assert Dates(-10_136, parse("2022").lo_s).moved(text) == told


# ---------------------------------------------------------------------------------- numbers


def test_nothing_is_counted_anew(worn: Disguised) -> None:
    """Truths, base rates and states are the same; dates are the same, moved."""
    true, shown = bare(), worn.plan
    for one, two in zip(true.rounds, shown.rounds, strict=True):
        assert two.cut_s == one.cut_s + SHIFT_S
        assert parse(two.cut).hi_s == two.cut_s
        for a, b in zip(one.questions, two.questions, strict=True):
            assert (a.id, a.truth, a.present) == (b.id, b.truth, b.present)
            assert a.base_rate == b.base_rate
            assert b.end_s == a.end_s + SHIFT_S
    end_s = parse("2021-12-31").hi_s
    for view, worn_view in (("observer", "observer"), ("FRA", "ARC"), ("ITA", "BOR")):
        held = timeline(true.log, "fra-ita/ministers", view, end_s=end_s)
        told = timeline(shown.log, "arc-bor/ministers", worn_view, end_s=end_s + SHIFT_S)
        assert len(held) > 2
        assert [(i.state, i.start_s + SHIFT_S, i.end_s + SHIFT_S, i.lapsed) for i in held] == [
            (i.state, i.start_s, i.end_s, i.lapsed) for i in told
        ]
    assert shown.play is not None
    play = shown.play
    reach = (shown.log, shown.lesson, shown.rounds, play.spec, play.channels)
    assert seen(" ".join(map(repr, reach))) == []
    assert seen(repr(true.log))  # control


def test_the_simulator_forecasts_the_true_scenario(worn: Disguised) -> None:
    true = bare()
    for one, two in zip(true.rounds, worn.true.rounds, strict=True):
        assert forecast(worn.true, two, worlds=40) == forecast(true, one, worlds=40)


def held(folder: Path, plan: Plan) -> Session:
    """Hold the first round with six students, of whom each says something else."""
    session = Session(plan, Store(folder / "record.sqlite", SEMINAR))
    session.start(0, "ABC234", TEACHER)
    forecasted(session)
    for n in range(1, 7):
        session.join(n, f"S{n}", plan.lesson.groups[n % 2], seat(n))
    go_to(session, "vote")
    for n in range(1, 7):
        session.answer(100_000, n, 0, 1, percents(session, 10 * n), f"Because {n}")
    go_to(session, "revealed")
    return session


def test_scores_are_the_same_numbers_and_records_can_be_compared(tmp_path: Path) -> None:
    plans = plan_of(load_scenario(worn_lesson())), bare()
    for n in (0, 1):
        (tmp_path / str(n)).mkdir()
    worn, plain = (held(tmp_path / str(n), plan) for n, plan in enumerate(plans))
    shown = Faces(worn.plan).shown(worn.room)
    assert shown.worn is not None
    for number, question in enumerate(plain.plan.rounds[0].questions):
        there = shown.plan.rounds[0]
        a = question_result(plain.plan, plain.room, plain.plan.rounds[0], question)
        b = question_result(shown.plan, shown.room, there, there.questions[number])
        assert [(x.probabilities, x.score) for x in a.lines] == [
            (x.probabilities, x.score) for x in b.lines
        ]
    for session, said in ((worn, "true"), (plain, "false")):
        rows = scores_table(session.plan, session.room).splitlines()[1:]
        assert {row.rpartition(",")[2] for row in rows} == {said}
    heads = []
    for name, session in (("worn", worn), ("plain", plain)):
        path = tmp_path / f"{name}.jsonl"
        path.write_text(record_lines(session.store, session.plan.title, session.plan.digest))
        head, events = load_record(path, SEMINAR)
        heads.append((head.get("disguised", False), events[0].event))
    assert [h for h, _ in heads] == [True, False]
    assert [e.disguised for _, e in heads] == [True, False]  # type: ignore[attr-defined]
    digests = {e.questions_sha256 for _, e in heads}  # type: ignore[attr-defined]
    assert len(digests) == 1
    assert None not in digests
    other = worn_lesson()
    other["seminar"]["rounds"][1]["questions"][1]["right"] = "Paris"
    session = Session(plan_of(load_scenario(other)), Store(tmp_path / "o.sqlite", SEMINAR))
    session.start(0, "ABC234", SALT)
    assert session.room.opened is not None
    assert session.room.opened.questions_sha256 not in digests  # control: another question


def test_worlds_of_the_play_are_the_true_ones(worn: Disguised) -> None:
    """What teams are asked is the same at the same moment, moved, and the log is that of the true
    world in other words."""
    plain = bare().play
    shown, true = worn.plan.play, worn.true.play
    assert plain is not None
    assert shown is not None
    assert true is not None
    answers: tuple[bool | None, ...] = ()
    for _ in range(3):
        here, there = plain.worlds.at(answers), shown.worlds.at(answers)
        assert here.question is not None
        assert there.question is not None
        assert there.question.at_s == here.question.at_s + SHIFT_S
        assert there.question.features == here.question.features
        assert there.question.probability == here.question.probability
        assert there.question.party == {"FRA": "ARC", "ITA": "BOR"}[here.question.party]
        assert len(there.log("ARC").events) == len(here.log("FRA").events)
        assert seen(repr(there.log("ARC")) + repr(there.question)) == []
        assert true.worlds.at(answers).log("FRA") == here.log("FRA")
        answers = (*answers, True)


def test_what_students_can_read_is_told_in_disguise() -> None:
    told = "\n".join(readable(plan_of(load_scenario(worn_lesson()))))
    assert "the minister in Klow rings Szohod" in told
    assert seen(told) == []
    assert seen("\n".join(readable(bare())))  # control


class _OtherMonths(NullTranslations):
    """A language with months of its own."""

    def gettext(self, message: str) -> str:
        return {"February": "février", "March": "mars", "May": "mai", "June": "juin"}.get(
            message, message
        )


def test_dates_have_the_months_of_the_lesson_s_language() -> None:
    with speaking(Language("xx", _OtherMonths())):
        dates = Dates(-10_136, parse("2022").lo_s)
    said = "Le 20 février 2022, du 1er au 2 mars, en Février 2022."
    assert dates.moved(said) == "Le 22 mai 1994, du 31 mai au 1 juin, en mai 1994."
    english = "On 20 February 2022, in Feb. 2022, March on"  # the log may be coded in English
    assert dates.moved(english) == "On 22 May 1994, in May 1994, March on"
    assert Dates(-10_136, 0).moved("Le 20 février") == "Le 20 février"  # control: no English month


def test_the_example_of_the_guide_is_a_whole_disguise(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    guide = (root / "docs" / "seminar.md").read_text(encoding="utf-8")
    example = guide.partition("# worn-lesson.yaml\n")[2].partition("```")[0]
    path = tmp_path / "worn-lesson.yaml"
    path.write_text(example.replace("scenarios/", (root / "scenarios").as_posix() + "/"))
    told = "\n".join(readable(plan_of(load_scenario(path))))
    assert "Musztler" in told
    assert not seen(told, ("USA", "RUS", "Moscow", "Lavrov", "Whelan", "Ukraine", "2022"))
