"""Files to start from: a scenario, a log, a sheet."""

from __future__ import annotations

import re
from pathlib import Path

from sim.coding.book import is_excel
from sim.coding.exporting import sheets_of, write_sheets
from sim.ground.countries import countries
from sim.ground.errors import did_you_mean, one_problem
from sim.ground.files import write_safely
from sim.log.file import load
from sim.report.pages import page
from sim.scenario.resolve import shipped_doctrines

PARTIES = "USA,RUS"
"""The two governments where nobody names others."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def new_scenario(name: str, parties: str = PARTIES) -> Path:
    """Write a commented scenario `NAME.yaml` into the working folder.

    Raises:
        InputError: the name is no file's name, the file already exists, or the parties are no two
            countries.
        RunError: the folder refuses.
    """
    target = _target(name)
    doctrines = ", ".join(shipped_doctrines())
    write_safely(target, page("new.yaml", name=target.stem, doctrines=doctrines, **_two(parties)))
    return target


def new_log(name: str, parties: str = PARTIES) -> Path:
    """Write a commented log of five events `NAME.yaml` into the working folder.

    Raises:
        InputError: as `new_scenario`.
        RunError: the folder refuses.
    """
    target = _target(name)
    write_safely(target, _log_text(target.stem, parties))
    return target


def new_sheet(path: Path, parties: str = PARTIES) -> Path:
    """Write a coding sheet with the same five events as rows to type over.

    Raises:
        InputError: the file ends in neither .csv nor .xlsx, or as `new_scenario`.
        RunError: the folder refuses.
    """
    is_excel(path)
    _must_be_new(path)
    write_sheets(path, sheets_of(load(text=_log_text(path.stem, parties))))
    return path


def _log_text(name: str, parties: str) -> str:
    return page("new_log.yaml", name=name, **_two(parties))


def _target(name: str) -> Path:
    stem = name.removesuffix(".yaml")
    if not _NAME.fullmatch(stem):
        raise one_problem("NAME", "must be a plain name of letters, digits, `-`, `_` and `.`", name)
    target = Path(f"{stem}.yaml")
    _must_be_new(target)
    return target


def _must_be_new(target: Path) -> None:
    if target.exists():
        raise one_problem(target.as_posix(), "already exists: choose another name")


def _two(parties: str) -> dict[str, str]:
    """Return what a template calls the two parties: codes, names, and the beginning of their
    channels' ids.

    Raises:
        InputError: they are no two countries.
    """
    codes = [code.strip().upper() for code in parties.split(",")]
    rule = ""
    for code in codes:
        if code not in countries():
            near = next((c for c, n in countries().items() if n.lower() == code.lower()), None)
            hint = f"; did you mean '{near}'?" if near else did_you_mean(code, countries())
            rule = f"must be ISO 3166 codes, such as USA,IRN, and {code or 'nothing'} is none{hint}"
    if len({*codes}) != 2 or len(codes) != 2:
        rule = rule or "must be the codes of two different countries, such as USA,IRN"
    if rule:
        raise one_problem("--parties", rule, parties)
    a, b = codes
    return {
        "a": a,
        "b": b,
        "name_a": countries()[a],
        "name_b": countries()[b],
        "pair": f"{a}-{b}".lower(),
    }
