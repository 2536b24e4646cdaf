"""Two workers never compile the same function at once: one does, the others read what it kept.

On a fresh machine each of them would compile every kernel, which is most of a minute for each.
"""

from __future__ import annotations

import os
from typing import IO, Any

from sim.ground import codecache
from sim.ground.codecache import CodeCache

try:
    import fcntl
except ImportError:  # not on Windows, where each worker compiles
    fcntl = None  # type: ignore[assignment]


class _Once(CodeCache):
    """The cache of a function that takes long to compile, under a lock while it is compiled. The
    end of a process gives its locks back."""

    _lock: IO[bytes] | None = None

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        found = super().load_overload(sig, target_context)
        if found is not None or self.slow is None:
            return found
        kept = self._cache_file
        self._lock = (kept.source.parent / "__pycache__" / f"{kept.base}.lock").open("wb")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        found = super().load_overload(sig, target_context)
        if found is not None:
            self._let_go()
        return found

    def compile(self, compiler: Any, *types: Any) -> Any:
        try:
            return super().compile(compiler, *types)
        except BaseException:
            self._let_go()
            raise

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        finally:
            self._let_go()

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


if fcntl is not None and "PYTEST_XDIST_WORKER" in os.environ:
    codecache.CodeCache = _Once  # type: ignore[misc]
