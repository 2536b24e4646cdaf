"""What a student does who plays alone: each becomes an event of the record."""

from __future__ import annotations

from sim.ground.dates import instant
from sim.ground.language import N_, _
from sim.seminar.play.alone import ALONE, AloneAnswered, AloneBegan, AloneGame, may_play_alone
from sim.seminar.play.alone_worlds import AloneWorlds, Start, start_of
from sim.seminar.play.part import PLAY
from sim.seminar.record.keeping import Record
from sim.seminar.record.refusal import Refused

MOST_GAMES = 30
"""Games of one student."""
EARLY = N_("You can play on alone when the debrief has begun.")


class AloneController:
    """The games that students play alone."""

    def __init__(self, record: Record, worlds: AloneWorlds) -> None:
        self.record, self.worlds = record, worlds

    def begin(self, now_ms: int, student: int, party: str, table: int | None, at: int) -> None:
        """Begin a game, from a table's question or from the first day.

        Raises:
            Refused: it is too early, there is no such question, or it was put to another party.
        """
        with self.record.lock:
            room = self.record.room
            self._may(student)
            if party not in self.worlds.plan.spec.parties:
                raise Refused(_("Nobody plays that government here."))
            if len(ALONE.of(room).of(student)) >= MOST_GAMES:
                raise Refused(_("You have begun {most} games. No more are kept.", most=MOST_GAMES))
            if table is not None:
                found = PLAY.of(room).tables.get(table)
                if found is None or found.ended is None or not 0 <= at < len(found.answers):
                    raise Refused(_("There is no such answer to go on from."))
                if found.put[at].question.party != party:
                    raise Refused(_("That question was put to the other government."))
            began = AloneBegan(student=student, party=party, table=table, at=at if table else 0)
            self.record.add(now_ms, began)

    def answer(
        self, now_ms: int, student: int, game: int, number: int, answer: bool | None
    ) -> None:
        """Keep an answer.

        Raises:
            Refused: there is no such game, or it is not at this question.
        """
        with self.record.lock:
            self._may(student)
            start, found = self.game(student, game)
            question = self.worlds.question(start, found.answers)
            if question is None or number != len(found.answered):
                raise Refused(_("This question is answered already."))
            told = AloneAnswered(
                student=student,
                game=game,
                number=number,
                at=instant(question.at_s),
                answer=answer,
            )
            self.record.add(now_ms, told)

    def game(self, student: int, game: int) -> tuple[Start, AloneGame]:
        """Return a game of a student, and where it begins.

        Raises:
            Refused: there is none, or it is of another version of the program.
        """
        room = self.record.room
        games = ALONE.of(room).of(student)
        if not 0 <= game < len(games):
            raise Refused(_("There is no such game."))
        found = games[game]
        start = start_of(PLAY.of(room), found.began)
        self.worlds.check(start, found.answered)
        return start, found

    def _may(self, student: int) -> None:
        room = self.record.room
        if student not in room.students:
            raise Refused(_("You have no seat in this room. Join again."))
        if not may_play_alone(room):
            raise Refused(_(EARLY))
