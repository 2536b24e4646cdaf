"""Countries by their ISO 3166 alpha-3 codes: today's, and withdrawn ones such as SUN or DDR."""

from __future__ import annotations

from functools import cache

import pycountry

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


def _short(name: str) -> str:
    """Leave out what follows a comma or stands in brackets: the form of the state."""
    return name.partition(" (")[0].partition(",")[0]
