"""Time travel and pages: nothing is shown before its time."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lessons import TEACHER, forecasted, go_to, lesson, opened, percents

from sim.ground.dates import parse
from sim.log.log import STATES
from sim.report.pages import environment
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.horizon import horizon
from sim.seminar.lesson.plan import Plan, plan_of
from sim.seminar.lesson.record import LESSON
from sim.seminar.lesson.session import Session
from sim.seminar.pages.past import Teller
from sim.seminar.pages.presenter import Presenter, Viewer
from sim.seminar.record.room import Room
from sim.seminar.record.store import Store
from sim.seminar.what_if.whole import SEMINAR


def day_end(date: str) -> int:
    return parse(date).hi_s


def test_the_horizon_moves_with_reveals_only(tmp_path: Path) -> None:
    session = opened(tmp_path, 1)
    plan = session.plan
    seen = []
    for phase in ("read", "sealed", "revealed", "read", "revealed", "over"):
        go_to(session, phase)
        seen.append(horizon(plan, session.room))
    cut1, end1, cut2, end2 = map(day_end, ("2021-02-15", "2021-03-31", "2021-05-01", "2021-06-30"))
    assert seen == [cut1, cut1, end1, cut2, end2, end2]
    assert horizon(plan, Room()) == cut1  # before the first round


def test_the_log_is_told_up_to_the_horizon() -> None:
    teller = Teller.of(plan_of(load_scenario(lesson())))
    early = teller.tell(day_end("2021-02-15"), False)
    assert [e.title for e in early.events] == ["Call held"]
    late = teller.tell(day_end("2021-03-31"), False)
    assert [e.title for e in late.events] == ["Call held", "Contact cut (ITA)"]
    assert {(v.viewpoint, v.state) for v in late.views} == {
        ("observer", "cut_off"),
        ("FRA", "cut_off"),
        ("ITA", "cut_off"),
    }
    assert (late.first, late.last) == ("2021-01-10", "2021-03-31")


def test_one_can_go_back_by_event_and_by_day() -> None:
    teller = Teller.of(plan_of(load_scenario(lesson())))
    until = day_end("2021-06-30")
    after_first = teller.tell(until, False, teller.after(until, 1))
    assert (after_first.shown, after_first.at) == (1, "2021-01-10")
    assert {v.state for v in after_first.views} == {"open"}
    in_april = teller.tell(until, False, day_end("2021-04-15"))
    assert (in_april.shown, in_april.at) == (2, "2021-04-15")
    before_all = teller.tell(until, False, day_end("1999-01-01"))
    assert before_all.at == "2021-01-10"
    beyond = teller.tell(until, False, day_end("2199-01-01"))
    assert (beyond.at, beyond.shown) == ("2021-06-30", 3)
    for place in (0, 4, 999_999):
        assert teller.after(until, place) == until


def test_what_is_retold_does_not_show_the_coders_own_words() -> None:
    scenario = load_scenario(lesson())
    log = scenario.history
    assert log is not None
    told = tuple(e.model_copy(update={"short": f"Coded {e.id}"}) for e in log.events)
    teller = Teller.of(plan_of(scenario))
    teller.log = log.model_copy(update={"events": told})
    call, cut = teller.tell(day_end("2021-03-31"), False).events
    assert call.title == "Call held"
    assert cut.title.startswith("Coded ")  # the control
    assert teller.tell(day_end("2021-12-31"), True).events[0].title == "Coded first-call"


def test_the_first_second_after_an_instant_is_not_shown_at_it() -> None:
    """Rome cuts contact as the day begins, and Paris calls a second later."""
    data = lesson()
    _, cut, call = data["history"]["events"]
    cut["date"], call["date"] = "2021-03-01T00:00:00Z", "2021-03-01T00:00:01Z"
    teller = Teller.of(plan_of(load_scenario(data)))
    until = day_end("2021-06-30")
    eve = teller.tell(until, False, day_end("2021-02-28"))
    assert (eve.at, eve.shown) == ("2021-02-28", 1)
    assert {v.state for v in eve.views} == {"open"}
    after_cut = teller.tell(until, False, teller.after(until, 2))
    assert after_cut.shown == 2
    assert {v.state for v in after_cut.views} == {"cut_off"}
    assert teller.tell(until, False, teller.after(until, 3)).shown == 3


def test_accounts_sources_and_doubts_wait_for_their_time() -> None:
    teller = Teller.of(plan_of(load_scenario(lesson())))
    early = teller.tell(day_end("2021-03-31"), False)
    call, cut = early.events
    assert call.summary == "The ministers speak."  # retold
    assert call.accounts == ()
    assert call.source == "What a newspaper wrote at once (2021-01-10), paragraph 2"
    assert cut.source == "a document of 2021-12-01; its title is shown from that date on"
    assert cut.doubt == "The day is not certain."
    over = teller.tell(day_end("2021-12-31"), True).events
    assert over[0].summary.startswith("The two ministers speak by telephone")
    assert [(a.party, a.text) for a in over[0].accounts] == [
        ("ITA", "denies that this was a contact; It was a wrong number.")
    ]
    assert over[1].source == "What a newspaper wrote later (2021-12-01)"


HIDDEN = {
    "0-read": (
        "Rome ends all contact",
        "Paris rings Rome",
        "What a newspaper wrote later",
        "Spring",
    ),
    "0-sealed": (
        "Rome ends all contact",
        "Paris rings Rome",
        "What a newspaper wrote later",
        "Spring",
    ),
    "0-revealed": (
        "Paris rings Rome",
        "What a newspaper wrote later",
        "Spring",
        "two ministers speak",
    ),
    "1-again": ("Paris rings Rome", "What a newspaper wrote later"),
}


def shown_to(session: Session, page: str, number: int = 1) -> str:
    presenter = Presenter(session.plan)
    student = session.room.students[number] if page == "room" else None
    values = presenter.values(session.room, Viewer(page, student))
    return repr(values)


def play_to(session: Session, place: str) -> None:
    round_, phase = place.split("-")
    while f"{LESSON.of(session.room).round}-{session.room.phase}" != place:
        go_to(
            session,
            {"0": "read", "1": "read"}[round_]
            if LESSON.of(session.room).round < int(round_)
            else phase,
        )


@pytest.mark.parametrize("place", HIDDEN)
@pytest.mark.parametrize("page", ["room", "board"])
def test_no_page_holds_what_comes_later(tmp_path: Path, place: str, page: str) -> None:
    session = opened(tmp_path, 2)
    forecasted(session)
    play_to(session, place)
    shown = shown_to(session, page)
    for text in HIDDEN[place]:
        assert text not in shown, text
    if place == "0-revealed":  # control: what is revealed is there
        assert "Rome ends all contact" in shown


@pytest.mark.parametrize("page", ["room", "board"])
def test_nobody_sees_another_s_answer_while_the_vote_is_open(tmp_path: Path, page: str) -> None:
    session = opened(tmp_path, 3)
    go_to(session, "vote")
    for n in (2, 3):
        session.answer(150_000, n, 0, 1, percents(session, 30 + n), f"Secret thought {n}.")
    assert "Secret thought" not in shown_to(session, page)
    assert "(32, 22" not in shown_to(session, page)
    go_to(session, "discuss")
    shown = shown_to(session, page)
    assert "Secret thought 2." in shown
    assert "Student 2" not in shown.replace("Student(number=1", "")
    go_to(session, "again")
    session.answer(160_000, 2, 0, 2, percents(session, 77), "A second thought.")
    assert "A second thought." not in shown_to(session, page)
    assert "(77, " not in shown_to(session, page)
    go_to(session, "sealed")
    assert "the-cut" not in shown_to(session, page)
    assert "A second thought." in shown_to(session, "room")


def test_a_hidden_reason_is_gone_from_every_page(tmp_path: Path) -> None:
    session = opened(tmp_path, 2)
    go_to(session, "vote")
    session.answer(150_000, 2, 0, 1, percents(session), "An insult.")
    go_to(session, "discuss")
    assert "An insult." in shown_to(session, "room")
    session.hide(160_000, 0, 1, 2)
    for page in ("room", "board"):
        assert "An insult." not in shown_to(session, page)


DENIED = {"FRA": {"denial": True, "summary": "Nobody in Paris rang anybody."}}


def denied_plan(**seminar: Any) -> Plan:
    """Return the small lesson, in which Paris denies the call of June."""
    data = lesson(**seminar)
    data["history"]["events"][2]["accounts"] = DENIED
    return plan_of(load_scenario(data))


def came(session: Session) -> str:
    """Render what happened, of the first question of a round that is revealed."""
    (question,) = Presenter(session.plan).values(session.room, Viewer("board"))["questions"]
    template = environment("sim.seminar.web").get_template("parts.html")
    html = template.make_module().__dict__["came"](question)
    return " ".join(re.sub("<[^>]*>", " ", html).split())


def test_a_reveal_tells_the_denial_that_leaves_a_state_as_it_is(tmp_path: Path) -> None:
    plan = denied_plan()
    question = plan.rounds[1].questions[0]
    assert (STATES[question.truth], question.evidence) == ("cut_off", ())
    assert question.uncounted == ("second-call",)
    session = Session(plan, Store(tmp_path / "record.sqlite", SEMINAR))
    session.start(0, "ABC234", TEACHER)
    play_to(session, "1-revealed")
    assert came(session).endswith(
        "France does not count this as contact. FRA: denies that this was a contact; Nobody in "
        "Paris rang anybody. ITA: the log has no other account."
    )
    assert "2021-06-01: Call held. Paris rings Rome again" in came(session)
    assert "No event" not in came(session)


def test_control_where_nothing_is_denied_nothing_is_said_of_it(tmp_path: Path) -> None:
    data = lesson()
    data["history"]["events"] = data["history"]["events"][:2]
    plan = plan_of(load_scenario(data))
    assert [q.uncounted for r in plan.rounds for q in r.questions] == [(), (), ()]
    session = Session(plan, Store(tmp_path / "record.sqlite", SEMINAR))
    session.start(0, "ABC234", TEACHER)
    play_to(session, "1-revealed")
    assert "No event in the log changed this in that time." in came(session)
    other = [{**r, "questions": [{"ask": "next_state"}]} for r in lesson()["seminar"]["rounds"]]
    asked = denied_plan(rounds=other).rounds[1].questions[0]
    assert asked.uncounted == ()  # an observer counts what is coded


def test_what_waits_for_the_end_of_the_lesson_is_not_told_with_a_denial(tmp_path: Path) -> None:
    """An event that is told otherwise until the end has no account before it."""
    last = {**lesson()["seminar"]["rounds"][1], "title": "Summer", "cut": "2021-06-30"}
    last |= {"by": "2021-07-31", "questions": [{"ask": "next_state"}]}
    rounds = [*lesson()["seminar"]["rounds"], last]
    plan = denied_plan(rounds=rounds, retold={"second-call": "Somebody rings."})
    session = Session(plan, Store(tmp_path / "record.sqlite", SEMINAR))
    session.start(0, "ABC234", TEACHER)
    play_to(session, "1-revealed")
    assert came(session).endswith("France does not count this as contact.")
    assert "Nobody in Paris" not in shown_to(session, "board")


def test_the_lesson_on_the_article_tells_that_moscow_denies_the_talk() -> None:
    plan = plan_of(load_scenario(Path(__file__).parents[2] / "scenarios/seminar-article.yaml"))
    talk, state = plan.rounds[2].questions
    assert (talk.evidence, talk.uncounted) == (("new-delhi-corridor",), ())
    assert (state.evidence, state.uncounted) == ((), ("new-delhi-corridor",))
    (told,) = Teller.of(plan).found(state.end_s, True, state.uncounted)
    assert told.accounts[0].party == "RUS"
    assert told.accounts[0].text.startswith("denies that this was a contact; Blinken asked for it;")
    assert state.text == "How will Moscow see the channel next (until 2 March 2023)?"
