"""What made a run: enough to make it again. No clock, no machine's name, no path."""

from __future__ import annotations

import platform
from hashlib import sha256
from typing import Any

from sim.ground.files import canonical_json
from sim.ground.version import DISTRIBUTION, MODEL_VERSION, packages, program_version
from sim.scenario.interventions import run_type
from sim.scenario.scenario import Scenario


def scenario_digest(scenario: Scenario) -> str:
    """Return the SHA-256 of a resolved scenario in hexadecimal, without its ensemble, its
    lesson, and the priors and the observation that it is learned with, which change no world."""
    plain = scenario.plain()
    for name in ("ensemble", "seminar", "observation"):
        plain.pop(name, None)
    for doctrine in plain.get("doctrines", {}).values():
        doctrine.pop("prior", None)
    return sha256(canonical_json(plain).encode()).hexdigest()


def made_by() -> dict[str, Any]:
    """Return the program and the packages at work."""
    return {
        "program": {"name": DISTRIBUTION, "version": program_version()},
        "model": MODEL_VERSION,
        "python": platform.python_version(),
        "packages": packages(),
    }


def provenance(
    scenario: Scenario, seed: int, replications: int, executor: str
) -> dict[str, object]:
    """Return the record that a run folder keeps of what made it."""
    return {
        "schema": 1,
        **made_by(),
        "scenario": {"title": scenario.title, "sha256": scenario_digest(scenario)},
        "level": run_type(scenario),
        "seed": seed,
        "replications": replications,
        "executor": executor,
    }
