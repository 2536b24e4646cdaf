"""The functions of arviz-stats on plain arrays. Owns arviz-stats."""

from __future__ import annotations

import sys
from typing import Any


def array_stats() -> Any:
    """Return them. They take a second to load."""
    from arviz_stats.base import array_stats as found
    from arviz_stats.base import stats_utils

    if sys.flags.optimize > 1:  # no function has a docstring then, and it adds to its own
        stats_utils.update_docstring = _nothing
    return found


def _nothing(*_: object) -> None:
    pass
