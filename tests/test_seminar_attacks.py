"""What goes wrong in a room, by bad luck or by intent: stops, disks, clocks, crowds and slow lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from lessons import plan

from sim.ground.errors import InputError
from sim.seminar.record import Forecasted
from sim.seminar.web import serve
from sim.seminar.web.serve import add_forecasts, check_folder, open_room, take_up

# ---------------------------------------------------------------------------------- the start


def test_a_stop_while_the_simulator_forecasts_leaves_a_record_that_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan()

    def forecast(_: object, round_: object, worlds: int) -> dict[str, tuple[float, ...]]:
        if round_ is not made.rounds[0]:
            raise KeyboardInterrupt
        return {q.id: tuple(1 / len(q.options) for _ in q.options) for q in made.rounds[0].questions}

    monkeypatch.setattr(serve, "forecast", forecast)
    session = take_up(made, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        open_room(session, "127.0.0.1", 0, prepare=lambda: add_forecasts(session) and None)
    session.store.close()
    again = take_up(made, tmp_path)
    assert [*again.room.forecasts] == [0]
    assert isinstance(again.room.forecasts[0], Forecasted)
    opened = open_room(again, "127.0.0.1", 0)
    assert len(opened.code) == 6
    opened.listening.close()
    opened.room.close()
    again.store.close()


def test_a_port_that_is_taken_is_told_before_anything_is_prepared(tmp_path: Path) -> None:
    session = take_up(plan(), tmp_path)
    with pytest.raises(InputError, match="--host: cannot be listened on"):
        open_room(session, "no-such-host.invalid", 0, prepare=lambda: pytest.fail("too early"))
    assert session.room.position == 0
    session.store.close()


def test_a_folder_that_is_a_file_is_refused_as_input(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="--out: is a file, and must be a folder"):
        check_folder(tmp_path / "file")
    check_folder(tmp_path)
