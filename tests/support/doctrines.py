"""The doctrines that ship with the program, read alone."""

from __future__ import annotations

from sim.ground.checking import check
from sim.ground.yaml import load_yaml
from sim.scenario.doctrine import Doctrine
from sim.scenario.resolve import SHIPPED


def shipped(name: str) -> Doctrine:
    return check(Doctrine, load_yaml(SHIPPED / f"{name}.yaml"))
