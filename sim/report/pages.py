"""Pages from templates. Owns jinja2."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from sim.ground.states import STATE_LABELS


@cache
def environment(package: str) -> Environment:
    """Return the templates of a package's folder `templates`."""
    return Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def page(template: str, **values: object) -> str:
    """Fill a template; in HTML every value is escaped but for those marked as safe."""
    labelled = {"labels": STATE_LABELS} | values
    return environment("sim.report").get_template(template).render(**labelled)
