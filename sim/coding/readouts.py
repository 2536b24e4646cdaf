"""Readouts of the White House, by their titles and dates (`brian14708/wh-briefings`, Markdown)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sim.coding.found import BOTH, Found, LeftOut, Rows, Shown, clean, span
from sim.coding.mentions import Mention, known_by_name, mentions, surnames
from sim.coding.nations import names
from sim.ground.errors import InputError
from sim.ground.files import decode, read_bytes
from sim.ground.yaml import parse_yaml

MAX_READOUT_BYTES = 2_000_000
MAX_HEAD = 20_000
WITH = re.compile(
    r"\b(?P<what>[Cc]alls?|[Pp]hone [Cc]alls?|[Mm]eetings?|[Cc]onversations?|[Ee]ngagement|"
    r"[Aa]udience|[Tt]rilateral)\s+(?:[Ww]ith|[Bb]etween|of(?= President\b)|(?=President\b))\s*"
    r"(?P<whom>.+)$"
)
REMARKS = re.compile(
    r"^Remarks by (?P<who>President [^,]*?(?=, (?!Jr)| and ))(?:, | and )(?P<whom>.+?)\s+"
    r"(?:[Bb]efore|[Dd]uring|[Aa]fter|[Ii]n|[Aa]t|[Ff]ollowing)\s+(?:an? |the |their )?"
    r"(?P<what>(?:[\w’']+ )*(?:[Mm]eeting|[Pp]ress [Cc]onference|[Pp]ress [Ss]tatements?|"
    r"[Jj]oint [Ss]tatements?))\b"
)
"""What the President and somebody else say beside their meeting; `whom` is who stood there."""
ASIDE = (
    r"\b(?:[Bb]efore|[Dd]uring|[Aa]fter|[Ii]n) (?:an? |the |[Ee]xpanded )*(?:\w+ )?"
    r"[Mm]eeting with\b"
)
"""Words of remarks beside a meeting that the title names."""
TOGETHER = re.compile(
    rf"^(?:U\.S\.|United States|(?P<first>{names().pattern}))\s?[-–]\s?"
    rf"(?:U\.S\.|United States|(?P<other>{names().pattern}))\s+"
    r"(?:Presidential Joint|Leaders[’']? Joint|Joint Leaders[’']?)\s+Statement"
)
"""A statement that the leaders of two countries make together where they meet."""
TOLD = re.compile(
    r"\breadout\b|\bstatement\b.*\bon\b.*['’\w]\s+(?:\w+ )?(?:call|meeting)\s+with\b|"
    r"\bjoint (?:press )?statement (?:following|on|after)\b.*\b(?:call|meeting)\b|"
    r"\b(?:presidential|leaders[’']?) joint statement|\bjoint leaders[’']? statement|"
    r"\bremarks by president\b.*\b(?:meeting|press conference|statements?)\b",
    re.IGNORECASE,
)
"""What a title says of a page that tells of a contact."""
TO_COME = re.compile(
    r"\bwill (?:be )?(?:speak|talk|meet|hold|host|participate|welcome|have|call|join|convene)",
    re.IGNORECASE,
)
FIRST_WORDS = 400
"""Letters of a page's text in which an announcement says that it is one."""
PRESIDENT = re.compile(r"\bPresident(?! of)\b(?!['’]s? (?:Homeland|National|Special|Council))")
ADVISER = re.compile(
    r"National Security Advis[eo]r|Assistant to the President for National Security"
)
LESSER = re.compile(r"\bDeputy\b|to the Vice President|\bVice President\b")
BY_PHONE = re.compile(r"\b[Vv]irtual|\b[Vv]ideo|\bVTC\b|\b[Pp]hone|\b[Ss]ecure [Cc]all")
KEPT_FROM, KEPT_UNTIL = "2021-01-20", "2025-01-19"
"""The days on which readouts were published as a rule: those of one administration."""
ANNOUNCED = ("call_held", "meeting_held")
DOUBT = "Taken from the title of a readout by a program; the day is that of the page."
BY_NAME = " The title names no country: it is that of others of this name."
SEVERAL = " Several took part at once."


@dataclass(frozen=True)
class _Title:
    row: str
    title: str
    date: str
    url: str
    who: str
    what: str
    met: list[Mention]


def read_readouts(files: Iterable[Path]) -> Rows:
    """Read readouts: who spoke and with whom is what their titles say.

    Raises:
        InputError: a file cannot be read.
    """
    rows = Rows()
    rows.shown = {level: Shown(ANNOUNCED, BOTH) for level in ("leaders", "advisers")}
    titles = [title for path in files if (title := _read(path, rows)) is not None]
    by_name = surnames(m for t in titles for m in t.met)
    for t in titles:
        if KEPT_FROM <= t.date <= KEPT_UNTIL:
            for shown in rows.shown.values():
                shown.stretch(t.date)
        levels = _levels(t.who)
        met = [known_by_name(m, by_name) for m in t.met]
        own = [m for m in met if m.level in levels]
        codes = dict.fromkeys(names().on(m.country, t.date) for m in own if m.country)
        codes.pop("USA", None)
        if not levels:
            reason = "who spoke is neither the President nor the National Security Advisor"
        elif not t.what:
            reason = "neither a call nor a meeting with somebody"
        elif not met:
            reason = "nobody is named by a title of a foreign principal"
        elif not own:
            reason = "the other has no such office: no channel joins them"
        else:
            reason = "the country of the other is not named"
        if not t.what or not codes:
            rows.left_out.append(LeftOut(t.row, reason, t.title))
            continue
        by_phone = re.search(r"\b[Cc]alls?\b", t.what) or BY_PHONE.search(t.title)
        kind = "call_held" if by_phone else "meeting_held"
        doubt = DOUBT + (BY_NAME if any(m.country is None for m in t.met) else "")
        doubt += SEVERAL if len(codes) > 1 else ""
        rows.found += (
            Found(t.date, kind, ("USA", code), levels[0], t.row, t.title, doubt, url=t.url)
            for code in codes
        )
    return rows


def _levels(who: str) -> tuple[str, ...]:
    if ADVISER.search(who):
        return () if LESSER.search(who) else ("advisers",)
    before = who.partition(" and ")[0]
    spoke = PRESIDENT.search(before) and not LESSER.search(before)
    return ("leaders",) if spoke else ()


def _read(path: Path, rows: Rows) -> _Title | None:
    """Read the head of one page; None where it is no readout."""
    text = decode(read_bytes(path, MAX_READOUT_BYTES), path.as_posix())
    parts = re.split(r"^---\s*$", text[:MAX_HEAD], maxsplit=2, flags=re.MULTILINE)
    if len(parts) < 3 or parts[0].strip():
        return None
    if not TOLD.search(re.sub(r"\\\n\s*\\?|\\_|\s+", " ", parts[1])):
        return None
    try:
        head = parse_yaml(parts[1], path.as_posix()).data
    except InputError:
        rows.read += 1
        rows.left_out.append(LeftOut(path.name, "its head cannot be read", path.name))
        return None
    if not isinstance(head, dict):
        return None
    title = clean(re.sub(r"<[^>]*>|[\u2060\ufeff]", "", str(head.get("title", ""))), 500)
    if not TOLD.search(title):
        return None
    rows.read += 1
    date = span(str(head.get("date", "")), "")
    if not date:
        rows.left_out.append(LeftOut(path.name, "the date is not known", title))
        return None
    announced = TO_COME.search(" ".join(parts[2][:FIRST_WORDS].split()))
    if "Upcoming" in title or (announced and title.startswith("Statement")):
        reason = "announces a contact that is to come"
        rows.left_out.append(LeftOut(path.name, reason, title))
        return None
    url = clean(str(head.get("source_url", "")), 500)
    return _Title(path.name, title, date, url, *_told(title))


def _told(title: str) -> tuple[str, str, list[Mention]]:
    """Return who spoke by a title, what it was, and whom it mentions as the other."""
    if match := TOGETHER.search(title):
        others = [match[name] for name in ("first", "other") if match[name]]
        return "President", "meeting", mentions(f"President of {others[0]}") if others else []
    if match := REMARKS.search(title):
        return match["who"], match["what"], mentions(match["whom"])
    if title.startswith("Remarks") and not re.search(ASIDE, title):
        return title, "", []
    if (match := WITH.search(title)) is None:
        return title, "", []
    who = title[: match.start()]
    if re.search(r"\b(?:between|of)\s*$", title[: match.start("whom")], re.IGNORECASE):
        who = f"{who} {match['whom']}"
    return who, match["what"], mentions(match["whom"])
