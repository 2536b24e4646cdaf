"""The names of a class, kept apart for the eye: no two look alike. Owns disarm."""

from __future__ import annotations

import re
from collections.abc import Collection

from sim.seminar.record.events import MAX_NAME, MAX_STUDENTS
from sim.seminar.record.typed import BLANK

NUMBERED = re.compile(r" \(\d+\)$")
MOST_MARK = len(f" ({MAX_STUDENTS})")
"""Letters by which a name is cut at most, to have room for its number."""
UNSEEN_MARKS = frozenset("\u17b4\u17b5\u180b\u180c\u180d\u180f\U0001d159")
"""Marks of some scripts that nobody sees beside other letters."""


def free_name(wanted: str, taken: Collection[str]) -> str:
    """Return a name as it was typed, or with a number behind it where one like it is taken."""
    keys = {look_of(name) for name in taken}
    shown, n = wanted, 1
    while look_of(shown) in keys:
        n += 1
        mark = f" ({n})"
        shown = f"{wanted[: MAX_NAME - len(mark)]}{mark}"
    return shown


def person_of(name: str) -> str:
    """Return what the names of one person share who has joined more than once: the look of the
    name, without the number that a taken one was given."""
    return look_of(NUMBERED.sub("", name)[: MAX_NAME - MOST_MARK])


def look_of(name: str) -> str:
    """Return what is the same for names that look alike: without what is not seen, with one letter
    for all that Unicode's list of confusable letters takes for it, and in small letters."""
    from disarm import skeleton_key  # a part of the extra `seminar`: others read records without it

    seen = "".join(letter for letter in name if letter not in BLANK | UNSEEN_MARKS)
    key = skeleton_key(seen, digit_policy="tr39")
    return key.replace("rn", "m")  # stands in that list, and the library leaves it out
