"""JSON Schemas of what people write, for editors and for `sim schema`."""

from __future__ import annotations

from typing import Any, Literal

from sim.log import Log
from sim.resolve import shipped_doctrines
from sim.scenario import Scenario

Kind = Literal["scenario", "log"]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: Kind) -> dict[str, Any]:
    """Return the JSON Schema of a scenario or a log as people write it, shortcuts included."""
    model = Scenario if kind == "scenario" else Log
    schema = model.model_json_schema(by_alias=True, mode="validation")
    if kind == "scenario":
        _allow_shortcuts(schema)
    _allow_single_words(schema)
    return {"$schema": DIALECT, **schema}


def _allow_shortcuts(schema: dict[str, Any]) -> None:
    """Allow `extends`, a path as the history, and null to take an inherited entry away."""
    properties, definitions = schema["properties"], schema["$defs"]
    described = properties["history"]
    described["anyOf"].insert(0, {"type": "string", "description": "A path to a log."})
    path = {"type": "string", "description": "A path to the scenario that this one changes."}
    schema["properties"] = {"extends": path, **properties}
    needed = schema.pop("required")
    schema["anyOf"] = [{"required": ["extends"]}, {"required": needed}]
    for field in schema["properties"].values():
        for key in ("additionalProperties", "patternProperties"):
            inner = field.get(key)
            if key == "patternProperties" and isinstance(inner, dict):
                field[key] = {p: {"anyOf": [s, {"type": "null"}]} for p, s in inner.items()}
            elif isinstance(inner, dict):
                field[key] = {"anyOf": [inner, {"type": "null"}]}
    base = {"type": "string", "description": "The doctrine that this one changes."}
    doctrine = definitions["Doctrine"]
    doctrine["properties"] = {"extends": base, **doctrine["properties"]}
    doctrine["anyOf"] = [{"required": ["extends"]}, {"required": doctrine.pop("required")}]
    setup = definitions["PartySetup"]["properties"]["doctrine"]
    setup["examples"] = shipped_doctrines()


def _allow_single_words(schema: dict[str, Any]) -> None:
    """Allow one state, or one paragraph, where a list of one would stand."""
    for definition in schema["$defs"].values():
        for name in ("state", "paragraph"):
            field = definition.get("properties", {}).get(name)
            if field and field.get("type") == "array":
                listed = {k: field.pop(k) for k in ("type", "items", "minItems") if k in field}
                field["anyOf"] = [field.get("items", listed["items"]), listed]
