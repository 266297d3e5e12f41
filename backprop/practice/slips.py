"""Slips: the typical mistakes of a calculation by hand, one row each.

A slip is stated as what it makes of the rule of a number: another tree of the same leaves, which is read by the same means as
the right one. So its number, and the line in which it is shown beside the right one, follow from the engine's own tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import sympy as sp

from backprop.engine.activations import a as A
from backprop.engine.activations import z as Z
from backprop.engine.steps import Cell, Trace
from backprop.explain.factors import slope_of
from backprop.explain.terms import Const, Local, Node, Product, Ref, Sum, leaves, local_value
from backprop.language import later
from backprop.practice.reckoning import rule

BACKWARD = ("dL_da", "dL_dz", "dL_dW", "dL_db", "dL_dx")
UPDATE = ("W_new", "b_new")


class Mistake(NamedTuple):
    """A slip made at one number: the wrong rule, which of several ways (the path that was followed, the factor), and the cell it
    took instead, if it is one."""

    node: Node
    way: str = ""
    other: Cell | None = None


@dataclass(frozen=True)
class Slip:
    """A row of SLIPS.

    title     what was done, in few words
    sentence  what the number is instead, and what mends it
    breaks    the rule it breaks
    along     what the number is where the slip was made on the way to it
    made      (trace, cell, right rule) → the ways in which it can be made at a cell
    last      it is looked for only where no other slip fits

    Words between {} are put in by feedback.py.
    """

    name: str
    title: str
    sentence: str
    breaks: str
    along: str
    made: Callable[[Trace, Cell, Node], Iterator[Mistake]]
    last: bool = False


def mistakes(slip: Slip, trace: Trace, cell: Cell) -> list[Mistake]:
    """The ways in which a slip can be made at a computed cell; none where it does not apply."""
    return list(slip.made(trace, cell, rule(trace, cell)))


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


def _no_slope(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity == "dL_dz":
        yield Mistake(_arriving(cell))
    elif deltas := _read(node, "dL_dz"):
        yield Mistake(swapped(node, {delta: _arriving(delta) for delta in deltas}))


def _other_slope(at: Callable[[Trace, Cell], Local | None]) -> Callable[[Trace, Cell, Node], Iterator[Mistake]]:
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


def _at_a(trace: Trace, cell: Cell) -> Local | None:
    """f′ with the activation put in where the pre-activation belongs."""
    row, right = _slope(trace, cell)
    if not right.expr.free_symbols & {Z, A}:
        return None
    expr = right.expr.xreplace({A: row.formula})
    return _local(trace, replace(right, expr=expr, bound=(("z", right.partial[0]),), cell=None))  # type: ignore[index]


def _with_z(trace: Trace, cell: Cell) -> Local | None:
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


def _diagonal(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    """Of a softmax's Jacobian only ∂a_i/∂z_i."""
    if cell.quantity == "dL_dz" and isinstance(node, Sum) and len(node.terms) > 1:
        yield Mistake(node.terms[(cell.unit or 1) - 1])


# --- the error


def _sign(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity in BACKWARD:
        yield Mistake(_turned(node))


def _turned(node: Node) -> Node:
    if isinstance(node, Local):
        turned = sp.Add(*(-term for term in sp.Add.make_args(node.expr))) if node.expr.is_Add else -node.expr
        return replace(node, expr=turned, value=-node.value, origin=None)
    return _times(-1.0, node, "(-1)")


def _factor(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity not in (*BACKWARD, "loss_term", "loss"):
        return
    outputs, samples = trace.network.sizes[-1], trace.samples
    ways: dict[str, tuple[float, str]] = {"2": (2.0, "2"), "1/2": (0.5, r"\tfrac{1}{2}")}
    for count in {outputs, samples} - {1, 2}:
        ways |= {str(count): (float(count), str(count)), f"1/{count}": (1 / count, rf"\tfrac{{1}}{{{count}}}")}
    for way, (factor, tex) in ways.items():
        yield Mistake(_times(factor, node, tex), way)


# --- the ways through the network


def _from_behind(trace: Trace, cell: Cell) -> bool:
    """Is it a number that comes back from the layer behind, over its weights?"""
    return cell.quantity == "dL_dx" or (cell.quantity == "dL_da" and cell.layer != trace.network.depth)


def _fresh(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if _from_behind(trace, cell):
        weights = _read(node, "W")
        yield Mistake(swapped(node, {w: Ref(w._replace(quantity="W_new"), "weight") for w in weights}))


def _one_path(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if _from_behind(trace, cell) and isinstance(node, Sum) and len(node.terms) > 1:
        for place, term in enumerate(node.terms, 1):
            yield Mistake(term, str(place))


def _transposed(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity != "z" and not _from_behind(trace, cell):
        return
    weights = _read(node, "W")
    turned = {w: w._replace(unit=w.from_unit, from_unit=w.unit) for w in weights}
    if len(weights) > 1 and all(trace.holds(each) for each in turned.values()):
        yield Mistake(swapped(node, {w: Ref(each, "weight") for w, each in turned.items()}))


def _wrong_layer(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
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


def _no_activation(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity == "a":
        yield Mistake(Ref(cell._replace(quantity="z"), "in"))


# --- the biases


def _no_bias(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity == "z" and isinstance(node, Sum) and node.tail:
        yield Mistake(replace(node, terms=node.terms[: -node.tail], tail=0))


def _bias_zero(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity == "dL_db":
        yield Mistake(Const(0.0, "0", "0"))
    elif cell.quantity == "b_new":
        yield Mistake(Ref(cell._replace(quantity="b"), "weight"))


# --- the update


def _parts(node: Node) -> tuple[Node, Ref, Ref]:
    """Old parameter, learning rate, gradient."""
    assert isinstance(node, Sum) and isinstance(node.terms[1], Product)
    rate, gradient = node.terms[1].factors
    assert isinstance(rate, Ref) and isinstance(gradient, Ref)
    return node.terms[0], rate, gradient


def _plus(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity in UPDATE and isinstance(node, Sum):
        yield Mistake(replace(node, minus=frozenset()))


def _no_rate(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity in UPDATE and isinstance(node, Sum):
        old, _rate, gradient = _parts(node)
        yield Mistake(replace(node, terms=(old, gradient)))


def _rate_squared(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity in UPDATE and isinstance(node, Sum):
        old, rate, gradient = _parts(node)
        yield Mistake(replace(node, terms=(old, Product((rate, rate, gradient)))))


def _step_alone(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    if cell.quantity in UPDATE and isinstance(node, Sum):
        yield Mistake(node.terms[1], "+")
        yield Mistake(_times(-1.0, node.terms[1], "(-1)"), "-")


# --- the place


def _neighbour(trace: Trace, cell: Cell, node: Node) -> Iterator[Mistake]:
    """The number of another place of the same step."""
    for other in trace.cells(trace[cell.quantity, cell.layer]):
        if other != cell and other.sample == cell.sample:
            yield Mistake(Ref(other), other.address, other)


SLIPS: dict[str, Slip] = {
    row.name: row
    for row in (
        Slip(
            "no_slope",
            later("You left out {slope}."),
            later(
                "{came} is what you get without it. Whatever goes back through a unit is multiplied by its slope, {slope_value}."
            ),
            later("∂L/∂z = ∂L/∂a · f′(z): the chain rule has a factor for every function on the way."),
            later("{came} comes out when the slopes f′ are left out on the way back."),
            _no_slope,
        ),
        Slip(
            "slope_at_a",
            later("The slope is taken at {activated}."),
            later("{slope} belongs to the pre-activation: put {pre} in, not {activated}. It is {slope_value}."),
            later("f′ is taken where f was taken: at z."),
            later("{came} comes out when the slopes on the way are taken at a instead of at z."),
            _other_slope(_at_a),
        ),
        Slip(
            "slope_with_z",
            later("{pre} stands where {activated} belongs."),
            later(
                "The short form of the slope is written with what the unit sends on, {activated}. With it the slope is {slope_value}."
            ),
            later("σ′(z) = a (1 − a) and tanh′(z) = 1 − a², with a = f(z)."),
            later("{came} comes out when the short form of the slope is used with z instead of with a on the way."),
            _other_slope(_with_z),
        ),
        Slip(
            "softmax_diagonal",
            later("Only the output itself is counted."),
            later(
                "When {pre} grows, the other outputs of the softmax shrink: each of their errors comes in too, times its own slope."
            ),
            later("∂L/∂zⱼ = Σᵢ ∂L/∂aᵢ · ∂aᵢ/∂zⱼ, over all outputs."),
            later("{came} comes out when of each softmax slope only the output itself is counted on the way."),
            _diagonal,
        ),
        Slip(
            "sign",
            later("The sign is turned."),
            later(
                "The size is right. The sign comes from the error, which is output minus target, and from the weights on the way back."
            ),
            later("∂L/∂a has the sign of a − t."),
            later("{came} comes out when the error is taken as target minus output on the way."),
            _sign,
        ),
        Slip(
            "factor",
            later("A factor {way} has come in."),
            later(
                "{came} is {way} times what it should be. Look at how the loss is written: it says which factor stays."
            ),
            later(
                "The factor of the slope follows from the factor in the loss: (½ u²)′ = u, (u²)′ = 2u; a mean keeps its 1/n."
            ),
            later("{came} comes out when the loss has a factor {way} too much on the way."),
            _factor,
        ),
        Slip(
            "fresh_weights",
            later("Already updated weights are in it."),
            later(
                "{came} comes out with the weights of layer {next} after their update. All gradients are taken with the weights from before it."
            ),
            later("One iteration has one set of weights: first all gradients, then all updates."),
            later("{came} comes out when the layers before the last one use weights that are already updated."),
            _fresh,
        ),
        Slip(
            "one_path",
            later("Only one path is followed."),
            later(
                "{came} is what comes back through unit {way} of layer {next} alone. What several units receive comes back from all of them, added up."
            ),
            later("∂L/∂aⱼ = Σₖ δₖ wₖⱼ: a sum over all ways on."),
            later("{came} comes out when only what comes back through unit {way} of each next layer is counted."),
            _one_path,
        ),
        Slip(
            "transposed",
            later("The weight matrix is turned on its side."),
            later(
                "Rows and columns of the weights are exchanged. Forward a unit reads its own row; backward it reads its own column."
            ),
            later("W has a row for each receiving unit: forward a row is read, backward a column."),
            later("{came} comes out when rows and columns of the weights are exchanged on the way."),
            _transposed,
        ),
        Slip(
            "wrong_layer",
            later("{other} stands where {sender} belongs."),
            later("A weight is multiplied by what came in along it. Into this one came {sender}."),
            later("∂L/∂w = δ · a, with δ of the receiving and a of the sending unit."),
            later(
                "{came} comes out when the gradients of the weights on the way are made with the activation of the wrong layer."
            ),
            _wrong_layer,
        ),
        Slip(
            "no_activation",
            later("The {activation} is left out."),
            later("{came} is still {pre}, the sum. What the unit sends on has gone through the {activation}."),
            later("a = f(z)."),
            later("{came} comes out when the activations are left out on the way."),
            _no_activation,
        ),
        Slip(
            "no_bias",
            later("The bias is missing."),
            later("{came} is the sum without the bias. Add {bias}, which is {bias_value}."),
            later("z = Σ w a + b."),
            later("{came} comes out when the biases are left out on the way."),
            _no_bias,
        ),
        Slip(
            "bias_zero",
            later("A bias learns too."),
            later("Its input is always 1, so its gradient is δ itself, not 0."),
            later("∂z/∂b = 1, so ∂L/∂b = δ."),
            later("{came} comes out when the biases stay as they are."),
            _bias_zero,
        ),
        Slip(
            "plus",
            later("Plus instead of minus."),
            later(
                "{came} goes up the slope, and the loss would rise. A step down is old value minus {rate} times gradient."
            ),
            later("w ← w − η ∂L/∂w."),
            later("{came} comes out when the parameters go up their gradients instead of down."),
            _plus,
        ),
        Slip(
            "rate_forgotten",
            later("The learning rate is missing."),
            later("{came} takes the whole gradient off. Multiply the gradient by {rate} = {rate_value} first."),
            later("w ← w − η ∂L/∂w."),
            later("{came} comes out when the learning rate is left out of the update."),
            _no_rate,
        ),
        Slip(
            "rate_squared",
            later("The learning rate is in it twice."),
            later("{came} comes out with {rate} times {rate}. The gradient itself is without learning rate."),
            later("w ← w − η ∂L/∂w."),
            later("{came} comes out when the learning rate is in the update twice."),
            _rate_squared,
        ),
        Slip(
            "step_alone",
            later("This is the step, not where it leads."),
            later("{came} is the learning rate times the gradient. Take it off the old value."),
            later("w ← w − η ∂L/∂w."),
            later("{came} comes out when the new parameters are the steps alone."),
            _step_alone,
        ),
        Slip(
            "neighbour",
            later("This is another number's value."),
            later(
                "{came} would be right for {other}. Look at which unit the number belongs to, and at its row and column."
            ),
            later("In wᵢⱼ the receiving unit comes first, the sending one second."),
            later("{came} is the value of another number on the way."),
            _neighbour,
            last=True,
        ),
    )
}
