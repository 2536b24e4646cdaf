"""What the documents say is so: commands run, tables hold every key, links lead somewhere."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typed import typed

from sim.cli.check import check_file
from sim.ground.errors import InputError
from sim.ground.yaml import parse_yaml
from sim.log.events import KINDS, Event, Occurrence
from sim.log.log import Channel, Log
from sim.rules.features import FEATURE_RULES
from sim.scenario.resolve import resolve
from sim.scenario.scenario import Scenario
from sim.seminar.lesson.schema import Lesson

pytestmark = pytest.mark.usefixtures("drawn_never", "dated_hastily")

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
TOP = [ROOT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING")]
PAGES = [*TOP, *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page: (language, content)."""
    return [(language, content) for _, language, content in FENCE.findall(text)]


# --------------------------------------------------------------------------------- the README runs


def few(command: list[str]) -> list[str]:
    """Let a command run a few replications only."""
    if command[:1] == ["sim"] and command[1] in ("run", "compare", "why", "verify"):
        return [*command, "-n", "2" if command[1] == "why" else "12"]
    if command[:2] == ["sim", "learn"]:  # the last two months are left to look at
        return [*command, "--until", "2024-10-31", "--workers", "1"]
    if command[:2] == ["sim", "design"]:  # part of the record
        return [*command, "--until", "2022-06-30"]
    if command[:2] == ["sim", "hindcast"]:  # its first origins
        return [*command, "--to", "2022-03-31", "-n", "12", "--workers", "1"]
    if command[:2] == ["sim", "agree"] and "--scenario" in command:
        return [*command, "-n", "12"]
    if command[:2] == ["sim", "seminar"]:  # a room stays open until somebody closes it
        return [*command, "--rehearse", "3"]
    if command[:2] == ["sim", "explore"]:  # and so does its page, of which other tests are
        return ["sim", "check", *command[2:]]
    return command


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with what a newcomer's copy holds of data."""
    for name in ("scenarios", "seeds"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def test_the_reference_says_of_each_feature_what_its_row_says() -> None:
    rows = [f"| `{rule.name}` | 0 | {rule.words} |" for rule in FEATURE_RULES]
    assert "\n".join(rows) in REFERENCE, "the table of weights must read:\n" + "\n".join(rows)


@pytest.fixture
def newcomer(
    copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], list[str]]:
    """Do what a page shows, in order, in such a folder; return what was done."""
    monkeypatch.chdir(copy)
    monkeypatch.setattr("sim.learning.fitting.DRAWS", 250)  # they are doubled until chains agree
    return lambda page: list(executed(page, capsys))


def executed(page: str, capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    for language, content in blocks(page):
        named = re.match(r"# ([\w-]+\.yaml)\n", content)
        if language == "yaml" and named:
            Path(named[1]).write_text(content, encoding="utf-8")
            yield named[1]
        elif language == "python":
            few_worlds = re.sub(r"replications=\d+", "replications=12", content)
            Path("block.py").write_text(few_worlds, encoding="utf-8")
            runpy.run_path("block.py", run_name="__main__")
            yield "python"
        elif language == "sh":
            for line in content.splitlines():
                command = shlex.split(line, comments=True)
                if command[:1] == ["sim"]:
                    found = typed(capsys, *few(command)[1:])
                    assert found.code == 0, f"{line}\n{found.out}\n{found.err}"
                    yield shlex.join(command[:2])


def page_of(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_readme_does_what_it_shows(newcomer: Callable[[str], list[str]]) -> None:
    assert newcomer(README) == ["sim compare", "sim plot"]
    assert Path("article.png").stat().st_size > 10_000


@pytest.mark.slow
def test_the_tour_does_what_it_shows(newcomer: Callable[[str], list[str]]) -> None:
    done = newcomer(page_of("tour"))
    for command in (
        "run",
        "replay",
        "plot",
        "compare",
        "why",
        "new",
        "check",
        "seminar",
        "explore",
    ):
        assert f"sim {command}" in done, command
    for command in ("learn", "hindcast"):
        assert f"sim {command}" in done, command


@pytest.mark.slow
def test_the_page_on_python_does_what_it_shows(newcomer: Callable[[str], list[str]]) -> None:
    assert newcomer(page_of("python")).count("python") >= 7
    assert Path("occupancy.png").stat().st_size > 10_000
    assert Path("runs/from-python/report.html").is_file()
    assert Path("figure-1.pdf").is_file()


@pytest.mark.slow
def test_a_teacher_comes_to_a_lesson_on_a_pair_of_their_own(
    newcomer: Callable[[str], list[str]],
) -> None:
    done = newcomer(page_of("teach"))
    assert done[-3:] == ["sim seminar", "sim kit", "sim handout"]
    assert Path("our-kit/index.html").is_file()
    assert Path("our-lesson-handout.html").is_file()


@pytest.mark.slow
def test_a_scholar_comes_to_a_figure_with_its_methods(newcomer: Callable[[str], list[str]]) -> None:
    done = newcomer(page_of("research"))
    assert done[-2:] == ["sim cite", "sim archive"]
    for file in ("figure-1.pdf", "figure-2.pdf", "figure-1.svg", "replication.zip"):
        assert Path(file).stat().st_size > 5_000, file


@pytest.mark.parametrize(
    ("path", "most"),
    [("README.md", 800), ("docs/teach.md", 3_000), ("docs/research.md", 5_000)],
)
def test_a_path_is_short(path: str, most: int) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").split()) <= most


@pytest.mark.slow
def test_the_page_on_coding_does_what_it_shows(
    copy: Path, newcomer: Callable[[str], list[str]]
) -> None:
    stops = copy / "travels" / "secretary-travels"
    stops.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "coding" / "public" / "travels.xml", stops)
    done = newcomer((ROOT / "docs" / "coding.md").read_text(encoding="utf-8"))
    assert {"my-scenario.yaml", "sim new", "sim import", "sim export", "sim run"} <= {*done}
    assert (copy / "runs" / "my-case" / "report.html").is_file()
    assert (copy / "ministers.queue.csv").is_file()
    assert done.count("sim agree") == 2


@pytest.mark.slow
def test_the_page_on_tables_reads_what_a_folder_holds(
    copy: Path, newcomer: Callable[[str], list[str]]
) -> None:
    page = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    assert newcomer(page) == ["sim run", "python"]
    (script,) = [content for language, content in blocks(page) if language == "r"]
    if found := shutil.which("Rscript"):
        subprocess.run([found, "-e", script], cwd=copy, check=True)
    for named in re.findall(r'"(\w+\.csv)"', script):
        assert (copy / "runs" / "forecast" / named).is_file()
    assert "Not tried" in page.partition("## Stata")[2]


@pytest.mark.parametrize(
    "block",
    ["```sh\nsim run scenarios/no-such.yaml\n```", "```python\nimport sim\nsim.nothing\n```"],
)
def test_a_page_that_shows_what_fails_is_noticed(
    block: str, newcomer: Callable[[str], list[str]]
) -> None:
    with pytest.raises((AssertionError, AttributeError)):
        newcomer(block)


def test_the_readme_names_every_command() -> None:
    import typer

    from sim.cli.app import app

    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert commands
    for name in commands:
        assert re.search(rf"`?sim {name}\b", README), name


# ---------------------------------------------------------------------------- the project's files


def setups() -> list[str]:
    """The commands that set an environment up: to run, and to test."""
    pages = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    lines = [line for lang, text in blocks(pages) if lang == "sh" for line in text.splitlines()]
    return [*dict.fromkeys(line for line in lines if line.startswith("python3 -m venv"))]


def test_the_checks_run_the_commands_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    runs, tests = setups()
    assert runs in script
    assert f"{tests} -m ''" in script  # all tests, by the line below
    assert (
        f".venv/bin/{tests.rpartition('/')[2]} -m ''"
        in (ROOT / "CONTRIBUTING.md").read_text().splitlines()
    )


def test_the_constraints_are_names_and_versions() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line) for line in lines)
    names = {re.sub(r"[-_.]+", "-", line.partition("==")[0].lower()) for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert "backchannel[cluster,docs,seminar]" in extras["test"]
    wanted = project["dependencies"] + extras["test"] + extras["cluster"] + extras["seminar"]
    wanted += extras["docs"]
    wanted.remove("backchannel[cluster,docs,seminar]")
    for requirement in wanted:
        match = re.match(r"[A-Za-z0-9._-]+", requirement)
        assert match is not None
        assert re.sub(r"[-_.]+", "-", match[0].lower()) in names
    assert not names & {"backchannel", "pip", "setuptools"}


def test_a_scenario_names_a_schema_that_is_there() -> None:
    for path in sorted((ROOT / "scenarios").glob("*.yaml")):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert match is not None, path
        assert (path.parent / match[1]).is_file(), path


# -------------------------------------------------------------------------------------- links


def slug(heading: str) -> str:
    """How a heading is called in a link."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def dead_links(text: str, page: Path) -> Iterator[str]:
    """Yield the links of a page that lead nowhere inside the repository."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://", target):
            continue
        name, _, anchor = target.partition("#")
        place = (page.parent / name).resolve() if name else page
        if not place.exists():
            yield target
        elif anchor:
            there = text if place == page else place.read_text(encoding="utf-8")
            headings = re.findall(r"^#+ (.+)$", there, re.MULTILINE)
            if anchor not in {slug(h) for h in headings}:
                yield target


def test_links_lead_somewhere() -> None:
    dead = {page.name: list(dead_links(page.read_text("utf-8"), page)) for page in PAGES}
    assert dead == {page.name: [] for page in PAGES}


def test_dead_links_are_found() -> None:
    text = "# Here\n[a](#here) [b](#there) [c](no/such.md) [d](https://example.org)"
    assert list(dead_links(text, ROOT / "README.md")) == ["#there", "no/such.md"]


# --------------------------------------------------------------- the reference holds every key


def models(model: type[BaseModel], seen: dict[str, type[BaseModel]]) -> dict[str, type[BaseModel]]:
    """Every model that a file may hold, by name."""
    if model.__name__ not in seen:
        seen[model.__name__] = model
        for field in model.model_fields.values():
            for part in parts(field.annotation):
                models(part, seen)
    return seen


def parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from parts(inner)


MODELS = models(Lesson, models(Scenario, {}))
EVENTS = {m.__name__: m for m in parts(Event)}
TABLED = {n: m for n, m in MODELS.items() if n not in EVENTS} | {"Occurrence": Occurrence}


def table(text: str, marker: str) -> list[list[str]]:
    """The cells of the table that follows a marker, without its head."""
    _, found, rest = text.partition(f"<!-- {marker} -->\n")
    assert found, f"no table of {marker}"
    rows = []
    for line in rest.splitlines():
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows[2:]


def default(model: type[BaseModel], field: FieldInfo) -> str:
    """How the reference writes a default."""
    value = None if field.is_required() else field.get_default(call_default_factory=True)
    if field.is_required():
        return "required"
    if value is None:
        return "none"
    if isinstance(value, dict) and value:
        return "as below"
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return "as below"
    if isinstance(value, BaseModel):
        return "as above" if model is Channel else "as below"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"`{value}`"
    if isinstance(value, tuple) and value:
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, (tuple, dict)):
        return "empty"
    return str(Fraction(value).limit_denominator(1000))


def wrong_rows(text: str, model: type[BaseModel]) -> list[object]:
    """What the reference's table of a model lacks, has too much, or has otherwise."""
    rows = table(text, f"fields: {model.__name__}")
    written = [(row[0].strip("`"), row[1]) for row in rows]
    real = [(f.alias or name, default(model, f)) for name, f in model.model_fields.items()]
    silent = [row[0] for row in rows if not row[2]]
    return [*set(written).symmetric_difference(real), *silent]


@pytest.mark.parametrize("name", TABLED)
def test_the_reference_holds_every_key_and_default(name: str) -> None:
    assert wrong_rows(REFERENCE, TABLED[name]) == []


def test_a_missing_key_and_a_wrong_default_are_found() -> None:
    without = REFERENCE.replace("| `as_of` |", "| `as_off` |")
    assert wrong_rows(without, Scenario) != []
    other = REFERENCE.replace("| `corridor` | 30 |", "| `corridor` | 31 |")
    assert wrong_rows(other, MODELS["LapseDays"]) != []
    with pytest.raises(AssertionError, match="no table"):
        wrong_rows("", Scenario)


def test_the_reference_has_no_table_of_something_else() -> None:
    assert set(re.findall(r"<!-- fields: (\w+) -->", REFERENCE)) == set(TABLED)


def test_the_reference_holds_every_kind_of_event() -> None:
    by_kind = {get_args(m.model_fields["kind"].annotation)[0]: m for m in EVENTS.values()}
    rows = table(REFERENCE, "kinds")
    assert tuple(row[0].strip("`") for row in rows) == KINDS
    for kind, channel, keys, what in rows:
        model = by_kind[kind.strip("`")]
        own = [n for n in model.model_fields if n not in Occurrence.model_fields and n != "kind"]
        written = [model.model_fields[n].alias or n for n in own]
        assert keys == ", ".join(f"`{n}`" for n in written)
        required = model.model_fields["channel"].is_required()
        assert channel == ("required" if required else "optional")
        assert what


# ---------------------------------------------------------------- the reference's examples hold


SCAFFOLD = """
title: An example
question: Does the example hold?
history: seeds/blinken-lavrov.yaml
as_of: 2023-03-02
until: 2025-03-02
parties: {USA: {doctrine: transactional}, RUS: {doctrine: transactional}}
channels: {usa-rus/ministers: {}, usa-rus/defence: {}}
world: {war-widens: {kind: escalation, rate_per_day: 0.01}}
"""


def example(text: str, folder: Path) -> str:
    """Check an example of the reference: a whole scenario, or keys laid over a plain one."""
    if text.startswith("# "):
        path = folder / re.match(r"# (\S+)", text)[1]  # type: ignore[index]
        path.write_text(text, encoding="utf-8")
        return check_file(path)
    text = text.replace("../seeds", "seeds")
    document = parse_yaml(text, (folder / "example.yaml").as_posix())
    base = parse_yaml(SCAFFOLD, document.file)
    if "outcomes" in document.data:
        base.data["channels"] = {"usa-rus/ministers": {}}
    base.data |= document.data
    return resolve(base).title


EXAMPLES = [t for lang, t in blocks(REFERENCE) if lang == "yaml" and "language-server" not in t]


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.split(maxsplit=2)[0].strip(":#"))
def test_an_example_of_the_reference_holds(text: str, copy: Path) -> None:
    assert example(text, copy)


def test_an_example_that_does_not_hold_is_found(copy: Path) -> None:
    assert len(EXAMPLES) >= 10
    with pytest.raises(InputError, match="unknown key"):
        example("treaty: {nam: New START}", copy)


def test_the_default_stocks_of_the_reference_are_the_default(copy: Path) -> None:
    [text] = [t for t in EXAMPLES if t.startswith("stocks:")]
    written = parse_yaml(text, "stocks").data["stocks"]
    stocks = Scenario.model_fields["stocks"].default
    assert type(stocks).model_validate(written) == stocks


@pytest.mark.parametrize("key", ["attention", "levels"])
def test_the_default_tables_of_the_reference_are_the_defaults(key: str) -> None:
    [text] = [t for t in EXAMPLES if t.startswith(f"{key}:")]
    written = parse_yaml(text, key).data[key]
    plain = {"title": "T", "question": "Q", "as_of": "2020", "until": "2021"}
    parties = {"parties": {p: {"doctrine": "transactional"} for p in ("CAN", "USA")}}
    made = Scenario.model_validate(plain | parties | {key: written})
    assert getattr(made, key) == Scenario.model_fields[key].default


def test_the_bounds_of_the_reference_are_the_bounds() -> None:
    from sim.ground.schema import MAX_EVENTS, MAX_TEXT
    from sim.ground.yaml import MAX_DEPTH, MAX_NODES, MAX_YAML_BYTES
    from sim.scenario.resolve import MAX_EXTENDS
    from sim.scenario.rules import MAX_OPPORTUNITIES

    bounds = re.sub(r"\s+", " ", REFERENCE.partition("## Bounds")[2])
    for number in (MAX_YAML_BYTES, MAX_NODES, MAX_DEPTH, MAX_TEXT, MAX_EVENTS, MAX_OPPORTUNITIES):
        assert f" {number:,} " in bounds
    assert f"up to {MAX_EXTENDS} deep" in REFERENCE
    assert Log.model_fields["schema_version"].default == 4
