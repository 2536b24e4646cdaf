"""A small lesson in disguise, with rounds and a role play, and what of it must not be seen."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from lessons import LESSON
from plays import play_lesson

DISGUISE: dict[str, Any] = {
    "shift_days": -14_602,  # 2,086 weeks
    "parties": {
        "FRA": {"code": "ARC", "name": "Arcadia"},
        "ITA": {"code": "BOR", "name": "Borduria"},
        "CHE": {"code": "SYL", "name": "Syldavia"},
    },
    "names": {
        "Paris": "Klow",
        "Rome": "Szohod",
        "French": "Arcadian",
        "Italians": "Bordurians",
        "Luc Dupont": "Piet Skut",
        "Dupont": "Skut",
        "Trieste": "Dbrnouk",
        "Geneva": "Wadesdah",
        "EU": "League",
        "Fishing Pact": "Herring Treaty",
    },
    "keep": ["Mediterranean"],
}
IDS = (
    "first-call",
    "the-cut",
    "second-call",
    "dupont-held",
    "pact-suspended",
    "eu-council",
    "late-call",
)
"""Ids of events, forums and sources, which tell something."""
TRUE = (
    "DEU",
    *("FRA", "ITA", "CHE", "fra-ita", "France", "Italy", "Switzerland", "French", "Italians"),
    *("Paris", "Rome", "Luc", "Dupont", "Trieste", "Geneva", "EU", "Pact", "Fishing Pact"),
    *("Le Matin", "matin.example", "Aubert", "north-of-paris", *IDS),
    *("2019", "2020", "2021", "2022", "March 2021", "10 January"),
)
"""What no student may see in any byte."""


def worn_lesson(**disguise: Any) -> dict[str, Any]:
    """Return the lesson, its `disguise` block updated."""
    data = play_lesson(spread=True, apart_days=3, questions=4)
    data["title"] = "France and Italy, 2021"
    data["doctrines"] = {"own": {"extends": "transactional", "made_for": ["DEU", "ITA"]}}
    data["parties"]["FRA"] = {"doctrine": "own"}
    data["question"] = "Do Paris and Rome talk?"
    history = data["history"] = deepcopy(LESSON["history"])
    history["channels"]["fra-ita/leaders"] = {
        "parties": ["FRA", "ITA"], "title": "The leaders of France and Italy",
        "complete_from": "2021-01-01",
    }  # fmt: skip
    history["title"] = "What Le Matin wrote in 2021"
    history["sources"] = {
        "matin-late": {
            "title": "Rome hangs up", "author": "Aubert", "publisher": "Le Matin",
            "date": "2021-12-01", "url": "https://matin.example/rome-hangs-up-2021",
        },
        "matin-early": {"title": "Paris and Rome speak", "date": "2021-01-10"},
    }  # fmt: skip
    first, cut, second = history["events"]
    first["source"] = {"document": "matin-early", "paragraph": 2}
    first["summary"] = "On 10 January 2021 the French minister rings Rome about fishing."
    first["via"] = ["CHE"]
    cut["source"] = {"document": "matin-late", "urls": ["https://matin.example/cut"]}
    cut["summary"] = "Rome ends all contact over a trawler near Trieste, since March 2021."
    second["source"] = {"document": "matin-late"}
    second["accounts"] = {"ITA": {"summary": "The Italians speak of Dupont, as in 2020."}}
    history["events"] += [
        {
            "id": "dupont-held", "date": "2021-02", "kind": "detained", "persons": ["luc-dupont"],
            "held_by": "ITA", "national_of": "FRA", "doubt": "The police of Trieste gave no day.",
        },
        {
            "id": "pact-suspended", "date": "2021-04-02", "kind": "treaty_suspended", "by": "ITA",
            "treaty": "Fishing Pact of 2019", "summary": "Italy leaves, says the EU in Geneva.",
        },
        {
            "id": "corridor", "date": "2021-05-20", "kind": "copresence", "forum": "eu-council",
            "channel": "fra-ita/ministers", "place": "Geneva",
        },
        {
            "id": "late-call", "date": "2021-12-20", "kind": "call_held", "place": "Marseille",
            "channel": "fra-ita/ministers", "summary": "Nobody sees Brussels in disguise.",
        },
    ]  # fmt: skip
    data["forums"] = {
        "eu-council": {"date": "2021-05-20", "title": "EU council in Geneva", "place": "Geneva"},
        "eu-next": {"date": "2021-10-08", "title": "EU council of 2021", "place": "Geneva"},
    }
    data["outcomes"] = {"cut": {**data["outcomes"]["cut"], "title": "Paris or Rome cuts contact"}}
    seminar = data["seminar"]
    seminar["title"] = "Two capitals, 2021"
    seminar["welcome"] = "Paris and Rome share the Mediterranean."
    seminar["groups"] = ["north of Paris", "south of Rome"]
    seminar["roles"] = {
        "north-of-paris": {"title": "the desk in Paris", "viewpoint": "FRA", "brief": "See Rome."},
        "press": {"title": "the press"},
    }
    seminar["retold"] = {"first-call": "On 10 January 2021 the minister in Paris rings Rome."}
    seminar["minutes"] = {"vote": None, "discuss": None, "again": None, "read": None}
    rounds = deepcopy(LESSON["seminar"]["rounds"])
    rounds[0]["brief"] = "It is 15 February 2021. France waits."
    rounds[0]["title"] = "Winter in Paris"
    rounds[0]["notes"] = "Say nothing of Trieste."
    seminar["after"] = "Read Aubert on France."
    rounds[0]["questions"][0]["channel"] = "fra-ita/leaders"
    rounds[1]["questions"][0]["channel"] = "fra-ita/ministers"
    rounds[1]["questions"].append(
        {
            "ask": "own", "title": "Who signs first in 2021", "answers": ["Paris", "Rome"],
            "right": "Rome", "source": "The register of Aubert, 2021.",
        }
    )  # fmt: skip
    seminar["rounds"] = rounds
    seminar["play"] |= {
        "title": "Paris against Rome",
        "brief": "It is July 2021. Italy holds Luc Dupont.",
        "notes": "In Trieste they wait.",
        "from": "2021-07-01",
        "until": "2021-11-30",
    }
    seminar["disguise"] = {**deepcopy(DISGUISE), **disguise}
    return data


def seen(text: str, words: tuple[str, ...] = TRUE) -> list[str]:
    """Return which of some words a text holds as words of their own, whatever their case."""
    low = text.lower()
    words = tuple(w for w in words if w.lower() in low)  # most texts hold none, and it is quick
    if not words:
        return []
    listed = "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))
    found = re.findall(rf"(?<![A-Za-z0-9])(?:{listed})(?![A-Za-z0-9])", text, re.IGNORECASE)
    return sorted({*found})
