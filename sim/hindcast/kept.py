"""What of a hindcast is done already, kept in a folder until all is: a killed one goes on there."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from sim.ground.files import PART, canonical_json, json_record, json_text, write_safely

LIMIT = 200_000_000
"""Bytes that a kept file has at most."""


class Kept:
    """Finished parts of one hindcast, each with the digest of what it follows from and holds."""

    def __init__(self, folder: Path, identity: str) -> None:
        """`identity` is a digest of all that the numbers follow from."""
        self.folder, self.identity = folder, identity

    def load(self, name: str) -> Any | None:
        """Return what a part holds; None where there is none, or it is another's or damaged."""
        held = json_record(self._path(name), LIMIT)
        if held is None or held.get("seal") != self._seal(name, held.get("holds")):
            return None
        return held["holds"]

    def save(self, name: str, holds: object) -> None:
        """Keep plain data.

        Raises:
            RunError: the disk or the folder refuses.
        """
        write_safely(self._path(name), json_text({"holds": holds, "seal": self._seal(name, holds)}))

    def clear(self) -> None:
        """Remove all parts; the whole is saved elsewhere by now."""
        for path in [*self.folder.glob("*.json"), *self.folder.glob(PART)]:
            path.unlink(missing_ok=True)
        with suppress(OSError):  # not empty, not there, or gone already
            self.folder.rmdir()

    def _path(self, name: str) -> Path:
        return self.folder / f"{self.identity[:16]}-{name}.json"

    def _seal(self, name: str, holds: object) -> str:
        return sha256(f"{self.identity} {name} {canonical_json(holds)}".encode()).hexdigest()
