"""The rules of a disguise: nothing true is left in what students read, and nobody is two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from sim.ground.countries import countries
from sim.ground.dates import MAX_YEAR, MIN_YEAR, MONTHS, day, parse
from sim.ground.errors import Broken
from sim.ground.language import ENGLISH
from sim.log.events import Event
from sim.log.names import SUBJECTS
from sim.scenario.scenario import Forum, Scenario
from sim.scenario.scope import channels_of, coded_log
from sim.seminar.lesson.disguise_dates import SHORT, in_numbers
from sim.seminar.lesson.disguising import (
    PROSE,
    Disguising,
    disguising_of,
    labels_of,
    slug_of,
    worn_lesson,
)
from sim.seminar.lesson.schema import Lesson, NamedOutcome, OwnQuestion
from sim.seminar.play.rules import play_span
from sim.seminar.play.schema import RolePlay

AT = ("seminar", "disguise")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ALWAYS = frozenset({"I", *MONTHS, *SHORT, *DAYS})
"""Words with a capital letter that name nobody."""
LEAST, MOST_ENDING = 4, 2
"""Letters of a name, and of an ending, by which a word in small letters is known."""
_WORD = re.compile(r"[^\W_](?:[^\W_]|['’.](?=[^\W_]))*")
_START = re.compile(r"(?:^|[.!?:;]['”’\")]*\s+|\n|[“(\"])\s*$")


@dataclass(frozen=True)
class Read:
    """A text that students read in disguise."""

    where: str
    text: str
    is_name: bool = False
    """Whether all of it is a name, so that its first word counts as well."""

    @property
    def is_id(self) -> bool:
        """Whether it is an id, whose words have no capitals."""
        return re.fullmatch(r"[a-z0-9._-]+", self.text) is not None


def disguise_rules(scenario: Scenario, lesson: Lesson) -> Iterator[Broken]:
    """Yield (path, rule, value) for each rule that the disguise of a lesson breaks."""
    words = disguising_of(scenario, lesson)
    if words is None:
        return
    broken = [
        *_parties(scenario, words),
        *_names(scenario, words),
        *_dates(scenario, lesson, words),
    ]
    yield from broken
    listed = [*_read(scenario, lesson, words)]
    yield from _left(listed, words)
    yield from _small(listed, words)
    yield from _numbers(listed, words)
    if broken:
        return
    log = coded_log(scenario)
    try:
        worn_lesson(lesson, words)
        if log is not None:
            words.log(log)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(p) for p in first["loc"])
        rule = f"a name stands for a word that must stay: {where}: {first['msg']}"
        yield (*AT, "names"), rule, ...


def _parties(scenario: Scenario, words: Disguising) -> Iterator[Broken]:
    for code in sorted(_codes(scenario)):
        if code not in words.codes:
            yield (*AT, "parties"), f"{code} has no disguise, and students would read of it", ...
    seen: dict[str, str] = {}
    for code, worn in words.spec.parties.items():
        at = (*AT, "parties", code, "code")
        if worn.code in countries():
            yield at, f"is the code of {countries()[worn.code]}", worn.code
        elif worn.code in words.codes:
            yield at, "is the code of a party that is disguised", worn.code
        elif worn.code in seen:
            yield at, f"stands for {seen[worn.code]} too: nobody could tell them apart", worn.code
        seen.setdefault(worn.code, code)


def _codes(scenario: Scenario) -> set[str]:
    """Return the codes that pages may show: those of parties, channels and events."""
    found = {*scenario.parties}
    for channel in channels_of(scenario).values():
        found |= {*channel.parties}
    if scenario.history is not None:
        found |= {p for c in scenario.history.channels.values() for p in c.parties}
        for event in scenario.history.events:
            found |= {*_parties_of(event)}
    return found


def _parties_of(event: Event) -> Iterator[str]:
    yield from (p for p in (event.by, *event.via, *event.accounts, *event.decided_by) if p)
    yield from event.known_to or ()
    yield from (p for f in ("held_by", "national_of") if (p := getattr(event, f, None)))


def _names(scenario: Scenario, words: Disguising) -> Iterator[Broken]:
    true: dict[str, tuple[tuple[str, ...], str, str]] = {}
    for code, worn in words.spec.parties.items():
        for label in sorted(labels_of(scenario, code, words.spoken)):
            true[label] = (*AT, "parties", code, "name"), worn.name, code
    for name, worn_name in words.spec.names.items():
        true[name] = (*AT, "names", name), worn_name, ""
    taken: dict[str, str] = {}
    for name, (at, worn_name, code) in true.items():
        if words.plain(worn_name) != worn_name or worn_name in true:
            yield at, "must hold no true name", worn_name
        other = taken.setdefault(worn_name.casefold(), name)
        same = (code and code == true[other][2]) or name.casefold() == other.casefold()
        if other != name and not same and not (_holds(name, other) or _holds(other, name)):
            yield at, f"stands for “{other}” too: nobody could tell them apart", worn_name
    for name in words.spec.names:
        if name in words.codes:
            rule = "is the code of a party: it stands under `parties`"
            yield (*AT, "names", name), rule, name


def _holds(text: str, name: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", text) is not None


def _dates(scenario: Scenario, lesson: Lesson, words: Disguising) -> Iterator[Broken]:
    dates = [scenario.as_of, scenario.until, *(r.by for r in lesson.rounds)]
    log = scenario.history
    if log is not None:
        dates += [e.date for e in log.events]
        dates += [d for c in log.channels.values() for d in (c.since, c.complete_from) if d]
    ends = [(parse(d).lo_s + words.shift_s, parse(d).hi_s - 1 + words.shift_s) for d in dates]
    try:
        first, last = day(min(a for a, _ in ends)), day(max(b for _, b in ends))
        inside = first.year > MIN_YEAR and last.year < MAX_YEAR
    except OverflowError:
        inside = False
    if not inside:
        rule = f"moves dates out of the years {MIN_YEAR + 1} to {MAX_YEAR - 1}"
        yield (*AT, "shift_days"), rule, words.days


# ---------------------------------------------------------------------------------- what is left


def _read(scenario: Scenario, lesson: Lesson, words: Disguising) -> Iterator[Read]:
    """Give the texts that students read in disguise, as they truly are."""
    yield Read("the title", lesson.title or scenario.title)
    yield Read("the welcome", lesson.welcome or "")
    yield from (Read("a group", group) for group in lesson.groups)
    for role in lesson.roles.values():
        yield Read("a role", f"{role.title}. {role.brief or ''}")
    yield from (Read(f"retold, {id_}", text) for id_, text in lesson.retold.items())
    for n, round_ in enumerate(lesson.rounds, start=1):
        yield Read(f"round {n}", f"{round_.title}. {round_.brief or ''}")
        for ask in round_.questions:
            yield Read(f"a question of round {n}", ask.title or "")
            if isinstance(ask, OwnQuestion):
                yield from (Read(f"an answer of round {n}", answer) for answer in ask.answers)
            elif isinstance(ask, NamedOutcome) and ask.outcome in scenario.outcomes:
                title = scenario.outcomes[ask.outcome].title
                yield Read(f"the outcome {ask.outcome}", title or "")
    for setup in scenario.parties.values():
        if setup.doctrine in scenario.doctrines:
            yield Read(f"the doctrine {setup.doctrine}", scenario.doctrines[setup.doctrine].title)
    if lesson.play is not None:
        yield Read("the play", f"{lesson.play.title}. {lesson.play.brief or ''}")
        for id_, forum in _forums(scenario, lesson.play, words):
            yield Read(f"the forum {id_}", forum.title or "", is_name=True)
            yield Read(f"the forum {id_}", forum.place or "", is_name=True)
    log = coded_log(scenario)
    if log is None:
        return
    for id_, channel in log.channels.items():
        yield Read(f"the channel {id_}", channel.title or "")
        level = id_.partition("/")[2]
        if channel.title is None and not any(level in rank for rank in scenario.levels):
            yield Read(f"the channel {id_}", level, is_name=True)  # pages call it by its id
    for event in words.bare(log).events:
        yield from _read_of(event)
        if parse(event.date).lo_s < words.shown_s:
            named = {s for account in event.accounts.values() for s in account.agenda or ()}
            for subject in sorted(named - {*SUBJECTS}):  # the log's own, which pages call by its id
                yield Read(f"the event {event.id}", subject, is_name=True)


def _forums(scenario: Scenario, play: RolePlay, words: Disguising) -> Iterator[tuple[str, Forum]]:
    """Give the forums that a role play may speak of, where it may."""
    first, end = play_span(scenario, play)
    for id_, forum in scenario.forums.items():
        span = parse(forum.date)
        if words.spec.texts and first <= span.hi_s and span.lo_s < end:
            yield id_, forum


def _read_of(event: Event) -> Iterator[Read]:
    where = f"the event {event.id}"
    told = [*(getattr(event, field) for field in PROSE), getattr(event, "label", None)]
    told += [account.summary for account in event.accounts.values()]
    yield from (Read(where, text) for text in told if text)
    names = [getattr(event, field, None) for field in ("place", "treaty", "title")]
    names += getattr(event, "persons", ())
    yield from (Read(where, name, is_name=True) for name in names if name)


def _left(listed: Iterable[Read], words: Disguising) -> Iterator[Broken]:
    """Yield each name that has no disguise, once, with a place where it stands."""
    told = [(r, words.marked(r.text)) for r in listed if r.text]
    given = (*words.spec.keep, *words.names.values(), *words.codes.values())
    kept = {word for name in given for word, *_ in _capital(name)} | ALWAYS
    named = {w for r, text in told for w, _, begins in _capital(text) if r.is_name or not begins}
    lower, told_of = {w.lower() for w in named - kept}, {w.lower() for w in kept}
    told_of |= {w for name in words.spec.keep for w in re.findall(r"[a-z0-9]+", slug_of(name))}
    found: dict[str, None] = {}
    slugs: dict[str, str] = {}
    for r, text in told:
        if r.is_id:
            held = [w for w in words.left_in(r.text) if len(w) > 2 and not w.isdecimal()]
            slugs |= {w: r.where for w in held if w in lower or (r.is_name and w not in told_of)}
            continue
        left = [
            (word, at)
            for word, at, begins in _capital(text)
            if word not in kept and (r.is_name or not begins or word in named)
        ]
        for run in _runs(left, text):
            if not {*run} <= {*found}:
                found |= dict.fromkeys(run)
                yield (*AT, "names"), _no_disguise(" ".join(run), r.where), ...
    spoken = {word.lower() for word in found}
    for word, where in slugs.items():
        if word not in spoken:
            yield (*AT, "names"), _no_disguise(word, where), ...


def _small(listed: Iterable[Read], words: Disguising) -> Iterator[Broken]:
    """Yield each word in small letters that is a true name with another ending: only English
    writes all words made of names with a capital letter."""
    if words.spoken is ENGLISH:
        return
    names = {n.casefold() for n in words.names if len(n) >= LEAST and n.isalpha()}
    kept = {word for name in words.spec.keep for word in name.casefold().split()}
    kept |= {n.casefold() for n in words.names.values()}
    found: dict[str, None] = {}
    for r in (r for r in listed if not r.is_id):
        for word in re.findall(r"[^\W\d_]+", words.marked(r.text)):
            ends = (word[: len(word) - n].casefold() for n in range(MOST_ENDING + 1))
            if word.islower() and word not in kept | {*found} and not names.isdisjoint(ends):
                found[word] = None
                yield (*AT, "names"), _no_disguise(word, r.where), ...


def _numbers(listed: Iterable[Read], words: Disguising) -> Iterator[Broken]:
    """Yield each text with a date that is not moved, once."""
    for r in listed:
        if words.days and (date := in_numbers(words.marked(r.text))) is not None:
            rule = f"“{date}” ({r.where}) is not moved: write its month in letters, or 2021-02-28"
            yield (*AT, "shift_days"), rule, ...


def _no_disguise(word: str, where: str) -> str:
    return f"“{word}” ({where}) has no disguise: give it one under `names`, or put it in `keep`"


def _runs(left: Iterable[tuple[str, int]], text: str) -> Iterator[list[str]]:
    """Give words that stand side by side together: they are one name."""
    run: list[str] = []
    end = -1
    for word, at in left:
        if run and text[end:at] != " ":
            yield run
            run = []
        run, end = [*run, word], at + len(word)
    if run:
        yield run


def _capital(text: str) -> Iterator[tuple[str, int, bool]]:
    """Give the words that begin with a capital letter or are written in capitals, each with its
    place, and whether it only begins a sentence."""
    for found in _WORD.finditer(text):
        word = re.sub(r"['’]s$", "", found[0])
        if not word[0].isupper():
            continue
        shout = len(word) > 1 and word.upper() == word and any(c.isalpha() for c in word[1:])
        named = shout or any(c.isdigit() for c in word)
        begins = not named and _START.search(text[: found.start()]) is not None
        yield word, found.start(), begins
