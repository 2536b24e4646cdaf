"""The slides of a lesson: one file for the projector, with what happened behind each round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sim.ground.dates import in_a_sentence
from sim.report.pages import sentence
from sim.seminar.kit import prompts, reading
from sim.seminar.kit.face import Face
from sim.seminar.kit.key import Answer, RoundKey
from sim.seminar.kit.reading import ReadingList
from sim.seminar.lesson.plan import Plan, option_words
from sim.seminar.lesson.scores import LEAST, MOST
from sim.seminar.pages.legend import Legend, legend
from sim.seminar.pages.past import Told
from sim.seminar.what_if.shipped import base_alone

ON_A_SLIDE = 8
"""Lines of a list that fit on a slide."""
MADE_FOR_OTHERS = "The simulator's weights were made for other governments."
LETTERS = 560
"""Letters of a list that can be read from the back row."""


@dataclass(frozen=True)
class Slide:
    """One slide."""

    title: str
    kicker: str = ""
    lead: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    answer: str = ""
    """The right answer, in large letters."""
    forecasts: tuple[tuple[str, int], ...] = ()
    """Who gave how many percent to it."""
    legend: tuple[Legend, ...] = ()
    kind: str = "plain"
    """`title`, `plain`, `ask`, `reveal`, `sources`, `discuss` or `end`."""


def slides_of(
    plan: Plan, face: Face, keys: Sequence[RoundKey], listed: ReadingList
) -> tuple[Slide, ...]:
    """Make the slides of a lesson; `keys` are its key as the room shows it. Up to the last reveal
    they show its disguise, where it has one."""
    found = [*_opening(face)]
    for key in keys:
        found += _round(key, face.care)
    found += [*_play(face.plan), *_lifted(face), *_end(plan), *_sources(listed)]
    if plan.lesson.after:
        found.append(Slide(plan.title, lead=tuple(plan.lesson.after.split("\n")), kind="end"))
    return tuple(slide for one in found for slide in _parts(one))


def _parts(slide: Slide) -> Iterator[Slide]:
    """Spread a long list over several slides."""
    shares: list[list[str]] = [[]]
    for item in slide.items:
        full = len(shares[-1]) == ON_A_SLIDE or sum(map(len, [*shares[-1], item])) > LETTERS
        if full and shares[-1]:
            shares.append([])
        shares[-1].append(item)
    yield replace(slide, items=tuple(shares[0]))
    for share in shares[1:]:
        yield Slide(slide.title, slide.kicker, items=tuple(share), kind=slide.kind)


def _opening(face: Face) -> Iterator[Slide]:
    plan = face.plan
    lead = (plan.lesson.welcome,) if plan.lesson.welcome else ()
    yield Slide(plan.title, lead=lead, kind="title")
    if plan.rounds:
        yield _how_to_answer(plan)
    for one in _legend(face):
        yield Slide("What the states mean", legend=(one,))


def _how_to_answer(plan: Plan) -> Slide:
    items = [
        f"Give each answer a number from {LEAST} to {MOST}: how probable is it, in percent?",
        "70 % means: in ten cases like this one, it comes in seven.",
        "0 and 100 are not possible: nobody can know what comes.",
    ]
    if any(len(q.options) > 2 for r in plan.rounds for q in r.questions):
        items.append("Where there are several answers, the numbers add up to 100.")
    items += [
        "You do best if you say what you believe. Lower scores are better.",
        "Write one sentence of reason. Others read it, without your name.",
    ]
    return Slide("How to answer with probabilities", items=tuple(items))


def _legend(face: Face) -> tuple[Legend, ...]:
    """Say what the states mean, without a date that comes after the beginning."""
    plan = face.plan
    if plan.rounds:
        chosen = {c: plan.log.channels[c] for c in face.teller.channels}
        return legend(chosen, plan.rounds[0].cut_s)
    assert plan.play is not None
    return legend(plan.play.channels, plan.play.start_s)


# ---------------------------------------------------------------------------------- rounds


def _round(key: RoundKey, care: Sequence[str]) -> Iterator[Slide]:
    round_ = key.plan
    kicker = f"Round {round_.number + 1}: {round_.title}"
    lead = (round_.brief,) if round_.brief else ()
    until = f"You see the log until {in_a_sentence(round_.cut)}."
    yield Slide(round_.title, f"Round {round_.number + 1}", (*lead, until))
    asked = [f"{q.text} ({' / '.join(option_words(q))})" for q in round_.questions]
    steps = "Vote alone. Discuss. Vote again."
    yield Slide("What comes next?", kicker, (steps,), tuple(asked), kind="ask")
    shown = [slide for answer in key.answers for slide in _reveal(kicker, answer, care)]
    yield from (slide for slide in shown if slide.kind == "reveal")
    # one event may decide two questions: who says so is told once
    yield from dict.fromkeys(slide for slide in shown if slide.kind != "reveal")
    yield Slide("Discuss", kicker, items=tuple(prompts.of_round(key)), kind="discuss")


def _reveal(kicker: str, answer: Answer, care: Sequence[str]) -> Iterator[Slide]:
    """Show what happened, and then who says so."""
    truth = answer.question.truth
    decided, uncounted = answer.evidence[:1], answer.uncounted[:1]
    lead = [_told(e) for e in decided]
    if not lead and answer.silence:
        lead = [answer.silence]
    elif not lead and not uncounted and not answer.question.own:
        lead = ["No event in the log changed this in that time."]
    lead += [f"{_told(event)} {said}" for event, said in uncounted]
    told = [*dict.fromkeys([*decided, *(event for event, _ in uncounted)])]
    items = [line for event in told for line in _accounts(event)]
    sources = [f"Source: {answer.question.source}"] if answer.question.source else []
    sources += dict.fromkeys(f"Source: {e.source}." for e in told if e.source)
    doubts = [f"Doubt: {sentence(e.doubt)}" for e in told if e.doubt]
    said = [MADE_FOR_OTHERS] if care and answer.lines else []
    yield Slide(
        answer.question.text,
        f"{kicker}: what happened",
        tuple(dict.fromkeys(lead)),
        small=tuple(said if items or doubts else [*said, *sources]),
        answer=answer.came,
        forecasts=tuple(
            (line.who, round(100 * line.probabilities[truth])) for line in answer.lines
        ),
        kind="reveal",
    )
    if items or doubts:
        title = f"Who says so? {told[0].title}" if told else "Who says so?"
        yield Slide(title, kicker, (), tuple(items), (*sources, *doubts), kind="sources")


def _told(event: Told) -> str:
    said = f"{event.date}: {event.title}."
    return f"{said} {sentence(event.summary)}" if event.summary else said


def _accounts(event: Told) -> list[str]:
    return [f"{a.party}: {sentence(a.text)}" for a in event.accounts]


# ---------------------------------------------------------------------------------- play and end


def _play(plan: Plan) -> Iterator[Slide]:
    if plan.play is None:
        return
    spec = plan.play.spec
    teams = ", ".join(map(plan.log.name_of, spec.parties))
    brief = (spec.brief,) if spec.brief else ()
    yield Slide(spec.title, "Role play", (*brief, f"Teams play: {teams}."))
    yield Slide(
        "How a team decides",
        f"Role play: {spec.title}",
        items=(
            "First: write one line to yourselves. What does your government want? What will it "
            "not do?",
            "Then a question comes up. Everybody votes, yes or no. The majority decides.",
            "Where the votes are equal, the minister's vote decides.",
            f"You have {spec.question_s:.0f} seconds. If nobody votes, the doctrine of your "
            "government decides.",
            "You see only what your own government sees.",
        ),
    )
    yield Slide("Debrief", spec.title, items=tuple(prompts.of_play(plan)), kind="discuss")


def _lifted(face: Face) -> Iterator[Slide]:
    """Say who was who."""
    if face.lifted is None:
        return
    named = [f"{worn} is {true}." for worn, _, true in face.lifted.parties]
    named += [f"{worn}: {true}" for worn, true in face.lifted.names]
    named += [f"{step}: {in_a_sentence(true)}" for step, _, true in face.lifted.dates]
    yield Slide("Who was who", "The disguise is lifted", items=tuple(named))


def _end(plan: Plan) -> Iterator[Slide]:
    sliders = tuple(s.title for s in base_alone(plan.scenario).sliders)
    lead = ("Take an event out, move it, or change one of these. What do you expect? Why?",)
    yield Slide("What if it had gone otherwise?", "", lead, sliders, kind="discuss")
    yield Slide("To discuss at the end", "", items=tuple(prompts.at_the_end(plan)), kind="discuss")


def _sources(listed: ReadingList) -> Iterator[Slide]:
    items = [reading.in_words(work) for work in listed.works]
    lead: tuple[str, ...] = ()
    if listed.addresses:
        number = len(listed.addresses)
        lead = (f"The reading list has {number} addresses more, event by event.",)
    if items:
        yield Slide("Sources", "", lead, tuple(items), kind="sources")
