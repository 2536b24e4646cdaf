"""A design as a table, which anyone can fit elsewhere: a row a question, a column a feature."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import polars as pl

from sim.ground.column import Column
from sim.ground.columns import TABLES
from sim.ground.dates import instant
from sim.learning.decision_points import Question
from sim.learning.design import Design
from sim.learning.priors import Parameters
from sim.rules.features import FEATURE_RULES, FEATURES
from sim.scenario.doctrine import DECISIONS, decision_name
from sim.scenario.inclination import WITH, towards
from sim.scenario.scenario import Scenario

EXPOSURE = "exposure"


def design_frame(design: Design) -> pl.DataFrame:
    """Return a design as a table: a row a question of an exposure or of a way, a column a feature,
    and one for each other party towards whom there is an inclination.

    An exposure has a row for the act and, where the other is asked, one for its answer.
    """
    rows: list[tuple[Any, ...]] = []
    program, questions, others = design.program, design.questions, others_of(design.scenario)

    def row(head: tuple[Any, ...], q: Question, answer: bool | None, event: str) -> None:
        who = (program.parties[q.party], decision_name(DECISIONS[q.decision]))
        where = (program.channels.names[q.channel], instant(q.at_s), event)
        other = program.parties[int(program.channels.party[q.channel, 1 - q.side])]
        towards_it = (1.0 if other == code else 0.0 for code in others)
        rows.append((*head, *who, answer, *where, *q.features, *towards_it))

    for term, e in enumerate(design.exposures):
        for q in (e.act, e.accept):
            if q >= 0:
                untold = q == e.accept and not e.refusal_told
                head = (term, EXPOSURE, 0, e.weight * e.told, False, untold)
                row(head, questions[q], None, "")
    seen = (s for s in design.shown if s.told)
    for term, shown in enumerate(seen, len(design.exposures)):
        named = program.facts.ids[shown.fact] if shown.fact >= 0 else ""
        event = named or program.forums.names[shown.forum]
        for n, way in enumerate(shown.alternatives):
            for question, yes in way.factors:
                head = (term, shown.kind, n, way.weight, way.refused, way.untold)
                row(head, questions[question], yes, event)
    schema: dict[str, Any] = dict.fromkeys(
        (c.name for c in TABLES["design.parquet"]), pl.String
    ) | dict.fromkeys([*FEATURES, *(f"{WITH}{code}" for code in others)], pl.Float64)
    schema |= {"term": pl.Int64, "way": pl.Int64, "weight": pl.Float64}
    schema |= dict.fromkeys(("refused", "untold", "answer"), pl.Boolean)
    return pl.DataFrame(rows, schema=schema, orient="row")


def rows_frame(rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Return plain rows as a table. All of them say what type a column has: in the first hundred it
    may be empty."""
    return pl.DataFrame(list(rows), infer_schema_length=None)


def parquet(frame: pl.DataFrame) -> bytes:
    """Return a table as the bytes of a file of Parquet."""
    content = io.BytesIO()
    frame.write_parquet(content, compression="zstd")
    return content.getvalue()


def others_of(scenario: Scenario) -> list[str]:
    """List the parties towards whom some party has an inclination."""
    return sorted({other for _, other in towards(scenario.inclinations)})


def feature_columns(scenario: Scenario) -> dict[str, Column]:
    """Say what the columns of the features mean, by name; the others stand with all tables."""
    words = {rule.name: rule.words for rule in FEATURE_RULES}
    words["bias"] = "1, always: its weight is the inclination with every other feature at 0."
    words |= {f"{WITH}{c}": f"1 where the other party is {c}." for c in others_of(scenario)}
    return {name: Column(name, "number", "", said) for name, said in words.items()}


def weights_frame(parameters: Parameters) -> pl.DataFrame:
    """Return the weights that are learned with their priors: a row a weight."""
    return rows_frame(parameters.plain()).cast({"sign": pl.String, "reason": pl.String})
