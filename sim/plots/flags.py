"""Where labels hang so that none collides: flags on upright poles, or numbers in stacks.

A flag is a label beside the top of a pole that stands on its event's date. Flags are hung from
the last event to the first, each in the lowest row that is free and above every flag whose pole it
would cover. So no two flags overlap, no pole crosses a flag, and flags that lie above one another
read forwards from the top down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Hung:
    """A placed flag: it covers `left` to `right` inches and `rows` rows from `row` up."""

    left: float
    right: float
    row: int
    rows: int
    flipped: bool


@dataclass(frozen=True)
class Stack:
    """Numbers above one another at one place, of the events `first` to `last`."""

    x: float
    first: int
    last: int


def hang(
    poles: Sequence[float], widths: Sequence[float], rows: Sequence[int], edge: float
) -> list[Hung] | None:
    """Place a flag for each pole, or give None if one would pass the right `edge`.

    `poles` ascend and are in inches, as are `widths`; `rows` counts the lines of each label. A flag
    flies to the right of its pole, or to the left if that is the only side with room.
    """
    placed: dict[int, Hung] = {}
    for i in reversed(range(len(poles))):
        left, right = poles[i], poles[i] + widths[i]
        flipped = right > edge
        if flipped:
            left, right = poles[i] - widths[i], poles[i]
            if left < 0 or any(left <= pole for pole in poles[:i]):
                return None
        row = 0
        for j, other in placed.items():
            if left <= poles[j] <= right:
                row = max(row, other.row + other.rows)
        crowd = sorted(
            (h.row, h.row + h.rows) for h in placed.values() if h.left <= right and left <= h.right
        )
        for low, high in crowd:
            if low < row + rows[i] and row < high:
                row = high
        placed[i] = Hung(left, right, row, rows[i], flipped)
    return [placed[i] for i in range(len(poles))]


def stack(poles: Sequence[float], step: float) -> list[Stack]:
    """Gather ascending poles into stacks at least `step` inches apart."""
    stacks: list[Stack] = []
    for i, x in enumerate(poles):
        if stacks and x < stacks[-1].x + step:
            stacks[-1] = Stack(stacks[-1].x, stacks[-1].first, i)
        else:
            stacks.append(Stack(x, i, i))
    return stacks
