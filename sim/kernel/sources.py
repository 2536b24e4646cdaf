"""Which source files are compiled into the kernel, and a digest of what they say.

Compiled code is kept on disk, and its cache looks at the file of the outermost function alone.
A function or a constant of another file is compiled in as well, so old code could run after that
file was changed. The digest of all such files is therefore part of what the kernel closes over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
ROOM = Path(__file__).parent.name
_IMPORT = re.compile(
    r"^\s*(?:from (sim[\w.]*) import (\([^)]*\)|.*)|import (sim[\w.]*))", re.MULTILINE
)


def compiled_in(package: Path = PACKAGE, first: Iterable[Path] | None = None) -> list[Path]:
    """List some files, by default the kernel's, with those that they import, and so on, sorted.

    Some only define what is never compiled; that costs a compilation too many, never one too few.
    """
    found: set[Path] = set()
    todo = sorted((package / ROOM).glob("*.py") if first is None else first)
    while todo:
        path = todo.pop()
        if path in found:
            continue
        found.add(path)
        for module, names, plain in _IMPORT.findall(path.read_text(encoding="utf-8")):
            for name in (module or plain, *(f"{module}.{n}" for n in re.findall(r"\w+", names))):
                place = package.joinpath(*name.split(".")[1:]).with_suffix(".py")
                if place.is_file():
                    todo.append(place)
    return sorted(found)


def sources_digest(package: Path = PACKAGE, first: Iterable[Path] | None = None) -> int:
    """Return a digest of the names and contents of `compiled_in`, in [0, 2**56)."""
    digest = sha256()
    for path in compiled_in(package, first):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return int.from_bytes(digest.digest()[:7], "little")
