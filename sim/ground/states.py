"""What people read for each state of a channel: the one owner of these names.

A state's id stands in YAML, CSV and JSON; its name stands wherever a person reads. Both `plots`,
which knows nothing of the log, and the rooms above it name states by this table.
"""

from __future__ import annotations

from typing import Final

from sim.ground.language import N_, _

STATE_LABELS: Final[dict[str, str]] = {
    "open": N_("open"),
    "prisoner_only": N_("prisoner-only"),
    "corridor": N_("corridor"),
    "cut_off": N_("cut off"),
}
"""The name of each state, by its id."""

NOT_KNOWN: Final = N_("not known")
"""What stands where nothing says which state a channel is in."""


def state_name(state: str | None) -> str:
    """Return what people read for a state, or for none where it is not known."""
    return _(NOT_KNOWN if state is None else STATE_LABELS[state])


def viewpoint_name(viewpoint: str) -> str:
    """Return what people read for a viewpoint: a party's code, or a word for the observer."""
    return _("observer") if viewpoint == "observer" else viewpoint
