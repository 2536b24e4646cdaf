"""How many people are held whom nobody names: keyed draws, from the as-of date on."""

from __future__ import annotations

from sim.ground.draws import one_of, stream_key
from sim.model.compiled_scenario import Ints, ints
from sim.scenario.unnamed import Unnamed


def unnamed_key(id_: str) -> tuple[int, int]:
    """Return the words of the stream by which the number of a group is drawn."""
    return stream_key(f"unnamed/{id_}")


def drawn_number(
    least: int, choices: int, key: tuple[int, int], seed: int, replication: int
) -> int:
    """Return how many people a group has in one replication, of so many numbers from the least."""
    return least + int(one_of(choices, seed, *key, replication, 0))


def numbers(id_: str, group: Unnamed, seed: int, replications: int) -> Ints:
    """Return how many people [N] a group has in each of the first N replications."""
    least, choices, key = group.people.least, choices_of(group), unnamed_key(id_)
    return ints(drawn_number(least, choices, key, seed, r) for r in range(replications))


def choices_of(group: Unnamed) -> int:
    """Return among how many numbers that of a group is drawn."""
    return group.people.most - group.people.least + 1
