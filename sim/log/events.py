"""Events: immutable facts in the past tense, one model a kind.

Each kind names its nearest CAMEO code (Schrodt 2012) and PLOVER type (Open Event Data Alliance
2018), or says that there is none. Both code books describe acts of one actor upon another; they
have no code for a meeting that did not take place or for two ministers who pass in a corridor.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, TypeAdapter, model_validator

from sim.ground.schema import ChannelId, EdtfDate, Line, Party, Real, Slug, Strict, Text, Whole

MAX_PEOPLE = 100
"""People whom one event names; the others are counted (`unnamed`)."""

Agenda = Literal[
    "war",
    "arms_control",
    "detainees",
    "bilateral",
    "regional",
    "humanitarian",
    "embassies",
    "other",
]
"""What a contact was about. `detainees` alone marks a contact confined to detainees."""

ContactKind = Literal[
    "meeting_held", "call_held", "corridor_talk", "copresence", "contact_refused", "statement"
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


class Occurrence(Strict):
    """The fields common to every event."""

    id: Slug
    """A stable id, unique in its log."""
    date: EdtfDate
    """When it happened, as precisely as the source says and no more."""
    coded_date: EdtfDate | None = None
    """The date as it was coded, where `date` is an instant that a run drew from it."""
    channel: ChannelId | None = None
    """The channel it happened on; none for an event of the world, which reaches every channel."""
    by: Party | None = None
    """The initiator, where it is known."""
    agenda: tuple[Agenda, ...] = ()
    """What it was about; none where the source does not say, which counts as a general agenda."""
    place: Line | None = None
    """Where it happened."""
    forum: Slug | None = None
    """The multilateral meeting at whose margin it happened."""
    minutes: Real | None = Field(default=None, gt=0, le=100_000)
    """How long it took, in minutes."""
    minutes_are: Literal["exact", "about", "under"] = "exact"
    """How to read `minutes`."""
    accounts: dict[Party, Account] = Field(default_factory=dict, max_length=10)
    """Each party's telling of the event."""
    causes: tuple[Slug, ...] = Field(default=(), max_length=50)
    """Ids of earlier events that this one answers or depends on."""
    source: Source | None = None
    """Where it was read; none for an event of a simulated run."""
    coder: Line | None = None
    """Who coded it."""
    decided_by: dict[Party, Literal["doctrine", "person"]] = Field(
        default_factory=dict, max_length=10
    )
    """Who decided for each party that had a say; of events of a simulated run."""
    summary: Text | None = None
    """What happened, in the coder's own words."""
    doubt: Text | None = None
    """Why the fact or its date is doubtful; none where it is not."""


class ChannelOccurrence(Occurrence):
    """An event that must name its channel."""

    channel: ChannelId
    """The channel it happened on."""


class MeetingAgreed(ChannelOccurrence):
    """The two parties agreed to meet on a date. CAMEO 030, 036; PLOVER CONSULT (intent)."""

    kind: Literal["meeting_agreed"]
    meeting_date: EdtfDate
    """The date agreed for the meeting."""


class MeetingHeld(ChannelOccurrence):
    """The principals met by arrangement. CAMEO 042, 043, 044; PLOVER CONSULT."""

    kind: Literal["meeting_held"]


class CallHeld(ChannelOccurrence):
    """The principals spoke by telephone or video. CAMEO 041; PLOVER CONSULT."""

    kind: Literal["call_held"]


class CorridorTalk(ChannelOccurrence):
    """A brief, unarranged exchange where paths crossed.
    No CAMEO or PLOVER code: 040 says too much."""

    kind: Literal["corridor_talk"]


class Copresence(ChannelOccurrence):
    """Both principals attended a forum and did not talk. No CAMEO or PLOVER code."""

    kind: Literal["copresence"]


class ContactRefused(ChannelOccurrence):
    """A party declined a contact that the other asked for; `by` is the one who declined.
    CAMEO 120, 125; PLOVER REJECT."""

    kind: Literal["contact_refused"]


class MeetingCancelled(ChannelOccurrence):
    """A party called off an agreed meeting. No CAMEO or PLOVER code; 1244 and REJECT come near."""

    kind: Literal["meeting_cancelled"]


class ContactCut(ChannelOccurrence):
    """A party ended contact on the channel. CAMEO 160, 161; PLOVER SANCTION."""

    kind: Literal["contact_cut"]


class ContactRestored(ChannelOccurrence):
    """Regular contact on the channel was declared restored. CAMEO 050, 054; PLOVER COOPERATE."""

    kind: Literal["contact_restored"]


class DetaineeOccurrence(Occurrence):
    """An event about people of one party held by the other."""

    persons: tuple[Slug, ...] = Field(min_length=1, max_length=MAX_PEOPLE)
    """The people concerned, by slug."""
    held_by: Party
    """The party that holds them."""
    national_of: Party
    """The party whose nationals they are."""
    unnamed: Whole = Field(default=0, ge=0, le=1_000_000_000)
    """How many more people there were whom the log does not name."""

    @model_validator(mode="after")
    def _two_parties(self) -> DetaineeOccurrence:
        if self.held_by == self.national_of:
            raise ValueError("held_by and national_of must differ")
        return self


class Detained(DetaineeOccurrence):
    """A party arrested nationals of the other. CAMEO 173; PLOVER COERCE (arrest)."""

    kind: Literal["detained"]


class Sentenced(DetaineeOccurrence):
    """A court of the holder sentenced them. CAMEO 173; PLOVER COERCE (arrest) comes near."""

    kind: Literal["sentenced"]
    years: Real | None = Field(default=None, gt=0, le=1000)
    """The length of the sentence, in years."""


class SwapProposed(Occurrence):
    """A party proposed an exchange of detainees.
    CAMEO 022, 0331; PLOVER COOPERATE (intent)."""

    kind: Literal["swap_proposed"]
    persons: tuple[Slug, ...] = Field(default=(), max_length=MAX_PEOPLE)
    """The people that the proposal names, by slug."""


class SwapRefused(Occurrence):
    """A party declined an exchange; `by` is the one who declined. CAMEO 120; PLOVER REJECT."""

    kind: Literal["swap_refused"]
    persons: tuple[Slug, ...] = Field(default=(), max_length=MAX_PEOPLE)
    """The people that the proposal named, by slug."""


class Released(DetaineeOccurrence):
    """The holder let them go. CAMEO 0841; PLOVER RETREAT (release)."""

    kind: Literal["released"]


class TreatySuspended(Occurrence):
    """A party suspended its part in a treaty. CAMEO 128 comes near; PLOVER REJECT."""

    kind: Literal["treaty_suspended"]
    treaty: Line
    """The treaty's name."""


class TreatyResumed(Occurrence):
    """A party resumed its part in a treaty. CAMEO 057 comes near; PLOVER AGREE."""

    kind: Literal["treaty_resumed"]
    treaty: Line
    """The treaty's name."""


class ConflictOccurrence(Occurrence):
    """An event of the conflict that the channel lives beside."""

    severity: Real = Field(gt=0, le=1)
    """How grave, in (0, 1]; 1 is a full-scale invasion."""
    label: Slug
    """What it was, such as `recognition`, `deployment` or `invasion`."""


class Escalation(ConflictOccurrence):
    """The conflict grew. CAMEO 13, 15, 18, 19, 20; PLOVER THREATEN, MOBILIZE, ASSAULT."""

    kind: Literal["escalation"]


class Deescalation(ConflictOccurrence):
    """The conflict shrank. CAMEO 087; PLOVER RETREAT."""

    kind: Literal["deescalation"]


class Statement(Occurrence):
    """Words only: nothing moves. CAMEO 010, 011, 02; PLOVER none."""

    kind: Literal["statement"]


Event = Annotated[
    MeetingAgreed
    | MeetingHeld
    | CallHeld
    | CorridorTalk
    | Copresence
    | ContactRefused
    | MeetingCancelled
    | ContactCut
    | ContactRestored
    | Detained
    | Sentenced
    | SwapProposed
    | SwapRefused
    | Released
    | TreatySuspended
    | TreatyResumed
    | Escalation
    | Deescalation
    | Statement,
    Field(discriminator="kind"),
]
"""One coded fact: a union told apart by `kind`."""

EVENT: TypeAdapter[Event] = TypeAdapter(Event)

MODELS: tuple[type[Occurrence], ...] = get_args(get_args(Event)[0])
KINDS: tuple[str, ...] = tuple(get_args(m.model_fields["kind"].annotation)[0] for m in MODELS)
"""Every kind of event; an event's code in arrays is its place here."""
KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}
CONFLICT = frozenset(k for k, m in zip(KINDS, MODELS, strict=True) if "severity" in m.model_fields)
"""Kinds of event that have a severity."""
ON_CHANNEL = frozenset(
    k for k, m in zip(KINDS, MODELS, strict=True) if issubclass(m, ChannelOccurrence)
)
"""Kinds of event that name their channel."""
OF_PEOPLE = tuple(
    k for k, m in zip(KINDS, MODELS, strict=True) if issubclass(m, DetaineeOccurrence)
)
"""Kinds of event about people who are held."""
