"""The events of branches. A branch keeps what was changed; what was drawn of it is never stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from sim.ground.draws import MAX_SEED
from sim.ground.schema import Line, Real, Strict, Whole
from sim.scenario.lesson_what_if import MAX_SLIDERS
from sim.scenario.scenario import Change

MAX_CHANGES = 10
"""Changes of the history in one position."""
MAX_BRANCH_NAME = 60
BranchNumber = Annotated[Whole, Field(ge=1, le=1_000_000)]


class BranchKept(Strict):
    """The teacher kept a position under a name."""

    kind: Literal["branch_kept"] = "branch_kept"
    number: BranchNumber
    name: Annotated[Line, Field(max_length=MAX_BRANCH_NAME)]
    changes: Annotated[tuple[Change, ...], Field(max_length=MAX_CHANGES)] = ()
    """The changes of the history, as a scenario has them."""
    values: Annotated[dict[Line, Real], Field(max_length=MAX_SLIDERS)] = Field(default_factory=dict)
    """The sliders that do not stand where they shipped, by title."""
    seed: Annotated[Whole, Field(ge=0, le=MAX_SEED)]
    by: Annotated[Whole, Field(ge=1, le=1_000_000)] | None = None
    """The student who moved last; None for the teacher."""


class BranchDropped(Strict):
    """The teacher took a branch off the list; the record still holds it."""

    kind: Literal["branch_dropped"] = "branch_dropped"
    number: BranchNumber


Branches = Mapping[int, BranchKept]
"""The branches of a room, by number."""


def branches_after(branches: Branches, event: BranchKept | BranchDropped) -> Branches:
    """Return the branches after an event."""
    if isinstance(event, BranchKept):
        return {**branches, event.number: event}
    return {n: b for n, b in branches.items() if n != event.number}
