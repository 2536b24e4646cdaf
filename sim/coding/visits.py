"""Visits of foreign leaders to the United States (`HistoryAtState/visits`, XML)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from sim.coding.found import Found, LeftOut, Rows, clean
from sim.coding.mentions import mentions
from sim.coding.nations import names
from sim.coding.travels import span
from sim.coding.xmlfile import text_of, xml_rows

MET = re.compile(
    r"\b[Mm]et with (?:the )?President|\b(?:[Ww]orking|[Oo]fficial|[Ss]tate|[Ii]nformal) [Vv]isit|"
    r"\b[Oo]fficial [Gg]uest|\b[Gg]uest of (?:the )?President|\b[Bb]ilateral|"
    r"\b(?:[Mm]eetings?|[Tt]alks|[Dd]iscussions|[Cc]onferred|[Ll]unch|[Dd]inner) with "
    r"(?:the )?President|"
    r"\b[Ss]ummit [Mm]eeting with President|^[Mm]eeting\b"
)
"""Words by which the President received a visitor."""
DOUBT = (
    "Taken from a table of visits by a program; the table names the form of the visit and its "
    "days, and not the meeting itself."
)


def read_visits(files: Iterable[Path]) -> Rows:
    """Read visits: a head of state or government whom the President received is a meeting.

    Raises:
        InputError: a file cannot be read.
    """
    rows = Rows(titles=names().titles)
    for path in files:
        for number, visit in xml_rows(path, "visits", "visit"):
            rows.read += 1
            row = f"{path.name}#{clean(text_of(visit, 'id'), 40) or number}"
            visitor, said = text_of(visit, "visitor"), clean(text_of(visit, "description"))
            words = clean(f"{visitor}: {said}")
            date = span(text_of(visit, "start-date"), text_of(visit, "end-date"))
            codes = [names().code("".join(e.itertext())) for e in visit.findall("from")]
            if not date or not codes or None in codes:
                what = "country" if date else "date"
                rows.left_out.append(LeftOut(row, f"the {what} is not known", words))
            elif not any(m.level == "leaders" for m in mentions(visitor)):
                reason = "the visitor is no head of state or government by the title"
                rows.left_out.append(LeftOut(row, reason, words))
            elif not MET.search(said):
                what = "a forum or a ceremony" if said.startswith("Attend") else "a stay"
                reason = f"{what}: no meeting with the President is named"
                rows.left_out.append(LeftOut(row, reason, words))
            else:
                for code in dict.fromkeys(names().on(str(c), date) for c in codes):
                    parties = ("USA", code)
                    found = Found(date, "meeting_held", parties, "leaders", row, words, DOUBT)
                    rows.found.append(found)
    return rows
