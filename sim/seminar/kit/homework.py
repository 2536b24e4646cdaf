"""Homework from a lesson's what-ifs: scenarios to run, to change and to explain, with a rubric."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sim.ground.dates import in_a_sentence
from sim.ground.yaml import dump_yaml
from sim.report.pages import sentence
from sim.report.wording import changes_in_words
from sim.results.outcomes import title_of
from sim.scenario.scenario import Scenario
from sim.scenario.varying import place_of
from sim.seminar.kit.key import RoundKey
from sim.seminar.lesson.plan import Plan
from sim.seminar.lesson.sliders import Slider
from sim.seminar.record.refusal import Refused
from sim.seminar.what_if.from_lesson import base_of
from sim.seminar.what_if.position import (
    Position,
    position_text,
    scenario_at_position,
    shipped_position,
)
from sim.seminar.what_if.shipped import Base

SCENARIO, CHANGED, WEIGHED = (
    "homework-scenario.yaml",
    "homework-what-if.yaml",
    "homework-weights.yaml",
)
"""The scenarios that the commands read."""
WORLDS = 2_000
ASKED = 6
"""Outcomes that the homework names."""


@dataclass(frozen=True)
class Task:
    """One task."""

    title: str
    paragraphs: tuple[str, ...]
    command: str = ""
    """What students type, in the folder of the homework."""
    choices: tuple[str, ...] = ()
    """What the first paragraph lets students choose from."""
    points: int = 4


@dataclass(frozen=True)
class Level:
    """One line of the rubric."""

    what: str
    full: str
    half: str
    none: str


RUBRIC = (
    Level(
        "A guess before the run",
        "A number and a reason, written before the command is run, and kept when it is wrong.",
        "A number without a reason.",
        "No guess, or one that was made after the run.",
    ),
    Level(
        "What the program says",
        "The right number, with what it counts, over how many worlds, and its interval.",
        "The right number without its interval, or without what it counts.",
        "A number that the report does not give.",
    ),
    Level(
        "Why it changes",
        "Names who decides otherwise, at which question, and what that leads to.",
        "Says that it changes, and only repeats the numbers.",
        "No reason, or one that the change cannot have.",
    ),
    Level(
        "What the model cannot know",
        "Names an assumption of the model that matters here, and what would change without it.",
        "Says in general that models are not the world.",
        "Takes the number for a fact, or throws it away.",
    ),
)
"""What points are given for: each line full, half or none."""


@dataclass(frozen=True)
class Homework:
    """The homework of a lesson."""

    tasks: tuple[Task, ...]
    files: Mapping[str, str]
    """The scenarios, by name."""


def homework_of(plan: Plan, keys: tuple[RoundKey, ...]) -> Homework:
    """Make the homework of a lesson."""
    base = base_of(plan)
    start = shipped_position(base)
    scenario = scenario_at_position(base, start)
    origin = f"The scenario of the lesson “{plan.title}”, for homework."
    files = {SCENARIO: position_text(base, start, "homework", origin)}
    tasks = [_run(base, scenario)]
    if (removed := _removed(base, start, keys)) is not None:
        files[CHANGED] = _extension("Without one event", {"changes": _changes(removed)})
        tasks.append(_change(base, removed))
    slider, value = _turned(base)
    files[WEIGHED] = _extension(slider.title, _at(base.scenario, slider, value))
    tasks += [_weigh(slider), _remember(plan)]
    return Homework(tuple(tasks), files)


def _extension(title: str, over: Mapping[str, Any]) -> str:
    return dump_yaml({"extends": SCENARIO, "title": f"Homework: {title}"[:2_000], **over})


def _changes(position: Position) -> list[dict[str, Any]]:
    return [change.plain() for change in position.changes]


def _removed(base: Base, start: Position, keys: tuple[RoundKey, ...]) -> Position | None:
    """Return the what-if without an event that decided a question, the first one that can go; or
    without another; None where none can."""
    decided = [id_ for key in keys for a in key.answers for id_ in a.question.evidence]
    known = {e.id for e in base.events}
    for id_ in dict.fromkeys([*(i for i in decided if i in known), *(e.id for e in base.events)]):
        with suppress(Refused):
            return start.changed(base, {"remove": id_})
    return None


def _turned(base: Base) -> tuple[Slider, float]:
    """Return the first slider, and the end of it that is farther from where it stands."""
    slider, stands = base.sliders[0], base.shipped[0]
    return slider, slider.to if slider.to - stands >= stands - slider.start else slider.start


def _at(scenario: Scenario, slider: Slider, value: float) -> dict[str, Any]:
    """Write a slider's numbers as a file that extends the scenario writes them."""
    plain, found = scenario.plain(), dict[str, Any]()
    for path in slider.places:
        held, key = place_of(plain, path)
        number = value if slider.path is not None else round(held[key] + value, 6)
        into = found
        *above, last = path.split(".")
        for part in above:
            into = into.setdefault(part, {})
        into[last] = number
    return found


# ---------------------------------------------------------------------------------- tasks


def _command(verb: str, *files: str, out: str) -> str:
    return " ".join(["sim", verb, *files, "-n", str(WORLDS), "--out", out])


def _run(base: Base, scenario: Scenario) -> Task:
    """Ask for what the history does not settle."""
    names = [name for name in scenario.outcome_order if name not in base.asked]
    asked = [title_of(scenario, name) for name in names][:ASKED]
    since = in_a_sentence(scenario.as_of)
    return Task(
        "Run the scenario",
        (
            f"The scenario goes on after {since}. Before you run it, choose two of these, and "
            "guess the number that the program gives:",
            "Run it. Open report.html in the new folder. Write down both numbers, their intervals, "
            "and how far you were off.",
        ),
        _command("run", SCENARIO, out="original"),
        tuple(asked),
    )


def _change(base: Base, position: Position) -> Task:
    changed = base.scenario.model_copy(update={"changes": position.changes})
    words = "; ".join(changes_in_words(changed, ids=False))
    words = sentence(words[:1].upper() + words[1:])
    return Task(
        "Change the history",
        (
            f"{CHANGED} changes the history. {words} Guess which number moves most, and to where.",
            "Compare, and open report.html in the new folder. Which number moved most? Which "
            "government decides otherwise then, and about what?",
            f"Then change {CHANGED} yourself: take out or move another event, and run it again "
            "with another folder.",
        ),
        _command("compare", SCENARIO, CHANGED, out="without"),
    )


def _weigh(slider: Slider) -> Task:
    reason = f" Why they are as they are: {slider.reason}" if slider.reason else ""
    return Task(
        "Change an argument",
        (
            f"{WEIGHED} changes weights of the model: “{slider.title}”.{reason}",
            "Guess, compare, and say why it moves what it moves, and what it does not move.",
            "Then choose a value that you would defend, write it into the file, and give your "
            "reason in five sentences.",
        ),
        _command("compare", SCENARIO, WEIGHED, out="weights"),
    )


def _remember(plan: Plan) -> Task:
    if plan.rounds:
        about = (
            "Choose a round in which you were wrong. Write half a page as somebody who does not "
            "know the end: what spoke for each answer on that day?"
        )
    else:
        about = (
            "Choose an answer of your team. Write half a page as somebody who does not know the "
            "end: what spoke for yes, and what for no, on that day?"
        )
    return Task(
        "Write without knowing the end",
        (
            about,
            "Then add three sentences: which of this did you forget when you knew what happened? "
            "What would have had to be different for another end?",
        ),
    )
