"""Notebooks run from their folder and from the root, and are stored as they were written."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# ipykernel and its parts warn on their own account, in this process and not in the notebook's
pytestmark = pytest.mark.filterwarnings("ignore")

WORLDS = {"03-how-sure": 2_000, "02-what-if": 20, "05-sensitivity": 10}
"""Worlds where they are not forty: a fit of 500 draws needs several a draw, and a sensitivity runs
its number for each weight."""


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code(book: Any) -> list[str]:
    """The code cells, without magics."""
    cells = [cell.source for cell in book.cells if cell.cell_type == "code"]
    return [
        "\n".join("" if line.startswith("%") else line for line in cell.splitlines())
        for cell in cells
    ]


def defined(cells: list[str]) -> list[str]:
    """What the cells define: notebooks call `sim` and define nothing."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    nodes = [node for cell in cells for node in ast.walk(ast.parse(cell))]
    return [getattr(n, "name", "lambda") for n in nodes if isinstance(n, kinds)]


def stored(book: Any) -> list[str]:
    """The ids of cells that were saved with what a run left behind."""
    ran = [c for c in book.cells if c.cell_type == "code" and (c.outputs or c.execution_count)]
    return [cell.id for cell in ran]


def execute(book: Any, folder: Path) -> list[list[str]]:
    """Run a notebook in a folder; return for each code cell the types of what it shows."""
    client = NotebookClient(
        book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    cells = [c for c in book.cells if c.cell_type == "code"]
    return [
        [kind for o in c.outputs for kind in getattr(o, "data", {"text/plain": ""})] for c in cells
    ]


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_as_it_was_written(path: Path) -> None:
    book = read(path)
    nbformat.validate(book)
    assert defined(code(book)) == []
    assert stored(book) == []


def test_definitions_and_outputs_are_found() -> None:
    cells = ["x = 1\nf = lambda: 1", "class A:\n    def g(self): ..."]
    assert sorted(defined(cells)) == ["A", "g", "lambda"]
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_code_cell("1", execution_count=3)]
    assert stored(book) == [book.cells[0].id]


def few(book: Any, worlds: int = 40) -> list[Any]:
    """The code cells of a notebook, over few worlds: what is shown hangs little on how many."""
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    for cell in cells:
        cell.source = re.sub(r"replications=\d+", f"replications={worlds}", cell.source)
    return cells


QUICKLY = """
import gc
import sim.galleries.study_gallery
from sim.ensemble import settings, weighed
from sim.kernel import dating
settings.DRAWS = 100  # worlds over other weights, of which a notebook would ask 2,000 at each run
weighed.MOST_ROUNDS, dating.SETTLING = 10, 5
gc.set_threshold(500_000, 20, 20)
gc.freeze()  # each reset looks for garbage twice
"""


def one_after_the_other(parts: list[list[str]]) -> Any:
    """The cells of several notebooks in one Python, which knows no name of the one before."""
    book = nbformat.v4.new_notebook()
    sources = [source for own in parts for source in (*own, "%reset -f")]
    book.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return book


@pytest.mark.slow
def test_notebooks_run_in_their_folder_and_begin_from_the_root_too() -> None:
    """All in one Python, one after the other, and there their imports, then a file."""
    parts = [[c.source for c in few(read(p), WORLDS.get(p.stem, 40))] for p in NOTEBOOKS]
    again = [f"%cd -q {ROOT}", *(source for own in parts for source in own[:2])]
    book = one_after_the_other([[QUICKLY], *parts, again])
    shown = iter(execute(book, NOTEBOOKS[0].parent)[2:])
    for path, own in zip(NOTEBOOKS, parts, strict=True):
        kinds = [kind for _ in (*own, "%reset") for kind in next(shown)]
        assert kinds.count("image/png") >= 3, path  # its figures are seen, and not only named


@pytest.mark.slow
def test_control_a_name_of_the_notebook_before_is_not_known() -> None:
    with pytest.raises(CellExecutionError, match="known"):
        execute(one_after_the_other([["known = 1"], ["known"]]), ROOT)


@pytest.mark.slow
def test_a_notebook_that_fails_is_noticed() -> None:
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_code_cell("import sim\nsim.nothing")]
    with pytest.raises(CellExecutionError, match="nothing"):
        execute(book, ROOT)
