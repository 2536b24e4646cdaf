"""The reference executor: every act in a small case that can be followed by hand."""

from __future__ import annotations

from typing import Any

import pytest
from micro import (
    ALWAYS,
    CAN,
    CHANNEL,
    NEVER,
    START_S,
    USA,
    Listener,
    always,
    arrivals,
    doctrine,
    kinds,
    of_kind,
    play,
    program,
    states,
)

from sim.ground.dates import DAY_S, day, instant, parse
from sim.ground.draws import stream_key, uniforms
from sim.log.events import KINDS
from sim.model.players import DoctrinePlayer, Line, ScriptedPlayer
from sim.model.reference import World
from sim.model.situation import Situation
from sim.rules.features import FEATURES, STANDINGS
from sim.rules.telling import AS_IS, DENIED, PLAYED_DOWN
from sim.scenario.doctrine import DECISIONS

FORUM = {"date": "2021-01-15/2021-01-17", "title": "A forum"}
ONCE = {"bias": ALWAYS / 2, "cut_off": NEVER}
"""The weights of a party that cuts at once, and never what is cut."""
HELD_BY_CAN = {"a": {"held_by": "CAN", "national_of": "USA"}}
HELD_BY_BOTH = HELD_BY_CAN | {"b": {"held_by": "USA", "national_of": "CAN"}}


def both(**biases: float) -> dict[str, dict[str, Any]]:
    """Both parties follow one doctrine."""
    return {"can": doctrine(**biases), "usa": doctrine(**biases)}


def script(*lines: Line) -> ScriptedPlayer:
    return ScriptedPlayer(lines)


def brief(situation: Situation) -> list[tuple[str, str, int]]:
    return [(instant(h.at_s), KINDS[h.kind], h.by) for h in situation.happenings]


# ---------------------------------------------------------------------------------- chance


def test_opportunities_come_when_the_draws_of_their_stream_say() -> None:
    compiled = program({"can": always(), "usa": always()}, rates_per_day={"call": 0.2})
    calls = [(h.at_s, h.by) for h in play(compiled).happenings]
    expected = [
        (at_s, side)
        for side, party in ((CAN, "CAN"), (USA, "USA"))
        for at_s in arrivals(f"{CHANNEL}/{party}/call", 0.2, compiled)
    ]
    assert calls == sorted(expected)
    assert len(calls) > 20


def test_one_side_that_never_acts_takes_nothing_from_the_other() -> None:
    silent = {"can": always(), "usa": doctrine(accept_call=ALWAYS)}
    compiled = program(silent, rates_per_day={"call": 0.2})
    times = [h.at_s for h in play(compiled).happenings]
    assert times == arrivals(f"{CHANNEL}/CAN/call", 0.2, compiled)


def test_a_replication_is_a_function_of_seed_and_number() -> None:
    compiled = program(both(call=0.0, accept_call=0.0), rates_per_day={"call": 0.5})
    first = brief(play(compiled))
    assert first == brief(play(compiled))
    assert first != brief(play(compiled, replication=1))
    assert first != brief(play(compiled, seed=2))


def test_a_decision_falls_when_its_uniform_lies_below_the_probability() -> None:
    compiled = program(both(call=0.0, accept_call=0.0), rates_per_day={"call": 0.5})
    world = World(compiled, 1, 0, trace=True)
    happened = world.run()
    own = stream_key(f"{CHANNEL}/CAN/call")
    asked = [d for d in world.trace or () if d.decision == "call" and d.party == CAN]
    assert [d.uniform for d in asked] == [uniforms(1, *own, 0, 4 * n)[1] for n in range(len(asked))]
    assert {d.probability for d in asked} == {0.5}
    accepts = [d for d in world.trace or () if d.decision == "accept_call" and d.party == USA]
    taken = [n for n, d in enumerate(asked) if d.uniform < 0.5]
    assert [d.uniform for d in accepts] == [uniforms(1, *own, 0, 4 * n + 1)[0] for n in taken]
    yes = sum(d.uniform < 0.5 for d in accepts)
    by_can = [h for h in of_kind(happened, "call_held") if h.by == CAN]
    assert len(by_can) == yes
    assert 0 < yes < len(taken) < len(asked)


# ---------------------------------------------------------------------------------- contact


def test_a_call_that_is_not_accepted_is_refused_by_the_other() -> None:
    compiled = program({"can": doctrine(call=ALWAYS)}, rates_per_day={"call": 0.2})
    happened = play(compiled).happenings
    assert {(KINDS[h.kind], h.by, h.confined) for h in happened} == {("contact_refused", USA, 0)}
    assert [h.at_s for h in happened] == arrivals(f"{CHANNEL}/CAN/call", 0.2, compiled)


def test_a_call_opens_a_channel_that_was_cut_off() -> None:
    compiled = program(
        {"can": doctrine(call=ALWAYS), "usa": doctrine(accept_call=ALWAYS)},
        rates_per_day={"call": 0.1},
        channels={CHANNEL: {"initial": "cut_off"}},
    )
    first = arrivals(f"{CHANNEL}/CAN/call", 0.1, compiled)[0]
    for view in range(3):
        assert states(play(compiled), view) == [
            (instant(START_S), "cut_off"),
            (instant(first), "open"),
        ]


def test_a_meeting_is_agreed_days_ahead_and_held_at_noon_by_who_proposed_it() -> None:
    compiled = program(
        {"can": doctrine(meet=ALWAYS), "usa": doctrine(accept_meet=ALWAYS)},
        rates_per_day={"meet": 1.0},
        meeting_lead_days={"least": 3, "most": 10},
    )
    happened = play(compiled)
    chances = arrivals(f"{CHANNEL}/CAN/meet", 1.0, compiled)
    key = stream_key(f"{CHANNEL}/CAN/meet")
    expected, free_from = list[tuple[str, int, int]](), 0
    for n, at_s in enumerate(chances):
        if at_s < free_from:
            continue  # a meeting is pending: there is nothing to propose
        lead = uniforms(1, *key, 0, 4 * n + 1)[1]
        meeting_s = (at_s + int((3 + 7 * lead) * DAY_S)) // DAY_S * DAY_S + DAY_S // 2
        expected.append(("meeting_agreed", at_s, len(expected) - 1))
        if meeting_s < compiled.until_s:
            expected.append(("meeting_held", meeting_s, len(expected) - 1))
        free_from = meeting_s
    found = [(KINDS[h.kind], h.at_s) for h in happened.happenings]
    assert found == [(kind, at_s) for kind, at_s, _ in expected]
    assert len(found) > 10
    for place, held in enumerate(happened.happenings):
        assert held.by == CAN
        if KINDS[held.kind] == "meeting_held":
            agreed = happened.happenings[held.cause]
            assert held.cause == place - 1
            assert agreed.meeting_s == held.at_s
            assert held.at_s % DAY_S == DAY_S // 2


def test_a_meeting_beyond_the_end_is_agreed_and_not_held() -> None:
    compiled = program(
        {"can": doctrine(meet=ALWAYS), "usa": doctrine(accept_meet=ALWAYS)},
        rates_per_day={"meet": 1.0},
        meeting_lead_days={"least": 500, "most": 500},
    )
    happened = play(compiled)
    assert kinds(happened) == ["meeting_agreed"]
    assert happened.pending[0] is not None


def test_a_meeting_that_is_called_off_is_not_held() -> None:
    compiled = program(
        {"can": doctrine(meet=ALWAYS), "usa": doctrine(accept_meet=ALWAYS, cancel=ALWAYS)},
        rates_per_day={"meet": 0.2, "cancel": 50},
        meeting_lead_days={"least": 3, "most": 3},
    )
    happened = play(compiled)
    found = kinds(happened)
    assert found == ["meeting_agreed", "meeting_cancelled"] * (len(found) // 2)
    assert len(found) > 4
    for place, h in enumerate(happened.happenings):
        if KINDS[h.kind] == "meeting_cancelled":
            assert (h.by, h.cause) == (USA, place - 1)


def test_to_call_off_is_only_asked_while_a_meeting_pends() -> None:
    quiet = program(rates_per_day={"cancel": 10, "meet": 0})
    listener = Listener()
    play(quiet, {"CAN": listener})
    assert listener.heard == []
    busy = program(
        {"can": doctrine(meet=ALWAYS), "usa": doctrine(accept_meet=ALWAYS)},
        rates_per_day={"cancel": 10, "meet": 0.2},
    )
    listener = Listener()
    play(busy, {"USA": listener})
    asked = [q for q in listener.heard if q.decision == "cancel"]
    pending = FEATURES.index("meeting_pending")
    assert len(asked) > 10
    assert {q.features[pending] for q in asked} == {1.0}


def test_a_cut_voids_the_pending_meeting() -> None:
    compiled = program(
        {"can": doctrine(meet=ALWAYS), "usa": doctrine(accept_meet=ALWAYS, cut=ONCE)},
        rates_per_day={"meet": 1, "cut": 5},
        meeting_lead_days={"least": 20, "most": 20},
    )
    late = Line("accept_meet", False, start="2021-01-06")
    cuts = play(compiled, {"USA": script(late, Line("cut", False, until="2021-01-05"))})
    found = kinds(cuts)
    assert found[:2] == ["meeting_agreed", "contact_cut"]
    assert set(found[2:]) == {"contact_refused"}
    keeps = play(compiled, {"USA": script(late, Line("cut", False))})
    assert kinds(keeps)[:2] == ["meeting_agreed", "meeting_held"]


def test_a_meeting_agreed_before_a_cut_is_not_held_after_it() -> None:
    agreed = {
        "id": "agreed",
        "kind": "meeting_agreed",
        "channel": CHANNEL,
        "date": "2021-01-02",
        "meeting_date": "2021-01-20",
    }
    cut = {"id": "cut", "kind": "contact_cut", "channel": CHANNEL, "date": "2021-01-10"}
    held = play(program(changes=[{"insert": agreed}]))
    assert kinds(held) == ["meeting_agreed", "meeting_held"]
    assert instant(held.happenings[1].at_s) == "2021-01-20T12:00:00Z"
    void = play(program(changes=[{"insert": agreed}, {"insert": cut}]))
    assert kinds(void) == ["meeting_agreed", "contact_cut"]


@pytest.mark.parametrize("will", ["always", "once"])
def test_what_is_cut_may_be_cut_again(will: str) -> None:
    row: Any = {"always": ALWAYS, "once": ONCE}[will]
    compiled = program(both(cut=row), rates_per_day={"cut": 0.2})
    happened = play(compiled)
    every = sorted(
        at_s for p in ("CAN", "USA") for at_s in arrivals(f"{CHANNEL}/{p}/cut", 0.2, compiled)
    )
    cuts = every if will == "always" else every[:1]
    assert [(KINDS[h.kind], h.at_s) for h in happened.happenings] == [
        ("contact_cut", at_s) for at_s in cuts
    ]
    assert len(states(happened)) == 2  # and no state changes by it


# ---------------------------------------------------------------------------------- detainees


def test_detainees_are_raised_only_while_somebody_is_held() -> None:
    doctrines = both(raise_detainees=ALWAYS, accept_raise_detainees=ALWAYS)
    rates = {"rates_per_day": {"raise_detainees": 0.2}}
    cut_off = {"channels": {CHANNEL: {"initial": "cut_off"}}}
    assert play(program(doctrines, **rates, **cut_off)).happenings == []
    happened = play(program(doctrines, detainees=HELD_BY_CAN, **rates, **cut_off))
    assert {(KINDS[h.kind], h.confined) for h in happened.happenings} == {("call_held", 1)}
    assert {h.by for h in happened.happenings} == {CAN, USA}
    assert [s for _, s in states(happened)] == ["cut_off", "prisoner_only"]


def test_a_refusal_to_speak_of_detainees_is_confined_to_them() -> None:
    compiled = program(
        both(raise_detainees=ALWAYS),
        detainees=HELD_BY_CAN,
        rates_per_day={"raise_detainees": 0.2},
    )
    assert {(KINDS[h.kind], h.confined) for h in play(compiled).happenings} == {
        ("contact_refused", 1)
    }


def test_a_swap_frees_people_on_both_sides() -> None:
    compiled = program(
        {"can": doctrine(accept_swap=ALWAYS), "usa": doctrine(swap=ALWAYS)},
        detainees=HELD_BY_BOTH,
        rates_per_day={"swap": 0.2},
    )
    happened = play(compiled)
    found = [(KINDS[h.kind], h.by, h.national, h.holder, h.cause) for h in happened.happenings]
    assert found == [
        ("swap_proposed", USA, -1, -1, -1),
        ("released", CAN, USA, CAN, 0),
        ("released", USA, CAN, USA, 0),
    ]
    assert len({h.at_s for h in happened.happenings}) == 1
    assert happened.held == [[0, 0]]


def test_a_swap_may_be_one_sided() -> None:
    compiled = program(
        {"can": doctrine(accept_swap=ALWAYS), "usa": doctrine(swap=ALWAYS)},
        detainees=HELD_BY_CAN,
        rates_per_day={"swap": 0.2},
    )
    happened = play(compiled)
    assert kinds(happened) == ["swap_proposed", "released"]
    assert happened.held == [[0, 0]]
    assert [s for _, s in states(happened)] == ["open"]


def test_a_swap_is_proposed_only_by_who_has_somebody_to_free() -> None:
    compiled = program(both(swap=ALWAYS), detainees=HELD_BY_CAN, rates_per_day={"swap": 0.2})
    happened = play(compiled)
    found = [(KINDS[h.kind], h.by) for h in happened.happenings]
    assert found == [("swap_proposed", USA), ("swap_refused", CAN)] * (len(found) // 2)
    assert len(found) > 10
    assert [h.cause for h in of_kind(happened, "swap_refused")] == list(range(0, len(found), 2))


def test_the_world_detains() -> None:
    arrests = {"kind": "detention", "rate_per_day": 0.05, "held_by": "CAN", "national_of": "USA"}
    compiled = program(world={"arrests": arrests})
    happened = play(compiled)
    assert [h.at_s for h in happened.happenings] == arrivals("world/arrests", 0.05, compiled)
    assert {(KINDS[h.kind], h.by, h.channel, h.persons) for h in happened.happenings} == {
        ("detained", CAN, -1, 1)
    }
    assert happened.held == [[0, len(happened.happenings)]]


# ---------------------------------------------------------------------------------- forums


def test_an_approach_that_is_met_is_a_talk_at_the_forum() -> None:
    compiled = program(
        {"can": doctrine(approach=ALWAYS), "usa": doctrine(accept_approach=ALWAYS)},
        forums={"summit": FORUM},
        channels={CHANNEL: {"initial": "cut_off"}},
    )
    happened = play(compiled)
    (talk,) = happened.happenings
    assert (KINDS[talk.kind], talk.by, talk.forum) == ("corridor_talk", CAN, 0)
    span = parse(FORUM["date"])
    assert span.lo_s <= talk.at_s < span.hi_s
    lapse = talk.at_s + 30 * DAY_S
    assert states(happened) == [
        (instant(START_S), "cut_off"),
        (instant(talk.at_s), "corridor"),
        (instant(lapse), "cut_off"),
    ]


def test_an_approach_may_be_walked_past() -> None:
    compiled = program({"can": doctrine(approach=ALWAYS)}, forums={"summit": FORUM})
    (refused,) = play(compiled).happenings
    assert (KINDS[refused.kind], refused.by, refused.forum) == ("contact_refused", USA, 0)


def test_who_was_approached_does_not_approach_in_turn() -> None:
    compiled = program(both(approach=ALWAYS), forums={"summit": FORUM})
    happened = play(compiled)
    assert kinds(happened) == ["contact_refused"]


def test_both_at_a_forum_and_no_talk_is_copresence_as_it_ends() -> None:
    compiled = program(forums={"summit": FORUM})
    (copresence,) = play(compiled).happenings
    assert KINDS[copresence.kind] == "copresence"
    assert copresence.by == -1
    assert instant(copresence.at_s) == "2021-01-17T23:59:59Z"


def test_a_forum_that_the_channel_does_not_attend_is_no_occasion() -> None:
    elsewhere = {
        "parties": {p: {"doctrine": "can"} for p in ("CAN", "MEX", "USA")},
        "channels": {CHANNEL: {}, "can-mex/ministers": {}},
        "forums": {"summit": FORUM | {"channels": ["can-mex/ministers"]}},
    }
    happened = play(program(**elsewhere))
    assert [h.channel for h in happened.happenings] == [0]  # can-mex comes before can-usa


def test_a_forum_outside_the_run_does_not_take_place() -> None:
    for date in ("2020-12-30/2021-01-02", "2021-03-30/2021-04-02", "2020-06-01"):
        assert play(program(forums={"summit": {"date": date}})).happenings == []


# ---------------------------------------------------------------------------------- telling


def test_a_call_that_one_side_plays_down_leaves_two_views() -> None:
    compiled = program(
        {"can": doctrine(call=ALWAYS), "usa": doctrine(accept_call=ALWAYS, acknowledge=NEVER)},
        rates_per_day={"call": 0.2},
        channels={CHANNEL: {"initial": "cut_off"}},
    )
    happened = play(compiled)
    assert {h.told for h in happened.happenings} == {(AS_IS, PLAYED_DOWN)}
    assert [states(happened, v)[1][1] for v in range(3)] == ["open", "open", "corridor"]


@pytest.mark.parametrize(
    ("parts", "doctrines"),
    [
        (
            {"rates_per_day": {"raise_detainees": 0.2}, "detainees": HELD_BY_CAN},
            {"can": doctrine(raise_detainees=ALWAYS, acknowledge=NEVER), "usa": always()},
        ),
        (
            {"forums": {"summit": FORUM}},
            {
                "can": doctrine(approach=ALWAYS, acknowledge=NEVER),
                "usa": doctrine(accept_approach=ALWAYS),
            },
        ),
    ],
    ids=["a call on detainees", "a talk in a corridor"],
)
def test_lesser_contacts_are_denied_and_not_played_down(
    parts: dict[str, Any], doctrines: dict[str, Any]
) -> None:
    compiled = program(doctrines, channels={CHANNEL: {"initial": "cut_off"}}, **parts)
    happened = play(compiled, {"USA": script(Line("raise_detainees", False))})
    assert {h.told for h in happened.happenings} == {(DENIED, AS_IS)}
    assert [s for _, s in states(happened, 1)] == ["cut_off"]  # for CAN nothing took place
    assert len(states(happened, 2)) > 1


def test_a_meeting_is_told_by_the_draws_of_the_opportunity_that_agreed_it() -> None:
    compiled = program(
        {
            "can": doctrine(meet=ALWAYS, acknowledge=0.0),
            "usa": doctrine(accept_meet=ALWAYS, acknowledge=0.0),
        },
        rates_per_day={"meet": 0.3},
        until="2021-12-31",
    )
    happened = play(compiled)
    key, chances = stream_key(f"{CHANNEL}/CAN/meet"), arrivals(f"{CHANNEL}/CAN/meet", 0.3, compiled)
    held = of_kind(happened, "meeting_held")
    for h in held:
        n = chances.index(happened.happenings[h.cause].at_s)
        told = tuple(AS_IS if u < 0.5 else PLAYED_DOWN for u in uniforms(1, *key, 0, 4 * n + 2))
        assert h.told == told
    assert len({h.told for h in held}) > 2


# ---------------------------------------------------------------------------------- changes


def test_let_gives_another_doctrine_from_the_first_second_to_the_last() -> None:
    let = {"party": "CAN", "doctrine": "talker", "from": "2021-01-10", "until": "2021-01-20"}
    doctrines = {"usa": doctrine(accept_call=ALWAYS), "talker": doctrine(call=ALWAYS)}
    compiled = program(doctrines, rates_per_day={"call": 5}, changes=[{"set_doctrine": let}])
    lo, hi = parse("2021-01-10").lo_s, parse("2021-01-20").hi_s
    chances = arrivals(f"{CHANNEL}/CAN/call", 5, compiled)
    inside = [t for t in chances if lo <= t < hi]
    assert [h.at_s for h in play(compiled).happenings] == inside
    assert 30 < len(inside) < len(chances) - 100


def test_let_without_an_end_holds_to_the_end() -> None:
    let = {"party": "CAN", "doctrine": "talker", "from": "2021-03-01"}
    doctrines = {"usa": doctrine(accept_call=ALWAYS), "talker": doctrine(call=ALWAYS)}
    compiled = program(doctrines, rates_per_day={"call": 5}, changes=[{"set_doctrine": let}])
    last = [h.at_s for h in play(compiled).happenings][-1]
    assert last == arrivals(f"{CHANNEL}/CAN/call", 5, compiled)[-1]


def test_inserted_events_happen_at_noon_or_at_their_second() -> None:
    at_noon = {"id": "x", "kind": "escalation", "date": "2021-01-05", "severity": 0.5, "label": "x"}
    exact = at_noon | {"id": "y", "date": "2021-01-04T03:04:05Z", "by": "USA"}
    happened = play(program(changes=[{"insert": at_noon}, {"insert": exact}]))
    assert brief(happened) == [
        ("2021-01-04T03:04:05Z", "escalation", USA),
        ("2021-01-05T12:00:00Z", "escalation", -1),
    ]
    assert {h.severity for h in happened.happenings} == {0.5}


def test_an_imprecise_date_is_drawn_from_its_span_anew_in_each_replication() -> None:
    event = {"id": "x", "kind": "contact_cut", "channel": CHANNEL, "date": "2021-02"}
    compiled = program(changes=[{"insert": event}])
    span = parse("2021-02")
    drawn = [play(compiled, replication=r).happenings[0].at_s for r in range(40)]
    key = stream_key("date/x")
    for r, at_s in enumerate(drawn):
        chance, _ = uniforms(1, *key, r, 0)
        assert at_s == span.lo_s + int(chance * float(span.hi_s - span.lo_s))
    assert len({day(t) for t in drawn}) > 15


def test_at_one_instant_facts_come_before_opportunities() -> None:
    doctrines = {"can": doctrine(call=ALWAYS), "usa": doctrine(accept_call=ALWAYS)}
    plain = program(doctrines, rates_per_day={"call": 0.1})
    first = arrivals(f"{CHANNEL}/CAN/call", 0.1, plain)[0]
    cut = {"id": "cut", "kind": "contact_cut", "channel": CHANNEL, "date": instant(first)}
    happened = play(program(doctrines, rates_per_day={"call": 0.1}, changes=[{"insert": cut}]))
    assert kinds(happened)[:2] == ["contact_cut", "call_held"]
    assert happened.happenings[0].at_s == happened.happenings[1].at_s == first
    assert [s for _, s in states(happened)] == ["open", "cut_off", "open"]


# ---------------------------------------------------------------------------------- history

TALK = {
    "id": "talk",
    "kind": "corridor_talk",
    "channel": CHANNEL,
    "date": "2020-12-20",
    "accounts": {"USA": {"denial": True}},
}


def history(*events: dict[str, Any], initial: str = "cut_off") -> dict[str, Any]:
    channel = {"parties": ["USA", "CAN"], "initial": initial}
    return {"schema": 4, "title": "H", "channels": {CHANNEL: channel}, "events": list(events)}


def test_each_party_is_asked_by_its_own_projection() -> None:
    compiled = program(
        history=history(TALK), channels={}, rates_per_day={"call": 2}, until="2021-01-10"
    )
    listeners = {"CAN": Listener(), "USA": Listener()}
    happened = play(compiled, listeners)  # type: ignore[arg-type]
    assert [s for _, s in states(happened, 0)] == ["cut_off", "corridor"]
    assert {q.state for q in listeners["CAN"].heard} == {"corridor"}
    assert {q.state for q in listeners["USA"].heard} == {"cut_off"}
    place = {name: n for n, name in enumerate(FEATURES)}
    for party, standing in (("CAN", "corridor"), ("USA", "lapsed")):
        for q in listeners[party].heard:
            assert [s for s in STANDINGS if q.features[place[s]]] == [standing]
            assert (q.party, q.channel) == (party, CHANNEL)
            assert {q.party, q.other} == {"CAN", "USA"}


def test_history_is_the_same_in_every_replication_and_asks_nobody() -> None:
    compiled = program(history=history(TALK), channels={})
    listener = Listener()
    for replication in range(3):
        happened = play(compiled, {"CAN": listener}, replication=replication)
        assert brief(happened) == [("2020-12-20T12:00:00Z", "corridor_talk", -1)]
    assert listener.heard == []


def test_a_meeting_that_history_leaves_pending_is_held() -> None:
    agreed = {
        "id": "agreed",
        "kind": "meeting_agreed",
        "channel": CHANNEL,
        "date": "2020-12-20",
        "by": "USA",
        "meeting_date": "2021-01-09",
    }
    happened = play(program(history=history(agreed), channels={}))
    assert kinds(happened) == ["meeting_agreed", "meeting_held"]
    held = happened.happenings[1]
    assert (instant(held.at_s), held.by, held.cause) == ("2021-01-09T12:00:00Z", USA, 0)


def test_a_meeting_due_within_history_is_not_held_by_the_run() -> None:
    agreed = {
        "id": "agreed",
        "kind": "meeting_agreed",
        "channel": CHANNEL,
        "date": "2020-12-20",
        "meeting_date": "2020-12-25",
    }
    happened = play(program(history=history(agreed), channels={}))
    assert kinds(happened) == ["meeting_agreed"]
    assert happened.pending == [None]


def test_what_history_holds_after_the_as_of_date_the_run_does_not_see() -> None:
    later = {"id": "later", "kind": "contact_cut", "channel": CHANNEL, "date": "2021-01-05"}
    assert play(program(history=history(later), channels={})).happenings == []


# ---------------------------------------------------------------------------------- players


def test_a_listener_changes_nothing() -> None:
    compiled = program(
        both(call=0.0, accept_call=0.0, acknowledge=0.0), rates_per_day={"call": 0.5}
    )
    plain = play(compiled)
    assert plain.happenings == play(compiled, {"CAN": Listener()}).happenings
    assert plain.happenings == play(compiled, {"USA": DoctrinePlayer()}).happenings
    assert plain.happenings != play(compiled, {"USA": Listener(answer=False)}).happenings


def test_a_script_decides_instead_of_the_doctrine() -> None:
    compiled = program(rates_per_day={"call": 2})
    talker = script(Line("call", True, start="2021-02-01", until="2021-02-03"))
    host = script(Line("accept_call", True))
    happened = play(compiled, {"CAN": talker, "USA": host})
    days = {day(h.at_s).isoformat() for h in of_kind(happened, "call_held")}
    assert days <= {"2021-02-01", "2021-02-02", "2021-02-03"}
    assert len(days) > 1
    assert {d for d, decision, answer in talker.asked if answer and decision == "call"} == days


def test_a_player_for_nobody_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such party: FRA"):
        play(program(), {"FRA": DoctrinePlayer()})


def test_every_decision_of_the_model_is_asked_for() -> None:
    compiled = program(
        {"can": always(), "usa": always()},
        detainees=HELD_BY_BOTH,
        forums={"summit": FORUM},
        rates_per_day={
            "meet": 0.5,
            "call": 0.5,
            "raise_detainees": 0.5,
            "cancel": 0.2,
            "cut": 0.2,
            "swap": 0.1,
            "send": 0.1,
            "ask": 0.1,
            "restore": 5.0,
        },
    )
    listeners = {"CAN": Listener(), "USA": Listener()}
    play(compiled, listeners)  # type: ignore[arg-type]
    asked = {d for listener in listeners.values() for d in listener.decisions()}
    assert asked == set(DECISIONS)
