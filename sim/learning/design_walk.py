"""Walking through a history and noting every question that its likelihood asks.

The walk is the one of what-ifs (`sim.model.walk`), so what a party perceives at a decision and
between decisions is to the last bit what the model gives it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sim.ground.dates import DAY_S
from sim.learning.decision_points import (
    DECIDED,
    PASSED,
    TOLD,
    Alternative,
    Exposure,
    Factor,
    Questions,
    Shown,
    Window,
)
from sim.learning.paths import Path
from sim.learning.quadrature import Open, nodes, pieces
from sim.log.events import KINDS
from sim.log.kinds import TOLD as TOLD_KINDS
from sim.model import compiled_scenario as roles
from sim.model.abduction import NO_STREAM
from sim.model.bursts import MOST_TAUS
from sim.model.compiled_scenario import CompiledScenario
from sim.model.opportunity import Opportunity
from sim.model.walk import ImpossibleError, Walk
from sim.rules.conditions import available
from sim.rules.contact import lapsed, widest
from sim.rules.features import FEATURE_RULES
from sim.rules.telling import AS_IS
from sim.scenario.acts import ACTS, RULE_OF
from sim.scenario.doctrine import DECISIONS


class LearningWalk(Walk):
    """A history, walked through once, with its coded events at given instants."""

    def __init__(
        self,
        program: CompiledScenario,
        instants: Sequence[int],
        windows: Sequence[Window] = (),
        only: Window | None = None,
        questions: Questions | None = None,
    ) -> None:
        """Look at the whole history, in pieces that end where windows do; or `only` at what lies in
        a window."""
        super().__init__(program, 0, 0, instants)
        self.windows, self.only = windows, only
        self.questions = questions or Questions()
        self.moment = 0
        """Counts moments between which something may have happened."""
        self.looked: dict[tuple[int, int, int], tuple[float, ...]] = {}
        """(channel, side, instant) to what is looked at, since something last happened."""
        self.asked_at: dict[tuple[int, int], tuple[int, int]] = {}
        """(stream, moment of a forum) to the questions whether its side walks up, and whether the
        other stops."""
        self.walked: dict[tuple[int, int], bool] = {}
        """(forum, channel) at which the log holds an approach."""
        streams = program.streams
        self.poisson = [
            s for s, act in enumerate(self.act) if act in ACTS and streams.rate[s] > 0.0
        ]
        self.forums = [s for s, m in enumerate(self.forum) if m >= 0 and self.takes_part(s)]
        self.opened: dict[int, list[tuple[int, int]]] = defaultdict(list)
        """Stream to the bursts of history for it: (row, opener)."""
        attention = program.attention
        for b in range(int(attention.fact_start[program.facts.before])):
            row = int(attention.row[b])
            self.opened[int(attention.stream[row])].append((row, int(attention.opener[b])))

    def takes_part(self, s: int) -> bool:
        """Whether a forum's stream lies in the past of which the log is complete."""
        early = int(self.program.streams.at_s[s, 0])
        return self.past.start_s <= early < self.program.as_of_s

    def ask_all(self) -> Questions:
        """Walk through history.

        Raises:
            ImpossibleError: the model cannot bring about a logged event.
        """
        before, end_s = self.past.start_s, self.program.as_of_s
        if self.only is not None:
            end_s = self.only.end_s
        for f in sorted(range(self.program.facts.before), key=lambda f: (self.instants[f], f)):
            if self.instants[f] >= end_s:
                break
            self.look_between(before, self.instants[f])
            self.note(f)
            self.follow(f)
            before = max(before, self.instants[f])
        self.look_between(before, end_s)
        self.note_forums()
        return self.questions

    def states(self) -> tuple[Path, ...]:
        """Return the observer's states of each channel after the walk: (since, state), in order."""
        found = []
        for channel, views in enumerate(self.situation.path):
            self.situation.settle(channel, 0, self.program.as_of_s - 1)
            found.append(tuple((since_s, state) for since_s, state, _ in views[0]))
        return tuple(found)

    # ------------------------------------------------------------------------------ between events

    def look_between(self, lo_s: int, hi_s: int) -> None:
        """Note the questions of a stretch in which nothing happens, `hi_s` excluded."""
        if hi_s <= lo_s:
            return
        self.looked.clear()
        forums_from_s, forums_to_s = lo_s, hi_s
        if self.only is not None:
            lo_s, hi_s = max(lo_s, self.only.start_s), min(hi_s, self.only.end_s)
        found: list[tuple[int, int, float]] = []
        for s in self.poisson:
            if lo_s < hi_s and self.concerns(self.channel[s]) and self.may_be_open(s):
                bursts, ends = self.bursts_at(s, lo_s), self.lapses(s, lo_s, hi_s)
                ends += self.edges(self.channel[s])
                cut = pieces(lo_s, hi_s, ends, bursts, Turn(self, s))
                rate = float(self.program.streams.rate[s])
                found += [(at_s, s, w) for at_s, w in nodes(list(cut), rate, bursts)]
        for s in self.forums:
            moments = self.program.streams.at_s[s].tolist()
            if self.concerns(self.channel[s]):
                found += [(t, s, 0.0) for t in moments if forums_from_s <= t < forums_to_s]
        last = None
        for at_s, s, weight in sorted(found):
            if at_s != last:
                self.moment, last = self.moment + 1, at_s
            if not self.available(Opportunity(s, at_s, (0, 0), 0, 0.0)):
                continue
            act, accept = self.both(s, at_s)
            if self.forum[s] >= 0:
                self.asked_at[s, at_s] = act, accept
            else:
                told, refused = self.program.streams.shown[s].tolist()
                self.questions.exposures.append(
                    Exposure(s, at_s, weight, act, accept, told, refused > 0.0)
                )
        self.moment += 1

    def concerns(self, channel: int) -> bool:
        """Whether the walk looks at a channel."""
        return self.only is None or channel in self.only.channels

    def edges(self, channel: int) -> list[int]:
        """List the instants at which windows of a channel begin and end."""
        mine = [w for w in self.windows if channel in w.channels]
        return [edge for w in mine for edge in (w.start_s, w.end_s)]

    def may_be_open(self, s: int) -> bool:
        """Whether a stream's act may be available before the next event."""
        held: list[int] = self.situation.held[self.situation.dyad[self.channel[s]]]
        pending, side = self.situation.pending[self.channel[s]] is not None, self.side[s]
        when = RULE_OF[self.act[s]].condition
        return any(
            available(when, pending, held[side], held[1 - side], cut_off=cut_off, spoken=False)
            for cut_off in (False, True)
        )

    def bursts_at(self, s: int, at_s: int) -> list[Open]:
        """List the bursts that are open for a stream from an instant on."""
        attention, found = self.program.attention, []
        for row, e in self.opened[s]:
            age_s, tau = at_s - self.instants[e], float(attention.tau_days[row])
            if 0 <= age_s < MOST_TAUS * tau * DAY_S:
                found.append(Open(self.instants[e], float(attention.m[row]), tau))
        return found

    def lapses(self, s: int, lo_s: int, hi_s: int) -> list[int]:
        """List the instants at which either side's view of a stream's channel lapses."""
        found = []
        for side in (0, 1):
            until = self.situation.seen[self.channel[s]][1 + side].until
            at_s = lo_s
            while lapsed(kind := widest(until, at_s), ends := until[kind], hi_s - 1):
                at_s = ends
                found.append(at_s)
        return found

    # ------------------------------------------------------------------------------ events

    def both(self, s: int, at_s: int) -> tuple[int, int]:
        """Ask whether a stream's act is done, and whether it is accepted (-1: nobody is asked)."""
        act, channel, side = self.act[s], self.channel[s], self.side[s]
        does = self.put(act, channel, side, at_s)
        if not RULE_OF[act].answered:
            return does, -1
        return does, self.put(f"accept_{act}", channel, 1 - side, at_s)

    def put(self, decision: str, channel: int, side: int, at_s: int) -> int:
        """Return the number of a question of this moment."""
        features = self.looked.get((channel, side, at_s))
        if features is None:
            features = self.situation.features(channel, side, at_s)
            self.looked[channel, side, at_s] = features
        party = int(self.situation.party[channel][side])
        return self.questions.at(at_s, channel, side, party, decision, features, self.moment)

    def note(self, f: int) -> None:
        """Note what a coded event shows.

        Raises:
            ImpossibleError: the model cannot bring it about.
        """
        at_s, forum = self.instants[f], int(self.program.facts.forum[f])
        channel = int(self.program.facts.channel[f])
        self.moment += 1
        self.looked.clear()
        if self.past.role[f] == roles.DECIDED and forum >= 0:
            self.walked[forum, channel] = True
        if self.only is not None and not self.only.holds(channel, at_s):
            return
        if self.past.role[f] == roles.DECIDED:
            found = tuple(self.alternatives(f))
            if not found:
                candidates = self.candidates(f)
                reason = RULE_OF[self.act[candidates[0]]].impossible if candidates else NO_STREAM
                raise ImpossibleError(f, reason)
            self.questions.shown.append(Shown(DECIDED, at_s, f, forum, found))
        contact = KINDS[self.program.facts.kind[f]] in TOLD_KINDS  # an exchange is not told
        if contact and self.past.role[f] in (roles.DECIDED, roles.MET) and self.is_told(f):
            for side in (0, 1):
                as_it_was = int(self.past.told[f, side]) == AS_IS
                told = Alternative(
                    1.0, ((self.put("acknowledge", channel, side, at_s), as_it_was),)
                )
                tells = bool(self.program.channels.told[channel])
                self.questions.shown.append(Shown(TOLD, at_s, f, forum, (told,), tells))

    def alternatives(self, f: int) -> list[Alternative]:
        """List the ways in which a decided event may have come about."""
        answer, at_s = int(self.past.answer[f]), self.instants[f]
        brought: dict[int, float] = defaultdict(float)
        for _, place, rate in self.sources(f):
            brought[place] += rate
        found: list[Alternative] = []
        for place, s in enumerate(self.candidates(f)):
            if not self.available(Opportunity(s, at_s, (0, 0), 0, 0.0)):
                continue
            act, accept = self.both(s, at_s)
            factors: list[Factor] = [(act, True)]
            if answer >= 0:
                factors.append((accept, answer == 1))
            ways: list[tuple[float, list[Factor]]] = [
                (float(self.program.streams.rate[s]) + brought[place], [])
            ]
            if self.forum[s] >= 0:
                ways = self.orders(s, at_s)
            shown = float(self.program.streams.shown[s, 1 if answer == 0 else 0])
            for weight, others in ways:
                weight *= shown
                if weight > 0.0:
                    found.append(Alternative(weight, (*factors, *others), refused=answer == 0))
        return found

    def orders(self, s: int, at_s: int) -> list[tuple[float, list[Factor]]]:
        """List the orders of a forum's two sides that fit an approach of `s` at an instant: the
        chance of each, and what the other side did not do."""
        early, late = self.program.streams.at_s[s].tolist()
        other = int(self.program.streams.partner[s])
        found = []
        for mine, theirs in ((early, late), (late, early)):
            if at_s in (early, late) and at_s != mine:
                continue
            asked = self.asked_at.get((other, theirs))
            found.append((0.5, [(asked[0], False)] if asked else []))
        return found

    def note_forums(self) -> None:
        """Note the forums at which nobody is reported to have walked up."""
        streams = self.program.streams
        for s in self.forums:
            channel, m = self.channel[s], self.forum[s]
            if self.side[s] != 0 or (m, channel) in self.walked:
                continue
            early, late = streams.at_s[s].tolist()
            if self.only is not None and not self.only.holds(channel, late):
                continue
            found: list[Alternative] = []
            for first, second in ((s, int(streams.partner[s])), (int(streams.partner[s]), s)):
                one, two = self.asked_at.get((first, early)), self.asked_at.get((second, late))
                left = [(q[0], False) for q in (one, two) if q is not None]
                found.append(Alternative(0.5, tuple(left)))
                if one is not None:
                    found.append(Alternative(0.5, ((one[0], True), (one[1], False)), untold=True))
                if two is not None:
                    passed = [(one[0], False)] if one is not None else []
                    refused = (*passed, (two[0], True), (two[1], False))
                    found.append(Alternative(0.5, refused, untold=True))
            if any(a.factors for a in found):
                self.questions.shown.append(Shown(PASSED, late, -1, m, tuple(found)))


class Turn:
    """By how many logits fading memories and growing silence move what a stream asks."""

    def __init__(self, walk: LearningWalk, s: int) -> None:
        self.situation, self.channel = walk.situation, walk.channel[s]
        act, side = walk.act[s], walk.side[s]
        self.rows = []
        for decision, who in ((act, side), (f"accept_{act}", 1 - side)):
            if decision in DECISIONS:
                party = self.situation.party[self.channel][who]
                row = walk.weights[self.situation.doctrine[party]][DECISIONS.index(decision)]
                moving = [(w, f) for w, f in zip(row, FEATURE_RULES, strict=True) if f.moves]
                self.rows.append((who, moving))

    def __call__(self, start_s: int, stop_s: int) -> float:
        most = 0.0
        for side, moving in self.rows:
            turned = 0.0
            a, b = (self.situation.perceived(self.channel, side, t) for t in (start_s, stop_s))
            for weight, feature in moving:
                turned += max(abs(weight), 1.0) * abs(feature.value(a) - feature.value(b))
            most = max(most, turned)
        return most
