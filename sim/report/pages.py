"""Pages from templates. Owns jinja2."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from sim.ground.language import _, language, numeral, percent
from sim.ground.states import STATE_LABELS, state_name, viewpoint_name


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
        auto_reload=False,  # a template is part of the program, and a room fills many a second
    )
    made.add_extension("jinja2.ext.i18n")
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: language().texts.gettext(text),
        lambda one, many, number: language().texts.ngettext(one, many, number),
        newstyle=True,
    )
    made.globals["language"] = lambda: language().code
    filters: dict[str, Callable[[Any], str]] = {
        "sentence": sentence,
        "colon": colon,
        "numeral": numeral,
        "percent": percent,
        "score": lambda value: numeral(f"{value:.2f}"),
        "state": state_name,
        "viewpoint": viewpoint_name,
    }
    made.filters |= {name: _when_filled(write) for name, write in filters.items()}
    return made


def _when_filled(write: Callable[[Any], str]) -> Callable[[Context, Any], str]:
    """Keep a filter from being applied to a constant while a template is read: the page that is
    filled later may be in another language."""
    return pass_context(lambda _, value: write(value))


def colon(text: object) -> str:
    """Write what comes before a colon."""
    return _("{text}:", text=text)


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
