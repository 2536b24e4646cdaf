"""The report: one page that opens offline, with every text escaped, and the numbers of the run."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import drawn
import pasts
import pytest
from micro import CHANNEL, always, data, doctrine, scenario

from sim.galleries.figures import RUN_FIGURES
from sim.galleries.gallery import Gallery
from sim.ground.dates import day
from sim.ground.yaml import Document
from sim.report.numbers import estimate, percent
from sim.report.report import MAX_CHANNELS, event_rows, write_report
from sim.report.runfolder import load_run
from sim.report.runs import run
from sim.results.outcomes import Answer
from sim.scenario.resolve import resolve
from sim.study.run import Run

SMALL = Path(__file__).parents[1] / "support" / "valid" / "small.yaml"
EVIL = "<script>alert('x')</script> \"><img src=x onerror=alert(1)> &amp; {{ 7*7 }} Ж"
LOADS = {
    "script",
    "link",
    "iframe",
    "img",
    "object",
    "embed",
    "video",
    "audio",
    "source",
    "base",
    "form",
    "foreignobject",
}

LATER = pasts.event("later", "call_held", "2021-03-05", by="CAN")


class Page(HTMLParser):
    """What a browser would make of a page, as far as it matters here."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def evil() -> dict[str, Any]:
    """A scenario with markup wherever it takes text."""
    doctrine = always() | {"title": EVIL, "reasons": EVIL}
    history = {
        "schema": 4,
        "title": EVIL,
        "channels": {CHANNEL: {"parties": ["CAN", "USA"], "title": EVIL}},
        "sources": {"paper": {"title": EVIL, "author": EVIL, "url": "javascript:alert(1)"}},
        "events": [
            {
                "id": "cut",
                "date": "2020-11-11",
                "kind": "treaty_suspended",
                "treaty": EVIL,
                "summary": EVIL,
                "place": EVIL,
            }
        ],
    }
    forum = {"date": "2021-01-10", "title": EVIL, "place": EVIL}
    change = {
        "id": "resumed",
        "date": "2021-01-20",
        "kind": "treaty_resumed",
        "treaty": EVIL,
    }
    return data(
        {"can": doctrine, "usa": doctrine},
        title=EVIL,
        question=EVIL,
        reasons=EVIL,
        sources=[EVIL, "https://example.org/paper"],
        history=history,
        channels={CHANNEL: {"title": EVIL}},
        forums={"summit": forum},
        treaty={"name": EVIL},
        parties={p: {"doctrine": p.lower(), "principal": EVIL} for p in ("CAN", "USA")},
        changes=[{"insert": change}],
        outcomes={
            "a": {"type": "first_time", "state": "corridor", "title": EVIL},
            "b": {"type": "state_at", "state": "open", "title": EVIL},
        },
        rates_per_day={"call": 0.05},
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of two runs: a common one, and one with markup everywhere."""
    found = {"small": tmp_path_factory.mktemp("small"), "evil": tmp_path_factory.mktemp("evil")}
    run(SMALL, replications=10, out=found["small"])
    run(resolve(Document("evil.yaml", evil())), replications=10, out=found["evil"])
    return found


@pytest.fixture(params=["small", "evil"])
def folder(request: pytest.FixtureRequest, pages: dict[str, Path]) -> Path:
    return pages[request.param]


def page(folder: Path) -> Page:
    return Page((folder / "report.html").read_bytes().decode("utf-8", errors="strict"))


def test_the_page_loads_nothing(folder: Path) -> None:
    found = page(folder)
    assert not (LOADS - {"script"}) & set(found.tags)
    assert found.tags["script"] == 1  # the page's own, within it
    for tag, name, value in found.attributes:
        assert not name.startswith("on"), (tag, name)
        assert tag != "script" or (name, value) == ("id", "of-page")  # it has no source
        if name in ("src", "href", "xlink:href", "action", "data", "srcset", "poster"):
            inside = ("#", "data:image/png;base64,") if tag == "image" else ("#",)
            assert value.startswith(inside), (tag, name, value)
        if name == "style" or "url(" in value:
            assert re.findall(r"url\((?!#)", value) == []
    text = (folder / "report.html").read_text()
    assert "@import" not in text
    assert re.findall(r"url\((?!#)", text.partition("</style>")[0]) == []


def test_control_a_page_that_loads_something_is_seen() -> None:
    found = Page("<p><img src='https://example.org/x.png'></img></p>")
    assert LOADS & set(found.tags) == {"img"}
    assert ("img", "src", "https://example.org/x.png") in found.attributes


def test_elements_are_closed_in_order(folder: Path) -> None:
    assert page(folder).open == []


def test_ids_are_unique_and_references_lead_somewhere(folder: Path) -> None:
    found = page(folder)
    ids = Counter(v for _, name, v in found.attributes if name == "id")
    assert [i for i, n in ids.items() if n > 1] == []
    assert len(ids) > 10
    hrefs = {v for _, name, v in found.attributes if name in ("href", "xlink:href")}
    led = {v[1:] for v in hrefs if not v.startswith("data:")}
    led |= {u for _, _, v in found.attributes for u in re.findall(r"url\(#([^)]+)\)", v)}
    assert led <= set(ids)
    assert len(led) > 5


def test_figures_stand_in_the_page_and_beside_it(folder: Path) -> None:
    text = (folder / "report.html").read_text()
    drawn = re.findall(r"<svg .*?</svg>", text, re.DOTALL)
    files = sorted((folder / "figures").iterdir())
    phones = sum("transitions" not in f.stem for f in files)  # there a table stands for these
    assert len(drawn) == len(files) + phones > 9
    for svg in (*drawn, *(f.read_text() for f in files)):
        root = ET.fromstring(svg)
        assert root.tag.endswith("svg")
        assert root.get("aria-label")


def test_markup_in_texts_is_shown_and_not_obeyed(pages: dict[str, Path]) -> None:
    found = page(pages["evil"])
    written = " ".join(EVIL.split())
    assert found.text.count(written) >= 12
    assert found.tags["title"] == 1 + found.tags["svg"]
    assert "49" not in found.text.partition(written)[0]
    assert "javascript:alert(1)" in found.text


def test_the_numbers_are_those_of_the_run(pages: dict[str, Path]) -> None:
    opened, found = load_run(pages["small"]), page(pages["small"])
    for answer in opened.answers:
        for part in (answer.title, *estimate(answer)):
            assert part in found.text
    made = "10 worlds of 120 days, seed 5"
    assert made in found.text
    assert "This is a policy." in found.text
    assert "A paper" in found.text  # a source of the history
    for _, event, label in event_rows(opened):
        assert label in found.text
        assert event.date[:10] in found.text


@pytest.mark.slow
def test_many_channels_are_named_and_not_all_drawn(tmp_path: Path) -> None:
    channels: dict[str, Any] = {f"can-usa/level-{n}": {} for n in range(MAX_CHANNELS + 2)}
    made: Run = run(scenario(channels=channels), replications=2)
    with drawn.never():
        write_report(made, tmp_path)
    found = page(tmp_path)
    names = [f"Canada and United States, level {n}" for n in (MAX_CHANNELS, MAX_CHANNELS + 1)]
    assert f"Not drawn here: {names[0]}, {names[1]}." in found.text
    files = {f.name for f in (tmp_path / "figures").iterdir()}
    assert "occupancy-can-usa-level-0.svg" in files
    assert f"occupancy-can-usa-level-{MAX_CHANNELS}.svg" not in files


def test_a_run_that_asks_nothing_and_in_which_nothing_happens(tmp_path: Path) -> None:
    write_report(run(scenario(), replications=2), tmp_path)
    found = page(tmp_path)
    assert "Nothing happened." in found.text
    assert "What the runs say" not in found.text


# ---------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0.0 %"),
        (0.0004, "<0.1 %"),
        (0.0005, "0.1 %"),
        (0.5, "50.0 %"),
        (0.9994, "99.9 %"),
        (0.9996, ">99.9 %"),
        (1.0, "100.0 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_all(share: float, text: str) -> None:
    assert percent(share) == text


def answer(type_: str, **parts: Any) -> Answer:
    names = ("median_days", "median_low", "median_high", "q05", "q95")
    whole = {"name": "a", "title": "A", "estimate": 0.5, "low": 0.25, "high": 0.75}
    return Answer(type=type_, **whole | dict.fromkeys(names) | parts)


def test_answers_in_words() -> None:
    assert estimate(answer("state_at")) == ("50 %", "25 % to 75 %", "")
    share = answer("share_of_days", q05=0.1, q95=0.9)
    assert estimate(share)[2] == "9 of 10 worlds: 10 % to 90 %"
    assert estimate(answer("first_time"))[0] == "50 % ever"
    assert estimate(answer("first_time"))[2] == ""
    first = answer("first_time", half_by="2024-03-05")
    assert estimate(first)[2] == "half of these by March 2024"
    held = "already so at the start in 60 % of worlds: there the next time counts"
    assert estimate(replace(first, held=0.6))[2] == f"half of these by March 2024; {held}"
    assert estimate(replace(first, held=0.0))[2] == "half of these by March 2024"
    assert estimate(replace(first, settled=True, estimate=0.0, held=0.6))[2] == held


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "words", "transitions"),
    [
        ([], "right of it, the worlds of this run.", "from 2021-03-01 on"),
        ([{"remove": "cut"}], "Left of the dashed line is history", "from 2021-01-20 on"),
        ([{"insert": LATER}], "changed from the dashed line on", "from 2021-03-01 on"),
    ],
    ids=["forecast", "what-if", "policy"],
)
def test_captions_and_changes_say_what_is_shown(
    changes: list[dict[str, Any]], words: str, transitions: str, tmp_path: Path
) -> None:
    cut = pasts.event("cut", "contact_cut", "2021-01-20", by="USA")
    even = doctrine(cut=0.0)
    whole = pasts.told(cut, doctrines={"can": even, "usa": even}, changes=changes)
    made = run(whole, replications=5)
    start = day(made.program.observe_s).isoformat()
    captions = {rule.name: rule.caption_of(made.level, start) for rule in RUN_FIGURES}
    assert words in captions["occupancy"]
    assert transitions in captions["transitions"]
    with drawn.never():
        write_report(made, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert ("What is changed" in page) == bool(changes)
    assert ("removed: Contact cut (USA) (cut) of 2021-01-20" in page) == ("remove" in str(changes))
    assert ("The log is taken to be complete from" in page) == ("remove" in str(changes))
    texts = {t.get_label(): t.get_text() for t in Gallery(made).occupancy().texts}
    assert (
        texts.get("since", "")
        == {
            "forecast": "",
            "what-if": "changed from 20 Jan 2021",
            "policy": "changed from 5 Mar 2021",
        }[made.level]
    )
