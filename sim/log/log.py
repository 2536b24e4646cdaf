"""The log: channels, sources and events, and the order in which the events are folded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from sim.ground.countries import country_name
from sim.ground.dates import DAY_S
from sim.ground.declared import declaring, names_in
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
from sim.log.coverage import Coverage, not_shown
from sim.log.events import Event
from sim.rules.contact import FOR_EVER, NOT_AT_ALL

State = Literal["open", "cut_off", "prisoner_only", "corridor"]
Omitted = Literal["prisoner_only", "corridor"]
"""A state that a channel may do without."""
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

    def in_seconds(self, leave_out: Collection[State] = ()) -> tuple[int, ...]:
        """Return what general contact adds, and then how far ahead contact keeps each of `SUPPORTS`
        alive; FOR_EVER where it is without end, NOT_AT_ALL of states that are left out."""
        most = None if self.open is None else self.open_at_most
        ahead = None if most is None else round(most * DAY_S)
        lasts = (ahead if state == "open" else self.seconds(state) for state in SUPPORTS)
        adds, *kept = (FOR_EVER if s is None else s for s in (self.seconds("open"), *lasts))
        kept = [NOT_AT_ALL if n in leave_out else s for n, s in zip(SUPPORTS, kept, strict=True)]
        return adds, *kept


if {*LapseDays.model_fields} - {"open_at_most"} != {*STATES} - {"cut_off"}:
    raise TypeError(f"LapseDays must have a field for each of STATES but cut_off: {STATES}")


class Channel(Strict):
    """A standing relation of contact between two parties at one level."""

    parties: tuple[Party, Party]
    """The two governments."""
    title: Line | None = None
    """What people call the channel."""
    level: Slug | None = None
    """Its level, by which `levels` of a scenario ranks it; what follows `/` in its id where it is
    left out. Channels of one level stand side by side."""
    line: bool = False
    """Whether it is a standing line, such as a hotline or a liaison office: it stays open until it
    is cut, closed or goes unanswered, unless `lapse_days` says otherwise."""
    initial: State = "open"
    """The state before the first event, for every viewpoint."""
    since: EdtfDate | None = None
    """Since when the initial state held, as far as the log knows; before it the state is not known.
    The day of the first event where it is not given."""
    lapse_days: LapseDays = LapseDays()
    """How long each kind of contact keeps the channel alive."""
    leave_out: tuple[Omitted, ...] = Field(default=(), max_length=len(get_args(Omitted)))
    """States that the channel is never in: contact that would keep one alive keeps nothing alive.
    It breaks the silence all the same."""
    complete_from: EdtfDate | None = None
    """From when the log holds all contact on this channel. Before it silence is no evidence, and
    nothing lapses; nothing lapses in a log that does not say it."""
    coverage: Coverage | None = Field(default=None, min_length=1, max_length=50)
    """What the log's sources can show of this channel: which kinds of event, of which side, since
    when. That nothing else is coded says nothing, and is no silence. All where it is left out."""

    @model_validator(mode="before")
    @classmethod
    def _stands(cls, data: object) -> object:
        """Let a standing line stay open for ever, where it does not say for how long."""
        if not isinstance(data, Mapping) or data.get("line") is not True:
            return data
        lapse = data.get("lapse_days", {})
        if isinstance(lapse, LapseDays) and "open" not in lapse.model_fields_set:
            lapse = lapse.model_copy(update={"open": None})
        elif isinstance(lapse, Mapping) and "open" not in lapse:
            lapse = {**lapse, "open": None}
        return {**data, "lapse_days": lapse}

    @model_validator(mode="after")
    def _may_begin(self) -> Channel:
        if self.initial in self.leave_out:
            raise ValueError(f"initial must not be left out: {self.initial}")
        return self

    @property
    def tells_silence(self) -> bool:
        """Whether the sources show all contact, so that silence is not what they cannot show."""
        return not not_shown(self.coverage, self.parties)

    @property
    def states(self) -> tuple[State, ...]:
        """The states that it may be in."""
        return tuple(state for state in STATES if state not in self.leave_out)

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write the days of a standing line, also where they are the default of other channels."""
        data: dict[str, Any] = write(self)
        if self.line and self.lapse_days.open is not None:
            data["lapse_days"] = {**data.get("lapse_days", {}), "open": self.lapse_days.open}
        return data


def level_of(id_: str, channel: Channel) -> str:
    """Return the level of a channel."""
    return channel.level or id_.partition("/")[2]


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

    schema_version: Literal[4] = Field(default=4, alias="schema")
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
        return self.parties[code].title if code in self.parties else country_name(code)
