"""Log files: both forms say the same, no edit goes unseen, and old files are still read."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import log_data, logs

from sim.ground.errors import InputError
from sim.ground.yaml import Document, dump_yaml, parse_yaml
from sim.log.file import (
    NO_LONGER_READ,
    SCHEMA_VERSION,
    UPCASTERS,
    from_document,
    load,
    parse_jsonl,
    to_jsonl,
)
from sim.log.log import MADE_BY, Log

HERE = Path(__file__).parent
SEEDS = sorted((HERE.parents[1] / "seeds").glob("*.yaml"))


def from_jsonl(text: str) -> Log:
    return from_document(parse_jsonl(text, "log.jsonl"))


def lines_of_problems(text: str) -> list[int]:
    """The lines on which reading JSON Lines finds problems; none if it is taken for a log."""
    try:
        from_jsonl(text)
    except InputError as error:
        return [p.line for p in error.problems if p.file == "log.jsonl" and str(p).isprintable()]
    return []


# --------------------------------------------------------------------------- round trips


@given(log_data())
def test_yaml_and_json_lines_say_the_same(data: dict[str, Any]) -> None:
    log = from_document(parse_yaml(dump_yaml(data), "log.yaml"))
    assert log == Log.model_validate(data)
    assert from_jsonl(to_jsonl(log)) == log
    again = from_document(parse_yaml(dump_yaml({"schema": 4} | log.plain()), "log.yaml"))
    assert again == log
    assert to_jsonl(again) == to_jsonl(log)


@pytest.mark.parametrize("path", SEEDS, ids=lambda p: p.stem)
def test_the_seeds_go_round(path: Path, tmp_path: Path) -> None:
    log = load(path)
    (tmp_path / "log.jsonl").write_text(to_jsonl(log), encoding="utf-8")
    assert load(tmp_path / "log.jsonl") == log


@pytest.mark.parametrize("days", [60, 90, None])
def test_the_days_of_a_standing_line_are_written(days: int | None) -> None:
    """Also those that are the default of other channels."""
    channel = {"parties": ["USA", "RUS"], "line": True, "lapse_days": {"open": days}}
    log = from_document(Document("x", {**HEADER, "channels": {"usa-rus/m": channel}}))
    again = from_jsonl(to_jsonl(log))
    assert (again, again.channels["usa-rus/m"].lapse_days.open) == (log, days)


def test_a_round_trip_that_loses_something_is_noticed() -> None:
    """The control: logs that differ in one account are not equal, nor are their lines."""
    log = load(SEEDS[0])
    events = [e.model_copy(update={"accounts": {}}) for e in log.events]
    bare = log.model_copy(update={"events": tuple(events)})
    assert bare != log
    assert to_jsonl(bare) != to_jsonl(log)


@given(logs())
def test_a_line_an_event(log: Log) -> None:
    lines = to_jsonl(log).splitlines()
    records = [json.loads(line) for line in to_jsonl(log).split("\n")[:-1]]
    assert len(lines) >= len(records) == len(log.events) + 2
    assert [r["event"]["id"] for r in records[1:-1]] == [e.id for e in log.events]
    assert records[-1]["seal"] == {"events": len(log.events)}


def test_every_ending_is_read_or_refused(tmp_path: Path) -> None:
    log = load(SEEDS[0])
    for name, text in (("a.yml", SEEDS[0].read_text()), ("a.jsonl", to_jsonl(log))):
        (tmp_path / name).write_text(text)
        assert load(tmp_path / name) == log
    for name in ("a.json", "a", "a.YAML"):
        (tmp_path / name).write_text("x")
        with pytest.raises(InputError, match=r"must end in \.yaml, \.yml or \.jsonl"):
            load(tmp_path / name)


# ------------------------------------------------------------- invariant 10: no edit unseen


def chained(log: Log) -> list[str]:
    return to_jsonl(log).split("\n")[:-1]


def joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.slow
@given(logs(max_events=6), st.data())
def test_a_changed_byte_is_noticed_on_its_line_or_the_next(log: Log, data: st.DataObject) -> None:
    content = to_jsonl(log).encode()
    at = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != content[at]))
    edited = content[:at] + bytes([byte]) + content[at + 1 :]
    line = content[:at].count(b"\n") + 1
    try:
        text = edited.decode()
    except UnicodeDecodeError:
        assume(False)
    assert min(lines_of_problems(text)) in (line, line + 1)


@given(logs(max_events=6), st.data())
def test_an_inserted_or_removed_byte_is_noticed(log: Log, data: st.DataObject) -> None:
    """Spaces too, which change no value, and on the seal too, which no later line covers."""
    text = to_jsonl(log)
    at = data.draw(st.integers(0, len(text) - 1))
    line = text[:at].count("\n") + 1
    word = data.draw(st.sampled_from([" ", "\t", "\r", "\n", "0", '"', "}", "\u2028"]))
    edited = (
        text[:at] + word + text[at:] if data.draw(st.booleans()) else text[:at] + text[at + 1 :]
    )
    assume(edited != text)
    assert min(lines_of_problems(edited)) in (line - 1, line, line + 1)


def every_kind_of_edit(count: int) -> list[tuple[str, Callable[[list[str]], list[str]]]]:
    """Edits of a log's lines: header first, seal last, `count` lines in all."""

    def swap(lines: list[str], i: int, j: int) -> list[str]:
        lines[i], lines[j] = lines[j], lines[i]
        return lines

    edits: list[tuple[str, Callable[[list[str]], list[str]]]] = []
    for i in range(count):
        edits.append((f"remove {i}", lambda ls, i=i: ls[:i] + ls[i + 1 :]))  # type: ignore[misc]
        edits.append((f"repeat {i}", lambda ls, i=i: ls[: i + 1] + ls[i:]))  # type: ignore[misc]
        edits.append((f"cut at {i}", lambda ls, i=i: ls[:i]))  # type: ignore[misc]
        edits.append((f"drop before {i}", lambda ls, i=i: ls[i + 1 :]))  # type: ignore[misc]
        edits.append((f"add a space {i}", lambda ls, i=i: [*ls[:i], ls[i] + " ", *ls[i + 1 :]]))  # type: ignore[misc]
        for j in range(i):
            edits.append((f"swap {i} {j}", lambda ls, i=i, j=j: swap(ls, i, j)))  # type: ignore[misc]
    edits.append(("append empty", lambda ls: [*ls, ""]))
    edits.append(("append a copy of the last event", lambda ls: [*ls, ls[-2]]))
    edits.append(("append two seals", lambda ls: [*ls, ls[-1], ls[-1]]))
    return edits


@pytest.mark.parametrize("path", SEEDS[:1], ids=lambda p: p.stem)
def test_every_edit_of_lines_is_noticed(path: Path) -> None:
    log = load(path)
    log = log.model_copy(update={"events": log.events[:4]})
    lines = chained(log)
    assert lines_of_problems(joined(lines)) == []
    for name, edit in every_kind_of_edit(len(lines)):
        edited = edit(list(lines))
        found = lines_of_problems(joined(edited))
        assert found, name
        assert all(0 <= line <= max(1, len(edited)) for line in found), name


@pytest.mark.slow
@given(logs(max_events=6), st.integers(0, 2**32))
def test_reordered_or_thinned_lines_are_noticed(log: Log, seed: int) -> None:
    lines = chained(log)
    rng = random.Random(seed)
    edited = rng.sample(lines, rng.randint(0, len(lines)))
    assume(edited != lines)
    found = lines_of_problems(joined(edited))
    assert found
    first = next((n for n, (a, b) in enumerate(zip(edited, lines, strict=False)) if a != b), None)
    expected = len(edited) if first is None else first + 1
    assert found[0] in (expected, expected + 1, 0)


SEALED = [
    ("count", lambda seal, n: seal.replace(f'"events":{n}', f'"events":{n + 1}')),
    ("count as a fraction", lambda seal, n: seal.replace(f'"events":{n}', f'"events":{n}.0')),
    ("another key", lambda seal, n: seal.replace('"seal":{', '"seal":{"more":1,')),
    ("a key twice", lambda seal, n: seal.replace('"seal":{', '"seal":{"events":9,')),
    ("a space", lambda seal, n: seal.replace('"seal":', '"seal": ')),
    ("keys in another order", lambda seal, n: _turned(seal)),
    ("an escape", lambda seal, n: seal.replace('"seal"', '"se\\u0061l"')),
]


def _turned(seal: str) -> str:
    record = json.loads(seal)
    return json.dumps(dict(reversed(record.items())), separators=(",", ":"))


@pytest.mark.parametrize(("name", "edit"), SEALED)
def test_every_edit_of_the_seal_is_noticed(name: str, edit: Callable[[str, int], str]) -> None:
    lines = chained(load(SEEDS[0]))
    edited = [*lines[:-1], edit(lines[-1], len(lines) - 2)]
    assert edited != lines
    assert lines_of_problems(joined(edited)) == [len(lines)]


def unchained(text: str) -> int:
    """A reader that does without the chain: it counts the events that it can read."""
    return sum("event" in json.loads(line) for line in text.split("\n") if line.strip())


def test_without_the_chain_edits_go_unseen() -> None:
    """The control: a reader that only parses and counts takes these edits for logs."""
    lines = chained(load(SEEDS[0]))
    swapped = [*lines[:2], lines[3], lines[2], *lines[4:]]
    reworded = [line.replace("Geneva", "Vienna").replace("Moscow", "Berlin") for line in lines]
    for edited in (swapped, reworded):
        assert edited != lines
        assert unchained(joined(edited)) == unchained(joined(lines))
        assert lines_of_problems(joined(edited))


def test_a_chain_made_anew_is_another_log() -> None:
    """What the chain cannot show: who forges every line after an edit has written a new log."""
    lines = chained(load(SEEDS[0]))
    previous, forged = "", []
    for line in lines:
        record = json.loads(line) | {"previous": previous}
        if "header" in record:
            record["header"]["title"] = "Forged"
        forged.append(json.dumps(record, ensure_ascii=False, separators=(",", ":")))
        previous = sha256(forged[-1].encode()).hexdigest()
    assert from_jsonl(joined(forged)).title == "Forged"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "log.jsonl:1: the log is truncated: it has no seal"),
        ("{}", "log.jsonl:1: the log is truncated: the last line has no end"),
        ("\n", "log.jsonl:1: is not valid JSON"),
        (
            "{}\n",
            "log.jsonl:1: must be an object with `previous` and one of `header`, `event`, `seal`",
        ),
        (
            "[]\n",
            "log.jsonl:1: must be an object with `previous` and one of `header`, `event`, `seal`",
        ),
        ('{"previous":"","header":{}}\n', "log.jsonl:1: the log is truncated: it has no seal"),
        ('{"previous":"","event":{}}\n', "log.jsonl:1: must be the header of the log"),
        ('{"previous":"","header":5}\n{}\n', None),
        ('{"previous":"","header":{"a":NaN}}\n', "log.jsonl:1: is not valid JSON"),
        ('{"previous":"","header":' + "[" * 100_000 + "\n", "log.jsonl:1: is not valid JSON"),
        ('{"previous":"","header":' + "9" * 10_000 + "}\n", "log.jsonl:1: is not valid JSON"),
    ],
)
def test_broken_json_lines(text: str, message: str | None) -> None:
    with pytest.raises(InputError) as caught:
        from_jsonl(text)
    if message is not None:
        assert [str(p) for p in caught.value.problems] == [message]


def sealed(header: object, *events: object) -> str:
    """A chain around any content, well formed or not."""
    lines, previous = [], ""
    for record in (
        {"header": header},
        *({"event": e} for e in events),
        {"seal": {"events": len(events)}},
    ):
        line = json.dumps({"previous": previous, **record}, separators=(",", ":"))
        line = line.replace('"1e999"', "1e999")
        previous = sha256(line.encode()).hexdigest()
        lines.append(line)
    return joined(lines)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"titel": "b"}, "log.jsonl:1: titel: unknown key; did you mean 'title'?"),
        ({"seed": 5}, "log.jsonl:1: seed: unknown key"),
        ({"header": {"sede": 5}}, "log.jsonl:1: header.sede: unknown key; did you mean 'seed'?"),
        ({"header": {"author": "x"}}, "log.jsonl:1: header.author: unknown key"),
        (
            {"events": []},
            "log.jsonl:1: events: must not stand in the header: each event has a line of its own",
        ),
    ],
)
def test_unknown_keys_of_a_header(header: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        from_jsonl(sealed(HEADER | header))
    assert [str(p) for p in caught.value.problems] == [message]


def test_known_keys_of_a_header() -> None:
    """The control: what runs write is read."""
    assert lines_of_problems(sealed(HEADER | {"header": dict.fromkeys(MADE_BY, "x")})) == []


@pytest.mark.parametrize("place", ["header", "event"])
def test_a_key_that_stands_twice_is_noticed(place: str) -> None:
    event = {"id": "a", "date": "2022", "kind": "statement"}
    text = sealed(HEADER, event)
    assert lines_of_problems(text) == []
    twice = {
        "header": ('"title":"a"', '"title":"b","title":"a"'),
        "event": ('"id"', '"id":"b","id"'),
    }
    lines, previous = [], ""
    for line in text.splitlines():
        record = line.replace(*twice[place])
        lines.append(re.sub(r'"previous":"[^"]*"', f'"previous":"{previous}"', record))
        previous = sha256(lines[-1].encode()).hexdigest()
    key = {"header": "title", "event": "id"}[place]
    with pytest.raises(InputError) as caught:
        from_jsonl(joined(lines))
    number = {"header": 1, "event": 2}[place]
    expected = f"log.jsonl:{number}: the key stands here twice (got {key})"
    assert [str(p) for p in caught.value.problems] == [expected]


HEADER = {"schema": 4, "title": "a", "channels": {"usa-rus/m": {"parties": ["USA", "RUS"]}}}


def test_problems_of_events_stand_on_their_lines() -> None:
    text = sealed(
        HEADER,
        {"id": "a", "date": "2022", "kind": "statement"},
        {"id": "b", "date": "2022-13", "kind": "statement"},
        "no event",
        {"id": "c", "date": "2022", "kind": "escalation", "label": "x", "severity": "1e999"},
        {"id": "\ud800", "date": "2022", "kind": "statement", "\ud801": 1},
    )
    assert sorted(set(lines_of_problems(text))) == [3, 4, 5, 6]


@given(
    st.dictionaries(
        st.text(max_size=6), st.none() | st.integers() | st.text(max_size=5), max_size=4
    ),
    st.lists(
        st.recursive(
            st.none() | st.text(max_size=6),
            lambda s: st.lists(s, max_size=2) | st.dictionaries(st.text(max_size=5), s, max_size=2),
            max_leaves=5,
        ),
        max_size=3,
    ),
)
def test_arbitrary_records_in_a_sound_chain(header: dict[str, Any], events: list[Any]) -> None:
    assert lines_of_problems(sealed(HEADER | header, *events)) != [-1]


# ------------------------------------------------------------------------------- schemas


@pytest.mark.parametrize("version", [1, 2])
def test_a_log_of_an_early_schema_is_refused_in_words(version: int) -> None:
    with pytest.raises(InputError, match="no longer read: code the log in schema 4 ") as caught:
        from_document(Document("x", {**HEADER, "schema": version}))
    assert len(caught.value.problems) == 1


def test_an_older_schema_is_lifted_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.log.file.NO_LONGER_READ", ())
    monkeypatch.setitem(UPCASTERS, 1, lambda data: {**data, "schema": 2, "title": "Lifted"})
    monkeypatch.setitem(UPCASTERS, 2, lambda data: {**data, "schema": 3, "description": "Twice"})
    log = from_document(Document("x", {**HEADER, "schema": 1}))
    assert (log.schema_version, log.title, log.description) == (4, "Lifted", "Twice")


@pytest.mark.parametrize("rulebook", [0, 1, 3, None, True])
def test_an_unknown_rulebook_is_refused(rulebook: object) -> None:
    with pytest.raises(InputError, match=r"rulebook: must be 2 "):
        from_document(Document("x", {**HEADER, "rulebook": rulebook}))


def test_a_number_in_quotation_marks_is_told() -> None:
    rule = "rulebook: must be the number 2, without quotation marks"
    with pytest.raises(InputError, match=rule):
        from_document(Document("x", {**HEADER, "rulebook": "2"}))


def test_every_old_version_has_an_upcaster_and_an_old_file() -> None:
    assert sorted((*NO_LONGER_READ, *UPCASTERS)) == list(range(1, SCHEMA_VERSION))
    for version in UPCASTERS:
        assert (HERE / "logs" / f"v{version}.yaml").is_file()
        assert (HERE / "logs" / f"v{version}.jsonl").is_file()


def test_a_log_of_schema_3_is_read_as_it_was() -> None:
    """Schema 4 adds to it, and takes nothing away."""
    written, chained = (load(HERE / "logs" / f"v3.{ending}") for ending in ("yaml", "jsonl"))
    assert written == chained == load(HERE.parents[1] / "seeds" / "blinken-lavrov.yaml")


@pytest.mark.parametrize("version", [0, 5, -1, "2", None, True, 2.5, [2], {}])
def test_an_unknown_version_is_refused(version: object) -> None:
    with pytest.raises(InputError, match="must be a schema version that this program knows: 3, 4"):
        from_document(Document("x", {**HEADER, "schema": version}))


def test_an_unknown_kind_is_refused_and_never_skipped() -> None:
    event = {"id": "a", "date": "2022", "kind": "phoned"}
    with pytest.raises(InputError, match=r"events\[0\]\.kind: must be one of meeting_agreed"):
        from_document(Document("x", {**HEADER, "events": [event]}))
