"""What pages and exports tell of who wrote what."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from lessons import TEACHER, go_to, opened, percents, seat

from sim.seminar.export import exports
from sim.seminar.record import Room
from sim.seminar.session import Session
from sim.seminar.showing import Eye, Showing
from sim.seminar.store import Store


def voted(folder: Path, students: int) -> Session:
    """A lesson in which everybody has voted once."""
    session = opened(folder, students)
    go_to(session, "vote")
    for n in range(1, students + 1):
        given = percents(session, 10 + 7 * n)
        session.answer(150_000, n, session.room.round, 1, given, f"Because of {n}.")
    return session


def order(showing: Showing, room: Room) -> tuple[int, ...]:
    """The authors of the reasons, in the order in which the projector shows them."""
    return tuple(r["student"] for r in showing.values(room, Eye("board"))["reasons"])


# ---------------------------------------------------------------------------------- reasons


def test_the_order_of_reasons_tells_nothing_of_their_authors(tmp_path: Path) -> None:
    """Who tries all authors cannot tell which are right: in rooms that differ by their secret alone
    each of the six orders is about as frequent."""
    session = voted(tmp_path, 3)
    go_to(session, "discuss")
    showing = Showing(session.plan)
    rooms = [replace(session.room, secret=f"{n:064x}") for n in range(600)]
    found = Counter(order(showing, room) for room in rooms)
    assert len(found) == 6
    assert all(65 <= n <= 135 for n in found.values())  # 100, with a standard deviation of 9
    same = Counter(order(showing, replace(session.room, position=n)) for n in range(50))
    assert len(same) == 1  # control: nothing else moves them


def test_no_order_that_students_can_compute_is_the_one_that_is_shown(tmp_path: Path) -> None:
    session = voted(tmp_path, 12)
    go_to(session, "discuss")
    shown = order(Showing(session.plan), session.room)
    cast = session.room.cast(0, 1)

    def unkeyed(n: int) -> bytes:
        return sha256(f"1{cast[n].reason}{n}".encode()).digest()

    assert sorted(shown) == [*range(1, 13)]
    assert shown != tuple(sorted(shown, key=unkeyed))
    assert shown != tuple(sorted(shown))


def test_a_room_that_goes_on_keeps_its_order_under_a_new_key(tmp_path: Path) -> None:
    session = voted(tmp_path, 12)
    go_to(session, "discuss")
    before = order(Showing(session.plan), session.room)
    session.store.close()
    again = Session(session.plan, Store(tmp_path / "record.sqlite"))
    again.start(300_000, "ZZZZZZ", "8" * 64)
    assert order(Showing(again.plan), again.room) == before
    assert again.room.secret == TEACHER
    again.store.close()


def test_no_export_holds_a_secret(tmp_path: Path) -> None:
    session = voted(tmp_path, 6)
    session.start(200_000, "ABC234", "8" * 64)
    go_to(session, "over", 300_000)
    assert session.room.secret
    for names in (False, True):
        for name, written in exports(session, names=names).items():
            text = written()
            assert "Because of 1." in text, name  # control: it is the whole of it
            for secret in (session.room.secret, *session.room.teachers, seat(1), "ABC234"):
                assert secret not in text, name
