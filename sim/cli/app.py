"""The `sim` command. Heavy modules are imported where they are used, so that help is instant."""

from __future__ import annotations

import sys

try:
    import gc
    import io
    import json
    import os
    from contextlib import suppress
    from dataclasses import replace
    from pathlib import Path
    from threading import Thread
    from typing import TYPE_CHECKING, Annotated, NoReturn

    import typer

    from sim.cli import agree as cli_agree
    from sim.cli import archive as cli_archive
    from sim.cli import cite as cli_cite
    from sim.cli import classes as cli_classes
    from sim.cli import coding as cli_coding
    from sim.cli import explore as cli_explore
    from sim.cli import hindcast as cli_hindcast
    from sim.cli import kit as cli_kit
    from sim.cli import learn as cli_learn
    from sim.cli import plot as cli_plot
    from sim.cli import pool as cli_pool
    from sim.cli import seminar as cli_seminar
    from sim.cli import sensitivity as cli_sensitivity
    from sim.cli import studies as cli_studies
    from sim.cli.console import (
        Draws,
        Json,
        Replications,
        Seed,
        Workers,
        console,
        print_json,
        progress,
        table,
    )
    from sim.cli.studies import Executor
    from sim.ground.errors import RENAMED, BackchannelError, InputError, of_each, one_problem
    from sim.ground.letters import broken_text, plain, visible
    from sim.ground.memory import check_memory
except KeyboardInterrupt:  # the first imports take a moment, and `main` is not there yet
    sys.exit(130)

if TYPE_CHECKING:
    from sim.ensemble.settings import How
    from sim.model.compiled_scenario import CompiledScenario
    from sim.study.run import Run
    from sim.study.running import Order


HEAVY = {
    "agree",
    "classes",
    "compare",
    "design",
    "hindcast",
    "kit",
    "learn",
    "plot",
    "pool",
    "run",
    "sensitivity",
    "verify",
    "why",
}
"""Commands that load what compiles, computes and draws."""


def _version(wanted: bool) -> None:
    if wanted:
        from sim.ground.version import program_version

        print(f"backchannel {program_version()}")
        raise typer.Exit


app = typer.Typer(
    name="sim",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Simulate a diplomatic channel between two governments: from coded events to its possible "
    "futures.\n\nStart with [bold]sim new my-question[/bold], or with "
    "[bold]sim run scenarios/new-delhi.yaml[/bold].",
)


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


def main() -> NoReturn:
    """Run the command; turn expected errors into sentences and exit codes."""
    # imports and figures make millions of objects that live to the end: looking through them for
    # garbage, again and again, took a quarter of a run's time
    gc.set_threshold(500_000, 20, 20)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a minus sign is no reason to fail
            if os.name == "nt" and not stream.isatty():  # its code page would spoil what is kept
                stream.reconfigure(encoding="utf-8")
    try:
        for word in sys.argv[1:]:  # a file may be called like an option that is none
            option = word.partition("=")[0]
            if option.startswith("-") and broken_text(option):
                raise one_problem("sim", "there is no such option", word)
            if option.startswith("--") and option in RENAMED:
                raise one_problem(option, f"is now called {RENAMED[option]}")
        if {*sys.argv[1:2]} & HEAVY:
            check_memory()
        try:
            app()
        finally:
            if sys.stdout is not None:  # None where the caller closed it
                sys.stdout.flush()
            gc.freeze()  # and what is left ends with the process
    except InputError as error:
        problems = error.problems
        if any(p.of_whole for p in problems):
            from sim.scenario.lines import on_lines  # what reads scenarios takes a while to load

            problems = on_lines(problems, map(Path, filter(_is_scenario, sys.argv[2:])))
        _complain(*map(str, problems))
        sys.exit(2)
    except BackchannelError as error:
        _complain(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        _complain("stopped")
        sys.exit(130)
    except MemoryError:
        _complain("not enough memory: ask for fewer worlds (-n) or workers, or close programs")
        sys.exit(1)
    except BrokenPipeError:
        # the reader of our output has gone: nobody is left to tell, now or as Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        _complain(f"{error.filename or 'sim'}: {error.strerror or error}")
        sys.exit(1)
    sys.exit(0)


def _is_scenario(word: str) -> bool:
    return word.endswith((".yaml", ".yml"))


def _complain(*lines: str) -> None:
    for line in lines:
        print(visible(line), file=sys.stderr)


@app.command()
def run(
    scenario: Annotated[Path, typer.Argument(help="The scenario, a YAML file.")],
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = None,
    executor: Executor = None,
    out: Annotated[
        Path | None, typer.Option(help="The run's folder. A run that was stopped there goes on.")
    ] = None,
    interval_width: Annotated[
        float | None,
        typer.Option(
            min=0.0001,
            max=0.5,
            help="Run until every 95 % interval is this narrow, such as 0.005; -n is then the cap.",
        ),
    ] = None,
    draws: Draws = None,
    events: Annotated[
        bool, typer.Option("--events", help="Keep every event of every world, as Parquet.")
    ] = False,
    cluster: Annotated[
        str | None, typer.Option(help="A Dask scheduler to spread the work over.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a scenario: many possible worlds, their outcomes, figures and a report."""
    from sim.ensemble.settings import settings
    from sim.report.runs import kept
    from sim.scenario.provenance import scenario_digest
    from sim.seminar.lesson.block import load_scenario
    from sim.study.running import ordered

    loaded = load_scenario(scenario)
    asked: How = {"replications": replications, "seed": seed, "workers": workers}
    asked |= {"executor": executor, "cluster": cluster, "draws": draws}
    how = settings(asked, loaded.ensemble, interval_width=interval_width)
    folder = out or Path("runs") / (
        f"{plain(scenario.stem)}-{scenario_digest(loaded)[:8]}-n{how.replications}-s{how.seed}"
        f"{f'-p{interval_width:g}' if interval_width else ''}{'-events' if events else ''}"
        f"{cli_studies.of_draws(draws)}"
    )
    if loaded.sweep:
        if interval_width or events or draws:
            rule = "a sweep takes none of --interval-width, --events and --draws"
            raise one_problem("sweep", rule)
        cli_studies.run_sweep(loaded, folder, how, as_json=as_json)
        return
    order = ordered(loaded, how)
    if cluster is None:
        _forewarn(order, folder)
        if how.executor == "kernel":
            _load_drawing_during(order.program)
    try:
        with progress(quiet=as_json) as shown:
            how = replace(how, progress=shown, note=getattr(shown, "note", None))
            finished = kept(replace(order, how=how), folder, events=events)
    except KeyboardInterrupt:
        _complain(f"stopped; what is finished is kept in {folder}: run the same command to go on")
        raise typer.Exit(130) from None
    if as_json:
        print_json(finished.summary() | {"folder": str(folder)})
        return
    _show(finished, folder)


def _forewarn(order: Order, folder: Path) -> None:
    """Say that a run will take long, where it will; one that is finished takes no time."""
    from sim.cli.duration import forewarned
    from sim.ground.saying import say_once
    from sim.report.runfolder import PROVENANCE

    if (folder / PROVENANCE).is_file():
        return
    if said := forewarned(order.program, order.how):
        say_once(said)


def _load_drawing_during(program: CompiledScenario) -> None:
    """Import what a report needs, which takes a while, beside the simulation.

    The kernel leaves Python to others once it runs, so it is loaded first.
    """
    from sim.kernel import run as kernel

    def load() -> None:
        with suppress(ImportError):  # who draws imports it too, and is told
            import sim.report.report  # noqa: F401

    kernel.run(program, 0, 0, 0)
    Thread(target=load, daemon=True).start()


def _show(finished: Run, folder: Path) -> None:
    from sim.report.caveats import caveats
    from sim.report.governing import governed
    from sim.report.numbers import estimate, with_other_weights
    from sim.report.resting import about_fit, about_weights, rests_on
    from sim.results.outcomes import in_file_order

    out, scenario = console(), finished.scenario
    out.print(f"\n{scenario.title}", style="bold")
    out.print(f"{scenario.question}\n", style="italic")
    ranged = any(a.over_weights for a in finished.answers)
    heads = ["Estimate", *(["With other weights"] if ranged else [])]
    heads += [*(["Rests on"] if finished.rests else []), "Simulation's interval", "Spread"]
    answers = table("Outcome", *heads)
    for answer in in_file_order(scenario, finished.answers):
        value, interval, remark = estimate(answer)
        over = [with_other_weights(answer.over_weights)] if ranged else []
        rests = [rests_on(finished, answer.name)] if finished.rests else []
        answers.add_row(answer.title, value, *over, *rests, interval, remark)
    if finished.answers:
        out.print(answers)
    for sentence in governed(finished):
        out.print(f"\n{sentence}")
    out.print(
        f"\nA {finished.level} over {finished.replications:,} worlds, "
        f"{scenario.as_of} to {scenario.until}, seed {finished.seed}."
    )
    rest = (*caveats(scenario), *about_fit(finished), *about_weights(finished))
    for note in [*finished.notes, *rest]:
        out.print(f"Note: {note.rstrip('.')}.")
    out.print(f"Report: {visible(str(folder / 'report.html'))}", soft_wrap=True)


@app.command()
def replay(
    log: Annotated[Path, typer.Argument(help="A log: .yaml, .yml or .jsonl.")],
    at: Annotated[str | None, typer.Option(help="The end of this day, such as 2023-03-02.")] = None,
    viewpoint: Annotated[
        str, typer.Option("--as", help="Whose view: observer, public, or a party such as USA.")
    ] = "observer",
    as_json: Json = False,
) -> None:
    """Say what state each channel of a log was in, since when, and by which event."""
    from sim.cli.replay import replayed, show_replay
    from sim.log.file import load

    found = replayed(load(log), viewpoint, at)
    if as_json:
        print_json(found)
    else:
        show_replay(found)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Scenarios and logs.")],
    for_learning: Annotated[
        bool, typer.Option("--for-learning", help="Say what `sim learn` will refuse, all at once.")
    ] = False,
) -> None:
    """Check scenarios and logs; every problem of every file is named at once.

    Of a log of JSON Lines the chain is checked too. It has no key: it shows accidents and careless
    edits, and not that somebody wrote the whole log anew.
    """
    from sim.cli.check import check_file, check_for_learning
    from sim.scenario.lines import placed_in

    def checked(file: Path) -> None:
        with placed_in(file):
            print(visible(f"{file}: {(check_for_learning if for_learning else check_file)(file)}"))

    of_each(files, checked)


app.command()(cli_plot.plot)
app.command()(cli_studies.compare)
app.command()(cli_studies.why)
app.command()(cli_sensitivity.sensitivity)
app.command()(cli_studies.verify)
app.command()(cli_agree.agree)
app.command()(cli_archive.archive)
app.command()(cli_cite.cite)
app.command()(cli_learn.design)
app.command()(cli_learn.learn)
app.command()(cli_hindcast.hindcast)
app.command()(cli_pool.pool)
app.command()(cli_explore.explore)
app.command()(cli_seminar.seminar)
app.command()(cli_seminar.handout)
app.command()(cli_kit.kit)
app.command()(cli_classes.classes)


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="scenario or log.")] = "scenario",
    short: Annotated[
        bool, typer.Option("--short", help="Of a log: its kinds and fields as a list for people.")
    ] = False,
) -> None:
    """Print the JSON Schema of scenarios or logs, which editors use to complete and check."""
    from sim.scenario.jsonschema import json_schema
    from sim.seminar.lesson.block import SEMINAR

    if kind not in ("scenario", "log"):
        raise one_problem("sim schema", "the kind must be scenario or log", kind)
    if short:
        if kind != "log":
            raise one_problem("--short", "only the schema of a log has a short form", kind)
        cli_coding.show_codebook()
        return
    print(json.dumps(json_schema("log" if kind == "log" else "scenario", (SEMINAR,)), indent=2))


app.command()(cli_coding.new)
app.command("import")(cli_coding.import_)
app.command()(cli_coding.export)
