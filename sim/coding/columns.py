"""The columns of a sheet, found in the models of what a log holds.

A field that is added to a model needs no second home here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from sim.ground.schema import Line, Text
from sim.log.events import MODELS, Occurrence
from sim.log.log import Channel, Log, Reference, Titled

Form = Literal["text", "word", "number", "whole", "flag", "words", "lines", "wholes", "records"]
"""How a cell is read: prose as it is written, or one word, number or truth value, or several; or
records, one a line, as `kinds: call_held, meeting_held; side: USA`."""


@dataclass(frozen=True)
class Column:
    """One column of a sheet."""

    name: str
    """Its head: the field's name, after the names of what it stands in, with dots between."""
    form: Form
    about: str = ""
    """What the field means, as the model says it."""
    options: tuple[str, ...] = ()
    """The words of which one must stand here, where the model lists them."""
    nullable: bool = False
    """Whether the field can be nothing though it is something by default."""

    @property
    def path(self) -> tuple[str, ...]:
        """Where the field stands in a record."""
        return tuple(self.name.split("."))


KEYED: Mapping[str, type[BaseModel]] = {
    "channels": Channel,
    "sources": Reference,
    "parties": Titled,
    "agendas": Titled,
}
"""The parts of a log that have a sheet each, whose first column is the id, and what a row holds."""
FIRST = (
    *("id", "date", "kind", "channel", "by", "agenda", "summary", "place"),
    *("source.document", "source.paragraph", "doubt", "causes"),
)
"""The columns of events that nearly every coder fills in; they stand first."""
BY_RUNS = frozenset(("coded_date", "decided_by"))
"""Fields of events that a run writes and a coder does not: they have a column only where used."""


def _models_by_party() -> dict[str, Any]:
    hints = get_type_hints(Occurrence, include_extras=True)
    return {n: get_args(h)[1] for n, h in hints.items() if get_origin(_bare(h)) is dict}


def _is_prose(hint: Any) -> bool:
    """Whether a type is a text or a line of prose, perhaps a short one."""
    said = get_args(hint)
    return any(said[: len(get_args(kind))] == get_args(kind) for kind in (Text, Line))


def _bare(hint: Any) -> Any:
    """Take off what only checks a value, and that it may be nothing."""
    while True:
        if get_origin(hint) is Annotated and not _is_prose(hint):
            hint = get_args(hint)[0]
        elif get_origin(hint) in (Union, UnionType):
            inner = [a for a in get_args(hint) if a is not NoneType]
            if len(inner) != 1:
                return hint
            hint = inner[0]
        else:
            return hint


def _form(hint: Any) -> tuple[Form, tuple[str, ...]]:
    bare = _bare(hint)
    if _is_prose(bare):
        return "text", ()
    if get_origin(bare) is Literal:
        words = get_args(bare)
        return ("word", words) if isinstance(words[0], str) else ("whole", ())
    if get_origin(bare) is tuple:
        if isinstance(get_args(bare)[0], type) and issubclass(get_args(bare)[0], BaseModel):
            return "records", ()
        form, options = _form(get_args(bare)[0])
        several: dict[Form, Form] = {"word": "words", "text": "lines", "whole": "wholes"}
        if form in several:
            return several[form], options
    forms: dict[Any, Form] = {bool: "flag", int: "whole", float: "number", str: "word"}
    if bare not in forms:
        raise TypeError(f"no cell of a sheet can hold {hint}")
    return forms[bare], ()


@cache
def columns_of(model: type[BaseModel], before: str = "") -> tuple[Column, ...]:
    """Return the columns of a model's fields, in the model's order; what has a model of its own
    gives a column for each of its fields, and what is kept by party gives none."""
    return tuple(_columns(model, before))


def _columns(model: type[BaseModel], before: str) -> Iterator[Column]:
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        bare, head = _bare(hints[name]), before + (field.alias or name)
        if get_origin(bare) is dict:
            continue
        if isinstance(bare, type) and issubclass(bare, BaseModel):
            yield from columns_of(bare, f"{head}.")
            continue
        form, options = _form(hints[name])
        nullable = NoneType in get_args(hints[name]) and field.default is not None
        about = " ".join((field.description or "").split())
        yield Column(head, form, about, options, nullable and not field.is_required())


@cache
def event_columns() -> tuple[Column, ...]:
    """Return every column of events that does not depend on who the parties are."""
    found: dict[str, Column] = {}
    kinds = tuple(k for m in MODELS for k in columns_of(m) if k.name == "kind")
    words = tuple(word for k in kinds for word in k.options)
    found["kind"] = Column("kind", "word", "What happened; see the list of kinds.", words)
    for model in (Occurrence, *MODELS):
        for column in columns_of(model):
            known = found.setdefault(column.name, column)
            if column.name != "kind" and known.options != column.options:
                more = (o for o in column.options if o not in known.options)
                found[column.name] = replace(known, options=(*known.options, *more))
    common = {c.name for c in columns_of(Occurrence)}
    own = [name for name in found if name not in common and name not in FIRST]
    rest = [name for name in found if name in common and name not in FIRST]
    order = [*FIRST, *own, *rest]
    return tuple(found[name] for name in order)


def party_columns(party: str, field: str) -> tuple[Column, ...]:
    """Return the columns in which an event says something of one party: `accounts.USA.kind`."""
    value = _models_by_party()[field]
    head = f"{field}.{party}"
    if isinstance(value, type) and issubclass(value, BaseModel):
        return columns_of(value, f"{head}.")
    form, options = _form(value)
    return (Column(head, form, "", options),)


def fields_by_party() -> tuple[str, ...]:
    """Return the fields of an event that are kept by party."""
    return tuple(_models_by_party())


def columns_for(used: Iterable[str], parties: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns of the sheet of events: all that coders use, the tellings of each party,
    and of what only runs write those that are used.

    `used` names fields that some event has, by party as `decided_by.USA`.
    """
    names = {*used}
    plain = [c for c in event_columns() if c.name not in BY_RUNS or c.name in names]
    for field in fields_by_party():
        told = {n.split(".")[1] for n in names if n.startswith(f"{field}.")}
        wanted = told if field in BY_RUNS else told | {*parties}
        plain += [c for party in sorted(wanted) for c in party_columns(party, field)]
    return tuple(plain)


@cache
def keyed_columns(part: str) -> tuple[Column, ...]:
    """Return the columns of a part of a log that is kept by id; the id comes first."""
    return (Column("id", "word", "Its id."), *columns_of(KEYED[part]))


@cache
def head_fields() -> tuple[Column, ...]:
    """Return what a log says of itself, one value each."""
    parts = {*KEYED, "events", "header"}
    hints = get_type_hints(Log, include_extras=True)
    found = []
    for name, field in Log.model_fields.items():
        if name not in parts:
            form, options = _form(hints[name])
            about = " ".join((field.description or "").split())
            found.append(Column(field.alias or name, form, about, options))
    return tuple(found)
