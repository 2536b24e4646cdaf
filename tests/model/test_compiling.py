"""From scenarios to arrays: every table by hand, on small scenarios."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from micro import CHANNEL, START_S, UNTIL, doctrine, program, scenario

from sim.ground.dates import DAY_S, instant, parse
from sim.ground.draws import stream_key
from sim.log.events import KIND_CODE, KINDS
from sim.log.kinds import EFFECTS
from sim.log.log import STATES
from sim.log.rulebook import DEAD, NEVER
from sim.model.compiled_scenario import NO_TIME, STREAM_KINDS
from sim.model.compiling import MAX_GRID, compile_scenario
from sim.rules.features import FEATURES
from sim.scenario.acts import ACTS
from sim.scenario.doctrine import DECISIONS
from sim.scenario.outcomes import MEASURES

THREE: dict[str, Any] = {
    "parties": {p: {"doctrine": "can"} for p in ("USA", "MEX", "CAN")},
    "channels": {"can-usa/ministers": {}, "can-usa/leaders": {}, "mex-usa/ministers": {}},
}
CAN, MEX, USA = range(3)
FIRST = {"id": "first", "date": "2020-03-04", "kind": "contact_cut", "channel": CHANNEL}


def history(*events: dict[str, Any], **channel: Any) -> dict[str, Any]:
    channel = {"parties": ["USA", "CAN"]} | channel
    return {"schema": 4, "title": "H", "channels": {CHANNEL: channel}, "events": list(events)}


# ---------------------------------------------------------------------------------- who and where


def test_parties_channels_and_pairs_stand_in_alphabetical_order() -> None:
    found = program(**THREE)
    assert found.parties == ("CAN", "MEX", "USA")
    names = ("can-usa/leaders", "can-usa/ministers", "mex-usa/ministers")
    assert found.channels.names == names
    assert found.dyad_party.tolist() == [[CAN, USA], [MEX, USA]]
    assert found.channels.party.tolist() == [[CAN, USA], [CAN, USA], [MEX, USA]]
    assert found.channels.dyad.tolist() == [0, 0, 1]


def test_channels_say_how_they_begin_and_how_long_they_last() -> None:
    lapse = {"open": 1.5, "open_at_most": 20, "corridor": None, "prisoner_only": 90}
    setup = {"initial": "corridor", "since": "2020-11-05", "lapse_days": lapse}
    channels = program(channels={CHANNEL: setup}).channels
    assert STATES[channels.initial[0]] == "corridor"
    assert channels.since_s.tolist() == [parse("2020-11-05").lo_s]
    assert channels.lapse_s.tolist() == [[36 * 3600, 20 * DAY_S, 90 * DAY_S, -1]]
    assert channels.complete_s.tolist() == [parse("2020-12-31").hi_s]
    assert channels.until_s.tolist() == [[DEAD, DEAD, NEVER]]


def test_a_channel_s_silence_counts_from_where_its_log_is_complete() -> None:
    stated = program(channels={CHANNEL: {"since": "2020-10", "complete_from": "2020-11"}}).channels
    start = parse("2020-11-01").lo_s
    assert stated.complete_s.tolist() == [start]
    assert stated.until_s.tolist() == [[start + 180 * DAY_S, DEAD, DEAD]]


def test_the_initial_state_counts_from_the_day_of_the_first_fact() -> None:
    assert program().channels.since_s.tolist() == [START_S]
    found = program(history=history(FIRST), channels={})
    assert found.channels.since_s.tolist() == [parse("2020-03-04").lo_s]
    assert found.start_s == parse("2020-03-04").lo_s


def test_what_a_scenario_says_of_a_channel_goes_before_what_history_says() -> None:
    log = history(FIRST, initial="cut_off")
    assert program(history=log, channels={}).channels.initial.tolist() == [STATES.index("cut_off")]
    changed = program(history=log, channels={CHANNEL: {"initial": "corridor"}})
    assert changed.channels.initial.tolist() == [STATES.index("corridor")]


# ---------------------------------------------------------------------------------- streams


def test_streams_are_named_by_channel_party_and_act_and_sorted() -> None:
    found = program(rates_per_day={"call": 0.25, "cut": 0.5}).streams
    names = [f"{CHANNEL}/{p}/{a}" for p in ("CAN", "USA") for a in ("call", "cut")]
    assert list(found.names) == names == sorted(names)
    assert [STREAM_KINDS[k] for k in found.kind] == ["call", "cut", "call", "cut"]
    assert found.rate.tolist() == [0.25, 0.5, 0.25, 0.5]
    assert found.side.tolist() == [0, 0, 1, 1]
    assert found.by.tolist() == [0, 0, 1, 1]
    assert found.forum.tolist() == [-1] * 4
    assert found.key.tolist() == [list(stream_key(n)) for n in names]


def test_a_channel_may_have_rates_of_its_own() -> None:
    own = {"can-usa/leaders": {"rates_per_day": dict.fromkeys(ACTS, 0.0) | {"meet": 0.125}}}
    own["can-usa/leaders"]["rates_per_day"].pop("approach")
    parts = THREE | {"channels": THREE["channels"] | own}
    found = program(rates_per_day={"call": 1}, **parts).streams
    rates = dict(zip(found.names, found.rate.tolist(), strict=True))
    assert rates == {
        "can-usa/leaders/CAN/meet": 0.125,
        "can-usa/leaders/USA/meet": 0.125,
        "can-usa/ministers/CAN/call": 1,
        "can-usa/ministers/USA/call": 1,
        "mex-usa/ministers/MEX/call": 1,
        "mex-usa/ministers/USA/call": 1,
    }


def test_a_forum_gives_one_opportunity_to_each_party_of_each_channel_there() -> None:
    forums = {
        "all": {"date": "2021-01-10/2021-01-12"},
        "some": {"date": "2021-02-01", "channels": ["mex-usa/ministers"]},
        "before": {"date": "2020-12-31"},
        "astride": {"date": "2020-12-31/2021-01-01"},
        "after": {"date": "2021-03-31/2021-04-01"},
    }
    found = program(forums=forums, **THREE)
    assert found.forums.names == ("all", "some")
    assert found.forums.attends.tolist() == [[1, 1, 1], [0, 0, 1]]
    assert found.forums.lo_s.tolist() == [parse("2021-01-10").lo_s, parse("2021-02-01").lo_s]
    assert found.forums.hi_s.tolist() == [parse("2021-01-12").hi_s, parse("2021-02-01").hi_s]
    assert len(found.streams.names) == 2 * 3 + 2
    for s, name in enumerate(found.streams.names):
        forum = found.forums.names.index(name.rpartition("/")[2])
        assert found.streams.forum[s] == forum
        assert found.streams.rate[s] == 0.0
        first, second = found.streams.at_s[s].tolist()
        assert found.forums.lo_s[forum] <= first < second < found.forums.hi_s[forum]
        partner = found.streams.partner[s]
        assert found.streams.partner[partner] == s != partner
        for same in (found.streams.at_s, found.streams.coin, found.streams.channel):
            assert np.array_equal(same[partner], same[s])
    assert len({tuple(c) for c in found.streams.coin.tolist()}) == len(found.streams.names) / 2


def test_streams_of_the_world() -> None:
    world = {
        "fighting": {
            "kind": "escalation",
            "rate_per_day": 0.5,
            "severity": [0.25, 0.75],
            "by": "USA",
            "label": "raids",
        },
        "easing": {"kind": "deescalation", "rate_per_day": 0.125, "channel": CHANNEL},
        "arrests": {
            "kind": "detention",
            "rate_per_day": 0.25,
            "held_by": "CAN",
            "national_of": "USA",
        },
    }
    found = program(world=world).streams
    assert found.names == ("world/arrests", "world/easing", "world/fighting")
    assert [STREAM_KINDS[k] for k in found.kind] == ["detention", "deescalation", "escalation"]
    assert found.rate.tolist() == [0.25, 0.125, 0.5]
    assert found.channel.tolist() == [-1, 0, -1]
    assert found.by.tolist() == [0, -1, 1]
    assert found.holder.tolist() == [0, -1, -1]
    assert found.national.tolist() == [1, -1, -1]
    assert found.severity[2].tolist() == [0.25, 0.75]
    assert found.label[2] == "raids"
    assert found.side.tolist() == [-1] * 3


# ---------------------------------------------------------------------------------- facts


def test_facts_stand_with_causes_first_and_end_with_the_as_of_date() -> None:
    effect = {"id": "a-effect", "date": "2020-04-01", "kind": "statement", "causes": ["first"]}
    later = {"id": "later", "date": "2021-01-04", "kind": "statement"}
    inserted = {"id": "inserted", "date": "2021-01-05", "kind": "statement"}
    found = program(
        history=history(FIRST, effect, later), channels={}, changes=[{"insert": inserted}]
    ).facts
    assert found.ids == ("first", "a-effect", "inserted")
    assert found.before == 2
    assert found.cause_start.tolist() == [0, 0, 1, 1]
    assert found.causes.tolist() == [0]
    assert [KINDS[k] for k in found.kind] == ["contact_cut", "statement", "statement"]
    assert found.channel.tolist() == [0, -1, -1]
    assert found.key.tolist() == [list(stream_key(f"date/{i}")) for i in found.ids]


def test_dates_of_facts_are_spans_and_wishes() -> None:
    month = {"id": "month", "date": "2020-02", "kind": "statement"}
    second = {"id": "second", "date": "2020-02-05T06:07:08Z", "kind": "statement"}
    found = program(history=history(FIRST, month, second), channels={}).facts
    row = {i: n for n, i in enumerate(found.ids)}
    spans = {i: (found.lo_s[n], found.hi_s[n], found.wish_s[n]) for i, n in row.items()}
    noon = parse("2020-03-04").lo_s + DAY_S // 2
    assert spans["first"] == (noon - DAY_S // 2, noon + DAY_S // 2, noon)
    assert spans["month"] == (parse("2020-02").lo_s, parse("2020-02").hi_s, NO_TIME)
    at_s = parse("2020-02-05T06:07:08Z").lo_s
    assert spans["second"] == (at_s, at_s + 1, at_s)


def test_a_cause_leaves_its_effect_room() -> None:
    cause = {"id": "cause", "date": "2020-02", "kind": "statement"}
    effect = {"id": "effect", "date": "2020-02-10", "kind": "statement", "causes": ["cause"]}
    found = program(history=history(cause, effect), channels={}).facts
    assert found.hi_s[found.ids.index("cause")] == parse("2020-02-10").hi_s


def test_readings_are_by_view() -> None:
    talk = {
        "id": "talk",
        "date": "2020-05-01",
        "kind": "call_held",
        "channel": CHANNEL,
        "by": "USA",
        "agenda": ["detainees"],
        "accounts": {"CAN": {"denial": True}, "USA": {"kind": "corridor_talk", "agenda": ["war"]}},
    }
    found = program(history=history(talk), channels={}).facts
    call, corridor = KIND_CODE["call_held"], KIND_CODE["corridor_talk"]
    assert found.reading.tolist() == [[call, -1, corridor]]
    assert found.confined.tolist() == [[1, 0, 0]]
    assert found.by.tolist() == [1]


def test_a_meeting_agreed_carries_when_it_is_to_be() -> None:
    agreed = {"id": "agreed", "date": "2020-05-01", "kind": "meeting_agreed", "channel": CHANNEL}
    exact = agreed | {"meeting_date": "2020-05-09"}
    vague = agreed | {"id": "vague", "meeting_date": "2020-06"}
    found = program(history=history(exact, vague), channels={}).facts
    noon = parse("2020-05-09").midpoint_s
    assert found.meeting_s.tolist() == [
        [parse("2020-05-09").lo_s, parse("2020-05-09").hi_s, noon],
        [parse("2020-06").lo_s, parse("2020-06").hi_s, NO_TIME],
    ]


def test_events_that_concern_nobody_here_are_left_out() -> None:
    log = history(FIRST)
    log["channels"]["mex-usa/ministers"] = {"parties": ["MEX", "USA"]}
    other = {"id": "other", "date": "2020-03-05", "kind": "call_held"}
    arrest = {"id": "arrest", "date": "2020-03-06", "kind": "detained", "persons": ["x"]}
    log["events"] += [
        other | {"channel": "mex-usa/ministers"},
        arrest | {"held_by": "MEX", "national_of": "USA"},
        arrest | {"id": "arrest-2", "held_by": "CAN", "national_of": "USA"},
        {"id": "words", "date": "2020-03-07", "kind": "statement", "by": "MEX"},
    ]
    found = program(history=log, channels={CHANNEL: {}}).facts
    assert set(found.ids) == {"first", "arrest-2"}


def test_who_is_held_at_the_start_is_counted_by_pair_and_side() -> None:
    detainees = {
        "a": {"held_by": "CAN", "national_of": "USA"},
        "b": {"held_by": "CAN", "national_of": "USA"},
        "c": {"held_by": "USA", "national_of": "MEX"},
    }
    assert program(detainees=detainees, **THREE).held.tolist() == [[0, 2], [1, 0]]


def test_a_treaty_binds_one_pair_or_all() -> None:
    assert program(**THREE).bound.tolist() == [1, 1]
    one = program(treaty={"parties": ["USA", "MEX"], "suspended": True}, **THREE)
    assert one.bound.tolist() == [0, 1]
    assert one.suspended.tolist() == [0, 1]


# ---------------------------------------------------------------------------------- the rest


def test_the_rulebook_as_a_table() -> None:
    effect = program().rules.effect.tolist()
    contacts = [k for k in KINDS if effect[KIND_CODE[k]] == EFFECTS.index("contact")]
    assert contacts == [
        *("meeting_held", "call_held", "contact_restored"),
        *("message_delivered", "channel_opened", "talks_held"),
    ]
    assert effect[KIND_CODE["corridor_talk"]] == EFFECTS.index("corridor")
    for kind, name in (("contact_cut", "cut"), ("channel_closed", "cut")):
        assert effect[KIND_CODE[kind]] == EFFECTS.index(name)
    assert effect[KIND_CODE["request_unanswered"]] == EFFECTS.index("silence")
    assert effect.count(-1) == len(KINDS) - 10


def test_memories_as_tables() -> None:
    rules = program(stocks={"war": {"half_life_days": 10, "raised_by": {"statement": 3}}}).rules
    assert rules.decay_per_s.tolist() == [
        math.log(2) / (90 * DAY_S),
        math.log(2) / (45 * DAY_S),
        math.log(2) / (10 * DAY_S),
        math.log(2) / (5 * DAY_S),
    ]
    assert rules.raises[2].tolist() == [3.0 * (k == "statement") for k in KINDS]
    assert rules.raises[0][KIND_CODE["contact_cut"]] == 1.0


def test_doctrines_as_tables() -> None:
    doctrines = {"can": doctrine(call={"bias": 1.5, "silence": -0.5}), "usa": doctrine()}
    found = program(doctrines).doctrines
    assert found.names == ("can", "usa")
    assert found.weights.shape == (1, 2, len(DECISIONS), len(FEATURES))
    row = dict(zip(FEATURES, found.weights[0, 0, DECISIONS.index("call")].tolist(), strict=True))
    assert row == dict.fromkeys(FEATURES, 0.0) | {"bias": 1.5, "silence": -0.5}
    assert found.initial.tolist() == [0, 1]


def test_lets_switch_there_and_back() -> None:
    let = {"party": "USA", "doctrine": "can", "from": "2021-01-10", "until": "2021-01-20"}
    found = program(changes=[{"set_doctrine": let}]).doctrines
    assert found.switch_s.tolist() == [parse("2021-01-10").lo_s, parse("2021-01-21").lo_s]
    assert found.switch_party.tolist() == [1, 1]
    assert found.choice_doctrine.tolist() == [0, 1]


def lets(*periods: tuple[str, str, str]) -> list[tuple[str, str]]:
    """The days on which USA, who follows `usual`, takes up another doctrine, and which."""
    names = ("usual", "first", "second")
    found = program(
        dict.fromkeys(names, doctrine()),
        parties={"CAN": {"doctrine": "usual"}, "USA": {"doctrine": "usual"}},
        changes=[
            {"set_doctrine": {"party": "USA", "doctrine": d, "from": lo, "until": hi}}
            for d, lo, hi in periods
        ],
    ).doctrines
    assert set(found.switch_party.tolist()) <= {1}
    return [
        (instant(s)[:10], found.names[d])
        for s, d in zip(found.switch_s.tolist(), found.choice_doctrine.tolist(), strict=True)
    ]


def test_of_lets_that_overlap_the_one_in_force_is_the_one_that_began_last() -> None:
    first = ("first", "2021-01-10", "2021-01-20")
    inner = ("second", "2021-01-12", "2021-01-14")
    after = ("second", "2021-01-21", "2021-01-30")
    across = ("second", "2021-01-15", "2021-01-25")
    start, end = ("2021-01-10", "first"), ("2021-01-21", "usual")
    assert lets(first) == [start, end]
    assert lets(first, after) == [start, ("2021-01-21", "second"), ("2021-01-31", "usual")]
    assert lets(inner, first) == [start, ("2021-01-12", "second"), ("2021-01-15", "first"), end]
    assert lets(across, first) == [start, ("2021-01-15", "second"), ("2021-01-26", "usual")]
    assert lets(("usual", "2021-01-10", "2021-01-20")) == []


def test_occupancy_is_counted_at_the_ends_of_days() -> None:
    found = program()
    assert found.grid_s[0] == START_S - 1
    assert set((found.grid_s[1:] - found.grid_s[:-1]).tolist()) == {DAY_S}
    assert found.grid_s[-1] == parse(UNTIL).hi_s - 1
    assert len(found.grid_s) == 90 + 1


def test_long_runs_are_counted_at_fewer_instants() -> None:
    found = program(until="2030-12-31")
    assert len(found.grid_s) <= MAX_GRID
    assert found.grid_s[-1] < found.until_s
    step = int(found.grid_s[1] - found.grid_s[0])
    assert step == 6 * DAY_S  # 3,652 days on at most 731 instants
    assert found.until_s - found.grid_s[-1] <= step


def test_outcomes_as_tables() -> None:
    outcomes = {
        "at": {"type": "state_at", "state": "open", "date": "2021-02-01", "viewpoint": "USA"},
        "by": {"type": "state_by", "state": ["open", "corridor"]},
        "first": {"type": "first_time", "state": "cut_off"},
        "share": {
            "type": "share_of_days",
            "state": "open",
            "from": "2021-01-05",
            "until": "2021-01-09",
        },
        "share-all": {"type": "share_of_days", "state": "open"},
        "talks": {"type": "event_by", "kind": "call_held", "by": "USA", "at_least": 3},
    }
    found = program(outcomes=outcomes).outcomes
    row = {name: n for n, name in enumerate(found.names)}
    assert found.names == tuple(sorted(outcomes))
    types = {n: MEASURES[found.type[q]] for n, q in row.items()}
    assert types == {n: o["type"] for n, o in outcomes.items()}
    assert {n: int(found.channel[q]) for n, q in row.items()} == dict.fromkeys(row, 0) | {
        "talks": -1
    }
    assert {n: int(found.view[q]) for n, q in row.items()} == dict.fromkeys(row, 0) | {"at": 2}
    assert found.states[row["by"]].tolist() == [1, 0, 0, 1]
    end = parse(UNTIL).hi_s
    assert found.hi_s[row["at"]] == parse("2021-02-01").hi_s
    assert found.lo_s[row["share"]] == parse("2021-01-05").lo_s
    assert found.hi_s[row["share"]] == parse("2021-01-09").hi_s
    assert (found.lo_s[row["share-all"]], found.hi_s[row["share-all"]]) == (START_S, end)
    talks = row["talks"]
    assert [KINDS[k] for k in found.kinds[talks].nonzero()[0]] == ["call_held"]
    assert found.by[talks] == 1
    assert not np.delete(found.kinds, talks, axis=0).any()
    assert found.at_least[row["talks"]] == 3


@pytest.mark.parametrize("order", ["as it stands", "reversed"])
def test_the_order_of_a_file_means_nothing(order: str) -> None:
    parts = {k: dict(reversed(v.items())) if order == "reversed" else v for k, v in THREE.items()}
    found = compile_scenario(scenario(**parts))
    assert found.parties == ("CAN", "MEX", "USA")
    assert found.channels.names[0] == "can-usa/leaders"
