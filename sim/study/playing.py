"""Playing: one world that waits for a person's answers.

Draws are keyed, so the same answers give the same world. A played world is therefore nothing but
its scenario and its answers: each answer runs the world again up to the next question, which takes
milliseconds, and saving, resuming and branching copy the list of answers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from sim.ensemble.weighed import compile_weighed
from sim.ground.draws import MAX_REPLICATIONS, MAX_SEED
from sim.ground.errors import InputError, Problem, did_you_mean, shown
from sim.ground.files import canonical_json, decode, json_text, read_bytes, write_safely
from sim.ground.version import program_version
from sim.ground.yaml import parse_yaml
from sim.log.events import Event
from sim.log.log import Log
from sim.log.telling import told_to
from sim.model.abduction import Inferred, infer
from sim.model.players import Question
from sim.model.reference import World
from sim.model.replication import world_of
from sim.results.result import world_log
from sim.scenario.interventions import first_change
from sim.scenario.provenance import scenario_digest
from sim.scenario.resolve import Place, resolve, resolved_text, scenario_at, write_fit_of
from sim.scenario.scenario import Scenario
from sim.study.play_file import PLACE, SCHEMA_VERSION, opened, place_of, seal_of
from sim.study.routine import Routine, routine_from

MAX_BYTES = 20_000_000


Where = tuple[int, str, str, str]
"""What names a question in every world of one noise: its instant, party, channel and decision."""


def where(question: Question) -> Where:
    """Return what names a question."""
    return question.at_s, question.party, question.channel, question.decision


class _Waiting(Exception):  # noqa: N818 - no error: the world stops here until somebody answers
    def __init__(self, question: Question) -> None:
        self.question = question


class _Seat:
    """Answers from a list, and stops the world at the first question that the list leaves open."""

    def __init__(
        self,
        answers: Sequence[bool | None],
        from_s: int,
        routine: Routine,
        parties: Collection[str],
    ) -> None:
        self.answers, self.from_s, self.routine = answers, from_s, routine
        self.parties = parties
        self.asked: list[Question] = []
        self.passed: list[Question] = []
        self.routinely: list[bool] = []
        """Of everything that it was asked, whether it was passed on as routine."""

    def answer(self, question: Question) -> bool | None:
        """Give the next answer; before the first change, history answers. A no that is younger than
        the days in which nothing is asked twice stands."""
        before = question.at_s < self.from_s
        routine = not before and self.routine.covers(question, self.asked, self.parties)
        if not before and not routine and len(self.asked) == len(self.answers):
            raise _Waiting(question)
        self.routinely.append(routine)
        if before:
            return None
        if routine:
            self.passed.append(question)
            answered = zip(self.asked, self.answers, strict=False)
            return False if self.routine.stands(question, answered) else None
        self.asked.append(question)
        return self.answers[len(self.asked) - 1]


class _Given:
    """Gives the answers that it has, wherever their questions come up; a no stands as in a
    seat."""

    def __init__(self, answers: Mapping[Where, bool], routine: Routine) -> None:
        self.answers, self.routine = answers, routine
        self.answered: list[tuple[Question, bool | None]] = []

    def answer(self, question: Question) -> bool | None:
        """Give the answer to a question; None where there is none."""
        found = self.answers.get(where(question))
        if found is not None:
            self.answered.append((question, found))
        elif self.routine.stands(question, self.answered):
            return False
        return found


@dataclass(frozen=True)
class _Reached:
    """How far a world came: its question, or its end."""

    world: World
    question: Question | None
    asked: tuple[Question, ...]
    """The questions before this one, in order."""
    passed: tuple[tuple[Question, bool], ...]
    """Those that went to the doctrine as routine, with what it answered."""


class Play:
    """A world of a scenario in which somebody answers for one party or several.

    It never shows the chance behind a question, the other side's view, or what comes.
    """

    def __init__(
        self,
        scenario: Scenario,
        parties: Iterable[str],
        seed: int,
        replication: int = 0,
        answers: Iterable[bool | None] = (),
        routine: Routine | None = None,
    ) -> None:
        self.scenario, self.seed, self.replication = scenario, seed, replication
        self.parties = tuple(sorted(set(parties)))
        self.answers: tuple[bool | None, ...] = tuple(answers)
        """The answers so far; None where the doctrine decided."""
        self.routine = routine or Routine()
        self.program = compile_weighed(scenario)
        self._noise: Sequence[Inferred] | None = None
        if self.program.past is not None:
            # what history implies does not depend on any answer: it is inferred once
            self._noise = infer(self.program, seed, replication)
        first = first_change(scenario)
        self._from_s = self.program.as_of_s if first is None else min(first, self.program.as_of_s)

    def __repr__(self) -> str:
        at = "at its end" if self.finished else f"at question {len(self.answers) + 1}"
        return f"<Play {self.scenario.title!r} as {', '.join(self.parties)}: {at}>"

    @cached_property
    def _reached(self) -> _Reached:
        seat = _Seat(self.answers, self._from_s, self.routine, self.parties)
        players = dict.fromkeys(self.parties, seat)
        world = world_of(
            self.program, self.seed, self.replication, players, noise=self._noise, trace=True
        )
        question = None
        try:
            world.run()
        except _Waiting as waiting:
            question = waiting.question
        played = {self.program.parties.index(party) for party in self.parties}
        fell = [d.answer for d in world.trace or () if d.party in played]
        answers = [yes for yes, routine in zip(fell, seat.routinely, strict=True) if routine]
        passed = tuple(zip(seat.passed, answers, strict=True))
        return _Reached(world, question, tuple(seat.asked), passed)

    @property
    def question(self) -> Question | None:
        """What is asked now; None at the end."""
        return self._reached.question

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that were answered, in order."""
        return self._reached.asked

    @property
    def passed(self) -> tuple[Question, ...]:
        """The questions that went to the doctrine as routine, in order."""
        return tuple(question for question, _ in self._reached.passed)

    @property
    def passed_answers(self) -> tuple[bool, ...]:
        """What the doctrine answered to each question of `passed`."""
        return tuple(answer for _, answer in self._reached.passed)

    @property
    def finished(self) -> bool:
        """Whether the world has come to its end."""
        return self._reached.question is None

    def answer(self, answer: bool | np.bool_ | None) -> tuple[Event, ...]:
        """Answer the question; None lets the doctrine decide. Return what followed until the next
        question, as the party that was asked reads it.

        Raises:
            InputError: nothing is asked, or the answer is none.
        """
        question = self.question
        if question is None:
            raise InputError(
                [Problem("play", 0, "answer", "nothing is asked: the world has ended")]
            )
        if isinstance(answer, np.bool_):
            answer = bool(answer)
        if answer is not None and not isinstance(answer, bool):
            rule = "must be True, False, or None for the doctrine"
            raise InputError([Problem("play", 0, "answer", rule, shown(answer))])
        before = len(self.log(question.party).events)
        self.answers = (*self.answers, answer)
        del self._reached
        return self.log(question.party).events[before:]

    def log(self, party: str) -> Log:
        """Return the events up to now that a played party knows of, each as it reads it.

        Raises:
            InputError: nobody plays this party, and the world has not ended.
        """
        known = self.program.parties if self.finished else self.parties
        if party not in known:
            rule = f"must be a party that is played: {', '.join(known)}"
            rule += did_you_mean(party, known)
            raise InputError([Problem("play", 0, "party", rule, shown(party))])
        return told_to(self._log, party)

    @property
    def _log(self) -> Log:
        played = " ".join(self.parties)
        return world_log(self.scenario, self.program, self._reached.world, played=played)

    @property
    def world(self) -> Log:
        """The whole log, of every side, as `Run.sample` gives it; it can be replayed by anybody.

        Raises:
            InputError: the world has not come to its end.
        """
        if not self.finished:
            rule = "the world has not ended: `log` gives what a party knows by now"
            raise InputError([Problem("play", 0, "world", rule)])
        return self._log

    def world_if(self, answers: Mapping[Where, bool]) -> Log:
        """Return the whole log of a world over the same noise in which these questions have these
        answers, where they come up; doctrines answer all others."""
        players = dict.fromkeys(self.parties, _Given(answers, self.routine))
        world = world_of(self.program, self.seed, self.replication, players, noise=self._noise)
        world.run()
        return world_log(self.scenario, self.program, world, played=" ".join(self.parties))

    def branch(self, at: int | None = None) -> Play:
        """Return the same world up to its question number `at`, counted from 0; by default up to
        now. Answers to one do not reach the other.

        Raises:
            InputError: there is no such question yet.
        """
        end = len(self.answers) if at is None else at
        if not 0 <= end <= len(self.answers):
            rule = f"must lie in 0 to {len(self.answers)}"
            raise InputError([Problem("play", 0, "at", rule, shown(at))])
        branched = copy(self)
        branched.answers = self.answers[:end]
        branched.__dict__.pop("_reached", None)
        return branched

    def save(self, path: str | Path) -> Path:
        """Write the game as a file: its scenario and its answers. A fit that weights are drawn from
        is copied beside it.

        Raises:
            RunError: the disk or the folder refuses.
        """
        body = {
            "schema": SCHEMA_VERSION,
            "program": program_version(),
            "scenario_sha256": scenario_digest(self.scenario),
            "scenario": resolved_text(self.scenario),
            "parties": list(self.parties),
            "seed": self.seed,
            "replication": self.replication,
            "routine": asdict(self.routine),
            "answers": [
                {**place_of(question), "answer": answer}
                for question, answer in zip(self.asked, self.answers, strict=True)
            ],
        }
        write_safely(Path(path), json_text({**body, "seal": seal_of(body)}))
        write_fit_of(self.scenario, Path(path).parent)
        return Path(path)


def play(
    scenario: Place,
    parties: Iterable[str],
    *,
    seed: int | None = None,
    replication: int = 0,
    routine: Routine | None = None,
) -> Play:
    """Begin a world of a scenario in which somebody answers for some of its parties.

    Everything else goes on as in that replication of a run with that seed; who answers None to
    everything gets that replication, to the last bit. `routine` says which questions are not asked.

    Raises:
        InputError: the scenario breaks rules, has a sweep, or lacks a party.
    """
    loaded = scenario_at(scenario)
    listed = [parties] if isinstance(parties, str) else list(parties)
    problems = []
    if loaded.sweep:
        problems.append(Problem(loaded.title, 0, "sweep", "one world takes no sweep"))
    if not listed:
        problems.append(Problem("play", 0, "parties", "must name at least one party"))
    for party in listed:
        if party not in loaded.parties:
            known = ", ".join(sorted(loaded.parties))
            rule = f"must be a party of the scenario: {known}"
            rule += did_you_mean(str(party), loaded.parties)
            problems.append(Problem("play", 0, "parties", rule, shown(party)))
    chosen = loaded.ensemble.seed if seed is None else seed
    whole = (("seed", chosen, MAX_SEED), ("replication", replication, MAX_REPLICATIONS))
    for name, value, most in whole:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            rule = f"must be a whole number from 0 to {most}"
            problems.append(Problem("play", 0, name, rule, shown(value)))
    if problems:
        raise InputError(problems)
    return Play(loaded, listed, chosen, replication, (), routine)


def load_play(path: str | Path, scenario: Place | None = None) -> Play:
    """Open a game that `Play.save` wrote, and go on with it.

    With `scenario` it must be a game of that scenario.

    Raises:
        InputError: the file was edited, or is of another scenario or version; its answers do not
            fit the questions.
    """
    place = Path(path)
    name = place.as_posix()
    body = opened(decode(read_bytes(place, MAX_BYTES), name), name)
    # paths in it are seen from the file's folder, where the copy of a fit lies
    loaded = resolve(parse_yaml(body["scenario"], (place.parent / "text").as_posix()))
    digest = scenario_digest(loaded)
    if digest != body["scenario_sha256"] or (
        scenario is not None and digest != scenario_digest(scenario_at(scenario))
    ):
        rule = "is a game of another scenario"
        raise InputError([Problem(name, 0, "scenario", rule, shown(loaded.title))])
    for n, party in enumerate(body["parties"]):
        if party not in loaded.parties:
            rule = f"must be a party of the scenario: {', '.join(sorted(loaded.parties))}"
            raise InputError([Problem(name, 0, f"parties[{n}]", rule, shown(party))])
    answers = [entry["answer"] for entry in body["answers"]]
    routine = routine_from(body["routine"])
    game = Play(loaded, body["parties"], body["seed"], body["replication"], answers, routine)
    asked = game.asked
    if len(asked) < len(answers):
        rule = f"holds {len(answers)} answers, but the world asks {len(asked)} questions"
        raise InputError([Problem(name, 0, "answers", rule)])
    for n, (question, entry) in enumerate(zip(asked, body["answers"], strict=True)):
        found = {key: entry[key] for key in PLACE}
        if found != place_of(question):
            rule = f"answers another question than the world asks: {place_of(question)}"
            raise InputError([Problem(name, 0, f"answers[{n}]", rule, canonical_json(found))])
    return game
