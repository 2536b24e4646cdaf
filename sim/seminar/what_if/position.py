"""A position: what is changed, by which values, with which seed; and its scenario.

A position obeys the rules of a scenario's file, since its scenario is checked by the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.ground.checking import check, placed
from sim.ground.dates import day
from sim.ground.errors import InputError, Problem
from sim.ground.files import canonical_json
from sim.ground.language import N_, _, numeral
from sim.ground.yaml import Document
from sim.report.wording import changes_in_words
from sim.scenario.interventions import first_change
from sim.scenario.resolve import in_canonical_order, resolved_text
from sim.scenario.rules import broken_rules
from sim.scenario.scenario import Change, Scenario
from sim.seminar.lesson.sliders import Slider, slid
from sim.seminar.record.refusal import Refused
from sim.seminar.what_if.record import MAX_CHANGES, BranchKept
from sim.seminar.what_if.shipped import Base


@dataclass(frozen=True)
class Position:
    """One point of the space of what-ifs."""

    values: tuple[float, ...]
    """The value of each slider, in order."""
    seed: int
    changes: tuple[Change, ...] = ()

    @property
    def key(self) -> str:
        """Name the position: equal positions have equal keys."""
        told = [self.values, self.seed, sorted(c.model_dump_json() for c in self.changes)]
        return canonical_json(told)

    def slid(self, base: Base, values: Mapping[int, float]) -> Position:
        """Return the position with some sliders moved; values go to the nearest step.

        Raises:
            Refused: there is no such slider, or a value lies outside its range.
        """
        found = list(self.values)
        for n, value in values.items():
            if not 0 <= n < len(base.sliders):
                raise Refused(_("There is no such slider."))
            slider = base.sliders[n]
            if not slider.start <= value <= slider.to:
                raise Refused(
                    _(
                        "“{slider}” must lie between {low} and {high}, and {value} does not.",
                        slider=slider.title,
                        low=numeral(f"{slider.start:g}"),
                        high=numeral(f"{slider.to:g}"),
                        value=numeral(f"{value:g}"),
                    )
                )
            found[n] = stepped(slider, value, base.shipped[n])
        return replace(self, values=tuple(found))

    def changed(self, base: Base, told: Mapping[str, Any]) -> Position:
        """Return the position with one more change, as a scenario's file writes it. A change of an
        event that is changed already takes the place of the other one.

        Raises:
            Refused: the scenario refuses it, in the words of its check, or there are too many.
        """
        try:
            change = check(Change, Document("change", dict(told)))
        except InputError as error:
            raise _refused(error.problems) from None
        kept = [c for c in self.changes if _event(c) != _event(change)]
        if len(kept) >= MAX_CHANGES:
            raise Refused(
                _("A what-if holds {most} changes of history at most. Undo one.", most=MAX_CHANGES)
            )
        found = replace(self, changes=(*kept, change))
        scenario_at_position(base, found)
        return found

    def without(self, base: Base, place: int) -> Position:
        """Return the position without one of its changes, counted from 0.

        Raises:
            Refused: there is no such change, or the others do not hold without it.
        """
        if not 0 <= place < len(self.changes):
            raise Refused(_("There is no such change."))
        rest = (*self.changes[:place], *self.changes[place + 1 :])
        found = replace(self, changes=rest)
        scenario_at_position(base, found)
        return found


def _event(change: Change) -> str:
    """Name the event that a change is about."""
    if change.insert is not None:
        return change.insert.id
    return change.remove or (change.move.event if change.move is not None else "")


def stepped(slider: Slider, value: float, shipped: float) -> float:
    """Return the nearest value that a slider can stand at; steps are counted from the value that
    ships, so that it can always go back there."""
    step = step_of(slider)
    near = shipped + round((value - shipped) / step) * step
    return float(f"{min(max(near, slider.start), slider.to):.6g}")


def step_of(slider: Slider) -> float:
    """Return the distance from one value of a slider to the next."""
    return slider.step or (slider.to - slider.start) / 100


def shipped_position(base: Base) -> Position:
    """Return the position in which nothing is changed."""
    values = tuple(float(f"{v:.6g}") for v in base.shipped)
    return Position(values, base.scenario.ensemble.seed, base.scenario.changes)


def scenario_at_position(base: Base, position: Position) -> Scenario:
    """Return the scenario of a position.

    Raises:
        Refused: it breaks a rule of scenarios, in the words of their check.
    """
    try:
        scenario = slid(base.scenario, base.sliders, _exact(base, position.values))
        ensemble = scenario.ensemble.model_copy(update={"seed": position.seed})
        update: dict[str, Any] = {"changes": position.changes, "ensemble": ensemble}
        scenario = scenario.model_copy(update=update)
        first = first_change(scenario)
        if first is not None and first < base.begin_s:
            update = {"show_from": str(day(first))}
            scenario = scenario.model_copy(update=update)
        problems = placed(broken_rules(scenario), Document(scenario.title, {}))
    except InputError as error:
        problems = error.problems
    if problems:
        raise _refused(problems)
    return in_canonical_order(scenario).ordered(base.scenario.outcome_order)


def _refused(problems: Sequence[Problem]) -> Refused:
    """Tell the first problem as the check of scenarios words it."""
    where = problems[0].path.rpartition("]")[2].strip(".")
    place = f"{where.replace('.', ', ')}: " if where else ""
    got = f" (got {problems[0].got})" if problems[0].got else ""
    told = f"{place}{problems[0].rule}{got}"  # as the check of files says it: in English
    return Refused(_("The scenario refuses this: {problem}.", problem=told))


def _exact(base: Base, values: tuple[float, ...]) -> list[float]:
    """Give sliders that stand where they shipped the very number of the scenario."""
    shipped = shipped_position(base).values
    return [
        exact if value == rounded else value
        for value, rounded, exact in zip(values, shipped, base.shipped, strict=True)
    ]


def in_words(base: Base, position: Position) -> list[str]:
    """Say what is changed in a position, the history first."""
    changed = base.scenario.model_copy(update={"changes": position.changes})
    words = [w[:1].upper() + w[1:] for w in changes_in_words(changed, ids=False)]
    said = N_("{slider}: {value} (normal value: {normal})")
    for title, value, old in _moved(base, position):
        told = {"value": numeral(f"{value:g}"), "normal": numeral(f"{old:g}")}
        words.append(_(said, slider=title, **told))
    return words


def _moved(base: Base, position: Position) -> list[tuple[str, float, float]]:
    """List the sliders that do not stand where they shipped: the title, the value, the old one."""
    shipped = shipped_position(base).values
    listed = zip(base.sliders, position.values, shipped, strict=True)
    return [(slider.title, value, old) for slider, value, old in listed if value != old]


def branch_of(position: Position, base: Base, number: int, name: str, by: int | None) -> BranchKept:
    """Keep a position as a branch."""
    return BranchKept(
        number=number,
        name=name,
        changes=position.changes,
        values={title: value for title, value, _ in _moved(base, position)},
        seed=position.seed,
        by=by,
    )


def position_of(base: Base, branch: BranchKept) -> Position:
    """Return the position that a branch keeps.

    Raises:
        Refused: the lesson or its scenario is another one by now, so that it does not fit.
    """
    places = {s.title: n for n, s in enumerate(base.sliders)}
    if unknown := [title for title in branch.values if title not in places]:
        raise Refused(
            _(
                "The branch “{branch}” is of another version of this lesson: there is no slider "
                "“{slider}” any more. The record still holds it.",
                branch=branch.name,
                slider=unknown[0],
            )
        )
    start = Position(shipped_position(base).values, branch.seed, branch.changes)
    found = start.slid(base, {places[title]: v for title, v in branch.values.items()})
    scenario_at_position(base, found)
    return found


def position_text(base: Base, position: Position, name: str, origin: str) -> str:
    """Write a position as a scenario that can be run on its own; `origin` says where it is from.

    Raises:
        Refused: it breaks a rule of scenarios.
    """
    words = in_words(base, position) or [_("nothing is changed")]
    reasons = _("{origin} Changed: {changes}.", origin=origin, changes=_("; ").join(words))
    update = {"title": f"{base.scenario.title}: {name}"[:2_000], "reasons": reasons[:2_000]}
    named = scenario_at_position(base, position).model_copy(update=update)
    return resolved_text(named.ordered(base.scenario.outcome_order))
