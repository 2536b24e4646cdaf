"""Writes the reference of keys, commands and public names from the code, into docs/reference/.

    python docs/reference.py

A test compares what is there with the code.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

import sim
from sim.cli.app import app
from sim.ground.files import write_safely
from sim.scenario.jsonschema import PARTIAL, json_schema
from sim.seminar.lesson.block import SEMINAR

FOLDER = Path(__file__).parent / "reference"
MADE = "<!-- Made by docs/reference.py from the code. Change the code, and make it again. -->"


def cell(text: object) -> str:
    """Write text for a cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


def table(*rows: tuple[object, ...]) -> list[str]:
    """Write rows as a table; the first is its head."""
    lines = [f"| {' | '.join(cell(c) for c in row)} |" for row in rows]
    return [lines[0], f"|{'---|' * len(rows[0])}", *lines[1:], ""]


# ---------------------------------------------------------------------------------- commands


def commands() -> str:
    """Describe every command with its arguments and options."""
    group: Any = typer.main.get_command(app)
    context = typer.Context(group, info_name="sim")
    lines = [MADE, "", "# Commands", "", "`sim COMMAND --help` prints the same.", ""]
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        lines += [f"## sim {name}", "", *inspect.cleandoc(command.help or "").split("\n"), ""]
        rows = [row for parameter in command.params for row in parameter_rows(parameter)]
        lines += table(("argument or option", "meaning", "by default"), *rows) if rows else []
    return "\n".join(lines)


def parameter_rows(parameter: Any) -> Iterator[tuple[str, str, str]]:
    """Describe one argument or option; none for those that are hidden."""
    if parameter.param_type_name == "argument":
        yield f"`{parameter.name.upper()}`", getattr(parameter, "help", "") or "", ""
        return
    if parameter.hidden or parameter.name == "help":
        return
    names = ", ".join(f"`{option}`" for option in (*parameter.opts, *parameter.secondary_opts))
    usual = parameter.default
    said = "" if usual is None or isinstance(usual, bool) or callable(usual) else f"`{usual}`"
    yield names, parameter.help or "", said.replace("``", "")


# ---------------------------------------------------------------------------------- keys


def keys() -> str:
    """Describe every key of scenarios and logs, a table for each part."""
    lines = [
        *(MADE, "", "# Keys of scenarios and logs", ""),
        "Each part of a file and its keys, as `sim schema` has them.",
        "[Scenarios](../scenarios.md) explains them with examples.",
        "",
    ]
    whole = json_schema("scenario", (SEMINAR,))
    parts = whole["$defs"]
    names = [n for n in parts if not n.startswith(PARTIAL)]
    for name in ("Scenario", *sorted(n for n in names if n != "Scenario")):
        lines += part(name, parts[name])
    return "\n".join(lines)


def part(name: str, body: dict[str, Any]) -> list[str]:
    """Describe one part of a file."""
    body = body | body.get("else", {})
    needed = set(body.get("required", ()))
    rows = [
        (f"`{key}`", form(field), "yes" if key in needed else "", field.get("description", ""))
        for key, field in body.get("properties", {}).items()
        if field != {"not": {}}
    ]
    said = " ".join(body.get("description", "").split())
    lines = [f"## {name}", "", *([said, ""] if said else [])]
    return lines + (table(("key", "form", "needed", "meaning"), *rows) if rows else [])


def form(field: dict[str, Any]) -> str:
    """Say in a few words what may stand under a key."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    options = [*field.get("anyOf", ()), *field.get("oneOf", ())]
    if options:
        return " or ".join(dict.fromkeys(form(option) for option in options))
    inner = field.get("additionalProperties") or next(
        iter(field.get("patternProperties", {}).values()), None
    )
    match field.get("type"):
        case "array":
            return f"list of {form(field.get('items', {}))}"
        case "object" if isinstance(inner, dict):
            return f"by name: {form(inner)}"
        case "object":
            return "keys"
        case list() as several:
            return " or ".join(several)
        case "null":
            return "null"
        case str() as simple:
            low = field.get("minimum", field.get("exclusiveMinimum"))
            high = field.get("maximum", field.get("exclusiveMaximum"))
            return f"{simple}{bounds(low, high)}"
        case _:
            return "anything"


def bounds(low: float | None, high: float | None) -> str:
    """Say between which numbers a number lies."""
    if low is None and high is None:
        return ""
    if high is None:
        return f", from {low:g}"
    return f", up to {high:g}" if low is None else f", {low:g} to {high:g}"


# ---------------------------------------------------------------------------------- names


def names() -> str:
    """Describe every public name, and the public parts of its classes."""
    lines = [
        *(MADE, "", "# Python", ""),
        "Every public name of the package `sim`. [Python](../python.md) shows them at work.",
        "",
    ]
    for name in sorted(sim.__all__, key=str.lower):
        lines += named(name, getattr(sim, name))
    return "\n".join(lines)


def named(name: str, value: Any) -> list[str]:
    """Describe a function, a class or a module."""
    if inspect.ismodule(value):
        rows = [
            (f"`{n}`", first_line(getattr(value, n)))
            for n in value.__all__
            if n not in ("STATES", "STATE_COLOURS", "STATE_LABELS")
        ]
        said = table(("name", "what it does"), *rows)
        return [f"## sim.{name}", "", first_line(value), "", *said]
    lines = [f"## sim.{name}", "", "```python", f"{name}{signature(value)}", "```", ""]
    lines += [*documented(value), ""]
    if inspect.isclass(value) and not issubclass(value, BaseException):
        rows = [(f"`{n}{signature(m)}`", first_line(m)) for n, m in members(value)]
        lines += table(("member", "what it is"), *rows) if rows else []
    return lines


def members(owner: type) -> Iterator[tuple[str, Any]]:
    """List the public methods and properties that this package gives a class, by name."""
    for name in sorted(dir(owner)):
        if name.startswith(("_", "model_")):
            continue
        found = inspect.getattr_static(owner, name)
        found = getattr(found, "__func__", found)
        made = getattr(found, "fget", None) or getattr(found, "func", None) or found
        if getattr(made, "__module__", "").startswith("sim.") and inspect.getdoc(made):
            yield name, found


def signature(value: Any) -> str:
    """Return what a function takes; nothing of a property."""
    if not callable(value) or (inspect.isclass(value) and hasattr(value, "model_fields")):
        return ""  # what a file holds is in the reference of keys
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        return "(...)"
    return str(found).replace("'", "").replace("sim.report.runfolder.", "")


def documented(value: Any) -> list[str]:
    """Return the documentation of a name as paragraphs."""
    lines = (inspect.getdoc(value) or "").split("\n")
    return [line.replace("Raises:", "Raises:\n") for line in lines]


def first_line(value: Any) -> str:
    """Return the first sentence of the documentation of a name."""
    return (inspect.getdoc(value) or "").partition("\n\n")[0]


PAGES = {"commands.md": commands, "keys.md": keys, "python.md": names}


def main() -> None:
    """Write every page."""
    for name, made in PAGES.items():
        write_safely(FOLDER / name, made().rstrip("\n") + "\n")


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "100")
    sys.exit(main())
