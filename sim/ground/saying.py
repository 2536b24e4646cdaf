"""What the program says on standard error while it works, once in a process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import perf_counter

_said: set[str] = set()
_beside: list[Callable[[str], None]] = []
"""Shows a passing text beside the progress bar, while there is one."""


def say_once(text: str) -> None:
    """Say something on standard error unless it was said before."""
    if text not in _said:
        _said.add(text)
        print(text, file=sys.stderr)


@contextmanager
def beside_a_bar(show: Callable[[str], None]) -> Iterator[None]:
    """Let `show` show what passes, beside a progress bar, which no line may be written into."""
    _beside.append(show)
    try:
        yield
    finally:
        _beside.remove(show)


def pass_by(text: str) -> bool:
    """Show a text where the last one stood, an empty one to end; return whether anybody sees it:
    nobody does where standard error is no terminal."""
    if _beside:
        _beside[-1](text)
    elif sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    else:
        return False
    return True


def so_far(passed_s: float, usual_s: float) -> str:
    """Say how long something has taken that usually takes so many seconds."""
    if passed_s > usual_s:
        return f"{passed_s:.0f} seconds so far, longer than usual"
    return f"{passed_s:.0f} of about {usual_s:.0f} seconds"


@contextmanager
def counting(what: str, about_s: float) -> Iterator[None]:
    """Say that something takes long, by experience `about_s` seconds; where it can be shown, show
    how many have passed until it ends."""
    begun, ended = perf_counter(), Event()
    usual_s = max(5, 5 * round(about_s / 5))
    about = f"about {usual_s} seconds"
    if not pass_by(f"{what}: this takes {about}"):
        print(f"{what}: this takes {about}, on a slow machine longer", file=sys.stderr)
        yield
        return

    def count() -> None:
        while not ended.wait(1.0):
            pass_by(f"{what}: {so_far(perf_counter() - begun, usual_s)}")

    counter = Thread(target=count, daemon=True)
    counter.start()
    try:
        yield
    finally:
        ended.set()
        counter.join()
        pass_by("")
