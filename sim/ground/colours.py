"""The colours of paper, ink and states, for figures and for the charts that pages draw themselves.

Both `plots`, which needs matplotlib for a figure, and the seminar, which opens a room without it,
paint with these.
"""

from __future__ import annotations

from typing import Final

# The less contact a state allows, the darker it is, so grey print keeps the order. Any two are at
# least 12 apart in CIE L*, in grey and as deuteranopes and protanopes see them; a test holds this.
STATE_COLOURS: Final[dict[str, str]] = {
    "open": "#a9d9f2",
    "prisoner_only": "#db8f12",
    "corridor": "#9c4a86",
    "cut_off": "#262b36",
}
"""The colour of each state, the same in every figure."""

INK: Final = "#1f2328"
QUIET: Final = "#59606a"
RULE: Final = "#b4b9c0"
PAPER: Final = "#ffffff"
ON_PALE: Final = "#1f2329"
ON_DARK: Final = "#fffffe"
"""Letters on a state's own colour, which stays as it is on dark paper."""


def ink_on(state: str) -> str:
    """Give the text colour that reads on a state's colour."""
    return ON_PALE if state in ("open", "prisoner_only") else ON_DARK
