"""What compiled code is given: a design laid out, the priors, and memory to work in."""

from __future__ import annotations

from typing import NamedTuple

from sim.model.compiled_scenario import Floats, Ints


class Rows(NamedTuple):
    """The likelihood of a design, for Q questions, P weights, E exposures and N things shown."""

    first: Ints
    """[P] the first question that a weight decides."""
    many: Ints
    """[P] how many it decides, next to each other."""
    start: Ints
    """[P] where their features begin in `x`."""
    x: Floats
    """The features, in the order of weights."""
    act: Ints
    """[E] the question whether the act is done."""
    accept: Ints
    """[E] the question whether it is accepted; -1 where a refusal is as visible as acceptance, or
    nobody is asked."""
    weight: Floats
    """[E] opportunities."""
    told: Floats
    """[E] the probability that the log holds what is accepted."""
    declined: Floats
    """[E] the probability that it holds what is declined; times the one that is learned, where it
    is."""
    event: Ints
    """[N + 1] where the alternatives of what is shown begin."""
    constant: Floats
    """[A] logarithm of what each alternative is multiplied by."""
    alternative: Ints
    """[A + 1] where its factors begin."""
    factor: Ints
    """[K] the question of a factor."""
    yes: Ints
    """[K] 1 where its answer was yes."""
    reporting: Floats
    """[1] the probability that a refusal is reported; 0 where it is learned, and stands after the
    weights."""
    acts: Ints
    """[R + 1] where the exposures of each part begin: first what no imprecise date moves, then each
    placement of each block of dates."""
    events: Ints
    """[R + 1] where what each part shows begins in `event`."""
    block: Ints
    """[B + 1] where the parts of each block of dates begin."""
    part: Ints
    """[Q] the part of each question."""
    drawn: Floats
    """[R] log-likelihood of each part at the weights at which its placement was drawn."""
    refused: Ints
    """[A] 1 for a refusal that the log reports."""
    untold: Ints
    """[A] 1 for what holds a refusal that nobody reported."""


class Prior(NamedTuple):
    """What `sim.learning.priors` says of P weights."""

    centre: Floats
    spread: Floats
    low: Floats
    high: Floats
    of: Ints
    """[P] the place of the weight whose z a weight follows: its own, or that of an earlier one with
    the same law."""


class Drawn(NamedTuple):
    """What a chain has drawn: N draws of P weights."""

    weights: Floats
    """[N, P]."""
    likelihoods: Floats
    """[N] log-likelihood, in nats."""
    accepted: Floats
    """[N] probability that the proposal was accepted."""


class Scratch(NamedTuple):
    """Memory that the likelihood works in, for Q questions and P weights; the probability that a
    refusal is reported counts as one more where it is learned."""

    logit: Floats
    """[Q] what a question weighs, then its probability."""
    slope: Floats
    """[Q] derivative of the log-likelihood by the logit."""
    weight: Floats
    """[P] the weights."""
    stretch: Floats
    """[P] their derivative by z."""
    way: Floats
    """[A] logarithm of each alternative."""
    likely: Floats
    """[R] log-likelihood of each part."""
    share: Floats
    """[R] weight of each part: 1, or the share of a placement in its block."""
    told: Floats
    """[R] derivative of each part by the probability that a refusal is reported, where it is
    learned."""
