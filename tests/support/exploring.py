"""`sim explore` as it is served, for tests that look at its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import sleep

from sim.scenario.scenario import Scenario
from sim.seminar.web.explore import Explored, open_alone
from sim.seminar.web.server import server_for


@contextmanager
def exploring(scenario: Scenario, language: str = "en") -> Iterator[Explored]:
    """Serve a scenario that one person explores, until the block ends."""
    made = open_alone(scenario, 0, language)
    server = server_for(made.app, made.alone.hub)
    thread = Thread(target=server.run, kwargs={"sockets": [made.listening]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            sleep(0.01)
        yield made
    finally:
        server.should_exit = True
        thread.join(15)
        made.alone.close()
        made.listening.close()
