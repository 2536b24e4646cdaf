"""What of a lesson students may be shown before its end: in disguise, where it has one."""

from __future__ import annotations

from dataclasses import dataclass

from sim.report.caveats import caveats
from sim.seminar.lesson.disguised import Lifted, disguised
from sim.seminar.lesson.plan import Plan
from sim.seminar.pages.past import Teller


@dataclass(frozen=True)
class Face:
    """A lesson as its class sees it until it is over."""

    plan: Plan
    """Only shown: nothing is forecast from it."""
    teller: Teller
    care: tuple[str, ...]
    """What must be said of the simulator's numbers."""
    lifted: Lifted | None
    """Who was who, for the end; None where there is no disguise."""


def face_of(plan: Plan) -> Face:
    """Return a lesson as its class sees it."""
    worn, care = disguised(plan), tuple(caveats(plan.scenario))
    teller = Teller.of(plan)
    if worn is None:
        return Face(plan, teller, care, None)
    words = worn.words
    channels = [words.slug(channel) for channel in teller.channels]
    shown = Teller(worn.plan.log, channels, worn.plan.lesson.retold)
    return Face(worn.plan, shown, tuple(map(words.text, care)), worn.lifted())
