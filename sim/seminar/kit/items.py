"""The questions of the test on probability and hindsight: ten, each in two parallel forms.

`{event}` stands for a question of the lesson's first round that is answered by yes or no.
"""

from __future__ import annotations

from dataclasses import dataclass

LETTERS = "abcd"

LITERATURE = {
    "baron-hershey": "Baron, J., and Hershey, J. C. (1988). Outcome bias in decision evaluation. "
    "Journal of Personality and Social Psychology 54(4), 569–579.",
    "brier": "Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. "
    "Monthly Weather Review 78(1), 1–3.",
    "fearon": "Fearon, J. D. (1991). Counterfactuals and hypothesis testing in political science. "
    "World Politics 43(2), 169–195.",
    "fischhoff": "Fischhoff, B. (1975). Hindsight is not equal to foresight: the effect of outcome "
    "knowledge on judgment under uncertainty. Journal of Experimental Psychology: Human "
    "Perception and Performance 1(3), 288–299.",
    "fischhoff-beyth": "Fischhoff, B., and Beyth, R. (1975). “I knew it would happen”: remembered "
    "probabilities of once-future things. Organizational Behavior and Human Performance 13(1), "
    "1–16.",
    "gigerenzer-hoffrage": "Gigerenzer, G., and Hoffrage, U. (1995). How to improve Bayesian "
    "reasoning without instruction: frequency formats. Psychological Review 102(4), 684–704.",
    "kahneman-tversky": "Kahneman, D., and Tversky, A. (1973). On the psychology of prediction. "
    "Psychological Review 80(4), 237–251.",
    "lichtenstein": "Lichtenstein, S., Fischhoff, B., and Phillips, L. D. (1982). Calibration of "
    "probabilities: the state of the art to 1980. In Kahneman, D., Slovic, P., and Tversky, A. "
    "(eds), Judgment under Uncertainty, 306–334. Cambridge University Press.",
    "tetlock-gardner": "Tetlock, P. E., and Gardner, D. (2015). Superforecasting: The Art and "
    "Science of Prediction. Crown.",
    "tversky-kahneman": "Tversky, A., and Kahneman, D. (1983). Extensional versus intuitive "
    "reasoning: the conjunction fallacy in probability judgment. Psychological Review 90(4), "
    "293–315.",
}
"""What the questions rest on."""


@dataclass(frozen=True)
class Form:
    """One question in one form."""

    stem: str
    options: tuple[str, str, str, str]
    right: int
    """The place of the right one, from 0."""


@dataclass(frozen=True)
class Item:
    """One question in both forms."""

    topic: str
    because: str
    """Why the right answer is right, in either form."""
    literature: tuple[str, ...]
    """Keys of `LITERATURE`."""
    a: Form
    b: Form


ITEMS = (
    Item(
        "calibration",
        "Of all events that get 20 %, one in five should happen. One event alone shows nothing.",
        ("lichtenstein",),
        Form(
            "A forecaster gave 20 % to each of 50 events. 10 of the 50 happened. What do you say?",
            (
                "She was wrong ten times.",
                "She should have said 0 % for the other 40.",
                "Her numbers were right: one in five happened.",
                "Nobody can say anything: she was never sure.",
            ),
            2,
        ),
        Form(
            "A forecaster gave 70 % to each of 40 events. 28 of the 40 happened. What do you say?",
            (
                "His numbers were right: seven in ten happened.",
                "He was wrong twelve times.",
                "He should have said 100 % for the 28.",
                "Nobody can say anything: he was never sure.",
            ),
            0,
        ),
    ),
    Item(
        "outcome bias",
        "A decision is judged by what could be known when it was made, and not by its end.",
        ("baron-hershey",),
        Form(
            "Two ministers had the same choice and the same report. It gave success 80 %. Both "
            "acted. For one it failed, for the other it worked. Who decided better?",
            (
                "The one for whom it worked.",
                "The one for whom it failed: it taught more.",
                "Neither: one acts only when success is certain.",
                "Neither: both knew the same when they decided.",
            ),
            3,
        ),
        Form(
            "Two ministries had the same report before a meeting. It gave a good end 30 %. Both "
            "went. One meeting ended well, the other badly. Whose decision was better?",
            (
                "That of the ministry whose meeting ended well.",
                "Neither: both knew the same when they decided.",
                "That of the ministry whose meeting ended badly.",
                "Neither: one goes only when a good end is certain.",
            ),
            1,
        ),
    ),
    Item(
        "base rate",
        "Who knows nothing else starts with how often it has come before: 6 of 40, or 10 of 50.",
        ("kahneman-tversky",),
        Form(
            "In the last 40 quarters there was a meeting in 6. You know nothing else. Which number "
            "do you start with for the next quarter?",
            ("50 %", "15 %", "1 %", "40 %"),
            1,
        ),
        Form(
            "In the last 50 months there was a call in 10. You know nothing else. Which number do "
            "you start with for the next month?",
            ("50 %", "10 %", "20 %", "1 %"),
            2,
        ),
    ),
    Item(
        "base rate and a sign",
        "Count all cases with the sign: 4 of 4 + 16, or 9 of 9 + 27. A sign that is often there "
        "for nothing proves little where the event is rare.",
        ("gigerenzer-hoffrage", "kahneman-tversky"),
        Form(
            "A newspaper writes “talks are near”. Of the last 100 weeks, talks came in 5. The "
            "paper had written it before 4 of these 5 weeks, and before 16 of the other 95. Now it "
            "writes it again. How probable are talks?",
            ("80 %", "50 %", "5 %", "20 %"),
            3,
        ),
        Form(
            "An adviser warns of a crisis. Of the last 200 weeks, a crisis came in 10. He had "
            "warned before 9 of these 10, and before 27 of the other 190. Now he warns again. How "
            "probable is a crisis?",
            ("25 %", "90 %", "5 %", "50 %"),
            0,
        ),
    ),
    Item(
        "conjunction",
        "All cases in which both are true are cases in which the first is true. A reason makes a "
        "story better, and not more probable.",
        ("tversky-kahneman",),
        Form(
            "“{event}” Which is more probable? (1) The answer is yes. (2) The answer is yes, and "
            "the reason is a public quarrel.",
            (
                "(1) is at least as probable as (2), always.",
                "(2): it gives a reason.",
                "It depends on how good the reason is.",
                "They always have the same probability.",
            ),
            0,
        ),
        Form(
            "“{event}” Which is more probable? (1) The answer is no, and both governments say why. "
            "(2) The answer is no.",
            (
                "(1): it says more.",
                "It depends on what they say.",
                "(2) is at least as probable as (1), always.",
                "They always have the same probability.",
            ),
            2,
        ),
    ),
    Item(
        "longer time",
        "What comes before the earlier day comes before the later day too. So the number for the "
        "longer time cannot be lower.",
        ("tetlock-gardner",),
        Form(
            "You give 20 % that a meeting is held before the end of March. Which number for "
            "“before the end of June” contradicts it?",
            ("20 %", "35 %", "10 %", "60 %"),
            2,
        ),
        Form(
            "You give 40 % that a prisoner is freed within one year. Which number for “within two "
            "years” contradicts it?",
            ("45 %", "30 %", "40 %", "70 %"),
            1,
        ),
    ),
    Item(
        "a proper score",
        "The Brier score is proper: on average nobody does better than by saying what they "
        "believe.",
        ("brier",),
        Form(
            "“{event}” You believe in yes with 70 %. The Brier score counts; 0 is best. Which "
            "number for yes gives you the best score on average?",
            (
                "100 %, since yes is more probable.",
                "50 %, to be safe.",
                "It depends on what the others write.",
                "70 %.",
            ),
            3,
        ),
        Form(
            "“{event}” You believe in yes with 15 %. The Brier score counts; 0 is best. Which "
            "number for yes gives you the best score on average?",
            (
                "15 %.",
                "1 %, since no is more probable.",
                "50 %, to be safe.",
                "A little more than the others write.",
            ),
            0,
        ),
    ),
    Item(
        "the price of certainty",
        "The distances are squared: a sure answer that is wrong costs nearly 2, more than careful "
        "answers cost together.",
        ("brier",),
        Form(
            "Ana says 100 % for each of two events, Ben 70 %. One happens, and the other does not. "
            "Who has the better (lower) mean Brier score?",
            ("Ana.", "Ben.", "Both have the same.", "Nobody can say."),
            1,
        ),
        Form(
            "Carla says 90 % for each of three events, Dan 60 %. Two happen, and one does not. Who "
            "has the better (lower) mean Brier score?",
            ("Both have the same.", "Carla.", "Nobody can say.", "Dan."),
            3,
        ),
    ),
    Item(
        "hindsight",
        "Who knows what happened takes it for more probable than it seemed before, and does not "
        "notice.",
        ("fischhoff", "fischhoff-beyth"),
        Form(
            "Two groups read the same report. Only the first is told how it ended. Both say which "
            "probability they would have given without knowing the end. What do experiments find?",
            (
                "On average both groups say the same.",
                "The first group gives more to what happened.",
                "The first group gives less to what happened: it is careful.",
                "The first group refuses to answer.",
            ),
            1,
        ),
        Form(
            "People write down probabilities before a journey of a president. Months later they "
            "know what happened, and say from memory what they had written. What do experiments "
            "find?",
            (
                "On average they remember their numbers as they were.",
                "They remember that they gave less to what happened.",
                "They remember that they gave more to what happened.",
                "They remember no numbers at all.",
            ),
            2,
        ),
    ),
    Item(
        "what if not",
        "What a thing changed is the difference between a world with it and the same world without "
        "it. All else must stay, and it changes shares of worlds, not every world.",
        ("fearon",),
        Form(
            "You want to know what a meeting changed. Which comparison answers this?",
            (
                "The world with the meeting, and the same world without it.",
                "The months before the meeting, and the months after it.",
                "These two governments, and two others that never met.",
                "What both governments said about it.",
            ),
            0,
        ),
        Form(
            "Without a call, contact ends in 60 of 100 worlds. With the call, it ends in 45 of "
            "these 60, and in none of the other 40. What did the call change?",
            (
                "Nothing: contact ends in some worlds with it too.",
                "It saved contact in all worlds.",
                "It saved contact in 15 of 100 worlds.",
                "It ended contact in 45 of 100 worlds.",
            ),
            2,
        ),
    ),
)
"""The ten questions, in order."""
