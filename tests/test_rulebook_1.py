"""The first rulebook, by which old runs are replayed: every kind, both agendas, every state."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ground.dates import DAY_S
from sim.log.events import KINDS
from sim.log.kinds import KIND_RULES
from sim.log.log import STATES, LapseDays
from sim.log.rulebook import CONTACTS, Reading, Standing
from sim.log.rulebook_1 import _AFTER, Rulebook1

NEVER = Rulebook1(LapseDays(open=None, prisoner_only=None, corridor=None))


def lapse_days(**days: float) -> LapseDays:
    """The days of the first schema, where an open channel did not lapse by itself."""
    return LapseDays.model_validate({"open": None, "open_at_most": None} | days)


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
    return NEVER.apply(standing, "e", Reading(kind, confined), 100)


def test_the_table_is_complete() -> None:
    assert tuple(TABLE) == KINDS
    assert tuple(LETTERS.values()) == STATES
    assert all(len(states) == len(STATES) for states in _AFTER.values())
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
    for (effect, confined), states in _AFTER.items():
        kind = next(k for k, rule in KIND_RULES.items() if rule.effect == effect)
        for n, state in enumerate(states):
            other = next(s for s in STATES if s != state)
            with monkeypatch.context() as patch:
                patch.setitem(_AFTER, (effect, confined), (*states[:n], other, *states[n + 1 :]))
                wanted = LETTERS[TABLE[kind].split(" | ")[confined].split()[n]]
                assert after(kind, confined, STATES[n]).state != wanted


def test_a_denied_contact_moves_nothing() -> None:
    standing = Standing("cut_off", 5, 7, "cut")
    assert NEVER.apply(standing, "e", None, 100) == standing


def test_a_denied_contact_does_not_stop_a_lapse() -> None:
    book = Rulebook1(lapse_days(corridor=1))
    standing = book.apply(Standing("corridor", 0, 0, "talk"), "e", None, 2 * DAY_S)
    assert standing == Standing("cut_off", DAY_S, 0, None, lapsed=True)


@pytest.mark.parametrize("kind", ["", "phoned", "Call_held", "denied"])
def test_an_unknown_kind_raises(kind: str) -> None:
    """An unknown kind that silently moved nothing would erase what it says."""
    with pytest.raises(ValueError, match="unknown kind"):
        NEVER.apply(Standing("open", 0, 0), "e", Reading(kind, False), 100)


# ------------------------------------------------------------------------------------ lapses

days = st.integers(1, 400)


@given(days, days, st.integers(0, 10**9), st.sampled_from(["prisoner_only", "corridor", "open"]))
def test_a_state_lapses_exactly_at_its_second(limit: int, gap: int, at: int, state: Any) -> None:
    book = Rulebook1(lapse_days(**{state: limit}))
    standing = Standing(state, at, at + gap, "e")
    ends = at + gap + limit * DAY_S
    assert book.expiry(standing) == ends
    assert book.settle(standing, ends - 1) == standing
    assert book.settle(standing, ends) == Standing("cut_off", ends, at + gap, None, True)


def test_what_never_lapses() -> None:
    assert Rulebook1(lapse_days(open=1)).expiry(Standing("cut_off", 0, 0)) is None
    assert Rulebook1(lapse_days()).expiry(Standing("open", 0, 0)) is None


def test_a_contact_at_the_last_second_winds_the_clock_up_and_one_later_does_not() -> None:
    book = Rulebook1(lapse_days(corridor=30))
    standing = Standing("corridor", 0, 0, "talk")
    ends = 30 * DAY_S
    kept = book.apply(standing, "again", Reading("corridor_talk", False), ends - 1)
    assert (kept.state, kept.since_s, kept.event) == ("corridor", 0, "talk")
    assert book.expiry(kept) == 2 * ends - 1
    anew = book.apply(standing, "again", Reading("corridor_talk", False), ends)
    assert (anew.state, anew.since_s, anew.event) == ("corridor", ends, "again")
