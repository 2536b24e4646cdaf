"""Checking: pydantic's errors in words, each at its place, without echoes."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import pytest
from pydantic import Field

from sim.ground import schema
from sim.ground.checking import check
from sim.ground.errors import MAX_PROBLEMS, InputError
from sim.ground.schema import Party, Real, Strict, Whole
from sim.ground.yaml import parse_yaml


class Cat(Strict):
    kind: Literal["cat"]
    lives: Whole = Field(default=9, ge=1, le=9)


class Dog(Strict):
    kind: Literal["dog"]
    name: str
    tricks: tuple[str, ...] = Field(default=(), min_length=2)


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


class House(Strict):
    owner: str = Field(alias="of")
    pets: tuple[Pet, ...] = ()
    by_name: dict[str, Pet] = Field(default_factory=dict)
    rooms: dict[str, Real] = Field(default_factory=dict, min_length=1, max_length=2)
    corner: tuple[Real, Real] = (0.0, 0.0)
    tall: bool = False
    level: Literal[1, 2] = 1


class Houses(Strict):
    parties: tuple[Party, ...]


def messages(text: str) -> list[str]:
    document = parse_yaml(text, "h")
    try:
        check(House, document)
    except InputError as error:
        return [str(p) for p in error.problems]
    return []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("of: A\n", []),
        ("off: A\n", ["h:1: of: is required", "h:1: off: unknown key; did you mean 'of'?"]),
        ("of: 5\n", ["h:1: of: must be text: put it in quotation marks (got 5)"]),
        ("of: A\ntall: very\n", ["h:2: tall: must be true or false (got very)"]),
        ("of: A\nlevel: 3\n", ["h:2: level: must be 1 or 2 (got 3)"]),
        ("of: A\nrooms: {}\n", ["h:2: rooms: must hold at least 1 entry (got 0)"]),
        ("of: A\nrooms: {a: 1, b: 2, c: 3}\n", ["h:2: rooms: must hold at most 2 entries (got 3)"]),
        ("of: A\nrooms: {a: .nan}\n", ["h:2: rooms.a: must be a finite number (got nan)"]),
        ("of: A\nrooms: {a: '1'}\n", ["h:2: rooms.a: must be a number, not text (got 1)"]),
        ("of: A\ncorner: [1]\n", ["h:2: corner: holds too few entries (got a list of 1)"]),
        ("of: A\ncorner: [1, x]\n", ["h:2: corner[1]: must be a number, not text (got x)"]),
        ("of: A\npets: {}\n", ["h:2: pets: must be a list (got a mapping of 0)"]),
        ("of: A\npets: [cat]\n", ["h:2: pets[0]: must be a mapping (got cat)"]),
        ("of: A\npets: [{}]\n", ["h:2: pets[0].kind: is required"]),
        ("of: A\npets: [{kind: cow}]\n", ["h:2: pets[0].kind: must be one of cat, dog (got cow)"]),
        (
            "of: A\npets: [{kind: dgo}]\n",
            ["h:2: pets[0].kind: must be one of cat, dog; did you mean 'dog'? (got dgo)"],
        ),
        (
            "of: A\npets: [{kind: [cat]}]\n",
            ["h:2: pets[0].kind: must be one of cat, dog (got a list of 1)"],
        ),
        (
            "of: A\npets:\n  - {kind: cat, live: 3}\n",
            ["h:3: pets[0].live: unknown key; did you mean 'lives'?"],
        ),
        (
            "of: A\npets: [{kind: cat, lives: 12}]\n",
            ["h:2: pets[0].lives: must be at most 9 (got 12)"],
        ),
        (
            "of: A\npets: [{kind: cat, lives: true}]\n",
            ["h:2: pets[0].lives: must be a whole number (got true)"],
        ),
        (
            "of: A\nby_name:\n  dog:\n    {kind: dog}\n",
            ["h:3: by_name.dog.name: is required"],
        ),
    ],
)
def test_messages(text: str, found: list[str]) -> None:
    assert messages(text) == found


def test_a_list_with_a_bad_item_is_not_also_too_short() -> None:
    """Pydantic says both; the second is an echo."""
    found = messages("of: A\npets: [{kind: dog, name: x, tricks: [sit, 5]}]\n")
    assert found == ["h:2: pets[0].tricks[1]: must be text: put it in quotation marks (got 5)"]


def test_a_list_that_is_too_short_is_reported() -> None:
    """The control: not every such message is dropped."""
    found = messages("of: A\npets: [{kind: dog, name: x, tricks: [sit]}]\n")
    assert found == ["h:2: pets[0].tricks: must hold at least 2 entries (got 1)"]


def test_a_key_that_is_called_like_the_kind_does_not_mislead() -> None:
    found = messages("of: A\npets:\n  - kind: dog\n    dog: rex\n")
    assert found == ["h:3: pets[0].name: is required", "h:4: pets[0].dog: unknown key"]


def test_a_part_of_a_document_is_checked_at_its_place() -> None:
    document = parse_yaml("pets:\n  felix:\n    kind: cat\n    lives: 0\n", "h")
    with pytest.raises(InputError) as caught:
        check(Cat, document, document.data["pets"]["felix"], at=("pets", "felix"))
    assert [str(p) for p in caught.value.problems] == [
        "h:4: pets.felix.lives: must be at least 1 (got 0)"
    ]


def test_hints_are_looked_up_for_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may hold 20,000 unknown codes, and a hint for each would take long."""
    asked: list[str] = []
    monkeypatch.setattr(schema, "did_you_mean", lambda code, _: asked.append(code) or "")
    with pytest.raises(InputError) as caught:
        check(Houses, parse_yaml(json.dumps({"parties": ["Q0"] * 900}), "h"))
    assert len(caught.value.problems) == MAX_PROBLEMS + 1
    assert len(asked) <= MAX_PROBLEMS + 1
