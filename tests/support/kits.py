"""Kits for the tests: of the small lessons, made with a few worlds and without a browser."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sim.ground.dates import parse
from sim.log.label import label
from sim.seminar.kit.whole import Kit, kit_of
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import Plan, plan_of

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(p for p in ROOT.glob("scenarios/*.yaml") if "\nseminar:" in p.read_text("utf-8"))
"""The lessons that ship."""
USUAL = ("seminar-article", "seminar-play")
LESSONS = [pytest.param(p, id=p.stem) for p in SHIPPED if p.stem in USUAL]
"""One of each kind."""
OTHERS = [
    pytest.param(p, id=p.stem)
    for p in SHIPPED
    if p.stem not in (*USUAL, "seminar-channel-disguised", "seminar-washington-beijing-disguised")
]
"""The others, of which `test_kit` asks everything at once where slow tests run. Of those that come
in disguise too, one is asked in both forms: the texts are the same but for names and dates."""
ARTICLE, ROLE_PLAY, WIDE = (
    ROOT / "scenarios" / f"seminar-{name}.yaml" for name in ("article", "play", "record")
)
WORLDS = 20


@cache
def shipped(path: Path) -> tuple[Plan, Kit]:
    """Return a lesson that ships, with its kit."""
    plan = plan_of(load_scenario(path), path.name)
    return plan, kit_of(plan, None, WORLDS)


def kit(data: Mapping[str, Any]) -> tuple[Plan, Kit]:
    """Return a lesson of plain data, with its kit."""
    plan = plan_of(load_scenario(data))
    return plan, kit_of(plan, None, WORLDS)


def text_of(page: bytes) -> str:
    """Return what a page says: without its marks, on one line."""
    bare = re.sub(r"<(style|script)>.*?</\1>", " ", page.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", bare)).split())


def begins(plan: Plan) -> int:
    """Return the first second of a lesson that no student may know before it."""
    if plan.rounds:
        return plan.rounds[0].cut_s
    assert plan.play is not None
    return plan.play.start_s


def secrets(plan: Plan) -> list[str]:
    """List what no student may read before a lesson: what the log says of later days, and of
    events that the lesson tells otherwise; what its author notes; and where later things stand."""
    first_s, told, before = begins(plan), list[str](), list[str]()
    for event in plan.log.events:
        said = [event.summary or "", *(a.summary or "" for a in event.accounts.values())]
        said += [event.doubt or "", event.id]
        if parse(event.date).hi_s > first_s:
            told += [*said, f"{label(event)}."]
        elif event.id in plan.lesson.retold:
            told += said
        else:
            before += [*said, f"{label(event)}."]
    later = [s for s in plan.log.sources.values() if s.date and parse(s.date).lo_s >= first_s]
    told += [s.title for s in later]
    told += [*plan.lesson.all_notes(), plan.lesson.after or ""]
    known = " ".join(before)
    return [text for text in dict.fromkeys(told) if len(text) > 8 and text not in known]


def seen_in(files: Mapping[str, bytes], folder: str, words: list[str]) -> list[tuple[str, str]]:
    """Say which of some words stand in which files of a folder."""
    pages = {n: page for n, page in files.items() if n.startswith(folder)}
    said = {n: (text_of(page), page.decode(errors="replace")) for n, page in pages.items()}
    return [
        (name, word)
        for name, (text, source) in said.items()
        for word in words
        if word in text or word in source
    ]
