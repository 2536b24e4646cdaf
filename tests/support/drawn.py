"""Figures that are drawn once: the same function over the same data gives the same drawing.

That it does is for `test_plots` and `test_plots_more` to show. What is about folders, commands and
stopped runs needs the drawing, and not that it is made again; and mostly not even the drawing.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from hashlib import sha256
from typing import Any
from unittest.mock import patch

from sim import plots

WRITTEN: dict[tuple[bytes, str | None], str] = {}
"""Drawings by the digest of what they show, and the prefix of their ids."""
TOLD: dict[bytes, plots.Followed | None] = {}
"""What pages tell of the day under the pointer, by the digest of a drawing."""
NONE = ("save", "svg", "themed", "for_phones", "followed_of")
FIGURES = [n for n in plots.__all__ if n.islower() and n not in NONE]


class Later:
    """A figure that is drawn when anything but its known drawing is asked for."""

    def __init__(self, digest: bytes, draw: Callable[[], Any]) -> None:
        self.digest, self.draw = digest, draw

    @cached_property
    def figure(self) -> Any:
        return self.draw()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.figure, name)


def later(name: str, function: Callable[..., Any], *arguments: Any, **named: Any) -> Later:
    shown = pickle.dumps((name, arguments, sorted(named.items())))
    return Later(sha256(shown).digest(), partial(function, *arguments, **named))


def written(svg: Callable[..., str], figure: Later, *, prefix: str | None = None) -> str:
    key = (figure.digest, prefix)
    if key not in WRITTEN:
        WRITTEN[key] = svg(figure.figure, prefix=prefix)
    return WRITTEN[key]


def told(
    followed_of: Callable[[Any], plots.Followed | None], figure: Later
) -> plots.Followed | None:
    if figure.digest not in TOLD:
        TOLD[figure.digest] = followed_of(figure.figure)
    return TOLD[figure.digest]


@contextmanager
def once() -> Iterator[None]:
    """Draw nothing twice."""
    with standing_in(partial(written, plots.svg), partial(told, plots.followed_of)):
        yield


def blank(figure: Later, *, prefix: str | None = None) -> str:
    return f'<svg viewBox="0 0 1 1" role="img"><title>{prefix}{figure.digest.hex()}</title></svg>\n'


@contextmanager
def never() -> Iterator[None]:
    """Draw only what is saved or looked into: an SVG holds the digest of what it would show, and no
    pointer reads anything."""
    with standing_in(blank, lambda _: None):
        yield


@contextmanager
def standing_in(
    svg: Callable[..., str], followed_of: Callable[[Any], plots.Followed | None]
) -> Iterator[None]:
    with ExitStack() as stack:
        for name in FIGURES:
            draw = partial(later, name, getattr(plots, name))
            stack.enter_context(patch.object(plots, name, draw))
        stack.enter_context(patch.object(plots, "svg", svg))
        stack.enter_context(patch.object(plots, "followed_of", followed_of))
        yield
