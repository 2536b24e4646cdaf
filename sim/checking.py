"""Checking data against a model: every broken rule at once, in words, on its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from sim.errors import InputError, Problem, did_you_mean
from sim.loading import Document, Location

M = TypeVar("M", bound=BaseModel)


def check(model: type[M], document: Document, data: Any = ..., at: Location = ()) -> M:
    """Validate a document, or the part of it that stands at `at`, against a model.

    Raises:
        InputError: every broken rule, each on its line.
    """
    try:
        return model.model_validate(document.data if data is ... else data)
    except ValidationError as error:
        raise InputError(problems_of(error, model, document, at)) from None


def problems_of(
    error: ValidationError, model: type[BaseModel], document: Document, at: Location = ()
) -> list[Problem]:
    """Translate pydantic's errors into problems on lines, dropping echoes."""
    found: list[Problem] = []
    details = error.errors(include_url=False)
    failed = [d["loc"] for d in details if d["type"] != "too_short"]
    for detail in details:
        loc = detail["loc"]
        if detail["type"] == "too_short" and any(
            other[: len(loc)] == loc and len(other) > len(loc) for other in failed
        ):
            continue
        path, value = _walk(document.data, at, loc)
        rule, got = _rule(detail, path, value, model)
        if detail["type"] in ("union_tag_invalid", "union_tag_not_found"):
            path = (*path, detail["ctx"]["discriminator"].strip("'"))
        found.append(document.problem(path, rule, got))
    return found


def _walk(data: Any, at: Location, loc: Location) -> tuple[Location, Any]:
    """Follow pydantic's location through the data, dropping union tags and model names."""
    path: list[str | int] = []
    for step in at:
        data = data[step]
        path.append(step)
    for position, step in enumerate(loc):
        if step == "[key]":
            continue
        inside = (isinstance(data, Mapping) and step in data) or (
            isinstance(data, list) and isinstance(step, int) and step < len(data)
        )
        if inside:
            data = data[step]
            path.append(step)
        elif position == len(loc) - 1 and isinstance(data, Mapping):
            path.append(step)
            data = ...
    return tuple(path), data


_WORDS = {
    "missing": "is required",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "finite_number": "must be a finite number",
    "union_tag_not_found": "is required",
}


def _rule(
    detail: Mapping[str, Any], path: Location, value: Any, model: type[BaseModel]
) -> tuple[str, object]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        known = _keys_at(model, detail["loc"][:-1])
        return f"unknown key{did_you_mean(str(detail['loc'][-1]), known)}", ...
    if kind == "union_tag_not_found":
        return "is required", ...
    if kind in ("union_tag_invalid", "literal_error"):
        expected = context.get("expected_tags") or context.get("expected", "")
        options = re.findall(r"'([^']*)'", str(expected))
        word = str(context.get("tag", detail["input"]))
        listed = ", ".join(options)
        choice = f"must be one of {listed}" if len(options) > 1 else f"must be {listed}"
        return choice + did_you_mean(word, options), word
    got: object = ... if kind == "missing" or isinstance(value, (dict, list)) else detail["input"]
    if kind == "missing":
        return "is required", ...
    if kind in _WORDS:
        return _WORDS[kind], detail["input"]
    if kind == "value_error":
        return str(context["error"]), got
    if kind == "string_pattern_mismatch":
        return f"must match {context['pattern']}", got
    bounds = {
        "greater_than": "gt",
        "greater_than_equal": "ge",
        "less_than": "lt",
        "less_than_equal": "le",
    }
    if kind in bounds:
        sign = {"gt": "greater than", "ge": "at least", "lt": "less than", "le": "at most"}
        name = bounds[kind]
        return f"must be {sign[name]} {context[name]:g}", detail["input"]
    if kind == "string_too_long":
        return f"must be at most {context['max_length']:,} characters", got
    if kind == "string_too_short":
        return "must not be empty", ...
    if kind in ("too_long", "too_short"):
        bound = context.get("max_length", context.get("min_length"))
        most = "at most" if kind == "too_long" else "at least"
        return f"must hold {most} {bound:,} entries", f"{context['actual_length']:,}"
    return str(detail["msg"])[:1].lower() + str(detail["msg"])[1:], got


def _keys_at(annotation: Any, loc: Location) -> list[str]:
    """List the keys that the model at pydantic's location `loc` knows."""
    for step in loc:
        annotation = _inside(annotation, step)
    found = [a for a in _alternatives(annotation) if _is_model(a)]
    return [f.alias or name for model in found for name, f in model.model_fields.items()]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _alternatives(annotation: Any) -> list[Any]:
    """Flatten unions and annotated types to the types that they allow."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        return [inner for part in get_args(annotation) for inner in _alternatives(part)]
    return [annotation]


def _inside(annotation: Any, step: str | int) -> Any:
    """Return the type one step down: a field, an item, a value, or a member of a tagged union."""
    options: list[Any] = []
    for part in _alternatives(annotation):
        if _is_model(part):
            by_alias = {f.alias or name: f.annotation for name, f in part.model_fields.items()}
            tags = [get_args(a) for a in by_alias.values() if get_origin(a) is Literal]
            if step in by_alias:
                options.append(by_alias[str(step)])
            elif any(step in tag for tag in tags) or step == part.__name__:
                options.append(part)
        elif get_origin(part) in (list, tuple, dict):
            options.append([a for a in get_args(part) if a is not ...][-1])
    return Union[tuple(options)] if options else None  # noqa: UP007
