"""Every event of every replication, in Parquet: what the columns say, and how files are kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from micro import CHANNEL, doctrine
from pasts import detained, event, told
from typed import listing

from sim.ensemble import ensemble as ensembles
from sim.ensemble import eventfile
from sim.ensemble.eventfile import FOLDER, TELLINGS, events_table, write_events
from sim.ensemble.settings import Settings
from sim.ground.version import MODEL_VERSION
from sim.log.events import KINDS
from sim.model.compiled_scenario import NO_TIME, CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.eventtable import events_of_world, join
from sim.model.replication import replicate
from sim.model.situation import Situation
from sim.report.runs import run
from sim.scenario.scenario import Scenario

pytestmark = pytest.mark.usefixtures("drawn_never")

EVEN = doctrine(
    call=0.0, accept_call=0.0, cut=-1.0, meet=0.0, accept_meet=1.0, approach=1.0, cancel=0.0,
    accept_approach=0.0, swap=0.0, accept_swap=0.0, raise_detainees=0.0, accept_raise_detainees=0.0,
    acknowledge=0.0,
)  # fmt: skip


def lively(**parts: Any) -> Scenario:
    return told(
        event("quarrel", "contact_refused", "2021-01-10", by="USA"),
        detained("arrest", "2021-01-22", by="CAN"),
        event("raid", "escalation", "2021-01-25", severity=0.5, label="raid", channel=None),
        doctrines={"can": EVEN, "usa": EVEN},
        forums={"summit": {"date": "2021-03-10"}, "assembly": {"date": "2021-03-20"}},
        world={"raids": {"kind": "escalation", "rate_per_day": 0.1, "by": "USA"}},
        **parts,
    )


@pytest.fixture(scope="module")
def compiled() -> CompiledScenario:
    return compile_scenario(lively())


def run_of(program: CompiledScenario, replications: int) -> list[Situation]:
    return [replicate(program, 3, r).situation for r in range(replications)]


def frame_of(program: CompiledScenario, replications: int = 30) -> pl.DataFrame:
    tables = (events_of_world(s, r) for r, s in enumerate(run_of(program, replications)))
    return events_table(program, join(tables))


def named(names: tuple[str, ...], code: int) -> str | None:
    return names[code] if code >= 0 else None


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_rows_are_what_happened_by_names(compiled: CompiledScenario) -> None:
    expected = []
    for r, situation in enumerate(run_of(compiled, 30)):
        for h in situation.happenings:
            kind = KINDS[h.kind]
            told_ = kind in ("meeting_held", "call_held", "corridor_talk")
            agreed = kind == "meeting_agreed" and h.meeting_s != NO_TIME
            expected.append(
                {
                    "replication": r,
                    "time": at(h.at_s),
                    "kind": kind,
                    "channel": named(compiled.channels.names, h.channel),
                    "by": named(compiled.parties, h.by),
                    "confined": bool(h.confined),
                    "told_a": TELLINGS[h.told[0]] if told_ else None,
                    "told_b": TELLINGS[h.told[1]] if told_ else None,
                    "severity": h.severity if "escalation" in kind else None,
                    "persons": h.persons,
                    "national_of": named(compiled.parties, h.national),
                    "held_by": named(compiled.parties, h.holder),
                    "meeting": at(h.meeting_s) if agreed else None,
                    "cause": h.cause if h.cause >= 0 else None,
                    "forum": named(compiled.forums.names, h.forum),
                    "stream": named(compiled.streams.names, h.stream),
                    "id": named(compiled.facts.ids, h.fact),
                }
            )
    found = frame_of(compiled)
    assert found.to_dicts() == expected
    seen = set(found["kind"])
    assert {"call_held", "corridor_talk", "meeting_agreed", "escalation", "released"} <= seen


def test_nothing_to_say_is_null_and_never_a_code(compiled: CompiledScenario) -> None:
    frame = frame_of(compiled)
    for column in ("channel", "by", "told_a", "severity", "meeting", "cause", "forum", "id"):
        assert 0 < frame[column].null_count() < frame.height, column
    talks = frame.filter(pl.col("kind") == "corridor_talk")
    assert talks["forum"].null_count() == 0
    assert set(talks["told_a"]) <= {"as it was", "denied"}
    assert set(frame.filter(pl.col("kind") == "call_held")["told_b"]) <= set(TELLINGS)
    assert frame.filter(pl.col("id") == "raid")["severity"].unique().to_list() == [0.5]
    assert frame["severity"].is_nan().sum() == 0
    agreed = frame.filter(pl.col("kind") == "meeting_agreed")
    assert (agreed["meeting"] > agreed["time"]).all()


def test_a_cause_is_a_row_of_the_same_replication(compiled: CompiledScenario) -> None:
    frame = frame_of(compiled)
    for (_,), rows in frame.group_by("replication"):
        for n, cause in enumerate(rows["cause"]):
            if cause is not None:
                assert cause < n
                pair = (rows["kind"][cause], rows["kind"][n])
                assert pair in {
                    ("meeting_agreed", "meeting_held"),
                    ("meeting_agreed", "meeting_cancelled"),
                    ("swap_proposed", "released"),
                    ("swap_proposed", "swap_refused"),
                }


def test_times_before_1970_and_an_empty_run() -> None:
    dates = {"as_of": "1955-07-31", "until": "1955-08-31", "complete_from": None}
    history = lively(**dates).model_copy(update={"history": None, "forums": {}})
    frame = frame_of(compile_scenario(history), 5)
    assert frame["time"].min() >= datetime(1955, 8, 1, tzinfo=UTC)
    quiet = told(as_of="2021-01-01", until="2021-01-02", complete_from=None)
    empty = frame_of(compile_scenario(quiet), 3)
    assert empty.height == 0
    assert empty.schema == frame.schema


# ---------------------------------------------------------------------------------- files


def test_files_hang_on_neither_executor_nor_workers_nor_chunks(
    compiled: CompiledScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventfile, "BLOCK", 10)
    write_events(compiled, tmp_path / "one", Settings(25, 3, executor="reference", workers=1))
    monkeypatch.setitem(ensembles.CHUNKS, "kernel", 7)
    write_events(compiled, tmp_path / "two", Settings(25, 3, workers=2))
    assert listing(tmp_path / "one") == listing(tmp_path / "two")
    assert sorted(listing(tmp_path / "one")) == [
        f"{FOLDER}/{first:08d}-{last:08d}.parquet" for first, last in ((0, 9), (10, 19), (20, 24))
    ]
    frame = pl.read_parquet(tmp_path / "one" / FOLDER / "*.parquet")
    assert frame.equals(frame_of(compiled, 25))
    write_events(compiled, tmp_path / "other", Settings(25, 4))
    assert listing(tmp_path / "other") != listing(tmp_path / "one")  # the control: another seed


def test_finished_blocks_are_kept_and_strays_of_another_length_are_removed(
    compiled: CompiledScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventfile, "BLOCK", 10)
    write_events(compiled, tmp_path, Settings(25, 3))
    first = tmp_path / FOLDER / "00000000-00000009.parquet"
    kept = first.stat().st_ino
    (tmp_path / FOLDER / "00000010-00000019.parquet").unlink()
    seen: list[tuple[int, int]] = []
    write_events(compiled, tmp_path, Settings(22, 3, workers=1, progress=lambda *x: seen.append(x)))
    names = sorted(p.name for p in (tmp_path / FOLDER).iterdir())
    assert names == [
        "00000000-00000009.parquet",
        "00000010-00000019.parquet",
        "00000020-00000021.parquet",
    ]
    assert first.stat().st_ino == kept
    assert seen == [(20, 22), (22, 22)]


@pytest.mark.parametrize("how", ["another seed", "empty", "cut", "another place", "a bit"])
def test_blocks_of_another_run_or_damaged_ones_are_made_anew(
    how: str, compiled: CompiledScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventfile, "BLOCK", 10)
    write_events(compiled, tmp_path / "right", Settings(20, 3, workers=1))
    right = listing(tmp_path / "right")
    seed = 4 if how == "another seed" else 3
    write_events(compiled, tmp_path / "here", Settings(20, seed, workers=1))
    first, second = (tmp_path / "here" / name for name in sorted(right))
    if how == "another place":
        first.write_bytes(second.read_bytes())
    elif how == "a bit":  # polars reads it without a complaint
        content = bytearray(first.read_bytes())
        content[300] ^= 1
        first.write_bytes(content)
    elif how != "another seed":
        first.write_bytes(b"" if how == "empty" else first.read_bytes()[:-40])
    assert listing(tmp_path / "here") != right
    write_events(compiled, tmp_path / "here", Settings(20, 3, workers=1))
    assert listing(tmp_path / "here") == right


@pytest.mark.slow
def test_events_that_were_deleted_are_made_anew_and_stale_ones_removed(tmp_path: Path) -> None:
    whole = lively()
    run(whole, replications=20, events=True, out=tmp_path / "run")
    before = listing(tmp_path / "run")
    for path in (tmp_path / "run" / FOLDER).iterdir():
        path.unlink()
    run(whole, replications=20, events=True, out=tmp_path / "run")
    assert listing(tmp_path / "run") == before
    (tmp_path / "run" / "provenance.json").unlink()  # as if it had been killed at its end
    (tmp_path / "run" / "begun.json").write_text(f'{{"model": {MODEL_VERSION}}}')
    run(whole, replications=20, out=tmp_path / "run")
    assert not (tmp_path / "run" / FOLDER).exists()


@pytest.mark.slow
def test_a_what_if_tells_its_events_too(tmp_path: Path) -> None:
    whole = lively(changes=[{"remove": "quarrel"}])
    run(whole, replications=20, events=True, out=tmp_path / "run")
    frame = pl.read_parquet(tmp_path / "run" / FOLDER / "*.parquet")
    plain = frame_of(compile_scenario(lively()), 20)
    assert "quarrel" in set(plain["id"])
    assert "quarrel" not in set(frame["id"])
    assert set(frame["channel"]) == {CHANNEL, None}
