"""What people read for channels and viewpoints: titles, and names of governments for codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import polars as pl

from sim.ground.errors import did_you_mean
from sim.log.knowing import PUBLIC
from sim.log.log import Channel, Log, level_of
from sim.log.rulebook import OBSERVER
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, party_name


def channel_names(channels: Mapping[str, Channel], name_of: Callable[[str], str]) -> dict[str, str]:
    """Name channels by their titles, or by the two governments and the level; two of one name keep
    their ids in brackets."""
    return told_apart({id_: _named(id_, channel, name_of) for id_, channel in channels.items()})


def told_apart(named: Mapping[str, str]) -> dict[str, str]:
    """Return names by id, of which those that stand for several keep their ids in brackets."""
    often = Counter(named.values())
    return {id_: text if often[text] == 1 else f"{text} ({id_})" for id_, text in named.items()}


def one_of(what: str, name: str | None, known: Sequence[str]) -> str:
    """Return a name, or the first that is known.

    Raises:
        ValueError: it is not known.
    """
    if name is None:
        return known[0]
    if name not in known:
        rule = f"the {what} must be one of {', '.join(known)}{did_you_mean(name, known)}"
        raise ValueError(rule)
    return name


def _named(id_: str, channel: Channel, name_of: Callable[[str], str]) -> str:
    if channel.title:
        return channel.title
    level = level_of(id_, channel).replace("-", " ").replace("_", " ")
    return f"{' and '.join(map(name_of, channel.parties))}, {level}"


def channels_in(scenario: Scenario) -> dict[str, str]:
    """Name the channels that a scenario simulates, by id."""
    return channel_names(channels_of(scenario), lambda code: party_name(scenario, code))


def in_words(frame: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Return a frame of bands, marks or shares with names for its channels and viewpoints."""
    names = channel_names(log.channels, log.name_of)
    found = frame.with_columns(pl.col("channel").replace(names))
    for column in ("viewpoint", "party_a", "party_b"):
        if column in found.columns:
            codes = found[column].unique().to_list()
            found = found.with_columns(pl.col(column).replace(views(codes, log.name_of)))
    if "label" in found.columns:  # a label ends in the code of who did it
        for code in sorted({code for c in log.channels.values() for code in c.parties}):
            said = f"({log.name_of(code)})"
            found = found.with_columns(pl.col("label").str.replace(f"({code})", said, literal=True))
    return found


def views(codes: Iterable[str], name_of: Callable[[str], str]) -> dict[str, str]:
    """Name viewpoints by code; the observer and the public keep their words."""
    return {code: code if code in (OBSERVER, PUBLIC) else name_of(code) for code in codes}
