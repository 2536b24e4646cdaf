"""What students can read in a lesson: a teacher sees the evening before what gives it away."""

from __future__ import annotations

from sim.seminar.lesson.disguised import disguised
from sim.seminar.lesson.plan import Plan
from sim.seminar.pages.past import Teller
from sim.seminar.play.worlds import PlayPlan


def readable(plan: Plan) -> list[str]:
    """List the summaries and doubts that students can read, where each first appears: before the
    vote of a round, or after its reveal. In a lesson in disguise they are in disguise up to its
    end."""
    seen, lines = set[tuple[str, str]](), list[str]()
    worn = disguised(plan)
    shown = plan if worn is None else worn.plan
    teller = Teller.of(shown)
    for round_ in shown.rounds:
        number = round_.number + 1
        steps = (
            (f"Round {number}, before the vote", round_.cut_s),
            ("after its reveal", round_.end_s),
        )
        for words, until_s in steps:
            last = worn is not None and plan.play is None and number == len(plan.rounds)
            if last and until_s == round_.end_s:  # the disguise is lifted
                break
            lines.append(f"  {words}:")
            for event in teller.tell(until_s, False).events:
                if (event.date, event.title) not in seen:
                    doubt = f" Doubt: {event.doubt}" if event.doubt else ""
                    lines.append(f"    {event.date}: {event.title}. {event.summary}{doubt}")
                    seen.add((event.date, event.title))
    plan = shown
    if plan.play is not None:
        lines += _in_play(plan.play, dict(plan.lesson.retold))
    return lines


def _in_play(plan: PlayPlan, retold: dict[str, str]) -> list[str]:
    """List the summaries and doubts that the teams can read, where nobody changes history."""
    teller = Teller(plan.worlds.history(), [*plan.channels][:1], retold)
    told = teller.tell(plan.end_s, False).events
    lines = [f"    {e.date}: {e.title}. {e.summary}" for e in told if e.summary or e.doubt]
    return [f"  In the role play, from its first day to its last: {len(told)} events", *lines]
