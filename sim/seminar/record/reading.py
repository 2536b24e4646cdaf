"""Reading a record, whatever holds it: what it adds up to, and how an edited one is known.

An event is read from plain data, whichever form the record has, and must follow from those before
it. So whoever shows, scores or exports a room need not ask whether it can be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from sim.seminar.record.events import EVENTS, SeminarEvent
from sim.seminar.record.fields import MAX_MILLIS
from sim.seminar.record.room import Part, Recorded, Room, after, broken

Fits = Callable[[Room, SeminarEvent], str | None]
"""Says what of an event the lesson does not have."""


def parsed(text: object) -> dict[str, Any]:
    """Read the JSON object that one event, or a line, is.

    Raises:
        ValueError: it is none; the message says what it must be.
    """
    try:
        data = json.loads(text.decode() if isinstance(text, bytes) else str(text))
    except UnicodeDecodeError:
        raise ValueError("must be UTF-8 text, not binary") from None
    except (ValueError, RecursionError):
        raise ValueError("is not valid JSON") from None
    if not isinstance(data, dict):
        raise ValueError("must be an object")
    return data


class Parts:
    """The parts of a seminar together: which events its record may hold, and what they come to."""

    def __init__(self, *parts: Part[Any]) -> None:
        self.parts = parts
        kinds: Any = (*EVENTS, *(event for part in parts for event in part.events))
        one_of: Any = reduce(or_, kinds)
        self._event: TypeAdapter[SeminarEvent] = TypeAdapter(
            Annotated[one_of, Field(discriminator="kind")]
        )

    def recorded_of(self, position: int, at_ms: object, data: dict[str, Any]) -> Recorded:
        """Read an event at its place.

        Raises:
            ValueError: it breaks a rule; the message says which.
        """
        if not isinstance(at_ms, int) or isinstance(at_ms, bool) or not 0 <= at_ms <= MAX_MILLIS:
            raise ValueError("at_ms: must be a time in milliseconds since 1970")
        try:
            return Recorded(position, at_ms, self._event.validate_python(data))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(p) for p in first["loc"])
            raise ValueError(f"{where}: {first['msg']}") from None

    def apply(self, room: Room, recorded: Recorded) -> Room:
        """Return the room after an event.

        Raises:
            ValueError: it does not follow from those before.
        """
        states = {p.name: p.apply(p.of(room), room, recorded) for p in self.parts}
        return replace(after(room, recorded), states=states)

    def room_of(self, record: Iterable[Recorded]) -> Room:
        """Fold a record.

        Raises:
            ValueError: an event does not follow from those before.
        """
        return reduce(self.apply, record, Room())

    def followed(
        self, record: Iterable[Recorded], fits: Fits | None = None, room: Room | None = None
    ) -> tuple[Room, list[tuple[int, str]]]:
        """Fold a record from a room on; return the room, and the position and rule of each event
        that does not follow from those before, or does not fit the lesson. Where one cannot be
        applied at all the rest is not looked at."""
        now, problems = room or Room(), list[tuple[int, str]]()
        for recorded in record:
            problems += [(recorded.position, rule) for rule in self._broken(now, recorded, fits)]
            try:
                now = self.apply(now, recorded)
            except ValueError as error:
                problems.append((recorded.position, str(error)))
                break
        missing = "the opening of the room" if now.opened is None else self._missing(now)
        if now.position and not problems and missing is not None:
            problems.append((now.position, f"the record ends before {missing}"))
        return now, problems

    def _broken(self, room: Room, recorded: Recorded, fits: Fits | None) -> Iterator[str]:
        """Yield the rules that an event breaks after those before it; the first says the most."""
        event = recorded.event
        if recorded.position != room.position + 1:
            yield f"must be event {room.position + 1}, as the events follow each other"
        missing = self._missing(room, event)
        if missing is not None:
            yield f"must be {missing}"
        looks = [broken, *(part.broken for part in self.parts), *([fits] if fits else [])]
        rule = next((r for look in looks if (r := look(room, event)) is not None), None)
        if rule is not None:
            yield rule

    def _missing(self, room: Room, event: SeminarEvent | None = None) -> str | None:
        found = (part.missing(room, event) for part in self.parts)
        return next((what for what in found if what is not None), None)
