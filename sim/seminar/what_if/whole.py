"""The record of a whole seminar: which parts have events in it."""

from __future__ import annotations

from pathlib import Path

from sim.seminar.lesson.plan import Plan
from sim.seminar.lesson.record import LESSON
from sim.seminar.lesson.session import Session
from sim.seminar.play.alone import ALONE
from sim.seminar.play.part import PLAY
from sim.seminar.record.reading import Parts
from sim.seminar.record.store import Store
from sim.seminar.what_if.record import BRANCHES

SEMINAR = Parts(PLAY, LESSON, BRANCHES, ALONE)
"""All parts of a seminar, beside the room itself."""
RECORD = "record.sqlite"


def take_up(plan: Plan, folder: Path) -> Session:
    """Open the record of a lesson in a folder, or begin one.

    Raises:
        InputError: the folder holds the record of another lesson.
        RunError: the disk refuses.
    """
    store = Store(folder / RECORD, SEMINAR)
    try:
        return Session(plan, store)
    except BaseException:
        store.close()
        raise
