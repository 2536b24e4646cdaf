"""The debrief says what is so: where worlds part, who decided, what is told in two ways."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lessons import LESSON, lesson
from tabled import PLAY

from sim import seminar
from sim.ground.dates import instant, spoken
from sim.ground.states import STATE_LABELS
from sim.log.log import Log
from sim.log.projection import course_of, project
from sim.model.players import Question
from sim.scenario.acts import ACT_RULES
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import plan_of
from sim.seminar.pages.debrief import Debriefs, history_world, table_world
from sim.seminar.pages.views import Views
from sim.seminar.pages.words import asked, counted, declined, deed, done
from sim.seminar.play.parting import deciders, first_parting, in_two_ways
from sim.seminar.play.record import Asked, Decided, PlayState, Put, TableEnded, TableState
from sim.seminar.play.worlds import Answers, PlayPlan

CHANNEL = "fra-ita/ministers"


def play_plan(history: dict[str, Any] | None = None, **changes: Any) -> PlayPlan:
    """Return the plan of the small role play, in which everything is asked."""
    everything = {"below": 0.0, "questions": 200, "spread": False, "apart_days": 0, **changes}
    data = lesson(rounds=[], play={**PLAY, **everything})
    plan = plan_of(load_scenario(data | (history or {}))).play
    assert plan is not None
    return plan


def table_of(plan: PlayPlan, answers: Answers) -> TableState:
    """Return table 1 after some answers, each given by two votes to one."""
    put = []
    for n, (q, answer) in enumerate(zip(plan.worlds.at(answers).asked, answers, strict=True)):
        where = {"party": q.party, "channel": q.channel, "decision": q.decision}
        asked = Asked(table=1, number=n, at=instant(q.at_s), **where)
        decided = Decided(table=1, number=n, answer=answer, how="vote", yes=2, no=1)
        put.append(Put(asked, decided=decided))
    return TableState(1, tuple(put))


def until_asked(plan: PlayPlan, decision: str, party: str = "", date: str = "") -> Answers:
    """Leave all to the doctrines until a party is asked something on a day, or any on any day."""
    answers: Answers = ()
    while (q := plan.worlds.at(answers).question) is not None:
        if (q.decision, party or q.party, date or q.date) == (decision, q.party, q.date):
            return answers
        answers = (*answers, None)
    raise AssertionError(f"{party} is never asked {decision} on {date}")


def parts(plan: PlayPlan, answers: Answers) -> str:
    """Say where table 1 and history part."""
    debriefs, table = Debriefs(plan), table_of(plan, answers)
    worlds = [(history_world(), debriefs._history), (table_world(1), debriefs._of(answers))]
    (said,) = debriefs._differences(worlds, [table])
    return said


# ------------------------------------------------------------------------------ where they part


def test_an_event_that_is_told_in_another_way_is_no_event_that_is_missing() -> None:
    """History holds the call of 1 June; at the table Rome plays the same call down."""
    plan = play_plan()
    before = until_asked(plan, "acknowledge", "ITA", "2021-06-01")
    assert parts(plan, (*before, None)) == "Table 1 went as history did."
    said = parts(plan, (*before, False))
    assert said == (
        "Table 1 and history part on 2021-06-01: “Call held” happens in both, and is told in "
        "another way. ITA calls it call held in history, and calls it corridor talk at table 1. "
        "Table 1, ITA: “say in public that there was a contact”? No, by 2 votes to 1."
    )


@pytest.fixture(scope="module")
def held() -> PlayPlan:
    """A play in which each side holds a national of the other, and offers are frequent."""
    people = {
        "a-frenchman": {"national_of": "FRA", "held_by": "ITA"},
        "an-italian": {"national_of": "ITA", "held_by": "FRA"},
    }
    return play_plan({"detainees": people, "rates_per_day": {"swap": 0.1}}, until="2021-04-30")


def test_an_offer_is_credited_to_who_made_it(held: PlayPlan) -> None:
    """The other side agrees in the same second, and agrees to an offer that is there already."""
    before = until_asked(held, "swap")
    asked = held.worlds.at((*before, True)).question
    assert asked is not None
    assert asked.decision == "accept_swap"
    answers = (*before, True, True)
    said = parts(held, answers)
    assert "“Swap proposed” happens at table 1 and not in history." in said
    assert said.count("Table 1, ") == 1
    assert f"Table 1, {asked.other}: “offer an exchange of detainees”? Yes" in said
    assert held.worlds.at(answers).asked[-1].party == asked.party


def test_a_contact_is_credited_to_both_who_wanted_it(held: PlayPlan) -> None:
    before = until_asked(held, "call")
    said = parts(held, (*before, True, True))
    assert "“Call held” happens at table 1 and not in history." in said
    assert "“propose a call”? Yes, by 2 votes to 1. Table 1, " in said
    assert "“agree to a call”? Yes, by 2 votes to 1." in said


def test_decisions_bring_the_events_that_they_can_bring() -> None:
    """What each decision brings stands once, in the table of acts."""
    for rule in ACT_RULES:
        assert rule.name in deciders(rule.kind, told=False)
        if rule.refused is not None:
            assert f"accept_{rule.name}" in deciders(rule.refused, told=False)
    assert deciders("swap_proposed", told=False) == {"swap"}
    assert deciders("released", told=False) == {"swap", "accept_swap"}
    assert deciders("call_held", told=True) == {"acknowledge"}
    assert deciders("escalation", told=False) == frozenset()


def log_of(*events: dict[str, Any]) -> Log:
    told = [
        {"id": f"e{n}", "kind": "call_held", "channel": CHANNEL, **e} for n, e in enumerate(events)
    ]
    return Log.model_validate({**LESSON["history"], "events": told})


def test_worlds_that_differ_by_the_hour_do_not_part() -> None:
    coded = log_of({"date": "2021-03-01", "by": "FRA"})
    for other in ({"by": "FRA"}, {}):
        simulated = log_of({"date": "2021-03-01T21:06:34Z", **other})
        assert first_parting(coded, simulated) is None
        assert first_parting(simulated, coded) is None


@pytest.mark.parametrize(
    "other",
    [
        {"date": "2021-03-02", "by": "FRA"},
        {"date": "2021-03-01", "by": "ITA"},
        {"date": "2021-03-01", "by": "FRA", "kind": "contact_cut"},
    ],
)
def test_control_another_day_side_or_kind_is_another_event(other: dict[str, Any]) -> None:
    found = first_parting(log_of({"date": "2021-03-01", "by": "FRA"}), log_of(other))
    assert found is not None
    assert (found.event.id, found.where, found.ways) == ("e0", 0, ())


def test_an_event_that_is_there_once_more_is_a_parting() -> None:
    once = {"date": "2021-03-01", "by": "FRA"}
    found = first_parting(log_of(once), log_of(once, {"date": "2021-03-01T18:00:00Z"}))
    assert found is not None
    assert (found.event.id, found.where) == ("e1", 1)
    assert first_parting(log_of(once, once), log_of(once, {"date": "2021-03-01"})) is None


# ------------------------------------------------------------------------------ told in two ways


def test_what_both_tell_alike_is_not_told_in_two_ways() -> None:
    plan = play_plan()
    before = until_asked(plan, "call")
    titles = []
    for tells in (True, False):
        answers: Answers = (*before, True, True, True, tells)  # both agree, and one or both tell it
        assert [q.decision for q in plan.worlds.at(answers).asked[-2:]] == [
            "acknowledge",
            "acknowledge",
        ]
        told = Debriefs(plan)._accounts(answers)
        titles.append([(t.date, t.title) for t in told if t.date == spoken(q_date(plan, answers))])
    assert titles == [[], [(spoken(q_date(plan, answers)), "Call held")]]


def q_date(plan: PlayPlan, answers: Answers) -> str:
    return plan.worlds.at(answers).asked[-1].date


@pytest.mark.parametrize(
    ("accounts", "differ"),
    [
        ({}, False),
        ({"FRA": {"kind": "call_held"}}, False),
        ({"FRA": {"kind": "call_held"}, "ITA": {"kind": "call_held"}}, False),
        ({"FRA": {"agenda": ["war"]}}, False),
        ({"FRA": {"summary": "We spoke."}}, False),
        ({"ITA": {"denial": True}}, True),
        ({"ITA": {"kind": "corridor_talk"}}, True),
        ({"ITA": {"agenda": ["bilateral"]}}, True),
        ({"FRA": {"summary": "We spoke."}, "ITA": {"summary": "We listened."}}, True),
    ],
)
def test_two_ways_differ_in_kind_subject_or_words(accounts: dict[str, Any], differ: bool) -> None:
    (event,) = log_of({"date": "2021-03-01", "agenda": ["war"], "accounts": accounts}).events
    assert in_two_ways(event, ("FRA", "ITA")) is differ


# ------------------------------------------------------------------------------ routine


@pytest.fixture(scope="module")
def lively() -> PlayPlan:
    """A play in which the doctrine says yes to some routine questions."""
    more = {"rates_per_day": {"call": 0.3}}
    return play_plan(more, below=0.25, questions=3, until="2021-12-31")


def refused(plan: PlayPlan) -> Answers:
    """Say no to everything that is asked."""
    answers: Answers = ()
    while plan.worlds.at(answers).question is not None:
        answers = (*answers, False)
    return answers


def test_a_play_knows_what_the_doctrine_answered_to_routine_questions(lively: PlayPlan) -> None:
    game = lively.worlds.ended(refused(lively))
    times = course_of(game.world).times
    cuts = {(times[e.id], e.by) for e in game.world.events if e.kind == "contact_cut"}
    asked = zip(game.passed, game.passed_answers, strict=True)
    fell = [((q.at_s, q.party) in cuts, yes) for q, yes in asked if q.decision == "cut"]
    assert (True, True) in fell
    assert (False, False) in fell
    assert all(happened == yes for happened, yes in fell)


def test_every_yes_and_no_of_the_office_is_counted(lively: PlayPlan) -> None:
    plan = lively
    debriefs, table = Debriefs(plan), table_of(plan, refused(plan))
    game = plan.worlds.ended(table.answers)
    for team in debriefs._table(PlayState(), table)["teams"]:
        own = [
            (q.decision, yes)
            for q, yes in zip(game.passed, game.passed_answers, strict=True)
            if q.party == team["party"] and q.at_s < plan.end_s
        ]
        rows = {deed: (yes, no) for deed, yes, no, _ in team["office"]}
        assert sum(map(sum, rows.values())) == len(own)
        for decision in {d for d, _ in own}:
            answers = [yes for d, yes in own if d == decision]
            assert rows[deed(decision)] == (sum(answers), len(answers) - sum(answers))
    assert any(yes for yes in game.passed_answers)


def question(decision: str, at_s: int) -> Question:
    return Question(decision, "FRA", "ITA", CHANNEL, at_s, "open", (), 0.01)


def test_what_an_office_answered_is_told_with_its_days() -> None:
    day_s = 86_400
    asked = [(question("call", n * day_s), False) for n in range(3)]
    asked += [(question("call", 5 * day_s), True), (question("cut", 9 * day_s), True)]
    assert counted(asked) == [
        ("propose a call", 1, 3, "1970-01-06"),
        ("end all contact", 1, 0, "1970-01-10"),
    ]
    assert declined(asked) == "Our office said no to: propose a call (3)."
    assert declined(asked[3:]) == ""


# ------------------------------------------------------------------------------ scenes


def test_a_team_reads_what_its_office_did_and_what_the_other_side_proposed() -> None:
    """Each yes of its office is a line, and so is each proposal that the office answered."""
    more = {"rates_per_day": {"call": 0.3}}
    plan = play_plan(more, below=0.9, questions=8, spread=True, until="2021-12-31")
    views, seen = Views(plan, {}), set[str]()
    for n in range(1 + len(refused(plan))):
        game = plan.worlds.at((False,) * n)
        for party in plan.spec.parties:
            scene = views.scene((False,) * n, party)
            own = [q.at_s for q in game.asked if q.party == party]
            since = max([plan.start_s, *own])
            passed = [(q, y) for q, y in plan.worlds.passed(game, party) if q.at_s >= since]
            told = [line.text for line in scene.lines if line.own]
            wanted = [
                f"{q.other} {done(q.decision[7:])}. Our office said {'yes' if yes else 'no'}"
                if q.decision.startswith("accept_")
                else f"Our office {done(q.decision)}"
                for q, yes in passed
                if q.decision != "acknowledge" and (yes or q.decision.startswith("accept_"))
            ]
            if not scene.earlier:
                assert [t for t in told if "in public" not in t] == wanted
            seen |= {t.partition(".")[0] for t in told}
    assert any(t.startswith("Our office ") for t in seen)
    assert any(t.startswith(("FRA proposed", "ITA proposed")) for t in seen)


def test_a_scene_tells_each_side_what_it_knows() -> None:
    """Rome plays the call of 1 June down: Paris reads a call, and Rome words in passing."""
    plan = play_plan()
    answers = (*until_asked(plan, "acknowledge", "ITA", "2021-06-01"), False)
    views = Views(plan, {})
    told = {
        party: [x.text for x in views.scene(answers, party).lines if x.date == "2021-06-01"]
        for party in ("FRA", "ITA")
    }
    assert [text[:9] for text in told["FRA"]] == ["Call held"]
    assert [text[:13] for text in told["ITA"]] == ["Corridor talk"]


def test_silence_is_a_line() -> None:
    plan = play_plan(below=0.9, questions=8, spread=True, until="2021-12-31")
    answers = refused(plan)
    lines = [
        line.text
        for n in range(1 + len(answers))
        for party in plan.spec.parties
        for line in Views(plan, {}).scene(answers[:n], party).lines
    ]
    assert any(text.startswith("Nobody spoke, and so we see the channel as ") for text in lines)


def test_a_question_names_the_contact_and_the_meeting_that_it_is_about() -> None:
    plan = play_plan()
    q = plan.worlds.at(until_asked(plan, "acknowledge", "ITA", "2021-06-01")).question
    assert q is not None
    assert asked(q, None) == "We had a call with FRA on 2021-06-01. Do we say so in public?"
    told = replace(q, contact="corridor_talk", confined=True)
    assert asked(told, "Rome").startswith("We had a talk in passing at Rome about detainees, and")
    answers: Answers = ()
    while (q := plan.worlds.at(answers).question) is not None and q.decision != "cancel":
        answers = (*answers, q.decision != "cut")
    assert q is not None
    log = plan.worlds.at(answers).log(q.party)
    (agreed_,) = [e.meeting_date for e in log.events if e.kind == "meeting_agreed"][-1:]
    assert asked(q, None).endswith(f"It is agreed for {spoken(agreed_[:10])}.")


# ------------------------------------------------------------------------------ what changes it


def test_all_lines_are_compared_with_what_came_of_the_table(held: PlayPlan) -> None:
    """Each number that a line turns away from stands in the table of results."""
    answers = agreed(held, 12)
    debriefs = Debriefs(held)
    rows = debriefs._rows([debriefs._of(answers)])
    came = {name.lower(): cell for name, (cell,) in rows}
    turns = debriefs.turns(answers)
    assert len(turns) > 1
    found = [
        pair for said in turns for pair in re.findall(r"([a-z][a-z -]+): \d+, and not (\d+)", said)
    ]
    assert len(found) > 2
    assert all(came.get(name, "0") == number for name, number in found)


def agreed(plan: PlayPlan, most: int) -> Answers:
    """Say yes to every contact and exchange, and no to the rest."""
    answers: Answers = ()
    while (q := plan.worlds.at(answers).question) is not None and len(answers) < most:
        answers = (*answers, q.decision not in ("cut", "cancel"))
    return answers


def test_an_answer_that_stays_as_it_was_leaves_the_world_as_it_was(held: PlayPlan) -> None:
    """Control of the comparison: the other answers stay, whatever is turned around."""
    worlds, answers = held.worlds, agreed(held, 12)
    log = worlds.log_of(answers)
    for n, answer in enumerate(answers):
        assert answer is not None
        assert worlds.log_if(answers, n, answer) == log
    assert any(worlds.log_if(answers, n, not a) != log for n, a in enumerate(answers))


def test_later_answers_stay_where_their_questions_come_up_again(held: PlayPlan) -> None:
    answers = agreed(held, 12)
    asked = held.worlds.at(answers).asked
    last = max(n for n, q in enumerate(asked) if q.decision == "call")
    assert last > 0
    turned = held.worlds.log_if(answers, 0, not answers[0])
    times = course_of(turned).times
    called = {times[e.id] for e in turned.events if e.kind in ("call_held", "contact_refused")}
    assert asked[last].at_s in called


# ------------------------------------------------------------------------------ every channel


@pytest.fixture(scope="module")
def two_lines() -> PlayPlan:
    """A play of two channels, of which the second one alone has room for a call."""
    history = deepcopy(LESSON["history"])
    setup = {"parties": ["FRA", "ITA"], "initial": "open", "complete_from": "2021-01-01"}
    history["channels"] = {
        CHANNEL: {**setup, "title": "Ministers"},
        "fra-ita/envoys": {**setup, "title": "Envoys"},
    }
    history["events"] = history["events"][:1]
    outcomes = {"cut": LESSON["outcomes"]["cut"]}
    return play_plan({"history": history, "outcomes": outcomes}, until="2021-12-31")


def test_a_debrief_tells_every_channel(two_lines: PlayPlan) -> None:
    debriefs = Debriefs(two_lines)
    answers = agreed(two_lines, 8)
    table = replace(table_of(two_lines, answers), ended=TableEnded(table=1, log_sha256="0" * 64))
    shown = debriefs.values(PlayState(tables={1: table}))
    assert [title for title, _ in shown["charts"]] == [
        "Envoys: the paths, as an observer sees them",
        "Ministers: the paths, as an observer sees them",
    ]
    rows = dict(shown["rows"])
    for place, title in ((CHANNEL, "Ministers"), ("fra-ita/envoys", "Envoys")):
        days = [int(rows[r][1]) for r in rows if r.startswith(f"{title}: days ")]
        assert sum(days) == pytest.approx(334, abs=2)  # from 1 February on
        last = project(two_lines.worlds.log_of(answers), at="2021-12-31")[place].state
        assert rows[f"{title}: state on the last day"][1] == STATE_LABELS[last]
    told = debriefs.told(table).tell(two_lines.end_s, True)
    assert {view.channel for view in told.views} == {CHANNEL, "fra-ita/envoys"}


def test_what_would_have_changed_is_looked_for_on_every_channel(two_lines: PlayPlan) -> None:
    turns = Debriefs(two_lines).turns((False,) * 6)
    for title in ("Ministers", "Envoys"):
        assert any(f"{title}: days open: " in said for said in turns)


def test_one_channel_needs_no_name(held: PlayPlan) -> None:
    debriefs = Debriefs(held)
    first, _ = debriefs._rows([debriefs._of(())])[0]
    assert first == "State on the last day"


def test_no_page_adds_a_stop_to_what_somebody_wrote() -> None:
    """Accounts and lines of scenes may end as sentences do; `sentence` ends them once."""
    folder = Path(seminar.__file__).parent / "web" / "templates"
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}
    assert not [name for name, text in texts.items() if re.search(r"\.text[^}]*}}\.", text)]
    assert sum("|sentence }}" in text for text in texts.values()) == 3  # the control
