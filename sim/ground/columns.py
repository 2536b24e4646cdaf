"""What the columns of written tables mean: one row a column, for every table that is written.

`COLUMNS_FILE` beside the tables of a folder says it to people, and `sim.ground.tables` writes none
whose columns are not all here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from sim.ground.column import (
    COLUMNS_FILE,
    DAYS,
    LOGITS,
    NATS,
    POINTS,
    SHARE,
    SPREADS,
    Column,
    count,
    number,
    text,
    yes,
)
from sim.ground.seminar_columns import SEMINAR_TABLES

_NAME = text("name", "The outcome, as the scenario calls it.")
_TITLE = text("title", "The outcome in words.")
_TYPE = text("type", "The type of the outcome; the documentation of scenarios lists them.")
_LOW = "The lower end of the 95 % interval of the simulation, which is no doubt about the model."
_HIGH = "The upper end of that interval."
_HELD = (
    "Of a first time: the share of worlds in which the state holds at the start already, so that "
    "the next time counts"
)
_CONTRAST = (
    _NAME,
    _TITLE,
    _TYPE,
    text("other", "The scenario that is compared with the base."),
    text("unit", "`share` or `days`: the unit of the numbers that follow."),
    number("base", POINTS, "The estimate in the base; of a first time the mean over all worlds."),
    number("changed", POINTS, "The estimate in the other scenario."),
    number("difference", POINTS, "`changed` minus `base`, over the same chances."),
    number("low", POINTS, "The lower end of the 95 % interval of the difference, from pairs."),
    number("high", POINTS, _HIGH),
    number(
        "narrowing",
        "times",
        "How many times narrower the interval of the difference is than with separate chances; "
        "empty where all worlds differ by the same.",
    ),
    number("alike", SHARE, "The share of worlds in which the outcome is the same in both."),
    number("base_held", SHARE, f"{_HELD}; in the base."),
    number("changed_held", SHARE, f"{_HELD}; in the other scenario."),
)
_PRIOR = (
    text("weight", "The weight: party, part of the doctrine, act and feature."),
    number("doctrine", LOGITS, "The value that the doctrine gives it."),
    number("centre", LOGITS, "The centre of its prior."),
    number("spread", LOGITS, "The spread of its prior."),
    text("sign", "The sign that the prior holds it to; empty where it may have either."),
    text("reason", "Why the prior is so."),
    yes("shared", "Whether both sides have the same, by a pooled prior; not there without one."),
)


def _over(unit: str) -> tuple[Column, ...]:
    """Return the columns of a range over draws of the weights."""
    return (
        number("weights_low", unit, "With other weights: one draw in twenty lies below it."),
        number("weights_high", unit, "With other weights: one draw in twenty lies above it."),
        number("weights_mean", unit, "The mean over draws of the weights."),
        number("weights_spread", unit, "The standard deviation over draws."),
        count("weights_draws", "", "Draws of the weights; empty where none were made."),
        text("weights_source", "Where they come from: fit, or priors of the doctrines."),
    )


_SIGN = count("weights_same_sign", "", "Draws in which the difference has the sign shown.")
_WORLD = count("replication", "", "The world, counted from 0.")
_FORECASTER = text("forecaster", "Who forecasts, by id.")
_MONTHS = count("months", "months", "How far ahead.")
_FORECAST = (text("question", "What is forecast: state, contact or count."), _MONTHS, _FORECASTER)
_EVENT = (text("what", "What is forecast: contact, or an open channel."), _MONTHS, _FORECASTER)
_RESAMPLED = "The lower end of the interval of 9 in 10 of `simulator_ahead`, where"
_TASK = (
    Column("origin_date", "date", "", "The last day that is known."),
    text("scenario", "The scenario, by the name of its file."),
    text("channel", "The channel."),
    text("target", "What is forecast: state, contact or count."),
    count("horizon", "months", "How far ahead."),
    Column("target_end_date", "date", "", "The last day that is forecast."),
    text("output_type", "`pmf`: probabilities of a few answers."),
    text("output_type_id", "The answer."),
)
TABLES: dict[str, tuple[Column, ...]] = {
    COLUMNS_FILE: (
        text("file", "The table."),
        text("column", "Its column."),
        text("type", "string, number, integer, boolean, date or datetime (ISO 8601, UTC)."),
        text("unit", "The unit of its numbers; empty where there is none."),
        text("meaning", "What it means."),
    ),
    "outcomes.csv": (
        _NAME,
        _TITLE,
        _TYPE,
        number(
            "estimate",
            SHARE,
            "The share of worlds in which it is so; of a share of days the mean of that share; of "
            "a first time the share of worlds in which it ever comes.",
        ),
        number("low", SHARE, _LOW),
        number("high", SHARE, _HIGH),
        number(
            "median_days",
            DAYS,
            "Of a first time: days until half of all worlds are there; empty where fewer ever are.",
        ),
        number("median_low", DAYS, "The lower end of the 95 % interval of `median_days`."),
        number("median_high", DAYS, _HIGH),
        number("q05", SHARE, "Of a share of days: 5 % of the worlds have a smaller share."),
        number("q95", SHARE, "Of a share of days: 5 % of the worlds have a larger share."),
        Column(
            "half_by",
            "date",
            "",
            "Of a first time: the day by which half of those worlds are there that ever are.",
        ),
        yes(
            "settled",
            "Whether history alone gives the answer: nothing is left to chance, and the interval "
            "means nothing.",
        ),
        number("held", SHARE, f"{_HELD}."),
        *_over(SHARE),
        number(
            "prior_sensitivity",
            "",
            "How far the answer moves where the prior counts a little more or less; from 0.05 on "
            "it depends on it (power-scaling).",
        ),
        number(
            "likelihood_sensitivity", "", "The same, where the record counts a little more or less."
        ),
        number(
            "chance_sensitivity", "", "What both would be by chance alone; it is taken out of them."
        ),
        text("rests_on", "What the answer rests on: data, mixed, prior, neither or unclear."),
    ),
    "governments.csv": (
        text("government", "The government that is drawn, as the scenario calls it."),
        text("party", "The party that takes up the doctrine."),
        text("date", "From when, as the scenario writes it."),
        text("doctrine", "The doctrine that these worlds have from then on."),
        number("probability", SHARE, "Its probability, as the scenario gives it."),
        count("worlds", "", "In how many worlds it is drawn."),
        _NAME,
        _TITLE,
        _TYPE,
        number("estimate", SHARE, "As `estimate` in outcomes.csv, over these worlds alone."),
        number("low", SHARE, _LOW),
        number("high", SHARE, _HIGH),
    ),
    "occupancy-*.csv": (
        Column("time", "datetime", "UTC", "The end of the day."),
        text("viewpoint", "Who sees the state: the observer, or a government by its code."),
        text("state", "The state of the channel."),
        number("share", SHARE, "The share of worlds in which the channel is in this state."),
    ),
    "contrasts.csv": (
        *_CONTRAST,
        number(
            "gap",
            POINTS,
            "By how much the difference would be larger under the other coupling of proposing and "
            "accepting; empty where that was not asked.",
        ),
        *_over(POINTS),
        _SIGN,
        number(
            "independent",
            POINTS,
            "The difference where the changed world has chances of its own from its first change "
            "on; there only where it was asked for.",
        ),
        number("independent_low", POINTS, "Where the 95 % interval of that begins."),
        number("independent_high", POINTS, "Where it ends."),
    ),
    "answers.csv": (*_CONTRAST, *_over(POINTS), _SIGN),
    "but-for.csv": (
        text("id", "The event that is taken away, as the log calls it."),
        text("label", "The event in words."),
        text("date", "Its date, as it was coded."),
        number(
            "share",
            SHARE,
            "Of the worlds in which the outcome came about: the share in which it does not without "
            "the event.",
        ),
        number("low", SHARE, "The lower end of the 95 % interval of `share`."),
        number("high", SHARE, _HIGH),
        number(
            "made",
            SHARE,
            "Of the worlds in which the outcome did not come about: the share in which it does "
            "without the event.",
        ),
        number("made_low", SHARE, "The lower end of the 95 % interval of `made`."),
        number("made_high", SHARE, _HIGH),
        text("along", "Events that are taken away with it, because they need it."),
        number(
            "again",
            SHARE,
            "Of all worlds: the share in which the party then decides the same, on that day or a "
            "later one; empty where no party decided the event.",
        ),
        number("without", SHARE, "Worlds in which the outcome comes about without the event."),
        number("any_low", SHARE, "The least that the answer can be under any coupling."),
        number("any_high", SHARE, "The most that the answer can be under any coupling."),
        number("independent", SHARE, "What it is with independent chances, given history."),
        number(
            "sufficient",
            SHARE,
            "Of the worlds that lack the outcome without the event: the share that has it with it.",
        ),
        number("sufficient_low", SHARE, "The least that this can be under any coupling."),
        number("sufficient_high", SHARE, "The most that this can be under any coupling."),
        *_over(SHARE),
    ),
    "sensitivity.csv": (
        text("outcome", "The outcome, as the scenario calls it."),
        _TITLE,
        count("rank", "", "The place of the number by its effect on the outcome, from 1."),
        text("number", "The number that is varied: a weight, or a path as in a sweep."),
        text("words", "The number in words."),
        text("group", "weights, rates, half-lives, lapse-days or bursts."),
        number("own", "", "Its value in the scenario; of a weight under a fit, the mean."),
        number("low", "", "The low end of its range."),
        number("high", "", "The high end of its range."),
        number("effect", SHARE, "By how much the answer moves over the range in the mean (mu*)."),
        number("error", SHARE, "Half the 95 % interval of `effect`."),
        number("mean_effect", SHARE, "The mean effect with its sign."),
        number("bend", SHARE, "How much the effect differs from place to place (sigma)."),
        number("at_own", SHARE, "The answer with all numbers as they are."),
        number("at_low", SHARE, "The answer at the low end, the others as they are."),
        number("at_high", SHARE, "The answer at the high end, the others as they are."),
        number("sobol_alone", "share of the variance", "What the number has alone (Sobol)."),
        number("sobol_alone_error", "share of the variance", "Half its 95 % interval."),
        number("sobol_total", "share of the variance", "What it has with others (Sobol)."),
        number("sobol_total_error", "share of the variance", "Half its 95 % interval."),
    ),
    "weights.parquet": (
        text("outcome", "The outcome, as the scenario calls it."),
        count("replication", "", "The world, counted from 0."),
        count("draw", "", "Its draw of the weights; empty where the dates are drawn."),
        count("rules", "", "Its draw of the rules; empty where no rule has a range."),
        count("dates", "", "Its draw of the dates; empty where the weights are drawn."),
        number("value", "as the outcome", "1 or 0, a share of days, or days; empty for never."),
    ),
    "sweep.csv": (
        text("outcome", "The outcome, as the scenario calls it."),
        _TITLE,
        number("estimate", SHARE, "The estimate at these values, as in outcomes.csv of a run."),
        number("low", SHARE, _LOW),
        number("high", SHARE, _HIGH),
    ),
    "draws.csv": (
        text("outcome", "The outcome, as the scenario calls it."),
        _TITLE,
        number("mean", SHARE, "The mean of the estimates over the draws."),
        number("q05", SHARE, "5 % of the draws have a smaller estimate."),
        number("q95", SHARE, "5 % of the draws have a larger estimate."),
    ),
    "weights.csv": (
        *_PRIOR,
        number("prior_mean", LOGITS, "The mean of the prior, with its sign."),
        number("prior_spread", LOGITS, "The standard deviation of the prior, with its sign."),
        number("mean", LOGITS, "The mean after the record."),
        number("q05", LOGITS, "5 % of the draws after the record lie below."),
        number("q95", LOGITS, "5 % of the draws after the record lie above."),
        number("posterior_spread", LOGITS, "The standard deviation after the record."),
        number("moved", SPREADS, "How far the mean moved, in standard deviations of the prior."),
        number(
            "learned",
            "share, at most 1",
            "The share of the variance of the prior that the record takes away.",
        ),
    ),
    "worlds.*": (_WORLD,),
    "events/*.parquet": (
        _WORLD,
        Column("time", "datetime", "UTC", "When it happened."),
        text("kind", "What happened, as logs call it."),
        text("channel", "The channel; empty of an event on none."),
        text("by", "Who began it."),
        yes("confined", "Whether the contact was confined to detainees."),
        text("told_a", "How the first party of the channel, by its code, told it."),
        text("told_b", "How the second party told it."),
        number("severity", "0 to 1", "Of an escalation or a deescalation."),
        count("persons", "people", "How many people an arrest or a release concerns."),
        text("national_of", "Whose nationals they are."),
        text("held_by", "Who holds them."),
        Column("meeting", "datetime", "UTC", "When an agreed meeting is due."),
        count("cause", "", "The row within its world, from 0 on, of the event that it answers."),
        text("forum", "The forum at which it happened; empty of coded events."),
        text("stream", "The stream that brought the opportunity; empty of coded events."),
        text("id", "Of a coded event, its name in the log."),
    ),
    "draws.parquet": (
        count("chain", "", "The chain of the sampler, from 0 on."),
        count("draw", "", "The draw of that chain."),
        number("log_prior", NATS, "The logarithm of the prior density of the weights."),
        number("log_likelihood", NATS, "The logarithm of the likelihood of the record."),
        number(
            "refusals_reported",
            "probability",
            "That a refusal is reported; there only where it is learned.",
        ),
    ),
    "record-beside-worlds.csv": (
        text("channel", "The channel."),
        text("what", "What is counted on it over the record's days."),
        number("record", "as `what` says", "What the record has."),
        *(
            number(f"{law}_{part}", "as `what` says", f"{said} of worlds drawn {when} the record.")
            for law, when in (("prior", "before"), ("posterior", "after"))
            for part, said in (
                ("q05", "The 5 % quantile"),
                ("median", "The median"),
                ("q95", "The 95 % quantile"),
            )
        ),
        number(
            "surprise",
            SHARE,
            "The smaller of the shares of worlds after the record that have at least, and at most, "
            "what the record has.",
        ),
    ),
    "residuals.csv": (
        text("what", "Party and act, or all of them together."),
        number("came", "events", "What came; of an unknown initiator each has its share."),
        number("expected", "events", "What the fit expects over the record."),
        number("p_count", "probability", "Of a Poisson count at least as far off as what came."),
        count("gaps", "", "Gaps between events."),
        number(
            "p_gaps",
            "probability",
            "Of gaps at least as uneven (Kolmogorov and Smirnov); empty of a few.",
        ),
    ),
    "scores.csv": (
        *_FORECAST,
        count("number", "", "Forecasts that are scored."),
        number("log", NATS, "The mean logarithm of the probability of what came; 0 is best."),
        number("brier", "", "The mean of Brier's score over all answers; 0 is best."),
        number("rps", "", "The mean ranked probability score; 0 is best."),
        number("entropy", NATS, "The mean entropy of the forecasts; 0 is certain."),
        number("log_changed", NATS, "`log` where the state came to be another; empty for none."),
        number("log_same", NATS, "`log` where the state came to be the same; empty for none."),
        number(
            "simulator_ahead",
            NATS,
            "`log` of the simulator, or of the fitted weights, less this one on the same "
            "forecasts; below 0 it is beaten.",
        ),
        number("origins_q05", NATS, f"{_RESAMPLED} origins are drawn anew."),
        number("origins_q95", NATS, "The upper end of that interval."),
        number("pairs_q05", NATS, f"{_RESAMPLED} channels are drawn anew."),
        number("pairs_q95", NATS, "The upper end of that interval."),
    ),
    "law.csv": (
        text("weight", "The weight, without a party: act or acceptance, and feature."),
        number("doctrine", LOGITS, "The mean of what the doctrines of the pairs say."),
        number("common", LOGITS, "What all pairs have in common."),
        number("error", LOGITS, "How unsure that is: a standard deviation."),
        number("pairs_spread", LOGITS, "How far pairs differ: a standard deviation; 0 for none."),
        number("pairs_q05", LOGITS, "5 % of the law of that lie below; empty where it is usual."),
        number("pairs_q95", LOGITS, "5 % of the law of that lie above; empty where it is usual."),
        number("centre", LOGITS, "The middle of the law of a pair that was never seen."),
        number("spread", LOGITS, "Its standard deviation."),
        count("came", "", "Pairs whose records hold a decision of this kind."),
        text("held", "yes where the weight is held at 0, since records are likelier without it."),
    ),
    "pairs.csv": (
        text("scenario", "The scenario, by the name of its file."),
        text("pair", "Its two governments."),
        count("fold", "", "The fold in which it is left out."),
        Column("from", "date", "", "The first day that is learned from."),
        Column("until", "date", "", "The last day that is learned from."),
        count("decisions", "", "Decisions that its record holds."),
        number("pooled", NATS, "The log probability of its record by the law of other folds."),
        number("doctrines", NATS, "The same by the priors of its doctrines."),
        text("moves", "The common weight that it moves most."),
        number("moves_by", SPREADS, "How far, in standard deviations of that weight."),
    ),
    "intercepts.csv": (
        text("scenario", "The scenario, by the name of its file."),
        text("pair", "Its two governments."),
        text("act", "The act whose intercept it is."),
        number("own", LOGITS, "The pair's own intercept, drawn to those of others."),
        number("error", LOGITS, "Its standard deviation, given the common weights."),
        number("common", LOGITS, "The mean of all pairs."),
        number("pairs_spread", LOGITS, "How far pairs differ: a standard deviation."),
    ),
    "slopes.csv": (
        text("slopes", "Which slopes are not 0."),
        text("title", "The same in words."),
        number("log_evidence", NATS, "The log probability of all records, by Laplace."),
        number("ahead_of_none", NATS, "That less what it is without slopes."),
        text("kept", "yes for the slopes of the law."),
    ),
    "calibration.csv": (
        *_EVENT,
        number("said", "probability", "The chance that was given."),
        number("came", "", "1 where it came, else 0."),
        number("recalibrated", "probability", "The chance by isotonic regression."),
        number("band_q05", "probability", "The lower end of the 90 % consistency band."),
        number("band_q95", "probability", "The upper end of that band."),
    ),
    "decomposition.csv": (
        *_EVENT,
        count("number", "", "Forecasts."),
        number("miscalibration", "", "What recalibration takes off the mean squared error."),
        number("discrimination", "", "By how much recalibrated forecasts beat the mean."),
        number("uncertainty", "", "The mean squared error of always saying the mean."),
    ),
    "model-output.parquet": (
        text("model_id", "Who forecasts."),
        *_TASK,
        number("value", "probability", "The probability of the answer."),
    ),
    "oracle-output.parquet": (
        *_TASK,
        number("oracle_value", "", "1 for the answer that came, 0 for others."),
    ),
    "agreement.csv": (
        text("field", "The field of events that is compared."),
        text("metric", "How two values differ: nominal, ordinal or interval."),
        count("events", "", "Events of which at least one of two coders or more says something."),
        count("pairs", "", "Pairs of two coders' values of one event."),
        count("alike", "", "Pairs of them whose values are the same."),
        number("share", SHARE, "`alike` of `pairs`."),
        number("alpha", "", "Krippendorff's alpha; empty where it is not defined."),
        number("low", "", "The lower end of its 95 % interval."),
        number("high", "", "The upper end of its 95 % interval."),
    ),
    "*.queue.csv": (
        text("what", "What became of the row: kept, merged or left out."),
        count("rows", "", "Rows that became this event, or that are left out for this reason."),
        text("event", "The event that it became."),
        text("date", "The date of the row."),
        text("kind", "The kind of the event."),
        text("channel", "The channel of the event."),
        text("row", "The row, as the source calls it."),
        text("why", "Why it is left out."),
        text("words", "What the row says."),
    ),
    **SEMINAR_TABLES,
    "design.parquet": (
        count(
            "term",
            "",
            "What belongs together: the rows of one number make one term of the log-likelihood.",
        ),
        text(
            "kind",
            "exposure: a moment at which something might have happened. decision: an event that a "
            "government decided. telling: how a side told a contact. forum: one at which nobody is "
            "reported to have walked up to the other.",
        ),
        count(
            "way",
            "",
            "The way in which an event may have come about, counted from 0: an unknown initiator "
            "makes two. The likelihood of an event is the sum over its ways.",
        ),
        number(
            "weight",
            "",
            "Of an exposure, how many opportunities it stands for. Of a way, what the product of "
            "its answers is multiplied by: opportunities a day, or the chance of an order at a "
            "forum.",
        ),
        yes(
            "refused",
            "Whether the way is a refusal that the log holds: it counts times the probability that "
            "a refusal is reported.",
        ),
        yes(
            "untold",
            "Whether the way holds a refusal that nobody reported: it counts times 1 minus that.",
        ),
        text("party", "Who is asked."),
        text("decision", "What is asked, as the weights are called: an act, or the answer to one."),
        yes("answer", "Whether the way has a yes (true) or a no (false); empty of an exposure."),
        text("channel", "On which channel."),
        text("at", "When, in UTC."),
        text("event", "The coded event, or the forum, of the row; empty of an exposure."),
    ),
}
"""By the name of the file, or a pattern of it, in the order of the file. Columns that a scenario
or the model names (the numbers of a sweep, the features of a decision) come from who writes them.
"""


def columns_of(
    table: str, names: Iterable[str], own: Mapping[str, Column] | None = None
) -> list[Column]:
    """Return what columns of a table mean, in the order of `names`; `own` are those that only its
    writer knows.

    Raises:
        ValueError: a column, or the table, has no words here.
    """
    known = {column.name: column for column in _rows_of(table)} | dict(own or {})
    names = list(names)
    if missing := [name for name in names if name not in known]:
        rule = f"{table} has columns that sim/ground/columns.py does not explain"
        raise ValueError(f"{rule}: {', '.join(missing)}")
    return [known[name] for name in names]


def _rows_of(table: str) -> tuple[Column, ...]:
    return next((rows for name, rows in TABLES.items() if fnmatchcase(table, name)), ())
