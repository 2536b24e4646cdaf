"""The compiled kernel, made ready before a message is read or a command is typed."""

from __future__ import annotations

import os
from functools import cache

from micro import scenario

from sim.kernel import run as kernel
from sim.model.compiling import compile_scenario


@cache
def kernels() -> None:
    """Compile what forecasts and what what-ifs run, once in a process, so that no test meets the
    words about compiling."""
    kinds = (False, True)  # forecasts and what-ifs are compiled apart
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
        kinds = (True, False)  # two workers compile one each, and take the other's
    for retrace in kinds:
        kernel.run(compile_scenario(scenario(), retrace=retrace), 1, 0, 1)
