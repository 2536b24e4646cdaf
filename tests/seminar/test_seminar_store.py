"""The store of a seminar: only ever added to, and never torn."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from threading import Thread

import pytest
from apart import Loaded
from hypothesis import given
from hypothesis import strategies as st
from lessons import SALT, seat

from sim.ground.errors import InputError, RunError
from sim.seminar.lesson.record import ReasonHidden
from sim.seminar.record.events import Ended, Joined, Removed, SeminarEvent, Started
from sim.seminar.record.store import Conflict, Store
from sim.seminar.what_if.whole import SEMINAR


def joined(n: int) -> Joined:
    return Joined(student=n, name=f"Student {n}", seat_sha256=seat(n))


def students(store: Store, after: int = 0) -> list[int]:
    return [r.event.student for r in store.read(after) if isinstance(r.event, Joined)]


events = st.lists(
    st.one_of(
        st.integers(1, 400).map(joined),
        st.integers(1, 400).map(lambda n: Removed(student=n)),
        st.builds(ReasonHidden, student=st.integers(1, 9), round=st.just(0), vote=st.just(1)),
        st.just(Started(teacher_sha256=SALT)),
        st.just(Ended()),
    ),
    min_size=1,
    max_size=4,
)


@given(st.lists(events, min_size=1, max_size=5))
def test_what_is_added_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, added: list[list[SeminarEvent]]
) -> None:
    path = tmp_path_factory.mktemp("store") / "record.sqlite"
    store, kept = Store(path, SEMINAR), []
    for n, some in enumerate(added):
        kept += store.append(len(kept), some, 1_000 * n)
    assert store.read() == kept
    assert store.read(1) == kept[1:]
    store.close()
    again = Store(path, SEMINAR)
    assert again.read() == kept
    again.close()


def test_who_has_not_seen_all_adds_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "record.sqlite", SEMINAR)
    store.append(0, [joined(1)], 0)
    with pytest.raises(Conflict):
        store.append(0, [joined(2), joined(3)], 0)
    with pytest.raises(Conflict):
        store.append(2, [joined(2)], 0)
    assert students(store) == [1]


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    """Each tries again with what it missed; no place is taken twice and none is left out."""
    path = tmp_path / "record.sqlite"
    Store(path, SEMINAR).close()

    def write(first: int) -> None:
        store = Store(path, SEMINAR)
        for n in range(first, first + 40):
            while True:
                seen = len(store.read())
                try:
                    store.append(seen, [joined(n)], 0)
                    break
                except Conflict:
                    continue
        store.close()

    writers = [Thread(target=write, args=(first,)) for first in (1, 101)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    store = Store(path, SEMINAR)
    assert sorted(students(store)) == [*range(1, 41), *range(101, 141)]
    assert [r.position for r in store.read()] == list(range(1, 81))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET body = '{}'",
        "DELETE FROM event",
        "UPDATE branch SET cut = 1",
        "DELETE FROM branch",
        "INSERT INTO event VALUES (1, 5, 'ended', 1, 0, '{}')",
        "INSERT INTO event VALUES (1, 1, 'ended', 1, 0, '{}')",
    ],
)
def test_the_file_itself_refuses_to_change_the_past(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "record.sqlite"
    store = Store(path, SEMINAR)
    store.append(0, [joined(1), joined(2)], 0)
    db = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)
    db.execute("INSERT INTO event VALUES (1, 3, 'ended', 1, 0, '{}')")  # control: what follows may
    db.close()


def test_other_files_are_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "text.sqlite"
    text.write_text("this is no database, and long enough to be looked at as one " * 20)
    other = tmp_path / "other.sqlite"
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE x (y)")
    db.commit()
    db.close()
    for path, rule in (
        (text, "damaged, or is not the record"),
        (other, "is not the record of a seminar"),
    ):
        before = path.read_bytes()
        with pytest.raises(InputError, match=rule):
            Store(path, SEMINAR)
        assert path.read_bytes() == before
    newer = tmp_path / "newer.sqlite"
    Store(newer, SEMINAR).close()
    db = sqlite3.connect(newer)
    db.execute("PRAGMA user_version = 9")
    db.close()
    with pytest.raises(InputError, match="another version of the program: layout 9, not 1"):
        Store(newer, SEMINAR)


def test_an_event_of_a_later_schema_is_named(tmp_path: Path) -> None:
    path = tmp_path / "record.sqlite"
    store = Store(path, SEMINAR)
    store.append(0, [joined(1)], 0)
    db = sqlite3.connect(path)
    db.execute("INSERT INTO event VALUES (1, 2, 'ended', 2, 0, '{\"kind\":\"ended\"}')")
    db.commit()
    with pytest.raises(InputError, match="event 2: is of schema 2; this program knows 1"):
        store.read()
    db.execute("INSERT INTO event VALUES (1, 3, 'x', 1, 0, '{\"kind\":\"x\"}')")
    db.commit()
    with pytest.raises(InputError, match="event 3"):
        store.read(after=2)
    db.close()


def test_a_disk_that_refuses_is_told_and_nothing_is_half_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "record.sqlite"
    store = Store(path, SEMINAR)
    store.append(0, [joined(1)], 0)
    store._db.execute(
        "PRAGMA max_page_count = 1"
    )  # never below what it is: the next page is refused
    reason = "x" * 200
    fill = [Joined(student=2, name="n" * 40, group=reason, seat_sha256=seat(2))] * 5

    def fill_up() -> None:
        while True:
            store.append(len(store.read()), fill, 0)

    with pytest.raises(RunError, match=r"record.sqlite: cannot be written: .*full"):
        fill_up()
    kept = store.read()
    assert [r.position for r in kept] == list(range(1, len(kept) + 1))
    assert (len(kept) - 1) % 5 == 0


KILLED = """
import sys
from pathlib import Path
from lessons import seat
from sim.seminar.record.events import Joined
from sim.seminar.record.store import Store
from sim.seminar.what_if.whole import SEMINAR
store = Store(Path(sys.argv[1]), SEMINAR)
n = len(store.read())
while True:
    n += 1
    joined = Joined(student=n, name=f"Student {n}", seat_sha256=seat(n))
    store.append(n - 1, [joined], 0)
    print(n, flush=True)
"""


@pytest.mark.slow
def test_a_kill_loses_nothing_that_was_acknowledged(loaded: Loaded, tmp_path: Path) -> None:
    path = tmp_path / "record.sqlite"
    acknowledged = 0
    for _ in range(3):
        writer = loaded.run(KILLED, path)
        for line in writer.stdout:
            acknowledged = int(line)
            if acknowledged % 50 == 49:
                break
        acknowledged = max([acknowledged, *map(int, writer.kill().split())])
        store = Store(path, SEMINAR)
        kept = students(store)
        store.close()
        assert kept == list(range(1, len(kept) + 1))
        assert len(kept) >= acknowledged > 0
        time.sleep(0)
