"""The readings of a rule in TeX: as partial derivatives, with symbols, with numbers put in, as values; and how many digits they need."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.symbols import DEFAULT, Convention
from backprop.explain.terms import (
    Const,
    Local,
    Node,
    Product,
    Ref,
    Sum,
    active,
    evaluate,
    fill,
    leaves,
    local_value,
    tex_template,
    true_value,
)


@dataclass(frozen=True)
class Style:
    """How a reader wants it: colours by kind (hex; "result" and "wash" for the answer's frame), digits, convention.

    hidden covers the values and the answer ("Hide the answer").
    """

    colours: Mapping[str, str]
    digits: int = numerals.DIGITS
    convention: Convention = DEFAULT
    hidden: bool = False

    def of(self, trace: Trace) -> Style:
        """The same, with the convention told the network of a trace."""
        return replace(self, convention=self.convention.of(trace))


STACKED = r" \\ {} "
"""A line break inside a sum; the empty group makes the sign after it a sign between two terms."""


class Reader:
    """Writes one row of an explanation: `leaf` says how a leaf is written, `collapse` how a product inside a sum is.

    stacked: a sum among factors is broken before its last term, where a line has no room for it
    """

    def __init__(
        self,
        style: Style,
        leaf: Callable[[Ref | Local | Const], str],
        times: str,
        collapse: Callable[[Product], str] | None = None,
        stacked: bool = False,
    ) -> None:
        self.style, self.leaf, self.times, self.collapse, self.stacked = style, leaf, times, collapse, stacked

    def coloured(self, leaf: Ref | Local | Const, text: str) -> str:
        colour = self.style.colours.get(leaf.kind)
        return rf"\textcolor{{{colour}}}{{{text}}}" if colour else text

    def node(self, node: Node, first: bool = True, shorten: int = 0) -> str:
        """The text of a tree; first: nothing stands before it, so a minus needs no brackets."""
        match node:
            case Product() if self.collapse and not first:
                return self.collapse(node)
            case Product():
                return self.times.join(
                    self.node(factor, first and place == 0, shorten)
                    if not isinstance(factor, Sum)
                    else self.bracketed(factor, shorten)
                    for place, factor in enumerate(node.factors)
                )
            case Sum():
                return self.sum(node, shorten)
            case _:
                text = self.leaf(node)
                return self.coloured(node, text if first or not text.startswith("-") else rf"({text})")

    def bracketed(self, node: Sum, shorten: int) -> str:
        text = self.sum(node, shorten)
        if len(node.terms) == 1 or text.startswith(r"\sum"):
            return text
        if self.stacked:
            return rf"\left(\begin{{gathered}} {self.sum(node, shorten, STACKED)} \end{{gathered}}\right)"
        return rf"\left({text}\right)" if "frac" in text else f"({text})"

    def sum(self, node: Sum, shorten: int, before_last: str = " ") -> str:
        kept = kept_places(len(node.terms), shorten)
        texts = []
        for place in kept:
            if place is None:
                texts.append(r"\cdots")
            else:
                texts.append(self.node(node.terms[place], False, shorten))
        return joined(texts, node.minus, before_last)


class Sigma(Reader):
    """The rule and factors rows: a long sum is written once, with its index letter."""

    def sum(self, node: Sum, shorten: int, before_last: str = " ") -> str:
        if shorten and len(node.terms) - node.tail > 2 and node.generic is not None:
            tail = [self.node(term, False, shorten) for term in node.terms[len(node.terms) - node.tail :]]
            return joined([rf"\sum_{{{node.over}}} {self.node(node.generic, True, shorten)}", *tail])
        return super().sum(node, 0, before_last)


def kept_places(count: int, shorten: int) -> list[int | None]:
    """Which terms are written: all, or the first two … the last, or the first … the last."""
    if shorten == 0 or count <= 3 - (shorten - 1):
        return list(range(count))
    return [*range(3 - shorten), None, count - 1]


def joined(texts: list[str], minus: frozenset[int] = frozenset(), before_last: str = " ") -> str:
    out = texts[0]
    for place, text in enumerate(texts[1:], 1):
        gap = before_last if place == len(texts) - 1 else " "
        out += f"{gap}{'-' if place in minus else '+'} {text}"
    return out


# --- the leaves of each row


def as_partials(style: Style) -> Callable[[Ref | Local | Const], str]:
    def leaf(leaf: Ref | Local | Const) -> str:
        if leaf.partial is None:
            return as_symbols(style)(leaf)
        above, below = leaf.partial
        above = above._replace(sample=None) if above.quantity == "loss" else above
        return symbols.ratio(above, below, style.convention).replace(r"\frac", r"\dfrac", 1)

    return leaf


def as_symbols(style: Style) -> Callable[[Ref | Local | Const], str]:
    def leaf(leaf: Ref | Local | Const) -> str:
        match leaf:
            case Ref(cell=Cell(quantity="dL_dz")):
                return symbols.delta(leaf.cell, style.convention)
            case Ref():
                return symbols.tex(leaf.cell, style.convention).replace(r"\frac", r"\dfrac", 1)
            case Const():
                return leaf.tex
            case Local():
                return formula(leaf, style)

    return leaf


def formula(leaf: Local, style: Style) -> str:
    """The formula of a Local with symbols, in brackets where it is a sum."""
    bound = dict(leaf.bound)
    text = fill(
        tex_template(leaf.expr),
        lambda name: symbols.tex(bound[name], style.convention) if name in bound else constant(leaf, name),
        powered(style.convention),
    )
    return _shared(leaf, leaf.expr, text)


def powered(convention: Convention) -> Callable[[str], str]:
    """How a symbol stands that is raised to a power: in brackets where its layer could be taken for one."""
    return (lambda text: text) if convention.layer == "()" else (lambda text: f"({text})")


def _shared(leaf: Local, expr: sp.Expr, text: str) -> str:
    """A written formula, in brackets where it is a sum or a minus among factors, with the 1/m of a sample's part before it."""
    if (expr.is_Add and leaf.kind in ("error", "delta", "slope")) or (leaf.over > 1 and text.startswith("-")):
        text = f"({text})"
    return text if leaf.over == 1 else rf"\tfrac{{1}}{{{leaf.over}}}\,{text}"


def constant(leaf: Local, name: str) -> str:
    number = dict(leaf.constants)[name]
    return str(int(number)) if name == "n" else numerals.tex(number, given=True)


def as_shown(trace: Trace, digits: int) -> Callable[[Cell], float]:
    """What stands for a cell where its number is shown with so many digits."""

    def look(cell: Cell) -> float:
        value = trace.at(cell)
        return value if _as_typed(cell, value) else numerals.rounded(value, digits)

    return look


def _as_typed(cell: Cell, value: float) -> bool:
    return cell.quantity in numerals.GIVEN and numerals.typed(value) is not None


BLANK = r"\blank"
"""Where a number is left for the pupil to put in; a sheet defines the command (lines.MACROS)."""


def as_numbers(
    trace: Trace, style: Style, digits: int, covered: Collection[Cell] = ()
) -> Callable[[Ref | Local | Const], str]:
    """covered: cells in whose place a blank stands."""

    def text(cell: Cell) -> str:
        if cell in covered:
            return BLANK
        value = trace.at(cell)
        return numerals.tex(value, digits, given=_as_typed(cell, value))

    def leaf(leaf: Ref | Local | Const) -> str:
        match leaf:
            case Ref():
                return text(leaf.cell)
            case Const():
                return leaf.tex
            case Local():
                bound = dict(leaf.bound)
                expr = active(leaf.expr, {name: trace.at(cell) for name, cell in leaf.bound})

                def put(name: str) -> str:
                    if name not in bound:
                        return constant(leaf, name)
                    number = text(bound[name])
                    alone = expr.is_Symbol  # what stands beside it is not of this formula
                    return rf"({number})" if not alone and (number.startswith("-") or "cdot" in number) else number

                written = fill(tex_template(expr), put, lambda number: f"({number})" if "frac" in number else number)
                return _shared(leaf, expr, written)

    return leaf


def as_values(trace: Trace, digits: int) -> Callable[[Ref | Local | Const], str]:
    def leaf(leaf: Ref | Local | Const) -> str:
        match leaf:
            case Ref():
                value = trace.at(leaf.cell)
                return numerals.tex(value, digits, given=_as_typed(leaf.cell, value))
            case Const():
                return leaf.tex
            case Local():
                return numerals.tex(leaf.value, digits)

    return leaf


# --- digits: as many as make the answer follow


def digits_for_numbers(node: Node, trace: Trace, digits: int) -> int:
    """The fewest digits from `digits` up with which the numbers put in give the answer as it is shown."""
    target = numerals.decimals(true_value(node, trace), digits)
    for more in range(digits, 13):
        look = as_shown(trace, more)
        if numerals.decimals(evaluate(node, look, lambda leaf, look=look: local_value(leaf, look)), digits) == target:  # type: ignore[misc]
            return more
    return digits


def digits_for_values(node: Node, trace: Trace, digits: int) -> int:
    """The same for the line of values, in which a sum's products are already multiplied out."""
    while isinstance(node, Sum) and len(node.terms) == 1:
        node = node.terms[0]
    target = numerals.decimals(true_value(node, trace), digits)
    for more in range(digits, 13):
        if numerals.decimals(_shown_value(node, trace, more), digits) == target:
            return more
    return digits


def _shown_value(node: Node, trace: Trace, digits: int) -> float:
    """What the line of values comes to, each number in it as it is shown."""
    match node:
        case Ref():
            return as_shown(trace, digits)(node.cell)
        case Const():
            return node.value
        case Local():
            return numerals.rounded(node.value, digits)
        case Product():
            return math.prod(_shown_value(factor, trace, digits) for factor in node.factors)
        case Sum():
            return sum(
                (-1.0 if place in node.minus else 1.0)
                * (
                    numerals.rounded(true_value(term, trace), digits)
                    if isinstance(term, Product)
                    else _shown_value(term, trace, digits)
                )
                for place, term in enumerate(node.terms)
            )


def digits_for_parts(
    values: Sequence[float],
    digits: int,
    join: Callable[[Iterable[float]], float] = sum,
    answer: int | None = None,
) -> int:
    """The same for numbers that are added up or, with `join`, multiplied. answer: the digits of the answer, where it has its own."""
    answer = digits if answer is None else answer
    target = numerals.decimals(join(values), answer)
    for more in range(digits, 13):
        if numerals.decimals(join(numerals.rounded(value, more) for value in values), answer) == target:
            return more
    return digits


def exact(node: Node, trace: Trace, digits: int, values: bool) -> bool:
    """Does every number of a row stand there with all its digits?"""
    look = as_shown(trace, digits)
    for leaf in leaves(node):
        read = [leaf.cell] if isinstance(leaf, Ref) else _read(leaf, trace) if isinstance(leaf, Local) else []
        if values and isinstance(leaf, Local) and numerals.rounded(leaf.value, digits) != leaf.value:
            return False
        if any(look(cell) != trace.at(cell) for cell in read):
            return False
    return True


def _read(leaf: Local, trace: Trace) -> list[Cell]:
    """The cells that a formula reads where it stands: of ReLU's slope, which is 1 or 0, none."""
    free = {str(s) for s in active(leaf.expr, {name: trace.at(cell) for name, cell in leaf.bound}).free_symbols}
    return [cell for name, cell in leaf.bound if name in free]


def bracketed_if_negative(text: str) -> str:
    return rf"({text})" if text.startswith("-") else text
