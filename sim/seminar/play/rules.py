"""The scenario that a role play runs: the lesson's own, from the first day of the play on.

Where that day lies in the history the play is a what-if that changes nothing by itself: the noise
behind the history is inferred and kept, so who answers as the doctrine would gets the history back,
and every difference comes from an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.ground.dates import DAY_S, day, parse
from sim.ground.errors import Broken, did_you_mean
from sim.log.projection import known_until
from sim.scenario.outcomes import OUTCOME_RULES
from sim.scenario.scenario import Change, Scenario, SetDoctrine
from sim.scenario.scope import past_start, run_span
from sim.seminar.play.schema import RolePlay

PLAY = ("seminar", "play")


def play_span(scenario: Scenario, play: RolePlay) -> tuple[int, int]:
    """Return the first second of a role play, and the first after it."""
    facts, end = run_span(scenario)
    first = facts if play.start is None else parse(play.start).lo_s
    if play.until is not None:
        return first, parse(play.until).hi_s
    return first, facts if first < facts else end


def played(scenario: Scenario, play: RolePlay) -> Scenario:
    """Return the scenario of a role play. It has no outcomes: who plays looks at what happened."""
    first, end = play_span(scenario, play)
    facts = run_span(scenario)[0]
    update: dict[str, Any] = {"outcomes": {}, "sweep": {}, "seminar": None, "show_from": None}
    if first < facts:
        party = play.parties[0]
        setup = scenario.parties[party]
        same = SetDoctrine(party=party, doctrine=setup.doctrine, start=str(day(first)))
        update["changes"] = (Change(set_doctrine=same),)
        facts = min(facts, end)
    if facts == end:  # a run has at least a day after its facts
        end += DAY_S
    update |= {"as_of": str(day(facts - 1)), "until": str(day(end - 1))}
    if scenario.history is not None:
        update["history"] = known_until(scenario.history, facts)
    return scenario.model_copy(update=update)


def play_rules(scenario: Scenario, play: RolePlay) -> Iterator[Broken]:
    """Yield (path, rule, value) for each rule that a role play breaks."""
    for n, name in enumerate(play.outcomes):
        yield from asked_rules((*PLAY, "outcomes", n), name, scenario, "play asks of its days")
    for n, party in enumerate(play.parties):
        if party not in scenario.parties:
            hint = did_you_mean(party, scenario.parties)
            yield (*PLAY, "parties", n), f"must be a party of the scenario{hint}", party
        elif party in play.parties[:n]:
            yield (*PLAY, "parties", n), "stands here twice", party
    facts, last = run_span(scenario)
    first, end = play_span(scenario, play)
    if first > facts:
        rule = f"must not lie after the day that follows the as-of date {scenario.as_of}"
        yield (*PLAY, "from"), rule, play.start
    elif first < past_start(scenario):
        rule = f"must not lie before {day(past_start(scenario))}, where the log becomes complete"
        yield (*PLAY, "from"), rule, play.start
    if play.until is None:
        return
    if end <= first:
        rule = f"must lie after the first day of the play, {day(first)}"
        yield (*PLAY, "until"), rule, play.until
    elif end > last:
        rule = f"must not lie after the last day of the run, {day(last - 1)}"
        yield (*PLAY, "until"), rule, play.until


def asked_rules(
    at: tuple[str | int, ...], name: str, scenario: Scenario, asks: str
) -> Iterator[Broken]:
    """Check that a lesson can ask for an outcome; `asks` says of which days it asks."""
    outcome = scenario.outcomes.get(name)
    if outcome is None:
        hint = did_you_mean(name, scenario.outcomes)
        yield at, f"must name an outcome of the scenario{hint}", name
    elif OUTCOME_RULES[outcome.type].form != "yes_or_no":
        yes_or_no = ", ".join(n for n, r in OUTCOME_RULES.items() if r.form == "yes_or_no")
        yield at, f"must be of a type with yes or no: {yes_or_no}", outcome.type
    else:
        own = [f for f in ("start", "date") if getattr(outcome, f, None) is not None]
        if own:
            rule = f"must have no dates of its own here: the {asks}"
            yield at, rule, f"{name}, {getattr(outcome, own[0])}"
