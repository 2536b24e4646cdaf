"""The folder of a kit: new, or one that holds a kit, which a new one replaces file by file."""

from __future__ import annotations

from pathlib import Path

from sim.ground.errors import RunError
from sim.ground.files import PART, json_record, remove_partial, write_safely
from sim.scenario.resolve import write_fit_of
from sim.scenario.scenario import Scenario
from sim.seminar.kit.contents import INDEX, KNOWN, RECORD
from sim.seminar.kit.whole import Kit

MAX_RECORD_BYTES = 10_000


def check_free(folder: Path) -> None:
    """Check that a folder is new, empty, or holds a kit.

    Raises:
        RunError: it holds something else, or cannot be opened.
    """
    try:
        held = any(not p.match(PART) for p in folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise RunError(f"{folder}: cannot be opened: {error.strerror or error}") from None
    if held and (json_record(folder / RECORD, MAX_RECORD_BYTES) or {}).get("kit") != 1:
        raise RunError(f"{folder}: holds files that are not a kit's; choose another --out")


def write_kit(kit: Kit, scenario: Scenario, folder: Path) -> None:
    """Write a kit. Of an older kit in the folder nothing stays; other files are left alone.

    Raises:
        RunError: the folder holds something else, or the disk refuses.
    """
    check_free(folder)
    write_safely(folder / RECORD, kit.files[RECORD])  # first: a kit that was stopped is known
    for name in KNOWN:
        if name not in kit.files or name == INDEX:
            (folder / name).unlink(missing_ok=True)
    for name in sorted(kit.files, key=lambda name: name == INDEX):  # last: with it the kit is whole
        write_safely(folder / name, kit.files[name])
    for name in sorted({path.partition("/")[0] for path in kit.files if path.endswith(".yaml")}):
        write_fit_of(scenario, folder / name)
    remove_partial(folder)
