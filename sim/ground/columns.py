"""What the columns of written tables mean: one row a column, for every table that is written.

`COLUMNS_FILE` beside the tables of a folder says it to people, and `sim.ground.tables` writes none
whose columns are not all here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias

from sim.ground.states import STATE_LABELS

ColumnType: TypeAlias = Literal["string", "number", "integer", "boolean", "date", "datetime"]
"""As the types of fields in a Table Schema of the Data Package standard are called."""
COLUMNS_FILE = "columns.csv"
SHARE, DAYS = "share, 0 to 1", "days"
POINTS = "share or days, as `unit` says"
LOGITS, NATS, SPREADS = "logits", "nats", "standard deviations"


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    type: ColumnType
    unit: str
    """Empty for words and for numbers without a unit."""
    meaning: str


def _text(name: str, meaning: str) -> Column:
    return Column(name, "string", "", meaning)


def _number(name: str, unit: str, meaning: str) -> Column:
    return Column(name, "number", unit, meaning)


def _count(name: str, unit: str, meaning: str) -> Column:
    return Column(name, "integer", unit, meaning)


def _yes(name: str, meaning: str) -> Column:
    return Column(name, "boolean", "", meaning)


_NAME = _text("name", "The outcome, as the scenario calls it.")
_TITLE = _text("title", "The outcome in words.")
_TYPE = _text("type", "The type of the outcome; the documentation of scenarios lists them.")
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
    _text("other", "The scenario that is compared with the base."),
    _text("unit", "`share` or `days`: the unit of the numbers that follow."),
    _number("base", POINTS, "The estimate in the base; of a first time the mean over all worlds."),
    _number("changed", POINTS, "The estimate in the other scenario."),
    _number("difference", POINTS, "`changed` minus `base`, over the same chances."),
    _number("low", POINTS, "The lower end of the 95 % interval of the difference, from pairs."),
    _number("high", POINTS, _HIGH),
    _number(
        "narrowing",
        "times",
        "How many times narrower the interval of the difference is than with separate chances; "
        "empty where all worlds differ by the same.",
    ),
    _number("alike", SHARE, "The share of worlds in which the outcome is the same in both."),
    _number("base_held", SHARE, f"{_HELD}; in the base."),
    _number("changed_held", SHARE, f"{_HELD}; in the other scenario."),
)
_PRIOR = (
    _text("weight", "The weight: party, part of the doctrine, act and feature."),
    _number("doctrine", LOGITS, "The value that the doctrine gives it."),
    _number("centre", LOGITS, "The centre of its prior."),
    _number("spread", LOGITS, "The spread of its prior."),
    _text("sign", "The sign that the prior holds it to; empty where it may have either."),
    _text("reason", "Why the prior is so."),
    _yes("shared", "Whether both sides have the same, by a pooled prior; not there without one."),
)


def _over(unit: str) -> tuple[Column, ...]:
    """Return the columns of a range over draws of the weights."""
    return (
        _number("weights_low", unit, "With other weights: one draw in twenty lies below it."),
        _number("weights_high", unit, "With other weights: one draw in twenty lies above it."),
        _number("weights_mean", unit, "The mean over draws of the weights."),
        _number("weights_spread", unit, "The standard deviation over draws."),
        _count("weights_draws", "", "Draws of the weights; empty where none were made."),
        _text("weights_source", "Where they come from: fit, or priors of the doctrines."),
    )


_SIGN = _count("weights_same_sign", "", "Draws in which the difference has the sign shown.")
_WORLD = _count("replication", "", "The world, counted from 0.")
_FORECASTER = _text("forecaster", "Who forecasts, by id.")
_MONTHS = _count("months", "months", "How far ahead.")
_FORECAST = (_text("question", "What is forecast: state, contact or count."), _MONTHS, _FORECASTER)
_EVENT = (_text("what", "What is forecast: contact, or an open channel."), _MONTHS, _FORECASTER)
_RESAMPLED = "The lower end of the interval of 9 in 10 of `simulator_ahead`, where"
_TASK = (
    Column("origin_date", "date", "", "The last day that is known."),
    _text("scenario", "The scenario, by the name of its file."),
    _text("channel", "The channel."),
    _text("target", "What is forecast: state, contact or count."),
    _count("horizon", "months", "How far ahead."),
    Column("target_end_date", "date", "", "The last day that is forecast."),
    _text("output_type", "`pmf`: probabilities of a few answers."),
    _text("output_type_id", "The answer."),
)
TABLES: dict[str, tuple[Column, ...]] = {
    COLUMNS_FILE: (
        _text("file", "The table."),
        _text("column", "Its column."),
        _text("type", "string, number, integer, boolean, date or datetime (ISO 8601, UTC)."),
        _text("unit", "The unit of its numbers; empty where there is none."),
        _text("meaning", "What it means."),
    ),
    "outcomes.csv": (
        _NAME,
        _TITLE,
        _TYPE,
        _number(
            "estimate",
            SHARE,
            "The share of worlds in which it is so; of a share of days the mean of that share; of "
            "a first time the share of worlds in which it ever comes.",
        ),
        _number("low", SHARE, _LOW),
        _number("high", SHARE, _HIGH),
        _number(
            "median_days",
            DAYS,
            "Of a first time: days until half of all worlds are there; empty where fewer ever are.",
        ),
        _number("median_low", DAYS, "The lower end of the 95 % interval of `median_days`."),
        _number("median_high", DAYS, _HIGH),
        _number("q05", SHARE, "Of a share of days: 5 % of the worlds have a smaller share."),
        _number("q95", SHARE, "Of a share of days: 5 % of the worlds have a larger share."),
        Column(
            "half_by",
            "date",
            "",
            "Of a first time: the day by which half of those worlds are there that ever are.",
        ),
        _yes(
            "settled",
            "Whether history alone gives the answer: nothing is left to chance, and the interval "
            "means nothing.",
        ),
        _number("held", SHARE, f"{_HELD}."),
        *_over(SHARE),
        _number(
            "prior_sensitivity",
            "",
            "How far the answer moves where the prior counts a little more or less; from 0.05 on "
            "it depends on it (power-scaling).",
        ),
        _number(
            "likelihood_sensitivity", "", "The same, where the record counts a little more or less."
        ),
        _number(
            "chance_sensitivity", "", "What both would be by chance alone; it is taken out of them."
        ),
        _text("rests_on", "What the answer rests on: data, mixed, prior, neither or unclear."),
    ),
    "governments.csv": (
        _text("government", "The government that is drawn, as the scenario calls it."),
        _text("party", "The party that takes up the doctrine."),
        _text("date", "From when, as the scenario writes it."),
        _text("doctrine", "The doctrine that these worlds have from then on."),
        _number("probability", SHARE, "Its probability, as the scenario gives it."),
        _count("worlds", "", "In how many worlds it is drawn."),
        _NAME,
        _TITLE,
        _TYPE,
        _number("estimate", SHARE, "As `estimate` in outcomes.csv, over these worlds alone."),
        _number("low", SHARE, _LOW),
        _number("high", SHARE, _HIGH),
    ),
    "occupancy-*.csv": (
        Column("time", "datetime", "UTC", "The end of the day."),
        _text("viewpoint", "Who sees the state: the observer, or a government by its code."),
        _text("state", "The state of the channel."),
        _number("share", SHARE, "The share of worlds in which the channel is in this state."),
    ),
    "contrasts.csv": (
        *_CONTRAST,
        _number(
            "gap",
            POINTS,
            "By how much the difference would be larger under the other coupling of proposing and "
            "accepting; empty where that was not asked.",
        ),
        *_over(POINTS),
        _SIGN,
        _number(
            "independent",
            POINTS,
            "The difference where the changed world has chances of its own from its first change "
            "on; there only where it was asked for.",
        ),
        _number("independent_low", POINTS, "Where the 95 % interval of that begins."),
        _number("independent_high", POINTS, "Where it ends."),
    ),
    "answers.csv": (*_CONTRAST, *_over(POINTS), _SIGN),
    "but-for.csv": (
        _text("id", "The event that is taken away, as the log calls it."),
        _text("label", "The event in words."),
        _text("date", "Its date, as it was coded."),
        _number(
            "share",
            SHARE,
            "Of the worlds in which the outcome came about: the share in which it does not without "
            "the event.",
        ),
        _number("low", SHARE, "The lower end of the 95 % interval of `share`."),
        _number("high", SHARE, _HIGH),
        _number(
            "made",
            SHARE,
            "Of the worlds in which the outcome did not come about: the share in which it does "
            "without the event.",
        ),
        _number("made_low", SHARE, "The lower end of the 95 % interval of `made`."),
        _number("made_high", SHARE, _HIGH),
        _text("along", "Events that are taken away with it, because they need it."),
        _number(
            "again",
            SHARE,
            "Of all worlds: the share in which the party then decides the same, on that day or a "
            "later one; empty where no party decided the event.",
        ),
        _number("without", SHARE, "Worlds in which the outcome comes about without the event."),
        _number("any_low", SHARE, "The least that the answer can be under any coupling."),
        _number("any_high", SHARE, "The most that the answer can be under any coupling."),
        _number("independent", SHARE, "What it is with independent chances, given history."),
        _number(
            "sufficient",
            SHARE,
            "Of the worlds that lack the outcome without the event: the share that has it with it.",
        ),
        _number("sufficient_low", SHARE, "The least that this can be under any coupling."),
        _number("sufficient_high", SHARE, "The most that this can be under any coupling."),
        *_over(SHARE),
    ),
    "sensitivity.csv": (
        _text("outcome", "The outcome, as the scenario calls it."),
        _TITLE,
        _count("rank", "", "The place of the number by its effect on the outcome, from 1."),
        _text("number", "The number that is varied: a weight, or a path as in a sweep."),
        _text("words", "The number in words."),
        _text("group", "weights, rates, half-lives, lapse-days or bursts."),
        _number("own", "", "Its value in the scenario; of a weight under a fit, the mean."),
        _number("low", "", "The low end of its range."),
        _number("high", "", "The high end of its range."),
        _number("effect", SHARE, "By how much the answer moves over the range in the mean (mu*)."),
        _number("error", SHARE, "Half the 95 % interval of `effect`."),
        _number("mean_effect", SHARE, "The mean effect with its sign."),
        _number("bend", SHARE, "How much the effect differs from place to place (sigma)."),
        _number("at_own", SHARE, "The answer with all numbers as they are."),
        _number("at_low", SHARE, "The answer at the low end, the others as they are."),
        _number("at_high", SHARE, "The answer at the high end, the others as they are."),
        _number("sobol_alone", "share of the variance", "What the number has alone (Sobol)."),
        _number("sobol_alone_error", "share of the variance", "Half its 95 % interval."),
        _number("sobol_total", "share of the variance", "What it has with others (Sobol)."),
        _number("sobol_total_error", "share of the variance", "Half its 95 % interval."),
    ),
    "weights.parquet": (
        _text("outcome", "The outcome, as the scenario calls it."),
        _count("replication", "", "The world, counted from 0."),
        _count("draw", "", "Its draw of the weights; empty where the dates are drawn."),
        _count("rules", "", "Its draw of the rules; empty where no rule has a range."),
        _count("dates", "", "Its draw of the dates; empty where the weights are drawn."),
        _number("value", "as the outcome", "1 or 0, a share of days, or days; empty for never."),
    ),
    "sweep.csv": (
        _text("outcome", "The outcome, as the scenario calls it."),
        _TITLE,
        _number("estimate", SHARE, "The estimate at these values, as in outcomes.csv of a run."),
        _number("low", SHARE, _LOW),
        _number("high", SHARE, _HIGH),
    ),
    "draws.csv": (
        _text("outcome", "The outcome, as the scenario calls it."),
        _TITLE,
        _number("mean", SHARE, "The mean of the estimates over the draws."),
        _number("q05", SHARE, "5 % of the draws have a smaller estimate."),
        _number("q95", SHARE, "5 % of the draws have a larger estimate."),
    ),
    "weights.csv": (
        *_PRIOR,
        _number("prior_mean", LOGITS, "The mean of the prior, with its sign."),
        _number("prior_spread", LOGITS, "The standard deviation of the prior, with its sign."),
        _number("mean", LOGITS, "The mean after the record."),
        _number("q05", LOGITS, "5 % of the draws after the record lie below."),
        _number("q95", LOGITS, "5 % of the draws after the record lie above."),
        _number("posterior_spread", LOGITS, "The standard deviation after the record."),
        _number("moved", SPREADS, "How far the mean moved, in standard deviations of the prior."),
        _number(
            "learned",
            "share, at most 1",
            "The share of the variance of the prior that the record takes away.",
        ),
    ),
    "worlds.*": (_WORLD,),
    "events/*.parquet": (
        _WORLD,
        Column("time", "datetime", "UTC", "When it happened."),
        _text("kind", "What happened, as logs call it."),
        _text("channel", "The channel; empty of an event on none."),
        _text("by", "Who began it."),
        _yes("confined", "Whether the contact was confined to detainees."),
        _text("told_a", "How the first party of the channel, by its code, told it."),
        _text("told_b", "How the second party told it."),
        _number("severity", "0 to 1", "Of an escalation or a deescalation."),
        _count("persons", "people", "How many people an arrest or a release concerns."),
        _text("national_of", "Whose nationals they are."),
        _text("held_by", "Who holds them."),
        Column("meeting", "datetime", "UTC", "When an agreed meeting is due."),
        _count("cause", "", "The row within its world, from 0 on, of the event that it answers."),
        _text("forum", "The forum at which it happened; empty of coded events."),
        _text("stream", "The stream that brought the opportunity; empty of coded events."),
        _text("id", "Of a coded event, its name in the log."),
    ),
    "draws.parquet": (
        _count("chain", "", "The chain of the sampler, from 0 on."),
        _count("draw", "", "The draw of that chain."),
        _number("log_prior", NATS, "The logarithm of the prior density of the weights."),
        _number("log_likelihood", NATS, "The logarithm of the likelihood of the record."),
        _number(
            "refusals_reported",
            "probability",
            "That a refusal is reported; there only where it is learned.",
        ),
    ),
    "record-beside-worlds.csv": (
        _text("channel", "The channel."),
        _text("what", "What is counted on it over the record's days."),
        _number("record", "as `what` says", "What the record has."),
        *(
            _number(f"{law}_{part}", "as `what` says", f"{said} of worlds drawn {when} the record.")
            for law, when in (("prior", "before"), ("posterior", "after"))
            for part, said in (
                ("q05", "The 5 % quantile"),
                ("median", "The median"),
                ("q95", "The 95 % quantile"),
            )
        ),
        _number(
            "surprise",
            SHARE,
            "The smaller of the shares of worlds after the record that have at least, and at most, "
            "what the record has.",
        ),
    ),
    "residuals.csv": (
        _text("what", "Party and act, or all of them together."),
        _number("came", "events", "What came; of an unknown initiator each has its share."),
        _number("expected", "events", "What the fit expects over the record."),
        _number("p_count", "probability", "Of a Poisson count at least as far off as what came."),
        _count("gaps", "", "Gaps between events."),
        _number(
            "p_gaps",
            "probability",
            "Of gaps at least as uneven (Kolmogorov and Smirnov); empty of a few.",
        ),
    ),
    "scores.csv": (
        *_FORECAST,
        _count("number", "", "Forecasts that are scored."),
        _number("log", NATS, "The mean logarithm of the probability of what came; 0 is best."),
        _number("brier", "", "The mean of Brier's score over all answers; 0 is best."),
        _number("rps", "", "The mean ranked probability score; 0 is best."),
        _number("entropy", NATS, "The mean entropy of the forecasts; 0 is certain."),
        _number("log_changed", NATS, "`log` where the state came to be another; empty for none."),
        _number("log_same", NATS, "`log` where the state came to be the same; empty for none."),
        _number(
            "simulator_ahead",
            NATS,
            "`log` of the simulator, or of the fitted weights, less this one on the same "
            "forecasts; below 0 it is beaten.",
        ),
        _number("origins_q05", NATS, f"{_RESAMPLED} origins are drawn anew."),
        _number("origins_q95", NATS, "The upper end of that interval."),
        _number("pairs_q05", NATS, f"{_RESAMPLED} channels are drawn anew."),
        _number("pairs_q95", NATS, "The upper end of that interval."),
    ),
    "law.csv": (
        _text("weight", "The weight, without a party: act or acceptance, and feature."),
        _number("doctrine", LOGITS, "The mean of what the doctrines of the pairs say."),
        _number("common", LOGITS, "What all pairs have in common."),
        _number("error", LOGITS, "How unsure that is: a standard deviation."),
        _number("pairs_spread", LOGITS, "How far pairs differ: a standard deviation; 0 for none."),
        _number("pairs_q05", LOGITS, "5 % of the law of that lie below; empty where it is usual."),
        _number("pairs_q95", LOGITS, "5 % of the law of that lie above; empty where it is usual."),
        _number("centre", LOGITS, "The middle of the law of a pair that was never seen."),
        _number("spread", LOGITS, "Its standard deviation."),
        _count("came", "", "Pairs whose records hold a decision of this kind."),
        _text("held", "yes where the weight is held at 0, since records are likelier without it."),
    ),
    "pairs.csv": (
        _text("scenario", "The scenario, by the name of its file."),
        _text("pair", "Its two governments."),
        _count("fold", "", "The fold in which it is left out."),
        Column("from", "date", "", "The first day that is learned from."),
        Column("until", "date", "", "The last day that is learned from."),
        _count("decisions", "", "Decisions that its record holds."),
        _number("pooled", NATS, "The log probability of its record by the law of other folds."),
        _number("doctrines", NATS, "The same by the priors of its doctrines."),
        _text("moves", "The common weight that it moves most."),
        _number("moves_by", SPREADS, "How far, in standard deviations of that weight."),
    ),
    "intercepts.csv": (
        _text("scenario", "The scenario, by the name of its file."),
        _text("pair", "Its two governments."),
        _text("act", "The act whose intercept it is."),
        _number("own", LOGITS, "The pair's own intercept, drawn to those of others."),
        _number("error", LOGITS, "Its standard deviation, given the common weights."),
        _number("common", LOGITS, "The mean of all pairs."),
        _number("pairs_spread", LOGITS, "How far pairs differ: a standard deviation."),
    ),
    "slopes.csv": (
        _text("slopes", "Which slopes are not 0."),
        _text("title", "The same in words."),
        _number("log_evidence", NATS, "The log probability of all records, by Laplace."),
        _number("ahead_of_none", NATS, "That less what it is without slopes."),
        _text("kept", "yes for the slopes of the law."),
    ),
    "calibration.csv": (
        *_EVENT,
        _number("said", "probability", "The chance that was given."),
        _number("came", "", "1 where it came, else 0."),
        _number("recalibrated", "probability", "The chance by isotonic regression."),
        _number("band_q05", "probability", "The lower end of the 90 % consistency band."),
        _number("band_q95", "probability", "The upper end of that band."),
    ),
    "decomposition.csv": (
        *_EVENT,
        _count("number", "", "Forecasts."),
        _number("miscalibration", "", "What recalibration takes off the mean squared error."),
        _number("discrimination", "", "By how much recalibrated forecasts beat the mean."),
        _number("uncertainty", "", "The mean squared error of always saying the mean."),
    ),
    "model-output.parquet": (
        _text("model_id", "Who forecasts."),
        *_TASK,
        _number("value", "probability", "The probability of the answer."),
    ),
    "oracle-output.parquet": (
        *_TASK,
        _number("oracle_value", "", "1 for the answer that came, 0 for others."),
    ),
    "agreement.csv": (
        _text("field", "The field of events that is compared."),
        _text("metric", "How two values differ: nominal, ordinal or interval."),
        _count("events", "", "Events of which at least one of two coders or more says something."),
        _count("pairs", "", "Pairs of two coders' values of one event."),
        _count("alike", "", "Pairs of them whose values are the same."),
        _number("share", SHARE, "`alike` of `pairs`."),
        _number("alpha", "", "Krippendorff's alpha; empty where it is not defined."),
        _number("low", "", "The lower end of its 95 % interval."),
        _number("high", "", "The upper end of its 95 % interval."),
    ),
    "*.queue.csv": (
        _text("what", "What became of the row: kept, merged or left out."),
        _count("rows", "", "Rows that became this event, or that are left out for this reason."),
        _text("event", "The event that it became."),
        _text("date", "The date of the row."),
        _text("kind", "The kind of the event."),
        _text("channel", "The channel of the event."),
        _text("row", "The row, as the source calls it."),
        _text("why", "Why it is left out."),
        _text("words", "What the row says."),
    ),
    "seminar/scores.csv": (
        _count("round", "", "The round, from 1 on."),
        _text("cut", "The last day that students knew."),
        _text("question", "The question, as the lesson calls it."),
        _text("asked", "The question in words."),
        _count("vote", "", "The first vote or the second; empty of the simulator and base rate."),
        _text("student", "The student, by number or by name; or `simulator`, or `base rate`."),
        _text("group", "The student's group."),
        _text("role", "The student's role."),
        _number("p_yes", "probability", "Of yes; empty where it is no option."),
        _number("p_no", "probability", "Of no; empty where it is no option."),
        *(
            _number(f"p_{state}", "probability", f"Of the state “{label}”; empty where no option.")
            for state, label in STATE_LABELS.items()
        ),
        _text("came_true", "The option that came true; empty before the reveal."),
        _number("log_score", NATS, "The logarithm of the probability of what came true."),
        _number("brier_score", "", "The sum of squared errors of the probabilities: 0 is best."),
        _text("reason", "The reason that the student gives."),
        *(
            _number(f"p_answer_{n}", "probability", f"Of answer {n} of a question of one's own.")
            for n in range(1, 9)
        ),
        _text("answers", "The answers of a question of one's own, in order, with | between."),
    ),
    "seminar/decisions.csv": (
        _count("table", "", "The table."),
        _count("question", "", "The number of the question at that table; empty for an office."),
        Column("date", "date", "", "The day of the question in the world of the table."),
        _text("party", "The government that is asked."),
        _text("channel", "The channel."),
        _text("decision", "What is asked: an act, the answer to an act, or how a contact is told."),
        _text("answer", "yes, no, or `doctrine` where nobody answered."),
        _text("how", "How the answer came about: `office` where the team was not asked."),
        _count("votes_yes", "", "Votes for yes."),
        _count("votes_no", "", "Votes for no."),
        _number("doctrine_probability", "probability", "What the doctrine gives for a yes."),
    ),
    "seminar/alone.csv": (
        _count("student", "", "The number of the student."),
        _count("game", "", "The number of the game among the student's."),
        _count("from_table", "", "The table whose world it is; empty from the first day on."),
        _count("from_question", "", "The question of that table from which the game goes on."),
        _count("question", "", "The number of the question in the game."),
        Column("date", "date", "", "The day of the question."),
        _text("party", "The government that is asked."),
        _text("channel", "The channel."),
        _text("decision", "What is asked: an act, the answer to an act, or how a contact is told."),
        _text("answer", "yes, no, or `doctrine` where it was left to the doctrine."),
        _number("doctrine_probability", "probability", "What the doctrine gives for a yes."),
    ),
    "design.parquet": (
        _count(
            "term",
            "",
            "What belongs together: the rows of one number make one term of the log-likelihood.",
        ),
        _text(
            "kind",
            "exposure: a moment at which something might have happened. decision: an event that a "
            "government decided. telling: how a side told a contact. forum: one at which nobody is "
            "reported to have walked up to the other.",
        ),
        _count(
            "way",
            "",
            "The way in which an event may have come about, counted from 0: an unknown initiator "
            "makes two. The likelihood of an event is the sum over its ways.",
        ),
        _number(
            "weight",
            "",
            "Of an exposure, how many opportunities it stands for. Of a way, what the product of "
            "its answers is multiplied by: opportunities a day, or the chance of an order at a "
            "forum.",
        ),
        _yes(
            "refused",
            "Whether the way is a refusal that the log holds: it counts times the probability that "
            "a refusal is reported.",
        ),
        _yes(
            "untold",
            "Whether the way holds a refusal that nobody reported: it counts times 1 minus that.",
        ),
        _text("party", "Who is asked."),
        _text(
            "decision", "What is asked, as the weights are called: an act, or the answer to one."
        ),
        _yes("answer", "Whether the way has a yes (true) or a no (false); empty of an exposure."),
        _text("channel", "On which channel."),
        _text("at", "When, in UTC."),
        _text("event", "The coded event, or the forum, of the row; empty of an exposure."),
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
