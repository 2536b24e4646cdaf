"""The design: what a likelihood needs of a scenario's history, as arrays that hold no weights.

With w the weights, x a question's features and p = logistic(w . x), the log-likelihood of a log is

    sum over what is shown of log( sum over alternatives of weight * product of p or 1 - p )
    - sum over exposures of weight * p_act * (p_accept + rho * (1 - p_accept))

where rho is the probability that a refusal is reported. Streams of opportunities that are thinned
by p are Poisson processes of intensity rate times p (Lewis and Shedler 1979, "Simulation of
nonhomogeneous Poisson processes by thinning", Naval Research Logistics Quarterly 26), so this is
the likelihood of the model itself; `docs/learning.md` derives it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.ground.dates import DAY_S, day, parse
from sim.ground.errors import SCENARIO, InputError, Problem, shown
from sim.ground.yaml import dotted
from sim.learning.decision_points import (
    MAX_QUESTIONS,
    Dated,
    Exposure,
    Question,
    Questions,
    Shown,
    TooManyError,
)
from sim.learning.paths import NOT_KNOWN, Path, state_at
from sim.learning.walking import walked
from sim.log.projection import course_of, known_until, timeline
from sim.log.rulebook import OBSERVER
from sim.log.settled import settled_by
from sim.model.abduction import impossible
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.walk import ImpossibleError
from sim.scenario.rules import broken_rules
from sim.scenario.scenario import Scenario
from sim.scenario.scope import UNASKED, channels_of, coded_log, run_span


@dataclass(frozen=True)
class Design:
    """A history as questions."""

    scenario: Scenario
    program: CompiledScenario
    questions: tuple[Question, ...]
    shown: tuple[Shown, ...]
    exposures: tuple[Exposure, ...]
    instants: tuple[int, ...]
    """When each coded event counts as having happened, by place."""
    states: tuple[Path, ...]
    """The observer's states of each channel: (since, state), in order; NOT_KNOWN where the log does
    not know it."""
    dated: tuple[Dated, ...] = ()
    """The blocks of imprecise dates: what stands in place of the rest inside of their windows."""

    @property
    def start_s(self) -> int:
        """The first instant of which the history is complete."""
        past = self.program.past
        assert past is not None  # it is compiled with its past
        return past.start_s


def history_of(scenario: Scenario, until: str | None = None) -> Scenario:
    """Return what a scenario says of its history, up to the end of a day: without what it asks,
    and with a run of one day. With `until`, a date that lies across that day's end is settled as in
    a hindcast.

    Raises:
        InputError: it has no history, changes it, or a rule is broken with that day.
    """
    problems = []
    if scenario.history is None:
        problems.append(
            Problem(SCENARIO, 0, "history", "is required: it is what weights are learned from")
        )
    if scenario.changes:
        rule = "must be empty: weights are learned from history as it was"
        problems.append(Problem(SCENARIO, 0, "changes", rule, f"{len(scenario.changes)}"))
    if scenario.fit is not None:
        rule = "must be left out: weights are learned from doctrines and their priors"
        problems.append(Problem(SCENARIO, 0, "fit", rule))
    if problems:
        raise InputError(problems)
    as_of = scenario.as_of if until is None else until
    try:
        after = day(parse(as_of).hi_s).isoformat()
        parse(after)  # the last day of all has none after it
    except ValueError as error:
        raise InputError([Problem("--until", 0, "", str(error), shown(as_of))]) from None
    history = scenario.history
    if until is not None and history is not None:
        history = settled_by(history, parse(as_of).hi_s)
    update = {"history": history, "as_of": as_of, "until": after, **UNASKED}
    bare = scenario.model_copy(update=update)
    broken = list(broken_rules(bare))
    if broken:
        where = "--until" if until is not None else SCENARIO
        raise InputError(
            Problem(where, 0, dotted(path), rule, str(got)) for path, rule, got in broken
        )
    return bare


def design_of(scenario: Scenario, until: str | None = None, *, among_many: bool = False) -> Design:
    """Gather the questions of a scenario's history up to a day, by default its as-of date. One
    `among_many` may hold no decision, which says something too, and its imprecise dates lie in the
    middle of their spans.

    Raises:
        InputError: the history cannot be learned from: the model cannot produce an event of it, it
            shows nothing at all, or it asks too much.
    """
    bare = history_of(scenario, until)
    program = compile_scenario(bare, retrace=True, shown=True)
    covered = any(c.coverage for c in channels_of(bare).values())
    if covered and not (program.streams.side >= 0).any():
        rule = "must show an act of a party on all days that are learned from: see `coverage`"
        raise InputError([Problem(SCENARIO, 0, "history", rule)])
    try:
        walk, dated = walked(program, averaged=not among_many)
    except ImpossibleError as error:
        raise impossible(program, error.fact, error.reason) from None
    except TooManyError:
        rule = f"must not ask more than {MAX_QUESTIONS:,} questions: simulate fewer channels"
        raise InputError([Problem(SCENARIO, 0, "history", rule)]) from None
    found = walk.questions
    last_day = (SCENARIO, "as_of") if until is None else ("--until", "")
    check_shown(program, found, last_day, among_many=among_many)
    return Design(
        bare,
        program,
        tuple(found.asked),
        tuple(found.shown),
        tuple(found.exposures),
        tuple(walk.instants),
        known_states(bare, walk.states()),
        dated,
    )


def known_states(scenario: Scenario, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the paths of states that the parties of a history take to be so, as far as its log
    knows them."""
    log, end_s = coded_log(scenario), run_span(scenario)[0]
    assert log is not None  # `history_of` asks for it
    log, found = known_until(log, end_s), []
    course = course_of(log)
    for channel, path in zip(channels_of(scenario), paths, strict=True):
        spans = timeline(log, channel, OBSERVER, end_s=end_s, course=course)
        dark = [(i.start_s, i.end_s) for i in spans if i.state is None]
        bounds = sorted({*(since for since, _ in path), *(s for span in dark for s in span)})
        seen: list[tuple[int, int]] = []
        for at_s in bounds:
            hidden = any(lo <= at_s < hi for lo, hi in dark)
            state = NOT_KNOWN if hidden else state_at(path, at_s)
            if at_s < end_s and (not seen or seen[-1][1] != state):
                seen.append((at_s, state))
        found.append(tuple(seen))
    return tuple(found)


def check_shown(
    program: CompiledScenario,
    found: Questions,
    last_day: tuple[str, str],
    *,
    among_many: bool = False,
) -> None:
    """Check that a history holds something to learn from; `last_day` is what gave its last day: a
    file or an option, and a path in it.

    Raises:
        InputError: no time, no opportunity or no decision.
    """
    past = program.past
    start_s = program.as_of_s if past is None else past.start_s
    where, path = last_day
    got = day(program.as_of_s - 1).isoformat()
    if program.as_of_s - start_s < DAY_S:
        rule = "must lie after the day from which the history is complete"
    elif not found.exposures:
        where, path, got = SCENARIO, "rates_per_day", ""
        rule = "no opportunity lies in the history: nothing was asked of anybody"
    elif not among_many and not any(s.fact >= 0 for s in found.shown):
        rule = "must have a decision before it: no event of the history was one up to this day"
    else:
        return
    raise InputError([Problem(where, 0, path, rule, got)])
