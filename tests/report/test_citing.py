"""Bibliographies of logs and folders, and the program's own entry."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pasts import event, written

from sim.ground.yaml import load_yaml
from sim.log.digest import log_digest
from sim.log.file import load
from sim.log.log import Log
from sim.report.citing import DEVELOPERS, TITLE, bibtex, csl, folder_works, log_works
from sim.scenario.provenance import scenario_digest
from sim.scenario.resolve import load_scenario

ROOT = Path(__file__).parents[2]
ARTICLE = ROOT / "seeds" / "blinken-lavrov.yaml"
MADE = {"program": {"name": "backchannel", "version": "9.8"}, "seed": 5, "replications": 1_200}


def log_of(**document: str) -> Log:
    plain = {
        "schema": 4,
        "title": "A case",
        "channels": {"can-usa/ministers": {"parties": ["CAN", "USA"], "initial": "open"}},
        "sources": {"paper": {"title": "A title", **document}},
    }
    return load(plain)


def item(**document: str) -> dict[str, Any]:
    return csl(log_works(log_of(**document)))[-1]


def test_an_article_is_cited_with_all_that_the_log_says_of_it() -> None:
    log = load(ARTICLE)
    works = log_works(log)
    assert [w.key for w in works] == [f"log-{log_digest(log)[:8]}", "backchannel", "decamp-2023"]
    assert bibtex(works).split("\n\n")[2] == (
        "@misc{decamp-2023,\n"
        "  author = {{Dave DeCamp}},\n"
        "  title = {{Blinken Briefly Meets With Lavrov on Sidelines of G-20 Summit in India}},\n"
        "  publisher = {Antiwar.com},\n"
        "  year = {2023},\n"
        "  month = mar,\n"
        "  date = {2023-03-02},\n"
        "  howpublished = {\\url{https://news.antiwar.com/2023/03/02/blinken-briefly-meets-with-"
        "lavrov-on-sidelines-of-g-20-summit-in-india/}},\n"
        "}\n"
    )
    assert csl(works)[2] == {
        "id": "decamp-2023",
        "type": "webpage",
        "title": "Blinken Briefly Meets With Lavrov on Sidelines of G-20 Summit in India",
        "author": [{"literal": "Dave DeCamp"}],
        "publisher": "Antiwar.com",
        "issued": {"date-parts": [[2023, 3, 2]]},
        "URL": "https://news.antiwar.com/2023/03/02/blinken-briefly-meets-with-lavrov-on-sidelines-"
        "of-g-20-summit-in-india/",
    }


@pytest.mark.parametrize(
    ("date", "parts", "circa", "line"),
    [
        ("1971", [[1971]], None, "  year = {1971},\n  date = {1971},"),
        ("1971-08~", [[1971, 8]], True, "  year = {1971},\n  month = aug,\n  date = {1971-08~},"),
        ("1971/1972-03", [[1971], [1972, 3]], None, "  date = {1971/1972-03},"),
        ("1971-02/1971-03", [[1971, 2], [1971, 3]], None, "  year = {1971},\n  date"),
        ("1971-08-20T10:00:00Z", [[1971, 8, 20]], None, "  date = {1971-08-20},"),
    ],
)
def test_a_date_is_as_exact_as_it_is_coded(
    date: str, parts: list[list[int]], circa: bool | None, line: str
) -> None:
    issued = item(date=date)["issued"]
    assert (issued["date-parts"], issued.get("circa")) == (parts, circa)
    assert line in bibtex(log_works(log_of(date=date)))


def test_letters_that_steer_latex_are_escaped_and_addresses_stay_whole() -> None:
    text = bibtex(log_works(log_of(author=r"A & B_50% {#1} \ $", url="https://x.org/a_b%20{c}")))
    assert r"author = {{A \& B\_50\% \{\#1\} \textbackslash{} \$}}" in text
    assert r"howpublished = {\url{https://x.org/a_b%20%7Bc%7D}}" in text


def test_what_the_log_does_not_say_is_left_out() -> None:
    assert item() == {"id": "paper", "type": "document", "title": "A title"}
    assert bibtex(log_works(log_of())).endswith("@misc{paper,\n  title = {{A title}},\n}\n")


def test_a_publisher_stands_for_a_missing_author_once() -> None:
    assert item(publisher="An office")["author"] == [{"literal": "An office"}]
    assert bibtex(log_works(log_of(publisher="An office"))).count("An office") == 1


def test_addresses_of_events_are_counted() -> None:
    works = {w.key: w for w in log_works(load(ROOT / "seeds" / "kor-prk-record.yaml"))}
    addresses = {
        u
        for e in load_yaml(ROOT / "seeds" / "kor-prk-record.yaml").data["events"]
        for u in e["source"]["urls"]
    }
    assert f" {len(addresses)} addresses" in works["kor-prk-record"].note


def test_a_folder_is_cited_with_its_scenario_its_program_and_its_sources() -> None:
    scenario = load_scenario(ROOT / "scenarios" / "new-delhi.yaml")
    digest = scenario_digest(scenario)
    works = folder_works([scenario], [], MADE)
    assert [w.key for w in works] == [f"scenario-{digest[:8]}", "backchannel", "decamp-2023"]
    said = "Forecast by backchannel 9.8, 1,200 worlds, seed 5. SHA-256 of the scenario "
    assert works[0].note == said + digest
    assert works[1].version == "9.8"


def test_scenarios_of_one_history_share_its_sources() -> None:
    one = load_scenario(written(event("a", "contact_cut", "2021-01-20", by="USA")))
    assert len(folder_works([one, one], [], MADE)) == len(folder_works([one], [], MADE))


def test_two_documents_of_one_name_have_two_keys() -> None:
    works = folder_works([], [log_of(author="A"), log_of(author="B")], MADE)
    assert [w.key for w in works if w.key.startswith("paper")] == ["paper", "paper-2"]


def test_the_citation_file_says_what_the_project_says() -> None:
    cited = load_yaml(ROOT / "CITATION.cff").data
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert cited["version"] == project["version"]
    assert cited["license"] == project["license"]
    assert cited["keywords"] == project["keywords"]
    assert cited["authors"] == [{"name": DEVELOPERS}]
    assert cited["title"] == TITLE
