"""What a role play says of questions, answers and the doctrine's view, in plain words."""

from __future__ import annotations

from collections.abc import Iterable

from sim.ground.dates import spoken
from sim.ground.language import N_, _, ngettext
from sim.log.names import kind_name
from sim.model.players import Question
from sim.rules.features import FEATURE_RULES, FEATURES
from sim.scenario.acts import ACT_RULES, Words
from sim.scenario.doctrine import DECISIONS, Doctrine

WORDS: dict[str, Words] = {rule.name: rule.words for rule in ACT_RULES}
WORDS |= {f"accept_{r.name}": r.answer_words for r in ACT_RULES if r.answer_words is not None}
WORDS["acknowledge"] = Words(
    N_("We had {contact} with {other} on {day}. Do we say so in public?"),
    N_("say in public that there was a contact"),
    N_("said in public that there was a contact"),
)
"""How a page asks for each decision."""
CONTACT = {
    "call_held": N_("a call"),
    "meeting_held": N_("a meeting"),
    "corridor_talk": N_("a talk in passing"),
}
"""How a question names the contact that it is about."""
REASONS = {rule.name: rule.reason for rule in FEATURE_RULES}
"""What each feature is, for an adviser."""
if {*WORDS} != {*DECISIONS}:
    raise TypeError(f"every one of {', '.join(DECISIONS)} needs its words")


def asked(question: Question, forum: str | None) -> str:
    """Put a question in words; `forum` is what the forum is called."""
    home, away = question.exchange or (0, 0)
    said = _(
        WORDS[question.decision].question,
        other=question.other,
        forum=forum or _("a forum"),
        home=ngettext("one of ours", "{n} of ours", home),
        away=ngettext("one of theirs", "{n} of theirs", away),
        contact=contact(question, forum),
        day=spoken(question.date),
    )
    if question.meeting is not None:
        said += " " + _("It is agreed for {day}.", day=spoken(question.meeting))
    return said


def contact(question: Question, forum: str | None = None) -> str:
    """Name the contact that is to be told."""
    if question.contact is None:
        said = _("a contact")
    else:
        said = CONTACT.get(question.contact, "")
        said = _(said) if said else kind_name(question.contact)
    if forum:
        said = _("{contact} at {forum}", contact=said, forum=forum)
    if question.confined:
        said = _("{contact} about detainees, and nothing else,", contact=said)
    return said


def deed(decision: str) -> str:
    """Name what is done where the answer is yes."""
    return _(WORDS[decision].deed)


def done(decision: str) -> str:
    """Say what was done where the answer was yes."""
    return _(WORDS[decision].done)


def answered(answer: bool | None) -> str:
    """Name an answer."""
    return _({True: N_("yes"), False: N_("no"), None: N_("left to the doctrine")}[answer])


def leaning(question: Question) -> str:
    """Say which way the doctrine leans, without the chance that decides."""
    percent = round(100 * question.probability)
    shown = str(percent)
    if not 1 <= percent <= 99:
        shown = _("less than 1") if percent < 1 else _("more than {n}", n=99)
    said = N_("It leans to no: it says yes {n} times in 100 in such a moment.")
    if question.probability >= 0.5:
        said = N_("It leans to yes: it says yes {n} times in 100 in such a moment.")
    return _(said, n=shown)


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
        [_(REASONS[name]) for size, name in parts if size > 0],
        [_(REASONS[name]) for size, name in parts if size < 0],
    )


def counted(questions: Iterable[tuple[Question, bool]]) -> list[tuple[str, int, int, str]]:
    """Count what an office answered by itself: what was asked, yes, no, and on which days yes."""
    answers: dict[str, list[tuple[str, bool]]] = {}
    for question, yes in questions:
        answers.setdefault(question.decision, []).append((question.date, yes))
    return [
        (
            deed(decision),
            sum(yes for _, yes in told),
            sum(not yes for _, yes in told),
            ", ".join(dict.fromkeys(date for date, yes in told if yes)),
        )
        for decision, told in sorted(answers.items(), key=lambda e: (-len(e[1]), e[0]))
    ]


def declined(questions: Iterable[tuple[Question, bool]]) -> str:
    """Say how often an office said no by itself, and to what; "" where it never did."""
    no = [f"{told} ({n})" for told, _, n, _ in counted(questions) if n]
    return _("Our office said no to: {deeds}.", deeds=", ".join(no)) if no else ""
