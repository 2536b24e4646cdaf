"""A run: its values and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.results.result import Result

if TYPE_CHECKING:
    from sim.galleries.gallery import Gallery


@dataclass(repr=False)
class Run(Result):
    """A finished run."""

    @property
    def plot(self) -> Gallery:
        """The figures of the run."""
        from sim.galleries.gallery import Gallery

        return Gallery(self)
