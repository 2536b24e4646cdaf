"""The states' colours and names, and the one matplotlib style of every figure."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

import matplotlib

from sim.ground import states
from sim.ground.colours import INK as INK
from sim.ground.colours import ON_DARK as ON_DARK
from sim.ground.colours import ON_PALE as ON_PALE
from sim.ground.colours import PAPER as PAPER
from sim.ground.colours import QUIET as QUIET
from sim.ground.colours import RULE as RULE
from sim.ground.colours import STATE_COLOURS as STATE_COLOURS
from sim.ground.colours import ink_on as ink_on

STATES: Final = ("open", "prisoner_only", "corridor", "cut_off")
"""The states in the order in which figures show them, most contact first."""

CODES: Final = ("open", "cut_off", "prisoner_only", "corridor")
"""The states in the order of their integer codes, which is not the order of display."""

STATE_LABELS: Final = states.STATE_LABELS
"""What people read for each state."""

TINT: Final = "#c3ccd6"
"""A band about a line."""
FRAME: Final = "#fefefe"
"""What frames a dark state: as good as nothing on white paper, and seen on dark paper."""

THEMED: Final = {
    INK: "ink",
    QUIET: "quiet",
    RULE: "rule",
    PAPER: "paper",
    TINT: "tint",
    FRAME: "frame",
}
"""The colours that a page in the dark exchanges, by what its style sheet calls them."""

FONT: Final = "DejaVu Sans"  # comes with matplotlib, so text has the same size on every machine
TITLE_SIZE: Final = 12.0
TEXT_SIZE: Final = 8.0
SMALL_SIZE: Final = 7.0


def check_states(states: list[str]) -> None:
    """Refuse names that are not channel states."""
    unknown = sorted(set(states) - set(STATES))
    if unknown:
        raise ValueError(f"unknown channel state {unknown[0]!r}: expected one of {list(STATES)}")


_KEPT = ("backend", "backend_fallback", "interactive", "toolbar")
_STYLE: Final[dict[Any, Any]] = {
    "font.family": [FONT],
    "font.size": TEXT_SIZE,
    "text.color": INK,
    "text.hinting": "none",  # widths that do not depend on the resolution
    "text.parse_math": False,  # a dollar sign in a label is a dollar sign
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "hatch.linewidth": 0.8,
    "svg.fonttype": "none",  # text stays text: it can be found, copied and read aloud
    "svg.hashsalt": "backchannel",
    "pdf.fonttype": 42,
}
_lock = threading.RLock()


WIDE: Final = 9.6
"""The width of a figure in a page, in inches."""


@dataclass(frozen=True)
class Look:
    """What a figure for a phone, or for print, has otherwise than those of pages; see
    `sim.plots.paper`."""

    font: str = FONT
    title: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of matplotlib that hold over this package's."""
    width: float = WIDE
    """Inches."""

    @property
    def key(self) -> str:
        """What the width of a text depends on."""
        return f"{self.font} {[v for k, v in self.settings.items() if k.startswith('font.')]}"


PAGES: Final = Look()
"""The look of figures in pages."""
_look: ContextVar[Look] = ContextVar("look", default=PAGES)


def look() -> Look:
    """Return the look of the figure that is being drawn."""
    return _look.get()


@contextmanager
def looking(chosen: Look) -> Iterator[None]:
    """Draw figures of this look within this block."""
    before = _look.set(chosen)
    try:
        yield
    finally:
        _look.reset(before)


@contextmanager
def styled(chosen: Look | None = None) -> Iterator[None]:
    """Hold this package's style, and nothing of the user's but what a look takes from it, while a
    figure is built or drawn.

    matplotlib keeps its settings in one global table, so threads take turns.
    """
    held = chosen or look()
    own = {"font.family": [held.font], **held.settings}
    defaults = {k: v for k, v in matplotlib.rcParamsDefault.items() if k not in _KEPT}
    with _lock, matplotlib.rc_context(defaults | _STYLE | own):
        yield
