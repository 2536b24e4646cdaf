"""A hundred hostile sheets, and as many of XML and tables: each is refused in words or read."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from sim.coding.csvfile import MAX_CSV_BYTES
from sim.coding.exporting import export
from sim.coding.gathering import gather
from sim.coding.importing import import_sheet
from sim.coding.stays import MAX_XML_BYTES
from sim.ground.errors import InputError
from sim.log.file import load
from sim.log.log import Log

ROOT = Path(__file__).parents[2]
PUBLIC = Path(__file__).parent / "public"
NASTY = (
    *("=1+1", "@SUM(A1)", "\u202eevil", "\x1b[31m", "\ufeff", "null", "[]", "{}", "9" * 400),
    *("NaN", "-inf", "1e999", "2021-02-30", "usa-rus/ministers", "../../etc/passwd", "’" * 9_000),
    *("\r\n", '"', "'=1", "[events]", "accounts.USA.kind", "<!ENTITY a 'b'>", "𝟛", "0x10", "١٢"),
)
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
DTD = '<!DOCTYPE x SYSTEM "http://localhost:1/x.dtd">'


@pytest.fixture(scope="module")
def log() -> Log:
    return load(ROOT / "seeds" / "blinken-lavrov.yaml")


@pytest.fixture(scope="module")
def whole(log: Log, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What is broken below: a sheet of each form, and public data."""
    folder = tmp_path_factory.mktemp("whole")
    for ending in (".csv", ".xlsx"):
        export(log, folder / f"a{ending}")
    names = ("travels.xml", "visits.xml", "icews-2022-01.tab")
    return {
        ".csv": (folder / "a.csv").read_bytes(),
        ".xlsx": (folder / "a.xlsx").read_bytes(),
        **{name: (PUBLIC / name).read_bytes() for name in names},
    }


def broken_bytes(content: bytes, rng: random.Random) -> bytes:
    """Flip, cut, double or exchange bytes."""
    made = bytearray(content)
    for _ in range(rng.randint(1, 20)):
        at = rng.randrange(len(made))
        match rng.randrange(4):
            case 0:
                made[at] = rng.randrange(256)
            case 1:
                del made[at : at + rng.randint(1, 200)]
            case 2:
                made[at:at] = made[max(0, at - 50) : at]
            case _:
                made[at:at] = rng.choice(NASTY).encode("utf-8", "surrogatepass")
    return bytes(made)


def broken_part(content: bytes, rng: random.Random) -> bytes:
    """Break one part of a book of Excel within a sound archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        parts = [p for p in old.namelist() if p.endswith((".xml", ".rels"))]
        chosen = rng.choice(parts)
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, broken_bytes(data, rng) if name == chosen else data)
    return out.getvalue()


def survives(content: bytes, path: Path, how: object) -> str:
    """Say whether a file was read or refused; anything else is raised."""
    path.write_bytes(content)
    problems = []
    try:
        how(path)  # type: ignore[operator]
    except InputError as error:
        problems = [str(p) for p in error.problems]
    assert all(p.isprintable() and len(p) < 3_000 for p in problems)
    return "refused" if problems else "read"


def test_100_broken_sheets_are_read_or_refused_in_words(
    whole: dict[str, bytes], tmp_path: Path
) -> None:
    rng = random.Random(24)
    said = []
    for n in range(100):
        ending = (".csv", ".xlsx")[n % 2]
        content = whole[ending]
        broken = broken_part(content, rng) if n % 4 == 3 else broken_bytes(content, rng)
        said.append(survives(broken, tmp_path / f"{n}{ending}", import_sheet))
    assert said.count("refused") > 60


def test_100_broken_files_of_public_data_are_read_or_refused_in_words(
    whole: dict[str, bytes], tmp_path: Path
) -> None:
    rng = random.Random(42)
    said = []
    for n in range(100):
        name = ("travels.xml", "visits.xml", "icews-2022-01.tab")[n % 3]
        source = name.partition(".")[0].partition("-")[0]
        broken = broken_bytes(whole[name], rng)
        said.append(survives(broken, tmp_path / name, lambda p, s=source: gather(s, [p])))
    assert said.count("refused") > 20
    assert said.count("read") > 5


def test_control_the_whole_files_are_read(whole: dict[str, bytes], tmp_path: Path) -> None:
    for ending in (".csv", ".xlsx"):
        assert survives(whole[ending], tmp_path / f"a{ending}", import_sheet) == "read"


@pytest.mark.parametrize("head", [BOMB, OUTSIDE, DTD], ids=["bomb", "outside", "dtd"])
@pytest.mark.parametrize("form", ["xml", "xlsx"])
def test_entities_and_document_types_are_refused(
    head: str, form: str, whole: dict[str, bytes], tmp_path: Path
) -> None:
    if form == "xml":
        path = tmp_path / "a.xml"
        path.write_text(f"{head}<trips><trip><remarks>&i;&e;</remarks></trip></trips>")
        with pytest.raises(InputError, match="must not hold a document type or entities"):
            gather("travels", [path])
        return
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole[".xlsx"])) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                body = text.partition("?>")[2] if text.startswith("<?xml") else text
                start = head.partition("?>")[2] if head.startswith("<?xml") else head
                text = start + body.replace("<sheetData>", "<sheetData><!-- -->", 1)
                text = text.replace("<v>0</v>", "<v>&i;&e;</v>", 1)
            new.writestr(name, text)
    path = tmp_path / "a.xlsx"
    path.write_bytes(out.getvalue())
    if head == DTD:  # nothing is fetched, and nothing of it is used
        assert survives(out.getvalue(), path, import_sheet) in ("read", "refused")
        return
    with pytest.raises(InputError, match="cannot be read as"):
        import_sheet(path)


def huge(path: Path, size: int) -> Path:
    """A file that says it is so large, without taking room."""
    with path.open("wb") as stream:
        stream.seek(size - 1)
        stream.write(b"\0")
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.xml", "a.tab"])
def test_a_file_of_a_gigabyte_is_refused_before_it_is_read(name: str, tmp_path: Path) -> None:
    path = huge(tmp_path / name, 1_000_000_000)
    source = {"a.xml": "travels", "a.tab": "icews"}.get(name)
    with pytest.raises(InputError, match="must be at most") as caught:
        gather(source, [path]) if source else import_sheet(path)
    assert "1,000,000,000 bytes" in str(caught.value)
    assert max(MAX_CSV_BYTES, MAX_XML_BYTES) < 1_000_000_000


def test_an_archive_that_grows_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 150_000_000)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputError, match="must hold at most 500 parts and 100,000,000 bytes"):
        import_sheet(path)


def test_a_sheet_that_reaches_too_far_is_refused(whole: dict[str, bytes], tmp_path: Path) -> None:
    for cell, rule in (
        ("XFD1048576", "must hold at most 30,000 rows"),
        ("A1048576", "must hold at most 30,000 rows"),
        ("XFD20", "must hold at most 1,000 columns"),
        ("AZ40", "needs a head"),
    ):
        out = io.BytesIO()
        row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        more = f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'
        with zipfile.ZipFile(io.BytesIO(whole[".xlsx"])) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                text = old.read(name)
                if name == "xl/worksheets/sheet1.xml":
                    text = text.replace(b"</sheetData>", more.encode())
                new.writestr(name, text)
        path = tmp_path / "a.xlsx"
        path.write_bytes(out.getvalue())
        with pytest.raises(InputError, match=rule):
            import_sheet(path)


def test_a_cell_without_end_and_a_file_of_another_encoding_are_refused(tmp_path: Path) -> None:
    for content, rule in (
        (b'id,date\n"' + b"x" * 30_000, "a cell holds more than 20,000 letters"),
        ("id,date\nä".encode("latin-1"), "must be UTF-8 text: in Excel, save it as"),
        ("id,date\n".encode("utf-16"), "must be UTF-8 text"),
        (b"", "must have a sheet events"),
        (b"a,b\n" * 40_000, "must hold at most 30,000 rows"),
        (b"a," * 2_000 + b"\n", "must hold at most 1,000 columns"),
    ):
        path = tmp_path / "a.csv"
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            import_sheet(path)
        assert rule in str(caught.value)


def test_what_a_row_says_is_cleaned_of_what_a_log_refuses(tmp_path: Path) -> None:
    trip = "<trip><role>secretary</role><start-date>2021-01-01</start-date>"
    trip += "<end-date>2021-01-01</end-date><country>Japan</country><locale>To\u202ekyo</locale>"
    trip += f"<remarks>Met with Foreign Minister Motegi {'x' * 5_000}</remarks></trip>"
    path = tmp_path / "a.xml"
    path.write_text(f"<trips>{trip}</trips>")
    (event,) = gather("travels", [path]).log.events
    assert event.place == "Tokyo"
    assert event.summary is not None
    assert len(event.summary) == 2_000
