"""Blocks of a scenario's file that a higher room reads.

The scenario keeps them as they are written; who loads it says which are checked with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from sim.ground.checking import check
from sim.ground.errors import Broken, InputError, Problem
from sim.ground.yaml import Document
from sim.scenario.rules import broken_rules
from sim.scenario.scenario import Scenario
from sim.scenario.varying import broken_sweep

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Block(Generic[M]):
    """One block: a field of the scenario, and what is checked of it."""

    name: str
    form: type[M]
    rules: Callable[[Scenario, M], Iterator[Broken]]
    """Yields the rules between the block and its scenario that are broken."""
    last: Callable[[Scenario, M], Iterator[Broken]]
    """Yields those that are looked at where nothing else is broken."""


Held = list[tuple[Block[Any], Any]]
"""Blocks that a document holds, each with what it says."""


def read(document: Document, blocks: Sequence[Block[Any]]) -> tuple[Scenario, Held]:
    """Read a scenario and the blocks that it holds.

    Raises:
        InputError: what is wrong with the form of any, all at once.
    """
    held, problems = Held(), list[Problem]()
    for block in blocks:
        written = document.data.get(block.name)
        if written is not None:
            try:
                held.append((block, check(block.form, document, written, (block.name,))))
            except InputError as error:
                problems += error.problems
    try:
        scenario = check(Scenario, document)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    return scenario, held


def all_rules(scenario: Scenario, held: Held) -> Iterator[Broken]:
    """Yield the rules between the parts of a scenario and its blocks that are broken."""
    yield from broken_rules(scenario)
    for block, told in held:
        yield from block.rules(scenario, told)


def last_rules(scenario: Scenario, held: Held) -> Iterator[Broken]:
    """Yield those that are looked at where nothing else is broken: each makes scenarios anew."""
    yield from broken_sweep(scenario)
    for block, told in held:
        yield from block.last(scenario, told)
