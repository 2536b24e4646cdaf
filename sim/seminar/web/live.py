"""Open what-ifs: made when somebody first looks, drawn for all pages at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from functools import cached_property
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any

from sim.ground.language import Language, speaking
from sim.report.pages import environment
from sim.seminar.web.guard import Buckets
from sim.seminar.what_if.sharing import Sharing

if TYPE_CHECKING:
    from sim.seminar.pages.what_if import Shows

PAGES = ("what-if", "what-if/board")
"""The pages of the what-ifs: for students and the teacher, and for the projector."""

EVERY_S = 0.15
"""What is drawn while a slider is dragged is told at most so often: a class shares its network."""


class Live:
    """What is told to the pages of the what-ifs."""

    def __init__(
        self,
        make: Callable[[Callable[[], None]], Sharing],
        tell: Callable[[Collection[str]], None],
        spoken: Language,
    ) -> None:
        """`make(told)` makes the shared position, which calls `told` when something new is drawn.
        `tell(pages)` sends the present message to pages of these names, in the event loop.
        `spoken` is the language of the pages."""
        self._make, self._tell, self.spoken = make, tell, spoken
        self._loop: asyncio.AbstractEventLoop | None = None
        self._drawn: dict[str, str] = {}
        self.often = Buckets(at_once=20, a_second=12.0)
        """Moves of one seat: a slider sends ten a second."""
        self._filling = Lock()
        self._told_at = 0.0
        self._waiting: asyncio.TimerHandle | None = None

    @cached_property
    def sharing(self) -> Sharing:
        """The shared position; what draws worlds starts with it."""
        with speaking(self.spoken):
            return self._make(self._renew)

    @property
    def _is_made(self) -> bool:
        return "sharing" in self.__dict__

    @cached_property
    def shows(self) -> Shows:
        """What fills the pages; it loads what draws charts, and a first page comes without."""
        from sim.seminar.pages.what_if import Shows

        return Shows(self.sharing)

    def listen(self, filled: bool = True) -> None:
        """Remember the event loop of the pages, and begin to draw; `filled` is whether a page that
        comes now has its charts, or what says that they are being drawn."""
        self._loop = asyncio.get_running_loop()
        if filled and not self._drawn:
            self.renew()

    def _renew(self) -> None:
        """Fill the changing part of the pages anew, in the thread that drew it, and tell them."""
        if self._is_made:
            self.renew()
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._soon)

    def _soon(self) -> None:
        """Tell the pages, at once where they were told nothing for a moment."""
        assert self._loop is not None
        rest = self._told_at + EVERY_S - self._loop.time()
        if rest <= 0:
            self.now()
        elif self._waiting is None:
            self._waiting = self._loop.call_later(rest, self.now)

    def renew(self) -> None:
        """Fill the changing part of the pages anew."""
        template = environment("sim.seminar.web").get_template("what_if_drawn.html")
        with self._filling, speaking(self.spoken):  # so that what is filled last is the newest
            self.sharing.take_found()
            version = self.sharing.drawn_version()
            values = self.shows.values()
            made = {part: template.render(part_of=part, **values) for part in ("chart", "table")}
            self._drawn = {**made, "version": str(version)}

    def now(self) -> None:
        """Tell the pages what is so at this moment; called in the event loop."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        self._told_at = asyncio.get_running_loop().time()
        self._tell(PAGES)

    def is_drawn(self) -> bool:
        """Whether all worlds of the present position are drawn, so that nothing more will come."""
        drawn = self.sharing.drawer.drawn(self.sharing.now.position)
        return drawn is not None and drawn.worlds >= self.sharing.drawer.most

    def parts(self) -> dict[str, str]:
        """Return the drawn parts of the pages: `chart` and `table`."""
        return self._drawn

    def mark(self) -> str:
        """Name all of a page that is neither drawn nor a slider: where it changes, the page is
        fetched anew."""
        sharing = self.sharing
        shared, branches = sharing.now, sharing.keeping.branches
        told = [
            *(shared.everybody, shared.beside, sharing.explainer.running, sharing.base.found),
            *(sharing.finder.running, len(branches.kept), branches.last),
            [c.model_dump_json() for c in shared.position.changes],
        ]
        return f"what-if/{sha256(repr(told).encode()).hexdigest()[:12]}"

    def message(self, page: str) -> dict[str, Any]:
        """Return what a page is told beside what every page is told."""
        if page not in PAGES:
            return {}
        shared, parts = self.sharing.now, self._drawn
        told = {
            "mark": self.mark(),
            "version": shared.version,
            "drawn": int(parts.get("version", 0)),
            "values": list(shared.position.values),
            "finding": self.sharing.finder.words,
        }
        return told | {part: parts[part] for part in ("chart", "table") if part in parts}

    def close(self) -> None:
        """Stop drawing."""
        if self._is_made:
            self.sharing.close()
