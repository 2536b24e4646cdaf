"""The events of branches. A branch keeps what was changed; what was drawn of it is never stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from sim.ground.draws import MAX_SEED
from sim.ground.schema import Line, Real, Whole
from sim.scenario.scenario import Change
from sim.seminar.record.events import SeminarEvent
from sim.seminar.record.room import Part, Recorded, Room

MAX_CHANGES = 30
"""Changes of the history in one position."""
MAX_MOVED = 60
"""Sliders of one branch that do not stand where they shipped."""
MAX_BRANCH_NAME = 60
BranchNumber = Annotated[Whole, Field(ge=1, le=1_000_000)]


class BranchKept(SeminarEvent):
    """The teacher kept a position under a name."""

    kind: Literal["branch_kept"] = "branch_kept"
    number: BranchNumber
    name: Annotated[Line, Field(max_length=MAX_BRANCH_NAME)]
    changes: Annotated[tuple[Change, ...], Field(max_length=MAX_CHANGES)] = ()
    """The changes of the history, as a scenario has them."""
    values: Annotated[dict[Line, Real], Field(max_length=MAX_MOVED)] = Field(default_factory=dict)
    """The sliders that do not stand where they shipped, by title."""
    seed: Annotated[Whole, Field(ge=0, le=MAX_SEED)]
    by: Annotated[Whole, Field(ge=1, le=1_000_000)] | None = None
    """The student who moved last; None for the teacher."""


class BranchDropped(SeminarEvent):
    """The teacher took a branch off the list; the record still holds it."""

    kind: Literal["branch_dropped"] = "branch_dropped"
    number: BranchNumber


@dataclass(frozen=True)
class Branches:
    """The branches of what-ifs that the teacher keeps."""

    kept: Mapping[int, BranchKept] = field(default_factory=dict)
    """By number."""
    last: int = 0
    """The last number that a branch was given."""

    def after(self, event: SeminarEvent) -> Branches:
        """Return them after one event."""
        match event:
            case BranchKept(number=number):
                return Branches({**self.kept, number: event}, max(self.last, number))
            case BranchDropped(number=number):
                return Branches({n: b for n, b in self.kept.items() if n != number}, self.last)
        return self


def _after(state: Branches, _: Room, recorded: Recorded) -> Branches:
    return state.after(recorded.event)


def _broken(room: Room, event: SeminarEvent) -> str | None:
    state = BRANCHES.of(room)
    match event:
        case BranchKept() if event.number <= state.last:
            return f"gives the number {event.number} to a second branch"
        case BranchDropped() if event.number not in state.kept:
            return f"there is no branch {event.number}"
    return None


BRANCHES = Part("branches", (BranchKept, BranchDropped), Branches(), _after, _broken)
