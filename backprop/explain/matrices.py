"""A layer's step in matrices: forward, backward and the weights' gradient, and the digits with which they multiply out.

A number acts in one layer; the three lines of that layer are those of vectors.py, and the same matrix W stands in the
first as it is and in the second laid over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, vectors
from backprop.explain.conventions import Convention
from backprop.explain.readings import as_shown
from backprop.explain.vectors import Block, Line

Array = np.ndarray


@dataclass(frozen=True)
class Acting:
    """Where a number acts: the layer 1…L, its units that the number reaches, and the units before it that it comes from.

    A weight has one of each, a bias and a pre-activation have no sender, what is sent has no unit of its own; a tied
    bias has all units.
    """

    layer: int
    units: tuple[int, ...] = ()
    senders: tuple[int, ...] = ()


def acting(trace: Trace, cell: Cell) -> Acting:
    """Where a weight, bias, input, pre-activation or activation acts; an output in the layer that makes it.

    Raises KeyError for any other cell, and for one that is not in the trace.
    """
    trace.at(cell)  # KeyError for a number that is not there
    layer, unit = cell.layer or 0, cell.unit
    match cell.quantity:
        case "W" if unit and cell.from_unit:
            return Acting(layer, (unit,), (cell.from_unit,))
        case "b":
            return Acting(layer, (unit,) if unit else tuple(range(1, trace.network.sizes[layer] + 1)))
        case "x" | "a" if unit and layer < trace.network.depth:
            return Acting(layer + 1, (), (unit,))
        case "z" | "a" if unit:
            return Acting(layer, (unit,))
    raise KeyError(cell)


def sent_gradient(layer: int) -> tuple[str, int]:
    """The step of the loss's derivative by what a layer (0…L−1) sends on."""
    return ("dL_da", layer) if layer else ("dL_dx", 0)


@lru_cache(maxsize=128)
def lines(trace: Trace, layer: int, sample: int, convention: Convention) -> tuple[tuple[Block, Line], ...]:
    """(result, rule) of z = W a + b, of ∂L/∂a = Wᵀ δ and of ∂L/∂W = δ aᵀ of a layer, arranged as the convention has it."""
    steps = (("z", layer), sent_gradient(layer - 1), ("dL_dW", layer))
    made = (vectors.line(trace, trace[step], sample, convention) for step in steps)
    return tuple((left, tuple(_for_every_unit(token, left) for token in right)) for left, right in made)


def _for_every_unit(token: Block | str, left: Block) -> Block | str:
    """A layer's one bias stands beside every unit that it is added to."""
    if isinstance(token, str) or token.cells[0][0].quantity != "b" or token.shape != (1, 1):
        return token
    by_rows = len({row[0].unit for row in left.cells}) > 1
    if by_rows:
        return replace(token, cells=token.cells * len(left.cells))
    return replace(token, cells=(token.cells[0] * len({cell.unit for cell in left.cells[0]}),))


def blocks(line: tuple[Block, Line]) -> Iterator[Block]:
    """The matrices of a line, the result first."""
    yield line[0]
    yield from (token for token in line[1] if isinstance(token, Block))


def multiplied(rule: Line, look: Callable[[Cell], float]) -> Array:
    """Products and sums of matrices worked out (rows, columns), each number as `look` has it; without warnings."""
    total: Array | None = None
    times = False
    with np.errstate(all="ignore"):
        for token in rule:
            if isinstance(token, str):
                times = token == r"\,"
                continue
            value = np.array([[look(cell) for cell in row] for row in token.cells])
            total = value if total is None else total @ value if times else total + value
    assert total is not None
    return total


@lru_cache(maxsize=1024)
def digits_for_lines(
    trace: Trace,
    layer: int,
    sample: int,
    convention: Convention,
    digits: int,
    which: tuple[int, ...],
    results: frozenset[Cell],
    _writing: numerals.Writing,
) -> int:
    """The fewest digits from `digits` up with which the factors of lines (0, 1, 2) give those `results` as they are shown."""
    some = [lines(trace, layer, sample, convention)[place] for place in which]
    wanted = [
        (rule, [(i, j, cell) for i, row in enumerate(left.cells) for j, cell in enumerate(row) if cell in results])
        for left, rule in some
    ]
    target = [numerals.decimals(trace.at(cell), digits) for _rule, places in wanted for _i, _j, cell in places]
    for more in range(digits, 13):
        look = as_shown(trace, more)
        products = ((multiplied(rule, look), places) for rule, places in wanted)
        if [
            numerals.decimals(float(made[i, j]), digits) for made, places in products for i, j, _cell in places
        ] == target:
            return more
    return digits
