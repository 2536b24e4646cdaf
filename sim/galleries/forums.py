"""The forums that figures of a run mark."""

from __future__ import annotations

from sim.ground.dates import parse
from sim.results.result import Result


def forums_of(run: Result, channel: str) -> list[tuple[int, str]]:
    """List the forums of a channel that a run's figures show: the first instant, and what each is
    called, in order."""
    found = []
    for id_, forum in run.scenario.forums.items():
        at = parse(forum.date).lo_s
        there = forum.channels is None or channel in forum.channels
        if there and run.program.observe_s <= at < run.program.until_s:
            found.append((at, forum.title or id_.replace("-", " ")))
    return sorted(found)
