"""Whether a process may have the memory that heavy libraries take for granted."""

from __future__ import annotations

import sys

from sim.ground.errors import RunError

LEAST_BYTES = 1_500_000_000
"""Address space that a run takes with its libraries; most of it is reserved and never used. Where
less is allowed, they end the process without a word that helps."""


def check_memory() -> None:
    """Check that no limit of the system (`ulimit -v`) lies below what a run takes.

    Raises:
        RunError: it does.
    """
    if sys.platform == "win32":
        return
    import resource

    most = resource.getrlimit(resource.RLIMIT_AS)[0]
    if most != resource.RLIM_INFINITY and most < LEAST_BYTES:
        needs = f"a run takes {LEAST_BYTES // 10**6:,} MB of address space"
        has = f"this process may have {most // 10**6:,} MB: raise `ulimit -v`"
        raise RunError(f"not enough memory: {needs}, and {has}")
