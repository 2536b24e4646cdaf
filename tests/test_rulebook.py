"""The rulebook as a golden table: every kind, both agendas, every state."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ground.dates import DAY_S
from sim.log.events import EVENT, KINDS, Event
from sim.log.log import STATES, LapseDays
from sim.log.rulebook import (
    CONTACTS,
    MOVES,
    OBSERVER,
    Reading,
    Standing,
    apply,
    expiry,
    read,
    settle_lapse,
)

NEVER = LapseDays(open=None, prisoner_only=None, corridor=None)

# kind: the state after, for a general agenda | for detainees alone,
# from each of open, cut_off, prisoner_only, corridor (by their first letters)
TABLE = {
    "meeting_agreed": "o c p k | o c p k",
    "meeting_held": "o o o o | o p p p",
    "call_held": "o o o o | o p p p",
    "corridor_talk": "o k k k | o k p k",
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
}
LETTERS = {"o": "open", "c": "cut_off", "p": "prisoner_only", "k": "corridor"}
BREAKS_SILENCE = {"meeting_held", "call_held", "corridor_talk", "contact_restored"}


def after(kind: str, confined: bool, state: Any) -> Standing:
    standing = Standing(state, since_s=0, contact_s=0)
    return apply(standing, "e", Reading(kind, confined), 100, NEVER)


def test_the_table_is_complete() -> None:
    assert tuple(TABLE) == KINDS
    assert tuple(LETTERS.values()) == STATES
    assert {kind for kind, _ in MOVES} <= set(KINDS)
    assert all(len(states) == len(STATES) for states in MOVES.values())
    assert CONTACTS == BREAKS_SILENCE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("confined", [False, True])
def test_moves(kind: str, confined: bool) -> None:
    wanted = [LETTERS[c] for c in TABLE[kind].split(" | ")[confined].split()]
    found = [after(kind, confined, state) for state in STATES]
    assert [s.state for s in found] == wanted
    for before, standing in zip(STATES, found, strict=True):
        moved = standing.state != before
        assert standing.since_s == (100 if moved else 0)
        assert standing.event == ("e" if moved else None)
        assert standing.contact_s == (100 if kind in BREAKS_SILENCE else 0)
        assert not standing.lapsed


def test_a_changed_entry_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: any one wrong entry makes the table differ from the golden one."""
    for key, states in MOVES.items():
        for n, state in enumerate(states):
            other = next(s for s in STATES if s != state)
            with monkeypatch.context() as patch:
                patch.setitem(MOVES, key, (*states[:n], other, *states[n + 1 :]))
                wanted = LETTERS[TABLE[key[0]].split(" | ")[key[1]].split()[n]]
                assert after(*key, STATES[n]).state != wanted


def test_a_denied_contact_moves_nothing() -> None:
    standing = Standing("cut_off", 5, 7, "cut")
    assert apply(standing, "e", None, 100, NEVER) == standing


def test_a_denied_contact_does_not_stop_a_lapse() -> None:
    lapse = LapseDays(corridor=1)
    standing = apply(Standing("corridor", 0, 0, "talk"), "e", None, 2 * DAY_S, lapse)
    assert standing == Standing("cut_off", DAY_S, 0, None, lapsed=True)


@pytest.mark.parametrize("kind", ["", "phoned", "Call_held", "denied"])
def test_an_unknown_kind_raises(kind: str) -> None:
    """An unknown kind that silently moved nothing would erase what it says."""
    with pytest.raises(ValueError, match="unknown kind"):
        apply(Standing("open", 0, 0), "e", Reading(kind, False), 100, NEVER)


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


# ------------------------------------------------------------------------------------ lapses

days = st.integers(1, 400)


@given(days, days, st.integers(0, 10**9), st.sampled_from(["prisoner_only", "corridor", "open"]))
def test_a_state_lapses_exactly_at_its_second(limit: int, gap: int, at: int, state: Any) -> None:
    lapse = LapseDays(**{state: limit})
    standing = Standing(state, at, at + gap, "e")
    ends = at + gap + limit * DAY_S
    assert expiry(standing, lapse) == ends
    assert settle_lapse(standing, ends - 1, lapse) == standing
    assert settle_lapse(standing, ends, lapse) == Standing("cut_off", ends, at + gap, None, True)


def test_half_a_day_counts_in_seconds() -> None:
    assert expiry(Standing("corridor", 0, 0), LapseDays(corridor=0.5)) == DAY_S // 2


def test_what_never_lapses() -> None:
    assert expiry(Standing("cut_off", 0, 0), LapseDays(open=1)) is None
    assert expiry(Standing("open", 0, 0), LapseDays()) is None
    assert LapseDays() == LapseDays(open=None, prisoner_only=180, corridor=30)


def test_a_contact_at_the_last_second_winds_the_clock_up_and_one_later_does_not() -> None:
    lapse = LapseDays(corridor=30)
    standing = Standing("corridor", 0, 0, "talk")
    ends = 30 * DAY_S
    kept = apply(standing, "again", Reading("corridor_talk", False), ends - 1, lapse)
    assert (kept.state, kept.since_s, kept.event) == ("corridor", 0, "talk")
    assert expiry(kept, lapse) == 2 * ends - 1
    anew = apply(standing, "again", Reading("corridor_talk", False), ends, lapse)
    assert (anew.state, anew.since_s, anew.event) == ("corridor", ends, "again")
