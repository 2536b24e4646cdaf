"""Hypothesis strategies for scenarios, as hard on the two executors as the rules allow.

Dates come from small pools, so that events coincide; weights reach both ends; rates are tiny and
large; states lapse within a day. Half of the scenarios are lively: much happens in them, and
every feature weighs on it.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from hypothesis import strategies as st
from strategies import among, some

from sim.ground.dates import parse
from sim.log.events import KINDS
from sim.log.events import ON_CHANNEL as NEEDS_CHANNEL
from sim.log.log import STATES
from sim.rules.features import FEATURES
from sim.scenario.acts import ACTS, ANSWERED
from sim.scenario.resolve import in_canonical_order
from sim.scenario.rules import broken_rules
from sim.scenario.scenario import Scenario

CHANNELS = (
    "chn-rus/leaders",
    "chn-usa/leaders",
    "usa-rus/defence",
    "usa-rus/leaders",
    "usa-rus/ministers",
)
PARTIES = ("CHN", "RUS", "USA")
YEARS = (1955, 1969, 2023)
"""Before 1970 instants are negative, and in 1969 to 1970 they change sign."""
ON_CHANNEL = tuple(kind for kind in KINDS if kind in NEEDS_CHANNEL)

weights = st.sampled_from([0.0, 0.0, -50.0, 50.0, -3.0, -1.0, -0.1, 1.0, 2.0]) | st.floats(-50, 50)
rates = st.sampled_from([0.0, 0.0, 5e-324, 1e-300, 1e-9, 0.05, 0.3, 1.0, 6.0])
lively_rates = st.sampled_from([0.3, 1.0, 6.0])
amounts = st.sampled_from([0.0, 0.15, 1.0, 100.0]) | st.floats(0, 100)
lapses = st.sampled_from([None, 1.0, 1 + 1 / 86_400, 1.5, 3.0, 20.0, 180.0])
clocks = st.sampled_from(["00:00:00", "00:00:01", "12:00:00", "23:59:59"])


@cache
def moments(first: date, days: int, *, exact: bool = False) -> st.SearchStrategy[str]:
    """A date from a pool in which many coincide: a day, a second of it, a month, an interval."""
    return _moments(first, days, exact)


@st.composite
def _moments(draw: st.DrawFn, first: date, days: int, exact: bool) -> str:
    days = max(days, 1)
    day = first + timedelta(days=draw(st.integers(0, days - 1)))
    form = draw(st.integers(0, 2 if exact else 4))
    if form == 0:
        return day.isoformat()
    if form <= 2:
        clock = draw(clocks)
        return f"{day.isoformat()}T{clock}Z"
    if form == 3:
        return day.strftime("%Y-%m")
    until = min(day + timedelta(days=draw(st.integers(0, 9))), first + timedelta(days=days - 1))
    return f"{day.isoformat()}/{until.isoformat()}"


any_row = st.dictionaries(st.sampled_from(FEATURES), weights, max_size=5)
lively_row = st.integers(0, 2**32).map(
    lambda n: {f: Random(f"{n}/{f}").uniform(-1.0, 1.0) for f in FEATURES}
)
"""The weights of one decision. Those of a lively one come of one number: there are 500 of them."""


@st.composite
def doctrines(draw: st.DrawFn, rows: st.SearchStrategy[dict[str, float]]) -> dict[str, Any]:
    """A doctrine."""
    return {
        "title": "Generated",
        "reasons": "Generated.",
        "act": {a: draw(rows) for a in ACTS},
        "accept": {a: draw(rows) for a in ANSWERED},
        "acknowledge": draw(rows),
    }


def sides(channel: str) -> tuple[str, str]:
    """The parties of a channel, in order."""
    a, b = sorted((channel[:3].upper(), channel[4:7].upper()))
    return a, b


accounts = st.sampled_from(
    [
        {"denial": True},
        {"kind": "corridor_talk"},
        {"kind": "contact_refused", "agenda": ["detainees"]},
        {"agenda": ["detainees"]},
        {"agenda": ["war", "detainees"]},
        {},
    ]
)


agendas = st.sampled_from([[], ["detainees"], ["war"], ["war", "detainees"]])
persons = st.sampled_from([["a"], ["a", "b", "c"]])


@cache
def told_by(parties: tuple[str, str]) -> st.SearchStrategy[dict[str, Any]]:
    """What the parties of an event say of it."""
    return st.dictionaries(st.sampled_from(parties), accounts, max_size=2)


@st.composite
def events(
    draw: st.DrawFn, id_: str, when: str, channels: list[str], meetings: st.SearchStrategy[str]
) -> dict[str, Any]:
    """One event of any kind, on one of the channels or on none."""
    kind = draw(among([*KINDS, *["meeting_agreed"] * 5]))
    channel = draw(among(channels))
    parties = sides(channel)
    event: dict[str, Any] = {"id": id_, "date": when, "kind": kind}
    if kind in ON_CHANNEL or draw(st.booleans()):
        event["channel"] = channel
        event["accounts"] = draw(told_by(parties))
    event["by"] = draw(among([*parties, None]))
    event["agenda"] = draw(agendas)
    if kind in ("detained", "sentenced", "released"):
        holder = draw(st.integers(0, 1))
        event |= {"held_by": parties[holder], "national_of": parties[1 - holder]}
        event["persons"] = draw(persons)
    if kind in ("escalation", "deescalation"):
        event |= {"severity": draw(among([0.001, 0.3, 1.0])), "label": "fighting"}
    if kind.startswith("treaty"):
        event["treaty"] = "the treaty"
    if kind == "meeting_agreed":
        event["meeting_date"] = draw(meetings.filter(lambda m: parse(m).hi_s > parse(when).lo_s))
    if kind in ("meeting_postponed", "talks_held"):
        later = meetings.filter(lambda m: parse(m).hi_s >= parse(when).hi_s)
        if kind == "talks_held":
            event["to"] = draw(st.just(when) | later)
        elif draw(st.booleans()):
            event["meeting_date"] = draw(later)
    if kind == "agreement_reached":
        event["title"] = "A treaty"
    if kind == "request_unanswered" and draw(st.booleans()):
        earlier = meetings.filter(lambda m: parse(m).lo_s < parse(when).hi_s)
        event["since"] = draw(earlier)
    if "channel" in event and draw(st.integers(0, 3)) == 0:
        event["known_to"] = [*draw(among([parties[:1], parties[1:], parties]))]
    also = [c for c in channels if sides(c) == parties and c != channel]
    if "channel" in event and also and "meeting_" not in kind and draw(st.booleans()):
        event["also_on"] = also
    return event


def somewhere(draw: st.DrawFn, channels: list[str]) -> list[str]:
    """The channels of a scenario, or now and then all: one that is not simulated may be heard."""
    return list(CHANNELS) if draw(st.integers(0, 4)) == 0 else channels


def a_while(
    draw: st.DrawFn, start: st.SearchStrategy[str | None], exact: st.SearchStrategy[str]
) -> dict[str, str | None]:
    """From when to when something holds, or for good."""
    first, last = draw(start), draw(st.none() | exact)
    if first and last and parse(last).lo_s < parse(first).lo_s:
        first, last = last, first
    return {"from": first, "until": last}


def with_causes(draw: st.DrawFn, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give events earlier ones as causes, where the dates leave room."""
    for n, event in enumerate(told):
        room = [e for e in told[:n] if parse(e["date"]).lo_s < parse(event["date"]).hi_s]
        if room and draw(st.booleans()):
            event["causes"] = sorted({draw(among([e["id"] for e in room])) for _ in range(2)})
    return told


@st.composite
def streams(draw: st.DrawFn, channels: list[str]) -> dict[str, Any]:
    """A stream of the world."""
    kind = draw(among(["escalation", "deescalation", "detention"]))
    stream: dict[str, Any] = {"kind": kind, "rate_per_day": draw(rates)}
    channel = draw(among(channels))
    if kind == "detention":
        a, b = draw(among([sides(channel), sides(channel)[::-1]]))
        return stream | {"held_by": a, "national_of": b}
    if draw(st.booleans()):
        stream["channel"] = channel
    if draw(st.booleans()):
        stream["by"] = draw(among(sides(channel)))
    lowest = draw(among([0.01, 0.3, 1.0]))
    return stream | {"severity": [lowest, draw(among([lowest, 1.0]))]}


bursts = st.fixed_dictionaries(
    {
        "opener": st.lists(st.sampled_from(KINDS), min_size=1, max_size=9, unique=True),
        "level": st.sampled_from(["same", "same", "lower"]),
        "act": st.sampled_from([a for a in ACTS if a != "approach"]),
        "side": st.sampled_from(["initiator", "other", "both"]),
        "m": st.sampled_from([0.0, 1e-300, 0.05, 0.3, 0.9, 3.0]),
        "tau_days": st.sampled_from([0.01, 0.5, 3.0, 100.0]),
    }
)
"""A row of the attention table; several rows together may run away, and are dropped then."""


kinds_asked = among(KINDS) | some(KINDS, 1, 4)
states_asked = st.lists(st.sampled_from(STATES), min_size=1, max_size=3)


@st.composite
def outcomes(draw: st.DrawFn, channels: list[str], until: st.SearchStrategy[str]) -> dict[str, Any]:
    """A question of any type."""
    type_ = draw(among(["state_at", "state_by", "share_of_days", "first_time", "event_by"]))
    channel = draw(among(channels))
    if type_ == "event_by":
        asked: dict[str, Any] = {"type": type_, "kind": draw(kinds_asked)}
        asked["channel"] = draw(among([channel, None]))
        asked["by"] = draw(among([*sides(channel), None]))
        return asked | {"at_least": draw(st.integers(1, 3)), "date": draw(st.none() | until)}
    asked = {"type": type_, "channel": channel}
    asked["state"] = draw(states_asked)
    asked["viewpoint"] = draw(among(["observer", *sides(channel)]))
    if type_ in ("state_at", "state_by"):
        asked["date"] = draw(st.none() | until)
    elif type_ == "share_of_days":
        asked |= a_while(draw, st.none() | until, until)
    else:
        asked["from"] = draw(st.none() | until)
    return asked


centres = st.sampled_from([-50.0, -1.5, 0.0, 0.7, 50.0]).map(lambda x: {"centre": x})
inclined_acts = st.dictionaries(st.sampled_from(ACTS), centres, max_size=3)
inclined_answers = st.dictionaries(st.sampled_from(ANSWERED), centres, max_size=2)
drifts = st.none() | st.fixed_dictionaries(
    {
        "half_life_days": st.sampled_from([1.0, 90.0, 1e5]),
        "spread": st.sampled_from([0.001, 1.0, 10.0]),
    }
)


@st.composite
def inclinations(draw: st.DrawFn, channels: list[str]) -> dict[str, Any]:
    """What parties are inclined to do towards one other party."""
    found: dict[str, Any] = {}
    for channel in channels:
        for code, other in (sides(channel), sides(channel)[::-1]):
            acts, accepts = draw(inclined_acts), draw(inclined_answers)
            if acts or accepts:
                said = {"act": acts, "accept": accepts, "drift": draw(drifts)}
                found.setdefault(code, {})[other] = said
    return found


raises = st.dictionaries(st.sampled_from(KINDS), amounts)


@st.composite
def scenario_data(draw: st.DrawFn) -> dict[str, Any]:
    """A scenario as plain data; a few break a rule and are to be dropped."""
    year, days = draw(among(YEARS)), draw(st.integers(1, 45))
    lively, holder = draw(st.booleans()), draw(among([1, -1]))
    as_of = date(year, 11, 30)
    past, start = date(year, 9, 1), as_of + timedelta(days=1)
    until = (as_of + timedelta(days=days)).isoformat()
    channels = draw(some(CHANNELS, 1, 3))
    ahead, exact = moments(start, days), moments(start, days, exact=True)
    whole_days = st.integers(0, days - 1).map(lambda n: (start + timedelta(days=n)).isoformat())
    meetings = moments(past, 91 + days)
    before = sorted(
        draw(st.lists(moments(past, 91), max_size=8)), key=lambda moment: parse(moment).lo_s
    )
    history = [
        draw(events(f"{draw(among('abc'))}{n}", moment, somewhere(draw, channels), meetings))
        for n, moment in enumerate(before)
    ]
    names = ("first", "second")
    changes: list[dict[str, Any]] = []
    for n in range(draw(st.integers(0, 3))):
        moment = draw((exact | ahead).filter(lambda m: parse(m).hi_s <= parse(until).hi_s))
        changes.append({"insert": draw(events(f"new{n}", moment, channels, meetings))})
    for _ in range(draw(st.integers(0, 3))):
        let = {"party": draw(among(PARTIES)), "doctrine": draw(among(names))}
        changes.append({"set_doctrine": let | a_while(draw, exact, exact)})
    early = draw(st.booleans())
    setups: dict[str, Any] = {}
    for id_ in channels:
        setups[id_] = {"initial": draw(among(STATES))}
        if draw(st.integers(0, 3)) == 0:
            setups[id_]["line"] = True
        if draw(st.booleans()):
            lapse = {s: draw(lapses) for s in STATES if s != "cut_off"}
            beyond = among([None, 0.0, 1.0, 40.0]).map(
                lambda more, step=lapse["open"]: (
                    None if more is None or step is None else step + more
                )
            )
            setups[id_]["lapse_days"] = lapse | {"open_at_most": draw(beyond)}
        if draw(st.booleans()):
            known = [(as_of - timedelta(days=60)).isoformat(), as_of.isoformat(), "2030"]
            setups[id_]["complete_from"] = draw(among(known))
        if draw(st.booleans()):
            # a state may have held since before the history or, where that holds none, since then
            told = any(id_ in (e.get("channel"), *e.get("also_on", ())) for e in history)
            since = "1900" if early or told or draw(st.booleans()) else as_of.isoformat()
            setups[id_]["since"] = since
    acts = [a for a in ACTS if a != "approach"]
    stock = {"half_life_days": draw(among([0.001, 1.0, 30.0, 1e5]))}
    return {
        "title": "Generated",
        "question": "Do the executors agree?",
        "as_of": as_of.isoformat(),
        "until": until,
        "show_from": past.isoformat() if early else None,
        "coupling": draw(among(["separate", "shared"])),
        "parties": {p: {"doctrine": draw(among(names))} for p in PARTIES},
        "doctrines": {name: draw(doctrines(lively_row if lively else any_row)) for name in names},
        "channels": setups,
        "history": {
            "title": "Generated",
            "channels": {c: {"parties": sides(c)} for c in CHANNELS},
            "events": with_causes(draw, history),
        },
        "changes": changes,
        "governments": {
            f"government{n}": {
                "party": draw(among(PARTIES)),
                "on": draw(exact),
                "take_up": {"first": draw(among([0, 0.25, 1])), "second": "rest"},
            }
            for n in range(draw(among([0, 0, 1, 2])))
        },
        "rates_per_day": {a: draw(lively_rates if lively else rates) for a in acts},
        "meeting_lead_days": {"least": 1, "most": draw(among([1.0, 1.5, 9.0, 1000.0]))},
        "forums": {
            f"forum{n}": {
                "date": draw(ahead),
                "channels": draw(st.none() | some(channels)),
            }
            for n in range(draw(st.integers(0, 4)))
        },
        "detainees": {
            f"person{n}": dict(
                zip(("held_by", "national_of"), sides(channels[n // 7])[::holder], strict=True)
            )
            for n in range(draw(among([0, 1, 7, 8])) if len(channels) > 1 else 7)
        },
        "unnamed": {
            f"group{n}": {
                "held_by": sides(channels[0])[n],
                "national_of": sides(channels[0])[1 - n],
                "people": {"from": n, "to": n + draw(among([0, 1, 5]))},
            }
            for n in range(draw(among([0, 0, 1, 2])))
        },
        "treaty": {
            "suspended": draw(st.booleans()),
            "parties": draw(st.none() | st.just(sides(channels[0]))),
        },
        "world": {f"w{n}": draw(streams(channels)) for n in range(draw(st.integers(0, 3)))},
        "stocks": {
            name: stock | {"raised_by": draw(raises)}
            for name in ("grievance", "goodwill", "war", "shock")
            if draw(st.booleans())
        },
        "inclinations": draw(inclinations(channels)),
        "attention": {f"row{n}": draw(bursts) for n in range(draw(among([0, 1, 4, 9])))},
        "outcomes": {
            f"asked{n}": draw(outcomes(channels, whole_days))
            for n in range(draw(st.integers(0, 6)))
        },
    }


def scenarios() -> st.SearchStrategy[Scenario]:
    """Scenarios that keep every rule."""
    valid = scenario_data().map(Scenario.model_validate).filter(lambda s: not [*broken_rules(s)])
    return valid.map(in_canonical_order)
