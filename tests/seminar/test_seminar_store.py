"""The store of a seminar: only ever added to, never torn, and shared by branches."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lessons import SALT, seat

from sim.ground.errors import InputError, RunError
from sim.seminar.record import Ended, Joined, ReasonHidden, Removed, SeminarEvent, Started
from sim.seminar.store import MAIN, Conflict, Store


def joined(n: int) -> Joined:
    return Joined(student=n, name=f"Student {n}", seat_sha256=seat(n))


def students(store: Store, branch: int = MAIN, after: int = 0) -> list[int]:
    return [r.event.student for r in store.read(branch, after) if isinstance(r.event, Joined)]


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
    store, kept = Store(path), []
    for n, some in enumerate(added):
        kept += store.append(MAIN, len(kept), some, 1_000 * n)
    assert store.read() == kept
    assert store.read(MAIN, 1) == kept[1:]
    store.close()
    again = Store(path)
    assert again.read() == kept
    again.close()


def test_who_has_not_seen_all_adds_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "record.sqlite")
    store.append(MAIN, 0, [joined(1)], 0)
    with pytest.raises(Conflict):
        store.append(MAIN, 0, [joined(2), joined(3)], 0)
    with pytest.raises(Conflict):
        store.append(MAIN, 2, [joined(2)], 0)
    assert students(store) == [1]


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    """Each tries again with what it missed; no place is taken twice and none is left out."""
    path = tmp_path / "record.sqlite"
    Store(path).close()

    def write(first: int) -> None:
        store = Store(path)
        for n in range(first, first + 40):
            while True:
                seen = len(store.read())
                try:
                    store.append(MAIN, seen, [joined(n)], 0)
                    break
                except Conflict:
                    continue
        store.close()

    writers = [Thread(target=write, args=(first,)) for first in (1, 101)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    store = Store(path)
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
    store = Store(path)
    store.append(MAIN, 0, [joined(1), joined(2)], 0)
    db = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)
    db.execute("INSERT INTO event VALUES (1, 3, 'ended', 1, 0, '{}')")  # control: what follows may
    db.close()


def test_branches_share_what_came_before(tmp_path: Path) -> None:
    store = Store(tmp_path / "record.sqlite")
    store.append(MAIN, 0, [joined(n) for n in range(1, 6)], 0)
    child = store.branch(MAIN, 3, "without the fourth")
    store.append(child, 3, [joined(14), joined(15)], 0)
    grandchild = store.branch(child, 4, "deeper")
    store.append(grandchild, 4, [joined(26)], 0)
    store.append(MAIN, 5, [joined(6)], 0)
    assert students(store) == [1, 2, 3, 4, 5, 6]
    assert students(store, child) == [1, 2, 3, 14, 15]
    assert students(store, grandchild) == [1, 2, 3, 14, 26]
    assert students(store, grandchild, after=3) == [14, 26]
    early = store.branch(grandchild, 2, "before every cut")
    assert students(store, early) == [1, 2]
    with pytest.raises(Conflict):
        store.append(child, 3, [joined(99)], 0)
    with pytest.raises(ValueError, match="has no event 9"):
        store.branch(child, 9, "too long")
    with pytest.raises(ValueError, match="no branch 77"):
        store.append(77, 0, [joined(1)], 0)


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
            Store(path)
        assert path.read_bytes() == before
    newer = tmp_path / "newer.sqlite"
    Store(newer).close()
    db = sqlite3.connect(newer)
    db.execute("PRAGMA user_version = 9")
    db.close()
    with pytest.raises(InputError, match="another version of the program: layout 9, not 1"):
        Store(newer)


def test_an_event_of_a_later_schema_is_named(tmp_path: Path) -> None:
    path = tmp_path / "record.sqlite"
    store = Store(path)
    store.append(MAIN, 0, [joined(1)], 0)
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
    store = Store(path)
    store.append(MAIN, 0, [joined(1)], 0)
    store._db.execute(
        "PRAGMA max_page_count = 1"
    )  # never below what it is: the next page is refused
    reason = "x" * 200
    fill = [Joined(student=2, name="n" * 40, group=reason, seat_sha256=seat(2))] * 5

    def fill_up() -> None:
        while True:
            store.append(MAIN, len(store.read()), fill, 0)

    with pytest.raises(RunError, match=r"record.sqlite: cannot be written: .*full"):
        fill_up()
    kept = store.read()
    assert [r.position for r in kept] == list(range(1, len(kept) + 1))
    assert (len(kept) - 1) % 5 == 0


KILLED = """
import sys
sys.path[:0] = {tests!r}
from pathlib import Path
from test_seminar_store import joined
from sim.seminar.store import MAIN, Store
store = Store(Path({path!r}))
n = len(store.read())
while True:
    n += 1
    store.append(MAIN, n - 1, [joined(n)], 0)
    print(n, flush=True)
"""


@pytest.mark.slow
def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "record.sqlite"
    here = Path(__file__).parent
    tests = [str(here), str(here.parent / "support")]
    code = KILLED.format(tests=tests, path=str(path))
    acknowledged = 0
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            for line in writer.stdout:
                acknowledged = int(line)
                if acknowledged % 50 == 49:
                    os.kill(writer.pid, signal.SIGKILL)
                    break
            rest = writer.stdout.read().split()
            acknowledged = max([acknowledged, *map(int, rest)])
        store = Store(path)
        kept = students(store)
        store.close()
        assert kept == list(range(1, len(kept) + 1))
        assert len(kept) >= acknowledged > 0
        time.sleep(0)
