"""Runs and their folders: what is kept opens again as it was, and nothing is taken for another."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from micro import ALWAYS, CHANNEL, Listener, doctrine, scenario
from typed import listing

import sim
from sim.ensemble.settings import Settings
from sim.ground.dates import DAY_S
from sim.ground.errors import InputError, RunError
from sim.log.file import load
from sim.report.runfolder import Run, load_run, opened
from sim.report.runs import run
from sim.scenario.provenance import scenario_digest
from sim.scenario.resolve import load_scenario

pytestmark = pytest.mark.usefixtures("drawn_never")

SMALL = Path(__file__).parents[1] / "support" / "valid" / "small.yaml"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    folder = tmp_path_factory.mktemp("made") / "run"
    return run(SMALL, replications=20, out=folder), folder


def talkers(**parts: Any) -> Any:
    doctrines = {"can": doctrine(call=ALWAYS), "usa": doctrine(accept_call=0.0)}
    return scenario(doctrines, **({"rates_per_day": {"call": 0.3}} | parts))


# ---------------------------------------------------------------------------------- running


def test_number_and_seed_come_from_the_scenario_or_the_caller() -> None:
    small = talkers(ensemble={"replications": 3, "seed": 8})
    assert (run(small).replications, run(small).seed) == (3, 8)
    found = run(small, replications=5, seed=0)
    assert (found.replications, found.seed) == (5, 0)


def test_a_path_and_what_it_holds_are_the_same_run() -> None:
    by_path, loaded = run(SMALL, replications=5), run(load_scenario(SMALL), replications=5)
    assert by_path.summary() == loaded.summary()
    assert run(str(SMALL), replications=5).summary() == loaded.summary()


def test_both_executors_give_the_same_answers() -> None:
    kernel, world = (run(SMALL, replications=30, executor=e) for e in ("kernel", "reference"))
    assert kernel.summary() == world.summary()
    assert (kernel.executor, world.executor) == ("kernel", "reference")


def test_a_run_has_the_level_of_its_scenario() -> None:
    assert run(talkers(), replications=1).level == "forecast"
    assert run(SMALL, replications=1).level == "policy"


@pytest.mark.slow
def test_a_sample_is_a_log_that_says_where_it_comes_from(made: tuple[Run, Path]) -> None:
    finished, _ = made
    log = finished.sample(3)
    assert log.header["replication"] == 3
    assert log.header["seed"] == 5
    assert log.header["scenario_sha256"] == scenario_digest(finished.scenario)
    assert log == finished.sample(3)
    assert log.events != finished.sample(4).events


def test_players_take_part_in_ensemble_and_sample() -> None:
    small = talkers()
    silent = run(small, replications=3, players={"USA": Listener(answer=False)})
    assert {e.kind for e in silent.sample().events} == {"contact_refused"}
    assert silent.summary()["events_per_replication"].keys() == {"contact_refused"}
    assert "call_held" in run(small, replications=3).summary()["events_per_replication"]


def test_nobody_is_asked_twice() -> None:
    """A sample takes the answers that were given in the run: a person may not give them again."""
    small = talkers()
    person = Listener(answer=False)
    made = run(small, replications=3, players={"USA": person})
    heard = len(person.heard)
    assert heard > 3
    person.fixed = True  # what the person would say now
    assert {e.kind for n in range(3) for e in made.sample(n).events} == {"contact_refused"}
    assert len(person.heard) == heard
    made.answers_given.clear()  # the control: without the record the person is asked again
    made._samples.clear()
    assert "call_held" in {e.kind for e in made.sample(0).events}
    assert len(person.heard) > heard


def test_players_need_the_reference_executor() -> None:
    with pytest.raises(InputError, match="executor: must be reference where somebody plays"):
        run(talkers(), replications=1, executor="kernel", players={"USA": Listener()})
    with pytest.raises(InputError, match="executor: must be one of kernel, reference"):
        run(talkers(), replications=1, executor="abacus")


def test_a_run_that_somebody_plays_does_not_pass_for_one_that_follows_from_its_scenario(
    tmp_path: Path,
) -> None:
    with pytest.raises(InputError, match="keep logs where somebody plays"):
        run(talkers(), replications=2, out=tmp_path / "run", players={"USA": Listener()})
    assert list(tmp_path.iterdir()) == []


def test_events_need_a_folder() -> None:
    with pytest.raises(InputError, match="events: needs a folder"):
        run(talkers(), replications=1, events=True)


# ---------------------------------------------------------------------------------- frames


def test_outcomes_and_values_are_frames(made: tuple[Run, Path]) -> None:
    finished, _ = made
    assert finished.outcomes["name"].to_list() == sorted(finished.scenario.outcomes)
    assert finished.values.columns == ["replication", *sorted(finished.scenario.outcomes)]
    assert finished.values["replication"].to_list() == list(range(20))
    share = finished.values["open-at-end"].mean()
    row = finished.outcomes.filter(pl.col("name") == "open-at-end")
    assert row["estimate"].item() == share


def test_occupancy_is_of_the_first_channel_unless_another_is_named(
    made: tuple[Run, Path],
) -> None:
    finished, _ = made
    assert finished.occupancy().equals(finished.occupancy("can-mex/ministers"))
    assert not finished.occupancy().equals(finished.occupancy("can-usa/ministers"))


def test_a_summary_is_plain_and_whole(made: tuple[Run, Path]) -> None:
    finished, _ = made
    summary = finished.summary()
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert set(summary) == {
        "draws",
        "variance",
        "title",
        "question",
        "level",
        "as_of",
        "until",
        "seed",
        "replications",
        "outcomes",
        "events_per_replication",
    }
    for answer in summary["outcomes"].values():
        assert answer["low"] <= answer["estimate"] <= answer["high"]


# ---------------------------------------------------------------------------------- folders


def test_a_run_opens_again_as_it_was(made: tuple[Run, Path]) -> None:
    finished, folder = made
    again = load_run(folder)
    assert again.summary() == finished.summary()
    assert again.scenario == finished.scenario
    assert again.executor == finished.executor
    assert again.sample() == finished.sample()
    for name in ("values", "occupancy", "moves", "exposure_s", "events", "raster"):
        assert np.array_equal(getattr(again.tally, name), getattr(finished.tally, name))


def test_a_run_that_is_saved_again_has_the_same_bytes(
    made: tuple[Run, Path], tmp_path: Path
) -> None:
    _, folder = made
    load_run(folder).save(tmp_path / "again")
    assert listing(tmp_path / "again") == listing(folder)


def test_a_saved_scenario_runs_to_the_same_folder(made: tuple[Run, Path], tmp_path: Path) -> None:
    _, folder = made
    run(folder / "scenario.yaml", replications=20, out=tmp_path / "again")
    assert listing(tmp_path / "again") == listing(folder)


def test_files_beside_the_report_hold_the_run(made: tuple[Run, Path]) -> None:
    finished, folder = made
    assert json.loads((folder / "summary.json").read_text()) == finished.summary()
    assert load(folder / "sample.jsonl") == finished.sample()
    rows = list(csv.DictReader((folder / "outcomes.csv").read_text().splitlines()))
    assert [float(r["estimate"]) for r in rows] == [a.estimate for a in finished.answers]
    shares = pl.read_csv(folder / "occupancy-can-usa-ministers.csv")
    assert shares["share"].to_list() == finished.occupancy("can-usa/ministers")["share"].to_list()
    record = json.loads((folder / "provenance.json").read_text())
    assert record["scenario"]["sha256"] == scenario_digest(finished.scenario)


def test_a_run_may_be_kept_without_its_report(tmp_path: Path) -> None:
    folder = run(talkers(), replications=2).save(tmp_path / "bare", report=False)
    assert not (folder / "report.html").exists()
    assert load_run(folder).replications == 2


@pytest.mark.slow
def test_a_report_that_was_deleted_is_written_again(tmp_path: Path) -> None:
    run(SMALL, replications=5, out=tmp_path / "run")
    whole = listing(tmp_path / "run")
    (tmp_path / "run" / "report.html").unlink()
    shutil.rmtree(tmp_path / "run" / "figures")
    run(SMALL, replications=5, out=tmp_path / "run")
    assert listing(tmp_path / "run") == whole


@pytest.mark.slow
def test_large_worlds_are_told_by_the_kernel_and_tell_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each kind of event with who decided it, in a forecast, and in a what-if with kept events."""
    told = []
    for limit in (1e9, 0):  # by the readable model, by the kernel
        monkeypatch.setattr("sim.results.result.MANY", limit)
        for name in ("new-delhi", "after-the-cut", "whatif-meeting-kept"):
            found = run(Path("scenarios") / f"{name}.yaml", replications=4)
            told.append((name, [found.sample(r) for r in range(4)]))
    assert told[:3] == told[3:]
    kinds = {e.kind for _, logs in told for log in logs for e in log.events if e.decided_by}
    assert kinds >= {"call_held", "contact_refused", "meeting_agreed", "contact_cut"}


def test_control_that_would_notice_who_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    found = run(Path("scenarios/new-delhi.yaml"), replications=1)
    before = found.sample()
    monkeypatch.setattr("sim.results.result.MANY", 0)
    monkeypatch.setattr("sim.model.eventtable._deciders", lambda program, happening: ())
    assert run(Path("scenarios/new-delhi.yaml"), replications=1).sample() != before


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["kernel", "reference"])
def test_a_world_of_more_events_than_a_log_holds(
    executor: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = run(SMALL, replications=2, executor=executor).sample()
    number = len(whole.events) - 3
    monkeypatch.setattr("sim.model.chronicle.MAX_EVENTS", number)
    monkeypatch.setattr("sim.results.result.MAX_EVENTS", number)
    monkeypatch.setattr("sim.results.result.MANY", 0)  # of the kernel too
    monkeypatch.setattr("sim.report.report.MAX_ROWS", 2)
    found = run(SMALL, replications=2, executor=executor, out=tmp_path / "run")
    kept = load(tmp_path / "run" / "sample.jsonl")
    assert kept.events == whole.events[:number]
    assert kept.header == whole.header | {"events_left_out": 3}
    said = f"sample.jsonl holds the first {number} events of its world and leaves out 3 later ones"
    assert found.notes == [said]
    page = (tmp_path / "run" / "report.html").read_text()
    assert "The first 2.\n" in page
    assert " more are in sample.jsonl." in page
    assert " more are in sample.jsonl." not in _page_of(SMALL, tmp_path / "usual", monkeypatch)


def _page_of(place: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.undo()
    run(place, replications=2, out=folder)
    return (folder / "report.html").read_text()


def test_free_unfinished_and_finished_folders(made: tuple[Run, Path], tmp_path: Path) -> None:
    finished, folder = made
    asked = (finished.scenario, Settings(20, 5))
    assert opened(tmp_path / "nothing", *asked) is None
    assert opened(tmp_path, *asked) is None
    (tmp_path / ".scenario.yaml.ab12.part").write_text("half")
    assert opened(tmp_path, *asked) is None
    (tmp_path / "begun.json").write_text('{"model": 6}')
    assert opened(tmp_path, *asked) is None
    shutil.copy(folder / "scenario.yaml", tmp_path)
    assert opened(tmp_path, *asked) is None
    found = opened(folder, *asked)
    assert found is not None
    assert found.summary() == finished.summary()
    with pytest.raises(RunError, match="with seed 5 and 20 replications"):
        opened(folder, finished.scenario, Settings(20, 6))
    with pytest.raises(RunError, match="another scenario"):
        opened(folder, talkers(), Settings(20, 5))


def test_an_unfinished_run_of_another_scenario_is_left_alone(tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path / "scenario.yaml")
    (tmp_path / "begun.json").write_text('{"model": 6}')
    with pytest.raises(RunError, match="another scenario"):
        run(talkers(), replications=2, out=tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"scenario.yaml", "begun.json"}


@pytest.mark.parametrize("begun", [None, "", "[]", "{}", '{"model": 1}', '{"model": "6"}', "half"])
def test_an_unfinished_run_of_another_model_is_refused(tmp_path: Path, begun: str | None) -> None:
    """Its chunks would be mixed with those of this model."""
    shutil.copy(SMALL, tmp_path / "scenario.yaml")
    if begun is not None:
        (tmp_path / "begun.json").write_text(begun)
    kept = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(RunError, match="holds an unfinished run of another model than this one, 6"):
        run(SMALL, replications=2, out=tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == kept


def test_a_finished_run_of_another_model_is_refused(made: tuple[Run, Path], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(made[1], folder)
    told = json.loads((folder / "provenance.json").read_text())
    assert told.pop("model") == 6
    for model in ({}, {"model": 1}, {"model": 2}):
        (folder / "provenance.json").write_text(json.dumps(told | model))
        number = model.get("model", 1)
        with pytest.raises(RunError, match=f"holds a run of model {number}; this is model 6"):
            run(made[0].scenario, replications=20, seed=5, out=folder)
        with pytest.raises(InputError, match=rf"must be a run of model 6.*\(got {number}\)"):
            load_run(folder)


@pytest.mark.parametrize("name", ["provenance.json", "tally.npz", "scenario.yaml"])
def test_a_folder_without_one_of_its_files_is_no_run(
    made: tuple[Run, Path], tmp_path: Path, name: str
) -> None:
    shutil.copytree(made[1], tmp_path / "run")
    (tmp_path / "run" / name).unlink()
    with pytest.raises(InputError):
        load_run(tmp_path / "run")


def test_files_of_two_runs_do_not_mix(made: tuple[Run, Path], tmp_path: Path) -> None:
    shutil.copytree(made[1], tmp_path / "run")
    run(SMALL, replications=21).save(tmp_path / "other", report=False)
    shutil.copy(tmp_path / "other" / "tally.npz", tmp_path / "run")
    with pytest.raises(InputError, match="do not belong together"):
        load_run(tmp_path / "run")
    text = (made[1] / "scenario.yaml").read_text()
    shutil.copy(made[1] / "tally.npz", tmp_path / "run")
    load_run(tmp_path / "run")
    (tmp_path / "run" / "scenario.yaml").write_text(text.replace("A summit", "A meeting"))
    with pytest.raises(InputError, match="do not belong together"):
        load_run(tmp_path / "run")


def test_damaged_chunks_are_made_anew_and_said(tmp_path: Path) -> None:
    whole = run(SMALL, replications=20, out=tmp_path / "whole")
    (tmp_path / "torn").mkdir()

    def stop(done: int, _: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(SMALL, replications=20, out=tmp_path / "torn", progress=stop)
    (chunk,) = (tmp_path / "torn" / "chunks").iterdir()
    chunk.write_bytes(chunk.read_bytes()[:-1])
    again = run(SMALL, replications=20, out=tmp_path / "torn")
    assert again.notes == ["made 1 damaged chunks again"]
    assert again.summary() == whole.summary()
    assert listing(tmp_path / "torn") == listing(tmp_path / "whole")


def test_a_day_is_a_day(made: tuple[Run, Path]) -> None:
    finished, _ = made
    assert finished.tally.exposure_s[0, 0].sum() == 20 * 120 * DAY_S
    assert CHANNEL in finished.program.channels.names


def test_values_are_in_the_units_of_the_outcomes() -> None:
    asked = {"state": "prisoner_only", "channel": "can-usa/ministers"}
    outcomes = {
        "ends-open": {"type": "state_at"} | asked,
        "share": {"type": "share_of_days"} | asked,
        "first": {"type": "first_time"} | asked,
    }
    made = run(load_scenario(SMALL, over={"outcomes": outcomes}), replications=80)
    answers = {a.name: a for a in made.answers}
    assert made.values["ends-open"].mean() == pytest.approx(answers["ends-open"].estimate)
    assert set(made.values["ends-open"].unique()) <= {0, 1}
    assert made.values["share"].mean() == pytest.approx(answers["share"].estimate)
    first = made.values["first"]
    assert first.null_count() == round(80 * (1 - answers["first"].estimate)) > 0
    days = made.tally.values[:, made.program.outcomes.names.index("first")] / 86_400
    assert sorted(first.drop_nulls().to_list()) == sorted(days[days >= 0].tolist()) != []


def test_a_run_shows_itself_in_a_line() -> None:
    made = run(SMALL, replications=3, seed=5)
    title = made.scenario.title
    assert repr(made) == f"<Run {title!r}: a policy over 3 worlds, seed 5>"


def test_an_unknown_channel_is_refused() -> None:
    made = run(SMALL, replications=3)
    with pytest.raises(InputError, match=r"channel: must be one of .*did you mean"):
        made.occupancy(made.program.channels.names[0][:-1])


def test_a_sweep_is_not_run_as_if_it_were_one_scenario() -> None:
    varied = load_scenario(SMALL, over={"sweep": {"rates_per_day.call": [0.1, 0.2]}})
    with pytest.raises(InputError, match=r"sweep: .*`sim\.sweep`"):
        run(varied, replications=3)
    with pytest.raises(InputError, match="sweep"):
        sim.compare(varied, {"other": varied}, replications=3)
    with pytest.raises(InputError, match="sweep: a why takes no sweep"):
        sim.why(varied)
    assert len(sim.sweep(varied, replications=3).frame) == 2 * len(varied.outcomes)


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"replications": 0}, "replications: must lie in 1 to"),
        ({"replications": -3}, "replications: must lie in 1 to"),
        ({"seed": -1}, "seed: must lie in 0 to"),
        ({"seed": 2**64}, "seed: must lie in 0 to"),
        ({"workers": 0}, "workers: must lie in 1 to 512"),
    ],
)
def test_numbers_out_of_range_are_refused(given: dict[str, int], rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        run(SMALL, **({"replications": 2} | given))


def test_more_replications_than_fit_into_memory_are_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    many = load_scenario(SMALL, over={"ensemble": {"replications": 2_000_000_000}})
    with pytest.raises(InputError, match=r"ensemble\.replications: must lie in 1 to 10000000"):
        run(many, out=tmp_path / "run")
    with pytest.raises(InputError, match="replications: must lie in 1 to 10000000"):
        run(SMALL, replications=10**9, out=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
    assert run(many, replications=2).replications == 2


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("replications", "x", "must be a whole number"),
        ("replications", 1.5, "must be a whole number"),
        ("replications", True, "must be a whole number"),
        ("seed", "x", "must be a whole number"),
        ("workers", "x", "must be a whole number"),
        ("interval_width", "x", "must be a number"),
        ("interval_width", True, "must be a number"),
        ("interval_width", float("nan"), "must lie between 0 and 1"),
    ],
)
def test_what_is_no_number_is_refused(name: str, value: Any, rule: str) -> None:
    with pytest.raises(InputError, match=f"{name}: {rule}"):
        run(SMALL, **({"replications": 2} | {name: value}))


@pytest.mark.slow
def test_numbers_of_numpy_are_taken_as_pythons(tmp_path: Path) -> None:
    given: dict[str, Any] = {"replications": np.int64(3), "seed": np.int64(4)}
    made = run(SMALL, **given, out=tmp_path / "run")
    assert load_run(tmp_path / "run").summary() == made.summary()


@pytest.mark.parametrize("program", ["null", "3", "[]"])
def test_an_altered_record_is_told(program: str, made: tuple[Run, Path], tmp_path: Path) -> None:
    shutil.copytree(made[1], tmp_path / "run")
    path = tmp_path / "run" / "provenance.json"
    record = json.loads(path.read_text()) | {"program": json.loads(program)}
    path.write_text(json.dumps(record))
    with pytest.raises(InputError, match="do not belong together"):
        load_run(tmp_path / "run")


IMPOSSIBLE = [
    *(("seed", v) for v in ("Infinity", "9223372036854775808", "1e300", "5.9", '"5"', "-1")),
    *(("seed", v) for v in ("true", "null", "[]")),
    *(("replications", v) for v in ("Infinity", "NaN", "20.0", "20.9", '"20"', "0", "-20")),
    ("replications", "99999999999"),
    *(("interval_width", v) for v in ('"x"', "[]", "NaN", "Infinity", "1.5", "0", "true")),
    *(("events", v) for v in ('"false"', "0", "null", "[]")),
    *(("executor", v) for v in ("5", "null", "[]", '"abacus"')),
    *(("scenario", v) for v in ("null", "5", "{}")),
    *(("program", v) for v in ("{}", '{"version": 5}')),
]


@pytest.mark.slow
def test_a_record_that_cannot_be_so_is_told(made: tuple[Run, Path], tmp_path: Path) -> None:
    shutil.copytree(made[1], tmp_path / "run")
    path = tmp_path / "run" / "provenance.json"
    record = json.loads(path.read_text())
    for key, value in IMPOSSIBLE:
        path.write_text(json.dumps(record | {key: "@"}).replace('"@"', value))
        with pytest.raises(InputError, match="the run's files do not belong together"):
            load_run(tmp_path / "run")
    path.write_text(json.dumps(record))
    assert load_run(tmp_path / "run").replications == 20  # the control


@pytest.mark.parametrize("content", ["[" * 200_000, '{"a":' * 100_000, " " * 2_000_000, "\ud800"])
def test_a_record_that_is_nested_or_padded_without_end_is_told(
    content: str, made: tuple[Run, Path], tmp_path: Path
) -> None:
    raw = content.encode("utf-8", "surrogatepass")
    shutil.copytree(made[1], tmp_path / "run")
    (tmp_path / "run" / "provenance.json").write_bytes(raw)
    with pytest.raises(InputError, match="the run's files do not belong together"):
        load_run(tmp_path / "run")
    with pytest.raises(InputError, match="the run's files do not belong together"):
        run(SMALL, replications=20, out=tmp_path / "run")
    (tmp_path / "run" / "provenance.json").unlink()
    (tmp_path / "run" / "begun.json").write_bytes(raw)
    with pytest.raises(RunError, match="holds an unfinished run of another model"):
        run(SMALL, replications=20, out=tmp_path / "run")
