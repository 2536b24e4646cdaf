"""The states of a channel as a path, and what stands where the log does not know them."""

from __future__ import annotations

Path = tuple[tuple[int, int], ...]
"""The states of a channel: (since, state), in order."""

NOT_KNOWN = -1
"""In the place of a state that the log does not know; nothing is counted or scored there."""


def state_at(path: Path, at_s: int) -> int:
    """Return the state at an instant."""
    return next((state for since_s, state in reversed(path) if since_s <= at_s), path[0][1])
