"""Telling a scenario from a log, and checking either."""

from __future__ import annotations

from pathlib import Path

from sim.cli.replay import about_silence
from sim.ground.dates import day, parse
from sim.ground.errors import InputError, listed
from sim.ground.yaml import load_yaml
from sim.log.file import from_document, load
from sim.log.log import Log
from sim.model.abduction import infer
from sim.model.compiling import compile_scenario
from sim.scenario.interventions import run_type
from sim.scenario.scenario import Scenario
from sim.scenario.scope import hidden_events, past_start, run_span
from sim.seminar.lesson.block import lesson_of, load_scenario
from sim.seminar.play.rules import play_span, played

TRIED = 20
"""Replications whose history is explained when a what-if is checked."""


def check_file(path: Path) -> str:
    """Check a scenario, a log or the record of a seminar, and say what it is.

    Raises:
        InputError: every problem of the file.
    """
    if path.suffix == ".jsonl":
        if (record := _record(path)) is not None:
            return record
        log = load(path)
        return _with_silence(f"{_log(log)}, unbroken", log)
    document = load_yaml(path)
    if isinstance(document.data, dict) and "events" in document.data:
        log = from_document(document)
        return _with_silence(_log(log), log)
    scenario = load_scenario(path)
    lesson = lesson_of(scenario)
    play = lesson.play if lesson is not None else None
    for run in [scenario, *([played(scenario, play)] if play is not None else [])]:
        if run_type(run) == "what-if":
            program = compile_scenario(run)
            for replication in range(TRIED):  # a drawn date may make a history impossible
                infer(program, run.ensemble.seed, replication)
    if play is not None:
        from sim.seminar.play.worlds import play_plan_of

        play_plan_of(scenario, play, path.as_posix())  # a play in which nothing is asked is refused
    told = f"a scenario, a {run_type(scenario)} with {_count(len(scenario.outcomes), 'outcome')}"
    if lesson is not None:
        parts = [_count(len(lesson.rounds), "round")] if lesson.rounds else []
        parts += ["a role play"] if play is not None else []
        told += f" and a lesson of {' and '.join(parts)}"
    start, (_, end) = past_start(scenario), run_span(scenario)
    if lesson is not None:  # its parts begin earlier
        start = min([start, *(parse(r.cut).hi_s for r in lesson.rounds)])
        start = min(start, play_span(scenario, play)[0]) if play is not None else start
    told += _secrets(scenario)
    spans = {name: parse(forum.date) for name, forum in scenario.forums.items()}
    outside = [name for name, s in sorted(spans.items()) if s.hi_s <= start or s.lo_s >= end]
    return told + (f"; forums outside its time: {', '.join(outside)}" if outside else "")


def is_log(path: Path) -> bool:
    """Whether a file is a log and not a scenario.

    Raises:
        InputError: it cannot be read.
    """
    if path.suffix == ".jsonl":
        return True
    data = load_yaml(path).data
    return isinstance(data, dict) and "events" in data


def check_for_learning(path: Path) -> str:
    """Say of a scenario, or of a log with all its channels, that `learn` will take it.

    Raises:
        InputError: everything for which `learn` would refuse it.
    """
    from sim.learning.refusals import refusals, scenario_over

    scenario = scenario_over(load(path)) if is_log(path) else load_scenario(path)
    if found := refusals(scenario):
        raise InputError(found)
    first = day(past_start(scenario)).isoformat()
    return f"nothing that `learn` would refuse; silence counts from {first} on"


def _secrets(scenario: Scenario) -> str:
    """Say which facts nobody outside knew by the as-of date, where the scenario does not say
    whether they are to count."""
    start_s = run_span(scenario)[0]
    hidden = [e.id for e in hidden_events(scenario) if parse(e.date).hi_s <= start_s]
    if not hidden or "known" in scenario.model_fields_set:
        return ""
    were = "fact was" if len(hidden) == 1 else "facts were"
    return (
        f"; warning: {len(hidden)} {were} not public by {scenario.as_of} ({listed(hidden, 3)}): "
        "say `known: public` to leave them out, or `known: happened`"
    )


def _record(path: Path) -> str | None:
    """Check the record of a seminar; None where the file is none."""
    from sim.seminar.lesson.record import LESSON
    from sim.seminar.record.file import is_record, load_record
    from sim.seminar.what_if.whole import SEMINAR

    if not is_record(path):
        return None
    head, events = load_record(path, SEMINAR)
    room = SEMINAR.room_of(events)
    answers = sum(len(cast) for cast in LESSON.of(room).answers.values())
    numbers = ((len(events), "event"), (len(room.students), "student"), (answers, "answer"))
    told = ", ".join(_count(number, what) for number, what in numbers)
    return f"the record of a seminar, “{head.get('title')}”: {told}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _log(log: Log) -> str:
    events, channels = _count(len(log.events), "event"), _count(len(log.channels), "channel")
    return f"a log of {events} on {channels}"


def _with_silence(told: str, log: Log) -> str:
    """Add what it means that a coded log is not said to be complete."""
    if log.by_run:
        return told
    more = about_silence([c.complete_from for c in log.channels.values()])
    return f"{told}. {more}" if more else told
