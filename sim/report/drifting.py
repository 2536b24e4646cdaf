"""In words: which inclinations of a scenario drift, and by what law."""

from __future__ import annotations

from sim.ground.dates import spoken
from sim.scenario.scenario import Scenario
from sim.scenario.scope import party_name


def drifting(scenario: Scenario) -> list[str]:
    """Say which inclinations drift, with which half-life and spread: a sentence for each law."""
    laws: dict[tuple[float, float], list[str]] = {}
    for code, towards in scenario.inclinations.items():
        for other, inclination in towards.items():
            if (drift := inclination.drift) is not None:
                law = float(drift.half_life_days), float(drift.spread)
                names = (party_name(scenario, c) for c in (code, other))
                laws.setdefault(law, []).append(" towards ".join(names))
    return [
        f"After {spoken(scenario.as_of)} inclinations drift ({', '.join(who)}), with a half-life "
        f"of {half_life:g} days and a spread of {spread:g} logit{'' if spread == 1 else 's'} in "
        "the long run: so a year ahead is less sure than a month ahead."
        for (half_life, spread), who in laws.items()
    ]
