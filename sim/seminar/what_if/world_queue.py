"""Drawing worlds of positions: a short queue, so that the newest position is never kept waiting.

One thread decides what to draw next, two draw. The first 1,000 worlds of the newest position come
first, then those of what it is compared with, then more of each. Where imprecise dates belong
together, the first 1,000 place them by the beginning of their chain, since the whole of it takes
longer than the worlds; they are drawn anew before there are more. What nobody looks at any more is
left where it is; nothing is ever stored.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.ensemble.weighed import compile_weighed
from sim.ground.errors import BackchannelError
from sim.model.compiled_scenario import CompiledScenario, Floats
from sim.model.tally import Tally
from sim.scenario.scenario import Scenario
from sim.seminar.record.refusal import mistake
from sim.seminar.what_if.position import Position, scenario_at_position, shipped_position
from sim.seminar.what_if.shipped import Base

if TYPE_CHECKING:
    from sim.study.run import Run

FIRST, MOST = 1_000, 10_000
"""Worlds that are drawn at once, and worlds up to which a position is refined."""
STEP = 500
"""Worlds that are drawn before it is asked whether something newer waits."""
THREADS = 2
REMEMBERED = 12
"""Positions whose worlds are kept in memory."""


@dataclass
class Drawn:
    """The worlds of one position that are drawn so far."""

    position: Position
    scenario: Scenario
    program: CompiledScenario
    parts: list[Tally] = field(default_factory=list)
    """The tallies of consecutive worlds, from world 0 on."""
    hasty: bool = False
    """Imprecise dates are placed for a first look."""

    @property
    def worlds(self) -> int:
        """How many worlds are drawn."""
        return sum(p.replications for p in self.parts)

    def grown(self, parts: Sequence[Tally]) -> Drawn:
        """Return it with more worlds."""
        return replace(self, parts=[*self.parts, *parts])

    @cached_property
    def shares(self) -> Floats:
        """[channels, G, 4] the share of worlds in each state for the observer, at the instants of
        `program.grid_s`."""
        total = np.sum([p.occupancy[:, 0] for p in self.parts], axis=0)
        return np.asarray(total / self.worlds)

    def first(self, worlds: int) -> Run:
        """Return the first worlds as a run, for answers and contrasts; its sums over time are those
        of one part only."""
        from sim.study.run import Run

        values = np.concatenate([p.values for p in self.parts])[:worlds]
        tally = replace(self.parts[0], values=values)
        return Run(self.scenario, self.program, self.position.seed, tally, "kernel")


def warm(base: Base) -> None:
    """Load what draws worlds, or compile it, so that nobody waits for it later: the worlds of a
    forecast, and those of a change inside history."""
    from sim.kernel.run import run

    scenario = scenario_at_position(base, shipped_position(base))
    for retrace in (False, True):
        run(compile_weighed(scenario, retrace=retrace), 0, 0, 1)


class Drawer:
    """Draws the positions that somebody looks at."""

    def __init__(self, base: Base, told: Callable[[], None], most: int | None = None) -> None:
        """`told` is called in the drawer's own thread when a position has its first worlds, and
        when it has all, `most` or MOST."""
        self.base, self.told, self.most = base, told, MOST if most is None else most
        self._kept: OrderedDict[str, Drawn] = OrderedDict()
        self._problems: OrderedDict[str, str] = OrderedDict()
        """Why a position cannot be drawn, by its key."""
        self._wanted: tuple[Position, ...] = ()
        self._lock = Condition()
        self._closed = False
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="worlds")
        self._thread = Thread(target=self._work, name="what-if", daemon=True)
        self._thread.start()

    def want(self, positions: Sequence[Position]) -> None:
        """Draw these positions from now on, the first one first, and nothing else."""
        with self._lock:
            self._wanted = tuple(positions)
            self._lock.notify_all()

    def drawn(self, position: Position) -> Drawn | None:
        """Return the worlds of a position that are drawn so far; None before the first 1,000."""
        with self._lock:
            return self._kept.get(position.key)

    def problem(self, position: Position) -> str:
        """Return why a position cannot be drawn; empty where it can."""
        with self._lock:
            return self._problems.get(position.key, "")

    def wait(self, position: Position, worlds: int, patience_s: float) -> bool:
        """Wait until so many worlds of a position are drawn; return whether they are."""
        with self._lock:
            return self._lock.wait_for(lambda: self._has(position, worlds), patience_s)

    def _has(self, position: Position, worlds: int) -> bool:
        found = self._kept.get(position.key)
        done = found is not None and found.worlds >= worlds
        return done or position.key in self._problems

    def close(self) -> None:
        """Stop drawing."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
        self._thread.join(10)
        self._pool.shutdown(wait=True, cancel_futures=True)

    # ------------------------------------------------------------------------------ the thread

    def _next(self) -> tuple[Position, int] | None:
        """Return which position is drawn next, and up to how many worlds; None where all are."""
        for goal in (FIRST, self.most):
            for position in self._wanted:
                if not self._has(position, goal):
                    return position, goal
        return None

    def _work(self) -> None:
        while True:
            with self._lock:
                self._lock.wait_for(lambda: self._closed or self._next() is not None)
                if self._closed:
                    return
                found = self._next()
                assert found is not None
                position, goal = found
                so_far = self._kept.get(position.key)
            try:
                drawn, problem = self._step(position, so_far, goal), ""
            except BackchannelError as error:  # a pair of sliders that do not go together
                drawn, problem = None, str(error)
            except Exception as error:  # a mistake of the program must not end all drawing
                drawn, problem = None, mistake(error)
            with self._lock:
                self._keep(position.key, drawn, problem)
            first = so_far is None and drawn is not None and drawn.worlds == FIRST
            if drawn is None or first or drawn.worlds == self.most:
                self.told()

    def _keep(self, key: str, drawn: Drawn | None, problem: str) -> None:
        """Remember what came of a position, and forget what was drawn longest ago, but for what
        somebody looks at: a position stays on the page while others are laid beside it."""
        kept: OrderedDict[str, Any] = self._kept if drawn is not None else self._problems
        kept[key] = drawn if drawn is not None else problem
        kept.move_to_end(key)
        looked_at = {position.key for position in self._wanted}
        for old in [k for k in kept if k not in looked_at][: max(0, len(kept) - REMEMBERED)]:
            del kept[old]
        self._lock.notify_all()

    def _placed(self, position: Position) -> bool:
        """Return whether the dates are placed already by the same weights."""
        return any(
            d.position.values == position.values and not d.hasty for d in self._kept.values()
        )

    def _step(self, position: Position, so_far: Drawn | None, goal: int) -> Drawn:
        """Draw some more worlds of a position.

        Raises:
            BackchannelError: it breaks a rule, or the model holds its history impossible.
        """
        if so_far is None or so_far.hasty:
            scenario = so_far.scenario if so_far else scenario_at_position(self.base, position)
            hasty = so_far is None and not self._placed(position)
            program = compile_weighed(scenario, hasty=hasty)
            hasty = hasty and bool((program.dates.members > 1).any())
            so_far = Drawn(position, scenario, program, hasty=hasty)
        from sim.kernel.run import run  # it takes a while, and a first page comes before it

        begin = so_far.worlds
        count = FIRST if begin == 0 else min(STEP, goal - begin)
        each = -(-count // THREADS)
        firsts = range(begin, begin + count, each)
        program, seed = so_far.program, position.seed

        def part(first: int) -> Tally:
            return run(program, seed, first, min(each, begin + count - first))[0]

        return so_far.grown([*self._pool.map(part, firsts)])
