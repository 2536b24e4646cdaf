"""The what-ifs of a lesson: what they start from, and its record, which keeps their branches."""

from __future__ import annotations

from typing import Any

from sim.ground.dates import day, in_a_sentence
from sim.ground.language import N_, QUESTION, _
from sim.ground.states import state_name
from sim.log.log import STATES, Log
from sim.log.rulebook import OBSERVER
from sim.scenario.outcomes import Outcome, StateAt, StateBy
from sim.scenario.scope import channels_of
from sim.seminar.lesson.horizon import is_over
from sim.seminar.lesson.plan import YES, Plan, Question
from sim.seminar.lesson.session import Session
from sim.seminar.what_if.record import BRANCHES, BranchDropped, Branches, BranchKept
from sim.seminar.what_if.shipped import Base, Rounds, prepared

CLOSED = N_("“What if” opens after the last round, and after a role play.")


class InRecord:
    """Keeps them in the record of a lesson."""

    origin = N_("A branch that a class kept in a seminar.")

    def __init__(self, session: Session) -> None:
        self.session, self.lock = session, session.lock

    @property
    def branches(self) -> Branches:
        """Those of the record."""
        return BRANCHES.of(self.session.room)

    def add(self, now_ms: int, event: BranchKept | BranchDropped) -> None:
        """Add an event to the record; return when it is on the disk."""
        self.session.record.add(now_ms, event)

    def closed(self) -> str:
        """Say that the rounds are not over, where they are not."""
        return "" if is_over(self.session.plan, self.session.room) else _(CLOSED)


def base_of(plan: Plan) -> Base:
    """Prepare the what-ifs of a lesson."""
    questions = [q for r in plan.rounds for q in r.questions if not q.own]
    channels = channels_of(plan.scenario)
    names = {c: s.title or c for c, s in channels.items()} if len(channels) > 1 else {}
    rounds = Rounds(
        asked=tuple(
            (q.id, *_as_outcome(q, names.get(q.channel or "", ""), plan.log)) for q in questions
        ),
        told=tuple(q.outcome for q in questions if q.outcome is not None),
        channel=next((q.channel for q in questions if q.channel), None),
        begins_s=tuple(r.cut_s for r in plan.rounds[:1]),
    )
    return prepared(plan.scenario, plan.lesson, rounds)


ASKED = {
    (True, False, True): N_("The channel is {state} on {last}"),
    (True, False, False): N_("The channel is {state} on {last}, as {party} sees it"),
    (True, True, True): N_("{channel}: {state} on {last}"),
    (True, True, False): N_("{channel}: {state} on {last}, as {party} sees it"),
    (False, False, True): N_("The channel is {state} at some time from {first} to {last}"),
    (False, False, False): N_(
        "The channel is {state} at some time from {first} to {last}, as {party} sees it"
    ),
    (False, True, True): N_("{channel}: {state} at some time from {first} to {last}"),
    (False, True, False): N_(
        "{channel}: {state} at some time from {first} to {last}, as {party} sees it"
    ),
}
"""What is asked of a state, by whether it is that of the cut, whether the channel needs a name, and
whether the observer sees it."""


def _as_outcome(question: Question, channel: str, log: Log) -> tuple[Outcome, str]:
    """Ask the question of a round of every world, from its cut to its end; say what happened.
    `channel` names its channel, where there are several, and `log` has the names of parties.

    The next state becomes: whether the state that came next comes about; where none came, whether
    the channel ends in the state that it was in.
    """
    start, last = str(day(question.cut_s)), str(day(question.end_s - 1))
    if question.outcome is not None:
        update = {"date": last, "title": question.text.rstrip(QUESTION)}
        if "start" in type(question.outcome).model_fields:
            update["start"] = start
        answer = question.options[question.truth]
        return question.outcome.model_copy(update=update), "yes" if answer == YES else "no"
    came = STATES[question.truth]
    stays = came == question.present
    told = {"state": state_name(came), "party": log.name_of(question.viewpoint)}
    told |= {"channel": channel, "first": in_a_sentence(start), "last": in_a_sentence(last)}
    title = _(ASKED[stays, bool(channel), question.viewpoint == OBSERVER], **told)
    about: dict[str, Any] = {"channel": question.channel, "viewpoint": question.viewpoint}
    about |= {"state": (came,), "date": last, "title": title}
    if stays:
        return StateAt(type="state_at", **about), "yes"
    return StateBy(type="state_by", start=start, **about), "yes"
