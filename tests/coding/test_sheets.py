"""Sheets and logs: there and back, errors in their cells, nothing taken for a formula."""

from __future__ import annotations

import io
import random
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, logs, prose
from typer.testing import CliRunner

from sim.cli.app import app
from sim.cli.new import new_log, new_sheet
from sim.coding.book import Book, Sheet
from sim.coding.cells import record_of, row_of
from sim.coding.codebook import kind_rows
from sim.coding.columns import columns_for, columns_of, event_columns
from sim.coding.csvfile import csv_text, read_csv
from sim.coding.excel import excel_bytes, letter_of, read_excel
from sim.coding.exporting import export, sheets_of
from sim.coding.importing import import_sheet, log_of
from sim.ground.errors import InputError
from sim.ground.formulas import harmless, marked, unmarked
from sim.ground.schema import Strict
from sim.log.events import KINDS, MODELS
from sim.log.file import load
from sim.log.log import Log

ROOT = Path(__file__).parents[2]
LOGS = sorted((ROOT / "seeds").glob("*.yaml"))


def there_and_back(log: Log, folder: Path, ending: str) -> Log:
    path = folder / f"sheet{ending}"
    export(log, path)
    return import_sheet(path)


# ---------------------------------------------------------------------------- there and back


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
@pytest.mark.parametrize("path", LOGS, ids=lambda p: p.stem)
def test_a_shipped_log_comes_back_from_a_sheet(path: Path, ending: str, tmp_path: Path) -> None:
    log = load(path)
    back = there_and_back(log, tmp_path, ending)
    assert back == log
    assert back.plain() == log.plain()
    first = tmp_path / f"sheet{ending}"
    again = tmp_path / f"again{ending}"
    export(back, again)
    if ending == ".csv":
        assert again.read_bytes() == first.read_bytes()
    assert sheets_of(back) == sheets_of(log)


@pytest.mark.slow
@examples(20)
@given(logs(6))
def test_any_log_comes_back_from_csv(log: Log) -> None:
    text = csv_text(sheets_of(log))
    back = log_of(parsed(text), "x")
    assert back.plain() == log.plain()
    assert csv_text(sheets_of(back)) == text


@examples(15)
@given(logs(4))
def test_any_log_comes_back_from_excel(log: Log) -> None:
    sheets = sheets_of(log)
    content = excel_bytes(sheets, {})
    back = log_of(parsed(content), "x")
    assert back.plain() == log.plain()
    assert [s.rows for s in sheets_of(back)] == [s.rows for s in sheets]


@pytest.mark.slow
@examples(12)
@given(logs(6), st.randoms(use_true_random=False))
def test_the_order_of_columns_and_empty_rows_say_nothing(log: Log, rng: random.Random) -> None:
    sheets = sheets_of(log)
    events = sheets[0]
    order = rng.sample(range(len(events.rows[0])), len(events.rows[0]))
    events.rows = [[row[c] for c in order] + [""] for row in events.rows]
    events.rows[0][-1] = "# a column of the coder's own"
    for row in events.rows[1:]:
        row[-1] = "seen"
    events.rows.insert(1, [""] * len(order))
    assert log_of(parsed(csv_text(sheets)), "x").plain() == log.plain()


def test_control_what_a_sheet_leaves_out_is_missed() -> None:
    log = load(ROOT / "seeds" / "blinken-lavrov.yaml")
    for name in ("doubt", "accounts.RUS.denial", "source.paragraph"):
        sheets = sheets_of(log)
        column = sheets[0].rows[0].index(name)
        sheets[0].rows = [row[:column] + row[column + 1 :] for row in sheets[0].rows]
        assert log_of(parsed(csv_text(sheets)), "x").plain() != log.plain()


def parsed(content: str | bytes) -> Book:
    """Read a book as if it stood in a file."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("x.csv" if isinstance(content, str) else "x.xlsx")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_csv(path) if isinstance(content, str) else read_excel(path)


@examples(200)
@given(st.text("a1 ,;\t|\n\"'=+-@＝－﹢", max_size=10))
def test_what_is_marked_is_harmless_and_comes_back(text: str) -> None:
    assert unmarked(marked(text)) == text
    assert harmless(marked(text)) == marked(text)


@given(prose)
def test_any_text_comes_back_from_a_cell_of_excel(text: str) -> None:
    sheet = Sheet("events", [["summary"], [text]])
    assert parsed(excel_bytes([sheet], {})).sheets["events"].rows == sheet.rows


def test_a_formula_is_written_as_text(tmp_path: Path) -> None:
    text = "=HYPERLINK(1)"
    sheet = Sheet("events", [["summary"], [text]])
    page = openpyxl.load_workbook(io.BytesIO(excel_bytes([sheet], {})))["events"]
    assert (page["A2"].value, page["A2"].data_type) == (text, "s")
    assert "\n'=HYPERLINK(1)" in csv_text([sheet])


# ---------------------------------------------------------------------------- columns


def test_every_field_of_every_kind_has_a_column() -> None:
    names = {c.name for c in columns_for(["coded_date", "decided_by.USA"], ["USA"])}
    for model in MODELS:
        for name, field in model.model_fields.items():
            head = field.alias or name
            assert any(n == head or n.startswith(f"{head}.") for n in names), (model, name)
    assert {o for c in event_columns() if c.name == "kind" for o in c.options} == {*KINDS}
    assert [k.kind for k in kind_rows()] == [*KINDS]


def test_a_new_field_gets_its_column_and_one_without_a_form_is_refused() -> None:
    class More(Strict):
        weather: str | None = None

    class Strange(Strict):
        deep: tuple[tuple[str, ...], ...] = ()

    (column,) = columns_of(More)
    assert (column.name, column.form) == ("weather", "word")
    with pytest.raises(TypeError, match="no cell of a sheet can hold"):
        columns_of(Strange)


def test_an_account_that_only_confirms_is_kept() -> None:
    columns = columns_for([], ["USA"])
    record = {"id": "a", "accounts": {"USA": {}}}
    row = row_of(record, columns)
    assert "{}" in row
    assert record_of(zip(columns, row, strict=True)) == record


# ---------------------------------------------------------------------------- reading


def rules(content: str | bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        log_of(parsed(content), "x")
    return [
        str(p).partition("x.csv")[2] or str(p).partition("x.xlsx")[2] for p in caught.value.problems
    ]


CSV = """id,date,kind,channel,severity,label,by
a,2021-01-01,call_held,usa-rus/ministers,,,
b,2021-13-01,call_held,usa-rus/ministers,,,
c,2021-01-03,call_hold,usa-rus/ministers,,,
d,2021-01-04,escalation,,much,threat,RUS
e,2021-01-05,call_held,usa-rus/ministers,0.3,,
f,2021-01-06,escalation,,0.3,,GBX
"""


def test_every_error_stands_in_its_cell_all_at_once() -> None:
    found = rules(CSV)
    assert [f.partition(": must be one of")[0] for f in found] == [
        ":3: column B, date: names a day or a time that does not exist (got 2021-13-01)",
        ":4: column C, kind",
        ":5: column E, severity: must be a number, not text (got much)",
        ":6: column E, severity: no event of this kind has it: leave the cell empty",
        ":7: column F, label: is required",
        ":7: column G, by: must be an ISO 3166 alpha-3 country code, such as USA or RUS; "
        "did you mean 'VGB'? (got GBX)",
    ]
    assert "did you mean 'call_held'?" in found[1]


def test_rules_between_rows_stand_in_their_cells() -> None:
    text = "date,kind,channel,causes\n2021-01-01,call_held,usa-rus/ministers,later\n"
    text += "2021-01-02,call_held,usa-rus/ministers,2021-01-01-call-hold\n"
    found = rules(text)
    assert [f.partition("; did")[0].partition(" (got")[0] for f in found] == [
        ":2: column D, causes: must name an event of the log",
        ":3: column D, causes: must name an event of the log",
    ]


def test_unknown_columns_and_sheets_are_named() -> None:
    found = rules("id,date,kynd\na,2021-01-01,call_held\n")
    assert ":1: column C, kynd: unknown column; did you mean 'kind'? (got" not in found[0]
    assert any("column C, kynd: unknown column; did you mean 'kind'?" in f for f in found)
    found = rules("[eventz]\nid\na\n[events]\nid,date\n")
    assert any("eventz: unknown sheet; did you mean 'events'?" in f for f in found)


@pytest.mark.parametrize("mark", [";", "\t"])
def test_semicolons_tabs_and_quotes_are_read(mark: str) -> None:
    text = CSV.splitlines()[0] + "\n" + CSV.splitlines()[1] + "\n"
    log = log_of(parsed(text.replace(",", mark)), "x")
    assert [(e.id, e.kind) for e in log.events] == [("a", "call_held")]
    assert log.title == "x"
    assert log.channels["usa-rus/ministers"].parties == ("USA", "RUS")
    assert log.channels["usa-rus/ministers"].complete_from is None


def test_kinds_may_be_written_with_blanks_and_ids_left_out() -> None:
    text = "date,kind,channel\n2021-01-01,Call held,usa-rus/ministers\n"
    text += "2021-01-01,Call held,usa-rus/ministers\n"
    log = log_of(parsed(text), "x")
    assert [e.id for e in log.events] == ["2021-01-01-call-held", "2021-01-01-call-held-2"]


def book_of(change: dict[str, object], formats: dict[str, str] | None = None) -> bytes:
    """A book of one event in which some cells are changed."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "events"
    for row in (["date", "kind", "channel"], ["2021-01-01", "call_held", "usa-rus/ministers"]):
        page.append(row)
    for cell, value in change.items():
        page[cell] = value
    for cell, form in (formats or {}).items():
        page[cell].number_format = form
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_date_of_excel_is_read_as_its_day() -> None:
    from datetime import date, datetime

    for value, read in (
        (date(2021, 1, 18), "2021-01-18"),
        (datetime(2021, 1, 18, 9, 30), "2021-01-18T09:30:00Z"),
        (2018, "2018"),
    ):
        (event,) = log_of(parsed(book_of({"A2": value})), "x").events
        assert event.date == read


def test_a_formula_an_error_and_a_month_of_excel_are_refused_in_their_cells() -> None:
    from datetime import date

    for value, form, rule in (
        ("=1+1", "General", "column A, date: must be a text or a number, not a formula"),
        ("#REF!", "General", "column A, date: holds an error of the spreadsheet"),
        (date(2021, 1, 1), "mmm-yy", "shows a month and holds a day: format the cell as text"),
    ):
        (found,) = rules(book_of({"A2": value}, {"A2": form}))
        assert rule in found
    assert rules("date,kind,channel\n=1+1,call_held,usa-rus/ministers\n") == [
        ":2: column A, date: must be a text or a number, not a formula (got =1+1)"
    ]


def test_columns_are_called_as_spreadsheets_call_them() -> None:
    assert [letter_of(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


# ---------------------------------------------------------------------------- commands


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, [*words])
    return (2 if isinstance(done.exception, InputError) else done.exit_code), done.output


def test_a_sheet_to_start_from_is_the_log_to_start_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    log = load(new_log("mine", "USA,IRN"))
    assert {p for c in log.channels.values() for p in c.parties} == {"USA", "IRN"}
    assert len(log.events) == 5
    for name in ("mine.xlsx", "mine.csv"):
        assert import_sheet(new_sheet(Path(name), "USA,IRN")).plain() == log.plain()
    book = openpyxl.load_workbook("mine.xlsx")
    assert book.sheetnames[:3] == ["events", "codebook", "channels"]
    offered = book["events"].data_validations.dataValidation
    lists = {next(iter(v.sqref.ranges)).min_col: v.formula1 for v in offered}
    heads = [c.value for c in book["events"][1]]
    place = lists[heads.index("kind") + 1]
    first, last = (int(part.rpartition("$")[2]) for part in place.split(":"))
    listed = [book["codebook"][f"A{n}"].value for n in range(first, last + 1)]
    assert listed == [*KINDS]


def test_what_is_new_says_nothing_of_two_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (("new", "s"), ("new", "--log", "l")):
        assert run(*words, "--parties", "IRN,DEU")[0] == 0
    for name in ("s.yaml", "l.yaml"):
        text = Path(name).read_text()
        for word in ("RUS", "USA", "Moscow", "Washington", "rus", "usa-"):
            assert word not in text
        assert run("check", name)[0] == 0
    for wrong in ("IRN", "IRN,IRN", "IRN,XYZ", "IRN,DEU,USA"):
        assert run("new", "t", "--parties", wrong)[0] == 2
    assert run("new")[0] == run("new", "a", "--log", "b")[0] == 2
    assert not Path("t.yaml").exists()


def test_import_and_export_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = str(ROOT / "seeds" / "blinken-lavrov.yaml")
    assert run("export", source, "--out", "a.xlsx") == (0, "a.xlsx\n")
    assert run("import", "a.xlsx", "--out", "a.yaml")[0] == 0
    assert load("a.yaml").plain() == load(source).plain()
    Path("bad.csv").write_text(CSV)
    assert run("import", "bad.csv", "--out", "bad.yaml")[0] == 2
    assert run("import", "a.xlsx", "--out", "bad.txt")[0] == 2
    assert run("export", source, "--out", "bad.ods")[0] == 2
    assert not [*Path().glob("bad.[yto]*")]


def test_the_short_form_of_the_schema_names_every_kind() -> None:
    code, said = run("schema", "log", "--short")
    assert code == 0
    assert all(kind in said for kind in KINDS)
    assert run("schema", "scenario", "--short")[0] == 2
