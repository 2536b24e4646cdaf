"""A log from public data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.coding.codedtable import read_table
from sim.coding.found import OURS, THEIRS, Found, LeftOut, Rows, numbered
from sim.coding.mapping import SHIPPED, load_mapping, shipped_mappings
from sim.coding.merging import Merged, merged
from sim.coding.nations import names
from sim.coding.readouts import read_readouts
from sim.coding.travels import read_travels
from sim.coding.visits import read_visits
from sim.ground.countries import countries
from sim.ground.errors import InputError, Problem, did_you_mean
from sim.ground.yaml import Document
from sim.log.file import SCHEMA_VERSION, from_document
from sim.log.log import Log, Reference

READERS: dict[str, tuple[Callable[[Iterable[Path]], Rows], str, Reference]] = {
    "travels": (
        read_travels,
        "*.xml",
        Reference(
            title="Foreign Travels of the President and the Secretary of State",
            publisher="Office of the Historian, US Department of State",
            url="https://github.com/HistoryAtState/travels",
        ),
    ),
    "visits": (
        read_visits,
        "*.xml",
        Reference(
            title="Visits by Foreign Leaders",
            publisher="Office of the Historian, US Department of State",
            url="https://github.com/HistoryAtState/visits",
        ),
    ),
    "readouts": (
        read_readouts,
        "*.md",
        Reference(
            title="Readouts of the White House",
            publisher="The White House",
            url="https://github.com/brian14708/wh-briefings",
        ),
    ),
}
"""Sources that ship: how they are read, which files of a folder, and the document they are."""
WITHIN_DAYS: Mapping[str, Mapping[str, int]] = {"readouts": {"meeting_held": 1}}
"""Days within which rows of a source are one event, by kind: a meeting is told of on its day and on
the next."""
TABLE = "table"
MAX_FILES = 50_000
MAX_ADDRESSES = 20
DESCRIPTION = (
    "Made by a program from public data. It holds what rows say of contact and nothing else, so it "
    "is complete for no channel: silence is no evidence here. The coverage of a channel says what "
    "its source can show."
)


@dataclass(frozen=True)
class Read:
    """The rows of one source."""

    source: str
    document: Reference
    rows: Rows
    within_days: int | Mapping[str, int] = 0
    """Days within which rows of one kind on one channel are one event."""

    def found(self) -> list[Found]:
        """List the rows that are taken for events, each with its source's name."""
        return [replace(row, source=self.source) for row in self.rows.found]


@dataclass(frozen=True)
class Gathered:
    """What public data gave."""

    log: Log
    groups: tuple[tuple[str, Merged], ...]
    """By event the rows that it was made from."""
    rows: int
    left: tuple[LeftOut, ...]

    @property
    def merged(self) -> int:
        """How many rows were merged into others."""
        return sum(len(group.rows) - 1 for _, group in self.groups)

    @property
    def left_out(self) -> Counter[str]:
        """How many rows became no event, by reason."""
        return Counter(row.reason for row in self.left)


def sources() -> list[str]:
    """List what can be imported from."""
    return [*READERS, *shipped_mappings(), TABLE]


def gather(
    source: str, files: Iterable[Path], mapping: Path | None = None, parties: str | None = None
) -> Gathered:
    """Make a log from public data; `parties` keeps only what is between those.

    Raises:
        InputError: an unknown source or party, a file that cannot be read, or nothing found.
    """
    wanted = _wanted(parties)
    if source in READERS and mapping is None:
        read = read_source(source, files)
    elif source in (*shipped_mappings(), TABLE) and (source != TABLE) == (mapping is None):
        told = load_mapping(mapping or SHIPPED / f"{source}.yaml")
        rows = read_table(_files(files, "*"), told, frozenset(wanted))
        read = Read(source, told.source, rows, told.same_within_days)
    else:
        if source == TABLE or mapping is not None:
            rule = "--from table and --mapping FILE go together"
        else:
            rule = f"must be one of {', '.join(sources())}{did_you_mean(source, sources())}"
        raise InputError([Problem("--from", 0, "", rule, source)])
    rows = read.rows
    kept = [row for row in read.found() if not wanted or {*row.parties} <= {*wanted}]
    groups = merged(kept, read.within_days)
    if not groups:
        which = f" between {', '.join(wanted)}" if wanted else ""
        rule = f"no row of {rows.read:,} became an event{which}"
        reasons = Counter(row.reason for row in rows.left_out)
        more = [f"{count:,} rows: {reason}" for reason, count in reasons.most_common(10)]
        raise InputError([Problem(source, 0, "", "; ".join([rule, *more]))])
    named = [*zip(_ids(groups, wanted), groups, strict=True)]
    log = log_of_groups([read], named, wanted, read.document.title)
    return Gathered(log, tuple(named), rows.read, tuple(rows.left_out))


def read_source(source: str, files: Iterable[Path]) -> Read:
    """Read one of the sources that ship.

    Raises:
        InputError: a file cannot be read.
    """
    read, pattern, document = READERS[source]
    rows = read(_files(files, pattern))
    return Read(source, document, rows, WITHIN_DAYS.get(source, 0))


def _wanted(parties: str | None) -> list[str]:
    codes = [] if parties is None else [code.strip().upper() for code in parties.split(",")]
    for code in codes:
        if code not in countries() and not re.fullmatch("X[A-Z]{2}", code):
            rule = f"must be ISO 3166 codes, such as USA,RUS{did_you_mean(code, countries())}"
            raise InputError([Problem("--parties", 0, "", rule, code)])
    if len(codes) == 1:
        raise InputError([Problem("--parties", 0, "", "must name two or more", codes[0])])
    return codes


def _files(files: Iterable[Path], pattern: str) -> list[Path]:
    """List files; of a folder those of the source's pattern, in order of their paths."""
    found: list[Path] = []
    for path in files:
        inside = sorted(p for p in path.rglob(pattern) if p.is_file()) if path.is_dir() else [path]
        if not inside:
            raise InputError([Problem(path.as_posix(), 0, "", f"holds no file {pattern}")])
        found += inside
    if len(found) > MAX_FILES:
        rule = f"must be at most {MAX_FILES:,} files"
        raise InputError([Problem("FILES", 0, "", rule, f"{len(found):,}")])
    return found


def channel_of(parties: tuple[str, str], level: str, wanted: list[str]) -> str:
    """Return the id of a channel: its parties in the order asked for, the United States first where
    nobody asks, else by the alphabet."""
    order = {code: n for n, code in enumerate(wanted or ["USA"])}
    a, b = sorted(parties, key=lambda code: (order.get(code, len(order)), code))
    return f"{a}-{b}/{level}".lower()


def _ids(groups: Iterable[Merged], wanted: list[str]) -> list[str]:
    stems = []
    for group in groups:
        first = group.first
        where = channel_of(first.parties, first.level, wanted).replace("/", "-")
        stems.append(f"{group.date[:10]}-{where}-{first.kind.partition('_')[0]}")
    return numbered(stems)


def log_of_groups(
    reads: list[Read], named: list[tuple[str, Merged]], wanted: list[str], title: str
) -> Log:
    """Make a log of rows that are merged, each group under its event's id."""
    channels: dict[str, Any] = {}
    events = []
    used: set[str] = set()
    for id_, group in named:
        first = group.first
        channel = channel_of(first.parties, first.level, wanted)
        pair = channel[:7].upper().split("-")
        used |= {*pair}
        shown = coverage_of(reads, pair, first.level)
        channels.setdefault(channel, {"parties": pair} | ({"coverage": shown} if shown else {}))
        events.append(_event(id_, group, channel))
    titles = names().titles
    own = {
        code: {"title": titles[code]} for code in sorted(used - {*countries()}) if code in titles
    }
    sources = {r.source for _, group in named for r in group.rows}
    data: dict[str, Any] = {
        "schema": SCHEMA_VERSION,
        "title": title,
        "description": DESCRIPTION,
        **({"parties": own} if own else {}),
        "channels": dict(sorted(channels.items())),
        "sources": {r.source: r.document.plain() for r in reads if r.source in sources},
        "events": events,
    }
    return from_document(Document(reads[0].source, data))


def coverage_of(reads: Iterable[Read], pair: list[str], level: str) -> list[dict[str, Any]]:
    """Return what the sources can show of the channel of a pair on a level; nothing where that is
    not known of one of them."""
    found: list[dict[str, Any]] = []
    for read in reads:
        shown = read.rows.shown.get(level)
        if not read.rows.shown or (shown is not None and "USA" not in pair):
            return []
        if shown is None or not shown.days:
            continue
        sides = {OURS: "USA", THEIRS: next(p for p in pair if p != "USA")}
        side = {"side": sides[shown.of]} if shown.of in sides else {}
        since, _, until = shown.days.partition("/")
        found.append({"kinds": [*shown.kinds], **side, "since": since, "until": until or since})
    return found


def _event(id_: str, group: Merged, channel: str) -> dict[str, Any]:
    first, rows = group.first, group.rows
    source = first.source
    addresses = dict.fromkeys(a for row in rows for a in (row.row, row.url) if a)
    urls = [*addresses][:MAX_ADDRESSES]
    by = {row.by for row in rows}
    agenda = sorted({word for row in rows for word in row.agenda})
    several = f" Merged from {len(rows)} rows." if len(rows) > 1 else ""
    event: dict[str, Any] = {
        "id": id_,
        "date": group.date,
        "kind": first.kind,
        "channel": channel,
        "source": {"document": source, "urls": urls},
        "coder": f"sim import --from {source}",
        "doubt": first.doubt + several,
    }
    more = {
        "by": first.by if len(by) == 1 else "",
        "agenda": agenda,
        "place": first.place,
        "summary": first.words,
    }
    return event | {key: value for key, value in more.items() if value}
