"""The command `seminar`."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import console
from sim.ground.errors import InputError, Problem, one_problem
from sim.ground.files import write_safely
from sim.ground.letters import visible

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    from sim.seminar.lesson.plan import Plan
    from sim.seminar.web.serve import Opened

MOST_REHEARSED = 300
MOST_LETTERS = 253
"""Letters of a computer's name."""


def seminar(
    scenario: Annotated[Path, typer.Argument(help="A scenario, with a lesson or without one.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The folder of the record. A lesson that was stopped there goes on."),
    ] = None,
    host: Annotated[
        str,
        typer.Option(help="Where to listen: this computer only, or 0.0.0.0 for the whole room."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; 0 is any free one.")] = (
        8_000
    ),
    address: Annotated[
        str | None,
        typer.Option(help="The address that students type, where it is not this computer's own."),
    ] = None,
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            help="The address of a proxy before the room. What it says of who asks is believed: it "
            "must set X-Forwarded-For. May be given more than once."
        ),
    ] = None,
    home: Annotated[
        bool,
        typer.Option("--home", help="A role play without a class: who has the link plays alone."),
    ] = False,
    rehearse: Annotated[
        int | None,
        typer.Option(
            min=3,
            max=MOST_REHEARSED,
            help="Play the lesson with so many scripted students, check the record, and stop.",
        ),
    ] = None,
    export: Annotated[
        bool, typer.Option("--export", help="Write the record and the scores, and stop.")
    ] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Exports name the students; numbers otherwise.")
    ] = False,
    anonymous: Annotated[
        bool,
        typer.Option(
            "--anonymous",
            help="With --export: write tables for a study of learning instead, without names, "
            "texts and times of day.",
        ),
    ] = False,
    moodle: Annotated[
        Path | None,
        typer.Option(
            help="With --export: a list of Moodle's participants, in CSV. The grades of those who "
            "are in it are written for Moodle's gradebook."
        ),
    ] = None,
) -> None:
    """Hold a seminar: a class forecasts, round by round, on its own phones and laptops."""
    need_packages("seminar")
    from sim.seminar.lesson.block import load_scenario
    from sim.seminar.lesson.plan import plan_of
    from sim.seminar.lesson.session import check_home
    from sim.seminar.pages.anonymous import save_anonymous
    from sim.seminar.pages.export import save_exports
    from sim.seminar.pages.moodle import MOODLE, moodle_grades
    from sim.seminar.pages.roster import load_roster
    from sim.seminar.web.secret import new_salt
    from sim.seminar.web.serve import check_folder, open_room, serve
    from sim.seminar.what_if.whole import RECORD, take_up

    if address is not None:
        address = _address(address)
    proxies = _proxies(proxy or [])
    plan = plan_of(load_scenario(scenario), scenario.as_posix())
    _check_exports(export, names, anonymous, moodle)
    folder = out or Path("seminars") / f"{scenario.stem}-{plan.digest[:8]}"
    check_folder(folder)
    if home:
        check_home(plan)
        if rehearse is not None or export:
            raise one_problem("--home", "cannot be given with --rehearse or --export")
    if rehearse is not None:
        from sim.seminar.web.rehearsal import rehearse as play

        found = play(plan, rehearse, out)
        for line in found.lines():
            print(line)
        if found.failed:
            raise typer.Exit(1)
        return
    if export and not (folder / RECORD).exists():
        raise one_problem(str(folder), "holds no record: no lesson of this scenario was held there")
    roster = None if moodle is None else load_roster(moodle)
    session = take_up(plan, folder)
    try:
        if export and anonymous:
            for path in save_anonymous(session, folder, new_salt()):
                print(path)
            return
        if export:
            graded = None
            if roster is not None and moodle is not None:  # before anything is written
                graded = moodle_grades(session, roster, moodle)
            paths = save_exports(session, folder, names=names)
            for path in paths:
                print(path)
            if graded is not None:
                text, told = graded
                write_safely(paths[0].parent / MOODLE, text)
                print(paths[0].parent / MOODLE)
                for line in told:
                    print(visible(line))
            return
        opened = open_room(session, host, port, address, lambda: _prepare(session, home), proxies)
        serve(opened, lambda: _tell(plan, opened, folder, host))
        for path in save_exports(session, folder, names=names):
            print(path)
    finally:
        session.store.close()


def _check_exports(export: bool, names: bool, anonymous: bool, moodle: Path | None) -> None:
    """Refuse options of an export that do not fit each other.

    Raises:
        InputError: they do not.
    """
    given = {"--anonymous": anonymous, "--moodle": moodle is not None}
    problems = [
        Problem(option, 0, "", "needs --export")
        for option, wanted in given.items()
        if wanted and not export
    ]
    if anonymous and (names or moodle is not None):
        other = "--names" if names else "--moodle"
        problems.append(Problem("--anonymous", 0, "", f"cannot be given with {other}"))
    if problems:
        raise InputError(problems)


def need_packages(command: str) -> None:
    """Refuse where the packages of the seminar are missing.

    Raises:
        InputError: they are.
    """
    try:
        import disarm  # noqa: F401
        import segno  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401

        if find_spec("icalendar") is None:  # it takes a while to load, and few lessons need it
            raise ImportError(name="icalendar")
    except ImportError as error:
        rule = "needs the packages of the seminar: pip install 'backchannel[seminar]'"
        raise one_problem(f"sim {command}", rule, error.name or "") from None


def _address(given: str) -> str:
    """Return an address as browsers write it: in small letters, without the usual port."""
    from ipaddress import ip_address
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(given)
        scheme, name, port = parts.scheme, parts.hostname or "", parts.port
        good = scheme in ("http", "https") and parts.username is None and port != 0
        good = good and given.isprintable() and parts.path in ("", "/")
        good = good and not {"?", "#"} & {*given}
        if ":" in name:
            name = f"[{ip_address(name)}]"
        else:
            good = good and re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", name) is not None
            good = good and len(name) <= MOST_LETTERS
    except ValueError:
        good = False
    if not good:
        rule = "must be an address such as http://192.168.1.5:8000 or https://seminar.example.org"
        raise one_problem("--address", rule, given[:60])
    usual = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{name}" + ("" if port in (None, usual) else f":{port}")


def _proxies(given: list[str]) -> list[IPv4Network | IPv6Network]:
    """Return the addresses of proxies, or of networks of them."""
    from ipaddress import ip_network

    found, problems = [], []
    for text in given:
        try:
            found.append(ip_network(text))
        except ValueError:
            rule = "must be the address of a computer, such as 127.0.0.1, or of a network of them"
            problems.append(Problem("--proxy", 0, "", rule, text))
    if problems:
        raise InputError(problems)
    return found


def _prepare(session: object, home: bool) -> None:
    from sim.seminar.lesson.record import LESSON
    from sim.seminar.lesson.session import Session
    from sim.seminar.web.room import OpenRoom
    from sim.seminar.web.secret import new_code, new_seed
    from sim.seminar.web.serve import add_forecasts
    from sim.seminar.what_if.from_lesson import base_of
    from sim.seminar.what_if.world_queue import warm

    assert isinstance(session, Session)
    session.open(OpenRoom.now_ms(), new_code(), new_seed())
    if home:
        session.open_home(OpenRoom.now_ms())
    missing = len(session.plan.rounds) - len(LESSON.of(session.room).forecasts)
    if missing:
        rounds = "1 round" if missing == 1 else f"{missing} rounds"
        print(f"The simulator forecasts {rounds} ...")
        add_forecasts(session)
    warm(base_of(session.plan))


def _tell(plan: Plan, opened: Opened, folder: Path, host: str) -> None:
    from sim.seminar.play.alone import ALONE

    out, at = console(), opened.room.address
    out.print(f"\n{plan.title}", style="bold")
    if plan.offered:
        out.print("The scenario has no lesson: this one was made from its history.")
    out.print(f"\nStudents   {at}   code {opened.code}", soft_wrap=True)
    if ALONE.of(opened.room.session.room).home:
        out.print(f"One link   {at}/?code={opened.code}   everybody plays alone", soft_wrap=True)
    if plan.days is not None:
        out.print(f"One link   {at}/?code={opened.code}   each round by its dates", soft_wrap=True)
    out.print(f"Teacher    {at}/teacher/enter?key={opened.key}", soft_wrap=True)
    out.print("Projector  open it from the teacher's page")
    out.print(f"Record     {folder}", soft_wrap=True)
    if host in ("127.0.0.1", "localhost", "::1") and not opened.room.proxies:
        out.print("\nOnly this computer can open it. For a class: --host 0.0.0.0")
    out.print("Ctrl-C closes the room. The same command opens it again where it was.\n")


def handout(
    scenario: Annotated[
        Path, typer.Argument(help="A scenario with a history; a lesson may be in it.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="The file; NAME-handout.html by default.")
    ] = None,
    lift: Annotated[
        bool,
        typer.Option("--lift", help="Of a lesson in disguise: with the true names, for its end."),
    ] = False,
) -> None:
    """Write a handout: one HTML file that tells the history event by event, without a network."""
    from sim.ground.files import write_safely
    from sim.seminar.lesson.block import load_scenario
    from sim.seminar.pages.handout import handout as written

    target = out or Path(f"{scenario.stem}-handout.html")
    if target.suffix.lower() not in (".html", ".htm"):
        raise one_problem("--out", "must end in .html", target.name)
    write_safely(target, written(load_scenario(scenario), lift=lift))
    print(target)
