"""The key of a lesson: what was right in each round, by which event, and who forecast what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from sim.log.log import Log
from sim.scenario.scope import run_span
from sim.seminar.kit.face import Face
from sim.seminar.lesson.forecast import WORLDS, forecast
from sim.seminar.lesson.plan import Plan, Question, RoundPlan, option_words
from sim.seminar.lesson.results import BASE, SIMULATOR, Line
from sim.seminar.lesson.scores import kept_off_zero, score
from sim.seminar.pages.past import Teller, Told
from sim.seminar.pages.revealed import not_counted, silence


@dataclass(frozen=True)
class Answer:
    """One question with its right answer."""

    question: Question
    labels: tuple[str, ...]
    came: str
    """The right answer, as pages name it."""
    evidence: tuple[Told, ...]
    """The events that decided it."""
    uncounted: tuple[tuple[Told, str], ...]
    """Contacts that the side it asks about does not count, each with a sentence that says so."""
    silence: str
    """How silence changed the state, where it did."""
    lines: tuple[Line, ...]
    """The forecasts of the simulator and of the base rate; none of a question of the lesson's own,
    of which the scenario knows nothing."""


@dataclass(frozen=True)
class RoundKey:
    """One round with its right answers."""

    plan: RoundPlan
    notes: str | None
    """What the lesson's author tells the teacher of it."""
    answers: tuple[Answer, ...]


Forecasts = Mapping[str, tuple[float, ...]]
"""What the simulator gives, by question."""


def forecasts_of(plan: Plan, worlds: int = WORLDS) -> Forecasts:
    """Let the simulator forecast each round with so many worlds."""
    found: dict[str, tuple[float, ...]] = {}
    for round_ in plan.rounds:
        found |= forecast(plan, round_, worlds)
    return found


Tells = Callable[[Iterable[str]], list[Told]]
"""Tells some events, by id."""


def key_of(plan: Plan, simulated: Forecasts) -> tuple[RoundKey, ...]:
    """Return the key of a lesson as its teacher may know it: events are told as they stand when all
    is over."""
    tells = partial(Teller.of(plan).found, run_span(plan.scenario)[0], True)
    return _key(plan, simulated, lambda _: tells)


def shown_key(face: Face, simulated: Forecasts) -> tuple[RoundKey, ...]:
    """Return the key of a lesson as the room shows it, reveal by reveal: the log's own words may
    give away what a later round asks."""
    plan, last = face.plan, len(face.plan.rounds) - 1
    over = plan.play is None and face.lifted is None

    def tells(round_: RoundPlan) -> Tells:
        return partial(face.teller.found, round_.end_s, over and round_.number == last)

    return _key(plan, simulated, tells)


def _key(
    plan: Plan, simulated: Forecasts, tells: Callable[[RoundPlan], Tells]
) -> tuple[RoundKey, ...]:
    keys = []
    for round_, spec in zip(plan.rounds, plan.lesson.rounds, strict=True):
        own = tells(round_)
        answers = (_answer(plan.log, q, simulated.get(q.id), own) for q in round_.questions)
        keys.append(RoundKey(round_, spec.notes, tuple(answers)))
    return tuple(keys)


def _answer(
    log: Log, question: Question, simulated: tuple[float, ...] | None, tells: Tells
) -> Answer:
    labels = option_words(question)
    said = not_counted(question.viewpoint, log)
    base = None if question.base_rate is None else kept_off_zero(question.base_rate)
    forecasts = {SIMULATOR: simulated, BASE: base}
    return Answer(
        question,
        tuple(labels),
        labels[question.truth],
        tuple(tells(question.evidence)),
        tuple((told, said) for told in tells(question.uncounted)),
        silence(question, log),
        tuple(
            Line(who, p, score(p, question.truth)) for who, p in forecasts.items() if p is not None
        ),
    )
