"""Public data: what is taken for a contact, what is merged, and what is left out."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from typer.testing import CliRunner

from sim.cli.app import app
from sim.coding import mentions as mentioning
from sim.coding import readouts as reading_out
from sim.coding import travels as travelling
from sim.coding.codedtable import read_table
from sim.coding.found import Found, Rows
from sim.coding.gathering import gather, sources
from sim.coding.mapping import SHIPPED, load_mapping, shipped_mappings
from sim.coding.mentions import mentions
from sim.coding.merging import merged
from sim.coding.nations import names
from sim.coding.queue import queue_text, write_gathered
from sim.coding.readouts import read_readouts
from sim.coding.travels import read_travels
from sim.coding.visits import read_visits
from sim.ground.errors import InputError
from sim.ground.yaml import load_yaml
from sim.log.file import load

PUBLIC = Path(__file__).parent / "public"
ICEWS = PUBLIC / "icews-2022-01.tab"
TWICE = ("travels.xml#3992", "travels.xml#4019")
"""One stop that stands in the table twice; it was not drawn."""


def rows() -> dict[str, Rows]:
    return {
        "travels": read_travels([PUBLIC / "travels.xml"]),
        "visits": read_visits([PUBLIC / "visits.xml"]),
        "readouts": read_readouts(sorted((PUBLIC / "readouts").iterdir())),
    }


# ------------------------------------------------------------------------- checked by hand


def key_of(row: str) -> str:
    return row if "#" in row else row[:10]


def contact(found: Found) -> str:
    pair = "-".join(sorted(found.parties)).lower()
    return f"{found.kind} {pair}/{found.level}"


def agreement() -> tuple[float, float, int]:
    """Precision and recall against what a person reads in 58 rows, and how many there are."""
    by_hand = load_yaml(PUBLIC / "by-hand.yaml").data
    wanted = {(row, what) for row, listed in by_hand.items() for what in listed}
    read = [*rows().values()]
    found = {(key_of(f.row), contact(f)) for r in read for f in r.found if f.row not in TWICE}
    drawn = {f.row for r in read for f in (*r.found, *r.left_out)} - {*TWICE}  # type: ignore[attr-defined]
    right = len(found & wanted)
    return right / len(found), right / len(wanted), len(drawn)


def test_what_a_person_reads_in_58_rows_is_found() -> None:
    precision, recall, drawn = agreement()
    assert drawn == 58
    assert precision == 1.0
    assert recall == 1.0


def fifty(folder: Path) -> dict[str, tuple[float, float, int]]:
    """Precision and recall in fifty titles and fifty stops, each with the contacts that a person
    reads in it."""
    by_hand = load_yaml(PUBLIC / "fifty.yaml").data
    stops: list[str] = []
    pages: list[Path] = []
    wanted: dict[str, set[tuple[str, str]]] = {"titles": set(), "stops": set()}
    for n, (day, title, *contacts) in enumerate(by_hand["titles"]):
        path = folder / f"{n:02d}.md"
        path.write_text(f"---\ndate: '{day}'\ntitle: {json.dumps(title)}\n---\n\n.\n")
        pages.append(path)
        wanted["titles"] |= {(path.name, contact) for contact in contacts}
    for id_, role, day, country, remarks, *contacts in by_hand["stops"]:
        cells = {"id": id_, "role": role, "start-date": day, "end-date": day}
        cells |= {"country": country, "locale": "", "remarks": remarks}
        inner = "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in cells.items())
        stops.append(f"<trip>{inner}</trip>")
        wanted["stops"] |= {(f"stops.xml#{id_}", contact) for contact in contacts}
    (folder / "stops.xml").write_text(f"<trips>{''.join(stops)}</trips>")
    read = {"titles": read_readouts(pages), "stops": read_travels([folder / "stops.xml"])}
    found = {}
    for what, rows_ in read.items():
        taken = {(f.row, contact(f)) for f in rows_.found}
        right = len(taken & wanted[what])
        found[what] = right / max(1, len(taken)), right / len(wanted[what]), rows_.read
    return found


def test_fifty_titles_and_fifty_stops_are_read_as_a_person_reads_them(tmp_path: Path) -> None:
    found = fifty(tmp_path)
    for what in ("titles", "stops"):
        precision, recall, read = found[what]
        assert read == 50
        assert precision >= 0.95
        assert recall >= 0.95


def test_control_a_reader_that_knows_fewer_words_misses_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(travelling, "MET", re.compile(r"\btalks\b"))
    monkeypatch.setattr(reading_out, "WITH", re.compile(r"\b(?P<what>call) with (?P<whom>.+)$"))
    found = fifty(tmp_path)
    assert found["titles"][1] < 0.5
    assert found["stops"][1] < 0.5


def test_control_without_its_rules_the_program_reads_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        mentioning.__dict__, "LEVELS", {**mentioning.LEVELS, "ministers": ("Senator",)}
    )
    mentioning._pattern.cache_clear()  # type: ignore[attr-defined]
    precision, recall, _ = agreement()
    mentioning._pattern.cache_clear()  # type: ignore[attr-defined]
    assert recall < 0.8 or precision < 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the British and French Foreign Ministers", ["ministers GBR", "ministers FRA"]),
        (
            "Foreign Ministers of Britain, France, and Russia",
            [f"ministers {c}" for c in ("GBR", "FRA", "RUS")],
        ),
        ("President Andrzej Duda and Prime Minister Donald Tusk of Poland", ["leaders POL"] * 2),
        ("President Ellen Johnson Sirleaf of Liberia", ["leaders LBR"]),
        ("President Yoon Suk Yeol of the Republic of Korea", ["leaders KOR"]),
        ("Prime Minister Netanyahu", ["leaders None"]),
        ("President Macron on Russia", ["leaders None"]),
        ("Opposition Leader Svyatlana Tsikhanouskaya of Belarus", []),
        ("Deputy Foreign Minister Rudenko of Russia", []),
        ("former President Carter", []),
        ("European Commission President Ursula von der Leyen", []),
        ("President of the European Council Charles Michel", []),
        ("President George W. Bush", []),
        ("European allies on Russia", []),
        ("the NATO Foreign Ministers’ Meeting", []),
    ],
)
def test_who_is_mentioned(text: str, found: list[str]) -> None:
    assert [f"{m.level} {m.country}" for m in mentions(text)] == found


def test_a_country_has_the_code_of_its_day() -> None:
    assert names().code("U.S.S.R.") == "SUN"
    assert names().on("RUS", "1990-05-30") == "SUN"
    assert names().on("RUS", "1992-01-30") == "RUS"
    for name, code in (("Korea, South", "KOR"), ("Congo, Republic of", "COG"), ("Niger", "NER")):
        assert names().code(name) == code


def page(folder: Path, name: str, title: str, body: str) -> Path:
    path = folder / f"{name}.md"
    path.write_text(f"---\ndate: '2021-12-30'\ntitle: \"{title}\"\n---\n\n{body}\n")
    return path


def test_an_announcement_is_no_contact(tmp_path: Path) -> None:
    said = "Statement by the Press Secretary on President Biden’s {} with President Putin of Russia"
    pages = [
        page(tmp_path, "a", said.format("Phone Call"), "President Biden spoke today with him."),
        page(tmp_path, "b", said.format("Call"), "President Biden will speak with him tomorrow."),
        page(tmp_path, "c", said.format("Upcoming Call"), "They planned a call."),
        page(tmp_path, "d", "Remarks by President Biden on a Call with President Putin", "Hello."),
    ]
    read = read_readouts(pages)
    assert [(f.row, f.kind, f.parties[1]) for f in read.found] == [("a.md", "call_held", "RUS")]
    assert {left.row: left.reason for left in read.left_out} == dict.fromkeys(
        ("b.md", "c.md"), "announces a contact that is to come"
    )


SAID = "President Biden"


@pytest.mark.parametrize(
    ("title", "contacts"),
    [
        (
            "U.S.-Russia Presidential Joint Statement on Strategic Stability",
            ["meeting_held rus-usa/leaders"],
        ),
        (f"Readout of {SAID}’s Video Call with European Leaders on Russia and Ukraine", []),
        (
            f"Readout of {SAID}’s Call with the Leaders of France, Germany and Italy on Russia",
            "FGI",
        ),
        (
            f"Remarks by {SAID} and Prime Minister Suga of Japan Before Virtual Bilateral Meeting",
            ["call_held jpn-usa/leaders"],
        ),
        (
            f"Remarks by {SAID} and President Ruto of Kenya in Joint Press Conference | Washington",
            ["meeting_held ken-usa/leaders"],
        ),
        (f"Remarks by {SAID} and Vice President Harris in a Meeting on Immigration", []),
        (f"Remarks by {SAID} Before Cabinet Meeting", []),
        (
            f"Joint Statement Following the Meeting Between {SAID} and Egyptian President Al Sisi",
            ["meeting_held egy-usa/leaders"],
        ),
        (
            "Readout of National Security Advisor Jake Sullivan’s Meeting with Francesco Talo, "
            "Diplomatic Advisor to the Prime Minister of Italy",
            ["meeting_held ita-usa/advisers"],
        ),
        (
            "Statement by NSC Spokesperson Emily Horne on National Security Advisor Jake "
            "Sullivan’s Call with Nikolay Patrushev, Secretary of the Russian Security Council",
            ["call_held rus-usa/advisers"],
        ),
    ],
)
def test_what_a_title_tells(tmp_path: Path, title: str, contacts: list[str] | str) -> None:
    read = read_readouts([page(tmp_path, "a", title, "Hello.")])
    if contacts == "FGI":
        contacts = [f"call_held {c}-usa/leaders" for c in ("deu", "fra", "ita")]
    assert sorted(map(contact, read.found)) == contacts


@pytest.mark.parametrize(
    ("remarks", "codes"),
    [
        (
            "Met with the Kings of Jordan and Spain; the Presidents of Brazil and Peru.",
            "JOR ESP BRA PER",
        ),
        ("Met with President Menem of Argentina; dedicated the Museum of President Kaunda.", "ARG"),
        ("Attended the summit with North Korean leader Kim Jong-un.", "PRK"),
        ("Met with opposition leader Aung San Suu Kyi.", ""),
        ("Met with the presidents of the Baltic States.", "EST LVA LTU"),
        ("Met with counterparts from Chile and Peru.", "CHL PER"),
    ],
)
def test_whom_remarks_say_was_met(remarks: str, codes: str) -> None:
    assert travelling.who_was_met(remarks, "leaders", "XXX").get("leaders", []) == codes.split()


def test_meetings_told_of_on_the_next_day_are_one_and_calls_are_not() -> None:
    told = [row("2021-11-18", kind="meeting_held"), row("2021-11-19", kind="meeting_held")]
    calls = [row("2023-10-07"), row("2023-10-08")]
    assert [len(m.rows) for m in merged([*told, *calls], {"meeting_held": 1})] == [2, 1, 1]


def test_a_name_without_a_country_has_that_of_others_of_the_name(tmp_path: Path) -> None:
    pages = [
        page(tmp_path, "a", "Readout of President Biden’s Call with Prime Minister Netanyahu", "."),
        page(tmp_path, "b", "Readout of President Biden’s Call with President Macron", "."),
    ]
    assert read_readouts(pages).found == []
    told = "Readout of President Biden’s Meeting with Prime Minister Netanyahu of Israel"
    read = read_readouts([*pages, page(tmp_path, "c", told, ".")])
    assert [(f.row, f.parties[1]) for f in read.found] == [("a.md", "ISR"), ("c.md", "ISR")]
    assert "The title names no country" in read.found[0].doubt


# ------------------------------------------------------------------------- merging


def test_a_stop_that_stands_twice_is_one_event_and_stands_in_the_queue(tmp_path: Path) -> None:
    found = gather("travels", [PUBLIC / "travels.xml"], parties="USA,JPN")
    (event,) = found.log.events
    assert (event.date, event.kind) == ("2021-03-15/2021-03-17", "meeting_held")
    assert event.channel == "usa-jpn/ministers"
    assert event.source is not None
    assert event.source.urls == TWICE
    assert str(event.doubt).endswith("Merged from 2 rows.")
    queue = [*csv.DictReader(queue_text(found).lstrip("\ufeff").splitlines())]
    assert [(q["what"], q["row"], q["event"]) for q in queue[:2]] == [
        ("kept", TWICE[0], event.id),
        ("merged", TWICE[1], event.id),
    ]


def row(date: str, **other: object) -> Found:
    given = {"kind": "call_held", "parties": ("USA", "RUS"), "level": "leaders", "row": date}
    return Found(date, words="", doubt="", **(given | other))  # type: ignore[arg-type]


def test_rows_are_merged_by_days_kind_pair_and_level() -> None:
    same = [row("2022-01-18"), row("2022-01-19", parties=("RUS", "USA"), row="b")]
    assert [len(m.rows) for m in merged(same, 1)] == [2]
    assert [len(m.rows) for m in merged(same, 0)] == [1, 1]
    for other in ({"kind": "meeting_held"}, {"level": "ministers"}, {"parties": ("USA", "CHN")}):
        assert len(merged([row("2022-01-18"), row("2022-01-18", **other)], 1)) == 2
    days = [row(f"2022-01-{d}") for d in (10, 11, 12, 13)]  # a chain does not go on for ever
    assert [len(m.rows) for m in merged(days, 1)] == [2, 2]
    spans = [row("2022-01-10/2022-01-14"), row("2022-01-12/2022-01-15")]
    assert [m.date for m in merged(spans, 0)] == ["2022-01-12/2022-01-14"]
    most = [row("2022-01-18"), row("2022-01-19"), row("2022-01-19", row="c")]
    assert [m.date for m in merged(most, 1)] == ["2022-01-19"]


# ------------------------------------------------------------------------- tables


def test_icews_rows_of_january_2022_give_the_two_contacts_and_no_third() -> None:
    found = gather("icews", [ICEWS], parties="USA,RUS")
    assert [(e.date, e.kind, e.channel, e.by) for e in found.log.events] == [
        ("2022-01-18", "call_held", "usa-rus/ministers", None),
        ("2022-01-21", "meeting_held", "usa-rus/ministers", None),
    ]
    assert all(e.doubt and e.source and e.source.urls for e in found.log.events)
    assert all(c.complete_from is None for c in found.log.channels.values())
    assert found.merged == 7
    reasons = found.left_out
    assert reasons["the code 040 maps to nothing"] == 3
    assert reasons["no level for Foreign Ministry,Government"] == 1
    assert sum(reasons.values()) + found.merged + len(found.log.events) == 22
    assert {*gather("icews", [ICEWS], parties="RUS,USA").log.channels} == {"rus-usa/ministers"}
    with_others = gather("icews", [ICEWS])
    assert len(with_others.log.events) == 4


def test_control_without_merging_each_row_is_a_contact(tmp_path: Path) -> None:
    text = (SHIPPED / "icews.yaml").read_text()
    changed = tmp_path / "my.yaml"
    changed.write_text(text.replace("same_within_days: 1", "same_within_days: 0"))
    found = gather("table", [ICEWS], changed, "USA,RUS")
    assert len(found.log.events) == 4  # what was reported a day later stands alone
    loose = text.replace("unless: [Deputy, Diplomatic, Embassy]", "unless: [Embassy]")
    changed.write_text(loose)
    assert len(gather("table", [ICEWS], changed, "USA,RUS").log.events) == 3


def test_polecat_and_gdelt_columns_are_read_by_their_mappings(tmp_path: Path) -> None:
    heads = [
        *("Event ID", "Event Date", "Event Type", "Event Mode", "Contexts", "Placename"),
        *("Actor Name", "Actor Country", "Primary Actor Sector", "Actor Title"),
        *("Recipient Name", "Recipient Country", "Primary Recipient Sector", "Recipient Title"),
    ]
    blinken = ["Antony Blinken", "USA", "GOV", "Secretary of State"]
    lavrov = ["Sergey Lavrov", "RUS", "GOV", "Foreign Minister"]
    lines = [
        ["1", "2022-01-18", "CONSULT", "phone", "diplomatic;military", "", *blinken, *lavrov],
        ["2", "2022-01-21", "CONSULT", "visit", "wmd", "Geneva", *lavrov, *blinken],
        ["3", "2022-01-21", "CONSULT", "", "", "", *lavrov, *blinken],
        [
            "4",
            "2022-01-21",
            "CONSULT",
            "visit",
            "",
            "",
            "Wendy Sherman",
            "USA",
            "GOV",
            "Deputy",
            *lavrov,
        ],
    ]
    table = tmp_path / "polecat.txt"
    table.write_text("\n".join("\t".join(line) for line in [heads, *lines]))
    found = gather("polecat", [table])
    assert [(e.kind, e.date, e.agenda) for e in found.log.events] == [
        ("call_held", "2022-01-18", ()),
        ("meeting_held", "2022-01-21", ("nuclear",)),
    ]
    mapping = load_mapping(SHIPPED / "gdelt.yaml")
    cells = dict.fromkeys(mapping.header, "")
    cells |= {"GLOBALEVENTID": "9", "SQLDATE": "20220118", "EventCode": "041"}
    cells |= {"Actor1Name": "SECRETARY OF STATE", "Actor1CountryCode": "USA"}
    cells |= {"Actor2Name": "FOREIGN MINISTER", "Actor2CountryCode": "RUS"}
    table = tmp_path / "20220118.export.CSV"
    table.write_text("\t".join([*cells.values(), "more", "columns"]) + "\n")
    (event,) = gather("gdelt", [table]).log.events
    assert (event.kind, event.date, event.channel) == (
        "call_held",
        "2022-01-18",
        "usa-rus/ministers",
    )


def test_every_shipped_mapping_is_valid_and_a_broken_one_says_where(tmp_path: Path) -> None:
    assert shipped_mappings() == ["gdelt", "icews", "polecat"]
    for name in shipped_mappings():
        mapping = load_mapping(SHIPPED / f"{name}.yaml")
        assert name in sources()
        assert mapping.doubt
        assert mapping.reasons
    broken = tmp_path / "my.yaml"
    text = (SHIPPED / "icews.yaml").read_text()
    for old, new, rule in (
        ("kind: call_held", "kind: call_hold", "did you mean 'call_held'?"),
        ("kind: call_held", "kind: detained", "must be one of"),
        ("date: Event Date", "data: Event Date", "unknown key; did you mean 'date'?"),
    ):
        broken.write_text(text.replace(old, new))
        with pytest.raises(InputError) as caught:
            load_mapping(broken)
        assert any(rule in str(p) and p.line for p in caught.value.problems)
    broken.write_text(text.replace("date: Event Date", "date: Event Data"))
    with pytest.raises(InputError, match="has no column Event Data; did you mean 'Event Date'"):
        read_table([ICEWS], load_mapping(broken), frozenset())


# ------------------------------------------------------------------------- commands


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(done.exception, InputError):
        return 2, str(done.exception)
    return done.exit_code, done.output


def test_public_data_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = run("import", "--from", "readouts", PUBLIC / "readouts", "--out", "r.yaml")
    assert code == 0
    assert "6 events on 6 channels from 20 rows" in said
    assert "Look through it: r.queue.csv" in said
    log = load("r.yaml")
    assert {e.coder for e in log.events} == {"sim import --from readouts"}
    assert all(e.doubt for e in log.events)
    for wrong, rule in (
        (("--from", "travel", PUBLIC / "travels.xml"), "did you mean 'travels'?"),
        (("--from", "table", ICEWS), "--from table and --mapping FILE go together"),
        (("--from", "travels", PUBLIC / "visits.xml"), "must hold <trips>"),
        (("--from", "icews", ICEWS, "--parties", "USA,CHN"), "became an event between USA, CHN"),
        (("--from", "icews", ICEWS, "--parties", "USA,XQ"), "must be ISO 3166 codes"),
        (("--from", "icews", tmp_path / "none.tab"), "no such file"),
    ):
        code, said = run("import", *wrong, "--out", "x.yaml")
        assert (code, rule in said) == (2, True), said
    assert not [*tmp_path.glob("x*")]


def test_the_queue_holds_no_formula(tmp_path: Path) -> None:
    stop = "<trip><role>secretary</role><start-date>2021-01-01</start-date>"
    stop += "<end-date>2021-01-02</end-date>"
    stop += f"<country>Japan</country><locale/><remarks>{escape('=HYPERLINK(1)')}</remarks></trip>"
    good = stop.replace("=HYPERLINK(1)", "Met with Foreign Minister Motegi")
    (tmp_path / "a.xml").write_text(f"<trips>{stop}{good}</trips>")
    found = gather("travels", [tmp_path / "a.xml"])
    queue = write_gathered(found, tmp_path / "a.yaml").read_text()
    assert "HYPERLINK" in queue
    assert ",=HYPERLINK" not in queue
    assert len(load(tmp_path / "a.yaml").events) == 1
