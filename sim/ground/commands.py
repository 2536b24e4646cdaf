"""The commands that make folders again: each is typed within its folder, and needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

SCENARIOS, LOGS = "scenarios", "logs"
_NO_NAME = re.compile(r'[/\\:*?"<>|]|^[\s.]|[\s.]$')
"""What the name of a file must not hold, on any system."""


def files_of(names: Iterable[str], folder: str, ending: str = ".yaml") -> dict[str, str]:
    """Name the file of each scenario, or log, of a study: by its own name, which the command then
    gives it again; by its place and a part of the name where that can be no file's."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for n, name in enumerate(names):
        stem = name
        if not name or len(name) > 60 or _NO_NAME.search(name) or name.lower() in taken:
            stem = f"{n}-{re.sub(r'[^A-Za-z0-9._-]+', '-', name)[:60]}"
        taken.add(stem.lower())
        found[name] = f"{folder}/{stem}{ending}"
    return found


def how(seed: int, replications: int) -> list[str]:
    """Return the options for a seed and a number of worlds."""
    return ["-n", str(replications), "--seed", str(seed)]


def options(given: Mapping[str, object]) -> list[str]:
    """Return options with their values; a truth is an option by itself, None and false are none."""
    words: list[str] = []
    for name, value in given.items():
        if value is True:
            words.append(name)
        elif value is not None and value is not False:
            words += [name, str(value)]
    return words
