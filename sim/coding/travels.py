"""Foreign travels of the President and the Secretary of State (`HistoryAtState/travels`, XML)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from sim.coding.found import Found, LeftOut, Rows, clean
from sim.coding.mentions import mentions
from sim.coding.nations import names
from sim.coding.xmlfile import text_of, xml_rows
from sim.ground.dates import parse

OUR_LEVEL = {"president": "leaders", "secretary": "ministers"}
"""Which channel who travels is a principal of."""
MET = re.compile(
    r"\b(?:[Mm]et|[Mm]eetings?|[Mm]eet|[Tt]alks|[Dd]iscuss(?:ed|ions?)|[Cc]onferred|[Aa]udience|"
    r"[Ss]ummit|[Cc]onsult(?:ed|ations?)|[Bb]ilaterals?|[Cc]onversations?)\b"
)
"""Words of a contact; who is mentioned after one of them was met."""
_SENTENCES = re.compile(r"(?<=[\w)”’])(?<!\b[A-Z])(?<!U\.S)(?<!\bSt)(?<!\bDr)[.;]\s+(?=[A-Z])|;\s+")
NOT_OURS = re.compile(
    r"\b(?:[Aa]ccompanied|[Jj]oined|[Ss]upported)\b.*\b(?:President|Vice President)\b"
)
DOUBT = (
    "Taken from a table of stops by a program, which looks for titles in its remarks; the days are "
    "those of the stop, and not of the meeting."
)


def span(first: str, last: str) -> str:
    """Return the days from a first to a last as EDTF; empty where they are none.

    A table may hold anything there.
    """
    text = first if first == last or not last else f"{first}/{last}"
    try:
        parse(text)
    except ValueError:
        return ""
    return text


def read_travels(files: Iterable[Path]) -> Rows:
    """Read stops: each principal of the traveller's level who was met by the remarks is a meeting.

    Raises:
        InputError: a file cannot be read.
    """
    rows = Rows(titles=names().titles)
    for path in files:
        for number, trip in xml_rows(path, "trips", "trip"):
            rows.read += 1
            row = f"{path.name}#{clean(text_of(trip, 'id'), 40) or number}"
            remarks, country = clean(text_of(trip, "remarks")), text_of(trip, "country")
            date = span(text_of(trip, "start-date"), text_of(trip, "end-date"))
            place = clean(text_of(trip, "locale") or country, 200)
            level, host = OUR_LEVEL.get(text_of(trip, "role")), names().code(country)
            words = clean(f"{place}: {remarks}")
            if level is None or not date or host is None:
                what = "role" if level is None else "country" if date else "date"
                rows.left_out.append(LeftOut(row, f"the {what} is not known", words))
                continue
            met = who_was_met(remarks, level, names().on(host, date))
            parties = dict.fromkeys(names().on(code, date) for code in met.get(level, ()))
            parties.pop("USA", None)
            if not parties:
                rows.left_out.append(LeftOut(row, _reason(met, remarks), words))
            for code in parties:
                found = Found(date, "meeting_held", ("USA", code), level, row, words, DOUBT, place)
                rows.found.append(found)
    return rows


def who_was_met(remarks: str, level: str, host: str) -> dict[str, list[str]]:
    """Return by level the countries of those whom the remarks say were met; who is of no country by
    the text is the host's."""
    found: dict[str, list[str]] = {}
    for sentence in _SENTENCES.split(remarks):
        verb = MET.search(sentence)
        if verb is None or NOT_OURS.search(sentence[: verb.start()]):
            continue
        for mention in mentions(sentence[verb.end() :]):
            found.setdefault(mention.level, []).append(mention.country or host)
    return found


def _reason(met: dict[str, list[str]], remarks: str) -> str:
    if met:
        return f"met {' and '.join(sorted(met))} only: no channel joins them with who travelled"
    if not MET.search(remarks):
        return "the remarks name no meeting"
    return "the remarks name nobody who was met by a title"
