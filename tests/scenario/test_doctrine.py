"""Doctrines: weights by name, rows in a fixed order, and shipped ones that say why."""

from __future__ import annotations

from pathlib import Path

import pytest
from doctrines import shipped
from pydantic import ValidationError

from sim.rules.features import FEATURES
from sim.scenario.acts import ACTS, ANSWERED
from sim.scenario.doctrine import DECISIONS, AcceptWeights, ActWeights, Doctrine, Weights
from sim.scenario.resolve import SHIPPED, shipped_doctrines


def test_the_orders_agree_with_the_models() -> None:
    """Codes in arrays are places in these tuples."""
    assert tuple(Weights.model_fields) == FEATURES
    assert tuple(ActWeights.model_fields) == ACTS
    assert tuple(AcceptWeights.model_fields) == ANSWERED
    assert (*ACTS, *(f"accept_{a}" for a in ANSWERED), "acknowledge") == DECISIONS
    assert set(ANSWERED) < set(ACTS)


def test_a_weight_lands_in_its_row_and_column() -> None:
    for d, decision in enumerate(DECISIONS):
        for f, feature in enumerate(FEATURES):
            weights = {feature: 1.5}
            part = {"acknowledge": weights}
            if decision in ACTS:
                part = {"act": {decision: weights}}  # type: ignore[dict-item]
            elif decision != "acknowledge":
                part = {"accept": {decision.removeprefix("accept_"): weights}}  # type: ignore[dict-item]
            matrix = Doctrine.model_validate({"title": "t", "reasons": "r", **part}).matrix()
            found = [(i, j) for i, row in enumerate(matrix) for j, w in enumerate(row) if w]
            assert found == [(d, f)]
            assert matrix[d][f] == 1.5


def test_the_shape_of_a_matrix() -> None:
    matrix = shipped("isolating").matrix()
    assert len(matrix) == len(DECISIONS) == 18
    assert {len(row) for row in matrix} == {len(FEATURES)} == {15}


@pytest.mark.parametrize("weight", [50.1, -50.1, float("nan"), float("inf"), "1", True])
def test_weights_are_bounded_numbers(weight: object) -> None:
    with pytest.raises(ValidationError):
        Weights.model_validate({"bias": weight})


@pytest.mark.parametrize("name", shipped_doctrines())
def test_every_shipped_doctrine_gives_reasons_and_uses_every_decision(name: str) -> None:
    doctrine = shipped(name)
    assert len(doctrine.reasons) > 200
    for decision, row in zip(DECISIONS, doctrine.matrix(), strict=True):
        assert any(row), f"{name} says nothing on {decision}"


def test_the_reference_doctrine_says_why_for_every_weight() -> None:
    """Each line of a weight ends in a comment."""
    text = Path(SHIPPED / "transactional.yaml").read_text()
    lines = text.partition("\nprior:\n")[0].splitlines()
    weights = [line for line in lines if line.strip().split(":")[0] in FEATURES]
    assert len(weights) > 60
    assert [line for line in weights if "#" not in line] == []


def test_the_shipped_doctrines_differ_as_their_names_say() -> None:
    """At the bias: the conciliatory proposes most, the isolating cuts most readily."""
    conciliatory, isolating = shipped("conciliatory"), shipped("isolating")
    assert conciliatory.act.call.bias > isolating.act.call.bias  # type: ignore[attr-defined]
    assert conciliatory.accept.call.bias > isolating.accept.call.bias  # type: ignore[attr-defined]
    assert conciliatory.act.cut.bias < isolating.act.cut.bias  # type: ignore[attr-defined]
