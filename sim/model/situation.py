"""The situation of one replication: what is so, folded event by event. Nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass

from sim.log.events import KIND_CODE
from sim.log.kinds import KIND_RULES, LESS
from sim.log.log import STATES, SUPPORTS
from sim.log.rulebook import ENDED
from sim.model.bursts import NOWHERE, Origin
from sim.model.compiled_scenario import VIEWS, CompiledScenario, pairs_of
from sim.rules.contact import (
    CUT,
    NO_EFFECT,
    NOTHING,
    TALK,
    effect_on,
    kept_until,
    kind_kept,
    lapsed,
    last_contact,
    widest,
)
from sim.rules.features import Memory, Perceived, left_of, standing_of, values_of
from sim.rules.telling import AS_IS, confined_told, kind_told

CUT_OFF = STATES.index("cut_off")
ALIVE = tuple(STATES.index(state) for state in SUPPORTS)
"""The states that contact keeps alive, as codes, widest first."""
SLOT = tuple(SUPPORTS.index(state) if state in SUPPORTS else NOTHING for state in STATES)
"""[states] the place of a state in `SUPPORTS`."""
DETAINED, RELEASED = KIND_CODE["detained"], KIND_CODE["released"]
ESCALATION, DEESCALATION = KIND_CODE["escalation"], KIND_CODE["deescalation"]
SUSPENDED, RESUMED = KIND_CODE["treaty_suspended"], KIND_CODE["treaty_resumed"]
AGREED = KIND_CODE["meeting_agreed"]
ENDS_PENDING = frozenset(KIND_CODE[k] for k, rule in KIND_RULES.items() if rule.ends_meeting)
GRIEVANCE, GOODWILL, WAR, SHOCK = range(4)


@dataclass(slots=True)
class SimulatedEvent:
    """An event inside a run, in codes."""

    at_s: int
    kind: int
    channel: int = -1
    """-1 for an event that reaches several channels."""
    by: int = -1
    """The initiating party; -1 where unknown."""
    confined: int = 0
    """1 where the agenda is detainees alone."""
    told: tuple[int, int] = (AS_IS, AS_IS)
    """How each side tells it."""
    severity: float = 1.0
    persons: int = 0
    """How many people are detained or released."""
    national: int = -1
    """Whose nationals they are."""
    holder: int = -1
    """Who holds them."""
    meeting_s: int = -1
    """When an agreed meeting is to be held."""
    cause: int = -1
    """The place in the run of the event that this one answers; -1 for none."""
    forum: int = -1
    stream: int = -1
    """The stream whose opportunity it was; -1 for a fact."""
    fact: int = -1
    """The fact that it is; -1 for a simulated event."""
    deciders: tuple[tuple[int, bool], ...] = ()
    """Who decided it: (party, whether a person did); none for a fact or an event of the world."""
    origin: Origin = NOWHERE
    """What it came of, by which the bursts that it opens are known."""
    opens: int = -1
    """The coded event whose bursts it opens; -1 where it opens its own."""


@dataclass(slots=True)
class Seen:
    """A channel as one view sees it."""

    state: int
    since_s: int
    contact_s: int
    until: list[int]
    """When each kind of contact ends that keeps the channel alive; see `SUPPORTS`."""


def state_of(until: list[int], at_s: int) -> int:
    """Return the state, as a code, in which contact keeps a channel at an instant."""
    kind = widest(until, at_s)
    return CUT_OFF if kind == NOTHING else ALIVE[kind]


@dataclass(slots=True)
class Pending:
    """An agreed meeting."""

    at_s: int
    telling: tuple[float, float]
    """The uniforms by which each side will tell it."""
    cause: int
    """The place in the run of the agreement."""
    by: int
    fact: int = -1
    """The fact that agreed it; -1 for a simulated agreement."""
    origin: Origin = NOWHERE
    """What the agreement came of, and so its meeting."""
    by_log: bool = False
    """Whether the log of a what-if holds the meeting itself, on its date."""


class Situation:
    """Everything that decisions look at, and the path of states that led here."""

    def __init__(self, program: CompiledScenario) -> None:
        self.program = program
        channels, dyads = program.channels, len(program.dyad_party)
        self.seen = [
            [Seen(int(s), int(t), int(last), until.tolist()) for _ in range(VIEWS)]
            for s, t, last, until in zip(
                channels.initial,
                channels.since_s,
                channels.contact_s,
                channels.until_s,
                strict=True,
            )
        ]
        self.path: list[list[list[tuple[int, int, int]]]] = [
            [[(v.since_s, v.state, -1)] for v in views] for views in self.seen
        ]
        """[channel][view] list of (instant, state, place of the event; -1 for start or lapse)."""
        self.stocks = [[[0.0, 0.0], [0.0, 0.0], [0.0], [0.0, 0.0]] for _ in range(dyads)]
        """[dyad][stock][side] value when last touched; war has one side."""
        self.touched = [[[0, 0], [0, 0], [0], [0, 0]] for _ in range(dyads)]
        self.held = program.held.tolist()
        self.suspended = program.suspended.tolist()
        self.pending: list[Pending | None] = [None] * len(self.seen)
        self.doctrine = program.doctrines.initial.tolist()
        self.happenings: list[SimulatedEvent] = []
        # plain lists are faster to read one by one than arrays
        self.lapse_s = channels.lapse_s.tolist()
        self.complete_s = channels.complete_s.tolist()
        self.dyad = channels.dyad.tolist()
        self.party = channels.party.tolist()
        self.line = channels.line.tolist()
        self.effect = program.rules.effect.tolist()
        self.raises = program.rules.raises.tolist()
        self.decay = program.rules.decay_per_s.tolist()
        self.dyad_party = program.dyad_party.tolist()

    # ------------------------------------------------------------------------------ looking

    def settle(self, channel: int, view: int, at_s: int) -> Seen:
        """Return a view of a channel at an instant, after any lapses before it."""
        seen = self.seen[channel][view]
        while lapsed(SLOT[seen.state], ends := seen.until[SLOT[seen.state]], at_s):
            seen.state, seen.since_s = state_of(seen.until, ends), ends
            self.path[channel][view].append((ends, seen.state, -1))
        return seen

    def stock(self, dyad: int, which: int, side: int, at_s: int) -> float:
        """Return what is left of a stock at an instant."""
        return left_of(self.memory(dyad, which, side), at_s)

    def memory(self, dyad: int, which: int, side: int) -> Memory:
        """Return a stock as it was last touched."""
        value, touched_s = self.stocks[dyad][which][side], self.touched[dyad][which][side]
        return Memory(value, touched_s, self.decay[which])

    def features(self, channel: int, side: int, at_s: int) -> tuple[float, ...]:
        """Return what a side's decisions look at, in the order of `FEATURES`."""
        self.settle(channel, 1 + side, at_s)
        return values_of(self.perceived(channel, side, at_s))

    def perceived(self, channel: int, side: int, at_s: int) -> Perceived:
        """Return what a side perceives; lapses before the instant must have happened."""
        seen, dyad = self.seen[channel][1 + side], self.dyad[channel]
        return Perceived(
            at_s,
            standing_of(seen.state, seen.until),
            seen.contact_s,
            self.memory(dyad, GRIEVANCE, side),
            self.memory(dyad, GOODWILL, side),
            self.memory(dyad, WAR, 0),
            self.memory(dyad, SHOCK, side),
            self.held[dyad][side],
            self.held[dyad][1 - side],
            self.suspended[dyad],
            int(self.pending[channel] is not None),
        )

    # ------------------------------------------------------------------------------ applying

    def apply(self, happening: SimulatedEvent) -> int:
        """Fold one event; return its place in the run."""
        place = len(self.happenings)
        self.happenings.append(happening)
        kinds, confined = self.readings(happening)
        for channel in self.channels_of(happening):
            for view in range(VIEWS):
                self.move(happening, channel, place, view, kinds[view], confined[view])
        for dyad in self.reached(happening):
            self.remember(happening, dyad, kinds)
        if happening.kind in ENDS_PENDING:
            for channel in self.channels_of(happening):
                self.pending[channel] = None
        return place

    def channels_of(self, happening: SimulatedEvent) -> list[int]:
        """List the channels on which an event happened: of a coded one there may be several."""
        if happening.channel < 0:
            return []
        return [happening.channel, *self.program.facts.also_on(happening.fact)]

    def readings(self, happening: SimulatedEvent) -> tuple[list[int], list[int]]:
        """Return the kind and the agenda as the observer and each side take them."""
        if happening.fact >= 0:
            facts = self.program.facts
            reading: list[int] = facts.reading[happening.fact].tolist()
            agenda: list[int] = facts.confined[happening.fact].tolist()
            return reading, agenda
        kinds, confined = [happening.kind], [happening.confined]
        for told in happening.told:
            kinds.append(kind_told(happening.kind, LESS[happening.kind], told))
            confined.append(confined_told(happening.confined, told))
        return kinds, confined

    def move(
        self,
        happening: SimulatedEvent,
        channel: int,
        place: int,
        view: int,
        kind: int,
        confined: int,
    ) -> None:
        """Move one view of a channel by what it takes the event to be."""
        at_s, to_s = happening.at_s, self.ends(happening)
        seen = self.settle(channel, view, at_s)
        effect = NO_EFFECT if kind < 0 else effect_on(self.effect[kind], self.line[channel])
        if effect == NO_EFFECT:
            return
        if effect == CUT:
            seen.until = [*ENDED]
        else:
            seen.contact_s = last_contact(seen.contact_s, to_s)
            slot = kind_kept(effect == TALK, confined == 1)
            from_s, (adds_s, *lasts_s) = max(to_s, self.complete_s[channel]), self.lapse_s[channel]
            seen.until[slot] = kept_until(slot, seen.until[slot], from_s, adds_s, lasts_s[slot])
        after = state_of(seen.until, at_s)
        if after != seen.state:
            seen.state, seen.since_s = after, at_s
            self.path[channel][view].append((at_s, after, place))

    def ends(self, happening: SimulatedEvent) -> int:
        """Return when an event was over: a contact may have gone on for days."""
        if happening.fact < 0:
            return happening.at_s
        return max(happening.at_s, int(self.program.facts.through_s[happening.fact]))

    def reached(self, happening: SimulatedEvent) -> list[int]:
        """List the pairs of parties that an event concerns."""
        if happening.channel >= 0 and happening.national < 0:
            return [self.dyad[happening.channel]]
        return pairs_of(self.dyad_party, happening.by, happening.national, happening.holder)

    def remember(self, happening: SimulatedEvent, dyad: int, kinds: list[int]) -> None:
        """Change the memories of one pair of parties."""
        at_s, kind = happening.at_s, happening.kind
        if kind in (SUSPENDED, RESUMED) and not self.program.bound[dyad]:
            return  # a treaty concerns those whom it binds
        parties = self.dyad_party[dyad]
        for side in (0, 1):
            read = kinds[1 + side] if happening.channel >= 0 else kind
            if read < 0 or (happening.national >= 0 and happening.national != parties[side]):
                continue
            if happening.by != parties[side]:
                for which in (GRIEVANCE, SHOCK):
                    amount = self.raises[which][read] * happening.severity
                    self.add(dyad, which, side, at_s, amount)
            self.add(dyad, GOODWILL, side, at_s, self.raises[GOODWILL][read] * happening.severity)
        self.add(dyad, WAR, 0, at_s, self.raises[WAR][kind] * happening.severity)
        if kind == DEESCALATION:
            left = self.stock(dyad, WAR, 0, at_s) * (1.0 - happening.severity)
            self.stocks[dyad][WAR][0], self.touched[dyad][WAR][0] = left, at_s
        elif kind in (DETAINED, RELEASED):
            side = parties.index(happening.national)
            change = happening.persons if kind == DETAINED else -happening.persons
            self.held[dyad][side] = max(0, self.held[dyad][side] + change)
        elif kind in (SUSPENDED, RESUMED):
            self.suspended[dyad] = int(kind == SUSPENDED)

    def add(self, dyad: int, which: int, side: int, at_s: int, amount: float) -> None:
        """Raise a stock."""
        if amount > 0.0:
            self.stocks[dyad][which][side] = self.stock(dyad, which, side, at_s) + amount
            self.touched[dyad][which][side] = at_s
