"""An explanation tree as a spreadsheet formula: one more reading of the trees in explain/terms.py.

A factor that stands in a cell of its own (∂L/∂a, ∂a/∂z) is read as that cell, so the sheet's arrows show the chain rule.
The formulas are the engine's own; for cross-entropies IF chooses between the rule in a and, where the output saturates,
the rule in z.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from backprop.engine import losses
from backprop.engine.steps import Cell, Step, Trace
from backprop.explain import numerals
from backprop.explain.derivation import explain
from backprop.explain.terms import Const, Local, Node, Product, Ref, Sum
from backprop.export.sheetmath import MARK, bare, call, plain, templates

Name = Callable[[Cell], str]
"""Writes a cell that is read: its address, or its symbol."""

NEAR = 5
"""Up to this |z| of an output the rule in a keeps 14 digits; farther out the sheet takes the rule in z.

The app shows the rule in a up to losses.SATURATED, because there it need not compute with it.
"""

_IN_TWO_FORMS = ("loss_term", "dL_da", "dL_dz")
"""What is computed of an output with a cross-entropy in one way near 0 and in another far out."""


@dataclass(frozen=True)
class Reading:
    """How a number of the sheet is computed.

    rule    the tree that is right everywhere
    near    of an output with a cross-entropy: the tree where the output is near 0, and then
    outputs the pre-activations that say whether it is
    """

    cell: Cell
    rule: Node
    near: Node | None = None
    outputs: tuple[Cell, ...] = ()

    def formula(self, name: Name, part: Callable[[int], str]) -> str:
        """The formula of the cell, without "="; `part` writes the place of one of `parts`."""

        def leaf(leaf: Local) -> str:
            return _filled(templates(leaf.expr)[-1], leaf, name, part)

        text = bare(_read(self.rule, self.cell, name, leaf))
        if self.near is None:
            return text
        sizes = [f"ABS({name(z)})" for z in self.outputs]
        within = f"{sizes[0] if len(sizes) == 1 else call('MAX', sizes)} <= {NEAR}"
        return call("IF", [within, _read(self.near, self.cell, name, leaf), text])

    def parts(self, name: Name, part: Callable[[int], str]) -> list[str]:
        """The formulas of parts that need cells of their own, because a typed formula is too long for one."""
        if not isinstance(self.rule, Local) or self.rule.cell not in (None, self.cell):
            return []
        return [_filled(text, self.rule, name, part) for text in templates(self.rule.expr)[:-1]]

    def text(self, name: Name) -> str:
        """The formula to be read: the same chain, with the textbook's formulas."""
        rule = self.rule if self.near is None else self.near
        return bare(_read(rule, self.cell, name, lambda leaf: _filled(plain(leaf.expr), leaf, name)))


class Readings:
    """The readings of a trace's cells. They are those of its network: no number of the trace decides about them."""

    def __init__(self, trace: Trace) -> None:
        self._near, self._far = _with_outputs_at(trace, 0.0), _with_outputs_at(trace, 2 * losses.SATURATED)
        self._network = trace.network

    def of(self, cell: Cell) -> Reading:
        """How a computed cell is computed. Raises KeyError for a cell that is not in the trace or is given."""
        rule, depth = explain(self._far, cell).rule, self._network.depth
        if not (self._network.fused and cell.layer == depth and cell.quantity in _IN_TWO_FORMS):
            return Reading(cell, rule)
        units = range(1, self._network.sizes[-1] + 1) if self._network.activations[-1].vector else (cell.unit,)
        outputs = tuple(Cell("z", depth, cell.sample, unit) for unit in units)
        return Reading(cell, rule, explain(self._near, cell).rule, outputs)


def _with_outputs_at(trace: Trace, z: float) -> Trace:
    """The trace as if every output had the same z, for the rules that are shown there; its numbers are not read."""
    last = trace["z", trace.network.depth]
    moved = Step(last.number, last.quantity, last.layer, np.full_like(last.value, z))
    return replace(trace, steps=tuple(moved if step is last else step for step in trace.steps))


# --- the tree


def _read(node: Node, own: Cell, name: Name, leaf: Callable[[Local], str]) -> str:
    match node:
        case Ref():
            return name(node.cell)
        case Const():
            return node.ascii
        case Local():
            if node.cell not in (None, own):
                return name(node.cell)
            return leaf(node) if node.over == 1 else f"({leaf(node)})/{node.over}"
        case Product():
            return "*".join(_factor(factor, own, name, leaf) for factor in node.factors)
        case Sum():
            text = ""
            for place, term in enumerate(node.terms):
                sign = " - " if place in node.minus else " + " if text else ""
                text += sign + _read(term, own, name, leaf)
            return text


def _factor(node: Node, own: Cell, name: Name, leaf: Callable[[Local], str]) -> str:
    text = _read(node, own, name, leaf)
    loose = isinstance(node, Sum) and len(node.terms) > 1
    return f"({text})" if loose or (isinstance(node, Local) and node.cell in (None, own)) else text


def _filled(text: str, leaf: Local, name: Name, part: Callable[[int], str] = str) -> str:
    """A printed formula with the marks of its letters replaced."""
    bound, fixed = dict(leaf.bound), dict(leaf.constants)

    def put(mark: re.Match[str]) -> str:
        letter = mark[1]
        if letter in bound:
            return name(bound[letter])
        return part(int(letter[1:])) if letter.startswith("#") else _number(fixed[letter])

    return MARK.sub(put, text)


def _number(number: float) -> str:
    text = str(number) if isinstance(number, int) else numerals.full(number).upper()
    return f"({text})" if text.startswith("-") else text
