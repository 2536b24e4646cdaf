"""The debrief: what the tables did, beside what they told themselves and beside history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any

from sim.ground.dates import day
from sim.ground.language import N_, _
from sim.ground.states import state_name
from sim.log.label import label
from sim.log.log import STATES, Channel, Log
from sim.log.projection import course_of
from sim.model.players import Question
from sim.scenario.outcomes import Outcome, describe
from sim.seminar.lesson.windows import Windows
from sim.seminar.pages import charts, words
from sim.seminar.pages.ended import CONTACTS, Ended, ended
from sim.seminar.pages.past import Teller, Told, placed
from sim.seminar.pages.views import Answered, answered
from sim.seminar.play.parting import Parting, deciders, first_parting, in_two_ways
from sim.seminar.play.record import PlayState, Put, Seat, TableState
from sim.seminar.play.worlds import Answers, PlayPlan

MOST_TURNS = 3
"""Turning points that a page tells of a table."""
MOST_ACCOUNTS = 4
"""Contacts told in two ways that a page tells of a table."""
FEW_DAYS = 28
"""Where no event and not the last state differs, an answer that moves fewer days is no turning
point; a day that moves from one state to another counts twice."""


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
        worlds = [(table_world(t.number), self._of(t.answers)) for t in tables]
        if self.plan.in_history:
            worlds.insert(0, (history_world(), self._history))
        return {
            "waiting": len(state.tables) - len(tables),
            **self._laid_out(worlds),
            "differences": self._differences(worlds, tables),
            "tables": [self._table(state, t) for t in tables],
        }

    def alone(self, log: Log, table: TableState | None) -> dict[str, Any]:
        """Return what is told of a world that somebody played alone, beside history and the table
        from whose answers it went on."""
        worlds = [(own_world(), self._read(log))]
        if table is not None:
            worlds.insert(0, (table_world(table.number), self._of(table.answers)))
        if self.plan.in_history:
            worlds.insert(0, (history_world(), self._history))
        of = {} if table is None else {table.number: table}
        return {
            **self._laid_out(worlds),
            "differences": [self._parting(w, worlds[-1], of) for w in worlds[:-1]],
        }

    # ------------------------------------------------------------------------------ worlds

    def _laid_out(self, worlds: Sequence[tuple[World, Ended]]) -> dict[str, Any]:
        """Return what lays worlds side by side."""
        return {
            "names": [world.name for world, _ in worlds],
            "charts": self._charts(worlds),
            "rows": self._rows([w for _, w in worlds]),
        }

    def _charts(self, worlds: Sequence[tuple[World, Ended]]) -> list[tuple[str, str]]:
        """Draw the paths of every channel, with what each drawing shows."""
        plan = self.plan
        return [
            (
                self._named(_("The paths, as an observer sees them"), channel),
                charts.strips(
                    [(world.name, w.strips[channel]) for world, w in worlds],
                    plan.start_s,
                    plan.end_s,
                ),
            )
            for channel in self._channels
        ]

    @cached_property
    def _channels(self) -> dict[str, Channel]:
        """The channels of the parties that are played."""
        played = {*self.plan.spec.parties}
        return {c: s for c, s in self.plan.channels.items() if played & {*s.parties}}

    def _named(self, words: str, channel: str) -> str:
        """Say of which channel something is told, where there are several."""
        if len(self._channels) == 1:
            return words
        named = self._channels[channel].title or channel
        return _("{channel}: {said}", channel=named, said=words[:1].lower() + words[1:])

    @cached_property
    def _history(self) -> Ended:
        return self._read(self.plan.worlds.history())

    def _ended(self, answers: Answers) -> Ended:
        return self._read(self.plan.worlds.log_of(answers))

    def _read(self, log: Log) -> Ended:
        return ended(log, self._channels, self.plan.start_s, self.plan.end_s)

    def _rows(self, worlds: Sequence[Ended]) -> list[tuple[str, list[str]]]:
        """Return the rows of the table of results: words, then a cell a world."""
        rows = []
        for channel in self._channels:
            named = self._named(_("State on the last day"), channel)
            rows.append((named, [state_name(w.last[channel]) for w in worlds]))
            for state in STATES:
                if any(w.days[channel, state] for w in worlds):
                    cells = [str(w.days[channel, state]) for w in worlds]
                    said = _("Days {state}", state=state_name(state))
                    rows.append((self._named(said, channel), cells))
        for n, name in enumerate(CONTACTS.values()):
            if any(w.counts[n] for w in worlds):
                rows.append((_(name), [str(w.counts[n]) for w in worlds]))
        for outcome in self.plan.outcomes.values():
            first, last = str(day(self.plan.start_s - 1)), str(day(self.plan.end_s - 1))
            cells = [words.answered(self._holds(w.log, outcome)) for w in worlds]
            rows.append((describe(outcome, first, last), cells))
        return rows

    def _holds(self, log: Log, outcome: Outcome) -> bool:
        """Whether a yes-or-no outcome of the lesson comes about in the days of the play."""
        start_s, end_s = self.plan.start_s, self.plan.end_s
        return Windows(log, outcome, self.plan.channels, end_s).holds(start_s, end_s)

    # ------------------------------------------------------------------------------ differences

    def _differences(
        self, worlds: Sequence[tuple[World, Ended]], tables: Sequence[TableState]
    ) -> list[str]:
        """Say where the paths first differ: each table's from history, or the tables' from each
        other."""
        of = {t.number: t for t in tables}
        pairs = combinations(worlds, 2)
        if self.plan.in_history:
            pairs = ((worlds[0], w) for w in worlds[1:])  # type: ignore[assignment]
        return [self._parting(a, b, of) for a, b in pairs]

    def _parting(
        self, one: tuple[World, Ended], two: tuple[World, Ended], of: dict[int, TableState]
    ) -> str:
        worlds = first, second = one[0], two[0]
        parting = first_parting(one[1].log, two[1].log)
        if parting is None:
            return _("{one} went as {other} did.", one=second.name, other=first.inside)
        told = {
            "one": second.name,
            "other": first.inside,
            "day": day(parting.at_s),
            "event": label(placed(parting.event, self.plan.forums)),
        }
        if parting.ways:
            said = N_(
                "{one} and {other} part on {day}: “{event}” happens in both, and is told in "
                "another way."
            )
            parts = [_(said, **told)]
        else:
            here, there = worlds[parting.where].at, worlds[1 - parting.where].at
            said = N_("{one} and {other} part on {day}: “{event}” happens {here} and not {there}.")
            parts = [_(said, here=here, there=there, **told)]
        for party, here, there in parting.ways:
            said = N_("{party} {tells} {one}, and {tells_otherwise} {other}.")
            ways = {"party": party, "tells": here, "tells_otherwise": there}
            parts.append(_(said, one=first.at, other=second.at, **ways))
        for world in (second, first):
            for question, answer in self._behind(of.get(world.table or 0), parting):
                said = N_("{world}, {party}: “{deed}”? {answer}, {how}.")
                shown = {"deed": answer.deed, "answer": answer.answer.capitalize()}
                shown |= {"how": answer.how, "world": world.name, "party": question.party}
                parts.append(_(said, **shown))
        return " ".join(parts)

    def _behind(
        self, table: TableState | None, parting: Parting
    ) -> list[tuple[Question, Answered]]:
        """Return what a table answered that bears on a parting: who proposed it, who agreed to it,
        or who told it."""
        if table is None:
            return []
        event = parting.event
        bear = deciders(str(event.kind), told=bool(parting.ways))
        tellers = {party for party, _, _ in parting.ways}
        return [
            (question, answered(question, decided))
            for question, _, decided in self.plan.worlds.decided(table)
            if question.at_s == parting.at_s
            and question.decision in bear
            and (not tellers or question.party in tellers)
            and event.channel in (None, question.channel)
        ]

    # ------------------------------------------------------------------------------ one table

    def _table(self, state: PlayState, table: TableState) -> dict[str, Any]:
        teams, game = [], self.plan.worlds.ended(table.answers)
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
                    "office": words.counted(self.plan.worlds.passed(game, party)),
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
        told = self.teller(log).tell(self.plan.end_s, True).events
        events = course_of(log).events
        return [
            t
            for t, e in zip(told, events, strict=True)
            if times[e.id] >= self.plan.start_s
            and e.channel is not None
            and e.kind != "statement"
            and in_two_ways(e, log.channels[e.channel].parties)
        ][:MOST_ACCOUNTS]

    def told(self, table: TableState) -> Teller:
        """Return what tells the whole world of a table."""
        return self.teller(self._of(table.answers).log)

    def teller(self, log: Log) -> Teller:
        """Return what tells a whole log of the play."""
        return Teller(log, [*self._channels], None, self.plan.forums)

    # ------------------------------------------------------------------------------ what mattered

    def _turns(self, answers: Answers) -> tuple[str, ...]:
        """Say which single answers would have led elsewhere.

        Each answer is turned around by itself: the table's other answers stay where their questions
        come up again, and doctrines answer what was not asked. All are compared with what came of
        the table. One that was left to the doctrine becomes the opposite of what it answered.
        """
        kept = self._of(answers)
        found = []
        for n, question in enumerate(self.plan.worlds.at(answers).asked):
            other = not answers[n]
            turned = self._read(self.plan.worlds.log_if(answers, n, other))
            if answers[n] is None and turned.log == kept.log:  # the doctrine had answered yes
                other = False
                turned = self._read(self.plan.worlds.log_if(answers, n, other))
            apart = sum(abs(kept.days[place] - turned.days[place]) for place in kept.days)
            alike = (kept.last, kept.counts) == (turned.last, turned.counts)
            if not alike or apart >= FEW_DAYS:
                said = self._turn(question, answers[n], kept, other, turned)
                found.append((kept.last == turned.last, -apart, n, said))
        chosen = sorted(sorted(found)[:MOST_TURNS], key=lambda f: f[2])
        return tuple(said for *_, said in chosen)

    def _turn(
        self, question: Question, answer: bool | None, kept: Ended, other: bool, turned: Ended
    ) -> str:
        """Say where the opposite of an answer would have led."""
        parts = []
        for channel, last in kept.last.items():
            if last != turned.last[channel]:
                states = {"then": state_name(turned.last[channel]), "now": state_name(last)}
                said = _("the last day would be {then}, and not {now}", **states)
                parts.append(self._named(said, channel))
        for name, a, b in zip(CONTACTS.values(), kept.counts, turned.counts, strict=True):
            if a != b:
                counted = _(name)
                counted = counted[:1].lower() + counted[1:]
                parts.append(_("{counted}: {then}, and not {now}", counted=counted, then=b, now=a))
        for (channel, state), a in kept.days.items():
            if a != (b := turned.days[channel, state]):
                named = state_name(state)
                said = _("days {state}: {then}, and not {now}", state=named, then=b, now=a)
                parts.append(self._named(said, channel))
        return _(
            "{day}, {party}: “{deed}”, {answer}. With {other}: {changes}.",
            day=question.date,
            party=question.party,
            deed=words.deed(question.decision),
            answer=words.answered(answer),
            other=words.answered(other),
            changes=_("; ").join(parts[:3]),
        )


@dataclass(frozen=True)
class World:
    """How one of the worlds that are laid side by side is named."""

    name: str
    """At the head of a column, and of a sentence."""
    inside: str
    """Within a sentence."""
    at: str
    """Where something happens."""
    table: int | None = None


def table_world(number: int) -> World:
    """Name the world of a table."""
    return World(
        _("Table {number}", number=number),
        _("table {number}", number=number),
        _("at table {number}", number=number),
        number,
    )


def history_world() -> World:
    """Name history."""
    return World(_("History"), _("history"), _("in history"))


def own_world() -> World:
    """Name the world of somebody who plays alone."""
    return World(_("You"), _("your world"), _("in your world"))
