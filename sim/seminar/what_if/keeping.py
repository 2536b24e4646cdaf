"""Where the branches of what-ifs are kept: in a lesson (`from_lesson`), or in memory."""

from __future__ import annotations

from contextlib import AbstractContextManager
from threading import RLock
from typing import Protocol

from sim.ground.language import N_
from sim.seminar.what_if.record import BranchDropped, Branches, BranchKept


class Keeping(Protocol):
    """Keeps branches."""

    origin: str
    """What an exported branch says of where it comes from."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Held from a look at the branches to the event that rests on it."""

    @property
    def branches(self) -> Branches:
        """The branches at this moment."""

    def add(self, now_ms: int, event: BranchKept | BranchDropped) -> None:
        """Keep a branch, or drop one."""

    def closed(self) -> str:
        """Say why nothing may be changed yet; empty where it may."""


class InMemory:
    """Keeps them until the program ends."""

    origin = N_("A position of `sim explore`.")

    def __init__(self) -> None:
        self.lock = RLock()
        self.branches = Branches()

    def add(self, now_ms: int, event: BranchKept | BranchDropped) -> None:
        """Change what is kept; the time is of no use here."""
        self.branches = self.branches.after(event)

    def closed(self) -> str:
        """Say nothing: it is always open."""
        return ""
