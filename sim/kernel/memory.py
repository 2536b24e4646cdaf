"""The kernel's memory: a program, the state of its world and the sums, in two flat arrays.

Compiled functions pass every array as seven words and count references to it, so dozens of arrays
would cost more than the simulation. Here the head of `ints` holds single numbers and tells where
each table begins; rows are found by `at(w, TABLE, width, n)` and the constants below name the
columns of a row. All of one world is in one pair of arrays, so two worlds may exist side by side.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.ground.draws import compiled_part
from sim.log.log import STATES, SUPPORTS
from sim.model.compiled_scenario import VIEWS, Floats, Ints
from sim.scenario.outcomes import HELD, MEASURES

NEVER = 1 << 62
"""The key of a source that has nothing more to bring."""
ALWAYS = -NEVER
"""From when the first state of a view holds, for whoever asks about a time before its start."""
PLACES = NEVER - 1
"""A mask that keeps every place in memory as it is."""
DRAWN = -1.0
"""In the place of a given uniform: take the one that the opportunity carries."""
END_OF_PAST, SWITCHES, FACTS, MEETINGS = range(4)
"""Ranks at one instant, as in the reference; streams come next, then the closing of forums."""

STATE_COUNT = len(STATES)
STATE_AT, STATE_BY, SHARE, FIRST_TIME, EVENT_BY = range(len(MEASURES))
HELD_NEVER = -1 - HELD
"""A first time whose state holds at its start and is not entered anew."""


class _Places:
    """Numbers places one after the other."""

    def __init__(self) -> None:
        self.width = 0

    def wide(self, places: int) -> int:
        """Return where a column of so many places begins."""
        self.width += places
        return self.width - places

    def each(self, count: int) -> range:
        """Return the places of so many columns."""
        return range(self.wide(count), self.width)


_head = _Places()
# the head of `ints`: the run and its sizes ...
AS_OF, UNTIL, GRID, STEP, GRID_SIZE, BEFORE, BITS, FIRST_STREAM, FIRST_FORUM = _head.each(9)
CHANNELS, DYADS, STREAMS, FACT_COUNT, SWITCH_COUNT, FORUMS, PARTIES, OUTCOMES = _head.each(8)
RASTER_ROWS, RASTER_SIZE, LOG_ROWS, OBSERVE, SHARED, BEGIN, SINCE, DROP_ROWS = _head.each(8)
# ... what changes as it goes ...
SEED, REPLICATION, ROW, PLACE, LOGGED, NEXT_SWITCH, NEXT_FACT = _head.each(7)
AGAIN, PASSED, KEY_LO, KEY_HI, NUMBER = _head.each(5)
BURST_ROWS, BURSTS, NEXT_BURST, OPENED, FULL, WAITING, WAITED = _head.each(7)
# ... and where tables begin: constants, then state, then sums
T_CHANNEL, T_DYAD, T_STREAM, T_FACT, T_CAUSE, T_SWITCH, T_FORUM, T_ATTENDS = _head.each(8)
T_KIND, T_REACH, T_REACH_START, T_PAIR, T_OUTCOME, T_ASKED, T_ASKED_START = _head.each(7)
T_COUNTED, T_COUNTED_START, T_INITIAL, T_DOCTRINE, T_SPOKEN, T_TREE = _head.each(6)
T_INSTANT, T_ORDER, T_VALUES, T_OCCUPANCY, T_MOVES, T_EXPOSURE = _head.each(6)
T_EVENTS, T_HAPPENED, T_RASTER, T_LOG = _head.each(4)
T_ROW, T_ROW_OF, T_ROW_START, T_PAIR_ROW, T_PAIR_ROW_START, T_PARTY_WORD = _head.each(6)
T_BURST, T_SLOT, T_HEAP, T_WHEN = _head.each(4)
# of what-ifs only
T_PAST, T_CANDIDATE, T_NEED, T_OCCURRED, T_CHOSEN, T_USED, T_DROPPED, T_PASSES = _head.each(8)
T_GROUP, T_MOMENT, T_SOURCE, T_PLACE, T_BROUGHT, T_AFTER, T_WAITING, T_FREED = _head.each(8)
# where tables of `floats` begin
X_PACE, X_RAISE, X_WEIGHT, X_SEVERITY, X_STOCK, X_TOLD, X_LOG = _head.each(7)
X_GIVEN, X_WEIGHED, X_ASKED, X_ROW, X_SLOT, X_AHEAD = _head.each(6)
# of looking ahead
T_CHANGED, T_WATCHED, T_SIDE, T_SIDE_START, T_AHEAD, CHANGED, LOOKING = _head.each(7)
# the draws of a fit, how many weights each holds, and where those of this replication begin
DRAWS, DRAW_SIZE, WEIGHTS = _head.each(3)
# what streams bring: until when, where their words stand, and how many of it history rules out
END, NAMED, DROPS = _head.each(3)
# what is drawn of the past
T_PAGE, X_PAGE, PAGE_ROWS, PAGES = _head.each(4)
# further channels of coded events
T_ALSO = _head.wide(1)
# dates that were weighed: their blocks, the shares of placements, and the instants of each
T_BLOCK, X_SHARE, T_PLACED = _head.each(3)
# doctrines that may be taken up, and the probability of each with those before it
T_CHOICE, X_CHOICE = _head.each(2)
# how inclinations drift: which do, their laws, and how far they go in this replication
T_WALK, T_WALK_KEY, X_LAW, X_WAY, WALKS, DRIFT_STEPS = _head.each(6)
# people held from the as-of date on, whose number is drawn
T_UNNAMED, GROUPS = _head.each(2)
HEAD = _head.width

# columns: of a channel, which ends with what each view sees
_row = _Places()
C_PARTY = _row.wide(2)
C_DYAD, C_INITIAL, C_SINCE, C_COMPLETE, C_ADDS = _row.each(5)
C_LASTS, C_UNTIL = _row.wide(len(SUPPORTS)), _row.wide(len(SUPPORTS))
C_LINE, C_WORD, C_PENDING, C_AT, C_CAUSE, C_BY, C_FACT = _row.each(7)
C_ORIGIN_LO, C_ORIGIN_HI, C_ORIGIN_NUMBER = _row.each(3)  # of what agreed the meeting
C_CONTACT = _row.wide(1)
C_SEEN = _row.wide(0)
_view = _Places()
SEEN_STATE, SEEN_SINCE, SEEN_CONTACT, SEEN_FROM = _view.each(4)
SEEN_UNTIL = _view.wide(len(SUPPORTS))
SEEN = _view.width
C_WIDTH = C_SEEN + VIEWS * SEEN
# of a pair: what it is like at the start, and then the same as it is now
GRIEVANCE_SLOT, GOODWILL_SLOT, WAR_SLOT, SHOCK_SLOT = 0, 2, 4, 6  # two sides each; war has one
STOCKS = 8
LOGS, MEMORIES = STOCKS, 2 * STOCKS  # beside each stock log(1 + what it was when last touched)
_row = _Places()
D_PARTY, D_BOUND = _row.wide(2), _row.wide(1)
D_HELD_FIRST, D_SUSPENDED_FIRST = _row.wide(2), _row.wide(1)
D_HELD, D_SUSPENDED, D_TOUCHED = _row.wide(2), _row.wide(1), _row.wide(STOCKS)
D_INCLINED = _row.wide(2)
D_WIDTH = _row.width
# of a stream
_row = _Places()
S_KIND, S_CHANNEL, S_SIDE, S_FORUM, S_BY, S_HOLDER, S_NATIONAL = _row.each(7)
S_KEY_LO, S_KEY_HI, S_PAST_LO, S_PAST_HI, S_COIN_LO, S_COIN_HI = _row.each(6)
S_EARLY, S_LATE, S_PARTNER, S_INDEX, S_PLACE, S_NEXT, S_CONTACT, S_DROPPED = _row.each(8)
S_PAGE, S_FIRST_PAGE, S_LAST_PAGE, S_WIDTH = _row.each(4)
RATE, LEAST, MOST, DAYS, CHANCE, CEILING, SILENT, LOOKED, PACES = range(9)
AHEAD = 16
"""Opportunities of a stream that are drawn at once."""
PAGE = AHEAD + 1  # as many, and then the page that follows, or the days until it begins
# of a fact
_row = _Places()
F_KIND, F_CHANNEL, F_BY, F_CONFINED, F_PERSONS, F_NATIONAL, F_HOLDER = _row.each(7)
F_LO, F_HI, F_WISH, F_KEY_LO, F_KEY_HI, F_MEET_LO, F_MEET_HI, F_MEET_WISH = _row.each(8)
F_RANK, F_ANSWERED, F_ELSEWHERE, F_WORD_LO, F_WORD_HI, F_CAUSES, F_OPENS = _row.each(7)
F_ALSO, F_THROUGH = _row.each(2)
F_READING, F_AGENDA = _row.wide(VIEWS), _row.wide(VIEWS)
F_FORUM, F_BLOCK, F_MEMBER, F_LEAD, F_WIDTH = _row.each(5)
# of a block of dates
Z_MEMBERS, Z_KEY_LO, Z_KEY_HI, Z_PLACES, Z_ROWS, Z_WIDTH = range(6)
# of a forum, a change of doctrine, a row of attention and a burst
M_LO, M_HI, M_WORD_LO, M_WORD_HI, M_WIDTH = range(5)
V_DYAD, V_SIDE, V_LEAST, V_CHOICES, V_KEY_LO, V_KEY_HI, V_WIDTH = range(7)
U_AT, U_PARTY, U_KEY_LO, U_KEY_HI, U_CHOICES, U_WIDTH = range(6)
R_STREAM, R_TOWARD, R_KEY_LO, R_KEY_HI, R_WIDTH = range(5)
R_MEAN, R_TAU, R_FLOATS = range(3)
B_ROW, B_OPENER, B_WORD_LO, B_WORD_HI, B_ORIGIN, B_DROPPED, B_FIRST, B_WIDTH = range(8)
W_KEY, W_TIE, W_ROW, W_AT, W_LO, W_HI, W_NUMBER, W_DROPPED, W_BURST, W_WIDTH = range(10)
W_TOTAL, W_CHANCE, W_FLOATS = range(3)
# of a fact in a what-if
_row = _Places()
P_ROLE, P_ANSWER, P_AGREED, P_REMOVED, P_LATENT, P_HELD, P_FOLLOWS = _row.each(7)
P_TOLD, P_FREES = _row.wide(2), _row.wide(2)  # of two sides: its telling, its people's release
P_CANDIDATES, P_NEEDS, P_SOURCES, P_WIDTH = _row.each(4)
SOURCE_BURST, SOURCE_CANDIDATE, SOURCE = range(3)
# of a possible origin of a decision; what its stream is the n-th candidate of
O_WEIGHT, O_DOES, O_ACCEPTS, O_CANDIDATE, O_BURST, WEIGHED = range(6)
A_CHANNEL, A_SIDE, A_FIRST, A_WIDTH = range(4)  # of a side: where its streams begin
L_NUMBER, L_CAUSE, L_WIDTH = range(3)  # of a logged release: how many it frees, and why
N_INDEX, N_NEXT, N_WIDTH = range(3)  # of a stream, an opportunity that history rules out
K_EFFECT, K_ENDS, K_WIDTH = range(3)
J_KEPT, J_SCATTER, J_MOST, J_FLOATS = range(4)  # of a walk, and how far it goes at most
_row = _Places()
Q_TYPE, Q_LO, Q_HI, Q_CHANNEL, Q_BY, Q_LEAST, Q_PEOPLE = _row.each(7)
Q_STATES = _row.wide(STATE_COUNT)
Q_WIDTH = _row.width

# given uniforms: accepted?, lead or severity, two tellings; and, of a fact, that it was done
_row = _Places()
G_ACCEPT, G_LEAD = _row.each(2)
G_TELL = _row.wide(2)
G_DO, G_WIDTH = _row.each(2)
# the head of `floats`: decays per second, days of lead, and a place where no uniform is given
_row = _Places()
DECAY = _row.wide(STOCKS // 2)
LEAD_LEAST, LEAD_MOST = _row.each(2)
NONE_GIVEN, GAPS = _row.wide(G_DO), _row.wide(AHEAD)
FLOAT_HEAD = _row.width


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
    # an example: streams begin at 4,000 and are 24 wide, so the third begins at 4,048, and its side
    # stands at 4,048 + S_SIDE
    return spot(int(w.ints[table]) + width * n)
