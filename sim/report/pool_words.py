"""What a pool comes to, in sentences: first what it found, and what beats it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim.hindcast.comparing import Line
from sim.hindcast.hindcasting import DOCTRINES, SIMULATOR
from sim.hindcast.seen import CONTACT
from sim.pooling.pooled import NONE, OWN, TITLES, Pooled
from sim.pooling.records import name_of
from sim.pooling.scoring import UNSEEN, LeftOut
from sim.report.hindcast_words import beaters
from sim.report.numbers import minus

GAMMA = "gamma-pooled"
"""The rival that is named in any case: it knows how often pairs talk, and nothing else."""


def summary_of(found: Pooled, lines: Sequence[Line], left_out: Sequence[LeftOut]) -> list[str]:
    """Write the sentences that open the page of a pool."""
    models = (SIMULATOR, UNSEEN, DOCTRINES)
    rivals = [line for line in lines if line.forecaster not in models]
    won = [line for line in rivals if line.beats]
    talk = [line for line in won if line.question == CONTACT]
    if not lines:
        beaten = "no forecast was scored, so nothing says that it forecasts well"
    elif gamma := [line for line in talk if line.forecaster == GAMMA]:
        beaten = f"on pairs that were left out the law is beaten by {beaters(gamma, lines)}"
    elif won:
        beaten = "on pairs that were left out other rivals than pooled Gamma rates beat the law"
    else:
        beaten = "on pairs that were left out no rival beats the law, at any horizon"
    said = [f"{differ(found)}; {beaten}."]
    if lines:
        if won:
            said.append(
                f"In {len(won)} of {len(rivals)} comparisons it is beaten: by "
                f"{beaters(won, lines)}."
            )
        said += against(lines)
    said.append(slopes_words(found))
    if left_out:
        ahead = [each.pooled - each.doctrines for each in left_out]
        better = sum(x > 0.0 for x in ahead)
        said.append(
            f"The law of the other folds makes the whole record of {better} of {len(ahead)} pairs "
            f"likelier than the priors of their doctrines do, by {np.mean(ahead):+.1f} nats a pair "
            "on the mean."
        )
    return [minus(sentence) if " -" in sentence else sentence for sentence in said]


def differ(found: Pooled) -> str:
    """Say how far pairs differ, in the act whose spread is known best."""
    spread, pairs = found.spread, len(found.records)
    told = {a: law for a, law in enumerate(spread.law) if law is not None}
    if not told:
        return f"{pairs} pairs hold too few decisions to say how far pairs differ"
    best = min(told, key=lambda a: told[a].quantile(0.95) / told[a].quantile(0.05))
    act = name_of(found.pool.weights[found.pool.own[best]]).split(".")[1].replace("_", " ")
    times = math.exp(float(np.exp(spread.log_spread[best])))
    return (
        f"{pairs} pairs differ by a factor of {times:.1f} either way in how readily they take an "
        f"opportunity for the act “{act}” (one standard deviation)"
    )


def against(lines: Sequence[Line]) -> list[str]:
    """Say how the law did beside the pooled Gamma rate, the doctrines, and without a record."""
    contact = {(x.forecaster, x.months): x for x in lines if x.question == CONTACT}
    months = sorted({m for _, m in contact})
    said = list[str]()
    for name, words in (
        (GAMMA, "the pooled Gamma rate"),
        (DOCTRINES, "the doctrines' own weights"),
        (UNSEEN, "the same law without the pair's own record"),
    ):
        if all((name, m) in contact for m in months):
            leads = ", ".join(f"{contact[name, m].ahead:+.3f}" for m in months)
            when = ", ".join(map(str, months))
            said.append(f"Its lead over {words}, of contact at {when} months: {leads}.")
    return said


def slopes_words(found: Pooled) -> str:
    """Say which slopes the records bear."""
    gain = found.compared[found.slopes] - found.compared[NONE]
    kept = (
        "The records are likeliest without slopes, so all are 0"
        if found.slopes == NONE
        else f"Kept are {TITLES[found.slopes]}, which make all records likelier by {gain:.1f} nats "
        "than none do"
    )
    if OWN not in found.compared:
        return f"{kept}."
    own = found.compared[OWN] - found.compared[NONE]
    return f"{kept}; the doctrines' own slopes make them {own:+.1f} nats likelier than none."
