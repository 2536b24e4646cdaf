"""The page of several classes: scores, calibration, and what the discussion gained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import plots
from sim.ground.files import write_safely
from sim.ground.tables import write_tables
from sim.report.contents import write_figures
from sim.report.datapackage import write_package
from sim.report.drawing import Drawn
from sim.report.pages import page
from sim.report.studyfolder import claim, record
from sim.seminar.lesson.classes import ClassResult, Compared, Estimate, Held, by_question
from sim.seminar.lesson.plan import Plan
from sim.seminar.lesson.record import LESSON
from sim.seminar.lesson.results import SIMULATOR, last_word
from sim.seminar.pages.sheets import sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DISGUISED = "in disguise"


def classes_record(plan: Plan, classes: Iterable[Held], seed: int) -> dict[str, Any]:
    """Return what the folder says of itself."""
    seals = [[c.name, *sorted(s.sha256 for s in LESSON.of(c.room).seals.values())] for c in classes]
    scenarios = {"lesson": plan.scenario}
    return record("classes", scenarios, seed, 0, lesson=plan.digest, classes=seals)


def save_classes(plan: Plan, compared: Compared, seed: int, folder: Path) -> Path:
    """Write the tables, the figure and the page into a folder; return the page.

    Raises:
        RunError: the disk refuses, or the folder holds something else.
    """
    study = classes_record(plan, [c.held for c in compared.classes], seed)
    claim(folder, study, {})
    scores, calibration = figures = [scores_figure(compared), calibration_figure(compared)]
    write_figures(figures, folder)
    tables = {
        "classes.csv": _class_rows(compared),
        "class-questions.csv": _question_rows(plan, compared),
        "class-calibration.csv": _bin_rows(compared),
    }
    write_tables(folder, {name: sheet(name, rows) for name, rows in tables.items()})
    html = page(
        "classes.html",
        title=plan.title,
        classes=[(c, labelled(c)) for c in compared.classes],
        compared=compared,
        rivals=compared.rivals,
        rounds=[plan.rounds[n] for n in compared.rounds],
        left_out=len(plan.rounds) - len(compared.rounds),
        questions=by_question(plan, compared),
        summary=[*summary_of(compared)],
        scores=scores,
        calibration=calibration,
        number=number,
        interval=interval,
        signed=signed,
        apart=apart,
        made=study,
    )
    write_safely(folder / "report.html", html)
    write_package(folder, f"Classes: {plan.title}")
    return folder / "report.html"


def labelled(result: ClassResult) -> str:
    """Name a class, and say whether its lesson was in disguise."""
    return f"{result.held.name} ({DISGUISED})" if result.held.disguised else result.held.name


def scores_figure(compared: Compared) -> Drawn:
    """Draw the mean Brier score of each class beside those of the simulator and the base rate."""
    rows = [
        plots.Scored(labelled(c), c.brier.value, c.brier.low, c.brier.high)
        for c in compared.classes
    ]
    rows += [plots.Scored(r.who, r.score.brier) for r in compared.rivals]
    caption = "Mean Brier scores: 0 is best. Intervals are of students, not of questions."
    return Drawn("scores", caption, partial(plots.class_scores, rows))


def calibration_figure(compared: Compared) -> Drawn:
    """Draw the calibration of each class."""
    caption = (
        "Each dot holds probabilities of about the same size, in steps of ten points: across is "
        "their mean, up is the share of them that came true. Below the line the class was too sure "
        "that it happens, above it not sure enough. Bars say how many they are; "
        "class-calibration.csv has the numbers. Answers of one class to one question come true "
        "together, so with few questions dots lie far from the line by luck."
    )
    return Drawn("calibration", caption, partial(_drawn, compared))


def _drawn(compared: Compared) -> Figure:
    panels = [
        plots.Calibrated(
            labelled(c),
            f"{_count(c.students, 'student')}, {sum(b.count for b in c.calibration):,} numbers",
            [plots.Dot(b.lo / 100, b.hi / 100, b.mean, b.share, b.count) for b in c.calibration],
        )
        for c in compared.classes
    ]
    return plots.calibration(panels)


def summary_of(compared: Compared) -> Iterator[str]:
    """Say what came of it: the best class, its rivals, what the first differs by, and how few the
    questions are."""
    classes = compared.classes
    best = min(classes, key=lambda c: c.brier.value)
    score = number(best.brier.value)
    over = f"over {_count(compared.questions, 'question')}"
    level = [labelled(c) for c in classes if number(c.brier.value) == score]
    if len(level) > 1:
        names = f"{', '.join(level[:-1])} and {level[-1]}"
        yield f"{names} have the same mean Brier score, {score}, and none has a lower one, {over}."
    else:
        told = f"{labelled(best)} has the lowest mean Brier score, {score}"
        yield f"{told} ({interval(best.brier)}), {over}."
    for c in classes[1:]:
        assert c.difference is not None
        told = f"{labelled(c)} minus {labelled(classes[0])}: {signed(c.difference.value)} "
        told += f"({interval(c.difference, plus=True)})."
        yield f"{told} {apart(c.difference)}"
    for r in compared.rivals:
        where = "" if r.questions == compared.questions else f", over {r.questions} of them"
        yield f"{r.who} has {number(r.score.brier)}{where}."


def apart(difference: Estimate) -> str:
    """Say whether students drawn anew would give a difference of the same sign."""
    if difference.low > 0 or difference.high < 0:
        return "More than the choice of students explains."
    return "The choice of students may explain it."


def number(value: float) -> str:
    """Write a score."""
    return f"{value:.2f}"


def signed(value: float) -> str:
    """Write a difference of scores."""
    text = f"{value:+.2f}"
    return "0.00" if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def interval(estimate: Estimate, *, plus: bool = False) -> str:
    """Write where 19 in 20 means of students drawn anew lie."""
    write = signed if plus else number
    return f"{write(estimate.low)} to {write(estimate.high)}"


def _count(many: int, what: str) -> str:
    return f"{many:,} {what}{'' if many == 1 else 's'}"


Rows = Iterator[list[str | float]]


def _three(estimate: Estimate | None) -> list[str | float]:
    if estimate is None:
        return ["", "", ""]
    return [_six(estimate.value), _six(estimate.low), _six(estimate.high)]


def _six(value: float) -> float:
    """Round to what a table holds; a number, since a text with a minus is made harmless."""
    return round(value, 6)


def _class_rows(compared: Compared) -> Rows:
    """Give one row a class, and one each for the simulator and the base rate."""
    for c in compared.classes:
        worn = "true" if c.held.disguised else "false"
        yield [
            *("class", c.held.name, worn, c.students, compared.questions, c.answers),
            *(*_three(c.brier), *_three(c.log), _six(c.forecast.brier), _six(c.forecast.log)),
            *(*_three(c.gain), c.twice, *_three(c.difference)),
        ]
    for r in compared.rivals:
        kind = "simulator" if r.who == SIMULATOR else "base rate"
        brier, log = _six(r.score.brier), _six(r.score.log)
        yield [kind, "", "", "", r.questions, "", brier, "", "", log, *[""] * 11]


def _question_rows(plan: Plan, compared: Compared) -> Rows:
    """Give one row a question and class."""
    for round_, question, scores in by_question(plan, compared):
        came = question.options[question.truth]
        for c, found in zip(compared.classes, scores, strict=True):
            head = [question.id, question.text, came, c.held.name]
            students = len(last_word(c.held.room, round_.number))
            scores_ = [_six(found.brier), _six(found.log)]
            yield [round_.number + 1, *head, students, *scores_]


def _bin_rows(compared: Compared) -> Rows:
    """Give one row a class and bin."""
    for c in compared.classes:
        for b in c.calibration:
            yield [c.held.name, b.lo, b.hi, _six(b.mean), _six(b.share), b.count]
