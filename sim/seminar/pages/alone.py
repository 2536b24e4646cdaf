"""What the page of somebody who plays alone shows: one government's view, as a team has it, and at
the end what came of it."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

from sim.ground.language import _
from sim.seminar.pages import words
from sim.seminar.pages.debrief import Debriefs
from sim.seminar.pages.past import Past
from sim.seminar.pages.views import Answered, Views
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
    ) -> tuple[Past, str]:
        """Return what the government knows at this moment of a game, or as of one of its events,
        and the chart of its states."""
        views = self._views(start, not ALONE.of(room).home)
        told = views.past(answers, start.party, place)
        return told.past, views.chart(told, start.party)

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
        answers = game.answers
        views = self._views(start, not ALONE.of(room).home)
        question = self.worlds.question(start, answers)
        told = views.past(answers, start.party)
        asked = self.worlds.asked(start, answers)
        shown: dict[str, Any] = {
            "number": number,
            "party": start.party,
            "from": _from(game),
            "scene": views.scene(answers, start.party),
            **views.seen(told, start.party),
            "answered": [
                Answered(n, q.date, words.deed(q.decision), words.answered(a))
                for n, (q, a) in enumerate(zip(asked, answers, strict=True))
            ][::-1],
            "question": None,
            "debrief": None,
        }
        if question is not None:
            told_now, leaning = views.asked(question, answers), views.leaning(question)
            shown["question"] = {"number": len(answers), **told_now, "leaning": leaning}
            return shown
        table = None
        if game.began.table is not None:
            table = PLAY.of(room).tables[game.began.table]
        shown["debrief"] = self.debriefs.alone(self.worlds.log(start, answers), table)
        shown["seed"] = self.plan.seed
        return shown


def _from(game: AloneGame) -> str:
    """Say where a game begins."""
    began = game.began
    if began.table is None:
        return _("from the first day on")
    return _("from question {number} of table {table} on", number=began.at + 1, table=began.table)
