"""The digest by which a log is known, whatever the order of its events."""

from __future__ import annotations

from hashlib import sha256

from sim.ground.files import canonical_json
from sim.log.log import Log


def log_digest(log: Log) -> str:
    """Return the SHA-256 of a log in hexadecimal, whatever the order of its events."""
    plain = log.plain()
    plain["events"] = sorted(plain.get("events", []), key=lambda e: str(e["id"]))
    return sha256(canonical_json(plain).encode()).hexdigest()
