"""The first event in which two worlds differ, and the decision behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sim.ground.dates import DAY_S, instant, parse, spoken
from sim.log.events import KINDS
from sim.model.deciding import Decision
from sim.model.players import Occasion
from sim.model.reference import World
from sim.model.situation import SimulatedEvent


@dataclass(frozen=True)
class FirstDifference:
    """Where one replication with and without an event part, and by which decision."""

    replication: int
    removed: tuple[str, ...]
    at: str
    """The instant, as a date-time."""
    event: str
    """What happens in one of the two and not in the other."""
    where: str
    """`history` or `what-if`: in which of the two it happens."""
    decision: str
    party: str
    uniform: float
    base: float | None
    """The probability in history; None where there was nothing to decide."""
    changed: float | None
    """The probability in the changed world; None where there was nothing to decide."""
    coded: str | None = None
    """The date of a coded event as it was coded, where `at` was drawn from it."""
    because: str | None = None
    """The event that brought the question up, and how long before; None where it came up by
    routine."""

    @property
    def margin(self) -> float | None:
        """How far the probability lies from the chance, where the decision fell differently."""
        likely = self.changed if self.where == "history" else self.base
        return None if likely is None else abs(likely - self.uniform)

    def row(self) -> dict[str, object]:
        """Return a first difference in the form that the figure reads."""
        act = self.decision.replace("accept_", "accept: ").replace("_", " ")
        what = f"{self.party}, {act}: {self.event.replace('_', ' ')} in the {self.where} only"
        if self.because is not None:
            what += f"; asked because of {self.because}"
        return {
            "replication": self.replication,
            "time": f"{spoken(self.coded)} (drawn: {self.at[:10]})" if self.coded else self.at[:10],
            "decision": what,
            "because": self.because,
            "probability_base": self.base,
            "probability_other": self.changed,
            "uniform": self.uniform,
            "margin": self.margin,
        }


def first_difference(
    base: World,
    changed: World,
    replication: int,
    gone: set[str],
    dates: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> FirstDifference | None:
    """Return the first event that one world has and the other has not, but for those `gone`;
    `dates` are those of coded events, and `names` what they are called, by id."""
    worlds = {"history": base, "what-if": changed}
    keys = {w: Counter(_key(h) for h in world.situation.happenings) for w, world in worlds.items()}
    candidates = []
    for where, other in (("history", "what-if"), ("what-if", "history")):
        world = worlds[where]
        for place, h in enumerate(world.situation.happenings):
            coded = world.program.facts.ids[h.fact] if h.fact >= 0 else ""
            if coded not in gone and keys[where][_key(h)] > keys[other][_key(h)]:
                candidates.append((h.at_s, place, where, other))
                break
    if not candidates:
        return None
    at_s, place, where, other = min(candidates)
    world, happening = worlds[where], worlds[where].situation.happenings[place]
    found = _parting(world, worlds[other], at_s, place)
    if found is None:
        return None
    taken, there = found
    fact = world.program.facts.ids[happening.fact] if happening.fact >= 0 else ""
    date = (dates or {}).get(fact)
    likely = {where: taken.probability, other: None if there is None else there.probability}
    return FirstDifference(
        replication=replication,
        removed=tuple(sorted(gone)),
        at=instant(at_s),
        event=KINDS[happening.kind],
        where=where,
        decision=taken.decision,
        party=world.program.parties[taken.party],
        uniform=taken.uniform,
        base=likely["history"],
        changed=likely["what-if"],
        coded=date if date is not None and parse(date).midpoint_s != at_s else None,
        because=None if taken.because is None else reason(taken.because, at_s, names or {}),
    )


def reason(because: Occasion, at_s: int, names: Mapping[str, str]) -> str:
    """Name the event that brought a question up, and how many days before."""
    what = names.get(because.event or "", because.kind.replace("_", " "))
    days = at_s // DAY_S - because.at_s // DAY_S
    when = ("the same day", "the day before")[days] if days < 2 else f"{days} days before"
    return f"“{what}”, {when}"


def _key(h: SimulatedEvent) -> tuple[object, ...]:
    return h.at_s, h.kind, h.channel, h.by, h.confined, h.told


def _parting(
    world: World, other: World, at_s: int, place: int
) -> tuple[Decision, Decision | None] | None:
    """Return the decision that let an event happen in one world and fell differently, or was not
    to be taken, in the other, with the other's."""
    asked = {(d.at_s, d.decision, d.party, d.channel): d for d in other.trace or ()}
    places = {place, world.situation.happenings[place].cause}  # a swap is answered as it is offered
    taken = [d for d in world.trace or () if d.at_s == at_s and d.place in places]
    for decision in taken:
        there = asked.get((decision.at_s, decision.decision, decision.party, decision.channel))
        if there is None or there.answer != decision.answer:
            return decision, there
    return None
