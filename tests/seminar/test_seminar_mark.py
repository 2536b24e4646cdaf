"""The mark of a page: by it a browser knows whether what it shows is the newest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lessons import go_to
from rooms import served, student_of

from sim.seminar.pages.viewer import Viewer, mark_of
from sim.seminar.record.room import Room


def test_a_page_that_is_filled_while_the_room_changes_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would show the old step for good, with the mark of the new one."""
    with served(tmp_path) as opened:
        ana = student_of(opened)
        session, presenter = opened.room.session, opened.room.true_presenter
        fill = presenter.values

        def slowly(room: Room, viewer: Viewer) -> dict[str, Any]:
            values = fill(room, viewer)
            if session.room.phase != "read":
                go_to(session, "read")
            return values

        monkeypatch.setattr(presenter, "values", slowly)
        (student,) = session.room.students.values()
        first, second = ana.get("/room/part").body, ana.get("/room/part").body
        newest = f'data-mark="{mark_of(session.room, Viewer("room", student))}"'
        assert "The room is open" in first
        assert newest not in first
        assert newest in second  # the control
