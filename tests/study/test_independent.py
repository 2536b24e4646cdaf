"""A changed world with chances of its own: the law of the model from the change on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from micro import ALWAYS, CHANNEL, NEVER, doctrine
from pasts import detained, event, told
from scipy.linalg import expm

from sim.ground.dates import parse
from sim.kernel import run as kernel
from sim.model.compiling import compile_scenario
from sim.model.replication import replicate
from sim.model.tally import blank, count
from sim.report.comparison_pages import comparison_rows
from sim.report.saving import save
from sim.scenario.scenario import Scenario
from sim.study.compared import without_changes
from sim.study.comparing import Comparison, compare
from sim.study.independent import anew_from, begun_anew, from_the_change, own_seed

pytestmark = pytest.mark.usefixtures("drawn_never")

CALLS, CUTS, A, B = 0.15, 0.08, 0.25, 0.6
"""Of the freeze of `docs/what-if.md`: opportunities a day, and what is done with them."""


def logit(p: float) -> float:
    return math.log(p / (1.0 - p))


def freeze(*changes: dict[str, Any], more: Sequence[dict[str, Any]] = ()) -> Scenario:
    """Open, then cut on 11 January, and no call up to 1 March."""
    weights = {"cut_off": logit(A), "open": NEVER, "prisoner_only": NEVER, "corridor": NEVER}
    return told(
        event("cut", "contact_cut", "2021-01-11", by="USA"),
        *more,
        doctrines={
            "can": doctrine(call=weights),
            "usa": doctrine(cut={"bias": logit(B), "cut_off": NEVER}, accept_call=ALWAYS),
        },
        as_of="2021-03-01",
        until="2021-03-02",
        complete_from="2021-01-01",
        rates_per_day={"call": CALLS, "cut": CUTS},
        channels={CHANNEL: {"initial": "open"}},
        outcomes={"open": {"type": "state_at", "date": "2021-03-02", "state": "open"}},
        changes=list(changes),
    )


def open_after(days: float, was_open: float = 1.0) -> float:
    """The chance that the model's channel is open some days after it was so with a chance."""
    generator = np.array([[-CALLS * A, CALLS * A], [CUTS * B, -CUTS * B]])
    return float(np.array([1.0 - was_open, was_open]) @ expm(generator * days)[:, 1])


WORLDS = 1_000


@pytest.fixture(scope="module")
def found() -> Comparison:
    base = freeze()
    return compare(
        base, {"no cut": freeze({"remove": "cut"})}, replications=WORLDS, draws=0, independent=True
    )


def errors_off(share: float, expected: float) -> float:
    return abs(share - expected) / math.sqrt(expected * (1.0 - expected) / WORLDS)


def test_its_law_is_the_models_from_the_change_on(found: Comparison) -> None:
    own = found.apart["no cut", "open"]
    assert errors_off(own.base, open_after(1.0, was_open=0.0)) < 3.5
    assert errors_off(own.changed, open_after(51.0)) < 3.5  # from the first second of 11 January
    # the control: what history implies of the calls that nobody made is another law
    (kept,) = found.contrasts
    until_as_of = math.exp(-CUTS * B * 49.5)  # and a day of the forecast
    assert errors_off(kept.changed, open_after(1.0, until_as_of)) < 3.5
    assert errors_off(kept.changed, open_after(51.0)) > 6.0


def test_a_change_of_nothing_is_another_world_too() -> None:
    """It begins anew, so it is no test of the change: an empty what-if is neutral, this is not."""
    word = event("word", "statement", "2021-01-05")
    base, changed = freeze(more=[word]), freeze({"remove": "word"}, more=[word])
    asked = compare(base, {"same": changed}, replications=300, draws=0, independent=True)
    assert asked.contrasts[0].alike == 1.0
    assert asked.apart["same", "open"].changed > 0.3


def test_what_nobody_decided_stays_and_what_it_needs_goes() -> None:
    parts: dict[str, Any] = {"complete_from": "2021-01-01", "as_of": "2021-02-28"}
    log = (
        event("call", "call_held", "2021-01-06", by="CAN"),
        event("war", "escalation", "2021-01-20", severity=0.5, label="x", channel=None),
        detained("arrest", "2021-01-22"),
        detained("freed", "2021-02-20", "released"),
        event("cut", "contact_cut", "2021-02-01", by="USA"),
        event(
            "end", "deescalation", "2021-02-10/2021-02-12", severity=0.2, label="y", channel=None
        ),
    )

    def begun(*changes: dict[str, Any]) -> tuple[list[str], dict[str, str], str]:
        whole = told(*log, changes=list(changes), **parts)
        program = compile_scenario(whole, retrace=True)
        made = from_the_change(whole, program, anew_from(whole))
        assert made.history is not None
        put_in = {c.insert.id: c.insert.date for c in made.changes if c.insert is not None}
        return sorted(e.id for e in made.history.events), put_in, made.as_of

    history, put_in, as_of = begun({"remove": "cut"})
    assert history == ["arrest", "call", "war"]
    assert put_in == {"end": "2021-02-10/2021-02-12", "freed": "2021-02-20"}
    assert as_of == "2021-01-31"
    history, put_in, as_of = begun({"remove": "arrest"})
    assert history == ["call", "war"]
    assert put_in.keys() == {"end"}  # who was not arrested is not freed
    _, put_in, as_of = begun({"move": {"event": "war", "to": "2021-01-03"}})
    assert put_in["war"] == "2021-01-03"
    assert as_of == "2021-01-02"
    assert {*put_in} == {"war", "arrest", "freed", "end"}


def test_the_run_is_counted_and_asked_as_before() -> None:
    changed = freeze({"remove": "cut"})
    program = compile_scenario(changed)
    begun = begun_anew(changed, program)
    assert begun.as_of_s == parse("2021-01-11").lo_s < program.as_of_s
    assert begun.observe_s == program.observe_s
    assert begun.outcomes is program.outcomes
    assert begun.grid_s is program.grid_s
    policy = freeze({"set_doctrine": {"party": "USA", "doctrine": "usa", "from": "2021-03-02"}})
    compiled = compile_scenario(policy)
    assert begun_anew(policy, compiled) is compiled


def test_its_seed_follows_from_the_seed() -> None:
    assert own_seed(1) != own_seed(2)
    assert own_seed(1) == own_seed(1) != 1


def test_tables_and_pages_say_it(found: Comparison, tmp_path: Path) -> None:
    own = found.apart["no cut", "open"]
    (row,) = found.frame.to_dicts()
    assert (row["independent"], row["independent_low"]) == (own.difference, own.low)
    (words,) = comparison_rows(found)
    assert words["independent"].startswith(f"+{100 * own.difference:.1f}")
    save(found, tmp_path / "kept")
    page = (tmp_path / "kept" / "report.html").read_text(encoding="utf-8")
    assert "Change with chances of its own" in page
    assert "--independent" in (tmp_path / "kept" / "study.json").read_text(encoding="utf-8")
    plain = compare(
        without_changes(freeze()), {"x": freeze({"remove": "cut"})}, replications=20, draws=0
    )
    assert "independent" not in plain.frame.columns


def test_both_executors_run_it_alike() -> None:
    changed = freeze({"remove": "cut"})
    begun = begun_anew(changed, compile_scenario(changed))
    tally, _ = kernel.run(begun, 5, 0, 20)
    for r in range(20):
        row = blank(begun, 1)
        count(begun, replicate(begun, 5, r).situation, row, 0)
        assert row.values[0].tolist() == tally.values[r].tolist()
    assert len(np.unique(tally.values)) > 1
