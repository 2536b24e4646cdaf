"""Disguising: what is shown of a lesson has other names, other ids and other dates.

A log is disguised as a whole, before any page is made of it: pages then show it as any other. Only
`Disguising` knows both worlds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from sim.ground.countries import countries
from sim.ground.dates import DAY_S, day, parse
from sim.ground.declared import declaring
from sim.ground.language import N_, Language, _, speaking
from sim.ground.schema import CHANNEL_ID, SLUG
from sim.log.events import Event
from sim.log.log import Log
from sim.log.order import SIMULATED
from sim.scenario.scenario import Scenario
from sim.scenario.scope import party_name
from sim.seminar.lesson.disguise import Disguise
from sim.seminar.lesson.disguise_dates import Dates, moved
from sim.seminar.lesson.schema import Lesson
from sim.seminar.locale.catalogues import language_of
from sim.seminar.play.rules import play_span

SOURCE = N_("a source that is named at the end of the lesson")
"""What stands for every source."""
LATER = N_("named at the end of the lesson")
"""What stands for the source of the answer to a question of the lesson's own."""
TITLE = "A log in disguise"
FORUM = N_("a forum")
"""What stands for every forum, where the log's texts are not shown."""
INSTEAD = {"treaty": N_("the treaty"), "title": N_("an agreement")}
"""What stands for names that an event must have, where the log's texts are not shown."""
PROSE = ("summary", "doubt", "short", "who")
"""The log's own texts of an event."""
_YEAR = re.compile(r"(?:1[89]|2[01])\d\d")


class Disguising:
    """What stands for what in the disguise of one scenario."""

    def __init__(
        self,
        spec: Disguise,
        scenario: Scenario,
        spoken: Language,
        shown_s: int,
        retold: Iterable[str],
    ) -> None:
        """`spoken` is the language of the lesson, `shown_s` the first second that nobody sees in
        disguise, and `retold` are the events that the lesson tells otherwise: their own texts are
        shown after the end only."""
        self.spec, self.shown_s, self.retold = spec, shown_s, {*retold}
        self.spoken = spoken
        with speaking(spoken):
            self.source, self.later, self.forum_name = _(SOURCE), _(LATER), _(FORUM)
            self.instead = {field: _(words) for field, words in INSTEAD.items()}
            self.dates = Dates(spec.shift_days, parse(scenario.as_of).lo_s)
        self.days = spec.shift_days
        self.shift_s = spec.shift_days * DAY_S
        history = scenario.history
        events = () if history is None else history.events
        ids = sorted(e.id for e in events if not e.id.startswith(SIMULATED))
        width = len(str(len(ids)))
        self.ids = {id_: f"event-{n:0{width}d}" for n, id_ in enumerate(ids, start=1)}
        """The ids of coded events, in the same order, which decides between events of one day."""
        held = {p for e in events for p in getattr(e, "persons", ())} | {*scenario.detainees}
        self.people = {id_: f"person-{n}" for n, id_ in enumerate(sorted(held), start=1)}
        """What people are called where the log's texts are not shown."""
        self.forums = {id_: f"forum-{n}" for n, id_ in enumerate(sorted(scenario.forums), start=1)}
        self.channels = () if history is None else tuple(history.channels)
        self.codes = {code: worn.code for code, worn in spec.parties.items()}
        labels = {
            label: worn.name
            for code, worn in spec.parties.items()
            for label in labels_of(scenario, code, spoken)
        }
        self.names = _with_capitals({**labels, **spec.names})
        """What stands for each name, by the true one."""
        self._known = self.names | self.codes

    # ------------------------------------------------------------------------------ words

    @cached_property
    def _found(self) -> re.Pattern[str]:
        return _any_of(self._known, r"(?<![^\W_])", r"(?![^\W_])")

    @cached_property
    def _in_ids(self) -> tuple[re.Pattern[str], dict[str, str]]:
        slugs = {slug_of(k): slug_of(v) for k, v in self.names.items()}
        slugs |= {k.lower(): v.lower() for k, v in self.codes.items()}
        slugs.pop("", None)
        return _any_of(slugs, "(?<![a-z0-9])", "(?![a-z0-9])"), slugs

    def text(self, text: str) -> str:
        """Disguise what people read: names, codes and dates."""
        parts, end = list[str](), 0
        for found in self._found.finditer(text):  # a name may hold a year, which is not moved
            parts += [self.dates.moved(text[end : found.start()]), self._known[found[0]]]
            end = found.end()
        return "".join([*parts, self.dates.moved(text[end:])])

    def plain(self, text: str) -> str:
        """Disguise the names in a text, and leave its dates."""
        return self._found.sub(lambda found: self._known[found[0]], text)

    def marked(self, text: str) -> str:
        """Return a text without the names that have a disguise."""
        return self._found.sub("_", text)

    def true_words(self) -> list[str]:
        """List the true names, the codes, and the ids of channels, as no page may show them."""
        return [w for w in (*self.names, *self.codes, *self.channels) if len(w) > 2]

    def slug(self, slug: str) -> str:
        """Disguise an id, word by word."""
        pattern, slugs = self._in_ids
        named = pattern.sub(lambda found: slugs[found[0]], slug)
        parts = re.split(r"([-._/])", named)
        return "".join(self.text(p) if _YEAR.fullmatch(p) else p for p in parts)

    def left_in(self, slug: str) -> list[str]:
        """List the words of an id that have no disguise."""
        if slug in self.people.values():
            return []
        return [w for w in re.split(r"[-._]", self._in_ids[0].sub("-", slug)) if w]

    def date(self, date: str) -> str:
        """Move a date of the log."""
        return moved(date, self.days)

    def code(self, code: str) -> str:
        """Disguise a party; `observer` stays."""
        return self.codes.get(code, code)

    def true_code(self, code: str) -> str:
        """Return the party that has a code in disguise."""
        return next((true for true, worn in self.codes.items() if worn == code), code)

    def data(self, data: Any) -> Any:
        """Disguise plain data: every text, id and date in it, keys as well."""
        match data:
            case dict():
                return {self._word(key): self.data(value) for key, value in data.items()}
            case list() | tuple():
                return [self.data(value) for value in data]
            case str():
                return self._word(data)
        return data

    def _word(self, word: str) -> str:
        if word in self.codes:
            return self.codes[word]
        if _date(word):
            return self.date(word)
        is_id = re.fullmatch(CHANNEL_ID, word) or re.fullmatch(SLUG, word)
        return self.slug(word) if is_id else self.text(word)

    # ------------------------------------------------------------------------------ logs

    def bare(self, log: Log) -> Log:
        """Return a log without the texts that nobody reads in disguise: those of events that begin
        after it, those that the lesson tells otherwise, and where the disguise shows no texts,
        those of all."""
        return log.model_copy(update={"events": tuple(map(self._bare, log.events))})

    def _bare(self, event: Event) -> Event:
        hidden = not self.spec.texts or parse(event.date).lo_s >= self.shown_s
        gone: dict[str, Any] = {}
        if hidden or event.id in self.retold:
            gone |= dict.fromkeys(PROSE)
            gone["accounts"] = {
                party: account.model_copy(update={"summary": None})
                for party, account in event.accounts.items()
            }
        if hidden:
            gone["place"] = None
            gone |= {k: v for k, v in self.instead.items() if hasattr(event, k)}
            persons = getattr(event, "persons", ())
            gone |= {"persons": tuple(self.people.get(p, p) for p in persons)} if persons else {}
        return event.model_copy(update=gone)

    def log(self, log: Log) -> Log:
        """Disguise a log: its texts, its ids and its dates. Sources are hidden."""
        data = self.bare(log).plain()
        sources = sorted(data.pop("sources", {}))
        named = {id_: f"source-{n}" for n, id_ in enumerate(sources, start=1)}
        events = [self._event(e, named) for e in data.pop("events", [])]
        data.pop("description", None)
        worn = self.data(data)
        titles = {p.code: {"title": p.name} for p in self.spec.parties.values()}
        worn["parties"] = worn.get("parties", {}) | titles
        worn["sources"] = {id_: {"title": self.source} for id_ in named.values()}
        for id_, channel in log.channels.items():
            told = worn["channels"][self.slug(id_)]
            for field in ("since", "complete_from"):  # only their first day counts
                if (date := getattr(channel, field)) is not None:
                    told[field] = self.first_day(date)
        return Log.model_validate({**worn, "title": TITLE, "events": events})

    def _event(self, event: dict[str, Any], sources: Mapping[str, str]) -> dict[str, Any]:
        told = {
            "id": self.id(event.pop("id")),
            "kind": event.pop("kind"),
            "causes": [self.id(c) for c in event.pop("causes", ())],
        }
        event.pop("coder", None)
        if "forum" in event:
            told["forum"] = self.forum(event.pop("forum"))
        if (source := event.pop("source", None)) is not None:
            kept = {k: v for k, v in source.items() if k != "urls"}
            told["source"] = kept | {"document": sources[source["document"]]}
        return {**self.data(event), **told}

    def id(self, id_: str) -> str:
        """Disguise the id of an event."""
        return self.ids.get(id_, id_)

    def forum(self, id_: str) -> str:
        """Disguise the id of a forum."""
        return self.forums.get(id_) or self.slug(id_)

    def second(self, at_s: int) -> int:
        """Move an instant."""
        return at_s + self.shift_s

    def first_day(self, date: str) -> str:
        """Move a date of which only the first day counts."""
        return str(day(parse(date).lo_s + self.shift_s))

    def last_day(self, date: str) -> str:
        """Move a date of which only the last day counts."""
        return str(day(parse(date).hi_s - 1 + self.shift_s))


def disguising_of(scenario: Scenario, lesson: Lesson) -> Disguising | None:
    """Return what stands for what in the disguise of a lesson; None where it has none."""
    if lesson.disguise is None:
        return None
    ends = [parse(r.cut).hi_s for r in lesson.rounds]
    if lesson.play is not None:
        ends.append(play_span(scenario, lesson.play)[1])
    spoken = language_of(lesson.language)
    return Disguising(lesson.disguise, scenario, spoken, max(ends), lesson.retold)


def worn_lesson(lesson: Lesson, words: Disguising) -> Lesson:
    """Put the texts of a lesson in disguise."""
    gone = {"disguise": None, "what_if": None, "after": None, "days": None}
    data = lesson.without_notes().model_copy(update=gone).plain()
    for round_ in data.get("rounds", ()):
        for question in round_["questions"]:
            if "source" in question:
                question["source"] = words.later
    retold = {words.id(id_): words.text(text) for id_, text in lesson.retold.items()}
    with declaring([*words.codes.values()], ()):
        worn = Lesson.model_validate({**words.data(data), "retold": retold})
    return worn.model_copy(update={"days": lesson.days, "grading": lesson.grading})


def labels_of(scenario: Scenario, code: str, spoken: Language) -> set[str]:
    """Return all that texts may call a party by."""
    known = {countries().get(code, ""), spoken.countries.get(code, "")}
    return {party_name(scenario, code), *known} - {"", code}


def slug_of(name: str) -> str:
    """Write a name as an id does: Zürich is zurich."""
    letters = (c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", "".join(letters).lower()).strip("-")


def _with_capitals(names: Mapping[str, str]) -> dict[str, str]:
    """Add names that begin with a small letter as they stand at the start of a sentence."""
    starts = {k[0].upper() + k[1:]: v[0].upper() + v[1:] for k, v in names.items()}
    return {**starts, **names}


def _any_of(words: Iterable[str], before: str, after: str) -> re.Pattern[str]:
    listed = sorted(words, key=lambda w: (-len(w), w))
    return re.compile(f"{before}(?:{'|'.join(map(re.escape, listed))}){after}")


def _date(word: str) -> bool:
    if not word[:4].isdecimal():
        return False
    try:
        parse(word)
    except ValueError:
        return False
    return True
