"""The program: plain arrays that a scenario compiles to, and that both executors run from.

Indices are places in sorted names: parties, channels, streams. A channel has side 0 and side 1,
its parties in alphabetical order; a *view* is 0 for the observer and 1 + side for a party. Codes
are places in `STATES`, `KINDS`, `FEATURES`, `DECISIONS` and `STREAM_KINDS`; -1 stands for none.
Times are whole seconds since 1970, in int64; `NO_TIME` stands for none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sized
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.scenario.acts import ACTS

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]


def ints(values: Iterable[Any], width: int = 0) -> Ints:
    """Return whole numbers as an array, of rows of `width` where it is given."""
    listed = list(values)
    array = np.array(listed, dtype=np.int64)
    return array.reshape(len(listed), width) if width else array


def floats(values: Iterable[Any], width: int = 0) -> Floats:
    """Return numbers as an array, of rows of `width` where it is given."""
    listed = list(values)
    array = np.array(listed, dtype=np.float64)
    return array.reshape(len(listed), width) if width else array


def starts(groups: Iterable[Sized]) -> Ints:
    """Return where each of some groups begins that are laid end to end, and where the last ends."""
    return np.cumsum([0, *map(len, groups)], dtype=np.int64)


NO_TIME = -(1 << 62)
"""Stands for none among times, which are negative before 1970."""

STREAM_KINDS: tuple[str, ...] = (*ACTS, "escalation", "deescalation", "detention")
"""What a stream brings: an act's opportunity, or an event of the world."""

VIEWS = 3
"""Who folds a channel: the observer and its two sides."""


def pairs_of(pairs: Iterable[Collection[int]], by: int, national: int, holder: int) -> list[int]:
    """List which of some pairs of parties an event on no channel concerns: that of people and who
    holds them; of other events those of who brought it about, or all where nobody is known to."""
    if national >= 0:
        held = sorted((national, holder))
        return [d for d, pair in enumerate(pairs) if [*pair] == held]
    return [d for d, pair in enumerate(pairs) if by < 0 or by in pair]


@dataclass(frozen=True)
class Channels:
    """The channels; C of them, over D pairs of parties."""

    names: tuple[str, ...]
    party: Ints
    """[C, 2] party of each side."""
    dyad: Ints
    """[C] pair of parties."""
    initial: Ints
    """[C] state before the first event."""
    since_s: Ints
    """[C] since when."""
    lapse_s: Ints
    """[C, 4] seconds that a general contact adds, that it can reach ahead, that a contact about
    detainees lasts, and that words in a corridor last; -1 for ever."""
    complete_s: Ints
    """[C] from when silence is evidence."""
    until_s: Ints
    """[C, 3] when the initial state ends by silence, by `SUPPORTS`."""
    line: Ints
    """[C] 1 for a standing line, which silence ends."""
    contact_s: Ints
    """[C] the instant from which silence is counted; NEVER where it never is."""
    told: Ints
    """[C] 1 where the history holds how each side tells a contact."""


@dataclass(frozen=True)
class Streams:
    """The streams of opportunities and world events; S of them, sorted by name."""

    names: tuple[str, ...]
    kind: Ints
    """[S] code of `STREAM_KINDS`."""
    channel: Ints
    """[S] channel, or -1 for a stream of the world that reaches several."""
    side: Ints
    """[S] the side that acts; -1 for the world's."""
    rate: Floats
    """[S] opportunities per day of a Poisson stream; 0 for a forum's."""
    forum: Ints
    """[S] the forum at which the one opportunity falls; -1 for a Poisson stream."""
    at_s: Ints
    """[S, 2] the earlier and the later moment at a forum; NO_TIME for a Poisson stream. Each side
    has one of the two: a coin says in each world which side is the first."""
    coin: Ints
    """[S, 2] the words of that coin's name in the counter, the same for both sides."""
    partner: Ints
    """[S] the other side's stream at the same forum; -1 for a Poisson stream."""
    key: Ints
    """[S, 2] the words of the stream's name in the counter."""
    severity: Floats
    """[S, 2] lowest and highest severity of a conflict stream."""
    label: tuple[str, ...]
    """[S] label of a conflict stream."""
    by: Ints
    """[S] the party that begins it; -1 where unknown."""
    holder: Ints
    """[S] the party that detains; -1 for others."""
    national: Ints
    """[S] the party whose nationals it detains; -1 for others."""
    shown: Floats
    """[S, 2] the probability that the history holds what is done, and what is declined, as far as
    its sources can show it; 1 for what is not asked."""


@dataclass(frozen=True)
class Facts:
    """The facts: coded events up to the as-of date and inserted ones, F of them, causes first."""

    ids: tuple[str, ...]
    kind: Ints
    """[F] code of `KINDS`, as coded."""
    channel: Ints
    """[F] channel; -1 for an event that reaches every channel."""
    by: Ints
    """[F] initiating party; -1 where unknown."""
    reading: Ints
    """[F, 3] code of the kind that each view takes it for; -1 for a denial."""
    confined: Ints
    """[F, 3] 1 where the agenda is detainees alone, by view."""
    severity: Floats
    """[F] of conflict events; 1 for others."""
    persons: Ints
    """[F] number of people concerned."""
    national: Ints
    """[F] the party whose nationals they are; -1 for other kinds."""
    holder: Ints
    """[F] the party that holds them; -1 for other kinds."""
    forum: Ints
    """[F] the forum of a talk, a refusal or a copresence; -1 for others."""
    lo_s: Ints
    """[F] earliest instant."""
    hi_s: Ints
    """[F] end (exclusive) of the instants that leave room for the event's effects."""
    wish_s: Ints
    """[F] the instant of an exact date; NO_TIME for one that is sampled."""
    key: Ints
    """[F, 2] the words of the name of the date's stream in the counter."""
    meeting_s: Ints
    """[F, 3] span of the date that a meeting is agreed for, and the instant of an exact date;
    NO_TIME for other kinds, and for a date that is sampled."""
    rank: Ints
    """[F] the order of facts at one instant: a moved event keeps its own place in it."""
    answered: Ints
    """[F] 1 where the log says what became of the meeting that a fact agreed: of history, and of an
    event that is put back as it was."""
    cause_start: Ints
    """[F + 1] where each fact's causes begin in `causes`."""
    causes: Ints
    """Facts that come before, by place: causes, and what a fact is kept after."""
    through_s: Ints
    """[F] the end of a contact that went on for days; NO_TIME for other events."""
    also_start: Ints
    """[F + 1] where each fact's further channels begin in `also`."""
    also: Ints
    """Channels, of the same pair, on which a fact happened too."""
    elsewhere: Ints
    """[F] 1 for an event of a channel that is not simulated: it changes nothing, but opens bursts
    on lower levels."""
    before: int
    """How many lie before the as-of date; the rest were inserted after it."""

    def also_on(self, f: int) -> list[int]:
        """List the further channels on which a fact happened; none for a simulated event, -1."""
        if f < 0:
            return []
        channels: list[int] = self.also[self.also_start[f] : self.also_start[f + 1]].tolist()
        return channels


@dataclass(frozen=True)
class Attention:
    """Bursts of opportunities after events: A rows, sorted by name, one for each row of the
    scenario's table, kind of opener, channel and side; and B bursts that coded events open."""

    names: tuple[str, ...]
    stream: Ints
    """[A] the stream whose opportunities a row brings."""
    toward: Ints
    """[A] code of `TOWARD`: whom it asks."""
    m: Floats
    """[A] opportunities that are expected."""
    tau_days: Floats
    """[A] their mean delay after the event."""
    key: Ints
    """[A, 2] the words of the row's name in the counter."""
    channel_start: Ints
    """[kinds * C + 1] where the rows begin, in `channel_rows`, that an event of a kind on a channel
    may open."""
    channel_rows: Ints
    pair_start: Ints
    """[kinds * D + 1] where those begin, in `pair_rows`, that an event without a channel may open
    at a pair of parties that it concerns."""
    pair_rows: Ints
    fact_key: Ints
    """[F, 2] the words of each coded event's name."""
    fact_start: Ints
    """[F + 1] where the bursts of each coded event begin."""
    row: Ints
    """[B] the row of a burst."""
    opener: Ints
    """[B] the coded event that opens it."""
    words: Ints
    """[B, 2] the words that its uniforms are drawn from."""
    origin: Ints
    """[B] the burst of history that an event which is moved or put in again opens once more; itself
    for history's; -1 for those of new events."""
    forum_key: Ints
    """[M, 2] the words of each forum's name: those of a copresence."""
    channel_word: Ints
    """[C] a word of each channel's name."""
    party_word: Ints
    """[parties] a word of each party's name."""


@dataclass(frozen=True)
class Forums:
    """The forums inside the run; M of them, sorted by id."""

    names: tuple[str, ...]
    lo_s: Ints
    """[M] first instant."""
    hi_s: Ints
    """[M] end, exclusive."""
    attends: Ints
    """[M, C] 1 where the principals of a channel attend."""


@dataclass(frozen=True)
class Rules:
    """The rulebook and the memories."""

    effect: Ints
    """[kinds] what a kind does to a state: a place in `sim.log.kinds.EFFECTS`, -1 for nothing."""
    raises: Floats
    """[memories, kinds] what a kind adds to grievance, goodwill, war and shock."""
    decay_per_s: Floats
    """[memories] natural logarithm of 2 over the half-life in seconds."""
    lead_days: Floats
    """[2] least and most days between an agreement and its meeting."""


@dataclass(frozen=True)
class Doctrines:
    """The doctrines, and who follows which when."""

    names: tuple[str, ...]
    weights: Floats
    """[draws, doctrines, decisions, features]: one draw, or those of a fit. Where there is a fit,
    each party has a row of its own after the doctrines. Rows of inclinations come first: each holds
    what a party is inclined to towards one other, in the place of the bias, and nothing else."""
    initial: Ints
    """[parties] the doctrine at the start."""
    switch_s: Ints
    """[switches] when a party takes up another doctrine, in order."""
    switch_party: Ints
    """[switches] who."""
    inclined: Ints
    """[D, 2] the row of the inclination of each side of a pair; -1 for none."""
    pairs: int
    """How many rows of inclinations there are."""
    switch_key: Ints
    """[switches, 2] the words of the stream by which it is chosen among several; zeros where there
    is one."""
    choice_start: Ints
    """[switches + 1] where the choices of each switch begin."""
    choice_doctrine: Ints
    """A doctrine that may be taken up."""
    choice_share: Floats
    """Its probability with those before it in its switch."""


@dataclass(frozen=True)
class Drift:
    """How inclinations go on after the as-of date: W walks, each of one inclination."""

    walk: Ints
    """[inclinations, decisions] the walk of each; -1 for one that stays."""
    key: Ints
    """[W, 2] the words of the walk's name in the counter."""
    kept: Floats
    """[W] the share of its way that is left after a step."""
    scatter: Floats
    """[W] the standard deviation of what a step adds, in logits."""
    steps: int
    """How many steps the run has, the first of which adds nothing."""


@dataclass(frozen=True)
class Outcomes:
    """What is asked; Q of them, sorted by name."""

    names: tuple[str, ...]
    type: Ints
    """[Q] code of `MEASURES`: what is counted for it."""
    channel: Ints
    """[Q] channel; -1 for any."""
    view: Ints
    """[Q] view."""
    states: Ints
    """[Q, 4] 1 for each state that counts."""
    lo_s: Ints
    """[Q] the window's first instant."""
    hi_s: Ints
    """[Q] the window's end, exclusive. `state_at` looks at the last second before it."""
    kinds: Ints
    """[Q, kinds] 1 for each kind of event that counts."""
    by: Ints
    """[Q] party; -1 for anyone."""
    at_least: Ints
    """[Q] how many events it takes, or people."""
    people: Ints
    """[Q] 1 where people are counted and not events."""


EXOGENOUS, DECIDED, MET, PASSED_BY = 0, 1, 2, 3
"""What a fact was, for a what-if: no party's choice in the model; a decision; a meeting held as it
had been agreed; a forum that passed without a talk."""


@dataclass(frozen=True)
class Past:
    """What a what-if needs to know of history; F facts, S streams."""

    start_s: int
    """From when noise is inferred."""
    key: Ints
    """[S, 2] the words of the name of each stream's prior in the past."""
    role: Ints
    """[F] one of the codes above."""
    candidate_start: Ints
    """[F + 1] where each fact's candidates begin in `candidates`."""
    candidates: Ints
    """Streams that a decided fact may have come from."""
    answer: Ints
    """[F] 1 where the other accepted, 0 where it did not, -1 where it was not asked."""
    told: Ints
    """[F, 2] how each side told a contact; the codes of `sim.model.situation`."""
    agreed: Ints
    """[F] the fact that agreed a meeting that was held; -1 for others."""
    removed: Ints
    """[F] 1 for what an intervention takes away."""
    latent: Ints
    """[F] 1 for an agreement that the log does not hold but a meeting implies."""
    need_start: Ints
    """[F + 1] where each fact's needs begin in `group_start`."""
    group_start: Ints
    """[needs + 1] where each need's facts begin in `needs`."""
    needs: Ints
    """Facts one of which is needed: an event, or what stands for it where it is moved or put in
    again."""
    follows: Ints
    """[F] the logged decision that a fact follows from, with which it shifts: of a meeting its
    agreement, of what answers a swap the proposal; -1 for others."""
    frees: Ints
    """[F, 2] the release of each side's people that answers a logged exchange; -1 for none, and
    where the log has several for one side."""
    source_start: Ints
    """[F + 1] where the bursts begin, in `sources`, that may have brought a decided fact."""
    sources: Ints
    """Bursts of coded events."""
    source_candidate: Ints
    """Of each source, the place of its stream among the fact's candidates."""
    passes: Ints
    """[M, C] 1 where history has an approach at a forum: without it, both pass each other there."""


@dataclass(frozen=True)
class Dates:
    """How imprecise dates are drawn; N blocks of dates that were weighed together. A replication
    has one of the placements of a block, by the share of each."""

    block: Ints
    """[F] the block to which a fact belongs; -1 for one whose date is exact, or drawn evenly."""
    member: Ints
    """[F] its place among the dates of the block."""
    lead: Ints
    """[F] 1 for an agreement of which a meeting's date that is drawn lies as far ahead as the model
    has it, where that leaves any."""
    members: Ints
    """[N] dates."""
    key: Ints
    """[N, 2] the words of the stream by which a placement is chosen."""
    row_start: Ints
    """[N + 1] where the placements of each block begin in `share`."""
    share: Floats
    """The share of a placement and of those before it in its block."""
    place_start: Ints
    """[N] where the instants of each block begin, of one placement after the other."""
    lo_s: Ints
    width_s: Ints
    """Of each date in each placement the first instant that it may mean, and how many there are."""


def even_dates(facts: int) -> Dates:
    """Return what draws every imprecise date evenly from its span."""
    none = ints(())
    nowhere, zero = np.full(facts, -1, dtype=np.int64), np.zeros(facts, dtype=np.int64)
    start = np.zeros(1, dtype=np.int64)
    return Dates(nowhere, zero, zero, none, ints((), 2), start, floats(()), none, none, none)


@dataclass(frozen=True)
class UnnamedHeld:
    """People held from the as-of date on whose number is drawn; G groups of them, sorted by id."""

    place: Ints
    """[G, 2] the pair of parties, and the side whose nationals they are."""
    number: Ints
    """[G, 2] the fewest, and among how many numbers it is drawn."""
    key: Ints
    """[G, 2] the words of the stream by which it is drawn."""


@dataclass(frozen=True)
class CompiledScenario:
    """A scenario as arrays. Everything that an executor reads is here."""

    parties: tuple[str, ...]
    dyad_party: Ints
    """[D, 2] the two parties, in order."""
    start_s: int
    """The instant before which nothing happened."""
    as_of_s: int
    """The first second of the run: the end of the as-of date."""
    until_s: int
    """The end of the run, exclusive."""
    observe_s: int
    """From when states and events are counted: the as-of date, or earlier in a what-if."""
    shared: int
    """1 where one uniform serves both proposing and accepting; 0 where each has its own."""
    held: Ints
    """[D, 2] nationals of each side held by the other when the log starts."""
    bound: Ints
    """[D] 1 for each pair that the treaty binds."""
    suspended: Ints
    """[D] 1 for each pair whose treaty is suspended when the log starts."""
    treaty: str
    """The treaty's name."""
    grid_s: Ints
    """[G] instants, ends of days, at which occupancy is counted."""
    channels: Channels
    streams: Streams
    facts: Facts
    forums: Forums
    attention: Attention
    rules: Rules
    doctrines: Doctrines
    drift: Drift
    outcomes: Outcomes
    dates: Dates
    unnamed: UnnamedHeld
    past: Past | None = None
    """Only of a what-if."""
