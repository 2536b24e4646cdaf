"""The test of ten questions: its answers are right by the program's own scores, and its forms are
parallel."""

from __future__ import annotations

from collections import Counter

import pytest
from kits import ARTICLE, kit, shipped, text_of
from lessons import lesson, plan
from plays import play_plan

from sim.seminar.kit.contents import ANSWERS, ANSWERS_CSV, MEMORY, TESTS
from sim.seminar.kit.items import ITEMS, LETTERS, LITERATURE, Form
from sim.seminar.kit.questionnaire import FORMS, USUAL, form_of
from sim.seminar.lesson.scores import score


def right(topic: str, form: str) -> str:
    """The right answer to the question on a topic."""
    item = next(i for i in ITEMS if i.topic == topic)
    asked = item.a if form == "A" else item.b
    return asked.options[asked.right]


def percent(text: str) -> float:
    return float(text.removesuffix(".").removesuffix(" %")) / 100


def brier(given: float, happened: list[bool]) -> float:
    """The mean Brier score of one who gives all events the same."""
    each = [score((given, 1 - given), 0 if came else 1).brier for came in happened]
    return sum(each) / len(each)


def test_answers_are_right() -> None:
    assert percent(right("base rate", "A")) == 6 / 40
    assert percent(right("base rate", "B")) == 10 / 50
    assert percent(right("base rate and a sign", "A")) == 4 / (4 + 16)
    assert percent(right("base rate and a sign", "B")) == 9 / (9 + 27)
    mixed = [True, False]
    assert brier(0.7, mixed) < score((1.0 - 1e-9, 1e-9), 1).brier / 2  # Ben, and Ana with 100 %
    assert right("the price of certainty", "A") == "Ben."
    assert brier(0.6, [True, True, False]) < brier(0.9, [True, True, False])
    assert right("the price of certainty", "B") == "Dan."
    for form, belief in (("A", 0.7), ("B", 0.15)):
        expected = {
            p: belief * score((p, 1 - p), 0).brier + (1 - belief) * score((p, 1 - p), 1).brier
            for p in (n / 100 for n in range(1, 100))
        }
        best = min(expected, key=lambda p: expected[p])
        assert best == pytest.approx(belief)
        assert percent(right("a proper score", form)) == belief
    assert percent(right("longer time", "A")) < 0.2
    assert percent(right("longer time", "B")) < 0.4


def test_only_one_number_contradicts_the_shorter_time() -> None:
    for form, given in (("A", 0.2), ("B", 0.4)):
        item = next(i for i in ITEMS if i.topic == "longer time")
        options = (item.a if form == "A" else item.b).options
        assert [percent(o) < given for o in options].count(True) == 1


def test_forms_are_parallel() -> None:
    assert len(ITEMS) == 10
    assert len({item.topic for item in ITEMS}) == 10
    for item in ITEMS:
        assert {*item.literature} <= {*LITERATURE}
        assert item.a.stem != item.b.stem
        for form in (item.a, item.b):
            assert len({*form.options}) == 4
    for forms in ([i.a for i in ITEMS], [i.b for i in ITEMS]):
        letters = Counter(LETTERS[f.right] for f in forms)
        assert {*letters} == {*LETTERS}
        assert max(letters.values()) <= 4
    assert {key for item in ITEMS for key in item.literature} == {*LITERATURE}


def stems(forms: tuple[Form, ...]) -> str:
    return " ".join(form.stem for form in forms)


def test_it_asks_about_the_first_round_where_that_can_be_asked() -> None:
    made = plan()
    question = made.rounds[0].questions[1].text
    assert question in stems(form_of(made, "A"))
    assert made.rounds[1].questions[0].text not in stems(form_of(made, "B"))
    for form, usual in zip(FORMS, USUAL, strict=True):
        assert usual in stems(form_of(play_plan(), form))


def test_the_pages_ask_and_the_teacher_s_page_answers() -> None:
    made = kit(lesson())[1].files
    for form in FORMS:
        page = text_of(made[TESTS[form]])
        for asked in form_of(plan(), form):
            assert asked.stem in page
            assert all(option in page for option in asked.options)
    answers = text_of(made[ANSWERS])
    assert all(item.because in answers for item in ITEMS)
    rows = made[ANSWERS_CSV].decode().splitlines()
    assert rows[0] == "form,question,right,topic,right_answer"
    assert rows[1].startswith("A,1,c,calibration,")
    for page in TESTS.values():  # no sheet says which is right
        assert all(item.because not in text_of(made[page]) for item in ITEMS)


def test_the_sheet_on_memory_names_what_came_of_each_question() -> None:
    _, made = shipped(ARTICLE)
    asked = [q for r in shipped(ARTICLE)[0].rounds for q in r.questions]
    page = text_of(made.files[MEMORY])
    assert asked
    assert all(q.text in page for q in asked)
    assert page.count("I gave to this:") == len(asked)
