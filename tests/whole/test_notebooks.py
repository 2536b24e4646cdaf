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

WORLDS = {"03-how-sure": 2_000}
"""Worlds of notebooks that need more than forty: a fit of 500 draws needs several worlds a draw."""


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


def execute(book: Any, folder: Path) -> list[str]:
    """Run a notebook in a folder; return the types of what its cells show."""
    client = NotebookClient(
        book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    shown = [o for c in book.cells if c.cell_type == "code" for o in c.outputs]
    return [kind for o in shown for kind in getattr(o, "data", {"text/plain": ""})]


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


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_in_its_folder(path: Path) -> None:
    book = read(path)
    few(book, WORLDS.get(path.stem, 40))
    kinds = execute(book, path.parent)
    assert kinds.count("image/png") >= 3  # its figures are seen, and not only named


@pytest.mark.slow
def test_notebooks_begin_from_the_root_too() -> None:
    """All of them in one Python, one after the other."""
    book = nbformat.v4.new_notebook()
    for path in NOTEBOOKS:
        for cell in few(read(path))[:2]:  # imports, then a file
            book.cells.append(nbformat.v4.new_code_cell(cell.source))
    assert execute(book, ROOT)


@pytest.mark.slow
def test_a_notebook_that_fails_is_noticed() -> None:
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_code_cell("import sim\nsim.nothing")]
    with pytest.raises(CellExecutionError, match="nothing"):
        execute(book, ROOT)
