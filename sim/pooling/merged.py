"""A likelihood in which questions that look alike are one, and so are moments that ask the same.

Both governments of a pair have the same weights, and few features of a quiet pair ever change: so
a record of decades comes to a handful of moments where no slope is learned. The likelihood is the
same but for rounding.
"""

from __future__ import annotations

import numpy as np

from sim.learning.arrays import questions_in
from sim.learning.rows import Rows
from sim.model.compiled_scenario import Floats, Ints


def merged(rows: Rows) -> Rows:
    """Return rows of the same likelihood with as few questions and moments as there can be; of a
    design whose imprecise dates are not averaged over."""
    place, many, x = _questions(rows)
    answered = np.where(rows.accept >= 0, place[rows.accept], -1)
    asked = np.stack([place[rows.act], answered, rows.told, rows.declined], axis=1)
    asked, of = np.unique(asked, axis=0, return_inverse=True)
    first = np.zeros(len(many), dtype=np.int64)
    for p in range(1, len(many)):
        same = rows.first[p] == rows.first[p - 1] and rows.many[p] == rows.many[p - 1]
        first[p] = first[p - 1] if same else first[p - 1] + many[p - 1]
    return rows._replace(
        first=first,
        many=many,
        start=np.cumsum([0, *many[:-1]], dtype=np.int64),
        x=x,
        act=asked[:, 0].astype(np.int64),
        accept=asked[:, 1].astype(np.int64),
        weight=np.bincount(of.ravel(), rows.weight, len(asked)).astype(np.float64),
        told=asked[:, 2].copy(),
        declined=asked[:, 3].copy(),
        factor=place[rows.factor],
        acts=np.array([0, len(asked)], dtype=np.int64),
        part=np.zeros(1 + int(place.max()), dtype=np.int64),
    )


def _questions(rows: Rows) -> tuple[Ints, Ints, Floats]:
    """Return the new place of each question [Q], how many each weight decides now [P], and their
    features in the order of weights."""
    place = np.full(questions_in(rows), -1, dtype=np.int64)
    many, columns, used = np.zeros(len(rows.many), dtype=np.int64), list[Floats](), 0
    for lo, count in sorted({*zip(rows.first.tolist(), rows.many.tolist(), strict=True)}):
        if count == 0:
            continue
        mine = np.flatnonzero((rows.first == lo) & (rows.many == count))
        values = np.stack([rows.x[s : s + count] for s in rows.start[mine]], axis=1)
        unique, of = np.unique(values, axis=0, return_inverse=True)
        place[lo : lo + count] = used + of.ravel()
        many[mine], used = len(unique), used + len(unique)
        columns += list(unique.T)
    place[place < 0] = used  # no weight decides these: all are alike
    return place, many, np.concatenate([np.zeros(0), *columns])
