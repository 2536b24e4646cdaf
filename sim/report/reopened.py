"""Studies and fits opened again, so that their figures can be drawn in another form: from their
tables where these hold all that is drawn, else made anew over the same noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim.coding.agreement import agree
from sim.ensemble.settings import How
from sim.galleries.study_gallery import SensitivityGallery
from sim.ground.commands import LOGS, SCENARIOS, files_of
from sim.ground.errors import InputError, Problem
from sim.hindcast.look import look_beyond
from sim.learning.fitting import fit_of, set_up
from sim.learning.folder import PRIOR
from sim.learning.priors import load_prior
from sim.log.file import load
from sim.log.label import label
from sim.report import agreement, learned
from sim.report.comparison_pages import comparison_figures
from sim.report.drawing import Drawn
from sim.report.hindcasts import hindcast_figures
from sim.report.kept import Kept
from sim.report.pooled import pool_figures
from sim.report.runfolder import SCENARIO
from sim.report.sensitivity_pages import sensitivity_figures
from sim.report.sweep_pages import sweep_figures
from sim.report.why_pages import why_figures
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Scenario
from sim.study.comparing import compare
from sim.study.explaining import why
from sim.study.sweeping import sweep

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figures_of(held: Kept) -> dict[str, Callable[[], Figure]]:
    """Return what draws each figure of a study or a fit, by the name of its file in `figures/`.

    Raises:
        InputError: figures of this kind of folder are not drawn anew, or it is broken.
        RunError: it cannot be made again.
    """
    return {figure.stem: figure.own or figure.draw for figure in _drawn(held)}


def _drawn(held: Kept) -> list[Drawn]:
    record = held.record
    match held.kind:
        case "comparison":
            (base_name, base), *others = _scenarios(held).items()
            found = compare(base, dict(others), base_name=base_name, **_how(record))
            return comparison_figures(found)
        case "why":
            (scenario,) = _scenarios(held).values()
            return why_figures(why(scenario, record["outcome"], label=label, **_how(record)))
        case "sweep":
            (scenario,) = _scenarios(held).values()
            return sweep_figures(sweep(scenario, **_how(record)))
        case "sensitivity":
            return _screened(held)
        case "hindcast":
            return hindcast_figures(held.table("scores.csv"), held.table("calibration.csv"))
        case "pool":
            scored = (held.folder / "scores.csv").is_file()
            scores = held.table("scores.csv") if scored else None
            return pool_figures(held.table("law.csv"), held.table("intercepts.csv"), scores)
        case "fit":
            return learned.figures(_learned(held))
        case "agreement":
            logs = {n: load(held.folder / f) for n, f in _files(held, "logs", LOGS, ".jsonl")}
            days = {"since": record["from"], "until": record["until"]}
            return agreement.figures(agree(logs, seed=record["seed"], **days))
        case _:
            rule = f"is a {held.kind}: `sim plot` draws no figure of it anew"
            raise InputError([Problem(held.folder.as_posix(), 0, "", rule)])


def _how(record: dict[str, Any]) -> How:
    """Return how a study was run, by its record; one of a sweep tells of no draws."""
    return {
        "replications": record["replications"],
        "seed": record["seed"],
        "draws": record.get("draws"),
    }


def _screened(held: Kept) -> list[Drawn]:
    (scenario,) = _scenarios(held).values()
    table, asked = held.table("sensitivity.csv"), held.record["outcome"]
    if {*table["outcome"]} != {*scenario.outcomes} or asked not in scenario.outcomes:
        rule = "must tell of the outcomes of the scenario: it was changed"
        raise InputError([Problem(held.folder.as_posix(), 0, "", rule)])
    return [*sensitivity_figures(SensitivityGallery(scenario, asked, table)).values()]


def _files(held: Kept, key: str, folder: str, ending: str = ".yaml") -> list[tuple[str, str]]:
    names = held.record.get(key)
    if not isinstance(names, dict):
        rule = "the record does not name what was studied: it was changed"
        raise InputError([Problem(held.folder.as_posix(), 0, key, rule)])
    return list(files_of(names, folder, ending).items())


def _scenarios(held: Kept) -> dict[str, Scenario]:
    files = _files(held, "scenarios", SCENARIOS)
    return {name: load_scenario(held.folder / file) for name, file in files}


def _learned(held: Kept) -> learned.Learned:
    prior = held.folder / PRIOR
    setup = set_up(
        load_scenario(held.folder / SCENARIO),
        prior=load_prior(prior) if prior.is_file() else None,
        reporting=None if "reporting_range" in held.record else held.record["reporting"],
        until=held.record["history"]["until"],
        seed=held.record["seed"],
    )
    fit = fit_of(setup)
    return learned.account(fit, look_beyond(fit))
