"""Twin worlds: what history would have been otherwise, worked out from the draws alone.

Nothing is inferred here. A world runs as it is. Then a second one runs over the very same draws,
and the opportunities at which some decisions of the first were taken are gone in it. That is what a
what-if means by a removed decision: its own opportunity is gone and every other one is there. So
whoever comes to another choice in the second world makes it, and may do what was removed.
"""

from __future__ import annotations

from typing import Any

from sim.model.bursts import Origin
from sim.model.compiled_scenario import CompiledScenario
from sim.model.opportunity import Opportunity
from sim.model.reference import World
from sim.model.situation import SimulatedEvent, Situation

Key = tuple[tuple[int, int], int]
"""What an opportunity is known by: the words of its stream or burst, and its number."""


class AsItWas(World):
    """A world that notes at which opportunity each of its events came about."""

    def __init__(self, program: CompiledScenario, seed: int, replication: int, **more: Any) -> None:
        super().__init__(program, seed, replication, **more)
        self.taken: dict[int, Key] = {}
        """Place of an event to its opportunity."""

    def emit(self, happening: SimulatedEvent, opportunity: Opportunity | None = None) -> int:
        place = super().emit(happening, opportunity)
        if opportunity is not None:
            self.taken[place] = (opportunity.key, opportunity.index)
        return place


class Otherwise(World):
    """The same draws without some opportunities."""

    gone: frozenset[Key] = frozenset()
    comes_of: dict[str, Origin] = {}  # noqa: RUF012
    """Inserted event to what it came of in the world as it was: it opens the same bursts."""

    def take(self, opportunity: Opportunity) -> None:
        if (opportunity.key, opportunity.index) not in self.gone:
            super().take(opportunity)

    def attend(self, happening: SimulatedEvent) -> None:
        f = happening.fact
        origin = self.comes_of.get(self.program.facts.ids[f]) if f >= 0 else None
        if origin is not None:
            happening.origin, happening.opens = origin, -1
        super().attend(happening)


def as_it_was(program: CompiledScenario, seed: int, replication: int) -> AsItWas:
    """Run a world as it is."""
    world = AsItWas(program, seed, replication)
    world.run()
    return world


def otherwise(
    program: CompiledScenario, was: AsItWas, gone: set[int], moved: dict[str, int] | None = None
) -> Situation:
    """Run its twin without the opportunities of the events at some places; `program` holds what
    else is changed, `moved` the inserted events that stand for events of the world as it was."""
    world = Otherwise(program, was.seed, was.replication)
    world.gone = frozenset(was.taken[place] for place in gone)
    happenings = was.situation.happenings
    world.comes_of = {id_: happenings[place].origin for id_, place in (moved or {}).items()}
    return world.run()
