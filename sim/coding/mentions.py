"""Who is mentioned in a text: titles of leaders, ministers and advisers, each with a country."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sim.coding.nations import names
from sim.ground.yaml import load_yaml

TITLES = Path(__file__).parent / "words" / "titles.yaml"
LEVELS: Mapping[str, tuple[str, ...]] = {
    level: tuple(titles) for level, titles in load_yaml(TITLES).data.items()
}
"""The titles of each level's principals."""
LESSER = r"(?:[Vv]ice|[Dd]eputy|[Ff]ormer|[Aa]ssistant|[Uu]nder|[Aa]lternate|late|[Ff]irst)"
"""What makes another person of a title: a deputy, or one who has it no longer."""
OURS = (
    *("Wilson", "Harding", "Coolidge", "Hoover", "Roosevelt", "Truman", "Eisenhower", "Kennedy"),
    *("Johnson", "Nixon", "Ford", "Carter", "Reagan", "Bush", "Clinton", "Obama", "Trump", "Biden"),
)
"""Presidents of the United States since 1913, who are none of another country."""
BODIES = (
    r"(?:European|Commission|Council|Parliament|Assembly|NATO|UN|United Nations|World Bank|Senate)"
)
"""What a president or a secretary may be of that is no country."""
BALTIC = "Estonia, Latvia, and Lithuania"
FORMS = (
    "(?:Hashemite Kingdom|Kingdom|Republic|State|Commonwealth|Government|Sultanate|"
    "Communist Party) of (?:the )?"
)
"""What may stand before a country's name."""
_PARTICLE = r"(?:al|el)-\w+|(?:bin|al|da|de|del|dos|di|van|von|der|el|la|ibn|y|e)\b"
_NAME = rf"(?:[ ](?:{_PARTICLE}|[^\W\d_a-z][\w.’'\-]*))"


@dataclass(frozen=True)
class Mention:
    """Somebody of a level."""

    level: str
    title: str
    name: str
    country: str | None
    """The code; None where the text does not say."""
    start: int


@cache
def _pattern() -> re.Pattern[str]:
    titles = sorted((t for level in LEVELS.values() for t in level), key=len, reverse=True)
    title = "|".join(re.escape(t) for t in titles)
    nation = names().pattern
    return re.compile(
        rf"(?:(?<!\w)(?P<before>{nation})(?:['’]s?)?[ ](?:(?:Acting|Interim|Transitional)[ ])?)?"
        rf"(?<!\w)(?P<title>{title})(?P<several>s?)(?P<after>['’-]\w*)?(?!\w)"
        rf"(?P<name>{_NAME}{{0,7}})"
        rf"(?:,?[ ](?:of|from)[ ](?:the[ ]|The[ ])?(?:(?P<of>{nation})|{FORMS}(?P<form>{nation}))"
        rf"(?!\w)|[ ]\((?P<in>{nation})\))?"
    )


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return ways of writing that are read as another: whose adviser somebody is, whose council a
    secretary serves, and leaders of several countries."""
    nation = names().pattern
    whom = "(?:President|Prime Minister|Chancellor|King|Emir|Amir|Sultan)"
    advisers = "|".join(re.escape(t) for t in LEVELS["advisers"] if re.search("Advis[eo]r$", t))
    longest = rf"(?P<title>{advisers}|(?:National )?Security Advis[eo]r)"
    council = r"(?:National )?Security Council"
    forms = (
        (
            rf"{longest} to (?:the )?{whom} of (?:the )?(?:{FORMS})?(?P<of>{nation})(?!\w)",
            r"\g<title> of \g<of>",
        ),
        (rf"{longest} to (?:the )?(?P<of>{nation}) {whom}(?!\w)", r"\g<title> of \g<of>"),
        (rf"{longest} to (?:the )?{whom}(?!\w)", r"\g<title>"),
        (
            rf"Secretary(?: General)?,? (?P<name>(?:[A-Z][\w.’'-]+ ){{0,3}})of the "
            rf"(?P<of>{nation}) {council}",
            r"National Security Secretary \g<name>of \g<of>",
        ),
        (rf"(?P<of>{nation}) {council} Secretary", r"\g<of> National Security Secretary"),
        (r"\b[Ff]oreign [Mm]inisters(?= (?:of|from)\b)", "Foreign Ministers"),
        (r"\bof the Baltic (?:States|states|[Rr]epublics)\b", "of " + BALTIC),
        (rf"(?<!\w)(?P<of>{nation}) [Ll]eader (?=[A-Z])", r"\g<of> Chairman "),
        (r"\bpresidents of\b", "Presidents of"),
        (r"\bprime ministers of\b", "Prime Ministers of"),
        (rf"\b[Ll]eaders of (?=(?:the )?{nation}(?!\w))", "Presidents of "),
    )
    return tuple((re.compile(form), read_as) for form, read_as in forms)


def mentions(text: str) -> list[Mention]:
    """Find everybody whom a text mentions by a title, in order, but for deputies, predecessors,
    presidents of the United States and officers of international bodies."""
    found: list[Mention] = []
    for form, read_as in _forms():
        text = form.sub(read_as, text)
    for match in _pattern().finditer(text):
        title, name = match["title"], match["name"].strip()
        level = next(level for level, titles in LEVELS.items() if title in titles)
        before = text[: match.start("title")]
        behind = text[match.end() :]
        if re.search(rf"\b{LESSER}[ -]$", before) or re.search(
            rf"{BODIES}[ ](?:(?!and\b)\w+[ ])?$", before
        ):
            continue
        if match["after"] or re.match(rf"[ ](?:of|for)[ ](?:the[ ])?{BODIES}\b", behind):
            continue
        if (
            title == "President"
            and name.split(" ")[-1:]
            and _last(name) in OURS
            and not (match["of"] or match["form"] or match["before"])
        ):
            continue
        if match["several"]:
            found += _listed(level, title, match, behind)
            continue
        country = match["of"] or match["form"] or match["in"] or match["before"]
        if country is None and title != "Pope":
            first = re.match(rf"{names().pattern}(?!\w)", text)
            country = first[0] if first else None
        code = names().codes[country or "Vatican"] if country or title == "Pope" else None
        found.append(Mention(level, title, name, code, match.start("title")))
    return _shared(found, text)


def _last(name: str) -> str:
    return re.sub(r"['’]s?$", "", name.replace(", Jr.", "").replace(" Jr.", "")).split(" ")[-1]


def _listed(level: str, title: str, match: re.Match[str], behind: str) -> Iterator[Mention]:
    """Read `Foreign Ministers of France, Germany and Italy` and `French, German and Italian Foreign
    Ministers`; of others, nobody can say whose."""
    nation = names().pattern
    said = match["of"]
    if not said:
        chain = rf"((?:{nation},? (?:and )?)*){nation}[ ]$"
        ahead = re.search(rf"(?<!\w)(?:{chain})", match.string[: match.start("title")])
        for word in re.findall(nation, ahead[0]) if ahead else ():
            yield Mention(level, title, "", names().codes[word], match.start("title"))
        return
    yield Mention(level, title, "", names().codes[said], match.start("title"))
    step = re.compile(rf"(?:,? and|,)[ ](?:the[ ])?({nation})(?!\w)")
    at = 0
    while more := step.match(behind, at):
        yield Mention(level, title, "", names().codes[more[1]], match.start("title"))
        at = more.end()


def _shared(found: list[Mention], text: str) -> list[Mention]:
    """Give `President X and Prime Minister Y of Z` one country."""
    made = list(found)
    for n in range(len(made) - 2, -1, -1):
        here, after = made[n], made[n + 1]
        if here.country is None and after.country is not None:
            between = text[here.start : after.start]
            if re.search(r"(?:,? and|[,;])[ ]$", between):
                made[n] = replace(here, country=after.country)
    return made


def surnames(mentioned: Iterable[Mention]) -> dict[str, str]:
    """Return by title and last name the country of those who have one, where it is always one."""
    seen: dict[str, set[str]] = {}
    for mention in mentioned:
        if mention.country is not None and mention.name:
            seen.setdefault(_last(mention.name), set()).add(mention.country)
    return {name: next(iter(codes)) for name, codes in seen.items() if len(codes) == 1}


def known_by_name(mention: Mention, by_name: Mapping[str, str]) -> Mention:
    """Give somebody the country that others of the name have, where the text says none."""
    if mention.country is not None or not mention.name:
        return mention
    return replace(mention, country=by_name.get(_last(mention.name)))
