"""A role play in disguise. Its worlds are run as they are, and only what is told of them differs:
the draws of a world depend on true names and dates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from sim.log.log import Channel, Log
from sim.model.players import Question
from sim.scenario.scenario import Scenario
from sim.seminar.lesson.disguising import Disguising
from sim.seminar.play.worlds import Answers, PlayPlan, Worlds
from sim.study.playing import Play


@dataclass(frozen=True)
class DisguisedPlay(PlayPlan):
    """A role play as pages show it."""

    true: PlayPlan | None = None
    words: Disguising | None = None

    @classmethod
    def of(cls, true: PlayPlan, words: Disguising, scenario: Scenario) -> DisguisedPlay:
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
        start_s, end_s = true.start_s + words.shift_s, true.end_s + words.shift_s
        shown = spec.model_copy(update=told)
        return cls(scenario, shown, start_s, end_s, {}, None, true, words)

    @cached_property
    def worlds(self) -> Worlds:
        """The worlds of its tables, as pages show them."""
        assert self.true is not None
        assert self.words is not None
        return DisguisedWorlds(self, self.true.worlds, self.words)

    @cached_property
    def channels(self) -> dict[str, Channel]:
        """The channels that are played, by id, in the order of the true ones."""
        assert self.true is not None
        assert self.words is not None
        listed = self.true.channels.items()
        return {self.words.slug(c): worn_channel(s, self.words) for c, s in listed}

    @property
    def in_history(self) -> bool:
        """Whether it retraces a history that answers alone change."""
        assert self.true is not None
        return self.true.in_history


def worn_channel(channel: Channel, words: Disguising) -> Channel:
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

    def __init__(self, plan: DisguisedPlay, true: Worlds, words: Disguising) -> None:
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
        self.true, self.words = true, words
        self.answers = true.answers
        self._logs: dict[str, Log] = {}

    @cached_property
    def question(self) -> Question | None:
        """What is asked now; None at the end."""
        found = self.true.question
        return None if found is None else self._worn(found)

    @cached_property
    def asked(self) -> tuple[Question, ...]:
        """The questions that were answered, in order."""
        return tuple(map(self._worn, self.true.asked))

    @cached_property
    def passed(self) -> tuple[Question, ...]:
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

    def _worn(self, question: Question) -> Question:
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
