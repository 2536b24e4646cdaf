"""What an event was about, what each party says of it, and where it was read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from sim.ground.declared import declared
from sim.ground.schema import SLUG, Line, Slug, Strict, Text, UnknownCodeError, Whole

AGENDAS = (
    "war",
    "arms_control",
    "nuclear",
    "detainees",
    "bilateral",
    "regional",
    "humanitarian",
    "families",
    "embassies",
    "economic",
    "technology",
    "borders",
    "climate",
    "other",
)
"""What a contact may be about, for any pair. `detainees` alone marks a contact confined to
detainees."""


def _agenda(slug: str) -> str:
    around = declared()
    if around is not None and slug not in AGENDAS and slug not in around.agendas:
        rule = f"must be one of {', '.join(AGENDAS)}, or stand under agendas"
        raise UnknownCodeError(rule, slug, [*AGENDAS, *sorted(around.agendas)])
    return slug


Agenda = Annotated[
    Slug,
    AfterValidator(_agenda),
    WithJsonSchema({"anyOf": [{"enum": list(AGENDAS)}, {"type": "string", "pattern": SLUG}]}),
]
"""What a contact was about: one of `AGENDAS`, or an agenda that the log declares."""

ContactKind = Literal[
    "meeting_held",
    "call_held",
    "corridor_talk",
    "copresence",
    "contact_refused",
    "statement",
    "message_delivered",
    "talks_held",
]
"""What a party may say that an event was."""


class Account(Strict):
    """One party's telling of an event, where it differs from the coder's or confirms it."""

    kind: ContactKind | None = None
    """What the party says the event was; the event's own kind where it says nothing else."""
    agenda: tuple[Agenda, ...] | None = None
    """What the party says was discussed; the event's own agenda where it says nothing else."""
    denial: bool = False
    """Whether the party denies that this was a contact that counts: it then moves nothing in the
    party's own projection."""
    summary: Text | None = None
    """The telling in the coder's own words."""

    @model_validator(mode="after")
    def _one_telling(self) -> Account:
        if self.denial and (self.kind or self.agenda):
            raise ValueError("a denial leaves no kind or agenda to tell: give one or the other")
        return self


def _listed(value: object) -> object:
    return [value] if isinstance(value, int) else value


class Source(Strict):
    """Where a fact was read."""

    document: Slug
    """An id under the log's `sources`."""
    paragraph: Annotated[
        tuple[Annotated[Whole, Field(ge=1, le=10_000)], ...], BeforeValidator(_listed)
    ] = ()
    """The paragraph of the document, or several, counted from 1 below headline and standfirst."""
    urls: tuple[Line, ...] = ()
    """Addresses at which the fact was read, beside the document's own."""
