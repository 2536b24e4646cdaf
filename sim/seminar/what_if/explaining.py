"""What mattered most, in words: for one outcome, which events of history it would fail without."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Lock
from typing import TYPE_CHECKING

from sim.ground.dates import spoken
from sim.ground.errors import BackchannelError
from sim.ground.language import N_, _
from sim.log.label import label
from sim.seminar.record.refusal import Refused, mistake
from sim.seminar.what_if.shipped import Base
from sim.study.asking import asked_outcome

if TYPE_CHECKING:
    from sim.study.but_for import ButFor, Why

WORLDS = 200
"""Worlds of each what-if: enough to tell a share of 20 % from one of 35 %."""
SETS = 120
"""Sets of events that are tried together, the likeliest."""
PATIENCE_S = 20.0
"""After so long it is given up."""
TELLS = 0.1
"""A share below this is not told."""
MOST_TOLD = 3


class TooLong(BackchannelError):  # noqa: N818 - nobody's fault
    """It takes longer than a class should wait."""


class Explainer:
    """Finds out what mattered for an outcome, one outcome at a time, in a thread of its own."""

    def __init__(self, base: Base, told: Callable[[], None], patience_s: float = PATIENCE_S):
        """`told` is called in that thread when the sentences are there."""
        self.base, self.told, self.patience_s = base, told, patience_s
        self.outcome = ""
        """What was asked last."""
        self.running = False
        self._found: dict[str, list[str]] = {}
        self._lock = Lock()
        self._closed = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="why")

    def sentences(self) -> list[str]:
        """Return the sentences for what was asked last; none where they are not there yet."""
        return self._found.get(self.outcome, [])

    def ask(self, outcome: str) -> None:
        """Ask what mattered for a yes-or-no outcome.

        Raises:
            Refused: there is no such outcome, nothing to ask about, or a question is being
                answered.
        """
        if not self.base.events:
            raise Refused(_("The history holds no event that could be taken away."))
        try:
            asked_outcome(self.base.scenario, outcome)
        except BackchannelError:
            raise Refused(_("Ask about one of the outcomes with yes or no.")) from None
        with self._lock:
            if self.running:
                raise Refused(_("The program is still answering the last question. Wait for it."))
            self.outcome = outcome
            if outcome in self._found:
                return
            self.running = True
        self._pool.submit(copy_context().run, self._find, outcome)

    def _find(self, outcome: str) -> None:
        from sim.study.explaining import why  # it takes a while, and few ask

        end = time.monotonic() + self.patience_s

        def progress(done: int, most: int) -> None:
            if self._closed or time.monotonic() > end:
                raise TooLong

        try:
            found = why(
                self.base.scenario,
                outcome,
                replications=WORLDS,
                workers=1,
                samples=0,
                sets=SETS,
                label=label,
                progress=progress,
            )
            told = told_why(found)
        except TooLong:
            told = [
                _(
                    "This takes longer than {seconds} seconds. After the lesson, keep the "
                    "unchanged scenario as a branch, export it, and ask `sim why`.",
                    seconds=round(self.patience_s),
                )
            ]
        except BackchannelError as error:
            told = [_("The program cannot say: {error}.", error=error)]
        except Exception as error:  # a mistake of the program must not end all asking
            told = [_("The program cannot say: {error}.", error=mistake(error))]
        with self._lock:
            self._found[outcome], self.running = told, False
        if not self._closed:
            self.told()

    def close(self) -> None:
        """Stop."""
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)


def told_why(found: Why) -> list[str]:
    """Say what a why found, in sentences."""
    from sim.report.numbers import share_of

    share = share_of(found.share, found.replications, settled=found.settled, whole=True)
    told = [_("With history as it was, it comes about {share}.", share=share)]
    if found.turned:
        told.append(_("So the question is: what would have brought it about?"))
    counted = [b for b in found.events if b.weight >= TELLS][:MOST_TOLD]
    told += [_told(b) for b in counted]
    if not counted:
        told.append(_("No single event makes a difference in more than 1 of 10 of these worlds."))
    joint = [b for b in found.reversals if len(b.events) > 1]
    if joint:
        told += [_("No one event turns it, but these together do."), _told(joint[0])]
    elif not found.reversals:
        told.append(
            _("No set of up to three events that was tried turns it in half of the worlds.")
        )
    return told


def _told(b: ButFor) -> str:
    from sim.plots.scale import whole_percent

    low, high = (b.made_low, b.made_high) if b.turned else (b.low, b.high)
    said = N_(
        "Without “{event}” ({days}) it fails in {share} of the worlds where it came about ({low} "
        "to {high})."
    )
    if b.turned:
        said = N_(
            "Without “{event}” ({days}) it comes about in {share} of the worlds where it did not "
            "come about ({low} to {high})."
        )
    return _(
        said,
        event=b.label,
        days=", ".join(dict.fromkeys(spoken(d) for d in b.date.split(", "))),
        share=whole_percent(b.weight),
        low=whole_percent(low),
        high=whole_percent(high),
    )
