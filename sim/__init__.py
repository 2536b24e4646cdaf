"""Backchannel: an event-sourced simulator of diplomatic channels.

>>> import sim
>>> run = sim.run("scenarios/new-delhi.yaml")
>>> run.outcomes
>>> run.plot.occupancy()

Names are loaded when they are first used, so that importing `sim` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.ground.errors import BackchannelError, InputError, RunError
    from sim.log.file import load as load_log
    from sim.log.log import Log
    from sim.log.projection import project, timeline
    from sim.model.players import DoctrinePlayer, Line, Player, Question, ScriptedPlayer
    from sim.scenario.resolve import load_scenario
    from sim.scenario.scenario import Scenario
    from sim.study.comparing import compare
    from sim.study.explaining import why
    from sim.study.gallery import LogGallery
    from sim.study.running import Run, load_run, run
    from sim.study.sweeping import sweep

_PLACES = {
    "BackchannelError": ("sim.ground.errors", "BackchannelError"),
    "DoctrinePlayer": ("sim.model.players", "DoctrinePlayer"),
    "InputError": ("sim.ground.errors", "InputError"),
    "Line": ("sim.model.players", "Line"),
    "Log": ("sim.log.log", "Log"),
    "LogGallery": ("sim.study.gallery", "LogGallery"),
    "Player": ("sim.model.players", "Player"),
    "Question": ("sim.model.players", "Question"),
    "Run": ("sim.study.running", "Run"),
    "RunError": ("sim.ground.errors", "RunError"),
    "Scenario": ("sim.scenario.scenario", "Scenario"),
    "ScriptedPlayer": ("sim.model.players", "ScriptedPlayer"),
    "compare": ("sim.study.comparing", "compare"),
    "load_log": ("sim.log.file", "load"),
    "load_run": ("sim.study.running", "load_run"),
    "load_scenario": ("sim.scenario.resolve", "load_scenario"),
    "project": ("sim.log.projection", "project"),
    "run": ("sim.study.running", "run"),
    "sweep": ("sim.study.sweeping", "sweep"),
    "timeline": ("sim.log.projection", "timeline"),
    "why": ("sim.study.explaining", "why"),
}

__all__ = [
    "BackchannelError",
    "DoctrinePlayer",
    "InputError",
    "Line",
    "Log",
    "LogGallery",
    "Player",
    "Question",
    "Run",
    "RunError",
    "Scenario",
    "ScriptedPlayer",
    "compare",
    "load_log",
    "load_run",
    "load_scenario",
    "project",
    "run",
    "sweep",
    "timeline",
    "why",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("sim.ground.version").program_version()
    if name not in _PLACES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
