"""Reading the forms that pages send. Whatever else is sent is refused."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from sim.seminar.record.refusal import Refused

Form = dict[str, str]
"""What a page sent, by the names of its fields."""
Command = Callable[[], object]
"""What is to be done of a form."""
Answers = Callable[[Request], Awaitable[Response]]
"""What answers the requests of a route."""


async def form_of(request: Request) -> Form:
    """Read a form; of two fields of one name the last counts.

    Raises:
        Refused: it is no form.
    """
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=80, errors="strict")
    except ValueError:
        raise Refused("This is not a form that the page sends.") from None
    return dict(pairs)


def whole(text: str | None, what: str) -> int:
    """Read a whole number.

    Raises:
        Refused: it is none.
    """
    stripped = (text or "").strip()
    if not (stripped.isascii() and stripped.isdecimal() and len(stripped) <= 9):
        raise Refused(f"Give {what} as a whole number.")
    return int(stripped)


def number(text: str | None, what: str) -> float:
    """Read a number.

    Raises:
        Refused: it is none, or not finite.
    """
    try:
        found = float((text or "")[:40])
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise Refused(f"Give {what} as a number.")
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
