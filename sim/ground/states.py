"""What people read for each state of a channel: the one owner of these names.

A state's id stands in YAML, CSV and JSON; its name stands wherever a person reads. Both `plots`,
which knows nothing of the log, and the rooms above it name states by this table.
"""

from __future__ import annotations

from typing import Final

STATE_LABELS: Final[dict[str, str]] = {
    "open": "open",
    "prisoner_only": "prisoner-only",
    "corridor": "corridor",
    "cut_off": "cut off",
}
"""The name of each state, by its id."""

NOT_KNOWN: Final = "not known"
"""What stands where nothing says which state a channel is in."""


def state_name(state: str | None) -> str:
    """Return what people read for a state, or for none where it is not known."""
    return NOT_KNOWN if state is None else STATE_LABELS[state]
