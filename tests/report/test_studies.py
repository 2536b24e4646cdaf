"""The folders of comparisons and whys: what the files hold, say, and never say."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from markupsafe import escape
from micro import CHANNEL, doctrine
from pasts import detained, event, told
from typed import listing

from sim.galleries.study_gallery import difference_frame
from sim.report.comparison_pages import (
    amount,
    comparison_json,
    comparison_rows,
    contrast_row,
    save_comparison,
)
from sim.report.numbers import percent
from sim.report.why_pages import but_for_row, save_why
from sim.scenario.interventions import RUN_TYPES
from sim.scenario.scenario import Scenario
from sim.study.but_for import ButFor, Why
from sim.study.compared import without_changes
from sim.study.comparing import DAYS, SHARE, Comparison, Contrast, compare
from sim.study.explaining import why
from sim.study.first_difference import FirstDifference

pytestmark = pytest.mark.usefixtures("drawn_never")

NASTY = "<script>alert('x')</script>"
EVEN = doctrine(call={"bias": 0.5, "cut_off": -2.0}, accept_call=0.0, cut=-1.0, acknowledge=0.5)
WHAT_IF = {"remove": "arrest"}
POLICY = {"set_doctrine": {"party": "USA", "doctrine": "dove", "from": "2021-03-05"}}


ASKED: dict[str, dict[str, Any]] = {
    "first": {"type": "first_time", "state": "open", "title": "Days until open"},
    "open": {"type": "state_at", "state": "open", "title": NASTY},
}


def asking(*changes: dict[str, Any], **parts: Any) -> Scenario:
    return told(
        event("cut", "contact_cut", "2021-01-20", by="USA"),
        detained("arrest", "2021-01-22"),
        detained("free", "2021-02-10", "released"),
        doctrines={"can": EVEN, "usa": EVEN, "dove": doctrine(call=2.0, accept_call=2.0)},
        changes=list(changes),
        **({"outcomes": ASKED} | parts),
    )


@pytest.fixture(scope="module")
def compared() -> Comparison:
    whole = asking(WHAT_IF, title=NASTY)
    others = {"kept": whole, "a <b> policy": asking(POLICY)}
    return compare(
        without_changes(whole), others, replications=60, coupling=True, base_name="as it was"
    )


@pytest.fixture(scope="module")
def saved(compared: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compared")
    save_comparison(compared, folder)
    return folder


# ---------------------------------------------------------------------------------- comparisons


@pytest.mark.parametrize(
    ("value", "unit", "signed", "expected"),
    [
        (0.1234, SHARE, False, "12.3 %"),
        (0.04, SHARE, True, "+4.0 points"),
        (-0.0406, SHARE, True, "−4.1 points"),
        (1234.5, DAYS, False, "1,234 days"),
        (-31.4, DAYS, True, "−31 days"),
        (0.0, DAYS, True, "+0 days"),
    ],
)
def test_amounts(value: float, unit: str, signed: bool, expected: str) -> None:
    assert amount(value, unit, signed=signed) == expected


CONTRAST = Contrast(
    *("open", "Open", "state_at", "kept", SHARE),
    *(0.4, 0.25, -0.15, -0.2, -0.1, 2.345, 0.8),
)


def test_a_contrast_in_words() -> None:
    assert contrast_row(CONTRAST, 0.015) == {
        "title": "Open",
        "other": "kept",
        "base": "40.0 %",
        "changed": "25.0 %",
        "difference": "−15.0 points",
        "interval": "−20.0 to −10.0 points",
        "alike": "80.0 %",
        "narrowing": "2.3 times",
        "gap": "+1.5 points",
        "independent": "",
        "weights": "",
        "same_sign": "",
    }
    assert contrast_row(CONTRAST, None)["gap"] == ""


@pytest.mark.parametrize(("alike", "words"), [(1.0, ""), (0.0, "cannot be told")])
def test_worlds_that_all_differ_are_not_said_to_be_alike(alike: float, words: str) -> None:
    row = contrast_row(replace(CONTRAST, narrowing=None, alike=alike), None)
    assert row["narrowing"] == words
    assert (row["difference"] == "no change") == (alike == 1.0)


@pytest.mark.slow
def test_the_files_of_a_comparison_are_complete(saved: Path) -> None:
    figures = [
        "contrasts",
        "difference-1-can-usa-ministers",
        "difference-2-can-usa-ministers",
        "rasters-can-usa-ministers",
    ]
    files = {f"figures/{stem}.svg" for stem in figures}
    files |= {f"scenarios/{n}.yaml" for n in ("as it was", "kept", "2-a-b-policy")}
    files |= {"contrasts.csv", "columns.csv", "comparison.json", "report.html", "study.json"}
    files |= {"contrasts.tex", "contrasts.md", "worlds.csv", "worlds.parquet", "datapackage.json"}
    assert set(listing(saved)) == files
    page = (saved / "report.html").read_text(encoding="utf-8")
    assert all(f'id="figure-{stem}"' in page for stem in figures)


def test_the_table_and_the_json_hold_the_contrasts(compared: Comparison, saved: Path) -> None:
    frame = pl.read_csv(saved / "contrasts.csv")
    own = [name for name in Contrast.__dataclass_fields__ if name != "over_weights"]
    over = [name for name in frame.columns if name.startswith("weights_")]
    assert frame.columns == [*own, "gap", *over]
    assert over[:2] == ["weights_low", "weights_high"]
    assert frame["other"].to_list() == ["kept", "kept", "a <b> policy", "a <b> policy"]
    made = json.loads((saved / "comparison.json").read_text(encoding="utf-8"))
    assert made == json.loads(json.dumps(comparison_json(compared)))
    for row, c in zip(made["contrasts"], compared.contrasts, strict=True):
        assert {name: row[name] for name in own} == {name: asdict(c)[name] for name in own}
        assert row["gap"] == compared.gaps[c.other, c.name]
    assert replace(compared, gaps={}).frame["gap"].null_count() == 4


def test_the_table_has_the_form_of_the_table_of_outcomes(compared: Comparison, saved: Path) -> None:
    contrasts, outcomes = pl.read_csv(saved / "contrasts.csv"), compared.base.outcomes
    assert contrasts.columns[:3] == outcomes.columns[:3] == ["name", "title", "type"]
    both = contrasts.join(outcomes, on=["name", "title", "type"])
    assert both.height == contrasts.height
    shares = both.filter(pl.col("unit") == "share")
    assert 0 < shares.height < both.height
    assert shares["base"].to_list() == pytest.approx(shares["estimate"].to_list())
    assert contrasts["base_held"].to_list() == pytest.approx(both["held"].to_list())


def test_levels_are_told_by_their_names(compared: Comparison, saved: Path) -> None:
    made = json.loads((saved / "comparison.json").read_text(encoding="utf-8"))
    assert made["levels"] == {"as it was": "forecast", "kept": "what-if", "a <b> policy": "policy"}
    assert made["held_fixed"] == {n: RUN_TYPES[level] for n, level in made["levels"].items()}
    assert (made["base"], made["replications"], made["seed"]) == ("as it was", 60, 1)
    page = (saved / "report.html").read_text(encoding="utf-8")
    for name, level in made["levels"].items():
        shown = escape(compared.plot.titles[name])
        assert f"“{shown}” is a {level}." in page
    assert "no data can settle" in page


def test_nothing_is_called_a_counterfactual(saved: Path) -> None:
    """A policy is none, nor is a forecast: new dice answer another question."""
    for name, content in listing(saved).items():
        if not name.endswith(".svg"):
            assert b"counterfactual" not in content.lower(), name


def test_pages_escape_what_people_write(saved: Path) -> None:
    page = (saved / "report.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<b>" not in page


def test_what_goes_along_is_named(saved: Path) -> None:
    page = (saved / "report.html").read_text(encoding="utf-8")
    assert "<code>free</code> (needs <code>arrest</code>)" in page
    assert page.count("Also removed, since they need what is removed") == 1


@pytest.mark.slow
def test_the_gap_has_a_column_where_it_was_asked(compared: Comparison, tmp_path: Path) -> None:
    assert all(row["gap"] for row in comparison_rows(compared))
    save_comparison(replace(compared, gaps={}), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Coupling gap" not in page
    assert "--coupling" in page


def test_a_difference_over_time_is_a_frame(compared: Comparison) -> None:
    flips = compared.flips["kept"][CHANNEL]
    frame = difference_frame(compared.base, compared.others["kept"], CHANNEL, flips)
    assert frame.columns == ["time", "state", "difference", "low", "high"]
    assert frame.height == 4 * len(compared.base.program.grid_s)
    assert frame.group_by("time").agg(pl.col("difference").sum())["difference"].abs().max() < 1e-9
    assert (frame["low"] <= frame["difference"]).all()


def test_a_comparison_of_one_world_is_written(tmp_path: Path) -> None:
    whole = asking(WHAT_IF)
    save_comparison(compare(without_changes(whole), {"x": whole}, replications=1), tmp_path)
    made = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert all(math.isfinite(c["low"]) and math.isfinite(c["high"]) for c in made["contrasts"])


# ---------------------------------------------------------------------------------- why


@pytest.fixture(scope="module")
def asked() -> Scenario:
    outcome = {"type": "state_at", "state": "cut_off", "date": "2021-02-20", "title": NASTY}
    return asking(title=NASTY, show_from="2021-01-20", outcomes={"cut": outcome})


@pytest.fixture(scope="module")
def found(asked: Scenario) -> Why:
    return why(asked, "cut", replications=40, label=lambda e: f"<i>{e.id}</i>")


def test_but_for_shares_are_a_frame(found: Why) -> None:
    frame = found.frame
    assert frame.columns[:4] == ["id", "label", "date", "share"]
    assert frame.columns[4:11] == [
        *("low", "high", "made", "made_low", "made_high"),
        "along",
        "again",
    ]
    assert frame.columns[11:18] == [
        *("without", "any_low", "any_high", "independent"),
        *("sufficient", "sufficient_low", "sufficient_high"),
    ]
    assert all(name.startswith("weights_") for name in frame.columns[18:])
    assert frame["id"].to_list() == [b.events[0] for b in found.events]
    along = dict(zip(frame["id"], frame["along"], strict=True))
    assert along == {"arrest": "free", "cut": "", "free": ""}


def test_a_but_for_share_in_words() -> None:
    b = ButFor(("a",), "A", "2021-01", 0.25, 0.1, 0.45, 0.05, ("c",))
    assert but_for_row(b) == (b, "25.0 %", "10.0 % to 45.0 %", "5.0 %")


def test_a_first_difference_in_words() -> None:
    d = FirstDifference(
        7,
        ("x",),
        "2021-02-10T12:00:00Z",
        "call_held",
        "what-if",
        "accept_raise_detainees",
        "CAN",
        0.3,
        0.2,
        None,
    )
    row = d.row()
    assert row["decision"] == "CAN, accept: raise detainees: call held in the what-if only"
    assert (row["replication"], row["time"]) == (7, "2021-02-10")
    assert (row["probability_base"], row["probability_other"]) == (0.2, None)
    assert (row["uniform"], row["margin"]) == (0.3, pytest.approx(0.1))
    drawn = replace(d, coded="2021-02-09/2021-02-11").row()["time"]
    assert drawn == "2021-02-09 to 2021-02-11 (drawn: 2021-02-10)"


def test_the_files_of_a_why_are_complete(found: Why, asked: Scenario, tmp_path: Path) -> None:
    save_why(found, tmp_path)
    files = {
        "but-for.csv",
        "but-for.md",
        "but-for.tex",
        "columns.csv",
        "datapackage.json",
        "why.json",
        "report.html",
        "figures/but-for.svg",
        "study.json",
    }
    files |= {"scenarios/scenario.yaml"}
    parted = {"figures/first-differences.svg"} if found.differences else set()
    assert set(listing(tmp_path)) == files | parted
    assert found.differences
    made = json.loads((tmp_path / "why.json").read_text(encoding="utf-8"))
    assert made == json.loads(json.dumps(found.plain()))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "<i>" not in page
    assert RUN_TYPES["what-if"] in page
    assert "The first difference</h2>" in page
    assert "counterfactual" not in page.lower()
    bare = tmp_path / "bare"
    save_why(replace(found, differences=(), reversals=(), exact=False), bare)
    assert set(listing(bare)) == files
    page = (bare / "report.html").read_text(encoding="utf-8")
    assert "The first difference</h2>" not in page
    assert f"None of the {found.tried} sets" in page
    assert "There are more such sets than were tried." in page


def test_the_page_says_whether_every_set_was_tried(
    found: Why, asked: Scenario, tmp_path: Path
) -> None:
    reversal = found.events[:1]
    for exact, words in ((True, "Every set up to this size was tried."), (False, "likeliest")):
        folder = tmp_path / words[:5]
        save_why(replace(found, reversals=reversal, exact=exact), folder)
        assert words in (folder / "report.html").read_text(encoding="utf-8")


def test_a_share_is_rounded_alike_in_every_table() -> None:
    """A run says a share of worlds, a comparison the mean of hundreds."""
    for n in range(2001):
        share = n / 2000
        shown = percent(share)
        assert shown[0] in "<>" or shown == amount(float(np.mean([share])), SHARE)
