"""The records that are pooled: the likelihood of each pair, as a function of the weights of a pair.

Both governments of a pair have the same weights here. So a weight has no party in its name:
`act.call.bias`, `accept.call.open`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from sim.ground.dates import day
from sim.ground.errors import InputError, Problem
from sim.learning.arrays import questions_in, rows_of, scratch_of
from sim.learning.compiled_calls import derivatives
from sim.learning.decision_points import DECIDED
from sim.learning.design import design_of
from sim.learning.fitting import reporting_of
from sim.learning.folder import transitions_of
from sim.learning.hessian import Bent
from sim.learning.priors import Parameters, parameters_of
from sim.learning.rows import Rows, Scratch
from sim.model.compiled_scenario import Floats, ints
from sim.pooling.merged import merged
from sim.rules.features import BIAS, FEATURES
from sim.scenario.doctrine import DECISIONS, decision_name
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, decisions_of, features_of

Weight = tuple[int, int]
"""A weight of a pair: the places of its decision and of its feature."""


def name_of(weight: Weight) -> str:
    """Return what a weight of a pair is called."""
    return f"{decision_name(DECISIONS[weight[0]])}.{FEATURES[weight[1]]}"


def is_own(weight: Weight) -> bool:
    """Whether a weight is one of which each pair has its own: the bias of an act. How readily the
    other accepts cannot be told from how often it is asked where refusals are hidden."""
    return weight[1] == BIAS and decision_name(DECISIONS[weight[0]]).startswith("act.")


@dataclass(frozen=True)
class Record:
    """The record of one pair, for P weights."""

    name: str
    """The name of its scenario."""
    pair: tuple[str, str]
    scenario: Scenario = field(repr=False)
    """As it was given."""
    span: tuple[str, str]
    """The first and the last day that is learned from."""
    weights: tuple[Weight, ...]
    """[P] in order; of every feature, until some are chosen."""
    named: frozenset[Weight]
    """The weights that its doctrines have, of what somebody was asked: biases, and what is not 0 or
    has a prior of its own."""
    doctrine: Floats
    """[P] the mean of the doctrines of both governments."""
    rows: Rows = field(repr=False)
    came: frozenset[int]
    """The decisions of which its log holds one."""
    decisions: int
    """Decisions that the log holds."""
    transitions: tuple[tuple[str, str], ...]
    """The changes of state that it shows."""

    @cached_property
    def parts(self) -> dict[tuple[Weight, ...], Record]:
        """The record as a function of some weights, as it was asked for."""
        return {}

    def only(self, chosen: Sequence[Weight]) -> Record:
        """Return the record as a function of some of its weights; the others are 0."""
        held = {*chosen}
        mine = tuple(weight for weight in self.weights if weight in held)
        if mine not in self.parts:
            self.parts[mine] = self._only(mine)
        return self.parts[mine]

    def _only(self, mine: tuple[Weight, ...]) -> Record:
        place = {weight: p for p, weight in enumerate(self.weights)}
        kept = [place[weight] for weight in mine]
        at = np.array(kept, dtype=np.int64)
        rows = self.rows._replace(
            first=self.rows.first[at], many=self.rows.many[at], start=self.rows.start[at]
        )
        return replace(self, weights=mine, doctrine=self.doctrine[at], rows=merged(rows))

    @cached_property
    def memory(self) -> tuple[Scratch, Bent]:
        """Memory for the likelihood of this record, which one thread at a time may use."""
        count, size = questions_in(self.rows), len(self.weights)
        owner, width = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        for p in range(size):
            lo, many = int(self.rows.first[p]), int(self.rows.many[p])
            new = p == 0 or self.rows.first[p - 1] != lo or self.rows.many[p - 1] == 0
            owner[lo : lo + many] = p if new else owner[lo : lo + many]
            width[lo : lo + many] += 1
        bent = Bent(owner, width, np.zeros(count), np.zeros(size), np.zeros(size))
        return scratch_of(self.rows), bent

    def likelihood(self, weights: Floats) -> tuple[float, Floats, Floats]:
        """Return the log-likelihood at weights [P], its gradient [P], and minus its second
        derivatives [P, P]."""
        size = len(self.weights)
        gradient, hessian = np.zeros(size), np.zeros((size, size))
        value = derivatives(self.rows, *self.memory, weights, gradient, hessian)
        return float(value), gradient, hessian


def records_of(scenarios: Mapping[str, Scenario], reporting: float | None = None) -> list[Record]:
    """Gather the records of scenarios, by their names.

    Raises:
        InputError: one has nothing to learn from, or simulates other than one pair; or two have the
            same one.
    """
    problems = list[Problem]()
    seen = dict[tuple[str, str], str]()
    found = list[Record]()
    for name, scenario in scenarios.items():
        pairs = sorted({c.parties for c in channels_of(scenario).values()})
        if len(pairs) != 1:
            rule = "must be of one pair of governments, each pair in a scenario of its own"
            problems.append(Problem(name, 0, "channels", rule, f"{len(pairs)} pairs"))
            continue
        if scenario.inclinations:
            rule = "must be left out: what a pair is inclined to do is what is learned of it"
            problems.append(Problem(name, 0, "inclinations", rule))
            continue
        if pairs[0] in seen:
            rule = f"must be of another pair than {seen[pairs[0]]}: its record would count twice"
            problems.append(Problem(name, 0, "channels", rule, "-".join(pairs[0])))
            continue
        seen[pairs[0]] = name
        try:
            found.append(record_of(name, scenario, reporting))
        except InputError as error:
            problems += [replace(p, file=name) if p.of_whole else p for p in error.problems]
    if problems:
        raise InputError(problems)
    return found


def record_of(name: str, scenario: Scenario, reporting: float | None = None) -> Record:
    """Gather the record of a scenario of one pair, with a weight for every feature. It may hold no
    decision: that a pair never talked says something of pairs.

    Raises:
        InputError: there is nothing to learn from.
    """
    design = design_of(scenario, among_many=True)
    parameters = parameters_of(design.scenario, design.program)
    (pair,) = {c.parties for c in channels_of(scenario).values()}
    asked = {d for code in pair for d in decisions_of(design.scenario, code)}
    seen = {f for code in pair for f in features_of(design.scenario, code)}
    weights = tuple(
        (d, f)
        for d, decision in enumerate(DECISIONS)
        for f, feature in enumerate(FEATURES)
        if decision in asked and feature in seen
    )
    # one party asks all: so questions stand together by decision
    questions = tuple(replace(q, party=0) for q in design.questions)
    whole = replace(design, questions=questions)
    decided = [s for s in design.shown if s.kind == DECIDED]
    came = {
        questions[q].decision
        for s in decided
        for way in s.alternatives
        for q, yes in way.factors
        if yes
    }
    followed = [scenario.doctrines[scenario.parties[code].doctrine].matrix() for code in pair]
    rows = rows_of(whole, of_pair(parameters, weights), reporting_of(scenario, reporting))
    idle = {weight for weight, many in zip(weights, rows.many, strict=True) if many == 0}
    return Record(
        name=name,
        pair=pair,
        scenario=scenario,
        span=(day(design.start_s).isoformat(), day(design.program.as_of_s - 1).isoformat()),
        weights=weights,
        named=frozenset(
            (int(block) % len(DECISIONS), int(feature))
            for block, feature in zip(parameters.block, parameters.feature, strict=True)
        )
        - idle,
        doctrine=np.array([sum(rows[d][f] for rows in followed) / 2.0 for d, f in weights]),
        rows=merged(rows),
        came=frozenset(came),
        decisions=len(decided),
        transitions=tuple((a, b) for a, b in transitions_of(design)),
    )


def of_pair(parameters: Parameters, weights: Sequence[Weight]) -> Parameters:
    """Return parameters with the weights of a pair in order, as if one party had them."""
    size = len(weights)
    return replace(
        parameters,
        names=tuple(map(name_of, weights)),
        block=ints(d for d, _ in weights),
        feature=ints(f for _, f in weights),
        shipped=np.zeros(size),
        centre=np.zeros(size),
        spread=np.ones(size),
        sign=np.zeros(size, dtype=np.int64),
        reasons=("",) * size,
        shared=np.zeros(size, dtype=np.bool_),
    )
