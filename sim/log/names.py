"""What people read for a kind of event, and for what a contact was about."""

from __future__ import annotations

from sim.ground.language import N_, _
from sim.log.accounts import AGENDAS
from sim.log.events import KINDS

KIND_NAMES = {
    "meeting_agreed": N_("meeting agreed"),
    "meeting_held": N_("meeting held"),
    "call_held": N_("call held"),
    "corridor_talk": N_("corridor talk"),
    "copresence": N_("copresence"),
    "contact_refused": N_("contact refused"),
    "meeting_cancelled": N_("meeting cancelled"),
    "contact_cut": N_("contact cut"),
    "contact_restored": N_("contact restored"),
    "detained": N_("detained"),
    "sentenced": N_("sentenced"),
    "swap_proposed": N_("swap proposed"),
    "swap_refused": N_("swap refused"),
    "released": N_("released"),
    "treaty_suspended": N_("treaty suspended"),
    "treaty_resumed": N_("treaty resumed"),
    "escalation": N_("escalation"),
    "deescalation": N_("deescalation"),
    "statement": N_("statement"),
    "message_delivered": N_("message delivered"),
    "contact_requested": N_("contact requested"),
    "request_unanswered": N_("request unanswered"),
    "meeting_postponed": N_("meeting postponed"),
    "agreement_reached": N_("agreement reached"),
    "channel_opened": N_("channel opened"),
    "channel_closed": N_("channel closed"),
    "talks_held": N_("talks held"),
}
"""The name of each kind within a sentence."""
SUBJECTS = {
    "war": N_("war"),
    "arms_control": N_("arms control"),
    "nuclear": N_("nuclear"),
    "detainees": N_("detainees"),
    "bilateral": N_("bilateral"),
    "regional": N_("regional"),
    "humanitarian": N_("humanitarian"),
    "families": N_("families"),
    "embassies": N_("embassies"),
    "economic": N_("economic"),
    "technology": N_("technology"),
    "borders": N_("borders"),
    "climate": N_("climate"),
    "other": N_("other"),
}
"""The name of each subject of a contact."""
for _table, _ids in ((KIND_NAMES, KINDS), (SUBJECTS, AGENDAS)):
    if astray := sorted({*_table} ^ {*_ids}):
        raise TypeError(f"each kind and each agenda needs its name: {astray}")


def kind_name(kind: str) -> str:
    """Name a kind of event within a sentence."""
    return _(KIND_NAMES[kind])


def subject_name(agenda: str) -> str:
    """Name what a contact was about; an agenda that a log declares has no name but its own."""
    return _(SUBJECTS[agenda]) if agenda in SUBJECTS else agenda.replace("_", " ")
