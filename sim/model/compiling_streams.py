"""Compiling streams of opportunities, and the forums that bring some of them."""

from __future__ import annotations

from typing import Any

from sim.ground.dates import parse
from sim.ground.draws import stream_key
from sim.log.log import Channel
from sim.model.compiled_scenario import NO_TIME, STREAM_KINDS, Forums, Streams, floats, ints
from sim.model.compiling_names import Names
from sim.scenario.acts import ACTS, Act
from sim.scenario.scope import rates_of
from sim.scenario.shown import share_done, share_refused


class StreamBuilder:
    """Compiles `Streams` and `Forums`."""

    def __init__(self, names: Names, forum_start_s: int) -> None:
        """Forums that end before `forum_start_s` are passed over; those of the run lie wholly
        inside it, or inside the past of a what-if."""
        self.names = names
        spans = {id_: parse(f.date) for id_, f in sorted(names.scenario.forums.items())}
        self.run_forums = {
            id_: s
            for id_, s in spans.items()
            if (s.hi_s if names.what_if else s.lo_s) >= forum_start_s
            and s.hi_s <= names.until_s
            and not s.lo_s < names.as_of_s < s.hi_s
        }

    def streams(self) -> Streams:
        rows: list[dict[str, Any]] = []
        for c, (id_, channel) in enumerate(self.names.channels.items()):
            rates = rates_of(self.names.scenario, id_)
            shown = [{act: self.shown(channel, act, side) for act in ACTS} for side in (0, 1)]
            # sources must show that either side walks up: who is first depends on both
            both_walk = all(of_side["approach"][0] > 0.0 for of_side in shown)
            for side, party in enumerate(channel.parties):
                common = {"channel": c, "side": side, "by": self.names.party[party]}
                for act in ACTS:
                    if rates.of(act) > 0 and max(shown[side][act]) > 0.0:
                        row = {"name": f"{id_}/{party}/{act}", "kind": act, "rate": rates.of(act)}
                        rows.append(row | common | {"shown": shown[side][act]})
                for m, forum in enumerate(self.run_forums):
                    if self.attends(forum, id_) and both_walk:
                        name = f"{id_}/{party}/approach/{forum}"
                        row = {"name": name, "kind": "approach", "forum": m}
                        row |= {"at": self.moments(id_, forum), "coin": f"{id_}/first/{forum}"}
                        rows.append(row | common | {"shown": shown[side]["approach"]})
        for id_, stream in self.names.scenario.world.items():
            rows.append(
                {
                    "name": f"world/{id_}",
                    "kind": stream.kind,
                    "rate": stream.rate_per_day,
                    "channel": self.names.channel[stream.channel],
                    "by": self.names.party[stream.held_by or stream.by],
                    "severity": stream.severity,
                    "label": stream.label,
                    "holder": self.names.party[stream.held_by],
                    "national": self.names.party[stream.national_of],
                }
            )
        rows.sort(key=lambda row: str(row["name"]))

        def column(name: str, default: Any = -1) -> list[Any]:
            return [row.get(name, default) for row in rows]

        at_forums = [(n, r) for n, r in enumerate(rows) if "at" in r]
        side_of = {(r["channel"], r["forum"], r["side"]): n for n, r in at_forums}
        partners = [
            side_of[r["channel"], r["forum"], 1 - r["side"]] if "at" in r else -1 for r in rows
        ]

        return Streams(
            names=tuple(column("name")),
            kind=ints(STREAM_KINDS.index(k) for k in column("kind")),
            channel=ints(column("channel")),
            side=ints(column("side")),
            rate=floats(column("rate", 0.0)),
            forum=ints(column("forum")),
            at_s=ints(column("at", (NO_TIME, NO_TIME)), 2),
            coin=ints((stream_key(n) if n else (0, 0) for n in column("coin", "")), 2),
            partner=ints(partners),
            key=ints((stream_key(n) for n in column("name")), 2),
            severity=floats(column("severity", (0.0, 0.0)), 2),
            label=tuple(column("label", "")),
            by=ints(column("by")),
            holder=ints(column("holder")),
            national=ints(column("national")),
            shown=floats(column("shown", (1.0, 1.0)), 2),
        )

    def shown(self, channel: Channel, act: Act, side: int) -> tuple[float, float]:
        """Return the probability that the history holds what a side does, and what the other
        declines."""
        if not self.names.shown:
            return 1.0, 1.0
        span, said = self.names.shown_span, self.names.scenario.observation
        done = share_done(channel, act, side, span, said)
        return done, share_refused(channel, act, side, span)

    def moments(self, channel: str, forum: str) -> tuple[int, int]:
        """Return the two moments at which sides may walk up to each other at a forum: a hash of the
        names fixes where in its span, so that they are a schedule, and who is first is chance."""
        span = self.run_forums[forum]
        wide = span.hi_s - span.lo_s
        names = (f"{channel}/moment/{forum}/{n}" for n in range(2))
        first, second = sorted(span.lo_s + int(stream_key(n)[0] / 2.0**32 * wide) for n in names)
        if first == second:  # somebody is first
            borders = (self.names.as_of_s, self.names.until_s)  # which no forum crosses
            earlier = first > span.lo_s or first + 1 in borders
            first, second = (first - 1, first) if earlier else (first, first + 1)
        return first, second

    def attends(self, forum: str, channel: str) -> bool:
        chosen = self.names.scenario.forums[forum].channels
        return chosen is None or channel in chosen

    def forums(self) -> Forums:
        spans = self.run_forums.values()
        attends = [[int(self.attends(f, c)) for c in self.names.channels] for f in self.run_forums]
        return Forums(
            names=tuple(self.run_forums),
            lo_s=ints(s.lo_s for s in spans),
            hi_s=ints(s.hi_s for s in spans),
            attends=ints(attends, len(self.names.channels)),
        )
