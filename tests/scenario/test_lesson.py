"""Lessons: what a seminar block may say, what happened after a cut, and the lesson on offer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lessons import CHANNEL, lesson, plan

from sim.cli.app import main
from sim.ground.errors import InputError
from sim.ground.schema import IN_WORDS
from sim.log.log import STATES
from sim.log.projection import known_until
from sim.scenario import resolve as bare
from sim.scenario.provenance import scenario_digest
from sim.scenario.resolve import resolved_text
from sim.scenario.scenario import Scenario
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import Plan, plan_of
from sim.seminar.lesson.schema import Lesson
from sim.seminar.pages.readable import readable

ROOT = Path(__file__).parents[2]


def rounds(**first: Any) -> list[dict[str, Any]]:
    one, two = lesson()["seminar"]["rounds"]
    return [one | first, two]


def test_what_happened_is_read_off_the_log() -> None:
    winter, spring = plan().rounds
    state, cut = winter.questions
    assert (state.present, STATES[state.truth]) == ("open", "cut_off")
    assert (cut.options, cut.truth, cut.evidence) == (("yes", "no"), 0, ("the-cut",))
    assert state.evidence == ("the-cut",)
    (again,) = spring.questions
    assert (again.present, STATES[again.truth]) == ("cut_off", "open")
    assert again.evidence == ("second-call",)
    assert again.text == "How will France see the channel next (until 30 June 2021)?"
    assert winter.limits == (None, 240.0, None, 120.0, None, None)
    assert spring.limits == (None, None, None, 120.0, None, None)


def test_no_change_is_the_present_state() -> None:
    calm = plan(rounds=rounds(cut="2021-01-15", by="2021-02-10")).rounds[0].questions[0]
    assert (calm.present, STATES[calm.truth], calm.evidence) == ("open", "open", ())


def test_silence_changes_a_state_too() -> None:
    late = [
        {
            "title": "x",
            "cut": "2021-07-01",
            "by": "2021-12-31",
            "questions": [{"ask": "next_state"}],
        }
    ]
    question = plan(rounds=late).rounds[0].questions[0]
    assert (question.present, STATES[question.truth]) == ("open", "cut_off")
    assert question.evidence == ()
    assert question.lapsed_on == "2021-07-31"


def test_base_rates_count_days_and_stretches() -> None:
    winter, spring = plan().rounds
    assert winter.questions[0].base_rate == (1.0, 0.0, 0.0, 0.0)
    days = spring.questions[0].base_rate  # open to 1 March, cut off to 1 May
    assert days[STATES.index("cut_off")] == pytest.approx(61 / 112, abs=0.01)
    assert sum(days) == pytest.approx(1)
    # stretches of 23 days between 10 January and 15 February: none holds a cut
    assert winter.questions[1].base_rate == (0.0, 1.0)


def test_a_log_that_is_too_short_for_a_base_rate_gives_one_half() -> None:
    asked = [{"ask": "outcome", "outcome": "cut"}]
    question = plan(rounds=rounds(cut="2021-01-20", questions=asked)).rounds[0].questions[0]
    assert question.base_rate == (0.5, 0.5)


@pytest.mark.parametrize(
    ("outcome", "by", "truth"),
    [
        ("open", "2021-02-20", 0),  # as the model counts: the state at the start is enough
        ("open-then", "2021-02-28", 0),
        ("open-then", "2021-03-31", 1),
        ("cut", "2021-02-28", 1),
        ("cut", "2021-03-01", 0),
    ],
)
def test_outcomes_are_counted_up_to_their_day(outcome: str, by: str, truth: int) -> None:
    asked = [{"ask": "outcome", "outcome": outcome, "by": by}]
    assert plan(rounds=rounds(questions=asked)).rounds[0].questions[0].truth == truth


@pytest.mark.slow
def test_the_truth_agrees_with_the_model_s_own_count() -> None:
    """What a lesson calls true is what a run counts in a history that is given."""
    import sim

    data = lesson()
    del data["seminar"]
    for name, first, last in (
        ("cut", "2021-02-16", "2021-03-10"),
        ("open", "2021-03-02", "2021-05-31"),
    ):
        over = {
            "changes": [
                {
                    "set_doctrine": {
                        "party": "FRA",
                        "doctrine": "transactional",
                        "from": "2021-01-01",
                    }
                }
            ],
            "show_from": "2021-01-01",
            "outcomes": {name: {"from": first, "date": last}},
        }
        run = sim.run(load_scenario(data, over=over), replications=20)
        values = set(run.values[name].to_list())
        asked = [{"ask": "outcome", "outcome": name, "by": last}]
        cut = str(int(first[-2:]) - 1).zfill(2)
        question = (
            plan(rounds=[{"title": "x", "cut": first[:-2] + cut, "by": last, "questions": asked}])
            .rounds[0]
            .questions[0]
        )
        assert values == {1.0 - question.truth}


def test_an_event_that_decides_nothing_may_be_uncertain() -> None:
    """It is hidden until it is past; `invalid/seminar-uncertain.yaml` has one that decides."""
    data = lesson()
    data["history"]["events"].append(
        {"id": "rumour", "date": "2021-02/2021-11", "kind": "statement", "channel": CHANNEL}
    )
    made = plan_of(load_scenario(data))
    ids = [e.id for e in known_until(made.log, made.rounds[0].end_s).events]
    assert ids == ["first-call", "the-cut"]


def test_a_lesson_changes_no_world() -> None:
    with_lesson, without = lesson(), lesson()
    del without["seminar"]
    one, two = load_scenario(with_lesson), load_scenario(without)
    assert scenario_digest(one) == scenario_digest(two)
    assert resolved_text(one) == resolved_text(two)
    assert plan_of(one).digest != plan_of(two).digest


def test_the_lesson_on_offer_asks_before_changes_and_in_a_quiet_stretch() -> None:
    data = lesson()
    del data["seminar"]
    offered = plan_of(load_scenario(data))
    assert offered.offered
    assert offered.title == CHANNEL
    truths = {r.questions[0].present == STATES[r.questions[0].truth] for r in offered.rounds}
    assert truths == {True, False}
    ends = [r.end_s for r in offered.rounds]
    assert all(r.cut_s >= e for r, e in zip(offered.rounds[1:], ends, strict=False))
    for round_ in offered.rounds:  # what is offered is a lesson that a file could hold
        assert round_.questions[0].end_s > round_.cut_s


def test_nothing_is_offered_where_nothing_changes() -> None:
    data = lesson()
    del data["seminar"]
    data["history"]["events"] = [
        {"id": "words", "date": "2021-02-01", "kind": "statement", "channel": CHANNEL}
    ]
    with pytest.raises(InputError, match="no change of state to forecast"):
        plan_of(load_scenario(data))
    data = lesson()
    del data["seminar"]
    data["changes"] = [{"remove": "the-cut"}]
    with pytest.raises(InputError, match="without changes"):
        plan_of(load_scenario(data))


def shown(name: str, folder: Path) -> Plan:
    """The plan of a lesson that the document shows."""
    page = (ROOT / "docs" / "seminar.md").read_text(encoding="utf-8")
    text = page.partition(f"```yaml\n# {name}\n")[2].partition("```")[0]
    assert "seminar:" in text
    for linked in ("scenarios", "seeds"):
        (folder / linked).symlink_to(ROOT / linked)
    (folder / name).write_text(text, encoding="utf-8")
    return plan_of(load_scenario(folder / name))


def test_the_lesson_that_the_document_shows_can_be_held(tmp_path: Path) -> None:
    made = shown("my-lesson.yaml", tmp_path)
    assert [r.title for r in made.rounds] == ["A meeting is agreed"]


def test_the_homework_that_the_document_shows_can_be_held(tmp_path: Path) -> None:
    made = shown("my-homework.yaml", tmp_path)
    assert made.days is not None
    assert len(made.days.rounds) == len(made.rounds) == 3
    assert [r.again_ms is None for r in made.days.rounds] == [False, False, True]


@pytest.mark.parametrize("name", ["seminar-article", "seminar-record"])
def test_the_shipped_lessons_give_nothing_away(name: str) -> None:
    """No summary or doubt that is shown speaks of what is asked later."""
    made = plan_of(load_scenario(ROOT / "scenarios" / f"{name}.yaml"))
    told = "\n".join(readable(made))
    for words in (
        "last call before the cut",
        "until the summer",
        "later conversation",
        "was later called off",
    ):
        assert words not in told
    untold = Plan(**{**made.__dict__, "lesson": made.lesson.model_copy(update={"retold": {}})})
    assert any(w in "\n".join(readable(untold)) for w in ("until the summer", "later conversation"))


LATER = {
    "seminar-channel": (
        "before 10 June",
        "Carried out later",
        "was not called off",
        "until 30 May",
    ),
    "seminar-washington-beijing": ("that was called off",),
    "seminar-koreas": ("before 2018", "last up to 2024", "up to August 2024"),
}
"""What the logs of other lessons say of later times, in events that are shown earlier."""


def without_play(name: str) -> Scenario:
    """Load a shipped lesson without its role play, whose worlds take seconds."""
    path = ROOT / "scenarios" / f"{name}.yaml"
    return load_scenario(path, over={"seminar": {"play": None}})


@pytest.mark.parametrize("name", LATER)
def test_the_lessons_on_other_pairs(name: str) -> None:
    """What gives later things away is told otherwise; answers differ from round to round."""
    scenario = without_play(name)
    made = plan_of(scenario)
    assert scenario.history is not None
    for words in LATER[name]:
        telling = [
            e.id for e in scenario.history.events if words in f"{e.summary or ''} {e.doubt or ''}"
        ]
        assert len(telling) == 1, words  # the control: the log says it
        assert words not in made.lesson.retold[telling[0]]
    states = [q for r in made.rounds for q in r.questions if q.present is not None]
    assert {STATES[q.truth] == q.present for q in states} == {False, True}
    others = [q for r in made.rounds for q in r.questions if q.outcome is not None]
    assert {q.truth for q in others} == {0, 1}
    assert any(q.own for r in made.rounds for q in r.questions)


def test_what_happens_on_another_channel_decides_no_question() -> None:
    """Nobody knows the day of a meeting on another channel, and nobody has to."""
    other = "fra-ita/others"
    vague = {"id": "vague", "date": "2021-02", "kind": "contact_cut", "channel": other}
    data = lesson()
    data["history"]["channels"][other] = {"parties": ["FRA", "ITA"]}
    data["history"]["events"].append({**vague, "source": {"document": "paper"}})
    asked = data["seminar"]["rounds"][0]["questions"]
    for question in (*asked, *data["seminar"]["rounds"][1]["questions"]):
        if question["ask"] == "next_state":
            question["channel"] = CHANNEL
    for outcome in data["outcomes"].values():
        outcome["channel"] = CHANNEL
    assert plan_of(load_scenario(data)).rounds
    data["outcomes"]["cut"]["channel"] = other
    with pytest.raises(InputError, match="nobody knows whether vague of 2021-02"):
        load_scenario(data)


@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["check", "--for-learning"],
        ["run"],
        ["compare"],
        ["why", "--outcome", "x"],
        ["verify"],
        ["design"],
        ["learn"],
    ],
    ids=" ".join,
)
def test_every_command_names_what_is_wrong_in_a_lesson(
    command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT / "tests" / "messages")
    first, *options = command
    monkeypatch.setattr("sys.argv", ["sim", first, "seminar-uncertain.yaml", *options])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    place = "seminar-uncertain.yaml:62: seminar.rounds[0].by: nobody knows whether"
    assert place in capsys.readouterr().err


def test_control_a_loader_without_the_block_says_nothing() -> None:
    path = ROOT / "tests" / "messages" / "seminar-uncertain.yaml"
    assert bare.load_scenario(path).seminar is not None


def patterns(schema: object) -> Iterator[str]:
    """Give every pattern that a text of a file must fit."""
    if isinstance(schema, dict):
        yield from (v for k, v in schema.items() if k == "pattern" and isinstance(v, str))
        yield from schema.get("patternProperties", ())
    for part in schema.values() if isinstance(schema, dict) else schema:  # type: ignore[attr-defined]
        if isinstance(part, dict | list):
            yield from patterns(part)


@pytest.mark.parametrize("model", [Scenario, Lesson])
def test_what_a_pattern_asks_for_is_told_in_words(model: type[Scenario | Lesson]) -> None:
    found = {*patterns(model.model_json_schema())}
    assert found
    assert found <= {*IN_WORDS}
