"""The rules by their own numbers: both executors call them, so they cannot check each other."""

from __future__ import annotations

import math

import pytest

from sim.ground.draws import probability
from sim.rules.conditions import CONDITIONS, available
from sim.rules.contact import (
    CORRIDOR,
    DEAD,
    FOR_EVER,
    NEVER,
    NOT_AT_ALL,
    NOTHING,
    OPEN,
    PRISONER_ONLY,
    kept_until,
    kind_kept,
    lapsed,
    widest,
)
from sim.rules.features import (
    FEATURES,
    Memory,
    Perceived,
    left_of,
    logit_of,
    of_silence,
    values_of,
)
from sim.rules.telling import (
    AS_IS,
    DENIED,
    NO_KIND,
    PLAYED_DOWN,
    confined_told,
    kind_less,
    kind_told,
    told_as,
)

DAY = 86_400


def test_the_days_of_the_example_of_contact() -> None:
    """Two calls and words in a corridor, with the usual lapses."""
    until = [DEAD, DEAD, DEAD]
    for day in (0, 10):
        until[OPEN] = kept_until(OPEN, until[OPEN], day * DAY, 60 * DAY, 180 * DAY)
    until[CORRIDOR] = kept_until(CORRIDOR, until[CORRIDOR], 100 * DAY, 60 * DAY, 30 * DAY)
    assert [end // DAY for end in (until[OPEN], until[CORRIDOR])] == [120, 130]
    kinds = [widest(until, day * DAY) for day in (0, 119, 120, 129, 130)]
    assert kinds == [OPEN, OPEN, CORRIDOR, CORRIDOR, NOTHING]


def test_general_contact_reaches_so_far_ahead_and_no_farther() -> None:
    end = 0
    for day in (0, 10, 20, 30):
        end = kept_until(OPEN, end, day * DAY, 60 * DAY, 180 * DAY)
    assert end == (30 + 180) * DAY
    assert kept_until(OPEN, end, 31 * DAY, 60 * DAY, FOR_EVER) == end + 60 * DAY


def test_what_does_not_lapse() -> None:
    assert kept_until(OPEN, 0, 5, FOR_EVER, FOR_EVER) == NEVER
    assert kept_until(CORRIDOR, 0, 5, 60, FOR_EVER) == NEVER
    assert kept_until(CORRIDOR, NEVER, 5, 60, 30) == NEVER
    assert not lapsed(NOTHING, 0, 10)
    assert [lapsed(OPEN, 10, at) for at in (9, 10)] == [False, True]


def test_what_is_left_out_keeps_nothing_alive() -> None:
    assert kept_until(CORRIDOR, DEAD, 5, 60, NOT_AT_ALL) == DEAD
    assert kept_until(PRISONER_ONLY, DEAD, 5, 60, 1) == 6  # the control


def test_no_contact_shortens_what_is_left() -> None:
    assert kept_until(CORRIDOR, 100, 10, 60, 30) == 100
    assert kept_until(OPEN, 1000, 10, 60, 180) == 1000


def test_which_kind_a_contact_is() -> None:
    found = [
        kind_kept(corridor, confined) for corridor in (False, True) for confined in (False, True)
    ]
    assert found == [OPEN, PRISONER_ONLY, CORRIDOR, CORRIDOR]


# pending, own held, other held, cut off, spoken -> for which conditions there is a choice
SITUATIONS = {
    (False, 0, 0, False, False): "always no_meeting unspoken",
    (True, 0, 0, False, False): "always meeting unspoken",
    (False, 1, 0, False, False): "always no_meeting someone_held own_held unspoken",
    (False, 0, 1, False, False): "always no_meeting someone_held unspoken",
    (False, 0, 0, True, True): "always no_meeting cut_off",
}


@pytest.mark.parametrize("found", SITUATIONS)
def test_when_there_is_anything_to_decide(found: tuple[bool, int, int, bool, bool]) -> None:
    names = [name for n, name in enumerate(CONDITIONS) if available(n, *found)]
    assert names == SITUATIONS[found].split()
    assert not available(len(CONDITIONS), *found)


def test_how_a_contact_is_told() -> None:
    meeting, talk = 1, 3
    assert told_as(True, talk) == AS_IS
    assert told_as(False, kind_less(talk, False)) == PLAYED_DOWN
    assert told_as(False, kind_less(talk, True)) == DENIED
    assert told_as(False, kind_less(NO_KIND, False)) == DENIED
    read = [kind_told(meeting, talk, told) for told in (AS_IS, PLAYED_DOWN, DENIED)]
    assert read == [meeting, talk, NO_KIND]
    assert [confined_told(1, told) for told in (AS_IS, PLAYED_DOWN, DENIED)] == [1, 0, 0]


def test_a_memory_halves_and_a_silence_grows() -> None:
    halving = Memory(3.0, 100, math.log(2.0) / 50.0)
    assert [left_of(halving, at) for at in (100, 150, 200)] == pytest.approx([3.0, 1.5, 0.75])
    assert left_of(Memory(0.0, 0, 1.0), 10) == 0.0
    assert [of_silence(days * DAY) for days in (-5, 0, 30, 90)] == pytest.approx(
        [0.0, 0.0, math.log(2.0), math.log(4.0)]
    )


def test_the_numbers_of_the_example_of_a_logit() -> None:
    weights = [{"bias": -2.0, "grievance": -0.5, "silence": 0.4}.get(f, 0.0) for f in FEATURES]
    grievance, goodwill, war, shock = (Memory(stock, 0, 0.0) for stock in (3.0, 2.0, 0.0, 1.0))
    perceived = Perceived(60 * DAY, OPEN, 0, grievance, goodwill, war, shock, 7, 0, 0, 1)
    logit = logit_of(weights, perceived)
    whole = 0.0
    for weight, value in zip(weights, values_of(perceived), strict=True):
        whole += weight * value
    assert logit == whole
    assert logit == pytest.approx(-2.25, abs=0.005)
    assert probability(logit) == pytest.approx(0.095, abs=0.0005)
