"""The coded logs: sound, sourced, and agreeing with their codebook."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from sim.ground.dates import parse
from sim.log.events import KINDS
from sim.log.file import load
from sim.log.log import Log
from sim.log.log_rules import broken_rules
from sim.log.order import canonical_times
from sim.log.projection import timeline, viewpoints

SEEDS = Path(__file__).parents[2] / "seeds"
ARTICLE, RECORD = SEEDS / "blinken-lavrov.yaml", SEEDS / "usa-rus-record.yaml"
BOTH = [ARTICLE, RECORD]
CASES = [SEEDS / f"{name}.yaml" for name in ("kor-prk-record", "usa-chn-record", "usa-sun-channel")]
SECOND = SEEDS / "blinken-lavrov-second.yaml"
ALL = sorted([SECOND, *BOTH, *CASES])
PARAGRAPHS = 8
"""Of the article, below headline and standfirst."""


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_a_seed_breaks_no_rule(path: Path) -> None:
    log = load(path)
    assert list(broken_rules(log)) == []
    assert all(e.coder and e.summary for e in log.events)
    assert all(e.source is not None for e in log.events)


def test_every_seed_is_tested() -> None:
    assert sorted(SEEDS.glob("*.yaml")) == ALL


def rests_only_on_the_article(log: Log) -> bool:
    """Every event gives a paragraph of the one source, and no address beside it."""
    sources = [e.source for e in log.events]
    return list(log.sources) == ["decamp-2023"] and all(
        s is not None
        and s.document == "decamp-2023"
        and s.urls == ()
        and s.paragraph
        and all(1 <= n <= PARAGRAPHS for n in s.paragraph)
        for s in sources
    )


def test_the_article_seed_rests_on_the_article_alone() -> None:
    assert rests_only_on_the_article(load(ARTICLE))


def test_another_source_or_paragraph_is_noticed() -> None:
    """The control."""
    log = load(ARTICLE)
    first, *rest = log.events
    assert first.source is not None
    for update in ({"paragraph": (9,)}, {"paragraph": ()}, {"urls": ("x",)}, {"document": "y"}):
        other = first.model_copy(update={"source": first.source.model_copy(update=update)})
        assert not rests_only_on_the_article(log.model_copy(update={"events": (other, *rest)}))
    assert not rests_only_on_the_article(load(RECORD))


@pytest.mark.slow
@pytest.mark.parametrize("path", [RECORD, *CASES], ids=lambda p: p.stem)
def test_every_event_of_a_table_says_where_it_was_read(path: Path) -> None:
    for event in load(path).events:
        assert event.source is not None
        assert event.source.urls, event.id


def test_the_codebook_counts_right() -> None:
    """The table at the head of `seeds/README.md`."""
    text = (SEEDS / "README.md").read_text()
    for path in ALL:
        row = next(line for line in text.splitlines() if line.startswith(f"| `{path.name}`"))
        assert int(row.strip("| ").split("|")[-1]) == len(load(path).events)


def test_an_event_in_both_logs_has_one_id_and_one_kind() -> None:
    article = {e.id: e for e in load(ARTICLE).events}
    record = {e.id: e for e in load(RECORD).events}
    both = article.keys() & record.keys()
    assert {"invasion", "contact-cut", "july-2022-call", "new-delhi-corridor"} <= both
    for id_ in both:
        a, b = parse(article[id_].date), parse(record[id_].date)
        assert article[id_].kind == record[id_].kind
        assert min(a.hi_s, b.hi_s) > max(a.lo_s, b.lo_s), f"{id_}: the dates exclude each other"


@pytest.mark.slow
def test_the_kinds_that_the_seeds_use() -> None:
    """A change here is a change of coding, to be noted in the codebook."""
    counts = Counter(e.kind for path in [*BOTH, *CASES] for e in load(path).events)
    assert set(counts) == set(KINDS) - {"swap_refused", "treaty_resumed"}
    assert sum(counts.values()) == 649
    assert (counts["corridor_talk"], counts["contact_cut"], counts["meeting_cancelled"]) == (
        4,
        16,
        8,
    )


def test_the_dates_are_no_more_precise_than_the_article() -> None:
    dates = {e.id: e.date for e in load(ARTICLE).events}
    assert dates["july-2022-call"] == "2022-07"
    assert dates["whelan-detained"] == "2018"
    assert dates["new-delhi-corridor"] == "2023-03-02"
    assert dates["talks-before-invasion"] == "2021-12~/2022-02-20"


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_every_channel_has_a_whole_timeline_for_everyone(path: Path) -> None:
    log = load(path)
    for channel in log.channels:
        for viewpoint in viewpoints(log, channel):
            intervals = timeline(log, channel, viewpoint)
            assert all(a.end_s == b.start_s for a, b in pairwise(intervals))


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_canonical_times_follow_the_causes(path: Path) -> None:
    log = load(path)
    times = canonical_times(log.events)
    pairs = [(c, e.id) for e in log.events for c in e.causes]
    assert pairs
    assert all(times[cause] <= times[effect] for cause, effect in pairs)
