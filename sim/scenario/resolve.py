"""From what people write to the resolved scenario: `extends`, paths, names and defaults.

Every rule between the parts of a scenario is checked here, all at once, each on its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from os.path import realpath
from pathlib import Path
from typing import Any, TypeAlias, cast

from sim.ground.checking import placed
from sim.ground.errors import InputError, Problem, did_you_mean, listed, shown
from sim.ground.files import write_safely
from sim.ground.schema import Strict
from sim.ground.yaml import (
    Document,
    Location,
    document_at,
    document_of,
    dump_yaml,
    load_yaml,
    parse_yaml,
    paths_below,
)
from sim.log.file import is_scenario, load_document, log_problems, upcast, without_schema
from sim.log.knowing import without
from sim.scenario.blocks import Block, all_rules, last_rules, read
from sim.scenario.fit import Fitted, SavedFit, load_fit
from sim.scenario.scenario import MAX_DOCTRINES, Scenario
from sim.scenario.scope import hidden_events

MAX_EXTENDS = 8
SHIPPED = Path(__file__).parent / "doctrines"


def shipped_doctrines() -> list[str]:
    """List the names of the doctrines that come with the program."""
    return sorted(p.stem for p in SHIPPED.glob("*.yaml"))


Place: TypeAlias = "str | Path | Mapping[str, Any] | Scenario"
"""Where a scenario is: its file's path, plain data, or itself."""


def load_scenario(
    path: str | Path | Mapping[str, Any] | None = None,
    over: Mapping[str, Any] | None = None,
    *,
    text: str | None = None,
    blocks: Sequence[Block[Any]] = (),
) -> Scenario:
    """Read a scenario and resolve it: a file, plain data as a file would hold it, or YAML text.
    `blocks` are checked with it; others are kept as they are written.

    `over` is laid over it as a scenario that extends it would be: key by key, where None takes an
    entry away and lists are replaced. Paths in `over`, in data and in text are seen from the
    working directory.

    Raises:
        InputError: every broken rule of the file, of the files it draws on, and of `over`; or not
            exactly one of `path` and `text` is given.
    """
    document = _extended(document_at(path, text, load_yaml, lambda t: parse_yaml(t, "text")), ())
    if over is not None and isinstance(document.data, dict):
        document = _laid_over(document, document_of(over, "over"))
    return resolve(document, blocks)


def scenario_at(place: Place) -> Scenario:
    """Return a scenario, or the one that is in a file or in plain data.

    Raises:
        InputError: every broken rule of it.
    """
    return place if isinstance(place, Scenario) else load_scenario(place)


def load_whole(path: Path) -> Document:
    """Read the file of a scenario with the files that it extends and its history, unchecked.

    Raises:
        InputError: a file cannot be read, or is no scenario.
    """
    document = _extended(load_yaml(path), ())
    if not isinstance(document.data, dict):
        raise InputError([document.problem((), "must be a mapping", document.data)])
    if problems := _graft_history(document):
        raise InputError(problems)
    return document


def resolve(document: Document, blocks: Sequence[Block[Any]] = ()) -> Scenario:
    """Resolve a parsed scenario whose `extends` has been dealt with.

    Raises:
        InputError: every broken rule, each on its line.
    """
    if not isinstance(document.data, dict):
        raise InputError([document.problem((), "must be a mapping", document.data)])
    if "events" in document.data and "as_of" not in document.data:
        rule = (
            "is a log, not a scenario: `sim replay` reads it, and a scenario takes it as `history`"
        )
        raise InputError([document.problem((), rule)])
    problems = _graft_history(document)
    without_history = bool(problems)
    fit = _graft_fit(document, problems)
    problems += placed(_graft_doctrines(document), document)
    try:
        scenario, held = read(document, blocks)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if fit is not None:
        scenario = scenario.model_copy(update={"fit": Fitted.of(fit)})
    if scenario.history is not None:
        problems += log_problems(scenario.history, document, ("history",))
        if scenario.known == "public":  # before anything else looks at it
            hidden = hidden_events(scenario)
            known = without(scenario.history, {e.id for e in hidden})
            scenario = scenario.model_copy(update={"history": known})
    if not without_history:  # else every name that the history defines would seem unknown
        problems += placed(all_rules(scenario, held), document)
    problems = problems or placed(last_rules(scenario, held), document)
    if problems:
        raise InputError(problems)
    return in_canonical_order(scenario).ordered(scenario.outcomes)


def resolved_text(scenario: Scenario) -> str:
    """Write a resolved scenario as YAML that can be run on its own, without its lesson."""
    plain = {"schema": scenario.schema_version, **scenario.plain()}
    plain.pop("seminar", None)
    if scenario.history is not None:
        plain["history"] = {"schema": scenario.history.schema_version, **plain["history"]}
    if "outcomes" in plain:
        plain["outcomes"] = {name: plain["outcomes"][name] for name in scenario.outcome_order}
    return dump_yaml(plain)


def write_resolved(scenario: Scenario, path: Path) -> None:
    """Write a resolved scenario as a file, and beside it the fit that it draws from, if any.

    Raises:
        RunError: the disk or the folder refuses.
    """
    write_fit_of(scenario, path.parent)  # first: a scenario that is there finds its fit
    write_safely(path, resolved_text(scenario))


def write_fit_of(scenario: Scenario, folder: Path) -> None:
    """Write the fit that a scenario draws from, if any, where its resolved form looks for it.

    Raises:
        RunError: the disk or the folder refuses.
    """
    if scenario.fit is not None:
        scenario.fit.saved.write(folder / scenario.fit.folder)


def in_canonical_order(scenario: Scenario) -> Scenario:
    """Sort every part whose order means nothing, so that equal scenarios have equal bytes."""
    scenario = cast(Scenario, _keys_sorted(scenario))
    changes = tuple(sorted(scenario.changes, key=lambda c: c.model_dump_json()))
    update: dict[str, Any] = {"changes": changes}
    if scenario.history is not None:
        events = tuple(sorted(scenario.history.events, key=lambda e: e.id))
        update["history"] = scenario.history.model_copy(update={"events": events})
    return scenario.model_copy(update=update)


def _keys_sorted(value: Any) -> Any:
    """Copy models and mappings with every mapping inside in the order of its keys."""
    if isinstance(value, Strict):
        parts = {name: _keys_sorted(getattr(value, name)) for name in value.model_fields_set}
        return value.model_copy(update=parts)
    if isinstance(value, dict):
        return {key: _keys_sorted(value[key]) for key in sorted(value)}
    return tuple(_keys_sorted(v) for v in value) if isinstance(value, tuple) else value


def _extended(document: Document, above: tuple[str, ...]) -> Document:
    """Merge a scenario over the chain of files that it extends."""
    if not isinstance(document.data, dict) or "extends" not in document.data:
        return document
    parent = document.data.pop("extends")
    at: Location = ("extends",)
    if not _is_path(parent):
        raise InputError([document.problem(at, "must be a path to a scenario", parent)])
    path = Path(document.file)
    chain = (*above, realpath(path))
    if realpath(path.parent / parent) in chain:
        raise InputError([document.problem(at, "must not form a circle", parent)])
    if len(chain) > MAX_EXTENDS:
        rule = f"must not be more than {MAX_EXTENDS} scenarios deep"
        raise InputError([document.problem(at, rule, parent)])
    base = _load_from(document, at, parent, lambda p: _extended(load_yaml(p), chain))
    if not isinstance(base.data, dict):
        raise InputError([base.problem((), "must be a mapping", base.data)])
    return _laid_over(base, document)


def _laid_over(base: Document, over: Document) -> Document:
    """Lay a scenario over another: one with a title of its own asks something else, for which the
    other's reasons are none."""
    if isinstance(base.data, dict) and isinstance(over.data, dict) and "title" in over.data:
        base.data.pop("reasons", None)
    return merge(base, over)


def _is_path(written: object) -> bool:
    return isinstance(written, str) and written.isprintable() and 0 < len(written) <= 1_000


def _load_from(
    document: Document, at: Location, written: str, load: Callable[[Path], Document]
) -> Document:
    """Load a file that a document names; a file that is not there is the document's problem."""
    target = Path(document.place(at)[0]).parent / written
    try:
        return load(target)
    except InputError as error:
        name = target.as_posix()
        raise InputError(
            document.problem(at, f"{shown(written)}: {p.rule}", p.got or ...)
            if p.file == name and p.line == 0 and not p.path
            else p
            for p in error.problems
        ) from None


def merge(base: Document, over: Document) -> Document:
    """Lay one document over another, key by key; null takes an entry away, lists are replaced, and
    `attention: {}` is no attention."""
    places = dict(base.places)
    merged = _merged(base.data, over.data, (), places, over.places)
    return Document(over.file, merged, places)


def _merged(
    base: Any,
    over: Any,
    path: Location,
    places: dict[Location, tuple[str, int]],
    over_places: dict[Location, tuple[str, int]],
) -> Any:
    if path in over_places:
        places[path] = over_places[path]
    emptied = path == ("attention",) and over == {}
    if isinstance(base, dict) and isinstance(over, dict) and not emptied:
        result = dict(base)
        for key, value in over.items():
            if value is None:
                result.pop(key, None)
                for old in ((*path, key), *paths_below(base.get(key), (*path, key))):
                    places.pop(old, None)
                if (*path, key) in over_places:
                    places[*path, key] = over_places[*path, key]
            else:
                result[key] = _merged(base.get(key), value, (*path, key), places, over_places)
        if path == ("outcomes",):  # what a scenario asks itself stands before what it inherits
            own = {key: result[key] for key in over if key in result}
            return own | {key: value for key, value in result.items() if key not in own}
        return result
    for old in paths_below(base, path):
        places.pop(old, None)
    places |= {p: over_places[p] for p in paths_below(over, path) if p in over_places}
    return over


def _graft_history(document: Document) -> list[Problem]:
    """Put the log that `history` names in its place."""
    written = document.data.get("history")
    if isinstance(written, dict):
        missing = without_schema(written, document, ("history",))
        try:
            document.data["history"] = upcast(written, document, ("history",))
        except InputError as error:
            del document.data["history"]
            return error.problems
        return missing
    if written is None:
        document.data.pop("history", None)
        return []
    at: Location = ("history",)
    del document.data["history"]
    if not _is_path(written):
        return [document.problem(at, "must be a path to a log, or a log", written)]
    try:
        log = _load_from(document, at, written, load_document)
        if not isinstance(log.data, dict):
            return [log.problem((), "must be a mapping", log.data)]
        if is_scenario(log.data):
            return [document.problem(at, "must name a log, and this is a scenario", written)]
        missing = without_schema(log.data, log)
        log.data = upcast(log.data, log)
    except InputError as error:
        return error.problems
    document.graft(at, log)
    return missing


def _graft_fit(document: Document, problems: list[Problem]) -> SavedFit | None:
    """Open the fit that `fit` names, and put its digest in its place; add what is wrong."""
    written, at = document.data.get("fit"), ("fit",)
    if written is None:
        return None
    digest, path = None, written
    if isinstance(written, dict):
        if {*written} != {"folder", "sha256"}:
            return None  # the check of the whole says what is wrong
        digest, path = written["sha256"], written["folder"]
    del document.data["fit"]
    if not _is_path(path):
        problems.append(document.problem(at, "must be a path to a fit's folder", path))
        return None
    try:
        saved = load_fit(Path(document.place(at)[0]).parent / path)
    except InputError as error:
        for p in error.problems:
            rule = f"{shown(path)}: {f'{p.path}: ' if p.path else ''}{p.rule}"
            problems.append(document.problem(at, rule, p.got or ...))
        return None
    if digest not in (None, saved.sha256):
        rule = f"{shown(path)}: holds another fit than the one that is named"
        problems.append(document.problem((*at, "sha256"), rule, digest))
        return None
    return saved


def _graft_doctrines(document: Document) -> Iterator[tuple[Location, str, object]]:
    """Spell out every doctrine that the scenario names; yield the rules that the names break."""
    data = document.data
    written = data.get("doctrines", {})
    if not isinstance(written, dict):
        return
    if len(written) > MAX_DOCTRINES:
        yield ("doctrines",), f"must hold at most {MAX_DOCTRINES} entries", str(len(written))
        del data["doctrines"]
        return
    data["doctrines"] = dict(written)
    for name in written:
        yield from _extend_doctrine(document, name, ())
    for path, name in _doctrine_names(data):
        if name in data["doctrines"]:
            continue
        if _is_shipped(name):
            document.graft(("doctrines", name), _shipped(name))
        else:
            yield path, _unknown_doctrine(name, written), name


def _unknown_doctrine(name: object, written: dict[str, Any]) -> str:
    known = [*shipped_doctrines(), *written]
    return f"must name a doctrine: {listed(known)}{did_you_mean(str(name), known)}"


def _doctrine_names(data: dict[str, Any]) -> list[tuple[Location, str]]:
    found: list[tuple[Location, Any]] = []
    parties, changes = data.get("parties"), data.get("changes")
    for code, setup in parties.items() if isinstance(parties, dict) else ():
        if isinstance(setup, dict):
            found.append((("parties", code, "doctrine"), setup.get("doctrine")))
    for n, change in enumerate(changes if isinstance(changes, list) else ()):
        let = change.get("set_doctrine") if isinstance(change, dict) else None
        if isinstance(let, dict):
            found.append((("changes", n, "set_doctrine", "doctrine"), let.get("doctrine")))
    governments = data.get("governments")
    for id_, government in governments.items() if isinstance(governments, dict) else ():
        choices = government.get("take_up") if isinstance(government, dict) else None
        for name in choices if isinstance(choices, dict) else ():
            found.append((("governments", id_, "take_up", name), name))
    return [(path, name) for path, name in found if isinstance(name, str)]


def _extend_doctrine(
    document: Document, name: str, above: tuple[str, ...]
) -> Iterator[tuple[Location, str, object]]:
    """Lay a doctrine over the one that it extends: another of the file, or a shipped one."""
    doctrines, at = document.data["doctrines"], ("doctrines", name, "extends")
    written = doctrines[name]
    if not isinstance(written, dict) or "extends" not in written:
        return
    parent = written["extends"]
    doctrines[name] = {k: v for k, v in written.items() if k != "extends"}
    base = _shipped(shipped_doctrines()[0])  # stands in where the rule below is broken
    if not isinstance(parent, str):
        yield at, "must be the name of a doctrine", parent
    elif parent in above or (parent == name and not _is_shipped(parent)):
        yield at, "must not form a circle", parent
    elif parent in doctrines and parent != name and len(above) >= MAX_EXTENDS:
        yield at, f"must not be more than {MAX_EXTENDS} doctrines deep", parent
    elif parent in doctrines and parent != name:
        yield from _extend_doctrine(document, parent, (*above, name))
        base = document.part((*at[:1], parent))
    elif _is_shipped(parent):
        base = _shipped(parent)
    else:
        others = {d: written for d in doctrines if d != name}
        yield at, _unknown_doctrine(parent, others), parent
    if isinstance(base.data, dict):
        document.graft(at[:2], merge(base, document.part(at[:2])))


def _is_shipped(name: object) -> bool:
    return isinstance(name, str) and name in shipped_doctrines()


@cache
def _shipped(name: str) -> Document:
    return load_yaml(SHIPPED / f"{name}.yaml")
