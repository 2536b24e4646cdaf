"""The log: channels, sources and events, and the order in which the events are folded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    model_validator,
)

from sim.ground.countries import countries
from sim.ground.dates import DAY_S, parse
from sim.ground.declared import declaring, names_in
from sim.ground.errors import Broken, did_you_mean
from sim.ground.schema import (
    MAX_EVENTS,
    MAX_TEXT,
    ChannelId,
    EdtfDate,
    Line,
    Party,
    Real,
    Slug,
    Strict,
    Text,
    is_declarable,
    one_line,
)
from sim.ground.states import STATE_LABELS
from sim.log.events import Detained, Event, Released
from sim.rules.contact import FOR_EVER

State = Literal["open", "cut_off", "prisoner_only", "corridor"]
STATES: tuple[State, ...] = get_args(State)
"""The channel states; a state's code in arrays is its place here."""
SUPPORTS: tuple[State, ...] = ("open", "prisoner_only", "corridor")
"""The states that contact keeps alive, widest first; a view holds an instant of expiry for each."""

if {*SUPPORTS} != {*STATES} - {"cut_off"}:
    raise TypeError(f"SUPPORTS must list each of STATES but cut_off, widest first: {STATES}")

if {*STATE_LABELS} != {*STATES}:
    raise TypeError(f"STATE_LABELS must name each of STATES: {STATES}")

HeaderText = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(one_line)]
Days = Annotated[Real, Field(ge=1, le=100_000)]


class LapseDays(Strict):
    """How long each kind of contact keeps the channel alive, in days; null for ever."""

    open: Days | None = 60
    """Days that each general contact adds to the time for which the channel is open."""
    open_at_most: Days | None = 180
    """How many days ahead general contact can keep the channel open."""
    prisoner_only: Days | None = 180
    """Days for which a contact that is confined to detainees keeps that line alive."""
    corridor: Days | None = 30
    """Days for which words in a corridor count."""

    @model_validator(mode="after")
    def _room(self) -> LapseDays:
        step, most = self.open, self.open_at_most
        if step is not None and most is not None and most < step:
            raise ValueError(f"open_at_most must not be less than open: {most:g} < {step:g}")
        return self

    def seconds(self, state: State) -> int | None:
        """Return the days of a state in whole seconds, or None for never."""
        days = None if state == "cut_off" else getattr(self, state)
        return None if days is None else round(days * DAY_S)

    def in_seconds(self) -> tuple[int, ...]:
        """Return what general contact adds, and then how far ahead contact keeps each of `SUPPORTS`
        alive; FOR_EVER where it is without end."""
        most = None if self.open is None else self.open_at_most
        ahead = None if most is None else round(most * DAY_S)
        lasts = (ahead if state == "open" else self.seconds(state) for state in SUPPORTS)
        return tuple(FOR_EVER if s is None else s for s in (self.seconds("open"), *lasts))


if {*LapseDays.model_fields} - {"open_at_most"} != {*STATES} - {"cut_off"}:
    raise TypeError(f"LapseDays must have a field for each of STATES but cut_off: {STATES}")


class Channel(Strict):
    """A standing relation of contact between two parties at one level."""

    parties: tuple[Party, Party]
    """The two governments."""
    title: Line | None = None
    """What people call the channel."""
    initial: State = "open"
    """The state before the first event, for every viewpoint."""
    since: EdtfDate | None = None
    """Since when the initial state held, as far as the log knows; before it the state is not known.
    The day of the first event where it is not given."""
    lapse_days: LapseDays = LapseDays()
    """How long each kind of contact keeps the channel alive."""
    complete_from: EdtfDate | None = None
    """From when the log holds all contact on this channel. Before it silence is no evidence, and
    nothing lapses; nothing lapses in a log that does not say it."""


class Reference(Strict):
    """A document that events were read in."""

    title: Line
    author: Line | None = None
    publisher: Line | None = None
    date: EdtfDate | None = None
    url: Line | None = None


def _number(value: object) -> object:
    """Python takes True for 1; a reader of YAML does not."""
    return str(value).lower() if isinstance(value, bool) else value


LEFT_OUT = "events_left_out"
"""The entry of a log's header that says how many later events it does not hold."""
MADE_BY = frozenset(
    ("scenario_sha256", "seed", "replication", "level", "backchannel", "python", "played", LEFT_OUT)
)
"""What the header of a log that a run wrote may say."""


class Titled(Strict):
    """What people call a party or an agenda that a log declares."""

    title: Line
    """Its name."""


class Log(Strict):
    """A log of coded events: the only source of truth."""

    schema_version: Literal[3] = Field(default=3, alias="schema")
    """The version of this form."""
    rulebook: Annotated[Literal[2], BeforeValidator(_number)] = 2
    """The rulebook by which events move states."""
    title: Line
    """What the log is about."""
    description: Text | None = None
    """A paragraph on how it came about and what it leaves out."""
    parties: dict[Party, Titled] = Field(default_factory=dict, max_length=300)
    """Parties that have no ISO 3166 code, such as an organisation, a movement or a mediator, by a
    code of three capital letters or digits; and countries that go by another name here."""
    agendas: dict[Slug, Titled] = Field(default_factory=dict, max_length=100)
    """Agendas of the log's own, by id."""
    channels: dict[ChannelId, Channel] = Field(min_length=1, max_length=2_000)
    """The channels, by id."""
    sources: dict[Slug, Reference] = Field(default_factory=dict, max_length=2_000)
    """The documents that events refer to, by id."""
    header: dict[HeaderText, HeaderText | int] = Field(default_factory=dict, max_length=50)
    """What made the log, for a log that a run wrote: versions, digest, seed, replication."""
    events: tuple[Event, ...] = Field(default=(), max_length=MAX_EVENTS)
    """The events, in any order."""

    @model_validator(mode="wrap")
    @classmethod
    def _with_its_own_names(cls, data: object, read: ModelWrapValidatorHandler[Self]) -> Self:
        """Let the parties and agendas be known that the log declares."""
        parties = {code for code in names_in(data, "parties") if is_declarable(code)}
        with declaring(parties, names_in(data, "agendas")):
            return read(data)

    @property
    def by_run(self) -> bool:
        """Whether a run wrote it: it then holds one world whole, and not what a coder found."""
        return "backchannel" in self.header

    def name_of(self, code: str) -> str:
        """Return what people call a party."""
        return self.parties[code].title if code in self.parties else countries().get(code, code)


SIMULATED = "sim."
"""How the id of an event begins that a run wrote; at one instant it comes after coded ones."""


def causal_order(events: Mapping[str, Event]) -> list[str]:
    """Order ids so that causes come before effects, coded events before simulated, then by id.

    Raises:
        ValueError: the causes form a circle; the message names its events.
    """
    order = _ordered(events)
    if len(order) < len(events):
        raise ValueError(f"causes form a circle: {', '.join(_circles(events, order)[0])}")
    return order


def _ordered(events: Mapping[str, Event]) -> list[str]:
    """Order ids as `causal_order` does; those on a circle, or after one, are left out."""
    effects: dict[str, list[str]] = {id_: [] for id_ in events}
    missing = {id_: len({c for c in e.causes if c in events}) for id_, e in events.items()}
    for id_, event in events.items():
        for cause in {c for c in event.causes if c in events}:
            effects[cause].append(id_)
    ready = [(id_.startswith(SIMULATED), id_) for id_, n in missing.items() if n == 0]
    heapify(ready)
    order: list[str] = []
    while ready:
        _, id_ = heappop(ready)
        order.append(id_)
        for effect in effects[id_]:
            missing[effect] -= 1
            if missing[effect] == 0:
                heappush(ready, (effect.startswith(SIMULATED), effect))
    return order


def _circles(events: Mapping[str, Event], order: list[str]) -> list[list[str]]:
    """List circles of causes, each from its first id on, among the events that have no order."""
    left = set(events) - set(order)
    circles: list[list[str]] = []
    walked: set[str] = set()
    for id_ in sorted(left):
        trail: dict[str, None] = {}
        while id_ not in trail and id_ not in walked:
            trail[id_] = None
            id_ = min(c for c in events[id_].causes if c in left)
        walked.update(trail)
        steps = list(trail)
        if id_ in trail:
            circle = steps[steps.index(id_) :]
            first = circle.index(min(circle))
            circles.append(circle[first:] + circle[:first])
    return circles


def latest(events: Mapping[str, Event], order: list[str]) -> dict[str, int]:
    """Return for each event the end (exclusive) of the instants that leave room for its effects."""
    ends = {id_: parse(events[id_].date).hi_s for id_ in order}
    for id_ in reversed(order):
        for cause in events[id_].causes:
            if cause in ends:
                ends[cause] = min(ends[cause], ends[id_])
    return ends


def canonical_times(events: Iterable[Event]) -> dict[str, int]:
    """Give each event its canonical instant, in seconds, keyed by id.

    It is the middle of the span that the date covers (noon for a day), moved inside the span as
    far as causes and effects need it, so that no event comes before its cause.
    """
    by_id = {e.id: e for e in events}
    order = causal_order(by_id)
    ends = latest(by_id, order)
    times: dict[str, int] = {}
    for id_ in order:
        span = parse(by_id[id_].date)
        earliest = max([span.lo_s, *(times[c] for c in by_id[id_].causes if c in times)])
        wish = max(span.midpoint_s, earliest)
        times[id_] = min(wish, max(ends[id_] - 1, earliest))
    return times


def in_order(events: Iterable[Event], times: Mapping[str, int]) -> list[Event]:
    """Sort events by instant; at one instant as `causal_order` does."""
    by_id = {e.id: e for e in events}
    rank = {id_: n for n, id_ in enumerate(causal_order(by_id))}
    return sorted(by_id.values(), key=lambda e: (times[e.id], rank[e.id]))


def broken_rules(log: Log) -> Iterable[Broken]:
    """Yield (path, rule, value) for each rule that holds between the parts of a log."""
    on: dict[str | None, list[Event]] = {}
    for event in log.events:
        on.setdefault(event.channel, []).append(event)
    for key in sorted(log.header.keys() - MADE_BY):
        yield ("header", key), f"unknown key{did_you_mean(key, MADE_BY)}", ...
    for id_, channel in log.channels.items():
        yield from channel_rules(id_, channel.parties, ("channels", id_))
        yield from since_rules(id_, channel.since, on.get(id_, ()), ("channels", id_))
    seen: set[str] = set()
    ids = {e.id for e in log.events}
    parties = {p for c in log.channels.values() for p in c.parties}
    for i, event in enumerate(log.events):
        at: tuple[str | int, ...] = ("events", i)
        if event.id in seen:
            yield (*at, "id"), "the id stands here twice", event.id
        seen.add(event.id)
        yield from event_rules(event, at, log.channels, parties, ids)
        if event.source is not None and event.source.document not in log.sources:
            hint = did_you_mean(event.source.document, log.sources)
            rule = f"must name a document under sources{hint}"
            yield (*at, "source", "document"), rule, event.source.document
    yield from order_rules(log.events)
    if not log.by_run:  # a run may free somebody whom a coded event frees again
        yield from people_rules(log.events)


def channel_rules(
    id_: str, parties: tuple[str, str], at: tuple[str | int, ...]
) -> Iterable[Broken]:
    """Yield the broken rules of a channel's id and parties."""
    if parties[0] == parties[1]:
        yield (*at, "parties"), "must name two different parties", "-".join(parties)
    elif {p.lower() for p in parties} != set(id_[:7].split("-")):
        yield (*at, "parties"), "must be the two parties that the id names", "-".join(parties)


def since_rules(
    id_: str, since: str | None, events: Iterable[Event], at: tuple[str | int, ...]
) -> Iterable[Broken]:
    """Yield the broken rule of a channel whose initial state begins after its first event."""
    own = [e for e in events if e.channel == id_] if since is not None else []
    first = min(own, key=lambda e: (parse(e.date).lo_s, e.id), default=None)
    if since is not None and first is not None and parse(since).lo_s > parse(first.date).lo_s:
        rule = f"must not lie after the channel's first event, {first.id} of {first.date}"
        yield (*at, "since"), rule, since


def event_rules(
    event: Event,
    at: tuple[str | int, ...],
    channels: Mapping[str, Channel],
    parties: set[str],
    ids: set[str],
) -> Iterable[Broken]:
    """Yield the broken rules of one event against the channels, parties and ids around it."""
    if event.channel is not None and event.channel in channels:
        parties = set(channels[event.channel].parties)
    elif event.channel is not None:
        rule = f"must name a channel of the log{did_you_mean(event.channel, channels)}"
        yield (*at, "channel"), rule, event.channel
    concerned = [("by", event.by), ("held_by", getattr(event, "held_by", None))]
    concerned.append(("national_of", getattr(event, "national_of", None)))
    for name, party in concerned:
        if party is not None and party not in parties:
            yield (*at, name), f"must be one of {_few(parties)}", party
    for party in event.accounts:
        if party not in parties:
            yield (*at, "accounts", party), f"must be one of {_few(parties)}", party
    if event.accounts and event.channel is None:
        yield (*at, "accounts"), "accounts belong to events on a channel", ", ".join(event.accounts)
    for n, cause in enumerate(event.causes):
        if cause not in ids:
            rule = f"must name an event of the log{did_you_mean(cause, ids)}"
            yield (*at, "causes", n), rule, cause
        elif cause == event.id:
            yield (*at, "causes", n), "an event must not cause itself", cause
    if event.coded_date is not None:
        drawn, coded = parse(event.date), parse(event.coded_date)
        if drawn.lo_s < coded.lo_s or drawn.hi_s > coded.hi_s:
            yield (*at, "coded_date"), f"must cover the date {event.date}", event.coded_date
    agreed = parse(event.coded_date or event.date).lo_s  # a run may draw it after its meeting's day
    if event.kind == "meeting_agreed" and parse(event.meeting_date).hi_s <= agreed:
        yield (*at, "meeting_date"), "must not lie before the agreement", event.meeting_date


def order_rules(
    events: Iterable[Event],
) -> Iterable[Broken]:
    """Yield the broken rules about causes and dates: no circles, no effect before its cause."""
    place = {e.id: i for i, e in enumerate(events)}
    by_id = {e.id: e for e in events}
    order = _ordered(by_id)
    for circle in _circles(by_id, order):
        if len(circle) > 1:  # an event that causes itself is reported by `event_rules`
            at = ("events", place[circle[0]], "causes")
            yield at, "must not form a circle", ", ".join(circle)
    earliest: dict[str, tuple[int, str]] = {}
    for id_ in order:
        event, span = by_id[id_], parse(by_id[id_].date)
        known = [earliest[c] for c in event.causes if c in earliest]
        earliest[id_] = max([(span.lo_s, id_), *known])
        if earliest[id_][0] >= span.hi_s:
            cause = by_id[earliest[id_][1]]
            rule = f"must not lie before its cause {cause.id} of {cause.date}"
            yield ("events", place[id_], "date"), rule, event.date
            earliest[id_] = (span.lo_s, id_)


def people_rules(events: Iterable[Event]) -> Iterable[Broken]:
    """Yield the broken rules about people: nobody is let go by who does not hold them, or again
    without a new arrest. A release whose arrest is not in the log is no error."""
    held: dict[str, Detained | Released] = {}
    places = {e.id: i for i, e in enumerate(events)}
    coded = [e for e in events if isinstance(e, Detained | Released)]
    for event in sorted(coded, key=lambda e: (parse(e.date).lo_s, parse(e.date).hi_s, e.id)):
        for n, person in enumerate(event.persons):
            last = held.get(person, event)
            sure = last.id in event.causes or parse(last.date).hi_s <= parse(event.date).lo_s
            at = ("events", places[event.id], "persons", n)
            if last is event or event.kind == "detained":
                pass
            elif sure and last.kind == "released":
                yield at, f"is free already, since {last.id} of {last.date}", person
            elif last.kind == "detained" and last.held_by != event.held_by:
                yield at, f"is held by {last.held_by}, since {last.id} of {last.date}", person
            held[person] = event


def _few(parties: set[str]) -> str:
    listed = sorted(parties)
    return ", ".join(listed) if len(listed) <= 8 else ", ".join(listed[:8]) + ", ..."
