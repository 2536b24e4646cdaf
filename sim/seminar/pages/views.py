"""What a team sees: its own log and its own view of the channel, and nothing of the other side's.

All that a team's page may hold of the world is made here, from the log as the team's party reads
it. The chance behind a decision is in none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from sim.ground.dates import parse
from sim.ground.language import _, ngettext
from sim.ground.states import state_name
from sim.log.log import Channel, Log
from sim.log.projection import course_of
from sim.model.players import Question
from sim.seminar.pages import charts, words
from sim.seminar.pages.past import Past, Strip, Teller, Told
from sim.seminar.pages.scenes import Scene, scene
from sim.seminar.play.record import Decided, TableState
from sim.seminar.play.worlds import Answers, PlayPlan
from sim.study.playing import Play

RECENT = 4
"""Events that a team's page tells; the whole log is the desk's."""


@dataclass(frozen=True)
class TeamPast:
    """What a party knows at some moment of a table's world."""

    past: Past
    """The events as the party reads them, and the states as it sees them."""
    until_s: int


@dataclass(frozen=True)
class Answered:
    """A question that a team has answered."""

    number: int
    date: str
    deed: str
    answer: str
    how: str = ""
    """Who decided; empty for somebody who plays alone."""


class Views:
    """Shows the worlds of tables as their teams see them."""

    def __init__(
        self,
        plan: PlayPlan,
        retold: dict[str, str],
        game: Callable[[Answers], Play] | None = None,
    ) -> None:
        """`retold` is what is said of an event instead of its summary until the lesson is over, and
        `game` gives the world after some answers: a table's where it is None."""
        self.plan, self.retold = plan, retold
        self.game = plan.worlds.at if game is None else game
        self.log = lru_cache(maxsize=8)(self._log)
        """`log(answers, party)`: the log of what a party knows of a world."""
        self.past = lru_cache(maxsize=256)(self._past)
        """`past(answers, party, at)`: what a party knows at a world's present, as of its event
        number `at`, or of the last. With None for answers: what it knows as the play begins."""

    def _log(self, answers: Answers, party: str) -> Log:
        return self.game(answers).log(party)

    def _past(self, answers: Answers | None, party: str, at: int | None = None) -> TeamPast:
        log = self.log(answers or (), party)
        until_s = self.plan.start_s if answers is None else self._now(log, party, answers)
        channels = self._channels(log, party)
        teller = Teller(log, channels, self.retold, self.plan.forums)
        told = teller.tell(until_s, False, None if at is None else teller.after(until_s, at))
        end_s = until_s if at is None else parse(told.at).hi_s
        views = tuple(v for v in told.views if v.viewpoint == party)
        strips = tuple(s for s in told.strips if s.viewpoint == party)
        return TeamPast(replace(told, views=views, strips=strips), min(end_s, until_s))

    def _channels(self, log: Log, party: str) -> list[str]:
        """List the channels of a party that the play is about."""
        simulated = self.plan.channels
        return [c for c in log.channels if c in simulated and party in simulated[c].parties]

    def _now(self, log: Log, party: str, answers: Answers) -> int:
        """Return the first second after all that a party knows of: its last question, and the last
        event in its log, to the end of its day where only the day is known. What the other side is
        asked meanwhile does not move it."""
        game = self.game(answers)
        questions = [*game.asked, *([game.question] if game.question is not None else [])]
        moments = [q.at_s for q in questions if q.party == party]
        moments += [parse(e.date).hi_s - 1 for e in log.events]
        return 1 + max([self.plan.start_s - 1, *moments])

    def chart(self, told: TeamPast, party: str) -> str:
        """Draw the states of its channels as a party sees them."""
        return bands(told.past.strips, self.plan.channels, party, told.until_s)

    def seen(self, told: TeamPast, party: str) -> dict[str, Any]:
        """Return what a page shows of what a party knows."""
        return {
            "views": told.past.views,
            "titles": self.titles,
            "chart": self.chart(told, party),
            "recent": self.recent(told),
        }

    def asked(self, question: Question, answers: Answers) -> dict[str, Any]:
        """Return what a page shows of a question that comes up after some answers."""
        forum = self.plan.scenario.forums.get(question.forum or "")
        log, told = self.log(answers, question.party), self.past(answers, question.party)
        return {
            "date": question.date,
            "state": state_name(question.state),
            "channel": self.titles.get(question.channel, ""),
            "text": words.asked(question, (forum.title or question.forum) if forum else None),
            "because": self.because(question, told.past.events, log),
        }

    def leaning(self, question: Question) -> dict[str, Any]:
        """Return what a page shows of how the doctrine of the party that is asked sees it."""
        scenario = self.plan.scenario
        doctrine = scenario.doctrines[scenario.parties[question.party].doctrine]
        good, bad = words.grounds(question, doctrine)
        said = words.leaning(question)
        return {"doctrine": doctrine.title, "says": said, "for": good, "against": bad}

    @staticmethod
    def recent(told: TeamPast) -> list[Told]:
        """Return the last events that a party knows of, the newest first."""
        return list(told.past.events[: -RECENT - 1 : -1])

    def answered(self, table: TableState, party: str) -> list[Answered]:
        """List what a team has answered, the newest first."""
        pairs = self.plan.worlds.decided(table)[::-1]
        return [
            answered(question, decided) for question, _, decided in pairs if question.party == party
        ]

    def scene(self, answers: Answers, party: str) -> Scene:
        """Tell what happened since a party was asked last, as far as it knows of it."""
        game = self.game(answers)
        own = [q.at_s for q in game.asked if q.party == party]
        since_s = max([self.plan.start_s, *own])
        log, told = self.log(answers, party), self.past(answers, party).past
        course = course_of(log)
        times = [course.times[e.id] for e in course.events]
        known = [
            (event, shown, at_s)
            for event, shown, at_s in zip(course.events, told.events, times, strict=True)
            if at_s >= since_s
        ]
        passed = [(q, yes) for q, yes in self.plan.worlds.passed(game, party) if q.at_s >= since_s]
        return scene(party, since_s, known, told, passed, self.titles)

    @cached_property
    def titles(self) -> dict[str, str]:
        """The names of the channels, where there are several."""
        channels = self.plan.channels
        return {c: s.title or c for c, s in channels.items()} if len(channels) > 1 else {}

    def because(self, question: Question, told: Sequence[Told], log: Log) -> str:
        """Say which event brought a question up, if the party knows of it."""
        occasion = question.because
        if occasion is None:
            return ""
        times = course_of(log).times
        places = {e.id: n for n, e in enumerate(course_of(log).events)}
        for event in log.events:
            fits = event.id == occasion.event if occasion.event else event.kind == occasion.kind
            if fits and times[event.id] == occasion.at_s:
                return told[places[event.id]].title
        return ""


def answered(question: Question, decided: Decided) -> Answered:
    """Say how a question was answered."""
    yes, no = decided.yes, decided.no
    if decided.how == "vote":
        most, least = max(yes, no), min(yes, no)
        said = ngettext("by {n} vote to {others}", "by {n} votes to {others}", most, others=least)
    elif decided.how == "minister":
        said = ngettext(
            "by the minister, at {n} vote to {others}",
            "by the minister, at {n} votes to {others}",
            yes,
            others=no,
        )
    elif yes:
        said = ngettext(
            "{n} vote to {others}, and no minister's",
            "{n} votes to {others}, and no minister's",
            yes,
            others=no,
        )
    else:
        said = _("nobody voted")
    deed, answer = words.deed(question.decision), words.answered(decided.answer)
    return Answered(decided.number, question.date, deed, answer, said)


def bands(
    strips: tuple[Strip, ...], channels: Mapping[str, Channel], party: str, until_s: int
) -> str:
    """Draw a party's own view of its channels over time."""
    names = {c: s.title or c for c, s in channels.items()} if len(strips) > 1 else {}
    rows = [(names.get(s.channel, party), s) for s in strips if s.intervals]
    if not rows:
        return ""
    return charts.strips(rows, charts.begin_of([s for _, s in rows], until_s), until_s)
