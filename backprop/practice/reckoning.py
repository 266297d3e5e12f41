"""The numbers of an iteration as somebody works them out by hand, and how far rounding on the way may take each of them.

A number is computed from those before it by the same tree that explains it (explain.lines.stepwise): from what is given, from
what stands on the sheet, and from the answers already written there, right or wrong. With each number goes a radius: if every
number on the way was rounded to `digits` decimals, the result lies within so much of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from backprop.engine.backward import backward
from backprop.engine.forward import forward
from backprop.engine.network import Parameters
from backprop.engine.steps import Cell, Step, Trace, cell_at, mean_loss, record
from backprop.explain import lines, numerals
from backprop.explain.factors import delta_of
from backprop.explain.terms import Const, Local, Node, Product, Ref, Sum, local_value

AFTER = "loss_after"
"""The quantity of a sheet's last number, the loss after the update. It is of the sheet alone: a trace ends with the update."""


class Number(NamedTuple):
    """A number worked out by hand: its value, and how far rounding on the way may have moved it."""

    value: float
    radius: float = 0.0


Rewrite = Callable[[Trace, Cell], Node | None]
"""What a slip makes of the rule of a number; None where it changes nothing."""


def after(trace: Trace) -> Cell:
    """The cell of the loss after the update."""
    return Cell(AFTER, trace.network.depth)


def blank_at(address: str) -> Cell | None:
    """The cell of a sheet with an address, or None if it is not one."""
    quantity, _dot, layer = address.partition(".")
    if quantity == AFTER:
        return Cell(AFTER, int(layer)) if layer.isascii() and layer.isdigit() and len(layer) == 1 else None
    return cell_at(address)


def half_unit(value: float, digits: int) -> float:
    """Half a unit of the last digit that is asked for of a number, as numerals writes it: 0.00005, or of 4.386·10⁻⁴ 5·10⁻⁸."""
    if not math.isfinite(value):
        return 0.0
    _mantissa, exponent = numerals.parts(value, digits)
    return 0.5 * 10.0 ** (-digits if exponent is None else exponent - max(digits, 2) + 1)


@lru_cache(maxsize=8192)
def rule(trace: Trace, cell: Cell) -> Node:
    """The rule of a number from the numbers before it."""
    return lines.stepwise(trace, cell)


def new_parameters(trace: Trace) -> Parameters:
    """The parameters after the update as the trace's own numbers have them (which may be somebody's answers)."""
    made = Reckoning(trace, 12, blank=())
    return made.parameters()[0]


class Reckoning:
    """One way through an iteration by hand.

    answers  numbers that somebody wrote down; they are used as they are
    blank    cells that do not stand on the sheet; None: none of the computed ones does
    rewrite  a slip that is made wherever a number is computed here
    """

    def __init__(
        self,
        trace: Trace,
        digits: int,
        answers: Mapping[Cell, float] | None = None,
        blank: Collection[Cell] | None = None,
        rewrite: Rewrite | None = None,
    ) -> None:
        self.trace, self.digits, self.blank, self.rewrite = trace, digits, blank, rewrite
        self.answers = answers or {}
        self._known: dict[Cell, Number] = {}
        self._unrounded: dict[Cell, Number] = {}

    def value(self, cell: Cell) -> Number:
        """The number that stands or would stand at a cell."""
        found = self._known.get(cell)
        if found is None:
            found = self._known[cell] = self._found(cell)
        return found

    def _found(self, cell: Cell) -> Number:
        if cell in self.answers:
            value = self.answers[cell]
            return Number(value, half_unit(value, self.digits))
        if cell.quantity in numerals.GIVEN:
            return Number(self.trace.at(cell))
        if cell.quantity == "t":
            return Number(self.trace.at(cell))
        if self.blank is not None and cell not in self.blank:
            value = self.trace.at(cell)
            return Number(value, half_unit(value, self.digits))
        value, radius = self.computed(cell)
        return Number(value, radius + self._step(cell, value))

    def _step(self, cell: Cell, value: float) -> float:
        """How far one rounding takes a number: what is written down has the digits asked for, what is not `digits` decimals."""
        half = half_unit(value, self.digits)
        written = cell in self.answers or (self.blank is not None and cell not in self.blank)
        return half if written else max(half, 0.5 * 10.0**-self.digits)

    def computed(self, cell: Cell, node: Node | None = None) -> Number:
        """A number as it comes out before it is rounded itself. node: the rule by which, instead of the cell's own."""
        if node is not None:
            return self.read(node)
        found = self._unrounded.get(cell)
        if found is None:
            found = self._unrounded[cell] = self._worked_out(cell)
        return found

    def _worked_out(self, cell: Cell) -> Number:
        if cell.quantity == AFTER:
            return self._loss_after()
        node = None if self.rewrite is None else self.rewrite(self.trace, cell)
        if node is not None:
            return self.read(node)
        found = self.read(rule(self.trace, cell))
        network = self.trace.network
        if cell.quantity == "dL_dz" and network.fused and cell.layer == network.depth:
            return Number(found.value, min(found.radius, self._fused_radius(cell)))
        return found

    def _fused_radius(self, delta: Cell) -> float:
        """Of an output whose error and slope belong together: what the output's rounding does to both at once cancels but for a − t;
        what is left is the rounding of the two numbers themselves."""
        assert delta.sample and delta.unit
        radius = self.read(delta_of(self.trace, delta.sample, delta.unit)).radius
        node = rule(self.trace, delta)
        for term in node.terms if isinstance(node, Sum) else (node,):
            if isinstance(term, Product):
                one, other = (leaf for leaf in term.factors if isinstance(leaf, Ref))
                a, b = self.value(one.cell).value, self.value(other.cell).value
                radius += abs(a) * self._step(other.cell, b) + abs(b) * self._step(one.cell, a)
        return radius

    def read(self, node: Node) -> Number:
        """The value of a rule."""
        match node:
            case Ref():
                return self.value(node.cell)
            case Const():
                return Number(node.value)
            case Local():
                return self._local(node)
            case Product():
                value, most = 1.0, 1.0
                for factor in node.factors:
                    each = self.read(factor)
                    value *= each.value
                    most *= abs(each.value) + each.radius
                return Number(value, max(0.0, most - abs(value)))
            case Sum():
                value, radius = 0.0, 0.0
                for place, term in enumerate(node.terms):
                    each = self.read(term)
                    value += -each.value if place in node.minus else each.value
                    radius += each.radius
                return Number(value, radius)

    def _local(self, leaf: Local) -> Number:
        """A formula of a table; where nothing differs from the trace it is the trace's own number, which is exact far out too."""
        read = {cell: self.value(cell) for _name, cell in leaf.bound}
        untouched = all(number.value == self.trace.at(cell) for cell, number in read.items())
        value = leaf.value if untouched else local_value(leaf, lambda cell: read[cell].value)
        radius = 0.0
        for moved, number in read.items():
            if number.radius:
                ends = (
                    local_value(leaf, lambda cell: read[cell].value + (sign * number.radius if cell == moved else 0.0))  # noqa: B023 - used at once
                    for sign in (-1.0, 1.0)
                )
                radius += max((abs(end - value) for end in ends if math.isfinite(end)), default=0.0)
        return Number(value, radius)

    def _loss_after(self) -> Number:
        """The forward pass once more with the new parameters: the mean loss."""
        trace, network = self.trace, self.trace.network
        new, spread = self.parameters()
        X, T = trace["x", 0].value, trace["t", network.depth].value
        with np.errstate(all="ignore"):
            value = mean_loss(network, new, X, T)
            slopes = backward(network, new, forward(network, new, X), T, inputs=False)
            radius = sum(float(np.abs(slope * r).sum()) for slope, r in zip(slopes.dL_dW, spread.W, strict=True))
            radius += sum(
                float(np.abs(slope * r).sum())
                for slope, r in zip(slopes.dL_db, spread.b, strict=True)
                if slope is not None and r is not None
            )
            then = record(network, new, X, T, float(trace["learning_rate"].value))
        rounding = Reckoning(then, self.digits).value(Cell("loss", network.depth)).radius
        return Number(value, (radius if math.isfinite(radius) else 0.0) + rounding)

    def parameters(self) -> tuple[Parameters, Parameters]:
        """The parameters after the update, and their radii."""
        values: dict[str, list] = {"W": [], "b": []}
        radii: dict[str, list] = {"W": [], "b": []}
        for l in range(1, self.trace.network.depth + 1):
            for quantity in ("W", "b"):
                name = f"{quantity}_new" if (f"{quantity}_new", l) in self.trace else quantity
                if (name, l) not in self.trace:
                    values[quantity].append(None)
                    radii[quantity].append(None)
                    continue
                step = self.trace[name, l]
                numbers = [self.value(cell) for cell in self.trace.cells(step)]
                values[quantity].append(np.array([each.value for each in numbers]).reshape(step.value.shape))
                radii[quantity].append(np.array([each.radius for each in numbers]).reshape(step.value.shape))
        return (
            Parameters(tuple(values["W"]), tuple(values["b"])),
            Parameters(tuple(radii["W"]), tuple(radii["b"])),
        )

    def written(self) -> Trace:
        """The iteration with the answers in it, and with what follows from them: for equations that show somebody's own numbers."""
        if not self.answers:
            return self.trace
        return Trace(
            self.trace.network,
            self.trace.iteration,
            self.trace.given,
            tuple(self._step_written(step) for step in self.trace.steps),
            self.trace.after,
            self.trace.update_biases,
        )

    def _step_written(self, step: Step) -> Step:
        value = step.value.copy()
        places = [tuple(index) for index in np.ndindex(*value.shape)]
        for place, cell in zip(places, self.trace.cells(step), strict=True):
            if cell in self.answers or self.blank is None or cell in self.blank:
                value[place] = self.value(cell).value
        value.setflags(write=False)
        return Step(step.number, step.quantity, step.layer, value)
