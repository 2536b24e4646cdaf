"""What is compared with what: scenarios with their names, as they are run beside each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from sim.ground.dates import day
from sim.ground.errors import InputError, Problem, shown
from sim.ground.letters import broken_text, visible
from sim.scenario.interventions import observed_from
from sim.scenario.resolve import Place, scenario_at
from sim.scenario.scenario import Scenario
from sim.scenario.scope import run_span
from sim.study.run import Run


def without_changes(scenario: Scenario) -> Scenario:
    """Return the scenario with no interventions: what it is compared with by default."""
    return scenario.model_copy(update={"changes": ()})


Others: TypeAlias = "Place | Sequence[str | Path] | Mapping[str, Place]"
"""What is compared with a base: one scenario, several files, or several scenarios by name."""


def named(
    base: Place | Run,
    others: Others | None = None,
    base_name: str | None = None,
    load: Callable[[Place], Scenario] = scenario_at,
) -> tuple[str, Scenario, dict[str, Scenario]]:
    """Return the base and what is compared with it, each with its name: a file's is its own without
    the ending. Without `others` the base is compared with itself without its changes. `load` reads
    a scenario.

    Raises:
        InputError: two of one name, nothing to compare, or every broken rule of a scenario.
    """
    if not isinstance(base, Run):
        _check_place("base", base)
    first = base.scenario if isinstance(base, Run) else load(base)
    stem = _stem(base) if isinstance(base, str | Path) else "base"
    if others is None:
        if not first.changes:
            place = base if isinstance(base, str | Path) else first.title
            rule = "has no changes: name another scenario to compare it with"
            raise InputError([Problem(str(place), 0, "changes", rule)])
        return base_name or "no changes", without_changes(first), {stem: first}
    by_name = _by_name(others, stem)
    for name, one in by_name.items():
        _check_place(f"others[{name}]", one)
    return base_name or stem, first, {n: load(s) for n, s in by_name.items()}


def _by_name(others: object, base: str) -> dict[str, Place]:
    """Name what is compared with a base that has a name of its own.

    Raises:
        InputError: it holds nothing, is something else, or two files have one name.
    """

    def refused(rule: str, key: str = "", got: str = "") -> InputError:
        return InputError([Problem("compare", 0, key, rule, got)])

    if isinstance(others, str | Path):
        return {_stem(others): others}
    if isinstance(others, Scenario):
        return {"changed": others}
    if not isinstance(others, Mapping | Sequence):
        rule = "must be a scenario, a list of files, or scenarios by name"
        raise refused(rule, "others", shown(others))
    if not others:
        raise refused("must hold at least one scenario", "others")
    if isinstance(others, Mapping):
        if not all(isinstance(name, str) for name in others):
            raise refused("names of scenarios must be text")
        for name in others:
            if broken := broken_text(name):
                raise refused(f"a scenario's name {broken}", got=name)
        return {"changed": others} if _is_scenario(others) else dict(others)
    for n, place in enumerate(others):
        if not isinstance(place, str | Path):
            rule = "must be a file: name other scenarios, as in {'name': scenario}"
            raise refused(rule, f"others[{n}]", shown(place))
    by_name: dict[str, Place] = {_stem(place): place for place in others}
    if len(by_name) < len(others) or base in by_name:
        raise refused("scenarios that are compared must have different file names")
    return by_name


def _check_place(key: str, place: object) -> None:
    """Refuse what is no place of a scenario.

    Raises:
        InputError: it is none.
    """
    if not isinstance(place, str | Path | Mapping | Scenario):
        rule = "must be a scenario, its file, or plain data"
        raise InputError([Problem("compare", 0, key, rule, shown(place))])


def _is_scenario(data: Mapping[str, Any]) -> bool:
    """Whether a mapping is a scenario as plain data, rather than scenarios by name."""
    return bool({"as_of", "extends", "schema"} & {*data})


def _stem(place: str | Path) -> str:
    """Return a file's name without its ending, as pages may show it."""
    return visible(Path(place).stem)


def observed(
    base: Scenario, others: Mapping[str, Scenario]
) -> tuple[Scenario, dict[str, Scenario]]:
    """Return scenarios that are compared as they are run: all are counted from the earliest day
    that one of them looks at.

    Raises:
        InputError: they do not share their as-of date, end or outcomes.
    """
    _check_comparable(base, others)
    start_s = min(map(observed_from, (base, *others.values())))
    if start_s >= run_span(base)[0]:  # nobody looks at history: `show_from` could not say so
        return base, dict(others)
    update = {"show_from": day(start_s).isoformat()}
    changed = {name: s.model_copy(update=update) for name, s in others.items()}
    return base.model_copy(update=update), changed


def _check_comparable(base: Scenario, others: Mapping[str, Scenario]) -> None:
    problems = []
    for name, other in others.items():
        for key in ("as_of", "until"):
            mine, theirs = getattr(base, key), getattr(other, key)
            if mine != theirs:
                rule = f"must be {mine}, as in the base: otherwise the two share no noise"
                problems.append(Problem(name, 0, key, rule, theirs))
        if not any(other.outcomes.get(n) == o for n, o in base.outcomes.items()):
            rule = "must share at least one outcome with the base, in the same words"
            problems.append(Problem(name, 0, "outcomes", rule))
    if problems:
        raise InputError(problems)
