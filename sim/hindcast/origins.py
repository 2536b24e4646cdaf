"""Origins: days of the past from which is forecast, and a scenario as it was known on one."""

from __future__ import annotations

from datetime import UTC, datetime

from sim.ground.dates import day, parse, seconds
from sim.log.knowing import not_public_by, without
from sim.log.log import Log
from sim.log.redated import cut_short
from sim.log.settled import settled_by
from sim.scenario.outcomes import Outcome
from sim.scenario.scenario import Scenario
from sim.scenario.scope import UNASKED


def month_ends(after_s: int, until_s: int) -> list[int]:
    """List the ends of the months that end after an instant and not after another: the first
    seconds of the months that follow."""
    found: list[int] = []
    end_s = month_end(after_s, 0)
    while end_s <= until_s:
        if end_s > after_s:
            found.append(end_s)
        end_s = month_end(end_s, 1)
    return found


def month_end(end_s: int, months: int) -> int:
    """Return the end of the month so many months after the one whose last day ends at an instant,
    or in which the instant lies."""
    last = day(end_s - 1)
    number = 12 * last.year + last.month - 1 + months + 1
    return seconds(datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC))


def known_at(log: Log, now_s: int) -> Log:
    """Return what was known of a log at the end of a day, to a reader of what was public by then.

    An event whose date lies across that instant is treated as `settled_by` says.
    """
    settled = settled_by(log, now_s)
    later = {e.id for e in settled.events if parse(e.date).hi_s > now_s}
    left = without(settled, not_public_by(log, now_s) | later)
    events = tuple(cut_short(e, now_s) for e in left.events)
    return left.model_copy(update={"events": events})


def as_known(scenario: Scenario, now_s: int, until_s: int, asked: dict[str, Outcome]) -> Scenario:
    """Return a scenario that forecasts from the end of a day, with what was public by then."""
    history = scenario.history
    return scenario.model_copy(
        update={
            "history": None if history is None else known_at(history, now_s),
            "as_of": day(now_s - 1).isoformat(),
            "until": day(until_s - 1).isoformat(),
            "changes": (),
            **UNASKED,
            "outcomes": dict(sorted(asked.items())),
        }
    )
