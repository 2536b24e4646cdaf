"""The debrief: what the tables did, beside what they told themselves and beside history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any

from sim.ground.dates import day, instant
from sim.ground.states import STATE_LABELS
from sim.log.events import Event
from sim.log.label import label
from sim.log.log import STATES, Log
from sim.log.projection import course_of, known_only, timeline
from sim.log.rulebook import OBSERVER
from sim.model.players import Question
from sim.scenario.outcomes import EventBy, Outcome, describe
from sim.seminar import charts
from sim.seminar.past import Strip, Teller, Told, placed
from sim.seminar.play import words
from sim.seminar.play.record import PlayState, Put, Seat, TableState
from sim.seminar.play.views import Answered, answered
from sim.seminar.play.worlds import Answers, PlayPlan
from sim.seminar.windows import Windows

HISTORY = "History"
MOST_TURNS = 3
"""Turning points that a page tells of a table."""
MOST_ACCOUNTS = 4
"""Contacts told in two ways that a page tells of a table."""
FEW_DAYS = 28
"""Where no event and not the last state differs, an answer that moves fewer days is no turning
point; a day that moves from one state to another counts twice."""
CONTACTS = {
    "call_held": "Calls",
    "meeting_held": "Meetings",
    "corridor_talk": "Talks in passing",
    "contact_cut": "Cuts of contact",
    "meeting_cancelled": "Meetings called off",
    "swap_proposed": "Exchanges offered",
    "released": "Releases",
}
"""Events that a debrief counts, in the order of its table."""


@dataclass(frozen=True)
class Ended:
    """What came of a world."""

    log: Log
    counts: tuple[int, ...]
    """Of each of `CONTACTS`, from the first day of the play on."""
    days: tuple[int, ...]
    """Days in each of `STATES`, as an observer sees the first channel."""
    last: str
    """The state on the last day."""
    strip: Strip


class Debriefs:
    """Tells what came of the worlds of a role play."""

    def __init__(self, plan: PlayPlan) -> None:
        self.plan = plan
        self._of = lru_cache(maxsize=2_048)(self._ended)
        self.turns = lru_cache(maxsize=64)(self._turns)
        """`turns(answers)`: the answers that decided the most, in words."""

    def warm(self, table: TableState) -> None:
        """Work out what the page says of a table, so that nobody waits for it later."""
        self._of(table.answers)
        self.turns(table.answers)

    def values(self, state: PlayState) -> dict[str, Any]:
        """Return what the page of the debrief shows."""
        tables = [t for t in state.tables.values() if t.ended is not None]
        worlds = [(f"Table {t.number}", self._of(t.answers)) for t in tables]
        if self.plan.in_history:
            worlds.insert(0, (HISTORY, self._history))
        plan = self.plan
        return {
            "waiting": len(state.tables) - len(tables),
            "names": [name for name, _ in worlds],
            "chart": charts.strips(
                [(name, w.strip) for name, w in worlds], plan.start_s, plan.end_s
            ),
            "rows": self._rows([w for _, w in worlds]),
            "differences": self._differences(worlds, tables),
            "tables": [self._table(state, t) for t in tables],
        }

    # ------------------------------------------------------------------------------ worlds

    @cached_property
    def _channel(self) -> str:
        return next(iter(self.plan.channels))

    @cached_property
    def _history(self) -> Ended:
        return self._read(self.plan.worlds.history())

    def _ended(self, answers: Answers) -> Ended:
        return self._read(self.plan.worlds.log_of(answers))

    def _read(self, log: Log) -> Ended:
        start_s, end_s = self.plan.start_s, self.plan.end_s
        times = course_of(log).times
        kinds = Counter(str(e.kind) for e in log.events if times[e.id] >= start_s)
        held = known_only(timeline(log, self._channel, OBSERVER, end_s=end_s))
        days = dict.fromkeys(STATES, 0)
        for interval in held:
            assert interval.state is not None
            days[interval.state] += max(0, interval.end_s - max(interval.start_s, start_s))
        return Ended(
            log,
            tuple(kinds[kind] for kind in CONTACTS),
            tuple(round(s / 86_400) for s in days.values()),
            held[-1].state or "" if held else self.plan.channels[self._channel].initial,
            Strip(self._channel, OBSERVER, tuple(held)),
        )

    def _rows(self, worlds: Sequence[Ended]) -> list[tuple[str, list[str]]]:
        """Return the rows of the table of results: words, then a cell a world."""
        rows = [("State on the last day", [STATE_LABELS[w.last] for w in worlds])]
        for n, state in enumerate(STATES):
            if any(w.days[n] for w in worlds):
                cells = [str(w.days[n]) for w in worlds]
                rows.append((f"Days {STATE_LABELS[state]}", cells))
        for n, name in enumerate(CONTACTS.values()):
            if any(w.counts[n] for w in worlds):
                rows.append((name, [str(w.counts[n]) for w in worlds]))
        for outcome in self.plan.outcomes.values():
            first, last = str(day(self.plan.start_s - 1)), str(day(self.plan.end_s - 1))
            cells = ["yes" if self._holds(w.log, outcome) else "no" for w in worlds]
            rows.append((describe(outcome, first, last), cells))
        return rows

    def _holds(self, log: Log, outcome: Outcome) -> bool:
        """Whether a yes-or-no outcome of the lesson comes about in the days of the play."""
        channels, plan = self.plan.channels, self.plan
        channel = outcome.channel
        if channel is None and not isinstance(outcome, EventBy):
            channel = self._channel
        return Windows(log, outcome, channel, channels, plan.end_s).holds(plan.start_s, plan.end_s)

    # ------------------------------------------------------------------------------ differences

    def _differences(
        self, worlds: Sequence[tuple[str, Ended]], tables: Sequence[TableState]
    ) -> list[str]:
        """Say where the paths first differ: each table's from history, or the tables' from each
        other."""
        of = {f"Table {t.number}": t for t in tables}
        pairs = combinations(worlds, 2)
        if self.plan.in_history:
            pairs = ((worlds[0], w) for w in worlds[1:])  # type: ignore[assignment]
        return [self._parting(a, b, of) for a, b in pairs]

    def _parting(
        self, one: tuple[str, Ended], two: tuple[str, Ended], of: dict[str, TableState]
    ) -> str:
        (first, a), (second, b) = one, two
        found = _first_apart(a.log, b.log)
        if found is None:
            return f"{second} went as {_in(first)} did."
        event, in_first = found
        where, missing = (first, second) if in_first else (second, first)
        date = event.date[:10]
        what = label(placed(event, self.plan.forums))
        said = f"{second} and {_in(first)} part on {date}: “{what}” happens "
        said += f"{_in(where, at=True)} and not {_in(missing, at=True)}."
        for name in (second, first):
            table = of.get(name)
            asked = self._asked_at(table, event.date) if table is not None else None
            if asked is not None and table is not None:
                question, told = asked
                said += f" {name}, {question.party}: “{told.deed}”? "
                said += f"{told.answer.capitalize()}, {told.how}."
        return said

    def _asked_at(self, table: TableState, date: str) -> tuple[Question, Answered] | None:
        """Return the question that a table answered at an instant, the last of several."""
        pairs = self.plan.worlds.decided(table)
        found = [(q, answered(q, decided)) for q, _, decided in pairs if instant(q.at_s) == date]
        return found[-1] if found else None

    # ------------------------------------------------------------------------------ one table

    def _table(self, state: PlayState, table: TableState) -> dict[str, Any]:
        teams = []
        for party in self.plan.spec.parties:
            seat = Seat(table.number, party)
            rows = [
                (answered(question, decided), self._said(state, put))
                for question, put, decided in self.plan.worlds.decided(table)
                if question.party == party
            ]
            teams.append(
                {
                    "party": party,
                    "instructions": state.instructions_of(seat),
                    "rows": rows,
                    "routine": words.routine_words(
                        (
                            q
                            for q in self.plan.worlds.ended(table.answers).passed
                            if q.party == party and q.at_s < self.plan.end_s
                        ),
                        over=True,
                    ),
                }
            )
        return {
            "number": table.number,
            "teams": teams,
            "turns": self.turns(table.answers),
            "accounts": self._accounts(table.answers),
        }

    @staticmethod
    def _said(state: PlayState, put: Put) -> list[str]:
        """List what the press said of a question, without what the teacher has hidden."""
        return [
            text
            for (part, n), text in put.notes.items()
            if part == "press" and not state.hides(put, part, n)
        ]

    def _accounts(self, answers: Answers) -> list[Told]:
        """List the contacts of the play that the two sides tell in two ways."""
        log = self._of(answers).log
        times = course_of(log).times
        told = self._teller(log).tell(self.plan.end_s, True).events
        events = course_of(log).events
        return [
            t
            for t, e in zip(told, events, strict=True)
            if times[e.id] >= self.plan.start_s and t.accounts and e.kind != "statement"
        ][:MOST_ACCOUNTS]

    def told(self, table: TableState) -> Teller:
        """Return what tells the whole world of a table."""
        return self._teller(self._of(table.answers).log)

    def _teller(self, log: Log) -> Teller:
        return Teller(log, [self._channel], None, self.plan.forums)

    # ------------------------------------------------------------------------------ what mattered

    def _turns(self, answers: Answers) -> tuple[str, ...]:
        """Say which single answers would have led elsewhere, had the doctrines gone on from there.

        Each answer is compared with its opposite, both followed by the doctrines alone; one that
        was left to the doctrine, with the opposite of what the doctrine answered.
        """
        asked = self.plan.worlds.at(answers).asked
        found = []
        for n, question in enumerate(asked):
            kept = self._of(answers[: n + 1])
            other, turned = self._turned(answers[:n], answers[n])
            apart = sum(abs(x - y) for x, y in zip(kept.days, turned.days, strict=True))
            alike = (kept.last, kept.counts) == (turned.last, turned.counts)
            if not alike or apart >= FEW_DAYS:
                said = _turn(question, answers[n], kept, other, turned)
                found.append((kept.last == turned.last, -apart, n, said))
        chosen = sorted(sorted(found)[:MOST_TURNS], key=lambda f: f[2])
        return tuple(said for *_, said in chosen)

    def _turned(self, before: Answers, answer: bool | None) -> tuple[bool, Ended]:
        """Return the opposite of an answer, and what comes of it."""
        other = not answer
        if answer is None and self._of((*before, True)).log == self._of((*before, None)).log:
            other = False  # the doctrine had answered yes
        return other, self._of((*before, other))


def _turn(question: Question, answer: bool | None, kept: Ended, other: bool, turned: Ended) -> str:
    """Say where the opposite of an answer would have led."""
    gave = words.answered(answer)
    parts = []
    if kept.last != turned.last:
        now, then = (STATE_LABELS[w.last] for w in (kept, turned))
        parts.append(f"the last day would be {then}, and not {now}")
    for name, a, b in zip(CONTACTS.values(), kept.counts, turned.counts, strict=True):
        if a != b:
            parts.append(f"{name.lower()}: {b}, and not {a}")
    for state, a, b in zip(STATES, kept.days, turned.days, strict=True):
        if a != b and len(parts) < 3:
            parts.append(f"days {STATE_LABELS[state]}: {b}, and not {a}")
    head = f"{question.date}, {question.party}: “{words.DEEDS[question.decision]}”, {gave}."
    then = f"With {words.answered(other)}, and the doctrines from there on"
    return f"{head} {then}: {'; '.join(parts[:3])}."


def _in(name: str, *, at: bool = False) -> str:
    """Name a world within a sentence."""
    if name == HISTORY:
        return "in history" if at else "history"
    return f"at {name.lower()}" if at else name.lower()


def _first_apart(one: Log, two: Log) -> tuple[Event, bool] | None:
    """Return the first event that one of two logs has and the other has not, and whether the first
    log has it."""
    keys = [Counter(_key(e) for e in log.events) for log in (one, two)]
    found: list[tuple[int, int, Event, bool]] = []
    for n, log in enumerate((one, two)):
        course = course_of(log)
        for event in course.events:
            key = _key(event)
            if keys[n][key] > keys[1 - n][key]:
                found.append((course.times[event.id], n, event, n == 0))
                break
    if not found:
        return None
    _, _, event, in_first = min(found, key=lambda f: f[:2])
    return event, in_first


def _key(event: Event) -> tuple[object, ...]:
    return event.date, event.kind, event.channel, event.by
