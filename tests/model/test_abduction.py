"""Abduction: what is inferred lies where history shows it to; what is impossible is named."""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from generated_past import what_ifs
from hypothesis import assume, given
from hypothesis import strategies as st
from micro import CHANNEL, NEVER, always, doctrine
from pasts import detained, event, past_of, place, told, written
from scipy import stats
from strategies import examples
from typed import listing, typed

from sim.ground.dates import parse
from sim.ground.errors import InputError
from sim.ground.yaml import dump_yaml, parse_yaml
from sim.log.events import KINDS
from sim.model import walk
from sim.model.abduction import NO_STREAM, Abduction, Inferred, infer
from sim.model.bursts import BLOCKS
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.opportunity import Opportunity
from sim.model.replication import replicate
from sim.model.walk import PASSED, ImpossibleError
from sim.rules.telling import AS_IS
from sim.scenario.acts import ACT_RULES, ACTS, ANSWERED, RULE_OF
from sim.scenario.scenario import Scenario
from sim.study.verifying import verify

EVEN = doctrine(**dict.fromkeys((*ACTS, *(f"accept_{a}" for a in ANSWERED), "acknowledge"), 0.0))
"""Says yes half of the time."""
EVEN_BOTH = {"can": EVEN, "usa": EVEN}


def found_of(program: CompiledScenario, id_: str, seed: int = 1, replication: int = 0) -> Inferred:
    """What is inferred of a logged decision."""
    f = place(program, id_)
    (found,) = [i for i in infer(program, seed, replication) if i.fact == f]
    return found


def stream_of(program: CompiledScenario, i: Inferred) -> str:
    return program.streams.names[i.stream].removeprefix(f"{CHANNEL}/")


# ---------------------------------------------------------------------------------- uniforms

Told = dict[str, dict[str, Any]]
DOWN: Told = {"CAN": {"kind": "corridor_talk"}}
CASES: dict[str, tuple[list[dict[str, Any]], float, float, str]] = {
    "a cut": ([event("e", "contact_cut", "2021-01-20", by="USA")], 0.0, 0.5, "do"),
    "a call, made": ([event("e", "call_held", "2021-01-20", by="USA")], 0.0, 0.5, "do"),
    "a call, accepted": ([event("e", "call_held", "2021-01-20", by="USA")], 0.0, 0.5, "accept"),
    "a call, told as it was": ([event("e", "call_held", "2021-01-20", by="USA")], 0, 0.5, "tell_a"),
    "a call, played down": (
        [event("e", "call_held", "2021-01-20", by="USA", accounts=DOWN)],
        0.5,
        1.0,
        "tell_a",
    ),
    "a call, told by the other": (
        [event("e", "call_held", "2021-01-20", by="USA", accounts=DOWN)],
        0.0,
        0.5,
        "tell_b",
    ),
    "a refusal, proposed": ([event("e", "contact_refused", "2021-01-20", by="USA")], 0, 0.5, "do"),
    "a refusal, refused": (
        [event("e", "contact_refused", "2021-01-20", by="USA")],
        0.5,
        1.0,
        "accept",
    ),
    "a refusal at a forum, refused": (
        [event("e", "contact_refused", "2021-01-20", by="USA", forum="g20")],
        0.5,
        1.0,
        "accept",
    ),
    "a talk, denied": (
        [event("e", "corridor_talk", "2021-01-20", accounts={"CAN": {"denial": True}})],
        0.5,
        1.0,
        "tell_a",
    ),
    "an offer that was taken up": (
        [
            detained("held", "2021-01-05"),
            event("e", "swap_proposed", "2021-01-20", by="USA"),
            detained("free", "2021-01-21", "released", causes=["e"]),
        ],
        0.0,
        0.5,
        "accept",
    ),
    "an offer that was not": (
        [detained("held", "2021-01-05"), event("e", "swap_proposed", "2021-01-20", by="USA")],
        0.5,
        1.0,
        "accept",
    ),
}
MANY = 300


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_uniform_lies_evenly_on_the_side_on_which_it_fell(case: str) -> None:
    events, low, high, field = CASES[case]
    program, _ = past_of(told(*events, doctrines=EVEN_BOTH))
    found = [getattr(found_of(program, "e", replication=r), field) for r in range(MANY)]
    assert all(low <= u < high for u in found)
    assert stats.kstest(found, stats.uniform(low, high - low).cdf).pvalue > 1e-4
    assert stats.kstest(found, stats.uniform().cdf).pvalue < 1e-12  # the control: it has power


def test_with_shared_coupling_one_uniform_tells_both() -> None:
    ends = {"call_held": (0.0, 0.25), "contact_refused": (0.25, 0.5)}
    for kind, (low, high) in ends.items():
        whole = told(event("e", kind, "2021-01-20"), doctrines=EVEN_BOTH, coupling="shared")
        program, _ = past_of(whole)
        found = [found_of(program, "e", replication=r).do for r in range(MANY)]
        assert all(low <= u < high for u in found)
        assert stats.kstest(found, stats.uniform(low, high - low).cdf).pvalue > 1e-4


def test_how_a_meeting_was_told_is_inferred_and_nothing_else_of_it() -> None:
    whole = told(event("e", "meeting_held", "2021-02-20", accounts=DOWN), doctrines=EVEN_BOTH)
    program, _ = past_of(whole)
    found = [found_of(program, "e", replication=r) for r in range(40)]
    assert all(i.tell_a >= 0.5 > i.tell_b for i in found)
    assert all(math.isnan(x) for i in found for x in (i.do, i.accept, i.lead))
    assert {(i.stream, i.index) for i in found} == {(-1, -1)}


def test_an_opportunity_that_was_not_taken_keeps_its_number_and_its_uniform() -> None:
    program, _ = past_of(told(doctrines=EVEN_BOTH))
    walk = Abduction(program, 1, 0)
    prior = {(o.stream, o.index): o for s in range(len(walk.act)) for o in walk.prior(s)}
    kept = infer(program, 1, 0)
    assert 3 < len(kept) < len(prior)
    for i in kept:
        assert (prior[i.stream, i.index].at_s, prior[i.stream, i.index].do) == (i.at_s, i.do)


def test_what_would_have_been_taken_is_dropped() -> None:
    """And what was not available is kept whatever its uniform: cancelling, with no meeting."""
    program, _ = past_of(told(doctrines=EVEN_BOTH))
    walk = Abduction(program, 1, 0)
    kept = {(i.stream, i.index) for i in infer(program, 1, 0)}
    seen = Counter[tuple[bool, bool, bool]]()
    for s in range(len(program.streams.names)):
        available = walk.act[s] in ("call", "meet", "cut")
        for o in walk.prior(s):
            seen[available, o.do < 0.5, (s, o.index) in kept] += 1
    assert seen[True, True, True] == seen[True, False, False] == 0
    assert seen[False, True, False] == seen[False, False, False] == 0
    assert min(seen[True, True, False], seen[True, False, True], seen[False, True, True]) > 3


SUMMITS = {f"s{n:02d}": {"date": f"2021-01-{n + 2:02d}"} for n in range(20)}


def test_a_forum_that_passed_is_redrawn_above_the_probability() -> None:
    program, past = past_of(told(doctrines=EVEN_BOTH, forums=SUMMITS))
    walk = Abduction(program, 1, 0)
    kept = {
        i.stream: i
        for i in infer(program, 1, 0)
        if i.index == 0 and program.streams.forum[i.stream] >= 0
    }
    prior = {s: o.do for s in range(len(walk.act)) if walk.forum[s] >= 0 for o in walk.prior(s)}
    assert kept.keys() == prior.keys()
    assert len(prior) == 40
    assert all(i.do >= 0.5 for i in kept.values())
    for s, i in kept.items():
        lo, hi = (int(word) for word in past.key[s])
        again, _ = walk.uniforms((lo, hi), BLOCKS - 1)
        assert i.do == (prior[s] if prior[s] >= 0.5 else 0.5 + again * 0.5)
    assert 5 < sum(do < 0.5 for do in prior.values()) < 35


def test_the_approach_that_was_made_is_the_forums_opportunity() -> None:
    whole = told(
        event("e", "corridor_talk", "2021-01-10", by="USA"), doctrines=EVEN_BOTH, forums=SUMMITS
    )
    program, _ = past_of(whole)
    at_forum = program.forums.names.index("s08")
    found = [
        i
        for i in infer(program, 1, 0)
        if i.stream >= 0 and program.streams.forum[i.stream] == at_forum
    ]
    assert {(stream_of(program, i), i.fact >= 0) for i in found} == {
        ("USA/approach/s08", True),
        ("CAN/approach/s08", False),
    }


# ---------------------------------------------------------------------------------- who did it


def counted(program: CompiledScenario, replications: int = 1500) -> Counter[str]:
    return Counter(
        stream_of(program, found_of(program, "e", replication=r)) for r in range(replications)
    )


def surprise(found: Counter[str], expected: dict[str, float]) -> float:
    """The p-value of counts whose law is in proportion to some weights."""
    assert found.keys() <= expected.keys()
    total = sum(expected.values())
    wanted = [found.total() * w / total for w in expected.values()]
    return float(stats.chisquare([found[k] for k in expected], wanted).pvalue)


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@pytest.mark.slow
def test_an_unknown_initiator_is_drawn_in_proportion_to_the_intensities() -> None:
    """Rate, times the probability that it is proposed, times that it is refused as it was."""
    whole = told(
        event("e", "contact_refused", "2021-01-20"),
        doctrines={
            "can": doctrine(meet=0.0, call=-1.0, accept_meet=1.0, accept_call=-0.5),
            "usa": doctrine(meet=-0.5, call=0.5, accept_meet=0.2, accept_call=0.7),
        },
        rates_per_day={"meet": 0.2, "call": 0.1},
    )
    program, _ = past_of(whole)
    found = counted(program)
    expected = {
        "CAN/meet": 0.2 * logistic(0.0) * logistic(-0.2),
        "CAN/call": 0.1 * logistic(-1.0) * logistic(-0.7),
        "USA/meet": 0.2 * logistic(-0.5) * logistic(-1.0),
        "USA/call": 0.1 * logistic(0.5) * logistic(0.5),
    }
    assert surprise(found, expected) > 1e-4
    for control in (
        dict.fromkeys(expected, 1.0),
        {k: w * (2 if "call" in k else 1) for k, w in expected.items()},  # the rates left out
        {  # the answers left out
            k: rate * logistic(p)
            for k, rate, p in zip(
                expected, (0.2, 0.1, 0.2, 0.1), (0.0, -1.0, -0.5, 0.5), strict=True
            )
        },
    ):
        assert surprise(found, control) < 1e-9


def test_at_a_forum_rates_are_left_out() -> None:
    whole = told(
        event("e", "corridor_talk", "2021-01-20"),
        doctrines={
            "can": doctrine(approach=1.0, accept_approach=0.0),
            "usa": doctrine(approach=-0.5, accept_approach=1.0),
        },
    )
    program, _ = past_of(whole)
    proposed = {"CAN": logistic(1.0), "USA": logistic(-0.5)}
    accepted = {"CAN": logistic(0.0), "USA": logistic(1.0)}  # by the other side
    noon = parse("2021-01-20").midpoint_s
    early, late = program.streams.at_s[0].tolist()

    def first_or_second(other: str) -> float:
        """Not walking up counts where a side was asked before the talk, as the second or first."""
        return (1 - proposed[other] * (late < noon)) + (1 - proposed[other] * (early < noon))

    expected = {
        f"{one}/approach/at-e": proposed[one] * accepted[other] * first_or_second(other)
        for one, other in (("CAN", "USA"), ("USA", "CAN"))
    }
    assert early < noon
    found = counted(program, 800)
    assert surprise(found, expected) > 1e-4
    assert surprise(found, dict.fromkeys(expected, 1.0)) < 1e-9
    always_first = {f"{s}/approach/at-e": proposed[s] * accepted[s] for s in proposed}
    assert surprise(found, always_first) < 1e-9


def test_who_could_not_have_done_it_did_not() -> None:
    """A restoring where one of the two saw nothing to restore: only the other denies the call."""
    denied: Told = {"CAN": {"denial": True}}
    whole = told(
        event("back", "call_held", "2021-01-10", accounts=denied),
        event("e", "contact_restored", "2021-01-20"),
        doctrines=EVEN_BOTH,
        channels={CHANNEL: {"initial": "cut_off"}},
        rates_per_day={"restore": 0.1},
    )
    program, _ = past_of(whole)
    assert counted(program, 50) == {"CAN/restore": 50}


def test_who_would_hardly_have_done_it_may_have() -> None:
    doctrines = {"can": doctrine(cut=-3.0), "usa": doctrine(cut=0.0)}
    program, _ = past_of(told(event("e", "contact_cut", "2021-01-20"), doctrines=doctrines))
    found = counted(program, 800)
    assert found["CAN/cut"] > 20
    assert surprise(found, {"CAN/cut": logistic(-3), "USA/cut": 0.5}) > 1e-4


# ---------------------------------------------------------------------------------- when


def test_an_imprecise_date_is_drawn_once_a_replication_inside_its_span() -> None:
    whole = told(event("e", "contact_cut", "2021-01-11/2021-01-20", by="USA"), doctrines=EVEN_BOTH)
    program, _ = past_of(whole)
    at = [found_of(program, "e", replication=r).at_s for r in range(MANY)]
    lo, hi = parse("2021-01-11").lo_s, parse("2021-01-20").hi_s
    assert all(lo <= t < hi for t in at)
    assert len(set(at)) > 0.99 * MANY
    assert stats.kstest(at, stats.uniform(lo, hi - lo).cdf).pvalue > 1e-4
    again = replicate(program, 1, 7).situation.happenings
    assert [h.at_s for h in again if h.fact == 0] == [at[7]]


def test_causes_and_effects_bound_it() -> None:
    whole = told(
        event("first", "statement", "2021-01-14", channel=None),
        event("e", "contact_cut", "2021-01", by="USA", causes=["first"]),
        event("last", "statement", "2021-01-16", channel=None, causes=["e"]),
        doctrines=EVEN_BOTH,
    )
    program, _ = past_of(whole)
    at = [found_of(program, "e", replication=r).at_s for r in range(50)]
    lo, hi = parse("2021-01-14").midpoint_s, parse("2021-01-16").hi_s
    assert all(lo <= t < hi for t in at)
    assert len(set(at)) > 40


# ---------------------------------------------------------------------------------- of any history


@pytest.mark.slow
@examples(6)
@given(what_ifs(), st.integers(0, 2**63 - 1))
def test_every_uniform_lies_on_the_side_on_which_history_shows_that_it_fell(
    whole: Scenario, seed: int
) -> None:
    plain = whole.model_copy(update={"changes": ()})
    program, _ = past_of(plain)
    shown: list[tuple[str, float, float, bool]] = []
    explain, keep = Abduction.explain, Abduction.keep

    class Watched(Abduction):
        """Notes, before each fact is applied, where its uniforms should lie."""

        def explain(self, step: Any) -> None:
            explain(self, step)
            f, past = step.fact, self.past
            i = self.found[-1]
            act, channel, side = self.act[i.stream], self.channel[i.stream], self.side[i.stream]
            _, does = self.weigh(act, channel, side, i.at_s)
            shown.append(("do", i.do, does, True))
            if past.answer[f] >= 0:
                _, accepts = self.weigh(f"accept_{act}", channel, 1 - side, i.at_s)
                one = i.do / does if program.shared else i.accept
                shown.append((f"accept_{act}", one, accepts, past.answer[f] == 1))
            if past.answer[f] == 1 and KINDS[program.facts.kind[f]] in (
                "call_held",
                "corridor_talk",
            ):
                for s, u in enumerate((i.tell_a, i.tell_b)):
                    _, tells = self.weigh("acknowledge", channel, s, i.at_s)
                    shown.append(("acknowledge", u, tells, past.told[f, s] == AS_IS))

        def keep(self, opportunity: Opportunity, asked: Any) -> None:
            count = len(self.found)
            keep(self, opportunity, asked)
            if self.available(opportunity) and len(self.found) > count:
                s = opportunity.stream
                _, likely = self.weigh(self.act[s], self.channel[s], self.side[s], opportunity.at_s)
                # of a burst only what would have been taken is noted: it is dropped
                taken = opportunity.burst >= 0
                shown.append(("left", self.found[-1].do, likely, taken))

    try:
        Watched(program, seed, 0).infer()
    except ImpossibleError:
        assume(False)
    for what, u, p, below in shown:
        # a probability of 1 leaves no room above it, nor one of 0 below
        assert 0.0 <= u <= 1.0, what
        assert (u < p) == below or u == p, (what, u, p, below)


# ---------------------------------------------------------------------------------- impossible

IMPOSSIBLE: dict[str, tuple[str, str, list[dict[str, Any]], dict[str, Any]]] = {
    "about detainees with nobody held": (
        "e",
        RULE_OF["raise_detainees"].impossible,
        [event("e", "call_held", "2021-01-20", agenda=["detainees"])],
        {},
    ),
    "about detainees after the last was freed": (
        "e",
        RULE_OF["raise_detainees"].impossible,
        [
            detained("a", "2021-01-05"),
            detained("b", "2021-01-15", "released"),
            event("e", "call_held", "2021-01-20", agenda=["detainees"]),
        ],
        {},
    ),
    "cancelled, and none agreed": (
        "e",
        RULE_OF["cancel"].impossible,
        [event("e", "meeting_cancelled", "2021-01-20")],
        {},
    ),
    "agreed while another is pending": (
        "e",
        RULE_OF["meet"].impossible,
        [
            event("a", "meeting_agreed", "2021-01-10", meeting_date="2021-03-05"),
            event("e", "meeting_agreed", "2021-01-20", meeting_date="2021-03-08"),
        ],
        {},
    ),
    "approached twice": (
        "e2",
        RULE_OF["approach"].impossible,
        [event("e1", "corridor_talk", "2021-01-20"), event("e2", "corridor_talk", "2021-01-21")],
        {"forums": {"g20": {"date": "2021-01-20/2021-01-21"}}},
    ),
    "offered with nobody held": (
        "e",
        RULE_OF["swap"].impossible,
        [event("e", "swap_proposed", "2021-01-20", by="USA")],
        {},
    ),
    "restored while it is open": (
        "e",
        RULE_OF["restore"].impossible,
        [event("e", "contact_restored", "2021-01-20")],
        {"rates_per_day": {"restore": 0.1}},
    ),
    "a call at rate 0": (
        "e",
        NO_STREAM,
        [event("e", "call_held", "2021-01-20")],
        {"rates_per_day": {"call": 0}},
    ),
    "a cut at rate 0": (
        "e",
        NO_STREAM,
        [event("e", "contact_cut", "2021-01-20")],
        {"rates_per_day": {"cut": 0}},
    ),
    "a meeting whose date passed": (
        "e",
        PASSED,
        [event("e", "meeting_agreed", "2021-01-10", meeting_date="2021-01-20")],
        {},
    ),
}


@pytest.mark.parametrize("executor", ["reference", "kernel"])
@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_an_impossible_history_is_named_with_its_remedy(
    case: str,
    executor: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    id_, reason, events, parts = IMPOSSIBLE[case]
    monkeypatch.chdir(tmp_path)
    changes = [{"set_doctrine": {"party": "USA", "doctrine": "can", "from": "2021-01-02"}}]
    plain = written(*events, doctrines=EVEN_BOTH, changes=changes, **parts)
    text = dump_yaml(plain)
    (tmp_path / "history.yaml").write_text(text, encoding="utf-8")
    found = typed(capsys, "run", "history.yaml", "-n", 5, "--executor", executor, "--out", "here")
    assert (found.code, found.out) == (2, "")
    rule = "the model cannot produce this event"
    place = [e["id"] for e in plain["history"]["events"]].index(id_)
    file, line = parse_yaml(text, "history.yaml").place(("history", "events", place))
    assert found.complaints == [f"{file}:{line}: {id_}: {rule}: {reason}"]
    left = {"history.yaml", "here/begun.json", "here/scenario.yaml"}
    assert listing(tmp_path).keys() <= left


def test_every_reason_is_tried_but_one_that_cannot_be() -> None:
    """A call is always available, as are a cut, messages and requests: with a rate above 0 they are
    never impossible."""
    tried = {reason for _, reason, _, _ in IMPOSSIBLE.values()}
    known = {*(r.impossible for r in ACT_RULES), NO_STREAM, PASSED}
    always = {RULE_OF[act].impossible for act in ("call", "cut", "send", "ask")}
    assert known - tried == always


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_control_with_the_remedy_it_is_possible(case: str) -> None:
    id_, _, events, parts = IMPOSSIBLE[case]
    remedied = {
        "about detainees with nobody held": [detained("r", "2021-01-10")],
        "about detainees after the last was freed": [detained("r", "2021-01-16", persons=["bob"])],
        "cancelled, and none agreed": [
            event("r", "meeting_agreed", "2021-01-10", meeting_date="2021-02-20")
        ],
        "agreed while another is pending": [event("r", "meeting_cancelled", "2021-01-15")],
        "approached twice": [],
        "offered with nobody held": [detained("r", "2021-01-10")],
        "a meeting whose date passed": [event("r", "meeting_held", "2021-01-20")],
        "restored while it is open": [event("r", "contact_cut", "2021-01-19")],
    }.get(case, [])
    if case == "approached twice":
        parts = {"forums": {"g20": {"date": "2021-01-20"}}}
    if "rate 0" in case:
        parts = {}
    program, _ = past_of(told(*events, *remedied, doctrines=EVEN_BOTH, **parts))
    assert found_of(program, id_)
    again = {h.fact for h in replicate(program, 1, 0).situation.happenings}
    assert place(program, id_) in again


def test_a_cut_of_what_is_cut_off_already_is_possible() -> None:
    """Lines are cut twice."""
    cuts = [event(f"e{n}", "contact_cut", f"2021-01-{10 + n}") for n in (0, 5)]
    channels = {CHANNEL: {"initial": "cut_off"}}
    program, _ = past_of(told(*cuts, doctrines=EVEN_BOTH, channels=channels))
    again = replicate(program, 1, 0).situation.happenings
    assert [h.fact for h in again if h.fact >= 0] == [0, 1]
    assert isinstance(verify(program, 1, 20), int)


def test_a_forecast_from_the_same_history_runs() -> None:
    _, _, events, parts = IMPOSSIBLE["restored while it is open"]
    whole = told(*events, doctrines=EVEN_BOTH, **parts)
    assert replicate(compile_scenario(whole), 1, 0).situation.happenings[0].fact == 0
    with pytest.raises(InputError, match=re.escape(RULE_OF["restore"].impossible)):
        replicate(compile_scenario(whole, retrace=True), 1, 0)


def test_a_doctrine_that_would_never_have_done_it_makes_it_all_but_impossible() -> None:
    """A bias of -50 is a probability of 2e-22 and not of nothing: history is explained."""
    never = {"can": doctrine(), "usa": doctrine(cut=NEVER)}
    program, _ = past_of(told(event("e", "contact_cut", "2021-01-20", by="USA"), doctrines=never))
    assert 0.0 < found_of(program, "e").do < 1e-20


def test_abduction_needs_a_what_if() -> None:
    with pytest.raises(ValueError, match="the program is not a what-if's"):
        walk.of(compile_scenario(told()))


# ---------------------------------------------------------------------------------- history returns

RETURNS: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "meetings two days apart": (
        [event("m1", "meeting_held", "2021-01-20"), event("m2", "meeting_held", "2021-01-22")],
        {},
    ),
    "two meetings on a day": (
        [event("m1", "meeting_held", "2021-01-20"), event("m2", "meeting_held", "2021-01-20")],
        {},
    ),
    "somebody freed and held again": (
        [
            detained("a", "2021-01-05"),
            detained("b", "2021-01-15", "released"),
            detained("c", "2021-01-25"),
        ],
        {},
    ),
    "a meeting about detainees that one side played down": (
        [event("m", "meeting_held", "2021-02-20", agenda=["detainees"], accounts=DOWN)],
        {},
    ),
    "an offer that is itself an affront": (
        [detained("a", "2021-01-05"), event("e", "swap_proposed", "2021-01-20", by="USA")],
        {
            "doctrines": {
                "can": doctrine(accept_swap={"bias": -1.0, "grievance": 1.0}),
                "usa": doctrine(swap=0.0),
            },
            "stocks": {"grievance": {"half_life_days": 90, "raised_by": {"swap_proposed": 100.0}}},
        },
    ),
}


@pytest.mark.parametrize("case", RETURNS)
def test_history_returns(case: str) -> None:
    events, parts = RETURNS[case]
    program, _ = past_of(told(*events, **({"doctrines": {"can": always(), "usa": EVEN}} | parts)))
    as_of = program.as_of_s
    for r in range(20):
        happened = [h for h in replicate(program, 1, r).situation.happenings if h.at_s < as_of]
        assert [program.facts.ids[h.fact] if h.fact >= 0 else "?" for h in happened] == [
            e["id"] for e in events
        ]
