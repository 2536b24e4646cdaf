"""The disguise of a lesson: other names and dates until its end. Data, as a user writes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.ground.schema import PARTY_CODE, Line, Party, Strict, Whole

MOST_DAYS = 100_000
Name = Annotated[Line, Field(max_length=80)]


class PartyDisguise(Strict):
    """What a party is called in disguise."""

    code: Annotated[str, Field(pattern=PARTY_CODE)]
    """Its code on charts and in tables, which no country has."""
    name: Name
    """Its name."""


class Disguise(Strict):
    """Other names and other dates for everything that students see, until the lesson is over."""

    parties: dict[Party, PartyDisguise] = Field(min_length=1, max_length=300)
    """What each party is called, by its true code."""
    names: dict[Name, Name] = Field(default_factory=dict, max_length=1_000)
    """Other names of people, places and things, by the true ones, as texts write them."""
    keep: tuple[Name, ...] = Field(default=(), max_length=1_000)
    """Words with a capital letter that give nothing away."""
    texts: bool = True
    """Whether the log's own texts are shown, with the names of its people; where not, an event has
    its kind, and what `retold` says."""
    shift_days: Annotated[Whole, Field(ge=-MOST_DAYS, le=MOST_DAYS)] = 0
    """By how many days all dates are moved; a multiple of 7 keeps the days of the week."""
