"""Playing a world: what a person sees, what answers do, and what is saved (invariant 15)."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pasts
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from micro import CHANNEL, doctrine, scenario
from strategies import examples

import sim
from sim.ground.errors import InputError
from sim.ground.files import canonical_json
from sim.log.file import load, to_jsonl
from sim.log.log import STATES
from sim.log.order import canonical_times
from sim.log.projection import project
from sim.log.telling import as_read_by, told_to
from sim.model.compiling import compile_scenario
from sim.model.deciding import Deciding
from sim.model.players import Question
from sim.model.reference import World
from sim.scenario.scenario import Scenario
from sim.study import playing
from sim.study.play_file import seal_of
from sim.study.playing import Play
from sim.study.routine import Routine

ROOT = Path(__file__).parents[2]
RATES = {"call": 0.15, "meet": 0.1, "cancel": 0.1, "cut": 0.03}


def lively(**more: Any) -> Scenario:
    """Two governments that leave much to chance, in what they do and in how they tell it."""
    even = doctrine(call=0.0, accept_call=0.0, meet=0.0, accept_meet=0.0, acknowledge=0.0, cut=-2.0)
    return scenario({"can": even, "usa": even}, rates_per_day=RATES, **more)


def finished(game: Play, answer: bool | None = None) -> Play:
    """Answer everything alike, to the end."""
    for _ in range(2_000):
        if game.finished:
            return game
        game.answer(answer)
    raise AssertionError("the world does not end")


# ---------------------------------------------------------------------------------- the same world


@pytest.mark.parametrize("parties", [["USA"], ["CAN"], ["CAN", "USA"]])
def test_15_who_leaves_all_to_the_doctrine_gets_that_replication(parties: list[str]) -> None:
    game = finished(sim.play(lively(), parties, seed=3, replication=2))
    run = sim.run(lively(), replications=3, seed=3, executor="reference", workers=1)
    assert game.world.events == run.sample(2).events
    assert len(game.answers) > 10
    assert game.question is None


def test_15_control_an_answer_of_ones_own_makes_another_world() -> None:
    left, refused = (finished(sim.play(lively(), ["USA"], seed=3), a) for a in (None, False))
    assert left.world.events != refused.world.events
    assert {e.kind for e in refused.world.events} <= {"contact_refused", "contact_cut"}


@pytest.mark.slow
@examples(8)
@given(st.data())
def test_15_saved_resumed_and_branched_is_as_if_uninterrupted(data: st.DataObject) -> None:
    answers = data.draw(st.lists(st.sampled_from([True, False, None]), min_size=4, max_size=12))
    at = data.draw(st.integers(0, len(answers)))
    whole = sim.play(lively(), ["USA"], seed=5)
    cut = sim.play(lively(), ["USA"], seed=5)
    for n, answer in enumerate(answers):
        if n == at:
            cut = cut.branch()
        followed = whole.answer(answer)
        assert cut.answer(answer) == followed
    other = whole.branch(at)
    assert other.answers == tuple(answers[:at])
    for answer in answers[at:]:
        other.answer(answer)
    assert other.question == whole.question == cut.question
    assert other.log("USA") == whole.log("USA") == cut.log("USA")


def test_a_branch_does_not_reach_the_game_that_it_left() -> None:
    game = sim.play(lively(), ["USA"], seed=5)
    game.answer(None)
    question, log = game.question, game.log("USA")
    other = game.branch(0)
    other.answer(True)
    other.answer(False)
    assert (game.question, game.log("USA"), len(game.answers)) == (question, log, 1)


def test_a_saved_game_goes_on_where_it_was(tmp_path: Path) -> None:
    game = sim.play(lively(), ["USA"], seed=5)
    for answer in (True, None, False, True):
        game.answer(answer)
    again = sim.load_play(game.save(tmp_path / "game.json"))
    assert again.answers == game.answers
    assert again.question == game.question
    assert finished(again).world.events == finished(game).world.events
    assert sim.load_play(tmp_path / "game.json", lively()).seed == 5


def test_a_played_world_replays_without_anybody(tmp_path: Path) -> None:
    game = finished(sim.play(lively(), ["USA"], seed=5), True)
    (tmp_path / "world.jsonl").write_text(to_jsonl(game.world))
    log = load(tmp_path / "world.jsonl")
    assert log.events == game.world.events
    states = game._reached.world.situation.seen[0]
    for view, name in enumerate(("observer", "CAN", "USA")):
        assert project(log, name)[CHANNEL].state == STATES[states[view].state]


# ---------------------------------------------------------------------------------- what-ifs


def test_a_what_if_can_be_played_and_history_answers_until_the_change() -> None:
    cut = pasts.event("cut", "contact_cut", "2021-01-20", by="USA")
    even = doctrine(cut=0.0, call=0.0, accept_call=0.0)
    whole = pasts.told(cut, doctrines={"can": even, "usa": even}, changes=[{"remove": "cut"}])
    game = sim.play(whole, ["USA"], seed=2)
    assert game.question is not None
    assert game.question.date >= "2021-01-20"
    run = sim.run(whole, replications=1, seed=2, executor="reference", workers=1)
    assert finished(game).world.events == run.sample(0).events


# ---------------------------------------------------------------------------------- what is seen


class Spy:
    """Plays a game and keeps everything that the game shows on the way."""

    def __init__(self, game: Play) -> None:
        self.game = game
        self.shown: list[tuple[int, Any]] = []
        """(the instant of the question, what was shown then)."""

    def play(self) -> None:
        while self.game.question is not None:
            at_s = self.game.question.at_s
            self.shown.append((at_s, self.game.question))
            self.shown.append((at_s, self.game.log("USA")))
            self.game.answer(None)

    def numbers(self) -> set[float]:
        return {x for _, thing in self.shown for x in _numbers(thing)}


def _numbers(thing: Any) -> list[float]:
    if isinstance(thing, float):
        return [thing]
    if is_dataclass(thing) and not isinstance(thing, type):
        return [x for f in fields(thing) for x in _numbers(getattr(thing, f.name))]
    if isinstance(thing, tuple | list):
        return [x for part in thing for x in _numbers(part)]
    if hasattr(thing, "model_dump"):
        return [x for part in thing.model_dump().values() for x in _numbers(part)]
    return [x for p in thing.values() for x in _numbers(p)] if isinstance(thing, dict) else []


def spied() -> tuple[Spy, set[float]]:
    """A spy's game, and the uniforms of the world behind it."""
    spy = Spy(sim.play(lively(), ["USA"], seed=7))
    spy.play()
    world = World(compile_scenario(lively()), 7, 0, trace=True)
    world.run()
    return spy, {d.uniform for d in world.trace or ()}


def test_15_a_player_never_sees_the_uniform() -> None:
    spy, uniforms = spied()
    assert len(uniforms) > 50
    assert len(spy.numbers()) > 50
    assert not spy.numbers() & uniforms


def test_15_a_player_never_sees_the_others_account() -> None:
    spy, _ = spied()
    logs = [log for _, log in spy.shown if isinstance(log, sim.Log)]
    told = [e for log in logs for e in log.events if e.accounts]
    assert all({*e.accounts} <= {"USA"} for e in told)
    both = [e for e in spy.game.world.events if {"CAN", "USA"} <= {*e.accounts}]
    assert both, "the world behind it has accounts of both sides"
    # the kind, too, is the party's own reading: never more than it says itself
    own = {e.id: as_read_by(e, "USA") for e in both}
    assert all(e == own[e.id] for log in logs for e in log.events if e.id in own)
    assert any(own[e.id].kind != e.kind for e in both)


def test_15_a_player_never_sees_what_comes() -> None:
    spy, _ = spied()
    for at_s, shown in spy.shown:
        if isinstance(shown, sim.Log):
            assert all(canonical_times([e])[e.id] <= at_s for e in shown.events)
            assert "seed" not in shown.header, "with the seed anybody could run it ahead"


@pytest.mark.slow
@pytest.mark.parametrize("leak", ["uniform", "account", "future"])
def test_15_control_a_leak_is_caught(leak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if leak == "uniform":
        decide, question = Deciding.decide, Deciding.question

        def remembering(self: Any, *given: Any, **named: Any) -> Any:
            self.last = given[4]
            return decide(self, *given, **named)

        def telling(self: Any, *given: Any, **named: Any) -> Question:
            return replace(question(self, *given, **named), probability=self.last)

        monkeypatch.setattr(Deciding, "decide", remembering)
        monkeypatch.setattr(Deciding, "question", telling)
        with pytest.raises(AssertionError):
            test_15_a_player_never_sees_the_uniform()
    elif leak == "account":
        monkeypatch.setattr(playing, "told_to", lambda log, party: log)
        with pytest.raises(AssertionError):
            test_15_a_player_never_sees_the_others_account()
    else:
        whole = told_to(finished(sim.play(lively(), ["USA"], seed=7)).world, "USA")
        monkeypatch.setattr(Play, "log", lambda self, party: whole)
        with pytest.raises(AssertionError):
            test_15_a_player_never_sees_what_comes()


@pytest.mark.slow
def test_folding_a_partys_log_gives_what_the_party_saw() -> None:
    """And as the observer too, but for contacts that it denies: its log is its own telling."""
    game = sim.play(lively(), ["CAN", "USA"], seed=11)
    while (question := game.question) is not None:
        seen = project(game.log(question.party), question.party, question.at_s)
        assert seen[CHANNEL].state == question.state
        game.answer(None)
    assert told_to(game.world, "USA").channels.keys() == {CHANNEL}


@pytest.mark.slow
def test_a_party_knows_of_no_channel_of_others() -> None:
    game = sim.play(ROOT / "scenarios" / "three-capitals.yaml", ["USA"], seed=1)
    for _ in range(60):
        game.answer(None)
    others = [e for e in game._log.events if e.channel and "usa" not in e.channel]
    assert others
    assert {e.channel for e in game.log("USA").events} <= {
        None,
        "chn-usa/ministers",
        "rus-usa/x",
    } | {c for c in game._log.channels if "usa" in c}


# ---------------------------------------------------------------------------------- bad input


def test_answers_that_are_none_and_parties_that_nobody_plays() -> None:
    game = sim.play(lively(), ["USA"], seed=1)
    for wrong in ("yes", 1, 0, 2.0, [], np.int64(1), np.array([True, False]), pl.Series([True])):
        with pytest.raises(InputError, match="must be True, False, or None"):
            game.answer(wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="must be a party that is played: USA"):
        game.log("CAN")
    with pytest.raises(InputError, match="the world has not ended"):
        _ = game.world
    with pytest.raises(InputError, match="must lie in 0 to 0"):
        game.branch(1)
    assert game.answers == ()
    finished(game)
    with pytest.raises(InputError, match="nothing is asked"):
        game.answer(True)
    assert game.log("CAN").events  # at the end nothing is hidden any more


def test_answers_of_numpy_are_taken_as_pythons(tmp_path: Path) -> None:
    game = sim.play(lively(), ["USA"], seed=5)
    game.answer(np.bool_(True))
    game.answer(np.array([False])[0])
    assert [type(a) for a in game.answers] == [bool, bool]
    assert sim.load_play(game.save(tmp_path / "game.json")).answers == (True, False)


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"parties": ["FRA"]}, "must be a party of the scenario: CAN, USA"),
        ({"parties": []}, "must name at least one party"),
        ({"parties": "USA", "seed": -1}, "must be a whole number from 0"),
        ({"parties": "USA", "replication": True}, "must be a whole number from 0"),
    ],
)
def test_a_game_that_cannot_begin(given: dict[str, Any], rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        sim.play(lively(), **given)


def test_a_scenario_with_a_sweep_is_many_worlds() -> None:
    swept = lively(sweep={"rates_per_day.call": [0.1, 0.2]})
    with pytest.raises(InputError, match="one world takes no sweep"):
        sim.play(swept, ["USA"])


def resealed(path: Path, **changes: Any) -> Path:
    """Edit a saved game and seal it again, as somebody with the program could."""
    body = json.loads(path.read_text()) | changes
    body.pop("seal")
    path.write_text(json.dumps(body | {"seal": seal_of(body)}))
    return path


def test_a_file_that_was_edited_or_is_of_another_game_is_refused(tmp_path: Path) -> None:
    game = sim.play(lively(), ["USA"], seed=5)
    for answer in (True, False, None):
        game.answer(answer)
    path = game.save(tmp_path / "game.json")
    whole = path.read_text()

    def refused(rule: str) -> None:
        with pytest.raises(InputError, match=rule):
            sim.load_play(path)
        path.write_text(whole)

    path.write_text(whole.replace('"seed": 5', '"seed": 6'))
    refused("the file was edited, or cut short")
    path.write_text(whole[:-40])
    refused("is not a saved game")
    path.write_text("[]")
    refused("is not a saved game")
    resealed(path, program="0.0.1")
    refused("was saved by version 0.0.1")
    answers = json.loads(whole)["answers"]
    resealed(path, answers=answers * 200)
    refused("holds 600 answers, but the world asks")
    resealed(path, seed=6)
    refused(r"answers\[0\]: answers another question than the world asks")
    resealed(path, scenario_sha256="0" * 64)
    refused("is a game of another scenario")
    with pytest.raises(InputError, match="is a game of another scenario"):
        sim.load_play(path, lively(until="2021-04-30"))
    with pytest.raises(InputError, match="no such file"):
        sim.load_play(tmp_path / "none.json")
    assert canonical_json(json.loads(path.read_text())) == canonical_json(json.loads(whole))


GONE = object()


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("schema", GONE, "program: was saved by version"),
        ("program", GONE, "program: was saved by version nothing"),
        ("program", [], "program: was saved by version a list of 0"),
        ("scenario", GONE, "scenario: must be text"),
        ("scenario", 5, "scenario: must be text"),
        ("scenario_sha256", GONE, "scenario_sha256: must be text"),
        *(("parties", v, "parties: must be a list") for v in (GONE, None, 5, "USA", [], [5], [[]])),
        ("parties", ["USA", "FRA"], r"parties\[1\]: must be a party of the scenario"),
        *(
            (key, v, f"{key}: must be a whole number from 0")
            for key in ("seed", "replication")
            for v in (GONE, None, "5", 5.0, True, -1, 2**63, [])
        ),
        *(("answers", v, "answers: must be a list") for v in (GONE, None, 5, {}, "x")),
        ("answers", [None], r"answers\[0\]: must be a mapping"),
        ("answers", [{}], r"answers\[0\].at: must be text"),
    ],
)
def test_a_sealed_file_that_is_no_game_is_told_with_its_key(
    key: str, value: object, said: str, tmp_path: Path
) -> None:
    path = sim.play(lively(), ["USA"], seed=5).save(tmp_path / "game.json")
    if value is GONE:
        body = json.loads(path.read_text())
        del body[key]
        path.write_text(json.dumps(body))
        resealed(path)
    else:
        resealed(path, **{key: value})
    with pytest.raises(InputError, match=f"game.json: {said}"):
        sim.load_play(path)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        *(({"answer": v}, "answer: must be true, false or null") for v in (1, 0, "x", 2.5, [])),
        *(({k: v}, f"{k}: must be text") for k in ("at", "channel") for v in (None, 5, {})),
        ({"answer": GONE}, "answer: is missing"),
        ({"party": GONE}, "party: must be text"),
    ],
)
def test_a_saved_answer_that_is_none_is_told_with_its_key(
    entry: dict[str, object], said: str, tmp_path: Path
) -> None:
    game = sim.play(lively(), ["USA"], seed=5)
    game.answer(True)
    path = game.save(tmp_path / "game.json")
    first = json.loads(path.read_text())["answers"][0] | entry
    resealed(path, answers=[{k: v for k, v in first.items() if v is not GONE}])
    with pytest.raises(InputError, match=rf"game.json: answers\[0\].{said}"):
        sim.load_play(path)


def test_a_hundred_questions_are_answered_quickly() -> None:
    """No timing: one answer runs one world, from its start, and nothing else."""
    ran: list[int] = []
    whole = playing.world_of

    def counted(*args: Any, **more: Any) -> Any:
        ran.append(1)
        return whole(*args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(playing, "world_of", counted)
        game = sim.play(lively(), ["CAN"])
        for _ in range(5):
            game.answer(None)
        _ = game.question
    assert len(ran) <= 6


@pytest.mark.slow
def test_routine_questions_go_to_the_doctrine() -> None:
    """Who is asked less answers less, and the world is the one in which the doctrine answered."""
    whole = sim.play(lively(), ["CAN", "USA"])
    while not whole.finished:
        whole.answer(None)
    seldom = sim.play(lively(), ["CAN", "USA"], routine=Routine(below=0.05, most=5))
    for _ in range(5):
        assert seldom.question is not None
        assert seldom.question.probability >= 0.05
        seldom.answer(None)
    assert seldom.finished
    assert len(seldom.asked) == 5
    assert len(seldom.asked) + len(seldom.passed) == len(whole.asked)
    assert seldom.world.events == whole.world.events


def test_a_saved_game_keeps_what_is_routine(tmp_path: Path) -> None:
    game = sim.play(lively(), ["USA"], routine=Routine(below=0.05, most=7))
    for answer in (True, False, None):
        game.answer(answer)
    game.save(tmp_path / "game.json")
    again = sim.load_play(tmp_path / "game.json")
    assert again.routine == game.routine
    assert again.question == game.question
    assert game.branch(at=1).routine == game.routine
    whole = asdict(game.routine)
    for broken in (
        *({"below": 2}, {"below": "x"}, {"most": -1}, {"each": 1.5}, {"apart_days": -1}),
        *({"span": [1]}, {"span": 5}, {"always": ["nothing"]}, {"always": None}, {"unknown": 1}),
    ):
        with pytest.raises(InputError, match="routine: must be a mapping with the fields"):
            sim.load_play(resealed(tmp_path / "game.json", routine={**whole, **broken}))
    for none in ([2, None], None):
        with pytest.raises(InputError, match="routine: must be a mapping with the fields"):
            sim.load_play(resealed(tmp_path / "game.json", routine=none))
