"""The questions of the test on probability and hindsight: ten, each in two parallel forms.

They stand in `items.yaml`. `{event}` in them stands for a question of the lesson's first round that
is answered by yes or no.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from sim.ground.checking import check
from sim.ground.schema import Line, Strict
from sim.ground.yaml import load_yaml

LETTERS = "abcd"


class Form(Strict):
    """One question in one form."""

    stem: Line
    options: tuple[Line, Line, Line, Line]
    right: int = Field(ge=0, le=3)
    """The place of the right one, from 0."""


class Item(Strict):
    """One question in both forms."""

    topic: Line
    because: Line
    """Why the right answer is right, in either form."""
    literature: tuple[str, ...]
    """Keys of `LITERATURE`."""
    a: Form
    b: Form


class Questionnaire(Strict):
    """The questions, and what they rest on."""

    literature: dict[str, Line]
    items: tuple[Item, ...]


_READ = check(Questionnaire, load_yaml(Path(__file__).parent / "items.yaml"))
LITERATURE = _READ.literature
"""What the questions rest on."""
ITEMS = _READ.items
"""The ten questions, in order."""
