"""What a command refuses before it does anything, in one sentence that names the option."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from typed import typed

ROOT = Path(__file__).parents[2]
LOG, LESSON = "seeds/blinken-lavrov.yaml", "scenarios/seminar-article.yaml"
REFUSED = {
    "import one.csv two.csv --out log.yaml": "sim import: one sheet makes one log (got 2)",
    "import one.csv --out log.yaml --parties USA,RUS": "--parties: goes with --from",
    "import --from travels one.xml --out log.yaml --parties USA": (
        "--parties: must name two or more (got USA)"
    ),
    f"plot {LOG} --format gif": "--format: must be one of png, svg, pdf (got gif)",
    f"plot {LOG} --out a.png --format pdf": "--format: must be png, as --out ends in it (got pdf)",
    "plot empty --as RUS": "--as: is for logs: a run's figures show every viewpoint (got RUS)",
    "hindcast empty --from 2021-12-31 --to 2024-12-31": (
        "empty: must hold scenarios: files that end in .yaml and do not begin with _"
    ),
    "hindcast scenarios/record.yaml --from 2021-12-31 --to 2024-12-31 --horizons soon": (
        "--horizons: must be whole months with commas between them, such as 1,3,6,12 (got soon)"
    ),
    f"handout {LESSON} --out it.pdf": "--out: must end in .html (got it.pdf)",
    f"seminar {LESSON} --export --out none": (
        "none: holds no record: no lesson of this scenario was held there"
    ),
    f"seminar {LESSON} --export --out empty": (
        "empty: holds no record: no lesson of this scenario was held there"
    ),
}


def test_what_is_refused_is_named_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("seeds", "scenarios"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    found = {line: typed(capsys, *shlex.split(line)) for line in REFUSED}
    assert {line: said.complaints for line, said in found.items()} == {
        line: [rule] for line, rule in REFUSED.items()
    }
    assert {said.code for said in found.values()} == {2}
    assert {p.name for p in tmp_path.iterdir()} == {"empty", "seeds", "scenarios"}
