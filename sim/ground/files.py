"""Files: read whole and bounded, written beside their place and moved into it."""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from sim.ground.errors import InputError, RunError, did_you_mean, one_problem

PART = ".*.part"
"""What the name of a file looks like that is being written."""

OPEN_SEAL = "sha256:" + "0" * 64
"""Stands in a file that is not sealed yet, once, where its seal will be."""
_SEAL = re.compile(rb"sha256:[0-9a-f]{64}")


def read_bytes(path: Path, limit: int) -> bytes:
    """Read a file of at most `limit` bytes.

    Raises:
        InputError: it is missing, a directory, unreadable or too large.
    """
    name = path.as_posix()
    try:
        if path.is_dir():
            raise one_problem(name, "must be a file, not a directory")
        if not path.exists():
            siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            if path.name in siblings:
                raise one_problem(name, "is a link that leads to no file")
            hint = did_you_mean(path.name, siblings, cutoff=0.8)
            yaml = f"{path.name}.yaml"
            near = [p for p in (path.with_name(yaml), Path("scenarios", yaml)) if p.is_file()]
            if near:
                hint = f"; did you mean '{near[0].as_posix()}'?"
            raise one_problem(name, f"no such file{hint}")
        content = _regular(path, limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise one_problem(name, f"cannot be read: {reason}") from None
    if content is None:
        raise one_problem(name, "is not a regular file")
    if len(content) > limit:
        rule = f"must be at most {limit:,} bytes"
        raise one_problem(name, rule, f"{path.stat().st_size:,} bytes")
    return content


def _regular(path: Path, most: int) -> bytes | None:
    """Read up to `most` bytes of a regular file; None of any other, on which reading may wait.

    A file of a kernel looks regular, but says that it is empty and is not.
    """
    if not path.is_file():
        return None
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as stream:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):  # it was exchanged meanwhile
            return None
        if about.st_size > 0:
            return stream.read(most)
        try:
            return None if os.read(handle, 1) else b""
        except BlockingIOError:
            return None


def sealed(content: bytes) -> bytes:
    """Put the digest of a file's bytes into the file, in the place of its one `OPEN_SEAL`."""
    if content.count(OPEN_SEAL.encode()) != 1:
        raise ValueError("there must be one place for a seal")
    return content.replace(OPEN_SEAL.encode(), _seal(content))


def is_sealed(content: bytes) -> bool:
    """Whether a file holds the digest of its own bytes: nothing in it was changed or lost since.

    It is found without parsing, since a parser may do anything over flipped bits.
    """
    return any(
        _seal(content[: m.start()] + OPEN_SEAL.encode() + content[m.end() :]) == m.group()
        for m in _SEAL.finditer(content)
    )


def _seal(content: bytes) -> bytes:
    return f"sha256:{sha256(content).hexdigest()}".encode()


def decode(content: bytes, name: str) -> str:
    """Decode UTF-8 text, with or without a byte order mark.

    Raises:
        InputError: the bytes are not text.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise one_problem(name, "must be UTF-8 text, not binary", line=line) from None
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise one_problem(name, "must be UTF-8 text, not binary", line=line)
    return text


def json_record(path: Path, limit: int) -> dict[str, Any] | None:
    """Return the mapping that a JSON file of at most `limit` bytes holds, or None where it holds
    none."""
    try:
        held = json.loads(decode(read_bytes(path, limit), path.as_posix()))
    except (InputError, ValueError, RecursionError):
        return None
    return held if isinstance(held, dict) else None


def write_safely(path: Path, content: bytes | str) -> None:
    """Write a file beside its place and move it into it, so that it is never half-written.

    Raises:
        RunError: the disk or the folder refuses.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(".part", f".{path.name}.", path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def remove_partial(folder: Path) -> None:
    """Remove what writers left behind that were killed."""
    for path in folder.rglob(PART):
        path.unlink(missing_ok=True)


def json_line(value: object) -> str:
    """Write plain data as JSON on one line, without spaces; NaN and infinity are refused."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def json_text(value: object) -> str:
    """Write plain data as indented JSON, ending in a newline; NaN and infinity are refused."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def canonical_json(value: object) -> str:
    """Write plain data with sorted keys, so that equal data has equal text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
