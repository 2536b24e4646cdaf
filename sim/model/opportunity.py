"""Opportunities: moments at which an act could happen."""

from __future__ import annotations

from dataclasses import dataclass

from sim.model.players import Occasion


@dataclass(slots=True)
class Opportunity:
    """A moment at which an act could happen, with the chances that it carries."""

    stream: int
    at_s: int
    key: tuple[int, int]
    """The words of the stream that its uniforms are drawn from."""
    index: int
    """Its number n in the stream."""
    do: float
    """The uniform of the first decision."""
    given: tuple[float, float, float, float] | None = None
    """Uniforms that history fixes: accepted?, lead, told by side 0, told by side 1."""
    fact: int = -1
    """The coded decision that this opportunity was in history; -1 for none."""
    because: Occasion | None = None
    """The event whose burst brought it; None for a routine one."""
    burst: int = -1
    """The burst of a coded event that it is a point of, in a walk through history; -1 for none."""
