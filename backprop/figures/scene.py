"""What a drawing of the network says at a stop: which places are lit and in which kind, what is made, where signals flow.

A Scene is read off the explanation of the number at hand, so that the picture and the equation cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from backprop.engine.steps import Cell, Trace
from backprop.explain.derivation import RULES, explain
from backprop.explain.paths import Ledger, Path
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
class Route:
    """A path through the network, from edge to edge: (layer, unit, from_unit), from_unit None for an output's link to the loss.

    number: the path's row, from 1 · hue · shown: always drawn, and not only when its row is pointed at · edges: with how far beside
    its middle each is drawn, in line widths, where several routes share it
    """

    number: int
    hue: str
    shown: bool
    edges: tuple[tuple[int, int, int | None, float], ...]


@dataclass(frozen=True)
class Scene:
    """lit: cells and the kind in which they are read; made: the cells computed now; known: has the walk reached a cell?
    routes: the paths that are shown, or wait to be pointed at"""

    phase: str = "given"
    lit: dict[Cell, str] = field(default_factory=dict)
    made: tuple[Cell, ...] = ()
    flows: tuple[Flow, ...] = ()
    known: Callable[[Cell], bool] = lambda cell: True
    hidden: bool = False
    routes: tuple[Route, ...] = ()


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


# --- the paths of one number

FEW = 2
"""So many paths have a colour each; of more only the one that is pointed at is drawn."""


def lit(found: Ledger, pinned: int) -> int:
    """The row whose path is drawn alone, from 1; 0 where all are drawn."""
    return pinned or (0 if len(found.paths) <= FEW and found.complete else 1)


def scene_of_paths(trace: Trace, found: Ledger, pinned: int) -> Scene:
    """The network with every path of a number; pinned: the row that is lit for good, 0 for none."""
    edges = [_edges_of(trace, found, path) for path in found.paths]
    few = len(edges) <= FEW and found.complete
    routes: list[Route] = []
    marked: dict[Cell, str] = {}
    for number, mine in enumerate(edges, 1):
        hue = path_hue(found, number)
        shown = few or number == lit(found, pinned)
        placed = tuple(
            (*edge, (number - 1.5) * 1.4 if few and sum(edge in each for each in edges) > 1 else 0.0) for edge in mine
        )
        routes.append(Route(number, hue, shown, placed))
        for layer, unit, sender in mine if shown else ():
            if sender is not None:
                weight = Cell("W", layer, None, unit, sender)
                marked[weight] = "weight" if weight in marked else hue
    marked.pop(found.cell, None)

    def known(cell: Cell) -> bool:
        """Everything but what the update makes; the inputs' gradients stand where edges begin, so only the one that is followed."""
        return not cell.quantity.endswith("_new") and (cell.quantity != "dL_dx" or cell == found.gradient)

    return Scene("backward", marked, (found.gradient,), (), known, False, tuple(routes))


def path_hue(found: Ledger, number: int) -> str:
    """The hue of a path: its own where there are two, else the first one's."""
    return "p2" if number == FEW and len(found.paths) == FEW and found.complete else "p1"


def _edges_of(trace: Trace, found: Ledger, path: Path) -> list[tuple[int, int, int | None]]:
    depth, cell = trace.network.depth, found.cell
    if found.first > depth:  # an output itself
        return [(depth, cell.unit or 1, None)]
    sender = cell.from_unit if cell.quantity == "W" else cell.unit if cell.quantity in ("x", "a") else None
    edges: list[tuple[int, int, int | None]] = []
    for layer, unit in enumerate(path.units[: depth - found.first + 1], found.first):
        if sender is not None:
            edges.append((layer, unit, sender))
        sender = unit
    return [*edges, (depth, path.units[-1], None)]
