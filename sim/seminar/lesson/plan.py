"""The plan of a lesson: its rounds, what they ask, what happened, and the base rates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from sim.ground.dates import DAY_S, day, in_a_sentence, parse
from sim.ground.errors import InputError, Problem
from sim.ground.files import canonical_json
from sim.ground.language import QUESTION, _, speaking
from sim.ground.states import state_name
from sim.log.kinds import CONTACTS
from sim.log.log import STATES, Log, State
from sim.log.projection import (
    Interval,
    course_of,
    known_only,
    known_until,
    project,
    timeline,
)
from sim.log.rulebook import OBSERVER, read
from sim.scenario.outcomes import Outcome, describe
from sim.scenario.provenance import scenario_digest
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, coded_log, titled_parties
from sim.seminar.lesson.block import lesson_of
from sim.seminar.lesson.days import Times, times_of
from sim.seminar.lesson.offering import offered_lesson
from sim.seminar.lesson.schema import PHASES, Lesson, NextState, OwnQuestion, Round
from sim.seminar.lesson.windows import Windows
from sim.seminar.locale.catalogues import language_of
from sim.seminar.play.worlds import PlayPlan, play_plan_of

YES, NO = "yes", "no"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question: options, of which exactly one comes true."""

    id: str = ""
    text: str = ""
    options: tuple[str, ...]
    """`yes` and `no`, or the four states, where the present one stands for no change, or the
    answers of a question of one's own."""
    cut_s: int
    """The first second after the cut."""
    end_s: int
    """The first second that no longer counts."""
    channel: str | None = None
    viewpoint: str = OBSERVER
    outcome: Outcome | None = None
    """What is asked, for a yes-or-no question."""
    present: State | None = None
    """The channel's state at the cut, for the next state."""
    truth: int
    """Which option came true. Pages must not show it before the reveal."""
    base_rate: tuple[float, ...] | None = None
    """The share of each option by the log up to the cut; None of a question of one's own."""
    evidence: tuple[str, ...] = ()
    """The ids of the events that decided it; none where silence did, or nothing happened."""
    lapsed_on: str | None = None
    """The day on which the state changed by silence, where it did."""
    silent_days: int | None = None
    """For how many days there had been no contact then, where there had been none of any kind."""
    uncounted: tuple[str, ...] = ()
    """The ids of contacts in the time asked for that are none in the eyes of the viewpoint."""
    title: str | None = None
    """How the lesson puts it, where it does."""
    by: str = ""
    """The last day that counts, as the lesson writes it."""
    alone: bool = False
    """Whether its channel is the only one, and needs no name."""
    source: str = ""
    """Where the right answer stands, of a question of one's own. Pages must not show it before the
    reveal."""

    @property
    def own(self) -> bool:
        """Whether it is a question of one's own, which the scenario does not answer."""
        return self.base_rate is None

    @property
    def yes_or_no(self) -> bool:
        """Whether its options are `yes` and `no`, so that the first says it all."""
        return self.outcome is not None


@dataclass(frozen=True)
class RoundPlan:
    """One round, ready to be held."""

    number: int
    """From 0."""
    title: str
    brief: str | None
    cut: str
    by: str
    cut_s: int
    end_s: int
    """The last second that the reveal shows, and one more."""
    questions: tuple[Question, ...]
    limits: tuple[float | None, ...]
    """The time limit of each of `PHASES` in seconds."""

    def limit_s(self, phase: str) -> float | None:
        """Return the time limit of a phase in seconds, or None."""
        return self.limits[PHASES.index(phase)]


@dataclass(frozen=True)
class Plan:
    """A whole lesson, ready to be held."""

    scenario: Scenario
    lesson: Lesson
    title: str
    log: Log
    """The coded history with the scenario's channels and its names of parties."""
    rounds: tuple[RoundPlan, ...]
    digest: str
    """The SHA-256 of the lesson, without what only its teacher reads, and of its scenario."""
    offered: bool
    """Whether the program made the lesson, since the scenario has none."""
    play: PlayPlan | None = None
    """Its role play, if it has one."""
    days: Times | None = None
    """When its rounds go on by themselves, if they do."""


def plan_of(scenario: Scenario, file: str = "") -> Plan:
    """Prepare the lesson of a scenario, or the one that the program offers where it has none.

    Raises:
        InputError: the scenario has no lesson, and its history offers none.
    """
    own = lesson_of(scenario)
    lesson = own or offered_lesson(scenario, file or scenario.title)
    log = coded_log(scenario)
    if log is None:
        problem = Problem(file or scenario.title, 0, "history", "is required for a seminar")
        raise InputError([problem])
    log = log.model_copy(update={"parties": titled_parties(scenario)})
    with speaking(language_of(lesson.language)):
        rounds = tuple(_planned(scenario, lesson, log, n, r) for n, r in enumerate(lesson.rounds))
    identity = {"lesson": lesson.without_notes().plain(), "scenario": scenario_digest(scenario)}
    return Plan(
        scenario,
        lesson,
        lesson.title or scenario.title,
        log,
        rounds,
        sha256(canonical_json(identity).encode()).hexdigest(),
        own is None,
        play_plan_of(scenario, lesson.play, file),
        None if lesson.days is None else times_of(lesson.days),
    )


def questions_digest(plan: Plan) -> str:
    """Return the SHA-256 of what the rounds ask, and of what came true. Two lessons with
    the same one can be scored together, whatever else differs: their texts, or a disguise."""
    asked = [
        [q.id, q.options, q.truth, q.cut_s, q.end_s, q.channel, q.viewpoint, _asks(q)]
        for r in plan.rounds
        for q in r.questions
    ]
    return sha256(canonical_json(asked).encode()).hexdigest()


def _asks(question: Question) -> object:
    """Return what a question asks, without the words in which it does."""
    if question.outcome is None:
        return question.text if question.own else question.present
    return {k: v for k, v in question.outcome.plain().items() if k != "title"}


def _planned(scenario: Scenario, lesson: Lesson, log: Log, n: int, round_: Round) -> RoundPlan:
    alone, questions = len(channels_of(scenario)) == 1, list[Question]()
    for place, ask in enumerate(round_.questions, start=1):
        by = round_.by if isinstance(ask, OwnQuestion) else ask.by or round_.by
        cut_s, end_s = parse(round_.cut).hi_s, parse(by).hi_s
        if isinstance(ask, OwnQuestion):
            right = ask.answers.index(ask.right)
            question = Question(
                options=ask.answers, cut_s=cut_s, end_s=end_s, truth=right, source=ask.source
            )
        elif isinstance(ask, NextState):
            channel = ask.channel or next(iter(channels_of(scenario)))
            question = _next_state(log, channel, ask.viewpoint, cut_s, end_s)
        else:
            question = _yes_or_no(scenario, log, scenario.outcomes[ask.outcome], cut_s, end_s)
        id_ = f"r{n + 1}q{place}"
        question = replace(question, id=id_, title=ask.title, by=by, alone=alone)
        questions.append(replace(question, text=put(question, log)))
    limits = [lesson.limit_of(round_, phase) for phase in PHASES]
    return RoundPlan(
        n,
        round_.title,
        round_.brief,
        round_.cut,
        round_.by,
        parse(round_.cut).hi_s,
        max(q.end_s for q in questions),
        tuple(questions),
        tuple(None if m is None else m * 60.0 for m in limits),
    )


def put(question: Question, log: Log) -> str:
    """Put a question in words; `log` has the names of its channel and of its party."""
    asked = (question.title or _words(question, log)).rstrip(QUESTION)
    if question.own:
        return _("{question}?", question=asked)
    return _("{question} (until {day})?", question=asked, day=in_a_sentence(question.by))


def _words(question: Question, log: Log) -> str:
    """Say what is asked, where the lesson does not."""
    if question.outcome is not None:
        first, last = str(day(question.cut_s - 1)), str(day(question.end_s - 1))
        text = describe(question.outcome, first, last)
        return text[:1].upper() + text[1:]
    channel, name = question.channel or "", _("the channel")
    if not question.alone:
        name = log.channels[channel].title or channel
    if question.viewpoint == OBSERVER:
        return _("Which state will {channel} be in next", channel=name)
    who = log.name_of(question.viewpoint)
    return _("How will {party} see {channel} next", party=who, channel=name)


def _states(log: Log, channel: str, viewpoint: str, end_s: int) -> list[Interval]:
    """Return the states of a channel, where they are known, up to an instant, by what lies wholly
    before it."""
    return known_only(timeline(known_until(log, end_s), channel, viewpoint, end_s=end_s))


def _next_state(log: Log, channel: str, viewpoint: str, cut_s: int, end_s: int) -> Question:
    """Plan a question of the next state."""
    past = _states(log, channel, viewpoint, cut_s)
    if not past:
        setup = log.channels[channel]
        past = [Interval(channel, viewpoint, setup.initial, cut_s - DAY_S, cut_s, None, False)]
    present = past[-1].state
    later = [i for i in _states(log, channel, viewpoint, end_s) if i.start_s >= cut_s]
    came = later[0].state if later else present
    assert came is not None
    days = np.zeros(len(STATES))
    for interval in past:
        assert interval.state is not None
        days[STATES.index(interval.state)] += interval.end_s - interval.start_s
    lapsed_s = later[0].start_s if later and later[0].lapsed else None
    return Question(
        options=STATES,
        cut_s=cut_s,
        end_s=end_s,
        channel=channel,
        viewpoint=viewpoint,
        present=present,
        truth=STATES.index(came),
        base_rate=tuple(float(d) for d in days / days.sum()),
        evidence=tuple(i.event for i in later[:1] if i.event is not None),
        lapsed_on=None if lapsed_s is None else str(day(lapsed_s)),
        silent_days=None if lapsed_s is None else _silent_days(log, channel, viewpoint, lapsed_s),
        uncounted=_uncounted(log, channel, viewpoint, cut_s, end_s),
    )


def _silent_days(log: Log, channel: str, viewpoint: str, at_s: int) -> int | None:
    """Return the days since the last contact where silence ends a state; None where contact of
    another kind still counts."""
    standing = project(known_until(log, at_s), viewpoint, at_s)[channel]
    return (at_s - standing.contact_s) // DAY_S if standing.state == "cut_off" else None


def _yes_or_no(scenario: Scenario, log: Log, outcome: Outcome, cut_s: int, end_s: int) -> Question:
    channels, known, window = channels_of(scenario), known_until(log, cut_s), end_s - cut_s
    happened = Windows(known_until(log, end_s), outcome, channels, end_s)
    earlier = Windows(known, outcome, channels, cut_s)
    first = min((parse(e.date).lo_s for e in known.events), default=cut_s)
    starts = [
        s for s in range(cut_s - window, first - 1, -DAY_S) if earlier.is_known(s, s + window)
    ]
    held = [earlier.holds(s, s + window) for s in starts]
    share = sum(held) / len(held) if held else 0.5
    viewpoint = getattr(outcome, "viewpoint", OBSERVER)
    return Question(
        options=(YES, NO),
        cut_s=cut_s,
        end_s=end_s,
        channel=happened.channel,
        viewpoint=viewpoint,
        outcome=outcome,
        truth=0 if happened.holds(cut_s, end_s) else 1,
        base_rate=(share, 1 - share),
        evidence=happened.evidence(cut_s, end_s),
        uncounted=_uncounted(log, happened.channel, viewpoint, cut_s, end_s),
    )


def _uncounted(
    log: Log, channel: str | None, viewpoint: str, cut_s: int, end_s: int
) -> tuple[str, ...]:
    """List the contacts of a channel, wholly within a time, that a viewpoint takes for none."""
    course = course_of(known_until(log, end_s))
    return tuple(
        event.id
        for event in course.events
        if event.channel == channel
        and course.times[event.id] >= cut_s
        and event.kind in CONTACTS
        and ((reading := read(event, viewpoint)) is None or reading.kind not in CONTACTS)
    )


def option_words(question: Question) -> list[str]:
    """Name the options of a question as pages show them."""
    if question.own:
        return [*question.options]
    if question.present is None:
        return [_("yes") if o == YES else _("no") for o in question.options]
    return [
        _("stays {state}", state=state_name(s)) if s == question.present else state_name(s)
        for s in STATES
    ]
