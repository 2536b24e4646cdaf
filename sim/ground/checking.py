"""Checking data against a model: every broken rule at once, in words, on its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from sim.ground.errors import MAX_PROBLEMS, InputError, Problem, did_you_mean
from sim.ground.schema import IN_WORDS, UnknownCodeError
from sim.ground.yaml import Document, Location

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
    details = error.errors(include_url=False)
    failed = {d["loc"][:n] for d in details for n in range(len(d["loc"]))}
    real = (d for d in details if d["type"] != "too_short" or d["loc"] not in failed)
    return placed((_broken(d, model, document, at) for d in real), document)


def placed(
    broken: Iterable[tuple[Location, str, object]], document: Document, at: Location = ()
) -> list[Problem]:
    """Put broken rules, as (path below `at`, rule, value), on their lines; the first 500."""
    rules = iter(broken)
    found = [
        document.problem((*at, *path), rule, got) for path, rule, got in islice(rules, MAX_PROBLEMS)
    ]
    if next(rules, None) is not None:
        rule = f"more than {MAX_PROBLEMS} problems; the first {MAX_PROBLEMS} are listed"
        found.append(Problem(document.file, 0, "", rule, closing=True))
    return found


def _broken(
    detail: Mapping[str, Any], model: type[BaseModel], document: Document, at: Location
) -> tuple[Location, str, object]:
    path, value = _walk(document.data, at, detail["loc"])
    rule, got = _rule(detail, value, model)
    if detail["type"] in ("union_tag_invalid", "union_tag_not_found"):
        path = (*path, detail["ctx"]["discriminator"].strip("'"))
    return path, rule, got


def _walk(data: Any, at: Location, loc: Location) -> tuple[Location, Any]:
    """Follow pydantic's location through the data, dropping union tags and model names."""
    path = list(at)
    for step in at:
        data = data[step]
    tagged = False
    for position, step in enumerate(loc):
        if step == "[key]":
            continue
        tags = (data.get("kind"), data.get("type")) if isinstance(data, Mapping) else ()
        if step in tags and not tagged:
            tagged = True
            continue
        tagged = False
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
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "finite_number": "must be a finite number",
}
_BOUNDS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def _rule(detail: Mapping[str, Any], value: Any, model: type[BaseModel]) -> tuple[str, object]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        known = _keys_at(model, detail["loc"][:-1])
        return f"unknown key{did_you_mean(str(detail['loc'][-1]), known)}", ...
    if kind == "union_tag_not_found":
        return "is required", ...
    if kind in ("union_tag_invalid", "literal_error"):
        expected = str(context.get("expected_tags") or context.get("expected", ""))
        options = re.findall(r"'([^']*)'", expected) or [expected]
        word = detail["input"]
        if kind == "union_tag_invalid":
            word = word[context["discriminator"].strip("'")]
        if word in options:  # a number that was written as a text
            return f"must be the number {word}, without quotation marks", word
        listed = ", ".join(options)
        choice = f"must be one of {listed}" if len(options) > 1 else f"must be {listed}"
        return choice + (did_you_mean(word, options) if isinstance(word, str) else ""), word
    got: object = ... if isinstance(value, (dict, list)) else detail["input"]
    if kind == "missing":
        if isinstance(detail["loc"][-1], int):
            return "holds too few entries", value
        return "is required", ...
    if kind in _WORDS:
        return _WORDS[kind] + _remedy(kind, detail["input"]), detail["input"]
    if kind == "value_error":
        error = context["error"]
        return str(error) + (error.hint() if isinstance(error, UnknownCodeError) else ""), got
    if kind == "string_pattern_mismatch":
        lower = str(detail["input"]).lower()
        hint = f"; did you mean '{lower}'?" if re.match(context["pattern"], lower) else ""
        return IN_WORDS[context["pattern"]] + hint, got
    if kind in _BOUNDS:
        name, sign = _BOUNDS[kind]
        bound = context[name]
        written = f"{bound:,}" if isinstance(bound, int) else f"{bound:g}"
        return f"must be {sign} {written}", detail["input"]
    if kind == "string_too_short":
        return "must not be empty", ...
    if kind in ("string_too_long", "too_long", "too_short"):
        bound = context.get("max_length", context.get("min_length"))
        if kind != "too_short" and isinstance(detail["input"], str):
            return f"must be at most {bound:,} characters", got
        most = "at most" if kind == "too_long" else "at least"
        entries = "entry" if bound == 1 else "entries"
        return f"must hold {most} {bound:,} {entries}", f"{len(detail['input']):,}"
    return str(detail["msg"])[:1].lower() + str(detail["msg"])[1:], got


def _remedy(kind: str, value: object) -> str:
    if kind == "string_type" and isinstance(value, (bool, int, float)):
        return ": put it in quotation marks"
    if kind in ("int_type", "float_type") and isinstance(value, str):
        return ", not text"
    return ""


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
