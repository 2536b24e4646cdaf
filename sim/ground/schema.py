"""The base of every model that is read from a file, and the field types they share."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)

from sim.ground.countries import countries
from sim.ground.dates import parse
from sim.ground.declared import declared
from sim.ground.errors import did_you_mean
from sim.ground.letters import broken_text

MAX_TEXT = 2_000
MAX_EVENTS = 20_000


class Strict(BaseModel):
    """A frozen record: unknown keys, NaN and infinity are errors."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        populate_by_name=True,
        protected_namespaces=(),
    )

    def plain(self) -> dict[str, Any]:
        """Return the record as JSON types, without the fields that hold their defaults."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _date(text: str) -> str:
    parse(text)
    return text


def _year(value: object) -> object:
    """YAML reads a bare year as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class UnknownCodeError(ValueError):
    """A code that no country has. What may have been meant is looked up when the error is shown,
    since a file may hold 20,000 and the first 500 are shown."""

    def __init__(self, rule: str, code: str, known: Collection[str]) -> None:
        super().__init__(rule)
        self.code, self.known = code, known

    def hint(self) -> str:
        """Return what may have been meant, as `did_you_mean` says it."""
        return did_you_mean(self.code, self.known)


PARTY = "[A-Z0-9]{3}"
PARTY_CODE = f"^{PARTY}$"


def is_declarable(code: str) -> bool:
    """Whether a log may declare a party under this code."""
    return re.fullmatch(PARTY, code) is not None


def known_parties() -> Collection[str]:
    """Return the codes of countries, and those that the file declares that is being read."""
    around = declared()
    return countries() if around is None else [*countries(), *sorted(around.parties)]


def _is_party(code: str) -> bool:
    if code in countries():
        return True
    around = declared()  # of a part that is read by itself nobody can say what its file declares
    return is_declarable(code) if around is None else code in around.parties


def _party(code: str) -> str:
    if not _is_party(code):
        rule = "must be an ISO 3166 alpha-3 country code, such as USA or RUS"
        raise UnknownCodeError(rule, code.upper(), known_parties())
    return code


def _channel(id_: str) -> str:
    codes = [code.upper() for code in id_[:7].split("-")]
    for code in codes:
        if not _is_party(code):
            rule = f"must begin with two ISO 3166 codes, and {code} is none"
            raise UnknownCodeError(rule, code, known_parties())
    if codes[0] == codes[1]:
        raise ValueError("must begin with the codes of two different countries")
    return id_


def _prose(text: str) -> str:
    if rule := broken_text(text, lines=True):
        raise ValueError(rule)
    return text


def one_line(text: str) -> str:
    """Let a text of one line pass.

    Raises:
        ValueError: it has several, or holds what steers a terminal or turns text around.
    """
    if rule := broken_text(text):
        raise ValueError(rule)
    return text


EdtfDate = Annotated[
    str,
    BeforeValidator(_year),
    AfterValidator(_date),
    WithJsonSchema(
        {"type": ["string", "integer"], "description": "EDTF: 2023-03-02, 2022-07, 2022"}
    ),
]
"""A date as EDTF text; see `sim.ground.dates`."""

Party = Annotated[
    str, AfterValidator(_party), WithJsonSchema({"type": "string", "pattern": PARTY_CODE})
]
"""A party by its ISO 3166 alpha-3 code, today's or withdrawn, or by one that the log declares."""

SLUG = r"^[a-z0-9][a-z0-9._-]{0,79}$"
CHANNEL_ID = r"^[a-z0-9]{3}-[a-z0-9]{3}/[a-z0-9][a-z0-9_-]{0,39}$"
SHA256 = "^[0-9a-f]{64}$"
IN_WORDS = {
    PARTY_CODE: "must be three capital letters or digits",
    SHA256: "must be a SHA-256 of 64 small letters and digits",
    SLUG: "must be an id of lower-case letters, digits, '.', '_' and '-', 80 at most",
    CHANNEL_ID: "must be a channel's id, such as usa-rus/ministers",
}
"""What each pattern asks for, as an error says it."""

Slug = Annotated[str, Field(pattern=SLUG)]
"""A stable id: lower-case letters, digits, `.`, `_` and `-`; 80 characters at most."""

ChannelId = Annotated[
    str,
    Field(pattern=CHANNEL_ID),
    AfterValidator(_channel),
]
"""A channel's id, such as `usa-rus/ministers`."""

Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(_prose)]
"""A line or a paragraph of prose, 2,000 characters at most."""

Line = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(one_line)]
"""A line of prose, 2,000 characters at most."""

Real = Annotated[float, Field(strict=True)]
"""A finite number; neither text nor a truth value, with which Python would count."""

Whole = Annotated[int, Field(strict=True)]
"""A whole number; neither text nor a truth value."""
