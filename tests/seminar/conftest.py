"""What the tests of this room share."""

from fewer import short_chains as short_chains
