"""How numba compiles parts: functions that only other compiled functions call.

numba optimises each function together with all that it calls, makes machine code of it, and then
does both again for each of its callers. Of a part nothing is ever run by itself, so both are left
to the function that it ends up in. That takes a third off the time of a first compilation, and
gives the same code. Where numba is built otherwise than is known here, it goes its own way.
"""

from __future__ import annotations

from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler


class _NotEntered:
    """numba's code generator, for code that Python never enters: it has no environment to set."""

    def __init__(self, codegen: Any) -> None:
        self._codegen = codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)

    def set_env(self, *_: Any) -> None:
        """Do nothing: an environment is told to machine code, and there is none."""


class _PartLibrary(JITCodeLibrary):  # type: ignore[misc]  # numba has no types
    """The code of a part, as it is handed to its callers: neither optimised nor made to run."""

    @property
    def codegen(self) -> Any:
        return _NotEntered(self._codegen)

    def get_pointer_to_function(self, name: str) -> int:
        """Return 0: there is no machine code."""
        return 0

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True


class _PartCompiler(Compiler):  # type: ignore[misc]  # numba has no types
    """numba's compiler, with another library for what it makes."""

    def __init__(self, typingctx: Any, targetctx: Any, library: Any, *rest: Any) -> None:
        super().__init__(typingctx, targetctx, library, *rest)
        if library is None:
            self.state.library = _PartLibrary(self.state.targetctx.codegen(), "part")


NEEDED = (
    "codegen",
    "get_pointer_to_function",
    "_optimize_final_module",
    "_finalize_final_module",
    "_finalize_dynamic_globals",
    "_verify_declare_only_symbols",
)
"""What a library of numba's must have for this to work."""


def part_options(needed: tuple[str, ...] = NEEDED) -> dict[str, Any]:
    """Return the options by which numba compiles a part this way; none where it cannot."""
    known = all(hasattr(JITCodeLibrary, name) for name in needed)
    return {"pipeline_class": _PartCompiler} if known else {}
