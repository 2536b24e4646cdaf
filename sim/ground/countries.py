"""Countries by their ISO 3166 alpha-3 codes: today's, and withdrawn ones such as SUN or DDR."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pycountry

from sim.ground.language import language

_SHORTER = {
    "BRN": "Brunei",
    "BUR": "Burma",
    "BYS": "Byelorussia",
    "COD": "Democratic Republic of the Congo",
    "COG": "Republic of the Congo",
    "CSK": "Czechoslovakia",
    "DDR": "East Germany",
    "RUS": "Russia",
    "SUN": "Soviet Union",
    "VDR": "North Vietnam",
    "VGB": "British Virgin Islands",
    "VIR": "United States Virgin Islands",
    "YMD": "South Yemen",
    "YUG": "Yugoslavia",
    "ZAR": "Zaire",
}
"""Names where the library has none that people use."""


@cache
def countries() -> dict[str, str]:
    """Return the short name of every country that has or had a code, by code."""
    names = {c.alpha_3: c.name for c in pycountry.historic_countries}
    for country in pycountry.countries:
        names[country.alpha_3] = getattr(country, "common_name", country.name)
    return {code: _SHORTER.get(code, _short(names[code])) for code in sorted(names)}


def by_code(names: Mapping[str, str]) -> dict[str, str]:
    """Return names of countries by alpha-3 code, given them by alpha-2 code."""
    return {c.alpha_3: names[c.alpha_2] for c in pycountry.countries if c.alpha_2 in names}


def country_name(code: str) -> str:
    """Name a country in the language that is spoken; a code that is none stays as it is."""
    return language().countries.get(code) or countries().get(code, code)


def _short(name: str) -> str:
    """Leave out what follows a comma or stands in brackets: the form of the state."""
    return name.partition(" (")[0].partition(",")[0]
