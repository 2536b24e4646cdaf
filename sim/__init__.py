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
    from sim import plots
    from sim.galleries.gallery import LogGallery
    from sim.ground.errors import BackchannelError, InputError, RunError
    from sim.learning.fitting import learn
    from sim.log.file import load as load_log
    from sim.log.log import Log
    from sim.log.projection import project, timeline
    from sim.model.players import DoctrinePlayer, Line, Player, Question, ScriptedPlayer
    from sim.pooling.pooled import pool
    from sim.report.runfolder import Run, load_run
    from sim.report.runs import run
    from sim.report.saving import save
    from sim.results.log_frames import events_frame, timeline_frame
    from sim.scenario.fit import load_fit
    from sim.scenario.scenario import Scenario
    from sim.seminar.lesson.block import load_scenario
    from sim.study.comparing import compare
    from sim.study.explaining import why
    from sim.study.playing import Play, load_play, play
    from sim.study.sensitivity import sensitivity
    from sim.study.sweeping import sweep

_PLACES = {
    "BackchannelError": ("sim.ground.errors", "BackchannelError"),
    "DoctrinePlayer": ("sim.model.players", "DoctrinePlayer"),
    "InputError": ("sim.ground.errors", "InputError"),
    "Line": ("sim.model.players", "Line"),
    "Log": ("sim.log.log", "Log"),
    "LogGallery": ("sim.galleries.gallery", "LogGallery"),
    "Play": ("sim.study.playing", "Play"),
    "Player": ("sim.model.players", "Player"),
    "Question": ("sim.model.players", "Question"),
    "Run": ("sim.report.runfolder", "Run"),
    "RunError": ("sim.ground.errors", "RunError"),
    "Scenario": ("sim.scenario.scenario", "Scenario"),
    "ScriptedPlayer": ("sim.model.players", "ScriptedPlayer"),
    "compare": ("sim.study.comparing", "compare"),
    "events_frame": ("sim.results.log_frames", "events_frame"),
    "learn": ("sim.learning.fitting", "learn"),
    "load_fit": ("sim.scenario.fit", "load_fit"),
    "load_log": ("sim.log.file", "load"),
    "load_play": ("sim.study.playing", "load_play"),
    "load_run": ("sim.report.runfolder", "load_run"),
    "load_scenario": ("sim.seminar.lesson.block", "load_scenario"),
    "play": ("sim.study.playing", "play"),
    "plots": ("sim.plots", ""),
    "pool": ("sim.pooling.pooled", "pool"),
    "project": ("sim.log.projection", "project"),
    "run": ("sim.report.runs", "run"),
    "save": ("sim.report.saving", "save"),
    "sensitivity": ("sim.study.sensitivity", "sensitivity"),
    "sweep": ("sim.study.sweeping", "sweep"),
    "timeline": ("sim.log.projection", "timeline"),
    "timeline_frame": ("sim.results.log_frames", "timeline_frame"),
    "why": ("sim.study.explaining", "why"),
}

__all__ = [
    "BackchannelError",
    "DoctrinePlayer",
    "InputError",
    "Line",
    "Log",
    "LogGallery",
    "Play",
    "Player",
    "Question",
    "Run",
    "RunError",
    "Scenario",
    "ScriptedPlayer",
    "compare",
    "events_frame",
    "learn",
    "load_fit",
    "load_log",
    "load_play",
    "load_run",
    "load_scenario",
    "play",
    "plots",
    "pool",
    "project",
    "run",
    "save",
    "sensitivity",
    "sweep",
    "timeline",
    "timeline_frame",
    "why",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("sim.ground.version").program_version()
    if name not in _PLACES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    found = import_module(module)
    value = getattr(found, attribute) if attribute else found
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
