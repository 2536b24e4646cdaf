"""The version of this program, and of the packages that matter to a run."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DISTRIBUTION = "backchannel"
MODEL_VERSION = 6
"""The version of the model, from which a run's numbers follow. Runs of another are refused.
1: until version 0.1. 2: the rulebook of three expiries, and what came with it. 3: bursts of
attention, and the memory of shock. 4: one order for the dates of a channel's
meetings, the share that an exchange frees, first times as entries. 5: imprecise dates by their law.
6: a lapse is no cut, what is cut may be cut again, restoring on every channel, other doctrines."""
RECORDED = ("numba", "numpy", "polars", "pydantic", "simpy")
"""Packages that a run's numbers or files may depend on."""


@cache
def _version(name: str) -> str | None:
    """Look up the version of a package, which reads a file; None where it is absent."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def program_version() -> str:
    """Return the version of this program."""
    return _version(DISTRIBUTION) or "unknown"


@cache
def code_digest() -> str:
    """Return the digest of this program's code and of the packages that its numbers depend on."""
    digest = sha256(repr(sorted(packages().items())).encode())
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def packages() -> dict[str, str]:
    """Return the versions of the packages that matter to a run; those absent are left out."""
    return {name: found for name in RECORDED if (found := _version(name)) is not None}
