"""A rule is compiled as it stands, with the rules that it calls, and gives the same numbers."""

from __future__ import annotations

import itertools
from types import FunctionType

from sim.ground.draws import HAS_NUMBA, compiled, compiled_rule
from sim.rules import contact


def doubled(n: int) -> int:
    return 2 * n


def and_one(n: int) -> int:
    return doubled(n) + 1


def test_a_rule_is_compiled_with_those_that_it_calls() -> None:
    inner = compiled_rule(and_one)

    @compiled
    def outer(n: int) -> int:
        return inner(n)

    assert outer(3) == and_one(3) == 7
    assert compiled_rule(and_one) is inner


def test_the_rule_itself_stays_plain() -> None:
    assert type(contact.kept_until) is FunctionType
    assert (type(compiled_rule(contact.kept_until)) is FunctionType) == (not HAS_NUMBA)


def test_a_contact_keeps_alive_what_it_does_in_both_forms() -> None:
    inner = compiled_rule(contact.kept_until)

    @compiled
    def outer(kind: int, before: int, from_s: int, adds_s: int, lasts_s: int) -> int:
        return inner(kind, before, from_s, adds_s, lasts_s)

    cases = itertools.product(
        (contact.OPEN, contact.CORRIDOR),
        (contact.DEAD, 0, 90, contact.NEVER),
        (10, 100),
        (contact.FOR_EVER, 60),
        (contact.FOR_EVER, 70),
    )
    for case in cases:
        assert outer(*case) == contact.kept_until(*case), case
