"""The sliders of a lesson: those that it has, or a few that the program offers."""

from __future__ import annotations

from collections.abc import Iterable

from sim.scenario.acts import ANSWERED
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of
from sim.seminar.lesson.sliders import Slider

FARTHEST = 2.0
"""How far an offered slider shifts a bias, in logits: odds 7 times as large, or as small."""
SHIFTS = {
    "seeks contact": [f"act.{act}.bias" for act in ("meet", "call", "raise_detainees", "approach")],
    "accepts contact": [f"accept.{act}.bias" for act in ANSWERED if act != "swap"],
    "cuts contact or calls a meeting off": ["act.cut.bias", "act.cancel.bias"],
}
"""What an offered slider shifts in a party's doctrine, by what the party then does more readily."""


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
    kept = {name: d for name, d in doctrines.items() if name in used}
    return scenario.model_copy(update={"doctrines": kept, "parties": setups})


def offered(scenario: Scenario) -> tuple[Scenario, tuple[Slider, ...]]:
    """Return sliders that fit any scenario, and the scenario in which they lead somewhere: for each
    party of the first channel how readily it seeks, accepts and ends contact."""
    parties = next(iter(channels_of(scenario).values())).parties
    split = with_own_doctrines(scenario, parties)
    sliders = tuple(
        Slider(
            title=f"How readily {party} {words}",
            paths=tuple(f"doctrines.{split.parties[party].doctrine}.{p}" for p in paths),
            start=-FARTHEST,
            to=FARTHEST,
            step=0.1,
        )
        for party in parties
        for words, paths in SHIFTS.items()
    )
    return split, sliders


def reason_of(scenario: Scenario, slider: Slider) -> str:
    """Return why a slider's numbers are as they are: its own reason, or that of its doctrine; empty
    where there is neither."""
    if slider.reason is not None:
        return slider.reason
    for name, doctrine in scenario.doctrines.items():
        if slider.places[0].startswith(f"doctrines.{name}."):
            return f"The doctrine “{doctrine.title}”: {doctrine.reasons}"
    return ""
