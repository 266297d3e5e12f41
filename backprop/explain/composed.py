"""The loss of a sample as one formula of all that is given: the rows of ACTIVATIONS and LOSSES put into one another, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from backprop.engine import activations, losses
from backprop.engine.activations import Activation
from backprop.engine.network import Network
from backprop.engine.steps import Cell
from backprop.explain.longhand import Magnitude


def letter_of(cell: Cell) -> sp.Symbol:
    """The symbol of a cell: W_2_1_1."""
    return sp.Symbol("_".join(str(part) for part in cell if part is not None), real=True)


def cell_of(name: str) -> Cell:
    """The cell of a letter's name."""
    quantity, layer, *places = name.split("_")
    return Cell(quantity, int(layer), None, *map(int, places))


def plain(row: Activation) -> sp.Expr:
    """A row's formula in z alone: its constants put in and its numbers exact, |u| as a formula of real numbers."""
    constants = {sp.Symbol(name, real=True): _exact(number) for name, number in row.constants.items()}
    return _exactly(row.formula.xreplace(constants))


def _exactly(formula: sp.Expr) -> sp.Expr:
    formula = formula.replace(sp.Abs, Magnitude)
    return formula.xreplace({number: _exact(float(number)) for number in formula.atoms(sp.Float)})


def _exact(number: float) -> sp.Expr:
    """A float64 with so many digits that SymPy's own arithmetic on it costs none of ours."""
    return sp.Integer(int(number)) if number == int(number) else sp.Float(number, 60)


def put_in(formula: sp.Expr, put: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """A formula with other formulas in the place of letters, which stay letters in the conditions of its cases."""
    for letter, expr in put.items():
        formula = _put(formula, expr, letter, letter)
    return formula


def _put(formula: sp.Expr, put: sp.Expr, letter: sp.Symbol, place: sp.Symbol = activations.z) -> sp.Expr:
    """A formula with `put` in a letter's place; in the conditions of its cases with a letter, so that they stay short."""
    if isinstance(formula, sp.Piecewise):
        cases = (
            (_put(value, put, letter, place), condition.xreplace({place: letter})) for value, condition in formula.args
        )
        return sp.Piecewise(*cases, evaluate=False)
    if formula.has(sp.Piecewise):
        return formula.func(*(_put(each, put, letter, place) for each in formula.args))
    return formula.xreplace({place: put})


def _sent(network: Network, layer: int, zs: tuple[sp.Expr, ...]) -> tuple[sp.Expr, ...]:
    """What the units of a layer send on, from their pre-activations."""
    row = network.activations[layer - 1]
    if row.vector:
        return tuple(activations.softmax_formula(zs, k) for k in range(len(zs)))
    formula = plain(row)
    return tuple(_put(formula, z, letter_of(Cell("z", layer, None, k))) for k, z in enumerate(zs, 1))


@dataclass(frozen=True)
class Composed:
    """The loss of a sample, its letters, and the letters that stand for z in conditions with what they are."""

    formula: sp.Expr
    cells: Mapping[str, Cell]
    sides: Mapping[sp.Symbol, sp.Expr]


@lru_cache(maxsize=8)
def composed(network: Network, layer: int, quantity: str) -> Composed:
    """Written from a layer on, of which z or a is given; from the inputs on as layer 0, x."""
    cells: dict[str, Cell] = {}
    sides: dict[sp.Symbol, sp.Expr] = {}

    def letter(*place: int | str | None) -> sp.Symbol:
        cell = Cell(*place)  # type: ignore[arg-type]
        made = letter_of(cell)
        cells[made.name] = cell
        return made

    given = tuple(letter(quantity, layer, None, k) for k in range(1, network.sizes[layer] + 1))
    sent = _sent(network, layer, given) if quantity == "z" else given
    for l in range(layer + 1, network.depth + 1):
        zs = []
        for i in range(1, network.sizes[l] + 1):
            z = sp.Add(*(letter("W", l, None, i, j) * a for j, a in enumerate(sent, 1)))
            if network.biased[l - 1]:
                z += letter("b", l, None, None if network.shared_bias else i)
            zs.append(z)
            sides[letter("z", l, None, i)] = z
        sent = _sent(network, l, tuple(zs))
    term, terms = _exactly(network.loss.term).xreplace({losses.n: sp.Integer(len(sent))}), []
    for k, a in enumerate(sent, 1):
        here = term.xreplace({losses.t: letter("t", network.depth, None, k)})
        if term.has(sp.Piecewise) and a not in given:
            sides[letter("a", network.depth, None, k)] = a
        terms.append(_put(here, a, letter_of(Cell("a", network.depth, None, k)), activations.a))
    return Composed(sp.Add(*terms), cells, sides)


def activated(network: Network, layer: int, quantity: str) -> dict[sp.Symbol, sp.Expr]:
    """What the given a of a layer are in letters of z; nothing where no a is given."""
    if quantity != "a":
        return {}
    zs = tuple(letter_of(Cell("z", layer, None, k)) for k in range(1, network.sizes[layer] + 1))
    return {letter_of(Cell("a", layer, None, k)): a for k, a in enumerate(_sent(network, layer, zs), 1)}
