"""Chunks on disk: each holds the tally of some replications, is named by content, and is checked
when it is read, so that a killed run goes on where it stopped and never mixes with another."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import fields
from hashlib import sha256
from pathlib import Path

import numpy as np

from sim.errors import RunError
from sim.program import Program, arrays_of
from sim.tally import Tally, blank


def write_safely(path: Path, content: bytes | str) -> None:
    """Write a file beside its place and move it into it, so that it is never half-written.

    Raises:
        RunError: the disk or the folder refuses.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def program_digest(program: Program) -> str:
    """Return the SHA-256 of everything that a program's runs depend on, in hexadecimal."""
    digest = sha256()
    for name, array in sorted(arrays_of(program).items()):
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    names = (program.parties, program.channels.names, program.streams.names, program.facts.ids)
    ends = (program.start_s, program.as_of_s, program.until_s)
    digest.update(repr((names, program.forums.names, program.outcomes.names, ends)).encode())
    return digest.hexdigest()


class ChunkStore:
    """The finished chunks of one run, in a folder."""

    def __init__(self, folder: Path, program: Program, seed: int) -> None:
        self.folder, self.program = folder, program
        self.identity = sha256(f"{program_digest(program)} {seed}".encode()).hexdigest()
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
        content = io.BytesIO()
        np.savez(content, **{f.name: getattr(tally, f.name) for f in fields(Tally)})
        body = content.getvalue()
        head = sha256(self.identity.encode() + body).digest()
        write_safely(self.path(first, tally.replications), head + body)

    def load(self, first: int, count: int) -> Tally | None:
        """Return a finished chunk, or None where there is none or it is damaged."""
        path = self.path(first, count)
        if not path.is_file():
            return None
        content = path.read_bytes()
        head, body = content[:32], content[32:]
        expected = blank(self.program, count, first)
        if head == sha256(self.identity.encode() + body).digest():
            try:
                with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
                    tally = Tally(**{f.name: arrays[f.name] for f in fields(Tally)})
            except (OSError, ValueError, KeyError, zipfile.BadZipFile):
                tally = None
            if tally is not None and all(
                getattr(tally, f.name).shape == getattr(expected, f.name).shape
                for f in fields(Tally)
            ):
                return tally
        self.damaged.append(path.name)
        return None

    def clear(self) -> None:
        """Remove the chunks of this run; the whole run is saved elsewhere by now."""
        for path in self.folder.glob(f"{self.identity[:16]}-*.chunk"):
            path.unlink(missing_ok=True)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()


def spans(replications: int, size: int) -> Iterable[tuple[int, int]]:
    """Cut replications into chunks: (first, count)."""
    for first in range(0, replications, size):
        yield first, min(size, replications - first)
