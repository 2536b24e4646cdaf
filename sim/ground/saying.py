"""What the program says on standard error while it works, once in a process."""

from __future__ import annotations

import sys

_said: set[str] = set()


def say_once(text: str) -> None:
    """Say something on standard error unless it was said before."""
    if text not in _said:
        _said.add(text)
        print(text, file=sys.stderr)
