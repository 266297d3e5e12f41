"""The fully expanded derivative: the loss of one sample as one formula of all that is given, differentiated by SymPy.

The fourth witness beside backpropagation, the sum over paths and the finite difference, and independent of them: the formulas
of ACTIVATIONS and LOSSES are put into one another, SymPy differentiates the whole, and no rule of derivation.py, no factor
of factors.py and nothing of backward.py is asked. How long it is, is told from the sizes before anything is written.

A kink: which case of a formula holds is asked of a unit's z, written as a letter in the condition. Where z is 0 but for
rounding, the trace's z decides; exactly at the kink that is the case which the row's own condition names (ReLU: z > 0 does not
hold at 0, so the slope is 0), the same convention as the textbook slope's.
"""

from __future__ import annotations

import decimal
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache

import sympy as sp

from backprop.engine import activations
from backprop.engine.activations import Activation
from backprop.engine.losses import Loss
from backprop.engine.network import Network
from backprop.engine.steps import QUANTITIES, Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.composed import activated, cell_of, composed, letter_of, plain, put_in
from backprop.explain.fitting import laid_out, length
from backprop.explain.longhand import Written, count, written
from backprop.explain.precise import Step, digits, steps_of
from backprop.explain.readings import powered
from backprop.explain.symbols import DEFAULT, Convention
from backprop.explain.terms import fill
from backprop.language import _

MOST_OPERATIONS = 8000
"""Longer derivatives are not made: up to here SymPy needs about a second, of the longest ones two."""
MOST_TEX = 24_000
"""Characters of TeX in the standard symbols; what is longer is computed, but not set. KaTeX takes 0.3 s for so many."""
ROOM = 51.0
"""em: 940 px at the page's size of formulas."""


class TooLong(ValueError):
    """The derivative written out would be too long; the message is one sentence with the count and the limit."""


def followed(network: Network) -> Iterator[Cell]:
    """Every number of a network whose way to the loss can be written out, for any sample: weights, biases, inputs, then z and a."""
    layers = range(1, network.depth + 1)
    units = [range(1, size + 1) for size in network.sizes]
    for l in layers:
        yield from (Cell("W", l, None, i, j) for i in units[l] for j in units[l - 1])
    for l in layers:
        if network.biased[l - 1]:
            yield from [Cell("b", l)] if network.shared_bias else (Cell("b", l, None, i) for i in units[l])
    yield from (Cell("x", 0, None, i) for i in units[0])
    for quantity in ("z", "a"):
        yield from (Cell(quantity, l, None, i) for l in layers for i in units[l])


@lru_cache(maxsize=64)
def _followed(network: Network) -> frozenset[Cell]:
    return frozenset(followed(network))


def of_any_sample(network: Network, cell: Cell) -> Cell:
    """The cell without its sample. Raises KeyError where it is none of `followed`."""
    cell = cell._replace(sample=None)
    if cell not in _followed(network):
        raise KeyError(cell)
    return cell


# --- how long it will be


@dataclass(frozen=True)
class _Length:
    """Of a formula in one letter: its operations and how often the letter stands in it; the same of its derivative."""

    operations: int
    letters: int
    slope: int
    slope_letters: int

    def of(self, inner: int) -> int:
        """The formula's operations with `inner` of them in place of each letter."""
        return self.operations + self.letters * inner

    def derivative(self, inner: int, change: int) -> int:
        """Those of its derivative, where the letter's own derivative has `change`: it stands wherever the letter stood."""
        return self.slope + self.slope_letters * inner + self.letters * (change + 1)


def _length(formula: sp.Expr, letter: sp.Symbol) -> _Length:
    slope = sp.diff(formula, letter)
    return _Length(count(formula), _letters(formula, letter), count(slope), _letters(slope, letter))


@lru_cache(maxsize=256)
def _length_of(row: Activation | Loss) -> _Length:
    return _length(*((row.term, activations.a) if isinstance(row, Loss) else (plain(row), activations.z)))


def _letters(expr: sp.Basic, letter: sp.Symbol) -> int:
    """How often a letter stands in an expression as it is written; conditions do not count."""
    if isinstance(expr, sp.Piecewise):
        return sum(_letters(value, letter) for value, _condition in expr.args)
    return 1 if expr == letter else sum(_letters(each, letter) for each in expr.args)


def operations(network: Network, cell: Cell) -> int:
    """About how many operations the written-out derivative will have: from the sizes and the formulas of the rows alone.

    Raises KeyError for a cell that is none of `followed`.
    """
    cell = of_any_sample(network, cell)
    return _estimated(network, cell.quantity, cell.layer or 0)


@lru_cache(maxsize=1024)
def _estimated(network: Network, quantity: str, start: int) -> int:
    """The same for all numbers of a quantity of a layer: what is sent and its derivative, layer after layer."""
    sent = change = 0  # operations of what a unit of the layer before sends on, and of its derivative where it has one
    moved = int(quantity in ("x", "a"))  # how many units of the layer before have a derivative
    for l in range({"z": start, "a": start + 1}.get(quantity, 1), network.depth + 1):
        before, units = network.sizes[l - 1], network.sizes[l]
        z = before * (sent + 1) + before - 1 + network.biased[l - 1]
        if l != start:
            if moved:
                change, moved = moved * (change + 1) + moved - 1, units
        elif quantity == "W":
            change, moved = sent, 1
        elif quantity == "b":
            change, moved = 0, units if network.shared_bias else 1
        elif quantity == "z":
            z, change, moved = 0, 0, 1
        row = network.activations[l - 1]
        if row.vector:  # a numerator and a denominator with all the units' exponentials
            exponentials = units + 1
            sent = exponentials * (z + 1) + units
            change = (3 * units + 2) * (z + 2) + (moved + 1) * (change + 2)
            moved = units if moved else 0
        else:
            length = _length_of(row)
            sent, change = length.of(z), length.derivative(z, change)
    term = _length_of(network.loss)
    return max(moved, 1) * (term.derivative(sent, change) + 1) - 1


def refusal(network: Network, cell: Cell) -> str | None:
    """Why a derivative is not made, in one sentence; None where it can be."""
    size = operations(network, cell)
    if size <= MOST_OPERATIONS:
        return None
    return _(
        "Written out as one formula, this derivative would have about {count} operations. That takes SymPy too long; the limit is {limit}."
    ).format(count=numerals.count(size), limit=numerals.count(MOST_OPERATIONS))


# --- its derivative


@dataclass(frozen=True, eq=False)
class Expanded:
    """The derivative of a sample's loss with respect to a number, as one formula; without the 1/m of the mean.

    cell        the number, without a sample: the formula is the same for every sample
    operations  how many operations stand in it as it is written; distinct: how many are different, each computed once
    cells       which cell each letter is, without a sample; letters of z stand in conditions only, or are given
    tree        how it is written, see longhand; None above MOST_TEX
    steps       how it is computed, see precise: a given a is computed from its z, because near 1 its float64 has lost digits
    pickled     the formula, for `expression`
    """

    cell: Cell
    operations: int
    distinct: int
    cells: Mapping[str, Cell]
    tree: Written | None
    steps: tuple[Step, ...]
    pickled: bytes

    @cached_property
    def expression(self) -> sp.Expr:
        """The formula in SymPy, a real symbol per cell."""
        return pickle.loads(self.pickled)

    def tex(self, convention: Convention, sample: int | None = None, room: float = ROOM) -> str:
        """∂L/∂w = …, in the symbols of a convention that knows the network, in lines of about `room` em (see longhand).

        sample: the number of the sample whose loss it is, where there are several. Raises TooLong above MOST_TEX.
        """
        if self.tree is None:
            raise TooLong(
                _(
                    "Written out as one formula, this derivative has {count} operations. It is computed, but it is too long to be shown."
                ).format(count=numerals.count(self.operations))
            )
        return _tex(self, convention, sample, room, numerals.writing())

    def at(self, trace: Trace, sample: int) -> Decimal:
        """The derivative of a sample's loss at the numbers of a trace, to 40 digits; NaN where there is none."""
        return _at(self, trace, sample)

    def value(self, trace: Trace, cell: Cell) -> float:
        """The derivative of the mean loss: for a parameter the mean over the samples, for x, z and a the m-th part of their sample's."""
        samples = [cell.sample] if cell.sample is not None else range(1, trace.samples + 1)
        total = Decimal(0)
        for sample in samples:
            total = _DECIMAL.add(total, self.at(trace, sample))
        return float(_DECIMAL.divide(total, Decimal(trace.samples)))


_DECIMAL = decimal.Context(prec=60, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX, traps=[])


def expand(network: Network, cell: Cell) -> Expanded:
    """The derivative of a sample's loss with respect to a number of W, b, x, z or a, written out; the sample of `cell` does not matter.

    For a z or a the loss is written from that layer on, and the other z or a of the layer are letters as well.
    Raises KeyError for a number that is not there, TooLong where it would have more than MOST_OPERATIONS.
    """
    cell = of_any_sample(network, cell)
    if sentence := refusal(network, cell):
        raise TooLong(sentence)
    start = (cell.layer or 0, cell.quantity) if cell.quantity in ("z", "a") else (0, "x")
    loss = composed(network, *start)
    formula = sp.diff(loss.formula, letter_of(cell))
    cells = {s.name: loss.cells[s.name] for s in sorted(formula.free_symbols, key=str)}
    steps = steps_of(put_in(formula, activated(network, *start)), loss.sides)
    distinct = sum(step.name not in ("letter", "side", "number", "exact", "pi", "e", "true") for step in steps)
    tree = written(formula, cells)
    shown = tree if length(tree, _put(DEFAULT)) <= MOST_TEX else None
    return Expanded(cell, count(formula), distinct, cells, shown, steps, pickle.dumps(formula))


@lru_cache(maxsize=256)
def _tex(expanded: Expanded, convention: Convention, sample: int | None, room: float, writing: numerals.Writing) -> str:
    below = symbols.tex(expanded.cell, convention)
    left = symbols.partial(symbols.loss(sample, convention), below).replace(r"\frac", r"\dfrac", 1)
    assert expanded.tree is not None
    return laid_out(expanded.tree, _put(convention), room, left)


def _put(convention: Convention) -> Callable[[str], str]:
    """A printed part with the symbols of a convention."""
    base = powered(convention)
    return lambda printed: fill(printed, lambda name: symbols.tex(cell_of(name), convention), base)


@lru_cache(maxsize=256)
def _at(expanded: Expanded, trace: Trace, sample: int) -> Decimal:
    def number(name: str) -> float:
        cell = cell_of(name)
        return trace.at(cell._replace(sample=sample) if "sample" in QUANTITIES[cell.quantity][1] else cell)

    return digits(expanded.steps, number)
