"""What a reveal says beside the answer: why silence changed a state, and who counts a contact."""

from __future__ import annotations

from sim.ground.dates import in_a_sentence
from sim.log.log import Log
from sim.log.rulebook import OBSERVER
from sim.seminar.lesson.plan import Question


def silence(question: Question, log: Log) -> str:
    """Say after how many days without contact the state changed, and on which day; nothing where
    it was no silence that changed it."""
    if question.lapsed_on is None:
        return ""
    who = _name(question.viewpoint, log)
    there_was = "There was no contact" if who is None else f"{who} counts no contact"
    changed = "so the channel changed" if who is None else f"so for {who} the channel changed"
    days = question.silent_days
    of = "on other subjects for a long time" if days is None else f"for {days} days"
    return f"{there_was} {of}, {changed} on {in_a_sentence(question.lapsed_on)}."


def not_counted(viewpoint: str, log: Log) -> str:
    """Say that a contact is none for a viewpoint."""
    return f"{_name(viewpoint, log) or 'The observer'} does not count this as contact."


def _name(viewpoint: str, log: Log) -> str | None:
    return None if viewpoint == OBSERVER else log.name_of(viewpoint)
