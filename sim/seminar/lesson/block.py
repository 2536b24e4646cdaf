"""The block `seminar` of a scenario's file: read, checked on its lines, and documented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.ground.checking import check
from sim.ground.errors import Broken
from sim.ground.yaml import Document
from sim.scenario import resolve
from sim.scenario.blocks import Block
from sim.scenario.resolve import Place
from sim.scenario.scenario import Scenario
from sim.seminar.lesson.disguise_rules import disguise_rules
from sim.seminar.lesson.rules import lesson_rules
from sim.seminar.lesson.schema import Lesson
from sim.seminar.lesson.sliders import slider_rules


def _last(scenario: Scenario, lesson: Lesson) -> Iterator[Broken]:
    if lesson.what_if is not None:
        yield from slider_rules(scenario, lesson.what_if.sliders)
    yield from disguise_rules(scenario, lesson)


SEMINAR = Block("seminar", Lesson, lesson_rules, _last)


def load_scenario(
    path: str | Path | Mapping[str, Any] | None = None,
    over: Mapping[str, Any] | None = None,
    *,
    text: str | None = None,
) -> Scenario:
    """Read a scenario and resolve it: a file, plain data as a file would hold it, or YAML text. Its
    lesson is checked with it.

    `over` is laid over it as a scenario that extends it would be: key by key, where None takes an
    entry away and lists are replaced. Paths in `over`, in data and in text are seen from the
    working directory.

    Raises:
        InputError: every broken rule of the file, of the files it draws on, and of `over`; or not
            exactly one of `path` and `text` is given.
    """
    return resolve.load_scenario(path, over, text=text, blocks=(SEMINAR,))


def checked_at(place: Place) -> Scenario:
    """Return a scenario, or the one that is in a file or in plain data, checked with its lesson.

    Raises:
        InputError: every broken rule of it.
    """
    return place if isinstance(place, Scenario) else load_scenario(place)


def lesson_of(scenario: Scenario) -> Lesson | None:
    """Return the lesson of a scenario; None where it has none.

    Raises:
        InputError: it is no lesson; `load_scenario` here would have said so.
    """
    if scenario.seminar is None:
        return None
    document = Document(scenario.title, {"seminar": scenario.seminar})
    return check(Lesson, document, scenario.seminar, ("seminar",))
