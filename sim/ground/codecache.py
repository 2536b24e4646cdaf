"""Where compiled code is kept between runs, and what is said when it cannot be. Owns numba's cache.

numba would keep it too. But an empty or damaged file ends its run, and so does a full disk; and it
asks for a folder that can be written before it reads one. Here code is read from the first folder
that has it whole, and kept in the first one that takes it. No trouble with a file stops a run: at
worst, it compiles.
"""

from __future__ import annotations

import os
import pickle
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numba
from numba import config
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.serialize import dumps
from numba.misc.appdirs import AppDirs

from sim.ground.errors import RunError
from sim.ground.files import write_safely
from sim.ground.saying import counting, say_once

SEAL = 32
"""Bytes at the head of a file: the SHA-256 of all that follows."""


def folders(source: Path, *, make: bool = False) -> Iterator[Path]:
    """List the folders for the compiled code of a source file, the best first: the one that
    NUMBA_CACHE_DIR names, one beside the source, the user's, a temporary one (made if asked)."""
    own = f"{source.parent.name}-{sha256(str(source.parent).encode()).hexdigest()[:16]}"
    if config.CACHE_DIR:
        yield Path(config.CACHE_DIR) / own
    yield source.parent / "__pycache__"
    yield Path(AppDirs(appname="backchannel", appauthor=False).user_cache_dir) / own
    user = os.getuid() if hasattr(os, "getuid") else "user"
    shared = Path(tempfile.gettempdir()) / f"backchannel-{user}"
    if _is_private(shared, make):
        yield shared / own


def _is_private(folder: Path, make: bool) -> bool:
    """Whether a folder is there, made if asked, that nobody else can write into. Compiled code is
    run, so it is read from no folder that another user may have filled."""
    try:
        if make:
            folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    mine = not hasattr(os, "getuid") or (
        found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )
    return stat.S_ISDIR(found.st_mode) and mine


class _Locator:
    """What numba asks of a place for compiled code."""

    def __init__(self, function: Any, source: str) -> None:
        self.line, self.source = function.__code__.co_firstlineno, Path(source).absolute()

    @classmethod
    def from_function(cls, function: Any, source: str) -> _Locator:
        return cls(function, source)

    def ensure_cache_path(self) -> None:
        pass

    def get_cache_path(self) -> str:
        return str(next(folders(self.source)))

    def get_source_stamp(self) -> str:
        content = self.source.read_bytes() if self.source.is_file() else b""
        return sha256(numba.__version__.encode() + content).hexdigest()

    def get_disambiguator(self) -> str:
        return str(self.line)


class _Impl(CompileResultCacheImpl):  # type: ignore[misc]  # numba has no types
    _locator_classes = (_Locator,)


class _Store:
    """Keeps compiled code, a file for each function, source, processor and types of arguments."""

    def __init__(self, source: Path, base: str, stamp: str) -> None:
        self.source, self.base, self.stamp = source, base, stamp[:16]

    def _name(self, key: object) -> str:
        return f"{self.base}.{self.stamp}.{sha256(repr(key).encode()).hexdigest()[:16]}.code"

    def load(self, key: object) -> Any:
        for folder in folders(self.source):
            path = folder / self._name(key)
            try:
                content = path.read_bytes()
            except OSError:
                continue
            try:
                if content[:SEAL] != sha256(content[SEAL:]).digest():
                    raise ValueError
                return pickle.loads(content[SEAL:])
            except Exception:  # whatever damaged bytes lead to
                with suppress(OSError):
                    path.unlink()
                say_once(f"{folder}: holds damaged compiled code, which is not used")
        return None

    def save(self, key: object, data: object) -> None:
        body = dumps(data)
        refused: list[str] = []
        for folder in folders(self.source, make=True):
            path = folder / self._name(key)
            try:
                write_safely(path, sha256(body).digest() + body)
            except RunError as error:
                refused.append(str(error).replace(str(path), str(folder)))
                continue
            if refused:
                say_once(f"{refused[0]}; compiled code is kept in {folder}")
            self._discard_old(folder)
            return
        say_once("compiled code can be kept nowhere, so each run compiles: " + "; ".join(refused))

    def _discard_old(self, folder: Path) -> None:
        for path in folder.glob(f"{self.base}.*.code"):
            if path.name.split(".")[-3] != self.stamp:
                with suppress(OSError):
                    path.unlink()

    def flush(self) -> None:
        """numba asks for it; nothing here does."""


class Slow(NamedTuple):
    """A function that takes long to compile: what it is called, and how many seconds it takes on
    the machine of the benchmarks; fewer after another one of its file, since they share parts."""

    what: str
    alone_s: float
    after_s: float


_begun: set[Path] = set()
"""Files of which a slow function was compiled in this process."""


class CodeCache(FunctionCache):  # type: ignore[misc]  # numba has no types
    """Compiled code of one function, as numba asks for it. Of one that is `slow` it is said when it
    is compiled, and only then."""

    _impl_class = _Impl

    def __init__(self, function: Any, slow: Slow | None = None) -> None:
        super().__init__(function)
        locator = self._impl.locator
        self.slow = slow
        self._cache_file = _Store(
            locator.source, self._impl.filename_base, locator.get_source_stamp()
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for these arguments, or None where it has to be compiled."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # it was kept whole, but this process cannot take it
            return None

    def compile(self, compiler: Any, *types: Any) -> Any:
        """Compile for arguments of these types, and say meanwhile how long it takes."""
        if self.slow is None:
            return compiler(*types)
        source = self._cache_file.source
        usual_s = self.slow.after_s if source in _begun else self.slow.alone_s
        _begun.add(source)
        with counting(f"compiling {self.slow.what}, once", usual_s):
            return compiler(*types)


def keep(dispatcher: Any, function: Any, slow: Slow | None = None) -> None:
    """Let what is compiled of a function be kept, as `cache=True` does with numba's own cache."""
    cache, compiler = CodeCache(function, slow), dispatcher._compiler
    dispatcher._cache = cache
    compiler.compile = partial(cache.compile, compiler.compile)
