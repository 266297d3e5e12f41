"""A long expression of cells in the order in which a person would write it: a tree whose leaves are printed once.

SymPy orders by its own rules and puts everything that divides into one denominator. Here a product begins at the loss and ends at
the inputs, and a fraction holds what belongs together; fitting.py makes lines of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import mul

import sympy as sp

from backprop.engine.steps import Cell
from backprop.explain.terms import TexPrinter


@dataclass(frozen=True)
class Total:
    """Terms, each with its sign."""

    terms: tuple[tuple[str, Written], ...]


@dataclass(frozen=True)
class Times:
    """Factors; a Total among them stands in brackets."""

    factors: tuple[Written, ...]


@dataclass(frozen=True)
class Over:
    """A fraction."""

    top: Written
    bottom: Written


@dataclass(frozen=True)
class Call:
    """A function of something in brackets, or, without a name, only the brackets; raised to a power, if any."""

    name: str
    inside: Written
    power: str = ""


@dataclass(frozen=True)
class Cases:
    """Values, and in TeX when they hold."""

    rows: tuple[tuple[Written, str], ...]


Written = str | Total | Times | Over | Call | Cases
"""What a printed expression is made of; a str is TeX with marks, see terms.fill."""


class Magnitude(sp.Function):
    """|u| of a real u. SymPy's own Abs asks of every u whether it is real, for seconds, and answers with complex slopes."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.sign(self.args[0])


# --- an expression as a tree


def written(expr: sp.Expr, cells: Mapping[str, Cell]) -> Written:
    """The tree of an expression whose symbols are named by the keys of `cells`.

    A sum begins with its numbers and ends with its single letters; a product begins at the loss and ends at the inputs.
    """
    return _Writer(cells).tree(expr)


THIN = r"\kern.17em "
"""What is \\, elsewhere: to KaTeX that is a macro, and it expands only a thousand of them in a formula."""
_NAMES = {"log": r"\ln", "erf": r"\mathrm{erf}", "atan": r"\mathrm{atan}", "sign": r"\mathrm{sign}"}
_PRINTER = TexPrinter({"mul_symbol": THIN, "ln_notation": True})


class _Writer:
    def __init__(self, cells: Mapping[str, Cell]) -> None:
        self.cells = cells
        self._layers: dict[sp.Basic, int] = {}
        self._trees: dict[sp.Basic, Written] = {}

    def layer(self, expr: sp.Basic) -> int:
        """The highest layer of which an expression has a letter; −1 without letters."""
        if expr not in self._layers:
            own = (self.cells[expr.name].layer or 0) if expr.is_Symbol else -1  # type: ignore[attr-defined]
            self._layers[expr] = max((own, *map(self.layer, expr.args)))
        return self._layers[expr]

    def quantity(self, expr: sp.Expr) -> str:
        """What a letter is; nothing for a formula."""
        return self.cells[expr.name].quantity if expr.is_Symbol else ""

    def tree(self, expr: sp.Expr) -> Written:
        """The same object for the same expression: most parts of a derivative stand in it many times."""
        if expr not in self._trees:
            self._trees[expr] = self._tree(expr)
        return self._trees[expr]

    def _tree(self, expr: sp.Expr) -> Written:
        if expr.is_Add:
            return Total(tuple(map(self.signed, sorted(expr.args, key=self._term))))
        if expr.is_number or expr.is_Symbol:
            return number_tex(expr) if expr.is_number else _PRINTER.doprint(expr)
        if expr.is_Mul or _is_below(expr):
            sign, product = self.signed(expr)
            return Total(((sign, product),)) if sign == "-" else product
        if isinstance(expr, sp.Piecewise):
            return self.cases(expr)
        if expr.is_Pow and not expr.base.is_number:
            return self.power(expr.base, expr.exp)
        if expr.is_Pow or (isinstance(expr, sp.exp) and len(expr.free_symbols) < 2):
            base, exponent = expr.as_base_exp()
            return f"{_PRINTER.doprint(base)}^{{{_PRINTER.doprint(exponent)}}}"
        name = type(expr).__name__
        inside = self.tree(expr.args[0])
        return Call("|" if isinstance(expr, Magnitude) else _NAMES.get(name, rf"\{name}"), inside)

    def power(self, base: sp.Expr, exponent: sp.Expr) -> Written:
        """base^exponent with a number above."""
        inside = self.tree(base)
        if exponent == sp.Rational(1, 2):
            return Call(r"\sqrt", inside)
        above = _PRINTER.doprint(exponent)
        if base.is_Symbol:
            return f"{inside}^{{{above}}}"
        if isinstance(inside, Call) and not inside.power and inside.name not in (r"\exp", r"\sqrt", "|"):
            return Call(inside.name, inside.inside, above)
        return Call("", inside, above)

    def cases(self, expr: sp.Piecewise) -> Written:
        conditions = [condition for _value, condition in expr.args]
        texts = [r"\text{if } " + _PRINTER.doprint(condition) for condition in conditions]
        if conditions[-1] == sp.true:
            texts[-1] = (
                r"\text{if } " + _PRINTER.doprint(sp.Not(conditions[0])) if len(conditions) == 2 else r"\text{else}"
            )
        return Cases(tuple((self.tree(value), text) for (value, _c), text in zip(expr.args, texts, strict=True)))

    # sums

    def _term(self, term: sp.Expr) -> tuple[int, int, str]:
        """Its place in a sum: numbers, formulas, weighted letters, single letters, negative numbers."""
        number, rest = term.as_coeff_Mul()
        letters = sorted(part.name for part in sp.Mul.make_args(rest) if part.is_Symbol)
        if rest == 1:
            return (0 if number > 0 else 5), 0, ""
        if not letters:
            return (1 if number > 0 else 2), -self.layer(rest), ""
        return (4 if rest.is_Symbol else 3), 0, " ".join(letters)

    # products

    def signed(self, term: sp.Expr) -> tuple[str, Written]:
        """The sign of a term, and its factors in order. A factor that is a sum of negative terms is turned round."""
        number, rest = term.as_coeff_Mul()
        parts = list(sp.Mul.make_args(rest))
        for place, part in enumerate(parts):
            if part.is_Add and all(each.as_coeff_Mul()[0] < 0 for each in part.args):
                parts[place], number = -part, -number
        sign, number = ("-", -number) if number < 0 else ("+", number)
        number = reduce(mul, (part for part in parts if part.is_number), number)
        parts = [part for part in parts if not part.is_number]
        factors = self.factors(parts)
        if number != 1 or not factors:
            factors.insert(0, number_tex(number))
        return sign, factors[0] if len(factors) == 1 else Times(tuple(factors))

    def factors(self, parts: list[sp.Expr]) -> list[Written]:
        """Factors in order, what belongs above a denominator in one fraction with it."""
        above = [part for part in parts if not _is_below(part)]
        found: list[tuple[tuple, Written]] = []
        for part in sorted(
            (part for part in parts if _is_below(part)), key=lambda each: (self.layer(each), count(each))
        ):
            base, exponent = part.as_base_exp()
            mates = [each for each in above if isinstance(each, sp.exp) and base.has(each, _root_of(each))]
            mates = mates or [each for each in above if self._belongs(each, base)]
            above = [each for each in above if each not in mates]
            tops = [self.tree(each) for each in sorted(mates, key=self._place)]
            top = "1" if not tops else tops[0] if len(tops) == 1 else Times(tuple(tops))
            bottom = self.tree(base) if exponent == -1 else self.power(base, -exponent)
            found.append((min(map(self._place, (base, *mates))), Over(top, bottom)))
        found += [(self._place(part), self.tree(part)) for part in above]
        return [tree for _place, tree in sorted(found, key=lambda each: each[0])]

    def _belongs(self, part: sp.Expr, below: sp.Expr) -> bool:
        """Does a factor stand above this denominator: a sum of letters of the same unit, or the weight behind it?"""
        layer = self.layer(below)
        if part.is_Symbol:
            return self.layer(part) == layer + (self.quantity(part) == "W")
        return self.layer(part) == layer and not part.has(sp.Function, sp.Pow)

    def _place(self, part: sp.Expr) -> tuple:
        """Its place in a product: by layer from the loss, a target's part first, formulas before letters."""
        aims = any(self.quantity(letter) == "t" for letter in part.free_symbols)
        return -self.layer(part), not aims, part.is_Symbol, part.name if part.is_Symbol else ""


def count(expr: sp.Basic) -> int:
    """How many operations stand in an expression as it is written: signs between numbers, powers, functions, and conditions."""
    inside = sum(map(count, expr.args))
    if isinstance(expr, sp.Piecewise):
        return sum(count(value) for value, _condition in expr.args) + len(expr.args)
    if expr.is_Add:
        return inside + len(expr.args) - 1
    if expr.is_Mul:  # a minus before it is none, and a division is not counted twice
        silent = sum(part == -1 or (part.is_Pow and part.exp == -1) for part in expr.args)  # type: ignore[attr-defined]
        return inside + len(expr.args) - 1 - silent
    return inside + bool(expr.args)


def number_tex(number: sp.Expr) -> str:
    """A number without letters; what was typed as a decimal number with the digits that were typed."""
    short = {each: sp.Float(f"{float(each):.12g}") for each in number.atoms(sp.Float)}
    return _PRINTER.doprint(number.xreplace(short))


def _root_of(power: sp.exp) -> sp.Expr:
    """e^x of an e^2x."""
    return sp.exp(power.args[0].as_content_primitive()[1])


def _is_below(part: sp.Basic) -> bool:
    """Is it a denominator?"""
    return bool(part.is_Pow and part.exp.is_number and part.exp.is_negative and not part.base.is_number)  # type: ignore[attr-defined]
