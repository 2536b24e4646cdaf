"""Fewer worlds and rounds behind pages and kits: for tests that look at these, and at no law.

What a chain of dates finds is for `test_dating` and `test_dated` to see; a page needs dates in the
order of causes, and a chain gives these from its first round on. Worlds of a what-if are drawn at
once and once more, as ever, but not eighteen times more.
"""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from sim.ensemble import weighed
from sim.kernel import dating
from sim.seminar.web import rehearsal_what_if
from sim.seminar.what_if import world_queue

HASTY, ROUNDS, SETTLING = 1, 3, 0
"""Rounds of a chain for a first look and of a whole one, and rounds before them."""
MOST = world_queue.FIRST + world_queue.STEP
"""Worlds up to which a position is refined."""


@pytest.fixture(autouse=True, scope="module")
def short_chains() -> Iterator[None]:
    """Place dates that belong together by a short chain, and refine a what-if once."""
    with (
        patch.object(world_queue, "MOST", MOST),
        patch.object(rehearsal_what_if, "MOST", MOST),
        patch.multiple(weighed, LEAST_ROUNDS=HASTY, MOST_ROUNDS=ROUNDS),
        patch.object(dating, "SETTLING", SETTLING),
    ):
        yield
