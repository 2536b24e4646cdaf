"""What `sim replay` says: the states of a log's channels, in data and in words."""

from __future__ import annotations

from typing import Any

from sim.cli.console import console
from sim.ground.dates import day, instant, parse
from sim.ground.errors import InputError, Problem, did_you_mean
from sim.ground.states import STATE_LABELS
from sim.log.events import Event
from sim.log.log import Log
from sim.log.projection import Interval, course_of, instant_of, timeline, viewpoints
from sim.log.rulebook import CONTACTS, OBSERVER

MAX_ROWS_SHOWN = 500
"""Events, and states of one channel, that the terminal shows, the latest ones; laying out a table
of 20,000 takes ten times as long as the replay. `--json` has all."""


def replayed(log: Log, viewpoint: str = OBSERVER, at: str | None = None) -> dict[str, Any]:
    """Return the state of every channel from a viewpoint, and the events up to then.

    Without `at`, the whole timeline. The form is `{"channels": {ID: {"state", "since", "event"}}}`
    with more beside: `since` is the date of the event that began the state as it was coded, or the
    day of a lapse, or of the start.

    Raises:
        InputError: an impossible date, or a viewpoint that no channel has.
    """
    course = course_of(log)
    times = course.times
    try:
        end = (max(times.values(), default=0) if at is None else instant_of(at)) + 1
    except ValueError as error:
        raise InputError([Problem("--at", 0, "", str(error), at or "")]) from None
    known = {v for c in log.channels for v in viewpoints(log, c)}
    if viewpoint not in known:
        rule = f"must be one of {', '.join(sorted(known))}{did_you_mean(viewpoint, known)}"
        raise InputError([Problem("--as", 0, "", rule, viewpoint)])
    dates = {e.id: e.coded_date or e.date for e in log.events}
    channels: dict[str, Any] = {}
    for id_ in sorted(log.channels):
        if viewpoint not in viewpoints(log, id_):
            continue
        begun = course.starts[id_]  # before it, the initial state is all that is known
        line = timeline(log, id_, viewpoint, end_s=max(end, begun + 1), course=course)
        last = line[-1]
        channels[id_] = {
            "state": last.state,
            "since": _since(last, dates),
            "event": last.event,
            "lapsed": last.lapsed,
            "known": end > begun,
        }
        if at is None:
            channels[id_]["timeline"] = [
                {
                    "state": i.state,
                    "since": _since(i, dates),
                    "until": day(i.end_s).isoformat(),
                    "event": i.event,
                    "lapsed": i.lapsed,
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
        for e in course.events
        if times[e.id] < end
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
    if entry["event"]:
        return f"by {entry['event']}"
    return "by silence" if entry["lapsed"] else "from the start"


def show_replay(found: dict[str, Any]) -> None:
    """Print what `replayed` returns for people to read."""
    from rich.table import Table
    from rich.text import Text

    out = console()
    who = "the observer" if found["viewpoint"] == OBSERVER else found["viewpoint"]
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
            state = STATE_LABELS[step["state"]]
            out.print(f"  {step['since']:<{width}}  {state:<14} {_why(step)}")
        state, since, why = STATE_LABELS[entry["state"]], entry["since"], _why(entry)
        head = Text.assemble((id_, "bold"), f" on {found['at'][:10]}: ")
        if not entry["known"]:
            out.print(head.append(f"not known; {state} from {since} on, {why}"))
            continue
        out.print(head.append(state, "bold").append(f" since {since}, {why}"))
    vague = [e for e in found["events"] if e["kind"] in CONTACTS and not parse(e["date"]).is_exact]
    lapsed = [s for c in found["channels"].values() for s in c.get("timeline", [c]) if s["lapsed"]]
    if vague and lapsed:
        rule = "Silence counts from the middle of a date that is not exact."
        out.print(f"\n{rule}", style="dim")
