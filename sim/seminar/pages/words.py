"""What a role play says of questions, answers and the doctrine's view, in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sim.model.players import Question
from sim.rules.features import FEATURE_RULES, FEATURES
from sim.scenario.acts import ACT_RULES, Words
from sim.scenario.doctrine import DECISIONS, Doctrine

WORDS: dict[str, Words] = {rule.name: rule.words for rule in ACT_RULES}
WORDS |= {f"accept_{r.name}": r.answer_words for r in ACT_RULES if r.answer_words is not None}
WORDS["acknowledge"] = Words(
    "We had a contact with {other}. Do we say so in public?",
    "say in public that there was a contact",
)
"""How a page asks for each decision."""
DEEDS = {decision: found.deed for decision, found in WORDS.items()}
"""What is done where the answer is yes."""
REASONS = {rule.name: rule.reason for rule in FEATURE_RULES}
"""What each feature is, for an adviser."""
MOST_DAYS = 2
"""Days that are named where the doctrine said yes to one kind of question; more are counted."""

if {*WORDS} != {*DECISIONS}:
    raise TypeError(f"every one of {', '.join(DECISIONS)} needs its words")


def asked(question: Question, forum: str | None) -> str:
    """Put a question in words; `forum` is what the forum is called."""
    home, away = question.exchange or (0, 0)
    return WORDS[question.decision].question.format(
        other=question.other, forum=forum or "a forum", home=_ours(home), away=_theirs(away)
    )


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


def routine_words(questions: Iterable[tuple[Question, bool]], *, over: bool = False) -> str:
    """Say which routine questions the doctrine answered for a party, and how, or nothing; where the
    play is over, these are routine questions and all that came after the last one that was asked.
    """
    answered = list(questions)
    if not answered:
        return ""
    total = len(answered)
    number = "one" if total == 1 else str(total)
    plural = "" if total == 1 else "s"
    said = f"Meanwhile our doctrine answered {number} routine question{plural}."
    if over:
        said = f"The doctrine answered {number} more."
    no = Counter(q.decision for q, yes in answered if not yes)
    if no:
        said += f" No to: {', '.join(f'{DEEDS[d]} ({n})' for d, n in no.most_common())}."
    done: dict[str, list[str]] = {}
    for question, yes in answered:
        if yes:
            done.setdefault(question.decision, []).append(question.date)
    if done:
        said += f" Yes to: {', '.join(_when(DEEDS[d], days) for d, days in done.items())}."
    return said


def _when(deed: str, days: Sequence[str]) -> str:
    """Say on which days something was done, or how often where that is often."""
    return f"{deed} ({len(days) if len(days) > MOST_DAYS else ' and '.join(days)})"
