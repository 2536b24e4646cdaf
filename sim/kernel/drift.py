"""What parties are inclined to do towards each other in the kernel, and how that drifts."""

from __future__ import annotations

from sim.ground.draws import compiled_inline, compiled_part, compiled_rule, uniforms
from sim.kernel import memory as k
from sim.kernel.memory import Arrays, at, spot
from sim.rules import drift
from sim.rules.features import BIAS, FEATURES
from sim.scenario.doctrine import DECISIONS

step_of, walked = compiled_rule(drift.step_of), compiled_rule(drift.walked)

DECISION_COUNT, FEATURE_COUNT = len(DECISIONS), len(FEATURES)


@compiled_part
def draw_drift(w: Arrays) -> None:
    """Draw how far each inclination goes in this replication, step by step."""
    i, x = w.ints, w.floats
    seed, replication, steps = int(i[k.SEED]), int(i[k.REPLICATION]), int(i[k.DRIFT_STEPS])
    for walk in range(i[k.WALKS]):
        law, key = at(w, k.X_LAW, k.J_FLOATS, walk), at(w, k.T_WALK_KEY, 2, walk)
        way, gone, most = at(w, k.X_WAY, steps, walk), 0.0, 0.0
        for n in range(1, steps):
            chance, _ = uniforms(seed, int(i[key]), int(i[key + 1]), replication, n)
            gone = walked(gone, float(x[law + k.J_KEPT]), float(x[law + k.J_SCATTER]), chance)
            x[way + n] = gone
            most = max(most, gone)
        x[law + k.J_MOST] = most


@compiled_inline
def inclined_row(w: Arrays, dyad: int, side: int) -> int:
    """Return the row of a side's inclination towards the other; -1 for none."""
    return int(w.ints[spot(at(w, k.T_DYAD, k.D_WIDTH, dyad) + k.D_INCLINED + side)])


@compiled_inline
def walk_of(w: Arrays, row: int, decision: int) -> int:
    """Return the walk of an inclination; -1 for one that stays."""
    return int(w.ints[at(w, k.T_WALK, DECISION_COUNT, row) + decision])


@compiled_inline
def inclination(w: Arrays, row: int, decision: int, at_s: int) -> float:
    """Return what a row says of a decision at an instant; 0 where there is no row."""
    if row < 0:
        return 0.0
    i, walk = w.ints, walk_of(w, row, decision)
    found = float(w.floats[at(w, k.WEIGHTS, FEATURE_COUNT, row * DECISION_COUNT + decision) + BIAS])
    if walk < 0:
        return found
    steps = int(i[k.DRIFT_STEPS])
    step = step_of(at_s - int(i[k.AS_OF]), steps)
    return found + float(w.floats[at(w, k.X_WAY, steps, walk) + step])


@compiled_inline
def highest_inclination(w: Arrays, row: int, decision: int) -> float:
    """Return what a row says of a decision at most, whenever it is asked in this replication."""
    if row < 0:
        return 0.0
    walk = walk_of(w, row, decision)
    found = float(w.floats[at(w, k.WEIGHTS, FEATURE_COUNT, row * DECISION_COUNT + decision) + BIAS])
    if walk < 0:
        return found
    return found + float(w.floats[at(w, k.X_LAW, k.J_FLOATS, walk) + k.J_MOST])
