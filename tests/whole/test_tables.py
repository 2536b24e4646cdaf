"""How tables are built: a column's type is said, or all rows say it."""

from __future__ import annotations

import ast
from pathlib import Path

import sim

PACKAGE = Path(sim.__file__).parent


def guessed(text: str) -> list[int]:
    """The lines on which a table is built of rows whose first hundred alone say what types its
    columns have. One of columns, a mapping, is looked at as a whole."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) != "pl.DataFrame":
            continue
        if node.args and (isinstance(node.args[0], ast.Dict) or _is_columns(node.args[0])):
            continue
        if not {"schema", "infer_schema_length"} & {k.arg for k in node.keywords}:
            found.append(node.lineno)
    return found


def _is_columns(said: ast.expr) -> bool:
    return isinstance(said, ast.Name) and said.id == "columns"


def test_no_table_guesses_its_columns_from_its_first_rows() -> None:
    found = {str(p): guessed(p.read_text(encoding="utf-8")) for p in PACKAGE.rglob("*.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_control_such_a_table_is_found() -> None:
    assert guessed("a = pl.DataFrame(rows).write_csv()") == [1]
    assert guessed("pl.DataFrame(rows, schema=s); pl.DataFrame({'a': b})") == []
