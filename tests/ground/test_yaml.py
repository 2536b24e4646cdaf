"""YAML in: lines, bounds, hostile files, and text that only looks like YAML."""

from __future__ import annotations

import io
import math
import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from strategies import structures

from sim.ground.errors import MAX_PROBLEMS, InputError
from sim.ground.letters import visible
from sim.ground.yaml import (
    MAX_DEPTH,
    MAX_YAML_BYTES,
    dotted,
    dump_yaml,
    parse_yaml,
)
from sim.log.file import load
from sim.scenario.resolve import load_scenario

SECONDS = 60.0  # what hung took minutes; a shared machine is slow
"""Of the processor, that reading may take at the most, whatever the file holds. Not of the clock:
other work on a shared machine is no fault of the loader. A read that waits hangs the test."""

VALID = """\
title: A scenario
question: Does it load?
as_of: 2023-01-01
until: 2023-02-01
parties: {USA: {doctrine: isolating}, RUS: {doctrine: isolating}}
channels: {usa-rus/ministers: {}}
"""


def messages(read: Callable[[], object]) -> list[str]:
    """Read, and return the problems; every one on one line, and found in time."""
    begun, raised = time.process_time(), InputError([])
    try:
        read()
    except InputError as error:
        raised = error
    assert time.process_time() - begun < SECONDS
    found = [str(p) for p in raised.problems]
    assert str(raised).splitlines() == found
    assert all(visible(line) == line for line in found)
    return found


def written(folder: Path, content: str | bytes, name: str = "case.yaml") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# ---------------------------------------------------------------------------------- plain data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("12:30", "12:30"),
        ("2022-02-24", "2022-02-24"),
        ("2022-02-24T03:00:00Z", "2022-02-24T03:00:00Z"),
        ("2022-07", "2022-07"),
        ("2022", 2022),
        ("1e-3", 0.001),
        ("0x10", 16),
        ("010", 10),
        ("-7", -7),
        (".inf", math.inf),
        ("'2022'", "2022"),
        ("<<", "<<"),
        ('"\\t"', "\t"),
    ],
)
def test_scalars(text: str, value: object) -> None:
    found = parse_yaml(f"a: {text}\n", "x").data["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("word", ["NO", "yes", "on", "off", "y"])
def test_words_stay_words_under_a_directive_of_yaml_1_1(word: str) -> None:
    assert parse_yaml(f"%YAML 1.1\n---\na: {word}\n", "x").data == {"a": word}


def test_a_plain_yaml_1_1_reader_would_fail_that() -> None:
    """The control: the library by itself reads the country as a truth value."""
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 1)
    assert reader.load("a: NO\n") == {"a": False}


def test_places() -> None:
    document = parse_yaml("a:\n  b: [x,\n    y]\n  c:\n    - d: 1\n", "f.yaml")
    places = {dotted(path): line for path, (_, line) in document.places.items()}
    assert places == {
        "": 1, "a": 1, "a.b": 2, "a.b[0]": 2, "a.b[1]": 3, "a.c": 4, "a.c[0]": 5, "a.c[0].d": 5,
    }  # fmt: skip
    assert document.place(("a", "nothing")) == ("f.yaml", 1)
    assert document.place(("a", "c", 0, "nothing")) == ("f.yaml", 5)


def test_graft_and_part() -> None:
    document = parse_yaml("a: {b: {old: [1, 2]}}\nc: 3\n", "one.yaml")
    document.graft(("a", "b"), parse_yaml("new:\n  - 7\n", "two.yaml"))
    assert document.data == {"a": {"b": {"new": [7]}}, "c": 3}
    assert document.place(("a", "b")) == ("one.yaml", 1)
    assert document.place(("a", "b", "new", 0)) == ("two.yaml", 2)
    assert ("a", "b", "old") not in document.places
    part = document.part(("a", "b"))
    assert part.data == {"new": [7]}
    assert part.place(("new", 0)) == ("two.yaml", 2)


def test_an_alias_is_written_out() -> None:
    assert parse_yaml("a: &x [1]\nb: *x\n", "x").data == {"a": [1], "b": [1]}


def test_an_anchor_may_be_set_anew() -> None:
    assert parse_yaml("[&x 1, *x, &x 2, *x]", "x").data == [1, 1, 2, 2]


def test_a_byte_order_mark_and_line_ends_of_windows_are_fine(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbf" + VALID.replace("\n", "\r\n").encode())
    assert load_scenario(path).title == "A scenario"


@given(structures)
def test_dump_yaml_is_read_back(data: Any) -> None:
    text = dump_yaml({"data": data})
    found = messages(lambda: parse_yaml(text, "x"))
    assert found == []
    assert repr(parse_yaml(text, "x").data) == repr({"data": data})


# -------------------------------------------------------------------------------- hostile files


def test_missing_file(tmp_path: Path) -> None:
    written(tmp_path, VALID, "geneva.yaml")
    found = messages(lambda: load_scenario(tmp_path / "genva.yaml"))
    assert found == [f"{tmp_path}/genva.yaml: no such file; did you mean 'geneva.yaml'?"]
    found = messages(lambda: load_scenario(tmp_path / "nowhere" / "genva.yaml"))
    assert found == [f"{tmp_path}/nowhere/genva.yaml: no such file"]


def test_directory(tmp_path: Path) -> None:
    expected = [f"{tmp_path}: must be a file, not a directory"]
    assert messages(lambda: load_scenario(tmp_path)) == expected


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n"])
def test_empty_file(text: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    assert messages(lambda: load_scenario(path)) == [f"{path}: must not be empty"]


def test_binary_file(tmp_path: Path) -> None:
    path = written(tmp_path, b"title: a\n\x89PNG\r\n\x1a\n\xff\xfe")
    assert messages(lambda: load_scenario(path)) == [f"{path}:2: must be UTF-8 text, not binary"]
    path = written(tmp_path, b"title: a\nquestion: \x00\n")
    assert messages(lambda: load_scenario(path)) == [f"{path}:2: must be UTF-8 text, not binary"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_other_encodings(encoding: str, tmp_path: Path) -> None:
    path = written(tmp_path, "title: Türkiye\n".encode(encoding))
    assert messages(lambda: load_scenario(path)) == [f"{path}:1: must be UTF-8 text, not binary"]


@pytest.mark.parametrize("read", [load_scenario, load])
def test_a_huge_file_is_not_read(read: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    expected = f"{path}: must be at most 1,000,000 bytes (got 100,000,000 bytes)"
    tracemalloc.start()
    assert messages(lambda: read(path)) == [expected]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    assert messages(lambda: load_scenario(pipe)) == [f"{pipe}: is not a regular file"]
    path = written(tmp_path, "extends: pipe.yaml\n")
    expected = [f"{path}:1: extends: pipe.yaml: is not a regular file"]
    assert messages(lambda: load_scenario(path)) == expected
    path = written(tmp_path, VALID + "history: pipe.yaml\n")
    expected = [f"{path}:7: history: pipe.yaml: is not a regular file"]
    assert messages(lambda: load_scenario(path)) == expected


@pytest.mark.parametrize("name", ["/proc/self/status", "/proc/kmsg"])
def test_a_file_of_the_kernel_is_not_read(name: str) -> None:
    """It looks regular and empty; reading the second waits for the kernel's next message."""
    if not os.access(name, os.R_OK):
        pytest.skip(f"there is no {name} here, or it may not be read")
    assert messages(lambda: load_scenario(name)) == [f"{name}: is not a regular file"]


def test_an_empty_file_is_regular(tmp_path: Path) -> None:
    """The control: what is empty by itself is told so."""
    path = written(tmp_path, "")
    assert messages(lambda: load_scenario(path)) == [f"{path}: must not be empty"]


MANY = {
    "equal keys": ("a: 1\n", "the key stands here twice (got a)", 2),
    "tags": ("- !x a\n", "[0]: this YAML tag is not supported here (got !x)", 1),
    "merge keys": ("<<: a\n", "merge keys are not supported; use extends (got <<)", 1),
}


@pytest.mark.parametrize("name", MANY)
def test_problems_beyond_a_bound_are_counted(name: str) -> None:
    line, rule, first = MANY[name]
    told = messages(lambda: parse_yaml(line * 2_000, "x"))
    assert len(told) == MAX_PROBLEMS + 1
    assert told[0] == f"x:{first}: {rule}"
    assert told[-1] == f"... and {2_001 - first - MAX_PROBLEMS:,} more problems"


def test_a_text_that_was_read_before_is_read_as_if_for_the_first_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is kept of it has no name of a file, and nobody changes it. It is not parsed again."""
    text = "a:\n  b: [1, {c: 2}]\nd: !x 3\n"
    assert messages(lambda: parse_yaml(text, "one")) == [
        "one:3: d: this YAML tag is not supported here (got !x)"
    ]
    assert messages(lambda: parse_yaml(text, "two"))[0].startswith("two:3: d: ")
    first = parse_yaml(text.replace("!x", ""), "one")
    first.data["a"]["b"][1]["c"] = first.places[("a",)] = ("changed", 0)
    first.data["a"]["b"].append(9)
    monkeypatch.setattr(YAML, "compose", None)
    with pytest.raises(InputError, match="not valid"):  # the control
        parse_yaml(f"{text}more: 1\n", "three")
    again = parse_yaml(text.replace("!x", ""), "two")
    assert again.data == {"a": {"b": [1, {"c": 2}]}, "d": 3}
    assert again.place(("a",)) == ("two", 1)
    assert again.place(("a", "b", 1, "c")) == ("two", 2)


def test_problems_up_to_the_bound_are_all_told() -> None:
    """The control, from the other side."""
    told = messages(lambda: parse_yaml("a: 1\n" * (MAX_PROBLEMS + 1), "x"))
    assert len(told) == MAX_PROBLEMS
    assert told[-1] == f"x:{MAX_PROBLEMS + 1}: the key stands here twice (got a)"
    told = messages(lambda: parse_yaml("a: 1\n" * (MAX_PROBLEMS + 2), "x"))
    assert told[-1] == "... and 1 more problem"


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/stdin"])
def test_a_device_does_not_hang(device: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"extends: {device}\n")
    [found] = messages(lambda: load_scenario(path))
    assert found.startswith(f"{path}:1: extends: {device}: ")


def test_links_that_lead_to_no_file(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "ping.yaml").symlink_to("pong.yaml")
    (tmp_path / "pong.yaml").symlink_to("ping.yaml")
    (tmp_path / "lost.yaml").symlink_to("gone.yaml")
    for name in ("loop", "ping", "lost"):
        link = tmp_path / f"{name}.yaml"
        assert messages(lambda: load_scenario(link)) == [f"{link}: is a link that leads to no file"]  # noqa: B023
        path = written(tmp_path, f"extends: {name}.yaml\n")
        rule = f"extends: {name}.yaml: is a link that leads to no file"
        assert messages(lambda: load_scenario(path)) == [f"{path}:1: {rule}"]  # noqa: B023


def test_a_circle_through_links_is_seen(tmp_path: Path) -> None:
    path = written(tmp_path, "extends: other.yaml\n")
    (tmp_path / "other.yaml").symlink_to(path.name)
    expected = [f"{path}:1: extends: must not form a circle (got other.yaml)"]
    assert messages(lambda: load_scenario(path)) == expected


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused by hand, since tests may run as root, whom no permission stops."""
    path = written(tmp_path, VALID)

    def refuse(path: Path, flags: int) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("sim.ground.files.os.open", refuse)
    assert messages(lambda: load_scenario(path)) == [f"{path}: cannot be read: Permission denied"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [("two\nlines.yaml", r"two\nlines.yaml"), ("red\x1b[31m.yaml", r"red\x1b[31m.yaml")],
)
def test_control_characters_in_a_file_name_are_not_printed(
    name: str, shown: str, tmp_path: Path
) -> None:
    path = written(tmp_path, "- a list\n", name)
    expected = [f"{tmp_path}/{shown}:1: must be a mapping (got a list of 1)"]
    assert messages(lambda: load_scenario(path)) == expected


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "x/" * 3000, "\ud800", ""])
def test_names_that_no_file_has(name: str, tmp_path: Path) -> None:
    assert len(messages(lambda: load_scenario(tmp_path / name))) == 1
    assert len(messages(lambda: load(tmp_path / name))) == 1


@pytest.mark.parametrize(
    "written_path", ['"a\\0b"', "x" * 300, "x/" * 600, '"\\ud800"', '""', "[a]", "{}", "5", "true"]
)
@pytest.mark.parametrize("key", ["extends", "history"])
def test_paths_in_a_file_that_lead_nowhere(key: str, written_path: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"{VALID}{key}: {written_path}\n")
    told = messages(lambda: load_scenario(path))
    assert all(found.startswith(f"{path}:7: {key}") for found in told)
    assert len(told) == 1 or written_path == "{}"  # an empty log lacks several things


# ---------------------------------------------------------------------------------- hostile YAML

BOMBS = {
    "deep lists": "[" * 900_000,
    "deep mappings": "{a: " * 400_000,
    "deep blocks": "".join(" " * n + "a:\n" for n in range(1_500)),
    "many keys": "".join(f"k{n}: 1\n" for n in range(62_000)),
    "many items": "a: [" + "1, " * 121_000 + "]",
    "many anchors": "- &a x\n" * 61_000,
    "many empties": "- \n" * 121_000,
    "many keys without value": "? \n" * 600_000,
    "many colons": "a: " * 600_000,
    "many directives": "%FOO a\n" * 80_000,
    "many documents": "---\n" * 400_000,
    "many comments": "# hello\n" * 100_000,
    "many line ends": VALID + "\n" * 600_000,
    "a long word": "a: " + "x" * 1_900_000,
    "a long tag": "!" * 1_900_000,
    "a long anchor": "&" + "a" * 1_900_000,
    "a long quotation": 'a: "' + "\\n" * 900_000 + '"',
    "a long number": "a: " + "9" * 1_900_000,
    "a long fraction": "a: 0." + "9" * 1_900_000,
    "a long key": "x" * 1_900_000 + ": 1",
    "aliases of aliases": "a0: &a0 [x]\n"
    + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)),
    "aliases of mappings": "a0: &a0 {k: x}\n"
    + "".join(f"a{n}: &a{n} {{k: *a{n - 1}, l: *a{n - 1}}}\n" for n in range(1, 40)),
}


COUNTED = ("many items", "many anchors", "many empties", "many keys without value")
"""Bombs that the bound on values stops, as it stops `many keys`: a lower one costs less."""


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_in_time(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name in COUNTED:
        monkeypatch.setattr("sim.ground.yaml.MAX_NODES", 4_000)
    text = BOMBS[name][:MAX_YAML_BYTES]
    found = messages(lambda: parse_yaml(text, "bomb.yaml"))
    assert all(len(line) < 400 for line in found)


def test_nesting_up_to_the_bound_is_read() -> None:
    """The control of the bound on depth, from both sides."""
    assert parse_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH, "x").data
    found = messages(lambda: parse_yaml("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "x"))
    assert found == ["x:1: must not be nested deeper than 24 levels"]


def test_values_up_to_the_bound_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the bound on size, from both sides."""
    monkeypatch.setattr("sim.ground.yaml.MAX_NODES", 500)
    text = "[" + "1, " * 499 + "]"
    assert len(parse_yaml(text, "x").data) == 499
    found = messages(lambda: parse_yaml("[1, " + text[1:], "x"))
    assert found == ["x:1: [499]: must hold at most 500 values, aliases written out"]


def many(line: str, count: int) -> str:
    return "".join(line.format(n=n, m=n + 1) for n in range(count))


LABORIOUS = {
    "doctrines that extend": "doctrines:\n" + many("  d{n}: {{extends: isolating}}\n", 2_500),
    "doctrines in a chain": "doctrines:\n" + many("  d{n}: {{extends: d{m}}}\n", 2_500),
    "a chain of 90 doctrines": "doctrines:\n" + many("  d{n}: {{extends: d{m}}}\n", 90),
    "parties of unknown doctrine": "parties:\n"
    + many("  P{n}: {{doctrine: isolatin{n}}}\n", 2_500),
    "forums of unknown channels": "forums:\n  g: {date: 2023-01-05, channels: ["
    + "usa-rus/minister, " * 8_000
    + "]}\n",
    "unknown keys": many("titel{n}: x\n", 5_000),
    "outcomes": "outcomes:\n" + many("  o{n}: {{type: event_by, kind: call_hold}}\n", 2_000),
    "inserts": "changes:\n" + many("  - insert: {{id: a{n}, kind: cal_held}}\n", 1_500),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LABORIOUS)
def test_files_that_make_work_are_refused_in_time(name: str, tmp_path: Path) -> None:
    heads = {"parties": "parties: {USA: {doctrine: isolating}, RUS: {doctrine: isolating}}\n"}
    head = VALID.replace(heads.get(LABORIOUS[name].partition(":")[0], "\0"), "")
    path = written(tmp_path, head + LABORIOUS[name])
    assert messages(lambda: load_scenario(path))


@pytest.mark.slow
def test_laying_one_large_file_over_another_takes_linear_time(tmp_path: Path) -> None:
    large = "sources: []\n" + "world:\n" + many("  w{n}: {{kind: a, rate_per_day: []}}\n", 3_000)
    written(tmp_path, large, "base.yaml")
    path = written(tmp_path, "extends: base.yaml\n" + large)
    begun = time.process_time()
    with pytest.raises(InputError):
        load_scenario(path)
    assert time.process_time() - begun < SECONDS


# ------------------------------------------------------------------------------------------ fuzz

fragments = st.sampled_from(
    ["a", ":", " ", "\n", "  ", "-", "- ", "[", "]", "{", "}", ",", "&a ", "*a", "!", "!!str ", "|",
     ">", "'", '"', "#", "%", "%YAML 1.1\n", "---\n", "...\n", "? ", "<<: ", "\t", "\\", "@", "`",
     "~", "1", ".nan", "é", "\u2028", "\x85", "\ufeff", "title: ", "events:\n", "2022-13"]
)  # fmt: skip
yamlish = st.lists(fragments, max_size=40).map("".join)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_arbitrary_bytes(folder: Path, content: bytes) -> None:
    path = written(folder, content)
    messages(lambda: load_scenario(path))
    messages(lambda: load(path))
    messages(lambda: load(path.rename(folder / "case.jsonl")))


@given(yamlish)
def test_arbitrary_text_that_looks_like_yaml(text: str) -> None:
    messages(lambda: parse_yaml(text, "x.yaml"))


@given(st.binary(max_size=60), st.integers(0, len(VALID) - 1))
def test_a_valid_file_with_a_hole(folder: Path, patch: bytes, at: int) -> None:
    content = VALID.encode()
    path = written(folder, content[:at] + patch + content[at + len(patch) :])
    messages(lambda: load_scenario(path))


@given(structures)
def test_arbitrary_structures_at_the_root(folder: Path, data: Any) -> None:
    path = written(folder, dump_yaml(data))
    messages(lambda: load_scenario(path))
    messages(lambda: load(path))


def test_the_fuzz_would_see_another_exception() -> None:
    """The control: what the checks above let through is an InputError and nothing else."""
    with pytest.raises(ValueError, match="unexpected"):
        messages(lambda: int("unexpected"))


@pytest.mark.slow
def test_a_yaml_library_by_itself_fails_on_what_is_fed_here() -> None:
    """The control of the bombs: without the bounds, one of them exhausts the stack."""
    with pytest.raises(RecursionError):
        YAML(typ="safe", pure=True).load(io.StringIO("[" * 1_000 + "]" * 1_000))
