"""Compiles `peer.c`, gives it a program's arrays, and runs replications of it."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sim.model.compiled_scenario import CompiledScenario, Floats, Ints
from sim.model.eventtable import INT_COLUMNS, Events
from sim.model.tally import Tally, blank

SOURCE = Path(__file__).with_name("peer.c")
NUMBERS = (
    "as_of", "until", "observe", "grid_first", "grid_step", "grid", "shared", "channels", "dyads",
    "streams", "facts", "before", "switches", "forums", "parties", "outcomes",
)  # fmt: skip
"""Whole numbers at the head of the struct `CompiledScenario` in C; pointers follow."""


class _Sums(ctypes.Structure):
    """The struct `Tally` of `peer.c`."""

    _fields_ = (
        *((name, ctypes.c_int64) for name in ("raster_rows", "log_rows")),
        *(
            (name, ctypes.c_void_p)
            for name in (
                "values", "occupancy", "moves", "exposure", "events", "raster", "log", "severity",
            )
        ),
    )  # fmt: skip


@cache
def library(*flags: str) -> ctypes.CDLL:
    """Compile `peer.c` and load it."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "peer.so"
        command = ["cc", *flags, "-std=c11", "-shared", "-fPIC", "-o", str(target), str(SOURCE)]
        subprocess.run([*command, "-lm"], check=True)
        loaded = ctypes.CDLL(str(target))
    loaded.run.restype = loaded.program_size.restype = ctypes.c_int64
    return loaded


class Native:
    """A program in C."""

    def __init__(self, program: CompiledScenario, *flags: str) -> None:
        """Hand a forecast over; `flags` are the compiler's.

        Raises:
            ValueError: a what-if, which `peer.c` does not know.
        """
        if program.past is not None:
            raise ValueError("peer.c runs forecasts only")
        self.library, self.program = library(*flags), program
        numbers, self.arrays = _numbers(program), _arrays(program)
        names = [*numbers, *(f"a{n}" for n in range(len(self.arrays)))]
        types = [ctypes.c_int64] * len(numbers) + [ctypes.c_void_p] * len(self.arrays)
        struct = type(
            "_Program", (ctypes.Structure,), {"_fields_": list(zip(names, types, strict=True))}
        )
        assert ctypes.sizeof(struct) == self.library.program_size(), "peer.c has another struct"
        self.struct = struct(*numbers.values(), *(a.ctypes.data for a in self.arrays))

    def run(
        self, seed: int, first: int, count: int, log_rows: int = 0
    ) -> tuple[Tally, int, Events | None]:
        """Run replications; return their sums, how many events happened, and those logged."""
        tally = blank(self.program, count, first)
        log = np.zeros((log_rows, len(INT_COLUMNS)), dtype=np.int64)
        severity = np.zeros(log_rows)
        sums = _Sums(
            len(tally.raster),
            log_rows,
            *(
                a.ctypes.data
                for a in (
                    tally.values, tally.occupancy, tally.moves, tally.exposure_s, tally.events,
                    tally.raster, log, severity,
                )
            ),
        )  # fmt: skip
        happened = self.library.run(
            ctypes.byref(self.struct),
            ctypes.byref(sums),
            *(ctypes.c_int64(x) for x in (seed, first, count)),
        )
        columns = {name: log[:, n].copy() for n, name in enumerate(INT_COLUMNS)}
        return tally, happened, Events(severity=severity, **columns) if log_rows else None


def _numbers(p: CompiledScenario) -> dict[str, int]:
    steps = np.diff(p.grid_s).tolist()
    values = (
        p.as_of_s, p.until_s, p.observe_s, int(p.grid_s[0]), steps[0] if steps else 1,
        len(p.grid_s), p.shared, len(p.channels.names), len(p.dyad_party), len(p.streams.names),
        len(p.facts.ids), p.facts.before, len(p.doctrines.switch_s), len(p.forums.names),
        len(p.parties), len(p.outcomes.names),
    )  # fmt: skip
    return dict(zip(NUMBERS, values, strict=True))


def _arrays(p: CompiledScenario) -> list[Ints | Floats]:
    """The arrays in the order of the pointers in C."""
    c, s, f, o, a, r, d, q = (
        p.channels, p.streams, p.facts, p.forums, p.attention, p.rules, p.doctrines, p.outcomes,
    )  # fmt: skip
    arrays: list[Any] = [
        p.dyad_party, p.held, p.bound, p.suspended,
        c.party, c.dyad, c.initial, c.since_s, c.lapse_s, c.complete_s, c.until_s,
        s.kind, s.channel, s.side, s.forum, s.at_s, s.key, s.by, s.holder, s.national,
        s.coin,
        s.rate, s.severity,
        f.kind, f.channel, f.by, f.reading, f.confined, f.persons, f.national, f.holder,
        f.lo_s, f.hi_s, f.wish_s, f.key, f.meeting_s, f.cause_start, f.causes, f.rank,
        f.elsewhere, a.fact_key, a.fact_start, f.severity,
        a.row, a.words,
        o.lo_s, o.hi_s, o.attends, a.forum_key, a.channel_word, a.party_word,
        a.stream, a.toward, a.key,
        a.m, a.tau_days,
        a.channel_start, a.channel_rows, a.pair_start, a.pair_rows,
        r.effect, r.raises, r.decay_per_s, r.lead_days,
        d.weights, d.initial, d.switch_s, d.switch_party, d.choice_doctrine,
        q.type, q.channel, q.view, q.states, q.lo_s, q.hi_s, q.kinds, q.by, q.at_least, q.people,
    ]  # fmt: skip
    return [np.ascontiguousarray(a) for a in arrays]
