"""How far codings agree: fields by value, states by day, and what cannot be compared."""

from __future__ import annotations

import re
from typing import Any

import pytest
from test_matching import CHANNEL, call, log

from sim.coding.agreement import FEW, Agreement, agree
from sim.coding.comparable import MAX_EVENTS
from sim.coding.values import DATES, FIELDS, METRICS, OWN, account_of, shown_value
from sim.ground.errors import InputError
from sim.log.events import MODELS, Occurrence
from sim.log.log import Log
from sim.log.projection import project


def field(found: Agreement, name: str) -> tuple[int, int]:
    """How many pairs of a field are alike, and how many there are."""
    (one,) = (f for f in found.fields if f.field == name)
    return one.alike, one.pairs


def said(found: Agreement) -> list[tuple[str, str, list[str]]]:
    """The differences, by value."""
    return [(d.fact, d.field, [shown_value(v) for v in d.values]) for d in found.differences]


def test_differences_are_shown_by_value() -> None:
    one = log(call("2022-07", agenda=["detainees"], by="USA"))
    other = log(call("2022-07-29", agenda=["war", "detainees"]))
    found = agree({"a": one, "b": other})
    assert said(found) == [
        ("e0", "date", ["2022-07", "2022-07-29"]),
        ("e0", "by", ["USA", "nothing"]),
        ("e0", "agenda", ["detainees", "detainees, war"]),
        ("e0", "confined to detainees", ["yes", "no"]),
    ]
    assert field(found, "kind") == (1, 1)
    assert field(found, "agenda") == (0, 1)
    assert "place" not in {f.field for f in found.fields}  # nobody says anything of it


def test_causes_are_compared_by_fact_and_not_by_id() -> None:
    def coded(first: str, second: str, causes: list[str]) -> Log:
        cut = {"kind": "contact_cut", "date": "2022-02-22", "id": second, "causes": causes}
        return log(call("2022-02-20", id=first), cut)

    same = agree({"a": coded("x", "y", ["x"]), "b": coded("p", "q", ["p"])})
    assert same.differences == ()
    other = agree({"a": coded("x", "y", ["x"]), "b": coded("p", "q", [])})
    assert said(other) == [("y", "causes", ["x", "nothing"])]


def test_a_telling_is_compared_by_what_it_does() -> None:
    def told(**account: Any) -> Log:
        return log(call("2022-07-01", agenda=["war"], accounts={"RUS": account} if account else {}))

    logs = {
        "a": told(denial=True),
        "b": told(kind="corridor_talk", agenda=["detainees"]),
        "c": told(kind="call_held", summary="In other words."),
        "d": told(),
    }
    found = agree(logs)
    assert said(found) == [
        (
            "e0",
            "account of RUS",
            ["denies it", "calls it corridor_talk, about detainees", "confirms it", "nothing"],
        )
    ]
    assert field(found, account_of("RUS")) == (0, 6)


def test_each_fact_has_a_name_of_its_own() -> None:
    one = log(call("2020-01-01", id="talk"))
    other = log(call("2021-01-01", id="talk"), call("2020-01-02", id="first"))
    found = agree({"a": one, "b": other})
    assert [(f.name, f.ids) for f in found.facts] == [
        ("talk", ("talk", "first")),
        ("talk (b)", (None, "talk")),
    ]
    assert [f.name for f in found.only("b")] == ["talk (b)"]
    assert found.only("a") == []


def test_beyond_chance_is_told_of_five_facts_or_more() -> None:
    days = [f"2020-{m:02}-01" for m in range(1, 13)]
    for number in (FEW - 1, FEW):
        logs = {
            n: log(*(call(d, by=by) for d, by in zip(days, who, strict=False)))
            for n, who in (("a", ["USA", "RUS"] * 6), ("b", ["USA", "RUS"] * 5 + ["USA", "USA"]))
        }
        chosen = agree(logs, until=days[number - 1])
        (by,) = (f for f in chosen.fields if f.field == "by")
        assert by.events == number
        assert (by.measured.alpha is not None) == (number >= FEW)


def test_three_codings() -> None:
    logs = {
        "a": log(call("2022-07-01", by="USA")),
        "b": log(call("2022-07-01", by="USA"), call("2023-07-01")),
        "c": log(call("2022-07-02", by="RUS"), call("2023-07-01")),
    }
    found = agree(logs)
    assert [f.ids for f in found.facts] == [("e0", "e0", "e0"), (None, "e1", "e1")]
    assert field(found, "kind") == (4, 4)
    assert field(found, "by") == (1, 3)
    assert [found.only(name) for name in logs] == [[], [], []]


# ---------------------------------------------------------------------------------- states


def test_days_on_which_states_differ() -> None:
    one = log(call("2022-01-10"), {"kind": "contact_cut", "date": "2022-01-20"})
    other = log(call("2022-01-10"), {"kind": "contact_cut", "date": "2022-01-25"})
    found = agree({"a": one, "b": other})
    lines = [s for s in found.differing if s.viewpoint == "observer"]
    assert [(s.first, s.last, s.days, s.states) for s in lines] == [
        ("2022-01-20", "2022-01-24", 5, ("cut_off", "open"))
    ]
    assert sum(s.days for s in found.stretches if s.viewpoint == "observer") == 16
    short = agree({"a": one, "b": other}, since="2022-01-22", until="2022-01-23")
    assert {(s.first, s.last) for s in short.stretches} == {("2022-01-22", "2022-01-23")}


def test_states_are_those_that_a_replay_gives_for_each_day(article: Log, second: Log) -> None:
    found = agree({"a": article, "b": second})
    for stretch in found.stretches:
        for day in (stretch.first, stretch.last):
            for log_, state in zip((article, second), stretch.states, strict=True):
                at = project(log_, stretch.viewpoint, day)[stretch.channel]
                assert at.state == state
    assert any(not s.known for s in found.stretches) or not found.differing


def test_what_a_log_says_of_its_channel() -> None:
    set_up = {"usa-rus/ministers": CHANNEL["usa-rus/ministers"] | {"initial": "cut_off"}}
    found = agree({"a": log(call("2022-01-10")), "b": log(call("2022-01-10"), channels=set_up)})
    assert [(s.field, s.values) for s in found.setups] == [("initial", ("open", "cut_off"))]


# ---------------------------------------------------------------------------------- fields


def test_every_date_and_number_of_an_event_is_measured() -> None:
    known = {
        name: f"{info.annotation} {info.metadata}"
        for model in (Occurrence, *MODELS)
        for name, info in model.model_fields.items()
        if name not in OWN
    }
    assert {*FIELDS} == {*known}
    dates = {name for name, form in known.items() if "function _date " in form}
    numbers = {name for name, form in known.items() if re.search(r"\b(float|int)\b", form)}
    assert dates == {*DATES}
    assert numbers - dates == {*METRICS} - {*DATES}


# ---------------------------------------------------------------------------------- bad input


def refused(logs: dict[str, Log], **more: str) -> list[str]:
    with pytest.raises(InputError) as error:
        agree(logs, **more)
    return [str(p) for p in error.value.problems]


def test_logs_of_different_channels_are_refused() -> None:
    other = log(channels={"chn-usa/leaders": {"parties": ["CHN", "USA"]}})
    assert refused({"a": log(), "b": other, "c": other}) == [
        f"{name}: channels: has no channel in common with a, which has usa-rus/ministers "
        "(got chn-usa/leaders)"
        for name in ("b", "c")
    ]


def test_codings_without_a_channel_that_all_have_are_refused() -> None:
    two = {"usa-rus/x": {"parties": ["USA", "RUS"]}, "usa-rus/y": {"parties": ["USA", "RUS"]}}
    x, y = ({k: two[k]} for k in two)
    found = refused({"a": log(channels=two), "b": log(channels=x), "c": log(channels=y)})
    assert found == ["agree: channels: there is no channel that all of the codings have"]


def test_one_coding_is_refused() -> None:
    assert refused({"a": log()}) == ["agree: must be 2 to 10 codings of one source (got 1)"]


def test_too_many_events_are_refused_and_days_help() -> None:
    few = log(call("2022-01-01"))
    event = few.events[0]
    events = tuple(
        event.model_copy(update={"id": f"e{n}", "date": f"20{n % 90 + 10}-01-01"})
        for n in range(MAX_EVENTS + 1)
    )
    many = few.model_copy(update={"events": events})
    assert refused({"a": few, "b": many}) == [
        "b: events: must be at most 2,000 to be matched; --from and --until choose days (got 2,001)"
    ]
    assert len(agree({"a": few, "b": many}, until="2012").facts) == 69


def test_days_that_are_none_are_refused() -> None:
    two = {"a": log(), "b": log()}
    assert refused(two, since="2022-02-30", until="soon") == [
        "--from: names a day or a time that does not exist (got 2022-02-30)",
        "--until: must be an EDTF date, such as 2023-03-02, 2022-07 or 2022-02-21/2022-02-24 "
        "(got soon)",
    ]
    assert refused(two, since="2022", until="2021") == [
        "--until: must not lie before --from (got 2021)"
    ]


# ---------------------------------------------------------------------------------- the seeds


def test_what_the_codebook_says_of_the_second_coding(article: Log, second: Log) -> None:
    found = agree({"first": article, "second": second})
    assert sum(f.common for f in found.facts) == 14
    assert [f.name for f in found.only("first")] == [
        "blinken-on-new-delhi",
        "zakharova-on-new-delhi",
    ]
    assert found.only("second") == []
    assert found.differing == ()
    assert {d.field for d in found.differences} == {
        *("by", "persons", "meeting_date", "date", "agenda", "forum")
    }


def test_the_second_coder_copied_no_sentence(article: Log, second: Log) -> None:
    theirs = {t for e in article.events for t in (e.summary, e.doubt) if t}
    ours = [t for e in second.events for t in (e.summary, e.doubt) if t]
    assert ours
    assert not theirs & {*ours}
    assert all(e.source is not None and e.source.paragraph for e in second.events)
