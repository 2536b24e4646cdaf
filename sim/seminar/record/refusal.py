"""What is refused, in words for who asked."""

from __future__ import annotations

from sim.ground.errors import BackchannelError
from sim.ground.language import _
from sim.seminar.record.typed import can_be_shown


class Refused(BackchannelError):  # noqa: N818 - no fault of the program's
    """Something that a person in the room may not do, or not now; the record is untouched."""


def one_line(text: str, most: int, missing: str) -> str:
    """Return what somebody typed as one line that can be shown.

    Raises:
        Refused: it is empty, for which `missing` is said, too long, or cannot be shown.
    """
    line = " ".join(text.split())
    if not line:
        raise Refused(missing)
    if len(line) > most:
        raise Refused(_("This is too long: {most} characters at most.", most=most))
    if not can_be_shown(line):
        raise Refused(_("This holds characters that cannot be shown. Type it again."))
    return line
