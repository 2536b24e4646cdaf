"""What students type: whether a name or a reason can be shown on a page of one line."""

from __future__ import annotations

import unicodedata

from sim.ground.letters import JOINERS, broken_text

UNSEEN = ("Cf", "Co", "Cn")
"""Categories of characters that a page does not show."""
BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that look like nothing."""
MOST_MARKS = 4
"""Marks on one letter. No script needs more, and a hundred of them cover the lines above."""


def can_be_shown(text: str) -> bool:
    """Whether a text of one line can be seen and stays in its line: no control characters, no marks
    of direction, nothing else that is not seen but the joiners of some scripts, no towers of marks,
    and something to see."""
    marks, seen = 0, False
    for letter in text:
        category = unicodedata.category(letter)
        if category in UNSEEN and letter not in JOINERS:
            return False
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > MOST_MARKS:
            return False
        seen = seen or (category[0] in "LNPS" and letter not in BLANK)
    return seen and broken_text(text) is None
