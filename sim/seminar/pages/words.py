"""What a role play says of questions, answers and the doctrine's view, in plain words."""

from __future__ import annotations

from collections.abc import Iterable

from sim.ground.dates import spoken
from sim.model.players import Question
from sim.rules.features import FEATURE_RULES, FEATURES
from sim.scenario.acts import ACT_RULES, Words
from sim.scenario.doctrine import DECISIONS, Doctrine

WORDS: dict[str, Words] = {rule.name: rule.words for rule in ACT_RULES}
WORDS |= {f"accept_{r.name}": r.answer_words for r in ACT_RULES if r.answer_words is not None}
WORDS["acknowledge"] = Words(
    "We had {contact} with {other} on {day}. Do we say so in public?",
    "say in public that there was a contact",
    "said in public that there was a contact",
)
"""How a page asks for each decision."""
DEEDS = {decision: found.deed for decision, found in WORDS.items()}
"""What is done where the answer is yes."""
DONE = {decision: found.done for decision, found in WORDS.items()}
"""What was done where the answer was yes."""
CONTACT = {
    "call_held": "a call",
    "meeting_held": "a meeting",
    "corridor_talk": "a talk in passing",
}
"""How a question names the contact that it is about."""
REASONS = {rule.name: rule.reason for rule in FEATURE_RULES}
"""What each feature is, for an adviser."""
if {*WORDS} != {*DECISIONS}:
    raise TypeError(f"every one of {', '.join(DECISIONS)} needs its words")


def asked(question: Question, forum: str | None) -> str:
    """Put a question in words; `forum` is what the forum is called."""
    home, away = question.exchange or (0, 0)
    said = WORDS[question.decision].question.format(
        other=question.other,
        forum=forum or "a forum",
        home=_ours(home),
        away=_theirs(away),
        contact=contact(question, forum),
        day=spoken(question.date),
    )
    if question.meeting is not None:
        said += f" It is agreed for {spoken(question.meeting)}."
    return said


def contact(question: Question, forum: str | None = None) -> str:
    """Name the contact that is to be told."""
    said = CONTACT.get(question.contact or "", (question.contact or "a contact").replace("_", " "))
    said += f" at {forum}" if forum else ""
    return f"{said} about detainees, and nothing else," if question.confined else said


def _ours(number: int) -> str:
    return "one of ours" if number == 1 else f"{number} of ours"


def _theirs(number: int) -> str:
    return "one of theirs" if number == 1 else f"{number} of theirs"


def answered(answer: bool | None) -> str:
    """Name an answer."""
    return {True: "yes", False: "no", None: "left to the doctrine"}[answer]


def leaning(question: Question) -> str:
    """Say which way the doctrine leans, without the chance that decides."""
    percent = round(100 * question.probability)
    shown = "less than 1" if percent < 1 else "more than 99" if percent > 99 else str(percent)
    said = "yes" if question.probability >= 0.5 else "no"
    return f"It leans to {said}: it says yes {shown} times in 100 in such a moment."


def grounds(question: Question, doctrine: Doctrine) -> tuple[list[str], list[str]]:
    """List what speaks for yes and what against it by a doctrine, the heaviest first.

    The doctrine's habit is left out: it is not a reason that can change.
    """
    row = doctrine.matrix()[DECISIONS.index(question.decision)]
    parts = [
        (weight * value, name)
        for weight, value, name in zip(row, question.features, FEATURES, strict=True)
        if name != "bias" and abs(weight * value) >= 0.05
    ]
    parts.sort(key=lambda part: -abs(part[0]))
    return (
        [REASONS[name] for size, name in parts if size > 0],
        [REASONS[name] for size, name in parts if size < 0],
    )


def counted(questions: Iterable[tuple[Question, bool]]) -> list[tuple[str, int, int, str]]:
    """Count what an office answered by itself: what was asked, yes, no, and on which days yes."""
    answers: dict[str, list[tuple[str, bool]]] = {}
    for question, yes in questions:
        answers.setdefault(question.decision, []).append((question.date, yes))
    return [
        (
            DEEDS[decision],
            sum(yes for _, yes in told),
            sum(not yes for _, yes in told),
            ", ".join(dict.fromkeys(date for date, yes in told if yes)),
        )
        for decision, told in sorted(answers.items(), key=lambda e: (-len(e[1]), e[0]))
    ]


def declined(questions: Iterable[tuple[Question, bool]]) -> str:
    """Say how often an office said no by itself, and to what; "" where it never did."""
    no = [(deed, n) for deed, _, n, _ in counted(questions) if n]
    if not no:
        return ""
    return f"Our office said no to: {', '.join(f'{deed} ({n})' for deed, n in no)}."
