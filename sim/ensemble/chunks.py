"""Chunks on disk: each holds the tally of some replications, is named by content, and is checked
when it is read, so that a killed run goes on where it stopped and never mixes with another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from sim.ground.files import remove_partial, write_safely
from sim.ground.version import MODEL_VERSION, program_version
from sim.model.compiled_scenario import CompiledScenario
from sim.model.tally import Tally, blank, from_npz, to_npz


def program_digest(program: CompiledScenario) -> str:
    """Return the SHA-256 of everything that a program holds, in hexadecimal."""
    digest = sha256()
    for name, value in _parts(program, ""):
        if isinstance(value, np.ndarray):
            digest.update(f"{name} {value.dtype.str} {value.shape} ".encode())
            digest.update(np.ascontiguousarray(value).tobytes())
        else:
            digest.update(f"{name} {value!r} ".encode())
    return digest.hexdigest()


def _parts(thing: Any, above: str) -> Iterator[tuple[str, Any]]:
    for field in fields(thing):
        value = getattr(thing, field.name)
        if is_dataclass(value):
            yield from _parts(value, f"{above}{field.name}.")
        else:
            yield f"{above}{field.name}", value


def run_identity(program: CompiledScenario, seed: int) -> str:
    """Return the digest of what a run's numbers follow from, in hexadecimal."""
    made = f"{program_version()} {MODEL_VERSION} {program_digest(program)} {seed}"
    return sha256(made.encode()).hexdigest()


class ChunkStore:
    """The finished chunks of one run, in a folder."""

    def __init__(self, folder: Path, program: CompiledScenario, seed: int) -> None:
        self.folder, self.program = folder, program
        self.identity = run_identity(program, seed)
        self.damaged: list[str] = []
        """Names of chunk files that were found broken and will be made anew."""

    def path(self, first: int, count: int) -> Path:
        """Return the place of a chunk."""
        return self.folder / f"{self.identity[:16]}-{first}-{count}.chunk"

    def save(self, first: int, tally: Tally) -> None:
        """Keep a finished chunk.

        Raises:
            RunError: the disk or the folder refuses.
        """
        body = to_npz(tally)
        path = self.path(first, tally.replications)
        write_safely(path, self.seal(path, body) + body)

    def seal(self, path: Path, body: bytes) -> bytes:
        """Return the digest that says which run, which replications and which content."""
        return sha256(f"{self.identity} {path.name} ".encode() + body).digest()

    def load(self, first: int, count: int) -> Tally | None:
        """Return a finished chunk, or None where there is none or it is damaged."""
        path = self.path(first, count)
        if not path.is_file():
            return None
        content = path.read_bytes()
        head, body = content[:32], content[32:]
        if head == self.seal(path, body):
            tally = from_npz(body, blank(self.program, count, first))
            if tally is not None:
                return tally
        self.damaged.append(path.name)
        return None

    def clear(self) -> None:
        """Remove all chunks; the whole run is saved elsewhere by now."""
        remove_partial(self.folder)
        for path in self.folder.glob("*.chunk"):
            path.unlink(missing_ok=True)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()


def spans(replications: int, size: int, begin: int = 0) -> Iterable[tuple[int, int]]:
    """Cut replications from `begin` on into chunks: (first, count)."""
    for first in range(begin, replications, size):
        yield first, min(size, replications - first)
