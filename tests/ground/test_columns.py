"""What the columns of tables mean: every column has words, or nothing is written."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import get_args

import pytest

from sim.ground.column import COLUMNS_FILE, Column, ColumnType
from sim.ground.columns import TABLES, columns_of
from sim.ground.tables import dictionary, header_of, write_tables

OWN = {"rates_per_day.call": Column("rates_per_day.call", "number", "", "rate of call per day")}


def test_a_folder_says_what_its_columns_mean(tmp_path: Path) -> None:
    tables = {
        "sweep.csv": "rates_per_day.call,outcome,title,estimate,low,high\n0.1,o,O,0.5,0.4,0.6\n",
        "occupancy-a-b-ministers.csv": "time,viewpoint,state,share\n",
    }
    write_tables(tmp_path, tables, own=OWN)
    rows = list(csv.DictReader((tmp_path / COLUMNS_FILE).read_text().splitlines()))
    assert list(rows[0]) == [column.name for column in TABLES[COLUMNS_FILE]]
    told = [(row["file"], row["column"]) for row in rows]
    assert told == [(name, column) for name, text in tables.items() for column in header_of(text)]
    assert all(row["meaning"] and row["type"] for row in rows)
    assert (tmp_path / "sweep.csv").read_text() == tables["sweep.csv"]


@pytest.mark.parametrize(
    "table", ["outcomes.csv", "occupancy-a.csv", "sweep.csv", "no-such-table.csv"]
)
def test_control_a_column_without_words_stops_the_writing(tmp_path: Path, table: str) -> None:
    with pytest.raises(ValueError, match=f"{table} has columns .* does not explain: novelty"):
        write_tables(tmp_path, {"answers.csv": "name\n", table: "novelty\n"})
    assert list(tmp_path.iterdir()) == []


def test_a_table_of_another_folder_has_its_own_columns() -> None:
    assert columns_of("scores.csv", ["months"])[0].unit == "months"
    said = dictionary({"seminar/scores.csv": ["round"]}).splitlines()[1]
    assert said.startswith("scores.csv,round,integer,")
    with pytest.raises(ValueError, match="horizon"):
        columns_of("seminar/scores.csv", ["horizon"])


def test_no_column_is_explained_twice() -> None:
    for name, columns in TABLES.items():
        names = [column.name for column in columns]
        assert len(names) == len(set(names)), name
        assert all(column.meaning.endswith(".") for column in columns), name
        assert {column.type for column in columns} <= {*get_args(ColumnType)}, name


def test_the_header_is_read_as_other_programs_read_it() -> None:
    assert header_of('\ufeff"a, b",c\n1,2\n') == ["a, b", "c"]
    assert header_of("") == []
