"""How a study is run: one value, made once of what its user asks for and what its scenario says."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypedDict

import numpy as np

from sim.ensemble.work import Progress
from sim.ground.draws import MAX_SEED
from sim.ground.errors import did_you_mean, one_problem, shown
from sim.model.players import Player

EXECUTORS = ("kernel", "reference")
DRAWS = 200
"""Draws of the weights over which the range of each answer is taken, unless another number is asked
for."""
FEWEST_DRAWS, MOST_DRAWS = 20, 10_000
MOST = 10_000_000
"""Replications of one study: more would not fit into memory."""
CAP = 1_000_000
"""Replications at most of a run to an interval width, unless another cap is given."""


class How(TypedDict, total=False):
    """How any study is run, as the keywords of `sim.run`, `sim.compare`, `sim.why` and `sim.sweep`.
    None stands for what the scenario says, or for the default."""

    replications: int | None
    """How many worlds."""
    seed: int | None
    workers: int | None
    """How many chunks are run at once; the result does not depend on it."""
    executor: str | None
    """`kernel`, the default, or `reference`."""
    cluster: str | None
    """The address of a Dask scheduler whose workers are to do the work."""
    progress: Progress | None
    """Is told how many worlds are done, and how many there are."""
    draws: int | None
    """Draws of the weights over which a run, a comparison or a why takes the range of its answers;
    0 for none. 200 by default with the kernel, and none with `reference`, which is slow."""


@dataclass(frozen=True)
class Settings:
    """How a study is run, checked, with defaults filled in."""

    replications: int
    """How many; with an interval width, how many at most."""
    seed: int
    executor: str = "kernel"
    workers: int | None = None
    cluster: str | None = None
    progress: Progress | None = None
    players: Mapping[str, Player] | None = None
    draws: int = 0
    """Draws of the weights over which answers have a range; 0 for none."""
    interval_width: float | None = None
    """How narrow every outcome's interval is to be, as a share."""
    note: Callable[[str], None] | None = None
    """Is told how precise the run is so far."""

    def tell(self, done: int) -> None:
        """Tell whoever waits how many replications are done."""
        if self.progress is not None:
            self.progress(done, self.replications)


class Usual(Protocol):
    """What says how many replications are run, and from which seed, where nobody else does: a
    scenario's `ensemble`, or a run."""

    @property
    def replications(self) -> int:
        """How many."""

    @property
    def seed(self) -> int:
        """The seed."""


def settings(
    how: How,
    usual: Usual,
    *,
    players: Mapping[str, Player] | None = None,
    interval_width: float | None = None,
    note: Callable[[str], None] | None = None,
) -> Settings:
    """Check how a study is to be run, and fill in what is usual.

    Raises:
        InputError: a number is out of range, or no executor fits.
        TypeError: there is no such keyword.
    """
    known = [*How.__annotations__]
    for word in how:
        if word not in known:
            raise TypeError(f"unexpected keyword argument {word!r}{did_you_mean(word, known)}")
    if interval_width is not None:
        interval_width = _share("interval_width", interval_width)
    replications, seed, workers = how.get("replications"), how.get("seed"), how.get("workers")
    if replications is not None:
        number = _whole("replications", replications, 1, MOST)
    else:
        cap = usual.replications if interval_width is None else CAP
        number = _whole("ensemble.replications", cap, 1, MOST)
    executor = _executor(how.get("executor"), players)
    return Settings(
        replications=number,
        seed=usual.seed if seed is None else _whole("seed", seed, 0, MAX_SEED),
        executor=executor,
        workers=None if workers is None else _whole("workers", workers, 1, 512),
        cluster=how.get("cluster"),
        progress=how.get("progress"),
        players=players,
        draws=_draws(how.get("draws"), executor, players),
        interval_width=interval_width,
        note=note,
    )


def _executor(name: str | None, players: Mapping[str, Player] | None) -> str:
    """Choose the executor: the kernel unless another is named or somebody plays.

    Raises:
        InputError: there is no such executor, or the kernel was asked for with players.
    """
    if name not in (None, *EXECUTORS):
        rule = f"must be one of {', '.join(EXECUTORS)}{did_you_mean(str(name), EXECUTORS)}"
        raise one_problem("executor", rule, name)
    if players and name == "kernel":
        rule = "must be reference where somebody plays: the kernel knows doctrines only"
        raise one_problem("executor", rule, name)
    return "reference" if players else name or "kernel"


def _draws(asked: int | None, executor: str, players: Mapping[str, Player] | None) -> int:
    """Return over how many draws of the weights answers have a range.

    Raises:
        InputError: too few or too many, or somebody plays: a person is asked once a world.
    """
    if asked is None:
        return DRAWS if executor == "kernel" else 0
    number = _whole("draws", asked, 0, MOST_DRAWS)
    if 0 < number < FEWEST_DRAWS:
        rule = f"must be 0 for none, or lie in {FEWEST_DRAWS} to {MOST_DRAWS}"
        raise one_problem("draws", rule, number)
    if number and players:
        rule = "must be 0 where somebody plays: weights are the doctrines'"
        raise one_problem("draws", rule, number)
    return number


def _whole(name: str, value: object, least: int, most: int) -> int:
    """Return a whole number in Python's own type, or refuse what is none or out of range.

    Raises:
        InputError: it is.
    """
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        raise one_problem(name, "must be a whole number", shown(value))
    if not least <= value <= most:
        raise one_problem(name, f"must lie in {least} to {most}", shown(value))
    return int(value)


def _share(name: str, value: object) -> float:
    """Return a number between 0 and 1 in Python's own type.

    Raises:
        InputError: it is none.
    """
    if not isinstance(value, int | float | np.integer | np.floating) or isinstance(value, bool):
        raise one_problem(name, "must be a number", shown(value))
    if not (math.isfinite(value) and 0 < value < 1):
        raise one_problem(name, "must lie between 0 and 1", shown(value))
    return float(value)
