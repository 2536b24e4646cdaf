"""What is compiled into the kernel: a change in any of these files must be seen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.kernel.sources import PACKAGE, compiled_in, sources_digest
from sim.learning.compiled_calls import COMPILED


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package that a test may edit."""

    def ignored(folder: str, names: list[str]) -> list[str]:
        return [n for n in names if not (n.endswith(".py") or Path(folder, n).is_dir())]

    return Path(shutil.copytree(PACKAGE, tmp_path / "sim", ignore=ignored))


def edit(path: Path) -> None:
    path.write_text(path.read_text() + "\n# edited\n")


def test_a_copy_has_the_same_digest(package: Path) -> None:
    assert sources_digest(package) == sources_digest()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "ground/draws.py",
        "ground/dates.py",  # for DAY_S alone
        "log/events.py",
        "log/log.py",
        "rules/contact.py",
        "rules/features.py",
        "scenario/doctrine.py",
        "model/situation.py",
        "model/compiled_scenario.py",
        "kernel/folding.py",
        "kernel/tallying.py",
        "kernel/run.py",
    ],
)
def test_an_edit_in_each_room_that_is_compiled_in_is_seen(package: Path, name: str) -> None:
    before = sources_digest(package)
    edit(package / name)
    assert sources_digest(package) != before


def test_control_an_edit_elsewhere_costs_no_compilation(package: Path) -> None:
    before = sources_digest(package)
    for name in ("report/report.py", "plots/style.py", "cli/app.py", "study/run.py"):
        edit(package / name)
    assert sources_digest(package) == before


def test_all_that_the_kernel_imports_is_found(package: Path) -> None:
    """In each form of an import: of a module, of names from it, over several lines."""
    (package / "log" / "one.py").write_text("x = 1\n")
    (package / "log" / "two.py").write_text("from sim.log import (\n    one,\n)\n")
    (package / "log" / "three.py").write_text("import sim.log.two\n")
    kernel = package / "kernel" / "clock.py"
    kernel.write_text(kernel.read_text() + "\ndef late():\n    from sim.log.three import y\n")
    names = {p.stem for p in compiled_in(package)}
    assert {"one", "two", "three"} <= names


@pytest.mark.parametrize("name", ["learning/hmc_chain.py", "rules/normal.py", "ground/draws.py"])
def test_an_edit_of_what_learning_compiles_is_seen(package: Path, name: str) -> None:
    first = [package / "learning" / file for file in COMPILED]
    before = sources_digest(package, first)
    edit(package / "learning" / "folder.py")  # the control: it is not compiled
    assert sources_digest(package, first) == before
    edit(package / name)
    assert sources_digest(package, first) != before
