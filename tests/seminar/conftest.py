"""What the tests of this room share."""

from collections.abc import Iterator

import pytest
from apart import Loaded
from fewer import short_chains as short_chains


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """What forks processes that a test kills."""
    made = Loaded(tmp_path_factory.mktemp("forked"))
    yield made
    made.close()
