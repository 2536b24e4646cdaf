"""The numbers of a scenario that matter most, found by a screening, as sliders."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Lock
from typing import TYPE_CHECKING

from sim.ground.errors import BackchannelError
from sim.ground.language import _, percent
from sim.results.outcomes import title_of
from sim.scenario.scenario import Scenario
from sim.seminar.lesson.sliders import Slider
from sim.seminar.record.refusal import Refused, mistake
from sim.seminar.what_if.shipped import Base

if TYPE_CHECKING:
    from sim.study.sensitivity import Sensitivity

MOST_FOUND = 10
"""Sliders that are made of a screening."""
WORLDS = 200
"""Worlds at each of its points: enough to rank numbers of which the first ten are wanted."""
TOLD_EVERY = 8
"""Points after which it is told how far the screening is."""
BESIDE_WEIGHTS = ("rates", "half-lives", "lapse-days", "bursts")
"""What is screened where the weights are those of a fit, which no slider moves."""


class Stopped(BackchannelError):  # noqa: N818 - nobody's fault
    """The program ends."""


class Finder:
    """Finds the numbers that matter most for an outcome, once at a time, in its own thread."""

    def __init__(self, base: Base, told: Callable[[], None]) -> None:
        """`told` is called in that thread when it is farther, and when it is done."""
        self.base, self.told = base, told
        self.words = ""
        """How far it is, or why it failed."""
        self.running = False
        self._found: tuple[Slider, ...] = ()
        self._lock = Lock()
        self._closed = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="screening")

    def ask(self, outcome: str) -> None:
        """Begin to look for the numbers that matter most for an outcome.

        Raises:
            Refused: there is no such outcome, or it looks already.
        """
        if outcome not in self.base.scenario.outcomes:
            raise Refused(_("Ask about one of the outcomes."))
        with self._lock:
            if self.running:
                raise Refused(_("The program is still looking. Wait for it."))
            self.running, self.words = True, _("Looking …")
        self._pool.submit(copy_context().run, self._find, outcome)

    def taken(self) -> tuple[Slider, ...]:
        """Return the sliders that were found and that nobody has taken yet."""
        with self._lock:
            found, self._found = self._found, ()
            return found

    def _find(self, outcome: str) -> None:
        from sim.study.sensitivity import sensitivity  # it takes a while, and few ask

        def progress(done: int, most: int) -> None:
            if self._closed:
                raise Stopped
            if done // TOLD_EVERY != (done - 1) // TOLD_EVERY:
                self.words = _("Looking: {share} done …", share=percent(100 * done // most))
                self.told()

        scenario, sliders = self.base.scenario, tuple[Slider, ...]()
        vary = () if scenario.fit is None else BESIDE_WEIGHTS
        try:
            found = sensitivity(
                scenario, vary, outcome=outcome, replications=WORLDS, workers=1, progress=progress
            )
            sliders = sliders_of(found, outcome)
            words = _(
                "The {n} sliders above are those that matter most for “{outcome}”, the most "
                "important first.",
                n=len(sliders),
                outcome=title_of(scenario, outcome),
            )
        except BackchannelError as error:
            words = _("The program cannot say: {error}.", error=error)
        except Exception as error:  # a mistake of the program must not end all asking
            words = _("The program cannot say: {error}.", error=mistake(error))
        with self._lock:
            self._found, self.words, self.running = sliders, words, False
        if not self._closed:
            self.told()

    def close(self) -> None:
        """Stop."""
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)


def sliders_of(found: Sensitivity, outcome: str) -> tuple[Slider, ...]:
    """Make sliders of the numbers that move an outcome most, over the ranges of the screening."""
    rows = found.frame.filter(outcome=outcome).sort("rank").head(MOST_FOUND).to_dicts()
    sliders: dict[str, Slider] = {}
    for row in rows:
        path = path_of(found.scenario, row["number"])
        if row["effect"] > 0.0 and path not in sliders:
            sliders[path] = Slider(
                title=(row["words"][:1].upper() + row["words"][1:])[:120],
                path=path,
                start=_short(min(row["low"], row["own"])),
                to=_short(max(row["high"], row["own"])),
            )
    return tuple(sliders.values())


def path_of(scenario: Scenario, number: str) -> str:
    """Return the path of a number of a screening: it names a weight by its party."""
    code, _, rest = number.partition(".")
    if code not in scenario.parties:
        return number
    return f"doctrines.{scenario.parties[code].doctrine}.{rest}"


def _short(value: float) -> float:
    return float(f"{value:.4g}")
