"""Invariants 4 and 14 over many histories of mixed precision, in both executors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import settings
from mixed_past import history, neutral
from put_back import forecast, possible, unlike_history

from sim.ensemble.weighed import compile_weighed, law_given
from sim.ground.dates import parse
from sim.kernel import dating
from sim.log.log import Log
from sim.model import compiling_facts, compiling_past
from sim.scenario.rules import broken_rules

FEW, CHUNK = 30, 40
CHUNKS = 108 if settings.get_current_profile_name() == "thorough" else 4
"""Histories by default; and beyond these, by chunks. Some seven in ten are possible. What one
history in 30 shows is missed once in a hundred times; with all chunks, what one in 650 shows."""


@pytest.fixture(autouse=True)
def short_chains(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Dates are weighed as always, but less well: what is given back does not depend on it."""
    for name in ("STEPS", "LEAST_ROUNDS", "SETTLING", "CELLS"):
        monkeypatch.setattr(dating, name, 2)
    yield
    law_given.cache_clear()  # other tests of the process want the laws of whole chains


def not_given_back(numbers: Iterable[int], worlds: int = 2) -> tuple[Counter[str], list[Log]]:
    """Count the changes that change something, by form, and list the histories asked about."""
    found, asked = Counter[str](), list[Log]()
    for number in numbers:
        whole = history(number)
        assert not any(broken_rules(whole))
        if not possible(compile_weighed(whole, retrace=True), number, worlds):
            continue
        assert whole.history is not None
        asked.append(whole.history)
        given = forecast(whole, number, worlds)
        for form, changed in neutral(whole, number):
            assert not any(broken_rules(changed)), form
            found[form] += unlike_history(changed, number, worlds, given)
    return +found, asked


def test_what_changes_nothing_gives_history_back() -> None:
    found, asked = not_given_back(range(FEW))
    assert (found, len(asked) > 0.5 * FEW) == (Counter(), True)
    events = [e for log in asked for e in log.events]
    kinds, spans = Counter(e.kind for e in events), [parse(e.date) for e in events]
    assert min(kinds.values()) > 5
    assert len(kinds) == 12
    assert {s.precision for s in spans} == {"second", "day", "month", "interval"}


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_changes_nothing_gives_every_history_back(chunk: int) -> None:
    found, asked = not_given_back(range(FEW + chunk * CHUNK, FEW + (chunk + 1) * CHUNK), worlds=1)
    assert (found, len(asked) > 0.5 * CHUNK) == (Counter(), True)


@pytest.mark.slow
def test_control_where_each_date_is_drawn_by_itself_meetings_are_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As it was before meetings, agreements, cancellings and cuts of a channel kept their order."""
    monkeypatch.setattr(compiling_facts, "kept_after", lambda _: {})
    for module in (compiling_facts, compiling_past):
        monkeypatch.setattr(module, "in_sequence", dict)
    found = Counter[str]()
    for number in range(100):
        found += not_given_back([number])[0]
        if min(found[form] for form in ("set_doctrine", "again", "move")) > 2:
            return
    raise AssertionError(found)
