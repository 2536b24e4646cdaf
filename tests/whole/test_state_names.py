"""A person reads one name for each state, wherever one is named; ids are for files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sim.cli.new import new_scenario
from sim.cli.replay import replayed, show_replay
from sim.ground.states import STATE_LABELS
from sim.log.file import load
from sim.plots import style
from sim.report.comparison_pages import save_comparison
from sim.report.runs import run
from sim.scenario.outcomes import OUTCOME_RULES, ShareOfDays, describe
from sim.study.comparing import compare

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "support" / "valid" / "small.yaml"
OTHER = re.compile(
    r"\b(?:cut_off|prisoner_only|cut[- ]offs?\b(?<!cut off)"
    r"|(?:prisoners?|detainees?)[ _-]only(?<!prisoner-only)"
    r"|days confined to (?:detainees|prisoners))\b",
    re.IGNORECASE,
)
"""A state by another name than the table's."""


def read(page: str) -> str:
    """The words of a page or a document that are prose: no code, no markup, no style."""
    page = re.sub(r"<(style|code|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", page)


def prose(document: str) -> str:
    """What stands in a Markdown document outside of code, and of worked examples, whose tables
    hold what a log holds."""
    document = re.sub(r"^(```|~~~).*?^\1", " ", document, flags=re.DOTALL | re.MULTILINE)
    document = re.sub(r"<!-- example: .*?\n\n", " ", document + "\n\n", flags=re.DOTALL)
    return re.sub(r"`[^`]*`", " ", document)


@pytest.mark.parametrize(
    "text", ["cut_off", "cut-off", "prisoner only", "detainees-only", "Prisoner_only"]
)
def test_control_another_name_is_seen(text: str) -> None:
    assert OTHER.search(f"the channel is {text} then")


def test_the_tables_own_names_are_not_taken_for_others() -> None:
    assert [name for name in STATE_LABELS.values() if OTHER.search(f"it is {name}, so")] == []
    assert style.STATE_LABELS is STATE_LABELS


@pytest.mark.parametrize("state", STATE_LABELS)
def test_an_outcome_without_a_title_names_its_state_by_the_table(state: str) -> None:
    asked = ShareOfDays.model_validate({"type": "share_of_days", "state": [state]})
    assert OUTCOME_RULES["share_of_days"].model is ShareOfDays
    said = describe(asked, "2021-01-01", "2021-12-31")
    assert said == f"Share of days {STATE_LABELS[state]}, 2021-01-01 to 2021-12-31"


def test_a_replay_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_replay(replayed(load(ROOT / "seeds" / "blinken-lavrov.yaml")))
    said = capsys.readouterr().out
    assert OTHER.findall(said) == []
    assert {name for name in STATE_LABELS.values() if f"  {name} " in said} == {
        *STATE_LABELS.values()
    }


@pytest.mark.slow
def test_pages_and_their_figures(tmp_path: Path) -> None:
    made = run(SMALL, replications=20, out=tmp_path / "run")
    save_comparison(compare(SMALL, {"other": SMALL}, replications=20), tmp_path / "comparison")
    assert made.replications == 20
    for page in sorted(tmp_path.glob("*/report.html")):
        text = page.read_text(encoding="utf-8")
        told = " ".join(re.findall(r'aria-label="([^"]*)"', text))  # what a figure says in words
        assert OTHER.findall(read(text) + told) == [], page
        assert all(name in told for name in STATE_LABELS.values())


@pytest.mark.parametrize(
    "path",
    [ROOT / "README.md", ROOT / "seeds" / "README.md", *sorted((ROOT / "docs").glob("*.md"))],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_documents(path: Path) -> None:
    assert OTHER.findall(prose(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "path",
    [*sorted((ROOT / "scenarios").glob("*.yaml")), Path("new.yaml")],
    ids=lambda path: path.name,
)
def test_titles_of_shipped_scenarios(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also: a title of an outcome of one state names it as the table does."""
    if path.name == "new.yaml":
        monkeypatch.chdir(tmp_path)
        path = new_scenario("new")
    held = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    for outcome in (held.get("outcomes") or {}).values():
        title = (outcome or {}).get("title", "")
        assert not OTHER.search(title)
        if (outcome or {}).get("type") == "share_of_days" and isinstance(outcome["state"], str):
            assert STATE_LABELS[outcome["state"]] in title
