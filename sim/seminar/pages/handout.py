"""The handout: one file that tells a log, event by event, and needs no network and no program.

It holds everything in itself: the states from each viewpoint, both sides' accounts, sources and
doubts, the figures of the log, and the questions of a lesson with their answers folded away.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from sim import plots
from sim.galleries.gallery import LogGallery
from sim.ground.colours import PAPER, RULE, STATE_COLOURS
from sim.ground.dates import spoken
from sim.ground.errors import InputError, Problem
from sim.ground.language import ENGLISH, _, speaking
from sim.ground.states import state_name, viewpoint_name
from sim.ground.version import program_version
from sim.log.log import Log
from sim.log.projection import known_until
from sim.report.pages import colon, environment, sentence
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, coded_log, run_span
from sim.seminar.lesson.plan import Plan, option_words, plan_of
from sim.seminar.locale.catalogues import language_of
from sim.seminar.pages.legend import legend
from sim.seminar.pages.past import Strip, Teller, Told, View
from sim.seminar.pages.revealed import not_counted

MAX_EVENTS = 2_000
"""Events of a handout: each is told with all its accounts."""


@dataclass(frozen=True)
class Step:
    """The states after one event."""

    at: str
    views: tuple[View, ...]
    share: float
    """Where on the bands this instant lies, from 0 to 1."""


@dataclass(frozen=True)
class Asked:
    """A question of the lesson, with what happened."""

    round: str
    cut: str
    text: str
    options: tuple[str, ...]
    came: str
    uncounted: tuple[str, ...]
    """Contacts that the side it asks about does not count, each with what it says."""
    source: str
    """Where the answer to a question of the lesson's own stands."""


def handout(scenario: Scenario, *, lift: bool = False) -> str:
    """Write the handout of a scenario's history, and of its lesson if it has one, as HTML. `lift`
    is whether a lesson in disguise may be told by its true names.

    Raises:
        InputError: the scenario has no history, or one that is too long, or its lesson is in
            disguise.
    """
    log = coded_log(scenario)
    if log is None or not log.events:
        raise InputError([Problem(scenario.title, 0, "history", "is required for a handout")])
    plan = plan_of(scenario) if scenario.seminar is not None else None
    if plan is not None and plan.lesson.disguise is not None and not lift:
        rule = "is lifted by a handout, which has the true names: give --lift after the lesson"
        raise InputError([Problem(scenario.title, 0, "seminar.disguise", rule)])
    channels = sorted(channels_of(scenario))
    until_s = run_span(scenario)[0]
    log = known_until(log, until_s)
    if not 0 < len(log.events) <= MAX_EVENTS:
        rule = f"must hold 1 to {MAX_EVENTS:,} events up to the as-of date for a handout"
        raise InputError([Problem(scenario.title, 0, "history", rule, str(len(log.events)))])
    with speaking(ENGLISH if plan is None else language_of(plan.lesson.language)):
        teller = Teller.of(plan) if plan is not None else Teller(log, channels[:1])
        told = teller.tell(until_s, True)
        begin_s = min(i.start_s for s in told.strips for i in s.intervals)
        steps = [_step(teller, until_s, begin_s, n) for n in range(1, len(told.events) + 1)]
        channel, gallery = teller.channels[0], LogGallery(log)
        own = [s for s in told.strips if s.channel == channel]
        template = environment("sim.seminar.pages").get_template("handout.html")
        return template.render(
            title=plan.title if plan is not None else scenario.title,
            about=scenario.question,
            log_title=log.title,
            first=told.first,
            last=told.last,
            channel=log.channels[channel].title or channel,
            events=told.events,
            steps=steps,
            viewpoints=[s.viewpoint for s in own],
            bands=Markup(_bands(own, begin_s, until_s)),
            legend=legend({channel: log.channels[channel]}),
            colours=STATE_COLOURS,
            figures=[
                Markup(plots.svg(gallery.timeline(channel))),
                Markup(plots.svg(gallery.divergence(channel))),
            ],
            asked=_asked(plan, teller) if plan is not None else [],
            version=program_version(),
        )


def _step(teller: Teller, until_s: int, begin_s: int, place: int) -> Step:
    at_s = teller.after(until_s, place)
    told = teller.tell(until_s, True, at_s)
    views = tuple(v for v in told.views if v.channel == teller.channels[0])
    return Step(told.at, views, (at_s - begin_s) / max(1, until_s - begin_s))


_HATCHING = (
    '<defs><pattern id="not-known" width="8" height="26" patternUnits="userSpaceOnUse">'
    f'<rect width="8" height="26" fill="{PAPER}"/><path d="M0,0L8,26" stroke="{RULE}"/>'
    "</pattern></defs>"
)


def _bands(strips: list[Strip], begin_s: int, end_s: int) -> str:
    """Draw the states over time, one band a viewpoint, on a scale from 0 to 1,000."""
    span, tall = max(1, end_s - begin_s), 26
    body = ""
    for n, strip in enumerate(strips):
        for interval in strip.intervals:
            x = 1_000 * (interval.start_s - begin_s) / span
            wide = 1_000 * (interval.end_s - interval.start_s) / span
            state = interval.state
            fill = "url(#not-known)" if state is None else STATE_COLOURS[state]
            named = {"viewpoint": viewpoint_name(strip.viewpoint), "state": state_name(state)}
            words = escape(_("{viewpoint}: {state}", **named))
            body += (
                f'<rect x="{x:.2f}" y="{n * (tall + 6)}" width="{wide:.2f}" height="{tall}" '
                f'fill="{fill}"><title>{words}</title></rect>'
            )
    high, said = len(strips) * (tall + 6), _("States of the channel over time")
    curtain = f'<rect id="curtain" x="1000" y="0" width="0" height="{high}" fill="#ffffff"/>'
    mark = f'<rect id="mark" x="998" y="0" width="3" height="{high}" fill="#9b1c1c"/>'
    return (
        f'<svg viewBox="0 0 1000 {high}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(said)}">'
        f"{_HATCHING}{body}{curtain}{mark}</svg>"
    )


def _asked(plan: Plan, teller: Teller) -> list[Asked]:
    return [
        Asked(
            r.title,
            spoken(r.cut),
            q.text,
            tuple(option_words(q)),
            option_words(q)[q.truth],
            tuple(
                _uncounted(told, q.viewpoint, plan.log)
                for told in teller.found(r.end_s, True, q.uncounted)
            ),
            q.source,
        )
        for r in plan.rounds
        for q in r.questions
    ]


def _uncounted(told: Told, viewpoint: str, log: Log) -> str:
    """Say that a side does not count a contact, and what it says of it."""
    head = f"{colon(told.date)} {told.title}. {not_counted(viewpoint, log)}"
    said = [f"{colon(a.party)} {sentence(a.text)}" for a in told.accounts]
    return " ".join([head, *said])
