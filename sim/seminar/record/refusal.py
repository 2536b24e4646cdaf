"""What is refused, in words for who asked."""

from __future__ import annotations

from sim.ground.errors import BackchannelError
from sim.ground.language import N_, _
from sim.seminar.record.typed import can_be_shown


class Refused(BackchannelError):  # noqa: N818 - no fault of the program's
    """Something that a person in the room may not do, or not now; the record is untouched."""


def mistake(error: Exception) -> str:
    """Say that the program itself failed, by the kind of the error alone."""
    return _("the program made a mistake ({kind})", kind=type(error).__name__)


TOO_LONG = {
    "name": N_("The name is too long: {most} characters at most."),
    "reason": N_("The reason is too long: {most} characters at most."),
    "line": N_("The line is too long: {most} characters at most."),
}
STRANGE = {
    "name": N_("The name holds characters that cannot be shown. Type it again."),
    "reason": N_("The reason holds characters that cannot be shown. Type it again."),
    "line": N_("The line holds characters that cannot be shown. Type it again."),
}


def one_line(text: str, what: str, most: int, missing: str) -> str:
    """Return what somebody typed as one line that can be shown. `what` is one of `TOO_LONG`.

    Raises:
        Refused: it is empty, for which `missing` is said, too long, or cannot be shown.
    """
    line = " ".join(text.split())
    if not line:
        raise Refused(missing)
    if len(line) > most:
        raise Refused(_(TOO_LONG[what], most=most))
    if not can_be_shown(line):
        raise Refused(_(STRANGE[what]))
    return line
