"""Whether numbers that should be even in [0, 1] are: their steps beside the diagonal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from sim.plots.page import MARGIN, Head, KeyItem, blank, box_item, is_narrow
from sim.plots.rows import line_sign
from sim.plots.square import add_square
from sim.plots.style import INK, QUIET, RULE, TINT, styled

_SIDE, _SIDE_NARROW = 3.2, 2.6
_LEFT, _FOOT = MARGIN + 0.5, 0.55
_KS95 = 1.358
"""The 95 % point of Kolmogorov's law."""


def evenness(
    numbers: Sequence[float], *, title: str = "", note: str = "", axis: str = ""
) -> Figure:
    """Draw the share of numbers below each value, with the band in which 95 % of such steps lie
    whole if the numbers are even in [0, 1] (Kolmogorov). `axis` says what the numbers are."""
    with styled():
        if not len(numbers):
            return blank(title, "No numbers to show.")
        key = [
            KeyItem("what came", line_sign),
            box_item("95 % of even numbers lie here", TINT),
        ]
        head = Head(title, note, key)
        side = _SIDE_NARROW if is_narrow() else _SIDE
        page = head.page(head.height + 0.15 + side + _FOOT, note)
        top = head.height + 0.15
        axes = add_square(page, "evenness", _LEFT, top, side, under=0.16, beside=0.08)
        x = np.linspace(0, 1, 201)
        half = _KS95 / np.sqrt(len(numbers))
        low, high = np.clip(x - half, 0, 1), np.clip(x + half, 0, 1)
        axes.fill_between(x, low, high, color=TINT, lw=0)
        axes.plot([0, 1], [0, 1], color=QUIET, lw=0.8)
        ordered = np.sort(np.asarray(numbers, dtype=np.float64))
        steps = np.arange(1, len(ordered) + 1) / len(ordered)
        axes.step([0, *ordered, 1], [0, *steps, 1], where="post", color=INK, lw=1.3, clip_on=False)
        axes.plot([0, 1, 1, 0, 0], [0, 0, 1, 1, 0], color=RULE, lw=0.6, clip_on=False)
        page.text(_LEFT, top + side + 0.36, axis, colour=QUIET, label="caption")
        return page.figure
