"""YAML in: bounded, and with the file and line of every part.

YAML 1.2 throughout, so the country code `NO` stays text and duplicate keys are errors. Dates stay
text: `sim.ground.dates` reads them. This module owns ruamel.yaml.
"""

from __future__ import annotations

import io
import json
import math
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.parser import Parser

from sim.ground.errors import InputError, Problem, one_problem, shown
from sim.ground.files import decode, read_bytes

MAX_YAML_BYTES = 1_000_000
MAX_DEPTH = 24
MAX_NODES = 40_000
MOST_KEPT = 200_000
"""Characters of the longest text that is kept once it is parsed."""

YAML_TAG = "tag:yaml.org,2002:"
TAGS = {
    MappingNode: {"map"},
    SequenceNode: {"seq"},
    ScalarNode: {"str", "null", "bool", "int", "float", "timestamp", "merge"},
}
"""The tags that are read, by kind of node."""

Location = tuple[str | int, ...]


@dataclass
class Document:
    """A parsed YAML file: plain data, and the line on which each part of it stands."""

    file: str
    """The file's name as errors show it."""
    data: Any
    places: dict[Location, tuple[str, int]] = field(default_factory=dict)
    """Path to file and 1-based line: a document may be put together from several files."""

    def place(self, path: Location) -> tuple[str, int]:
        """Return the file and line of the nearest part on the path that the document holds."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return self.file, 0

    def problem(self, path: Location, rule: str, got: object = ...) -> Problem:
        """Place a broken rule on its line of its file."""
        value = "" if got is ... else shown(got)
        return Problem(*self.place(path), dotted(path), rule, value)

    def part(self, path: Location) -> Document:
        """Return what stands at a path as a document of its own."""
        data = self.data
        for step in path:
            data = data[step]
        paths = [path, *paths_below(data, path)]
        places = {p[len(path) :]: self.places[p] for p in paths if p in self.places}
        return Document(self.file, data, places)

    def graft(self, path: Location, other: Document) -> None:
        """Put another document's data and places at `path`, instead of what is there.

        The place of `path` itself stays: it is where the reader asked for the other document.
        """
        *above, last = path
        parent = self.data
        for step in above:
            parent = parent[step]
        was, parent[last] = parent.get(last), other.data
        for old in paths_below(was, path):
            self.places.pop(old, None)
        self.places |= {(*path, *p): at for p, at in other.places.items() if p}


def paths_below(data: Any, path: Location) -> Iterator[Location]:
    """List the paths of everything inside the data that stand at a path."""
    if isinstance(data, (dict, list)):
        for step, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield (*path, step)
            yield from paths_below(value, (*path, step))


def dotted(path: Location) -> str:
    """Write a path as `outcomes.reopened.date` or `events[3].date`."""
    text = ""
    for step in path:
        word = shown(step)
        text += f"[{word}]" if isinstance(step, int) else f".{word}" if text else word
    return text


def load_yaml(path: Path) -> Document:
    """Parse one YAML file into plain data with positions.

    Raises:
        InputError: it cannot be read, is no YAML 1.2, or exceeds a bound.
    """
    name = path.as_posix()
    return parse_yaml(decode(read_bytes(path, MAX_YAML_BYTES), name), name)


def parse_yaml(text: str, name: str) -> Document:
    """Parse YAML text; `name` stands for the file in errors.

    Raises:
        InputError: the text is no YAML 1.2 or exceeds a bound.
    """
    try:
        read = (_parsed if len(text) <= MOST_KEPT else _parsed.__wrapped__)(text)
    except InputError as error:
        raise InputError(replace(p, file=name) for p in error.problems) from None
    places = {path: (name, line) for path, (_, line) in read.places.items()}
    return Document(name, _copied(read.data), places)


@lru_cache(maxsize=32)  # parsing takes long, and a command reads a file again and again
def _parsed(text: str) -> Document:
    """Parse YAML text of no file; who asks for it gets a copy."""
    name = ""
    yaml = YAML(typ="safe", pure=True)
    yaml.Parser = _Bounded
    yaml.composer.warn_double_anchors = False  # YAML 1.2 lets an anchor be set anew
    try:
        root = yaml.compose(io.StringIO(text))
    except _TooMuchError as error:
        raise one_problem(name, error.rule, line=error.line) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        parts = (error.context, error.problem) if error.problem else (error.context,)
        if error.problem and not error.problem.startswith("but "):
            parts = (error.problem,)
        rule = _sentence(" ".join(str(p) for p in parts if p))
        line = min(mark.line + 1, len(text.splitlines())) if mark else 0
        raise one_problem(name, rule, line=line) from None
    except YAMLError as error:
        raise one_problem(name, _sentence(str(error).splitlines()[0])) from None
    except (ValueError, RecursionError, AttributeError, AssertionError, IndexError, TypeError):
        raise one_problem(name, "is not valid YAML") from None
    if root is None:
        raise one_problem(name, "must not be empty")
    reader = _Reader(Document(name, None))
    reader.document.data = reader.value(root, (), ())
    if reader.problems:
        raise InputError(reader.problems)
    if reader.document.data is None:
        raise one_problem(name, "must not be empty")
    return reader.document


def _copied(data: Any) -> Any:
    """Copy mappings and lists, so that who changes one does not change what is kept."""
    if isinstance(data, dict):
        return {key: _copied(value) for key, value in data.items()}
    return [_copied(value) for value in data] if isinstance(data, list) else data


CAUSES = (
    (r"'\t'", "indent with spaces, not with tabs"),
    ("expected ',' or '}'", "a { above is not closed, or a comma is missing"),
    ("expected ',' or ']'", "a [ above is not closed, or a comma is missing"),
    (
        "mapping values are not allowed here",
        "put a text that holds a colon in quotes, and begin the keys of one level in one column",
    ),
    ("expected <block end>", "let the entries of one level begin in one column"),
    ("could not find expected ':'", "a key needs a colon and a space after it"),
    ("unexpected end of stream", "a quotation mark, or a bracket, is not closed"),
    ("while scanning a quoted scalar", "a quotation mark is not closed"),
    ("unknown escape character", "write a backslash in single quotes"),
    ("found undefined alias", "a text that begins with * needs quotes"),
    ("cannot start any token", "a text that begins with this sign needs quotes"),
)
"""What a parser says, and what most often causes it."""


def _sentence(text: str) -> str:
    cause = next((cause for sign, cause in CAUSES if sign in text), None)
    said = text[:200]
    return f"is not valid YAML: {said}" if cause is None else f"is not valid YAML: {cause} ({said})"


def _too_many() -> str:
    return f"must hold at most {MAX_NODES:,} values, aliases written out"


class _TooMuchError(Exception):
    """More values or levels than are read."""

    def __init__(self, line: int, rule: str) -> None:
        self.line, self.rule = line, rule


class _Bounded(Parser):
    """Checks depth and size on the parser's events, as they are read."""

    depth = count = 0

    def get_event(self) -> Any:
        event = super().get_event()
        self.count += 1
        if self.count > 2 * MAX_NODES:
            raise _TooMuchError(event.start_mark.line + 1, _too_many())
        if isinstance(event, CollectionStartEvent):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                rule = f"must not be nested deeper than {MAX_DEPTH} levels"
                raise _TooMuchError(event.start_mark.line + 1, rule)
        elif isinstance(event, CollectionEndEvent):
            self.depth -= 1
        return event


class _Reader:
    """Turns composed nodes into plain data, gathering problems on the way."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.count = 0

    def value(self, node: Node, path: Location, above: tuple[int, ...]) -> Any:
        self.count += 1
        rule = None
        if id(node) in above:
            rule = "an alias must not stand inside what it repeats"
        elif self.count > MAX_NODES:
            rule = _too_many()
        elif len(above) > MAX_DEPTH:
            rule = f"must not be nested deeper than {MAX_DEPTH} levels"
        if rule:
            line = node.start_mark.line + 1
            raise one_problem(self.document.file, rule, line=line, path=dotted(path))
        self.document.places.setdefault(path, (self.document.file, node.start_mark.line + 1))
        above = (*above, id(node))
        kind = next(kind for kind in TAGS if isinstance(node, kind))
        if str(node.tag).removeprefix(YAML_TAG) not in TAGS[kind]:
            rule = "this YAML tag is not supported here"
            self.problems.append(self.document.problem(path, rule, node.tag))
            return None
        if isinstance(node, SequenceNode):
            return [self.value(child, (*path, i), above) for i, child in enumerate(node.value)]
        if isinstance(node, MappingNode):
            return dict(self.pairs(node, path, above))
        return self.scalar(node, path)

    def pairs(
        self, node: MappingNode, path: Location, above: tuple[int, ...]
    ) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key_node, child in node.value:
            line = key_node.start_mark.line + 1
            place = (self.document.file, line, dotted(path))
            if not isinstance(key_node, ScalarNode):
                self.problems.append(Problem(*place, "a key must be plain text"))
                continue
            key = str(key_node.value)
            if str(key_node.tag).endswith(":merge"):
                self.problems.append(
                    Problem(*place, "merge keys are not supported; use extends", "<<")
                )
            elif key in seen:
                self.problems.append(Problem(*place, "the key stands here twice", shown(key)))
            else:
                seen.add(key)
                self.document.places[(*path, key)] = (self.document.file, line)
                yield key, self.value(child, (*path, key), above)

    def scalar(self, node: Node, path: Location) -> Any:
        tag = str(node.tag).removeprefix(YAML_TAG)
        text = str(node.value)
        if tag in ("str", "timestamp", "merge"):
            return text
        if tag == "null":
            return None
        if tag == "bool":  # under a %YAML 1.1 directive, NO and on would be truth values
            return text.lower() == "true" if text.lower() in ("true", "false") else text
        try:
            return _int(text) if tag == "int" else _float(text)
        except ValueError:
            self.problems.append(
                self.document.problem(path, "must be a number that can be read", text)
            )
            return None


def _int(text: str) -> int:
    if len(text) > 30:
        raise ValueError
    return int(text, 10) if text.lstrip("+-").isdecimal() else int(text, 0)


def _float(text: str) -> float:
    special = {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}
    low = text.lower()
    return special[low] if low in special else float(text.replace("_", ""))


def document_of(value: Mapping[str, Any], name: str) -> Document:
    """Take plain data as if it had been written in a file of a name.

    Raises:
        InputError: it holds what no file could, is too large, or goes round in a circle.
    """
    try:
        text = json.dumps(value, default=_plain, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise one_problem(name, f"must be plain data: {error or 'it is nested too deep'}") from None
    try:
        places = dict.fromkeys(parse_yaml(text, name).places, (name, 0))
    except InputError as error:
        raise InputError(replace(p, line=0) for p in error.problems) from None
    return Document(name, json.loads(text), places)


def document_at(
    path: str | Path | Mapping[str, Any] | None,
    text: str | None,
    load: Callable[[Path], Document],
    parse: Callable[[str], Document],
) -> Document:
    """Return the document of a file, of plain data, or of text.

    Raises:
        InputError: it cannot be read, or not exactly one of `path` and `text` is given.
    """
    if (path is None) == (text is None):
        raise one_problem("text", "give either a path, or data, or text=")
    if text is not None:
        return parse(text)
    return document_of(path, "data") if isinstance(path, Mapping) else load(Path(str(path)))


def _plain(value: object) -> object:
    """Turn a date into its text, and a number of a library into one of Python's."""
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} is none")


def dump_yaml(data: object) -> str:
    """Write plain data as YAML text that `parse_yaml` reads back as it was."""
    return _written(pickle.dumps(data))


@lru_cache(8)
def _written(pickled: bytes) -> str:
    """Write data once: a run keeps its scenario as it begins and ends, and a kit asks often."""
    data = pickle.loads(pickled)
    text = _dumped(data, allow_unicode=True)
    # YAML takes these for line breaks, so they must be escaped, and then all beyond ASCII is
    return _dumped(data, allow_unicode=False) if set(text) & set("\x85\u2028\u2029") else text


def _dumped(data: object, *, allow_unicode: bool) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.allow_unicode = allow_unicode
    yaml.width = 100
    stream = io.StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()
