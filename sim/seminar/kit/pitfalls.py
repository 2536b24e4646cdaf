"""What usually goes wrong with a question: drawn from its rules, and from what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from sim.ground.dates import DAY_S
from sim.log.log import Log
from sim.log.rulebook import OBSERVER
from sim.report.pages import sentence
from sim.scenario.outcomes import EventBy, StateBy
from sim.seminar.kit.key import Answer
from sim.seminar.lesson.plan import Plan, Question
from sim.seminar.lesson.results import BASE, SIMULATOR
from sim.seminar.lesson.scores import LEAST, MOST, score

SELDOM, OFTEN = 1 / 5, 4 / 5
"""Below and above these the base rate points away from the right answer, or to it."""
FEW_DAYS = 14
"""Days of a question below which a class takes it for a longer one."""


def general(plan: Plan) -> list[str]:
    """Say what goes wrong in any lesson, in numbers of its own scores."""
    questions = [q for r in plan.rounds for q in r.questions]
    if not questions:
        return []
    found = [_certain(), _unsure(2)]
    if any(len(q.options) > 2 for q in questions):
        found.append(
            "Numbers that must add up to 100 do not. The page says how much is missing and stores "
            f"nothing before. An answer that nobody believes in still gets {LEAST} %."
        )
        found.append(_unsure(4))
    if any(q.present is not None for q in questions):
        found.append(
            "“Stays as it is” is an answer too: no other state comes up to the last day. Classes "
            "give it too little."
        )
    if any(isinstance(q.outcome, EventBy) for q in questions):
        found.append(
            "An event counts from the day after the cut up to the end of the last day. What lies "
            "before the cut does not count, though the class has just read it."
        )
    found.append(
        "A class thinks that a teacher asks about days on which something happens. So it gives "
        "the change too much where nothing comes."
    )
    found.append(
        "Lower is better in both scores. Say it before the first reveal: some students take a "
        "high score for a good one."
    )
    found.append(
        "One wrong forecast is not a bad forecaster. Who says 20 % is surprised one time in five. "
        "Judge over all rounds, with the calibration."
    )
    return found


def _certain() -> str:
    wrong, half = score((MOST / 100, LEAST / 100), 1), score((0.5, 0.5), 1)
    return (
        f"Students want to write 0 and 100. The page takes {LEAST} to {MOST} only. {MOST} % on the "
        f"wrong one of two answers costs a Brier score of {wrong.brier:.2f} and a log score of "
        f"{wrong.log:.2f}; 50 % costs {half.brier:.2f} and {half.log:.2f}."
    )


def _unsure(options: int) -> str:
    even = score((1 / options,) * options, 0)
    words = {2: "two", 4: "four"}[options]
    return (
        f"Who knows nothing and gives each of {words} answers the same has a Brier score of "
        f"{even.brier:.2f} and a log score of {even.log:.2f}, whatever comes. Worse than that is "
        "worse than knowing nothing."
    )


def pitfalls(answer: Answer, log: Log) -> list[str]:
    """Say what usually goes wrong with one question, beside what goes wrong with all."""
    question = answer.question
    found = [
        *_of_view(question, log),
        *_of_outcome(question),
        *_of_answer(answer),
        *_of_rate(answer),
    ]
    days = round((question.end_s - question.cut_s) / DAY_S)
    if days <= FEW_DAYS:
        ahead = "1 day" if days == 1 else f"{days} days"
        found.append(f"It looks only {ahead} ahead. Ask what can come by then.")
    return found


def _of_view(question: Question, log: Log) -> Iterator[str]:
    if question.present is not None and question.viewpoint != OBSERVER:
        who = log.name_of(question.viewpoint)
        yield (
            f"It asks how {who} sees the channel, and not what happened. A contact that {who} does "
            "not count changes nothing in this view."
        )


def _of_outcome(question: Question) -> Iterator[str]:
    outcome = question.outcome
    if isinstance(outcome, EventBy):
        if outcome.at_least > 1:
            yield f"It needs {outcome.at_least} of them: one is not enough."
        if "corridor_talk" in outcome.kind:
            yield (
                "A talk in a corridor counts as the log has it, also where one side says that it "
                "was none."
            )
    if isinstance(outcome, StateBy):
        yield "It is enough that the channel is in this state once, or is in it already at the cut."


def _of_answer(answer: Answer) -> Iterator[str]:
    if answer.silence:
        yield (
            "The class looks for an event, and there is none: the days without contact changed the "
            f"state. {answer.silence}"
        )
    for told, said in answer.uncounted[:1]:
        yield f"The class counts this contact: {told.date}, {told.title}. {said}"
    for told in [e for e in answer.evidence if e.doubt][:1]:
        yield f"The log is in doubt about “{told.title}”: {sentence(told.doubt)}"


def _of_rate(answer: Answer) -> Iterator[str]:
    """Say what the base rate gave to the right answer, where that is little or much."""
    given = {line.who: line.probabilities[answer.question.truth] for line in answer.lines}
    base, simulated = given.get(BASE, 1 / 2), given.get(SIMULATOR)
    if base < SELDOM and simulated is not None:
        advice = (
            "A low number is no bad forecast here: praise the reason, and not the luck."
            if simulated < SELDOM
            else "Ask which events in the log make the difference."
        )
        yield (
            f"The base rate gave {100 * base:.0f} % to what came, and the simulator "
            f"{100 * simulated:.0f} %. {advice}"
        )
    elif base > OFTEN:
        yield (
            f"The base rate alone gave {100 * base:.0f} % to what came. Who gave much less had a "
            "reason: ask for it."
        )
