"""The version of this program, and of the packages that matter to a run."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "backchannel"
RECORDED = ("numba", "numpy", "polars", "pydantic", "simpy")
"""Packages that a run's numbers or files may depend on."""


@cache
def program_version() -> str:
    """Return the version of this program."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "unknown"


def packages() -> dict[str, str]:
    """Return the versions of the packages that matter to a run; those absent are left out."""
    found = {}
    for name in RECORDED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
