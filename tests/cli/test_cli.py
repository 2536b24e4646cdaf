"""The command: what each part says and writes, and what it refuses, with which exit code."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import matplotlib.image
import pytest
from typed import Type, Typed, folders, listing, typed

from sim.ensemble import ensemble
from sim.galleries.gallery import Gallery, LogGallery
from sim.ground import files
from sim.log.events import Event
from sim.log.file import load, to_jsonl
from sim.log.log import Log
from sim.log.order import canonical_times, in_order
from sim.report import runs
from sim.report.runfolder import load_run
from sim.study import running

pytestmark = pytest.mark.usefixtures("drawn_never")

ROOT = Path(__file__).parents[2]
SMALL = Path(__file__).parents[1] / "support" / "valid" / "small.yaml"
LOG = ROOT / "seeds" / "blinken-lavrov.yaml"
CHANNEL = "usa-rus/ministers"


@pytest.fixture
def sim(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Type:
    """Type commands in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: typed(capsys, *arguments)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of the small scenario, not to be changed."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    runs.run(SMALL, replications=12, out=folder)
    return folder


def refused(found: Typed, code: int, *messages: str) -> None:
    """Check that a command failed with these words on standard error and nothing on the other."""
    assert (found.code, found.out) == (code, ""), found
    for message in messages:
        assert message in found.err


# ---------------------------------------------------------------------------------- run


def test_run_says_what_it_found_and_keeps_it(sim: Type, tmp_path: Path) -> None:
    found = sim("run", SMALL, "-n", 12)
    assert (found.code, found.err) == (0, "")
    assert "Two neighbours and a third" in found.out
    assert "Does a run folder hold the same bytes" in found.out
    assert "A policy over 12 worlds, 2020-12-31 to 2021-04-30, seed 5." in found.out
    assert found.out.count("%") >= 4 * 3
    report = re.search(r"^Report: (.+)$", found.out, re.MULTILINE)
    assert report is not None
    (folder,) = (tmp_path / "runs").iterdir()
    assert Path(report[1]) == Path("runs") / folder.name / "report.html"
    assert re.fullmatch(r"small-[0-9a-f]{8}-n12-s5", folder.name)
    assert set(listing(folder)) >= {
        "scenario.yaml",
        "provenance.json",
        "tally.npz",
        "sample.jsonl",
        "summary.json",
        "outcomes.csv",
        "report.html",
        "occupancy-can-usa-ministers.csv",
        "occupancy-can-mex-ministers.csv",
    }
    assert folders(folder) == ["figures/"]  # no chunks are left


def test_run_again_opens_what_is_there(
    sim: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sim("run", SMALL, "-n", 12, "--out", "here")
    kept = listing(tmp_path)

    def unwanted(*_: object, **__: object) -> Any:
        raise AssertionError("a finished run was run again")

    monkeypatch.setattr(running, "ensemble", unwanted)
    again = sim("run", SMALL, "-n", 12, "--out", "here")
    assert again == first
    assert listing(tmp_path) == kept


def test_run_json_is_json_and_nothing_else(sim: Type, tmp_path: Path) -> None:
    found = sim("run", SMALL, "-n", 12, "--json", "--out", tmp_path / "here")
    assert (found.code, found.err) == (0, "")
    answer = json.loads(found.out)
    assert found.out.count("\n") == 1
    assert answer["folder"] == str(tmp_path / "here")
    assert answer["replications"] == 12
    assert set(answer["outcomes"]) == {"open-at-end", "first-open", "share", "calls"}
    kept = json.loads((tmp_path / "here" / "summary.json").read_text())
    assert {k: v for k, v in answer.items() if k != "folder"} == kept


@pytest.mark.slow
def test_run_takes_number_seed_and_workers(sim: Type) -> None:
    first = json.loads(sim("run", SMALL, "-n", 9, "--seed", 77, "--json").out)
    assert (first["replications"], first["seed"]) == (9, 77)
    assert first["folder"].endswith("-n9-s77")
    more = ("--workers", 3, "--executor", "reference", "--out", "w")
    other = json.loads(sim("run", SMALL, "-n", 9, "--seed", 77, "--json", *more).out)
    assert other["outcomes"] == first["outcomes"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.yaml"], "missing.yaml: no such file"),
        ([SMALL.with_name("smal.yaml")], "no such file; did you mean 'small.yaml'?"),
        ([SMALL.parent], "must be a file, not a directory"),
        ([LOG], "is a log, not a scenario: `sim replay` reads it"),
        ([SMALL, "-n", "0"], "-n"),
        ([SMALL, "-n", "ten"], "-n"),
        ([SMALL, "-n", "10000001"], "-n"),
        ([SMALL, "--seed", "-1"], "--seed"),
        ([SMALL, "--seed", str(2**63)], "--seed"),
        ([SMALL, "--workers", "0"], "--workers"),
        ([SMALL, "--colour"], "--colour"),
        ([SMALL, SMALL], "small.yaml"),
        ([], "scenario"),
    ],
)
def test_run_refuses(sim: Type, tmp_path: Path, arguments: list[object], message: str) -> None:
    refused(sim("run", *arguments), 2, message)
    assert list(tmp_path.iterdir()) == []


def test_run_names_every_problem_of_a_scenario_with_its_line(sim: Type, tmp_path: Path) -> None:
    text = SMALL.read_text().replace("until: 2021-04-30", "until: 2020-04-31")
    (tmp_path / "bad.yaml").write_text(text.replace("viewpoint", "viewpont") + "colour: red\n")
    found = sim("run", "bad.yaml")
    refused(found, 2, "bad.yaml:5: until:", "colour: unknown key")
    assert len(found.complaints) == 2
    assert list(listing(tmp_path)) == ["bad.yaml"]


def test_run_into_a_file(sim: Type, tmp_path: Path) -> None:
    (tmp_path / "here").write_text("mine")
    refused(sim("run", SMALL, "--out", "here"), 1, "here: cannot be opened: Not a directory")
    refused(sim("run", SMALL, "--out", "here/there"), 1, "cannot be opened: Not a directory")
    assert listing(tmp_path) == {"here": b"mine"}


def test_run_into_a_folder_with_other_files(sim: Type, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "thesis.txt").write_text("mine")
    message = "here: holds files that are not a run's; choose another --out"
    refused(sim("run", SMALL, "--out", "here"), 1, message)
    assert listing(tmp_path) == {"here/thesis.txt": b"mine"}


def test_run_into_an_empty_folder(sim: Type, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    assert sim("run", SMALL, "-n", 2, "--out", "here").code == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--seed", "9"], "holds this scenario with seed 5 and 12 replications"),
        (["-n", "13"], "holds this scenario with seed 5 and 12 replications"),
        ([], "holds a run of another scenario"),
    ],
)
def test_run_into_the_folder_of_another_run(
    sim: Type, finished: Path, tmp_path: Path, change: list[str], message: str
) -> None:
    shutil.copytree(finished, tmp_path / "here")
    kept = listing(tmp_path / "here")
    scenario = SMALL
    if not change:
        scenario = tmp_path / "other.yaml"
        scenario.write_text(SMALL.read_text().replace("until: 2021-04-30", "until: 2021-04-29"))
    refused(sim("run", scenario, "-n", 12, "--out", "here", *change), 1, message)
    assert listing(tmp_path / "here") == kept


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("provenance.json", b"{"),
        ("provenance.json", b"[]"),
        ("provenance.json", b'{"seed": 5, "replications": 12, "scenario": "x"}'),
        ("provenance.json", b'{"seed": null, "replications": 12}'),
        ("tally.npz", b""),
        ("tally.npz", b"PK\x03\x04 not a zip"),
        ("tally.npz", b"text"),
    ],
)
@pytest.mark.parametrize("command", ["run", "plot"])
def test_a_broken_run_folder_is_refused(
    sim: Type, finished: Path, tmp_path: Path, name: str, content: bytes, command: str
) -> None:
    shutil.copytree(finished, tmp_path / "here")
    (tmp_path / "here" / name).write_bytes(content)
    kept = listing(tmp_path / "here")
    arguments = ["run", SMALL, "-n", 12, "--out", "here"] if command == "run" else ["plot", "here"]
    refused(sim(*arguments), 2, "here: the run's files do not belong together")
    assert listing(tmp_path / "here") == kept


def no_space(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("point", [0, 1, 5, 11])
def test_a_disk_that_fills_up_stops_the_run_and_tears_nothing(
    sim: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    written, real = 0, os.fsync

    def fsync(handle: int) -> None:
        nonlocal written
        if written == point:
            no_space()
        written += 1
        real(handle)

    monkeypatch.setattr(files.os, "fsync", fsync)
    line = ("run", SMALL, "-n", 12, "--out", "here")
    refused(sim(*line), 1, "cannot be written: No space left on device")
    kept = listing(tmp_path)
    assert point - 1 <= len(kept) <= point  # the scenario is written twice
    assert "here/provenance.json" not in kept
    assert not [name for name in kept if name.endswith(".part")]
    monkeypatch.setattr(files.os, "fsync", real)
    assert sim(*line).code == 0
    lasting = {name for name in kept if "chunk" not in name} - {"here/begun.json"}
    assert lasting <= set(listing(tmp_path))
    assert "here/begun.json" not in listing(tmp_path)


def test_a_folder_that_may_not_be_written(
    sim: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> Any:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(files.tempfile, "mkstemp", denied)
    refused(sim("run", SMALL, "-n", 2), 1, "cannot be written: Permission denied")
    refused(sim("new", "mine"), 1, "mine.yaml: cannot be written: Permission denied")
    assert listing(tmp_path) == {}


def test_an_interrupt_says_how_to_go_on(
    sim: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "ensemble", interrupted)
    message = "stopped; what is finished is kept in here: run the same command to go on"
    refused(sim("run", SMALL, "--out", "here"), 130, message)
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert sim("run", SMALL, "-n", 2, "--out", "here").code == 0


def test_running_out_of_memory_is_told(
    sim: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(*_: object, **__: object) -> Any:
        raise MemoryError

    monkeypatch.setattr(running, "ensemble", greedy)
    refused(sim("run", SMALL, "--out", "here"), 1, "not enough memory: ask for fewer worlds (-n)")


def with_memory(most: int, *line: str) -> subprocess.CompletedProcess[str]:
    """Run the command where a process may have so much address space."""
    code = f"import resource as r; r.setrlimit(r.RLIMIT_AS, ({most}, {most}));"
    code += f"import sys; sys.argv = {['sim', *line]!r}; from sim.cli.app import main; main()"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


@pytest.mark.parametrize("command", ["run", "compare", "why", "verify", "plot"])
def test_a_limit_of_memory_is_told(command: str) -> None:
    """Libraries would end the process with an abort, or a message of their own."""
    found = with_memory(700_000_000, command, str(SMALL))
    assert (found.returncode, found.stdout) == (1, "")
    has = "this process may have 700 MB: raise `ulimit -v`"
    needs = "not enough memory: a run takes 1,500 MB of address space"
    assert found.stderr == f"{needs}, and {has}\n"


@pytest.mark.slow
def test_what_needs_little_memory_is_not_refused() -> None:
    """The control: reading a log takes less, and a limit that is large enough is none."""
    found = with_memory(700_000_000, "replay", str(LOG))
    assert (found.returncode, found.stderr) == (0, "")
    found = with_memory(1_500_000_000, "compare", "no-such.yaml")
    assert found.stderr == "no-such.yaml: no such file\n"


@pytest.mark.parametrize(
    ("old", "new"), [("--precision", "--interval-width"), ("--gap", "--coupling")]
)
def test_an_option_of_before_names_the_new_one(sim: Type, old: str, new: str) -> None:
    refused(sim("compare", str(SMALL), old), 2, f"{old}: is now called {new}")
    refused(sim("run", str(SMALL), f"{old}=1"), 2, f"{old}: is now called {new}")


def test_control_a_new_option_is_taken(sim: Type) -> None:
    assert "is now called" not in sim("run", "no-such.yaml", "--interval-width=1").err


def test_keys_and_an_executor_of_before_name_the_new_ones(sim: Type, tmp_path: Path) -> None:
    path = tmp_path / "old.yaml"
    path.write_text(
        f"extends: {SMALL}\nparameters: x\nobserve_from: 2021-01-01\nchanges:\n  - let: {{}}\n"
        "doctrines: {a: {tell: {bias: 1}}}\n"
    )
    complaints = "\n".join(sim("check", path).complaints)
    for old, new in [
        ("parameters", "fit"),
        ("observe_from", "show_from"),
        ("changes[0].let", "set_doctrine"),
        ("doctrines.a.tell", "acknowledge"),
    ]:
        assert f"{old}: unknown key: it is now called '{new}'" in complaints
    refused(
        sim("run", SMALL, "--executor", "world"),
        2,
        "must be one of kernel, reference: it is now called 'reference' (got world)",
    )


def test_an_option_that_steers_the_terminal_is_shown_escaped(sim: Type) -> None:
    rule = r"sim: there is no such option (got --rlo\u202e.yaml)"
    assert sim("run", "--rlo\u202e.yaml").complaints == [rule]
    found = sim("check", "--", "--rlo\u202e.yaml")
    assert r"--rlo\u202e.yaml" in found.err


@pytest.mark.slow
def test_a_long_run_is_told_before_it_begins_and_a_finished_one_is_not(
    sim: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = ("run", SMALL, "-n", 20, "--out", "here")
    assert "may take" not in sim(*line, "--seed", "5", "--out", "short").err
    monkeypatch.setattr("sim.cli.duration.MANY", {"kernel": 0, "reference": 0})
    monkeypatch.setattr("sim.cli.duration.LONG_S", 0.0)
    monkeypatch.setattr("sim.ground.saying._said", set())
    first = sim(*line)
    assert (first.code, first.err.count("this run expects ")) == (0, 1)
    monkeypatch.setattr("sim.ground.saying._said", set())
    again = sim(*line)
    assert (again.code, again.err, again.out) == (0, "", first.out)


SLOW = """
import sys, time
from sim.ensemble import ensemble
real = ensemble.Job.work
def slow(self, first, number):
    time.sleep(0.15)
    return real(self, first, number)
ensemble.Job.work = slow
ensemble.CHUNKS = dict.fromkeys(ensemble.CHUNKS, 5)
from sim.cli.app import main
main()
"""


IMPORTING = """
import signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from sim.cli.app import main
sys.argv = ["sim", "replay", {log!r}]
main()
"""


@pytest.mark.parametrize("module", ["typer", "rich", "sim.cli.console", "sim.log.log"])
def test_ctrl_c_while_importing_ends_quietly(module: str) -> None:
    code = IMPORTING.format(module=module, log=str(LOG))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 130
    assert done.stderr.strip() in ("", "stopped")


def test_without_ctrl_c_the_same_command_ends_well() -> None:
    """The control: what is interrupted would else say something."""
    code = IMPORTING.format(module="none", log=str(LOG))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "corridor" in done.stdout


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished_and_a_second_run_ends_it(
    sim: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = ["-n", "60", "--draws", "0", "--workers", "2"]
    line = ["run", str(SMALL), *few, "--out", "here"]
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, *line], stderr=subprocess.PIPE, text=True
    ) as process:
        end = time.monotonic() + 60
        while len(list(Path("here").glob("chunks/*.chunk"))) < 2 and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.startswith("stopped; what is finished is kept in here")
    assert "Traceback" not in said
    kept = list(Path("here").glob("chunks/*.chunk"))
    assert 2 <= len(kept) < 12
    monkeypatch.setattr(ensemble, "CHUNKS", dict.fromkeys(ensemble.CHUNKS, 5))
    assert sim(*line).code == 0
    sim("run", SMALL, "-n", 60, "--out", "undisturbed")
    assert listing(Path("here")) == listing(Path("undisturbed"))


# ---------------------------------------------------------------------------------- replay


def test_replay_tells_the_story_of_a_channel(sim: Type) -> None:
    found = sim("replay", LOG)
    assert (found.code, found.err) == (0, "")
    assert "as the observer sees it" in found.out
    for event in load(LOG).events:
        assert event.id in found.out
    assert f"({CHANNEL}) on 2023-03-02: corridor since 2023-03-02" in found.out


def test_replay_json_has_the_agreed_form(sim: Type) -> None:
    found = sim("replay", LOG, "--json")
    assert (found.code, found.err) == (0, "")
    answer = json.loads(found.out)
    channel = answer["channels"][CHANNEL]
    assert (channel["state"], channel["since"]) == ("corridor", "2023-03-02")
    assert channel["event"] in {e.id for e in load(LOG).events}
    assert answer["viewpoint"] == "observer"
    assert [e["id"] for e in answer["events"]] == [e.id for e in _in_order(load(LOG))]


def _in_order(log: Log) -> list[Event]:
    return in_order(log.events, canonical_times(log.events))


def state(found: Typed) -> tuple[str, str, str | None]:
    channel = json.loads(found.out)["channels"][CHANNEL]
    return channel["state"], channel["since"], channel["event"]


def test_replay_at_counts_to_the_end_of_the_day(sim: Type) -> None:
    before = state(sim("replay", LOG, "--at", "2023-03-01", "--json"))
    on_the_day = state(sim("replay", LOG, "--at", "2023-03-02", "--json"))
    assert before[0] == "cut_off"
    assert on_the_day[:2] == ("corridor", "2023-03-02")
    month = state(sim("replay", LOG, "--at", "2023-03", "--json"))
    assert month == on_the_day
    second = state(sim("replay", LOG, "--at", "2023-03-02T00:00:00Z", "--json"))
    assert second == before
    late = state(sim("replay", LOG, "--at", "2024-01-01", "--json"))
    assert late[0] == "cut_off"
    assert late[2] is None  # by silence


def test_replay_as_a_party_gives_its_own_view(sim: Type) -> None:
    day = ("--at", "2023-03-02", "--json")
    assert state(sim("replay", LOG, "--as", "USA", *day))[0] == "corridor"
    assert state(sim("replay", LOG, "--as", "RUS", *day))[0] == "cut_off"
    assert "as RUS sees it" in sim("replay", LOG, "--as", "RUS").out


def test_replay_before_the_log_begins_gives_the_initial_state(sim: Type) -> None:
    found = sim("replay", LOG, "--at", "1900", "--json")
    assert found.code == 0
    answer = json.loads(found.out)
    assert answer["events"] == []
    assert state(found)[0] == "open"
    assert "from the start" in sim("replay", LOG, "--at", "1900").out


def test_replay_of_a_log_without_events(sim: Type, tmp_path: Path) -> None:
    text = "schema: 4\ntitle: Nothing yet\nchannels:\n  can-usa/ministers: {parties: [CAN, USA]}\n"
    (tmp_path / "empty.yaml").write_text(text)
    for arguments in ((), ("--at", "2020-01-01"), ("--json",)):
        found = sim("replay", "empty.yaml", *arguments)
        assert (found.code, found.err) == (0, "")
        assert ("null" if "--json" in arguments else "not known") in found.out


def test_replay_reads_json_lines_and_finds_a_changed_line(sim: Type, tmp_path: Path) -> None:
    whole = to_jsonl(load(LOG))
    (tmp_path / "log.jsonl").write_text(whole)
    assert state(sim("replay", "log.jsonl", "--json")) == state(sim("replay", LOG, "--json"))
    (tmp_path / "log.jsonl").write_text(whole.replace("2018", "2019", 1))
    found = sim("replay", "log.jsonl")
    refused(found, 2, "log.jsonl:", "chain is broken")
    assert re.match(r"log\.jsonl:\d+: ", found.err)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([LOG, "--as", "FRA"], "--as: must be one of RUS, USA, observer, public (got FRA)"),
        ([LOG, "--as", "usa"], "--as: must be one of"),
        ([LOG, "--at", "yesterday"], "--at: must be an EDTF date"),
        ([LOG, "--at", "2023-02-30"], "--at: names a day or a time that does not exist"),
        ([LOG, "--at", ""], "--at: must be an EDTF date"),
        (["missing.yaml"], "missing.yaml: no such file"),
        ([SMALL], "small.yaml"),
        ([LOG.parent], "a log must end in .yaml, .yml or .jsonl"),
        ([Path(__file__)], "a log must end in .yaml, .yml or .jsonl (got .py)"),
    ],
)
def test_replay_refuses(sim: Type, arguments: list[object], message: str) -> None:
    refused(sim("replay", *arguments), 2, message)


# ---------------------------------------------------------------------------------- check


def test_check_says_what_each_file_is(sim: Type, tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(to_jsonl(load(LOG)))
    events = len(load(LOG).events)
    found = sim("check", SMALL, LOG, "log.jsonl")
    assert (found.code, found.err) == (0, "")
    assert found.out.splitlines() == [
        f"{SMALL}: a scenario, a policy with 4 outcomes",
        f"{LOG}: a log of {events} events on 1 channel",
        f"log.jsonl: a log of {events} events on 1 channel, unbroken",
    ]


def test_check_names_every_problem_of_every_file(sim: Type, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("title: x\nevents: []\n")
    (tmp_path / "b.yaml").write_text("title: [\n")
    found = sim("check", "a.yaml", SMALL, "b.yaml", "c.yaml")
    assert found.code == 2
    assert found.out == f"{SMALL}: a scenario, a policy with 4 outcomes\n"
    told = [line.partition(":")[0] for line in found.complaints]
    assert told == ["a.yaml", "a.yaml", "b.yaml", "c.yaml"]  # a missing schema hides nothing else
    assert any("schema: is required" in line for line in found.complaints[:2])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.yaml", b"", "must not be empty"),
        ("list.yaml", b"- 1\n", "must be a mapping"),
        ("binary.yaml", b"\xff\xfe\x00", "must be UTF-8 text, not binary"),
        ("empty.jsonl", b"", "must not be empty"),
        ("odd.jsonl", b"{}\n", "must be an object with"),
    ],
)
def test_check_refuses(sim: Type, tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    refused(sim("check", name), 2, name, message)


# ---------------------------------------------------------------------------------- plot


@pytest.mark.parametrize("kind", Gallery.KINDS)
def test_plot_draws_every_figure_of_a_run(
    sim: Type, finished: Path, tmp_path: Path, kind: str
) -> None:
    channel = ("--channel", "can-usa/ministers") if kind == "history" else ()
    found = sim("plot", finished, "--kind", kind, "--out", "figure.svg", *channel)
    assert (found.code, found.out, found.err) == (0, "figure.svg\n", "")
    text = (tmp_path / "figure.svg").read_text()
    assert text.startswith("<?xml")
    assert text.rstrip().endswith("</svg>")
    assert len(listing(tmp_path)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", LogGallery.KINDS)
@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_plot_draws_every_figure_of_a_log(
    sim: Type, tmp_path: Path, kind: str, ending: str
) -> None:
    found = sim("plot", LOG, "--kind", kind, "--out", f"figure.{ending}")
    assert (found.code, found.out, found.err) == (0, f"figure.{ending}\n", "")
    content = (tmp_path / f"figure.{ending}").read_bytes()
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[ending]
    assert content.startswith(start)
    if ending == "png":
        assert matplotlib.image.imread(tmp_path / "figure.png").std() > 0.01  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", LogGallery.KINDS)
def test_plot_of_a_log_between_two_dates(sim: Type, tmp_path: Path, kind: str) -> None:
    """A shorter time is another picture; all of it is the usual one."""
    spans = {"usual": (), "all": ("--until", "2023-03-02"), "some": ("--from", "2022-06")}
    for name, span in spans.items():
        assert sim("plot", LOG, "--kind", kind, "--out", f"{name}.svg", *span).code == 0
    usual, whole, some = ((tmp_path / f"{name}.svg").read_bytes() for name in spans)
    assert usual != some
    assert b"not shown" in some or kind == "divergence" or whole != some


def test_plot_names_the_picture_after_its_kind(sim: Type, finished: Path, tmp_path: Path) -> None:
    assert sim("plot", LOG).out == "timeline.png\n"
    assert sim("plot", finished).out == "occupancy.png\n"
    assert set(listing(tmp_path)) == {"timeline.png", "occupancy.png"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([LOG, "--kind", "timelin"], "the kind must be one of timeline, divergence"),
        ([LOG, "--kind", "timelin"], "did you mean 'timeline'?"),
        ([LOG, "--kind", "occupancy"], "the kind must be one of timeline, divergence"),
        ([LOG, "--channel", "usa-rus/leaders"], "the channel must be one of usa-rus/ministers"),
        ([LOG, "--out", "x.gif"], "--out: must end in .png, .svg or .pdf (got x.gif)"),
        ([LOG, "--out", "x"], "--out: must end in .png, .svg or .pdf (got x)"),
        (["missing"], "missing: must be the folder of a finished run"),
        (["missing.yaml"], "missing.yaml: no such file"),
        ([LOG, "--from", "x"], "--from: must be an EDTF date"),
        ([LOG, "--from", "2023", "--until", "2022"], "--until: must not lie before --from 2023"),
        ([LOG.parent, "--from", "2022"], "--from: is of logs only (got 2022)"),
        ([LOG.parent], "seeds: must be the folder of a finished run"),
    ],
)
def test_plot_refuses(sim: Type, tmp_path: Path, arguments: list[object], message: str) -> None:
    refused(sim("plot", *arguments), 2, message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--kind", "spiral"], "the kind must be one of occupancy, history, raster"),
        (["--channel", "can-usa/leaders"], "did you mean 'can-usa/ministers'?"),
        (["--kind", "waiting", "--channel", "share"], "needs an outcome of type first_time"),
    ],
)
def test_plot_of_a_run_refuses(
    sim: Type, finished: Path, tmp_path: Path, arguments: list[object], message: str
) -> None:
    refused(sim("plot", finished, *arguments), 2, message)
    assert list(tmp_path.iterdir()) == []


def test_plot_where_nothing_can_be_written(
    sim: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old.png").write_bytes(b"old")
    found = sim("plot", LOG, "--out", "old.png/folder.png")
    refused(found, 1, "old.png/folder.png: cannot be written: File exists")
    monkeypatch.setattr(files.os, "fsync", no_space)
    refused(sim("plot", LOG, "--out", "old.png"), 1, "old.png: cannot be written: No space left")
    monkeypatch.undo()
    assert listing(tmp_path) == {"old.png": b"old"}


# ---------------------------------------------------------------------------------- new, schema


@pytest.mark.slow
def test_new_writes_a_scenario_that_checks_and_runs(sim: Type, tmp_path: Path) -> None:
    found = sim("new", "my-question")
    assert (found.code, found.out, found.err) == (0, "my-question.yaml\n", "")
    assert set(listing(tmp_path)) == {"my-question.yaml"}
    assert sim("check", "my-question.yaml").out.endswith("a forecast with 5 outcomes\n")
    assert sim("run", "my-question.yaml", "-n", 3).code == 0
    assert sim("new", "other.yaml").out == "other.yaml\n"


def test_new_does_not_write_over_a_file(sim: Type, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mine")
    refused(sim("new", "mine"), 2, "mine.yaml: already exists")
    assert listing(tmp_path) == {"mine.yaml": b"mine"}


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../up", "a b", "-x", ".yaml", "a" * 81, "é"]
)
def test_new_refuses_what_is_no_plain_name(sim: Type, tmp_path: Path, name: str) -> None:
    found = sim("new", "--", name)
    refused(found, 2, "NAME: must be a plain name")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["scenario", "log"])
def test_schema_prints_json(sim: Type, kind: str) -> None:
    found = sim("schema", kind)
    assert (found.code, found.err) == (0, "")
    assert json.loads(found.out)["$schema"].endswith("2020-12/schema")
    assert (sim("schema").out == found.out) == (kind == "scenario")


def test_schema_refuses_other_kinds(sim: Type) -> None:
    message = "sim schema: the kind must be scenario or log (got doctrine)"
    refused(sim("schema", "doctrine"), 2, message)


# ---------------------------------------------------------------------------------- terminals


def test_help_names_every_command(sim: Type) -> None:
    found = sim("--help")
    assert (found.code, found.err) == (0, "")
    for command in ("run", "replay", "check", "plot", "schema", "new"):
        assert re.search(rf"\b{command}\b", found.out)
        part = sim(command, "--help")
        assert (part.code, part.err) == (0, "")
    assert sim("-h").out == found.out


@pytest.mark.parametrize("arguments", [["rum"], ["--colour"]])
def test_an_unknown_command_or_option_is_refused(sim: Type, arguments: list[str]) -> None:
    refused(sim(*arguments), 2, arguments[0])


@pytest.mark.parametrize("columns", [20, 40, 60, 200])
def test_a_narrow_terminal_still_shows_the_numbers(
    sim: Type, finished: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    found = sim("run", SMALL, "-n", 12, "--out", finished)
    assert found.code == 0
    assert "\x1b[" in found.out
    text = re.sub(r"\x1b\[[0-9;]*m", "", found.out)
    lines = [line for line in text.splitlines() if not line.startswith("Report: ")]
    assert max(map(len, lines)) <= columns
    if columns >= 40:
        for answer in load_run(finished).answers:
            assert f"{100 * answer.estimate:.0f} %" in text


@pytest.mark.slow
def test_a_terminal_shows_how_far_a_run_is(sim: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    found = sim("run", SMALL, "-n", 1200)
    assert found.code == 0
    assert "1,200 of 1,200 worlds" in re.sub(r"\x1b\[[0-9;]*m", "", found.err)
    assert "worlds" not in sim("run", SMALL, "-n", 10, "--json").err


ODD = "[bold]Talks[/bold] [/] :bomb: [link=x] \\"


def test_markup_in_a_title_is_shown_as_it_is_written(sim: Type, tmp_path: Path) -> None:
    text = SMALL.read_text().replace("Two neighbours and a third", f"'{ODD}'")
    text = text.replace("type: event_by,", f"type: event_by, title: '{ODD}',")
    (tmp_path / "odd[red].yaml").write_text(text)
    found = sim("run", "odd[red].yaml", "-n", 2)
    assert (found.code, found.err) == (0, "")
    assert found.out.splitlines()[1] == ODD
    assert ":bomb:" in found.out.partition("Estimate")[2]
    assert "runs/odd[red]-" in found.out
    log = LOG.read_text().replace("title: Blinken and Lavrov", f"title: '{ODD}'\n#", 1)
    (tmp_path / "log.yaml").write_text(log)
    assert f"\n{ODD}, as the observer sees it\n" in sim("replay", "log.yaml").out


@pytest.mark.slow
@pytest.mark.parametrize("size", ["long", "short"])
def test_a_reader_that_goes_away_is_no_error(size: str) -> None:
    line = ["schema"] if size == "long" else ["check", str(LOG)]
    with subprocess.Popen(
        [sys.executable, "-c", "from sim.cli.app import main; main()", *line],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, said = process.communicate(timeout=60)
    assert said == ""
    assert process.returncode == 1


def test_a_name_that_no_disk_takes_is_a_sentence(sim: Type, tmp_path: Path) -> None:
    name = "a" * 300
    refused(sim("run", SMALL, "-n", 2, "--out", name), 1, "File name too long")
    refused(sim("plot", name), 1, "File name too long")
    refused(sim("check", f"{name}.yaml"), 2, "File name too long")
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_told(sim: Type) -> None:
    import sim as package

    found = sim("--version")
    assert (found.code, found.err) == (0, "")
    assert found.out == f"backchannel {package.__version__}\n"
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", package.__version__)


@pytest.mark.parametrize(("end", "encoding"), [(">&-", "utf-8"), ("| cat", "ascii")])
def test_a_closed_or_narrow_output_is_no_failure(end: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "ж.yaml"
    path.write_text(SMALL.read_text(encoding="utf-8"), encoding="utf-8")
    sim = f"'{sys.executable}' -c 'from sim.cli.app import main; main()'"
    line = f"set -o pipefail; {sim} check ж.yaml"
    environment = os.environ | {"PYTHONIOENCODING": encoding, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-c", f"{line} {end}"], cwd=tmp_path, env=environment, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"?.yaml: a scenario" if encoding == "ascii" else b"")
