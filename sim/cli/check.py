"""Telling a scenario from a log, checking either, and writing a scenario to start from."""

from __future__ import annotations

import re
from pathlib import Path

from sim.cli.replay import about_silence
from sim.ground.dates import parse
from sim.ground.errors import InputError, Problem
from sim.ground.files import write_safely
from sim.ground.yaml import load_yaml
from sim.log.file import from_document, load
from sim.log.log import Log
from sim.model.abduction import infer
from sim.model.compiling import compile_scenario
from sim.report.pages import page
from sim.scenario.interventions import run_type
from sim.scenario.played import play_span, played
from sim.scenario.resolve import load_scenario, shipped_doctrines
from sim.scenario.scope import past_start, run_span

TRIED = 20
"""Replications whose history is explained when a what-if is checked."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


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
    lesson = scenario.seminar
    play = lesson.play if lesson is not None else None
    for run in [scenario, *([played(scenario, play)] if play is not None else [])]:
        if run_type(run) == "what-if":
            program = compile_scenario(run)
            for replication in range(TRIED):  # a drawn date may make a history impossible
                infer(program, run.ensemble.seed, replication)
    if play is not None:
        from sim.seminar.play.worlds import play_plan_of

        play_plan_of(scenario, path.as_posix())  # a play in which nothing is asked is refused
    told = f"a scenario, a {run_type(scenario)} with {_count(len(scenario.outcomes), 'outcome')}"
    if lesson is not None:
        parts = [_count(len(lesson.rounds), "round")] if lesson.rounds else []
        parts += ["a role play"] if play is not None else []
        told += f" and a lesson of {' and '.join(parts)}"
    start, (_, end) = past_start(scenario), run_span(scenario)
    if lesson is not None:  # its parts begin earlier
        start = min([start, *(parse(r.cut).hi_s for r in lesson.rounds)])
        start = min(start, play_span(scenario, play)[0]) if play is not None else start
    spans = {name: parse(forum.date) for name, forum in scenario.forums.items()}
    outside = [name for name, s in sorted(spans.items()) if s.hi_s <= start or s.lo_s >= end]
    return told + (f"; forums outside its time: {', '.join(outside)}" if outside else "")


def _record(path: Path) -> str | None:
    """Check the record of a seminar; None where the file is none."""
    from sim.seminar.export import is_record, load_record
    from sim.seminar.record import room_of

    if not is_record(path):
        return None
    head, events = load_record(path)
    room = room_of(events)
    answers = sum(len(cast) for cast in room.answers.values())
    told = [_count(len(events), "event"), _count(len(room.students), "student")]
    return f"the record of a seminar, “{head.get('title')}”: {', '.join(told)}, {answers} answers"


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


def new_scenario(name: str) -> Path:
    """Write a commented scenario `NAME.yaml` into the working folder.

    Raises:
        InputError: the name is no file's name, or the file already exists.
        RunError: the folder refuses.
    """
    stem = name.removesuffix(".yaml")
    if not _NAME.fullmatch(stem):
        rule = "must be a plain name of letters, digits, `-`, `_` and `.`"
        raise InputError([Problem("NAME", 0, "", rule, name)])
    target = Path(f"{stem}.yaml")
    if target.exists():
        raise InputError([Problem(target.as_posix(), 0, "", "already exists: choose another name")])
    text = page("new.yaml", name=stem, doctrines=", ".join(shipped_doctrines()))
    write_safely(target, text)
    return target
