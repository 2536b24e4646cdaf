"""What people do in a role play, and what its clock does: each becomes events of the record."""

from __future__ import annotations

from collections.abc import Callable

from sim.ground.language import N_, _
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import (
    MAX_LINE,
    STAGES,
    Asked,
    Instructed,
    LineHidden,
    LineKey,
    Noted,
    Put,
    Seat,
    Seated,
    TableEnded,
    TableState,
    Voted,
)
from sim.seminar.play.teams import MINISTER, decided, own_team, parts_of, teams_of
from sim.seminar.play.worlds import PlayPlan
from sim.seminar.record.events import SeminarEvent
from sim.seminar.record.keeping import Record
from sim.seminar.record.refusal import Refused, one_line

OVER = N_("This question is over. Your vote was not stored.")
MISSING = N_("Write one line.")


class Controller:
    """The role play of a seminar."""

    def __init__(self, record: Record, plan: PlayPlan, ended: Callable[[TableState], None]) -> None:
        """`ended(table)` works out what is told of a world that has come to its end."""
        self.record, self.plan, self.ended = record, plan, ended
        for table in PLAY.of(record.room).tables.values():
            if table.ended is not None:
                ended(table)

    # ------------------------------------------------------------------------------ students

    def instruct(self, now_ms: int, student: int, text: str) -> None:
        """Keep the instructions that a team gives itself; a later line replaces an earlier one.

        Raises:
            Refused: the play has begun, or the line will not do.
        """
        line = one_line(text, "line", MAX_LINE, _("Write your instructions in one line."))
        with self.record.lock:
            seat = self._seat(student)
            if self.record.room.phase != "instruct":
                raise Refused(_("The play has begun: the instructions stand as they are."))
            event = Instructed(student=student, table=seat.table, party=seat.party, text=line)
            self.record.add(now_ms, event)

    def vote(self, now_ms: int, student: int, number: int, yes: bool) -> None:
        """Keep a vote on the question that a team is asked; where all have voted it is closed.

        Raises:
            Refused: the student has no seat, or the team is not asked this question now.
        """
        with self.record.lock:
            seat, put, table = self._asked(now_ms, student, number)
            voted = Voted(student=student, table=seat.table, number=number, yes=yes)
            team = PLAY.of(self.record.room).team(seat)
            if {*team} <= {*put.votes, student}:
                cast = Put(put.question, {**put.votes, student: yes})
                self.record.add(now_ms, voted, decided(table, cast, team))
            else:
                self.record.add(now_ms, voted)

    def close(self, now_ms: int, student: int, number: int) -> None:
        """Close a vote before its time, as the minister may.

        Raises:
            Refused: the student is not the minister, has not voted, or the question is over.
        """
        with self.record.lock:
            seat, put, table = self._asked(now_ms, student, number)
            team = PLAY.of(self.record.room).team(seat)
            if MINISTER not in parts_of(team, student):
                raise Refused(_("Only the minister closes a vote."))
            if student not in put.votes:
                raise Refused(_("Vote first: a minister who closes the vote has one."))
            self.record.add(now_ms, decided(table, put, team))

    def note(self, now_ms: int, student: int, number: int, part: str, text: str) -> None:
        """Keep a line that a member writes beside a question for the whole team.

        Raises:
            Refused: the student does not have this part, the line will not do, or the question is
                over.
        """
        line = one_line(text, "line", MAX_LINE, _(MISSING))
        with self.record.lock:
            seat, *__ = self._asked(now_ms, student, number)
            team = PLAY.of(self.record.room).team(seat)
            if part == MINISTER or part not in parts_of(team, student):
                raise Refused(_("That is not your part in the team."))
            told = {"student": student, "table": seat.table, "number": number, "part": part}
            self.record.add(now_ms, Noted.model_validate({**told, "text": line}))

    # ------------------------------------------------------------------------------ the teacher

    def seat(self, now_ms: int, student: int, seat: Seat) -> None:
        """Give a student who came late a place in a team. Only the teacher knows whether somebody
        who joins now sits in a team already, on another device.

        Raises:
            Refused: there is no such student or team, the student has a place, one of this name
                sits in another team, or it is too late.
        """
        with self.record.lock:
            room = self.record.room
            if room.phase not in STAGES[:2] or room.ended:
                raise Refused(_("Nobody is given a place now."))
            if student not in room.students:
                raise Refused(_("There is no such student."))
            if student in PLAY.of(room).seats:
                raise Refused(_("This student has a place already."))
            if seat not in teams_of(len(PLAY.of(room).tables), self.plan.spec.parties):
                raise Refused(_("There is no such team."))
            own = own_team(room, PLAY.of(room), student)
            if own is not None and own != seat:
                raise Refused(
                    _(
                        "{name} has a name that sits at table {table}, for {party}: only that team "
                        "is open to it. Somebody else joins by another name.",
                        name=room.students[student].name,
                        table=own.table,
                        party=own.party,
                    )
                )
            self.record.add(now_ms, Seated(student=student, table=seat.table, party=seat.party))

    def hide(self, now_ms: int, line: LineKey) -> None:
        """Hide a line from every page but the teacher's.

        Raises:
            Refused: there is no such line.
        """
        table, number, part, student = line
        with self.record.lock:
            state = PLAY.of(self.record.room)
            at = state.tables.get(table)
            if number is None:
                written = state.instructions.items()
                there = any(s.table == table and i.student == student for s, i in written)
            else:
                there = at is not None and number < len(at.put)
                there = there and at is not None and (part, student) in at.put[number].notes
            if not there:
                raise Refused(_("There is no such line."))
            told = {"student": student, "table": table, "number": number, "part": part}
            self.record.add(now_ms, LineHidden.model_validate(told))

    # ------------------------------------------------------------------------------ the clock

    def tick(self, now_ms: int) -> bool:
        """Close the votes whose time is over; return whether there were any."""
        with self.record.lock:
            over = self._over(now_ms)
            if over:
                self.record.add(now_ms, *(decided(*vote) for vote in over))
            return bool(over)

    def overdue(self, now_ms: int) -> bool:
        """Whether the time of a vote is over."""
        return bool(self._over(now_ms))

    def _over(self, now_ms: int) -> list[tuple[TableState, Put, tuple[int, ...]]]:
        """Return the votes whose time is over: the table, the question, and the team."""
        room, found = self.record.room, []
        for table in PLAY.of(room).tables.values() if room.phase == "play" else ():
            if (put := table.open) is not None:
                team = PLAY.of(room).team(put.seat)
                late = table.deadline_ms is not None and now_ms >= table.deadline_ms
                if late or {*team} <= {*put.votes}:  # who was left to vote was removed
                    found.append((table, put, team))
        return found

    def waiting(self) -> TableState | None:
        """Return a table whose world is to be run on, the first of several."""
        room = self.record.room
        if PLAY.of(room).stage == "play" and not room.ended:
            if room.left_ms is not None:  # the clock is paused
                return None
            return next((t for t in PLAY.of(room).tables.values() if t.waits), None)
        if PLAY.of(room).stage == "debrief":
            return next((t for t in PLAY.of(room).tables.values() if t.ended is None), None)
        return None

    def come_to(self, table: TableState) -> Asked | TableEnded:
        """Run a table's world up to what comes next. It takes milliseconds, and writes nothing;
        where the world ends, what the debrief says of it is worked out as well."""
        over = PLAY.of(self.record.room).stage == "debrief"
        event = self.plan.worlds.end(table) if over else self.plan.worlds.next(table)
        if isinstance(event, TableEnded):
            self.ended(table)
        return event

    def put(self, now_ms: int, before: TableState, event: Asked | TableEnded) -> None:
        """Put what a table has come to into the record; nothing where the table has gone on."""
        with self.record.lock:
            room = self.record.room
            if self.waiting() is None or PLAY.of(room).tables.get(before.number) != before:
                return
            events: list[SeminarEvent] = [event]
            if isinstance(event, Asked):
                if PLAY.of(room).stage != "play":
                    return
                if room.deadline_ms is not None:
                    limit = now_ms + round(self.plan.spec.question_s * 1000)
                    events = [event.model_copy(update={"deadline_ms": limit})]
            self.record.add(now_ms, *events)

    # ------------------------------------------------------------------------------ inside

    def _seat(self, student: int) -> Seat:
        seat = PLAY.of(self.record.room).seats.get(student)
        if seat is None:
            raise Refused(_("You have no place in a team: ask the teacher for one."))
        return seat

    def _asked(self, now_ms: int, student: int, number: int) -> tuple[Seat, Put, TableState]:
        """Return a student's seat, the question that the team is asked, and its table.

        Raises:
            Refused: the team is not asked this question now.
        """
        room, seat = self.record.room, self._seat(student)
        table = PLAY.of(room).tables[seat.table]
        put = table.open
        late = table.deadline_ms is not None and now_ms >= table.deadline_ms
        if room.phase != "play" or room.ended or put is None or late:
            raise Refused(_(OVER))
        if put.question.number != number or put.question.party != seat.party:
            raise Refused(_(OVER))
        return seat, put, table
