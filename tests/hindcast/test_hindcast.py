"""A hindcast as a whole: what is known at an origin, what came, and that nothing else matters."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from micro import ALWAYS, CHANNEL, doctrine, scenario
from pasts import event, told

from sim.ground.dates import DAY_S, day, parse
from sim.ground.errors import InputError
from sim.hindcast import hindcasting, refits
from sim.hindcast.comparing import lines_of
from sim.hindcast.hindcasting import DOCTRINES, SIMULATOR, forget, hindcast
from sim.hindcast.origins import as_known, known_at, month_end, month_ends
from sim.hindcast.plan import pairs_of, planned
from sim.hindcast.rivals.table import RIVALS
from sim.hindcast.seen import ANSWERS, CONTACT, COUNT, MOST, OPEN, STATE, seen_of
from sim.hindcast.tables import model_output, oracle_output
from sim.log.coverage import Covered
from sim.log.log import Log
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Scenario


def at(date: str) -> int:
    return parse(date).hi_s


def call(id_: str, date: str, **more: object) -> dict[str, object]:
    return event(id_, "call_held", date, **more)


CALLS = [call(f"call-{n}", f"2021-{n:02d}-05") for n in range(1, 10)]


def history(events: list[dict[str, object]], **more: object) -> Scenario:
    """A record from January 2021 on, known to the end of June 2022."""
    until = {"as_of": "2022-06-30", "until": "2022-07-31"}
    calling = doctrine(call=-1.0, accept_call=ALWAYS)
    return told(*events, doctrines={"can": calling, "usa": calling}, **until | more)


def test_ends_of_months_are_the_first_seconds_of_the_next() -> None:
    ends = month_ends(at("2021-11-29"), at("2022-02-28"))
    assert [day(t - 1).isoformat() for t in ends] == [
        "2021-11-30", "2021-12-31", "2022-01-31", "2022-02-28",
    ]  # fmt: skip
    assert day(month_end(at("2021-11-30"), 3) - 1).isoformat() == "2022-02-28"
    assert month_end(at("2021-11-30"), 0) == at("2021-11-30")
    assert month_end(at("2021-11-29"), 0) == at("2021-11-30")


def test_the_last_month_of_the_calendar_ends_too() -> None:
    assert month_ends(at("2199-11-30"), at("2199-12-31")) == [at("2199-12-31")]


def test_an_origin_may_end_with_the_year_1969() -> None:
    """The instant 0 is one like others."""
    (pair,) = pairs_of({"a": history(CALLS)})
    old = replace(pair, start_s=at("1968-01-01"), end_s=at("1970-12-31"))
    plan = planned([old], first="1969-12-31", horizons=(1,))
    assert plan.origins_s[0] == 0
    plan = planned([old], first="1969-11-30", last="1969-12-31", horizons=(1,))
    assert plan.origins_s == (at("1969-11-30"), 0)


def log_of(events: list[dict[str, object]]) -> Log:
    found = history(events).history
    assert found is not None
    return found


def test_what_lies_across_an_origin_is_not_known_then() -> None:
    across = call("across", "2021-10-20/2021-11-10")
    after = event("after", "statement", "2021-11-20", causes=["across"])
    log = log_of([*CALLS, across, after])
    known = known_at(log, at("2021-10-31"))
    assert {e.id for e in known.events} == {c["id"] for c in CALLS}
    later = known_at(log, at("2021-11-30"))
    assert {e.id for e in later.events} == {e.id for e in log.events}
    # the control: where what follows from it has happened, it has happened too
    effect = event("told", "statement", "2021-10-25", causes=["across"])
    both = {e.id: e for e in known_at(log_of([*CALLS, across, effect]), at("2021-10-31")).events}
    assert both["across"].date == "2021-10-20/2021-10-31"
    assert "told" in both


def test_what_was_not_public_is_not_known() -> None:
    secret = call("secret", "2021-10-10", known_to=["CAN", "USA"], public="2022-01-15")
    never = call("never", "2021-10-11", known_to=["CAN", "USA"])
    log = log_of([*CALLS, secret, never])
    first, later = (known_at(log, at(d)) for d in ("2021-12-31", "2022-01-31"))
    assert {e.id for e in log.events} - {e.id for e in first.events} == {"secret", "never"}
    assert {e.id for e in log.events} - {e.id for e in later.events} == {"never"}
    # what came is what happened, not what was known
    whole = seen_of(log, CHANNEL, at("2020-12-31"), at("2022-06-30"))
    assert whole.talks.sum() == len(CALLS) + 2


def test_days_are_those_of_the_fold() -> None:
    log = log_of(CALLS)
    now = at("2021-12-31")
    start = at("2020-12-31")
    seen = seen_of(log.model_copy(), CHANNEL, start, now)
    assert len(seen) == 365
    assert seen.talks.sum() == 9
    assert seen.talks[4] == 1
    assert seen.state[4] == OPEN
    assert seen.counted(np.array([3, 4]), 1).tolist() == [1, 0]
    assert seen.counted(np.array([0]), 364).tolist() == [9]


def small(**more: object) -> tuple[dict[str, Scenario], dict[str, object]]:
    given = {"record": history([*CALLS, call("late", "2022-03-05")], **more)}
    settings = {"first": "2021-10-31", "horizons": (1, 3), "worlds": 40, "seed": 3}
    return given, settings


def test_a_hindcast_scores_every_forecaster_on_every_question() -> None:
    given, settings = small()
    plan = planned(pairs_of(given), **settings)  # type: ignore[arg-type]
    found = hindcast(given, plan, workers=1)
    assert [day(t - 1).isoformat() for t in plan.origins_s] == [
        "2021-10-31", "2021-11-30", "2021-12-31", "2022-01-31", "2022-02-28", "2022-03-31",
        "2022-04-30", "2022-05-31",
    ]  # fmt: skip
    lines = lines_of(found)
    numbers = {(line.question, line.months): line.number for line in lines}
    assert numbers == {(q, m): 8 if m == 1 else 6 for q in ANSWERS for m in (1, 3)}
    names = {line.forecaster for line in lines}
    assert names == {SIMULATOR, *(r.id for r in RIVALS)} - {"gamma-pooled"}
    mine = next(line for line in lines if line.forecaster == SIMULATOR)
    assert mine.ahead == 0.0
    came = {(g.origin_s, g.question): g.came for g in found.given if g.months == 1}
    assert came[at("2022-02-28"), CONTACT] == 1
    assert came[at("2022-02-28"), COUNT] == 1
    assert came[at("2021-11-30"), CONTACT] == 0
    assert came[at("2022-03-31"), STATE] == ANSWERS[STATE].index("open")


def test_nothing_later_reaches_a_forecast() -> None:
    given, settings = small()
    plan = planned(pairs_of(given), **settings)  # type: ignore[arg-type]
    known = {g[:-2]: g[-2] for g in _laws(hindcast(given, plan, workers=1))}
    other = {"record": history([*CALLS, call("another", "2022-02-05")])}
    moved = {g[:-2]: g[-2] for g in _laws(hindcast(other, plan, workers=1))}
    before = {k for k in known if k[1] <= at("2022-01-31")}
    assert len(before) > 100
    assert all(known[k] == moved[k] for k in before)
    assert any(known[k] != moved[k] for k in known.keys() - before)  # the control


def test_what_was_secret_then_reaches_no_forecast() -> None:
    _, settings = small()
    secret = call("secret", "2021-10-10", known_to=["CAN", "USA"], public="2022-01-15")
    given = {"record": history([*CALLS, secret])}
    plan = planned(pairs_of(given), **settings)  # type: ignore[arg-type]
    found = {g[:-2]: g[-2] for g in _laws(hindcast(given, plan, workers=1))}
    open_ = {g[:-2]: g[-2] for g in _laws(hindcast({"record": history(CALLS)}, plan, workers=1))}
    before = {k for k in found if k[1] <= at("2021-12-31")}
    assert all(found[k] == open_[k] for k in before)
    assert any(found[k] != open_[k] for k in found.keys() - before)  # the control


def test_the_day_of_an_origin_is_known_and_not_forecast() -> None:
    _, settings = small()
    given = {"record": history([*CALLS, call("on-it", "2022-01-31")])}
    plan = planned(pairs_of(given), **settings)  # type: ignore[arg-type]
    found = hindcast(given, plan, workers=1).given
    came = {(g.origin_s, g.question): g.came for g in found if g.months == 1}
    assert came[at("2021-12-31"), COUNT] == 1
    assert came[at("2022-01-31"), COUNT] == 0


def _laws(found: hindcasting.Hindcast) -> list[tuple[object, ...]]:
    return [(g.forecaster, g.origin_s, g.months, g.question, g.law, g.came) for g in found.given]


def test_neither_workers_nor_a_kill_change_a_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, settings = small()
    plan = planned(pairs_of(given), **settings)  # type: ignore[arg-type]
    alone = hindcast(given, plan, workers=1)
    assert hindcast(given, plan, workers=3).given == alone.given

    def killed(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hindcast(given, plan, out=tmp_path, workers=1, progress=killed)
    kept = sorted((tmp_path / "origins").glob("*.json"))
    assert len(kept) == 3
    kept[0].write_text(kept[0].read_text().replace("0.", "1.", 1))  # an edited one is made anew
    worked: list[int] = []
    plain = hindcasting.Origins.work

    def counted(self: hindcasting.Origins, first: int, number: int) -> list[object]:
        worked.append(first)
        return plain(self, first, number)

    monkeypatch.setattr(hindcasting.Origins, "work", counted)
    again = hindcast(given, plan, out=tmp_path, workers=1)
    assert again.given == alone.given
    assert len(worked) == len(plan.origins_s) - 2
    other = planned(pairs_of(given), **settings | {"seed": 4})  # type: ignore[arg-type]
    assert hindcast(given, other, out=tmp_path, workers=1).given != alone.given  # the control
    assert len(worked) == 2 * len(plan.origins_s) - 2
    forget(tmp_path, again)
    assert not (tmp_path / "origins").exists()


def test_several_pairs_are_pooled_and_weighed_alike() -> None:
    given, settings = small()
    many = {
        f"pair-{n}": history([call("one", f"2021-{n:02d}-05"), *CALLS[:n]]) for n in range(1, 6)
    }
    plan = planned(pairs_of(many), **settings | {"first": "2022-01-31", "horizons": (1,)})  # type: ignore[arg-type]
    found = hindcast(many, plan, workers=1)
    lines = {(line.question, line.months, line.forecaster): line for line in lines_of(found)}
    pooled = lines[CONTACT, 1, "gamma-pooled"]
    assert pooled.number == 5 * 5
    assert pooled.over_pairs is not None
    assert pooled.over_origins is not None
    assert lines[CONTACT, 1, SIMULATOR].over_pairs is None
    one = hindcast(given, plan, workers=1)
    assert all(line.over_pairs is None for line in lines_of(one))


def test_weights_are_learned_by_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    given, settings = small()
    asked: list[str] = []

    def learned(name: str, known: Scenario, seed: int, workers: int | None) -> dict[str, object]:
        asked.append(known.as_of)
        return {"why": f"{name}: nothing at {known.as_of}."}

    monkeypatch.setattr(refits, "_learned", learned)
    plan = planned(pairs_of(given), **settings | {"refit": 3})  # type: ignore[arg-type]
    found = hindcast(given, plan, workers=1)
    assert asked == ["2021-10-31", "2022-01-31", "2022-04-30"]
    assert len(found.learned) == 3
    mine, shipped = (
        [g.law for g in found.given if g.forecaster == name] for name in (SIMULATOR, DOCTRINES)
    )
    assert mine == shipped  # where nothing is learned, the doctrines' own weights are used


def test_what_is_wrong_is_said_at_once() -> None:
    nothing = scenario()
    open_ended = history(CALLS, complete_from=None)
    with pytest.raises(InputError) as caught:
        pairs_of({"a": nothing, "b": open_ended})
    assert [str(p) for p in caught.value.problems] == [
        "a: history: is required: it is what is forecast",
        f"b: channels.{CHANNEL}.complete_from: is required: where silence may be a gap, nothing can"
        " be scored",
    ]
    pairs = pairs_of({"a": history(CALLS)})
    with pytest.raises(InputError) as caught:
        planned(pairs, every=0, refit=-1, horizons=(3, 3), first="soon")
    wrong = {p.file for p in caught.value.problems}
    assert wrong == {"--every", "--refit", "--horizons", "--from"}
    with pytest.raises(InputError, match=r"no end of a month .*2022-06-30 to 2022-06-30"):
        planned(pairs, first="2022-06-30")


def test_the_tables_have_the_form_of_the_hubverse() -> None:
    given, settings = small()
    plan = planned(pairs_of(given), **settings)  # type: ignore[arg-type]
    found = hindcast(given, plan, workers=1)
    output, oracle = model_output(found), oracle_output(found)
    assert output.columns == [
        "model_id", "origin_date", "scenario", "channel", "target", "horizon", "target_end_date",
        "output_type", "output_type_id", "value",
    ]  # fmt: skip
    task = output.columns[1:-3]
    sums = output.group_by("model_id", *task).agg(pl.col("value").sum())
    assert sums["value"].to_list() == pytest.approx([1.0] * len(sums))
    assert oracle["oracle_value"].sum() == len(oracle.group_by(task).len())
    both = output.join(oracle, on=[*task, "output_type", "output_type_id"], how="left")
    assert both["oracle_value"].null_count() == 0
    assert len(ANSWERS[COUNT]) == MOST + 1


def test_a_scenario_as_it_was_known_asks_only_what_is_asked() -> None:
    given = history(CALLS, outcomes={"open": {"type": "state_at", "state": "open"}})
    known = as_known(given, at("2021-03-31"), at("2021-04-30"), {})
    assert known.as_of == "2021-03-31"
    assert known.until == "2021-04-30"
    assert known.outcomes == {}
    assert known.history is not None
    assert [e.id for e in known.history.events] == ["call-1", "call-2", "call-3"]
    assert json.dumps(known.plain(), default=str)
    assert DAY_S == 86_400


def test_a_channel_without_events_by_then_is_forecast_too() -> None:
    given = {"late": history([call("late", "2022-03-05")])}
    plan = planned(pairs_of(given), first="2021-10-31", horizons=(1,), worlds=20, seed=1)
    found = hindcast(given, plan, workers=1)
    asked = {(g.origin_s, g.question) for g in found.given}
    assert {at("2021-10-31"), at("2022-05-31")} <= {origin for origin, _ in asked}


def test_a_horizon_past_what_sources_show_changes_no_other() -> None:
    shown = {"kinds": ["call_held"], "since": "2021-01-01", "until": "2022-03-31"}
    given = history(CALLS)
    assert given.history is not None
    channel = given.history.channels[CHANNEL].model_copy(update={"coverage": (Covered(**shown),)})  # type: ignore[arg-type]
    log = given.history.model_copy(update={"channels": {CHANNEL: channel}})
    some = {"shown": given.model_copy(update={"history": log, "complete_from": None})}
    settings = {"first": "2022-02-28", "worlds": 40, "seed": 3}
    near, both = (
        hindcast(some, planned(pairs_of(some), horizons=h, **settings), workers=1)  # type: ignore[arg-type]
        for h in ((1,), (1, 3))
    )
    assert _laws(both) == _laws(near)
    mine = next(g for g in both.given if (g.forecaster, g.question) == (SIMULATOR, CONTACT))
    assert max(mine.law) < 0.98  # the control: where no act is asked, no contact is sure


def test_a_scenario_that_draws_from_a_fit_learns_no_weights() -> None:
    path = Path(__file__).parents[2] / "scenarios" / "learned-record.yaml"
    given = {"fitted": load_scenario(path)}
    settings = {"first": "2024-08-31", "horizons": (1,), "worlds": 20, "seed": 1}
    found = hindcast(given, planned(pairs_of(given), **settings), workers=1)  # type: ignore[arg-type]
    assert {g.forecaster for g in found.given} >= {SIMULATOR, "calendar"}
    anew = planned(pairs_of(given), **settings | {"refit": 1})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="fitted: fit: must be left out with --refit"):
        hindcast(given, anew, workers=1)


def test_learning_that_fails_is_said_and_the_doctrines_go_on() -> None:
    nothing = {"quiet": history([event("word", "statement", "2021-02-01", channel=None)])}
    settings = {"first": "2022-03-31", "horizons": (1,), "worlds": 20, "seed": 1, "refit": 12}
    plan = planned(pairs_of(nothing), **settings)  # type: ignore[arg-type]
    found = hindcast(nothing, plan, workers=1)
    assert len(found.learned) == 1
    assert found.learned[0].startswith("quiet, at 2022-03-31: nothing is learned")
    assert "must have a decision before it" in found.learned[0]
