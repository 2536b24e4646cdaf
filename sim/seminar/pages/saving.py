"""Saving what a teacher takes home in the folder of the record; no record is ever overwritten."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from sim.ground.files import write_safely
from sim.seminar.lesson.session import Session
from sim.seminar.pages.export import exports
from sim.seminar.record.file import record_lines

RECORD = "record.jsonl"


def save_exports(session: Session, folder: Path, *, names: bool = False) -> list[Path]:
    """Write the record and the scores into a folder; return the files.

    Where the folder holds what is not of this room, they go into `lesson-2` in it, or `lesson-3`.

    Raises:
        RunError: the disk refuses.
    """
    written = {_marked(name, names): text() for name, text in exports(session, names=names).items()}
    plan = session.plan
    lines = {
        _marked(RECORD, n): record_lines(session.store, plan.title, plan.digest, names=n)
        for n in (False, True)
    }
    folders = (folder if n == 1 else folder / f"lesson-{n}" for n in count(1))
    chosen = next(f for f in folders if _may_be_written(f, [*written], lines))
    for name, text in written.items():
        write_safely(chosen / name, text)
    return [chosen / name for name in written]


def _marked(name: str, names: bool) -> str:
    stem, _, kind = name.partition(".")
    return f"{stem}-with-names.{kind}" if names and stem in ("record", "scores", "grades") else name


def _may_be_written(folder: Path, names: list[str], lines: dict[str, str]) -> bool:
    """Whether a folder holds none of the files, or those of this room. A record is only added to,
    so one that was saved earlier is the beginning of what it is now."""
    records = [name for name in lines if (folder / name).exists()]
    if not records:
        return not any((folder / name).exists() for name in names)
    return all(lines[name].encode().startswith(_content(folder / name)) for name in records)


def _content(path: Path) -> bytes:
    """Return the bytes of a file; of what cannot be read, some with which no record begins."""
    try:
        return path.read_bytes()
    except OSError:
        return b"?"
