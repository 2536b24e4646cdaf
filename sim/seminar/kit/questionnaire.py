"""The test before and after a lesson: ten questions in two forms, and a sheet on what students
remember of their own forecasts."""

from __future__ import annotations

from dataclasses import dataclass

from sim.seminar.kit.items import ITEMS, LETTERS, Form
from sim.seminar.kit.key import Answer, RoundKey
from sim.seminar.lesson.plan import Plan
from sim.seminar.pages.sheets import table_text

FORMS = ("A", "B")
USUAL = (
    "Do the two ministers speak by telephone before the end of March?",
    "Is one of the prisoners freed before the end of March?",
)
"""What the forms ask about where the first round asks nothing that is answered by yes or no."""
COLUMNS = ("form", "question", "right", "topic", "right_answer")


@dataclass(frozen=True)
class Solved:
    """One question with its answer, for the teacher."""

    topic: str
    form: Form
    because: str

    @property
    def letter(self) -> str:
        """The letter of the right option."""
        return LETTERS[self.form.right]


def form_of(plan: Plan, form: str) -> tuple[Form, ...]:
    """Return the ten questions of a form. Both name only what the first round asks, and no answer,
    so either may be given before the lesson and after it."""
    event = _events(plan)[FORMS.index(form)]
    own = [item.a if form == "A" else item.b for item in ITEMS]
    return tuple(one.model_copy(update={"stem": one.stem.replace("{event}", event)}) for one in own)


def _events(plan: Plan) -> tuple[str, str]:
    """Return what the two forms ask about."""
    asked = [q.text for r in plan.rounds[:1] for q in r.questions if q.yes_or_no]
    return (asked[0], asked[-1]) if asked else USUAL


def solved(plan: Plan, form: str) -> tuple[Solved, ...]:
    """Return a form with its answers."""
    pairs = zip(ITEMS, form_of(plan, form), strict=True)
    return tuple(Solved(item.topic, asked, item.because) for item, asked in pairs)


def answers_table(plan: Plan) -> str:
    """Write the answers of both forms as CSV, for a spreadsheet that marks the sheets."""
    rows = [
        (form, n, one.letter, one.topic, one.form.options[one.form.right])
        for form in FORMS
        for n, one in enumerate(solved(plan, form), start=1)
    ]
    return table_text(COLUMNS, rows)


def remembered(keys: tuple[RoundKey, ...]) -> list[tuple[str, Answer]]:
    """List the questions of a lesson, each with its round, for the sheet on memory."""
    return [
        (f"Round {key.plan.number + 1}: {key.plan.title}", answer)
        for key in keys
        for answer in key.answers
    ]
