"""The rulebook: a golden table of what each kind does, and its principle.

The principle (invariant 13): a contact never lowers a state and never shortens what is left of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ground.dates import DAY_S
from sim.log.events import EVENT, KINDS, Event
from sim.log.kinds import CONTACTS, KIND_RULES
from sim.log.log import STATES, SUPPORTS, LapseDays, State
from sim.log.rulebook import (
    OBSERVER,
    Reading,
    Rulebook,
    Standing,
    Until,
    longest,
    read,
    widest,
)
from sim.rules.contact import CORRIDOR, DEAD, LONG_OVER, NEVER, OPEN, PRISONER_ONLY

FOREVER = LapseDays(open=None, open_at_most=None, prisoner_only=None, corridor=None)
ALWAYS = Rulebook(FOREVER, 0)
USUAL = Rulebook(LapseDays(), 0)

# kind: the state after, for a general agenda | for detainees alone,
# from each of open, cut_off, prisoner_only, corridor (by their first letters)
TABLE = {
    "meeting_agreed": "o c p k | o c p k",
    "meeting_held": "o o o o | o p p p",
    "call_held": "o o o o | o p p p",
    "corridor_talk": "o k p k | o k p k",
    "copresence": "o c p k | o c p k",
    "contact_refused": "o c p k | o c p k",
    "meeting_cancelled": "o c p k | o c p k",
    "contact_cut": "c c c c | c c c c",
    "contact_restored": "o o o o | o p p p",
    "detained": "o c p k | o c p k",
    "sentenced": "o c p k | o c p k",
    "swap_proposed": "o c p k | o c p k",
    "swap_refused": "o c p k | o c p k",
    "released": "o c p k | o c p k",
    "treaty_suspended": "o c p k | o c p k",
    "treaty_resumed": "o c p k | o c p k",
    "escalation": "o c p k | o c p k",
    "deescalation": "o c p k | o c p k",
    "statement": "o c p k | o c p k",
    "message_delivered": "o o o o | o p p p",
    "contact_requested": "o c p k | o c p k",
    "request_unanswered": "o c p k | o c p k",
    "meeting_postponed": "o c p k | o c p k",
    "agreement_reached": "o c p k | o c p k",
    "channel_opened": "o o o o | o p p p",
    "channel_closed": "c c c c | c c c c",
    "talks_held": "o o o o | o p p p",
}
LETTERS = {"o": "open", "c": "cut_off", "p": "prisoner_only", "k": "corridor"}
BREAKS_SILENCE = {
    "meeting_held", "call_held", "corridor_talk", "contact_restored",
    "message_delivered", "channel_opened", "talks_held",
}  # fmt: skip
LINE = Rulebook(FOREVER, 0, line=True)


def after(kind: str, confined: bool, state: Any) -> Standing:
    return ALWAYS.apply(ALWAYS.begin(state, 0), "e", Reading(kind, confined), 100)


def golden(kind: str, confined: bool) -> list[str]:
    return [LETTERS[c] for c in TABLE[kind].split(" | ")[confined].split()]


def test_the_table_is_complete() -> None:
    assert tuple(TABLE) == KINDS
    assert tuple(LETTERS.values()) == STATES
    assert set(CONTACTS) == BREAKS_SILENCE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("confined", [False, True])
def test_what_each_kind_does(kind: str, confined: bool) -> None:
    found = [after(kind, confined, state) for state in STATES]
    assert [s.state for s in found] == golden(kind, confined)
    for before, standing in zip(STATES, found, strict=True):
        moved = standing.state != before
        assert standing.since_s == (100 if moved else 0)
        assert standing.event == ("e" if moved else None)
        assert standing.contact_s == (100 if kind in BREAKS_SILENCE else 0)
        assert not standing.lapsed


@pytest.mark.parametrize("kind", sorted({k for k, r in KIND_RULES.items() if r.effect}))
def test_a_changed_effect_is_noticed(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: any other effect of a kind makes the table differ from the golden one."""
    others = {None, "contact", "corridor", "cut"} - {KIND_RULES[kind].effect}
    for other in others - ({None} if kind == "request_unanswered" else set()):
        with monkeypatch.context() as patch:
            patch.setitem(KIND_RULES, kind, replace(KIND_RULES[kind], effect=other))
            found = [[after(kind, c, s).state for s in STATES] for c in (False, True)]
            assert found != [golden(kind, c) for c in (False, True)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_silence_does_to_a_standing_line(kind: str) -> None:
    """It ends it as a cut does; all else is as on any channel."""
    for state in STATES:
        begun = LINE.begin(state, 0)
        found = LINE.apply(begun, "e", Reading(kind, False), 100)
        as_ever = "contact_cut" if kind == "request_unanswered" else kind
        assert found.state == after(as_ever, False, state).state


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("contact_cut", "cut"),
        ("channel_closed", "closed"),
        ("request_unanswered", "unanswered"),
    ],
)
def test_a_state_says_why_it_holds(kind: str, why: str) -> None:
    book = Rulebook(LapseDays(open=1), 0, line=True)
    open_ = book.begin("open", 0)
    assert open_.why == "initial"
    ended = book.apply(open_, "end", Reading(kind, False), 5)
    assert (ended.state, ended.why, ended.event) == ("cut_off", why, "end")
    again = book.apply(ended, "again", Reading("channel_opened", False), 9)
    assert (again.state, again.why) == ("open", "event")
    assert book.settle(again, 9 + DAY_S).why == "lapsed"


def test_talks_keep_a_channel_alive_to_their_last_day_and_after() -> None:
    begun, talks = USUAL.begin("cut_off", 0), Reading("talks_held", False)
    found = USUAL.apply(begun, "talks", talks, 10 * DAY_S, 100 * DAY_S)
    assert (found.state, found.since_s, found.contact_s) == ("open", 10 * DAY_S, 100 * DAY_S)
    assert USUAL.expiry(found) == 160 * DAY_S
    meanwhile = USUAL.apply(found, "call", Reading("call_held", False), 20 * DAY_S)
    assert meanwhile.contact_s == 100 * DAY_S  # they go on
    once = USUAL.apply(begun, "talks", talks, 10 * DAY_S)
    assert USUAL.expiry(once) == 70 * DAY_S


def test_a_denied_contact_moves_nothing() -> None:
    standing = Standing("cut_off", 5, 7, "cut")
    assert ALWAYS.apply(standing, "e", None, 100) == standing


def test_a_denied_contact_does_not_stop_a_lapse() -> None:
    book = Rulebook(LapseDays(corridor=1), 0)
    talk = book.apply(book.begin("cut_off", 0), "talk", Reading("corridor_talk", False), 0)
    denied = book.apply(talk, "e", None, 2 * DAY_S)
    assert (denied.state, denied.since_s, denied.event) == ("cut_off", DAY_S, None)
    assert denied.lapsed


@pytest.mark.parametrize("kind", ["", "phoned", "Call_held", "denied"])
def test_an_unknown_kind_raises(kind: str) -> None:
    """An unknown kind that silently moved nothing would erase what it says."""
    with pytest.raises(ValueError, match="unknown kind"):
        ALWAYS.apply(ALWAYS.begin("open", 0), "e", Reading(kind, False), 100)


# ---------------------------------------------------------------------------------- readings


def call(**accounts: dict[str, Any]) -> Event:
    data = {"id": "a", "date": "2022", "kind": "call_held", "channel": "usa-rus/m"}
    return EVENT.validate_python(data | {"agenda": ["war", "detainees"], "accounts": accounts})


@pytest.mark.parametrize(
    ("account", "reading"),
    [
        ({}, Reading("call_held", False)),
        ({"summary": "Told."}, Reading("call_held", False)),
        ({"kind": "corridor_talk"}, Reading("corridor_talk", False)),
        ({"agenda": ["detainees"]}, Reading("call_held", True)),
        ({"agenda": []}, Reading("call_held", False)),
        ({"kind": "statement", "agenda": ["detainees"]}, Reading("statement", True)),
        ({"denial": True}, None),
    ],
)
def test_a_viewpoint_reads_its_own_account(
    account: dict[str, Any], reading: Reading | None
) -> None:
    event = call(RUS=account)
    assert read(event, "RUS") == reading
    assert read(event, "USA") == read(event, OBSERVER) == Reading("call_held", False)


def test_only_an_agenda_of_detainees_alone_confines() -> None:
    assert [read(call(USA={"agenda": a}), "USA") for a in (["detainees"] * 2, ["war"])] == [
        Reading("call_held", True),
        Reading("call_held", False),
    ]


# ------------------------------------------------------------------------------- the principle

DOING = [*sorted({k for k, r in KIND_RULES.items() if r.effect}), "statement"]
contact = st.tuples(st.integers(0, 900 * DAY_S), st.sampled_from(sorted(CONTACTS)), st.booleans())
happening = st.tuples(st.integers(0, 900 * DAY_S), st.sampled_from(DOING), st.booleans())
a_lapse = st.one_of(st.none(), st.integers(1, 300))


@st.composite
def lapses(draw: st.DrawFn) -> LapseDays:
    step = draw(a_lapse)
    most = None if step is None else draw(st.one_of(st.none(), st.integers(step, 500)))
    return LapseDays(
        open=step, open_at_most=most, prisoner_only=draw(a_lapse), corridor=draw(a_lapse)
    )


def history(
    book: Rulebook, initial: State, events: list[tuple[int, str, bool]]
) -> Callable[[int], State | None]:
    """Return the state of a channel as a function of the time."""
    events = sorted(events, key=lambda e: e[0])

    def state(at_s: int) -> State | None:
        standing = book.begin(initial, 0)
        for n, (when, kind, confined) in enumerate(events):
            if when <= at_s:
                standing = book.apply(standing, f"e{n}", Reading(kind, confined), when)
        return book.settle(standing, at_s).state

    return state


def width(state: State | None) -> int:
    assert state is not None
    return (*SUPPORTS, "cut_off").index(state)


def holds(
    book: Rulebook,
    initial: State,
    events: list[tuple[int, str, bool]],
    extra: tuple[int, str, bool],
    at_s: int,
) -> bool:
    """Whether one more contact leaves the channel at a time with at least what it had."""
    without = history(book, initial, events)(at_s)
    return width(history(book, initial, [extra, *events])(at_s)) <= width(without)


@given(
    lapses(),
    st.integers(0, 400 * DAY_S),
    st.sampled_from(STATES),
    st.lists(happening, max_size=8),
    contact,
    st.integers(0, 1500 * DAY_S),
)
def test_one_contact_more_never_leaves_less(
    lapse: LapseDays,
    complete: int,
    initial: State,
    events: list[tuple[int, str, bool]],
    extra: tuple[int, str, bool],
    at_s: int,
) -> None:
    assert holds(Rulebook(lapse, complete), initial, events, extra, at_s)


@given(lapses(), st.sampled_from(STATES), st.lists(happening, max_size=6), contact)
def test_a_contact_lowers_nothing_and_shortens_nothing(
    lapse: LapseDays,
    initial: State,
    events: list[tuple[int, str, bool]],
    extra: tuple[int, str, bool],
) -> None:
    book, (at_s, kind, confined) = Rulebook(lapse, 0), extra
    standing = book.begin(initial, 0)
    for n, event in enumerate(sorted(events, key=lambda e: e[0])):
        if event[0] <= at_s:
            standing = book.apply(standing, f"e{n}", Reading(event[1], event[2]), event[0])
    before = book.settle(standing, at_s)
    found = book.apply(before, "x", Reading(kind, confined), at_s)
    assert width(found.state) <= width(before.state)
    assert all(b >= a for a, b in zip(before.until, found.until, strict=True))


@given(
    lapses(),
    st.sampled_from(STATES),
    st.lists(happening, max_size=6),
    contact,
    st.integers(0, 400 * DAY_S),
    st.booleans(),
)
def test_a_contact_of_many_days_lowers_nothing_and_shortens_nothing(
    lapse: LapseDays,
    initial: State,
    events: list[tuple[int, str, bool]],
    extra: tuple[int, str, bool],
    lasts_s: int,
    line: bool,
) -> None:
    """The same on a standing line, and for talks that go on: nor is the last contact put back."""
    standing = before_a_contact(Rulebook(lapse, 0, line), initial, events, extra[0])
    assert none_the_less(Rulebook(lapse, 0, line), standing, extra, lasts_s)


def before_a_contact(
    book: Rulebook, initial: State, events: list[tuple[int, str, bool]], at_s: int
) -> Standing:
    standing = book.begin(initial, 0)
    for n, (when, kind, confined) in enumerate(sorted(events, key=lambda e: e[0])):
        if when <= at_s:
            standing = book.apply(standing, f"e{n}", Reading(kind, confined), when, when + DAY_S)
    return book.settle(standing, at_s)


def none_the_less(
    book: Rulebook, before: Standing, extra: tuple[int, str, bool], lasts_s: int
) -> bool:
    at_s, kind, confined = extra
    found = book.apply(before, "x", Reading(kind, confined), at_s, at_s + lasts_s)
    longer = all(b >= a for a, b in zip(before.until, found.until, strict=True))
    later = found.contact_s >= max(before.contact_s, at_s + lasts_s)
    return width(found.state) <= width(before.state) and longer and later


def test_talks_that_put_an_end_to_longer_ones_are_noticed() -> None:
    """The control: a rulebook in which the last talks alone say until when there is contact."""
    long = USUAL.apply(USUAL.begin("cut_off", 0), "a", Reading("talks_held", False), 0, 90 * DAY_S)
    short = (DAY_S, "talks_held", False)
    assert none_the_less(USUAL, long, short, DAY_S)
    assert not none_the_less(LastContactCounts(LapseDays(), 0), long, short, DAY_S)


class LastContactCounts(Rulebook):
    """The control: the last contact alone says what is left, as in the first rulebook."""

    def kept_alive(self, until: Until, slot: int, at_s: int) -> Until:
        found = [DEAD] * 3
        found[slot] = at_s + (self.lapse.seconds(SUPPORTS[slot]) or NEVER)
        return found[0], found[1], found[2]


class NoMemoryOfTheRest(Rulebook):
    """The control: general contact lasts its days, whatever was left before it."""

    def kept_alive(self, until: Until, slot: int, at_s: int) -> Until:
        found = list(until)
        found[slot] = at_s + (self.lapse.seconds(SUPPORTS[slot]) or NEVER)
        return found[0], found[1], found[2]


def test_the_principle_notices_rulebooks_that_break_it() -> None:
    day = DAY_S
    call, words = (0, "call_held", True), (30 * day, "corridor_talk", False)
    assert holds(USUAL, "cut_off", [call], words, 61 * day)
    assert not holds(LastContactCounts(LapseDays(), 0), "cut_off", [call], words, 61 * day)
    usual = [(n * day, "call_held", False) for n in (0, 1, 2)]
    again = (3 * day, "call_held", False)
    assert holds(USUAL, "cut_off", usual, again, 100 * day)
    shorter = NoMemoryOfTheRest(LapseDays(), 0)
    standing = shorter.begin("open", 0)
    found = shorter.apply(standing, "x", Reading("call_held", False), 1)
    assert found.until[OPEN] < standing.until[OPEN]


# ------------------------------------------------------------------------------------ lapses

days = st.integers(1, 400)


@given(days, st.integers(0, 10**9), st.sampled_from([PRISONER_ONLY, CORRIDOR]))
def test_a_state_lapses_exactly_at_its_second(limit: int, at: int, slot: int) -> None:
    book = Rulebook(LapseDays(**{SUPPORTS[slot]: limit}), 0)
    kind = Reading("corridor_talk" if slot == CORRIDOR else "call_held", slot == PRISONER_ONLY)
    standing = book.apply(book.begin("cut_off", 0), "e", kind, at)
    ends = at + limit * DAY_S
    assert book.expiry(standing) == ends
    assert book.settle(standing, ends - 1) == standing
    lapsed = book.settle(standing, ends)
    assert (lapsed.state, lapsed.since_s, lapsed.contact_s) == ("cut_off", ends, at)
    assert lapsed.lapsed
    assert lapsed.event is None


def test_general_contact_adds_its_days_up_to_the_limit_ahead() -> None:
    standing, ends = USUAL.begin("cut_off", 0), []
    for day in (0, 10, 20, 30, 200):
        standing = USUAL.apply(standing, "e", Reading("call_held", False), day * DAY_S)
        ends.append(standing.until[OPEN] // DAY_S)
    assert ends == [60, 120, 180, 210, 270]
    assert standing.since_s == 0


def test_under_an_open_channel_detainee_contact_waits_for_its_turn() -> None:
    book = USUAL
    standing = book.apply(book.begin("cut_off", 0), "call", Reading("call_held", False), 0)
    standing = book.apply(standing, "case", Reading("call_held", True), 10 * DAY_S)
    standing = book.apply(standing, "words", Reading("corridor_talk", False), 189 * DAY_S)
    states = [
        (s.state, s.since_s // DAY_S, s.event)
        for at in (59, 60, 189, 190, 218, 219)
        for s in [book.settle(standing, at * DAY_S)]
    ]
    assert states[2:] == [
        ("prisoner_only", 60, None),
        ("corridor", 190, None),
        ("corridor", 190, None),
        ("cut_off", 219, None),
    ]


def test_a_cut_ends_every_contact() -> None:
    standing = USUAL.begin("open", 0)
    for kind, confined in [("call_held", True), ("corridor_talk", False), ("contact_cut", False)]:
        standing = USUAL.apply(standing, kind, Reading(kind, confined), DAY_S)
    assert standing.until == (DEAD, DEAD, DEAD)
    assert (standing.state, standing.event) == ("cut_off", "contact_cut")


def test_a_first_state_lasts_as_long_as_contact_can_keep_it() -> None:
    assert longest("open", 0, LapseDays()) == (180 * DAY_S, DEAD, DEAD)
    assert longest("prisoner_only", 5, LapseDays()) == (DEAD, 5 + 180 * DAY_S, DEAD)
    assert longest("corridor", 0, LapseDays()) == (DEAD, DEAD, 30 * DAY_S)
    assert longest("cut_off", 0, LapseDays()) == (LONG_OVER, DEAD, DEAD)
    assert longest("open", 0, FOREVER) == (NEVER, DEAD, DEAD)


def test_before_the_record_is_complete_nothing_lapses() -> None:
    book = Rulebook(LapseDays(), 1000 * DAY_S)
    standing = book.apply(book.begin("cut_off", 0), "e", Reading("call_held", False), 5 * DAY_S)
    assert book.expiry(standing) == 1060 * DAY_S
    assert book.expiry(book.begin("open", 0)) == 1180 * DAY_S


def test_what_never_lapses() -> None:
    assert USUAL.expiry(USUAL.begin("cut_off", 0)) is None
    assert ALWAYS.expiry(ALWAYS.begin("open", 0)) is None
    assert ALWAYS.expiry(after("call_held", False, "cut_off")) is None
    assert USUAL.expiry(Standing(None, 0, 0)) is None
    assert LapseDays() == LapseDays(open=60, open_at_most=180, prisoner_only=180, corridor=30)


def test_a_contact_at_the_last_second_keeps_the_state_and_one_later_begins_it_anew() -> None:
    talk, ends = Reading("corridor_talk", False), 30 * DAY_S
    standing = USUAL.apply(USUAL.begin("cut_off", 0), "talk", talk, 0)
    kept = USUAL.apply(standing, "again", talk, ends - 1)
    assert (kept.state, kept.since_s, kept.event) == ("corridor", 0, "talk")
    assert USUAL.expiry(kept) == 2 * ends - 1
    anew = USUAL.apply(standing, "again", talk, ends)
    assert (anew.state, anew.since_s, anew.event) == ("corridor", ends, "again")


def test_the_widest_state_alive() -> None:
    assert [widest((10, 20, 30), at) for at in (9, 10, 20, 30)] == [
        "open",
        "prisoner_only",
        "corridor",
        "cut_off",
    ]


def test_every_state_but_cut_off_is_kept_alive_by_something() -> None:
    assert {*SUPPORTS} | {"cut_off"} == {*STATES}
