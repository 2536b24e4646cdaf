"""Acts that a scenario has to ask for: letters, requests that may stay unanswered, and the
restoring of what was cut."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from learned import Likelihood
from micro import ALWAYS, CHANNEL, doctrine, of_kind, play, program, states
from micro import arrivals as arrivals_of
from pasts import event, past_of, place, told
from put_back import account

from sim.ground.dates import instant
from sim.ground.errors import InputError
from sim.model.abduction import Abduction, Inferred
from sim.model.compiled_scenario import DECIDED, EXOGENOUS
from sim.model.compiling import compile_scenario
from sim.model.deciding import Deciding
from sim.model.opportunity import Opportunity
from sim.model.replication import replicate
from sim.scenario.acts import ACT_RULES
from sim.scenario.scenario import Rates, Scenario
from sim.study.verifying import verify

OPTIONAL = tuple(rule.name for rule in ACT_RULES if rule.optional)
LIVELY = doctrine(
    send={"bias": -0.3, "cut_off": 0.5, "silence": 0.3},
    cut={"bias": -1.0, "grievance": 0.5},
    call={"bias": -1.0, "cut_off": -1.0},
    accept_call=0.5,
    acknowledge=0.5,
)
DOCTRINES = {"can": LIVELY, "usa": LIVELY}
RATES = {"send": 0.1, "cut": 0.05, "call": 0.1}
STOCKS = {"goodwill": {"half_life_days": 30, "raised_by": {"message_delivered": 0.3}}}
LETTERS = (
    event("letter", "message_delivered", "2021-01-08", by="CAN"),
    event("cut", "contact_cut", "2021-01-20", by="USA"),
    event("note", "message_delivered", "2021-02-01", by="USA", form="note", agenda=["detainees"]),
    event("anonymous", "message_delivered", "2021-02-05/2021-02-10"),
)


def letters(**parts: Any) -> Scenario:
    """A history with letters in it."""
    return told(*LETTERS, **({"doctrines": DOCTRINES, "rates_per_day": RATES} | parts))


# --------------------------------------------------------------------------------- of all of them


def test_none_happens_where_its_rate_is_0() -> None:
    assert {act: Rates().of(act) > 0.0 for act in OPTIONAL} == {
        "send": False,
        "ask": False,
        "restore": True,  # rare, and on every channel
    }
    names = compile_scenario(told(doctrines=DOCTRINES)).streams.names
    assert not [n for n in names if n.rpartition("/")[2] in OPTIONAL]


@pytest.mark.parametrize("act", OPTIONAL)
def test_its_weights_are_learned_only_where_it_is_asked_for(act: str) -> None:
    for rate in (0.0, 0.1):
        whole = told(*LETTERS[:2], doctrines=DOCTRINES, rates_per_day={act: rate})
        learned = Likelihood(whole).parameters.names
        assert (f"CAN.act.{act}.bias" in learned) == (rate > 0.0)
        assert "CAN.act.call.bias" in learned


# ---------------------------------------------------------------------------------------- letters


def test_a_letter_is_sent_whatever_the_other_does_and_while_the_channel_is_cut_off() -> None:
    quiet = program(
        {"can": doctrine(send=ALWAYS)},
        rates_per_day={"send": 0.02},
        channels={CHANNEL: {"initial": "cut_off"}},
    )
    first, *_ = arrivals_of(f"{CHANNEL}/CAN/send", 0.02, quiet)
    found = play(quiet)
    letter = of_kind(found, "message_delivered")[0]
    assert (letter.at_s, letter.by, letter.confined) == (first, 0, 0)
    for view in range(3):  # nobody plays it down
        assert states(found, view)[1] == (instant(first), "open")


def test_both_executors_send_alike_ahead_and_in_changed_pasts() -> None:
    ahead = program(DOCTRINES, rates_per_day=RATES, stocks=STOCKS)
    assert isinstance(verify(ahead, 1, 30), int)
    for change in (
        {"remove": "letter"},
        {"remove": "cut"},
        {"move": {"event": "note", "to": "2021-01-12"}},
    ):
        changed = compile_scenario(letters(changes=[change], stocks=STOCKS))
        assert isinstance(verify(changed, 1, 30), int)


def test_control_an_executor_that_sends_no_letters_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(self: Deciding, opportunity: Opportunity) -> None:
        if self.act[opportunity.stream] != "send":
            take(self, opportunity)

    take = Deciding.take
    monkeypatch.setattr(Deciding, "take", without)
    assert not isinstance(verify(program(DOCTRINES, rates_per_day=RATES), 1, 3), int)


def unlike(whole: Scenario, worlds: int = 20) -> int:
    """In how many worlds history is another where it is decided again."""
    plain, again = compile_scenario(whole), compile_scenario(whole, retrace=True)
    found = 0
    for r in range(worlds):
        one, two = (replicate(p, 5, r).situation for p in (plain, again))
        found += account(plain, one) != account(again, two)
    return found


def test_4_history_with_letters_is_given_back() -> None:
    assert unlike(letters()) == 0
    assert isinstance(verify(compile_scenario(letters(), retrace=True), 5, 20), int)


def test_4_control_letters_that_history_lacks_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def keep(self: Abduction, o: Opportunity, asked: Any) -> None:
        self.found.append(Inferred(o.at_s, o.stream, o.index, -1, o.do))

    monkeypatch.setattr(Abduction, "keep", keep)
    assert unlike(letters()) > 10


def test_a_letter_is_a_decision_where_it_is_asked_for_and_else_a_fact() -> None:
    for rate, role in ((0.1, DECIDED), (0.0, EXOGENOUS)):
        compiled, past = past_of(letters(rates_per_day=RATES | {"send": rate}))
        assert {int(past.role[place(compiled, id_)]) for id_ in ("letter", "note")} == {role}
    silent = {"can": doctrine(cut=0.0), "usa": doctrine(cut=0.0)}  # nobody would send one
    assert unlike(letters(doctrines=silent, rates_per_day=RATES | {"send": 0.0})) == 0


def test_a_letter_has_the_likelihood_of_a_thinned_stream() -> None:
    half = {name: doctrine(send=0.0) for name in ("can", "usa")}
    rates = dict.fromkeys(RATES, 0.0) | {"send": 0.1}
    one = event("letter", "message_delivered", "2021-02-03", by="CAN")
    history = told(one, doctrines=half, rates_per_day=rates)
    at = Likelihood(history)
    expected = math.log(0.1 * 0.5) - 2 * 59 * 0.1 * 0.5
    assert at(at.parameters.shipped) == pytest.approx(expected, abs=1e-6)
    call = event("call", "call_held", "2021-02-04", by="CAN")
    chatty = {name: doctrine(call=0.0, accept_call=0.0) for name in ("can", "usa")}
    said, unsaid = (Likelihood(told(*e, doctrines=chatty)) for e in ((one, call), (call,)))
    assert said(said.parameters.shipped) == unsaid(unsaid.parameters.shipped)  # a fact says nothing


# --------------------------------------------------------------------------------------- requests

ASKING = doctrine(
    ask={"bias": 0.0, "silence": 0.4, "grievance": -0.5},
    accept_ask={"bias": 0.3, "grievance": -0.7},
    send=-0.5,
    cut=-1.0,
    call=-1.0,
    accept_call=0.5,
)
BOTH = {"can": ASKING, "usa": ASKING}
OFTEN = {"ask": 0.15, "send": 0.05, "cut": 0.03, "call": 0.05}
REQUESTS = (
    event("first", "contact_requested", "2021-01-05", by="CAN"),
    event(
        "silence",
        "request_unanswered",
        "2021-01-25",
        since="2021-01-05",
        by="USA",
        causes=["first"],
    ),
    event("second", "contact_requested", "2021-01-12/2021-01-14"),
    event("yes", "message_delivered", "2021-01-20", causes=["second"]),
    event("third", "contact_requested", "2021-02-01", by="USA"),
    event("rung", "call_held", "2021-02-02", by="CAN", causes=["third"]),
    event("fourth", "contact_requested", "2021-02-07", by="USA"),
    event("alone", "request_unanswered", "2021-02-12", by="CAN"),
)
BURSTS = {
    "again": {
        "opener": ["contact_requested", "request_unanswered", "message_delivered"],
        "act": "ask",
        "side": "both",
        "m": 0.2,
        "tau_days": 2,
    }
}


def requests(**parts: Any) -> Scenario:
    """A history with requests in it, and with silence."""
    more = {"doctrines": BOTH, "rates_per_day": OFTEN, "attention": BURSTS}
    return told(*REQUESTS, **(more | parts))


def test_a_request_is_answered_by_a_message_or_stays_unanswered() -> None:
    for answer, kind, after in (
        (ALWAYS, "message_delivered", "open"),
        (-ALWAYS, "request_unanswered", "cut_off"),
    ):
        whole = program(
            {"can": doctrine(ask=ALWAYS), "usa": doctrine(accept_ask=answer)},
            rates_per_day={"ask": 0.02},
            channels={CHANNEL: {"initial": "cut_off"}},
        )
        found = play(whole)
        request = of_kind(found, "contact_requested")[0]
        reply = of_kind(found, kind)[0]
        assert [h.by for h in (request, reply)] == [0, 1]
        assert request.at_s == reply.at_s == arrivals_of(f"{CHANNEL}/CAN/ask", 0.02, whole)[0]
        assert found.happenings[reply.cause] is request
        assert states(found)[-1][1] == after


@pytest.mark.parametrize("line", [False, True])
def test_an_unanswered_request_ends_a_standing_line_and_nothing_else(line: bool) -> None:
    whole = program(
        {"can": doctrine(ask=ALWAYS)},
        rates_per_day={"ask": 0.05},
        channels={CHANNEL: {"initial": "open", "line": line, "lapse_days": {"open": None}}},
    )
    found = play(whole)
    assert of_kind(found, "request_unanswered")
    assert states(found)[-1][1] == ("cut_off" if line else "open")


@pytest.mark.slow
def test_both_executors_ask_and_answer_alike() -> None:
    for line in (False, True):
        more = {"channels": {CHANNEL: {"initial": "open", "line": line}}, "attention": BURSTS}
        assert isinstance(verify(program(BOTH, rates_per_day=OFTEN, **more), 1, 30), int)
        for change in (
            {"remove": "first"},
            {"remove": "silence"},
            {"remove": "alone"},
            {"remove": "third"},
            {"move": {"event": "second", "to": "2021-01-08"}},
        ):
            changed = compile_scenario(requests(changes=[change], **more))
            assert isinstance(verify(changed, 1, 20), int), change


def test_control_an_executor_that_answers_otherwise_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def turned(self: Deciding, opportunity: Opportunity, accepts: bool, proposal: int) -> None:
        reply(self, opportunity, not accepts, proposal)

    reply = Deciding.reply
    monkeypatch.setattr(Deciding, "reply", turned)
    assert not isinstance(verify(program(BOTH, rates_per_day=OFTEN), 1, 3), int)


def test_what_the_log_says_of_an_answer() -> None:
    """Silence that the log holds, silence that it does not, a reply, and a call that answers."""
    compiled, past = past_of(requests())

    def said(id_: str) -> tuple[int, int, int]:
        f = place(compiled, id_)
        return int(past.role[f]), int(past.answer[f]), int(past.follows[f])

    assert {id_: said(id_)[:2] for id_ in ("first", "second", "third", "fourth", "alone")} == {
        "first": (DECIDED, 0),
        "second": (DECIDED, 1),
        "third": (DECIDED, 1),
        "fourth": (DECIDED, 0),
        "alone": (DECIDED, 0),
    }
    for id_, request in (("silence", "first"), ("yes", "second")):
        assert said(id_) == (EXOGENOUS, -1, place(compiled, request))
    assert said("rung")[0] == DECIDED  # a call is a decision of its own


@pytest.mark.parametrize(
    ("kind", "by", "answer"),
    [
        ("message_delivered", "USA", 1),
        ("message_delivered", None, 1),
        ("message_delivered", "CAN", 0),  # who asked writes again
        ("call_held", "CAN", 1),
        ("contact_refused", "USA", 1),  # a no is an answer
        ("contact_requested", "CAN", 0),
        ("request_unanswered", "USA", 0),
    ],
)
def test_what_answers_a_request(kind: str, by: str | None, answer: int) -> None:
    ask = event("ask", "contact_requested", "2021-01-05", by="CAN")
    later = event("later", kind, "2021-01-20", by=by, causes=["ask"])
    compiled, past = past_of(told(ask, later, doctrines=BOTH, rates_per_day=OFTEN))
    assert int(past.answer[place(compiled, "ask")]) == answer


def test_4_history_with_requests_is_given_back() -> None:
    assert unlike(requests()) == 0
    assert isinstance(verify(compile_scenario(requests(), retrace=True), 5, 20), int)


def test_4_control_answers_that_are_not_inferred_are_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def blind(self: Abduction, step: Any) -> None:
        explain(self, step)
        self.found[-1] = replace(self.found[-1], accept=0.999)

    explain = Abduction.explain
    monkeypatch.setattr(Abduction, "explain", blind)
    assert unlike(requests()) > 10


def test_what_answers_a_request_goes_with_it() -> None:
    changed = compile_scenario(requests(changes=[{"remove": "first"}]))
    worlds = [replicate(changed, 3, r).situation for r in range(30)]
    coded = [{changed.facts.ids[h.fact] for h in w.happenings if h.fact >= 0} for w in worlds]
    assert not [ids for ids in coded if "silence" in ids]
    assert all(("yes" in ids) <= ("second" in ids) for ids in coded)
    assert any("yes" in ids for ids in coded)


def test_a_request_that_is_left_out_is_a_fact_with_its_answer() -> None:
    whole = requests(rates_per_day=OFTEN | {"ask": 0.0, "send": 0.0})
    compiled, past = past_of(whole)
    ids = ("first", "silence", "second", "yes", "fourth", "alone")
    assert {int(past.role[place(compiled, id_)]) for id_ in ids} == {EXOGENOUS}
    assert unlike(whole) == 0


def test_an_answer_has_its_likelihood() -> None:
    half = {name: doctrine(ask=0.0, accept_ask=1.0) for name in ("can", "usa")}
    rates = dict.fromkeys(RATES, 0.0) | {"ask": 0.1}
    ask = event("ask", "contact_requested", "2021-02-03", by="CAN")
    no = event("no", "request_unanswered", "2021-02-03", by="USA")
    yes = event("yes", "message_delivered", "2021-02-03", by="USA", causes=["ask"])
    answers = 1.0 / (1.0 + math.exp(-1.0))
    for events, chance in (
        ((ask,), 1.0 - answers),
        ((no,), 1.0 - answers),
        ((ask, no | {"causes": ["ask"]}), 1.0 - answers),
        ((ask, yes), answers),
    ):
        at = Likelihood(told(*events, doctrines=half, rates_per_day=rates))
        expected = math.log(0.1 * 0.5 * chance) - 2 * 59 * 0.1 * 0.5
        assert at(at.parameters.shipped) == pytest.approx(expected, abs=1e-6)


# ----------------------------------------------------------------------------- cut and restored

OWNER = doctrine(
    cut={"bias": -0.5, "grievance": 0.5},
    restore={"bias": -0.5, "silence": 0.5},
    accept_restore={"bias": 0.3, "grievance": -0.5},
    ask=-1.0,
    accept_ask=1.5,
    call=-1.0,
    accept_call=0.0,
)
OWNERS = {"can": OWNER, "usa": OWNER}
LINE_RATES = {"cut": 0.1, "restore": 0.2, "ask": 0.05, "call": 0.0, "meet": 0.0}
LINE = {CHANNEL: {"initial": "open", "line": True}}
LINES = (
    event("cut", "contact_cut", "2021-01-10", by="USA"),
    event("no", "contact_refused", "2021-01-15", by="USA"),
    event("again", "contact_restored", "2021-01-20/2021-01-22"),
    event("unanswered", "request_unanswered", "2021-02-01", by="CAN"),
    event("taken-up", "contact_restored", "2021-02-10", by="CAN"),
)


def lines(**parts: Any) -> Scenario:
    """A history of a line that is cut, left unanswered and restored."""
    more = {"doctrines": OWNERS, "rates_per_day": LINE_RATES, "channels": LINE}
    return told(*LINES, **(more | parts))


def test_a_line_is_cut_and_restored_by_its_owners() -> None:
    wills = {"can": doctrine(cut=ALWAYS), "usa": doctrine(restore=ALWAYS)}
    for answer, brought in ((ALWAYS, "contact_restored"), (-ALWAYS, "contact_refused")):
        wills["can"]["accept"]["restore"] = {"bias": answer}
        found = play(program(wills, rates_per_day={"cut": 0.05, "restore": 0.2}, channels=LINE))
        cut, then = of_kind(found, "contact_cut")[0], of_kind(found, brought)[0]
        assert (cut.by, then.by) == (0, 1 if brought == "contact_restored" else 0)
        path = states(found)
        assert path[1] == (instant(cut.at_s), "cut_off")
        assert path[2:3] == ([(instant(then.at_s), "open")] if answer > 0 else [])


def test_nobody_restores_what_is_not_cut_off() -> None:
    eager = {name: doctrine(restore=ALWAYS, accept_restore=ALWAYS) for name in ("can", "usa")}
    for state, happens in (("open", False), ("prisoner_only", False), ("cut_off", True)):
        whole = program(
            eager,
            rates_per_day={"restore": 0.2},
            channels={CHANNEL: {"initial": state, "line": True, "lapse_days": NEVER_LAPSES}},
        )
        assert bool(of_kind(play(whole), "contact_restored")) == happens


NEVER_LAPSES = {"open": None, "prisoner_only": None, "corridor": None}


def test_both_executors_restore_alike_also_what_silence_ended() -> None:
    """Between two events silence may give something to decide where there was nothing: no event
    tells the kernel."""
    eager = {name: doctrine(restore=-1.0, accept_restore=1.0) for name in ("can", "usa")}
    for initial in ("open", "prisoner_only", "corridor"):
        days = dict.fromkeys(("open", "open_at_most", "prisoner_only", "corridor"), 7)
        lapsing = {"initial": initial, "lapse_days": days}
        ahead = program(eager, rates_per_day={"restore": 0.3}, channels={CHANNEL: lapsing})
        assert of_kind(play(ahead), "contact_restored")
        assert isinstance(verify(ahead, 1, 10), int)
    assert isinstance(verify(program(OWNERS, rates_per_day=LINE_RATES, channels=LINE), 1, 30), int)
    for change in ({"remove": "cut"}, {"remove": "unanswered"}, {"remove": "taken-up"}):
        assert isinstance(verify(compile_scenario(lines(changes=[change])), 1, 20), int), change


def test_4_history_of_a_line_is_given_back() -> None:
    assert unlike(lines()) == 0
    assert isinstance(verify(compile_scenario(lines(), retrace=True), 5, 20), int)


def test_4_control_lines_that_history_left_cut_are_restored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def keep(self: Abduction, o: Opportunity, asked: Any) -> None:
        self.found.append(Inferred(o.at_s, o.stream, o.index, -1, o.do))

    monkeypatch.setattr(Abduction, "keep", keep)
    assert unlike(lines()) > 10


def test_a_refusal_may_be_one_to_restore() -> None:
    compiled, past = past_of(lines())
    f = place(compiled, "no")
    span = slice(int(past.candidate_start[f]), int(past.candidate_start[f + 1]))
    names = [compiled.streams.names[s] for s in past.candidates[span]]
    assert names == [f"{CHANNEL}/CAN/restore"]


def test_what_is_restored_while_it_is_open_is_told_to_be_impossible() -> None:
    early = event("early", "contact_restored", "2021-01-05", by="USA")
    whole = told(early, doctrines=OWNERS, rates_per_day=LINE_RATES, channels=LINE)
    with pytest.raises(InputError, match="the party did not see the channel as cut off"):
        replicate(compile_scenario(whole, retrace=True), 1, 0)


def test_restoring_has_its_likelihood() -> None:
    """Opportunities to restore count while the line is cut off, and no longer; those to cut always
    do."""
    half = {name: doctrine(restore=0.0, accept_restore=1.0, cut=0.0) for name in ("can", "usa")}
    rates = dict.fromkeys(RATES, 0.0) | {"restore": 0.1, "cut": 0.05, "meet": 0.0}
    cut = event("cut", "contact_cut", "2021-01-11", by="USA")
    again = event("again", "contact_restored", "2021-01-31", by="CAN")
    refused = event("no", "contact_refused", "2021-01-21", by="CAN")
    answers = 1.0 / (1.0 + math.exp(-1.0))
    history = told(cut, refused, again, doctrines=half, rates_per_day=rates, channels=LINE)
    for reporting in (1.0, 0.5):
        at = Likelihood(history, reporting)
        decided = math.log(0.05 * 0.5) + math.log(0.1 * 0.5 * answers)
        decided += math.log(0.1 * 0.5 * (1.0 - answers) * reporting)
        seen = answers + reporting * (1.0 - answers)
        expected = 2 * 20 * 0.1 * 0.5 * seen + 2 * 59 * 0.05 * 0.5
        assert at(at.parameters.shipped) == pytest.approx(decided - expected, abs=1e-6)
