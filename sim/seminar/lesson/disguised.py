"""A lesson in disguise, its role play and its room: what pages show until the lesson is over.

Nothing is counted anew: the questions keep what came true and their base rates, and the forecasts
are those of the true scenario. The worlds of a role play are run as they are, since their draws
depend on true names and dates. Only names, ids, texts and dates differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from sim.ground.dates import day
from sim.ground.declared import declaring
from sim.ground.language import speaking
from sim.ground.schema import Strict
from sim.log.log import Channel, Log
from sim.model.players import Question as PlayQuestion
from sim.scenario.outcomes import Outcome
from sim.scenario.scenario import Forum, Scenario
from sim.seminar.lesson.disguising import Disguising, disguising_of, worn_lesson
from sim.seminar.lesson.plan import Plan, Question, RoundPlan, put
from sim.seminar.lesson.record import LESSON, LessonState
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import PlayState, Put, Seat
from sim.seminar.play.worlds import Answers, PlayPlan, Worlds
from sim.seminar.record.room import Room
from sim.study.playing import Play

T = TypeVar("T")


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


def _worn(value: T, **ways: Callable[[Any], Any]) -> T:
    """Return a value with some of its fields in disguise, each in its own way; None stays None."""
    true = {name: getattr(value, name) for name in ways}
    told = {name: None if held is None else ways[name](held) for name, held in true.items()}
    if isinstance(value, Strict):
        return value.model_copy(update=told)
    return replace(value, **told)  # type: ignore[type-var]


def _round(round_: RoundPlan, words: Disguising, log: Log) -> RoundPlan:
    return _worn(
        round_,
        title=words.text,
        brief=words.text,
        cut=words.last_day,
        by=words.last_day,
        cut_s=words.second,
        end_s=words.second,
        questions=lambda asked: tuple(_question(q, words, log) for q in asked),
    )


def _question(question: Question, words: Disguising, log: Log) -> Question:
    worn = _worn(
        question,
        title=words.text,
        by=words.last_day,
        cut_s=words.second,
        end_s=words.second,
        channel=words.slug,
        viewpoint=words.code,
        outcome=lambda outcome: _outcome(outcome, words),
        evidence=lambda ids: tuple(map(words.id, ids)),
        lapsed_on=words.date,
        uncounted=lambda ids: tuple(map(words.id, ids)),
    )
    if question.own:
        worn = replace(worn, options=tuple(map(words.text, question.options)), source=words.later)
    return replace(worn, text=put(worn, log))


def _outcome(outcome: Outcome, words: Disguising) -> Outcome:
    with declaring([*words.codes.values()]):
        return type(outcome).model_validate(words.data(outcome.plain()))


def _scenario(true: Scenario, words: Disguising) -> Scenario:
    """Return what pages take from a scenario: its doctrines, its forums, and who is who. It is not
    run."""
    doctrines = {name: _worn(told, title=words.text) for name, told in true.doctrines.items()}
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
    return _worn(forum, title=words.text, place=words.text)


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
    gone = {"start": None, "until": None, "outcomes": (), "notes": None}
    codes = tuple(map(words.code, true.spec.parties))
    told = _worn(true.spec, title=words.text, brief=words.text)
    return DisguisedPlay(
        scenario=scenario,
        spec=told.model_copy(update={**gone, "parties": codes}),
        start_s=words.second(true.start_s),
        end_s=words.second(true.end_s),
        outcomes={},
        true=true,
        words=words,
    )


def _channel(channel: Channel, words: Disguising) -> Channel:
    """Put a channel in disguise, as legends and titles show it."""
    return _worn(
        channel,
        parties=lambda parties: tuple(map(words.code, parties)),
        title=words.text,
        since=words.first_day,
        complete_from=words.first_day,
        coverage=lambda _: None,
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
        words = self.words
        return _worn(
            question,
            party=words.code,
            other=words.code,
            channel=words.slug,
            at_s=words.second,
            forum=words.forum,
            meeting=words.date,
            because=lambda occasion: _worn(occasion, at_s=words.second, event=words.id),
        )


# ---------------------------------------------------------------------------------- the room


def _lesson_state(state: LessonState, words: Disguising) -> LessonState:
    told = {n: _worn(forecast, weights=words.text) for n, forecast in state.forecasts.items()}
    return replace(state, forecasts=told)


def _play_state(state: PlayState, words: Disguising) -> PlayState:
    def asked(put: Put) -> Put:
        told = _worn(put.question, party=words.code, channel=words.slug, at=words.date)
        return replace(put, question=told)

    def team(seat: Seat) -> Seat:
        return _worn(seat, party=words.code)

    written = state.instructions.items()
    return replace(
        state,
        tables={n: replace(t, put=tuple(map(asked, t.put))) for n, t in state.tables.items()},
        seats={n: team(seat) for n, seat in state.seats.items()},
        instructions={team(seat): _worn(line, party=words.code) for seat, line in written},
    )
