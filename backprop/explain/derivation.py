"""Any number of a trace, explained: the rule it comes from as a tree of factors.

One function per quantity builds the tree; RULES is their table. For the gradient of a hidden weight the sum over all
following units is written out, not hidden in a δ; with several samples it is the sum of each sample's part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from backprop.engine import activations
from backprop.engine.steps import Cell, Trace
from backprop.explain.factors import (
    counts,
    delta_of,
    error_of,
    from_right,
    fused,
    in_z,
    jacobian_of,
    reach,
    saturated,
    slope_of,
)
from backprop.explain.terms import Const, Local, Node, Product, Ref, Sum, true_value


@dataclass(frozen=True)
class Explanation:
    """What the class sees of a cell.

    cell, value  the number
    rule         the whole tree
    part         with several samples and a parameter's gradient: the picked sample's part of it; else the rule itself
    sample       the picked sample
    notes        names of things to be said with it: "kink", "fused", "saturated", "shared"
    """

    cell: Cell
    value: float
    rule: Node
    part: Node
    sample: int
    notes: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Node, ...]:
        """The samples' parts of a parameter's gradient, where there are several samples."""
        return self.rule.terms if self.part is not self.rule and isinstance(self.rule, Sum) else ()


def explain(trace: Trace, cell: Cell, sample: int = 1) -> Explanation:
    """The explanation of a computed cell. sample: which one to show of a parameter's gradient.

    Raises KeyError for a cell that is not in the trace or is given, not computed.
    """
    if cell.quantity not in RULES:
        raise KeyError(cell)
    value = trace.at(cell)
    rule = RULES[cell.quantity](trace, cell)
    part, chosen = rule, cell.sample or sample
    if cell.quantity in ("dL_dW", "dL_db") and trace.samples > 1 and isinstance(rule, Sum):
        chosen = min(max(1, sample), trace.samples)
        part = rule.terms[chosen - 1]
    return Explanation(cell, value, rule, part, chosen, tuple(_notes(trace, cell, chosen)))


def contributions(explanation: Explanation, trace: Trace) -> list[float]:
    """Of a parameter's gradient: what each sample's own loss says. Their mean is the gradient."""
    return [true_value(part, trace) * trace.samples for part in explanation.parts]


def _notes(trace: Trace, cell: Cell, sample: int):
    network = trace.network
    if cell.quantity in ("da_dz", "dL_dz", "dL_dW", "dL_db") and cell.layer and cell.unit:
        at = trace["z", cell.layer].value[(cell.sample or sample) - 1, cell.unit - 1]
        if at in network.activations[cell.layer - 1].kinks:
            yield "kink"
    if (
        cell.layer == network.depth
        and cell.quantity in ("dL_dz", "dL_dW", "dL_db")
        and fused(trace, sample)
        and (cell.quantity != "dL_dz" or saturated(trace, sample))
    ):
        yield "fused"
    if cell.layer == network.depth and cell.quantity in ("loss_term", "dL_da") and saturated(trace, sample, cell.unit):
        yield "saturated"
    if network.shared_bias and cell.quantity == "dL_db":
        yield "shared"


# --- one rule per quantity


def _z(trace: Trace, cell: Cell) -> Node:
    layer, sample, unit = cell.layer, cell.sample, cell.unit
    assert layer and sample and unit

    def term(j: Any) -> Node:
        return Product((Ref(Cell("W", layer, None, unit, j), "weight"), Ref(trace.sends(layer - 1, j, sample), "in")))

    bias = (Ref(_bias(trace, "b", layer, unit), "weight"),) if ("b", layer) in trace else ()
    return Sum(
        (*map(term, range(1, trace.network.sizes[layer - 1] + 1)), *bias), over="j", generic=term("j"), tail=len(bias)
    )


def _bias(trace: Trace, quantity: str, layer: int, unit: int | None) -> Cell:
    return Cell(quantity, layer, unit=None if trace.network.shared_bias else unit)


def _a(trace: Trace, cell: Cell) -> Node:
    layer, sample, unit = cell.layer, cell.sample, cell.unit
    assert layer and sample and unit
    row, value = trace.network.activations[layer - 1], trace.at(cell)
    if not row.vector:
        return Local(
            row.formula, (("z", Cell("z", layer, sample, unit)),), value, "in", None, None, tuple(row.constants.items())
        )
    names = tuple(sp.Symbol(f"z{k}", real=True) for k in range(1, trace.network.sizes[layer] + 1))
    bound = tuple((str(s), Cell("z", layer, sample, k)) for k, s in enumerate(names, 1))
    return Local(activations.softmax_formula(names, unit - 1), bound, value, "in")


def _loss_term(trace: Trace, cell: Cell) -> Node:
    depth, sample, unit = trace.network.depth, cell.sample, cell.unit
    assert sample and unit
    if saturated(trace, sample, unit):
        expr, bound = in_z(trace, sample, unit, slope=False)
        return Local(expr, bound, trace.at(cell), "loss", None, None, counts(trace))
    bound = (("a", Cell("a", depth, sample, unit)), ("t", Cell("t", depth, sample, unit)))
    return Local(trace.network.loss.term, bound, trace.at(cell), "loss", None, None, counts(trace))


def _loss(trace: Trace, cell: Cell) -> Node:
    depth = trace.network.depth
    if cell.sample is not None or trace.samples == 1:
        sample = cell.sample or 1

        def term(k: Any) -> Node:
            return Ref(Cell("loss_term", depth, sample, k), "loss")

        return Sum(tuple(map(term, range(1, trace.network.sizes[-1] + 1))), generic=term("k"))
    m = trace.samples

    def one(s: Any) -> Node:
        return Ref(Cell("loss", depth, s), "loss")

    samples = Sum(tuple(map(one, range(1, m + 1))), over="s", generic=one("s"))
    return Product((Const(1 / m, rf"\tfrac{{1}}{{{m}}}", f"(1/{m})"), samples))


def _dL_da(trace: Trace, cell: Cell) -> Node:
    assert cell.layer and cell.sample and cell.unit
    if cell.layer == trace.network.depth:
        return error_of(trace, cell.sample, cell.unit)
    return from_right(trace, cell.layer, cell.sample, cell.unit)


def _da_dz(trace: Trace, cell: Cell) -> Node:
    assert cell.layer and cell.sample and cell.unit
    if cell.from_unit is not None:
        return jacobian_of(trace, cell.layer, cell.sample, cell.unit, cell.from_unit)
    return slope_of(trace, cell.layer, cell.sample, cell.unit)


def _dL_dz(trace: Trace, cell: Cell) -> Node:
    layer, sample, unit = cell.layer, cell.sample, cell.unit
    assert layer and sample and unit
    output = layer == trace.network.depth
    if output and trace.network.fused and saturated(trace, sample):
        return delta_of(trace, sample, unit)
    loss = Cell("loss", trace.network.depth)
    if trace.network.activations[layer - 1].vector:

        def term(i: Any) -> Node:
            a_i = Cell("a", layer, sample, i)
            return Product(
                (
                    Ref(Cell("dL_da", layer, sample, i), "error", (loss, a_i)),
                    Ref(Cell("da_dz", layer, sample, i, unit), "slope", (a_i, Cell("z", layer, sample, unit))),
                )
            )

        return Sum(tuple(map(term, range(1, trace.network.sizes[layer] + 1))), over="i", generic=term("i"))
    arriving = error_of(trace, sample, unit) if output else from_right(trace, layer, sample, unit)
    return Product((arriving, slope_of(trace, layer, sample, unit)))


def _over_samples(trace: Trace, part: Callable[[int], Node]) -> Node:
    parts = tuple(part(sample) for sample in range(1, trace.samples + 1))
    return parts[0] if len(parts) == 1 else Sum(parts, over="s")


def _dL_dW(trace: Trace, cell: Cell) -> Node:
    layer, unit, sender = cell.layer, cell.unit, cell.from_unit
    assert layer and unit and sender

    def part(sample: int) -> Node:
        came_in = Ref(
            trace.sends(layer - 1, sender, sample),
            "in",
            (Cell("z", layer, sample, unit), Cell("W", layer, None, unit, sender)),
        )
        return Product((*reach(trace, layer, sample, unit), came_in))

    return _over_samples(trace, part)


def _dL_db(trace: Trace, cell: Cell) -> Node:
    layer = cell.layer
    assert layer
    bias = _bias(trace, "b", layer, cell.unit)

    def part(sample: int) -> Node:
        units = [cell.unit] if cell.unit is not None else list(range(1, trace.network.sizes[layer] + 1))
        if len(units) > 1:  # a tied bias reaches the loss through every unit of its layer

            def term(k: Any) -> Node:
                z = Cell("z", layer, sample, k)
                return Product(
                    (
                        Ref(Cell("dL_dz", layer, sample, k), "delta", (Cell("loss", trace.network.depth), z)),
                        Const(1.0, "1", "1", "in", (z, bias)),
                    )
                )

            return Sum(tuple(map(term, units)), generic=term("k"))
        one_bias = Const(1.0, "1", "1", "in", (Cell("z", layer, sample, units[0]), bias))
        return Product((*reach(trace, layer, sample, units[0]), one_bias))

    return _over_samples(trace, part)


def _dL_dx(trace: Trace, cell: Cell) -> Node:
    assert cell.sample and cell.unit
    return from_right(trace, 0, cell.sample, cell.unit)


def _new(old: str, gradient: str) -> Callable[[Trace, Cell], Node]:
    def rule(trace: Trace, cell: Cell) -> Node:
        step = Product((Ref(Cell("learning_rate"), "update"), Ref(cell._replace(quantity=gradient), "delta")))
        return Sum((Ref(cell._replace(quantity=old), "weight"), step), minus=frozenset({1}))

    return rule


RULES: dict[str, Callable[[Trace, Cell], Node]] = {
    "z": _z,
    "a": _a,
    "loss_term": _loss_term,
    "loss": _loss,
    "dL_da": _dL_da,
    "da_dz": _da_dz,
    "dL_dz": _dL_dz,
    "dL_dW": _dL_dW,
    "dL_db": _dL_db,
    "dL_dx": _dL_dx,
    "W_new": _new("W", "dL_dW"),
    "b_new": _new("b", "dL_db"),
}
