"""A lesson in disguise, its role play and its room: what pages show until the lesson is over.

Nothing is counted anew: the questions keep what came true and their base rates, and the forecasts
are those of the true scenario. The worlds of a role play are run as they are, since their draws
depend on true names and dates. Only names, ids, texts and dates differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from sim.ground.dates import day
from sim.ground.declared import declaring
from sim.ground.language import speaking
from sim.log.log import Channel, Log
from sim.model.players import Question as PlayQuestion
from sim.scenario.outcomes import Outcome
from sim.scenario.scenario import Forum, Scenario
from sim.seminar.lesson.disguising import Disguising, disguising_of, worn_lesson
from sim.seminar.lesson.plan import Plan, Question, RoundPlan, put
from sim.seminar.lesson.record import LESSON, LessonState
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import Instructed, PlayState, Put, Seat, TableState
from sim.seminar.play.worlds import Answers, PlayPlan, Worlds
from sim.seminar.record.room import Room
from sim.study.playing import Play


@dataclass(frozen=True)
class Lifted:
    """Who was who, and which dates were true, as pages say at the end of a lesson."""

    parties: tuple[tuple[str, str, str], ...]
    """The name in disguise, the code in disguise, and the true name."""
    names: tuple[tuple[str, str], ...]
    """In disguise, and true."""
    days: int
    dates: tuple[tuple[str, str, str], ...]
    """A step of the lesson, its date in disguise, and the true one."""


class Disguised:
    """A lesson in disguise."""

    def __init__(self, true: Plan, words: Disguising) -> None:
        self.true, self.words = true, words
        self.plan = _plan(true, words)
        """What pages show. It is never held, and nothing is forecast from it."""
        self.groups = dict(zip(true.lesson.groups, self.plan.lesson.groups, strict=True))
        """What each group is called, by its true name."""
        self._roles = {role: words.slug(role) for role in true.lesson.roles}
        self._last: tuple[Room, Room] = (Room(), Room())

    def room(self, room: Room) -> Room:
        """Return a room as pages show it: its groups, parts, teams and weights in disguise. The
        same room gives the same one, so that pages are filled once for all who look."""
        if self._last[0] is not room:
            self._last = (room, self._worn(room))
        return self._last[1]

    def _worn(self, room: Room) -> Room:
        students = {
            n: replace(s, group=self.groups.get(s.group or ""), role=self._roles.get(s.role or ""))
            for n, s in room.students.items()
        }
        opened = room.opened
        if opened is not None:
            opened = opened.model_copy(update={"title": self.plan.title})
        states = {
            **room.states,
            LESSON.name: _lesson_state(LESSON.of(room), self.words),
            PLAY.name: _play_state(PLAY.of(room), self.words),
        }
        return replace(room, students=students, opened=opened, states=states)

    def true_group(self, group: str | None) -> str | None:
        """Return the group that is called so."""
        return next((true for true, worn in self.groups.items() if worn == group), group)

    def lifted(self) -> Lifted:
        """Say who was who."""
        spec, name_of = self.words.spec, self.true.log.name_of
        pairs = zip(self.true.rounds, self.plan.rounds, strict=True)
        dates = [(t.title, worn.cut, t.cut) for t, worn in pairs]
        if self.true.play is not None and self.plan.play is not None:
            worn_day, true_day = (day(p.start_s) for p in (self.plan.play, self.true.play))
            dates.append((self.true.play.spec.title, str(worn_day), str(true_day)))
        return Lifted(
            tuple((p.name, p.code, name_of(code)) for code, p in spec.parties.items()),
            tuple((worn, true) for true, worn in spec.names.items()),
            spec.shift_days,
            tuple(dates),
        )


def disguised(plan: Plan) -> Disguised | None:
    """Put a lesson in its disguise; None where it has none."""
    words = disguising_of(plan.scenario, plan.lesson)
    return None if words is None else Disguised(plan, words)


# ---------------------------------------------------------------------------------- the plan


def _plan(true: Plan, words: Disguising) -> Plan:
    scenario, log, play = _scenario(true.scenario, words), words.log(true.log), true.play
    with speaking(words.spoken):
        rounds = tuple(_round(r, words, log) for r in true.rounds)
    return replace(
        true,
        scenario=scenario,
        lesson=worn_lesson(true.lesson, words),
        title=words.text(true.title),
        log=log,
        rounds=rounds,
        play=None if play is None else _play(play, words, scenario),
    )


def _round(round_: RoundPlan, words: Disguising, log: Log) -> RoundPlan:
    return replace(
        round_,
        title=words.text(round_.title),
        brief=None if round_.brief is None else words.text(round_.brief),
        cut=words.last_day(round_.cut),
        by=words.last_day(round_.by),
        cut_s=round_.cut_s + words.shift_s,
        end_s=round_.end_s + words.shift_s,
        questions=tuple(_question(q, words, log) for q in round_.questions),
    )


def _question(question: Question, words: Disguising, log: Log) -> Question:
    lapsed = question.lapsed_on
    worn = replace(
        question,
        title=None if question.title is None else words.text(question.title),
        by=words.last_day(question.by),
        options=tuple(map(words.text, question.options)) if question.own else question.options,
        cut_s=question.cut_s + words.shift_s,
        end_s=question.end_s + words.shift_s,
        channel=None if question.channel is None else words.slug(question.channel),
        viewpoint=words.code(question.viewpoint),
        outcome=_outcome(question.outcome, words),
        evidence=tuple(map(words.id, question.evidence)),
        lapsed_on=None if lapsed is None else words.date(lapsed),
        uncounted=tuple(map(words.id, question.uncounted)),
        source=words.later if question.own else "",
    )
    return replace(worn, text=put(worn, log))


def _outcome(outcome: Outcome | None, words: Disguising) -> Outcome | None:
    if outcome is None:
        return None
    with declaring([*words.codes.values()]):
        return type(outcome).model_validate(words.data(outcome.plain()))


def _scenario(true: Scenario, words: Disguising) -> Scenario:
    """Return what pages take from a scenario: its doctrines, its forums, and who is who. It is not
    run."""
    doctrines = {
        name: doctrine.model_copy(update={"title": words.text(doctrine.title)})
        for name, doctrine in true.doctrines.items()
    }
    forums = {words.forum(id_): _forum(forum, words) for id_, forum in true.forums.items()}
    update: dict[str, Any] = {
        "title": words.text(true.title),
        "question": words.text(true.question),
        "reasons": None,
        "sources": (),
        "history": None,
        "parties": {words.code(p): setup for p, setup in true.parties.items()},
        "channels": {},
        "doctrines": doctrines,
        "forums": forums,
        "fit": None,
        "outcomes": {},
        "sweep": {},
        "seminar": None,
    }
    return true.model_copy(update=update)


def _forum(forum: Forum, words: Disguising) -> Forum:
    if not words.spec.texts:
        return forum.model_copy(update={"title": words.forum_name, "place": None})
    told = {k: v and words.text(v) for k, v in (("title", forum.title), ("place", forum.place))}
    return forum.model_copy(update=told)


# ---------------------------------------------------------------------------------- the play


@dataclass(frozen=True, kw_only=True)
class DisguisedPlay(PlayPlan):
    """A role play as pages show it."""

    true: PlayPlan
    words: Disguising

    @cached_property
    def worlds(self) -> Worlds:
        """The worlds of its tables, as pages show them."""
        return DisguisedWorlds(self, self.true.worlds, self.words)

    @cached_property
    def channels(self) -> dict[str, Channel]:
        """The channels that are played, by id, in the order of the true ones."""
        true = self.true.channels.items()
        return {self.words.slug(id_): _channel(channel, self.words) for id_, channel in true}

    @property
    def in_history(self) -> bool:
        """Whether it retraces a history that answers alone change."""
        return self.true.in_history


def _play(true: PlayPlan, words: Disguising, scenario: Scenario) -> DisguisedPlay:
    """Put a role play in disguise; `scenario` is that of the pages."""
    spec = true.spec
    told = {
        "title": words.text(spec.title),
        "brief": None if spec.brief is None else words.text(spec.brief),
        "parties": tuple(map(words.code, spec.parties)),
        "start": None,
        "until": None,
        "outcomes": (),
        "notes": None,
    }
    return DisguisedPlay(
        scenario=scenario,
        spec=spec.model_copy(update=told),
        start_s=true.start_s + words.shift_s,
        end_s=true.end_s + words.shift_s,
        outcomes={},
        true=true,
        words=words,
    )


def _channel(channel: Channel, words: Disguising) -> Channel:
    """Put a channel in disguise, as legends and titles show it."""
    since = channel.complete_from
    return channel.model_copy(
        update={
            "parties": tuple(map(words.code, channel.parties)),
            "title": None if channel.title is None else words.text(channel.title),
            "since": None if channel.since is None else words.first_day(channel.since),
            "complete_from": None if since is None else words.first_day(since),
            "coverage": None,
        }
    )


class DisguisedWorlds(Worlds):
    """What pages are told of the worlds of tables."""

    def __init__(self, plan: PlayPlan, true: Worlds, words: Disguising) -> None:
        self.plan, self.true, self.words = plan, true, words
        self.at = lru_cache(maxsize=512)(self._seen)

    def _seen(self, answers: Answers) -> Play:
        return DisguisedGame(self.true.at(answers), self.words)

    def history(self) -> Log:
        """Return the log of the world in which no team decides."""
        return self.words.log(self.true.history())


class DisguisedGame(Play):
    """A game at its question, as pages show it; it takes no answer."""

    def __init__(self, true: Play, words: Disguising) -> None:
        self.true, self.words, self.answers = true, words, true.answers
        self._logs: dict[str, Log] = {}

    @cached_property
    def question(self) -> PlayQuestion | None:
        """What is asked now; None at the end."""
        found = self.true.question
        return None if found is None else self._worn(found)

    @cached_property
    def asked(self) -> tuple[PlayQuestion, ...]:
        """The questions that were answered, in order."""
        return tuple(map(self._worn, self.true.asked))

    @cached_property
    def passed(self) -> tuple[PlayQuestion, ...]:
        """The questions that went to the doctrine as routine, in order."""
        return tuple(map(self._worn, self.true.passed))

    @property
    def passed_answers(self) -> tuple[bool, ...]:
        """What the doctrine answered to each question of `passed`."""
        return self.true.passed_answers

    @property
    def finished(self) -> bool:
        """Whether the world has come to its end."""
        return self.true.finished

    def log(self, party: str) -> Log:
        """Return the events up to now that a party knows of, each as it reads it."""
        if party not in self._logs:
            self._logs[party] = self.words.log(self.true.log(self.words.true_code(party)))
        return self._logs[party]

    def _worn(self, question: PlayQuestion) -> PlayQuestion:
        words, because = self.words, question.because
        return replace(
            question,
            party=words.code(question.party),
            other=words.code(question.other),
            channel=words.slug(question.channel),
            at_s=question.at_s + words.shift_s,
            forum=None if question.forum is None else words.forum(question.forum),
            meeting=None if question.meeting is None else words.date(question.meeting),
            because=because
            and replace(
                because,
                at_s=because.at_s + words.shift_s,
                event=because.event and words.id(because.event),
            ),
        )


# ---------------------------------------------------------------------------------- the room


def _lesson_state(state: LessonState, words: Disguising) -> LessonState:
    forecasts = {
        n: f.model_copy(update={"weights": words.text(f.weights)})
        for n, f in state.forecasts.items()
    }
    return replace(state, forecasts=forecasts)


def _play_state(state: PlayState, words: Disguising) -> PlayState:
    def put(told: Put) -> Put:
        asked = told.question.model_copy(
            update={
                "party": words.code(told.question.party),
                "channel": words.slug(told.question.channel),
                "at": words.date(told.question.at),
            }
        )
        return replace(told, question=asked)

    def seat(seat: Seat) -> Seat:
        return replace(seat, party=words.code(seat.party))

    def written(line: Instructed) -> Instructed:
        return line.model_copy(update={"party": words.code(line.party)})

    tables: Mapping[int, TableState] = {
        n: replace(t, put=tuple(map(put, t.put))) for n, t in state.tables.items()
    }
    return replace(
        state,
        tables=tables,
        seats={n: seat(s) for n, s in state.seats.items()},
        instructions={seat(s): written(i) for s, i in state.instructions.items()},
    )
