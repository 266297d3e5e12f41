"""What a drawing of the network says at a stop: which places are lit and in which kind, what is made, where signals flow.

A Scene is read off the explanation of the number at hand, so that the picture and the equation cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from backprop.engine.steps import Cell, Trace
from backprop.explain.derivation import RULES, explain
from backprop.explain.terms import Local, Node, Ref, leaves


@dataclass(frozen=True)
class Flow:
    """A signal along an edge (layer, unit, from_unit) or, with from_unit None, along the link of an output to the loss.

    back: against the forward direction. reach: "whole", or up to the weight from its "sender" or "receiver" side
    """

    kind: str
    layer: int
    unit: int
    from_unit: int | None
    back: bool = False
    reach: str = "whole"


@dataclass(frozen=True)
class Scene:
    """lit: cells and the kind in which they are read; made: the cells computed now; known: has the walk reached a cell?"""

    phase: str = "given"
    lit: dict[Cell, str] = field(default_factory=dict)
    made: tuple[Cell, ...] = ()
    flows: tuple[Flow, ...] = ()
    known: Callable[[Cell], bool] = lambda cell: True
    hidden: bool = False


MANY = 12
"""Of a whole layer's quantity with more numbers than this, only the numbers made are marked, not what each is read from."""


def scene(
    trace: Trace, cells: tuple[Cell, ...], sample: int, known: Callable[[Cell], bool], hidden: bool = False
) -> Scene:
    """The scene in which `cells` (of one step) are made."""
    if not cells:
        return Scene(known=known)
    lit: dict[Cell, str] = {}
    flows: list[Flow] = []
    for cell in cells if len(cells) <= MANY and cells[0].quantity in RULES else ():
        part = explain(trace, cell, sample).part
        for leaf in leaves(part):
            lit.update(_read(leaf, part))
        flows += _flows(trace, cell)
    for cell in cells:
        lit.pop(cell, None)
    return Scene(trace[cells[0].quantity, cells[0].layer].phase, lit, cells, tuple(dict.fromkeys(flows)), known, hidden)


def _read(leaf: object, part: Node) -> dict[Cell, str]:
    if isinstance(leaf, Ref):
        return {leaf.cell: leaf.kind}
    if isinstance(leaf, Local) and leaf.cell is not None and leaf is not part:
        return {leaf.cell: leaf.kind}
    if isinstance(leaf, Local):
        return {cell: "loss" if cell.quantity == "t" else "in" for _name, cell in leaf.bound}
    return {}


def _flows(trace: Trace, cell: Cell) -> list[Flow]:
    """The signals that make a number."""
    layer, unit, depth = cell.layer or 0, cell.unit, trace.network.depth
    sizes = trace.network.sizes
    match cell.quantity:
        case "z" if unit:
            return [Flow("in", layer, unit, j) for j in range(1, sizes[layer - 1] + 1)]
        case "loss_term" if unit:
            return [Flow("loss", depth, unit, None)]
        case "loss":
            return [Flow("loss", depth, k, None) for k in range(1, sizes[-1] + 1)]
        case "dL_da" | "dL_dx" if unit:
            return _arriving(trace, layer, unit)
        case "dL_dW" if unit:
            sides = [
                Flow("in", layer, unit, cell.from_unit, reach="sender"),
                Flow("delta", layer, unit, cell.from_unit, back=True, reach="receiver"),
            ]
            return [*sides, *_arriving(trace, layer, unit)]
        case "dL_db":
            return [
                flow
                for k in ([unit] if unit else range(1, sizes[layer] + 1))
                for flow in _arriving(trace, layer, k)
                if unit
            ]
    return []


def _arriving(trace: Trace, layer: int, unit: int) -> list[Flow]:
    """What comes back to a unit: from the loss, or from every unit of the next layer."""
    if layer == trace.network.depth:
        return [Flow("error", layer, unit, None, back=True)]
    return [Flow("delta", layer + 1, k, unit, back=True) for k in range(1, trace.network.sizes[layer + 1] + 1)]
