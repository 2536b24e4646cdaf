"""A Metropolis chain over the imprecise dates of a block, and the likelihood of one date by itself.

Each step draws a date anew, evenly from what causes and effects leave of its span, and takes it by
the ratio of the likelihoods (Metropolis et al. 1953, "Equation of state calculations by fast
computing machines", Journal of Chemical Physics 21). So the chain's law is even over all dates in
the order of causes, times the likelihood. Every number is keyed by a date's name and the round.
"""

from __future__ import annotations

from sim.ground.draws import compiled_part, log, uniforms
from sim.kernel import memory as k
from sim.kernel.memory import Arrays, at
from sim.kernel.weighing import IMPOSSIBLE, Guide, likelihood_between
from sim.model.compiled_scenario import NO_TIME, Floats, Ints
from sim.model.dateblocks import REACH_S

SINGLE, START, TOGETHER, TAKEN, SHIFTED = range(5, 10)
"""Indices in the counter of a date's stream: a step of one date, a first placement, and a step of
two dates that bound each other, with whether it is taken; and a shift of two."""


@compiled_part
def copy(x: Ints, y: Ints) -> None:
    """Write some dates over others."""
    for f in range(len(x)):
        y[f] = x[f]


@compiled_part
def settle_dates(v: Arrays, free: Ints, y: Ints) -> bool:
    """Put exact dates where their causes leave them, and say whether the free ones are inside what
    theirs leave."""
    i = v.ints
    for f in range(i[k.BEFORE]):
        fact = at(v, k.T_FACT, k.F_WIDTH, f)
        lo, hi, wish = i[fact + k.F_LO], i[fact + k.F_HI], i[fact + k.F_WISH]
        for n in range(i[fact + k.F_CAUSES], i[fact + k.F_WIDTH + k.F_CAUSES]):
            lo = max(lo, y[i[at(v, k.T_CAUSE, 1, n)]])
        wish = y[f] if wish == NO_TIME else wish
        placed = min(max(wish, lo), hi - 1)
        if free[f] and placed != y[f]:
            return False
        y[f] = placed
    return True


@compiled_part
def room_of(v: Arrays, f: int, x: Ints) -> tuple[int, int]:
    """Return what causes and effects leave of an imprecise date's span."""
    i, fact = v.ints, at(v, k.T_FACT, k.F_WIDTH, f)
    lo, hi = int(i[fact + k.F_LO]), int(i[fact + k.F_HI])
    for n in range(i[fact + k.F_CAUSES], i[fact + k.F_WIDTH + k.F_CAUSES]):
        lo = max(lo, int(x[i[at(v, k.T_CAUSE, 1, n)]]))
    for g in range(f + 1, i[k.BEFORE]):
        effect = at(v, k.T_FACT, k.F_WIDTH, g)
        if i[effect + k.F_WISH] == NO_TIME:  # an exact one is moved
            for n in range(i[effect + k.F_CAUSES], i[effect + k.F_WIDTH + k.F_CAUSES]):
                if i[at(v, k.T_CAUSE, 1, n)] == f:
                    hi = min(hi, int(x[g]) + 1)
    return lo, hi


@compiled_part
def chance(v: Arrays, f: int, round_: int, index: int) -> tuple[float, float]:
    """Return two uniforms of a date in a round."""
    fact = at(v, k.T_FACT, k.F_WIDTH, f)
    lo, hi = int(v.ints[fact + k.F_KEY_LO]), int(v.ints[fact + k.F_KEY_HI])
    a, b = uniforms(0, lo, hi, round_, index)
    return a, b


@compiled_part
def step(v: Arrays, g: Guide, x: Ints, y: Ints, u: float) -> None:
    """Go from dates `x` to `y`, or stay."""
    before, from_s, to_s = v.ints[k.BEFORE], int(v.ints[k.AS_OF]), int(v.ints[k.BEGIN])
    inside = settle_dates(v, g.free, y)
    for f in range(before):
        if x[f] != y[f]:
            from_s, to_s = min(from_s, int(min(x[f], y[f]))), max(to_s, int(max(x[f], y[f])))
    if inside and from_s <= to_s:
        to_s = min(to_s + REACH_S, int(v.ints[k.AS_OF]))
        after = likelihood_between(v, g, y, from_s, to_s)
        if log(u) < after - likelihood_between(v, g, x, from_s, to_s):
            copy(y, x)
            return
    copy(x, y)


@compiled_part
def begin(v: Arrays, g: Guide, x: Ints) -> None:
    """Draw each free date evenly from what its causes leave."""
    i = v.ints
    for f in range(i[k.BEFORE]):
        if g.free[f]:
            fact = at(v, k.T_FACT, k.F_WIDTH, f)
            lo, hi = int(i[fact + k.F_LO]), int(i[fact + k.F_HI])
            for n in range(i[fact + k.F_CAUSES], i[fact + k.F_WIDTH + k.F_CAUSES]):
                lo = max(lo, int(x[i[at(v, k.T_CAUSE, 1, n)]]))
            u, _ = chance(v, f, 0, START)
            x[f] = min(lo + int(u * float(hi - lo)), hi - 1)
    settle_dates(v, g.free, x)


@compiled_part
def next_of(members: Ints, f: int, x: Ints) -> int:
    """Return the date of the block that comes next after one; -1 for none."""
    found = -1
    for n in range(len(members)):
        e = int(members[n])
        later = x[e] > x[f] or (x[e] == x[f] and e > f)
        if later and (found < 0 or x[e] < x[found]):
            found = e
    return found


@compiled_part
def shift(v: Arrays, g: Guide, members: Ints, f: int, x: Ints, y: Ints, round_: int) -> None:
    """Move a date and the next one together: what brought up what stays beside it."""
    e, fact = next_of(members, f, x), at(v, k.T_FACT, k.F_WIDTH, f)
    if e < 0:
        return
    lo, hi = int(v.ints[fact + k.F_LO]), int(v.ints[fact + k.F_HI])
    a, b = chance(v, f, round_, SHIFTED)
    y[f] = lo + int(a * float(hi - lo))
    y[e] = x[e] + y[f] - x[f]
    if next_of(members, f, y) == e:  # so that the way back is as likely
        step(v, g, x, y, b)
    else:
        copy(x, y)


@compiled_part
def run_chain(
    v: Arrays,
    g: Guide,
    members: Ints,
    links: Ints,
    x: Ints,
    y: Ints,
    first: int,
    kept: Ints,
) -> None:
    """Run a chain and keep the dates [rounds, members] after each of its rounds from the `first`
    on."""
    begin(v, g, x)
    copy(x, y)
    for round_ in range(first + len(kept)):
        for n in range(len(members)):
            f = int(members[n])
            lo, hi = room_of(v, f, x)
            if lo < hi:
                a, b = chance(v, f, round_, SINGLE)
                y[f] = lo + int(a * float(hi - lo))
                step(v, g, x, y, b)
        for n in range(len(members)):
            if n % 2 == round_ % 2:
                shift(v, g, members, int(members[n]), x, y, round_)
        for n in range(len(links)):
            e, f = int(links[n, 0]), int(links[n, 1])
            if round_ % 2 == n % 2:
                continue
            # each is drawn as if the other were not there; in the wrong order neither is taken
            early, late = int(x[e]), int(x[f])
            x[f] = v.ints[at(v, k.T_FACT, k.F_WIDTH, f) + k.F_HI] - 1
            lo, hi = room_of(v, e, x)
            x[e], x[f] = v.ints[k.BEGIN], late
            low, high = room_of(v, f, x)
            x[e] = early
            if lo < hi and low < high:
                a, b = chance(v, f, round_, TOGETHER)
                y[e], y[f] = lo + int(a * float(hi - lo)), low + int(b * float(high - low))
                u, _ = chance(v, f, round_, TAKEN)
                if y[e] <= y[f]:
                    step(v, g, x, y, u)
                else:
                    copy(x, y)
        if round_ >= first:
            for n in range(len(members)):
                kept[round_ - first, n] = x[members[n]]


@compiled_part
def weigh_one(
    v: Arrays,
    g: Guide,
    f: int,
    x: Ints,
    y: Ints,
    ends: Ints,
    cells: Ints,
    likely: Floats,
) -> None:
    """Write the log-likelihood of a date in the middle of each cell [cells, 2]: its first instant,
    and how many there are."""
    for n in range(len(cells)):
        copy(x, y)
        y[f] = cells[n, 0] + cells[n, 1] // 2
        likely[n] = IMPOSSIBLE * float(len(x))
        if settle_dates(v, g.free, y):
            likely[n] = likelihood_between(v, g, y, int(ends[0]), int(ends[1]))
