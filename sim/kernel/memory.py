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
from sim.model.program import VIEWS, Floats, Ints
from sim.scenario.outcomes import MEASURES

NEVER = 1 << 62
"""The key of a source that has nothing more to bring."""
ALWAYS = -NEVER
"""From when the first state of a view holds, for whoever asks about a time before its start."""
PLACES = NEVER - 1
"""A mask that keeps every place in memory as it is."""
DRAWN = -1.0
"""In the place of a given uniform: take the one that the opportunity carries."""
END_OF_PAST, SWITCHES, FACTS, MEETINGS = range(4)
"""Ranks at one instant, as in `sim.model.world`; streams come next, then the closing of forums."""

STATE_COUNT = len(STATES)
STATE_AT, STATE_BY, SHARE, FIRST_TIME, EVENT_BY = range(len(MEASURES))

# the head of `ints`: the run and its sizes ...
AS_OF, UNTIL, GRID, STEP, GRID_SIZE, BEFORE, BITS, FIRST_STREAM, FIRST_FORUM = range(9)
CHANNELS, DYADS, STREAMS, FACT_COUNT, SWITCH_COUNT, FORUMS, PARTIES, OUTCOMES = range(9, 17)
RASTER_ROWS, LOG_ROWS, OBSERVE, SHARED, BEGIN, SINCE, DROP_ROWS = range(17, 24)
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
T_PAST, T_CANDIDATE, T_NEED, T_OCCURRED, T_CHOSEN, T_USED, T_DROPPED, T_PASSES = range(84, 92)
T_GROUP, T_MOMENT, T_SOURCE, T_PLACE, T_BROUGHT, T_AFTER, T_WAITING = range(92, 99)
# where tables of `floats` begin
X_PACE, X_RAISE, X_WEIGHT, X_SEVERITY, X_STOCK, X_TOLD, X_LOG = range(99, 106)
X_GIVEN, X_WEIGHED, X_ASKED, X_ROW, X_SLOT, X_AHEAD = range(106, 112)
# of looking ahead
T_CHANGED, T_WATCHED, T_SIDE, T_SIDE_START, T_AHEAD, CHANGED, LOOKING = range(112, 119)
# the draws of a fit, how many weights each holds, and where those of this replication begin
DRAWS, DRAW_SIZE, WEIGHTS = range(119, 122)
# what streams bring: until when, where their words stand, and how many of it history rules out
END, NAMED, DROPS = range(122, 125)
# what is drawn of the past
T_PAGE, X_PAGE, PAGE_ROWS, PAGES = range(125, 129)
# further channels of coded events
T_ALSO = 129
HEAD = 130

# columns
C_PARTY, C_DYAD, C_INITIAL, C_SINCE, C_ADDS, C_LASTS = 0, 2, 3, 4, 5, 6  # two parties, the lapses
C_COMPLETE = C_LASTS + len(SUPPORTS)
C_UNTIL, C_LINE = C_COMPLETE + 1, C_COMPLETE + 1 + len(SUPPORTS)
C_WORD = C_LINE + 1
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
S_INDEX, S_PLACE, S_NEXT, S_CONTACT, S_DROPPED = range(16, 21)
S_PAGE, S_FIRST_PAGE, S_LAST_PAGE, S_WIDTH = range(21, 25)
RATE, LEAST, MOST, DAYS, CHANCE, CEILING, SILENT, LOOKED, PACES = range(9)
AHEAD = 16
"""Opportunities of a stream that are drawn at once."""
PAGE = AHEAD + 1  # as many, and then the page that follows, or the days until it begins
F_KIND, F_CHANNEL, F_BY, F_CONFINED, F_PERSONS, F_NATIONAL, F_HOLDER = range(7)
F_LO, F_HI, F_WISH, F_KEY_LO, F_KEY_HI, F_MEET_LO, F_MEET_HI, F_MEET_WISH = range(7, 15)
F_RANK, F_ANSWERED, F_ELSEWHERE, F_WORD_LO, F_WORD_HI, F_CAUSES, F_OPENS = range(15, 22)
F_ALSO, F_THROUGH = 22, 23
F_READING, F_AGENDA, F_WIDTH = 24, 27, 30  # three views each
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
N_INDEX, N_NEXT, N_WIDTH = range(3)  # of a stream, an opportunity that history rules out
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
