"""A Hypothesis strategy for what-ifs: a world that the model made becomes history, and is changed.

One run of a generated scenario is written as a log. Some of it is then told less exactly: days in
the stead of instants, initiators unknown, agreements left out; so a few histories become
impossible. Interventions that break no rule are kept.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from generated import CHANNELS, events, moments, outcomes, scenarios, somewhere
from hypothesis import assume
from hypothesis import strategies as st
from pydantic import TypeAdapter
from strategies import among, some

from sim.ground.dates import day, parse
from sim.log.events import Event
from sim.log.log import Log
from sim.model.chronicle import chronicle
from sim.model.compiling import compile_scenario
from sim.model.reference import World
from sim.scenario.outcomes import Outcome
from sim.scenario.resolve import in_canonical_order
from sim.scenario.rules import broken_rules
from sim.scenario.scenario import Change, Forum, Scenario

OUTCOMES = TypeAdapter(dict[str, Outcome])
MAX_EVENTS = 60
"""How many events of a run become history, at most."""
AHEAD_DAYS = 12
"""How long a what-if runs beyond its history, at most."""


def history_of(scenario: Scenario, seed: int) -> tuple[Log, date]:
    """Run a scenario once; return what happened first as a log, and its last day."""
    program = compile_scenario(scenario)
    happenings = World(program, seed, 0).run().happenings
    log = chronicle(scenario, program, happenings, {})
    end_s = program.until_s
    if len(happenings) > MAX_EVENTS:
        end_s = max(happenings[MAX_EVENTS].at_s, program.as_of_s + 86_400)
    last = day(end_s - 1) - timedelta(days=1 if end_s < program.until_s else 0)
    kept = tuple(e for e in log.events if day(parse(e.date).hi_s - 1) <= last)
    return log.model_copy(update={"events": kept}), last


@st.composite
def less_exact(draw: st.DrawFn, log: Log, last: date) -> Log:
    """Take away some of what a log knows."""
    tidy = draw(st.booleans())
    told: list[Event] = []
    for event in log.events:
        how = 0 if tidy else draw(st.integers(0, 30))
        update: dict[str, Any] = {}
        if how == 1 and parse(event.date).precision == "second":
            update["date"] = event.date[:10]
        elif how == 2:
            first = day(parse(event.date).lo_s)
            until = min(first + timedelta(days=draw(st.integers(0, 6))), last)
            update["date"] = f"{first.isoformat()}/{until.isoformat()}"
        elif how in (3, 4, 5):
            update["by"] = None
        elif how in (6, 7) and event.kind == "meeting_agreed":
            continue
        told.append(event.model_copy(update=update))
    known = {e.id for e in told}
    kept = [e.model_copy(update={"causes": tuple(set(e.causes) & known)}) for e in told]
    return log.model_copy(update={"events": tuple(kept)})


@st.composite
def interventions(
    draw: st.DrawFn, scenario: Scenario, first: date, last: date, until: date
) -> dict[str, Any]:
    """One intervention: more often than not inside history, now and then after it."""
    ids = [e.id for e in scenario.history.events] if scenario.history else []
    channels = sorted(scenario.channels)
    inside = moments(first, (last - first).days + 1)
    ahead = moments(last + timedelta(days=1), (until - last).days)
    when = inside | inside | ahead
    kinds = ["insert", "set_doctrine", "set_doctrine"] + (["remove", "move"] if ids else [])
    kind = draw(among(kinds))
    if kind == "remove":
        return {"remove": draw(among(ids))}
    if kind == "move":
        return {"move": {"event": draw(among(ids)), "to": draw(when)}}
    if kind == "insert":
        name = f"new{draw(st.integers(0, 99))}"
        # far enough ahead that few meetings are agreed for a day before their agreement
        meetings = moments(first, (until - first).days + 60)
        place = somewhere(draw, channels)
        return {"insert": draw(events(name, draw(when), place, meetings))}
    party = draw(among(sorted(scenario.parties)))
    others = sorted({*scenario.doctrines} - {scenario.parties[party].doctrine})
    exact = moments(first, (until - first).days, exact=True)
    start = draw(st.just(first.isoformat()) | exact)
    let = {"party": party, "doctrine": draw(among(others or [*scenario.doctrines]))}
    return {"set_doctrine": let | {"from": start, "until": draw(st.none() | exact)}}


def valid(scenario: Scenario) -> bool:
    return not any(broken_rules(scenario))


@st.composite
def what_ifs(draw: st.DrawFn) -> Scenario:
    """A what-if, or a scenario whose past is to be retraced where it changes nothing there."""
    setting = draw(scenarios()).model_copy(update={"changes": (), "outcomes": {}})
    begin = date.fromisoformat(setting.as_of) + timedelta(days=1)
    assume(valid(setting))
    log, last = history_of(setting, draw(st.integers(0, 2**63 - 1)))
    history = draw(less_exact(log, last))
    until = last + timedelta(days=draw(st.integers(1, AHEAD_DAYS)))
    ahead = moments(last + timedelta(days=1), (until - last).days)
    forums = dict(setting.forums)
    for n in range(draw(st.integers(0, 2))):
        own = draw(st.none() | some(sorted(setting.channels)))
        forums[f"later{n}"] = Forum(date=draw(ahead), channels=own)
    days = [begin, begin, begin, begin + (last - begin) // 2]
    complete = draw(among([d.isoformat() for d in days] + [None]))
    scenario = setting.model_copy(
        update={
            "as_of": last.isoformat(),
            "until": until.isoformat(),
            "history": history,
            "forums": forums,
            "complete_from": complete,
            "show_from": draw(among([None, begin.isoformat()])),
        }
    )
    assume(valid(scenario))
    for _ in range(draw(st.integers(0, 5))):
        change = Change.model_validate(draw(interventions(scenario, begin, last, until)))
        changed = scenario.model_copy(update={"changes": (*scenario.changes, change)})
        scenario = changed if valid(changed) else scenario
    whole = st.integers(1, (until - last).days).map(lambda n: (last + timedelta(n)).isoformat())
    channels = [c for c in CHANNELS if c in scenario.channels]
    asked = {f"asked{n}": draw(outcomes(channels, whole)) for n in range(draw(st.integers(0, 4)))}
    scenario = scenario.model_copy(update={"outcomes": OUTCOMES.validate_python(asked)})
    assume(valid(scenario))
    return in_canonical_order(scenario)
