"""Inferred noise as a file: what it holds, what it serves, and what is refused."""

from __future__ import annotations

import io
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from micro import doctrine
from pasts import event, told, written
from typed import listing, typed

from sim.ensemble.noise import Noise, _content, check_fits, identity_of, infer_noise, load_noise
from sim.ground.errors import InputError
from sim.ground.files import has_seal
from sim.ground.yaml import dump_yaml
from sim.model.abduction import Inferred
from sim.model.compiling import compile_scenario
from sim.model.tally import Tally
from sim.report.runfolder import NOISE, load_run
from sim.report.runs import run
from sim.scenario.scenario import Scenario

EVENTS = (
    event("cut", "contact_cut", "2021-01", by="USA"),
    event("call", "call_held", "2021-02-10", accounts={"CAN": {"kind": "corridor_talk"}}),
    event("met", "meeting_held", "2021-02-20"),
)
PARTS: dict[str, Any] = {
    "doctrines": {
        "can": doctrine(call=0.0, accept_call=0.5, cut=-1.0, meet=0.0, accept_meet=0.0, tell=0.3),
        "usa": doctrine(call=0.0, accept_call=0.5, cut=-1.0, meet=0.0, accept_meet=0.0, tell=0.3),
        "dove": doctrine(call=2.0, accept_call=2.0),
    },
    "outcomes": {"open": {"type": "share_of_days", "state": "open"}},
    "observe_from": "2021-01-01",
}
CHANGES: dict[str, dict[str, Any]] = {
    "no cut": {"remove": "cut"},
    "no call": {"remove": "call"},
    "a dove": {"let": {"party": "USA", "doctrine": "dove", "from": "2021-01-05"}},
    "a late call": {"move": {"event": "call", "to": "2021-02-15"}},
    "a raid": {
        "insert": event(
            "raid", "escalation", "2021-01-03", severity=0.5, label="raid", by="USA", channel=None
        )
    },
}


def what_if(name: str = "no cut", **parts: Any) -> Scenario:
    return told(*EVENTS, **(PARTS | {"changes": [CHANGES[name]]} | parts))


def inferred(whole: Scenario, seed: int = 3, replications: int = 20) -> Noise:
    return infer_noise(whole, compile_scenario(whole), seed, replications)


def same(left: Tally, right: Tally) -> bool:
    return all(np.array_equal(getattr(left, f.name), getattr(right, f.name)) for f in fields(Tally))


def written_out(noise: Noise) -> str:
    return repr(noise.rows)  # NaN is not equal to itself, and is written alike


# ---------------------------------------------------------------------------------- the file


def test_what_is_saved_is_what_is_read(tmp_path: Path) -> None:
    noise = inferred(what_if())
    noise.save(tmp_path / "noise.parquet")
    again = load_noise(tmp_path / "noise.parquet")
    assert again.identity == noise.identity
    assert written_out(again) == written_out(noise)
    again.save(tmp_path / "again.parquet")
    assert len(set(listing(tmp_path).values())) == 1


def test_replications_without_opportunities_are_kept(tmp_path: Path) -> None:
    lone = Inferred(5, 1, 2, -1, 0.25)
    Noise("x", [[], [lone], []]).save(tmp_path / "noise.parquet")
    assert written_out(load_noise(tmp_path / "noise.parquet")) == repr([[], [lone], []])


def spoilt(content: bytes, how: str) -> bytes:
    frame = pl.read_parquet(io.BytesIO(content))
    about = {"identity": "x", "replications": "20", "model": "3"}
    out = io.BytesIO()
    if how == "cut short":
        return content[: len(content) // 2]
    if how == "another table":
        pl.DataFrame({"a": [1]}).write_parquet(out, metadata=about)
    elif how == "without a name":
        frame.write_parquet(out, metadata={"replications": "20"})
    elif how == "of no number":
        frame.write_parquet(out, metadata=about | {"replications": "many"})
    elif how == "of too few":
        frame.write_parquet(out, metadata=about | {"replications": "3"})
    elif how == "of less than none":
        frame.write_parquet(out, metadata=about | {"replications": "-1"})
    elif how == "of absurdly many":
        frame.write_parquet(out, metadata=about | {"replications": "99999999999"})
    elif how == "rows turned round":
        frame.reverse().write_parquet(out, metadata=about)
    elif how == "a number changed":
        frame.with_columns(do=pl.col("do") * 0.5).write_parquet(out, metadata=about)
    elif how == "rows lost":
        frame.head(-1).write_parquet(out, metadata=about)
    else:
        return b"words"
    return out.getvalue()


@pytest.mark.parametrize(
    "how",
    [
        "words",
        "cut short",
        "another table",
        "without a name",
        "of no number",
        "of too few",
        "of less than none",
        "of absurdly many",
        "rows turned round",
        "a number changed",
        "rows lost",
    ],
)
def test_a_file_that_is_none_is_refused(how: str, tmp_path: Path) -> None:
    path = tmp_path / "noise.parquet"
    inferred(what_if()).save(path)
    load_noise(path)
    path.write_bytes(spoilt(path.read_bytes(), how))
    with pytest.raises(InputError) as caught:
        load_noise(path)
    assert [str(p) for p in caught.value.problems] == [
        f"{path.as_posix()}: is no noise file, or a damaged one"
    ]


def refused(path: Path) -> None:
    with pytest.raises(InputError, match="is no noise file, or a damaged one"):
        load_noise(path)


def test_no_flipped_bit_passes_and_none_ends_in_a_panic(tmp_path: Path) -> None:
    """Polars panics over some of them, which is no `Exception`."""
    path = tmp_path / "noise.parquet"
    inferred(what_if()).save(path)
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << at % 8
        path.write_bytes(flipped)
        try:
            kept = load_noise(path)
        except InputError as error:
            assert "is no noise file, or a damaged one" in str(error)  # noqa: PT017
        else:  # only the seal itself can be lost without a loss
            assert not has_seal(bytes(flipped))
            assert written_out(kept) == written_out(inferred(what_if()))


def test_a_panic_over_a_file_without_a_seal_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def panics(*_: object) -> None:
        raise pl.exceptions.PanicException("index out of bounds")

    (tmp_path / "noise.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr(pl, "read_parquet_metadata", panics)
    refused(tmp_path / "noise.parquet")


@pytest.mark.parametrize(
    "forged",
    [
        {"at_s": 2**62},
        {"at_s": -(2**62)},
        {"stream": 2**40},
        {"stream": -2},
        {"index": 2**40},
        {"fact": -2},
        {"do": 1.5},
        {"accept": -1.0},
        {"tell_b": float("inf")},
    ],
    ids=str,
)
def test_chances_that_no_scenario_can_have_are_refused(
    forged: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "noise.parquet"
    Noise("x", [[replace(Inferred(5, 1, 2, -1, 0.25), **forged)]]).save(path)
    refused(path)


@pytest.mark.parametrize("row", [-1, 1])
def test_rows_of_no_replication_and_nulls_are_refused(row: int, tmp_path: Path) -> None:
    path = tmp_path / "noise.parquet"
    Noise("x", [[Inferred(5, 1, 2, -1, 0.25)]]).save(path)
    frame = pl.read_parquet(path)
    for forged in (
        frame.with_columns(replication=pl.lit(row, pl.Int64)),
        frame.with_columns(do=pl.lit(None, pl.Float64)),
        frame.with_columns(at_s=pl.lit(None, pl.Int64)),
    ):
        about = {"identity": "x", "replications": "1", "model": "3", "content": _content(forged)}
        forged.write_parquet(path, metadata=about)
        refused(path)


@pytest.mark.parametrize("forged", [{"stream": 1000}, {"fact": 1000}], ids=str)
def test_noise_of_what_a_scenario_does_not_have_is_refused(forged: dict[str, int]) -> None:
    noise = inferred(what_if())
    row = [replace(i, **forged) for i in noise.rows[0]]
    with pytest.raises(InputError, match="names a stream or an event that the scenario does not"):
        check_fits(replace(noise, rows=[row, *noise.rows[1:]]), what_if(), 3, 20)


@pytest.mark.parametrize("model", [None, "1", "2"])
def test_noise_that_another_model_kept_is_refused(model: str | None, tmp_path: Path) -> None:
    path = tmp_path / "noise.parquet"
    inferred(what_if()).save(path)
    about = pl.read_parquet_metadata(path)
    assert about.pop("model") == "3"
    about.pop("ARROW:schema", None)
    about.pop("seal")
    kept = about if model is None else about | {"model": model}
    pl.read_parquet(path).write_parquet(path, metadata=kept)
    with pytest.raises(
        InputError, match=r"was kept by another model than this one, 3 \(got [12]\)"
    ):
        load_noise(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_noise(tmp_path / "noise.parquet")


# ---------------------------------------------------------------------------------- what it serves


@pytest.mark.parametrize("name", CHANGES)
def test_one_noise_serves_every_what_if_over_its_history(name: str) -> None:
    """To the last number of the tally as if it had been inferred for it; so what it does not hang
    on is what is changed."""
    noise = inferred(what_if("no cut"))
    whole = what_if(name)
    over = run(whole, replications=20, seed=3, noise=noise)
    assert over.executor == "world"
    assert same(over.tally, run(whole, replications=20, seed=3).tally)
    assert written_out(noise) == written_out(inferred(whole))


def test_control_another_noise_gives_another_run() -> None:
    noise = inferred(what_if())
    turned = replace(noise, rows=[*noise.rows[1:], noise.rows[0]])
    over = run(what_if(), replications=20, seed=3, noise=turned)
    assert not same(over.tally, run(what_if(), replications=20, seed=3).tally)


def test_of_more_noise_the_first_is_used() -> None:
    noise = inferred(what_if(), replications=30)
    over = run(what_if(), replications=20, seed=3, noise=noise)
    assert same(over.tally, run(what_if(), replications=20, seed=3).tally)


def test_a_run_keeps_its_noise(tmp_path: Path) -> None:
    run(what_if(), replications=20, seed=3, out=tmp_path / "run", keep_noise=True)
    kept = load_noise(tmp_path / "run" / NOISE)
    assert written_out(kept) == written_out(inferred(what_if()))
    assert load_run(tmp_path / "run").replications == 20
    run(what_if(), replications=20, seed=3, out=tmp_path / "bare")
    assert not (tmp_path / "bare" / NOISE).exists()


@pytest.mark.parametrize("how", ["junk", "a bit", "another seed", "too few", "too many"])
def test_noise_in_a_finished_folder_that_is_not_its_own_is_inferred_anew(
    how: str, tmp_path: Path
) -> None:
    folder, path = tmp_path / "run", tmp_path / "run" / NOISE
    given: dict[str, Any] = {"replications": 20, "seed": 3, "out": folder, "keep_noise": True}
    run(what_if(), **given)
    whole, before = path.read_bytes(), path.stat().st_ino
    run(what_if(), **given)
    assert path.stat().st_ino == before  # the control: what is whole stays
    if how == "junk":
        path.write_bytes(b"junk")
    elif how == "a bit":
        path.write_bytes(bytes([whole[0], whole[1], whole[2], whole[3], whole[4] ^ 1]) + whole[5:])
    elif how == "another seed":
        inferred(what_if(), seed=4).save(path)
    else:
        inferred(what_if(), replications=19 if how == "too few" else 21).save(path)
    assert path.read_bytes() != whole
    run(what_if(), **given)
    assert path.read_bytes() == whole


def test_it_tells_how_far_it_is() -> None:
    seen: list[tuple[int, int]] = []
    whole = what_if()
    infer_noise(whole, compile_scenario(whole), 3, 3, lambda *at: seen.append(at))
    assert seen == [(1, 3), (2, 3), (3, 3)]


# ---------------------------------------------------------------------------------- what fits


def test_it_does_not_hang_on_what_is_changed_or_asked() -> None:
    one = identity_of(what_if(), 3)
    assert {identity_of(what_if(n), 3) for n in CHANGES} == {one}
    assert identity_of(what_if(outcomes={}), 3) == one
    assert identity_of(what_if(observe_from=None), 3) == one
    assert identity_of(what_if(title="Another"), 3) == one


@pytest.mark.parametrize(
    "parts",
    [
        {"rates_per_day": {"call": 0.11}},
        {"coupling": "shared"},
        {"complete_from": "2021-01-02"},
        {"until": "2021-03-30"},
        {"forums": {"summit": {"date": "2021-01-30"}}},
        {"parties": {"CAN": {"doctrine": "can"}, "USA": {"doctrine": "dove"}}},
        {"channels": {"can-usa/ministers": {"initial": "corridor"}}},
    ],
    ids=lambda p: next(iter(p)),
)
def test_it_hangs_on_history_and_model(parts: dict[str, Any]) -> None:
    other = what_if(**parts)
    assert identity_of(other, 3) != identity_of(what_if(), 3)
    with pytest.raises(InputError, match="was inferred from another history, model or seed"):
        check_fits(inferred(what_if()), other, 3, 5)


def test_it_hangs_on_the_seed_and_on_the_number() -> None:
    noise = inferred(what_if())
    check_fits(noise, what_if("a dove"), 3, 20)
    with pytest.raises(InputError, match="was inferred from another history, model or seed"):
        check_fits(noise, what_if(), 4, 20)
    with pytest.raises(InputError) as caught:
        check_fits(noise, what_if(), 3, 21)
    assert [str(p) for p in caught.value.problems] == [
        "noise: must hold at least 21 replications (got 20)"
    ]


@pytest.mark.parametrize("option", ["noise", "keep_noise"])
def test_only_a_what_if_has_noise(option: str, tmp_path: Path) -> None:
    given: Any = {"noise": inferred(what_if()), "keep_noise": True}
    plain = what_if().model_copy(update={"changes": ()})
    with pytest.raises(InputError, match="only a what-if infers noise and runs over it"):
        run(plain, replications=2, out=tmp_path / "run", **{option: given[option]})
    assert list(tmp_path.iterdir()) == []


def test_noise_is_kept_in_a_folder() -> None:
    with pytest.raises(InputError, match="keep_noise: needs a folder"):
        run(what_if(), replications=2, keep_noise=True)


# ---------------------------------------------------------------------------------- by command


def test_the_command_keeps_noise_and_runs_over_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("no cut", "a dove"):
        whole = written(*EVENTS, **(PARTS | {"changes": [CHANGES[name]]}))
        (tmp_path / f"{name[-4:].strip()}.yaml").write_text(dump_yaml(whole), encoding="utf-8")
    line = ("-n", 8, "--seed", 3)
    first = typed(capsys, "run", "cut.yaml", *line, "--keep-noise", "--out", "kept")
    assert (first.code, first.err) == (0, "")
    over = ("--noise", "kept/noise.parquet")
    second = typed(capsys, "run", "dove.yaml", *line, *over, "--out", "over")
    assert (second.code, second.err) == (0, "")
    third = typed(capsys, "run", "dove.yaml", *line, "--executor", "world", "--out", "anew")
    assert third.code == 0
    assert listing(tmp_path / "over") == listing(tmp_path / "anew")
    short = typed(capsys, "run", "dove.yaml", "-n", 9, "--seed", 3, *over, "--out", "short")
    assert (short.code, short.out) == (2, "")
    assert short.complaints == ["noise: must hold at least 9 replications (got 8)"]
    assert not (tmp_path / "short").exists()
