"""What a reveal says beside the answer: why silence changed a state, and who counts a contact."""

from __future__ import annotations

from sim.ground.dates import in_a_sentence
from sim.ground.language import N_, _
from sim.log.log import Log
from sim.log.rulebook import OBSERVER
from sim.seminar.lesson.plan import Question


def silence(question: Question, log: Log) -> str:
    """Say after how many days without contact the state changed, and on which day; nothing where
    it was no silence that changed it."""
    if question.lapsed_on is None:
        return ""
    who, days = _name(question.viewpoint, log), question.silent_days
    if who is None and days is None:
        said = N_(
            "There was no contact on other subjects for a long time, so the channel changed on "
            "{day}."
        )
    elif who is None:
        said = N_("There was no contact for {n} days, so the channel changed on {day}.")
    elif days is None:
        said = N_(
            "{party} counts no contact on other subjects for a long time, so for {party} the "
            "channel changed on {day}."
        )
    else:
        said = N_(
            "{party} counts no contact for {n} days, so for {party} the channel changed on {day}."
        )
    return _(said, party=who, n=days, day=in_a_sentence(question.lapsed_on))


def not_counted(viewpoint: str, log: Log) -> str:
    """Say that a contact is none for a viewpoint."""
    who = _name(viewpoint, log)
    if who is None:
        return _("The observer does not count this as contact.")
    return _("{party} does not count this as contact.", party=who)


def _name(viewpoint: str, log: Log) -> str | None:
    return None if viewpoint == OBSERVER else log.name_of(viewpoint)
