"""The worlds of games that are played alone: a table's up to one of its questions, and from there
on one student's answers and the doctrines'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil

from sim.ground.dates import instant
from sim.ground.language import _
from sim.log.log import Log
from sim.log.projection import known_until
from sim.model.players import Question
from sim.seminar.play.alone import AloneAnswered, AloneBegan
from sim.seminar.play.record import PlayState
from sim.seminar.play.worlds import Answers, PlayPlan
from sim.seminar.record.refusal import Refused
from sim.study.playing import Play
from sim.study.routine import Routine, Then

FEWEST = 3
"""Questions that a game has at least, however late it begins."""


@dataclass(frozen=True)
class Start:
    """Where a game begins, and who is played."""

    party: str
    before: Answers | None = None
    """The answers of the table before the question that is answered anew; None for a game from the
    first day on."""


def start_of(state: PlayState, began: AloneBegan) -> Start:
    """Return where a game begins."""
    if began.table is None:
        return Start(began.party)
    return Start(began.party, state.tables[began.table].answers[: began.at])


class AloneWorlds:
    """Runs and keeps worlds by their start and the answers of the student. Its methods may be
    called from any thread."""

    def __init__(self, plan: PlayPlan) -> None:
        self.plan = plan
        self.at = lru_cache(maxsize=256)(self._at)
        """`at(start, answers)`: the world after these answers, at its next question or its end."""
        self.log = lru_cache(maxsize=64)(self._log)
        """`log(start, answers)`: its whole log; what is not answered the doctrines decide."""

    def question(self, start: Start, answers: Answers) -> Question | None:
        """Return the question that a game is at; None at its end."""
        question = self.at(start, answers).question
        return None if question is None or question.at_s >= self.plan.end_s else question

    def asked(self, start: Start, answers: Answers) -> Sequence[Question]:
        """Return the questions that the student has answered."""
        return self.at(start, answers).asked[len(start.before or ()) :]

    def check(self, start: Start, answered: Sequence[AloneAnswered]) -> None:
        """Check that a game asks what its record says that it asked.

        Raises:
            Refused: it does not: the record is of another version of the program.
        """
        found = self.asked(start, tuple(a.answer for a in answered))
        if [instant(q.at_s) for q in found] != [a.at for a in answered]:
            raise Refused(_("This game is of another version of the program. Begin another one."))

    def _at(self, start: Start, answers: Answers) -> Play:
        return self._game(start, answers, self._later(start))

    def _log(self, start: Start, answers: Answers) -> Log:
        counted = len(answers) - (start.before is not None)
        game = self._game(start, answers, replace(self._later(start), most=counted))
        return known_until(game.world, self.plan.end_s)

    def _game(self, start: Start, answers: Answers, later: Routine) -> Play:
        before = start.before or ()
        game = self.plan.worlds.at(before).branch()
        # the table's question comes as it did
        first = 0 if start.before is None else len(before) + 1
        game.routine = replace(game.routine, then=Then(first, later, (start.party,)))
        game.answers = (*before, *answers)
        game.finished  # noqa: B018 - run it here, in this thread
        return game

    def _later(self, start: Start) -> Routine:
        """Return which questions are put to who plays alone: as many as a table would have in the
        days that are left, all of them to the one side."""
        plan, spec, from_s = self.plan, self.plan.spec, self.plan.start_s
        if start.before is not None:
            question = plan.worlds.at(start.before).question
            from_s = plan.end_s if question is None else question.at_s
        share = (plan.end_s - from_s) / max(1, plan.end_s - plan.start_s)
        most = max(FEWEST, ceil(spec.questions * share))
        routine = replace(plan.worlds.routine, most=most, in_a_row=None)
        return replace(routine, each=most, span=(from_s, plan.end_s)) if spec.spread else routine
