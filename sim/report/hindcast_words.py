"""What a hindcast comes to, in sentences: first what beats the simulator."""

from __future__ import annotations

from collections.abc import Sequence

from sim.hindcast.comparing import Line
from sim.hindcast.hindcasting import DOCTRINES, SIMULATOR
from sim.hindcast.seen import CONTACT, COUNT, STATE
from sim.hindcast.tables import NAMES

QUESTIONS = {STATE: "state", CONTACT: "contact", COUNT: "number of contacts"}
"""How people read each question."""
ASKED = {
    STATE: "The state at the end of the last day",
    CONTACT: "Whether there is a call or a meeting by then",
    COUNT: "How many calls and meetings there are by then",
}
"""What each question asks."""
DETAILED = 3
"""So many rivals are named with where they win; a sentence with more is not read."""


def summary_of(lines: Sequence[Line], *, learned: bool) -> list[str]:
    """Write the sentences that open the page of a hindcast; `learned` says whether its weights were
    learned from what was known at its origins."""
    rivals = [line for line in lines if line.forecaster not in (SIMULATOR, DOCTRINES)]
    won = [line for line in rivals if line.beats]
    sure = [line for line in won if line.surely]
    said = [
        f"The simulator is beaten by {beaters(won, lines)}."
        if won
        else "No rival beats the simulator, on any question at any horizon."
    ]
    if won:
        said.append(
            f"That is {len(won)} of {len(rivals)} comparisons, by the mean logarithm of the "
            "probability that was given to what came."
        )
        said.append(
            f"Beyond luck, as far as resampling tells, it is beaten by {beaters(sure, lines)}."
            if sure
            else "None of these differences is beyond what resampling calls luck."
        )
    ahead = [line for line in rivals if _surely_beaten(line)]
    if not learned:
        said.append(
            "Its weights are the scenario's own. Where they were set with these years in view, a "
            "lead of it shows nothing; --refit learns them from what was known."
        )
    elif ahead:
        said.append(f"It is ahead beyond luck of {beaters(ahead, lines)}.")
    else:
        said.append("It is ahead of no rival beyond luck.")
    own = [line for line in lines if line.forecaster == DOCTRINES and line.beats]
    if own:
        said.append(f"Learning does not help everywhere: it is beaten by {beaters(own, lines)}.")
    return said


def _surely_beaten(line: Line) -> bool:
    given = [i for i in (line.over_origins, line.over_pairs) if i is not None]
    return bool(given) and all(low > 0.0 for low, _ in given)


def beaters(found: Sequence[Line], of: Sequence[Line]) -> str:
    """Name the forecasters of some lines, most lines first, the first few with their questions and
    horizons; `of` are all lines."""
    by: dict[str, dict[str, list[int]]] = {}
    for line in found:
        by.setdefault(line.forecaster, {}).setdefault(line.question, []).append(line.months)
    order = sorted(by, key=lambda name: (-sum(map(len, by[name].values())), name))
    every = {line.months for line in of}
    first = [f"{NAMES[name]} ({_at(by[name], every)})" for name in order[:DETAILED]]
    return _and([*first, *(NAMES[name] for name in order[DETAILED:])])


def _at(found: dict[str, list[int]], every: set[int]) -> str:
    """Say at which horizons each question is meant; questions of the same horizons go together."""
    alike: dict[tuple[int, ...], list[str]] = {}
    for question, months in found.items():
        alike.setdefault(tuple(sorted(months)), []).append(QUESTIONS[question])
    return "; ".join(f"{_and(asked)} at {_when(m, every)}" for m, asked in alike.items())


def _when(months: tuple[int, ...], every: set[int]) -> str:
    if len(every) > 1 and {*months} == every:
        return "every horizon"
    return f"{_and([str(m) for m in months])} {'month' if months == (1,) else 'months'}"


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
