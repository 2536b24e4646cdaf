"""How far several codings of one source agree: in their events, field by field, and in states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sim.coding.alpha import NOTHING, Alpha, alpha
from sim.coding.comparable import Part, comparable
from sim.coding.matching import Unit, match
from sim.coding.stretches import Stretch, shared_viewpoints, stretches
from sim.coding.values import (
    FIELDS,
    METRICS,
    Metric,
    Value,
    account_of,
    default_of,
    number_of,
    values_of,
)
from sim.log.log import Channel, Log

SETUP = ("initial", "since", "complete_from", "line", "lapse_days")
"""What a log says of a channel beside its events that moves its states."""
FEW = 5
"""Events below which agreement beyond chance cannot be told."""


@dataclass(frozen=True)
class FieldAgreement:
    """How far codings agree in one field of the events that they have in common."""

    field: str
    metric: Metric
    events: int
    """Events of which at least one of two coders or more says something in it."""
    pairs: int
    """Pairs of two coders' values of one event in which at least one of them says something."""
    alike: int
    """Those of them that are the same."""
    measured: Alpha
    """Over all events that have the field, where saying nothing is a value too; it is not told
    where `events` are fewer than `FEW`."""

    @property
    def share(self) -> float:
        """The share of pairs that are alike, in [0, 1]."""
        return self.alike / self.pairs


@dataclass(frozen=True)
class Fact:
    """One fact, as each coding has it."""

    name: str
    """The id by which it is called here: that of the first coding that has it."""
    ids: tuple[str | None, ...]
    """Each coding's id; None where it does not have it."""
    events: Unit
    values: tuple[dict[str, Value] | None, ...]
    """What each coding says of it, by field."""

    @property
    def common(self) -> bool:
        """Whether every coding has it."""
        return all(e is not None for e in self.events)


@dataclass(frozen=True)
class Difference:
    """A field of one fact in which codings differ."""

    fact: str
    field: str
    values: tuple[Value, ...]
    """What each coding says; None where it says nothing or does not have the event."""
    has: tuple[bool, ...]
    """Whether each coding has this field of the event."""


@dataclass(frozen=True)
class SetupDifference:
    """What codings say otherwise of a channel itself."""

    channel: str
    field: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Agreement:
    """Codings of one source, compared."""

    logs: dict[str, Log]
    """The codings by name, in the order given."""
    channels: tuple[str, ...]
    """The channels that all have."""
    facts: tuple[Fact, ...]
    fields: tuple[FieldAgreement, ...]
    differences: tuple[Difference, ...]
    setups: tuple[SetupDifference, ...]
    stretches: tuple[Stretch, ...]
    """The states of the common channels, from every viewpoint that all have."""
    left_out: dict[str, int]
    """Events of each coding that are on channels which not all have, or out of the days asked."""
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        """What the codings are called."""
        return tuple(self.logs)

    @property
    def differing(self) -> tuple[Stretch, ...]:
        """The stretches on which the states differ."""
        return tuple(s for s in self.stretches if s.differs)

    def only(self, name: str) -> list[Fact]:
        """List the facts that one coding has and no other."""
        alone = [coding == name for coding in self.names]
        return [f for f in self.facts if [id_ is not None for id_ in f.ids] == alone]


def agree(
    logs: Mapping[str, Log],
    *,
    since: str | None = None,
    until: str | None = None,
    seed: int = 0,
) -> Agreement:
    """Compare codings of one source, given by name.

    `since` and `until` are days: only what lies between them counts. The interval of an alpha is
    drawn from `seed`, and from nothing else.

    Raises:
        InputError: fewer than two codings or too many, too many events, no channel in common, or
            an impossible day.
    """
    part = comparable(logs, since, until)
    facts = _facts(logs, match([(log, part.events[name]) for name, log in logs.items()]))
    fields = _fields(facts, part)
    lines = [
        s
        for channel in part.channels
        for viewpoint in shared_viewpoints(logs, channel)
        for s in stretches(logs, channel, viewpoint, part.start_s, part.end_s)
    ]
    return Agreement(
        logs=dict(logs),
        channels=part.channels,
        facts=tuple(facts),
        fields=tuple(f for field in fields if (f := _measured(facts, field, seed)) is not None),
        differences=tuple(d for fact in facts for d in _differences(fact, fields)),
        setups=tuple(_setups(logs, part.channels)),
        stretches=tuple(lines),
        left_out={name: len(log.events) - len(part.events[name]) for name, log in logs.items()},
        seed=seed,
    )


def _facts(logs: Mapping[str, Log], units: Sequence[Unit]) -> list[Fact]:
    names: list[dict[str, str]] = [{} for _ in logs]
    called: dict[str, None] = {}
    for unit in units:
        name = _called(logs, unit, called)
        called[name] = None
        for known, event in zip(names, unit, strict=True):
            if event is not None:
                known[event.id] = name
    return [
        Fact(
            name,
            tuple(None if e is None else e.id for e in unit),
            unit,
            tuple(
                None if e is None else values_of(e, log.channels, known)
                for e, log, known in zip(unit, logs.values(), names, strict=True)
            ),
        )
        for name, unit in zip(called, units, strict=True)
    ]


def _called(logs: Mapping[str, Log], unit: Unit, taken: Mapping[str, None]) -> str:
    """Name a fact by the id in the first coding that has it; where another fact has that name, with
    the coding's own."""
    coder, event = next((n, e) for n, e in zip(logs, unit, strict=True) if e is not None)
    return event.id if event.id not in taken else f"{event.id} ({coder})"


def _fields(facts: Sequence[Fact], part: Part) -> list[str]:
    """List the fields that are compared, in the order of the event's form."""
    said = {f for fact in facts for values in fact.values if values for f in values}
    parties = {account_of(p) for c in part.channels for p in part.parties[c]}
    own = sorted(said - {*FIELDS} - parties)
    order = ["kind", *(f for f in FIELDS if f != "kind"), *own, *sorted(parties)]
    return [f for f in order if f in said]


def _measured(facts: Sequence[Fact], field: str, seed: int) -> FieldAgreement | None:
    """Measure the agreement in a field; None where nobody says anything in it."""
    usual, metric = default_of(field), METRICS.get(field, "nominal")
    table, events, alike, pairs = [], 0, 0, 0
    codes: dict[Value, float] = {}
    for fact in facts:
        known = [v for v in fact.values if v is not None and field in v]
        if len(known) < 2:
            continue
        events += any(v[field] != usual for v in known)
        for a, b in combinations(known, 2):
            if (a[field], b[field]) != (usual, usual):
                pairs, alike = pairs + 1, alike + (a[field] == b[field])
        table.append(
            [_number(field, metric, v, codes) if v and field in v else np.nan for v in fact.values]
        )
    if not pairs:
        return None
    measured = NOTHING
    if events >= FEW:
        measured = alpha(np.array(table, dtype=np.float64), metric, seed)
    return FieldAgreement(field, metric, events, pairs, alike, measured)


def _number(
    field: str, metric: Metric, values: Mapping[str, Value], codes: dict[Value, float]
) -> float:
    value = values[field]
    if metric == "nominal":
        return codes.setdefault(value, float(len(codes)))
    number = number_of(field, value)
    return float("nan") if number is None else number


def _differences(fact: Fact, fields: Sequence[str]) -> list[Difference]:
    found = []
    for field in fields:
        has = tuple(v is not None and field in v for v in fact.values)
        values = tuple(v[field] if v and field in v else None for v in fact.values)
        if sum(has) >= 2 and len({v for v, known in zip(values, has, strict=True) if known}) > 1:
            found.append(Difference(fact.name, field, values, has))
    return found


def _setups(logs: Mapping[str, Log], channels: Sequence[str]) -> list[SetupDifference]:
    found = []
    for channel in channels:
        for field in SETUP:
            values = tuple(_setup(log.channels[channel], field) for log in logs.values())
            if len(set(values)) > 1:
                found.append(SetupDifference(channel, field, values))
    return found


def _setup(channel: Channel, field: str) -> str:
    value = getattr(channel, field)
    if field == "lapse_days":
        said = (f"{k} {'for ever' if v is None else f'{v:g}'}" for k, v in value)
        return ", ".join(said)
    return "nothing" if value is None else str(value)
