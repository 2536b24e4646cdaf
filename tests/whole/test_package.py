"""What is installed, and that nothing asks for what only one system has."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ONLY_POSIX = {"fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog", "posix"}
CALLS = {"fork", "forkpty", "getuid", "geteuid", "getgid", "mkfifo", "chown", "nice", "setsid"}
"""Functions of `os` that Windows lacks."""


def posix_only(text: str) -> list[str]:
    """What a module asks for that only POSIX has, outside of `try`, of `hasattr` and of a check of
    the system."""
    tree = ast.parse(text)
    guarded: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            guarded |= {inner for child in node.body for inner in ast.walk(child)}
        if isinstance(node, ast.IfExp | ast.BoolOp) and "hasattr(" in ast.unparse(node):
            guarded |= set(ast.walk(node))
        if isinstance(node, ast.FunctionDef) and re.search(
            r"if sys\.platform == 'win32':\s+return", ast.unparse(node)
        ):
            guarded |= set(ast.walk(node))
    found = []
    for node in ast.walk(tree):
        if node in guarded:
            continue
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found += [name for name in names if name in ONLY_POSIX]
        if isinstance(node, ast.ImportFrom) and node.module in ONLY_POSIX:
            found.append(str(node.module))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "os":
            found += [f"os.{node.attr}"] if node.attr in CALLS else []
    return found


@pytest.mark.slow
def test_nothing_asks_for_what_only_posix_has() -> None:
    told = {p.name: posix_only(p.read_text("utf-8")) for p in (ROOT / "sim").rglob("*.py")}
    assert {name: found for name, found in told.items() if found} == {}


def test_control_a_posix_only_call_is_found() -> None:
    assert posix_only("import os\nimport fcntl\nos.fork()") == ["fcntl", "os.fork"]
    assert posix_only("try:\n    import fcntl\nexcept ImportError:\n    pass") == []
    assert posix_only("u = os.getuid() if hasattr(os, 'getuid') else 0") == []


def test_every_extra_is_explained() -> None:
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for extra in project["optional-dependencies"]:
        assert f"| `{extra}` |" in page, extra


def test_the_package_holds_no_tests() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    assert build["build"]["targets"]["wheel"]["packages"] == ["sim"]
    assert not [p for p in (ROOT / "sim").rglob("*") if p.name.startswith(("test_", "conftest"))]
