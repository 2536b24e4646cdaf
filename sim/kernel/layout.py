"""How the kernel's memory is laid out: tables set end to end in two flat arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.model.program import Floats, Ints


class Layout:
    """Lays tables end to end, after a head of single numbers."""

    def __init__(self, head: int, float_head: int) -> None:
        self.head = np.zeros(head, dtype=np.int64)
        self.parts: list[tuple[Any, int, Any]] = [(np.int64, 0, self.head)]
        self.size = {np.int64: head, np.float64: float_head}
        self.shapes: dict[int, tuple[int, ...]] = {}

    def place(self, slot: int, values: Any, kind: Any = np.int64) -> None:
        """Add a table with its values; `head[slot]` tells where it begins."""
        array = np.asarray(values, dtype=kind)
        self.parts.append((kind, self.size[kind], array.ravel()))
        self.zeros(slot, *array.shape, kind=kind)

    def zeros(self, slot: int, *shape: int, kind: Any = np.int64) -> None:
        """Add a table of zeros."""
        self.head[slot], self.shapes[slot] = self.size[kind], shape
        self.size[kind] += math.prod(shape)

    def filled(self) -> tuple[Ints, Floats]:
        """Return the two arrays."""
        memory = {kind: np.zeros(size, dtype=kind) for kind, size in self.size.items()}
        for kind, start, array in self.parts:
            memory[kind][start : start + array.size] = array
        return memory[np.int64], memory[np.float64]


def rows_of(width: int, *columns: Any) -> Ints:
    """Set columns, of one or more places each, side by side; the rest is room for state."""
    wide = [c if c.ndim == 2 else c[:, None] for c in map(np.asarray, columns)]
    table = np.zeros((len(wide[0]), width), dtype=np.int64)
    table[:, : sum(c.shape[1] for c in wide)] = np.hstack(wide)
    return table


def grouped(rows: list[list[int]]) -> tuple[list[int], Ints]:
    """Lay lists end to end; return them and where each begins."""
    return [x for row in rows for x in row], np.cumsum([0, *map(len, rows)], dtype=np.int64)
