"""The factors of every chain: what lies between a number and the loss, each as a leaf that reads the engine's row and the trace.

The rules of single numbers (derivation.py) and the paths through the network (paths.py) are made of these.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from backprop.engine import activations, losses
from backprop.engine.activations import a as A
from backprop.engine.steps import Cell, Trace
from backprop.explain.terms import Local, Node, Product, Ref, Sum


def saturated(trace: Trace, sample: int, unit: int | None = None) -> bool:
    """Is an output with a cross-entropy so far out that the rules in a would divide by zero?"""
    if not trace.network.fused:
        return False
    z = trace["z", trace.network.depth].value[sample - 1]
    return bool(
        abs(z if unit is None or trace.network.activations[-1].vector else z[unit - 1]).max() > losses.SATURATED
    )


def fused(trace: Trace, sample: int) -> bool:
    """Is ∂L/∂z of the outputs shown as one formula: softmax always in a weight's chain, sigmoid where it saturates."""
    network = trace.network
    return network.fused and (network.activations[-1].vector or saturated(trace, sample))


def slope_of(trace: Trace, layer: int, sample: int, unit: int) -> Local:
    """∂a/∂z of a unit, in textbook form."""
    row = trace.network.activations[layer - 1]
    a, z, at = Cell("a", layer, sample, unit), Cell("z", layer, sample, unit), Cell("da_dz", layer, sample, unit)
    letters = {str(s) for s in row.slope.free_symbols}
    bound = tuple((name, cell) for name, cell in (("a", a), ("z", z)) if name in letters)
    return Local(row.slope, bound, trace.at(at), "slope", (a, z), at, tuple(row.constants.items()), (row.formula, "z"))


def jacobian_of(trace: Trace, layer: int, sample: int, i: int, j: int) -> Local:
    """∂a_i/∂z_j of a softmax layer."""
    other = sp.Symbol("other", real=True)
    at = Cell("da_dz", layer, sample, i, j)
    a_i, a_j, z_j = Cell("a", layer, sample, i), Cell("a", layer, sample, j), Cell("z", layer, sample, j)
    if i == j:
        return Local(activations.softmax_slope(A, A), (("a", a_i),), trace.at(at), "slope", (a_i, z_j), at)
    return Local(
        activations.softmax_slope(A, other), (("a", a_i), ("other", a_j)), trace.at(at), "slope", (a_i, z_j), at
    )


def counts(trace: Trace) -> tuple[tuple[str, float], ...]:
    return (("n", trace.network.sizes[-1]),)


def error_of(trace: Trace, sample: int, unit: int) -> Local:
    """∂L/∂a at an output."""
    depth, row = trace.network.depth, trace.network.loss
    a, t = Cell("a", depth, sample, unit), Cell("t", depth, sample, unit)
    at, loss = Cell("dL_da", depth, sample, unit), Cell("loss", depth)
    if saturated(trace, sample, unit):
        expr, bound = in_z(trace, sample, unit, slope=True)
        return Local(expr, bound, trace.at(at), "error", (loss, a), at, counts(trace), over=trace.samples)
    return Local(
        row.slope,
        (("a", a), ("t", t)),
        trace.at(at),
        "error",
        (loss, a),
        at,
        counts(trace),
        (row.term, "a"),
        trace.samples,
    )


def in_z(trace: Trace, sample: int, unit: int, slope: bool) -> tuple[sp.Expr, tuple[tuple[str, Cell], ...]]:
    """Term or slope of a cross-entropy written in z, for saturated outputs."""
    network, t = trace.network, losses.t
    depth = network.depth
    target = ("t", Cell("t", depth, sample, unit))
    if network.loss.term_z is not None and network.loss.slope_z is not None:
        return (network.loss.slope_z if slope else network.loss.term_z), (("z", Cell("z", depth, sample, unit)), target)
    names = [sp.Symbol(f"z{k}", real=True) for k in range(1, network.sizes[-1] + 1)]
    others = sp.Add(*(sp.exp(each - names[unit - 1]) for each in names))
    expr = -t * others if slope else t * sp.log(others)
    return expr, (*((str(s), Cell("z", depth, sample, k)) for k, s in enumerate(names, 1)), target)


def delta_of(trace: Trace, sample: int, unit: int) -> Local:
    """∂L/∂z at an output, in one formula."""
    depth, row = trace.network.depth, trace.network.loss
    assert row.fused is not None
    at = Cell("dL_dz", depth, sample, unit)
    bound = (("a", Cell("a", depth, sample, unit)), ("t", Cell("t", depth, sample, unit)))
    return Local(
        row.fused,
        bound,
        trace.at(at),
        "delta",
        (Cell("loss", depth), Cell("z", depth, sample, unit)),
        at,
        counts(trace),
        over=trace.samples,
    )


def from_right(trace: Trace, layer: int, sample: int, unit: int) -> Sum:
    """Σ_k ∂L/∂z_k · ∂z_k/∂a over the units k of the next layer: what comes back to unit `unit` of `layer`."""
    here, loss = trace.sends(layer, unit, sample), Cell("loss", trace.network.depth)

    def term(k: Any) -> Node:
        z = Cell("z", layer + 1, sample, k)
        return Product(
            (
                Ref(Cell("dL_dz", layer + 1, sample, k), "delta", (loss, z)),
                Ref(Cell("W", layer + 1, None, k, unit), "weight", (z, here)),
            )
        )

    return Sum(tuple(map(term, range(1, trace.network.sizes[layer + 1] + 1))), generic=term("k"))


def reach(trace: Trace, layer: int, sample: int, unit: int) -> tuple[Node, ...]:
    """∂L/∂z of a unit as factors, from the loss down: what every parameter of the unit is multiplied with."""
    if layer == trace.network.depth:
        if fused(trace, sample):
            return (delta_of(trace, sample, unit),)
        if trace.network.activations[-1].vector:
            return (
                Ref(Cell("dL_dz", layer, sample, unit), "delta", (Cell("loss", layer), Cell("z", layer, sample, unit))),
            )
        return (error_of(trace, sample, unit), slope_of(trace, layer, sample, unit))
    return (from_right(trace, layer, sample, unit), slope_of(trace, layer, sample, unit))
