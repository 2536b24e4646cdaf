"""Charts of the seminar's pages, written as SVG in the figures' colours. No style attributes: the
pages forbid them. Beside each chart the pages hold a table with the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from sim.ground.dates import DAY_S, day
from sim.ground.states import STATE_LABELS
from sim.plots.style import INK, QUIET, RULE, STATE_COLOURS, ink_on
from sim.seminar.past import Strip
from sim.seminar.scores import Bin

WIDTH = 480
SMALL = 17
"""The smallest letters of a chart that is as wide as a phone: about 12 points of its screen."""
FIRST, LAST = "#b9c2cf", "#3d4f6b"
"""The colours of the first vote and of the last."""


def _svg(height: float, title: str, body: str, width: int = WIDTH) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height:g}" role="img" xmlns="http://www.w3.org/2000/svg" '
        f'font-family="system-ui, sans-serif"><title>{escape(title)}</title>{body}</svg>'
    )


def _text(
    x: float, y: float, words: str, size: int = 15, anchor: str = "start", fill: str = INK
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{fill}">{escape(words)}</text>'
    )


def _rect(x: float, y: float, w: float, h: float, fill: str, stroke: str = "none") -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(w, 0):.1f}" height="{h:.1f}" fill="{fill}" '
        f'stroke="{stroke}"/>'
    )


def bars(
    labels: Sequence[str],
    first: Sequence[float] | None,
    last: Sequence[float] | None,
    truth: int | None = None,
    title: str = "The class's probabilities",
) -> str:
    """Draw the class's mean probability of each option, in the first vote and in the last.

    Values lie in [0, 1]. `truth` marks what happened; None where it is not shown yet.
    """
    rows = [(values, colour) for values, colour in ((first, FIRST), (last, LAST)) if values]
    left, right, thick, gap = 165, 56, 22, 14
    block = thick * max(len(rows), 1) + gap
    body = ""
    for n, label in enumerate(labels):
        top = 6 + n * block
        mark = "✓ " if truth == n else ""
        weight = _text(left - 12, top + block / 2, f"{mark}{label}", 17, "end")
        body += weight.replace("<text ", '<text font-weight="700" ') if truth == n else weight
        for k, (values, colour) in enumerate(rows):
            width = (WIDTH - left - right) * values[n]
            y = top + k * thick
            body += _rect(left, y + 2, width, thick - 4, colour)
            body += _text(left + width + 6, y + thick - 4, f"{100 * values[n]:.0f} %", SMALL)
    body += f'<line x1="{left}" y1="0" x2="{left}" y2="{6 + len(labels) * block - gap + 6}" '
    body += f'stroke="{INK}"/>'
    return _svg(6 + len(labels) * block - gap + 8, title, body)


def calibration(bins: Sequence[Bin]) -> str:
    """Draw how often what was given a probability came true; on the diagonal they are alike."""
    size, left, top, foot = 300, 58, 38, 56
    width = left + size + 28

    def at(x: float, y: float) -> tuple[float, float]:
        return left + size * x, top + size * (1 - y)

    body = _rect(left, top, size, size, "#ffffff", RULE)
    (x1, y1), (x2, y2) = at(0, 0), at(1, 1)
    body += f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{QUIET}" '
    body += 'stroke-dasharray="5 5"/>'
    for n in range(0, 101, 25):
        x, y = at(n / 100, n / 100)
        body += _text(x, top + size + 20, f"{n} %", 14, "middle", QUIET)
        body += _text(left - 8, y + 5, f"{n} %", 14, "end", QUIET)
    most = max((b.count for b in bins), default=1)
    for b in bins:
        x, y = at(b.mean, b.share)
        radius = 4 + 10 * (b.count / most) ** 0.5
        body += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{LAST}" '
        body += 'fill-opacity="0.75" stroke="#ffffff"/>'
    body += _text(left + size / 2, top + size + 44, "probability given", 15, "middle")
    body += _text(4, 20, "came true", 15)
    return _svg(top + size + foot, "Calibration of the class", body, width)


def begin_of(strips: Iterable[Strip], until_s: int) -> int:
    """Return where bands that end at an instant begin: where the log begins to say something."""
    shown = [s.intervals for s in strips if s.intervals]
    begin = min((i[0].start_s for i in shown), default=until_s - DAY_S)
    first = min((i[1].start_s for i in shown if len(i) > 1), default=begin)
    return max(begin, first - max((until_s - first) // 2, 60 * DAY_S))


def strips(rows: Sequence[tuple[str, Strip]], start_s: int, end_s: int) -> str:
    """Draw the states of a channel, one band a viewpoint, from one instant to another."""
    left, tall, gap, top = 94, 36, 10, 6
    span = max(1, end_s - start_s)

    def at(instant: int) -> float:
        return left + (WIDTH - left - 4) * (min(max(instant, start_s), end_s) - start_s) / span

    body = ""
    for n, (name, strip) in enumerate(rows):
        y = top + n * (tall + gap)
        body += _text(left - 10, y + tall / 2 + 6, name, SMALL, "end")
        for interval in strip.intervals:
            a, b = at(interval.start_s), at(interval.end_s)
            if b - a <= 0:
                continue
            body += _rect(a, y, b - a, tall, STATE_COLOURS[interval.state], "#ffffff")
            words = STATE_LABELS[interval.state]
            if b - a > 10 * len(words) + 8:
                fill = ink_on(interval.state)
                body += _text((a + b) / 2, y + tall / 2 + 6, words, SMALL, "middle", fill)
    foot = top + len(rows) * (tall + gap) + 14
    body += _text(left, foot, str(day(start_s)), SMALL, "start", QUIET)
    body += _text(WIDTH - 4, foot, str(day(end_s - 1)), SMALL, "end", QUIET)
    names = ", ".join(name for name, _ in rows)
    return _svg(foot + 8, f"States of the channel over time, as seen by: {names}", body)
