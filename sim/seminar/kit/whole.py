"""The kit: every file of it, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from sim.ground.colours import STATE_COLOURS
from sim.ground.dates import day, in_a_sentence, spoken
from sim.ground.files import json_text
from sim.ground.version import program_version
from sim.report.caveats import caveats
from sim.report.citing import bibtex, csl
from sim.report.pages import environment
from sim.seminar.kit import contents, prompts, questionnaire, reading, timing
from sim.seminar.kit.cards import cards_of, later_cards_of
from sim.seminar.kit.face import Face, face_of
from sim.seminar.kit.homework import RUBRIC, homework_of
from sim.seminar.kit.items import LETTERS, LITERATURE
from sim.seminar.kit.key import RoundKey, forecasts_of, key_of, shown_key
from sim.seminar.kit.minute_plan import minute_plan
from sim.seminar.kit.pitfalls import general, pitfalls
from sim.seminar.kit.printing import printed
from sim.seminar.kit.reading import reading_list
from sim.seminar.kit.shorter import shorter
from sim.seminar.kit.slides import slides_of
from sim.seminar.lesson.forecast import WORLDS, whose_weights
from sim.seminar.lesson.plan import Plan
from sim.seminar.pages.past import Teller

WITHOUT_PDF = (
    "No PDF of the slides was made: Chromium, Chrome or Edge was not found, or did not print. Open "
    "the slides in a browser and print them."
)
IN_DISGUISE = (
    "The lesson is in disguise. What is in “before”, and the slides up to the last reveal, have "
    "its names and dates. What is in “after” has the true ones: hand it out when the disguise is "
    "lifted."
)
MOST_EVENTS = 40
"""Events of a role play that the notes tell."""


@dataclass(frozen=True)
class Kit:
    """A kit, ready to be written."""

    files: Mapping[str, bytes]
    """By path within the folder."""
    notes: tuple[str, ...]
    """What a teacher must know of it: what is left out, and why."""


def kit_of(plan: Plan, command: str | None, worlds: int = WORLDS) -> Kit:
    """Make the kit of a lesson. `command` is the browser that prints the slides; the simulator
    forecasts each round with so many worlds."""
    simulated = forecasts_of(plan, worlds)
    keys, listed, care = key_of(plan, simulated), reading_list(plan), caveats(plan.scenario)
    face = face_of(plan)
    files = _before(face) | _plans(plan)
    slides = slides_of(plan, face, shown_key(face, simulated), listed)
    files[contents.SLIDES] = _page(face.plan, "slides.html", slides=slides, colours=STATE_COLOURS)
    told = _notes(plan, keys, care)
    files[contents.NOTES] = _page(plan, "notes.html", **told, lifted=face.lifted, worlds=worlds)
    files |= _tests(plan, face, keys) | _after(plan, keys, listed)
    notes = [*care, *([IN_DISGUISE] if face.lifted else [])]
    pdf = printed(files[contents.SLIDES], command) if command is not None else None
    if pdf is None:
        notes.append(WITHOUT_PDF)
    prints = {} if pdf is None else {contents.PRINTED: pdf}
    folders = contents.contents([*files, *prints])
    files[contents.INDEX] = _page(plan, "index.html", folders=folders, notes=notes)
    files[contents.RECORD] = json_text({"kit": 1, "lesson": plan.title, "sha256": plan.digest})
    whole = {name: text.encode() for name, text in files.items()} | prints
    return Kit(dict(sorted(whole.items())), tuple(notes))


def _page(plan: Plan, template: str, **values: object) -> str:
    """Fill a template for a lesson, as it is or in disguise; every value is escaped."""
    found = environment("sim.seminar.kit").get_template(template)
    return found.render(lesson=plan.title, version=program_version(), **values)


def _before(face: Face) -> dict[str, str]:
    """Make what students get before the end: it has no name that a disguise hides."""
    plan, files = face.plan, dict[str, str]()
    if cards := cards_of(plan):
        files[contents.CARDS] = _page(plan, "cards.html", cards=cards)
    if cards := later_cards_of(plan):
        files[contents.LATER_CARDS] = _page(plan, "cards.html", cards=cards)
    for form, name in contents.TESTS.items():
        asked = questionnaire.form_of(plan, form)
        files[name] = _page(plan, "test.html", form=form, questions=asked, letters=LETTERS)
    return files


def _plans(plan: Plan) -> dict[str, str]:
    plans = [minute_plan(plan, minutes) for minutes in contents.LENGTHS]
    files: dict[str, str] = {}
    for one in plans:
        if one.choice is not None and (text := shorter(plan, one.choice)) is not None:
            files[contents.SHORTER[one.minutes]] = text
    play = plan.lesson.play
    shorts = [contents.SHORTER[one.minutes] for one in plans]
    files[contents.PLAN] = _page(
        plan,
        "plan.html",
        plans=plans,
        files=[path.rpartition("/")[2] if path in files else "" for path in shorts],
        asked_rounds=bool(plan.rounds),
        reveal=timing.REVEAL,
        each=timing.REVEAL_EACH,
        asked_play=play is not None,
        pace=f"{play.an_hour:g}" if play is not None else "",
    )
    return files


def _notes(plan: Plan, keys: Sequence[RoundKey], care: Sequence[str]) -> dict[str, Any]:
    return {
        "notes": plan.lesson.notes,
        "after": plan.lesson.after,
        "retold": len(plan.lesson.retold),
        "care": care,
        "general": general(plan),
        "rounds": [
            {
                "key": key,
                "cut": in_a_sentence(key.plan.cut),
                "by": in_a_sentence(key.plan.by),
                "questions": [
                    {"answer": a, "pitfalls": pitfalls(a, plan.log)} for a in key.answers
                ],
                "prompts": prompts.of_round(key),
            }
            for key in keys
        ],
        "play": _played(plan),
        "end": prompts.at_the_end(plan),
        "weights": whose_weights(plan),
    }


def _played(plan: Plan) -> dict[str, Any] | None:
    """Return what the notes say of the role play: what happened where nobody decides otherwise."""
    play = plan.play
    if play is None:
        return None
    teller = Teller(play.worlds.history(), [*play.channels][:1], forums=play.forums)
    events = teller.tell(play.end_s, True).events[teller.before(play.end_s, play.start_s) :]
    spec = play.spec
    return {
        "title": spec.title,
        "start": spoken(str(day(play.start_s))),
        "end": spoken(str(day(play.end_s - 1))),
        "teams": ", ".join(map(plan.log.name_of, spec.parties)),
        "questions": spec.questions,
        "each": spec.each if spec.spread else None,
        "seconds": f"{spec.question_s:.0f}",
        "notes": spec.notes,
        "events": events[:MOST_EVENTS] if play.in_history else (),
        "more": max(0, len(events) - MOST_EVENTS),
        "prompts": prompts.of_play(plan),
    }


def _tests(plan: Plan, face: Face, keys: tuple[RoundKey, ...]) -> dict[str, str]:
    forms = [(form, questionnaire.solved(face.plan, form)) for form in questionnaire.FORMS]
    memory = questionnaire.remembered(keys)
    told = {"forms": forms, "memory": memory, "literature": sorted(LITERATURE.values())}
    files = {
        contents.ANSWERS: _page(plan, "answers.html", **told),
        contents.ANSWERS_CSV: questionnaire.answers_table(face.plan),
    }
    if memory:
        files[contents.MEMORY] = _page(plan, "memory.html", questions=memory)
    return files


def _after(plan: Plan, keys: tuple[RoundKey, ...], listed: reading.ReadingList) -> dict[str, str]:
    homework = homework_of(plan, keys)
    values = {"tasks": homework.tasks, "rubric": RUBRIC}
    total = sum(task.points for task in homework.tasks)
    words = {"words": reading.in_words, "address": _address}
    return {
        contents.HOMEWORK: _page(plan, "homework.html", **values, total=total),
        **{f"after/{name}": text for name, text in homework.files.items()},
        f"{contents.READING}.html": _page(plan, "reading.html", listed=listed, **words),
        f"{contents.READING}.md": listed.markdown(plan.title),
        f"{contents.READING}.bib": bibtex(listed.works),
        f"{contents.READING}.json": json_text(csl(listed.works)),
    }


def _address(url: str) -> Markup:
    """Write an address of the web as a link, and any other as text."""
    if urlsplit(url).scheme not in ("http", "https"):
        return escape(url)
    return Markup('<a href="{0}">{0}</a>').format(url)
