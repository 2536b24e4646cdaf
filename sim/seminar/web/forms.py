"""Reading the forms that pages send. Whatever else is sent is refused."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from sim.ground.language import N_, _
from sim.seminar.record.refusal import Refused

Form = dict[str, str]
"""What a page sent, by the names of its fields."""
Command = Callable[[], object]
"""What is to be done of a form."""
Answers = Callable[[Request], Awaitable[Response]]
"""What answers the requests of a route."""

NAMED = (
    N_("the round"),
    N_("the vote"),
    N_("the minutes"),
    N_("the student"),
    N_("each number"),
    N_("the tables"),
    N_("the heads"),
    N_("the table"),
    N_("the question"),
    N_("the game"),
    N_("the number"),
    N_("the place"),
    N_("each probability"),
    N_("the slider"),
    N_("the value"),
    N_("the severity"),
    N_("how many people"),
    N_("the change"),
    N_("the branch"),
)
"""How a page names the numbers that forms send."""


async def form_of(request: Request) -> Form:
    """Read a form; of two fields of one name the last counts.

    Raises:
        Refused: it is no form.
    """
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=80, errors="strict")
    except ValueError:
        raise Refused(_("This is not a form that the page sends.")) from None
    return dict(pairs)


def whole(text: str | None, what: str) -> int:
    """Read a whole number; `what` is one of `NAMED`.

    Raises:
        Refused: it is none.
    """
    stripped = (text or "").strip()
    if not (stripped.isascii() and stripped.isdecimal() and len(stripped) <= 9):
        raise Refused(_("Give {what} as a whole number.", what=_(what)))
    return int(stripped)


def number(text: str | None, what: str) -> float:
    """Read a number; `what` is one of `NAMED`.

    Raises:
        Refused: it is none, or not finite.
    """
    try:
        found = float((text or "")[:40])
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise Refused(_("Give {what} as a number.", what=_(what)))
    return found


def percents_of(form: dict[str, str]) -> dict[str, list[int]]:
    """Read the probabilities of a form: fields `p.QUESTION.PLACE`; a question with yes and no may
    give the first alone.

    Raises:
        Refused: a field is no whole number, or there are too many.
    """
    found: dict[str, dict[int, int]] = {}
    for name, text in form.items():
        kind, _, rest = name.partition(".")
        question, _, place = rest.partition(".")
        if kind == "p":
            at = whole(place, "the place")
            found.setdefault(question, {})[at] = whole(text, "each probability")
    listed: dict[str, list[int]] = {}
    for question, given in found.items():
        if {*given} == {0}:
            given[1] = 100 - given[0]
        listed[question] = [given.get(n, 0) for n in range(min(len(given), 8))]
    return listed
