"""The fields that the events of a record share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.ground.schema import SHA256, Whole

Number = Annotated[Whole, Field(ge=1, le=1_000_000)]
"""A student's number."""
Digest = Annotated[str, Field(pattern=SHA256)]
"""A SHA-256 in hexadecimal."""
MAX_MILLIS = 1 << 53
Millis = Annotated[Whole, Field(ge=0, le=MAX_MILLIS)]
"""An instant in milliseconds since 1970, or a span in milliseconds."""
Short = Annotated[str, Field(max_length=200)]
