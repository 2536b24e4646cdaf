"""A session: what a class and its teacher may do, and when. It decides; the record keeps.

Every method that acts returns when what it did is on the disk. Secrets and the time come from the
caller, so that a session is tested without either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from sim.ground.errors import InputError, Problem
from sim.ground.language import N_, _
from sim.ground.version import program_version
from sim.seminar.lesson.ballots import checked
from sim.seminar.lesson.over_days import end_ms, extended_ms, opens_ms
from sim.seminar.lesson.plan import Plan, questions_digest
from sim.seminar.lesson.record import (
    LESSON,
    MAX_REASON,
    VOTES,
    Answered,
    Began,
    Forecasted,
    ReasonHidden,
    Revealed,
    Sealed,
    next_phase,
    place_of,
    seal_of,
)
from sim.seminar.lesson.schema import PHASES
from sim.seminar.play.alone import ALONE, AloneBegan, HomeOpened
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import STAGES, PlayBegan, Seated
from sim.seminar.play.teams import closing, most_tables, seating
from sim.seminar.play.worlds import seed_from
from sim.seminar.record.events import (
    MAX_NAME,
    MAX_STUDENTS,
    DoorSet,
    Ended,
    Joined,
    LimitChanged,
    Opened,
    Removed,
    SeminarEvent,
    Started,
)
from sim.seminar.record.keeping import Record
from sim.seminar.record.names import free_name
from sim.seminar.record.refusal import Refused, one_line
from sim.seminar.record.room import Room, Student
from sim.seminar.record.store import Store

FIRST_CLOSES = "seminar.days.rounds[0].closes"
MAX_EXTENSION = 60
"""Minutes by which a limit is extended at once, at most."""
MOST_CHANGES = 100
"""How often a student may store another answer in one vote: a record over weeks stays small."""
MAX_LATER = 7 * 24 * 60
"""Minutes by which a deadline of a lesson over days is extended at once, at most."""


def check_home(plan: Plan) -> None:
    """Refuse to let everybody play alone where there is nothing to play.

    Raises:
        InputError: the lesson has no role play.
    """
    if plan.play is None:
        rule = "needs a lesson with a role play"
        raise InputError([Problem("--home", 0, "", rule, plan.title)])
    if plan.lesson.disguise is not None:
        rule = "cannot be given to a lesson in disguise: whoever has played to the end knows it"
        raise InputError([Problem("--home", 0, "", rule, plan.title)])


class Session:
    """A lesson as it is held, over its store."""

    def __init__(self, plan: Plan, store: Store) -> None:
        """Take up the record that a store holds.

        Raises:
            InputError: the record is of another lesson, or damaged.
        """
        self.plan, self.store = plan, store
        self.record = Record(store, plan.digest, partial(unfit, plan))
        self.lock = self.record.lock
        self._take_seed()
        if self.plan.play is not None:
            self.plan.play.worlds.check(PLAY.of(self.room), store.path.as_posix())

    @property
    def room(self) -> Room:
        """The room at this moment."""
        return self.record.room

    # ------------------------------------------------------------------------------ the server

    def open(self, now_ms: int, code: str, seed: int | None = None) -> None:
        """Begin the record with the opening of the room, where it does not begin with it yet.
        `seed` is that of the worlds of its role play, which nobody is told before the debrief; the
        scenario's where it is None."""
        with self.lock:
            if self.room.opened is None:
                play = self.plan.play
                opened = Opened(
                    lesson_sha256=self.plan.digest,
                    title=self.plan.title,
                    version=program_version(),
                    code=code,
                    seed=None if play is None or seed is None else seed_from(play, seed),
                    questions_sha256=questions_digest(self.plan) if self.plan.rounds else None,
                    disguised=self.plan.lesson.disguise is not None,
                )
                self.record.add(now_ms, opened)
                self._take_seed()

    def open_home(self, now_ms: int) -> None:
        """Let everybody play alone, from the first day on, without a class.

        Raises:
            InputError: the lesson has no role play, or the record is of a class.
        """
        with self.lock:
            if ALONE.of(self.room).home:
                return
            check_home(self.plan)
            if self.room.phase or self.room.ended:
                rule = "a class has begun in this folder: give another with --out"
                raise InputError([Problem("--home", 0, "", rule, self.plan.title)])
            self.record.add(now_ms, HomeOpened())

    def _take_seed(self) -> None:
        """Play the worlds of the seed that the record holds."""
        opened, play = self.room.opened, self.plan.play
        if opened is not None and opened.seed is not None and play is not None:
            self.plan = replace(self.plan, play=replace(play, seed=opened.seed))

    def start(self, now_ms: int, code: str, teacher_sha256: str) -> None:
        """Open the room, or take it up again after a stop. A clock that ran is then paused, with
        the time that was left at the last event, so that nobody loses time to the stop; the dates
        of a lesson over days stay.

        Raises:
            InputError: its first round has closed before anybody has joined.
        """
        with self.lock:
            self.open(now_ms, code)
            now_ms, room, days = self._now(now_ms), self.room, self.plan.days
            events: list[SeminarEvent] = [Started(teacher_sha256=teacher_sha256)]
            if days is not None and not room.phase:
                if not room.students and now_ms >= days.rounds[0].closes_ms:
                    rule = "lies in the past: nobody could answer"
                    raise InputError([Problem(self.plan.title, 0, FIRST_CLOSES, rule)])
                if room.deadline_ms is None and not room.ended:
                    events.append(LimitChanged(deadline_ms=opens_ms(days, 0, now_ms)))
            elif days is None and room.deadline_ms is not None:
                left = max(1_000, room.deadline_ms - room.at_ms)  # both by the clock of one server
                events.append(LimitChanged(left_ms=left))
            self.record.add(now_ms, *events)

    def forecasted(self, now_ms: int, forecast: Forecasted) -> None:
        """Keep the simulator's forecast of a round."""
        with self.lock:
            if forecast.round not in LESSON.of(self.room).forecasts:
                self.record.add(now_ms, forecast)

    def tick(self, now_ms: int, salt: str) -> bool:
        """Go on by one step where a limit is over; return whether it was. `salt` is used where it
        seals."""
        with self.lock:
            deadline, now_ms = self.room.deadline_ms, self._now(now_ms)
            if deadline is None or now_ms < deadline:
                return False
            self._advance(now_ms, salt, due_ms=None if self.plan.days is None else deadline)
            return True

    def _now(self, now_ms: int) -> int:
        """Return the time; over days never one before the last event, so that a computer whose
        clock was set back does not open a vote again."""
        return now_ms if self.plan.days is None else max(now_ms, self.room.at_ms)

    # ------------------------------------------------------------------------------ students

    def join(self, now_ms: int, name: str, group: str | None, seat_sha256: str) -> Student:
        """Give a student a seat. A name that is taken, or that looks like one that is,
        gets a number behind it.

        Raises:
            Refused: the name or the group will not do, the room is full, or the lesson is over.
        """
        missing = _("Type a name: your own, or one that you like.")
        wanted = one_line(name, "name", MAX_NAME, missing)
        groups = self.plan.lesson.groups
        if groups and group not in groups:
            raise Refused(_("Choose a group."))
        with self.lock:
            room = self.room
            if room.ended:
                raise Refused(_("The lesson is over."))
            if not room.door_open:
                raise Refused(_("The teacher has closed the door: ask the teacher to open it."))
            if len(room.students) >= MAX_STUDENTS:
                raise Refused(_("The room is full: {most} students.", most=MAX_STUDENTS))
            number = 1 + room.last_number
            roles = list(self.plan.lesson.roles)
            chosen = group if groups else None
            joined = Joined(
                student=number,
                name=free_name(wanted, {s.name for s in room.students.values()}),
                group=chosen,
                role=roles[(number - 1) % len(roles)] if roles else None,
                seat_sha256=seat_sha256,
            )
            self.record.add(now_ms, joined)
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
        missing = _("Write one sentence: the reason for your answer.")
        said = one_line(reason, "reason", MAX_REASON, missing)
        with self.lock:
            room, now_ms = self.room, self._now(now_ms)
            if student not in room.students:
                raise Refused(_("You have no seat in this room. Join again."))
            open_ = VOTES.get(room.phase)
            late = room.deadline_ms is not None and now_ms >= room.deadline_ms
            if LESSON.of(room).round != round_ or open_ != vote or late or room.ended:
                raise Refused(_("This vote is closed. Your answer was not stored."))
            fits = checked(self.plan.rounds[round_], percents)
            before = LESSON.of(room).cast(round_, vote).get(student)
            if before is not None and (before.percents, before.reason) == (fits, said):
                return
            if before is not None and before.times >= MOST_CHANGES:
                raise Refused(
                    _(
                        "You have stored {most} answers in this vote. The last one counts.",
                        most=MOST_CHANGES,
                    )
                )
            event = Answered(student=student, round=round_, vote=open_, percents=fits, reason=said)
            self.record.add(now_ms, event)

    # ------------------------------------------------------------------------------ the teacher

    def advance(
        self,
        now_ms: int,
        seen: str,
        salt: str,
        tables: int | None = None,
        heads: int | None = None,
    ) -> None:
        """Go on to the next phase, or the next round, or end the lesson.

        `seen` is what the teacher's page showed, as `place_of` writes it: two clicks on one button
        are one step. `salt` is used where it seals, and `tables`, how many there are, where a role
        play begins. `heads` is how many students the teacher counts then.

        Raises:
            Refused: the lesson has gone on meanwhile, or is over, or there are not as many students
                as heads.
        """
        with self.lock:
            if seen != place_of(self.room):
                raise Refused(_("The lesson has gone on meanwhile: look at the page again."))
            if self.room.ended:
                raise Refused(_("The lesson is over."))
            if ALONE.of(self.room).home:
                raise Refused(_("Each student plays alone here: there is no class."))
            joined = len(self.room.students)
            if heads is not None and heads != joined:
                raise Refused(
                    _(
                        "{joined} students have joined, and you see {heads}. If one has joined "
                        "twice, remove the second seat. If one is missing, wait. Then try again.",
                        joined=joined,
                        heads=heads,
                    )
                )
            self._advance(self._now(now_ms), salt, tables)

    def pause(self, now_ms: int) -> None:
        """Stop the clock of the present phase.

        Raises:
            Refused: no clock runs.
        """
        with self.lock:
            self._refuse_over_days()
            deadline = self.room.deadline_ms
            if deadline is None:
                raise Refused(_("No clock is running."))
            self.record.add(now_ms, LimitChanged(left_ms=max(1_000, deadline - now_ms)))

    def take_up(self, now_ms: int) -> None:
        """Let a paused clock run again.

        Raises:
            Refused: it is not paused.
        """
        with self.lock:
            left = self.room.left_ms
            if left is None:
                raise Refused(_("The clock is not paused."))
            self.record.add(now_ms, LimitChanged(deadline_ms=now_ms + left))

    def extend(self, now_ms: int, minutes: int) -> None:
        """Give the present phase more time.

        Raises:
            Refused: it has no limit, or the minutes are out of range.
        """
        with self.lock:
            room, days = self.room, self.plan.days
            most = MAX_EXTENSION if days is None else MAX_LATER
            if not 1 <= minutes <= most:
                raise Refused(_("Give 1 to {most} minutes.", most=most))
            by_ms = minutes * 60_000
            if days is not None:
                changed = LimitChanged(deadline_ms=extended_ms(days, room, by_ms))
            elif room.left_ms is not None:
                changed = LimitChanged(left_ms=room.left_ms + by_ms)
            elif room.deadline_ms is not None:
                changed = LimitChanged(deadline_ms=room.deadline_ms + by_ms)
            else:
                raise Refused(_("This phase has no limit."))
            self.record.add(now_ms, changed)

    def without_limit(self, now_ms: int) -> None:
        """Turn the limit of the present phase off."""
        with self.lock:
            self._refuse_over_days()
            if self.room.deadline_ms is None and self.room.left_ms is None:
                raise Refused(_("This phase has no limit."))
            self.record.add(now_ms, LimitChanged())

    def remove(self, now_ms: int, student: int, last: int | None = None) -> None:
        """Take a student out of the room, or all from one number to another.

        Raises:
            Refused: there is no such student.
        """
        with self.lock:
            end = student if last is None else last
            numbers = [n for n in sorted(self.room.students) if student <= n <= end]
            if not numbers:
                none = N_("There is no such student.")
                many = N_("There are no students of these numbers.")
                raise Refused(_(none if last is None else many))
            self.record.add(now_ms, *(Removed(student=n) for n in numbers))

    def set_door(self, now_ms: int, open_: bool) -> None:
        """Close the door, so that nobody else can join, or open it again."""
        with self.lock:
            if self.room.door_open != open_:
                self.record.add(now_ms, DoorSet(open=open_))

    def hide(self, now_ms: int, round_: int, vote: int, student: int) -> None:
        """Hide a reason from every page.

        Raises:
            Refused: there is no such answer.
        """
        with self.lock:
            if student not in LESSON.of(self.room).cast(round_, vote) or vote not in (1, 2):
                raise Refused(_("There is no such answer."))
            told = {"student": student, "round": round_, "vote": vote}
            self.record.add(now_ms, ReasonHidden.model_validate(told))

    # ------------------------------------------------------------------------------ inside

    def _refuse_over_days(self) -> None:
        if self.plan.days is not None:
            raise Refused(_("This lesson goes on by dates: give more time instead."))

    def _advance(
        self, now_ms: int, salt: str, tables: int | None = None, due_ms: int | None = None
    ) -> None:
        place = next_phase(self.room)
        if place is None or place[0] >= len(self.plan.rounds):
            self.record.add(now_ms, *self._after_rounds(now_ms, tables))
        else:
            self.record.add(now_ms, *self._step(now_ms, place, salt, due_ms))

    def _step(
        self, now_ms: int, place: tuple[int, str], salt: str, due_ms: int | None
    ) -> list[SeminarEvent]:
        """Return the events by which a phase of a round begins, and those that follow at once: over
        days some phases take no time."""
        round_, phase = place
        events: list[SeminarEvent] = [self._began(now_ms, round_, phase, due_ms)]
        if phase == "sealed":
            digest = seal_of(LESSON.of(self.room), round_, salt)
            events.append(Sealed(round=round_, sha256=digest, salt=salt))
        if phase == "revealed":
            events.append(Revealed(round=round_))
        if self.plan.days is not None and self.plan.days.passes(round_, phase):
            following = round_, PHASES[PHASES.index(phase) + 1]
            events += self._step(now_ms, following, salt, due_ms)
        return events

    def _after_rounds(self, now_ms: int, tables: int | None) -> list[SeminarEvent]:
        """Return the events by which the next stage of the role play begins, or the lesson ends."""
        plan, stage = self.plan.play, PLAY.of(self.room).stage
        if plan is None or stage == STAGES[-1]:
            return [Ended()]
        spec, names = plan.spec, {n: s.name for n, s in self.room.students.items()}
        if not stage:
            most = most_tables(len(names), spec)
            number = most if tables is None else tables
            if not 1 <= number <= most:
                raise Refused(_("Give 1 to {most} tables.", most=most))
            minutes = spec.minutes.instruct
            deadline = None if minutes is None else now_ms + round(minutes * 60_000)
            seats = seating(names, number, spec.parties)
            return [
                PlayBegan(stage="instruct", tables=number, deadline_ms=deadline),
                *(Seated(student=n, table=s.table, party=s.party) for n, s in seats.items()),
            ]
        if stage == "instruct":
            return [PlayBegan(stage="play", deadline_ms=now_ms + round(spec.play_s * 1000))]
        return [*closing(PLAY.of(self.room)), PlayBegan(stage="debrief")]

    def _began(self, now_ms: int, round_: int, phase: str, due_ms: int | None) -> Began:
        limit, days = self.plan.rounds[round_].limit_s(phase), self.plan.days
        deadline = None if limit is None else now_ms + round(limit * 1000)
        if days is not None:
            deadline = end_ms(days, self.room, round_, phase, due_ms or now_ms)
        told = {"round": round_, "phase": phase, "deadline_ms": deadline, "due_ms": due_ms}
        return Began.model_validate(told)


def unfit(plan: Plan, room: Room, event: SeminarEvent) -> str | None:
    """Return what of an event a lesson does not have."""
    match event:
        case Began() | Forecasted() | Answered() if event.round >= len(plan.rounds):
            return f"there is no round {event.round + 1}"
        case Answered():
            try:
                checked(plan.rounds[event.round], event.percents)
            except Refused as refused:
                return f"does not answer round {event.round + 1}: {refused}"
        case Forecasted():
            questions = plan.rounds[event.round].questions
            asked = {q.id: len(q.options) for q in questions if not q.own}
            if {id_: len(p) for id_, p in event.probabilities.items()} != asked:
                return f"does not forecast the questions of round {event.round + 1}"
        case PlayBegan() if plan.play is None or LESSON.of(room).round + 1 != len(plan.rounds):
            return "there is no role play here"
        case HomeOpened() if plan.play is None:
            return "there is no role play here"
        case AloneBegan() | Seated() if (
            plan.play is None or event.party not in plan.play.spec.parties
        ):
            return f"nobody plays {event.party}"
    return None
