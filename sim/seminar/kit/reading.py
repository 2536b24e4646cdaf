"""The reading list of a lesson: the documents of its log and the addresses of its events, each
once. It tells what came: it is for after the lesson."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from sim.ground.dates import parse, spoken
from sim.log.label import label
from sim.log.log import Log
from sim.log.projection import known_until
from sim.report.citing import Work, source_works, unique
from sim.scenario.scope import run_span
from sim.seminar.lesson.plan import Plan


@dataclass(frozen=True)
class Read:
    """One address, with what it was read for."""

    url: str
    about: str
    """The events, with their dates, the earliest first."""


@dataclass(frozen=True)
class ReadingList:
    """What a lesson rests on."""

    works: tuple[Work, ...]
    """The documents, by author or publisher, then by date."""
    addresses: tuple[Read, ...]
    """The addresses of single events, in order of time, each once."""
    other: tuple[str, ...]
    """What the scenario names beside its log."""

    def markdown(self, title: str) -> str:
        """Write the list as Markdown, every text escaped."""
        lines = [f"# {_plain(title)}: reading list", ""]
        lines += [f"- {_plain(in_words(work))}{_address(work.url)}" for work in self.works]
        lines += [f"- {_plain(text)}" for text in self.other]
        if self.addresses:
            lines += ["", "## By event", ""]
            lines += [f"- {_plain(read.about)}{_address(read.url)}" for read in self.addresses]
        return "\n".join(lines) + "\n"


def reading_list(plan: Plan) -> ReadingList:
    """List the sources of a lesson's log up to its last day."""
    log = known_until(plan.log, run_span(plan.scenario)[0])
    used = {e.source.document for e in log.events if e.source is not None}
    works = [w for w in unique(source_works(log)) if w.key in used]
    seen = dict[tuple[str, str, str, str], Work]()
    for work in works:
        seen.setdefault((work.title, work.author, work.date, work.url), work)

    def place(work: Work) -> tuple[str, ...]:
        who = work.author or work.publisher or work.title
        return who.casefold(), work.date, work.title, work.key

    listed = tuple(sorted(seen.values(), key=place))
    return ReadingList(listed, tuple(_addresses(log)), plan.scenario.sources)


def _addresses(log: Log) -> list[Read]:
    about: dict[str, list[str]] = {}
    for event in sorted(log.events, key=lambda e: (parse(e.date).lo_s, e.id)):
        if event.source is not None:
            told = f"{spoken(event.date)}, {label(event)}"
            for url in event.source.urls:
                listed = about.setdefault(url, [])
                if told not in listed:
                    listed.append(told)
    return [Read(url, "; ".join(events)) for url, events in about.items()]


def in_words(work: Work) -> str:
    """Write a document as a list of references has it."""
    parts = [work.author, work.title, work.publisher]
    named = ". ".join(dict.fromkeys(p.rstrip(".") for p in parts if p))
    return f"{named} ({spoken(work.date)})." if work.date else f"{named}."


def _plain(text: str) -> str:
    """Escape what Markdown and HTML would read as marks."""
    flat = escape(" ".join(text.split()), quote=False)
    return "".join(f"\\{c}" if c in "\\`*_[]#|!" else c for c in flat)


def _address(url: str) -> str:
    """Write an address as text: readers of Markdown make a link of it by themselves."""
    return f" {_plain(url)}" if url else ""
