"""What is said of a fit: worlds beside the record, residuals, later months, its folder."""

from __future__ import annotations

import json
import math
import re
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fits import sealed
from hypothesis import given
from hypothesis import strategies as st
from learned import lived, setting
from micro import CHANNEL
from pasts import detained, event, told
from scipy.stats import kstest
from test_likelihood import busy
from typed import unlike
from typer.testing import CliRunner

from sim.cli.app import app
from sim.ground.checking import check
from sim.ground.columns import TABLES, columns_of
from sim.ground.dates import DAY_S, day, parse
from sim.ground.errors import InputError, RunError
from sim.ground.version import MODEL_VERSION
from sim.ground.yaml import document_of
from sim.hindcast.comparing import Line
from sim.hindcast.hindcasting import DOCTRINES, SIMULATOR
from sim.hindcast.look import look_beyond
from sim.hindcast.scores import Scores
from sim.learning import decision_points
from sim.learning.arrays import prior_of, rows_of
from sim.learning.design import design_of
from sim.learning.fitting import Fit, beside, fit_of, set_up
from sim.learning.folder import draws_frame, holds, write_design, write_fit, written_whole
from sim.learning.mode import find_mode
from sim.learning.paths import state_at
from sim.learning.predicting import COUNTED, given_world, predict, predicted_rows, record_numbers
from sim.learning.residuals import ALL, residuals
from sim.learning.table import design_frame, feature_columns
from sim.log.log import STATES
from sim.report.learned import account, save_learned, weight_rows
from sim.report.learned_words import looked, surprised
from sim.rules.features import FEATURES
from sim.scenario.doctrine import DoctrinePrior
from sim.scenario.fit import load_fit
from sim.scenario.resolve import resolved_text
from sim.scenario.scenario import Scenario

pytestmark = pytest.mark.usefixtures("drawn_never")

WORDS = """biases slopes act tell accept cut shock centre spread sign reason kind schema draws
weights model x"""
KEYS = st.sampled_from(WORDS.split())


@pytest.fixture(scope="module")
def history() -> Scenario:
    """Three months of a busy world."""
    return lived(setting(until="2021-03-31"), 3)


@pytest.fixture(scope="module")
def fit(history: Scenario) -> Fit:
    return fit_of(set_up(history), workers=1)


# ------------------------------------------------------------------------------ the table


def test_a_design_is_a_table_with_words_for_each_column(history: Scenario) -> None:
    design = design_of(history)
    table = design_frame(design)
    words = columns_of("design.parquet", table.columns, feature_columns(design.scenario))
    assert table.columns == [*(c.name for c in TABLES["design.parquet"]), *FEATURES]
    assert all(len(w.meaning) > 10 for w in words)
    exposed = table.filter(pl.col("kind") == "exposure")
    assert exposed["term"].n_unique() == len(design.exposures)
    shown = table.filter(pl.col("kind") != "exposure")
    assert shown["term"].n_unique() == len(design.shown)
    assert table["bias"].unique().to_list() == [1.0]
    acts = exposed.filter(pl.col("decision").str.starts_with("act."))
    assert acts["weight"].sum() == pytest.approx(sum(e.weight for e in design.exposures))


# ------------------------------------------------------------------------------ worlds


def test_worlds_are_given_what_no_party_decided() -> None:
    history = told(
        detained("arrest", "2021-01-05"),
        event("call", "call_held", "2021-01-20", by="CAN"),
        event("war", "escalation", "2021-02-01/2021-02-03", severity=0.5, label="x", channel=None),
        event("word", "statement", "2021-02-06"),
        doctrines=busy({"can": {"bias": 0.0}, "usa": {"bias": 0.0}}),
    )
    given = given_world(design_of(history))
    assert [c.insert.id for c in given.changes if c.insert] == ["arrest", "war"]
    assert given.as_of == "2020-12-31"
    assert given.until == "2021-02-28"
    assert given.changes[1].insert is not None
    assert given.changes[1].insert.date == "2021-02-02T12:00:00Z"  # the middle of its span


def test_the_record_has_its_own_numbers() -> None:
    history = told(
        event("call", "call_held", "2021-01-20", by="CAN"),
        event("cut", "contact_cut", "2021-02-03", by="USA"),
        doctrines=busy({"can": {"bias": 0.0}, "usa": {"bias": 0.0}}),
    )
    (numbers,) = record_numbers(design_of(history))
    counted = dict(zip(COUNTED, numbers, strict=False))
    assert {k for k, n in counted.items() if n} == {"call_held", "contact_cut"}
    silence, shares = numbers[len(COUNTED)], numbers[len(COUNTED) + 1 :]
    assert silence == pytest.approx(39.5)  # from noon of 20 January to the end of February
    assert shares[STATES.index("open")] == pytest.approx(33.5 / 59)
    assert shares[STATES.index("cut_off")] == pytest.approx(25.5 / 59)


def test_worlds_of_the_truth_look_like_the_record(fit: Fit) -> None:
    """Of a record that the model made, most numbers lie among those of its own worlds."""
    found = predicted_rows(predict(fit, worlds=40))
    assert len(found) == len(COUNTED) + 1 + len(STATES)
    inside = [r["prior_q05"] <= r["record"] <= r["prior_q95"] for r in found]
    assert sum(inside) >= len(found) - 3
    assert predicted_rows(predict(fit, worlds=40)) == found  # the same seed


# ------------------------------------------------------------------------------ residuals


def test_gaps_of_a_world_of_the_model_are_even(fit: Fit) -> None:
    found = {r.what: r for r in residuals(fit)}
    every = found[ALL]
    assert len(every.gaps) > 20
    assert every.p_gaps is not None
    assert every.p_gaps > 0.01
    assert every.came == pytest.approx(sum(r.came for r in found.values() if r is not every))
    assert every.p_count > 0.01


def test_control_a_fit_that_expects_too_little_is_seen(history: Scenario, fit: Fit) -> None:
    slow = fit.draws.weights.copy()
    biases = [p for p, name in enumerate(fit.parameters.names) if name.endswith(".bias")]
    slow[..., biases] -= 1.5
    found = residuals(replace(fit, draws=replace(fit.draws, weights=slow)))[-1]
    assert found.p_count < 1e-3
    assert kstest(found.even, "uniform").pvalue < 0.05


# ------------------------------------------------------------------------------ out of sample


def test_a_path_says_what_held_at_an_instant() -> None:
    start = parse("2020-01-01").lo_s
    path = tuple((start + days * DAY_S, state) for days, state in ((0, 0), (100, 1), (150, 0)))
    assert state_at(path, start + 120 * DAY_S) == 1
    assert state_at(path, start - 1) == 0


def test_without_later_months_nothing_is_looked_at(fit: Fit) -> None:
    assert look_beyond(fit) is None


def test_the_page_says_first_what_beats_the_fit() -> None:
    def line(forecaster: str, score: float, ahead: float = 0.0) -> Line:
        scores = Scores(score, 0.5, 0.5, 0.5)
        inside = (ahead - 0.2, ahead + 0.2)
        return Line("state", 1, forecaster, 10, scores, -1.0, -0.1, ahead, inside, None)

    mine, chain = line(SIMULATOR, -0.5), line("markov", -0.7, 0.2)
    lines = [mine, line(DOCTRINES, -0.6, 0.1), line("persistence", -0.4, -0.1), chain]
    assert looked(lines) == [
        "Out of sample the fitted weights are beaten by persistence (state at 1 month): in 1 of 3 "
        "comparisons.",
        "None of these differences is beyond what resampling calls luck.",
    ]
    assert looked([mine, line("persistence", -0.1, -0.4)]) == [
        "Out of sample the fitted weights are beaten by persistence (state at 1 month): in 1 of 1 "
        "comparisons.",
    ]
    assert "beat every rival" in looked([mine, chain])[0]
    assert looked([]) == []


# ------------------------------------------------------------------------------ refusals unseen


def test_what_is_not_reported_bends_acceptance() -> None:
    """The more refusals go unreported, the lower the biases of acceptance of a record that holds
    none."""
    calls = [event(f"c{n}", "call_held", f"2021-01-{n:02d}", by="CAN") for n in range(2, 28, 2)]
    history = told(*calls, doctrines=busy({"can": {"bias": 0.0}, "usa": {"bias": 0.0}}))
    found = beside(fit_of(set_up(history, reporting=0.5), workers=1))
    names = set_up(history).parameters.names
    bias = names.index("USA.accept.call.bias")
    values = [b.weights[bias] for b in found]
    assert [b.reporting for b in found] == [0.1, 0.5, 1.0]
    assert values == sorted(values)
    assert values[-1] - values[0] > 0.1


# ------------------------------------------------------------------------------ the folder


@pytest.fixture(scope="module")
def folder(fit: Fit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("fits") / "fit"
    save_learned(account(fit), place)
    return place


@pytest.mark.slow
def test_a_folder_holds_what_the_documents_say(fit: Fit, folder: Path) -> None:
    names = {p.name for p in folder.iterdir()}
    assert names == {
        *("fit.json", "draws.parquet", "scenario.yaml", "report.html", "figures"),
        *("weights.csv", "record-beside-worlds.csv", "residuals.csv", "columns.csv"),
        *("weights.md", "weights.tex", "datapackage.json"),
    }
    frame = pl.read_parquet(folder / "draws.parquet")
    assert frame.columns == ["chain", "draw", "log_prior", "log_likelihood", *fit.parameters.names]
    assert "CAN.act.call.grievance" in frame.columns
    assert len(frame) == 4_000
    saved = load_fit(folder)
    assert saved.names == fit.parameters.names
    assert saved.weights.tobytes() == fit.pooled.tobytes()
    assert saved.log_priors == pytest.approx(fit.log_priors.ravel())
    record = saved.record
    assert (record["schema"], record["kind"], record["model"]) == (1, "fit", MODEL_VERSION)
    assert record["history"] == {"from": "2021-01-01", "until": "2021-03-31"}
    assert record["channels"] == [CHANNEL]
    assert [w["weight"] for w in record["weights"]] == list(fit.parameters.names)
    assert not list(folder.parent.glob(".*"))


def test_the_page_names_what_it_shows(fit: Fit, folder: Path) -> None:
    html = (folder / "report.html").read_text()
    for words in (
        "What moved",
        "Refusals that nobody reports",
        "The chains",
        "What the record does",
    ):
        assert words in html
    assert weight_rows(fit)[0]["weight"] in html
    assert html.count("<script") == 1  # the page's own


@pytest.mark.slow
def test_a_column_may_be_empty_in_the_first_hundred_rows(
    fit: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the weights that moved most, a hundred may have no sign, and the next one has."""
    rows = [row for row in weight_rows(fit) if row["sign"] is None]
    rows = [rows[n % len(rows)] for n in range(101)]
    rows.append(rows[0] | {"sign": "positive"})
    monkeypatch.setattr("sim.report.learned.weight_rows", lambda _: rows)
    save_learned(account(fit), tmp_path / "fit")
    signs = pl.read_csv(tmp_path / "fit" / "weights.csv", infer_schema_length=None)["sign"]
    assert signs.to_list() == [None] * 101 + ["positive"]


def test_draws_are_thinned_evenly(fit: Fit) -> None:
    kept = draws_frame(fit, 500)
    assert len(kept) == 500
    assert kept["draw"].to_list()[:3] == [0, 8, 16]
    assert kept["chain"].unique().to_list() == [0, 1, 2, 3]


def test_equal_fits_write_equal_bytes(fit: Fit, tmp_path: Path) -> None:
    for name in ("one", "two"):
        with written_whole(tmp_path / name) as within:
            write_fit(fit, within)
    for name in ("fit.json", "draws.parquet"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_folder_knows_its_own_fit(fit: Fit, history: Scenario, folder: Path) -> None:
    record = load_fit(folder).record
    assert holds(record, fit.setup, None)
    assert not holds(record, set_up(history, seed=99), None)
    assert not holds(record, set_up(history, reporting=0.5), None)
    assert not holds(record, fit.setup, 500)


def test_what_fails_half_way_leaves_nothing(tmp_path: Path) -> None:

    def fail(within: Path) -> None:
        (within / "some").write_text("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), written_whole(tmp_path / "fit") as within:
        fail(within)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "held").mkdir()
    (tmp_path / "held" / "mine").write_text("mine")
    with pytest.raises(RunError, match="holds something already"), written_whole(tmp_path / "held"):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["held"]


def broken(folder: Path, target: Path, change: Any) -> str:
    """What loading says of a fit whose record or draws were changed."""
    shutil.copytree(folder, target)
    record = json.loads((target / "fit.json").read_text())
    change(target, record)
    sealed(target, record)
    with pytest.raises(InputError) as caught:
        load_fit(target)
    return str(caught.value)


def test_broken_fits_are_refused(folder: Path, tmp_path: Path) -> None:
    def redrawn(target: Path, record: dict[str, Any], change: Any) -> None:
        frame = change(pl.read_parquet(target / "draws.parquet"))
        frame.write_parquet(target / "draws.parquet")
        content = (target / "draws.parquet").read_bytes()
        record["draws"]["sha256"] = sha256(content).hexdigest()

    def far(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(pl.lit(50.5).alias("USA.acknowledge.bias"))

    cases: dict[str, tuple[Any, str]] = {
        "other model": (lambda t, r: r.update(model=2), "must be a fit of model 6"),
        "no kind": (lambda t, r: r.pop("kind"), "must be a fit's record"),
        "schema": (lambda t, r: r.update(schema=7), r"schema: must be 1 (got 7)"),
        "changed draws": (
            lambda t, r: (t / "draws.parquet").write_bytes(b"PAR1"),
            "is not the file that fit.json names",
        ),
        "far": (lambda t, r: redrawn(t, r, far), "USA.acknowledge.bias: must lie within 50 of 0"),
        "fewer": (
            lambda t, r: redrawn(t, r, lambda f: f.drop("USA.acknowledge.bias")),
            "cannot be read",
        ),
        "empty": (lambda t, r: redrawn(t, r, lambda f: f.head(0)), "must hold 1 to 40,000 draws"),
        "infinite": (
            lambda t, r: redrawn(t, r, lambda f: f.with_columns(log_prior=pl.lit(math.inf))),
            "must be finite",
        ),
        "weights": (lambda t, r: r.update(weights=[1]), "must be a weight of a party"),
        "words": (
            lambda t, r: redrawn(t, r, lambda f: f.with_columns(log_prior=pl.lit("much"))),
            "cannot be read",
        ),
        "twice": (lambda t, r: r.update(weights=r["weights"][:1] * 2), "must be a weight"),
        "no draws": (lambda t, r: r.update(draws=7), "must name draws.parquet"),
    }
    for name, (change, said) in cases.items():
        assert said in broken(folder, tmp_path / name.replace(" ", "-"), change), name
    with pytest.raises(InputError, match="must be the folder of a fit"):
        load_fit(tmp_path / "nowhere")


# ------------------------------------------------------------------------------ commands


@pytest.fixture(scope="module")
def written(history: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenarios") / "busy.yaml"
    path.write_text(resolved_text(history))
    return path


def test_design_writes_a_folder(written: Path, tmp_path: Path) -> None:
    out = tmp_path / "design"
    done = CliRunner().invoke(app, ["design", str(written), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["weights"] == 56
    assert {p.name for p in out.iterdir()} == {
        *("design.parquet", "columns.csv", "weights.csv", "scenario.yaml", "design.json"),
        "datapackage.json",
    }
    assert len(pl.read_csv(out / "weights.csv")) == 56
    setup = set_up(lived(setting(until="2021-01-20"), 4))
    with pytest.raises(RunError, match="holds something already"):
        write_design(setup, out)


@pytest.mark.slow
def test_learn_writes_a_folder_and_opens_it_again(written: Path, tmp_path: Path) -> None:
    out = tmp_path / "fit"
    command = ["learn", str(written), "--until", "2021-03-10", "--out", str(out), "--keep", "40"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "Variance lost" in done.stdout
    assert len(pl.read_parquet(out / "draws.parquet")) == 40
    before = (out / "fit.json").stat().st_mtime_ns
    again = CliRunner().invoke(app, command)
    assert again.exit_code == 0, again.output
    assert (out / "fit.json").stat().st_mtime_ns == before
    other = CliRunner().invoke(app, [*command, "--seed", "5"])
    assert isinstance(other.exception, RunError)


@pytest.mark.slow
def test_a_fit_is_made_again_by_its_own_command(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "prior.yaml").write_text("biases: 0.4\nreason: A try.\n", encoding="utf-8")
    words = ["--until", "2021-03-10", "--prior", str(tmp_path / "prior.yaml"), "--seed", "3"]
    done = CliRunner().invoke(app, ["learn", str(written), *words, "--out", str(tmp_path / "fit")])
    assert done.exit_code == 0, done.output
    monkeypatch.chdir(tmp_path / "fit")
    command = json.loads(Path("fit.json").read_text(encoding="utf-8"))["command"]
    again = CliRunner().invoke(app, [*command[1:], "--out", str(tmp_path / "again")])
    assert again.exit_code == 0, again.output
    assert unlike(tmp_path / "again", tmp_path / "fit") == []


def refusal(scenario: Scenario, **how: Any) -> str:
    with pytest.raises(InputError) as caught:
        set_up(scenario, **how)
    return str(caught.value)


def test_bad_input_is_refused_with_a_reason(history: Scenario) -> None:
    doctrines = busy({"can": {"bias": 0.0}, "usa": {"bias": 0.0}})
    call = event("call", "call_held", "2021-02-03", by="CAN")
    some = told(call, doctrines=doctrines)
    assert refusal(some, reporting=0.0).startswith("--reporting: must be above 0 and at most 1")
    assert "(got 1.5)" in refusal(some, reporting=1.5)
    assert "(got nan)" in refusal(some, reporting=math.nan)
    nothing = told(event("word", "statement", "2021-01-05"), doctrines=doctrines)
    assert "as_of: must have a decision before it" in refusal(nothing)
    assert refusal(some, until="2021-01-20").startswith("--until: must have a decision before it")
    assert "complete_from: must not lie after the as-of date" in refusal(some, until="2020-12-31")
    later = told(call, doctrines=doctrines, as_of="2021-01-31", complete_from=None)
    assert "as_of: must lie after the day from which the history is complete" in refusal(later)
    no_rates = dict.fromkeys(("meet", "call", "raise_detainees", "cancel", "cut", "swap"), 0.0)
    silent = told(call, doctrines=doctrines, rates_per_day=no_rates)
    assert "call: the model cannot produce this event: no stream" in refusal(silent)
    idle = told(
        event("word", "statement", "2021-01-05"), doctrines=doctrines, rates_per_day=no_rates
    )
    assert "no opportunity lies in the history" in refusal(idle)
    cancelled = told(event("off", "meeting_cancelled", "2021-02-03", by="CAN"), doctrines=doctrines)
    assert "off: the model cannot produce this event: no meeting was agreed" in refusal(cancelled)
    changed = told(call, doctrines=doctrines, changes=[{"remove": "call"}])
    assert "changes: must be empty" in refusal(changed)
    assert refusal(some, until="2021-02-31").startswith("--until: names a day or a time that does")
    assert refusal(some, until="2199-12-31").startswith("--until: the year must lie in")
    assert "history: is required: it is what" in refusal(setting())
    month = told(event("call", "call_held", "2021-02", by="CAN"), doctrines=doctrines)
    assert refusal(month, until="2021-02-10").startswith("--until: must have a decision before it")


def test_what_lies_across_the_last_day_is_settled_as_in_a_hindcast() -> None:
    """It is left out, but for what had happened since its effects had; so with the later month as
    with none."""
    first = event("first", "call_held", "2021-01-10", by="CAN")
    across = event("across", "call_held", "2021-02", by="CAN")
    effect = event("effect", "call_held", "2021-02-07", by="USA", causes=["across"])
    open_ = design_of(told(first, across), "2021-02-10")
    assert open_.program.facts.ids == ("first",)
    found = design_of(told(first, across, effect), "2021-02-10")
    assert sorted(found.program.facts.ids) == ["across", "effect", "first"]
    ends_s = found.program.facts.hi_s[found.program.facts.ids.index("across")]
    assert day(int(ends_s) - 1).isoformat() <= "2021-02-10"
    with pytest.raises(InputError, match="must lie wholly before or wholly after"):
        design_of(told(first, across, as_of="2021-02-10"))  # the author's own day


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, JSON, max_size=5))
def test_any_prior_is_read_or_refused(data: dict[str, Any]) -> None:
    try:
        found = check(DoctrinePrior, document_of(data, "prior.yaml"))
    except InputError:
        return
    assert isinstance(found.over(DoctrinePrior()), DoctrinePrior)


@given(JSON)
def test_any_record_is_refused(folder: Path, tmp_path_factory: Any, record: Any) -> None:
    place = tmp_path_factory.mktemp("odd")
    (place / "draws.parquet").symlink_to(folder / "draws.parquet")
    (place / "fit.json").write_text(json.dumps(record))
    with pytest.raises(InputError):
        load_fit(place)


def test_a_history_that_asks_too_much_is_refused(
    history: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision_points, "MAX_QUESTIONS", 100)
    assert "history: must not ask more than" in refusal(history)


def test_an_odd_record_is_called_odd() -> None:
    predicted = [{"what": "calls", "record": 40.0, "posterior_median": 9.0, "surprise": 0.01}]
    came = [
        {"what": "USA call", "came": 9.0, "expected": 2.0, "p_count": 0.001, "p_gaps": None},
        {"what": ALL, "came": 9.0, "expected": 2.0, "p_count": 0.001, "p_gaps": 0.01},
    ]
    said = surprised(predicted, came)
    assert said[0] == (
        "Worlds of the fit do not look like the record in: calls (40 in the record, 9 in the "
        "middle world)."
    )
    assert "USA call (9.0 came, 2.0 expected)" in said[1]
    assert "p = 0.010" in said[2]
    calm: list[dict[str, Any]] = [came[1] | {"p_gaps": 0.5}]
    assert surprised([predicted[0] | {"surprise": 0.4}], calm) == []


def test_the_documents_snippet_finds_the_same_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a record with an unknown initiator, a forum and bursts."""
    history = lived(setting(until="2021-02-20"), 6)
    assert history.history is not None
    events = [
        e.model_copy(update={"by": None}) if e.kind == "call_held" else e
        for e in history.history.events
    ]
    blurred = history.history.model_copy(update={"events": tuple(events)})
    setup = set_up(history.model_copy(update={"history": blurred}))
    write_design(setup, tmp_path / "design")
    text = (Path(__file__).parents[2] / "docs" / "learning.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    here: dict[str, Any] = {}
    exec(snippet, here)
    rows = rows_of(setup.design, setup.parameters, 1.0)
    mode = find_mode(rows, prior_of(setup.parameters))
    assert list(here["mode"]) == list(setup.parameters.names)
    assert [*here["mode"].values()] == pytest.approx(mode.weights.tolist(), abs=1e-4)
    assert max(map(len, (s.alternatives for s in setup.design.shown))) > 1
