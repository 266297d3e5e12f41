"""By which paths a number reaches the loss: every path with its factors, their product, and the sum, which is the gradient.

A path leads from the number through one unit of every layer behind it. Its factors are the local slopes on the way (what came
in, slopes of activations, weights, the error at the output); the chain rule multiplies along a path and adds over paths. The
number of paths is known before any is made: the product of the sizes of the layers that are passed. All products are
computed, as one array; of many paths only the largest are made.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from backprop.engine.steps import Cell, Trace
from backprop.explain import factors, symbols
from backprop.explain.terms import Const, Node, Product, Ref

MOST_LISTED = 8
FOLLOWED = ("W", "b", "x", "z", "a")
"""Quantities whose way to the loss can be followed."""


@dataclass(frozen=True)
class Path:
    """units: the unit passed in each layer, from the first one behind the number to the output (two of the output's layer where a
    softmax sends it from one to another) · factors: from the number to the loss · value: their product
    """

    units: tuple[int, ...]
    factors: tuple[Node, ...]
    value: float

    @property
    def chain(self) -> Product:
        """The factors as the chain rule writes them, from the loss down."""
        return Product(self.factors[::-1])


@dataclass(frozen=True)
class Ledger:
    """Every path of one number, of one sample.

    cell, gradient   the number, and the cell of the trace that holds the loss's derivative by it
    sample           whose paths these are; with several samples they are this sample's part of a parameter's gradient
    first            the layer of the first unit on each path
    count            how many paths there are
    paths            all of them in order, or the largest by absolute product
    rest             the sum of the others
    total            the sum of all
    parts            of a parameter and several samples: each sample's total
    """

    cell: Cell
    gradient: Cell
    sample: int
    first: int
    count: int
    paths: tuple[Path, ...]
    rest: float
    total: float
    parts: tuple[float, ...] = ()

    @property
    def complete(self) -> bool:
        """Is every path listed?"""
        return len(self.paths) == self.count

    @property
    def whole(self) -> float:
        """The gradient as the paths have it: of a parameter over all samples."""
        return _total(self.parts) if self.parts else self.total


def gradient_cell(trace: Trace, cell: Cell) -> Cell:
    """The cell that holds the loss's derivative by a number. Raises KeyError for a number that cannot be followed."""
    found = symbols.gradient_of(cell) if cell.quantity in FOLLOWED else None
    if found is None:
        raise KeyError(cell)
    trace.at(found), trace.at(cell)  # KeyError for what is not there
    return found


def count(trace: Trace, cell: Cell, sample: int = 1) -> int:
    """How many paths lead from a number to the loss, in closed form: the product of the sizes of the layers that are chosen freely."""
    return math.prod(_choices(trace, cell, sample))


def _choices(trace: Trace, cell: Cell, sample: int) -> list[int]:
    """How many units each layer on the way offers: 1 where the number belongs to one unit."""
    network, layer = trace.network, cell.layer or 0
    sizes = list(network.sizes)
    if cell.quantity in ("x", "a"):
        choices = sizes[layer + 1 :]
    else:
        choices = [sizes[layer] if cell.unit is None else 1, *sizes[layer + 1 :]]
    if network.activations[-1].vector and not factors.fused(trace, sample) and choices:
        choices.append(sizes[-1])  # every z of the layer moves every output
    return choices


def _first(cell: Cell) -> int:
    """The layer of the first unit behind a number."""
    return (cell.layer or 0) + (cell.quantity in ("x", "a"))


# --- the numbers of all paths at once


@lru_cache(maxsize=512)
def _products(trace: Trace, cell: Cell, sample: int) -> np.ndarray:
    """The product of every path, an axis per layer passed; multiplied from the number to the loss."""
    network, s = trace.network, sample - 1
    depth, first = network.depth, _first(cell)
    if cell.quantity == "a" and cell.layer == depth:
        return np.array(trace.at(cell._replace(quantity="dL_da")))
    with np.errstate(all="ignore"):
        found = _into(trace, cell, sample)
        for l in range(first, depth + 1):
            if l > first:
                found = found[..., None] * trace["W", l].value.T[_only(cell, l - 1, first)]
            slope = trace["da_dz", l].value[s]
            if l == depth and factors.fused(trace, sample):
                return found * trace["dL_dz", l].value[s][_only(cell, l, first)]
            if network.activations[l - 1].vector:
                found = found[..., None] * slope.T[_only(cell, l, first)]
            else:
                found = found * slope[_only(cell, l, first)]
        last = slice(None) if network.activations[-1].vector else _only(cell, depth, first)
        return found * trace["dL_da", depth].value[s][last]


def _only(cell: Cell, layer: int, first: int) -> slice:
    """The units that a path can pass in a layer: in the first one a weight, a bias or a z leads to its own unit alone."""
    if layer == first and cell.quantity in ("W", "b", "z") and cell.unit is not None:
        return slice(cell.unit - 1, cell.unit)
    return slice(None)


def _into(trace: Trace, cell: Cell, sample: int) -> np.ndarray:
    """∂z/∂number for every z of the first layer that it enters."""
    layer, unit = cell.layer or 0, (cell.unit or 1) - 1
    match cell.quantity:
        case "W":
            return np.array([trace.at(trace.sends(layer - 1, cell.from_unit or 1, sample))])
        case "x" | "a":
            return trace["W", layer + 1].value[:, unit]
    return np.ones(1 if cell.unit is not None else trace.network.sizes[layer])


# --- one path


def _path(trace: Trace, cell: Cell, sample: int, units: tuple[int, ...], value: float) -> Path:
    return Path(units, tuple(_factors(trace, cell, sample, units)), value)


def _factors(trace: Trace, cell: Cell, sample: int, units: tuple[int, ...]) -> Iterator[Node]:
    depth, layer = trace.network.depth, _first(cell)
    if cell.quantity == "a" and cell.layer == depth:
        yield factors.error_of(trace, sample, cell.unit or 1)
        return
    z = Cell("z", layer, sample, units[0])
    match cell.quantity:
        case "W":
            yield Ref(trace.sends(layer - 1, cell.from_unit or 1, sample), "in", (z, cell))
        case "b":
            yield Const(1.0, "1", "1", "in", (z, cell))
        case "x" | "a":
            yield _weight(trace, layer, units[0], cell)
    for l, unit in enumerate(units[: depth - layer + 1], layer):
        if l > layer:
            yield _weight(trace, l, unit, Cell("a", l - 1, sample, units[l - 1 - layer]))
        if l < depth:
            yield factors.slope_of(trace, l, sample, unit)
    out = units[depth - layer]
    if factors.fused(trace, sample):
        yield factors.delta_of(trace, sample, out)
    elif trace.network.activations[-1].vector:
        yield factors.jacobian_of(trace, depth, sample, units[-1], out)
        yield factors.error_of(trace, sample, units[-1])
    else:
        yield factors.slope_of(trace, depth, sample, out)
        yield factors.error_of(trace, sample, out)


def _weight(trace: Trace, layer: int, unit: int, sender: Cell) -> Ref:
    """∂z/∂a: the weight through which what a unit sends reaches the next."""
    z = Cell("z", layer, sender.sample, unit)
    return Ref(Cell("W", layer, None, unit, sender.unit), "weight", (z, sender))


# --- the ledger


@lru_cache(maxsize=512)
def ledger(trace: Trace, cell: Cell, sample: int = 1, most: int = MOST_LISTED) -> Ledger:
    """The paths of a number of FOLLOWED to the loss of a sample. Raises KeyError for any other number.

    most: how many paths are listed where there are more
    """
    gradient = gradient_cell(trace, cell)
    sample = cell.sample or sample
    products = _products(trace, cell, sample)
    flat = products.ravel()
    if flat.size <= most:
        chosen = list(range(flat.size))
    else:
        size = np.nan_to_num(np.abs(flat), nan=np.inf, posinf=np.inf)
        largest = np.argpartition(-size, most)[:most]
        chosen = sorted(map(int, largest), key=lambda k: (-size[k], k))
    paths = []
    for k in chosen:
        index = np.unravel_index(k, products.shape)
        units = tuple(int(place) + 1 for place in index)
        if cell.quantity in ("W", "b", "z") and cell.unit is not None:
            units = (cell.unit, *units[1:])
        paths.append(_path(trace, cell, sample, units, float(flat[k])))
    others = np.delete(flat, chosen) if flat.size > most else ()
    parts: tuple[float, ...] = ()
    if trace.samples > 1 and cell.sample is None:
        parts = tuple(_total(_products(trace, cell, s)) for s in range(1, trace.samples + 1))
    return Ledger(cell, gradient, sample, _first(cell), flat.size, tuple(paths), _total(others), _total(flat), parts)


def _total(products: object) -> float:
    """The sum without rounding on the way; what has left float64 stays inf or nan."""
    flat = np.ravel(np.asarray(products, dtype=float))
    if np.isfinite(flat).all():
        try:
            return math.fsum(flat)
        except OverflowError:
            pass
    with np.errstate(all="ignore"):
        return float(flat.sum())


def nested(trace: Trace, cell: Cell, sample: int = 1) -> Node | None:
    """The same total as the δ-recursion has it: the sum is taken first and what all paths share is multiplied in once.

    None where there is only one path.
    """
    found = ledger(trace, cell, sample)
    sample, layer = found.sample, cell.layer or 0
    if found.count == 1:
        return None
    if cell.quantity in ("x", "a"):
        return factors.from_right(trace, layer, sample, cell.unit or 1)
    if cell.unit is None:
        return None
    head = found.paths[0].factors[:1] if cell.quantity in ("W", "b") else ()
    return Product((*factors.reach(trace, layer, sample, cell.unit), *head))


def multiplications(trace: Trace, cell: Cell, sample: int = 1) -> int:
    """How many products of two numbers the backward pass takes for a number's gradient: it multiplies no path out."""
    sizes, depth, first = trace.network.sizes, trace.network.depth, _first(cell)
    if first > depth:
        return 0
    own = cell.quantity in ("W", "b", "z") and cell.unit is not None
    needed = {l: 1 if own and l == first else sizes[l] for l in range(first, depth + 1)}
    slopes = sum(needed[l] for l in range(first, depth))
    vector = trace.network.activations[-1].vector
    slopes += 0 if factors.fused(trace, sample) else needed[depth] * (sizes[depth] if vector else 1)
    weights = sum(needed[l - 1] * sizes[l] for l in range(first + 1, depth + 1))
    return slopes + weights + {"W": 1, "x": sizes[first], "a": sizes[first]}.get(cell.quantity, 0)


def shared(paths: tuple[Path, ...]) -> tuple[bool, ...]:
    """Per factor: do all listed paths have it in common? Going backward it is multiplied in once, after the sum."""
    if len(paths) < 2:
        return tuple(False for _factor in paths[0].factors) if paths else ()
    return tuple(len(set(column)) == 1 for column in zip(*(path.factors for path in paths), strict=True))


_OWN = {"W_new": "W", "b_new": "b", "da_dz": "z"}


def followable(trace: Trace, cell: Cell) -> Cell | None:
    """The number that is meant when somebody points at a cell: of a gradient or an updated weight the number itself, of a slope
    the pre-activation at which it is taken; None for the loss and whatever else has no way to it."""
    if cell.quantity.startswith("dL_"):
        cell = symbols.of(cell)
    elif cell.quantity in _OWN:
        cell = cell._replace(quantity=_OWN[cell.quantity])
    if cell.quantity == "z" and cell.from_unit is not None:
        cell = cell._replace(unit=cell.from_unit, from_unit=None)
    return cell if cell.quantity in FOLLOWED and trace.holds(cell) else None
