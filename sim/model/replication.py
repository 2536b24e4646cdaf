"""One replication of any program through the reference executor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.model.abduction import Inferred
from sim.model.compiled_scenario import CompiledScenario
from sim.model.counterfactual import ChangedWorld
from sim.model.players import Player
from sim.model.reference import World


def world_of(
    program: CompiledScenario,
    seed: int,
    replication: int,
    players: Mapping[str, Player] | None = None,
    *,
    noise: Sequence[Inferred] | None = None,
    trace: bool = False,
) -> World:
    """Return one replication that has not begun, a what-if's over its inferred noise.

    Raises:
        InputError: the model holds the history of a what-if impossible.
    """
    if program.past is None:
        return World(program, seed, replication, players, trace=trace)
    return ChangedWorld(program, seed, replication, players, noise=noise, trace=trace)


def replicate(
    program: CompiledScenario,
    seed: int,
    replication: int,
    players: Mapping[str, Player] | None = None,
    *,
    noise: Sequence[Inferred] | None = None,
    trace: bool = False,
) -> World:
    """Run one replication, a what-if's over its inferred noise, and return the finished world.

    Raises:
        InputError: the model holds the history of a what-if impossible.
    """
    world = world_of(program, seed, replication, players, noise=noise, trace=trace)
    world.run()
    return world
