"""Whether the model is believable: stylised facts of frozen and of calm channels, in moderate runs.

Each fact is shown true of the model as shipped, and false of a world in which it should be false.
Run this file as a program to print the figures that `docs/model.md` reports.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from doctrines import shipped

from sim.ground.dates import DAY_S
from sim.kernel import run as kernel
from sim.log.events import KIND_CODE, KINDS
from sim.log.log import STATES
from sim.log.rulebook import LapseDays
from sim.model.compiling import compile_scenario
from sim.model.eventtable import happenings_of
from sim.model.reference import World
from sim.model.situation import SimulatedEvent
from sim.rules.features import FEATURES
from sim.scenario.acts import ACTS, ANSWERED
from sim.scenario.attention import DEFAULT_ATTENTION, Burst
from sim.scenario.doctrine import Doctrine, Weights
from sim.scenario.outcomes import FirstTime
from sim.scenario.resolve import load_scenario, shipped_doctrines
from sim.scenario.scenario import MeetingLead, Rates, Scenario, Stocks

ROOT = Path(__file__).parents[2]
# what-ifs have their own tests: their past is mostly decided
SCENARIOS = sorted(
    p for p in (ROOT / "scenarios").glob("*.yaml") if not p.stem.startswith("whatif")
)
EDITOR_LINE = "# yaml-language-server: $schema=../docs/schema/scenario.json"
OPEN = STATES.index("open")
CONTACTS = {KIND_CODE[k] for k in ("meeting_held", "call_held", "corridor_talk")}

# ---------------------------------------------------------------------------------- variants

Variant = Callable[[Scenario], Scenario]


def as_shipped(scenario: Scenario) -> Scenario:
    """Change nothing."""
    return scenario


def both(doctrine: str) -> Variant:
    """Give every party one of the doctrines that ship."""

    def change(scenario: Scenario) -> Scenario:
        parties = {
            code: setup.model_copy(update={"doctrine": doctrine})
            for code, setup in scenario.parties.items()
        }
        doctrines = {**scenario.doctrines, doctrine: shipped(doctrine)}
        return scenario.model_copy(update={"parties": parties, "doctrines": doctrines})

    return change


def weighed(*changes: tuple[str, str, str, float]) -> Variant:
    """Set weights of every doctrine: (act or accept, decision, feature, weight)."""

    def change(scenario: Scenario) -> Scenario:
        doctrines = {}
        for name, doctrine in scenario.doctrines.items():
            data = doctrine.model_dump()
            for part, decision, feature, weight in changes:
                data[part][decision][feature] = weight
            doctrines[name] = Doctrine.model_validate(data)
        return scenario.model_copy(update={"doctrines": doctrines})

    return change


def without_escalation(scenario: Scenario) -> Scenario:
    """Take the inserted escalations away."""
    left = (c for c in scenario.changes if c.insert is None or c.insert.kind != "escalation")
    return scenario.model_copy(update={"changes": tuple(left)})


def without_bursts(scenario: Scenario) -> Scenario:
    """Let no event bring up a question."""
    return scenario.model_copy(update={"attention": {}})


VARIANTS: dict[str, Variant] = {
    "as shipped": as_shipped,
    "both conciliatory": both("conciliatory"),
    "both transactional": both("transactional"),
    "both isolating": both("isolating"),
    "no calls about detainees": weighed(("act", "raise_detainees", "bias", -30.0)),
    "cuts at even odds": weighed(("act", "cut", "bias", 0.0)),
    "calls always proposed": weighed(("act", "call", "bias", 10.0)),
    "swaps never accepted": weighed(("accept", "swap", "bias", -30.0)),
    "without escalation": without_escalation,
    "without bursts": without_bursts,
    "cancelling at even odds": weighed(("act", "cancel", "bias", 0.0)),
    "deaf to escalation": weighed(
        *(("act", act, m, 0.0) for act in ("cancel", "cut") for m in ("grievance", "war", "shock"))
    ),
}

# ---------------------------------------------------------------------------------- figures


@dataclass(frozen=True)
class Figures:
    """What an ensemble shows on the first channel of its scenario."""

    forum_talk: float
    """The share of forums at which the two talked."""
    longest_silence_days: float
    """The median over replications of the longest span without contact."""
    contacts: float
    """Contacts a replication."""
    reopened: float
    """The share of replications that are open at some time."""
    confined_first: float
    """The share of those in which a contact confined to detainees came before."""
    open_share: float
    """The share of days open."""
    calls: float
    """Calls a year."""
    meetings: float
    """Meetings held a year."""
    refusals: float
    """Contacts refused a year."""
    cuts: float
    """Contact cut, times a year."""
    freed: float
    """People freed by Russia a year."""
    called_off: float
    """The share of replications in which a meeting is called off."""
    ever_cut: float
    """The share of replications in which contact is cut."""
    kept: float
    """Of meetings agreed and then held, cancelled or cut off, the share that is held."""
    answered: float
    """Of escalations of severity 0.5 or more that find a meeting pending, the share after which
    it is called off within three days."""


FIRST = {s: FirstTime(type="first_time", state=(s,)) for s in ("open", "prisoner_only")}
"""When the first channel is first in a state after the as-of date."""


def longest_silence_s(happenings: list[SimulatedEvent], start_s: int, end_s: int) -> int:
    """Return the longest span without contact between two instants."""
    found = [h.at_s for h in happenings if h.kind in CONTACTS and h.at_s >= start_s]
    marks = [start_s, *found, end_s]
    return max(b - a for a, b in pairwise(marks))


CALLED_OFF = ("meeting_cancelled", "contact_cut")


def answers_to_shocks(happenings: list[SimulatedEvent]) -> list[bool]:
    """For each great escalation that finds a meeting pending, whether that is called off within
    three days; the meeting's own date must not come first."""
    found, pending = [], None
    for n, h in enumerate(happenings):
        kind = KINDS[h.kind]
        if kind == "meeting_agreed":
            pending = h.meeting_s
        elif kind in ("meeting_held", *CALLED_OFF):
            pending = None
        elif kind == "escalation" and h.severity >= 0.5 and pending is not None:
            until = h.at_s + 3 * DAY_S
            next_ = (KINDS[g.kind] for g in happenings[n + 1 :] if g.at_s < until)
            found.append(any(k in CALLED_OFF for k in next_))
    return found


@cache
def figures(name: str, variant: str = "as shipped", replications: int = 100) -> Figures:
    """Run a scenario and sum up its first channel."""
    scenario = VARIANTS[variant](load_scenario(ROOT / "scenarios" / f"{name}.yaml"))
    asked = {n: o.model_copy(update={"channel": min(scenario.channels)}) for n, o in FIRST.items()}
    program = compile_scenario(scenario.model_copy(update={"outcomes": asked}))
    start, end = program.as_of_s, program.until_s
    years = (end - start) / DAY_S / 365.25
    freer = program.parties.index("RUS") if "RUS" in program.parties else -2
    tally, events = kernel.run(program, scenario.ensemble.seed, 0, replications, events=True)
    assert events is not None
    silences, talks, seen = [], 0, dict.fromkeys(("freed", "off", "cut"), 0)
    answers: list[bool] = []
    for replication in range(replications):
        happenings = happenings_of(program, events.of(replication))
        silences.append(longest_silence_s(happenings, start, end) / DAY_S)
        after = [h for h in happenings if h.at_s >= start]
        kinds = {h.kind for h in after}
        talks += sum(h.kind == KIND_CODE["corridor_talk"] for h in after)
        seen["freed"] += sum(h.kind == KIND_CODE["released"] and h.by == freer for h in after)
        seen["off"] += KIND_CODE["meeting_cancelled"] in kinds
        seen["cut"] += KIND_CODE["contact_cut"] in kinds
        answers += answers_to_shocks(after)
    first = dict(zip(program.outcomes.names, tally.values.T, strict=True))
    opened = first["open"] >= 0
    confined = opened & (first["prisoner_only"] >= 0) & (first["prisoner_only"] < first["open"])

    def yearly(kind: str) -> float:
        return int(tally.events[KIND_CODE[kind]]) / replications / years

    ended = {k: int(tally.events[KIND_CODE[k]]) for k in ("meeting_held", *CALLED_OFF)}
    exposure = tally.exposure_s[0, 0]
    return Figures(
        forum_talk=talks / replications / max(1, len(program.forums.names)),
        longest_silence_days=median(silences),
        contacts=sum(int(tally.events[k]) for k in CONTACTS) / replications,
        reopened=float(opened.mean()),
        confined_first=int(confined.sum()) / max(1, int(opened.sum())),
        open_share=float(exposure[OPEN] / exposure.sum()),
        calls=yearly("call_held"),
        meetings=yearly("meeting_held"),
        refusals=yearly("contact_refused"),
        cuts=yearly("contact_cut"),
        freed=seen["freed"] / replications / years,
        called_off=seen["off"] / replications,
        ever_cut=seen["cut"] / replications,
        kept=ended["meeting_held"] / max(1, sum(ended.values())),
        answered=sum(answers) / max(1, len(answers)),
    )


# ---------------------------------------------------------------------------------- the facts


@dataclass(frozen=True)
class Fact:
    """A stylised fact, and a world in which it must not hold."""

    says: str
    scenario: str
    holds: Callable[[Figures], bool]
    control: str
    replications: int = 60


FACTS = [
    Fact("after the cut, most forums pass without a talk", "after-the-cut",
         lambda f: f.forum_talk < 0.25, "both conciliatory"),
    Fact("after the cut, some forum brings one", "after-the-cut",
         lambda f: f.forum_talk > 0.03, "both isolating"),
    Fact("after the cut, the longest silence lasts most of a year or more", "after-the-cut",
         lambda f: 270 < f.longest_silence_days < 800, "both conciliatory"),
    Fact("after the cut, contacts are few", "after-the-cut",
         lambda f: 2 < f.contacts < 12, "both conciliatory"),
    Fact("after the cut, the channel is open on few days", "after-the-cut",
         lambda f: 0.01 < f.open_share < 0.2, "both conciliatory"),
    Fact("a reopening is not ruled out", "after-the-cut",
         lambda f: f.reopened > 0.1, "both isolating"),
    Fact("talk about detainees comes before a reopening more often than not", "after-the-cut",
         lambda f: f.confined_first > 0.5, "no calls about detainees"),
    Fact("a contact is refused now and then, not weekly", "after-the-cut",
         lambda f: 0.5 < f.refusals < 5, "calls always proposed"),
    Fact("contact is cut only sometimes", "after-the-cut",
         lambda f: 0.03 < f.cuts < 0.5, "cuts at even odds"),
    Fact("Russia frees a person in a year or so", "after-the-cut",
         lambda f: 0.4 < f.freed < 2, "swaps never accepted"),
    Fact("before the war, ministers call several times a year", "before-the-war",
         lambda f: 5 < f.calls < 13, "both isolating"),
    Fact("before the war, they meet a few times a year", "before-the-war",
         lambda f: 1.5 < f.meetings < 5, "both isolating"),
    Fact("before the war, the channel stays open", "before-the-war",
         lambda f: f.open_share > 0.9, "both isolating"),
    Fact("calm neighbours call and meet all the time", "calm-neighbours",
         lambda f: f.open_share > 0.995 and f.calls > 20 and f.meetings > 6, "both isolating"),
    Fact("an invasion often ends contact", "geneva-24-february",
         lambda f: f.ever_cut > 0.15, "without escalation"),
    Fact("an invasion cancels meetings", "geneva-24-february",
         lambda f: f.called_off > 0.2, "deaf to escalation"),
    Fact("a shock is answered within three days more often than not", "geneva-24-february",
         lambda f: f.answered > 0.6, "without bursts"),
    Fact("where a doctrine weighs no shock, a shock is not answered", "geneva-24-february",
         lambda f: f.answered > 0.6, "deaf to escalation"),
    Fact("in calm times agreed meetings are mostly held", "before-the-war",
         lambda f: f.kept > 0.85, "cancelling at even odds"),
]  # fmt: skip


def sample(fact: Fact, variant: str) -> Figures:
    """Return the figures that a fact is judged by: more replications for the model as shipped."""
    return figures(fact.scenario, variant, 200 if variant == "as shipped" else fact.replications)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.says)
def test_fact_holds(fact: Fact) -> None:
    found = sample(fact, "as shipped")
    assert fact.holds(found), found


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.says)
def test_fact_fails_in_a_world_where_it_should(fact: Fact) -> None:
    found = sample(fact, fact.control)
    assert not fact.holds(found), found


def in_order(variants: tuple[str, ...]) -> bool:
    """Whether the share of days open at least halves from each variant to the next."""
    shares = [figures("after-the-cut", v).open_share for v in variants]
    return all(later < earlier / 2 for earlier, later in pairwise(shares))


def test_doctrines_differ_visibly_in_the_share_of_days_open() -> None:
    assert in_order(("both conciliatory", "both transactional", "both isolating"))


def test_order_of_doctrines_fails_where_they_are_one() -> None:
    assert not in_order(("both transactional", "both transactional", "both isolating"))


def events_of(scenario: Scenario, channel: str, replication: int) -> list[tuple[int, int]]:
    """List what happens on a channel, as (instant, kind)."""
    program = compile_scenario(scenario)
    c = program.channels.names.index(channel)
    happenings = World(program, scenario.ensemble.seed, replication).run().happenings
    return [(h.at_s, h.kind) for h in happenings if h.channel == c]


@pytest.mark.parametrize(
    ("channel", "same"), [("chn-rus/ministers", True), ("chn-usa/ministers", False)]
)
def test_isolation_by_one_capital_leaves_the_channel_of_the_others(
    channel: str, same: bool
) -> None:
    scenario = load_scenario(ROOT / "scenarios" / "three-capitals.yaml")
    plain = scenario.model_copy(update={"changes": ()})
    runs = [[events_of(s, channel, r) for r in range(5)] for s in (scenario, plain)]
    assert (runs[0] == runs[1]) is same


# ---------------------------------------------------------------------------------- the gallery


def undecided(scenario: Scenario, replications: int) -> dict[str, bool]:
    """Return for each outcome whether its answers differ between replications."""
    program = compile_scenario(scenario)
    tally, _ = kernel.run(program, scenario.ensemble.seed, 0, replications)
    return {
        name: len(set(tally.values[:, q].tolist())) > 1
        for q, name in enumerate(program.outcomes.names)
    }


def test_gallery_is_there() -> None:
    assert len(SCENARIOS) >= 12


@pytest.mark.slow
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_asks_what_its_model_leaves_undecided(path: Path) -> None:
    assert path.read_text(encoding="utf-8").splitlines()[0] == EDITOR_LINE
    scenario = load_scenario(path)
    assert scenario.reasons
    assert scenario.sources
    assert all(outcome.title for outcome in scenario.outcomes.values())
    found = undecided(scenario, 60)
    assert len(found) >= 6
    decided = [name for name, varies in found.items() if not varies]
    assert len(decided) <= len(found) // 6, f"the same in all replications: {decided}"


def test_decided_outcomes_are_noticed() -> None:
    scenario = VARIANTS["cuts at even odds"](
        load_scenario(ROOT / "scenarios" / "calm-neighbours.yaml")
    )
    found = undecided(VARIANTS["both isolating"](scenario), 20)
    assert sum(not varies for varies in found.values()) > len(found) // 6


# ---------------------------------------------------------------------------------- the document

DOCUMENT = ROOT / "docs" / "model.md"
WEIGHT_ROW = re.compile(r"^\| `([a-z_.]+)` \| `([a-z_]+)` \| (\S+) \| (\S+) \| (\S+) \| (.+) \|$")
DEFAULT_ROW = re.compile(r"^\| `([a-z_]+(?:\.[a-z_]+)+)` \| ([\d./]+|never) \| (.{20,}) \|$")


def weight_table(doctrines: dict[str, Doctrine]) -> dict[tuple[str, str], tuple[float, ...]]:
    """Return every weight that some doctrine gives, keyed by decision and feature."""
    found = {}
    for decision in (
        *(f"act.{a}" for a in ACTS),
        *(f"accept.{a}" for a in ANSWERED),
        "acknowledge",
    ):
        for feature in FEATURES:
            row = []
            for doctrine in doctrines.values():
                weights: object = doctrine
                for part in decision.split("."):
                    weights = getattr(weights, part)
                assert isinstance(weights, Weights)
                row.append(float(getattr(weights, feature)))
            if any(row):
                found[decision, feature] = tuple(row)
    return found


def documented_weights(text: str) -> dict[tuple[str, str], tuple[float, ...]]:
    """Read the document's table of weights."""
    rows = filter(None, map(WEIGHT_ROW.match, text.splitlines()))
    return {(r[1], r[2]): tuple(float(r[n]) for n in (3, 4, 5)) for r in rows}


def default_table() -> dict[str, float | None]:
    """Return every other default number, keyed by its place in a scenario."""
    found: dict[str, float | None] = {}
    for at, model in (
        ("rates_per_day", Rates()),
        ("lapse_days", LapseDays()),
        ("meeting_lead_days", MeetingLead()),
    ):
        found |= {f"{at}.{name}": value for name, value in model.model_dump().items()}
    for name, stock in Stocks().model_dump().items():
        found[f"stocks.{name}.half_life_days"] = stock["half_life_days"]
        found |= {f"stocks.{name}.raised_by.{k}": v for k, v in stock["raised_by"].items()}
    return found


def documented_defaults(text: str) -> dict[str, float | None]:
    """Read the document's table of the other defaults; each row must give a reason."""
    rows = filter(None, map(DEFAULT_ROW.match, text.splitlines()))
    return {r[1]: None if r[2] == "never" else float(Fraction(r[2])) for r in rows}


def test_document_gives_every_weight() -> None:
    doctrines = {name: shipped(name) for name in shipped_doctrines()}
    assert list(doctrines) == ["conciliatory", "isolating", "transactional"]
    documented = documented_weights(DOCUMENT.read_text(encoding="utf-8"))
    assert documented == weight_table(doctrines)


def test_document_gives_every_other_default() -> None:
    assert documented_defaults(DOCUMENT.read_text(encoding="utf-8")) == default_table()


def documented_attention(text: str) -> list[list[str]]:
    """The cells of the document's table of attention, without the reasons."""
    _, _, rest = text.partition("| row | after | act | side | *m* | tau, days | reason |\n")
    rows = [line.strip("|").split("|") for line in rest.splitlines()[1:]]
    table = rows[: next(n for n, r in enumerate(rows) if len(r) < 7)]
    return [[cell.strip() for cell in row[:-1]] for row in table]


def attention_table(rows: Mapping[str, Burst]) -> list[list[str]]:
    """The default table as the document writes it."""
    found = []
    for name, row in rows.items():
        after = ", ".join(f"`{kind}`" for kind in row.opener)
        if row.level == "lower":
            after = "the same" if name == "contact-above-meet" else f"{after} on a higher level"
        numbers = [f"{row.m:g}", f"{row.tau_days:g}"]
        found.append([f"`{name}`", after, f"`{row.act}`", f"`{row.side}`", *numbers])
    return found


def test_document_gives_the_table_of_attention() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert documented_attention(text) == attention_table(DEFAULT_ATTENTION)
    changed = DEFAULT_ATTENTION["cut-call"].model_copy(update={"m": 0.6})
    other = DEFAULT_ATTENTION | {"cut-call": changed}
    assert documented_attention(text) != attention_table(other)


def test_changed_weight_is_missed_by_the_document() -> None:
    doctrines = {name: shipped(name) for name in shipped_doctrines()}
    scenario = load_scenario(ROOT / "scenarios" / "new-delhi.yaml")
    odd = weighed(("act", "meet", "bias", 7.5))(scenario).doctrines["transactional"]
    documented = documented_weights(DOCUMENT.read_text(encoding="utf-8"))
    assert documented != weight_table({**doctrines, "transactional": odd})


if __name__ == "__main__":
    for name in ("before-the-war", "after-the-cut", "geneva-24-february", "calm-neighbours"):
        shown = figures(name, "as shipped", 1000)
        print(name, *(f"  {f.name}: {getattr(shown, f.name):.3g}" for f in fields(shown)), sep="\n")
