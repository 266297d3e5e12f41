"""The rules of an iteration, compiled once for all lessons that differ in their numbers alone: what a twin computes by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from backprop.engine.losses import SATURATED
from backprop.engine.network import Network
from backprop.engine.steps import Cell, Step, Trace
from backprop.explain.lines import stepwise
from backprop.lessons.lesson import Lesson
from backprop.practice.arithmetic import Formula, Number, Products, compiled
from backprop.runs.history import trace


@dataclass(frozen=True)
class Programme:
    """An iteration as rules on a list of numbers: the 1, then what is given, then what is computed, in the order of the walk.

    cells  whose number stands at each place; the 1 is nobody's
    rules  of the computed numbers, from the place `given` on
    after  (place of a parameter, place of its new value)
    """

    cells: tuple[Cell | None, ...]
    given: int
    rules: tuple[Products | Formula, ...]
    after: tuple[tuple[int, int], ...]
    trace: Trace

    @cached_property
    def places(self) -> dict[Cell, int]:
        """Where the number of each cell stands."""
        return {cell: place for place, cell in enumerate(self.cells) if cell}

    @cached_property
    def work(self) -> int:
        """Numbers put in by one iteration."""
        return sum(
            2 * (len(rule.plus) + len(rule.minus)) if isinstance(rule, Products) else 4 * len(rule.letters) + 4
            for rule in self.rules
        )

    @cached_property
    def outputs(self) -> tuple[tuple[Cell, ...], ...]:
        """The pre-activations of the outputs where a saturated one changes the rules, sample by sample."""
        depth = self.trace.network.depth
        if not self.trace.network.fused:
            return ()
        units = range(1, self.trace.network.sizes[-1] + 1)
        return tuple(tuple(Cell("z", depth, s, k) for k in units) for s in range(1, self.trace.samples + 1))

    def saturated(self, numbers: list[Number]) -> dict[int, Products | Formula]:
        """The rules in z of the outputs that are that far out, by place; as on the sheet, whose rules read the same limit."""
        z = [[float(numbers[self.places[cell]]) for cell in row] for row in self.outputs]
        if not any(abs(each) > SATURATED for row in z for each in row):
            return {}
        here = _with_outputs(self.trace, np.array(z))
        depth = here.network.depth
        cells = [cell for name in ("loss_term", "dL_da", "dL_dz") for cell in here.cells(here[name, depth])]
        return {self.places[cell]: compiled(stepwise(here, cell), self.places) for cell in cells}


def _with_outputs(found: Trace, z: np.ndarray) -> Trace:
    """The trace with other pre-activations of the outputs, (m, n_L): what says which rules hold there."""
    depth = found.network.depth
    steps = tuple(
        Step(step.number, "z", depth, z) if (step.quantity, step.layer) == ("z", depth) else step for step in found
    )
    return replace(found, steps=steps)


MOST_KEPT = 64
_kept: dict[tuple[Network, int, bool], Programme] = {}


def programme(lesson: Lesson) -> Programme:
    """The rules of a lesson's iterations; lessons that differ in their numbers alone share them."""
    key = lesson.network, len(lesson.inputs), lesson.update_biases
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        start = trace(lesson)
        found = _kept[key] = _written(_with_outputs(start, 0.0 * lesson.T) if lesson.network.fused else start)
    return found


def _written(found: Trace) -> Programme:
    given = [cell for step in found.given for cell in found.cells(step)]
    computed = [cell for step in found for cell in found.cells(step)]
    cells = (None, *given, *computed)
    places = {cell: place for place, cell in enumerate(cells) if cell}
    after = tuple(
        (places[cell._replace(quantity=cell.quantity.removesuffix("_new"))], places[cell])
        for cell in computed
        if cell.quantity in ("W_new", "b_new")
    )
    rules = tuple(compiled(stepwise(found, cell), places) for cell in computed)
    return Programme(cells, len(given) + 1, rules, after, found)
