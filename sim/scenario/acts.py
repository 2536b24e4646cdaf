"""What a party may do: one row an act.

Both executors read this table. An act that is added here must get its weights in
`sim.scenario.doctrine` and its rate in `sim.scenario.scenario`; without them nothing can be
imported. `docs/extending.md` shows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from sim.ground.language import N_
from sim.log.kinds import KIND_RULES
from sim.rules.conditions import CONDITIONS

Act = Literal[
    "meet", "call", "raise_detainees", "approach", "cancel", "cut", "swap", "send", "ask", "restore"
]

Condition = Literal[
    "always", "no_meeting", "meeting", "someone_held", "own_held", "unspoken", "cut_off"
]
"""When there is anything to decide: always; while no meeting is pending; while one is; while either
side holds somebody; while the other holds a national of the party; until somebody has walked up to
the other at the forum; while the party sees the channel as cut off."""
if get_args(Condition) != CONDITIONS:
    raise TypeError(f"Condition must list the conditions of `sim.rules`, in order: {CONDITIONS}")

Effect = Literal["event", "contact", "agreement", "exchange", "reply"]
"""What follows when it is done, and accepted where that is asked: the event itself; a contact that
each side tells in its way; an agreement to meet on a day; an exchange of detainees; the answer of
the other, beside the event itself."""
EFFECTS: tuple[Effect, ...] = get_args(Effect)


@dataclass(frozen=True)
class Words:
    """How people are asked for a decision."""

    question: str
    """The question; `{other}` is the other party, `{forum}` the forum; of an exchange `{home}` and
    `{away}` are whom it frees."""
    deed: str
    """What is done where the answer is yes."""
    done: str
    """The same, when it was done."""


@dataclass(frozen=True)
class ActRule:
    """What one act is."""

    name: Act
    when: Condition
    effect: Effect
    kind: str
    """The kind of event that it brings."""
    impossible: str
    """Why the model cannot produce a logged event of it, with the remedy."""
    words: Words
    """How a person who plays the party is asked."""
    refused: str | None = None
    """The kind of event where the other party declines; None where it is not asked."""
    answer_words: Words | None = None
    """How a person who plays the other party is asked; None where it is not."""
    accepted: str | None = None
    """The kind of event by which it accepts, where the proposal is an event of its own, whatever
    the answer."""
    confined: bool = False
    """Whether the agenda is detainees alone."""
    at_forum: bool = False
    """Whether forums bring its opportunities; a rate does otherwise."""
    optional: bool = False
    """Whether a scenario may do without it. Where its rate is 0, no party decides about it, and its
    coded events are facts."""

    @property
    def condition(self) -> int:
        """The code of `when`, for `sim.rules.conditions.available`."""
        return CONDITIONS.index(self.when)

    @property
    def answered(self) -> bool:
        """Whether the other party is asked."""
        return self.refused is not None

    @property
    def answers(self) -> tuple[str, ...]:
        """The kinds of event that answer a proposal which is an event of its own."""
        return () if self.accepted is None else (self.accepted, self.refused or "")


ACT_RULES: tuple[ActRule, ...] = (
    ActRule(
        "meet",
        "no_meeting",
        "agreement",
        "meeting_agreed",
        "another meeting was agreed and pending at that moment: code what became of it",
        Words(
            N_("Do we propose a meeting to {other}?"),
            N_("propose a meeting"),
            N_("proposed a meeting"),
        ),
        refused="contact_refused",
        answer_words=Words(
            N_("{other} proposes a meeting. Do we agree?"),
            N_("agree to a meeting"),
            N_("agreed to a meeting"),
        ),
    ),
    ActRule(
        "call",
        "always",
        "contact",
        "call_held",
        "no party has an opportunity to call: give rates_per_day.call a rate above 0",
        Words(
            N_("Do we propose a call to {other}, on any subject?"),
            N_("propose a call"),
            N_("proposed a call"),
        ),
        refused="contact_refused",
        answer_words=Words(
            N_("{other} proposes a call, on any subject. Do we agree?"),
            N_("agree to a call"),
            N_("agreed to a call"),
        ),
    ),
    ActRule(
        "raise_detainees",
        "someone_held",
        "contact",
        "call_held",
        "nobody was held at that moment: code the detention, or list the person under detainees",
        Words(
            N_("Do we propose a call to {other} about detainees, and nothing else?"),
            N_("propose a call about detainees"),
            N_("proposed a call about detainees"),
        ),
        refused="contact_refused",
        answer_words=Words(
            N_("{other} proposes a call about detainees only. Do we agree?"),
            N_("agree to a call about detainees"),
            N_("agreed to a call about detainees"),
        ),
        confined=True,
    ),
    ActRule(
        "approach",
        "unspoken",
        "contact",
        "corridor_talk",
        "an approach was made at that forum already: code one of them as a refusal or as part of "
        "the other",
        Words(
            N_("Do we walk up to {other} at {forum}?"),
            N_("walk up to the other side at a forum"),
            N_("walked up to the other side at a forum"),
        ),
        refused="contact_refused",
        answer_words=Words(
            N_("{other} walks up to us at {forum}. Do we stop and talk?"),
            N_("stop and talk at a forum"),
            N_("stopped and talked at a forum"),
        ),
        at_forum=True,
    ),
    ActRule(
        "cancel",
        "meeting",
        "event",
        "meeting_cancelled",
        "no meeting was agreed at that moment: code the agreement before it",
        Words(
            N_("Do we call off the meeting that is agreed with {other}?"),
            N_("call off the agreed meeting"),
            N_("called off the agreed meeting"),
        ),
    ),
    ActRule(
        "cut",
        "always",
        "event",
        "contact_cut",
        "no party has an opportunity to cut contact: give rates_per_day.cut a rate above 0",
        Words(
            N_("Do we end all contact with {other}?"),
            N_("end all contact"),
            N_("ended all contact"),
        ),
    ),
    ActRule(
        "swap",
        "own_held",
        "exchange",
        "swap_proposed",
        "no national of the proposer was held by the other: code the detention, or list the "
        "person under detainees",
        Words(
            N_("Do we offer {other} an exchange of detainees?"),
            N_("offer an exchange of detainees"),
            N_("offered an exchange of detainees"),
        ),
        refused="swap_refused",
        answer_words=Words(
            N_("{other} offers an exchange: {home} for {away}. Do we agree?"),
            N_("agree to an exchange of detainees"),
            N_("agreed to an exchange of detainees"),
        ),
        accepted="released",
    ),
    ActRule(
        "send",
        "always",
        "event",
        "message_delivered",
        "no party has an opportunity to send a message: give rates_per_day.send a rate above 0",
        Words(N_("Do we send {other} a message?"), N_("send a message"), N_("sent a message")),
        optional=True,
    ),
    ActRule(
        "ask",
        "always",
        "reply",
        "contact_requested",
        "no party has an opportunity to ask for contact: give rates_per_day.ask a rate above 0",
        Words(N_("Do we ask {other} for contact?"), N_("ask for contact"), N_("asked for contact")),
        refused="request_unanswered",
        answer_words=Words(
            N_("{other} asks for contact. Do we answer?"),
            N_("answer a request for contact"),
            N_("answered a request for contact"),
        ),
        accepted="message_delivered",
        optional=True,
    ),
    ActRule(
        "restore",
        "cut_off",
        "event",
        "contact_restored",
        "the party did not see the channel as cut off: code what ended it, or code what followed "
        "as a call, a message or an opening",
        Words(
            N_("Do we propose to {other} to restore the channel?"),
            N_("propose to restore the channel"),
            N_("proposed to restore the channel"),
        ),
        refused="contact_refused",
        answer_words=Words(
            N_("{other} proposes to restore the channel. Do we agree?"),
            N_("agree to restore the channel"),
            N_("agreed to restore the channel"),
        ),
        optional=True,
    ),
)
"""Every act, in the order of its code."""

ACTS: tuple[Act, ...] = tuple(rule.name for rule in ACT_RULES)
"""What a party may do at an opportunity; an act's code in arrays is its place here."""
ANSWERED: tuple[Act, ...] = tuple(rule.name for rule in ACT_RULES if rule.answered)
"""Acts that need the other party's acceptance."""
RULE_OF: dict[str, ActRule] = {rule.name: rule for rule in ACT_RULES}

if get_args(Act) != ACTS:
    raise TypeError(f"Act and ACT_RULES must list the same acts in order: {get_args(Act)}, {ACTS}")
for _rule in ACT_RULES:
    if {_rule.kind, _rule.refused or _rule.kind, _rule.accepted or _rule.kind} - {*KIND_RULES}:
        raise TypeError(f"the act {_rule.name} brings a kind of event that there is not")
    if _rule.effect == "contact" and not KIND_RULES[_rule.kind].told:
        raise TypeError(f"the act {_rule.name} brings a contact that nobody tells: {_rule.kind}")
    if (_rule.accepted is not None) != (_rule.effect in ("exchange", "reply")):
        raise TypeError(f"the act {_rule.name} must name the kind that accepts, or must not")
    if _rule.effect != "event" and not _rule.answered:
        raise TypeError(f"the act {_rule.name} needs an answer: name the kind that declines")
    if _rule.answered != (_rule.answer_words is not None):
        raise TypeError(f"the act {_rule.name} must say how the other is asked, or must not")


def check_fields(model: str, fields: Iterable[str], acts: Iterable[str]) -> None:
    """Check that a model of the file format has a field for each act, and no other.

    Raises:
        TypeError: an act was added to the table and forgotten there, or the other way round.
    """
    astray = sorted({*fields} ^ {*acts})
    if astray:
        raise TypeError(f"{model} must have a field for each act: {astray}")


def acts_behind(kind: str, *, confined: bool, forum: bool) -> tuple[Act, ...]:
    """List the acts whose opportunity a logged event may have been.

    Where several acts bring events of one kind, the forum tells them apart, and then the agenda.
    """
    rules = [r for r in ACT_RULES if kind in (r.kind, r.refused) and r.effect != "exchange"]
    rules += [r for r in ACT_RULES if r.effect == "exchange" and kind == r.kind]
    rules = [r for r in rules if r.at_forum == forum] or rules
    rules = [r for r in rules if r.confined == confined] or rules
    return tuple(r.name for r in rules)
