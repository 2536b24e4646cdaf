"""Compiled code on disk: damaged files and folders that take nothing stop no run."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import pytest
from forks import Forks

from sim.cli.console import progress
from sim.ground import codecache, saying
from sim.ground.draws import HAS_NUMBA

pytestmark = [
    pytest.mark.slow,  # each compiles a small function of its own, in a fork of Python
    pytest.mark.skipif(not HAS_NUMBA, reason="without numba nothing is compiled"),
]
ROOT = Path(__file__).parents[2]
COMPILING = "compiling a sum, once: this takes about 20 seconds, on a slow machine longer\n"
SOURCE = """
from sim.ground.draws import compiled_slowly

@compiled_slowly("a sum", 20, 5)
def plus(a, b):
    return a + b

print(plus(2, 3))
"""


WITH_A_COMPILER = """
import numba
assert numba.njit(lambda a, b: a + b)(2, 3) == 5
"""
"""What every run of the module would else do for itself: get a compiler ready."""
ELSEWHERE = """
import numba, os, sys, tempfile
os.environ.pop("NUMBA_CACHE_DIR", None)
os.environ.update({environment!r})
numba.config.reload_config()
tempfile.tempdir = None
sys.path[:0] = {path!r}
"""

TWICE = """
import compiled_once
other = os.fork()
import sums
if other:
    os.waitpid(other, 0)
"""


class Place:
    """A module with one compiled function, and the folders that may keep it, all of our own."""

    def __init__(self, folder: Path, forks: Forks) -> None:
        self.folder, self.module = folder, folder / "program" / "sums.py"
        self.forks = forks
        self.module.parent.mkdir()
        self.module.write_text(SOURCE)
        (folder / "tmp").mkdir()

    @property
    def beside(self) -> Path:
        return self.module.parent / "__pycache__"

    def run(self, code: str = "import sums", said: str = "5\n", **more: str) -> str:
        """Run the module in a fork without it; return what it said on standard error."""
        own = {"HOME": f"{self.folder}/home", "TMPDIR": f"{self.folder}/tmp"}
        own |= {"XDG_CACHE_HOME": f"{self.folder}/cache"}
        path = [str(ROOT), str(ROOT / "tests" / "support"), str(self.module.parent)]
        before = ELSEWHERE.format(environment=own | more, path=path)
        done = self.forks.python(before + code, ())
        assert (done.returncode, done.stdout) == (0, said), done.stderr
        return done.stderr

    def kept(self, folder: Path | None = None) -> list[Path]:
        return sorted((folder or self.folder).rglob("sums.plus*.code"))


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    waiting = Forks(tmp_path_factory.mktemp("forks"), os.environ)
    with waiting.warmed(WITH_A_COMPILER):
        yield waiting
    waiting.close()


@pytest.fixture
def place(tmp_path: Path, forks: Forks) -> Place:
    return Place(tmp_path, forks)


def test_compiling_is_said_when_it_happens_and_only_then(place: Place) -> None:
    assert place.run() == COMPILING
    assert place.run() == ""
    place.module.touch()  # nothing in it changed
    assert place.run() == ""
    assert len(place.kept(place.beside)) == len(place.kept()) == 1
    place.module.write_text(SOURCE + "\n# changed\n")
    assert place.run() == COMPILING
    assert len(place.kept()) == 1  # the old one is removed


def test_two_workers_of_the_tests_do_not_compile_at_once(place: Place) -> None:
    assert place.run(TWICE, "5\n5\n", PYTEST_XDIST_WORKER="gw0") == COMPILING


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "other"])
def test_a_damaged_file_is_replaced(place: Place, damage: str) -> None:
    place.run()
    (file,) = place.kept()
    whole = file.read_bytes()
    half = len(whole) // 2
    file.write_bytes(
        {
            "empty": b"",
            "cut": whole[:half],
            "flipped": whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :],
            "other": b"no code at all",
        }[damage]
    )
    assert place.run() == (
        f"{place.beside}: holds damaged compiled code, which is not used\n" + COMPILING
    )
    assert place.run() == ""
    assert len(place.kept()) == 1


def test_a_folder_that_takes_nothing_is_passed_over_for_the_users_own(place: Place) -> None:
    place.beside.write_text("a file where the folder should be")
    said = place.run().splitlines()
    (file,) = place.kept(place.folder / "cache")
    assert said == [
        COMPILING.strip(),
        f"{place.beside}: cannot be written: File exists; compiled code is kept in {file.parent}",
    ]
    assert place.run() == ""


def test_then_a_temporary_folder_then_none(place: Place) -> None:
    for folder in (place.beside, place.folder / "cache"):
        folder.write_text("a file where the folder should be")
    assert "compiled code is kept in " in place.run()
    (file,) = place.kept(place.folder / "tmp")
    assert place.run() == ""
    private = file.parent.parent
    private.chmod(0o777)  # anybody may have put code there
    assert place.run().startswith(COMPILING)
    file.unlink()
    file.parent.rmdir()
    private.rmdir()
    private.write_text("a file here too")
    for _ in range(2):
        said = place.run()
        assert said.startswith(COMPILING)
        assert "compiled code can be kept nowhere, so each run compiles: " in said
        assert place.kept() == []


def test_the_folder_that_the_user_names_comes_first(place: Place) -> None:
    chosen = place.folder / "chosen"
    place.run(NUMBA_CACHE_DIR=str(chosen))
    assert place.kept() == place.kept(chosen)
    assert place.run(NUMBA_CACHE_DIR=str(chosen)) == ""
    assert place.run() == COMPILING


def test_a_disk_that_is_full_while_code_is_written_is_no_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    monkeypatch.setattr(codecache, "folders", lambda source, make=False: iter((first, second)))

    def full(path: Path, content: bytes) -> None:
        if path.is_relative_to(first):
            raise codecache.RunError(f"{path}: cannot be written: No space left on device")
        path.parent.mkdir()
        path.write_bytes(content)

    monkeypatch.setattr(codecache, "write_safely", full)
    store = codecache._Store(tmp_path / "code.py", "code.f-1.py311", "0" * 64)
    assert store.load("key") is None
    store.save("key", [1, 2])
    assert capsys.readouterr().err == (
        f"{first}: cannot be written: No space left on device; compiled code is kept in {second}\n"
    )
    assert store.load("key") == [1, 2]
    assert store.load("another key") is None


# ---------------------------------------------------------------------------------- what is said


class Terminal(io.StringIO):
    """A standard error on which a line can be written anew."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_the_seconds_that_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    def stopped() -> None:
        with saying.counting("compiling a sum, once", 23.0):
            sleep(1.3)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    passed = terminal.getvalue().split("\r\x1b[K")
    assert passed == [
        "",
        "compiling a sum, once: this takes about 25 seconds",
        "compiling a sum, once: 1 of about 25 seconds",
        "",  # the line is empty again, whatever happened
    ]
    sleep(1.1)
    assert terminal.getvalue().split("\r\x1b[K") == passed  # and nobody counts on


def test_what_takes_longer_than_usual_says_so() -> None:
    assert saying.so_far(25.4, 25.0) == "25 seconds so far, longer than usual"
    assert saying.so_far(24.9, 25.0) == "25 of about 25 seconds"  # the control


def test_beside_a_bar_no_line_is_written_into_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal, shown = Terminal(), list[str]()
    monkeypatch.setattr(sys, "stderr", terminal)
    with saying.beside_a_bar(shown.append), saying.counting("compiling", 1.0):
        pass
    assert (terminal.getvalue(), shown) == ("", ["compiling: this takes about 5 seconds", ""])
    with saying.counting("compiling", 1.0):  # the control: without a bar it is
        pass
    assert terminal.getvalue() != ""


def test_a_bar_shows_what_passes_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress(quiet=False) as bar, saying.counting("compiling", 1.0):
        bar.bar.refresh()
    assert "compiling: this takes about 5 seconds" in terminal.getvalue()
    assert "\r\x1b[K" not in terminal.getvalue()  # the line of the bar is not written anew
    assert saying._beside == []


def test_the_second_function_of_a_file_takes_less(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = list[float]()

    @contextmanager
    def counting(what: str, about_s: float) -> Iterator[None]:
        expected.append(about_s)
        yield

    monkeypatch.setattr(codecache, "counting", counting)
    monkeypatch.setattr(codecache, "_begun", set())
    slow = codecache.Slow("a sum", 20.0, 4.0)
    for place_of in (Place.run, Place.kept, codecache.folders):  # the last: another file
        codecache.CodeCache(place_of, slow).compile(lambda: None)
    assert expected == [20.0, 4.0, 20.0]
