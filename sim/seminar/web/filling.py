"""Filling the seminar's templates, the routes of pages and forms, and files to keep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sim.report.pages import environment
from sim.seminar.web.forms import Answers

STATIC = Path(__file__).parent / "static"


def paged(
    names: Iterable[str], answer: Callable[[str, bool, Request], Awaitable[Response]]
) -> Iterator[Route]:
    """Make the routes of pages: of each the whole, and its changing part alone."""
    for name in names:
        yield Route(f"/{name}", partial(answer, name, False), methods=["GET"])
        yield Route(f"/{name}/part", partial(answer, name, True), methods=["GET"])


def posted(under: str, answers: Mapping[str, Answers]) -> Iterator[Route]:
    """Make the routes of forms, by the last words of their addresses."""
    for name, answer in answers.items():
        yield Route(f"{under}/{name}", answer, methods=["POST"])


def filled(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Fill a template; every value is escaped but for charts, which this package writes."""
    page = environment("sim.seminar.web").get_template(template)
    return HTMLResponse(page.render(**values), status)


def download(content: str | bytes, name: str, kind: str) -> Response:
    """Give a browser a file to keep, of the media type `kind`."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=f"{kind}; charset=utf-8", headers=headers)
