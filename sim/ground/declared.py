"""What a file declares beside the codes that the program knows: its own parties and agendas.

A field's type is checked before anything is known of the file around it. So who reads a whole file
says first, for as long as it is being read, what the file declares.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Declared:
    """The names that a file gives a meaning."""

    parties: frozenset[str] = frozenset()
    agendas: frozenset[str] = frozenset()


_AROUND: ContextVar[Declared | None] = ContextVar("declared", default=None)


def declared() -> Declared | None:
    """Return what the file declares that is being read; None where a part is read by itself, of
    which nobody can say what its file declares."""
    return _AROUND.get()


@contextmanager
def declaring(parties: Collection[str], agendas: Collection[str] = ()) -> Iterator[None]:
    """Let names be known while a file is read."""
    token = _AROUND.set(Declared(frozenset(parties), frozenset(agendas)))
    try:
        yield
    finally:
        _AROUND.reset(token)


def names_in(data: object, key: str) -> set[str]:
    """Return the names under a key of plain data that nobody has checked yet."""
    part = data.get(key) if isinstance(data, Mapping) else getattr(data, key, None)
    return {name for name in part if isinstance(name, str)} if isinstance(part, Mapping) else set()
