"""Pages from templates. Owns jinja2."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sim.ground.states import STATE_LABELS


@cache
def environment(package: str) -> Environment:
    """Return the templates of a package's folder `templates`."""
    made = Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["sentence"] = sentence
    return made


def sentence(text: str) -> str:
    """Return a text with a full stop, unless it ends as a sentence does."""
    return text if text.rstrip("”’\"')").endswith((".", "!", "?", "…")) else f"{text}."


@cache
def script() -> Markup:
    """Return what a page does beyond being read."""
    return Markup((files("sim.report") / "templates" / "page.js").read_text(encoding="utf-8"))


def page(template: str, **values: object) -> str:
    """Fill a template; in HTML every value is escaped but for those marked as safe."""
    labelled = {"labels": STATE_LABELS, "script": script()} | values
    return environment("sim.report").get_template(template).render(**labelled)
