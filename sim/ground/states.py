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
