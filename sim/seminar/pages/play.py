"""What the pages show of a role play: to a team its own view, to everybody only how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.ground.language import N_, _
from sim.seminar.pages import words
from sim.seminar.pages.debrief import Debriefs
from sim.seminar.pages.views import Views
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import STAGES, PlayState, Put, Seat, TableState
from sim.seminar.play.teams import (
    ADVISER,
    DESK,
    MINISTER,
    PARTS,
    PRESS,
    own_team,
    parts_of,
    teams_of,
)
from sim.seminar.play.worlds import PlayPlan
from sim.seminar.record.room import Room, Student

TASKS = {
    MINISTER: N_(
        "You see how the votes stand. Where they are equal, yours decides. You may close a vote "
        "early."
    ),
    ADVISER: N_(
        "You see which way the doctrine of your government leans, and why. Tell the others what "
        "they should know of it, and whether to follow it."
    ),
    DESK: N_("You alone read the whole log. Look for a precedent, and tell the others."),
    PRESS: N_("You write what your government says of the decision in public."),
}
"""What each part does."""
PART_NAMES = {
    MINISTER: N_("minister"),
    ADVISER: N_("adviser"),
    DESK: N_("desk"),
    PRESS: N_("press"),
}
WRITES = {
    ADVISER: N_("Your advice, in one line"),
    DESK: N_("A precedent from the log, in one line"),
    PRESS: N_("What we say in public, in one line"),
}
"""What the form of a part asks for."""


class PlayPresenter:
    """Fills the pages of one role play."""

    def __init__(self, plan: PlayPlan, retold: dict[str, str]) -> None:
        self.plan = plan
        self.views = Views(plan, retold)
        self.debriefs = Debriefs(plan)
        self._debriefed: tuple[PlayState, dict[str, Any]] | None = None

    def values(self, room: Room, page: str, student: Student | None) -> dict[str, Any]:
        """Return what a page shows of the role play, under `play`."""
        spec, state = self.plan.spec, PLAY.of(room)
        shown: dict[str, Any] = {
            "title": spec.title,
            "brief": spec.brief,
            "stage": state.stage,
            "parties": spec.parties,
            "most": spec.questions,
            "an_hour": spec.an_hour,
            "each": spec.each if spec.spread else None,
            "in_history": self.plan.in_history,
            "tables": [self._progress(room, t) for t in state.tables.values()],
            "team": None,
            "debrief": None,
        }
        seat = state.seats.get(student.number) if student is not None else None
        shown["own"] = None if seat is None else seat.table
        if seat is not None and student is not None and state.stage in STAGES[:2]:
            shown["team"] = self._team(room, student, seat)
        if page == "teacher" and state.stage in STAGES[:2]:
            shown["desks"] = [self._table(room, t) for t in state.tables.values()]
            shown["waiting"] = [s for n, s in room.students.items() if n not in state.seats]
            teams = teams_of(len(state.tables), spec.parties)
            shown["only"] = {
                n: None if own is None else (own.table, own.party)
                for n in room.students
                if n not in state.seats
                for own in [own_team(room, state, n)]
            }
            shown["teams"] = [(s.table, s.party, len(state.team(s))) for s in teams]
        if state.stage == "debrief":
            if self._debriefed is None or self._debriefed[0] is not state:
                self._debriefed = (state, self.debriefs.values(state))  # the same for all who look
            shown["debrief"] = self._debriefed[1]
            shown["seed"] = self.plan.seed
        return shown

    # ------------------------------------------------------------------------------ a team

    def _team(self, room: Room, student: Student, seat: Seat) -> dict[str, Any]:
        state = PLAY.of(room)
        table, members = state.tables[seat.table], state.team(seat)
        parts = parts_of(members, student.number)
        begun = table.answers if state.stage == "play" else None
        told = self.views.past(begun, seat.party)
        shown: dict[str, Any] = {
            "table": seat.table,
            "party": seat.party,
            "parts": [{"name": _(PART_NAMES[p]), "task": _(TASKS[p])} for p in parts],
            "reads_log": DESK in parts or state.stage == "instruct",
            "members": members_of(room, members, student.number),
            "instructions": state.instructions_of(seat),
            **self.views.seen(told, seat.party),
            "answered": self.views.answered(table, seat.party),
            "scene": self.views.scene(table.answers, seat.party) if state.stage == "play" else None,
            "ended": table.ended is not None,
            "question": None,
        }
        put = table.open
        if state.stage == "play" and put is not None and put.seat == seat:
            shown["question"] = self._question(room, student, table, put)
        return shown

    def _question(
        self, room: Room, student: Student, table: TableState, put: Put
    ) -> dict[str, Any]:
        question, members = self.plan.worlds.question(table), PLAY.of(room).team(put.seat)
        assert question is not None
        parts = parts_of(members, student.number)
        votes = {n: v for n, v in put.votes.items() if n in members}
        mine, yes = votes.get(student.number), sum(votes.values())
        minister = MINISTER in parts
        return {
            "number": put.question.number,
            **self.views.asked(question, table.answers),
            **self._clock(table),
            "cast": len(votes),
            "members": len(members),
            "mine": mine,
            "tally": {"yes": yes, "no": len(votes) - yes} if minister else None,
            "may_close": minister and mine is not None,
            "leaning": self.views.leaning(question) if ADVISER in parts else None,
            "notes": self._notes(room, put),
            "writes": [
                {"part": p, "label": _(WRITES[p]), "own": put.notes.get((p, student.number), "")}
                for p in (ADVISER, DESK, PRESS)
                if p in parts
            ],
        }

    def _clock(self, table: TableState) -> dict[str, Any]:
        """Return when the question of a table was asked, and until when it is open."""
        return {
            "deadline_ms": table.deadline_ms,
            "left_ms": table.left_ms,
            "asked_ms": table.asked_ms,
            "remind_ms": round(1000 * self.plan.spec.question_s),
        }

    def _notes(self, room: Room, put: Put) -> list[dict[str, str]]:
        """List what the members wrote beside a question, without what the teacher has hidden."""
        return [
            {"part": _(PART_NAMES[part]), "name": room.students[n].name, "text": text}
            for (part, n), text in sorted(put.notes.items(), key=lambda e: PARTS.index(e[0][0]))
            if not PLAY.of(room).hides(put, part, n) and n in room.students
        ]

    # ------------------------------------------------------------------------------ the others

    def _progress(self, room: Room, table: TableState) -> dict[str, Any]:
        """Return what everybody sees of a table: who sits there, and how far it is."""
        seats = [Seat(table.number, party) for party in self.plan.spec.parties]
        return {
            "number": table.number,
            "teams": [[room.students[n].name for n in PLAY.of(room).team(seat)] for seat in seats],
            "answered": len(table.answers),
            "ended": table.ended is not None,
        }

    def _table(self, room: Room, table: TableState) -> dict[str, Any]:
        """Return what the teacher sees of a table."""
        state, question = PLAY.of(room), self.plan.worlds.question(table)
        put = table.open
        teams = []
        for party in self.plan.spec.parties:
            seat = Seat(table.number, party)
            written = state.instructions.get(seat)
            teams.append(
                {
                    "party": party,
                    "members": members_of(room, state.team(seat)),
                    "instructions": written,
                    "hidden": written is not None and not state.instructions_of(seat),
                }
            )
        shown: dict[str, Any] = {"number": table.number, "teams": teams, "question": None}
        shown["ended"] = table.ended is not None
        if put is not None and question is not None:
            members = state.team(put.seat)
            shown["question"] = {
                "number": put.question.number + 1,
                "party": question.party,
                "date": question.date,
                "deed": words.deed(question.decision),
                "cast": sum(n in members for n in put.votes),
                "members": len(members),
                **self._clock(table),
                "notes": [
                    {
                        "part": part,
                        "part_name": _(PART_NAMES[part]),
                        "student": n,
                        "text": text,
                        "hidden": state.hides(put, part, n),
                    }
                    for (part, n), text in put.notes.items()
                ],
            }
        return shown


def members_of(room: Room, team: Sequence[int], you: int = 0) -> list[dict[str, Any]]:
    """List the members of a team with their parts; `you` is the number of who looks."""
    named = {n: _(" and ").join(_(PART_NAMES[p]) for p in parts_of(team, n)) for n in team}
    return [
        {"name": room.students[n].name, "parts": parts, "you": n == you}
        for n, parts in named.items()
    ]
