"""What `docs/extending.md` shows works as it stands, and an edit that is forgotten is told."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from edited import Copy, Edit

pytestmark = pytest.mark.mutation

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
FENCED = r"```python\n(.*?)^```\n\n"
EDIT = re.compile(
    rf"^In `([\w/.]+)`, (?:after:\n\n{FENCED}add|replace:\n\n{FENCED}by):\n\n```python\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
SIM = "from sim.cli.app import main; main()"
WARM = "sim.kernel.run, sim.galleries.gallery, sim.cli.app"
EVERYTHING = "import sim.kernel.run, sim.galleries.gallery"


def edits_of(text: str) -> list[Edit]:
    """The edits that a text shows, in order."""
    found = [
        Edit(file, after or replaced, after + new)
        for file, after, replaced, new in EDIT.findall(text)
    ]
    assert len(found) == len(re.findall(r"^In `", text, re.MULTILINE)), "an edit is not in the form"
    return found


def part(heading: str) -> str:
    """What the page says under a heading."""
    _, _, rest = PAGE.partition(f"\n## {heading}\n")
    assert rest, heading
    return rest.partition("\n## ")[0]


EXAMPLES = {name: edits_of(part(name)) for name in ("A figure of a run", "A type of outcome")}
EXAMPLES |= {name: edits_of(part(name)) for name in ("An act", "A feature")}
FIGURE, OUTCOME, ACT, WEIGHED = EXAMPLES.values()

FORGOTTEN = {
    "A figure of a run": [
        "Gallery draws what has no row: seen_by_first",
        "Gallery has no method that draws: seen_by_first",
    ],
    "A type of outcome": [
        "NameError: name 'StateThroughout' is not defined",
        "OUTCOME_RULES must list every model of Outcome by its type, in order: "
        "['state_throughout']",
        "NameError: name '_as_whole' is not defined",
        "NameError: name '_throughout' is not defined",
        "OUTCOME_RULES must list every model of Outcome by its type, in order: "
        "['state_throughout']",
    ],
    "An act": [
        "Act and ACT_RULES must list the same acts in order",
        "Act and ACT_RULES must list the same acts in order",
        "ActWeights must have a field for each act: ['shut']",
        "Rates must have a field for each act: ['shut']",
    ],
    "A feature": [
        "doctrines.usa.act.cut.settled: unknown key",
        "Perceived.__new__() takes 12 positional arguments but 13 were given",
        "Perceived.__new__() missing 1 required positional argument: 'since_s'",
        "Perceived.__new__() missing 1 required positional argument: 'since_s'",
    ],
}
"""What Python says where one edit of an example is left out, in their order."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    copy = Copy(tmp_path_factory.mktemp("extending"))
    yield copy
    copy.close()


# ------------------------------------------------------------------------- the examples work

DRAWS = """
import sys
from micro import CHANNEL, scenario
from matplotlib.figure import Figure

run = sim.run(scenario(), replications=3, draws=0)
figure = run.plot.seen_by_first()
assert isinstance(figure, Figure)
assert figure.axes
print(run.save("kept"))
"""


def test_the_figure_is_drawn_named_and_in_the_report(package: Copy) -> None:
    with package.edited(FIGURE), package.warmed(WARM):
        package.says(DRAWS)
        drawn = package.folder / "kept" / "figures" / "seen_by_first.svg"
        assert "As CAN sees it" in drawn.read_text()
        page = (package.folder / "kept" / "report.html").read_text()
        assert "As the first government of the channel sees it" in page
        assert "seen_by_first" in " ".join(package.says(SIM, "plot", "--help").split())
        kept = ("plot", "kept", "--kind", "seen_by_first", "--out", "one.png")
        assert package.says(SIM, *kept).strip() == "one.png"


ASKS = """
import json
from pathlib import Path
from micro import CHANNEL, data, doctrine
from pasts import event, written

SOFT = doctrine(call=0.0, accept_call=0.0, cut=-2.0, acknowledge=0.5)
DOCTRINES = {p: SOFT for p in ("can", "usa")}
PERIODS = {
    "whole": {}, "march": {"from": "2021-03-01"},
    "week": {"from": "2021-02-01", "until": "2021-02-07"},
    "usa": {"from": "2021-03-10", "until": "2021-03-20", "viewpoint": "USA"},
}
STATES = {"state": ["open", "corridor"]}
OUTCOMES = {
    f"{kind}-{name}": {"type": type_, **STATES, **period}
    for name, period in PERIODS.items()
    for kind, type_ in (("all", "state_throughout"), ("share", "share_of_days"))
}
whole = data(DOCTRINES, rates_per_day={"call": 0.2, "cut": 0.02}, outcomes=OUTCOMES)
Path("asked.yaml").write_text(json.dumps(whole))
few = {"replications": 10, "draws": 0}
fast, slow = (sim.run("asked.yaml", executor=e, **few) for e in ("kernel", "reference"))
assert fast.values.equals(slow.values)
for name in PERIODS:
    came, share = fast.values[f"all-{name}"], fast.values[f"share-{name}"]
    assert came.to_list() == [int(x == 1.0) for x in share], name
    assert 0 < came.sum() < 10, name
    (answer,) = (a for a in fast.answers if a.name == f"all-{name}")
    assert answer.estimate == came.sum() / 10
print(fast.answers[1].title)

past = written(
    event("quarrel", "contact_cut", "2021-02-20", by="USA"), doctrines=DOCTRINES,
    outcomes={"open": {"type": "state_throughout", "state": "open"}},
)
found = sim.why(past, replications=2, draws=0)
assert found.share == 0.0, found.share
assert found.events[0].made > 0.0, found.events
"""


def test_the_type_of_outcome_is_answered_by_both_executors(package: Copy) -> None:
    with package.edited(OUTCOME), package.warmed(WARM):
        said = package.says(ASKS)
        assert (
            said == "Open or corridor all the time from 2021-03-10 up to 2021-03-20 in the "
            "eyes of USA\n"
        )
        assert "a forecast with 8 outcomes" in package.says(SIM, "check", "asked.yaml")
        wrong = (package.folder / "asked.yaml").read_text().replace("2021-02-07", "2021-01-07")
        (package.folder / "wrong.yaml").write_text(wrong)
        refused = package.python(SIM, "check", "wrong.yaml")
        assert refused.returncode == 2
        assert "must not lie before from 2021-02-01" in refused.stderr


SHUTS = """
import json
from pathlib import Path
from micro import data, doctrine
from pasts import event, written

DOCTRINES = {p: doctrine(shut=0.0, cut=0.0, call=0.0, accept_call=0.0) for p in ("can", "usa")}
RATES = {"rates_per_day": {"shut": 0.2, "cut": 0.2, "call": 0.1}}
Path("ahead.yaml").write_text(json.dumps(data(DOCTRINES, **RATES)))
events = (
    event("quarrel", "contact_cut", "2021-01-20", by="USA"),
    event("peace", "contact_restored", "2021-02-10", by="CAN"),
    event("end", "channel_closed", "2021-02-20", by="CAN"),
)
what_if = {"doctrines": DOCTRINES, "changes": [{"remove": "quarrel"}]}
Path("back.yaml").write_text(json.dumps(written(*events, **what_if, **RATES)))
never = RATES["rates_per_day"] | {"shut": 0.0}
Path("never.yaml").write_text(json.dumps(written(*events, **what_if, rates_per_day=never)))

ahead, back, never = (
    sim.run(f"{name}.yaml", replications=2, draws=0).sample().events
    for name in ("ahead", "back", "never")
)
by = {e.by for e in ahead if e.kind == "channel_closed"}
assert by == {"CAN", "USA"}, by
assert {"CAN", "USA"} == {e.by for e in back}
fact, = (e for e in never if e.id == "end")
assert not fact.decided_by
import sim.seminar.pages.words
assert sim.seminar.pages.words.deed("shut") == "close the channel down"
"""


def test_the_act_happens_and_both_executors_agree(package: Copy) -> None:
    with package.edited(ACT), package.warmed(WARM):
        package.says(SHUTS)
        for file in ("ahead.yaml", "back.yaml"):
            said = package.says(SIM, "verify", file, "-n", "4")
            same = re.fullmatch(r"(\d+) events of 4 worlds are the same to the last bit\n", said)
            assert same is not None
            assert int(same[1]) > 30


SETTLES = """
import json
from pathlib import Path
from micro import data, doctrine
from pasts import event, written

moody = {"call": {"bias": 1.0, "settled": -40.0}, "accept_call": 1.0, "acknowledge": 0.5}
moody["cut"] = {"bias": -4.0, "settled": 30.0}
DOCTRINES = {p: doctrine(**moody) for p in ("can", "usa")}
RATES = {"rates_per_day": {"call": 0.4, "cut": 0.4}}
Path("ahead.yaml").write_text(json.dumps(data(DOCTRINES, **RATES)))
past = written(event("quarrel", "contact_cut", "2021-01-20", by="USA"), doctrines=DOCTRINES,
    changes=[{"remove": "quarrel"}], **RATES)
Path("back.yaml").write_text(json.dumps(past))
for executor in ("kernel", "reference"):
    for file in ("ahead.yaml", "back.yaml"):
        sim.run(file, replications=2, executor=executor, draws=0)
"""


def test_the_feature_weighs_in_both_executors_and_its_bound_is_one(package: Copy) -> None:
    with package.edited(WEIGHED), package.warmed(WARM):
        package.says(SETTLES)
        for file in ("ahead.yaml", "back.yaml"):
            said = package.says(SIM, "verify", file, "-n", "4")
            same = re.fullmatch(r"(\d+) events of 4 worlds are the same to the last bit\n", said)
            assert same is not None
            assert int(same[1]) > 30
        described = package.says(SIM, "schema", "scenario")
        assert "Days since the channel came into the state" in described
    low = Edit("sim/rules/features.py", "        1.0,\n    ),\n", "        0.01,\n    ),\n")
    with package.edited([*WEIGHED, low]):
        assert package.python(SIM, "verify", "ahead.yaml", "-n", "4").returncode != 0


def test_the_feature_takes_at_most_four_files(package: Copy) -> None:
    assert len({edit.file for edit in WEIGHED}) <= 3  # and the reference


# ------------------------------------------------------------------- what is forgotten is told


@pytest.mark.parametrize(
    ("name", "n"), [(name, n) for name, edits in EXAMPLES.items() for n in range(len(edits))]
)
def test_an_edit_that_is_left_out_is_told(package: Copy, name: str, n: int) -> None:
    edits = EXAMPLES[name]
    with package.edited([*edits[:n], *edits[n + 1 :]]):
        said = package.fails(SETTLES if name == "A feature" else EVERYTHING)
    assert re.search(
        r"^(TypeError|NameError|sim\.ground\.errors\.InputError): ", said, re.MULTILINE
    )
    assert FORGOTTEN[name][n] in said.splitlines()[-1]


def test_control_without_edits_all_is_well(package: Copy) -> None:
    assert package.says(EVERYTHING) == ""
    assert "seen_by_first" not in package.says(SIM, "plot", "--help")


# ------------------------------------------------------------------------------- the page itself


def test_the_page_has_the_edits_that_it_should() -> None:
    assert {name: len(edits) for name, edits in EXAMPLES.items()} == {
        name: len(said) for name, said in FORGOTTEN.items()
    }
    assert sum(map(len, EXAMPLES.values())) == len(edits_of(PAGE))


def test_an_edit_in_another_form_is_found() -> None:
    with pytest.raises(AssertionError, match="not in the form"):
        edits_of(PAGE.replace("\nadd:\n", "\nwrite:\n", 1))


def test_an_edit_of_what_is_not_there_is_found(package: Copy) -> None:
    wrong = [Edit("sim/log/log.py", "no such text", "")]
    with pytest.raises(AssertionError, match="has not once"), package.edited(wrong):
        pass


def test_the_edits_read_as_the_rest_of_the_code(package: Copy) -> None:
    every = [edit for edits in EXAMPLES.values() for edit in edits]
    config = Path(__file__).parents[2] / "pyproject.toml"
    ruff = [sys.executable, "-m", "ruff"]
    files = sorted({edit.file for edit in every})
    with package.edited(every):
        for command in (["check", "--no-cache"], ["format", "--no-cache", "--check"]):
            ended = subprocess.run(
                [*ruff, *command, "--config", str(config), *files],
                cwd=package.folder,
                capture_output=True,
                text=True,
            )
            assert ended.returncode == 0, ended.stdout + ended.stderr
