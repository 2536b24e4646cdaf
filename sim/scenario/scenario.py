"""The scenario: what is known, who acts, what changes, and what is asked. The resolved form.

What people write is shorter: see `sim.scenario.resolve` for `extends`, for the path under
`history` and for doctrines that are named and not spelt out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, ModelWrapValidatorHandler, PrivateAttr, model_validator

from sim.ground.declared import declaring, names_in
from sim.ground.draws import MAX_REPLICATIONS, MAX_SEED
from sim.ground.schema import (
    ChannelId,
    EdtfDate,
    Line,
    Party,
    Real,
    Slug,
    Strict,
    Text,
    Whole,
    is_declarable,
)
from sim.log.events import Event
from sim.log.log import LapseDays, Log, Omitted, State
from sim.scenario.acts import ACT_RULES, RULE_OF, Act, check_fields
from sim.scenario.attention import (
    DEFAULT_ATTENTION,
    DEFAULT_LEVELS,
    MAX_ROWS,
    Burst,
    Ranks,
)
from sim.scenario.axes import Axis
from sim.scenario.conventions import Conventions
from sim.scenario.doctrine import Doctrine
from sim.scenario.fit import Fitted
from sim.scenario.governments import MAX_GOVERNMENTS, Government
from sim.scenario.inclination import Inclinations
from sim.scenario.outcomes import Outcome
from sim.scenario.unnamed import MAX_GROUPS, Unnamed

MAX_DOCTRINES = 100

Rate = Annotated[Real, Field(ge=0, le=50)]
"""A rate of opportunities, in events per day."""
Amount = Annotated[Real, Field(ge=0, le=100)]


class PartySetup(Strict):
    """A government as an actor."""

    doctrine: Slug
    """The name of its doctrine: one that ships with the program, or one under `doctrines`."""
    title: Line | None = None
    """What people call it. With a title a party may have a code of its own, three capital letters
    or digits, that is no country's."""
    principal: Line | None = None
    """The person who speaks for it, for reports."""


class Rates(Strict):
    """How often an opportunity for each act arrives at each party, in opportunities per day.

    An opportunity is a moment at which the act could happen; the doctrine says whether it does.
    """

    meet: Rate = 1 / 30
    call: Rate = 1 / 14
    raise_detainees: Rate = 1 / 30
    cancel: Rate = 1 / 2
    cut: Rate = 1 / 7
    swap: Rate = 1 / 60
    send: Rate = 0.0
    ask: Rate = 0.0
    restore: Rate = 1 / 180

    def of(self, act: Act) -> float:
        """Return the rate of an act; where forums bring its opportunities, it has none."""
        return 0.0 if RULE_OF[act].at_forum else float(getattr(self, act))


check_fields("Rates", Rates.model_fields, (r.name for r in ACT_RULES if not r.at_forum))


class ChannelSetup(Strict):
    """A channel of the simulation. What is left out comes from the history, or from the id."""

    title: Line | None = None
    """What people call the channel."""
    parties: tuple[Party, Party] | None = None
    """The two governments; those that the id names where it is left out."""
    level: Slug | None = None
    """Its level, by which `levels` ranks it; what follows `/` in its id where nothing says it."""
    line: bool | None = None
    """Whether it is a standing line, which stays open until it is cut, closed or unanswered."""
    initial: State | None = None
    """The state before the first event."""
    since: EdtfDate | None = None
    """Since when the initial state held; the start of the run or of the history by default."""
    lapse_days: LapseDays | None = None
    """How long each kind of contact keeps the channel alive."""
    complete_from: EdtfDate | None = None
    """From when the history holds all contact on this channel; the log's own date by default."""
    rates_per_day: Rates | None = None
    """Opportunity rates of this channel, instead of the scenario's."""


class Forum(Strict):
    """A multilateral meeting that both principals attend. One that does not lie wholly inside the
    run is passed over, so that scenarios can share a calendar."""

    date: EdtfDate
    """When it takes place; an approach falls somewhere inside."""
    title: Line | None = None
    place: Line | None = None
    channels: tuple[ChannelId, ...] | None = None
    """The channels whose principals attend; all channels where it is left out."""


class Person(Strict):
    """Somebody held from the start of the history on, whose arrest it does not hold."""

    held_by: Party
    national_of: Party


class Treaty(Strict):
    """The treaty that the feature `treaty_suspended` stands for."""

    name: Line = "the treaty"
    suspended: bool = False
    """Whether it is suspended before the first event."""
    parties: tuple[Party, Party] | None = None
    """The two governments that it binds; every pair where it is left out."""


class WorldStream(Strict):
    """Events that no party of the model decides, as a Poisson stream."""

    kind: Literal["escalation", "deescalation", "detention"]
    rate_per_day: Rate
    """Events per day."""
    severity: tuple[Annotated[Real, Field(gt=0, le=1)], Annotated[Real, Field(gt=0, le=1)]] = (
        0.1,
        0.5,
    )
    """Lowest and highest severity; drawn evenly between them. Of conflict events only."""
    label: Slug = "fighting"
    """What the conflict event was."""
    by: Party | None = None
    """Who escalates or gives way, where one side does."""
    channel: ChannelId | None = None
    """The channel that a conflict event reaches; every channel where it is left out."""
    held_by: Party | None = None
    """Who detains. Of detentions only."""
    national_of: Party | None = None
    """Whose nationals are detained. Of detentions only."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> WorldStream:
        detention = self.kind == "detention"
        if detention and (self.held_by is None or self.national_of is None):
            raise ValueError("a detention needs held_by and national_of")
        if not detention and (self.held_by or self.national_of):
            raise ValueError("held_by and national_of belong to detentions only")
        usual = type(self).model_fields
        idle = [
            name
            for name in ("severity", "label", "channel", "by")
            if getattr(self, name) != usual[name].default
        ]
        if detention and idle:
            raise ValueError(f"{', '.join(idle)} belong to conflict streams only")
        if self.severity[0] > self.severity[1]:
            raise ValueError("the lowest severity must not exceed the highest")
        return self


class Stock(Strict):
    """A memory that events raise and time wears down, by half every `half_life_days`."""

    half_life_days: Real = Field(ge=0.001, le=100_000)
    raised_by: dict[str, Amount] = Field(default_factory=dict, max_length=30)
    """Kind of event to the amount it adds; that of a conflict event is times its severity."""


class Stocks(Strict):
    """The four memories; `docs/model.md` gives the reason for each default."""

    grievance: Stock = Stock(
        half_life_days=90,
        raised_by={
            "contact_cut": 1.0,
            "meeting_cancelled": 0.5,
            "contact_refused": 0.15,
            "escalation": 1.0,
            "detained": 0.5,
            "treaty_suspended": 0.5,
        },
    )
    """A party's, against the other: raised by what the other does."""
    goodwill: Stock = Stock(
        half_life_days=45,
        raised_by={
            "meeting_held": 0.5,
            "call_held": 0.25,
            "corridor_talk": 0.1,
            "released": 1.0,
            "treaty_resumed": 0.5,
        },
    )
    """A party's, towards the other: raised by contact, and by the release of its nationals."""
    war: Stock = Stock(half_life_days=730, raised_by={"escalation": 2.0})
    """Between the two. A de-escalation takes away a share equal to its severity."""
    shock: Stock = Stock(
        half_life_days=5,
        raised_by={
            "escalation": 1.0,
            "contact_cut": 0.5,
            "meeting_cancelled": 0.25,
            "detained": 0.25,
        },
    )
    """A party's: raised by what the other does, and soon gone. It tells fresh news from old."""


class MeetingLead(Strict):
    """How far ahead an agreed meeting lies."""

    least: Real = Field(default=3, ge=1, le=1000)
    most: Real = Field(default=30, ge=1, le=1000)

    @model_validator(mode="after")
    def _ordered(self) -> MeetingLead:
        if self.least > self.most:
            raise ValueError("least must not exceed most")
        return self


class SetDoctrine(Strict):
    """A party's doctrine differs for a period."""

    party: Party
    doctrine: Slug
    """The name of the doctrine that it follows meanwhile."""
    start: EdtfDate = Field(alias="from")
    """The first day."""
    until: EdtfDate | None = None
    """The last day; to the end of the run where it is left out."""


class Move(Strict):
    """An event of the history happens on another date."""

    event: Slug
    to: EdtfDate


class Change(Strict):
    """One intervention: exactly one of its fields is given."""

    set_doctrine: SetDoctrine | None = None
    insert: Event | None = None
    remove: Slug | None = None
    move: Move | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Change:
        given = [
            name for name in ("set_doctrine", "insert", "remove", "move") if getattr(self, name)
        ]
        if len(given) != 1:
            raise ValueError("must hold exactly one of set_doctrine, insert, remove, move")
        return self

    @property
    def named(self) -> str | None:
        """The event of the history that it removes or moves; None for other changes."""
        return self.move.event if self.move is not None else self.remove


class Ensemble(Strict):
    """How many replications, and from which seed."""

    replications: Whole = Field(default=1000, ge=1, le=MAX_REPLICATIONS)
    seed: Whole = Field(default=1, ge=0, le=MAX_SEED)


Reported = Literal["meeting_agreed", "meeting_held", "call_held"]


class Observation(Strict):
    """What the history shows of what happened."""

    refusals_reported: Real = Field(default=1.0, gt=0, le=1)
    """The probability that a refusal is reported, and so in the history. Of what is coded there,
    `sim learn` takes this into account; a run takes no notice of it."""
    reported: dict[Reported, Annotated[Real, Field(gt=0, le=1)]] = Field(default_factory=dict)
    """The probability that a call or a meeting is in the history, where its sources can show it, by
    kind of event; 1 for kinds that are left out."""


def _has_title(data: object, code: str) -> bool:
    """Whether plain data of a scenario gives a party a title."""
    setup = data["parties"][code] if isinstance(data, Mapping) else None
    title = setup.get("title") if isinstance(setup, Mapping) else getattr(setup, "title", None)
    return is_declarable(code) and title is not None


class Scenario(Strict):
    """A scenario in its resolved form: nothing outside it is needed to run it, but for the draws of
    a fit."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    """The version of this form."""
    title: Line
    """A line."""
    question: Text
    """What the scenario asks."""
    reasons: Text | None = None
    """Why it is built as it is: a paragraph."""
    sources: tuple[Text, ...] = Field(default=(), max_length=100)
    """What the scenario rests on, beside the sources of its history."""
    history: Log | None = None
    """The coded events: a path to a log, relative to this file, or the log itself."""
    as_of: EdtfDate
    """The last date whose events are facts."""
    known: Literal["happened", "public"] = "happened"
    """Which events of the history are facts: all that had happened by `as_of`, or those that were
    public by then. The others are then left out, as if nobody had coded them."""
    until: EdtfDate
    """The last day of the run."""
    parties: dict[Party, PartySetup] = Field(min_length=2, max_length=300)
    """The parties that act, by ISO 3166 alpha-3 code, or by one that the history declares."""
    channels: dict[ChannelId, ChannelSetup] = Field(default_factory=dict, max_length=2_000)
    """The channels to simulate; all channels of the history where it is left out."""
    leave_out: tuple[Omitted, ...] = Field(default=(), max_length=len(get_args(Omitted)))
    """States that no channel is ever in, beside those that the history leaves out: contact that
    would keep one alive keeps nothing alive, but breaks the silence."""
    doctrines: dict[Slug, Doctrine] = Field(default_factory=dict, max_length=MAX_DOCTRINES)
    """Doctrines by name. A name that ships with the program need not be spelt out."""
    fit: Fitted | None = None
    """A fit: the path of its folder, relative to this file. Each replication draws its weights from
    it. A party follows them while it follows the doctrine that it has at the start."""
    inclinations: Inclinations = Field(default_factory=dict, max_length=300)
    """What a party is inclined to do towards one other party, beside its doctrine: by party, by the
    other party, and by decision."""
    governments: dict[Slug, Government] = Field(default_factory=dict, max_length=MAX_GOVERNMENTS)
    """Who governs after the as-of date, where it is not known, by id: each world draws it."""
    rates_per_day: Rates = Rates()
    """How often opportunities arrive."""
    meeting_lead_days: MeetingLead = MeetingLead()
    """How far ahead an agreed meeting lies."""
    forums: dict[Slug, Forum] = Field(default_factory=dict, max_length=2_000)
    """The multilateral meetings, by id."""
    detainees: dict[Slug, Person] = Field(default_factory=dict, max_length=1_000)
    """People held when the run starts, whom the history does not mention."""
    unnamed: dict[Slug, Unnamed] = Field(default_factory=dict, max_length=MAX_GROUPS)
    """People held on the as-of date beside those who are named, by id of a group: each world draws
    how many."""
    treaty: Treaty = Treaty()
    """The treaty that may be suspended."""
    world: dict[Slug, WorldStream] = Field(default_factory=dict, max_length=500)
    """What happens without any party's choice, by stream."""
    stocks: Stocks = Stocks()
    """What the parties remember."""
    attention: dict[Slug, Burst] = Field(default=DEFAULT_ATTENTION, max_length=MAX_ROWS)
    """After which event which question comes up, by name of the row; `{}` for none. The table that
    ships with the program where it is left out."""
    levels: Ranks = Field(default=DEFAULT_LEVELS, max_length=20)
    """The levels of channels from high to low, as the ids name them; each entry lists those of one
    rank."""
    changes: tuple[Change, ...] = Field(default=(), max_length=200)
    """Interventions. None makes a forecast; after the as-of date a policy; before it a what-if."""
    show_from: EdtfDate | None = None
    """The first day that is counted in outcomes and figures: the day after the as-of date, or in a
    what-if the day of the earliest change, where it is left out."""
    complete_from: EdtfDate | None = None
    """From when the history is complete enough to infer the noise behind it, for what-ifs; its
    first day where it is left out."""
    observation: Observation = Observation()
    """What the history shows of what happened, for `sim learn`."""
    conventions: Conventions = Conventions()
    """Rules that are conventions, with the range that each may have."""
    coupling: Literal["separate", "shared"] = "separate"
    """Whether proposing and accepting have a uniform each, or share one. No data can tell; it
    matters to what-ifs only, and `docs/what-if.md` says how much."""
    outcomes: dict[Slug, Outcome] = Field(default_factory=dict, max_length=100)
    """What is asked, by name."""
    sweep: dict[str, Axis] = Field(default_factory=dict, max_length=4)
    """Numbers of the scenario to vary, by path, such as `world.fighting.rate_per_day`: the run is
    made for every combination of given values, over the same noise."""
    ensemble: Ensemble = Ensemble()
    """How many replications, and the seed."""
    seminar: dict[str, Any] | None = None
    """What a seminar does with the scenario, round by round; a run takes no notice of it."""
    _order: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _with_its_own_names(cls, data: object, read: ModelWrapValidatorHandler[Self]) -> Self:
        """Let the parties be known that the scenario gives a title, or its history declares."""
        titled = {c for c in names_in(data, "parties") if _has_title(data, c)}
        history = data.get("history") if isinstance(data, Mapping) else None
        with declaring(titled | names_in(history, "parties"), names_in(history, "agendas")):
            return read(data)

    def __eq__(self, other: object) -> bool:
        """Compare what is said: the order of outcomes in pages means nothing."""
        return isinstance(other, Scenario) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]  # it holds mappings

    @property
    def coded(self) -> tuple[Event, ...]:
        """The events of the history; none where there is no history."""
        return () if self.history is None else self.history.events

    @property
    def inserted(self) -> tuple[Event, ...]:
        """The events that its changes insert."""
        return tuple(c.insert for c in self.changes if c.insert is not None)

    @property
    def outcome_order(self) -> list[str]:
        """The names of the outcomes in the order of the file, as pages show them. `outcomes` itself
        is sorted, so that the order of entries changes no number and no table."""
        place = {name: n for n, name in enumerate(self._order)}
        return sorted(self.outcomes, key=lambda name: (place.get(name, len(place)), name))

    def ordered(self, names: Iterable[str]) -> Scenario:
        """Return the scenario with the outcomes' order in pages."""
        scenario = self.model_copy()
        scenario._order = tuple(names)
        return scenario
