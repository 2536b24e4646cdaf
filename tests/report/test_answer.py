"""The answer of the first screen, in sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from micro import CHANNEL, always, doctrine, scenario
from pasts import event, told

import sim
from sim.report.answer import (
    after,
    answered,
    compared_in_words,
    contrast_in_words,
    in_hundred,
    main_answer,
    main_channel,
    outcome_in_words,
    state_in_the_end,
    swept_in_words,
    why_in_words,
)
from sim.report.sweep_pages import draws_frame
from sim.results.outcomes import Answer

ANSWER = Answer("a", "Contact cut", "event_by", 0.42, 0.4, 0.44, None, None, None, None, None)
OPEN = {"type": "state_at", "state": "open", "title": "Open in the end"}
CUT = {"type": "event_by", "kind": "contact_cut", "title": "Contact cut"}
EVER = {"cut": CUT, "open": OPEN}


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0"),
        (0.004, "fewer than 1"),
        (0.315, "32"),
        (0.994, "more than 99"),
        (1.0, "100"),
    ],
)
def test_worlds_of_a_hundred(share: float, words: str) -> None:
    assert in_hundred(share) == words


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2025-03-02", "After two years"),
        ("2024-03-01", "After one year"),
        ("2023-09-01", "After six months"),
        ("2023-03-09", "After seven days"),
        ("2023-04-18", "By the end of the run, 2023-04-18,"),
    ],
)
def test_how_long_after(until: str, words: str) -> None:
    assert after("2023-03-02", until) == words


def test_each_form_of_outcome_has_its_sentence() -> None:
    assert outcome_in_words(ANSWER) == "“Contact cut”: in 42 of 100 worlds."
    days = outcome_in_words(replace(ANSWER, type="share_of_days"))
    assert days == "“Contact cut”: 42\u00a0% of the days in the mean of all worlds."
    shares = [(0.004, "less than 1"), (0.99, "99"), (0.997, "more than 99"), (1.0, "100")]
    for share, words in shares:
        few = outcome_in_words(replace(ANSWER, type="share_of_days", estimate=share))
        assert few.startswith(f"“Contact cut”: {words}\u00a0% of the days")
    first = replace(ANSWER, type="first_time", half_by="2024-03-05")
    said = "“Contact cut”: ever in 42 of 100 worlds, half of these by March 2024."
    assert outcome_in_words(first) == said
    assert outcome_in_words(replace(ANSWER, settled=True)).endswith("history settles this.")


def test_a_run_is_answered_by_its_states_and_by_what_is_asked_first() -> None:
    both = {"can": always(), "usa": doctrine(cut=30.0, call=-30.0)}
    run = sim.run(
        scenario(both, rates_per_day={"cut": 0.05}, outcomes={"z": CUT, "a": OPEN}),
        replications=50,
        workers=1,
    )
    first, second = answered(run)
    assert first.startswith("After three months the channel is ")
    assert first.endswith("cut off in more than 49 of 50 worlds.")
    shares = run.occupancy().filter(viewpoint="observer").tail(4)["share"]
    assert first.count(" in ") == (shares > 0).sum()  # no state that no world is in
    assert second.startswith("“Contact cut”: in ")
    assert first == state_in_the_end(run)


def test_the_channel_is_the_one_that_is_asked_about() -> None:
    channels: dict[str, Any] = {"can-usa/a": {"title": "The first"}, "can-usa/b": {}}
    for asked, named in (("can-usa/b", "Canada and United States, b"), ("can-usa/a", "The first")):
        whole = scenario(channels=channels, outcomes={"open": OPEN | {"channel": asked}})
        run = sim.run(whole, replications=2, workers=1)
        assert main_channel(run) == asked
        assert f"“{named}” is " in state_in_the_end(run)
    nothing = sim.run(scenario(channels=channels), replications=2, workers=1)
    assert main_channel(nothing) == "can-usa/a"
    assert len(answered(nothing)) == 1


def asked(**parts: Any) -> Any:
    return told(event("talk", "call_held", "2021-02-01"), outcomes=EVER, **parts)


def test_a_comparison_says_what_the_asked_outcome_becomes() -> None:
    found = sim.compare(asked(changes=[{"remove": "talk"}]), replications=20, workers=1)
    (said,) = compared_in_words(found)
    assert said.startswith("“Contact cut”: ")
    one = replace(found.contrasts[0], alike=0.5, changed=0.52, base=0.31, low=0.1, high=0.3)
    words = "“Contact cut”: in 52 of 100 worlds with “B”, and in 31 of 100 worlds with “A”."
    assert contrast_in_words(one, "B", "A") == words
    unsure = contrast_in_words(replace(one, low=-0.1), "B", "A")
    assert unsure == f"{words} So many worlds do not settle whether they differ."
    same = contrast_in_words(replace(one, alike=1.0), "B", "A")
    assert same == "“Contact cut”: “B” changes it in no world."


def test_the_compared_scenario_says_what_stands_first() -> None:
    base = asked()
    other = asked(changes=[{"remove": "talk"}]).ordered(["open", "cut"])
    names = [c.name for c in sim.compare(base, other, replications=3, workers=1).contrasts]
    assert names == ["open", "cut"]
    back = [c.name for c in sim.compare(other, base, replications=3, workers=1).contrasts]
    assert back == ["cut", "open"]  # the control


def test_a_why_names_the_event_that_weighs_most() -> None:
    found = sim.why(asked(), "open", replications=20, workers=1)
    said = why_in_words(found)
    assert said[0].startswith("“Open in the end” comes about in ")
    heavy = replace(found.events[0], share=0.5, made=0.5)
    (_, more) = why_in_words(replace(found, events=(heavy,), turned=False))
    assert more == f"Without “{heavy.label}” it fails in 50 of 100 of these."
    light = replace(heavy, share=0.0, made=0.0)
    (_, none) = why_in_words(replace(found, events=(light,)))
    assert none == "No single event of history changes that."


def test_a_sweep_goes_from_the_least_value_to_the_largest() -> None:
    whole = scenario(
        {"can": always(), "usa": doctrine(cut=30.0)},
        rates_per_day={"cut": 0.05},
        outcomes={"z": CUT, "a": OPEN},
        channels={CHANNEL: {}},
        sweep={"rates_per_day.cut": [0.001, 0.1]},
    )
    found = sim.sweep(whole, replications=20, workers=1)
    (said,) = swept_in_words(found, [])
    assert said.startswith("“Contact cut”: in ")
    assert "where the rate of cut per day is 0.001, and in " in said
    assert said.endswith("where it is 0.1.")
    drawn = whole.model_copy(
        update={"sweep": sim.load_scenario(whole.plain() | {"sweep": DRAWN}).sweep}
    )
    over = sim.sweep(drawn, replications=5, workers=1)
    (spread,) = swept_in_words(over, draws_frame(over).to_dicts())
    assert spread.startswith("“Contact cut”: in ")
    assert spread.endswith(" of 100 worlds over nine tenths of the draws.")


DRAWN = {"rates_per_day.cut": {"uniform": [0.001, 0.1], "draws": 5}}


def test_what_history_settles_is_not_the_answer() -> None:
    past = {"type": "event_by", "kind": "call_held", "from": "2021-01-02", "date": "2021-02-15"}
    talk = event("talk", "call_held", "2021-02-01")
    whole = told(talk, outcomes={"a": past, "z": OPEN}, show_from="2021-01-02")
    run = sim.run(whole, replications=3, workers=1)
    assert [a.settled for a in run.answers] == [True, False]
    main = main_answer(run)
    assert main is not None
    assert main.name == "z"
