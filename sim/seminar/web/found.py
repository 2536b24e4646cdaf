"""What a rehearsal found, and how it is told to the teacher."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.seminar.lesson.days import zone_of
from sim.seminar.lesson.plan import Plan
from sim.seminar.lesson.schema import TIMED
from sim.seminar.pages.days import said
from sim.seminar.pages.readable import readable


@dataclass
class Found:
    """What a rehearsal found."""

    plan: Plan
    students: int
    acknowledged: int = 0
    stored: int = 0
    late: int = 0
    lost: int = 0
    pages: int = 0
    pushes_ms: list[float] = field(default_factory=list)
    record_bytes: int = 0
    rounds: list[str] = field(default_factory=list)
    played: list[str] = field(default_factory=list)
    what_if: str = ""
    failures: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether anything was lost or leaked."""
        return bool(self.failures)

    def lines(self) -> list[str]:
        """Say what a teacher wants to know the evening before."""
        waits = sorted(self.pushes_ms) or [0.0]
        p95 = waits[min(len(waits) - 1, int(0.95 * len(waits)))]
        minutes = sum(r.limit_s(p) or 0 for r in self.plan.rounds for p in TIMED) / 60
        by_limits = f"By its limits the lesson takes {minutes:.0f} minutes, and the time for the "
        by_limits += "reveals."
        if self.plan.days is not None:
            last = self.plan.days.rounds[-1].reveals_ms
            by_limits = "By its dates the lesson ends with the reveal on "
            by_limits += f"{said(last, zone_of(self.plan.days.zone))} ({self.plan.days.zone})."
        return [
            f"Rehearsal of “{self.plan.title}”, with {self.students} students",
            *self.rounds,
            *self.played,
            *([by_limits] if self.plan.rounds else []),
            f"Answers: {self.acknowledged} acknowledged, {self.stored} in the record.",
            f"Students: {self.late} came late, {self.lost} lost the connection and came back, "
            "1 had two tabs.",
            f"Pages read by students: {self.pages}.",
            f"Changes reached the pages after {p95:.0f} ms or less in 95 of 100 cases "
            f"({waits[-1]:.0f} ms at most).",
            *([self.what_if] if self.what_if else []),
            f"The record takes {self.record_bytes / 1000:,.0f} kB.",
            *(f"FAILED: {failure}" for failure in self.failures[:20]),
            "What students can read, in the round in which it first appears:",
            *readable(self.plan),
            "Something failed: see above." if self.failures else "Nothing was lost or shown early.",
        ]
