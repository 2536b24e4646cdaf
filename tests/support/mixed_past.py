"""Histories of mixed precision, by number: what a run of the model did, told as coders tell it.

Meetings, talks, refusals, exchanges and cuts on two channels and at forums; dates by second,
day, month and interval, agreements left out, initiators unknown, ids in no order. A number has one
history. Told so, some of it is impossible in some worlds; a run refuses these histories.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from micro import doctrine

from sim.ground.dates import day, parse
from sim.ground.yaml import Document
from sim.log.events import EVENT, Event
from sim.log.log import Log
from sim.model.chronicle import chronicle
from sim.model.compiling import compile_scenario
from sim.model.reference import World
from sim.scenario.resolve import resolve
from sim.scenario.scenario import Change, Scenario

FIRST, LAST, UNTIL = "2021-01-01", "2021-03-31", "2021-04-15"
CHANNELS = ("can-usa/defence", "can-usa/ministers")
ACTS = ("meet", "call", "raise_detainees", "approach", "cancel", "cut", "swap")


def setting(random: Random) -> dict[str, Any]:
    """Two governments that do everything now and then, from the day before the history."""

    def temper() -> dict[str, Any]:
        asks = {act: {"bias": random.uniform(-2, 1), "open": random.uniform(-1, 1)} for act in ACTS}
        answers = {f"accept_{a}": {"bias": random.uniform(-1, 2)} for a in ACTS}
        for act in ("cancel", "cut"):
            asks[act] = {"bias": random.uniform(-4, -1), "shock": random.uniform(0, 2)}
            del answers[f"accept_{act}"]
        return doctrine(**asks, **answers, acknowledge={"bias": random.uniform(-1, 3)})

    forums = {
        f"f{n}": {"date": f"2021-0{n + 1}-{d:02}/2021-0{n + 1}-{d + random.randint(0, 6):02}"}
        for n, d in enumerate(random.randint(1, 22) for _ in range(3))
    }
    held = [{"held_by": a, "national_of": b} for a, b in (("CAN", "USA"), ("USA", "CAN"))]
    rates = {"meet": 0.1, "call": 0.03, "raise_detainees": 0.02, "cancel": 0.05, "cut": 0.05}
    return {
        "title": "A history of mixed precision",
        "question": "Is it given back?",
        "as_of": "2020-12-31",
        "until": LAST,
        "parties": {"CAN": {"doctrine": "can"}, "USA": {"doctrine": "usa"}},
        "channels": {c: {"initial": random.choice(["open", "cut_off"])} for c in CHANNELS},
        "doctrines": {"can": temper(), "usa": temper()},
        "rates_per_day": rates | {"swap": 0.03},
        "meeting_lead_days": {"least": 3, "most": random.choice([9, 30])},
        "forums": forums,
        "detainees": {f"p{n}": held[n % 2] for n in range(6)},
        "world": {"raids": {"kind": "escalation", "rate_per_day": 0.02, "severity": [0.3, 0.9]}},
    }


def told(random: Random, log: Log) -> Log:
    """Tell a log as coders do: not all of it, and not exactly."""
    most = random.choice([0.2, 0.5, 0.9])
    names = [f"{random.choice('abcdef')}{n}" for n in range(len(log.events))]
    known = dict(zip((e.id for e in log.events), names, strict=True))
    held = {c for e in log.events if e.kind == "meeting_held" for c in e.causes}
    left_out = {i for i in sorted(held) if random.random() < 0.6}
    events = []
    for event in log.events:
        if event.id in left_out:
            continue
        update: dict[str, Any] = {"id": known[event.id], "date": vaguer(random, event, most)}
        update["causes"] = tuple(known[c] for c in event.causes if c not in left_out)
        if event.kind not in ("released", "meeting_agreed") and random.random() < 0.2:
            update["by"] = None
        if event.kind == "corridor_talk" and random.random() < 0.2:
            update["forum"] = None
        if event.kind == "meeting_agreed":
            update["meeting_date"] = event.meeting_date[:10]
        events.append(event.model_copy(update=update))
        if event.kind == "corridor_talk" and random.random() < 0.3:
            beside = {"id": f"{update['id']}-too", "kind": "copresence", "date": update["date"]}
            beside |= {"channel": event.channel, "forum": event.forum}
            events.append(EVENT.validate_python(beside))
    return log.model_copy(update={"events": tuple(events), "header": {}})


def vaguer(random: Random, event: Event, most: float) -> str:
    """Say less exactly when an event happened."""
    moment = day(parse(event.date).lo_s)
    if random.random() >= most:
        return event.date if random.random() < 0.3 else moment.isoformat()
    near = event.kind in ("meeting_agreed", "meeting_cancelled")  # else most of it is impossible
    if not near and random.random() < 0.4:
        return moment.strftime("%Y-%m")
    first = moment - timedelta(days=random.randint(0, 2 if near else 9))
    last = moment + timedelta(days=random.randint(0, 2 if near else 9))
    return f"{max(first.isoformat(), FIRST)}/{min(last.isoformat(), LAST)}"


def history(number: int) -> Scenario:
    """The history of a number, as a scenario without changes."""
    random = Random(f"history/{number}")
    data = setting(random)
    made = resolve(Document("mixed.yaml", data))
    program = compile_scenario(made)
    log = chronicle(made, program, World(program, number, 0).run().happenings, {})
    complete = random.choice([FIRST, FIRST, "2021-01-20"])
    span = {"as_of": LAST, "until": UNTIL, "complete_from": complete, "show_from": FIRST}
    return made.model_copy(update={**span, "history": told(random, log)})


def neutral(whole: Scenario, number: int) -> Iterator[tuple[str, Scenario]]:
    """Changes that change nothing: a doctrine that a party has, and an event that is removed and
    put in again, or moved to its own date."""
    random = Random(f"neutral/{number}")
    party = random.choice(sorted(whole.parties))
    let = {"party": party, "doctrine": whole.parties[party].doctrine, "from": FIRST}
    forms: dict[str, list[dict[str, Any]]] = {"set_doctrine": [{"set_doctrine": let}]}
    if whole.history and whole.history.events:
        event = random.choice(whole.history.events)
        forms["again"] = [{"remove": event.id}, {"insert": event}]
        event = random.choice(whole.history.events)
        forms["move"] = [{"move": {"event": event.id, "to": event.date}}]
    for form, changes in forms.items():
        every = tuple(Change.model_validate(c) for c in changes)
        yield form, whole.model_copy(update={"changes": every})
