"""What the page of somebody who plays alone shows: one government's view, as a team has it, and at
the end what came of it."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

from sim.ground.language import _
from sim.ground.states import state_name
from sim.log.log import Log
from sim.model.players import Question
from sim.seminar.pages import words
from sim.seminar.pages.debrief import Debriefs
from sim.seminar.pages.past import Teller
from sim.seminar.pages.play import bands
from sim.seminar.pages.views import TeamPast, Views
from sim.seminar.play.alone import ALONE, AloneGame
from sim.seminar.play.alone_worlds import AloneWorlds, Start
from sim.seminar.play.part import PLAY
from sim.seminar.record.room import Room


class AlonePresenter:
    """Fills the pages of games that are played alone."""

    def __init__(self, worlds: AloneWorlds, debriefs: Debriefs, retold: dict[str, str]) -> None:
        self.worlds, self.plan, self.debriefs = worlds, worlds.plan, debriefs
        self.retold = retold
        self._views = lru_cache(maxsize=128)(self._made_views)

    def _made_views(self, start: Start, over: bool) -> Views:
        retold = {} if over else self.retold
        return Views(self.plan, retold, partial(self.worlds.at, start))

    def past(
        self, room: Room, start: Start, answers: tuple[bool | None, ...], place: int | None = None
    ) -> TeamPast:
        """Return what the government knows at this moment of a game, or as of one of its events."""
        over = not ALONE.of(room).home
        return self._views(start, over).past(answers, start.party, place)

    def whole(self, log: Log) -> Teller:
        """Return what tells the whole world of a game."""
        return self.debriefs.teller(log)

    def menu(self, room: Room, student: int) -> dict[str, Any]:
        """Return what can be begun, and the games that were begun."""
        games = [
            {
                "number": n,
                "party": game.began.party,
                "from": _from(game),
                "answers": len(game.answered),
            }
            for n, game in enumerate(ALONE.of(room).of(student))
        ]
        spec = self.plan.spec
        return {
            "title": spec.title,
            "brief": spec.brief,
            "parties": spec.parties,
            "games": games[::-1],
            "questions": spec.questions,
            "home": ALONE.of(room).home,
            "in_history": self.plan.in_history,
        }

    def values(self, room: Room, number: int, start: Start, game: AloneGame) -> dict[str, Any]:
        """Return what the page of one game shows."""
        answers, over = game.answers, not ALONE.of(room).home
        views = self._views(start, over)
        question = self.worlds.question(start, answers)
        told = views.past(answers, start.party)
        asked = self.worlds.asked(start, answers)
        shown: dict[str, Any] = {
            "number": number,
            "party": start.party,
            "from": _from(game),
            "scene": views.scene(answers, start.party),
            "chart": bands(told.past.strips, self.plan.channels, start.party, told.until_s),
            "views": told.past.views,
            "titles": views.titles,
            "recent": views.recent(told),
            "answered": [
                (q.date, words.deed(q.decision), words.answered(a))
                for q, a in zip(asked, answers, strict=True)
            ][::-1],
            "question": None,
            "debrief": None,
        }
        if question is not None:
            shown["question"] = self._question(views, start, answers, told, question)
            return shown
        table = None
        if game.began.table is not None:
            table = PLAY.of(room).tables[game.began.table]
        shown["debrief"] = self.debriefs.alone(self.worlds.log(start, answers), table)
        shown["seed"] = self.plan.seed
        return shown

    def _question(
        self,
        views: Views,
        start: Start,
        answers: tuple[bool | None, ...],
        told: TeamPast,
        question: Question,
    ) -> dict[str, Any]:
        scenario = self.plan.scenario
        forum = scenario.forums.get(question.forum or "")
        doctrine = scenario.doctrines[scenario.parties[start.party].doctrine]
        good, bad = words.grounds(question, doctrine)
        log = self.worlds.at(start, answers).log(start.party)
        return {
            "number": len(answers),
            "date": question.date,
            "state": state_name(question.state),
            "channel": views.titles.get(question.channel, ""),
            "text": words.asked(question, (forum.title or question.forum) if forum else None),
            "because": views.because(question, told.past.events, log),
            "doctrine": doctrine.title,
            "says": words.leaning(question),
            "for": good,
            "against": bad,
        }


def _from(game: AloneGame) -> str:
    """Say where a game begins."""
    began = game.began
    if began.table is None:
        return _("from the first day on")
    return _("from question {number} of table {table} on", number=began.at + 1, table=began.table)
