"""Foreign travels of the President and the Secretary of State (`HistoryAtState/travels`, XML)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sim.coding.found import OURS, Found, Rows, Shown, clean
from sim.coding.mentions import mentions
from sim.coding.nations import names
from sim.coding.stays import stays
from sim.ground.schema import MAX_TEXT

OUR_LEVEL = {"president": "leaders", "secretary": "ministers"}
"""Which channel who travels is a principal of."""
MET = re.compile(
    r"\b(?:[Mm]et|[Mm]eetings?|[Mm]eet|[Tt]alks|[Dd]iscuss(?:ed|ions?)|[Cc]onferred|[Aa]udience|"
    r"[Ss]ummit|[Cc]onsult(?:ed|ations?)|[Bb]ilaterals?|[Cc]onversations?|[Rr]eviewed|[Bb]riefed|"
    r"[Jj]oined|[Pp]resented|"
    r"[Nn]egotiat(?:ed|ions?)|[Ww]ith)\b"
)
"""Words of a contact; who is mentioned after one of them was met."""
DEED = re.compile(r"(?:also |then |and )*[a-z]+(?:ed|aid|ave|eld|ook)\b")
"""The first word of a clause that tells of something else."""
COUNTERPARTS = re.compile(r"\bcounterparts? (?:from|of)\b")
PEERS = {"leaders": "Presidents of", "ministers": "Foreign Ministers of"}
"""Who the counterparts are of whoever travels."""
_SENTENCES = re.compile(r"(?<=[\w)”’])(?<!\b[A-Z])(?<!U\.S)(?<!\bSt)(?<!\bDr)[.]\s+(?=[A-Z])")
NOT_OURS = re.compile(
    r"\b(?:[Aa]ccompanied|[Jj]oined|[Ss]upported)\b.*\b(?:President|Vice President)\b"
)
DOUBT = (
    "Taken from a table of stops by a program, which looks for titles in its remarks; the days are "
    "those of the stop, and not of the meeting."
)


def read_travels(files: Iterable[Path]) -> Rows:
    """Read stops: each principal of the traveller's level who was met by the remarks is a meeting.

    Raises:
        InputError: a file cannot be read.
    """
    rows = Rows()
    rows.shown = {level: Shown(("meeting_held",), OURS) for level in OUR_LEVEL.values()}
    for stop in stays(files, rows, "trips", "trip", "locale", "remarks"):
        remarks, country = stop.text("remarks", MAX_TEXT), stop.text("country")
        level, host = OUR_LEVEL.get(stop.text("role")), names().code(country)
        if level is None or not stop.date or host is None:
            what = "role" if level is None else "country" if stop.date else "date"
            rows.left_out.append(stop.left_out(f"the {what} is not known"))
            continue
        rows.shown[level].stretch(stop.date)
        met = who_was_met(remarks, level, names().on(host, stop.date))
        parties = dict.fromkeys(names().on(code, stop.date) for code in met.get(level, ()))
        parties.pop("USA", None)
        if not parties:
            rows.left_out.append(stop.left_out(_reason(met, remarks)))
        place = stop.text("locale", 200) or clean(country, 200)
        rows.found += (
            Found(stop.date, "meeting_held", ("USA", c), level, stop.row, stop.words, DOUBT, place)
            for c in parties
        )
    return rows


def who_was_met(remarks: str, level: str, host: str) -> dict[str, list[str]]:
    """Return by level the countries of those whom the remarks say were met; who is of no country by
    the text is the host's."""
    found: dict[str, list[str]] = {}
    for said in _clauses(COUNTERPARTS.sub(PEERS[level], remarks)):
        for mention in mentions(said):
            found.setdefault(mention.level, []).append(mention.country or host)
    return found


def _clauses(remarks: str) -> Iterator[str]:
    """Yield what follows the words of a contact in each sentence; a clause after a semicolon goes
    on with its list, unless it begins with another deed."""
    for sentence in _SENTENCES.split(remarks):
        goes_on = False
        for clause in re.split(r";\s+", sentence):
            verb = MET.search(clause)
            if verb is not None:
                goes_on = NOT_OURS.search(clause[: verb.start()]) is None
                clause = clause[verb.end() :]
            goes_on = goes_on and DEED.match(clause) is None
            if goes_on:
                yield clause


def _reason(met: dict[str, list[str]], remarks: str) -> str:
    if met:
        return f"met {' and '.join(sorted(met))} only: no channel joins them with who travelled"
    if not MET.search(remarks):
        return "the remarks name no meeting"
    return "the remarks name nobody who was met by a title"
