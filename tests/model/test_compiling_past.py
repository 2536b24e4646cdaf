"""What a what-if reads out of history: decisions, whose they may have been, and what they need."""

from __future__ import annotations

from typing import Any

import pytest
from micro import CHANNEL
from pasts import detained, event, past_of, place, told

from sim.ground.dates import DAY_S, parse
from sim.log.events import EVENT, Event
from sim.log.order import canonical_times
from sim.model.compiled_scenario import DECIDED, EXOGENOUS, MET, PASSED_BY, CompiledScenario, Past
from sim.model.compiling import compile_scenario
from sim.model.compiling_forums import forum_of, with_implied_forums
from sim.model.compiling_needs import needs_of, swept_along
from sim.model.compiling_past import DECIDABLE, agreements, told_by
from sim.model.replication import replicate
from sim.rules.telling import AS_IS, DENIED, PLAYED_DOWN
from sim.scenario.scenario import Forum, Scenario
from sim.scenario.scope import channels_of
from sim.study.verifying import verify

DEFENCE = "can-usa/defence"
TWO_CHANNELS = {"channels": {CHANNEL: {"initial": "open"}, DEFENCE: {"initial": "open"}}}


def coded(*events: dict[str, Any]) -> list[Event]:
    return [EVENT.validate_python(e) for e in events]


# ---------------------------------------------------------------------------------- forums


def test_a_talk_implies_a_forum_on_its_day_for_its_channel_alone() -> None:
    whole = told(event("talk", "corridor_talk", "2021-01-20"), **TWO_CHANNELS)
    assert with_implied_forums(whole).forums == {
        "at-talk": Forum(date="2021-01-20", channels=(CHANNEL,))
    }
    program, _ = past_of(whole)
    assert program.forums.names == ("at-talk",)
    assert program.facts.forum.tolist() == [0]
    approaches = [n for n in program.streams.names if "approach" in n]
    assert approaches == [f"{CHANNEL}/{p}/approach/at-talk" for p in ("CAN", "USA")]


@pytest.mark.parametrize(
    ("kind", "more", "implied"),
    [
        ("corridor_talk", {}, ["at-e"]),
        ("copresence", {}, ["at-e"]),
        ("corridor_talk", {"forum": "g20"}, ["g20"]),
        ("contact_refused", {"forum": "g20"}, ["g20"]),
        ("contact_refused", {}, []),
        ("call_held", {"forum": "g20"}, []),
        ("meeting_held", {}, []),
    ],
)
def test_which_events_imply_a_forum(kind: str, more: dict[str, str], implied: list[str]) -> None:
    whole = told(event("e", kind, "2021-01-20", place="Delhi", **more))
    found = with_implied_forums(whole).forums
    assert list(found) == implied
    assert all(f.place == "Delhi" for f in found.values())


SUMMIT = {"summit": {"date": "2021-01-19/2021-01-21"}}


@pytest.mark.parametrize(
    ("day", "more", "forums", "expected"),
    [
        ("2021-01-20", {}, SUMMIT, ["summit"]),
        ("2021-01", {}, SUMMIT, ["summit"]),
        ("2021-01-22", {}, SUMMIT, ["at-e", "summit"]),
        ("2021-01-20", {"forum": "summit"}, SUMMIT, ["summit"]),
        ("2021-01-20", {"forum": "other"}, SUMMIT, ["other", "summit"]),
        ("2021-02-20", {"forum": "summit"}, SUMMIT, ["at-e", "summit"]),
        (
            "2021-01-20",
            {},
            {"summit": {"date": "2021-01-20", "channels": [DEFENCE]}},
            ["at-e", "summit"],
        ),
    ],
    ids=[
        "its day",
        "its month",
        "the day after",
        "named",
        "another named",
        "named, another day",
        "not there",
    ],
)
def test_a_forum_that_fits_is_used(
    day: str, more: dict[str, str], forums: dict[str, Any], expected: list[str]
) -> None:
    whole = told(event("e", "corridor_talk", day, **more), forums=forums, **TWO_CHANNELS)
    assert list(with_implied_forums(whole).forums) == expected


def test_of_several_forums_on_a_day_the_first_by_name_is_meant() -> None:
    forums = {n: Forum(date="2021-01-20") for n in ("b", "a", "c")}
    (talk,) = coded(event("e", "corridor_talk", "2021-01-20"))
    assert forum_of(talk, forums) == "a"
    assert forum_of(talk.model_copy(update={"forum": "c"}), forums) == "c"


def test_forums_are_not_implied_for_a_forecast() -> None:
    whole = told(event("talk", "corridor_talk", "2021-01-20"))
    assert compile_scenario(whole).forums.names == ()


# ---------------------------------------------------------------------------------- agreements


def matched(*events: dict[str, Any], **parts: Any) -> tuple[dict[str, str], list[Event]]:
    whole = told(*events, **parts)
    assert whole.history is not None
    return agreements(whole, whole.history.events, channels_of(whole))


def agreed(id_: str, date: str, of: str, **more: Any) -> dict[str, Any]:
    return event(id_, "meeting_agreed", date, meeting_date=of, **more)


def test_a_meeting_follows_from_the_agreement_before_it() -> None:
    found, implied = matched(
        agreed("a", "2021-01-05", "2021-01-20"), event("m", "meeting_held", "2021-01-20")
    )
    assert (found, implied) == ({"m": "a"}, [])


def test_a_meeting_without_one_implies_one() -> None:
    lead = {"least": 5, "most": 12}
    found, (implied,) = matched(
        event("m", "meeting_held", "2021-01-20", by="USA"), meeting_lead_days=lead
    )
    assert found == {"m": "m.agreed"}
    assert (implied.id, implied.kind, implied.by, implied.channel) == (
        "m.agreed",
        "meeting_agreed",
        "USA",
        CHANNEL,
    )
    assert implied.meeting_date == "2021-01-20"
    span, held = parse(implied.date), parse("2021-01-20").lo_s
    assert (held - span.lo_s, held - (span.hi_s - 1)) == (12 * DAY_S, 5 * DAY_S)


@pytest.mark.parametrize("kind", ["meeting_held", "meeting_cancelled", "contact_cut"])
def test_an_implied_agreement_lies_after_what_ended_the_matter_before(kind: str) -> None:
    found, implied = matched(
        agreed("a", "2021-01-01", "2021-01-31"),
        event("end", kind, "2021-01-15"),
        event("m", "meeting_held", "2021-01-20"),
    )
    assert found["m"] == "m.agreed"
    lo = parse("2021-01-15").midpoint_s + 1
    assert parse(implied[-1].date).lo_s == lo


@pytest.mark.parametrize("gap", [1, 2, 3])
def test_meetings_in_quick_succession_have_their_agreements_between_them(gap: int) -> None:
    """Nearer than agreed meetings ever lie, three days by default: else the past cannot return."""
    second = f"2021-01-{15 + gap}"
    whole = told(
        event("m1", "meeting_held", "2021-01-15"),
        event("m2", "meeting_held", second),
        rates_per_day={"cut": 0, "cancel": 0},
    )
    assert whole.history is not None
    found, (_, implied) = agreements(whole, whole.history.events, channels_of(whole))
    assert found == {"m1": "m1.agreed", "m2": "m2.agreed"}
    span = parse(implied.date)
    assert parse("2021-01-15").midpoint_s < span.lo_s
    assert span.hi_s <= parse(second).midpoint_s


def test_a_second_meeting_on_a_day_is_taken_as_it_is() -> None:
    program, past = past_of(
        told(event("m1", "meeting_held", "2021-01-15"), event("m2", "meeting_held", "2021-01-15"))
    )
    assert program.facts.ids == ("m1", "m2", "m1.agreed")
    assert past.role[:2].tolist() == [MET, EXOGENOUS]
    assert past.agreed.tolist() == [2, -1, -1]


@pytest.mark.parametrize("other", ["meeting_cancelled", "contact_cut", "meeting_held"])
def test_an_agreement_serves_once(other: str) -> None:
    found, implied = matched(
        agreed("a", "2021-01-05", "2021-01-20"),
        event("end", other, "2021-01-08"),
        event("m", "meeting_held", "2021-01-30"),
    )
    assert found["m"] == "m.agreed"
    assert len(implied) == 1


def test_agreements_of_another_channel_do_not_serve() -> None:
    found, _ = matched(
        agreed("a", "2021-01-05", "2021-01-20", channel=DEFENCE),
        event("m", "meeting_held", "2021-01-20"),
        **TWO_CHANNELS,
    )
    assert found == {"m": "m.agreed"}


def test_the_last_of_two_agreements_serves() -> None:
    found, _ = matched(
        agreed("a", "2021-01-05", "2021-01-25"),
        agreed("b", "2021-01-10", "2021-01-20"),
        event("m", "meeting_held", "2021-01-20"),
    )
    assert found == {"m": "b"}


def test_an_implied_agreement_is_latent_and_before_the_as_of_date() -> None:
    program, past = past_of(told(event("m", "meeting_held", "2021-02-20")))
    assert program.facts.ids == ("m", "m.agreed")
    assert program.facts.before == 2
    assert past.latent.tolist() == [0, 1]
    assert past.agreed.tolist() == [1, -1]
    assert past.role.tolist() == [MET, DECIDED]
    assert compile_scenario(told(event("m", "meeting_held", "2021-02-20"))).facts.ids == ("m",)


# ---------------------------------------------------------------------------------- needs


def needs(event_: dict[str, Any], *others: dict[str, Any]) -> set[str]:
    listed = coded(event_, *others)
    return needs_of(listed[0], listed)


def released(id_: str, date: str, **more: Any) -> dict[str, Any]:
    return detained(id_, date, "released", **more)


def treaty(id_: str, kind: str, date: str, name: str = "New START") -> dict[str, Any]:
    return event(id_, kind, date, treaty=name, channel=None)


NEEDS: dict[str, tuple[set[str], list[dict[str, Any]]]] = {
    "a sentence, the arrest": (
        {"arrest"},
        [detained("e", "2021-02-01", "sentenced"), detained("arrest", "2021-01-01")],
    ),
    "a release, the arrest": (
        {"arrest"},
        [released("e", "2021-02-01"), detained("arrest", "2021-01-01")],
    ),
    "of each of its people": (
        {"first", "second"},
        [
            released("e", "2021-02-01", persons=["ann", "bob"]),
            detained("first", "2021-01-01"),
            detained("second", "2021-01-02", persons=["bob", "carl"]),
            detained("third", "2021-01-03", persons=["dora"]),
        ],
    ),
    "not an arrest that came later": (
        {"first"},
        [
            released("e", "2021-02-01"),
            detained("first", "2021-01-01"),
            detained("again", "2021-02-20"),
        ],
    ),
    "nor one that may have": (
        set(),
        [released("e", "2021-02"), detained("arrest", "2021-01/2021-02")],
    ),
    "unless the log says that it came first": (
        {"arrest"},
        [released("e", "2021-02", causes=["arrest"]), detained("arrest", "2021-01/2021-02")],
    ),
    "a release, the offer it answers": (
        {"offer"},
        [
            released("e", "2021-02-01", causes=["offer"]),
            event("offer", "swap_proposed", "2021-01-20"),
            event("other", "swap_proposed", "2021-01-21"),
        ],
    ),
    "a refused exchange, the offer": (
        {"offer"},
        [
            event("e", "swap_refused", "2021-02-01", causes=["offer"]),
            event("offer", "swap_proposed", "2021-01-20"),
        ],
    ),
    "a treaty resumed, its suspension": (
        {"off"},
        [
            treaty("e", "treaty_resumed", "2021-02-01"),
            treaty("off", "treaty_suspended", "2021-01-01"),
            treaty("open-skies", "treaty_suspended", "2021-01-01", "Open Skies"),
            treaty("off-again", "treaty_suspended", "2021-02-10"),
        ],
    ),
    "a statement, all its causes": (
        {"a", "b"},
        [
            event("e", "statement", "2021-02-01", causes=["a", "b"]),
            event("a", "call_held", "2021-01-01"),
            event("b", "contact_cut", "2021-01-02"),
        ],
    ),
    "others, nothing: causes are no needs": (
        set(),
        [
            event("e", "contact_cut", "2021-02-01", causes=["a"]),
            event("a", "call_held", "2021-01-01"),
        ],
    ),
}


@pytest.mark.parametrize("case", NEEDS)
def test_what_events_need(case: str) -> None:
    expected, events = NEEDS[case]
    assert needs(*events) == expected


REARREST = [
    detained("first", "2021-01-03"),
    released("free", "2021-01-20"),
    detained("again", "2021-02-03"),
]


def test_swept_along_follows_needs_through_needs() -> None:
    whole = told(
        event("offer", "swap_proposed", "2021-01-10"),
        released("free", "2021-01-20", causes=["offer"]),
        event("praise", "statement", "2021-01-21", causes=["free"]),
        event("other", "statement", "2021-01-22"),
        changes=[{"remove": "offer"}],
    )
    assert swept_along(whole) == [("free", "offer"), ("praise", "free")]


def test_swept_along_without_removals_is_nothing() -> None:
    moved = told(*REARREST, changes=[{"move": {"event": "again", "to": "2021-02-05"}}])
    assert swept_along(moved) == []
    assert swept_along(told(*REARREST, changes=[{"remove": "again"}])) == []
    assert swept_along(told(*REARREST, changes=[{"remove": "first"}])) == [("free", "first")]


def test_what_is_removed_itself_is_not_swept_along() -> None:
    whole = told(*REARREST, changes=[{"remove": "first"}, {"remove": "free"}])
    assert swept_along(whole) == []


def test_an_inserted_event_is_swept_along_too() -> None:
    """Swapped for its twin, a sentence still needs the arrest: the report says why it is not
    there."""
    sentence = detained("sentence", "2021-02-01", "sentenced")
    twin = sentence | {"id": "twin"}
    swap = [{"remove": "sentence"}, {"insert": twin}]
    coded_ = (detained("arrest", "2021-01-10"), sentence)
    assert swept_along(told(*coded_, changes=swap)) == []
    alone = told(*coded_, changes=[*swap, {"remove": "arrest"}])
    assert swept_along(alone) == [("twin", "arrest")]
    program = compile_scenario(alone)
    assert replicate(program, 1, 0).situation.happenings == []
    assert verify(program, 1, 3) == 0


def test_needs_are_compiled_to_places_of_history() -> None:
    program, past = past_of(told(*REARREST, as_of="2021-02-28"))
    n = place(program, "free")
    found = past.needs[past.need_start[n] : past.need_start[n + 1]]
    assert [program.facts.ids[f] for f in found] == ["first"]
    assert past.needs.size == 1


# ---------------------------------------------------------------------------------- how it was told


@pytest.mark.parametrize(
    ("kind", "agenda", "account", "expected"),
    [
        ("meeting_held", [], None, AS_IS),
        ("meeting_held", [], {"kind": "meeting_held"}, AS_IS),
        ("meeting_held", [], {"agenda": ["war"]}, AS_IS),
        ("meeting_held", [], {"kind": "corridor_talk"}, PLAYED_DOWN),
        ("meeting_held", [], {"denial": True}, PLAYED_DOWN),
        ("meeting_held", ["detainees"], {"denial": True}, PLAYED_DOWN),
        ("call_held", ["war"], {"denial": True}, PLAYED_DOWN),
        ("call_held", ["detainees"], {"denial": True}, DENIED),
        ("call_held", ["detainees", "war"], {"denial": True}, PLAYED_DOWN),
        ("corridor_talk", [], {"kind": "corridor_talk"}, AS_IS),
        ("corridor_talk", [], {"kind": "copresence"}, DENIED),
        ("corridor_talk", [], {"denial": True}, DENIED),
    ],
)
def test_told_by(kind: str, agenda: list[str], account: dict[str, Any], expected: int) -> None:
    accounts = {} if account is None else {"USA": account}
    (coded_,) = coded(event("e", kind, "2021-01-20", agenda=agenda, accounts=accounts))
    assert told_by(coded_, "USA") == expected
    assert told_by(coded_, "CAN") == AS_IS


# ---------------------------------------------------------------------------------- rows


def row(*events: dict[str, Any], of: str = "e", **parts: Any) -> tuple[CompiledScenario, Past, int]:
    program, past = past_of(told(*events, **parts))
    return program, past, place(program, of)


def streams_of(program: CompiledScenario, past: Past, f: int) -> list[str]:
    """The candidates of a fact, as PARTY/act or PARTY/approach/forum, with other levels in full."""
    found = past.candidates[past.candidate_start[f] : past.candidate_start[f + 1]]
    return [program.streams.names[s].removeprefix(f"{CHANNEL}/") for s in found]


BOTH = ("CAN", "USA")
CANDIDATES: dict[str, tuple[list[str], dict[str, Any]]] = {
    "an agreement by a party": (
        ["USA/meet"],
        agreed("e", "2021-01-20", "2021-02-20", by="USA"),
    ),
    "a call by a party": (["USA/call"], event("e", "call_held", "2021-01-20", by="USA")),
    "a call by nobody knows whom": (
        [f"{p}/call" for p in BOTH],
        event("e", "call_held", "2021-01-20"),
    ),
    "a confined call": (
        [f"{p}/raise_detainees" for p in BOTH],
        event("e", "call_held", "2021-01-20", agenda=["detainees"]),
    ),
    "a call about more": (
        [f"{p}/call" for p in BOTH],
        event("e", "call_held", "2021-01-20", agenda=["detainees", "war"]),
    ),
    "a refusal by a party: the other asked": (
        ["CAN/call", "CAN/meet"],
        event("e", "contact_refused", "2021-01-20", by="USA"),
    ),
    "a refusal by nobody knows whom": (
        [f"{p}/{a}" for p in BOTH for a in ("call", "meet")],
        event("e", "contact_refused", "2021-01-20"),
    ),
    "a refusal to speak of detainees": (
        ["USA/raise_detainees"],
        event("e", "contact_refused", "2021-01-20", by="CAN", agenda=["detainees"]),
    ),
    "a talk": (
        [f"{p}/approach/at-e" for p in BOTH],
        event("e", "corridor_talk", "2021-01-20"),
    ),
    "a refusal at a forum": (
        ["CAN/approach/g20"],
        event("e", "contact_refused", "2021-01-20", by="USA", forum="g20"),
    ),
    "a cancelling": (["CAN/cancel"], event("e", "meeting_cancelled", "2021-01-20", by="CAN")),
    "a cut": (["CAN/cut"], event("e", "contact_cut", "2021-01-20", by="CAN")),
    "an offer": (["USA/swap"], event("e", "swap_proposed", "2021-01-20", by="USA")),
    "an offer on no channel": (
        ["USA/swap"],
        event("e", "swap_proposed", "2021-01-20", by="USA", channel=None),
    ),
    "a letter": (["USA/send"], event("e", "message_delivered", "2021-01-20", by="USA")),
    "a letter about detainees": (
        [f"{p}/send" for p in BOTH],
        event("e", "message_delivered", "2021-01-20", agenda=["detainees"]),
    ),
    "a request": (["CAN/ask"], event("e", "contact_requested", "2021-01-20", by="CAN")),
    "silence: the other asked": (
        ["CAN/ask"],
        event("e", "request_unanswered", "2021-01-20", by="USA"),
    ),
    "what is restored": (
        [f"{p}/restore" for p in BOTH],
        event("e", "contact_restored", "2021-01-20"),
    ),
    "a refusal where one may restore": (
        ["CAN/call", "CAN/meet", "CAN/restore"],
        event("e", "contact_refused", "2021-01-20", by="USA"),
    ),
}
OPTIONAL = {"send": 0.1, "ask": 0.1, "restore": 0.1}


@pytest.mark.parametrize("case", CANDIDATES)
def test_candidates(case: str) -> None:
    expected, told_ = CANDIDATES[case]
    asked = any(name.rpartition("/")[2] in OPTIONAL for name in expected)
    program, past, f = row(told_, **({"rates_per_day": OPTIONAL} if asked else {}))
    assert streams_of(program, past, f) == expected
    assert past.role[f] == DECIDED


def test_every_kind_of_decision_is_tried() -> None:
    assert {e["kind"] for _, e in CANDIDATES.values()} == DECIDABLE


def test_a_stream_of_rate_0_is_no_candidate() -> None:
    rates = {"call": 0}
    program, past, f = row(event("e", "contact_refused", "2021-01-20"), rates_per_day=rates)
    assert streams_of(program, past, f) == ["CAN/meet", "USA/meet"]


def test_candidates_are_of_the_events_channel() -> None:
    program, past, f = row(event("e", "call_held", "2021-01-20", by="USA"), **TWO_CHANNELS)
    assert streams_of(program, past, f) == ["USA/call"]
    offer = event("e", "swap_proposed", "2021-01-20", by="USA", channel=None)
    program, past, f = row(offer, **TWO_CHANNELS)
    assert streams_of(program, past, f) == [f"{DEFENCE}/USA/swap", "USA/swap"]


def test_candidates_are_of_the_forum_of_the_talk() -> None:
    program, past, f = row(
        event("e", "corridor_talk", "2021-01-20", by="USA"),
        event("e2", "corridor_talk", "2021-02-03"),
        forums=SUMMIT,
    )
    assert streams_of(program, past, f) == ["USA/approach/summit"]
    assert streams_of(program, past, place(program, "e2")) == [f"{p}/approach/at-e2" for p in BOTH]


ANSWERS: dict[str, tuple[int, list[dict[str, Any]]]] = {
    "a call": (1, [event("e", "call_held", "2021-01-20")]),
    "a talk": (1, [event("e", "corridor_talk", "2021-01-20")]),
    "an agreement": (1, [agreed("e", "2021-01-20", "2021-02-20")]),
    "a refusal": (0, [event("e", "contact_refused", "2021-01-20")]),
    "a cut": (-1, [event("e", "contact_cut", "2021-01-20")]),
    "a cancelling": (-1, [event("e", "meeting_cancelled", "2021-01-20")]),
    "an offer that nothing followed": (0, [event("e", "swap_proposed", "2021-01-20")]),
    "an offer that was refused": (
        0,
        [
            event("e", "swap_proposed", "2021-01-20"),
            event("no", "swap_refused", "2021-01-25", causes=["e"]),
        ],
    ),
    "an offer that freed somebody": (
        1,
        [
            event("e", "swap_proposed", "2021-01-20"),
            released("free", "2021-01-25", causes=["e"]),
        ],
    ),
    "an offer with a release beside it": (
        0,
        [event("e", "swap_proposed", "2021-01-20"), released("free", "2021-01-25")],
    ),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_answers(case: str) -> None:
    expected, events = ANSWERS[case]
    _, past, f = row(*events)
    assert past.answer[f] == expected


def test_accounts_are_codes_by_side() -> None:
    accounts = {"USA": {"denial": True}, "CAN": {"kind": "call_held"}}
    _, past, f = row(event("e", "call_held", "2021-01-20", accounts=accounts))
    assert past.told[f].tolist() == [AS_IS, PLAYED_DOWN]


def test_roles() -> None:
    program, past = past_of(
        told(
            event("call", "call_held", "2021-01-10"),
            event("seen", "copresence", "2021-01-12"),
            event("met", "meeting_held", "2021-02-10"),
            detained("arrest", "2021-01-14"),
            event("back", "contact_restored", "2021-01-15"),
            event("words", "statement", "2021-01-16"),
            event("no", "swap_refused", "2021-01-17"),
            event("raid", "escalation", "2021-01-18", severity=0.5, label="raid", channel=None),
        )
    )
    roles = {i: int(r) for i, r in zip(program.facts.ids, past.role, strict=True)}
    exogenous = dict.fromkeys(("arrest", "back", "words", "no", "raid"), EXOGENOUS)
    decided = {"call": DECIDED, "met.agreed": DECIDED}
    assert roles == exogenous | decided | {"seen": PASSED_BY, "met": MET}
    assert program.forums.names[program.facts.forum[place(program, "seen")]] == "at-seen"


def test_what_lies_before_complete_from_is_exogenous() -> None:
    events = [event("old", "call_held", "2020-12-31"), event("new", "call_held", "2021-01-01")]
    program, past = past_of(told(*events))
    assert [int(past.role[place(program, i)]) for i in ("old", "new")] == [EXOGENOUS, DECIDED]
    assert past.start_s == parse("2021-01-01").lo_s
    program, past = past_of(told(*events, complete_from=None))
    assert [int(past.role[place(program, i)]) for i in ("old", "new")] == [DECIDED, DECIDED]
    assert past.start_s == parse("2020-12-31").lo_s


def test_what_interventions_force_is_exogenous_and_what_they_take_is_removed() -> None:
    whole = told(
        event("a", "call_held", "2021-01-10"),
        event("b", "call_held", "2021-01-20"),
        event("c", "call_held", "2021-01-30"),
        changes=[
            {"remove": "a"},
            {"move": {"event": "b", "to": "2021-02-02"}},
            {"insert": event("new", "contact_cut", "2021-01-15")},
        ],
    )
    program, past = past_of(whole)
    assert program.facts.ids == ("a", "b", "c", "b", "new")
    assert program.facts.before == 3
    assert past.removed.tolist() == [1, 1, 0, 0, 0]
    assert past.role.tolist() == [DECIDED] * 3 + [EXOGENOUS] * 2


def test_events_of_before_1970_keep_their_times() -> None:
    """Geneva, July 1955: the order of a log must not be lost before the epoch."""
    events = coded(event("b", "call_held", "1955-07-18"), event("a", "contact_cut", "1955-07-23"))
    times = canonical_times(events)
    assert times == {e.id: parse(e.date).midpoint_s for e in events}


def test_a_scenario_without_history_has_an_empty_past() -> None:
    whole: Scenario = told(complete_from=None).model_copy(update={"history": None})
    program, past = past_of(whole)
    assert program.facts.ids == ()
    assert past.candidates.size == past.needs.size == past.role.size == 0
    assert past.start_s == program.as_of_s
