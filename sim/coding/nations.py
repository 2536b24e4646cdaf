"""Countries as texts call them: names, adjectives, older names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import Field

from sim.ground.checking import check
from sim.ground.countries import countries
from sim.ground.schema import EdtfDate, Party, Strict
from sim.ground.yaml import load_yaml

NATIONS = Path(__file__).parent / "words" / "nations.yaml"


class Before(Strict):
    """What a code meant before a day."""

    date: EdtfDate
    code: Party


class Nations(Strict):
    """What texts call countries, as `words/nations.yaml` says it."""

    words: dict[Party, tuple[str, ...]]
    titles: dict[Party, str] = Field(default_factory=dict)
    before: dict[Party, Before] = Field(default_factory=dict)


@dataclass(frozen=True)
class Names:
    """The words for countries, ready to be looked for."""

    codes: dict[str, str]
    """Each word's code."""
    pattern: str
    """A regular expression for any of the words, longest first."""
    titles: dict[str, str]
    """Names of codes that are none of ISO 3166."""
    before: dict[str, Before]

    def code(self, name: str) -> str | None:
        """Return the code of a country by its name; what stands in brackets may be left out."""
        text = " ".join(name.split())
        for word in (text, text.partition(" (")[0], text.removeprefix("the ").removeprefix("The ")):
            if word in self.codes:
                return self.codes[word]
        return None

    def on(self, code: str, date: str) -> str:
        """Return the code under which a country went on a day."""
        rule = self.before.get(code)
        return rule.code if rule is not None and date < rule.date else code


@cache
def names() -> Names:
    """Read the words for countries."""
    document = load_yaml(NATIONS)
    nations = check(Nations, document)
    found: dict[str, set[str]] = {}
    for code, name in countries().items():
        found.setdefault(name, set()).add(code)
    for code, words in nations.words.items():
        for word in words:
            found.setdefault(word, set()).add(code)
    for word, meant in found.items():
        if len(meant) > 1:  # a withdrawn code beside today's: the list says which is meant
            listed = {c for c in meant if word in nations.words.get(c, ())}
            found[word] = listed or meant
    codes = {word: next(iter(c)) for word, c in found.items() if len(c) == 1}
    longest = sorted(codes, key=len, reverse=True)
    pattern = "(?:" + "|".join(re.escape(word) for word in longest) + ")"
    return Names(codes, pattern, dict(nations.titles), dict(nations.before))
