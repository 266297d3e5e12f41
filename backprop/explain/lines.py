"""A number as one line of a sheet of paper: symbol = rule = numbers put in = value, or blanks to be filled in.

On paper every number stands on a line of its own and the lines follow each other, so a line starts from the numbers before
it: ∂L/∂w is δ times what came in, where the projector writes the whole chain out. The TeX is such as LaTeX and KaTeX both set,
with the few commands of MACROS defined.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import sympy as sp

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.derivation import explain
from backprop.explain.readings import (
    BLANK,
    Reader,
    Sigma,
    Style,
    as_numbers,
    as_symbols,
    digits_for_numbers,
    exact,
)
from backprop.explain.terms import Const, Local, Node, Product, Ref, Sum, active, leaves, true_value
from backprop.explain.typeset import answer, origin

FILL_IN = r"\fillin"
MACROS = {
    BLANK: r"\rule[-0.15em]{2.6em}{0.4pt}",
    FILL_IN: r"\rule[-0.15em]{6.5em}{0.4pt}",
    r"\answer": r"\mathbf{#1}",
    r"\filled": r"\underline{\,\mathbf{#1}\,}",
}
"""What a sheet has to define: a short blank in a calculation, the blank for a result, a result, and one filled in by the key."""

_TIMES = r" \cdot\nobreak "
_SIDE_BY_SIDE = re.compile(r"(?<!\{[<>]\})\\,")
_LONG = 3
"""Sums of more terms than this are written with Σ in the rule; with numbers they are always written out."""


@dataclass(frozen=True)
class Line:
    """A cell's line in four pieces of TeX: symbol, "= rule", "= numbers" (or nothing), "= value" or its blank."""

    cell: Cell
    symbol: str
    rule: str
    numbers: str
    value: str


def stepwise(trace: Trace, cell: Cell) -> Node:
    """The rule of a computed cell from the numbers before it: ∂L/∂z = ∂L/∂a · ∂a/∂z, ∂L/∂w = δ · a, the sum over samples.

    Raises KeyError for a cell that is not in the trace or is given, not computed.
    """
    rule = explain(trace, cell).rule
    if cell.quantity in ("dL_dW", "dL_db"):
        parts = rule.terms if isinstance(rule, Sum) and trace.samples > 1 else (rule,)
        short = tuple(_from_delta(trace, cell, sample, part) for sample, part in enumerate(parts, 1))
        return short[0] if len(short) == 1 else Sum(short, over="s")
    if cell.quantity == "dL_dz" and isinstance(rule, Product):
        slope = rule.factors[-1]
        assert isinstance(slope, Local) and slope.cell
        kind = "error" if cell.layer == trace.network.depth else "delta"
        return Product((Ref(cell._replace(quantity="dL_da"), kind), Ref(slope.cell, slope.kind)))
    return rule


def _from_delta(trace: Trace, cell: Cell, sample: int, part: Node) -> Node:
    """A sample's part of a parameter's gradient, with δ for everything that lies between its unit and the loss."""
    if not isinstance(part, Product):
        return part  # a tied bias: its sum over the units is made of δ already
    unit = cell.unit or 1
    return Product((Ref(Cell("dL_dz", cell.layer, sample, unit), "delta"), part.factors[-1]))


def reads(trace: Trace, cell: Cell) -> Iterator[Cell]:
    """The cells whose numbers are put in on a cell's line."""
    for leaf in leaves(stepwise(trace, cell)):
        if isinstance(leaf, Ref):
            yield leaf.cell
        elif isinstance(leaf, Local):
            yield from (each for _name, each in leaf.bound)


def line(trace: Trace, cell: Cell, style: Style, covered: Collection[Cell] = (), key: bool = False) -> Line:
    """The line of a computed cell. covered: cells that stand as blanks; key: with the blanks filled in.

    Raises KeyError for a cell that is not in the trace or is given, not computed.
    """
    blank = cell in covered
    value = _value(trace.at(cell), style, blank, key)
    return _written(trace, cell, stepwise(trace, cell), style, value, () if key else covered, blank and not key)


def line_by(trace: Trace, cell: Cell, node: Node, style: Style, covered: Collection[Cell] = ()) -> Line:
    """The line of a cell by another rule than its own: what somebody did instead."""
    return _written(trace, cell, node, style, _value(true_value(node, trace), style, False, False), covered)


def _written(
    trace: Trace,
    cell: Cell,
    node: Node,
    style: Style,
    value: str,
    hidden: Collection[Cell] = (),
    blank: bool = False,
) -> Line:
    if isinstance(node, Local) and node.over == 1:
        node = replace(node, kind="plain")  # alone on its line it is no factor, which would stand in brackets
    digits = digits_for_numbers(node, trace, style.digits)
    symbol = symbols.tex(cell, style.convention)
    if cell.quantity == "dL_dz":
        symbol = rf"{symbols.delta(cell)} = {symbol}"
    numbers = ""
    if _calculates(node, trace) and not _gives_away(node, blank, hidden):
        sign = "=" if exact(node, trace, digits, False) else r"\approx"
        numbers = f"{sign} {_numbers(node, trace, style, digits, hidden)}"
    return Line(cell, symbol, f"= {rule_tex(node, style)}", numbers, value)


def _value(value: float, style: Style, blank: bool, key: bool) -> str:
    sign = "=" if numerals.rounded(value, style.digits) == value else r"\approx"
    if blank and not key:
        return rf"{sign} {FILL_IN}"
    shown = r"\filled" if blank else r"\answer"
    return f"{sign} {shown}{{{answer(value, style)}}}"


def rule_tex(node: Node, style: Style) -> str:
    """A rule with symbols; a long sum is written with Σ."""
    ones = any(isinstance(leaf, Const) and leaf.tex == "1" for leaf in leaves(node))
    reader = Sigma(style, as_symbols(style), r" \cdot " if ones else r"\,")
    if isinstance(node, Local) and node.origin and not node.expr.free_symbols:
        return origin(node, style)  # a slope that is one number: the rule is the derivative to be taken
    if isinstance(node, Sum) and node.over == "s" and node.generic is None:  # every sample's part has the same symbols
        one = node.terms[0]
        return rf"\sum_{{s}} {reader.bracketed(one, 0) if isinstance(one, Sum) else reader.node(one)}"
    return reader.node(node, shorten=int(_longest(node) > _LONG))


def _longest(node: Node) -> int:
    """How many terms the longest sum of a tree has."""
    inner = node.factors if isinstance(node, Product) else node.terms if isinstance(node, Sum) else ()
    return max((len(inner) if isinstance(node, Sum) else 0, *map(_longest, inner)), default=0)


def _numbers(node: Node, trace: Trace, style: Style, digits: int, covered: Collection[Cell]) -> str:
    """Every product with its dot, since two numbers side by side read as one; a line breaks at a sign, not at a dot."""
    text = Reader(style, as_numbers(trace, style, digits, covered), _TIMES).node(node)
    return _SIDE_BY_SIDE.sub(lambda _space: _TIMES, text)


def _calculates(node: Node, trace: Trace) -> bool:
    """Is there anything to calculate once the numbers are put in? Of ReLU, which then is z or 0, there is not."""
    every = list(leaves(node))
    if len(every) > 1:
        return True
    only = every[0]
    return isinstance(only, Local) and (
        only.over > 1 or not active(only.expr, {name: trace.at(cell) for name, cell in only.bound}).is_Atom
    )


def _gives_away(node: Node, blank: bool, covered: Collection[Cell]) -> bool:
    """Would the numbers put in tell which case of a function holds, while that is for the pupil to find out?"""
    return any(
        isinstance(leaf, Local)
        and leaf.expr.has(sp.Piecewise)
        and (blank or any(cell in covered for _name, cell in leaf.bound))
        for leaf in leaves(node)
    )
