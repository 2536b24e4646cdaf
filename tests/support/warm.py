"""The compiled kernel, made ready before a message is read or a command is typed."""

from __future__ import annotations

import os
from functools import cache

from micro import scenario
from pasts import event, told

from sim.ensemble.weighed import law_of
from sim.kernel import run as kernel
from sim.model.compiling import compile_scenario


@cache
def kernels() -> None:
    """Compile what forecasts and what what-ifs run, and what weighs dates, once in a process, so
    that no test meets the words about compiling."""
    kinds = (False, True)  # forecasts and what-ifs are compiled apart
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
        kinds = (True, False)  # two workers compile one each, and take the other's
    for retrace in kinds:
        kernel.run(compile_scenario(scenario(), retrace=retrace), 1, 0, 1)
    cut = event("cut", "contact_cut", "2021-02", by="CAN")
    for others in ((), (event("call", "call_held", "2021-02", by="CAN"),)):  # one date, and two
        law_of(told(cut, *others))
