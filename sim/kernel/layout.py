"""How a program is laid out in the kernel's memory, and how the sums are read from it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.ground.dates import DAY_S
from sim.kernel import memory as k
from sim.kernel.memory import Arrays
from sim.log.events import KINDS
from sim.model.eventtable import INT_COLUMNS, Events
from sim.model.program import VIEWS, Ints, Program, ints
from sim.model.situation import ENDS_PENDING
from sim.model.tally import Tally, raster_rows
from sim.scenario.acts import ACTS


class _Layout:
    """Lays tables end to end."""

    def __init__(self) -> None:
        self.head = np.zeros(k.HEAD, dtype=np.int64)
        self.parts: list[tuple[Any, int, Any]] = [(np.int64, 0, self.head)]
        self.size = {np.int64: k.HEAD, np.float64: k.FLOAT_HEAD}
        self.shapes: dict[int, tuple[int, ...]] = {}

    def place(self, slot: int, values: Any, kind: Any = np.int64) -> None:
        array = np.asarray(values, dtype=kind)
        self.parts.append((kind, self.size[kind], array.ravel()))
        self.zeros(slot, *array.shape, kind=kind)

    def zeros(self, slot: int, *shape: int, kind: Any = np.int64) -> None:
        self.head[slot], self.shapes[slot] = self.size[kind], shape
        self.size[kind] += math.prod(shape)

    def world(self) -> Arrays:
        memory = {kind: np.zeros(size, dtype=kind) for kind, size in self.size.items()}
        for kind, start, array in self.parts:
            memory[kind][start : start + array.size] = array
        return Arrays(memory[np.int64], memory[np.float64])


def _rows(width: int, *columns: Any) -> Ints:
    """Set columns, of one or more places each, side by side; the rest is room for state."""
    wide = [c if c.ndim == 2 else c[:, None] for c in map(np.asarray, columns)]
    table = np.zeros((len(wide[0]), width), dtype=np.int64)
    table[:, : sum(c.shape[1] for c in wide)] = np.hstack(wide)
    return table


def _grouped(rows: list[list[int]]) -> tuple[list[int], Ints]:
    """Lay lists end to end; return them and where each begins."""
    return [x for row in rows for x in row], np.cumsum([0, *map(len, rows)], dtype=np.int64)


MOST_PAGES = 4096
"""Pages that are kept at most: a megabyte of what is drawn of the past."""


def _pages(p: Program) -> int:
    """Return for how many pages of the past there is room: for all that are expected, and some."""
    if p.past is None:
        return 0
    acts = (p.streams.kind < len(ACTS)) & (p.streams.rate > 0.0)
    days = (p.as_of_s - p.past.start_s) / DAY_S
    expected = float(p.streams.rate[acts].sum()) * days / k.AHEAD
    return min(MOST_PAGES, int(1.2 * expected) + 2 * int(acts.sum()))


class Memory:
    """The memory of one chunk of replications of a program."""

    def __init__(
        self,
        program: Program,
        first: int,
        count: int,
        log_rows: int = 0,
        drop_rows: int = 0,
        burst_rows: int = 0,
    ) -> None:
        """Lay out everything, with room for so many events, opportunities that history rules out,
        and bursts at once beside those of coded events.

        Raises:
            ValueError: the grid's instants do not lie evenly.
        """
        self._layout = _Layout()
        self.count, self.log_rows, self.drop_rows = count, log_rows, drop_rows
        self.burst_rows = len(program.attention.row) + burst_rows
        self.rows = max(0, min(count, raster_rows(program) - first))
        self._head(program)
        self._constants(program)
        self._past(program)
        self._bursts(program)
        self._state(program)
        self._sums(program)
        self.world = self._layout.world()

    def _head(self, p: Program) -> None:
        steps = np.diff(p.grid_s).tolist()
        if len(set(steps)) > 1:
            raise ValueError("the instants of the grid must lie evenly")
        first_stream = k.MEETINGS + len(p.channels.names)
        first_forum = first_stream + len(p.streams.names)
        bits = (first_forum + len(p.forums.names)).bit_length()
        begin_s = p.past.start_s if p.past is not None else p.as_of_s
        self._layout.head[: k.DROP_ROWS + 1] = (
            p.as_of_s, p.until_s, p.grid_s[0], steps[0] if steps else 1, len(p.grid_s),
            p.facts.before, bits, first_stream, first_forum,
            len(p.channels.names), len(p.dyad_party), len(p.streams.names), len(p.facts.ids),
            len(p.doctrines.switch_s), len(p.forums.names), len(p.parties), len(p.outcomes.names),
            self.rows, self.log_rows, p.observe_s, p.shared, begin_s, p.as_of_s, self.drop_rows,
        )  # fmt: skip
        self._layout.head[k.AGAIN], self._layout.head[k.BURST_ROWS] = -1, self.burst_rows
        self._layout.head[k.END], self._layout.head[k.NAMED] = p.until_s, k.S_KEY_LO
        numbers = (*p.rules.decay_per_s, *p.rules.lead_days, *[k.DRAWN] * 4)
        self._layout.parts.append((np.float64, 0, np.array(numbers, dtype=np.float64)))

    def _constants(self, p: Program) -> None:
        place, c, s, f = self._layout.place, p.channels, p.streams, p.facts
        d, q, kinds = p.doctrines, p.outcomes, len(KINDS)
        states, word = (c.initial, c.since_s, c.lapse_s, c.complete_s, c.until_s), p.attention
        place(k.T_CHANNEL, _rows(k.C_WIDTH, c.party, c.dyad, *states, c.line, word.channel_word))
        place(k.T_DYAD, _rows(k.D_WIDTH, p.dyad_party, p.bound, p.held, p.suspended))
        names = (s.key, s.at_s, p.past.key if p.past else s.key, s.coin, s.partner)
        place(
            k.T_STREAM,
            _rows(
                k.S_WIDTH, s.kind, s.channel, s.side, s.forum, s.by, s.holder, s.national, *names
            ),
        )
        who = (f.kind, f.channel, f.by, f.confined[:, 0], f.persons, f.national, f.holder)
        when = (f.lo_s, f.hi_s, f.wish_s, f.key, f.meeting_s, f.rank, f.answered, f.elsewhere)
        starts = (f.cause_start[:-1], p.attention.fact_start[:-1], f.also_start[:-1])
        views = (f.through_s, f.reading, f.confined)
        facts = _rows(k.F_WIDTH, *who, *when, word.fact_key, *starts, *views)
        last = np.zeros((1, k.F_WIDTH), dtype=np.int64)  # only ends the causes, and the bursts
        last[0, k.F_CAUSES], last[0, k.F_OPENS] = f.cause_start[-1], word.fact_start[-1]
        last[0, k.F_ALSO] = f.also_start[-1]
        place(k.T_ALSO, f.also)
        place(k.T_FACT, np.vstack([facts, last]))
        place(k.T_CAUSE, f.causes)
        place(k.T_SWITCH, np.column_stack([d.switch_s, d.switch_party, d.switch_doctrine]))
        place(k.T_FORUM, np.column_stack([p.forums.lo_s, p.forums.hi_s, word.forum_key]))
        place(k.T_ATTENDS, p.forums.attends)
        ends = np.array([kind in ENDS_PENDING for kind in range(kinds)])
        place(k.T_KIND, _rows(k.K_WIDTH, p.rules.effect, ends))
        asked = (q.type, q.lo_s, q.hi_s, q.kind, q.channel, q.by, q.at_least, q.people, q.states)
        place(k.T_OUTCOME, _rows(k.Q_WIDTH, *asked))
        self._groups(p)
        place(k.T_INITIAL, d.initial)
        paces = np.zeros((len(s.names), k.PACES))
        paces[:, k.RATE], paces[:, k.LEAST : k.MOST + 1] = s.rate, s.severity
        paces[:, k.CEILING] = np.inf  # the world's own streams are not decided about
        place(k.X_PACE, paces, np.float64)
        place(k.X_RAISE, p.rules.raises, np.float64)
        place(k.X_WEIGHT, d.weights, np.float64)
        self._layout.head[k.DRAWS], self._layout.head[k.DRAW_SIZE] = (
            len(d.weights),
            d.weights[0].size,
        )
        place(k.X_SEVERITY, f.severity, np.float64)

    def _past(self, p: Program) -> None:
        """Place what history was; of a forecast, rows of zeros, which say that nothing is known."""
        place, facts, past = self._layout.place, len(p.facts.ids), p.past
        table = np.zeros((facts + 1, k.P_WIDTH), dtype=np.int64)
        if past is not None:
            held = np.isin(np.arange(facts), past.agreed)
            was = (past.role, past.answer, past.told, past.agreed, past.forum, past.removed)
            starts = (past.candidate_start, past.need_start, past.source_start)
            before = (*was, past.latent, held, past.follows)
            table[:-1] = _rows(k.P_WIDTH, *before, *(s[:-1] for s in starts))
            ends = [k.P_CANDIDATES, k.P_NEEDS, k.P_SOURCES]
            table[-1, ends] = [s[-1] for s in starts]  # the last row only ends the lists
        else:
            table[:, k.P_FOLLOWS] = -1
        most = int(np.diff(table[:, k.P_CANDIDATES] + table[:, k.P_SOURCES]).max(initial=0))
        place(k.T_PAST, table)
        place(k.T_CANDIDATE, past.candidates if past is not None else ())
        place(k.T_NEED, past.needs if past is not None else ())
        place(k.T_GROUP, past.group_start if past is not None else (0,))
        sources = (past.sources, past.source_candidate) if past is not None else ((), ())
        place(k.T_SOURCE, np.column_stack(sources))
        nowhere = np.zeros_like(p.forums.attends)
        place(k.T_PASSES, past.passes if past is not None else nowhere)
        self._layout.zeros(k.T_OCCURRED, facts)
        self._layout.zeros(k.T_CHOSEN, facts)
        self._layout.zeros(k.T_USED, len(p.streams.names))
        self._layout.zeros(k.T_MOMENT, len(p.streams.names), 2)
        self._layout.zeros(k.X_ASKED, len(p.streams.names), 2, kind=np.float64)
        self._layout.head[k.PAGE_ROWS] = pages = _pages(p)
        self._layout.zeros(k.T_PAGE, pages, k.PAGE)
        self._layout.zeros(k.X_PAGE, pages, k.PAGE, kind=np.float64)
        self._layout.zeros(k.T_DROPPED, self.drop_rows, k.N_WIDTH)
        self._layout.zeros(k.X_GIVEN, facts, k.G_WIDTH, kind=np.float64)
        self._layout.zeros(k.X_WEIGHED, most, k.WEIGHED, kind=np.float64)

    def _bursts(self, p: Program) -> None:
        """Place the rows that events open, and the bursts of coded events."""
        place, layout, a = self._layout.place, self._layout, p.attention
        facts, rows = len(p.facts.ids), self.burst_rows
        place(k.T_ROW, _rows(k.R_WIDTH, a.stream, a.toward, a.key))
        place(k.X_ROW, np.column_stack([a.m, a.tau_days]), np.float64)
        place(k.T_ROW_OF, a.channel_rows)
        place(k.T_ROW_START, a.channel_start)
        place(k.T_PAIR_ROW, a.pair_rows)
        place(k.T_PAIR_ROW_START, a.pair_start)
        place(k.T_PARTY_WORD, a.party_word)
        bursts = _rows(k.B_WIDTH, a.row, a.opener, a.words, a.origin)
        bursts[:, k.B_FIRST] = -1
        place(k.T_BURST, bursts)
        layout.zeros(k.T_SLOT, rows, k.W_WIDTH)
        layout.zeros(k.X_SLOT, rows, k.W_FLOATS, kind=np.float64)
        place(k.T_HEAP, np.arange(rows))  # slots in use, as a heap, and then the free ones
        layout.zeros(k.T_WHEN, facts)
        layout.zeros(k.T_PLACE, facts)
        place(k.T_BROUGHT, np.full(facts, -1))
        layout.zeros(k.T_AFTER, facts)
        layout.zeros(k.T_WAITING, facts)

    def _groups(self, p: Program) -> None:
        """Place the pairs that each party's events of the world reach, and who asks what."""
        pairs, everyone = p.dyad_party.tolist(), list(range(len(p.dyad_party)))
        pair = np.full((len(p.parties), len(p.parties)), -1, dtype=np.int64)
        of_party: list[list[int]] = [[] for _ in p.parties]
        for n, (a, b) in enumerate(pairs):
            pair[a, b] = pair[b, a] = n
            of_party[a].append(n)
            of_party[b].append(n)
        asked: list[list[int]] = [[] for _ in range(VIEWS * len(p.channels.names))]
        counted: list[list[int]] = [[] for _ in KINDS]
        for n, type_ in enumerate(p.outcomes.type.tolist()):
            if type_ == k.EVENT_BY:
                counted[int(p.outcomes.kind[n])].append(n)
            else:
                asked[VIEWS * int(p.outcomes.channel[n]) + int(p.outcomes.view[n])].append(n)
        self._layout.place(k.T_PAIR, pair)
        # an unknown initiator is -1: its group comes first, and is everyone
        for slot, rows in (
            (k.T_REACH, [everyone, *of_party]),
            (k.T_ASKED, asked),
            (k.T_COUNTED, counted),
        ):
            flat, start = _grouped(rows)
            self._layout.place(slot, flat)
            self._layout.place(slot + 1, start)
        self._watched(p)

    def _watched(self, p: Program) -> None:
        """Place the streams of acts that have a bound: by pair, and by channel and side."""
        s, place = p.streams, self._layout.place
        mine: dict[tuple[int, int], list[int]] = {}
        for n in np.flatnonzero((s.kind < len(ACTS)) & (s.rate > 0.0)).tolist():
            mine.setdefault((int(s.channel[n]), int(s.side[n])), []).append(n)
        by_pair = sorted(mine, key=lambda at: (int(p.channels.dyad[at[0]]), at))
        watched, starts = _grouped([mine[at] for at in by_pair])
        table = np.zeros((len(by_pair) + 1, k.A_WIDTH), dtype=np.int64)
        table[:-1, : k.A_FIRST], table[:, k.A_FIRST] = ints(by_pair, 2), starts
        pairs = p.channels.dyad[table[:-1, k.A_CHANNEL]]
        place(k.T_WATCHED, watched)
        place(k.T_SIDE, table)
        place(k.T_SIDE_START, np.searchsorted(pairs, np.arange(len(p.dyad_party) + 1)))

    def _state(self, p: Program) -> None:
        layout, channels, facts = self._layout, len(p.channels.names), len(p.facts.ids)
        layout.zeros(k.T_DOCTRINE, len(p.parties))
        layout.zeros(k.T_SPOKEN, len(p.forums.names), channels)
        layout.zeros(k.T_TREE, 2 << int(layout.head[k.BITS]))
        layout.zeros(k.T_CHANGED, 2, len(p.dyad_party))
        layout.zeros(k.T_AHEAD, len(p.streams.names), k.AHEAD)
        layout.zeros(k.X_AHEAD, len(p.streams.names), k.AHEAD, kind=np.float64)
        layout.zeros(k.T_INSTANT, facts)
        layout.zeros(k.T_ORDER, facts)
        layout.zeros(k.X_STOCK, len(p.dyad_party), k.MEMORIES, kind=np.float64)
        layout.zeros(k.X_TOLD, channels, 2, kind=np.float64)

    def _sums(self, p: Program) -> None:
        layout, c, g = self._layout, len(p.channels.names), len(p.grid_s)
        layout.zeros(k.T_VALUES, self.count, len(p.outcomes.names))
        layout.zeros(k.T_OCCUPANCY, c, VIEWS, g, k.STATE_COUNT)
        layout.zeros(k.T_MOVES, c, VIEWS, k.STATE_COUNT, k.STATE_COUNT)
        layout.zeros(k.T_EXPOSURE, c, VIEWS, k.STATE_COUNT)
        layout.zeros(k.T_EVENTS, len(KINDS))
        layout.zeros(k.T_HAPPENED, self.count)
        layout.zeros(k.T_RASTER, -(-self.rows * c * g // 8))  # of single bytes
        layout.zeros(k.T_LOG, len(INT_COLUMNS), self.log_rows)
        layout.zeros(k.X_LOG, self.log_rows, kind=np.float64)

    def table(self, slot: int) -> Ints:
        """Return a table of whole numbers, in its shape."""
        start, shape = int(self._layout.head[slot]), self._layout.shapes[slot]
        return self.world.ints[start : start + math.prod(shape)].reshape(shape)

    def tally(self) -> Tally:
        """Return the sums; call it once, when the replications are done."""
        occupancy = self.table(k.T_OCCUPANCY)
        np.cumsum(occupancy, axis=2, out=occupancy)  # differences along the grid until now
        c, _, g, _ = occupancy.shape
        raster = self.table(k.T_RASTER).view(np.int8)[: self.rows * c * g]
        return Tally(
            values=self.table(k.T_VALUES),
            occupancy=occupancy,
            moves=self.table(k.T_MOVES),
            exposure_s=self.table(k.T_EXPOSURE),
            events=self.table(k.T_EVENTS),
            raster=raster.reshape(self.rows, c, g),
        )

    def events(self) -> Events:
        """Return the log."""
        log, start = self.table(k.T_LOG), int(self._layout.head[k.X_LOG])
        severity = self.world.floats[start : start + self.log_rows]
        columns = dict(zip(INT_COLUMNS, log, strict=True))
        return Events(severity=severity, **columns)
