"""JSON Schemas of what people write, for editors and for `sim schema`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from inspect import getdoc
from typing import Any, Literal

from pydantic import Field, create_model

from sim.log.log import Log
from sim.scenario.blocks import Block
from sim.scenario.resolve import shipped_doctrines
from sim.scenario.scenario import Scenario

Kind = Literal["scenario", "log"]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
PARTIAL = "Partial"
"""How the name of a definition begins that describes a part of what another one describes."""


def json_schema(kind: Kind, blocks: Sequence[Block[Any]] = ()) -> dict[str, Any]:
    """Return the JSON Schema of a scenario or a log as people write it, shortcuts included. Of the
    blocks of a scenario it tells those that are given."""
    model = Log if kind == "log" else _with_blocks(blocks)
    schema = model.model_json_schema(by_alias=True, mode="validation")
    for node in _nodes(schema):
        if "patternProperties" in node:  # a key of another form is a slip, not an extra
            node["additionalProperties"] = False
        for field in node.get("properties", {}).values():
            field.pop("title", None)  # it says the field's name over again
    _allow_single_words(schema["$defs"])
    if kind == "scenario":
        _allow_paths(schema)
        schema = _extensible(schema)
    return {"$schema": DIALECT, **schema}


def _with_blocks(blocks: Sequence[Block[Any]]) -> type[Scenario]:
    told = {b.name: Scenario.model_fields[b.name].description for b in blocks}
    fields: Any = {
        b.name: (b.form | None, Field(default=None, description=told[b.name])) for b in blocks
    }
    return create_model("Scenario", __base__=Scenario, __doc__=getdoc(Scenario), **fields)


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Walk through every mapping of a schema."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, (dict, list)):
            yield from _nodes(child)


def _allow_single_words(definitions: dict[str, Any]) -> None:
    """Allow one state, kind or paragraph where a list of one would stand."""
    for definition in definitions.values():
        for name in ("state", "kind", "paragraph"):
            field = definition.get("properties", {}).get(name)
            if field and field.get("type") == "array":
                listed = {k: field.pop(k) for k in ("type", "items", "minItems") if k in field}
                if "minLength" in field:  # pydantic's word for text, where it means the list
                    listed["minItems"] = field.pop("minLength")
                field["anyOf"] = [listed["items"], listed]


def _allow_paths(schema: dict[str, Any]) -> None:
    """Allow paths as the history and as the fit, and as a doctrine's base the name of another."""
    history = schema["properties"]["history"]
    history["anyOf"].insert(0, {"type": "string", "description": "A path to a log."})
    parameters = schema["properties"]["fit"]
    parameters["anyOf"].insert(0, {"type": "string", "description": "A path to a fit's folder."})
    doctrine = schema["$defs"]["Doctrine"]
    base = {"type": "string", "description": "The doctrine that this one changes."}
    partial = _partial({k: v for k, v in doctrine.items() if k != "required"})
    changed = {**partial, "properties": {"extends": base, **partial["properties"]}}
    whole = {**doctrine, "properties": {"extends": {"not": {}}, **doctrine["properties"]}}
    either = {"if": {"required": ["extends"]}, "then": changed, "else": whole}
    schema["$defs"]["Doctrine"] = {"title": "Doctrine", "type": "object", **either}
    schema["$defs"]["PartySetup"]["properties"]["doctrine"]["examples"] = shipped_doctrines()


def _extensible(schema: dict[str, Any]) -> dict[str, Any]:
    """Ask for a whole scenario, or for `extends` and any part of one.

    What extends another scenario is laid over it key by key: null takes an entry away, and a list
    takes the place of the list.
    """
    definitions = schema.pop("$defs")
    parts = {PARTIAL + name: _partial(body) for name, body in definitions.items()}
    path = {"type": "string", "description": "A path to the scenario that this one changes."}
    partial = _partial(schema)
    return {
        **partial,
        "properties": {"extends": path, **partial["properties"]},
        "if": {"not": {"required": ["extends"]}},
        "then": {"$ref": "#/$defs/Scenario"},
        "$defs": {"Scenario": schema, **definitions, **parts},
    }


def _partial(node: dict[str, Any]) -> dict[str, Any]:
    """Copy a schema so that nothing in it is required and everything may be null."""
    needed = ("required", "minProperties", "discriminator", "default")
    made = {key: value for key, value in node.items() if key not in needed}
    if "$ref" in made:
        name = made["$ref"].rpartition("/")[2].removeprefix(PARTIAL)
        made["$ref"] = f"#/$defs/{PARTIAL}{name}"
    for key in ("properties", "patternProperties"):
        if key in made:
            made[key] = {name: _or_null(_partial(inner)) for name, inner in made[key].items()}
    options = [_partial(option) for option in (*made.pop("oneOf", ()), *made.pop("anyOf", ()))]
    for key in ("if", "then", "else"):
        if key in made:
            made[key] = made[key] if key == "if" else _partial(made[key])
    return {**made, "anyOf": options} if options else made


def _or_null(node: dict[str, Any]) -> dict[str, Any]:
    """Allow null beside what a schema allows, and keep its description in sight."""
    said = {"description": node.pop("description")} if "description" in node else {}
    options = node["anyOf"] if set(node) == {"anyOf"} else [node]
    null = {"type": "null"}
    return {**said, "anyOf": options if null in options else [*options, null]}
