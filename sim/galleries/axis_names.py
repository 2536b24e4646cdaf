"""What people read for the numbers that a sweep varies: a name in words for each path."""

from __future__ import annotations

from collections.abc import Sequence

from sim.galleries.names import told_apart
from sim.ground.states import STATE_LABELS
from sim.scenario.inclination import WITH
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, party_name
from sim.scenario.varying import keys_to, place_of, plain_for_sweeps

BOUNDS = ("least", "largest")


def axis_names(scenario: Scenario) -> dict[str, str]:
    """Name every number that a scenario's sweep varies, by path; two of one name keep their paths
    in brackets."""
    return number_words(scenario, list(scenario.sweep))


def number_words(scenario: Scenario, names: Sequence[str]) -> dict[str, str]:
    """Name numbers of a scenario, by path, and weights, as `USA.act.call.bias`; two of one name
    keep both in brackets."""
    weights = {n: parts for n in names if (parts := n.split("."))[0] in scenario.parties}
    data = plain_for_sweeps(scenario, [n for n in names if n not in weights])
    return told_apart(
        {
            name: _weight(scenario, *weights[name])
            if name in weights
            else _named(scenario, keys_to(data, name))
            for name in names
        }
    )


def _weight(scenario: Scenario, code: str, *parts: str) -> str:
    """Say in words which weight of a party it is."""
    *decision, feature = parts
    if feature.startswith(WITH):
        other = party_name(scenario, feature.removeprefix(WITH))
        return f"inclination to {_does(*decision)} with {other}, {party_name(scenario, code)}"
    return f"{_feature(feature)} {_does(*decision)}, {party_name(scenario, code)}"


def _does(part: str, act: str = "") -> str:
    """Say in words what a decision is about."""
    if part == "accept":
        return f"accepting: {_words(act)}"
    return _words(act) if act else "acknowledging contact"


def own_values(scenario: Scenario) -> dict[str, float | None]:
    """Return the scenario's own value of every number that its sweep varies; None where it leaves
    that number out."""
    data, found = plain_for_sweeps(scenario, scenario.sweep), {}
    for path in scenario.sweep:
        container, key = place_of(data, path)
        value = container[key]
        found[path] = None if value is None else float(value)
    return found


def _named(scenario: Scenario, keys: Sequence[str | int]) -> str:
    """Say in words which number stands under these keys."""
    match keys:
        case ["rates_per_day", act]:
            return f"rate of {_words(act)} per day"
        case ["channels", channel, "rates_per_day", act]:
            return f"rate of {_words(act)} per day, {_channel(scenario, channel)}"
        case ["channels", channel, "lapse_days", "open_at_most"]:
            return f"days that “open” lasts at most, {_channel(scenario, channel)}"
        case ["channels", channel, "lapse_days", state]:
            label = STATE_LABELS.get(str(state), _words(state))
            return f"days that one contact keeps “{label}”, {_channel(scenario, channel)}"
        case ["doctrines", doctrine, ("act" | "accept") as part, act, feature]:
            does = _does(str(part), str(act))
            return f"{_feature(feature)} {does}, {_doctrine(scenario, doctrine)}"
        case ["doctrines", doctrine, "acknowledge", feature]:
            return f"{_feature(feature)} telling of contact, {_doctrine(scenario, doctrine)}"
        case ["inclinations", code, other, ("act" | "accept") as part, act, "centre"]:
            does, towards = _does(str(part), str(act)), party_name(scenario, str(other))
            return f"inclination to {does} with {towards}, {party_name(scenario, str(code))}"
        case ["inclinations", code, other, "drift", key]:
            who, whom = party_name(scenario, str(code)), party_name(scenario, str(other))
            return f"{_words(key)} of the drift, {who} with {whom}"
        case ["world", what, "rate_per_day"]:
            return f"rate of {_words(what)} per day"
        case ["world", what, "severity", (0 | 1) as bound]:
            return f"{BOUNDS[bound]} severity of {_words(what)}"
        case ["stocks", stock, "half_life_days"]:
            return f"half-life of {_words(stock)} in days"
        case ["stocks", stock, "raised_by", kind]:
            return f"{_words(stock)} raised by {_words(kind)}"
        case ["attention", row, "m"]:
            return f"further opportunities, {_words(row)}"
        case ["attention", row, "tau_days"]:
            return f"mean delay in days, {_words(row)}"
        case ["governments", id_, "take_up", doctrine]:
            party = scenario.governments[str(id_)].party
            title = scenario.doctrines[str(doctrine)].title
            return f"probability of “{title}” in {party_name(scenario, party)}"
        case ["unnamed", id_, "people", bound]:
            words = {"from": "fewest", "to": "most"}[str(bound)]
            return f"{words} people held unnamed, {_words(id_)}"
        case ["meeting_lead_days", bound]:
            return f"{_words(bound)} lead of a meeting in days"
    return ", ".join(_words(key) for key in reversed(keys[1:] or keys))


def _words(key: str | int) -> str:
    return str(key).replace("_", " ").replace("-", " ")


def _feature(key: str | int) -> str:
    """Say how a feature of a decision weighs."""
    if key == "bias":
        return "inclination to"
    label = STATE_LABELS.get(str(key))
    return f"weight of {f'“{label}”' if label else _words(key)} on"


def _channel(scenario: Scenario, id_: str | int) -> str:
    channel = channels_of(scenario).get(str(id_))
    return (channel and channel.title) or str(id_)


def _doctrine(scenario: Scenario, id_: str | int) -> str:
    """Name a doctrine by the government that follows it, or where several do, by its title."""
    who = [code for code, setup in scenario.parties.items() if setup.doctrine == id_]
    if len(who) == 1:
        return party_name(scenario, who[0])
    return scenario.doctrines[str(id_)].title or _words(id_)
