"""What is refused, in words for who asked."""

from __future__ import annotations

from sim.ground.errors import BackchannelError
from sim.seminar.record.typed import can_be_shown


class Refused(BackchannelError):  # noqa: N818 - no fault of the program's
    """Something that a person in the room may not do, or not now; the record is untouched."""


def one_line(text: str, what: str, most: int, missing: str) -> str:
    """Return what somebody typed as one line that can be shown. `what` names it.

    Raises:
        Refused: it is empty, for which `missing` is said, too long, or cannot be shown.
    """
    line = " ".join(text.split())
    if not line:
        raise Refused(missing)
    if len(line) > most:
        raise Refused(f"The {what} is too long: {most} characters at most.")
    if not can_be_shown(line):
        raise Refused(f"The {what} holds characters that cannot be shown. Type it again.")
    return line
