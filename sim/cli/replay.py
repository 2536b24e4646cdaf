"""What `sim replay` says: the states of a log's channels, in data and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.cli.console import console
from sim.ground.dates import DAY_S, day, instant, parse
from sim.ground.errors import did_you_mean, one_problem
from sim.ground.states import NOT_KNOWN, state_name
from sim.log.events import Event
from sim.log.kinds import CONTACTS
from sim.log.knowing import PUBLIC
from sim.log.log import Log
from sim.log.projection import (
    Interval,
    course_of,
    every_viewpoint,
    instant_of,
    known_events,
    sees,
    start_of,
    timeline,
)
from sim.log.rulebook import OBSERVER

MAX_ROWS_SHOWN = 500
"""Events, and states of one channel, that the terminal shows, the latest ones; laying out a table
of 20,000 takes ten times as long as the replay. `--json` has all."""


def replayed(log: Log, viewpoint: str = OBSERVER, at: str | None = None) -> dict[str, Any]:
    """Return the state of every channel from a viewpoint, and the events up to then.

    Without `at`, the whole timeline, and the days in each state. The form is `{"channels": {ID:
    {"state", "since", "event"}}}` with more beside: `since` is the date of the event that began the
    state as it was coded, or the day of a lapse, of the start, or on which the viewpoint learned of
    the event. `state` is None where it is not known. Nothing here tells what the viewpoint did not
    know by then.

    Raises:
        InputError: an impossible date, or a viewpoint that no channel has.
    """
    course = course_of(log)
    times = course.times
    try:
        end = (max(times.values(), default=0) if at is None else instant_of(at)) + 1
    except ValueError as error:
        raise one_problem("--at", str(error), at or "") from None
    views = every_viewpoint(log)
    if viewpoint not in views:
        rule = f"must be one of {', '.join(views)}{did_you_mean(viewpoint, views)}"
        raise one_problem("--as", rule, viewpoint)
    if at is None:  # to the end of what the viewpoint comes to know
        end = max(
            [end, *(s + 1 for s, _, _ in known_events(log, course.events, viewpoint, course))]
        )
    known = known_events(log, course.events, viewpoint, course, end)
    late = {e.id: day(since).isoformat() for since, _, e in known if since > times[e.id]}
    dates = {e.id: e.coded_date or e.counts_from for e in log.events} | late
    channels: dict[str, Any] = {}
    for id_ in sees(log, viewpoint):
        begun = start_of(log, id_, viewpoint, course, end)  # before it, the state is not known
        line = timeline(log, id_, viewpoint, end_s=max(end, begun + 1), course=course)
        last = line[-1]
        channels[id_] = {
            "title": log.channels[id_].title,
            "state": last.state,
            "since": _since(last, dates),
            "event": last.event,
            "lapsed": last.lapsed,
            "why": last.why,
            "known": end > begun and last.state is not None,
            "complete_from": log.channels[id_].complete_from,
        }
        if at is None:
            channels[id_]["days"] = _days(line)
            channels[id_]["timeline"] = [
                {
                    "state": i.state,
                    "since": _since(i, dates),
                    "until": day(i.end_s).isoformat(),
                    "event": i.event,
                    "lapsed": i.lapsed,
                    "why": i.why,
                }
                for i in line
            ]
    events = [
        {
            "id": e.id,
            "date": e.coded_date or e.date,
            "kind": e.kind,
            "channel": e.channel,
            "by": e.by,
        }
        | ({} if viewpoint == OBSERVER else {"told": _told(e, viewpoint)})
        for _, _, e in sorted(known, key=lambda k: k[1])
    ]
    return {
        "title": log.title,
        "viewpoint": viewpoint,
        "at": instant(end - 1),
        "channels": channels,
        "events": events,
    }


def _since(interval: Interval, dates: dict[str, str]) -> str:
    return dates[interval.event] if interval.event else day(interval.start_s).isoformat()


def _days(line: list[Interval]) -> dict[str, float]:
    """Return the days in each state, and those in which it is not known."""
    found: dict[str, float] = {}
    for interval in line:
        name = interval.state or "not_known"
        found[name] = found.get(name, 0.0) + (interval.end_s - interval.start_s) / DAY_S
    return {name: round(days, 2) for name, days in found.items()}


def _told(event: Event, party: str) -> str:
    """Say what an event was in a party's own telling, where that is another than the coder's."""
    account = event.accounts.get(party)
    if account is None:
        return ""
    if account.denial:
        return "denied"
    kind = account.kind if account.kind not in (None, event.kind) else None
    return (kind or "").replace("_", " ")


def _why(entry: dict[str, Any]) -> str:
    if entry["state"] is None:
        return "nothing is coded, and the log is not complete"
    if entry["event"]:
        return f"by {entry['event']}" + (", unanswered" if entry["why"] == "unanswered" else "")
    return "by silence" if entry["lapsed"] else "from the start"


def about_silence(complete_from: Sequence[str | None]) -> str:
    """Say in one sentence what it means that channels have no `complete_from`; empty where each has
    one."""
    number, of = sum(c is None for c in complete_from), len(complete_from)
    if not number:
        return ""
    if number < of:
        which = f"{number} of {of} channels {'has' if number == 1 else 'have'}"
    else:
        which = "No channel has" if of > 1 else "The channel does not have"
    which += " a" if number == of else " no"
    return (
        f"{which} `complete_from`, the day from which the log holds all contact: without it "
        "silence does not show that a channel is cut off, and its state is not known once what "
        "is coded has lapsed."
    )


def show_replay(found: dict[str, Any]) -> None:
    """Print what `replayed` returns for people to read."""
    from rich.table import Table
    from rich.text import Text

    out = console()
    named = {OBSERVER: "the observer", PUBLIC: "the public"}
    who = named.get(found["viewpoint"], found["viewpoint"])
    out.print(Text.assemble("\n", (found["title"], "bold"), f", as {who} sees it\n"))

    def earlier(number: int, what: str) -> None:
        if number > MAX_ROWS_SHOWN:
            out.print(f"{number - MAX_ROWS_SHOWN:,} earlier {what} are not shown: --json has all\n")

    events = Table(box=None, pad_edge=False, header_style="bold")
    several = len({e["channel"] for e in found["events"]}) > 2
    told = (
        [f"As {found['viewpoint']} tells it"] if any(e.get("told") for e in found["events"]) else []
    )
    for name in ("Date", "Event", "Kind", "By", *(["Channel"] if several else []), *told):
        events.add_column(name, overflow="fold", no_wrap=name in ("Date", "Event"))
    earlier(len(found["events"]), "events")
    for e in found["events"][-MAX_ROWS_SHOWN:]:
        row = [e["date"], e["id"], e["kind"].replace("_", " "), e["by"] or ""]
        row += [e["channel"] or "all"] if several else []
        row += [e["told"]] if told else []
        events.add_row(*row)
    out.print(events)
    for id_, entry in found["channels"].items():
        out.print()
        line = entry.get("timeline", [])
        width = max((len(step["since"]) for step in line), default=0)
        earlier(len(line), "states")
        for step in line[-MAX_ROWS_SHOWN:]:
            state = state_name(step["state"])
            out.print(f"  {step['since']:<{width}}  {state:<14} {_why(step)}")
        name = f"{entry['title']} ({id_})" if entry["title"] else id_
        state, since, why = state_name(entry["state"]), entry["since"], _why(entry)
        head = Text.assemble((name, "bold"), f" on {found['at'][:10]}: ")
        if entry["known"]:
            out.print(head.append(state, "bold").append(f" since {since}, {why}"))
        elif entry["state"] is None:
            out.print(head.append(state, "bold").append(f" since {since}: {why}"))
        else:
            out.print(head.append(f"{NOT_KNOWN}; {state} from {since} on, {why}"))
        if len(entry.get("days", ())) > 1:
            parts = [
                f"{state_name(None if s == 'not_known' else s)} {days:,.0f}"
                for s, days in entry["days"].items()
            ]
            out.print(f"  Days: {', '.join(parts)}")
    vague = [e for e in found["events"] if e["kind"] in CONTACTS and not parse(e["date"]).is_exact]
    lapsed = [s for c in found["channels"].values() for s in c.get("timeline", [c]) if s["lapsed"]]
    if vague and lapsed:
        rule = "Silence counts from the middle of a date that is not exact."
        out.print(f"\n{rule}", style="dim")
    shown = found["channels"].values()
    gaps = any(s["state"] is None for c in shown for s in c.get("timeline", [c]))
    if gaps and (rule := about_silence([c["complete_from"] for c in shown])):
        out.print(f"\n{rule}", style="dim")
