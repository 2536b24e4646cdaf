"""Visits of foreign leaders to the United States (`HistoryAtState/visits`, XML)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from sim.coding.found import THEIRS, Found, Rows, Shown
from sim.coding.mentions import mentions
from sim.coding.nations import names
from sim.coding.stays import stays
from sim.ground.schema import MAX_TEXT

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
    rows = Rows()
    shown = rows.shown["leaders"] = Shown(("meeting_held",), THEIRS)
    for stay in stays(files, rows, "visits", "visit", "visitor", "description"):
        said = stay.text("description", MAX_TEXT)
        codes = [names().code("".join(e.itertext())) for e in stay.cells.findall("from")]
        if not stay.date or not codes or None in codes:
            what = "country" if stay.date else "date"
            rows.left_out.append(stay.left_out(f"the {what} is not known"))
            continue
        shown.stretch(stay.date)
        if not any(m.level == "leaders" for m in mentions(stay.text("visitor"))):
            reason = "the visitor is no head of state or government by the title"
            rows.left_out.append(stay.left_out(reason))
        elif not MET.search(said):
            what = "a forum or a ceremony" if said.startswith("Attend") else "a stay"
            rows.left_out.append(stay.left_out(f"{what}: no meeting with the President is named"))
        else:
            rows.found += (
                Found(stay.date, "meeting_held", ("USA", c), "leaders", stay.row, stay.words, DOUBT)
                for c in dict.fromkeys(names().on(str(c), stay.date) for c in codes)
            )
    return rows
