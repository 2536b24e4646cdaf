"""Saving what a study found: one function for all studies."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias, assert_never, overload

from sim.hindcast.look import look_beyond
from sim.learning.fitting import Fit
from sim.report.comparison_pages import save_comparison
from sim.report.learned import Learned, account, save_learned
from sim.report.runfolder import save_run
from sim.report.sensitivity_pages import save_sensitivity
from sim.report.sweep_pages import save_sweep
from sim.report.why_pages import save_why
from sim.study.but_for import Why
from sim.study.comparing import Comparison
from sim.study.run import Run
from sim.study.sensitivity import Sensitivity
from sim.study.sweeping import Sweep

Found: TypeAlias = Run | Comparison | Why | Sweep | Sensitivity | Fit | Learned


@overload
def save(found: Run, folder: str | Path, *, report: bool = True) -> Path: ...
@overload
def save(found: Fit | Learned, folder: str | Path, *, keep: int | None = None) -> Path: ...
@overload
def save(found: Comparison | Why | Sweep | Sensitivity, folder: str | Path) -> Path: ...
def save(found: Found, folder: str | Path, *, report: bool = True, keep: int | None = None) -> Path:
    """Write what a study found into a folder, as its command does, and return the folder.

    A run may go without its `report`; of a fit `keep` draws are kept, or all.

    Raises:
        RunError: the disk or the folder refuses, or the folder holds something else.
    """
    place = Path(folder)
    match found:
        case Run():
            save_run(found, place, report=report)
        case Comparison():
            save_comparison(found, place)
        case Why():
            save_why(found, place)
        case Sweep():
            save_sweep(found, place)
        case Sensitivity():
            save_sensitivity(found, place)
        case Fit():
            save_learned(account(found, look_beyond(found)), place, keep)
        case Learned():
            save_learned(found, place, keep)
        case _:
            assert_never(found)
    return place
