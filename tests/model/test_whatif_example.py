"""The case by hand and the closed forms of `docs/what-if.md`, with the numbers that stand there."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from micro import ALWAYS, CHANNEL, NEVER, doctrine, scenario
from scipy.linalg import expm

from sim.ground.dates import DAY_S, parse
from sim.ground.draws import stream_key
from sim.log.events import KINDS
from sim.log.log import STATES
from sim.model import deciding
from sim.model.abduction import CHOOSING, DECIDING, Abduction, Inferred, infer
from sim.model.bursts import BLOCKS, burst_words
from sim.model.coded import TELLING
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.opportunity import Opportunity
from sim.model.reference import World
from sim.model.replication import replicate
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Change, Scenario

PAGE = (Path(__file__).parents[2] / "docs" / "what-if.md").read_text(encoding="utf-8")
NOON_S = DAY_S // 2


# ---------------------------------------------------------------------------------- the page


def block(name: str) -> str:
    """What follows a mark of the page, up to the next empty line outside of a fence."""
    after = PAGE.split(f"<!-- example: {name} -->\n")[1]
    fenced = re.match(r"```yaml\n(.*?)```", after, re.DOTALL)
    return fenced[1] if fenced else after.split("\n\n")[0]


def table(name: str) -> list[list[str]]:
    """The rows of a marked table, without its head."""
    lines = block(name).splitlines()[2:]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]


def number(cell: str) -> float | None:
    return float(cell) if cell else None


PRIOR, INFERRED, CHANGED = table("prior"), table("inferred"), table("changed")
STREAM = {"USA/cut": f"{CHANNEL}/USA/cut", "CAN/call": f"{CHANNEL}/CAN/call"}


def noon(day: str) -> int:
    return parse(f"2021-01-{int(day):02d}").lo_s + NOON_S


# ---------------------------------------------------------------------------------- its draws


def drawn(program: CompiledScenario) -> dict[tuple[int, int, int], tuple[float, float]]:
    """Every draw that the page fixes, by the words of the stream and the index."""
    found: dict[tuple[int, int, int], tuple[float, float]] = {}
    for short, name in STREAM.items():
        key = stream_key(f"past/{name}")
        rate = float(program.streams.rate[program.streams.names.index(name)])
        rows = [row for row in PRIOR if row[2] == short]
        at = [(noon(row[1]) + 0.5 - parse("2021-01-01").lo_s) / DAY_S for row in rows]
        for n, row in enumerate(rows):
            gap = at[n] - (at[n - 1] if n else 0.0)
            found[(*key, n * BLOCKS)] = (math.exp(-rate * gap), float(row[3]))
            found[(*key, n * BLOCKS + 1)] = (float(row[4] or 0.5), 0.5)
    for row in INFERRED:
        key = stream_key(f"date/{row[0]}")
        found[(*key, DECIDING)] = (float(row[2]), float(row[3] or 0.5))
        found[(*key, CHOOSING)] = found[(*key, TELLING)] = (0.5, 0.5)
    return found


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    """The page's scenario, with the page's draws and no others."""
    path = tmp_path / "by-hand.yaml"
    path.write_text(block("scenario"), encoding="utf-8")
    loaded = load_scenario(path)
    fixed = drawn(compile_scenario(loaded))

    def uniforms(self: deciding.Deciding, key: tuple[int, int], index: int) -> tuple[float, float]:
        return fixed.get((*key, index), (1e-300, 0.5))  # so small a number: never again

    monkeypatch.setattr(deciding.Deciding, "uniforms", uniforms)
    return loaded


@pytest.fixture
def no_dropping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break abduction: keep every opportunity as the prior drew it."""

    def keep(self: Abduction, o: Opportunity, asked: Any) -> None:
        self.found.append(Inferred(o.at_s, o.stream, o.index, -1, o.do))

    monkeypatch.setattr(Abduction, "keep", keep)


def run(loaded: Scenario, *changes: Change) -> World:
    changed = loaded.model_copy(update={"changes": changes})
    return replicate(compile_scenario(changed, retrace=True), 1, 0, trace=True)


def happened(world: World) -> list[tuple[str, int]]:
    """What happened in January, by kind and instant."""
    return [(KINDS[h.kind], h.at_s) for h in world.situation.happenings]


def days_cut_off(world: World) -> float:
    """Days of January that the observer's channel was cut off."""
    path, end_s = world.situation.path[0][0], parse("2021-01-31").hi_s
    ends = [t for t, _, _ in path[1:]] + [end_s]
    cut = STATES.index("cut_off")
    return sum(end - t for (t, s, _), end in zip(path, ends, strict=True) if s == cut) / DAY_S


HISTORY = [
    ("contact_cut", noon("5")),
    ("call_held", noon("12")),
    ("contact_refused", noon("20")),
]
REMOVED = {"the-cut": Change(remove="the-cut"), "the-call": Change(remove="the-call")}


# ---------------------------------------------------------------------------------- a burst


BURST_PRIOR, ORIGIN = table("burst-prior"), table("burst-origin")
BURST_CHANGED = table("burst-changed")


@pytest.fixture
def with_a_burst(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    """The page's scenario with its row of attention, and the page's draws."""
    path = tmp_path / "by-hand.yaml"
    path.write_text(
        block("scenario").replace("attention: {}\n", block("attention")), encoding="utf-8"
    )
    loaded = load_scenario(path)
    program = compile_scenario(loaded)
    fixed, attention = drawn(program), program.attention
    row = next(n for n, name in enumerate(attention.names) if "/CAN/call/" in name)
    cut = stream_key("past/" + STREAM["USA/cut"])
    key = attention.key[row].tolist()
    numbers = [r[0] for r in PRIOR if r[2] == "USA/cut"]
    words = {
        "the-cut": tuple(attention.words[0].tolist()),
        "k2": burst_words(*cut, numbers.index("k2"), 0, *key),
    }
    m, tau = float(attention.m[row]), float(attention.tau_days[row])
    for opener, at in words.items():
        total = 0.0
        for n, r in enumerate(r for r in BURST_PRIOR if r[1] == opener):
            reached = m * (1 - math.exp(-(float(r[2]) + 1e-9) / tau))
            fixed[(*at, n * BLOCKS)] = (math.exp(total - reached), float(r[3]))
            fixed[(*at, n * BLOCKS + 1)] = (float(r[4]), 0.5)
            total = reached
    for row_ in ORIGIN:
        fixed[(*stream_key(f"date/{row_[0]}"), CHOOSING)] = (float(row_[5]), 0.5)

    def uniforms(self: deciding.Deciding, key: tuple[int, int], index: int) -> tuple[float, float]:
        return fixed.get((*key, index), (1e-300, 0.5))

    monkeypatch.setattr(deciding.Deciding, "uniforms", uniforms)
    return loaded


def test_the_bursts_of_the_page_are_inferred(with_a_burst: Scenario) -> None:
    program = compile_scenario(with_a_burst, retrace=True)
    noise = infer(program, 1, 0)
    dropped = [(i.do, i.at_s) for i in noise if i.burst >= 0 and i.fact < 0]
    expected = [r for r in BURST_PRIOR if r[7] == "dropped"]
    opened = noon("5")
    assert dropped == [(float(r[3]), opened + 1 + int(float(r[2]) * DAY_S)) for r in expected]
    by_event = {program.facts.ids[i.fact]: i for i in noise if i.fact >= 0}
    for event, days, routine, burst, share, _, comes_of in ORIGIN:
        rate = 1 / 5 * math.exp(-float(days) / 5)
        assert f"{rate:.4f}" == burst
        assert f"{rate / (rate + float(routine)):.3f}" == share
        assert (by_event[event].burst >= 0) == (comes_of == "the burst")
    for row in INFERRED:  # the uniforms of the decision are what they were
        assert by_event[row[0]].do == pytest.approx(float(row[6]))


def test_without_the_cut_its_burst_is_gone_and_another_cut_has_its_own(
    with_a_burst: Scenario,
) -> None:
    assert happened(run(with_a_burst)) == HISTORY
    world = run(with_a_burst, REMOVED["the-cut"])
    told = [(r[7], int(r[1])) for r in BURST_CHANGED if r[7] != "nothing"]
    found = [(KINDS[h.kind], h.at_s) for h in world.situation.happenings]
    assert [(kind, (at_s - noon("1")) // DAY_S + 1) for kind, at_s in found] == told
    (answer,) = [d for d in world.trace or () if d.decision == "call" and d.because is not None]
    assert answer.because is not None
    assert (answer.because.kind, answer.because.at_s) == ("contact_cut", noon("9"))
    assert answer.uniform == 0.10


def test_a_cut_that_is_moved_takes_its_burst_along(with_a_burst: Scenario) -> None:
    moved = Change.model_validate({"move": {"event": "the-cut", "to": "2021-01-06"}})
    world = run(with_a_burst, moved)
    assert ("call_held", noon("13")) in happened(world)
    asked = [d for d in world.trace or () if d.decision == "call" and d.because is not None]
    assert [d.uniform for d in asked] == pytest.approx([0.40, 0.10])
    assert asked[0].at_s == noon("9") + 1


def test_without_attribution_the_call_would_not_move(
    with_a_burst: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a walk that knows no bursts leaves the call on its date."""
    monkeypatch.setattr(Abduction, "sources", lambda self, f: [])
    moved = Change.model_validate({"move": {"event": "the-cut", "to": "2021-01-06"}})
    assert ("call_held", noon("12")) in happened(run(with_a_burst, moved))


# ---------------------------------------------------------------------------------- by hand


def test_the_page_holds_the_case() -> None:
    assert [len(t) for t in (PRIOR, INFERRED, CHANGED)] == [8, 3, 7]
    assert [row[7] for row in PRIOR].count("dropped") == 3


def seen_and_kept(loaded: Scenario, monkeypatch: pytest.MonkeyPatch) -> list[list[Any]]:
    """Rows of the first table as abduction makes them: day, stream, do, state, p, kept?."""
    rows: list[list[Any]] = []
    whole = Abduction.keep

    def keep(self: Abduction, o: Opportunity, asked: Any) -> None:
        s, before = o.stream, len(self.found)
        state = STATES[self.situation.settle(0, 1 + self.side[s], o.at_s).state]
        likely = self.weigh(self.act[s], 0, self.side[s], o.at_s)[1] if self.available(o) else None
        whole(self, o, asked)
        kept = "kept" if len(self.found) > before else "dropped"
        name = "/".join(self.program.streams.names[s].split("/")[2:])
        rows.append([o.at_s, name, o.do, state, likely, kept])

    monkeypatch.setattr(Abduction, "keep", keep)
    infer(compile_scenario(loaded), 1, 0)
    return rows


def test_each_prior_opportunity_is_kept_or_dropped(
    example: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = seen_and_kept(example, monkeypatch)
    written = [[noon(r[1]), r[2], float(r[3]), r[5], number(r[6]), r[7]] for r in PRIOR]
    assert [row[:4] + row[5:] for row in made] == [row[:4] + row[5:] for row in written]
    for (*_, ours, _), (*_, theirs, _) in zip(made, written, strict=True):
        assert ours == (theirs if theirs is None else pytest.approx(theirs, abs=1e-12))


def test_each_logged_decision_has_the_uniforms_of_the_page(example: Scenario) -> None:
    program = compile_scenario(example)
    found = {program.facts.ids[i.fact]: i for i in infer(program, 1, 0) if i.fact >= 0}
    assert set(found) == {row[0] for row in INFERRED}
    for event, day, v, w, p, q, do, accept in INFERRED:
        assert found[event].at_s == noon(day)
        assert found[event].do == pytest.approx(float(do), abs=1e-12)
        assert float(v) * float(p) == pytest.approx(float(do), abs=1e-12)
        if accept:
            assert found[event].accept == pytest.approx(float(accept), abs=1e-12)
            low, high = (0.0, float(q)) if event == "the-call" else (float(q), 1.0)
            assert low + float(w) * (high - low) == pytest.approx(float(accept), abs=1e-12)


def test_nothing_changed_is_history(example: Scenario) -> None:
    world = run(example)
    assert happened(world) == HISTORY
    assert days_cut_off(world) == 7


@pytest.mark.usefixtures("no_dropping")
def test_control_without_dropping_nothing_changed_is_another_world(example: Scenario) -> None:
    world = run(example)
    assert happened(world)[0] == ("contact_cut", noon("2"))  # k1, as the page says
    assert happened(world) != HISTORY


def changed_rows(world: World) -> list[list[Any]]:
    """Rows of the last table as the changed world makes them, without names and states after."""
    rows: list[list[Any]] = []
    for d in world.trace or ():
        if d.decision == "acknowledge":
            continue
        if d.decision.startswith("accept_"):
            rows[-1][4:6] = [d.probability, d.uniform]
            continue
        rows.append([d.at_s, d.place, d.probability, d.uniform, None, None])
    kinds, path = dict(map(reversed, happened(world))), world.situation.path[0][0]
    for row in rows:
        row.append(kinds.get(row[0], "nothing"))
        row[1] = STATES[[s for t, s, _ in path if t < row[0]][-1]]
        row.append(STATES[[s for t, s, _ in path if t <= row[0]][-1]])
    return rows


def written_rows() -> list[list[Any]]:
    return [[noon(r[1]), r[2], *(number(x) for x in r[3:7]), r[7], r[8]] for r in CHANGED]


def test_the_changed_world_is_that_of_the_page(example: Scenario) -> None:
    world = run(example, REMOVED["the-cut"])
    made, written = changed_rows(world), written_rows()
    assert len(made) == len(written)
    for ours, theirs in zip(made, written, strict=True):
        assert [x for x in ours if isinstance(x, str)] == [x for x in theirs if isinstance(x, str)]
        assert [x is None for x in ours] == [x is None for x in theirs]
        numbers = [[x for x in row if isinstance(x, float)] for row in (ours, theirs)]
        assert numbers[0] == pytest.approx(numbers[1], abs=1e-12)
        assert ours[0] == theirs[0]
    assert days_cut_off(world) == 3
    again = {world.program.facts.ids[h.fact] for h in world.situation.happenings if h.fact >= 0}
    assert again == {"the-call", "the-refusal"}  # word for word


@pytest.mark.usefixtures("no_dropping")
def test_control_without_dropping_the_changed_world_is_not_that_of_the_page(
    example: Scenario,
) -> None:
    made = changed_rows(run(example, REMOVED["the-cut"]))
    assert [row[0] for row in made] != [row[0] for row in written_rows()]


def test_the_exercise_has_the_answer_of_the_page(example: Scenario) -> None:
    world = run(example, REMOVED["the-call"])
    assert happened(world) == HISTORY[:1]
    assert days_cut_off(world) == 26.5
    assert "The days cut off are 26.5" in " ".join(PAGE.split())


# ---------------------------------------------------------------------------------- closed forms

CALLS, CUTS = 0.15, 0.08
"""Opportunities a day: λ and μ."""
A, B = 0.25, 0.6
"""The probabilities of history: a call where contact is cut off, a cut where it is open."""
READIER, MILDER = 0.8, 0.2
S, T = 10.5, 60.0
"""Days from the beginning to the cut, and to the end of history."""
MANY, FEW = 1000, 800
"""Replications: of the tests, and of the controls, which are more than 6 standard errors off."""


def logit(p: float) -> float:
    return math.log(p / (1.0 - p))


def caller(p: float) -> dict[str, Any]:
    """A doctrine that calls with a probability where contact is cut off, and never else."""
    weights = {"cut_off": logit(p), "open": NEVER, "prisoner_only": NEVER, "corridor": NEVER}
    return doctrine(call=weights)


def cutter(p: float) -> dict[str, Any]:
    """A doctrine that cuts with a probability, but not twice, and takes every call."""
    return doctrine(cut={"bias": logit(p), "cut_off": NEVER}, accept_call=ALWAYS)


def frozen(*changes: dict[str, Any]) -> CompiledScenario:
    """History: open, then cut on 11 January at noon, and no call up to 1 March."""
    cut = {"id": "cut", "kind": "contact_cut", "date": "2021-01-11", "channel": CHANNEL}
    history = {
        "schema": 4,
        "title": "A freeze",
        "channels": {CHANNEL: {"parties": ["CAN", "USA"], "initial": "open"}},
        "events": [cut | {"by": "USA"}],
    }
    whole = scenario(
        {
            "can": caller(A),
            "readier": caller(READIER),
            "usa": cutter(B),
            "milder": cutter(MILDER),
        },
        history=history,
        as_of="2021-03-01",
        until="2021-03-02",
        complete_from="2021-01-01",
        rates_per_day={"call": CALLS, "cut": CUTS},
        changes=list(changes),
    )
    return compile_scenario(whole, retrace=True)


@dataclass(frozen=True)
class Case:
    """One what-if, with the chance that the channel is open some days after the beginning."""

    change: dict[str, Any]
    open_at: Callable[[float], float]


def since_cut(days: float) -> float:
    return days - S


def two_state(up: float, down: float, start: int, days: float) -> float:
    """The chance that a Markov chain between cut off (0) and open (1) is open."""
    generator = np.array([[-up, up], [down, -down]])
    return float(expm(generator * days)[start, 1])


CASES = {
    "the cut is removed": Case(
        {"remove": "cut"}, lambda days: math.exp(-CUTS * B * since_cut(days))
    ),
    "the caller is readier": Case(
        {"set_doctrine": {"party": "CAN", "doctrine": "readier", "from": "2021-01-01"}},
        lambda days: two_state(CALLS * (READIER - A), CUTS * B, 0, since_cut(days)),
    ),
    "the cutter is milder": Case(
        {"set_doctrine": {"party": "USA", "doctrine": "milder", "from": "2021-01-01"}},
        lambda days: (1.0 - MILDER / B) * math.exp(-CUTS * MILDER * since_cut(days)),
    ),
}
LOOKED_AT = (20.0, 35.0, T)


def shares_open(program: CompiledScenario, replications: int = MANY) -> list[float]:
    """The share of replications in which the channel is open, so many days after the beginning."""
    start_s, is_open = parse("2021-01-01").lo_s, STATES.index("open")
    instants = [start_s + int(days * DAY_S) for days in LOOKED_AT]
    counts = [0] * len(instants)
    for r in range(replications):
        path = replicate(program, 5, r).situation.path[0][0]
        for n, at_s in enumerate(instants):
            counts[n] += [s for t, s, _ in path if t <= at_s][-1] == is_open
    return [count / replications for count in counts]


def far_from(shares: list[float], law: Callable[[float], float], replications: int = MANY) -> float:
    """The largest distance from a law, in standard errors."""
    expected = [law(days) for days in LOOKED_AT]
    return max(
        abs(share - p) / math.sqrt(p * (1.0 - p) / replications)
        for share, p in zip(shares, expected, strict=True)
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_changed_world_has_the_law_that_is_worked_out(name: str) -> None:
    case = CASES[name]
    assert far_from(shares_open(frozen(case.change)), case.open_at) < 4.0


def test_the_formulas_of_the_page_are_those_of_the_chain() -> None:
    up, down, days = CALLS * (READIER - A), CUTS * B, T - S
    written = up / (up + down) * (1.0 - math.exp(-(up + down) * days))
    assert two_state(up, down, 0, days) == pytest.approx(written, rel=1e-12)
    share = CALLS * A / (CALLS * A + CUTS * B)
    rolled = share + (1.0 - share) * math.exp(-(CUTS * B + CALLS * A) * days)
    assert two_state(CALLS * A, CUTS * B, 1, days) == pytest.approx(rolled, rel=1e-12)
    assert rolled > CASES["the cut is removed"].open_at(T)  # as the page says


@pytest.mark.slow
@pytest.mark.usefixtures("no_dropping")
@pytest.mark.parametrize("name", ["the cut is removed", "the caller is readier"])
def test_control_without_dropping_the_law_is_another(name: str) -> None:
    case = CASES[name]
    assert far_from(shares_open(frozen(case.change), FEW), case.open_at, FEW) > 6.0


@pytest.mark.slow
def test_control_new_dice_have_another_law() -> None:
    """What would be found if nothing were known of the calls that were not made."""

    def rolled(days: float) -> float:
        return two_state(CALLS * A, CUTS * B, 1, since_cut(days))

    shares = shares_open(frozen(CASES["the cut is removed"].change), FEW)
    assert far_from(shares, rolled, FEW) > 6.0


@pytest.mark.slow
def test_control_a_logged_cut_with_a_free_uniform_has_another_law(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = Abduction.likelihood

    def sure(self: Abduction, step: Any, s: int) -> tuple[float, float]:
        does, accepts = whole(self, step, s)
        return float(does > 0.0), accepts

    monkeypatch.setattr(Abduction, "likelihood", sure)
    case = CASES["the cutter is milder"]
    assert far_from(shares_open(frozen(case.change), FEW), case.open_at, FEW) > 6.0
