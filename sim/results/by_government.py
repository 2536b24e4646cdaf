"""A run's answers by who governs, where that is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from sim.model.compiled_scenario import CompiledScenario
from sim.model.governing import governing
from sim.model.tally import Tally
from sim.results.frames import schema_of
from sim.results.outcomes import Answer, answer_among, in_file_order
from sim.scenario.governments import Government, in_order
from sim.scenario.scenario import Scenario
from sim.scenario.scope import run_span


@dataclass(frozen=True)
class UnderGovernment:
    """The worlds of a run in which a party takes up one of the doctrines that it may."""

    id: str
    """The government, as the scenario calls it."""
    government: Government
    doctrine: str
    """The doctrine's name."""
    probability: float
    worlds: int
    """In how many worlds it is drawn."""
    answers: list[Answer]
    """What these worlds alone answer, in the order of the file; nothing of no world."""

    def plain(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return {
            "government": self.id,
            "party": self.government.party,
            "date": self.government.on,
            "doctrine": self.doctrine,
            "probability": self.probability,
            "worlds": self.worlds,
            "outcomes": {a.name: [a.estimate, a.low, a.high] for a in self.answers},
        }


def by_government(
    scenario: Scenario, program: CompiledScenario, tally: Tally, seed: int
) -> list[UnderGovernment]:
    """Answer every outcome in the worlds of each government alone, by date and doctrine."""
    found = []
    for _, id_, government in in_order(scenario.governments, *run_span(scenario)):
        place = governing(id_, government, seed, tally.replications)
        for n, (doctrine, probability) in enumerate(government.probabilities().items()):
            there = place == n
            worlds = int(there.sum())
            every = range(len(scenario.outcomes) if worlds else 0)
            answers = [answer_among(scenario, program, tally, q, there) for q in every]
            ordered = in_file_order(scenario, answers)
            found.append(UnderGovernment(id_, government, doctrine, probability, worlds, ordered))
    return found


def government_frame(found: list[UnderGovernment]) -> pl.DataFrame:
    """One row a government, doctrine and outcome: what the worlds of that government answer."""
    rows = [
        (
            *(u.id, u.government.party, u.government.on, u.doctrine, u.probability, u.worlds),
            *(a.name, a.title, a.type, a.estimate, a.low, a.high),
        )
        for u in found
        for a in u.answers
    ]
    return pl.DataFrame(rows, schema=schema_of("governments.csv"), orient="row")
