"""The kernel's memory: a program, the state of its world and the sums, in two flat arrays.

Compiled functions pass every array as seven words and count references to it, so dozens of arrays
would cost more than the simulation. Here the head of `ints` holds single numbers and tells where
each table begins; rows are found by `at(w, TABLE, width, n)` and the constants below name the
columns of a row. All of one world is in one pair of arrays, so two worlds may exist side by side.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.ground.draws import compiled_part
from sim.kernel.layout import Layout, grouped, rows_of
from sim.log.events import KINDS
from sim.log.log import STATES, SUPPORTS
from sim.model.eventtable import INT_COLUMNS, Events
from sim.model.program import VIEWS, Floats, Ints, Program, ints
from sim.model.situation import ENDS_PENDING
from sim.model.tally import Tally, raster_rows
from sim.scenario.acts import ACTS
from sim.scenario.outcomes import MEASURES

NEVER = 1 << 62
"""The key of a source that has nothing more to bring."""
ALWAYS = -NEVER
"""From when the first state of a view holds, for whoever asks about a time before its start."""
PLACES = NEVER - 1
"""A mask that keeps every place in memory as it is."""
DRAWN = -1.0
"""In the place of a given uniform: take the one that the opportunity carries."""
SWITCHES, FACTS, MEETINGS = 1, 2, 3
"""Ranks at one instant, as in `sim.model.world`; streams come next, then the closing of forums."""

STATE_COUNT = len(STATES)
STATE_AT, STATE_BY, SHARE, FIRST_TIME, EVENT_BY = range(len(MEASURES))

# the head of `ints`: the run and its sizes ...
AS_OF, UNTIL, GRID, STEP, GRID_SIZE, BEFORE, BITS, FIRST_STREAM, FIRST_FORUM = range(9)
CHANNELS, DYADS, STREAMS, FACT_COUNT, SWITCH_COUNT, FORUMS, PARTIES, OUTCOMES = range(9, 17)
RASTER_ROWS, LOG_ROWS, OBSERVE, SHARED, BEGIN, SINCE, KEPT_ROWS = range(17, 24)
# ... what changes as it goes ...
SEED, REPLICATION, ROW, PLACE, LOGGED, NEXT_SWITCH, NEXT_FACT = range(24, 31)
AGAIN, PASSED, KEY_LO, KEY_HI, NUMBER = range(31, 36)
BURST_ROWS, BURSTS, NEXT_BURST, OPENED, FULL, WAITING, WAITED = range(36, 43)
# ... and where tables begin: constants, then state, then sums
T_CHANNEL, T_DYAD, T_STREAM, T_FACT, T_CAUSE, T_SWITCH, T_FORUM, T_ATTENDS = range(43, 51)
T_KIND, T_REACH, T_REACH_START, T_PAIR, T_OUTCOME, T_ASKED, T_ASKED_START = range(51, 58)
T_COUNTED, T_COUNTED_START, T_INITIAL, T_DOCTRINE, T_SPOKEN, T_TREE = range(58, 64)
T_INSTANT, T_ORDER, T_VALUES, T_OCCUPANCY, T_MOVES, T_EXPOSURE = range(64, 70)
T_EVENTS, T_HAPPENED, T_RASTER, T_LOG = range(70, 74)
T_ROW, T_ROW_OF, T_ROW_START, T_PAIR_ROW, T_PAIR_ROW_START, T_PARTY_WORD = range(74, 80)
T_BURST, T_SLOT, T_HEAP, T_WHEN = range(80, 84)
# of what-ifs only
T_PAST, T_CANDIDATE, T_NEED, T_OCCURRED, T_CHOSEN, T_USED, T_KEPT, T_PASSES = range(84, 92)
T_GROUP, T_MOMENT, T_SOURCE, T_PLACE, T_BROUGHT, T_AFTER, T_WAITING = range(92, 99)
# where tables of `floats` begin
X_PACE, X_RAISE, X_WEIGHT, X_SEVERITY, X_STOCK, X_TOLD, X_LOG = range(99, 106)
X_GIVEN, X_KEPT, X_WEIGHED, X_ASKED, X_ROW, X_SLOT, X_AHEAD = range(106, 113)
# of looking ahead
T_CHANGED, T_WATCHED, T_SIDE, T_SIDE_START, T_AHEAD, CHANGED, LOOKING = range(113, 120)
# the draws of a fit, how many weights each holds, and where those of this replication begin
DRAWS, DRAW_SIZE, WEIGHTS = range(120, 123)
HEAD = 123

# columns
C_PARTY, C_DYAD, C_INITIAL, C_SINCE, C_LAPSE = 0, 2, 3, 4, 5  # two parties, the lapses
C_COMPLETE = C_LAPSE + 1 + len(SUPPORTS)
C_UNTIL, C_WORD = C_COMPLETE + 1, C_COMPLETE + 1 + len(SUPPORTS)
C_PENDING, C_AT, C_CAUSE, C_BY, C_FACT = range(C_WORD + 1, C_WORD + 6)
C_ORIGIN, C_SEEN = C_FACT + 1, C_FACT + 4  # words and number of what agreed the meeting
SEEN_STATE, SEEN_SINCE, SEEN_CONTACT, SEEN_FROM, SEEN_UNTIL = range(5)  # for each view
SEEN = SEEN_UNTIL + len(SUPPORTS)
C_WIDTH = C_SEEN + VIEWS * SEEN
D_PARTY, D_BOUND, D_INITIAL, D_HELD, D_SUSPENDED, D_TOUCHED = 0, 2, 3, 6, 8, 9
GRIEVANCE_SLOT, GOODWILL_SLOT, WAR_SLOT, SHOCK_SLOT = 0, 2, 4, 6  # two sides each; war has one
STOCKS = 8
LOGS, MEMORIES = STOCKS, 2 * STOCKS  # beside each stock log(1 + what it was when last touched)
D_WIDTH = D_TOUCHED + STOCKS
S_KIND, S_CHANNEL, S_SIDE, S_FORUM, S_BY, S_HOLDER, S_NATIONAL, S_KEY_LO, S_KEY_HI = range(9)
S_EARLY, S_LATE, S_PAST_LO, S_PAST_HI, S_COIN_LO, S_COIN_HI, S_PARTNER = range(9, 16)
S_INDEX, S_PLACE, S_NEXT, S_CONTACT, S_WIDTH = range(16, 21)
RATE, LEAST, MOST, DAYS, CHANCE, CEILING, SILENT, LOOKED, PACES = range(9)
AHEAD = 16
"""Opportunities of a stream that are drawn at once."""
F_KIND, F_CHANNEL, F_BY, F_CONFINED, F_PERSONS, F_NATIONAL, F_HOLDER = range(7)
F_LO, F_HI, F_WISH, F_KEY_LO, F_KEY_HI, F_MEET_LO, F_MEET_HI, F_MEET_WISH = range(7, 15)
F_RANK, F_ANSWERED, F_ELSEWHERE, F_WORD_LO, F_WORD_HI, F_CAUSES, F_OPENS = range(15, 22)
F_READING, F_AGENDA, F_WIDTH = 22, 25, 28  # three views each
M_LO, M_HI, M_WORD_LO, M_WORD_HI, M_WIDTH = range(5)
R_STREAM, R_TOWARD, R_KEY_LO, R_KEY_HI, R_WIDTH = range(5)
R_MEAN, R_TAU, R_FLOATS = range(3)
B_ROW, B_OPENER, B_WORD_LO, B_WORD_HI, B_ORIGIN, B_DROPPED, B_FIRST, B_WIDTH = range(8)
W_KEY, W_TIE, W_ROW, W_AT, W_LO, W_HI, W_NUMBER, W_DROPPED, W_BURST, W_WIDTH = range(10)
W_TOTAL, W_CHANCE, W_FLOATS = range(3)
P_ROLE, P_ANSWER, P_TOLD, P_AGREED, P_FORUM, P_REMOVED = 0, 1, 2, 4, 5, 6  # told by two sides
P_LATENT, P_HELD, P_FOLLOWS, P_CANDIDATES, P_NEEDS, P_SOURCES, P_WIDTH = range(7, 14)
WEIGHED = 5  # of a possible origin of a decision: its weight, done?, accepted?, stream, burst
A_CHANNEL, A_SIDE, A_FIRST, A_WIDTH = range(4)  # of a side: where its streams begin
N_KEY, N_INDEX, N_WIDTH = range(3)  # an untaken opportunity of the past
K_EFFECT, K_ENDS, K_WIDTH = range(3)
Q_TYPE, Q_LO, Q_HI, Q_KIND, Q_CHANNEL, Q_BY, Q_LEAST, Q_PEOPLE, Q_STATES = range(9)
Q_WIDTH = Q_STATES + STATE_COUNT

# the head of `floats`: decays per second, days of lead, and a place where no uniform is given
DECAY, LEAD, NONE_GIVEN, GAPS = 0, 4, 6, 10
FLOAT_HEAD = GAPS + AHEAD
# given uniforms: accepted?, lead or severity, two tellings; and, of a fact, that it was done
G_ACCEPT, G_LEAD, G_TELL, G_DO, G_WIDTH = 0, 1, 2, 4, 5


class Arrays(NamedTuple):
    """One world: what never changes, its state, and the sums over its replications."""

    ints: Ints
    floats: Floats


@compiled_part
def spot(place: int) -> int:
    """Return a place in memory as it is.

    No place is negative. The mask tells the compiler so, which else asks at each access whether a
    place counts from the end.
    """
    return place & PLACES


@compiled_part
def at(w: Arrays, table: int, width: int, n: int) -> int:
    """Return where the n-th row of a table begins."""
    return spot(int(w.ints[table]) + width * n)


class Memory:
    """The memory of one chunk of replications of a program."""

    def __init__(
        self,
        program: Program,
        first: int,
        count: int,
        log_rows: int = 0,
        kept_rows: int = 0,
        burst_rows: int = 0,
    ) -> None:
        """Lay out everything, with room for so many events, untaken opportunities of the past, and
        bursts at once beside those of coded events.

        Raises:
            ValueError: the grid's instants do not lie evenly.
        """
        self._layout = Layout(HEAD, FLOAT_HEAD)
        self.count, self.log_rows, self.kept_rows = count, log_rows, kept_rows
        self.burst_rows = len(program.attention.row) + burst_rows
        self.rows = max(0, min(count, raster_rows(program) - first))
        self._head(program)
        self._constants(program)
        self._past(program)
        self._bursts(program)
        self._state(program)
        self._sums(program)
        self.world = Arrays(*self._layout.filled())

    def _head(self, p: Program) -> None:
        steps = np.diff(p.grid_s).tolist()
        if len(set(steps)) > 1:
            raise ValueError("the instants of the grid must lie evenly")
        first_stream = MEETINGS + len(p.channels.names)
        first_forum = first_stream + len(p.streams.names)
        bits = (first_forum + len(p.forums.names)).bit_length()
        begin_s = p.past.start_s if p.past is not None else p.as_of_s
        self._layout.head[: KEPT_ROWS + 1] = (
            p.as_of_s, p.until_s, p.grid_s[0], steps[0] if steps else 1, len(p.grid_s),
            p.facts.before, bits, first_stream, first_forum,
            len(p.channels.names), len(p.dyad_party), len(p.streams.names), len(p.facts.ids),
            len(p.doctrines.switch_s), len(p.forums.names), len(p.parties), len(p.outcomes.names),
            self.rows, self.log_rows, p.observe_s, p.shared, begin_s, p.as_of_s, self.kept_rows,
        )  # fmt: skip
        self._layout.head[AGAIN], self._layout.head[BURST_ROWS] = -1, self.burst_rows
        numbers = (*p.rules.decay_per_s, *p.rules.lead_days, *[DRAWN] * 4)
        self._layout.parts.append((np.float64, 0, np.array(numbers, dtype=np.float64)))

    def _constants(self, p: Program) -> None:
        place, c, s, f = self._layout.place, p.channels, p.streams, p.facts
        d, q, kinds = p.doctrines, p.outcomes, len(KINDS)
        states, word = (c.initial, c.since_s, c.lapse_s, c.complete_s, c.until_s), p.attention
        place(T_CHANNEL, rows_of(C_WIDTH, c.party, c.dyad, *states, word.channel_word))
        place(T_DYAD, rows_of(D_WIDTH, p.dyad_party, p.bound, p.held, p.suspended))
        names = (s.key, s.at_s, p.past.key if p.past else s.key, s.coin, s.partner)
        place(
            T_STREAM,
            rows_of(
                S_WIDTH, s.kind, s.channel, s.side, s.forum, s.by, s.holder, s.national, *names
            ),
        )
        who = (f.kind, f.channel, f.by, f.confined[:, 0], f.persons, f.national, f.holder)
        when = (f.lo_s, f.hi_s, f.wish_s, f.key, f.meeting_s, f.rank, f.answered, f.elsewhere)
        starts = (f.cause_start[:-1], p.attention.fact_start[:-1])
        facts = rows_of(F_WIDTH, *who, *when, word.fact_key, *starts, f.reading, f.confined)
        last = np.zeros((1, F_WIDTH), dtype=np.int64)  # only ends the causes, and the bursts
        last[0, F_CAUSES], last[0, F_OPENS] = f.cause_start[-1], word.fact_start[-1]
        place(T_FACT, np.vstack([facts, last]))
        place(T_CAUSE, f.causes)
        place(T_SWITCH, np.column_stack([d.switch_s, d.switch_party, d.switch_doctrine]))
        place(T_FORUM, np.column_stack([p.forums.lo_s, p.forums.hi_s, word.forum_key]))
        place(T_ATTENDS, p.forums.attends)
        ends = np.array([k in ENDS_PENDING for k in range(kinds)])
        place(T_KIND, rows_of(K_WIDTH, p.rules.effect, ends))
        asked = (q.type, q.lo_s, q.hi_s, q.kind, q.channel, q.by, q.at_least, q.people, q.states)
        place(T_OUTCOME, rows_of(Q_WIDTH, *asked))
        self._groups(p)
        place(T_INITIAL, d.initial)
        paces = np.zeros((len(s.names), PACES))
        paces[:, RATE], paces[:, LEAST : MOST + 1] = s.rate, s.severity
        paces[:, CEILING] = np.inf  # the world's own streams are not decided about
        place(X_PACE, paces, np.float64)
        place(X_RAISE, p.rules.raises, np.float64)
        place(X_WEIGHT, d.weights, np.float64)
        self._layout.head[DRAWS], self._layout.head[DRAW_SIZE] = len(d.weights), d.weights[0].size
        place(X_SEVERITY, f.severity, np.float64)

    def _past(self, p: Program) -> None:
        """Place what history was; of a forecast, rows of zeros, which say that nothing is known."""
        place, facts, past = self._layout.place, len(p.facts.ids), p.past
        table = np.zeros((facts + 1, P_WIDTH), dtype=np.int64)
        if past is not None:
            held = np.isin(np.arange(facts), past.agreed)
            was = (past.role, past.answer, past.told, past.agreed, past.forum, past.removed)
            starts = (past.candidate_start, past.need_start, past.source_start)
            before = (*was, past.latent, held, past.follows)
            table[:-1] = rows_of(P_WIDTH, *before, *(s[:-1] for s in starts))
            ends = [P_CANDIDATES, P_NEEDS, P_SOURCES]
            table[-1, ends] = [s[-1] for s in starts]  # the last row only ends the lists
        else:
            table[:, P_FOLLOWS] = -1
        most = int(np.diff(table[:, P_CANDIDATES] + table[:, P_SOURCES]).max(initial=0))
        place(T_PAST, table)
        place(T_CANDIDATE, past.candidates if past is not None else ())
        place(T_NEED, past.needs if past is not None else ())
        place(T_GROUP, past.group_start if past is not None else (0,))
        sources = (past.sources, past.source_candidate) if past is not None else ((), ())
        place(T_SOURCE, np.column_stack(sources))
        nowhere = np.zeros_like(p.forums.attends)
        place(T_PASSES, past.passes if past is not None else nowhere)
        self._layout.zeros(T_OCCURRED, facts)
        self._layout.zeros(T_CHOSEN, facts)
        self._layout.zeros(T_USED, len(p.streams.names))
        self._layout.zeros(T_MOMENT, len(p.streams.names), 2)
        self._layout.zeros(X_ASKED, len(p.streams.names), 2, kind=np.float64)
        self._layout.zeros(T_KEPT, self.kept_rows + 2, N_WIDTH)  # and what ends them
        self._layout.zeros(X_KEPT, self.kept_rows, kind=np.float64)
        self._layout.zeros(X_GIVEN, facts, G_WIDTH, kind=np.float64)
        self._layout.zeros(X_WEIGHED, most, WEIGHED, kind=np.float64)

    def _bursts(self, p: Program) -> None:
        """Place the rows that events open, and the bursts of coded events."""
        place, layout, a = self._layout.place, self._layout, p.attention
        facts, rows = len(p.facts.ids), self.burst_rows
        place(T_ROW, rows_of(R_WIDTH, a.stream, a.toward, a.key))
        place(X_ROW, np.column_stack([a.m, a.tau_days]), np.float64)
        place(T_ROW_OF, a.channel_rows)
        place(T_ROW_START, a.channel_start)
        place(T_PAIR_ROW, a.pair_rows)
        place(T_PAIR_ROW_START, a.pair_start)
        place(T_PARTY_WORD, a.party_word)
        bursts = rows_of(B_WIDTH, a.row, a.opener, a.words, a.origin)
        bursts[:, B_FIRST] = -1
        place(T_BURST, bursts)
        layout.zeros(T_SLOT, rows, W_WIDTH)
        layout.zeros(X_SLOT, rows, W_FLOATS, kind=np.float64)
        place(T_HEAP, np.arange(rows))  # slots in use, as a heap, and then the free ones
        layout.zeros(T_WHEN, facts)
        layout.zeros(T_PLACE, facts)
        place(T_BROUGHT, np.full(facts, -1))
        layout.zeros(T_AFTER, facts)
        layout.zeros(T_WAITING, facts)

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
            if type_ == EVENT_BY:
                counted[int(p.outcomes.kind[n])].append(n)
            else:
                asked[VIEWS * int(p.outcomes.channel[n]) + int(p.outcomes.view[n])].append(n)
        self._layout.place(T_PAIR, pair)
        # an unknown initiator is -1: its group comes first, and is everyone
        for slot, rows in (
            (T_REACH, [everyone, *of_party]),
            (T_ASKED, asked),
            (T_COUNTED, counted),
        ):
            flat, start = grouped(rows)
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
        watched, starts = grouped([mine[at] for at in by_pair])
        table = np.zeros((len(by_pair) + 1, A_WIDTH), dtype=np.int64)
        table[:-1, :A_FIRST], table[:, A_FIRST] = ints(by_pair, 2), starts
        pairs = p.channels.dyad[table[:-1, A_CHANNEL]]
        place(T_WATCHED, watched)
        place(T_SIDE, table)
        place(T_SIDE_START, np.searchsorted(pairs, np.arange(len(p.dyad_party) + 1)))

    def _state(self, p: Program) -> None:
        layout, channels, facts = self._layout, len(p.channels.names), len(p.facts.ids)
        layout.zeros(T_DOCTRINE, len(p.parties))
        layout.zeros(T_SPOKEN, len(p.forums.names), channels)
        layout.zeros(T_TREE, 2 << int(layout.head[BITS]))
        layout.zeros(T_CHANGED, 2, len(p.dyad_party))
        layout.zeros(T_AHEAD, len(p.streams.names), AHEAD)
        layout.zeros(X_AHEAD, len(p.streams.names), AHEAD, kind=np.float64)
        layout.zeros(T_INSTANT, facts)
        layout.zeros(T_ORDER, facts)
        layout.zeros(X_STOCK, len(p.dyad_party), MEMORIES, kind=np.float64)
        layout.zeros(X_TOLD, channels, 2, kind=np.float64)

    def _sums(self, p: Program) -> None:
        layout, c, g = self._layout, len(p.channels.names), len(p.grid_s)
        layout.zeros(T_VALUES, self.count, len(p.outcomes.names))
        layout.zeros(T_OCCUPANCY, c, VIEWS, g, STATE_COUNT)
        layout.zeros(T_MOVES, c, VIEWS, STATE_COUNT, STATE_COUNT)
        layout.zeros(T_EXPOSURE, c, VIEWS, STATE_COUNT)
        layout.zeros(T_EVENTS, len(KINDS))
        layout.zeros(T_HAPPENED, self.count)
        layout.zeros(T_RASTER, -(-self.rows * c * g // 8))  # of single bytes
        layout.zeros(T_LOG, len(INT_COLUMNS), self.log_rows)
        layout.zeros(X_LOG, self.log_rows, kind=np.float64)

    def table(self, slot: int) -> Ints:
        """Return a table of whole numbers, in its shape."""
        start, shape = int(self._layout.head[slot]), self._layout.shapes[slot]
        return self.world.ints[start : start + math.prod(shape)].reshape(shape)

    def tally(self) -> Tally:
        """Return the sums; call it once, when the replications are done."""
        occupancy = self.table(T_OCCUPANCY)
        np.cumsum(occupancy, axis=2, out=occupancy)  # differences along the grid until now
        c, _, g, _ = occupancy.shape
        raster = self.table(T_RASTER).view(np.int8)[: self.rows * c * g]
        return Tally(
            values=self.table(T_VALUES),
            occupancy=occupancy,
            moves=self.table(T_MOVES),
            exposure_s=self.table(T_EXPOSURE),
            events=self.table(T_EVENTS),
            raster=raster.reshape(self.rows, c, g),
        )

    def events(self) -> Events:
        """Return the log."""
        log, start = self.table(T_LOG), int(self._layout.head[X_LOG])
        severity = self.world.floats[start : start + self.log_rows]
        columns = dict(zip(INT_COLUMNS, log, strict=True))
        return Events(severity=severity, **columns)
