"""The shape of the package: who may import whom, who owns which library, what is public."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import sim

PACKAGE = Path(sim.__file__).parent
DOOR = PACKAGE / "__main__.py"
"""`python -m sim`: it stands above all rooms, and only calls the command."""
PATHS = sorted(path for path in PACKAGE.rglob("*.py") if path != DOOR)
ROOMS = (
    "ground",  # errors, dates, draws, YAML, files
    "rules",  # what follows from numbers, each rule once
    "log",  # events, rulebook, the states that a log implies
    "coding",  # logs from sheets and public data, sheets from logs, codings compared
    "scenario",  # what a user writes, checked
    "model",  # the model, written to be read
    "kernel",  # the model again, compiled
    "ensemble",  # many worlds
    "plots",  # figures, from arrays alone
    "learning",  # weights from a record
    "hindcast",  # forecasts of a record from days of its past, beside rivals
    "pooling",  # weights from many records
    "results",  # what a run gave: answers, tables, sample worlds
    "galleries",  # which figure shows what of a result
    "study",  # questions and their answers, in memory
    "report",  # folders and pages
    "seminar",  # a class and its record; `web` shows it
    "cli",  # commands
)
"""The rooms, lowest first: a module imports its own room and lower ones."""
SEMINAR = (
    "locale",  # the texts of the pages in other languages
    "record",  # events that are only ever added, and the room that they add up to
    "play",  # teams and the worlds of their tables
    "lesson",  # rounds, ballots, scores
    "what_if",  # positions, drawings, branches
    "pages",  # what is shown and taken home
    "kit",  # what a teacher takes along
    "web",  # pages over HTTP
)
"""The rooms within the seminar, lowest first."""
NEVER = {"plots": {"log", "coding", "scenario", "model", "kernel", "ensemble"}}
"""Lower rooms that a room must not import all the same."""
OWNERS: dict[str, tuple[str, ...]] = {
    "SALib": ("sim.study.screening",),
    "arviz_stats": ("sim.learning.arviz",),
    "babel": ("sim.seminar.locale.catalogues",),
    "dateutil": ("sim.plots",),
    "defusedxml": ("sim.coding.stays",),
    "disarm": ("sim.seminar.record.names", "sim.cli.seminar"),
    "distributed": ("sim.ensemble.cluster",),
    "icalendar": ("sim.seminar.pages.calendar", "sim.cli.seminar"),
    "jinja2": ("sim.report.pages",),
    "matplotlib": ("sim.plots",),
    "numba": ("sim.ground.codecache", "sim.ground.draws", "sim.ground.parts"),
    "polars": (
        *("sim.scenario.fit", "sim.ensemble", "sim.plots", "sim.learning", "sim.results"),
        *("sim.hindcast", "sim.pooling", "sim.galleries", "sim.study", "sim.report"),
    ),
    "openpyxl": ("sim.coding.excel",),
    "pycountry": ("sim.ground.countries",),
    "rich": ("sim.cli",),
    "scipy": ("sim.coding", "sim.hindcast", "sim.learning", "sim.pooling"),
    "segno": ("sim.seminar.web", "sim.cli.seminar"),
    "sqlite3": ("sim.seminar.record.store",),
    "starlette": ("sim.seminar.web", "sim.cli.seminar"),
    "ruamel": ("sim.ground.yaml",),
    "simpy": ("sim.model.reference",),
    "typer": ("sim.cli",),
    "uvicorn": ("sim.seminar.web.serve", "sim.seminar.web.wire", "sim.cli.seminar"),
}
"""The modules, or the rooms, that may import a library when the program runs."""
HEAVY = ("jinja2", "matplotlib", "numba", "numpy", "polars", "pydantic", "ruamel", "scipy", "simpy")
MAX_LINES = 600
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "base"}


@dataclass(frozen=True)
class Import:
    """One import of one module by another."""

    importer: str
    imported: str
    """The module, or the name within a package."""
    line: int
    typing: bool
    """Whether it stands under `if TYPE_CHECKING` and happens only for type checkers."""
    late: bool
    """Whether it stands inside a function."""


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def imports_in(text: str, importer: str) -> Iterator[Import]:
    """Find every import in the text of a module."""
    tree = ast.parse(text)
    nodes: list[ast.AST] = [*tree.body]
    if re.search(r"^\s+(?:from|import) ", text, re.MULTILINE):
        nodes = [*ast.walk(tree)]
    typing: set[ast.AST] = set()
    late: set[ast.AST] = set()
    for node in nodes:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            typing |= set(ast.walk(node))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            late |= set(ast.walk(node))
    for node in nodes:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{importer}:{node.lineno} imports by a relative path"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield Import(importer, name, node.lineno, node in typing, node in late)


MODULES = {name_of(path): path for path in PATHS}


@cache
def all_imports() -> list[Import]:
    """Every import in the package, read once."""
    return [i for name, path in MODULES.items() for i in imports_in(path.read_text(), name)]


def module_of(imported: str) -> str | None:
    """The module of this package that an import leads to; None for one of another."""
    if imported.partition(".")[0] != "sim":
        return None
    return imported if imported in MODULES else imported.rpartition(".")[0]


def room_of(module: str) -> str:
    """The room in which a module stands; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


def circle(edges: set[tuple[str, str]]) -> list[str]:
    """A circle among the edges, or nothing where every module stands above what it imports."""
    graph: dict[str, set[str]] = {}
    for importer, imported in edges:
        graph.setdefault(importer, set()).add(imported)
    done: set[str] = set()

    def walk(node: str, above: list[str]) -> list[str]:
        if node in above:
            return above[above.index(node) :]
        if node in done:
            return []
        for below in sorted(graph.get(node, ())):
            found = walk(below, [*above, node])
            if found:
                return found
        done.add(node)
        return []

    for start in sorted(graph):
        found = walk(start, [])
        if found:
            return found
    return []


def edges_of(imports: list[Import]) -> set[tuple[str, str]]:
    """Who imports whom, for types or late as well; the package itself stands above all."""
    edges = {(i.importer, module_of(i.imported)) for i in imports}
    return {(a, b) for a, b in edges if b not in (None, a) and a != "sim"}  # type: ignore[misc]


def upward(imports: list[Import]) -> list[str]:
    """The imports that lead up, or where a room must not reach."""
    return [
        f"{importer} imports {imported}"
        for importer, imported in sorted(edges_of(imports))
        if (below := room_of(imported)) in NEVER.get(room_of(importer), set())
        or ROOMS.index(room_of(importer)) < (ROOMS.index(below) if below else len(ROOMS))
    ]


# ---------------------------------------------------------------------------------- rooms


def test_rooms_import_lower_ones_only() -> None:
    assert upward(all_imports()) == []
    assert len(edges_of(all_imports())) > 300


def backward(imports: list[Import]) -> list[str]:
    """The imports that lead up within the seminar."""
    place = {room: n for n, room in enumerate(SEMINAR)}
    return [
        f"{importer} imports {imported}"
        for importer, imported in sorted(edges_of(imports))
        if room_of(importer) == room_of(imported) == "seminar"
        and place[importer.split(".")[2]] < place[imported.split(".")[2]]
    ]


def test_rooms_of_the_seminar_import_lower_ones_only() -> None:
    assert backward(all_imports()) == []
    within = [m.split(".")[2] for m in MODULES if room_of(m) == "seminar" and m.count(".") > 1]
    assert {*within} == {*SEMINAR}
    late = "def late():\n    from sim.seminar.lesson.session import Session"
    back = imports_in(late, "sim.seminar.play.controller")  # the control
    assert len(backward([*all_imports(), *back])) == 1


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle({(a, b) for a, b in edges_of(all_imports()) if b in MODULES}) == []


def test_every_module_stands_in_a_room() -> None:
    assert {room_of(m) for m in MODULES} - {""} == set(ROOMS)
    assert {p.name for p in PACKAGE.glob("*.py")} == {"__init__.py", DOOR.name}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for_and_what_it_imports(room: str) -> None:
    tree = ast.parse((PACKAGE / room / "__init__.py").read_text())
    said = ast.get_docstring(tree)
    assert said is not None
    assert "Imports" in said
    if room != "plots":  # whose names are used as `plots.timeline`
        assert len(tree.body) == 1


def test_control_an_upward_import_is_caught() -> None:
    for importer, text in (
        ("sim.ground.dates", "from sim.log.events import Event"),
        ("sim.model.situation", "def late():\n    from sim.study.run import Run"),
        ("sim.log.log", "if TYPE_CHECKING:\n    from sim.cli.app import app"),
        ("sim.log.log", "import sim"),
        ("sim.plots.style", "from sim.log.log import STATES"),
    ):
        assert len(upward([*all_imports(), *imports_in(text, importer)])) == 1, text


def test_control_a_circle_is_found() -> None:
    assert circle({("a", "b"), ("b", "c")}) == []
    assert circle({("a", "b"), ("b", "c"), ("c", "b")}) == ["b", "c"]
    back = imports_in("from sim.model.reference import World", "sim.model.situation")
    assert circle(edges_of([*all_imports(), *back])) != []


def marked_up(text: str) -> list[int]:
    """The lines on which a module asks rich for markup: by a style's sign, or by escaping it, which
    no text that ends in backslashes survives."""
    tree, found = ast.parse(text), []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "rich.markup":
            found.append(node.lineno)
        if isinstance(node, ast.Call):
            off = "markup=False" in map(ast.unparse, node.keywords)
            if ast.unparse(node.func) in ("Console", "TextColumn", "Text.from_markup") and not off:
                found.append(node.lineno)
    return found


def test_what_users_write_is_never_markup() -> None:
    found = {name: marked_up(path.read_text()) for name, path in MODULES.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert marked_up("from rich.markup import escape") == [1]  # the control
    assert marked_up("Console(markup=True)\nConsole()\nConsole(markup=False)") == [1, 2]


def test_the_fast_executor_knows_nothing_of_the_reference() -> None:
    kernel = [i for i in all_imports() if room_of(i.importer) == "kernel"]
    led = {module_of(i.imported) for i in kernel}
    assert kernel
    assert not led & {"sim.model.reference", "sim.scenario.scenario", "sim.scenario.rules"}
    assert "sim.model.players" not in led


# ---------------------------------------------------------------------------------- libraries


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_has_its_owners(library: str) -> None:
    found = {
        i.importer
        for i in all_imports()
        if i.imported.partition(".")[0] == library and not i.typing
    }
    strangers = {m for m in found if not m.startswith(OWNERS[library])}
    assert strangers == set()
    assert found != set()


SECRETS = ("sim.seminar.web",)
"""Who may draw secrets: nothing that a run produces comes of them."""


def test_nobody_uses_a_generator_of_their_own() -> None:
    names = {i.imported for i in all_imports() if not i.importer.startswith(SECRETS)}
    assert not {n for n in names if n.partition(".")[0] in ("random", "uuid", "secrets")}
    secret = [i.importer for i in all_imports() if i.imported == "secrets"]
    assert secret == ["sim.seminar.web.secret"]
    for name, path in MODULES.items():
        assert "np.random" not in path.read_text(), name


def loaded(code: str, *libraries: str) -> list[str]:
    """Which libraries a fresh Python has loaded after some code."""
    line = f"import sys\n{code}\nprint([m for m in {libraries!r} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", line], capture_output=True, text=True, check=True
    ).stdout
    return list(ast.literal_eval(found.splitlines()[-1]))


def test_importing_sim_costs_nothing() -> None:
    assert loaded("import sim", *HEAVY, "rich", "typer") == []
    assert loaded("import sim; sim.run", "numpy", "pydantic") == ["numpy", "pydantic"]


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--nonsense"]])
def test_help_costs_nothing(arguments: list[str]) -> None:
    code = (
        f"sys.argv = ['sim', *{arguments!r}]\nfrom sim.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )
    light = {"pydantic"}  # typer itself reads the arguments of a command with it
    assert loaded(code, *(m for m in HEAVY if m not in light)) == []


def test_reading_a_log_needs_no_figures_and_no_simulator() -> None:
    code = f"import sim\nsim.load_log({str(PACKAGE.parent / 'seeds' / 'blinken-lavrov.yaml')!r})"
    assert loaded(code, "matplotlib", "polars", "simpy", "jinja2", "ruamel") == ["ruamel"]


# ---------------------------------------------------------------------------------- manners


def test_modules_are_short_named_for_what_they_do_and_documented() -> None:
    for name, path in MODULES.items():
        text = path.read_text()
        assert len(text.splitlines()) <= MAX_LINES, name
        assert not VAGUE & set(name.rpartition(".")[2].split("_")), name
        assert ast.get_docstring(ast.parse(text)), name


def test_private_names_stay_private() -> None:
    crossing = [
        f"{i.importer}:{i.line} {i.imported}"
        for i in all_imports()
        if module_of(i.imported) is not None
        and i.imported.rpartition(".")[2].startswith("_")
        and not i.imported.endswith("__")
        and i.imported != "sim.ground.language._"  # the name by which translators know it
    ]
    assert crossing == []


def test_what_is_public_is_what_is_listed() -> None:
    assert sorted(sim.__all__) == list(sim.__all__) == sorted(sim._PLACES)
    assert dir(sim) == list(sim.__all__)
    for name, (module, attribute) in sim._PLACES.items():
        found = import_module(module)
        assert getattr(sim, name) is (getattr(found, attribute) if attribute else found)
        assert not name.startswith("_")
    with pytest.raises(AttributeError, match="no attribute 'Manager'"):
        sim.Manager  # noqa: B018


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(sim.__file__).read_text())
    seen = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("sim."):
            for alias in node.names:
                seen[alias.asname or alias.name] = (node.module, alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module == "sim":
            seen |= {alias.name: (f"sim.{alias.name}", "") for alias in node.names}
    assert seen == sim._PLACES


def test_rules_import_nothing_but_exp_and_log() -> None:
    allowed = {"sim.ground.draws.exp", "sim.ground.draws.log"}
    own = [i for i in all_imports() if room_of(i.importer) == "rules" and module_of(i.imported)]
    led = {i.imported for i in own if room_of(str(module_of(i.imported))) != "rules"}
    assert led <= allowed
