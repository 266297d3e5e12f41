"""What each slip makes of the rule of a number: another tree of the same leaves.

Each function takes a trace, a computed cell and its right rule, and yields the ways in which the slip can be made there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import sympy as sp

from backprop.engine.activations import a as A
from backprop.engine.activations import z as Z
from backprop.engine.steps import Cell, Trace
from backprop.explain.factors import slope_of
from backprop.explain.terms import Const, Local, Node, Product, Ref, Sum, leaves, local_value
from backprop.practice.reckoning import AFTER, rule

BACKWARD = ("dL_da", "dL_dz", "dL_dW", "dL_db", "dL_dx")
UPDATE = ("W_new", "b_new")


class Mistake(NamedTuple):
    """A slip made at one number: the wrong rule, which of several ways (the path that was followed, the factor), and the cell it
    took instead, if it is one. source: what is made from the number has the slip in it, too, and must not have it twice"""

    node: Node
    way: str = ""
    other: Cell | None = None
    source: bool = True


def swapped(node: Node, instead: Mapping[Cell, Node]) -> Node:
    """A tree with some of its numbers replaced."""
    match node:
        case Ref() if node.cell in instead:
            return instead[node.cell]
        case Product():
            return replace(node, factors=tuple(swapped(factor, instead) for factor in node.factors))
        case Sum():
            return replace(node, terms=tuple(swapped(term, instead) for term in node.terms), generic=None)
    return node


def _read(node: Node, quantity: str) -> list[Cell]:
    """The cells of a quantity that a tree reads as numbers."""
    return [leaf.cell for leaf in leaves(node) if isinstance(leaf, Ref) and leaf.cell.quantity == quantity]


def _times(factor: float, node: Node, tex: str) -> Node:
    """A tree with one more factor in front."""
    inner = node.factors if isinstance(node, Product) else (node,)
    return Product((Const(factor, tex, tex), *inner))


# --- the slope


def _arriving(delta: Cell) -> Ref:
    return Ref(delta._replace(quantity="dL_da"), "error")


def no_slope(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity == "dL_dz":
        yield Mistake(_arriving(cell))
    elif cell.quantity in ("dL_dW", "dL_db"):
        yield Mistake(swapped(node, {delta: _arriving(delta) for delta in _read(node, "dL_dz")}))


def no_delta(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    """What comes back taken before it has gone through the units of the layer behind."""
    if _from_behind(trace, cell):
        yield Mistake(swapped(node, {delta: _arriving(delta) for delta in _read(node, "dL_dz")}), source=False)


def other_slope(at: Callable[[Trace, Cell], Local | None]) -> Callable[[Trace, Cell, Node], Iterator[Mistake]]:
    """The slope of a unit taken wrongly, in the slope itself, in δ, and in what is made of δ."""

    def made(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
        slope_of_layer = trace.network.activations[(cell.layer or 1) - 1]
        if cell.quantity == "da_dz" and not slope_of_layer.vector and (slope := at(trace, cell)):
            yield Mistake(slope)
        elif cell.quantity == "dL_dz" and (read := _read(node, "da_dz")) and not slope_of_layer.vector:
            if slope := at(trace, read[0]):
                yield Mistake(swapped(node, {read[0]: slope}))
        elif cell.quantity in ("dL_dW", "dL_db") and not slope_of_layer.vector:
            instead: dict[Cell, Node] = {}
            for delta in _read(node, "dL_dz"):
                slope = at(trace, delta)
                if slope and isinstance(rule(trace, delta), Product):
                    instead[delta] = Product((_arriving(delta), slope))
            if instead:
                yield Mistake(swapped(node, instead))

    return made


def half_slope(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    """Of a slope that is a product, such as a(1 − a), one factor alone."""
    if cell.quantity == "da_dz" and isinstance(node, Local) and node.expr.is_Mul:
        for place, factor in enumerate((each for each in node.expr.args if each.free_symbols), 1):
            names = {str(symbol) for symbol in factor.free_symbols}
            bound = tuple((name, each) for name, each in node.bound if name in names)
            if factor != node.expr and len(bound) == len(names):
                yield Mistake(_local(trace, replace(node, expr=factor, bound=bound, cell=None)), str(place))


def at_a(trace: Trace, cell: Cell) -> Local | None:
    """f′ with the activation put in where the pre-activation belongs."""
    row, right = _slope(trace, cell)
    if not right.expr.free_symbols & {Z, A}:
        return None
    expr = right.expr.xreplace({A: row.formula})
    return _local(trace, replace(right, expr=expr, bound=(("z", right.partial[0]),), cell=None))  # type: ignore[index]


def with_z(trace: Trace, cell: Cell) -> Local | None:
    """A slope that is written with a, such as a(1 − a), with z put in."""
    _row, right = _slope(trace, cell)
    if A not in right.expr.free_symbols or Z in right.expr.free_symbols:
        return None
    return _local(trace, replace(right, bound=(("a", right.partial[1]),), cell=None))  # type: ignore[index]


def _slope(trace: Trace, cell: Cell):
    layer, sample, unit = cell.layer, cell.sample, cell.unit
    assert layer and sample and unit
    return trace.network.activations[layer - 1], slope_of(trace, layer, sample, unit)


def _local(trace: Trace, leaf: Local) -> Local:
    return replace(leaf, origin=None, value=local_value(leaf, trace.at))


def diagonal(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    """Of a softmax's Jacobian only ∂a_i/∂z_i."""
    if cell.quantity == "dL_dz" and isinstance(node, Sum) and len(node.terms) > 1:
        yield Mistake(node.terms[(cell.unit or 1) - 1])


# --- the error


def sign(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity in BACKWARD:
        yield Mistake(_turned(node), source=_begins(trace, cell, node))


def _begins(trace: Trace, cell: Cell, node: Node) -> bool:
    """Does the backward pass begin with this number? Usually with ∂L/∂a of the outputs, of a saturated output with its δ."""
    return cell.layer == trace.network.depth and isinstance(node, Local) and cell.quantity in ("dL_da", "dL_dz")


def _turned(node: Node) -> Node:
    if isinstance(node, Local):
        turned = sp.Add(*(-term for term in sp.Add.make_args(node.expr))) if node.expr.is_Add else -node.expr
        return replace(node, expr=turned, value=-node.value, origin=None)
    return _times(-1.0, node, "(-1)")


def factor(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity not in (*BACKWARD, "loss_term", "loss"):
        return
    outputs, samples = trace.network.sizes[-1], trace.samples
    ways: dict[str, tuple[float, str]] = {"2": (2.0, "2"), "1/2": (0.5, r"\tfrac{1}{2}")}
    for count in {outputs, samples} - {1, 2}:
        ways |= {str(count): (float(count), str(count)), f"1/{count}": (1 / count, rf"\tfrac{{1}}{{{count}}}")}
    for way, (factor, tex) in ways.items():
        source = cell.quantity == "loss_term" or _begins(trace, cell, node)
        yield Mistake(_times(factor, node, tex), way, source=source)


# --- the ways through the network


def _from_behind(trace: Trace, cell: Cell) -> bool:
    """Is it a number that comes back from the layer behind, over its weights?"""
    return cell.quantity == "dL_dx" or (cell.quantity == "dL_da" and cell.layer != trace.network.depth)


def fresh(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if _from_behind(trace, cell):
        weights = _read(node, "W")
        yield Mistake(swapped(node, {w: Ref(w._replace(quantity="W_new"), "weight") for w in weights}))


def one_path(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    tied = cell.quantity == "dL_db" and cell.unit is None and trace.samples == 1
    if (tied or _from_behind(trace, cell)) and isinstance(node, Sum) and len(node.terms) > 1:
        for place, term in enumerate(node.terms, 1):
            yield Mistake(term, str(place))


def transposed(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity != "z" and not _from_behind(trace, cell):
        return
    weights = _read(node, "W")
    turned = {w: w._replace(unit=w.from_unit, from_unit=w.unit) for w in weights}
    if len(weights) > 1 and all(trace.holds(each) for each in turned.values()):
        yield Mistake(swapped(node, {w: Ref(each, "weight") for w, each in turned.items()}))


def wrong_layer(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    """In ∂L/∂W the activation of the unit itself, of its like two layers back, or the pre-activation of the sender."""
    layer, unit, sender = cell.layer, cell.unit, cell.from_unit
    if cell.quantity != "dL_dW" or not layer or not unit or not sender:
        return
    ways: dict[str, Callable[[int], Cell]] = {"own": lambda sample: trace.sends(layer, unit, sample)}
    if layer > 1:
        ways["before"] = lambda sample: trace.sends(layer - 2, sender, sample)
        ways["z"] = lambda sample: Cell("z", layer - 1, sample, sender)
    for way, taken in ways.items():
        other = taken(1)
        if trace.holds(other):
            samples = range(1, trace.samples + 1)
            instead = {trace.sends(layer - 1, sender, sample): Ref(taken(sample), "in") for sample in samples}
            yield Mistake(swapped(node, instead), way, other)


def no_input(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    """Of ∂L/∂W only δ; of the samples of a batch their δ."""
    if cell.quantity == "dL_dW" and (deltas := _read(node, "dL_dz")):
        parts = tuple(Ref(delta, "delta") for delta in deltas)
        yield Mistake(parts[0] if len(parts) == 1 else Sum(parts, over="s"))


def no_activation(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity == "a":
        yield Mistake(Ref(cell._replace(quantity="z"), "in"))


# --- the biases


def no_bias(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity == "z" and isinstance(node, Sum) and node.tail:
        yield Mistake(replace(node, terms=node.terms[: -node.tail], tail=0))


def bias_zero(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity == "dL_db":
        yield Mistake(Const(0.0, "0", "0"))
    elif cell.quantity == "b_new":  # it stays what it was
        yield Mistake(Ref(cell._replace(quantity="b"), "weight"))


# --- the update


def _parts(node: Node) -> tuple[Node, Ref, Ref]:
    """Old parameter, learning rate, gradient."""
    assert isinstance(node, Sum) and isinstance(node.terms[1], Product)
    rate, gradient = node.terms[1].factors
    assert isinstance(rate, Ref) and isinstance(gradient, Ref)
    return node.terms[0], rate, gradient


def gradient_alone(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity in UPDATE and isinstance(node, Sum):
        yield Mistake(_parts(node)[2])


def old_loss(trace: Trace, cell: Cell, node: Node | None) -> Iterator[Mistake]:
    if cell.quantity == AFTER:
        yield Mistake(Ref(Cell("loss", trace.network.depth), "loss"))


def plus(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity in UPDATE and isinstance(node, Sum):
        yield Mistake(replace(node, minus=frozenset()))


def no_rate(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity in UPDATE and isinstance(node, Sum):
        old, _rate, gradient = _parts(node)
        yield Mistake(replace(node, terms=(old, gradient)))


def rate_squared(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity in UPDATE and isinstance(node, Sum):
        old, rate, gradient = _parts(node)
        yield Mistake(replace(node, terms=(old, Product((rate, rate, gradient)))))


def step_alone(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity in UPDATE and isinstance(node, Sum):
        yield Mistake(node.terms[1], "+")
        yield Mistake(_times(-1.0, node.terms[1], "(-1)"), "-")


# --- the place


def neighbour(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    """The number of another place of the same step."""
    for other in trace.cells(trace[cell.quantity, cell.layer]):
        if other != cell and other.sample == cell.sample:
            yield Mistake(Ref(other), other.address, other)
