"""Players: a doctrine, a script, and who sits where."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from sim.ground.dates import parse
from sim.ground.errors import InputError
from sim.model.players import DoctrinePlayer, Line, Question, Recorded, ScriptedPlayer, seats
from sim.scenario.doctrine import DECISIONS

NOON = parse("2023-03-02").midpoint_s
QUESTION = Question("call", "USA", "RUS", "usa-rus/m", NOON, "open", (1.0,), 0.3, None)


class No:
    def answer(self, question: Question) -> bool:
        return False


def test_a_doctrine_player_leaves_the_answer_to_the_doctrine() -> None:
    assert DoctrinePlayer().answer(QUESTION) is None


def test_a_question_tells_no_chance() -> None:
    names = {f.name for f in fields(Question)}
    assert names == {
        *("decision", "party", "other", "channel", "at_s", "state", "features", "probability"),
        *("forum", "exchange", "because", "contact", "confined", "meeting"),
    }


def test_a_question_says_who_proposes_and_when() -> None:
    assert (QUESTION.proposed_by, QUESTION.date) == (None, "2023-03-02")
    assert replace(QUESTION, decision="accept_call").proposed_by == "RUS"


def test_recorded_answers_come_in_order_and_then_the_doctrine_decides() -> None:
    player = Recorded([True, None, False])
    assert [player.answer(QUESTION) for _ in range(5)] == [True, None, False, None, None]


@pytest.mark.parametrize(
    ("line", "covers"),
    [
        (Line("call", True), True),
        (Line("*", True), True),
        (Line("meet", True), False),
        (Line("call", True, start="2023-03-02"), True),
        (Line("call", True, start="2023-03-03"), False),
        (Line("call", True, until="2023-03-02"), True),
        (Line("call", True, until="2023-03-01"), False),
        (Line("call", True, start="2023", until="2023"), True),
        (Line("call", True, forum="g20"), False),
    ],
)
def test_what_a_line_covers(line: Line, covers: bool) -> None:
    assert line.covers(QUESTION) is covers
    if line.forum:
        assert line.covers(replace(QUESTION, forum="g20"))


def test_a_line_covers_its_last_second_and_no_more() -> None:
    line = Line("call", True, start="2023-03-02", until="2023-03-02")
    span = parse("2023-03-02")
    at = [span.lo_s - 1, span.lo_s, span.hi_s - 1, span.hi_s]
    assert [line.covers(replace(QUESTION, at_s=t)) for t in at] == [False, True, True, False]


def test_a_script_answers_by_its_first_line_and_else_by_another_player() -> None:
    player = ScriptedPlayer((Line("call", False), Line("*", True, until="2023-06")))
    assert player.answer(QUESTION) is False
    assert player.answer(replace(QUESTION, decision="meet")) is True
    late = replace(QUESTION, decision="meet", at_s=parse("2024").lo_s)
    assert player.answer(late) is None, "the doctrine decides"
    assert ScriptedPlayer((), otherwise=No()).answer(QUESTION) is False
    assert player.asked == [
        ("2023-03-02", "call", False),
        ("2023-03-02", "meet", True),
        ("2024-01-01", "meet", None),
    ]


def test_everyone_has_a_seat() -> None:
    no = No()
    found = seats(("RUS", "USA"), {"USA": no})
    assert found["USA"] is no
    assert found["RUS"] is None, "its doctrine answers"
    assert set(seats(("RUS", "USA"), None)) == {"RUS", "USA"}
    with pytest.raises(ValueError, match="no such party: CHN, FRA"):
        seats(("RUS", "USA"), {"FRA": no, "CHN": no, "USA": no})


def test_a_line_that_nobody_would_ask_is_refused_at_once() -> None:
    with pytest.raises(InputError) as caught:
        Line("accept_cal", False, start="yesterday", until="2023-13")
    said = [str(p) for p in caught.value.problems]
    assert [s.split(": ")[1] for s in said] == ["decision", "start", "until"]
    assert "did you mean 'accept_call'? (got accept_cal)" in said[0]
    assert "(got yesterday)" in said[1]
    for decision in ("*", *DECISIONS):
        Line(decision, True)
