"""What is put back: whether a changed past is history again, event by event and bit by bit."""

from __future__ import annotations

from sim.ensemble.weighed import compile_weighed
from sim.ground.errors import InputError
from sim.kernel import run as kernel
from sim.log.events import KINDS
from sim.model.abduction import infer
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.eventtable import compare, events_of_world, join
from sim.model.replication import replicate
from sim.model.situation import Situation
from sim.scenario.scenario import Change, Scenario


def possible(program: CompiledScenario, seed: int, replications: int) -> bool:
    """Whether the model could have brought about the history in some replications."""
    try:
        for r in range(replications):
            infer(program, seed, r)
    except InputError:
        return False
    return True


def account(program: CompiledScenario, situation: Situation) -> list[object]:
    """All that happened and every state on the way, to the bit. Coded events are named by id: a
    changed one has another place among the facts, and is nobody's act any more."""
    events = [
        (
            (h.at_s, KINDS[h.kind], h.channel, h.by, h.confined, h.severity.hex(), h.persons),
            (h.told, h.national, h.holder, h.meeting_s),
            program.facts.ids[h.fact] if h.fact >= 0 else None,
        )
        for h in situation.happenings
    ]
    stocks = [[[v.hex() for v in sides] for sides in dyad] for dyad in situation.stocks]
    return [events, situation.path, stocks, situation.held, situation.suspended]


def neutral(whole: Scenario, id_: str, form: str) -> Scenario:
    """The scenario with a change that takes an event away and puts it back where it was."""
    assert whole.history is not None
    event = next(e for e in whole.history.events if e.id == id_)
    changes = [Change(remove=id_), Change(insert=event)]
    if form == "move":
        changes = [Change.model_validate({"move": {"event": id_, "to": event.date}})]
    return whole.model_copy(update={"changes": tuple(changes)})


def differences(whole: Scenario, other: Scenario, seed: int, replications: int) -> int:
    """In how many worlds two scenarios bring about different accounts of a retraced past."""
    ours, theirs = (compile_scenario(s, retrace=True) for s in (whole, other))
    worlds = (
        [replicate(p, seed, r).situation for r in range(replications)] for p in (ours, theirs)
    )
    return sum(account(ours, a) != account(theirs, b) for a, b in zip(*worlds, strict=True))


def forecast(whole: Scenario, seed: int, replications: int) -> list[list[object]]:
    """The accounts of a scenario's worlds without its changes."""
    plain = compile_weighed(whole.model_copy(update={"changes": ()}))
    return [account(plain, replicate(plain, seed, r).situation) for r in range(replications)]


def unlike_history(
    whole: Scenario, seed: int, replications: int, given: list[list[object]] | None = None
) -> int:
    """In how many worlds a what-if that changes nothing is not the forecast, in either executor:
    not all that happened, not every state or memory. `given` is the forecast, where it is there."""
    given = given or forecast(whole, seed, replications)
    program = compile_weighed(whole, retrace=True)
    worlds = [replicate(program, seed, r).situation for r in range(replications)]
    _, compiled = kernel.run(program, seed, 0, replications, events=True)
    assert compiled is not None
    events = join(events_of_world(w, r) for r, w in enumerate(worlds))
    assert isinstance(compare(events, compiled), int)
    return sum(account(program, w) != g for w, g in zip(worlds, given, strict=True))
