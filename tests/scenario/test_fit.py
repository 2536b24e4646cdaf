"""Runs over a fit: each replication draws its weights, by key, in both executors alike."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from agreeing import agree, agree_or_refuse, unequal
from damaged import leaves
from fits import made_up, over, sealed, weights_of, written
from generated import scenarios
from generated_past import what_ifs
from hypothesis import HealthCheck, given, settings
from learned import lived, moody, setting
from lessons import lesson
from micro import CHANNEL, scenario

import sim
from sim.ensemble.chunks import ChunkStore, run_identity
from sim.ground.draws import uniforms
from sim.ground.errors import InputError, RunError, shown
from sim.ground.yaml import dump_yaml
from sim.kernel import run as kernel
from sim.learning.design import design_of
from sim.learning.fitting import set_up
from sim.learning.folder import source_of
from sim.model import fit_draw
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.eventtable import Events, compare
from sim.model.fit_draw import draw_of, draws_of
from sim.report.comparison_pages import save_comparison
from sim.report.runfolder import begin
from sim.report.runs import run
from sim.rules.features import FEATURES
from sim.scenario.doctrine import DECISIONS
from sim.scenario.fit import load_fit
from sim.scenario.provenance import scenario_digest
from sim.scenario.resolve import resolved_text
from sim.scenario.scenario import Change, Scenario, SetDoctrine
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.forecast import forecast, whose_weights
from sim.seminar.lesson.plan import plan_of

pytestmark = pytest.mark.usefixtures("drawn_never")

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "docs" / "model.md"
LET = {"party": "USA", "doctrine": "other", "from": "2021-02-01", "until": "2021-03-01"}


@pytest.fixture(scope="module")
def base() -> Scenario:
    """Half a year of a busy world."""
    return setting(until="2021-04-30")


@pytest.fixture(scope="module")
def folder(base: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up(base, tmp_path_factory.mktemp("fit") / "fit")


@pytest.fixture(scope="module")
def drawn(base: Scenario, folder: Path) -> Scenario:
    return over(base, folder)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Scenario]:
    """A history that was lived, over a fit, and a what-if inside it."""
    history = lived(setting(until="2021-03-31"), 3)
    fitted = over(history, made_up(history, tmp_path_factory.mktemp("past"), spread=0.3))
    let = SetDoctrine.model_validate({"party": "USA", "doctrine": "can", "from": "2021-02-01"})
    return fitted, fitted.model_copy(update={"changes": (Change(set_doctrine=let),)})


def with_one_draw(program: CompiledScenario, draw: int) -> CompiledScenario:
    one = program.doctrines.weights[draw : draw + 1]
    return replace(program, doctrines=replace(program.doctrines, weights=one))


def events_of(program: CompiledScenario, replication: int = 0, number: int = 1) -> Events:
    _, events = kernel.run(program, 1, replication, number, events=True)
    assert events is not None
    return events


# ------------------------------------------------------------------------------ both executors


def test_both_executors_agree_on_a_forecast_and_on_a_what_if(
    drawn: Scenario, changed: tuple[Scenario, Scenario]
) -> None:
    assert agree(compile_scenario(drawn), 1, 0, 12) > 100
    assert agree(compile_scenario(changed[1]), 1, 0, 12) > 100


@given(scenarios())
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_executors_agree_on_any_scenario(tmp_path: Path, scenario: Scenario) -> None:
    fitted = over(scenario, made_up(scenario, tmp_path / scenario_digest(scenario)[:8], draws=3))
    agree(compile_scenario(fitted), 2, 0, 3)


@pytest.mark.slow
@given(what_ifs())
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_executors_agree_on_any_what_if(tmp_path: Path, scenario: Scenario) -> None:
    place = tmp_path / scenario_digest(scenario)[:8]
    fitted = over(scenario, made_up(scenario, place, draws=3, spread=0.2))
    agree_or_refuse(compile_scenario(fitted, retrace=True), 2, 0, 3)


def test_each_replication_is_one_with_its_draw_for_weights(drawn: Scenario) -> None:
    program = compile_scenario(drawn)
    places = draws_of(len(program.doctrines.weights), 1, 10).tolist()
    assert len(set(places)) > 3
    for replication, draw in enumerate(places):
        own = events_of(with_one_draw(program, draw), replication)
        assert compare(events_of(program, replication), own) == len(own)


def test_control_another_draw_is_another_world(drawn: Scenario) -> None:
    program = compile_scenario(drawn)
    draw = draw_of(program.doctrines, 1, 0)
    other = events_of(with_one_draw(program, (draw + 1) % 7))
    assert not isinstance(compare(events_of(program), other), int)


def test_the_draw_is_found_from_its_key_alone(drawn: Scenario) -> None:
    """By the name that `docs/model.md` has, without this module's code."""
    (name,) = re.findall(r"^\| `(.+)`, over a fit \|", MODEL.read_text(), re.MULTILINE)
    digest = sha256(name.encode()).digest()
    words = [int.from_bytes(digest[n : n + 4], "little") for n in (0, 4)]
    chances = [uniforms(9, words[0], words[1], r, 0)[0] for r in range(200)]
    doctrines = compile_scenario(drawn).doctrines
    assert draws_of(len(doctrines.weights), 9, 200).tolist() == [int(7 * u) for u in chances]
    assert np.bincount(draws_of(len(doctrines.weights), 1, 7_000), minlength=7).min() > 850


def test_a_fit_disturbs_no_other_draw(base: Scenario, tmp_path: Path) -> None:
    """Draws that all are the doctrine's weights give what the doctrine gives, to the last bit."""
    same = compile_scenario(over(base, made_up(base, tmp_path / "same", spread=0.0)))
    plain = compile_scenario(base)
    assert compare(events_of(same, 0, 12), events_of(plain, 0, 12)) > 100
    assert unequal(kernel.run(same, 1, 0, 12)[0], kernel.run(plain, 1, 0, 12)[0]) == []


def test_control_a_small_spread_is_seen(base: Scenario, tmp_path: Path) -> None:
    other = compile_scenario(over(base, made_up(base, tmp_path / "other", spread=0.1)))
    assert not isinstance(
        compare(events_of(other, 0, 40), events_of(compile_scenario(base), 0, 40)), int
    )


def test_no_fit_is_one_draw(base: Scenario) -> None:
    weights = compile_scenario(base).doctrines.weights
    assert weights.shape == (1, 2, len(DECISIONS), len(FEATURES))


# ------------------------------------------------------------------------------ who follows what


def test_parties_of_one_doctrine_have_weights_of_their_own(tmp_path: Path) -> None:
    shared = {"CAN": {"doctrine": "usa"}, "USA": {"doctrine": "usa"}}
    both = scenario({"usa": moody()}, parties=shared)
    fit = made_up(both, tmp_path / "fit")
    doctrines = compile_scenario(over(both, fit)).doctrines
    can, usa = doctrines.initial.tolist()
    assert (doctrines.names[can], doctrines.names[usa]) == ("CAN", "USA")
    call, saved = DECISIONS.index("call"), load_fit(fit)
    for row, code in ((can, "CAN"), (usa, "USA")):
        column = saved.names.index(f"{code}.act.call.grievance")
        found = doctrines.weights[:, row, call, FEATURES.index("grievance")]
        assert found.tolist() == saved.weights[:, column].tolist()
    assert not np.array_equal(doctrines.weights[:, can], doctrines.weights[:, usa])


def test_another_doctrine_has_its_own_weights_and_then_the_drawn_ones_are_back(
    tmp_path: Path,
) -> None:
    whole = scenario(
        {"can": moody(), "usa": moody(0.3), "other": moody(1.0)}, changes=[{"set_doctrine": LET}]
    )
    doctrines = compile_scenario(over(whole, made_up(whole, tmp_path / "fit"))).doctrines
    usa = int(doctrines.initial[1])
    assert [doctrines.names[d] for d in doctrines.choice_doctrine] == ["other", "USA"]
    assert doctrines.choice_doctrine.tolist()[1] == usa
    own = np.array(whole.doctrines["other"].matrix())
    other = doctrines.names.index("other")
    assert np.array_equal(doctrines.weights[:, other], np.tile(own, (7, 1, 1)))


# ------------------------------------------------------------------------------ what-ifs


def test_an_empty_what_if_over_a_fit_is_history_itself(
    changed: tuple[Scenario, Scenario],
) -> None:
    fitted, _ = changed
    assert fitted.history is not None
    log = run(fitted.model_copy(update={"show_from": "2021-01-05"}), replications=1).sample(0)
    retraced = compile_scenario(fitted, retrace=True)
    assert retraced.past is not None
    until = retraced.as_of_s
    events = events_of(retraced, 0, 30)
    simulated = (events.fact < 0) & (events.at_s < until)
    assert not simulated.any()
    assert len(log.events) >= len(fitted.history.events)


def test_nothing_differs_before_the_change(changed: tuple[Scenario, Scenario]) -> None:
    """The factual and the changed world of a replication have the same weights."""
    events = events_of(compile_scenario(changed[1]), 0, 30)
    start_s = int(np.datetime64("2021-02-01", "s").astype(np.int64))
    early = events.at_s < start_s
    assert early.any()
    assert (events.fact[early] >= 0).all()
    assert (events.fact[~early] < 0).any()


def test_control_two_draws_in_one_replication_are_seen(
    changed: tuple[Scenario, Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = compile_scenario(changed[1])
    told = {"n": 0}

    def shifted(doctrines: Any, seed: int, replication: int) -> int:
        told["n"] += 1
        return told["n"] % len(doctrines.weights)

    monkeypatch.setattr("sim.model.deciding.draw_of", shifted)
    with pytest.raises(AssertionError):
        agree(program, 1, 0, 6)


# ------------------------------------------------------------------------------ whose run it is


def test_another_fit_is_another_run(base: Scenario, folder: Path, tmp_path: Path) -> None:
    others = [made_up(base, tmp_path / f"fit{n}", seed=n) for n in (1, 2)]
    same, other = (over(base, f) for f in others)
    drawn = over(base, folder)
    assert same == drawn
    assert other != drawn
    assert scenario_digest(same) == scenario_digest(drawn) != scenario_digest(other)
    first, second = compile_scenario(drawn), compile_scenario(other)
    assert run_identity(first, 1) == run_identity(compile_scenario(same), 1)
    assert run_identity(first, 1) != run_identity(second, 1)
    assert scenario_digest(base) != scenario_digest(drawn)


@pytest.mark.slow
def test_chunks_and_workers_make_no_difference(drawn: Scenario) -> None:
    whole = run(drawn, replications=60, executor="reference", workers=1)
    assert (
        unequal(whole.tally, run(drawn, replications=60, executor="reference", workers=2).tally)
        == []
    )
    program = compile_scenario(drawn)
    pieces = [kernel.run(program, 1, first, 20)[0].values for first in (0, 20, 40)]
    seed_1 = run(drawn, replications=60, seed=1)
    assert np.array_equal(np.concatenate(pieces), seed_1.tally.values)


@pytest.mark.slow
def test_a_folder_holds_what_its_run_needs(drawn: Scenario, tmp_path: Path) -> None:
    made = run(drawn, replications=20, out=tmp_path / "run")
    moved = shutil.move(tmp_path / "run", tmp_path / "moved")
    assert drawn.fit is not None
    assert (Path(moved) / drawn.fit.folder / "draws.parquet").is_file()
    found = sim.load_run(moved)
    assert found.scenario == drawn
    again = run(Path(moved) / "scenario.yaml", replications=20, out=moved)  # goes on: it is whole
    assert again.summary() == made.summary()
    assert unequal(run(Path(moved) / "scenario.yaml", replications=20).tally, made.tally) == []


@pytest.mark.slow
def test_a_run_that_was_killed_at_its_begin_or_later_goes_on(
    drawn: Scenario, tmp_path: Path
) -> None:
    whole = run(drawn, replications=20, out=tmp_path / "whole")
    for left in (("begun.json",), ("begun.json", "fit"), ("begun.json", "fit", "scenario.yaml")):
        folder = tmp_path / f"left-{len(left)}"
        begin(folder, drawn)
        for path in folder.iterdir():
            if path.name.partition("-")[0] not in left:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        store = ChunkStore(folder / "chunks", compile_scenario(drawn), 1)
        if "scenario.yaml" in left:
            store.save(0, kernel.run(store.program, 1, 0, 20)[0])
        made = run(drawn, replications=20, out=folder)
        assert made.summary() == whole.summary()


@pytest.mark.slow
def test_a_folder_of_another_fit_is_refused(
    base: Scenario, drawn: Scenario, tmp_path: Path
) -> None:
    run(drawn, replications=5, out=tmp_path / "run")
    other = over(base, made_up(base, tmp_path / "other", seed=4))
    with pytest.raises(RunError, match="holds a run of another scenario"):
        run(other, replications=5, out=tmp_path / "run")
    copied = next((tmp_path / "run").glob("fit-*"))
    shutil.copy(tmp_path / "other" / "draws.parquet", copied)
    shutil.copy(tmp_path / "other" / "fit.json", copied)
    with pytest.raises(InputError, match="holds another fit than the one that is named"):
        sim.load_run(tmp_path / "run")


# ------------------------------------------------------------------------------ studies and play


@pytest.mark.slow
def test_comparisons_whys_and_sweeps_run_over_a_fit(
    changed: tuple[Scenario, Scenario], base: Scenario, folder: Path, tmp_path: Path
) -> None:
    fitted, what_if = changed
    asked = {"outcomes": {"calls": {"type": "event_by", "kind": "call_held"}}}
    pair = [
        load_scenario(_file(tmp_path / f"{n}.yaml", s, asked))
        for n, s in enumerate((fitted, what_if))
    ]
    found = sim.compare(pair[0], {"set_doctrine": pair[1]}, replications=40)
    assert len(found.contrasts) > 0
    save_comparison(found, tmp_path / "compared")
    assert [*(tmp_path / "compared" / "scenarios").glob("fit-*/draws.parquet")]
    reasons = sim.why(pair[1], "calls", replications=40)
    assert len(reasons.events) > 0
    varied = {
        "sweep": {"rates_per_day.call": {"values": [0.1, 0.2]}},
        "outcomes": asked["outcomes"],
    }
    swept = sim.sweep(
        load_scenario(_file(tmp_path / "swept.yaml", over(base, folder), varied)), replications=20
    )
    assert len(swept.points) == 2


def _file(path: Path, scenario: Scenario, more: dict[str, Any]) -> Path:
    """A scenario as a file, its fit beside it, with more laid over it."""
    from sim.scenario.resolve import write_resolved

    write_resolved(scenario, path)
    top = path.with_name(f"over-{path.name}")
    top.write_text(dump_yaml({"extends": path.name, **more}))
    return top


def test_a_world_over_a_fit_is_played_saved_and_branched(drawn: Scenario, tmp_path: Path) -> None:
    game = sim.play(drawn, "USA")
    question = game.question
    assert question is not None
    draw = draw_of(game.program.doctrines, game.seed, 0)
    one = sim.play(drawn, "USA")
    one.program = with_one_draw(game.program, draw)
    assert one.question == question
    game.answer(None)
    game.save(tmp_path / "game.json")
    assert sim.load_play(tmp_path / "game.json").question == game.branch().question
    for copy in tmp_path.glob("fit-*/draws.parquet"):
        copy.unlink()
    with pytest.raises(InputError, match="must be the folder of a fit"):
        sim.load_play(tmp_path / "game.json")


# ------------------------------------------------------------------------------ bad input


@pytest.fixture
def place(base: Scenario, folder: Path, tmp_path: Path) -> Path:
    """A scenario's file over a fit that may be broken, on line 2 of its file."""
    shutil.copytree(folder, tmp_path / "fit")
    (tmp_path / "base.yaml").write_text(resolved_text(base))
    path = tmp_path / "over.yaml"
    path.write_text("extends: base.yaml\nfit: fit/\n")
    return path


def broken(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    return [str(p).replace(f"{path.parent.as_posix()}/", "") for p in caught.value.problems]


def edit(folder: Path, **more: Any) -> None:
    record = json.loads((folder / "fit.json").read_text())
    sealed(folder, record | more)


def test_the_file_that_is_broken_in_each_test_is_whole(place: Path, drawn: Scenario) -> None:
    assert load_scenario(place) == drawn
    assert load_scenario(place, over={"fit": None}).fit is None


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("nowhere", "nowhere: must be the folder of a fit, of `sim learn` or `sim pool`"),
        ("base.yaml", "base.yaml: must be the folder of a fit, of `sim learn` or `sim pool`"),
        ("../..", "../..: must be the folder of a fit, of `sim learn` or `sim pool`"),
        ("7", "must be a path to a fit's folder (got 7)"),
        ("[fit]", "must be a path to a fit's folder (got a list of 1)"),
    ],
)
def test_a_path_that_leads_to_no_fit(place: Path, written: str, rule: str) -> None:
    place.write_text(f"extends: base.yaml\nfit: {written}\n")
    assert broken(place) == [f"over.yaml:2: fit: {rule}"]


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"schema": 2}, "schema: must be 1 (got 2)"),
        (
            {"model": 1},
            "model: must be a fit of model 6: learn it again with this program (got 1)",
        ),
        ({"kind": "design"}, "fit.json must be a fit's record"),
        (
            {"draws": {"file": "../../elsewhere"}},
            "draws: must name draws.parquet, with its SHA-256 (got a mapping of 1)",
        ),
        ({"parties": 3}, "parties: must name the doctrine of each party, 300 at most"),
        ({"channels": [1]}, "channels: must be a list of channels (got a list of 1)"),
        (
            {"transitions": [["open", "shut"]]},
            "transitions: must be a list of pairs of states (got a list of 1)",
        ),
        ({"weights": []}, "weights: must be a list, a record a weight"),
        ({"weights": [7]}, "weights[0]: must be a weight of a party of the fit (got nothing)"),
        (
            {"weights": [{"weight": ["USA.acknowledge.bias"]}]},
            "weights[0]: must be a weight of a party of the fit (got a list of 1)",
        ),
        (
            {"weights": [{"weight": "USA.acknowledge.bias", "centre": 0.8, "spread": 1.0}]},
            "weights[0].doctrine: must be a number from -50 to 50 (got nothing)",
        ),
        (
            {"history": {"from": "2019-01-01", "until": "2020-12-32"}},
            "history: must say from which day until which was learned (got a mapping of 2)",
        ),
        (
            {"history": {"from": "2021-01-01", "until": "2020-12-31"}},
            "history: must say from which day until which was learned (got a mapping of 2)",
        ),
        ({"reporting": 0.0}, "reporting: must be a number above 0 and up to 1 (got 0.0)"),
        (
            {"weights": [{"weight": "USA.acknowledge.bias", "doctrine": 0.8, "centre": 51.0}]},
            "weights[0].centre: must be a number from -50 to 50 (got 51.0)",
        ),
        (
            {
                "weights": [
                    {
                        "weight": "USA.acknowledge.bias",
                        "doctrine": 0.8,
                        "centre": 0.8,
                        "spread": 0.0,
                    }
                ]
            },
            "weights[0].spread: must be a number from 0.001 to 10 (got 0.0)",
        ),
        (
            {
                "weights": [
                    {
                        "weight": "USA.acknowledge.bias",
                        "doctrine": 0.8,
                        "centre": 0.8,
                        "spread": 1.0,
                    }
                ]
                * 2
            },
            "weights[1]: must be a weight of a party of the fit (got USA.acknowledge.bias)",
        ),
    ],
)
def test_a_record_that_says_what_it_cannot(place: Path, more: dict[str, Any], rule: str) -> None:
    edit(place.parent / "fit", **more)
    assert broken(place) == [f"over.yaml:2: fit: fit/: {rule}"]


def test_an_edited_record_is_refused(place: Path) -> None:
    """Six times the spread of a prior was run, and moved what an answer rests on."""
    fit = place.parent / "fit" / "fit.json"
    whole = fit.read_text()
    record = json.loads(whole)
    record["weights"][0]["spread"] *= 6
    fit.write_text(json.dumps(record))
    rule = "is not that of this fit.json: it was changed or lost something; learn it again"
    assert broken(place) == [f"over.yaml:2: fit: fit/: seal: {rule} (got {shown(record['seal'])})"]
    del record["seal"]
    fit.write_text(json.dumps(record))
    assert broken(place) == [f"over.yaml:2: fit: fit/: seal: {rule} (got nothing)"]
    fit.write_text(json.dumps(json.loads(whole), indent=4))  # control: it says the same
    assert load_scenario(place).fit is not None


def edits(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The record with one of its values changed or lost, each in turn."""
    for path in leaves(record):
        for change in ("lost", None, 7, -0.5, "2019-02-30", "x", [], 1e308):
            other = deepcopy(record)
            *way, last = path
            inner: Any = other
            for key in way:
                inner = inner[key]
            if change == "lost":
                del inner[last]
            elif inner[last] == change:
                continue
            else:
                inner[last] = change
            yield other


def test_every_edit_of_a_record_is_found(
    tmp_path: Path, base: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = made_up(base, tmp_path / "fit")
    record = json.loads((fit / "fit.json").read_text())
    record["weights"] = record["weights"][:3]  # they are all alike
    sealed(fit, record)
    load_fit(fit)
    record = json.loads((fit / "fit.json").read_text())
    found = [*edits(record)]
    assert len(found) > 200

    def passing() -> int:
        number = 0
        for other in found:
            (fit / "fit.json").write_text(json.dumps(other))
            with suppress(InputError):
                load_fit(fit)
                number += 1
        return number

    assert passing() == 0
    monkeypatch.setattr("sim.scenario.fit._is_sealed", lambda _: True)  # the control
    assert passing() > 10


def test_draws_that_were_edited_or_cut_off(place: Path) -> None:
    draws = place.parent / "fit" / "draws.parquet"
    whole = draws.read_bytes()
    rule = "draws.parquet is not the file that fit.json names: it was changed or lost something"
    for content in (whole[:-100], whole + b" ", b"", whole[:200] + b"\0" + whole[201:]):
        draws.write_bytes(content)
        assert broken(place) == [f"over.yaml:2: fit: fit/: {rule}"]
    edit(place.parent / "fit", draws={"file": "draws.parquet", "sha256": sha256(b"x").hexdigest()})
    draws.write_bytes(b"x")
    (line,) = broken(place)
    assert line.startswith("over.yaml:2: fit: fit/: draws.parquet cannot be read: ")
    draws.unlink()
    assert len(broken(place)) == 1


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (50.5, "USA.acknowledge.bias: must lie within 50 of 0 in every draw"),
        (float("nan"), "USA.acknowledge.bias: must lie within 50 of 0 in every draw"),
        (None, "USA.acknowledge.bias: must lie within 50 of 0 in every draw"),
    ],
)
def test_weights_out_of_bounds(place: Path, value: float | None, rule: str) -> None:
    fit = place.parent / "fit"
    record, frame = _parts(fit)
    written(
        fit, frame.with_columns(pl.lit(value, pl.Float64).alias("USA.acknowledge.bias")), record
    )
    assert broken(place) == [f"over.yaml:2: fit: fit/: {rule}"]


def _parts(fit: Path) -> tuple[dict[str, Any], pl.DataFrame]:
    record = json.loads((fit / "fit.json").read_text())
    del record["draws"]
    return record, pl.read_parquet(fit / "draws.parquet")


def test_draws_that_are_no_numbers_or_none_at_all(place: Path) -> None:
    fit = place.parent / "fit"
    record, frame = _parts(fit)
    for other in (
        frame.with_columns(pl.lit("x").alias("USA.acknowledge.bias")),
        frame.drop("USA.acknowledge.bias"),
        frame.head(0),
        frame.with_columns(log_prior=pl.lit(float("inf"))),
    ):
        written(fit, other, record)
        assert len(broken(place)) == 1


def test_a_fit_of_other_parties_levels_doctrines_and_weights(place: Path) -> None:
    fit = place.parent / "fit"
    whole = json.loads((fit / "fit.json").read_text())
    edit(fit, channels=["can-usa/leaders"])
    assert broken(place) == [
        f"over.yaml:2: fit: must be a fit of the level of {CHANNEL}: "
        "it was learned from leaders (got ministers)"
    ]
    edit(fit, channels=whole["channels"], parties={"USA": "usa", "CAN": "calm"})
    (line,) = broken(place)
    assert line.endswith(
        "parties.CAN.doctrine: must be calm, under which the weights of CAN were learned (got can)"
    )
    usa = [w for w in whole["weights"] if w["weight"].startswith("USA")]
    edit(fit, parties={"USA": "usa"}, weights=usa)
    assert broken(place) == [
        "over.yaml:2: fit: must be a fit of CAN, a party of the scenario (got USA)"
    ]
    edit(
        fit,
        parties=whole["parties"],
        weights=[w for w in whole["weights"] if "acknowledge" not in w["weight"]],
    )
    assert broken(place) == [
        f"over.yaml:2: fit: must hold the weights of {name} "
        f"(got {name.upper()}.acknowledge.bias, {name.upper()}.acknowledge.open)"
        for name in ("can", "usa")
    ]


def test_a_doctrine_that_was_changed_since_is_told(place: Path) -> None:
    place.write_text("extends: base.yaml\nfit: fit\ndoctrines: {usa: {acknowledge: {bias: 2.0}}}\n")
    assert broken(place) == [
        "over.yaml:3: doctrines.usa: must be as it was when the weights of USA were learned, "
        "or have another name (got USA.acknowledge.bias is 2 here and 0.8 there)"
    ]


def test_what_is_drawn_cannot_be_swept(place: Path) -> None:
    place.write_text(
        "extends: base.yaml\nfit: fit\nsweep: {doctrines.usa.acknowledge.bias: {values: [1, 2]}}\n"
    )
    (line,) = broken(place)
    assert line.startswith(
        "over.yaml:3: sweep.doctrines.usa.acknowledge.bias: must be as it was when"
    )


def test_nobody_learns_from_a_scenario_over_a_fit(changed: tuple[Scenario, Scenario]) -> None:
    with pytest.raises(InputError, match="fit: must be left out: weights are learned from"):
        design_of(changed[0])


def test_a_scenario_that_was_not_loaded_has_no_draws(drawn: Scenario) -> None:
    made = Scenario.model_validate(drawn.plain() | {"schema": 1})
    with pytest.raises(InputError, match="the fit is not at hand"):
        compile_scenario(made)


def test_the_key_is_in_use(drawn: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test of the key."""
    doctrines = compile_scenario(drawn).doctrines
    before = draws_of(len(doctrines.weights), 1, 50).tolist()
    monkeypatch.setattr(fit_draw, "DRAWN", (1, 2))
    assert draws_of(len(doctrines.weights), 1, 50).tolist() != before
    assert len(weights_of(drawn)) == load_fit_columns(drawn)


def load_fit_columns(scenario: Scenario) -> int:
    assert scenario.fit is not None
    return len(scenario.fit.saved.names)


def test_a_seminar_measures_a_class_by_worlds_of_the_fit(tmp_path: Path) -> None:
    data = lesson()
    base = load_scenario(data)
    same, other = (
        plan_of(load_scenario(data, over={"fit": str(made_up(base, place, spread=spread))}))
        for place, spread in ((tmp_path / "same", 0.0), (tmp_path / "other", 5.0))
    )
    first = same.rounds[0]
    plain = forecast(plan_of(base), first, 60)
    assert forecast(same, first, 60) == plain
    assert forecast(other, first, 60) != plain  # the control
    assert whose_weights(other).endswith("; with weights learned from the record up to 2020-12-31")
    assert "learned" not in whose_weights(plan_of(base))


@pytest.mark.parametrize(("fit", "learned_from"), [("article", "new-delhi"), ("record", "record")])
def test_shipped_fits_are_of_shipped_scenarios_and_small(fit: str, learned_from: str) -> None:
    """Where this fails, learn them again: the command stands in `scenarios/learned-*.yaml`."""
    place = ROOT / "scenarios" / "fits" / fit
    saved = load_fit(place)
    setup = set_up(load_scenario(ROOT / "scenarios" / f"{learned_from}.yaml"), reporting=0.5)
    said = source_of(setup)
    assert {key: saved.record[key] for key in said} == said
    assert saved.names == setup.parameters.names
    assert len(saved.weights) == 500
    assert sum(path.stat().st_size for path in place.iterdir()) < 1_000_000
    assert load_scenario(ROOT / "scenarios" / f"learned-{fit}.yaml").fit is not None
