"""The tables that the package reads: who must know of a new row complains where it does not.

Each test adds a row to a copy of the package, and forgets what belongs to it elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from edited import PACKAGE, Copy, Edit, put_after

from sim.kernel import memory
from sim.log.log import STATES, SUPPORTS
from sim.plots import style
from sim.rules.features import FEATURES
from sim.scenario.acts import CONDITIONS, EFFECTS

pytestmark = pytest.mark.mutation

EVENTS, KINDS = "sim/log/events.py", "sim/log/kinds.py"
NAMES, CONVENTIONS = "sim/ground/states.py", "sim/scenario/conventions.py"
LOG, RULEBOOK, DOCTRINE = "sim/log/log.py", "sim/log/rulebook.py", "sim/scenario/doctrine.py"
FEATURE = "sim/rules/features.py"
ACTS, OUTCOMES = "sim/scenario/acts.py", "sim/scenario/outcomes.py"
FIGURES, KERNEL = "sim/galleries/figures.py", "sim/kernel/deciding.py"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    copy = Copy(tmp_path_factory.mktemp("seams"))
    yield copy
    copy.close()


def complaint(package: Copy, edits: list[Edit], code: str) -> str:
    """What Python says of some edits when it runs code: the traceback."""
    with package.edited(edits):
        return package.fails(code)


# ------------------------------------------------------------------------------ kinds of event

HANDSHAKE = [
    put_after(
        EVENTS,
        '    kind: Literal["statement"]\n',
        '\n\nclass Handshake(Occurrence):\n    kind: Literal["handshake"]\n',
    ),
    Edit(EVENTS, "    | TalksHeld,\n", "    | TalksHeld\n    | Handshake,\n"),
]


def test_a_kind_of_event_without_a_row(package: Copy) -> None:
    said = complaint(package, HANDSHAKE, "import sim.log.kinds")
    assert said.endswith("TypeError: KIND_RULES must list every kind in order: ['handshake']")


def test_a_row_without_a_kind_of_event(package: Copy) -> None:
    row = put_after(KINDS, '    "statement": NOTHING,\n', '    "handshake": NOTHING,\n')
    said = complaint(package, [row], "import sim.log.kinds")
    assert said.endswith("TypeError: KIND_RULES must list every kind in order: ['handshake']")


THAW = [
    Edit(KINDS, '"contact_restored": KindRule("contact")', '"contact_restored": KindRule("thaw")'),
    Edit(KINDS, '"corridor", "cut", "silence"]', '"corridor", "cut", "silence", "thaw"]'),
]


def test_an_effect_that_there_is_not(package: Copy) -> None:
    said = complaint(package, THAW[:1], "import sim.log.kinds")
    assert said.endswith("TypeError: KIND_RULES name effects that there are not: ['thaw']")


def test_an_effect_on_states_that_the_rules_lack(package: Copy) -> None:
    """Nothing that folds can be imported: an effect that nobody knows would count as a contact."""
    rule = "TypeError: sim.rules.contact must say what each effect does: "
    for module in ("sim.log.rulebook", "sim.model.situation", "sim.kernel.folding"):
        said = complaint(package, THAW, f"import {module}")
        assert said.endswith(f"{rule}contact, corridor, cut, silence, thaw")


# ---------------------------------------------------------------------------------------- acts


LAST_ACT = 'N_("agreed to restore the channel"),\n        ),\n        optional=True,\n    ),\n'


def act(**row: object) -> list[Edit]:
    """A new act, in its table alone; it is like `cut` but for what is given."""
    whole = {"when": "always", "effect": "event", "kind": "contact_cut", "impossible": ""} | row
    fields = ", ".join(f"{key}={value!r}" for key, value in whole.items())
    if "refused" in row:
        fields += ', answer_words=Words("", "", "")'
    return [
        Edit(ACTS, '"ask", "restore"\n]', '"ask", "restore", "storm"\n]'),
        put_after(ACTS, LAST_ACT, f'    ActRule("storm", words=Words("", "", ""), {fields}),\n'),
    ]


WEIGHTS = put_after(
    DOCTRINE,
    'of detainees; only while the other holds a national of the party."""\n',
    "    storm: Weights = Weights()\n",
)
ACT_CODE = "import sim.scenario.scenario"


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        (act()[1:], "Act and ACT_RULES must list the same acts in order"),
        (act(), "ActWeights must have a field for each act: ['storm']"),
        (
            [*act(refused="contact_refused"), WEIGHTS],
            "AcceptWeights must have a field for each act: ['storm']",
        ),
        ([*act(), WEIGHTS], "Rates must have a field for each act: ['storm']"),
        (act(kind="storming"), "the act storm brings a kind of event that there is not"),
        (act(refused="storming"), "the act storm brings a kind of event that there is not"),
        (
            act(effect="contact", kind="statement", refused="contact_refused"),
            "the act storm brings a contact that nobody tells: statement",
        ),
    ],
    ids=["type", "weights", "acceptance", "rate", "kind", "refusal", "told"],
)
def test_an_act_that_lacks_something(package: Copy, edits: list[Edit], told: str) -> None:
    said = complaint(package, edits, ACT_CODE)
    assert "TypeError: " + told in said.splitlines()[-1]


RUNS = """
from micro import always, program
from sim.model.reference import World

compiled = program({"can": always(), "usa": always()}, rates_per_day={"call": 1.0, "cut": 1.0},
    outcomes={"open": {"type": "share_of_days", "state": "open"}})
"""
READABLE = RUNS + "from sim.model.tally import outcome_value\n"
READABLE += "outcome_value(compiled, World(compiled, 1, 0).run(), 0)\n"
FAST = "import sim.kernel.run"


def new_name(file: str, kind: str, names: tuple[str, ...], new: str) -> Edit:
    """A name that is added to the end of the alternatives of a type."""
    listed = ", ".join(f'"{name}"' for name in names)
    before = f"{kind} = Literal[{listed}]"
    if kind == "Condition":
        before = f"{kind} = Literal[\n    {listed}\n]"
    return Edit(file, before, before.replace(f'"{names[-1]}"', f'"{names[-1]}", "{new}"'))


BOTH_HELD = [
    new_name(ACTS, "Condition", CONDITIONS, "both_held"),
    Edit(ACTS, '"cut",\n        "always"', '"cut",\n        "both_held"'),
]
NAMED = Edit("sim/rules/conditions.py", '"cut_off"),\n)', '"cut_off", "both_held"),\n)')
CODED = Edit("sim/rules/conditions.py", "UNSPOKEN, CUT = range", "UNSPOKEN, CUT, BOTH_HELD = range")
BRANCH = put_after(
    "sim/rules/conditions.py",
    "        return not spoken\n",
    "    if when == BOTH_HELD:\n        return own_held > 0 and other_held > 0\n",
)
GIFT = [
    new_name(ACTS, "Effect", EFFECTS, "gift"),
    Edit(
        ACTS,
        '"call",\n        "always",\n        "contact"',
        '"call",\n        "always",\n        "gift"',
    ),
]
LONGEST = [
    Edit(OUTCOMES, '"first_time", "event_by"]', '"first_time", "event_by", "longest"]'),
    Edit(OUTCOMES, 'ShareOfDays, "share_of_days"', 'ShareOfDays, "longest"'),
]


@pytest.mark.parametrize(
    ("edits", "new", "unpacked"),
    [
        (GIFT, "gift", "range(len(EFFECTS))"),
        (LONGEST, "longest", "range(len(MEASURES))"),
    ],
    ids=["effect", "measure"],
)
def test_what_has_no_code_in_the_executors(
    package: Copy, edits: list[Edit], new: str, unpacked: str
) -> None:
    """The kernel cannot be imported; the readable executor stops where it meets it."""
    with package.edited(edits), package.warmed("sim.model.reference, sim.model.tally"):
        fast = package.fails(FAST).splitlines()
        slow = package.fails(READABLE).splitlines()
    assert fast[-1].startswith("ValueError: too many values to unpack")
    assert any(unpacked in line for line in fast[-4:])
    assert slow[-1] == f"AssertionError: Expected code to be unreachable, but got: {new!r}"


def test_a_condition_that_lacks_something(package: Copy) -> None:
    said = complaint(package, BOTH_HELD, FAST).splitlines()[-1]
    assert said.startswith("TypeError: Condition must list the conditions of `sim.rules`")
    said = complaint(package, [*BOTH_HELD, NAMED], FAST)
    assert said.splitlines()[-1].startswith("ValueError: too many values to unpack")


CUTS = """
from micro import program, doctrine
from sim.model.reference import World
from sim.log.events import KIND_CODE
from sim.study.verifying import verify

eager = doctrine(cut=50.0)
held = {"ann": {"held_by": "CAN", "national_of": "USA"}}
for people in (held, held | {"bob": {"held_by": "USA", "national_of": "CAN"}}):
    compiled = program({"can": eager, "usa": eager}, rates_per_day={"cut": 0.5}, detainees=people)
    happened = World(compiled, 1, 0).run().happenings
    print(sum(h.kind == KIND_CODE["contact_cut"] for h in happened) > 0)
    assert isinstance(verify(compiled, 1, 2), int)
"""


def test_a_condition_holds_for_both_executors_and_without_its_branch_never(package: Copy) -> None:
    with package.edited([*BOTH_HELD, NAMED, CODED]):
        assert package.says(CUTS) == "False\nFalse\n"
    with package.edited([*BOTH_HELD, NAMED, CODED, BRANCH]):
        assert package.says(CUTS) == "False\nTrue\n"


def test_control_without_edits_nobody_complains(package: Copy) -> None:
    package.says(FAST + "\n" + READABLE)


# ------------------------------------------------------------------------- outcomes and figures


def test_a_type_of_outcome_without_a_row(package: Copy) -> None:
    whether = Edit(OUTCOMES, "| FirstTime | EventBy,", "| FirstTime | EventBy | Whether,")
    added = Edit(
        OUTCOMES,
        "\n\nOutcome = Annotated[",
        '\n\nclass Whether(StateOutcome):\n    type: Literal["whether"]\n\n\nOutcome = Annotated[',
    )
    said = complaint(package, [added, whether], "import sim.scenario.outcomes")
    assert "OUTCOME_RULES must list every model of Outcome" in said.splitlines()[-1]
    assert said.endswith("['whether']")


def test_a_row_of_another_name_than_its_type(package: Copy) -> None:
    renamed = Edit(OUTCOMES, '    "state_by": OutcomeRule', '    "state_buy": OutcomeRule')
    said = complaint(package, [renamed], "import sim.scenario.outcomes")
    assert said.endswith("in order: ['state_buy', 'state_by']")


def test_a_figure_without_a_method(package: Copy) -> None:
    row = put_after(
        FIGURES, "RUN_FIGURES: tuple[FigureRule, ...] = (\n", '    FigureRule("map", "A map."),\n'
    )
    said = complaint(package, [row], "import sim.galleries.gallery")
    assert said.endswith("TypeError: Gallery has no method that draws: map")


def test_a_method_without_a_row(package: Copy) -> None:
    method = "    def map(self) -> Figure:\n        raise NotImplementedError\n\n"
    added = put_after("sim/galleries/gallery.py", "        self.run = run\n\n", method)
    said = complaint(package, [added], "import sim.galleries.gallery")
    assert said.endswith("TypeError: Gallery draws what has no row: map")


# -------------------------------------------------------------------------------------- states

FROZEN = [
    Edit(
        LOG,
        '"cut_off", "prisoner_only", "corridor"]',
        '"cut_off", "prisoner_only", "corridor", "frozen"]',
    ),
    Edit(LOG, '"prisoner_only", "corridor")\n', '"prisoner_only", "corridor", "frozen")\n'),
    put_after(NAMES, '    "corridor": N_("corridor"),\n', '    "frozen": "frozen",\n'),
    put_after(LOG, "    corridor: Days | None = 30\n", "    frozen: Days | None = 20\n"),
    put_after(
        CONVENTIONS,
        "    corridor: Span | None = None\n",
        "    frozen: Span | None = None\n",
    ),
    Edit(FEATURE, '"corridor", "lapsed")', '"corridor", "frozen", "lapsed")'),
    Edit(FEATURE, "CORRIDOR, LAPSED = range(", "CORRIDOR, FROZEN, LAPSED = range("),
    put_after(
        FEATURE,
        '        lambda p: 1.0 if p.standing == CORRIDOR else 0.0,\n        "state",\n    ),\n',
        '    FeatureRule("frozen", "", "", lambda p: float(p.standing == FROZEN), "state"),\n',
    ),
]
"""All that a fifth state needs, but for its figures and for a contact that keeps it alive."""


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (1, "SUPPORTS must list each of STATES but cut_off, widest first"),
        (2, "STATE_LABELS must name each of STATES"),
        (3, "LapseDays must have a field for each of STATES but cut_off"),
        (4, "LapseSpans must have the fields of LapseDays"),
        (5, "STANDINGS must be each of STATES, in order, and lapsed"),
        (len(FROZEN) - 1, "FEATURE_RULES must have a row for each of STANDINGS, in order"),
    ],
    ids=["supports", "labels", "lapse", "range", "standing", "feature"],
)
def test_a_state_that_lacks_something(package: Copy, known: int, told: str) -> None:
    said = complaint(package, FROZEN[:known], "import sim.log.rulebook, sim.scenario.scenario")
    assert "TypeError: " + told in said.splitlines()[-1]
    assert "frozen" in said.splitlines()[-1]


def test_a_standing_without_a_code_is_noticed(package: Copy) -> None:
    said = complaint(package, FROZEN[:6], "import sim.rules.features")
    assert "ValueError: too many values to unpack (expected 5" in said


FIVE = """
from micro import data, doctrine, scenario
from sim.kernel import run as kernel
from sim.log.log import STATES, SUPPORTS
from sim.model.compiling import compile_scenario
from sim.model.replication import replicate
from sim.model.tally import blank, count
from sim.study.verifying import verify
import numpy as np

# an act that comes only where the channel has fallen back: a bound must know of the fall
cut = {"bias": -9.0, "frozen": 9.0}
biases = {"call": 0.0, "accept_call": {"bias": 0.0, "frozen": -2.0}, "cut": cut}
program = compile_scenario(scenario(
    {p: doctrine(**biases, raise_detainees=0.0, accept_raise_detainees=0.0, acknowledge=0.0)
     for p in ("can", "usa")},
    channels={"can-usa/ministers": {"initial": "frozen",
        "lapse_days": {"open": 1, "open_at_most": 2, "prisoner_only": 1}}},
    rates_per_day={"call": 0.5, "cut": 0.5, "raise_detainees": 0.1},
    detainees={"ann": {"held_by": "CAN", "national_of": "USA"}},
    outcomes={"frozen": {"type": "share_of_days", "state": "frozen"}},
))
assert len(STATES) == 5
assert isinstance(verify(program, 1, 12), int)
fast, _ = kernel.run(program, 1, 0, 12)
slow = blank(program, 12)
for r in range(12):
    count(program, replicate(program, 1, r).situation, slow, r)
for name in ("values", "occupancy", "moves", "exposure_s", "events", "raster"):
    assert np.array_equal(getattr(fast, name), getattr(slow, name)), name
assert fast.moves.shape[-2:] == (5, 5)
assert fast.moves[0, 0, 4].sum() > 0 and fast.moves[0, 0, :, 4].sum() > 0
print("the same")
"""


def test_a_fifth_state_runs_through_both_executors(package: Copy) -> None:
    with package.edited(FROZEN):
        assert package.says(FIVE) == "the same\n"


def test_figures_and_logs_have_the_same_states() -> None:
    assert style.CODES == STATES
    assert sorted(style.STATES) == sorted(STATES)
    assert set(style.STATE_LABELS) == set(style.STATE_COLOURS) == set(STATES)


def test_the_kernels_rows_are_as_wide_as_there_are_states() -> None:
    n = len(STATES)
    assert n == memory.STATE_COUNT
    kept_alive = len(SUPPORTS)
    assert kept_alive == n - 1
    assert kept_alive == memory.C_UNTIL - memory.C_LASTS
    assert kept_alive == memory.C_LINE - memory.C_UNTIL == memory.SEEN - memory.SEEN_UNTIL
    assert n == memory.Q_WIDTH - memory.Q_STATES
    assert FEATURES[1 : 1 + n] == STATES


SHAPED = {"zeros", "ones", "full", "empty", "reshape", "ints", "floats", "tile"}
"""Calls that take shapes and widths."""


def sizes_in(text: str) -> Iterator[int]:
    """The lines that hold three views times four states, or four times four, as a bare number: in
    a product, or in what a call takes as a shape."""
    for node in ast.walk(ast.parse(text)):
        parts: list[ast.AST] = []
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.FloorDiv, ast.Mod)):
            parts = [node.left, node.right]
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name in SHAPED:
                values = [*node.args, *(k.value for k in node.keywords)]
                tuples = [v.elts for v in values if isinstance(v, (ast.Tuple, ast.List))]
                parts = [*values, *(element for listed in tuples for element in listed)]
        for part in parts:
            if isinstance(part, ast.Constant) and part.value in (12, 16):
                yield part.lineno


@pytest.mark.parametrize("room", ["kernel", "model", "results", "study"])
def test_no_size_is_written_as_a_number_that_hangs_on_four_states(room: str) -> None:
    paths = sorted((PACKAGE / room).glob("*.py"))
    assert len(paths) > 3
    found = [f"{p.name}:{line}" for p in paths for line in sizes_in(p.read_text(encoding="utf-8"))]
    assert found == []


def test_control_such_sizes_are_found() -> None:
    for text in (
        "x = 12 * c",
        "x = c * 16 + v",
        "zeros(12)",
        "np.zeros((c, 16))",
        "a.reshape(2, 12)",
    ):
        assert list(sizes_in(text)) == [1], text
    assert list(sizes_in("x = [12, 16]\nrange(9, 16)\nnp.zeros((c, 3))")) == []
