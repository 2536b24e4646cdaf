"""A session: what a class and its teacher may do, and when. It decides; the record keeps.

Every method that acts returns when what it did is on the disk. Secrets and the time come from the
caller, so that a session is tested without either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import RLock

from sim.ground.errors import BackchannelError, InputError, Problem
from sim.ground.version import program_version
from sim.scenario.lesson import PHASES
from sim.seminar.plan import Plan, RoundPlan
from sim.seminar.record import (
    MAX_NAME,
    MAX_REASON,
    MAX_STUDENTS,
    Answered,
    Began,
    DoorSet,
    Ended,
    Forecasted,
    Joined,
    LimitChanged,
    Opened,
    ReasonHidden,
    Removed,
    Revealed,
    Room,
    Sealed,
    SeminarEvent,
    Started,
    Student,
    apply,
    room_of,
    seal_of,
)
from sim.seminar.scores import LEAST, MOST
from sim.seminar.store import MAIN, Conflict, Store
from sim.seminar.typed import can_be_shown

VOTES = {"vote": 1, "again": 2}
"""The phases in which students answer, and which vote it is."""
MAX_EXTENSION = 60
"""Minutes by which a limit is extended at once, at most."""


class Refused(BackchannelError):  # noqa: N818 - no fault of the program's
    """Something that a person in the room may not do, or not now; the record is untouched."""


class Session:
    """A lesson as it is held, over its store."""

    def __init__(self, plan: Plan, store: Store) -> None:
        """Take up the record that a store holds.

        Raises:
            InputError: the record is of another lesson, or damaged.
        """
        self.plan, self.store = plan, store
        self._lock = RLock()
        self.room: Room = room_of(store.read(MAIN))
        """The room at this moment; a new value after each event."""
        opened = self.room.opened
        if self.room.position and opened is None:
            rule = "does not begin with the opening of a room"
            raise InputError([Problem(store.path.as_posix(), 0, "", rule)])
        if opened is not None and opened.lesson_sha256 != plan.digest:
            rule = (
                f"is the record of another lesson, “{opened.title}”, or of another version of this "
                "one or of its scenario: give another folder with --out"
            )
            raise InputError([Problem(store.path.as_posix(), 0, "", rule)])

    # ------------------------------------------------------------------------------ the server

    def open(self, now_ms: int, code: str) -> None:
        """Begin the record with the opening of the room, where it does not begin with it yet."""
        with self._lock:
            if self.room.opened is None:
                opened = Opened(
                    lesson_sha256=self.plan.digest,
                    title=self.plan.title,
                    version=program_version(),
                    code=code,
                )
                self._add(now_ms, opened)

    def start(self, now_ms: int, code: str, teacher_sha256: str) -> None:
        """Open the room, or take it up again after a stop. A clock that ran is then paused, with
        the time that was left at the last event, so that nobody loses time to the stop."""
        with self._lock:
            self.open(now_ms, code)
            room = self.room
            events: list[SeminarEvent] = [Started(teacher_sha256=teacher_sha256)]
            if room.deadline_ms is not None:
                left = max(1_000, room.deadline_ms - max(room.at_ms, room.phase_ms))
                events.append(LimitChanged(left_ms=left))
            self._add(now_ms, *events)

    def forecasted(self, now_ms: int, forecast: Forecasted) -> None:
        """Keep the simulator's forecast of a round."""
        with self._lock:
            if forecast.round not in self.room.forecasts:
                self._add(now_ms, forecast)

    def tick(self, now_ms: int, salt: str) -> bool:
        """Go on where a limit is over; return whether it was. `salt` is used where it seals."""
        with self._lock:
            deadline = self.room.deadline_ms
            if deadline is None or now_ms < deadline:
                return False
            self._advance(now_ms, salt)
            return True

    # ------------------------------------------------------------------------------ students

    def join(self, now_ms: int, name: str, group: str | None, seat_sha256: str) -> Student:
        """Give a student a seat. A name that is taken gets a number behind it.

        Raises:
            Refused: the name or the group will not do, the room is full, or the lesson is over.
        """
        wanted = " ".join(name.split())
        if not wanted:
            raise Refused("Type a name: your own, or one that you like.")
        if len(wanted) > MAX_NAME:
            raise Refused(f"The name is too long: {MAX_NAME} characters at most.")
        if not can_be_shown(wanted):
            raise Refused("The name holds characters that cannot be shown. Type another name.")
        groups = self.plan.lesson.groups
        if groups and group not in groups:
            raise Refused("Choose a group.")
        with self._lock:
            room = self.room
            if room.ended:
                raise Refused("The lesson is over.")
            if not room.door_open:
                raise Refused("The teacher has closed the door: ask the teacher to open it.")
            if len(room.students) >= MAX_STUDENTS:
                raise Refused(f"The room is full: {MAX_STUDENTS} students.")
            number = 1 + room.last_number
            names = {s.name for s in room.students.values()}
            shown, n = wanted, 1
            while shown in names:
                n += 1
                mark = f" ({n})"
                shown = f"{wanted[: MAX_NAME - len(mark)]}{mark}"
            roles = list(self.plan.lesson.roles)
            chosen = group if groups else None
            self._add(
                now_ms,
                Joined(
                    student=number,
                    name=shown,
                    group=chosen,
                    role=roles[(number - 1) % len(roles)] if roles else None,
                    seat_sha256=seat_sha256,
                ),
            )
            return self.room.students[number]

    def answer(
        self,
        now_ms: int,
        student: int,
        round_: int,
        vote: int,
        percents: Mapping[str, Sequence[int]],
        reason: str,
    ) -> None:
        """Keep a student's answer to a round; one that was given before is replaced.

        Raises:
            Refused: the vote is closed or is another one, or the answer breaks a rule.
        """
        said = " ".join(reason.split())
        if not said:
            raise Refused("Write one sentence: the reason for your answer.")
        if len(said) > MAX_REASON:
            raise Refused(f"The reason is too long: {MAX_REASON} characters at most.")
        if not can_be_shown(said):
            raise Refused("The reason holds characters that cannot be shown.")
        with self._lock:
            room = self.room
            if student not in room.students:
                raise Refused("You have no seat in this room. Join again.")
            open_ = VOTES.get(room.phase)
            late = room.deadline_ms is not None and now_ms >= room.deadline_ms
            if room.round != round_ or open_ != vote or late or room.ended:
                raise Refused("This vote is closed. Your answer was not stored.")
            checked = _checked(self.plan.rounds[round_], percents)
            event = Answered(
                student=student, round=round_, vote=open_, percents=checked, reason=said
            )
            self._add(now_ms, event)

    # ------------------------------------------------------------------------------ the teacher

    def advance(self, now_ms: int, seen: str, salt: str) -> None:
        """Go on to the next phase, or the next round, or end the lesson.

        `seen` is what the teacher's page showed, as `place_of` writes it: two clicks on one button
        are one step. `salt` is used where it seals.

        Raises:
            Refused: the lesson has gone on meanwhile, or is over.
        """
        with self._lock:
            if seen != place_of(self.room):
                raise Refused("The lesson has gone on meanwhile: look at the page again.")
            if self.room.ended:
                raise Refused("The lesson is over.")
            self._advance(now_ms, salt)

    def pause(self, now_ms: int) -> None:
        """Stop the clock of the present phase.

        Raises:
            Refused: no clock runs.
        """
        with self._lock:
            deadline = self.room.deadline_ms
            if deadline is None:
                raise Refused("No clock is running.")
            self._add(now_ms, LimitChanged(left_ms=max(1_000, deadline - now_ms)))

    def take_up(self, now_ms: int) -> None:
        """Let a paused clock run again.

        Raises:
            Refused: it is not paused.
        """
        with self._lock:
            left = self.room.left_ms
            if left is None:
                raise Refused("The clock is not paused.")
            self._add(now_ms, LimitChanged(deadline_ms=now_ms + left))

    def extend(self, now_ms: int, minutes: int) -> None:
        """Give the present phase more time.

        Raises:
            Refused: it has no limit, or the minutes are out of range.
        """
        with self._lock:
            room = self.room
            if not 1 <= minutes <= MAX_EXTENSION:
                raise Refused(f"Give 1 to {MAX_EXTENSION} minutes.")
            if room.left_ms is not None:
                self._add(now_ms, LimitChanged(left_ms=room.left_ms + minutes * 60_000))
            elif room.deadline_ms is not None:
                self._add(now_ms, LimitChanged(deadline_ms=room.deadline_ms + minutes * 60_000))
            else:
                raise Refused("This phase has no limit.")

    def without_limit(self, now_ms: int) -> None:
        """Turn the limit of the present phase off."""
        with self._lock:
            if self.room.deadline_ms is None and self.room.left_ms is None:
                raise Refused("This phase has no limit.")
            self._add(now_ms, LimitChanged())

    def remove(self, now_ms: int, student: int, last: int | None = None) -> None:
        """Take a student out of the room, or all from one number to another.

        Raises:
            Refused: there is no such student.
        """
        with self._lock:
            end = student if last is None else last
            numbers = [n for n in sorted(self.room.students) if student <= n <= end]
            if not numbers:
                none = "There is no such student."
                raise Refused(none if last is None else "There are no students of these numbers.")
            self._add(now_ms, *(Removed(student=n) for n in numbers))

    def set_door(self, now_ms: int, open_: bool) -> None:
        """Close the door, so that nobody else can join, or open it again."""
        with self._lock:
            if self.room.door_open != open_:
                self._add(now_ms, DoorSet(open=open_))

    def hide(self, now_ms: int, round_: int, vote: int, student: int) -> None:
        """Hide a reason from every page.

        Raises:
            Refused: there is no such answer.
        """
        with self._lock:
            if student not in self.room.cast(round_, vote) or vote not in (1, 2):
                raise Refused("There is no such answer.")
            told = {"student": student, "round": round_, "vote": vote}
            self._add(now_ms, ReasonHidden.model_validate(told))

    def add(self, now_ms: int, decide: Callable[[Room], SeminarEvent]) -> None:
        """Keep the event that `decide` makes of the room as it is.

        Raises:
            Refused: `decide` refuses.
        """
        with self._lock:
            self._add(now_ms, decide(self.room))

    # ------------------------------------------------------------------------------ inside

    def _advance(self, now_ms: int, salt: str) -> None:
        room = self.room
        if room.round < 0:
            self._add(now_ms, self._began(now_ms, 0, PHASES[0]))
            return
        if room.phase == "revealed":
            following = room.round + 1
            if following >= len(self.plan.rounds):
                self._add(now_ms, Ended())
            else:
                self._add(now_ms, self._began(now_ms, following, PHASES[0]))
            return
        phase = PHASES[PHASES.index(room.phase) + 1]
        events: list[SeminarEvent] = [self._began(now_ms, room.round, phase)]
        if phase == "sealed":
            digest = seal_of(room, room.round, salt)
            events.append(Sealed(round=room.round, sha256=digest, salt=salt))
        if phase == "revealed":
            events.append(Revealed(round=room.round))
        self._add(now_ms, *events)

    def _began(self, now_ms: int, round_: int, phase: str) -> Began:
        limit = self.plan.rounds[round_].limit_s(phase)
        deadline = None if limit is None else now_ms + round(limit * 1000)
        return Began.model_validate({"round": round_, "phase": phase, "deadline_ms": deadline})

    def _add(self, now_ms: int, *events: SeminarEvent) -> None:
        """Put events on the disk, and then into the room.

        Raises:
            Refused: another program has written to the same record.
            RunError: the disk refuses; nothing was added.
        """
        try:
            added = self.store.append(MAIN, self.room.position, events, now_ms)
        except Conflict:
            self._catch_up()
            raise Refused(
                "Another program writes to the same record. Nothing was stored: try again."
            ) from None
        room = self.room
        for recorded in added:
            room = apply(room, recorded)
        self.room = room

    def _catch_up(self) -> None:
        room = self.room
        for recorded in self.store.read(MAIN, room.position):
            room = apply(room, recorded)
        self.room = room


def place_of(room: Room) -> str:
    """Name where a lesson is: its round and phase."""
    return "over" if room.ended else f"{room.round}-{room.phase or 'before'}"


def _checked(
    round_: RoundPlan, percents: Mapping[str, Sequence[int]]
) -> dict[str, tuple[int, ...]]:
    """Return percents that fit the questions of a round.

    Raises:
        Refused: they do not.
    """
    known = {q.id: q for q in round_.questions}
    if {*percents} != {*known}:
        raise Refused("Answer every question of the round.")
    found: dict[str, tuple[int, ...]] = {}
    for number, (id_, question) in enumerate(known.items(), start=1):
        given = tuple(percents[id_])
        where = f"Question {number}: " if len(known) > 1 else ""
        if len(given) != len(question.options):
            raise Refused(f"{where}give a number for each answer.")
        if not all(LEAST <= p <= MOST for p in given):
            raise Refused(f"{where}each number must lie between {LEAST} and {MOST}.")
        if sum(given) != 100:
            raise Refused(f"{where}the numbers must add up to 100, and they make {sum(given)}.")
        found[id_] = given
    return found
