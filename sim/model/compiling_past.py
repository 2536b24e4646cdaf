"""What a what-if reads out of history: which events were decisions, of whose, and what they need.

The rule behind each part is in `docs/what-if.md`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sim.ground.dates import DAY_S, instant, parse
from sim.ground.draws import stream_key
from sim.log.events import EVENT, KIND_CODE, ON_CHANNEL, Event
from sim.log.kinds import LESS, TOLD
from sim.log.order import causal_order, latest
from sim.model.bursts import MOST_TAUS
from sim.model.compiled_scenario import (
    DECIDED,
    EXOGENOUS,
    MET,
    PASSED_BY,
    STREAM_KINDS,
    Attention,
    Facts,
    Ints,
    Past,
    Streams,
    ints,
    starts,
)
from sim.model.compiling_names import Names
from sim.model.compiling_needs import ANSWERS, answers, needs_of, needs_with_stand_ins
from sim.model.compiling_order import ends_of, in_sequence, settling
from sim.model.deciding import APPROACHES
from sim.rules.telling import AS_IS, PLAYED_DOWN, kind_less, told_as
from sim.scenario.acts import ACT_RULES, RULE_OF, Act, acts_behind
from sim.scenario.scenario import Scenario

DECIDABLE = frozenset(
    kind
    for rule in ACT_RULES
    for kind in (rule.kind, rule.kind if rule.effect == "exchange" else rule.refused)
    if kind is not None
)
"""Kinds of logged event that a party may have decided; an answer to a proposal that the log holds
is part of the proposal."""


def agreements(
    scenario: Scenario, events: Iterable[Event], channels: Collection[str]
) -> tuple[dict[str, str], list[Event]]:
    """Match each meeting held on some channels to the event that agreed it, or to one that it
    implies.

    An implied agreement lies as far ahead of the meeting as agreed meetings lie in the model, and
    after whatever ended the matter before it; where that leaves no room, it lies between the two.
    A meeting on the very day of what ended the matter before has no agreement.
    """
    listed = list(events)
    sequence = in_sequence({e.id: e for e in listed})
    ends, room = ends_of(sequence), latest(sequence, causal_order(sequence))
    matched: dict[str, str] = {}
    implied: list[Event] = []
    open_: dict[str, Event] = {}
    last: dict[str, Event] = {}
    lead = scenario.meeting_lead_days
    for event in settling(listed):
        if event.channel is None or event.channel not in channels:
            continue
        agreed = open_.pop(event.channel, None)
        if getattr(event, "meeting_date", None) is not None:
            open_[event.channel] = event
        elif event.kind == "meeting_held" and agreed is not None:
            matched[event.id] = agreed.id
        elif event.kind == "meeting_held":
            held = parse(event.date)
            lo = held.lo_s - int(lead.most * DAY_S)
            hi = held.lo_s - int(lead.least * DAY_S)
            before = last.get(event.channel)
            ended = lo if before is None else ends[before.id]
            if ended >= hi:
                begin = min(held.midpoint_s, room[event.id] - 1) if held.is_exact else held.lo_s
                hi = begin - 1
            if ended > hi:
                last[event.channel] = event
                continue
            lo = max(lo, ended)
            record: dict[str, Any] = {
                "id": f"{event.id[:70]}.agreed",
                "kind": "meeting_agreed",
                "date": f"{instant(lo)}/{instant(hi)}",
                "channel": event.channel,
                "by": event.by,
                "meeting_date": event.date,
            }
            implied.append(EVENT.validate_python(record))
            matched[event.id] = implied[-1].id
        last[event.channel] = event
    return matched, implied


def told_by(event: Event, party: str) -> int:
    """Return how a party told a contact, as a code."""
    account = event.accounts.get(party)
    played_down = account is not None and (
        account.denial or (account.kind is not None and account.kind != event.kind)
    )
    if not played_down:
        return AS_IS
    if event.kind not in TOLD:
        return PLAYED_DOWN
    confined = event.kind == "call_held" and set(event.agenda) == {"detainees"}
    return told_as(False, kind_less(LESS[KIND_CODE[event.kind]], confined))


class PastBuilder:
    """Compiles `Past` for facts in their places."""

    def __init__(
        self,
        names: Names,
        events: list[Event],
        coded: int,
        streams: Streams,
        forums: tuple[str, ...],
        start_s: int,
        facts: Facts,
        attention: Attention,
    ) -> None:
        """`events` holds `coded` ones of history, then implied agreements, then forced events."""
        self.scenario, self.events, self.coded = names.scenario, events, coded
        self.streams, self.forums, self.start_s = streams, forums, start_s
        self.facts, self.attention, self.before = facts, attention, facts.before
        self.channels = {id_: c.parties for id_, c in names.channels.items()}
        """The two parties of each channel, in order of side."""
        self.covered = {id_ for id_, c in names.channels.items() if names.shown and c.coverage}
        """Channels on which nobody is asked for what sources cannot show."""
        self.place = {e.id: n for n, e in enumerate(events[: self.before])}
        self.again = {e.id: self.before + n for n, e in enumerate(events[self.before :])}
        """Events that are moved, or removed and put in again, by id; and inserted ones."""

    def past(self) -> Past:
        """Return the arrays."""
        history = self.events[: self.coded]
        matched, _ = agreements(self.scenario, history, self.channels)
        gone = {c.named for c in self.scenario.changes}
        rows = [self.row(n, e, matched) for n, e in enumerate(self.events)]
        needs = [self.need_groups(e, history) for e in self.events]
        groups = [members for group in needs for members in group]
        candidates = [row["candidates"] for row in rows]
        sources = [self.sources(n, row) for n, row in enumerate(rows)]
        follows = self.follows(rows)

        def column(name: str, width: int = 0) -> Ints:
            return ints((row[name] for row in rows), width)

        return Past(
            start_s=self.start_s,
            key=ints((stream_key(f"past/{n}") for n in self.streams.names), 2),
            role=column("role"),
            candidate_start=starts(candidates),
            candidates=ints(s for group in candidates for s in group),
            answer=column("answer"),
            told=column("told", 2),
            agreed=column("agreed"),
            removed=ints(n < self.before and e.id in gone for n, e in enumerate(self.events)),
            latent=ints(self.coded <= n < self.before for n in range(len(self.events))),
            need_start=starts(needs),
            group_start=starts(groups),
            needs=ints(f for group in groups for f in group),
            passes=self.passes(rows),
            follows=ints(follows),
            frees=self.frees(follows),
            source_start=starts(sources),
            sources=ints(b for group in sources for b, _ in group),
            source_candidate=ints(c for group in sources for _, c in group),
        )

    def follows(self, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Return the decision that each fact follows from: a meeting its agreement, an answer the
        proposal."""
        found = [row["agreed"] if row["role"] == MET else -1 for row in rows]
        for n, event in enumerate(self.events[: self.coded]):
            if proposals := self.proposals(event):
                found[n] = max((f for f in proposals if rows[f]["role"] == DECIDED), default=-1)
        return [f if f < self.before else -1 for f in found]

    def proposals(self, event: Event) -> list[int]:
        """List the proposals of history that an event answers."""
        answered = needs_of(
            event, (self.events[self.place[c]] for c in event.causes if c in self.place)
        )
        return [
            place
            for place in (self.place[id_] for id_ in answered)
            if event.kind in ANSWERS.get(self.events[place].kind, ())
        ]

    def frees(self, follows: Sequence[int]) -> Ints:
        """Return the release of each side's people that answers an exchange; none where the log
        has more than one a side, or frees others, which the model never does."""
        found: dict[int, dict[int, list[int]]] = {}
        for g, f in enumerate(follows):
            event = self.events[g]
            if event.kind == "released" and f >= 0:
                a, b = self.channels[self.events[f].channel or ""]
                side = {(a, b): 0, (b, a): 1}.get((event.national_of, event.held_by), -1)
                found.setdefault(f, {}).setdefault(side, []).append(g)
        frees = np.full((len(self.events), 2), -1, dtype=np.int64)
        for f, released in found.items():
            if -1 not in released and all(len(group) == 1 for group in released.values()):
                for side, group in released.items():
                    frees[f, side] = group[0]
        return frees

    def sources(self, n: int, row: Mapping[str, Any]) -> list[tuple[int, int]]:
        """List the bursts that may have brought a decided fact, each with the place of its stream
        among the fact's candidates: those that can be open at its time."""
        attention, facts = self.attention, self.facts
        rows = attention.row
        found: list[tuple[int, int]] = []
        for place, s in enumerate(row["candidates"]):
            of_history = attention.opener < self.before
            opened = np.flatnonzero((attention.stream[rows] == s) & of_history)
            openers = attention.opener[opened]
            reach_s = (attention.tau_days[rows[opened]] * MOST_TAUS * DAY_S).astype(np.int64)
            can = (facts.lo_s[openers] < facts.hi_s[n]) & (openers != n)
            can &= facts.hi_s[openers] + reach_s > facts.lo_s[n]
            found += [(int(b), place) for b in opened[can]]
        return sorted(found)

    def need_groups(self, event: Event, history: Sequence[Event]) -> list[list[int]]:
        """Return what an event needs, as groups of facts of which one is enough."""
        needs = needs_with_stand_ins(event, history, self.events[self.before :])
        return [
            [where[i] for i in sorted(serving) for where in (self.place, self.again) if i in where]
            for n, serving in sorted(needs.items())
            if n in self.place
        ]

    def passes(self, rows: Sequence[Mapping[str, Any]]) -> Ints:
        """Mark the forums and channels with a logged approach, but no copresence of their own."""
        marks = np.zeros((len(self.forums), len(self.channels)), dtype=np.int64)
        for n, row in enumerate(rows):
            if row["role"] == DECIDED and self.facts.forum[n] >= 0:
                marks[self.facts.forum[n], self.facts.channel[n]] = 1
        for n, event in enumerate(self.events[: self.coded]):
            if event.kind == "copresence" and self.facts.forum[n] >= 0:
                marks[self.facts.forum[n], self.facts.channel[n]] = 0
        return marks

    def row(self, n: int, event: Event, matched: Mapping[str, str]) -> dict[str, Any]:
        """Say what one fact was."""
        row: dict[str, Any] = {
            "role": EXOGENOUS,
            "candidates": [],
            "answer": -1,
            "told": (AS_IS, AS_IS),
            "agreed": -1,
        }
        if event.channel is not None and event.channel not in self.channels:
            return row  # a channel that is not simulated
        if event.channel is not None:
            a, b = self.channels[event.channel]
            row["told"] = (told_by(event, a), told_by(event, b))
        if n >= self.before or parse(event.counts_from).lo_s < self.start_s:
            return row
        if event.kind == "meeting_held" and event.id in matched:
            agreed = matched[event.id]
            row |= {"role": MET, "agreed": self.again.get(agreed, self.place[agreed])}
        elif event.kind == "copresence":
            row["role"] = EXOGENOUS if self.spoken_beside(n) else PASSED_BY
        elif self.is_decided(event, int(self.facts.forum[n])):
            row |= {"role": DECIDED, "answer": self.answer(event)}
            row["candidates"] = self.candidates(event, int(self.facts.forum[n]))
        return row

    def spoken_beside(self, n: int) -> bool:
        """Whether history has an approach at the forum and on the channel of a copresence."""
        facts = self.facts
        there = (facts.forum == facts.forum[n]) & (facts.channel == facts.channel[n])
        there &= np.isin(facts.kind, APPROACHES)
        return bool(facts.forum[n] >= 0 and there[: self.before].any())

    def answer(self, event: Event) -> int:
        """Return 1 where the other accepted, 0 where it declined, -1 where it was not asked. A
        request that nothing in the log answers was left unanswered."""
        rule = next(r for r in ACT_RULES if event.kind in (r.kind, r.refused))
        if rule.effect == "exchange":
            return int(any(e.kind == "released" and event.id in e.causes for e in self.events))
        if rule.effect == "reply" and event.kind == rule.kind:
            found = [e for e in self.events[: self.coded] if answers(e, event)]
            return int(any(e.kind in ON_CHANNEL and e.kind != rule.refused for e in found))
        if event.kind == rule.refused:
            return 0
        return 1 if rule.answered else -1

    def is_decided(self, event: Event, forum: int) -> bool:
        """Whether a party decided an event: one that is no answer to a proposal of history, nor of
        acts that the scenario does not ask for on its channel, or that sources cannot show."""
        if event.kind not in DECIDABLE or self.proposals(event):
            return False
        if event.channel in self.covered and not self.candidates(event, forum):
            return False
        acts, streams = _acts_behind(event, forum), self.streams
        if not all(RULE_OF[act].optional for act in acts):
            return True
        here = streams.channel == [*self.channels].index(event.channel or "")
        return bool({STREAM_KINDS[kind] for kind in streams.kind[here].tolist()} & {*acts})

    def candidates(self, event: Event, forum: int) -> list[int]:
        """List the streams that a decided event may have come from, in order."""
        acts = _acts_behind(event, forum)
        refuses = any(event.kind == RULE_OF[act].refused for act in acts)
        streams, found = self.streams, list[int]()
        names = list(self.channels)
        for s, side in enumerate(streams.side.tolist()):
            if side < 0 or STREAM_KINDS[streams.kind[s]] not in acts:
                continue
            channel = names[streams.channel[s]]
            party = self.channels[channel][side]
            if event.channel is not None and channel != event.channel:
                continue
            if int(streams.forum[s]) != forum and any(RULE_OF[act].at_forum for act in acts):
                continue
            if event.by is not None and (party == event.by) == refuses:
                continue
            if event.by is not None and event.by not in self.channels[channel]:
                continue
            found.append(s)
        return found


def _acts_behind(event: Event, forum: int) -> tuple[Act, ...]:
    """Return the acts whose opportunity an event may have been; `forum` is -1 for none."""
    confined = set(event.agenda) == {"detainees"}
    return acts_behind(event.kind, confined=confined, forum=forum >= 0)
