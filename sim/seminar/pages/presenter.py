"""What each page shows: the values that its template is filled with.

All that a student's page or the projector may hold is chosen here. What comes after the horizon,
and what other students answered before the discussion, is never among it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hmac import digest
from typing import Any, TypeVar

from sim.ground.dates import in_a_sentence, spoken
from sim.ground.language import N_, _, speaking
from sim.ground.states import viewpoint_name
from sim.log.rulebook import OBSERVER
from sim.report.caveats import caveats
from sim.seminar.lesson.forecast import WORLDS, forecast_of
from sim.seminar.lesson.horizon import horizon, is_over, seen_before
from sim.seminar.lesson.plan import Plan, Question, RoundPlan, option_words
from sim.seminar.lesson.record import LESSON, VOTES, Answer, place_of
from sim.seminar.lesson.results import (
    FEWEST,
    class_calibration,
    first_word,
    last_word,
    own_result,
    question_result,
    standings,
)
from sim.seminar.lesson.scores import pooled
from sim.seminar.lesson.spread import in_short, spread_of
from sim.seminar.locale.catalogues import language_of
from sim.seminar.pages import charts
from sim.seminar.pages.days import values_of
from sim.seminar.pages.legend import legend
from sim.seminar.pages.past import Past, Teller, Told
from sim.seminar.pages.play import PlayPresenter
from sim.seminar.pages.revealed import not_counted, silence
from sim.seminar.pages.viewer import Viewer, mark_of
from sim.seminar.play.alone import ALONE, may_play_alone
from sim.seminar.play.part import PLAY
from sim.seminar.play.teams import most_tables
from sim.seminar.record.room import Room, Student

T = TypeVar("T")

STEPS = {
    "": N_("The room is open"),
    "read": N_("Read the log"),
    "vote": N_("First vote"),
    "discuss": N_("Discuss"),
    "again": N_("Second vote"),
    "sealed": N_("Sealed"),
    "revealed": N_("What happened"),
    "instruct": N_("Teams and instructions"),
    "play": N_("The teams decide"),
    "debrief": N_("Debrief"),
}
"""What a page calls each phase."""
NEXT = {
    "": N_("Begin round 1"),
    "read": N_("Open the first vote"),
    "vote": N_("Close the vote and discuss"),
    "discuss": N_("Open the second vote"),
    "again": N_("Close the vote and seal it"),
    "sealed": N_("Reveal what happened"),
    "revealed": N_("Begin the next round"),
    "instruct": N_("Begin the play"),
    "play": N_("End the play"),
    "debrief": N_("End the lesson"),
}
"""What the teacher's button says in each phase."""
NOW = {
    "": N_("Open round 1 now"),
    "vote": N_("Close this vote now"),
    "again": N_("Close this vote now"),
    "sealed": N_("Show what happened now"),
    "revealed": N_("Open the next round now"),
}
"""What it says over days, where all this comes by itself."""
LATEST = 4
"""New events that the projector tells while the class reads."""
SHOWS_REASONS = ("discuss", "again", "sealed", "revealed")


class Presenter:
    """Fills the pages of one lesson."""

    def __init__(
        self, plan: Plan, teller: Teller | None = None, care: Sequence[str] | None = None
    ) -> None:
        """`teller` tells the log, and `care` is what must be said of the simulator's numbers; those
        of the plan where they are None."""
        self.plan = plan
        self.teller = Teller.of(plan) if teller is None else teller
        play = plan.play
        self.play = None if play is None else PlayPresenter(play, dict(plan.lesson.retold))
        shown = [*self.teller.channels, *(() if play is None else play.channels)]
        self.channels = {c: plan.log.channels[c] for c in shown}
        with speaking(language_of(plan.lesson.language)):
            self.care = caveats(plan.scenario) if care is None else care
        self._made: tuple[Room, dict[object, Any]] = (Room(), {})

    def values(self, room: Room, viewer: Viewer) -> dict[str, Any]:
        """Return what the main part of a page shows at this moment."""
        plan = self.plan
        held = LESSON.of(room)
        values: dict[str, Any] = {
            "viewer": viewer.page,
            "lesson": plan.title,
            "welcome": plan.lesson.welcome,
            "code": room.opened.code if room.opened is not None else "",
            "step": "over" if room.ended else room.phase,
            "place": place_of(room),
            "mark": mark_of(room, viewer),
            "heading": _("The lesson is over") if room.ended else _(STEPS[room.phase]),
            "rounds": len(plan.rounds),
            "number": held.round + 1,
            "joined": len(room.students),
            "deadline_ms": room.deadline_ms,
            "left_ms": room.left_ms,
            "student": viewer.student,
            "role": self._role(viewer.student),
            "what_if": is_over(plan, room),
            "lifted": None,
            "worn": None,
            "true_notes": [],
            "round": None,
            "vote": None,
            "answered": 0,
            "questions": [],
            "reasons": [],
            "seal": None,
            "care": self.care,
            "latest": self._once(room, "latest", lambda: self._latest(room)),
            "past": self._now(room),
            "legend": self._once(
                room, "legend", lambda: legend(self.channels, horizon(plan, room))
            ),
            "strips": self._strips(room, viewer.student),
            "standings": self._once(room, "standings", lambda: standings(plan, room)),
            "own_standings": self._once(
                room, "own standings", lambda: standings(plan, room, own=True)
            ),
            "calibration": self._once(room, "calibration", lambda: self._calibration(room)),
            "after": plan.lesson.after if room.ended else None,
            "play": None,
            "alone": may_play_alone(room),
            "home": ALONE.of(room).home,
            "days": None if plan.days is None else values_of(plan.days, room),
            "looking_back": False,
            "earlier": [
                (n, plan.rounds[n].title)
                for n in sorted(held.revealed)
                if (n, room.phase) != (held.round, "revealed")
            ],
        }
        if self.play is not None and PLAY.of(room).stage:
            values["play"] = self.play.values(room, viewer.page, viewer.student)
        elif held.round >= 0 and not room.ended:
            values |= self._round(room, viewer, plan.rounds[held.round])
        if viewer.student is not None:
            values["own"] = own_result(plan, room, viewer.student.number)
            values["round_titles"] = {n: plan.rounds[n].title for n in held.revealed}
        if viewer.page == "teacher":
            values |= self._teacher(room)
        return values

    def _once(self, room: Room, key: object, make: Callable[[], T]) -> T:
        """Make what is the same for all who look at a room once, and not for each of them."""
        if self._made[0] is not room:
            self._made = (room, {})
        made = self._made[1]
        if key not in made:
            made[key] = make()
        found: T = made[key]
        return found

    def _role(self, student: Student | None) -> Any:
        name = student.role if student is not None else None
        return None if name is None else self.plan.lesson.roles.get(name)

    def _now(self, room: Room) -> Past:
        return self.teller.tell(horizon(self.plan, room), is_over(self.plan, room))

    def _latest(self, room: Room) -> list[Told]:
        """Return the newest events that the class has not seen before, for the projector."""
        told, seen_s = self._now(room), seen_before(self.plan, room)
        new = told.events[self.teller.before(horizon(self.plan, room), seen_s) :]
        return list(new[: -LATEST - 1 : -1])

    def _strips(self, room: Room, student: Student | None) -> str:
        """Draw the channel's states up to the horizon, the student's own view first."""
        role = self._role(student)
        first = role.viewpoint if role is not None else OBSERVER
        until_s = horizon(self.plan, room)
        return strips_of(self._now(room), until_s, first, self.named_channel(room))

    def named_channel(self, room: Room) -> tuple[str, str]:
        """Return the channel whose states are drawn, the first that the round asks for, and its
        name where there are several."""
        rounds, channels = self.plan.rounds, self.teller.channels
        number = LESSON.of(room).round
        asked = rounds[number].questions if 0 <= number < len(rounds) else ()
        chosen = next((q.channel for q in asked if q.channel in channels), channels[0])
        return chosen, self.channels[chosen].title or chosen if len(channels) > 1 else ""

    def _round(self, room: Room, viewer: Viewer, round_: RoundPlan) -> dict[str, Any]:
        number, phase, held = round_.number, room.phase, LESSON.of(room)
        vote = VOTES.get(phase)
        mine: Answer | None = None
        stored: Answer | None = None
        if viewer.student is not None:
            mine = held.final(number).get(viewer.student.number)
            stored = held.cast(number, vote or 0).get(viewer.student.number)
        simulated = held.forecasts.get(number) if forecast_of(round_) else None
        shows = phase in SHOWS_REASONS and not (phase == "again" and viewer.page == "board")
        revealed = phase == "revealed"
        shared = self._once(
            room,
            ("questions", shows),
            lambda: [self._question(room, round_, q, shows, revealed) for q in round_.questions],
        )
        questions = [
            shown | {"mine": mine.percents[shown["id"]] if mine is not None else None}
            for shown in shared
        ]
        return {
            "round": {"number": number, "title": round_.title, "brief": round_.brief},
            "cut": in_a_sentence(round_.cut),
            "vote": vote,
            "questions": questions,
            "mine": mine,
            "stored": stored,
            "answered": len(held.cast(number, vote)) if vote else 0,
            "reasons": self._reasons(room, number, phase) if shows else [],
            "seal": held.seals.get(number),
            "fewest": FEWEST,
            "few": shows and self._few(room, number),
            "revealed": revealed,
            "weights": "" if simulated is None else simulated.weights,
            "worlds": WORLDS,
        }

    def _question(
        self, room: Room, round_: RoundPlan, question: Question, shows: bool, revealed: bool
    ) -> dict[str, Any]:
        """Return what everybody is shown of a question."""
        labels = option_words(question)
        words = (first_word(room, round_.number), last_word(room, round_.number))
        first, last = (
            pooled([a.probabilities(question.id) for a in cast.values()]) for cast in words
        )
        closed = room.phase in ("sealed", "revealed")  # nobody sees how an open vote goes
        if not closed or self._few(room, round_.number) == "again":
            last = None
        shown: dict[str, Any] = {
            "id": question.id,
            "text": question.text,
            "labels": labels,
            "yes_or_no": question.yes_or_no,
            "own": question.own,
            "states": question.options if question.present is not None else None,
            "chart": None,
            "first": None,
            "last": None,
            "spread": [],
            "result": None,
        }
        if shows and (first or last):
            truth = question.truth if revealed else None
            spread = spread_of(words[1 if last else 0], question.id)
            shown["chart"] = charts.bars(labels, first, last, truth, question.text, spread)
            shown["first"], shown["last"], shown["spread"] = first, last, spread
        if revealed:
            shown["result"] = question_result(self.plan, room, round_, question)
            shown["came"] = labels[question.truth]
            shown["source"] = question.source
            until_s, over = horizon(self.plan, room), is_over(self.plan, room)
            shown["evidence"] = self.teller.found(until_s, over, question.evidence)
            uncounted = self.teller.found(until_s, over, question.uncounted)
            said = not_counted(question.viewpoint, self.plan.log)
            shown["uncounted"] = [(e, said) for e in uncounted]
            shown["silence"] = silence(question, self.plan.log)
        return shown

    def _few(self, room: Room, number: int) -> str:
        """Say which answers of a round are too few to be added up."""
        first, second = LESSON.of(room).cast(number, 1), LESSON.of(room).cast(number, 2)
        closed = room.phase in ("sealed", "revealed")
        said = last_word(room, number) if closed else first_word(room, number)
        if not said:
            return "answered" if first or (second and closed) else ""
        return "again" if closed and 0 < len(second) < FEWEST else ""

    def _reasons(self, room: Room, number: int, phase: str) -> list[dict[str, Any]]:
        """List the reasons without names, in an order that tells nothing of who wrote them: without
        the room's secret nobody can find which authors give it."""
        votes = (1,) if phase in ("discuss", "again") else (1, 2)
        casts = {v: LESSON.of(room).cast(number, v) for v in votes}
        secret = room.secret.encode()
        listed = [
            (digest(secret, f"{number} {v} {n} {a.reason}".encode(), "sha256"), v, n, a.reason)
            for v in votes
            for n, a in casts[v].items()
            if (number, v, n) not in LESSON.of(room).hidden
        ]
        found: dict[str, dict[str, Any]] = {}
        for __, v, n, reason in sorted(listed):
            told = found.setdefault(reason, {"vote": v, "student": n, "text": reason, "gave": []})
            gave = self._gave(number, casts[v][n])
            if len(casts[v]) >= FEWEST and gave not in told["gave"]:
                told["gave"].append(gave)
        return [*found.values()]

    def _gave(self, number: int, answer: Answer) -> str:
        """Write what somebody gave to each question of a round."""
        said = [
            in_short(answer.percents[q.id], option_words(q))
            for q in self.plan.rounds[number].questions
        ]
        if len(said) == 1:
            return said[0]
        return _("; ").join(
            _("{question}: {answer}", question=n, answer=s) for n, s in enumerate(said, 1)
        )

    def _calibration(self, room: Room) -> dict[str, Any] | None:
        bins = class_calibration(self.plan, room)
        return {"bins": bins, "chart": charts.calibration(bins)} if bins else None

    def _teacher(self, room: Room) -> dict[str, Any]:
        held, games, play = LESSON.of(room), ALONE.of(room).games, self.plan.play
        following = _(NEXT[room.phase]) if not room.ended else ""
        if self.plan.days is not None and room.phase in NOW and not room.ended:
            following = _(NOW[room.phase])
        tables = None
        if room.phase in ("", "revealed") and held.round + 1 == len(self.plan.rounds):
            following = _("End the lesson")
            if play is not None:
                following = _("Seat the teams")
                tables = most_tables(len(room.students), play.spec)
        if ALONE.of(room).home:
            following, tables = "", None
        vote = VOTES.get(room.phase)
        return {
            "following": following,
            "tables": tables,
            "door_open": room.door_open,
            "students": sorted(room.students.values(), key=lambda s: s.number),
            "seats": {
                n: _("table {table}, {party}", table=s.table, party=s.party)
                for n, s in PLAY.of(room).seats.items()
            },
            "grading": self.plan.lesson.grading,
            "alone_games": {n: len(own) for n, own in games.items()},
            "alone_answers": {n: sum(len(g.answered) for g in own) for n, own in games.items()},
            "parts": {id_: role.title for id_, role in self.plan.lesson.roles.items()},
            "cast": {*held.cast(held.round, vote)} if vote else set(),
            "final": {*held.final(held.round)} if held.round >= 0 else set(),
            "voting": vote is not None,
            "stored_events": room.position,
            "forecasts": len(held.forecasts),
            "plan_play": None if play is None else play.spec.title,
            "play_over": [*PLAY.of(room).tables] if is_over(self.plan, room) else [],
            "notes": self.notes(room),
            "plan_rounds": [(r.title, spoken(r.cut), spoken(r.by)) for r in self.plan.rounds],
        }

    def notes(self, room: Room) -> list[tuple[str, str]]:
        """Return the lesson's notes for the teacher, and those of the present round or play, each
        with what it is about."""
        lesson, number = self.plan.lesson, LESSON.of(room).round
        found = [(self.plan.title, lesson.notes)]
        if lesson.play is not None and PLAY.of(room).stage:
            found.insert(0, (lesson.play.title, lesson.play.notes))
        elif number >= 0 and not room.ended:
            found.insert(0, (lesson.rounds[number].title, lesson.rounds[number].notes))
        return [(about, text) for about, text in found if text]


def strips_of(told: Past, until_s: int, first: str, named: tuple[str, str] | None) -> str:
    """Draw the states of a channel up to an instant, one viewpoint above the others. `named` is the
    channel, with its name where it is to be told; the first one where it is None."""
    channel, name = named or (told.strips[0].channel, "")
    rows = [s for s in told.strips if s.channel == channel]
    rows.sort(key=lambda s: (s.viewpoint != first, s.viewpoint != OBSERVER, s.viewpoint))
    bands = [(viewpoint_name(s.viewpoint), s) for s in rows]
    return charts.strips(bands, charts.begin_of(rows, until_s), until_s, name)
