"""The sliders of a lesson: those that it has, or a few that the program offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.ground.language import N_, _
from sim.scenario.acts import ANSWERED, Act
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, rates_of
from sim.seminar.lesson.sliders import Slider

FARTHEST = 2.0
"""How far an offered slider shifts a bias, in logits: odds 7 times as large, or as small."""
SHIFTS = {
    N_("How readily {party} seeks contact"): [
        f"act.{act}.bias" for act in ("meet", "call", "raise_detainees", "approach")
    ],
    N_("How readily {party} accepts contact"): [
        f"accept.{act}.bias" for act in ANSWERED if act != "swap"
    ],
    N_("How readily {party} cuts contact or calls a meeting off"): [
        "act.cut.bias",
        "act.cancel.bias",
    ],
}
"""What an offered slider shifts in a party's doctrine, by its title."""


MEMORIES = {
    "grievance": N_("grievance"),
    "goodwill": N_("goodwill"),
    "war": N_("war"),
    "shock": N_("shock"),
}
"""What half-lives are those of."""


def with_own_doctrines(scenario: Scenario, parties: Iterable[str]) -> Scenario:
    """Give parties copies of their doctrines, so that one can change without the other. No world
    changes by it."""
    doctrines, setups = dict(scenario.doctrines), dict(scenario.parties)
    for party in parties:
        old = setups[party].doctrine
        name = f"{old[:70]}-{party.lower()}"
        while name in doctrines:
            name += "-2"
        doctrines[name] = doctrines[old]
        setups[party] = setups[party].model_copy(update={"doctrine": name})
    used = {s.doctrine for s in setups.values()}
    used |= {c.set_doctrine.doctrine for c in scenario.changes if c.set_doctrine is not None}
    used |= {name for g in scenario.governments.values() for name in g.take_up}
    kept = {name: d for name, d in doctrines.items() if name in used}
    return scenario.model_copy(update={"doctrines": kept, "parties": setups})


OPPORTUNITIES: dict[Act, str] = {
    "meet": N_("Opportunities to propose a meeting, a day"),
    "call": N_("Opportunities to propose a call, a day"),
    "raise_detainees": N_("Opportunities to speak of detainees, a day"),
}
"""Acts whose rates are offered where the weights are those of a fit."""


def offered(scenario: Scenario) -> tuple[Scenario, tuple[Slider, ...]]:
    """Return sliders that fit any scenario, and the scenario in which they lead somewhere: for each
    party of the first channel how readily it seeks, accepts and ends contact. Where the weights are
    those of a fit they stay, and rates and half-lives can be moved instead."""
    if scenario.fit is not None:
        return scenario, tuple(_beside_weights(scenario))
    channels = channels_of(scenario).values()
    parties = next(iter(channels)).parties
    split = with_own_doctrines(scenario, sorted({p for c in channels for p in c.parties}))
    sliders = tuple(
        Slider(
            title=_(title, party=party),
            paths=tuple(f"doctrines.{split.parties[party].doctrine}.{p}" for p in paths),
            start=-FARTHEST,
            to=FARTHEST,
            step=0.1,
        )
        for party in parties
        for title, paths in SHIFTS.items()
    )
    return split, sliders


def _beside_weights(scenario: Scenario) -> Iterator[Slider]:
    """Make the sliders of a scenario whose weights are those of a fit."""
    id_ = next(iter(channels_of(scenario)))
    setup = scenario.channels.get(id_)
    own = setup is not None and setup.rates_per_day is not None
    at = f"channels.{id_}.rates_per_day" if own else "rates_per_day"
    for act, words in OPPORTUNITIES.items():
        if rate := rates_of(scenario, id_).of(act):
            yield Slider(title=_(words), path=f"{at}.{act}", start=0.0, to=3 * rate)
    for memory in type(scenario.stocks).model_fields:
        days = getattr(scenario.stocks, memory).half_life_days
        title = _("Days until half of the {memory} is forgotten", memory=_(MEMORIES[memory]))
        path = f"stocks.{memory}.half_life_days"
        yield Slider(title=title, path=path, start=days / 3, to=3 * days)


def reason_of(scenario: Scenario, slider: Slider) -> str:
    """Return why a slider's numbers are as they are: its own reason, or that of its doctrine; empty
    where there is neither."""
    if slider.reason is not None:
        return slider.reason
    for name, doctrine in scenario.doctrines.items():
        if slider.places[0].startswith(f"doctrines.{name}."):
            told = {"doctrine": doctrine.title, "reasons": doctrine.reasons}
            return _("The doctrine “{doctrine}”: {reasons}", **told)
    return ""
