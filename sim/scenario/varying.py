"""Varying the numbers of a scenario by path: the points of a sweep."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import product
from statistics import NormalDist
from typing import Any

from pydantic import ValidationError

from sim.ground.checking import problems_of
from sim.ground.draws import stream_key, uniforms
from sim.ground.errors import Broken, InputError, Problem, did_you_mean
from sim.ground.yaml import Document
from sim.scenario.axes import Axis
from sim.scenario.rules import broken_rules
from sim.scenario.scenario import ChannelSetup, Scenario
from sim.scenario.scope import channels_of

MAX_POINTS = 5_000
"""Points of a sweep: each is an ensemble of its own."""

NOT_SWEPT = ("schema", "ensemble", "sweep", "seminar", "history", "fit", "observation")


def values_of(path: str, axis: Axis, seed: int) -> list[float]:
    """Return the values that a number takes; drawn ones depend on the seed and the path alone."""
    if axis.values:
        return list(axis.values)
    if axis.start is not None and axis.to is not None:
        step = (axis.to - axis.start) / (axis.steps - 1)
        return [axis.start + n * step for n in range(axis.steps - 1)] + [axis.to]
    lo, hi = stream_key(f"sweep/{path}")
    chances = [float(uniforms(seed, lo, hi, 0, n)[0]) for n in range(axis.draws)]
    if axis.uniform is not None:
        least, most = axis.uniform
        return [least + u * (most - least) for u in chances]
    assert axis.normal is not None
    law = NormalDist(*axis.normal)
    return [law.inv_cdf(u) for u in chances]


def combinations(scenario: Scenario, seed: int) -> list[dict[str, float]]:
    """List the points: given values are combined each with each, drawn ones go side by side.

    Raises:
        InputError: too many points, or drawn axes of different numbers of draws.
    """
    axes = scenario.sweep
    given = {p: values_of(p, a, seed) for p, a in axes.items() if not a.drawn}
    drawn = {p: values_of(p, a, seed) for p, a in axes.items() if a.drawn}
    lengths = {len(v) for v in drawn.values()}
    problems = []
    if len(lengths) > 1:
        rule = "drawn numbers must have the same number of draws: they are taken together"
        problems.append(Problem(scenario.title, 0, "sweep", rule))
    number = math.prod(len(v) for v in given.values()) * max(lengths, default=1)
    if number > MAX_POINTS:
        rule = f"must not hold more than {MAX_POINTS:,} points"
        problems.append(Problem(scenario.title, 0, "sweep", rule, f"{number:,}"))
    if problems:
        raise InputError(problems)
    rows = [dict(zip(drawn, row, strict=True)) for row in zip(*drawn.values(), strict=True)] or [{}]
    grid = [dict(zip(given, row, strict=True)) for row in product(*given.values())]
    return [{p: (g | r)[p] for p in axes} for r in rows for g in grid]


def place_of(data: Any, path: str) -> tuple[Any, str | int]:
    """Find the container and the key of the number at a dotted path.

    Raises:
        ValueError: there is nothing there; the message says where the path goes wrong.
    """
    at = data
    *way, last = keys_to(data, path)
    for key in way:
        at = at[key]
    return at, last


def keys_to(data: Any, path: str) -> list[str | int]:
    """List the keys and places in lists that a dotted path leads through.

    Raises:
        ValueError: there is nothing there; the message says where the path goes wrong.
    """
    keys: list[str | int] = []
    rest, at = path, data
    while True:
        if isinstance(at, list):
            key, _, rest = rest.partition(".")
            if not key.isdecimal() or int(key) >= len(at):
                raise ValueError(f"`{key}` is not a place in a list of {len(at)}")
            keys.append(int(key))
            if not rest:
                return keys
            at = at[int(key)]
            continue
        if not isinstance(at, dict):
            raise ValueError(f"there is nothing below it at `{rest}`")
        fits = [k for k in at if rest == k or rest.startswith(f"{k}.")]
        if not fits:
            word = rest.partition(".")[0]
            raise ValueError(f"there is no `{word}`{did_you_mean(word, map(str, at))}")
        key = max(fits, key=len)  # ids may hold dots themselves
        keys.append(key)
        if rest == key:
            return keys
        rest, at = rest[len(key) + 1 :], at[key]


def plain_for_sweeps(scenario: Scenario, paths: Iterable[str] = ()) -> dict[str, Any]:
    """Return the data of a scenario in which these paths lead to numbers: where it leaves out what
    stands there, the defaults are filled in."""
    data = scenario.model_dump(mode="json", by_alias=True, exclude={"history", "fit", "sweep"})
    for path in paths:
        if path.startswith("channels."):
            _fill_channel(scenario, data, path.removeprefix("channels."))
    return data


def _fill_channel(scenario: Scenario, data: dict[str, Any], path: str) -> None:
    """Fill in the lapse days or the rates of a channel, as they are without being written."""
    channels = channels_of(scenario)
    fits = [id_ for id_ in channels if path.startswith(f"{id_}.")]
    if not fits:
        return
    id_ = max(fits, key=len)
    key = path[len(id_) + 1 :].partition(".")[0]
    usual = {"lapse_days": channels[id_].lapse_days, "rates_per_day": scenario.rates_per_day}
    if key not in usual:
        return
    if not data["channels"]:  # all of the history's: what is said of one must not leave others out
        data["channels"] = {c: ChannelSetup().model_dump(mode="json") for c in channels}
    if data["channels"][id_][key] is None:
        data["channels"][id_][key] = usual[key].model_dump(mode="json")


def varied(scenario: Scenario, values: dict[str, float]) -> Scenario:
    """Return the scenario with numbers replaced.

    Raises:
        InputError: a path that leads to no number, or a value that the scenario cannot hold.
    """
    data = plain_for_sweeps(scenario, values)
    problems: list[Problem] = []
    for path, value in values.items():
        try:
            if path.partition(".")[0] in NOT_SWEPT:
                raise ValueError("this part of a scenario cannot be swept")
            container, key = place_of(data, path)
            if not math.isfinite(value):
                raise ValueError("must be a finite number")
            old = container[key]
            if isinstance(old, bool) or not isinstance(old, (int, float, type(None))):
                raise ValueError("no number stands there")
            container[key] = int(value) if isinstance(old, int) and value == int(value) else value
        except ValueError as error:
            problems.append(Problem(scenario.title, 0, f"sweep.{path}", str(error)))
    if problems:
        raise InputError(problems)
    document = Document(scenario.title, data)
    try:
        kept = {"history": scenario.history, "fit": scenario.fit}
        found = Scenario.model_validate(data).model_copy(update=kept)
    except ValidationError as error:
        raise InputError(problems_of(error, Scenario, document)) from None
    problems = [document.problem(at, rule, got) for at, rule, got in broken_rules(found)]
    if problems:
        raise InputError(problems)
    return found


def points_of(scenario: Scenario, seed: int) -> Iterator[tuple[dict[str, float], Scenario]]:
    """Yield every point of a sweep with its scenario.

    Raises:
        InputError: the sweep breaks rules at some point.
    """
    for values in combinations(scenario, seed):
        yield values, varied(scenario, values)


def broken_sweep(scenario: Scenario) -> Iterator[Broken]:
    """Yield (path, rule, value) for what is wrong with a sweep before any of it is run.

    Where a number breaks a rule, its least or its largest value does, or one that is not whole.
    """
    if not scenario.sweep:
        return
    try:
        points = combinations(scenario, scenario.ensemble.seed)
    except InputError as error:
        for problem in error.problems:
            yield ("sweep",), problem.rule, problem.got or ...
        return
    seen: set[tuple[str, str]] = set()
    for values in _extremes(points):
        try:
            varied(scenario, values)
        except InputError as error:
            for problem in error.problems:
                path = _culprit(problem.path, list(values))
                if (path, problem.rule) not in seen:
                    seen.add((path, problem.rule))
                    yield ("sweep", path), problem.rule, problem.got or ...


def _extremes(points: list[dict[str, float]]) -> list[dict[str, float]]:
    """Choose the first point, and those at which some number is least, largest or not whole."""
    chosen = [points[0]]
    for path in points[0]:
        chosen.append(min(points, key=lambda point: point[path]))
        chosen.append(max(points, key=lambda point: point[path]))
        chosen.append(max(points, key=lambda point: point[path] % 1.0))
    return chosen


def _culprit(broken: str, paths: list[str]) -> str:
    """Return the varied path that a problem's path names, or lies above."""
    where = broken.removeprefix("sweep.").replace("[", ".").replace("]", "")
    return next((p for p in paths if p == where or p.startswith(f"{where}.")), paths[0])
