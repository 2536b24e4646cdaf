"""Charts of the seminar's pages, written as SVG in the figures' colours. No style attributes: the
pages forbid them. Beside each chart the pages hold a table with the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape

from sim.ground.colours import INK, PAPER, QUIET, RULE, STATE_COLOURS, ink_on
from sim.ground.dates import DAY_S, day
from sim.ground.language import _, percent
from sim.ground.states import state_name
from sim.log.projection import Interval
from sim.seminar.lesson.scores import Bin
from sim.seminar.lesson.spread import Spread
from sim.seminar.pages.past import Strip

WIDTH = 480
LETTERS = 17
"""The size of all letters: about 12 points of the screen of a phone that is as wide as a chart."""
BESIDE = 20
"""Letters of a label that has room beside its bar; longer ones stand above."""
BESIDE_BAND = 11
"""Letters of a name that has room beside its band."""
FIRST, LAST = "#b9c2cf", "#3d4f6b"
"""The colours of the first vote and of the last."""
CHANGED = "#9b1c1c"
"""The colour of what marks a change of history."""


def _svg(height: float, title: str, body: str, width: int = WIDTH) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height:g}" role="img" xmlns="http://www.w3.org/2000/svg" '
        f'font-family="system-ui, sans-serif"><title>{escape(title)}</title>{body}</svg>'
    )


def _text(x: float, y: float, words: str, anchor: str = "start", fill: str = INK) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{LETTERS}" text-anchor="{anchor}" '
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
    truth: int | None,
    title: str,
    spread: Sequence[Spread],
) -> str:
    """Draw the class's mean probability of each option, in the first vote and in the last.

    Values lie in [0, 1]. `truth` marks what happened; None where it is not shown yet. `spread` is
    what single students gave to each option: a dot for each percent, below the bars.
    """
    rows = [(values, colour) for values, colour in ((first, FIRST), (last, LAST)) if values]
    above = 22 if max(map(len, labels)) > BESIDE else 0
    left, right, thick, gap = 12 if above else 165, 56, 22, 14
    lane = 16 if spread else 0
    block = thick * max(len(rows), 1) + lane + gap + above
    body = ""
    for n, label in enumerate(labels):
        top = 6 + n * block + above
        mark = "✓ " if truth == n else ""
        x, y, anchor = (left - 12, top + block / 2, "end")
        if above:
            x, y, anchor = left, top - 5, "start"
        weight = _text(x, y, f"{mark}{label}", anchor)
        body += weight.replace("<text ", '<text font-weight="700" ') if truth == n else weight
        for k, (values, colour) in enumerate(rows):
            width = (WIDTH - left - right) * values[n]
            y = top + k * thick
            body += _rect(left, y + 2, width, thick - 4, colour)
            body += _text(left + width + 6, y + thick - 4, percent(f"{100 * values[n]:.0f}"))
        if spread:
            middle = top + len(rows) * thick + lane / 2
            body += _dots(spread[n], left, WIDTH - left - right, middle)
    body += f'<line x1="{left}" y1="0" x2="{left}" y2="{6 + len(labels) * block - gap + 6}" '
    body += f'stroke="{INK}"/>'
    return _svg(6 + len(labels) * block - gap + 8, title, body)


def _dots(spread: Spread, left: float, wide: float, y: float) -> str:
    """Draw a dot for each percent that somebody gave; a larger one for more students."""
    most = sum(spread.counts.values())
    return "".join(
        f'<circle cx="{left + wide * p / 100:.0f}" cy="{y:g}" r="{3 + 5 * n / most:.1f}" '
        f'fill="{CHANGED}" fill-opacity="0.6"/>'
        for p, n in sorted(spread.counts.items())
    )


def calibration(bins: Sequence[Bin]) -> str:
    """Draw how often what was given a probability came true; on the diagonal they are alike."""
    size, left, top, foot = 300, 66, 38, 62
    width = left + size + 28

    def at(x: float, y: float) -> tuple[float, float]:
        return left + size * x, top + size * (1 - y)

    body = _rect(left, top, size, size, "#ffffff", RULE)
    (x1, y1), (x2, y2) = at(0, 0), at(1, 1)
    body += f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{QUIET}" '
    body += 'stroke-dasharray="5 5"/>'
    for n in range(0, 101, 25):
        x, y = at(n / 100, n / 100)
        body += _text(x, top + size + 24, percent(n), "middle", QUIET)
        body += _text(left - 8, y + 5, percent(n), "end", QUIET)
    most = max((b.count for b in bins), default=1)
    for b in bins:
        x, y = at(b.mean, b.share)
        radius = 4 + 10 * (b.count / most) ** 0.5
        body += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{LAST}" '
        body += 'fill-opacity="0.75" stroke="#ffffff"/>'
    body += _text(left + size / 2, top + size + 50, _("probability given"), "middle")
    body += _text(4, 20, _("came true"))
    return _svg(top + size + foot, _("Calibration of the class"), body, width)


def begin_of(strips: Iterable[Strip], until_s: int) -> int:
    """Return where bands that end at an instant begin: where the log begins to say something."""
    shown = [s.intervals for s in strips if s.intervals]
    begin = min((i[0].start_s for i in shown), default=until_s - DAY_S)
    first = min((i[1].start_s for i in shown if len(i) > 1), default=begin)
    return max(begin, first - max((until_s - first) // 2, 60 * DAY_S))


def strips(rows: Sequence[tuple[str, Strip]], start_s: int, end_s: int, channel: str = "") -> str:
    """Draw states from one instant to another, a band for each viewpoint or each channel. `channel`
    names the one of which all are, where there are others."""
    above = 24 if any(len(name) > BESIDE_BAND for name, __ in rows) else 0
    longest = max((len(name) for name, __ in rows), default=0)
    left = 4 if above else max(94, 18 + round(0.56 * LETTERS * longest))
    tall, gap, top = 36, 10, 30 if channel else 6
    span = max(1, end_s - start_s)

    def at(instant: int) -> float:
        return left + (WIDTH - left - 4) * (min(max(instant, start_s), end_s) - start_s) / span

    body = _text(left, 18, channel) if channel else ""
    for n, (name, strip) in enumerate(rows):
        y = top + n * (above + tall + gap) + above
        if above:
            body += _text(left, y - 7, name)
        else:
            body += _text(left - 10, y + tall / 2 + 6, name, "end")
        body += _band(strip.intervals, y, tall, at)
    foot = top + len(rows) * (above + tall + gap) + 14
    body += _text(left, foot, str(day(start_s)), "start", QUIET)
    body += _text(WIDTH - 4, foot, str(day(end_s - 1)), "end", QUIET)
    shown = [i for __, s in rows for i in s.intervals if i.start_s < end_s and i.end_s > start_s]
    body += _not_known_key(shown, left + (WIDTH - left) / 2, foot)
    unnamed = [s for s in STACKED if _unnamed(s, shown, at)]
    x = 4 if len(unnamed) > 2 else left
    for state in unnamed:  # no band of it is wide enough for its name
        body += _rect(x, foot + 10, 18, 16, STATE_COLOURS[state], QUIET)
        body += _text(x + 24, foot + 24, state_name(state))
        x += 24 + round(0.55 * LETTERS * len(state_name(state))) + 16
    foot += 26 if unnamed else 0
    names = ", ".join(name for name, __ in rows)
    title = _("States of the channel over time, as seen by: {names}", names=names)
    return _svg(foot + 8, title, body)


def _band(intervals: Sequence[Interval], y: float, tall: float, at: Callable[[int], float]) -> str:
    """Draw states one after the other; `at` gives the place of an instant."""
    body = ""
    for interval in intervals:
        a, b = at(interval.start_s), at(interval.end_s)
        if b - a <= 0:
            continue
        words, state = state_name(interval.state), interval.state
        named = b - a > _room(words)
        if state is None:
            body += _hatched(a, y, b - a, tall)
            if named:
                half = 5 * len(words)
                body += _rect((a + b) / 2 - half, y + 6, 2 * half, tall - 12, PAPER)
        else:
            body += _rect(a, y, b - a, tall, STATE_COLOURS[state], "#ffffff")
        if named:
            fill = QUIET if state is None else ink_on(state)
            body += _text((a + b) / 2, y + tall / 2 + 6, words, "middle", fill)
    return body


def _room(words: str) -> float:
    """Return how wide a band must be for its name."""
    return 10 * len(words) + 8


def _unnamed(state: str, shown: Sequence[Interval], at: Callable[[int], float]) -> bool:
    """Whether bands of a state are shown, of which none is wide enough for its name."""
    wide = [at(i.end_s) - at(i.start_s) for i in shown if i.state == state]
    return bool(wide) and max(wide) <= _room(state_name(state))


def _hatched(x: float, y: float, wide: float, tall: float) -> str:
    """Draw the hatching of a stretch in which the state is not known."""
    path = ""
    lean = tall / 2
    start = x - lean
    while start < x + wide:  # a line from the top down to the right, cut at both ends
        a, b = max(start, x), min(start + lean, x + wide)
        top, foot = y + tall * (a - start) / lean, y + tall * (b - start) / lean
        path += f"M{a:.1f},{top:.1f}L{b:.1f},{foot:.1f}"
        start += 7
    return f'<path class="not-known" d="{path}" stroke="{RULE}" fill="none"/>'


def _not_known_key(intervals: Iterable[Interval], middle: float, foot: float) -> str:
    """Say beside the dates what the hatching stands for, where there is any."""
    if all(i.state is not None for i in intervals):
        return ""
    words = state_name(None)
    left = middle - (30 + LETTERS * 0.55 * len(words)) / 2
    return _hatched(left, foot - LETTERS + 3, 24, LETTERS - 2) + _text(left + 30, foot, words)


STACKED = ("open", "prisoner_only", "corridor", "cut_off")
"""The states from the bottom of a stack to its top: darker means less contact."""
MOST_POINTS = 160
"""Instants of a stack; more cannot be told apart."""


def stacked(
    grid_s: Sequence[int],
    shares: Mapping[str, Sequence[float]],
    history: Sequence[Interval],
    facts_s: int,
    marks: Sequence[int],
    title: str,
) -> str:
    """Draw the share of worlds in each state over time, below a band with the states of history.

    `shares` gives for each state its share in [0, 1] at each instant of `grid_s`. The facts end at
    `facts_s`; `marks` are the instants of changes.
    """
    left, right, band, top, tall = 62, 6, 30, 24, 210
    start, end = grid_s[0], grid_s[-1]
    base, span = top + band + 16 + tall, max(1, end - start)

    def at(instant: int) -> float:
        return left + (WIDTH - left - right) * (min(max(instant, start), end) - start) / span

    step = -(-len(grid_s) // MOST_POINTS)
    chosen = [*range(0, len(grid_s) - 1, step), len(grid_s) - 1]
    places = [f"{at(grid_s[n]):.0f}" for n in chosen]
    tops = [0.0] * len(chosen)
    areas = []
    for state in STACKED:
        tops = [t + shares[state][n] for t, n in zip(tops, chosen, strict=True)]
        if max(shares[state]) > 0:
            heights = [f"{base - tall * t:.1f}".removesuffix(".0") for t in tops]
            edge = "".join(f"L{x},{y}" for x, y in _bends(places, heights))
            path = f"M{places[0]},{base}{edge}V{base}z"
            areas.append(f'<path d="{path}" fill="{STATE_COLOURS[state]}"/>')
    body = _text(left, top - 8, _("history"), "start", QUIET)
    body += _band(history, top, band, at)
    body += "".join(reversed(areas))  # each reaches to the foot, so that the lower ones lie above
    for share in (0, 50, 100):
        body += _text(left - 6, base - tall * share / 100 + 5, percent(share), "end", QUIET)
    x = at(facts_s)
    if start < facts_s < end:
        body += f'<line x1="{x:.0f}" y1="{top - 18}" x2="{x:.0f}" y2="{base}" stroke="{INK}" '
        body += 'stroke-width="2" stroke-dasharray="4 3"/>'
        aside, anchor = (5, "start") if x < WIDTH - 120 else (-5, "end")
        body += _text(x + aside, top - 8, _("the log ends"), anchor, QUIET)
    for mark in marks:
        m = at(mark)
        body += f'<path d="M{m - 6:.0f},{base + 10} h12 l-6,-10 z" fill="{CHANGED}"/>'
    shown = [i for i in history if i.start_s < end and i.end_s > start]
    body += _not_known_key(shown, (left + WIDTH - right) / 2, base + 30)
    body += _text(left, base + 30, str(day(start)), "start", QUIET)
    body += _text(WIDTH - right, base + 30, str(day(end)), "end", QUIET)
    return _svg(base + 38, title, body)


def _bends(places: Sequence[str], heights: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give the points of an edge but for those on a level stretch between two others."""
    last = len(places) - 1
    for n, (x, y) in enumerate(zip(places, heights, strict=True)):
        if n in (0, last) or not heights[n - 1] == y == heights[n + 1]:
            yield x, y
