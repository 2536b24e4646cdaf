"""How a program is laid out in the kernel's memory, and how the sums are read from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.ground.dates import DAY_S
from sim.kernel import memory as k
from sim.kernel.memory import Arrays
from sim.log.events import KINDS
from sim.model.compiled_scenario import VIEWS, CompiledScenario, Ints, ints, starts
from sim.model.eventtable import INT_COLUMNS, Events
from sim.model.situation import ENDS_PENDING
from sim.model.tally import Tally, shown_rows
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


def _rows(count: int, width: int, columns: Mapping[int, Any], kind: Any = np.int64) -> Any:
    """Fill rows by the names of columns, of one or more places each; the rest is room for state.

    Raises:
        ValueError: two columns share a place, or one lies beyond the row.
    """
    table, filled = np.zeros((count, width), dtype=kind), np.zeros(width, dtype=bool)
    for place, values in columns.items():
        column = np.asarray(values, dtype=kind)
        wide = column.shape[1] if column.ndim == 2 else 1
        if filled[place : place + wide].any() or place + wide > width:
            raise ValueError(f"the columns of a row of {width} places collide at {place}")
        filled[place : place + wide] = True
        table[:, place : place + wide] = column.reshape(count, wide)
    return table


def _rows_to(count: int, width: int, columns: Mapping[int, Any], ends: Mapping[int, Any]) -> Any:
    """Fill rows, and one after them in which only the columns of `ends` are filled: where each
    row's lists begin, and where the last ones end."""
    table = np.zeros((count + 1, width), dtype=np.int64)
    table[:-1] = _rows(count, width, {**columns, **{c: x[:-1] for c, x in ends.items()}})
    for column, start in ends.items():
        table[-1, column] = start[-1]
    return table


def _grouped(rows: list[list[int]]) -> tuple[list[int], Ints]:
    """Lay lists end to end; return them and where each begins."""
    return [x for row in rows for x in row], starts(rows)


MOST_PAGES = 4096
"""Pages that are kept at most: a megabyte of what is drawn of the past."""


def _pages(p: CompiledScenario) -> int:
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
        program: CompiledScenario,
        first: int,
        count: int,
        log_rows: int = 0,
        drop_rows: int = 0,
        burst_rows: int = 0,
        raster_rows: int | None = None,
    ) -> None:
        """Lay out everything, with room for so many events, opportunities that history rules out,
        bursts at once beside those of coded events, and rows of the raster.

        Raises:
            ValueError: the grid's instants do not lie evenly.
        """
        self._layout = _Layout()
        self.count, self.log_rows, self.drop_rows = count, log_rows, drop_rows
        self.burst_rows = len(program.attention.row) + burst_rows
        self.rows = shown_rows(program, count, first) if raster_rows is None else raster_rows
        self._head(program)
        self._constants(program)
        self._past(program)
        self._bursts(program)
        self._state(program)
        self._sums(program)
        self.world = self._layout.world()

    def _head(self, p: CompiledScenario) -> None:
        steps = np.diff(p.grid_s).tolist()
        if len(set(steps)) > 1:
            raise ValueError("the instants of the grid must lie evenly")
        first_stream = k.MEETINGS + len(p.channels.names)
        first_forum = first_stream + len(p.streams.names)
        bits = (first_forum + len(p.forums.names)).bit_length()
        begin_s = p.past.start_s if p.past is not None else p.as_of_s
        numbers = {
            k.AS_OF: p.as_of_s, k.UNTIL: p.until_s, k.BEGIN: begin_s, k.SINCE: p.as_of_s,
            k.END: p.until_s, k.OBSERVE: p.observe_s, k.SHARED: p.shared, k.BITS: bits,
            k.GRID: p.grid_s[0], k.STEP: steps[0] if steps else 1, k.GRID_SIZE: len(p.grid_s),
            k.FIRST_STREAM: first_stream, k.FIRST_FORUM: first_forum, k.BEFORE: p.facts.before,
            k.CHANNELS: len(p.channels.names), k.DYADS: len(p.dyad_party),
            k.STREAMS: len(p.streams.names), k.FACT_COUNT: len(p.facts.ids),
            k.SWITCH_COUNT: len(p.doctrines.switch_s), k.FORUMS: len(p.forums.names),
            k.PARTIES: len(p.parties), k.OUTCOMES: len(p.outcomes.names),
            k.GROUPS: len(p.unnamed.key),
            k.RASTER_ROWS: self.rows, k.LOG_ROWS: self.log_rows, k.DROP_ROWS: self.drop_rows,
            k.BURST_ROWS: self.burst_rows, k.AGAIN: -1, k.NAMED: k.S_KEY_LO,
            k.DRAWS: len(p.doctrines.weights), k.DRAW_SIZE: p.doctrines.weights[0].size,
            k.WALKS: len(p.drift.kept), k.DRIFT_STEPS: p.drift.steps,
        }  # fmt: skip
        for place, number in numbers.items():
            self._layout.head[place] = number
        least, most = p.rules.lead_days
        shares = {
            k.DECAY: p.rules.decay_per_s[None, :], k.LEAD_LEAST: [least], k.LEAD_MOST: [most],
            k.NONE_GIVEN: np.full((1, k.G_DO), k.DRAWN),
        }  # fmt: skip
        head = _rows(1, k.FLOAT_HEAD, shares, np.float64)
        self._layout.parts.append((np.float64, 0, head.ravel()))

    def _constants(self, p: CompiledScenario) -> None:
        place, c, s, f = self._layout.place, p.channels, p.streams, p.facts
        d, q, kinds = p.doctrines, p.outcomes, len(KINDS)
        word = p.attention
        channels = {
            k.C_PARTY: c.party, k.C_DYAD: c.dyad, k.C_INITIAL: c.initial, k.C_SINCE: c.since_s,
            k.C_COMPLETE: c.complete_s, k.C_ADDS: c.lapse_s[:, 0], k.C_LASTS: c.lapse_s[:, 1:],
            k.C_UNTIL: c.until_s, k.C_LINE: c.line, k.C_WORD: word.channel_word,
            k.C_CONTACT: c.contact_s,
        }  # fmt: skip
        place(k.T_CHANNEL, _rows(len(c.names), k.C_WIDTH, channels))
        pairs = {
            k.D_PARTY: p.dyad_party, k.D_BOUND: p.bound,
            k.D_HELD_FIRST: p.held, k.D_SUSPENDED_FIRST: p.suspended,
            k.D_INCLINED: p.doctrines.inclined,
        }  # fmt: skip
        place(k.T_DYAD, _rows(len(p.dyad_party), k.D_WIDTH, pairs))
        streams = {
            k.S_KIND: s.kind, k.S_CHANNEL: s.channel, k.S_SIDE: s.side, k.S_FORUM: s.forum,
            k.S_BY: s.by, k.S_HOLDER: s.holder, k.S_NATIONAL: s.national, k.S_KEY_LO: s.key,
            k.S_PAST_LO: p.past.key if p.past else s.key, k.S_COIN_LO: s.coin,
            k.S_EARLY: s.at_s, k.S_PARTNER: s.partner,
        }  # fmt: skip
        place(k.T_STREAM, _rows(len(s.names), k.S_WIDTH, streams))
        facts = {
            k.F_KIND: f.kind, k.F_CHANNEL: f.channel, k.F_BY: f.by, k.F_CONFINED: f.confined[:, 0],
            k.F_PERSONS: f.persons, k.F_NATIONAL: f.national, k.F_HOLDER: f.holder,
            k.F_LO: f.lo_s, k.F_HI: f.hi_s, k.F_WISH: f.wish_s, k.F_KEY_LO: f.key,
            k.F_MEET_LO: f.meeting_s, k.F_RANK: f.rank, k.F_ANSWERED: f.answered,
            k.F_ELSEWHERE: f.elsewhere, k.F_WORD_LO: word.fact_key,
            k.F_READING: f.reading, k.F_AGENDA: f.confined, k.F_FORUM: f.forum,
            k.F_THROUGH: f.through_s, k.F_BLOCK: p.dates.block, k.F_MEMBER: p.dates.member,
            k.F_LEAD: p.dates.lead,
        }  # fmt: skip
        # a row more only ends the causes, bursts and channels of the last
        ends = {k.F_CAUSES: f.cause_start, k.F_OPENS: word.fact_start, k.F_ALSO: f.also_start}
        place(k.T_ALSO, f.also)
        place(k.T_FACT, _rows_to(len(f.ids), k.F_WIDTH, facts, ends))
        place(k.T_CAUSE, f.causes)
        blocks = {
            k.Z_MEMBERS: p.dates.members, k.Z_KEY_LO: p.dates.key,
            k.Z_PLACES: p.dates.place_start,
        }  # fmt: skip
        rows = {k.Z_ROWS: p.dates.row_start}
        place(k.T_BLOCK, _rows_to(len(p.dates.members), k.Z_WIDTH, blocks, rows))
        place(k.T_PLACED, np.stack([p.dates.lo_s, p.dates.width_s], axis=1))
        place(k.X_SHARE, p.dates.share, np.float64)
        switches = {k.U_AT: d.switch_s, k.U_PARTY: d.switch_party, k.U_KEY_LO: d.switch_key}
        choices = {k.U_CHOICES: d.choice_start}
        place(k.T_SWITCH, _rows_to(len(d.switch_s), k.U_WIDTH, switches, choices))
        unnamed = {
            k.V_DYAD: p.unnamed.place, k.V_LEAST: p.unnamed.number, k.V_KEY_LO: p.unnamed.key
        }  # fmt: skip
        place(k.T_UNNAMED, _rows(len(p.unnamed.key), k.V_WIDTH, unnamed))
        place(k.T_CHOICE, d.choice_doctrine)
        place(k.X_CHOICE, d.choice_share, np.float64)
        forums = {k.M_LO: p.forums.lo_s, k.M_HI: p.forums.hi_s, k.M_WORD_LO: word.forum_key}
        place(k.T_FORUM, _rows(len(p.forums.names), k.M_WIDTH, forums))
        place(k.T_ATTENDS, p.forums.attends)
        ends_meeting = [kind in ENDS_PENDING for kind in range(kinds)]
        effects = {k.K_EFFECT: p.rules.effect, k.K_ENDS: ends_meeting}
        place(k.T_KIND, _rows(kinds, k.K_WIDTH, effects))
        asked = {
            k.Q_TYPE: q.type, k.Q_LO: q.lo_s, k.Q_HI: q.hi_s, k.Q_CHANNEL: q.channel,
            k.Q_BY: q.by, k.Q_LEAST: q.at_least, k.Q_PEOPLE: q.people,
            k.Q_STATES: q.states,
        }  # fmt: skip
        place(k.T_OUTCOME, _rows(len(q.names), k.Q_WIDTH, asked))
        self._groups(p)
        place(k.T_INITIAL, d.initial)
        # the world's own streams are not decided about, so nothing bounds them
        paces = {k.RATE: s.rate, k.LEAST: s.severity, k.CEILING: np.full(len(s.names), np.inf)}
        place(k.X_PACE, _rows(len(s.names), k.PACES, paces, np.float64), np.float64)
        place(k.X_RAISE, p.rules.raises, np.float64)
        place(k.X_WEIGHT, d.weights, np.float64)
        place(k.X_SEVERITY, f.severity, np.float64)
        place(k.T_WALK, p.drift.walk)
        place(k.T_WALK_KEY, p.drift.key)
        laws = {k.J_KEPT: p.drift.kept, k.J_SCATTER: p.drift.scatter}
        walks = len(p.drift.kept)
        place(k.X_LAW, _rows(walks, k.J_FLOATS, laws, np.float64), np.float64)
        self._layout.zeros(k.X_WAY, walks, p.drift.steps, kind=np.float64)

    def _past(self, p: CompiledScenario) -> None:
        """Place what history was; of a forecast, rows of zeros, which say that nothing is known."""
        place, facts, past = self._layout.place, len(p.facts.ids), p.past
        if past is not None:
            columns = {
                k.P_ROLE: past.role, k.P_ANSWER: past.answer, k.P_TOLD: past.told,
                k.P_AGREED: past.agreed, k.P_REMOVED: past.removed, k.P_FREES: past.frees,
                k.P_LATENT: past.latent, k.P_FOLLOWS: past.follows,
                k.P_HELD: np.isin(np.arange(facts), past.agreed),
            }  # fmt: skip
            # a row more only ends the lists of the last
            ends = {
                k.P_CANDIDATES: past.candidate_start, k.P_NEEDS: past.need_start,
                k.P_SOURCES: past.source_start,
            }  # fmt: skip
            table = _rows_to(facts, k.P_WIDTH, columns, ends)
        else:
            nothing = {k.P_FOLLOWS: np.full(facts + 1, -1), k.P_FREES: np.full((facts + 1, 2), -1)}
            table = _rows(facts + 1, k.P_WIDTH, nothing)
        most = int(np.diff(table[:, k.P_CANDIDATES] + table[:, k.P_SOURCES]).max(initial=0))
        place(k.T_PAST, table)
        place(k.T_CANDIDATE, past.candidates if past is not None else ())
        place(k.T_NEED, past.needs if past is not None else ())
        place(k.T_GROUP, past.group_start if past is not None else (0,))
        bursts, candidates = (past.sources, past.source_candidate) if past else ((), ())
        sources = {k.SOURCE_BURST: bursts, k.SOURCE_CANDIDATE: candidates}
        place(k.T_SOURCE, _rows(len(bursts), k.SOURCE, sources))
        nowhere = np.zeros_like(p.forums.attends)
        place(k.T_PASSES, past.passes if past is not None else nowhere)
        self._layout.zeros(k.T_OCCURRED, facts)
        self._layout.zeros(k.T_FREED, facts, k.L_WIDTH)
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

    def _bursts(self, p: CompiledScenario) -> None:
        """Place the rows that events open, and the bursts of coded events."""
        place, layout, a = self._layout.place, self._layout, p.attention
        facts, rows = len(p.facts.ids), self.burst_rows
        opened = {k.R_STREAM: a.stream, k.R_TOWARD: a.toward, k.R_KEY_LO: a.key}
        place(k.T_ROW, _rows(len(a.stream), k.R_WIDTH, opened))
        means = {k.R_MEAN: a.m, k.R_TAU: a.tau_days}
        place(k.X_ROW, _rows(len(a.stream), k.R_FLOATS, means, np.float64), np.float64)
        place(k.T_ROW_OF, a.channel_rows)
        place(k.T_ROW_START, a.channel_start)
        place(k.T_PAIR_ROW, a.pair_rows)
        place(k.T_PAIR_ROW_START, a.pair_start)
        place(k.T_PARTY_WORD, a.party_word)
        bursts = {
            k.B_ROW: a.row, k.B_OPENER: a.opener, k.B_WORD_LO: a.words, k.B_ORIGIN: a.origin,
            k.B_FIRST: np.full(len(a.row), -1),
        }  # fmt: skip
        place(k.T_BURST, _rows(len(a.row), k.B_WIDTH, bursts))
        layout.zeros(k.T_SLOT, rows, k.W_WIDTH)
        layout.zeros(k.X_SLOT, rows, k.W_FLOATS, kind=np.float64)
        place(k.T_HEAP, np.arange(rows))  # slots in use, as a heap, and then the free ones
        layout.zeros(k.T_WHEN, facts)
        layout.zeros(k.T_PLACE, facts)
        place(k.T_BROUGHT, np.full(facts, -1))
        layout.zeros(k.T_AFTER, facts)
        layout.zeros(k.T_WAITING, facts)

    def _groups(self, p: CompiledScenario) -> None:
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
                for kind in np.flatnonzero(p.outcomes.kinds[n]).tolist():
                    counted[kind].append(n)
            else:
                asked[VIEWS * int(p.outcomes.channel[n]) + int(p.outcomes.view[n])].append(n)
        self._layout.place(k.T_PAIR, pair)
        # an unknown initiator is -1: its group comes first, and is everyone
        for slot, starts_slot, rows in (
            (k.T_REACH, k.T_REACH_START, [everyone, *of_party]),
            (k.T_ASKED, k.T_ASKED_START, asked),
            (k.T_COUNTED, k.T_COUNTED_START, counted),
        ):
            flat, start = _grouped(rows)
            self._layout.place(slot, flat)
            self._layout.place(starts_slot, start)
        self._watched(p)

    def _watched(self, p: CompiledScenario) -> None:
        """Place the streams of acts that have a bound: by pair, and by channel and side."""
        s, place = p.streams, self._layout.place
        mine: dict[tuple[int, int], list[int]] = {}
        for n in np.flatnonzero((s.kind < len(ACTS)) & (s.rate > 0.0)).tolist():
            mine.setdefault((int(s.channel[n]), int(s.side[n])), []).append(n)
        by_pair = sorted(mine, key=lambda at: (int(p.channels.dyad[at[0]]), at))
        watched, starts = _grouped([mine[at] for at in by_pair])
        channel, side = ints(by_pair, 2).T
        sides = {k.A_CHANNEL: channel, k.A_SIDE: side}
        table = _rows_to(len(by_pair), k.A_WIDTH, sides, {k.A_FIRST: starts})
        pairs = p.channels.dyad[channel]
        place(k.T_WATCHED, watched)
        place(k.T_SIDE, table)
        place(k.T_SIDE_START, np.searchsorted(pairs, np.arange(len(p.dyad_party) + 1)))

    def _state(self, p: CompiledScenario) -> None:
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

    def _sums(self, p: CompiledScenario) -> None:
        layout, c, g = self._layout, len(p.channels.names), len(p.grid_s)
        layout.zeros(k.T_VALUES, self.count, len(p.outcomes.names))
        layout.zeros(k.T_OCCUPANCY, c, VIEWS, g, k.STATE_COUNT)
        layout.zeros(k.T_MOVES, c, VIEWS, k.STATE_COUNT, k.STATE_COUNT)
        layout.zeros(k.T_EXPOSURE, c, VIEWS, k.STATE_COUNT)
        layout.zeros(k.T_EVENTS, len(KINDS))
        layout.zeros(k.T_HAPPENED, self.count)
        layout.head[k.RASTER_SIZE] = size = -(-self.rows * c * g // 8)  # of single bytes
        layout.zeros(k.T_RASTER, size)
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
