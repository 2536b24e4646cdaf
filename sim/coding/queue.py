"""The queue beside a log from public data: what to look through by hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sim.coding.gathering import Gathered
from sim.coding.writing import log_text
from sim.ground.files import write_safely
from sim.ground.formulas import harmless
from sim.ground.tables import csv_of

SHOWN_ROWS = 50
"""Rows of one reason that the queue lists; all are counted."""
HEADS = ("what", "rows", "event", "date", "kind", "channel", "row", "why", "words")


def queue_text(found: Gathered) -> str:
    """Write the queue as CSV: first the rows that were merged, then those that became no event."""
    rows: list[tuple[object, ...]] = [HEADS]
    channels = {e.id: str(e.channel) for e in found.log.events}
    for id_, group in found.groups:
        for row in group.rows if len(group.rows) > 1 else ():
            what = "kept" if row is group.first else "merged"
            cells = (what, len(group.rows), id_, row.date, row.kind, channels[id_], row.row, "")
            rows.append((*cells, row.words))
    shown: Counter[str] = Counter()
    counts = found.left_out
    for left in sorted(found.left, key=lambda row: (-counts[row.reason], row.reason)):
        shown[left.reason] += 1
        if shown[left.reason] <= SHOWN_ROWS:
            cells = ("left out", counts[left.reason], "", "", "", "", left.row, left.reason)
            rows.append((*cells, left.words))
    return "\ufeff" + csv_of([harmless(str(cell)) for cell in row] for row in rows)


def write_gathered(found: Gathered, out: Path) -> Path:
    """Write the log, and beside it the queue; return the queue's path.

    Raises:
        InputError: the log's ending is of no log, or it is too large for YAML.
        RunError: the disk refuses.
    """
    text = log_text(found.log, out)
    queue = out.with_suffix(".queue.csv")
    write_safely(queue, queue_text(found))
    write_safely(out, text)
    return queue
