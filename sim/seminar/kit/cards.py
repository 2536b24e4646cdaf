"""Role cards: one for each part of a lesson, with only what that part may know before it begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.ground.dates import day, in_a_sentence
from sim.ground.states import state_name
from sim.log.rulebook import OBSERVER
from sim.seminar.lesson.plan import Plan
from sim.seminar.pages.past import Told
from sim.seminar.pages.play import TASKS
from sim.seminar.pages.views import Views
from sim.seminar.play.teams import ADVISER, DESK, PARTS

IN_THE_LOG = 12
"""Events that a desk's card tells, the newest."""


@dataclass(frozen=True)
class Card:
    """One card."""

    title: str
    team: str
    """The government that is played; empty for a role of the rounds."""
    lines: tuple[str, ...]
    """What the part does and knows."""
    events: tuple[Told, ...] = ()
    """What the government knows, the newest first."""


def cards_of(plan: Plan) -> tuple[Card, ...]:
    """Make the cards that a class may have before a lesson: of its roles, and of a role play that
    no round comes before."""
    return (*_roles(plan), *(() if plan.rounds else _parts(plan)))


def later_cards_of(plan: Plan) -> tuple[Card, ...]:
    """Make the cards of a role play after rounds: they tell what the rounds ask."""
    return tuple(_parts(plan)) if plan.rounds else ()


def _roles(plan: Plan) -> Iterator[Card]:
    for role in plan.lesson.roles.values():
        lines = [role.brief] if role.brief else []
        if role.viewpoint != OBSERVER:
            lines.append(
                f"The view of the channel that you see first: {plan.log.name_of(role.viewpoint)}."
            )
        lines.append("Read the log as this part would read it. Your forecast is your own.")
        yield Card(role.title, "", tuple(lines))


def _parts(plan: Plan) -> Iterator[Card]:
    play = plan.play
    if play is None:
        return
    views = Views(play, dict(plan.lesson.retold))
    for party in play.spec.parties:
        told = views.past(None, party)
        begins = in_a_sentence(str(day(play.start_s)))
        seen = [
            f"{views.titles[v.channel]}: {state_name(v.state)}"
            if views.titles
            else f"We see the channel as {state_name(v.state)}"
            for v in told.past.views
        ]
        for part in PARTS:
            lines = [
                f"You are the {part} of your government. {TASKS[part]}",
                "At each question everybody in the team votes, yes or no. The majority decides.",
            ]
            if part == ADVISER:
                doctrine = play.scenario.doctrines[play.scenario.parties[party].doctrine]
                lines.append(f"The doctrine of your government is called “{doctrine.title}”.")
            lines.append(f"The play begins on {begins}. {'; '.join(seen)}.")
            events = told.past.events[::-1][:IN_THE_LOG] if part == DESK else views.recent(told)
            yield Card(f"The {part}", plan.log.name_of(party), tuple(lines), tuple(events))
