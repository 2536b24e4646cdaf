"""The file of a played world: what it holds, its seal, and what may be wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from sim.ground.dates import instant
from sim.ground.draws import MAX_REPLICATIONS, MAX_SEED
from sim.ground.errors import InputError, Problem, shown
from sim.ground.files import canonical_json
from sim.ground.version import program_version
from sim.model.players import Question
from sim.study.routine import routine_from

SCHEMA_VERSION = 1
PLACE = ("at", "party", "channel", "decision")
"""The keys by which a saved answer names its question."""


def opened(text: str, name: str) -> dict[str, Any]:
    """Read a saved game and check that it is whole and of this version.

    Raises:
        InputError: it is not.
    """
    try:
        body = json.loads(text)
        seal = body.pop("seal")
        whole = seal == seal_of(body)
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        raise InputError([Problem(name, 0, "", "is not a saved game")]) from None
    if not whole:
        raise InputError([Problem(name, 0, "seal", "the file was edited, or cut short")])
    if body.get("schema") != SCHEMA_VERSION or body.get("program") != program_version():
        rule = f"was saved by version {shown(body.get('program'))}; this is {program_version()}"
        raise InputError([Problem(name, 0, "program", rule)])
    body.setdefault("routine", {})
    problems = [Problem(name, 0, *broken) for broken in _broken(body)]
    if problems:
        raise InputError(problems)
    return dict(body)


def _broken(body: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the keys of a saved game that hold what they cannot: key, rule, what is there."""
    for key in ("scenario", "scenario_sha256"):
        if not isinstance(body.get(key), str):
            yield key, "must be text", shown(body.get(key))
    parties = body.get("parties")
    if not isinstance(parties, list) or not parties:
        yield "parties", "must be a list of at least one party", shown(parties)
    elif not all(isinstance(party, str) for party in parties):
        yield "parties", "must be a list of names", shown(parties)
    for key, most in (("seed", MAX_SEED), ("replication", MAX_REPLICATIONS)):
        if type(body.get(key)) is not int or not 0 <= body[key] <= most:
            yield key, f"must be a whole number from 0 to {most}", shown(body.get(key))
    try:
        routine_from(body["routine"])
    except (ValueError, RecursionError):
        yield "routine", "must be a mapping with the fields of a routine", shown(body["routine"])
    answers = body.get("answers")
    if not isinstance(answers, list):
        yield "answers", "must be a list", shown(answers)
        return
    for n, entry in enumerate(answers):
        if not isinstance(entry, dict):
            yield f"answers[{n}]", "must be a mapping", shown(entry)
            continue
        for key in PLACE:
            if not isinstance(entry.get(key), str):
                yield f"answers[{n}].{key}", "must be text", shown(entry.get(key))
        if "answer" not in entry:
            yield f"answers[{n}].answer", "is missing", ""
        elif entry["answer"] is not None and not isinstance(entry["answer"], bool):
            yield f"answers[{n}].answer", "must be true, false or null", shown(entry["answer"])


def seal_of(body: dict[str, Any]) -> str:
    """Return the digest of all that a file holds beside it."""
    return sha256(canonical_json(body).encode()).hexdigest()


def place_of(question: Question) -> dict[str, str]:
    """Return what names a question in a file: `PLACE`."""
    return {
        "at": instant(question.at_s),
        "party": question.party,
        "channel": question.channel,
        "decision": question.decision,
    }
