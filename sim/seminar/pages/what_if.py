"""What the pages of the what-ifs show: charts, a table of outcomes, and what is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.ground.dates import day, parse
from sim.ground.language import QUESTION, SIGN, _, ngettext, numeral
from sim.log.log import STATES
from sim.log.projection import Interval, known_until, timeline
from sim.log.rulebook import OBSERVER
from sim.plots.scale import whole_percent
from sim.report.caveats import caveats
from sim.report.numbers import in_month, settled
from sim.results.outcomes import Answer, answers, title_of
from sim.scenario.outcomes import OUTCOME_RULES
from sim.scenario.scope import channels_of, coded_log, run_span
from sim.seminar.pages import charts
from sim.seminar.pages.legend import legend
from sim.seminar.what_if.position import Position, in_words
from sim.seminar.what_if.sharing import PRESENT, UNCHANGED, Sharing
from sim.seminar.what_if.shipped import Base
from sim.seminar.what_if.world_queue import Drawn
from sim.study.comparing import DAYS, Contrast, contrast
from sim.study.run import Run

WIDE = 0.02
"""A range wider than this is told."""
WIDE_DAYS = 4
"""A range of days wider than this is told."""
DATES = 6
"""Dates of the table that says what a chart shows."""
MADE = 24
"""Charts that are kept."""
Dates = tuple[tuple[str, tuple[str, ...]], ...]
"""Some dates, each with the share of worlds in each of `charts.STACKED` on it."""


@dataclass(frozen=True)
class Column:
    """One position as it is drawn: its name, its chart, and what is changed in it."""

    name: str
    worlds: int
    refining: bool
    chart: str
    dates: Dates
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One outcome: what history says of it, and in how many worlds it comes about."""

    title: str
    asked: bool
    """Whether a round asked it."""
    history: str
    before: str
    now: str
    difference: str


class Shows:
    """Fills the pages of the what-ifs of one scenario."""

    def __init__(self, sharing: Sharing) -> None:
        self.sharing = sharing
        log = coded_log(self.base.scenario)
        facts_s = run_span(self.base.scenario)[0]
        held: list[Interval] = []
        if log is not None:
            held = timeline(known_until(log, facts_s), self.base.channel, OBSERVER, end_s=facts_s)
        self.history, self.facts_s = held, facts_s
        self._answered: dict[tuple[str, int], tuple[Run, dict[str, Answer]]] = {}
        self._made: dict[tuple[str, int], tuple[str, Dates]] = {}

    @property
    def base(self) -> Base:
        """The scenario, with the sliders that there are now."""
        return self.sharing.base

    def values(self) -> dict[str, Any]:
        """Return what is the same for all who look: the columns, the table, the sentences."""
        shared, drawer = self.sharing.now, self.sharing.drawer
        channel = channels_of(self.base.scenario)[self.base.channel]
        beside = shared.beside or (PRESENT,)
        named = [(self.name_of(n), self._shown(n)) for n in beside]
        shown = [(name, drawer.drawn(p), p) for name, p in named]
        problem = next((drawer.problem(p) for _, p in named if drawer.problem(p)), "")
        drawn = [d for _, d, _ in shown]
        one, two = drawn if shared.beside else [drawer.drawn(self.sharing.start), *drawn]
        return {
            "columns": [self.column(n, d, p) for n, d, p in shown if d is not None],
            "lines": self.lines(one, two) if one is not None and two is not None else [],
            "heads": [n for n, _ in named] if shared.beside else [_("Original"), _("Now")],
            "waiting": any(d is None for _, d, _ in shown) and not problem,
            "refused": problem,
            "first_times": any(
                OUTCOME_RULES[o.type].form == "days" for o in self.base.scenario.outcomes.values()
            ),
            "states": charts.STACKED,
            "as_of": self.base.scenario.as_of,
            "channel": channel.title or self.base.channel,
            "care": caveats(self.base.scenario),
            "legend": legend({self.base.channel: channel}),
            "beside": shared.beside is not None,
            "why_running": self.sharing.explainer.running,
            "why_title": self._why_title(),
            "why": self.sharing.explainer.sentences(),
        }

    def _why_title(self) -> str:
        asked = self.sharing.explainer.outcome
        return title_of(self.base.scenario, asked) if asked else ""

    def name_of(self, number: int) -> str:
        """Return the name of a branch, of the unchanged scenario, or of what is moved."""
        if number in (UNCHANGED, PRESENT):
            return _("Original") if number == UNCHANGED else _("This position")
        return self.sharing.keeping.branches.kept[number].name

    def _shown(self, number: int) -> Position:
        """Return what is drawn for a number: of what is moved, the newest that is drawn."""
        if number == PRESENT:
            return self.sharing.newest_drawn()
        return self.sharing.position_of(number)

    # ------------------------------------------------------------------------------ columns

    def column(self, name: str, drawn: Drawn, position: Position) -> Column:
        """Show one position; what was drawn before is not drawn again."""
        made = (position.key, drawn.worlds)
        if made not in self._made:
            if len(self._made) >= MADE:
                self._made.clear()
            self._made[made] = self._charted(drawn)
        chart, dates = self._made[made]
        changes = in_words(self.base, position)
        refining = drawn.worlds < self.sharing.drawer.most
        return Column(name, drawn.worlds, refining, chart, dates, tuple(changes))

    def _charted(self, drawn: Drawn) -> tuple[str, Dates]:
        place = drawn.program.channels.names.index(self.base.channel)
        grid = [int(s) for s in drawn.program.grid_s]
        shares = drawn.shares[place]
        by_state: dict[str, list[float]] = {s: shares[:, n].tolist() for n, s in enumerate(STATES)}
        history = [i for i in self.history if i.end_s > grid[0]]
        told = _("; ").join(in_words(self.base, drawn.position)) or _("nothing is changed")
        chart = charts.stacked(
            grid,
            by_state,
            history,
            self.facts_s,
            self._marks(drawn.position),
            _(
                "Share of {worlds} worlds in each state over time. Changed: {changes}.",
                worlds=numeral(f"{drawn.worlds:,}"),
                changes=told,
            ),
        )
        every = max(1, (len(grid) - 1) // (DATES - 1))
        dates = tuple(
            (
                str(day(grid[g])),
                tuple(whole_percent(by_state[s][g], drawn.worlds) for s in charts.STACKED),
            )
            for g in range(0, len(grid), every)
        )
        return chart, dates

    def _marks(self, position: Position) -> list[int]:
        history = {e.id: e for e in self.base.events}
        found = []
        for change in position.changes:
            if change.insert is not None:
                found.append(parse(change.insert.date).lo_s)
            if change.remove in history:
                found.append(parse(history[change.remove].date).lo_s)
            if change.move is not None:
                found.append(parse(change.move.to).lo_s)
        return found

    # ------------------------------------------------------------------------------ outcomes

    def lines(self, one: Drawn, two: Drawn) -> list[Line]:
        """Compare the outcomes of two positions over the worlds that both have."""
        worlds = min(one.worlds, two.worlds)
        (before, answered), (after, answered_now) = (self._first(d, worlds) for d in (one, two))
        found = []
        for name in self.base.scenario.outcome_order:
            a, b = answered[name], answered_now[name]
            change = contrast(before, after, name, "")
            history = (_(self.base.asked[name]) if name in self.base.asked else "") or (
                written(a) if a.settled else _("not known")
            )
            found.append(
                Line(
                    title_of(self.base.scenario, name).rstrip(QUESTION),
                    name in self.base.asked,
                    history,
                    written(a),
                    written(b),
                    change_in_words(change),
                )
            )
        return found

    def _first(self, drawn: Drawn, worlds: int) -> tuple[Run, dict[str, Answer]]:
        """Return the first worlds of a position and what they answer; of the scenario as it ships
        this is asked again and again."""
        key = (drawn.position.key, worlds)
        if key not in self._answered:
            if len(self._answered) >= MADE:
                self._answered.clear()
            run = drawn.first(worlds)
            found = {a.name: a for a in answers(run.scenario, run.program, run.tally)}
            self._answered[key] = run, found
        return self._answered[key]


def written(answer: Answer) -> str:
    """Write an estimate in whole percent, with its range where that is wide; of a first time in how
    many worlds it comes at all, and by when in half of these."""
    if answer.settled:
        return settled(answer, OUTCOME_RULES[answer.type].form)
    value = whole_percent(answer.estimate, answer.worlds)
    if answer.half_by is not None:
        month = in_month(answer.half_by)
        return _("{share} ever; half of these by {month}", share=value, month=month)
    if answer.high - answer.low <= WIDE:
        return value
    low, high = (whole_percent(x) for x in (answer.low, answer.high))
    return _("{share} ({low} to {high})", share=value, low=low.rstrip(SIGN), high=high.rstrip(SIGN))


def change_in_words(change: Contrast) -> str:
    """Write a difference in percentage points, or that of a first time in days, with its range
    where that is wide."""
    if change.alike == 1.0:
        return _("the same")
    if change.unit == DAYS:
        return _days(change)
    middle, low, high = (100 * x for x in (change.difference, change.low, change.high))
    if round(middle) == 0:
        return _("less than 1 point")
    n, least, most = (f"{x:+.0f}".replace("-", "−") for x in (middle, low, high))
    if change.high - change.low > WIDE:
        return _("{n} points ({low} to {high})", n=n, low=least, high=most)
    return _("{n} points", n=n)


def _days(change: Contrast) -> str:
    """Write by how many days a first time comes later or earlier."""
    if abs(change.difference) < 0.5:
        return _("less than 1 day")
    number = round(abs(change.difference))
    if change.difference > 0:
        said = ngettext("{n} day later", "{n} days later", number)
    else:
        said = ngettext("{n} day earlier", "{n} days earlier", number)
    if change.high - change.low <= WIDE_DAYS:
        return said
    low, high = (f"{x:+.0f}".replace("-", "−") for x in (change.low, change.high))
    return _("{days} ({low} to {high})", days=said, low=low, high=high)
