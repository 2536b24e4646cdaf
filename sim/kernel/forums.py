"""The kernel's forums of the past: which side walked up first, and what each left untaken."""

from __future__ import annotations

from sim.ground.draws import compiled_part, uniforms
from sim.kernel import memory as k
from sim.kernel.clock import draw_chance, enter, schedule, side_ahead
from sim.kernel.memory import Arrays, at
from sim.model.bursts import BLOCKS
from sim.model.compiled_scenario import NO_TIME


@compiled_part
def enter_past_forums(v: Arrays) -> None:
    """Let both sides of each forum of the past be asked at both its moments."""
    i = v.ints
    for s in range(i[k.STREAMS]):
        stream = at(v, k.T_STREAM, k.S_WIDTH, s)
        if i[stream + k.S_FORUM] >= 0:
            early = i[stream + k.S_EARLY]
            inside = i[k.SINCE] <= early and early < i[k.UNTIL]
            rank = int(i[k.FIRST_STREAM]) + s
            draw_chance(v, s)
            i[stream + k.S_INDEX] = 0
            # of a forum that began before the past no moment is left
            enter(v, rank, int(early if inside else i[k.UNTIL]))
            i[at(v, k.T_MOMENT, 2, s)] = NO_TIME
            for n in range(2):
                v.floats[at(v, k.X_ASKED, 2, s) + n] = 0.0


@compiled_part
def pass_moment(v: Arrays, s: int, at_s: int, likely: float) -> None:
    """Note with what probability a side walked up at one of its moments; the other comes next. Who
    came first is inferred in the end."""
    i, stream = v.ints, at(v, k.T_STREAM, k.S_WIDTH, s)
    n = i[stream + k.S_INDEX]
    i[at(v, k.T_MOMENT, 2, s) + n], v.floats[at(v, k.X_ASKED, 2, s) + n] = at_s, likely
    i[stream + k.S_INDEX] = n + 1
    schedule(v, i[k.FIRST_STREAM] + s, int(i[stream + k.S_LATE] if n == 0 else i[k.UNTIL]))


@compiled_part
def orders(v: Arrays, s: int, at_s: int) -> tuple[float, float]:
    """Return the likelihoods of what sides of a forum did not do, where stream `s` came first and
    where it came second; `at_s` is when it walked up, NO_TIME where it did not.

    One that walked up at just one of the two moments had that moment.
    """
    i, x, stream = v.ints, v.floats, at(v, k.T_STREAM, k.S_WIDTH, s)
    # X_ASKED holds two probabilities a side: of walking up early, and late. Where `s` came first,
    # it is its own early one and its partner's late one that were asked.
    mine, other = at(v, k.X_ASKED, 2, s), at(v, k.X_ASKED, 2, i[stream + k.S_PARTNER])
    first, second = 1.0 - float(x[other + 1]), 1.0 - float(x[other])
    if at_s == NO_TIME:
        return first * (1.0 - float(x[mine])), second * (1.0 - float(x[mine + 1]))
    if at_s == i[stream + k.S_LATE]:
        first = 0.0
    if at_s == i[stream + k.S_EARLY]:
        second = 0.0
    return first, second


@compiled_part
def walked_up(w: Arrays, s: int) -> int:
    """Return when a side walked up at a forum of the past; NO_TIME where it did not."""
    if w.ints[at(w, k.T_USED, 1, s)] != w.ints[k.REPLICATION] + 1:
        return NO_TIME
    return int(w.ints[at(w, k.T_MOMENT, 2, s)])


@compiled_part
def toss_coins(v: Arrays, w: Arrays) -> None:
    """Infer, for each forum of the past, which side had the first moment; and keep the one
    opportunity of each side that did not walk up."""
    i = v.ints
    for s in range(i[k.STREAMS]):
        stream = at(v, k.T_STREAM, k.S_WIDTH, s)
        if i[stream + k.S_FORUM] < 0 or i[stream + k.S_SIDE] != 0:
            continue
        partner = int(i[stream + k.S_PARTNER])
        if i[at(v, k.T_MOMENT, 2, s)] == NO_TIME:  # a forum of the run, not of the past
            w.ints[at(w, k.T_MOMENT, 2, s) + 1] = NO_TIME
            w.ints[at(w, k.T_MOMENT, 2, partner) + 1] = NO_TIME
            continue
        a, b = orders(v, s, walked_up(w, s))
        met = walked_up(w, partner)
        if met != NO_TIME:
            b, a = orders(v, partner, met)
        coin = side_ahead(v, s)
        ahead = coin * (a + b) < a if a + b > 0.0 else coin < 0.5
        keep_moment(v, w, s, 0 if ahead else 1)
        keep_moment(v, w, partner, 1 if ahead else 0)


@compiled_part
def keep_moment(v: Arrays, w: Arrays, s: int, n: int) -> None:
    """Keep a side's opportunity at one of its moments; redraw one that would have been taken."""
    i, stream = v.ints, at(v, k.T_STREAM, k.S_WIDTH, s)
    do, likely = (
        float(v.floats[at(v, k.X_PACE, k.PACES, s) + k.CHANCE]),
        float(v.floats[at(v, k.X_ASKED, 2, s) + n]),
    )
    if do < likely:
        lo, hi = int(i[stream + k.S_KEY_LO]), int(i[stream + k.S_KEY_HI])
        again, _ = uniforms(int(i[k.SEED]), lo, hi, int(i[k.REPLICATION]), BLOCKS - 1)
        do = likely + again * (1.0 - likely)
    w.ints[at(w, k.T_MOMENT, 2, s) + 1] = i[at(v, k.T_MOMENT, 2, s) + n]
    w.floats[at(w, k.X_ASKED, 2, s)] = do


@compiled_part
def await_moments(w: Arrays) -> None:
    """Set when each side has its chance at each forum of the past, and the uniform it carries; one
    that walked up in history has had it."""
    i = w.ints
    for s in range(i[k.STREAMS]):
        if i[at(w, k.T_STREAM, k.S_WIDTH, s) + k.S_FORUM] < 0:
            continue
        at_s = int(i[at(w, k.T_MOMENT, 2, s) + 1])
        if at_s != NO_TIME and walked_up(w, s) == NO_TIME:
            w.floats[at(w, k.X_PACE, k.PACES, s) + k.CHANCE] = w.floats[at(w, k.X_ASKED, 2, s)]
            schedule(w, i[k.FIRST_STREAM] + s, at_s)
