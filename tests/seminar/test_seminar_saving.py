"""What is saved of a lesson: no record is ever overwritten, in whatever form."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lessons import go_to, opened, seat

from sim.ground.errors import InputError
from sim.seminar.pages.export import save_exports
from sim.seminar.record.events import Joined
from sim.seminar.record.file import load_record
from sim.seminar.record.store import Store
from sim.seminar.what_if.whole import SEMINAR


def told(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.suffix in (".jsonl", ".csv")
    }


def test_a_file_with_names_does_not_replace_the_one_without(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.join(1, "Ana Very Private", "north", seat(1))
    plain, named = (save_exports(session, tmp_path, names=n) for n in (False, True))
    kinds = {"record.jsonl", "scores.csv", "grades.csv"}
    assert {p.name for p in plain} == kinds | {"columns.csv"}
    assert {p.name for p in named} == {k.replace(".", "-with-names.") for k in kinds}
    assert "Very Private" not in (tmp_path / "record.jsonl").read_text()
    assert "Very Private" in (tmp_path / "record-with-names.jsonl").read_text()


def test_a_room_that_goes_on_saves_over_what_it_saved_before(tmp_path: Path) -> None:
    session = opened(tmp_path, 2)
    for names in (False, True):
        save_exports(session, tmp_path, names=names)
    go_to(session, "vote")
    session.remove(200_000, 2)
    for names in (True, False):
        assert all(p.parent == tmp_path for p in save_exports(session, tmp_path, names=names))
    assert len(told(tmp_path)) == 7  # with what the columns mean
    assert len(load_record(tmp_path / "record.jsonl", SEMINAR)[1]) == session.room.position


def test_a_record_that_was_removed_is_not_overwritten_by_the_next_lesson(tmp_path: Path) -> None:
    """Somebody removes the record of an open room. What is saved at the end is all that is left."""
    first = opened(tmp_path, 3)
    for path in tmp_path.glob("record.sqlite*"):
        path.unlink()
    save_exports(first, tmp_path)
    first.store.close()
    kept = told(tmp_path)
    assert len(load_record(tmp_path / "record.jsonl", SEMINAR)[1]) == first.room.position
    for n, students in ((2, 2), (3, 1)):
        following = opened(tmp_path, students)
        following.remove(9_000, 1)
        for names in (False, True):
            files = save_exports(following, tmp_path, names=names)
            assert {p.parent.name for p in files} == {f"lesson-{n}"}
        following.store.close()
        (tmp_path / "record.sqlite").unlink()
        assert told(tmp_path).items() >= kept.items()
        kept = told(tmp_path)
    assert len(kept) == 4 + 7 + 7


@pytest.mark.parametrize("name", ["record.jsonl", "scores.csv", "record-with-names.jsonl"])
def test_files_of_others_are_left_alone(tmp_path: Path, name: str) -> None:
    session = opened(tmp_path, 1)
    (tmp_path / name).write_text("Something else.\n")
    names = "names" in name
    assert {p.parent.name for p in save_exports(session, tmp_path, names=names)} == {"lesson-2"}
    assert (tmp_path / name).read_text() == "Something else.\n"


def test_events_that_lie_beside_a_missing_record_are_not_thrown_away(tmp_path: Path) -> None:
    """Somebody removes the record of an open room, and then the power fails."""
    path = tmp_path / "one" / "record.sqlite"
    store = Store(path, SEMINAR)
    store.append(0, [Joined(student=1, name="Ana", seat_sha256=seat(1))], 0)
    shutil.copytree(path.parent, tmp_path / "two")
    store.close()
    left = tmp_path / "two" / "record.sqlite"
    aside = tmp_path / "aside"
    left.rename(aside)
    with pytest.raises(InputError, match=r"is missing, but record\.sqlite-wal holds events of it"):
        Store(left, SEMINAR)
    assert not left.exists()
    aside.rename(left)
    again = Store(left, SEMINAR)
    assert len(again.read()) == 1  # control: with the record back they are there
    again.close()
