"""Chunks on disk: kept whole, checked when read, never mixed with another run's."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from micro import arrays_of, doctrine, program

from sim.ensemble.chunks import ChunkStore, program_digest, spans
from sim.ensemble.ensemble import ensemble
from sim.ensemble.settings import Settings
from sim.ensemble.work import simulate
from sim.ground import files
from sim.ground.errors import RunError
from sim.ground.files import remove_partial, write_safely
from sim.model.compiled_scenario import CompiledScenario
from sim.model.tally import Tally


def lively(**parts: Any) -> CompiledScenario:
    doctrines = {p: doctrine(call=0.0, accept_call=0.0, cut=0.0) for p in ("can", "usa")}
    return program(
        doctrines,
        rates_per_day={"call": 0.3, "cut": 0.1},
        outcomes={"open": {"type": "share_of_days", "state": "open"}},
        **parts,
    )


@pytest.fixture
def store(tmp_path: Path) -> ChunkStore:
    return ChunkStore(tmp_path / "chunks", lively(), 1)


def equal(first: Tally, second: Tally) -> bool:
    pairs = [(getattr(first, f.name), getattr(second, f.name)) for f in fields(Tally)]
    return all(np.array_equal(a, b) for a, b in pairs)


# ---------------------------------------------------------------------------------- writing


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "down" / "file.txt"
    write_safely(target, "Лавров\n")
    assert target.read_bytes() == "Лавров\n".encode()
    write_safely(target, b"\x00\x01")
    assert target.read_bytes() == b"\x00\x01"
    assert target.stat().st_mode & 0o777 == 0o644
    assert [p.name for p in target.parent.iterdir()] == ["file.txt"]


def no_space(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("step", ["fdopen", "fsync"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file.txt"
    write_safely(target, "old")
    monkeypatch.setattr(files.os, step, no_space)
    with pytest.raises(RunError, match=r"file\.txt: cannot be written: No space left on device"):
        write_safely(target, "new")
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file.txt"]


def test_a_move_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.Path, "replace", no_space)
    with pytest.raises(RunError, match="No space left"):
        write_safely(tmp_path / "file.txt", "new")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match="cannot be written"):
        write_safely(tmp_path / "file" / "inside.txt", "new")
    assert (tmp_path / "file").read_text() == "x"


def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_safely(tmp_path / "file.txt", "new")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    for left in (".scenario.yaml.ab12.part", "figures/.x.svg.cd34.part"):
        (tmp_path / left).write_text("half")
    for kept in ("a.part", ".hidden", "scenario.yaml"):
        (tmp_path / kept).write_text("whole")
    remove_partial(tmp_path)
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == [
        ".hidden",
        "a.part",
        "scenario.yaml",
    ]


# ---------------------------------------------------------------------------------- identity


def test_a_program_s_digest_covers_every_array() -> None:
    compiled = lively()
    first = program_digest(compiled)
    assert first == program_digest(lively())
    for name, array in arrays_of(compiled).items():
        if array.size == 0:
            continue
        was = array.flat[-1]
        array.flat[-1] = was + 1
        assert program_digest(compiled) != first, name
        array.flat[-1] = was
    assert program_digest(compiled) == first


def variants(thing: Any) -> Iterator[Any]:
    """The thing with one number or name changed, for each that is in it."""
    for field in fields(thing):
        value = getattr(thing, field.name)
        if is_dataclass(value):
            yield from (replace(thing, **{field.name: v}) for v in variants(value))
        elif isinstance(value, int):
            yield replace(thing, **{field.name: value + 1})
        elif isinstance(value, str):
            yield replace(thing, **{field.name: value + "x"})
        elif isinstance(value, tuple):
            yield replace(thing, **{field.name: (*value, "x")})


def test_a_program_s_digest_covers_every_number_and_name() -> None:
    compiled = lively()
    digests = [program_digest(v) for v in variants(compiled)]
    assert len(digests) > 10
    assert len({program_digest(compiled), *digests}) == len(digests) + 1


# ---------------------------------------------------------------------------------- reading


def test_a_chunk_is_read_back_as_it_was(store: ChunkStore) -> None:
    made = simulate(store.program, 1, 4, 3)
    assert store.load(4, 3) is None
    store.save(4, made)
    found = store.load(4, 3)
    assert found is not None
    assert equal(found, made)
    assert store.damaged == []
    assert store.load(4, 2) is None
    assert store.load(0, 3) is None
    assert store.damaged == []  # another place is not damage


def test_a_truncated_chunk_is_found_out(store: ChunkStore) -> None:
    store.save(0, simulate(store.program, 1, 0, 2))
    path = store.path(0, 2)
    whole = path.read_bytes()
    for size in (0, 1, 31, 32, 33, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert store.load(0, 2) is None
    assert store.damaged == [path.name] * 7
    path.write_bytes(whole)
    assert store.load(0, 2) is not None


def test_one_flipped_bit_is_found_out(store: ChunkStore) -> None:
    store.save(0, simulate(store.program, 1, 0, 2))
    path = store.path(0, 2)
    whole = path.read_bytes()
    places = np.random.default_rng(1).integers(0, len(whole), 200).tolist()
    for place in (0, 31, 32, len(whole) - 1, *places):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert store.load(0, 2) is None, place


@pytest.mark.parametrize("other", ["seed", "program"])
def test_a_chunk_of_another_run_is_not_taken(other: str, store: ChunkStore) -> None:
    foreign = (
        ChunkStore(store.folder, store.program, 2)
        if other == "seed"
        else ChunkStore(store.folder, lively(until="2021-03-30"), 1)
    )
    assert foreign.path(0, 2) != store.path(0, 2)
    foreign.save(0, simulate(foreign.program, 2, 0, 2))
    assert store.load(0, 2) is None
    foreign.path(0, 2).replace(store.path(0, 2))  # even under this run's name
    assert store.load(0, 2) is None
    assert store.damaged == [store.path(0, 2).name]


def test_a_chunk_of_another_place_is_not_taken(store: ChunkStore) -> None:
    store.save(0, simulate(store.program, 1, 0, 2))
    store.path(0, 2).replace(store.path(2, 2))
    taken = store.load(2, 2)
    assert taken is None


@pytest.mark.parametrize("wrong", ["shape", "missing", "objects", "nothing"])
def test_a_well_sealed_chunk_of_the_wrong_form_is_found_out(wrong: str, store: ChunkStore) -> None:
    made = simulate(store.program, 1, 0, 2)
    arrays: dict[str, Any] = {f.name: getattr(made, f.name) for f in fields(Tally)}
    if wrong == "shape":
        arrays["moves"] = np.zeros((1, 3, 4, 5), dtype=np.int64)
    elif wrong == "missing":
        del arrays["events"]
    elif wrong == "objects":
        arrays["events"] = np.array([object()])
    content = io.BytesIO()
    if wrong != "nothing":
        np.savez(content, **arrays)
    body = content.getvalue()
    store.folder.mkdir(parents=True)
    path = store.path(0, 2)
    path.write_bytes(store.seal(path, body) + body)
    assert store.load(0, 2) is None
    assert store.damaged == [store.path(0, 2).name]


# ---------------------------------------------------------------------------------- together


def damage_nothing(_: Path) -> None: ...


def damage_cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def damage_removed(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [damage_nothing, damage_cut, damage_removed])
def test_an_ensemble_goes_on_from_its_chunks_and_makes_damaged_ones_anew(
    damage: Callable[[Path], None], store: ChunkStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ensemble(store.program, Settings(10, 1, executor="reference", workers=1), chunk=4)
    ensemble(store.program, Settings(10, 1, executor="reference", workers=1), chunk=4, store=store)
    damage(store.path(4, 4))
    made: list[int] = []

    def counted(
        compiled: CompiledScenario, seed: int, first: int, number: int, **more: Any
    ) -> Tally:
        made.append(first)
        return simulate(compiled, seed, first, number, **more)

    monkeypatch.setattr("sim.ensemble.work.simulate", counted)
    again = ensemble(
        store.program, Settings(10, 1, executor="reference", workers=1), chunk=4, store=store
    )
    assert equal(again, whole)
    assert made == ([] if damage is damage_nothing else [4])
    assert bool(store.damaged) == (damage is damage_cut)


def test_control_a_forged_chunk_would_change_the_result(store: ChunkStore) -> None:
    whole = ensemble(store.program, Settings(10, 1, executor="reference", workers=1), chunk=4)
    store.save(4, simulate(store.program, 2, 4, 4))  # of another seed, but sealed as this run's
    assert not equal(
        ensemble(
            store.program, Settings(10, 1, executor="reference", workers=1), chunk=4, store=store
        ),
        whole,
    )


def test_clearing_leaves_nothing_of_the_run(store: ChunkStore) -> None:
    store.save(0, simulate(store.program, 1, 0, 2))
    ChunkStore(store.folder, store.program, 2).save(0, simulate(store.program, 2, 0, 2))
    (store.folder / ".x.chunk.ab12.part").write_text("half")
    store.clear()
    assert not store.folder.exists()
    store.clear()  # again, with nothing there


def test_clearing_leaves_what_is_not_a_chunk(store: ChunkStore) -> None:
    store.save(0, simulate(store.program, 1, 0, 2))
    (store.folder / "notes.txt").write_text("mine")
    store.clear()
    assert [p.name for p in store.folder.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("replications", "size", "expected"),
    [
        (10, 4, [(0, 4), (4, 4), (8, 2)]),
        (8, 4, [(0, 4), (4, 4)]),
        (1, 50, [(0, 1)]),
        (3, 1, [(0, 1), (1, 1), (2, 1)]),
    ],
)
def test_spans(replications: int, size: int, expected: list[tuple[int, int]]) -> None:
    assert list(spans(replications, size)) == expected
