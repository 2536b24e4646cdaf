"""Histories of the model whose dates are told by the month."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sim.ground.dates import day, parse
from sim.log.log import Log
from sim.scenario.scenario import Scenario


def month_of(date: str, last: str) -> str:
    """The month in which a date begins, or what there is of it up to a day."""
    first = day(parse(date).lo_s).replace(day=1)
    end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return f"{first.isoformat()}/{min(end.isoformat(), last)}"


def by_month(log: Log, last: str) -> Log:
    """A log up to a day of which each date is a month, and that of each agreed meeting."""
    events = []
    for event in log.events:
        update: dict[str, Any] = {"date": month_of(event.date, last)}
        meeting = getattr(event, "meeting_date", None)
        if meeting is not None:
            update["meeting_date"] = month_of(meeting, "2199-12-31")
        events.append(event.model_copy(update=update))
    return log.model_copy(update={"events": tuple(events), "header": {}})


def told_by_month(history: Scenario) -> Scenario:
    """A history whose dates are months."""
    assert history.history is not None
    return history.model_copy(update={"history": by_month(history.history, history.as_of)})
