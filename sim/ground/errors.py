"""Problems in input: gathered, placed on a line, and shown all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeVar

from sim.ground.letters import visible

T = TypeVar("T")
R = TypeVar("R")

SCENARIO, HISTORY = "scenario", "history"
"""What stands for the file of a problem where no file is known: then its path is a part of the
scenario, or the id of an event of its history."""
MAX_SHOWN_VALUE = 60
MAX_PROBLEMS = 500
"""Problems that one error lists; a file with more is broken throughout."""
SHORT = 8
"""Letters of a word that is another only if it is about as long."""
MAX_HINTED = 400
"""Known words beyond which no near miss is looked for: it would take too long."""
RENAMED = {
    "--gap": "--coupling",
    "--precision": "--interval-width",
    "gap": "coupling",
    "let": "set_doctrine",
    "observe_from": "show_from",
    "parameters": "fit",
    "precision": "interval_width",
    "tell": "acknowledge",
    "world": "reference",
}
"""Names of version 0.3, in files, options and Python, and what they are called since."""


def shown(value: object) -> str:
    """Write a value as an error quotes it: one line, bounded, no control characters."""
    if isinstance(value, dict):
        return f"a mapping of {len(value)}"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    if value is None:
        return "nothing"
    text = str(value) if not isinstance(value, bool) else str(value).lower()
    text = visible(text[: MAX_SHOWN_VALUE + 1])
    return text if len(text) <= MAX_SHOWN_VALUE else text[: MAX_SHOWN_VALUE - 3] + "..."


def listed(names: Iterable[str], most: int = 8) -> str:
    """List names with commas; of many the first, and dots."""
    known = list(names)
    return ", ".join(known[:most]) + (", ..." if len(known) > most else "")


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return `; did you mean 'x'?` for a near miss or a part of one word, or an empty string.

    For a name of version 0.3 it says the new one, where that is known.
    """
    words = list(known)
    if RENAMED.get(word) in words:
        return f": it is now called '{RENAMED[word]}'"
    if len(words) > MAX_HINTED:
        return ""
    near = get_close_matches(word[:100], words, n=3, cutoff=cutoff)
    near = [w for w in words if w.lower() == word.lower()] or near  # another case is no other word
    if len(word) <= SHORT:  # a few letters in common make no short word another
        near = [w for w in near if abs(len(w) - len(word)) <= 2]
    if not near and len(word) >= 4:
        holding = [w for w in words if word.lower() in w.lower()]
        near = holding if len(holding) == 1 else []
    return f"; did you mean '{near[0]}'?" if near else ""


Broken = tuple[tuple[str | int, ...], str, object]
"""A broken rule before it is placed on a line: the path in the document, the rule, the value."""


@dataclass(frozen=True, order=True)
class Problem:
    """One broken rule at one place of one file."""

    file: str
    line: int
    """1-based; 0 where the file as a whole is at fault."""
    path: str
    """Where in the document, as `outcomes.reopened.state`; may be empty."""
    rule: str
    got: str = ""
    """The offending value as `shown` writes it; empty where there is none to quote."""
    closing: bool = field(default=False, compare=False)
    """Whether this says that there are more problems than are listed: it stands last."""

    @property
    def of_whole(self) -> bool:
        """Whether it names no file, but a part of a scenario or an event of its history."""
        return self.file in (SCENARIO, HISTORY)

    def __str__(self) -> str:
        if self.closing:
            return visible(self.rule)
        place = self.file if self.line == 0 else f"{self.file}:{self.line}"
        path = f" {self.path}:" if self.path else ""
        got = f" (got {self.got})" if self.got else ""
        return visible(f"{place}:{path} {self.rule}{got}")


class BackchannelError(Exception):
    """The base of every error that this package raises on purpose."""


class InputError(BackchannelError):
    """Input that breaks rules: `problems` lists them in order of file and line, the first 500 and
    how many more there are."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        known = sorted(set(problems))
        listed = [p for p in known if not p.closing]
        closing = [p for p in known if p.closing]
        if (more := len(listed) - MAX_PROBLEMS) > 0:
            rule = f"... and {more:,} more problem{'' if more == 1 else 's'}"
            closing = [Problem(listed[MAX_PROBLEMS].file, 0, "", rule, closing=True)]
        self.problems = listed[:MAX_PROBLEMS] + closing
        super().__init__("\n".join(str(p) for p in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[list[Problem]]]:
        return type(self), (self.problems,)


def one_problem(
    where: str, rule: str, got: object = "", *, line: int = 0, path: str = ""
) -> InputError:
    """Return the error of one broken rule: of a file, an option, or an argument of Python."""
    return InputError([Problem(where, line, path, rule, str(got))])


def of_each(things: Iterable[T], read: Callable[[T], R]) -> list[R]:
    """Return what is read of each of some things, such as files.

    Raises:
        InputError: what is wrong with any of them, all at once.
    """
    found: list[R] = []
    problems: list[Problem] = []
    for thing in things:
        try:
            found.append(read(thing))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


class RunError(BackchannelError):
    """A run that cannot go on: a disk, a folder or a worker is at fault, not the input."""

    def __init__(self, message: str) -> None:
        super().__init__(visible(message))
