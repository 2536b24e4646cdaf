"""A Python that drops docstrings and asserts (`PYTHONOPTIMIZE=2`) gives what any other gives."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.learning.diagnosing import diagnose
from sim.learning.resting import sensitivity
from sim.learning.sampling import Draws

PACKAGE = Path(sim.__file__).parent


def numbers() -> dict[str, float]:
    """What is said of chains, and of what an answer rests on."""
    noise = np.random.default_rng(1).normal(size=(4, 200, 1))
    told = diagnose(Draws(noise, noise[..., 0], 0.8, 0)).plain()
    return told | {"moved": sensitivity(noise[0, :, 0], noise[1, :, 0])}


@pytest.mark.slow
def test_learning_and_answers_over_a_fit_need_no_docstrings() -> None:
    code = (
        "import json, sys, test_optimized as t; print(sys.flags.optimize, json.dumps(t.numbers()))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONOPTIMIZE": "2", "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    dropped, said = ended.stdout.split(" ", 1)
    assert dropped == "2"
    assert json.loads(said) == numbers()
    assert numbers()["moved"] > 0


def relied_on(text: str) -> list[int]:
    """The lines of a module that are only right where asserts are run and docstrings kept. An
    assert may tell a type checker what something is, and do nothing else."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assert) and not _narrows(node.test):
            found.append(node.lineno)
        if isinstance(node, ast.Attribute) and node.attr in ("__doc__", "getdoc"):
            found.append(node.lineno)
    return found


def _narrows(test: ast.expr) -> bool:
    if isinstance(test, ast.Compare):
        about, op = test.left, test.ops[0]
        said_none = ast.unparse(test.comparators[0]) == "None"
        return isinstance(op, ast.IsNot) and said_none and _plain(about)
    if isinstance(test, ast.Call) and ast.unparse(test.func) == "isinstance":
        return _plain(test.args[0])
    return False


def _plain(about: ast.expr) -> bool:
    return all(isinstance(n, ast.Name | ast.Attribute | ast.Load) for n in ast.walk(about))


def test_nothing_relies_on_asserts_or_docstrings() -> None:
    found = {str(p): relied_on(p.read_text(encoding="utf-8")) for p in PACKAGE.rglob("*.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_control_what_relies_on_them_is_found() -> None:
    for text in ("assert game.finished", "assert read(x) is not None", "print(main.__doc__)"):
        assert relied_on(text) == [1]
    assert relied_on("assert a.b is not None\nassert isinstance(a, str)") == []
