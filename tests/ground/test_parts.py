"""Parts are compiled into their callers alone: the same results, without code of their own."""

from __future__ import annotations

from typing import Any

import pytest

from sim.ground.draws import HAS_NUMBA

if not HAS_NUMBA:
    pytest.skip("numba is missing or its JIT is off", allow_module_level=True)

from numba import njit

from sim.ground import draws, parts
from sim.kernel.memory import at

OPTIONS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def with_caller(options: dict[str, Any]) -> tuple[Any, Any]:
    """A part compiled with some options, and a function that calls it twice."""

    @njit(error_model="python", **OPTIONS, **options)  # type: ignore[untyped-decorator]
    def part(x: float, y: float) -> float:
        return draws.exp(x) / y

    @njit(error_model="python")  # type: ignore[untyped-decorator]
    def caller(x: float, y: float) -> float:
        return float(part(x, y)) + float(part(2.0 * x, y))

    return part, caller


def library_of(function: Any) -> Any:
    return next(iter(function.overloads.values())).library


@pytest.mark.parametrize("needed", [parts.NEEDED, ("what_no_version_has",)])
def test_a_part_gives_the_same_in_its_caller(needed: tuple[str, ...]) -> None:
    _, caller = with_caller(parts.part_options(needed))
    assert caller(0.5, 3.0) == draws.exp(0.5) / 3.0 + draws.exp(1.0) / 3.0
    with pytest.raises(ZeroDivisionError):
        caller(0.5, 0.0)


def test_a_part_has_no_code_of_its_own() -> None:
    part, caller = with_caller(parts.part_options())
    caller(0.5, 3.0)
    name = next(iter(part.overloads.values())).fndesc.llvm_func_name
    assert library_of(part).get_pointer_to_function(name) == 0
    # control: compiled as numba does, it has
    part, caller = with_caller(parts.part_options(("what_no_version_has",)))
    caller(0.5, 3.0)
    name = next(iter(part.overloads.values())).fndesc.llvm_func_name
    assert library_of(part).get_pointer_to_function(name) != 0


def test_the_parts_of_the_kernel_are_compiled_so() -> None:
    # where numba has changed, this fails, and nothing else: the kernel only compiles longer
    assert parts.part_options()
    assert at._compiler.pipeline_class is parts.part_options()["pipeline_class"]  # type: ignore[attr-defined]
