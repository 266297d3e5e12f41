"""The rules of an iteration as exact arithmetic on the numbers at hand: what a hand calculation does between two roundings.

A rule (explain.lines.stepwise) is either a sum of products, which short decimals and fractions pass through exactly, or one
formula of the engine's tables, which is exact too until a function such as e^x comes: that one goes through float64, and on
as the decimals that float64 prints. So a tie is a true tie. Products and sums come as Decimal or Fraction, whichever the
numbers are; a formula works on fractions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache, reduce
from operator import eq, ge, gt, le, lt, mul, ne
from typing import Any

import sympy as sp

from backprop.engine.steps import Cell
from backprop.explain.precise import Step, steps_of
from backprop.explain.terms import Const, Local, Node, Product, Ref, Sum

Number = Decimal | Fraction

WIDE = Context(prec=1500)
"""Holds every product of two numbers of float64's range, and their sums, without rounding."""

LARGEST = 308
"""Powers of ten: a number beyond is out of range, as in float64."""


class Breakdown(ArithmeticError):
    """Here a calculation by hand cannot go on. why: "zero" (divided by 0), "ln" (of 0 or less), "root", "large", "function", "digits"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


# --- sums of products

ONE = 0
"""The place of the number 1 among the numbers at hand."""


@dataclass(frozen=True)
class Products:
    """(Σ plus − Σ minus) / divisor; a term is the product of the numbers at two places."""

    plus: tuple[tuple[int, int], ...]
    minus: tuple[tuple[int, int], ...] = ()
    divisor: int = 1

    def total(self, numbers: Sequence[Any]) -> Any:
        """The sum before it is divided. With decimals the context WIDE must be in force."""
        total = numbers[self.plus[0][0]] * numbers[self.plus[0][1]]
        for i, j in self.plus[1:]:
            total += numbers[i] * numbers[j]
        for i, j in self.minus:
            total -= numbers[i] * numbers[j]
        return total


@dataclass(frozen=True)
class Formula:
    """A formula of a table row, and where the numbers of its letters stand; fixed: its constants, as they are typed."""

    expr: sp.Expr
    letters: tuple[tuple[str, int], ...]
    fixed: tuple[tuple[str, Fraction], ...]
    over: int = 1

    def value(self, numbers: Sequence[Any], exact: bool) -> Fraction:
        """Raises Breakdown. exact: a function that leaves the fractions is one."""
        at = dict(self.fixed)
        for name, place in self.letters:
            at[name] = Fraction(numbers[place])
        return calculated(self.expr, at, exact) / self.over


def compiled(rule: Node, places: Mapping[Cell, int]) -> Products | Formula:
    """A rule of explain.lines.stepwise, its cells looked up at their places among the numbers at hand."""
    if isinstance(rule, Local):
        free = {str(symbol) for symbol in rule.expr.free_symbols}
        letters = tuple((name, places[cell]) for name, cell in rule.bound if name in free)
        fixed = tuple((name, as_typed(number)) for name, number in rule.constants if name in free)
        return Formula(rule.expr, letters, fixed, rule.over)
    terms = tuple(_terms(rule, places))
    divisor = math.lcm(*(share.denominator for share, _factors in terms))
    assert all(abs(share * divisor) == 1 for share, _factors in terms)
    padded = [(share, (*factors, ONE, ONE)[:2]) for share, factors in terms]
    return Products(
        tuple((first, second) for share, (first, second) in padded if share > 0),
        tuple((first, second) for share, (first, second) in padded if share < 0),
        divisor,
    )


def _terms(node: Node, places: Mapping[Cell, int]) -> list[tuple[Fraction, tuple[int, ...]]]:
    """A rule multiplied out: (share, places of the factors) for each of its terms; a share such as 1/m is the fraction meant."""
    match node:
        case Ref():
            return [(Fraction(1), (places[node.cell],))]
        case Const():
            return [(Fraction(node.value).limit_denominator(1000), ())]
        case Product():
            made: list[tuple[Fraction, tuple[int, ...]]] = [(Fraction(1), ())]
            for factor in node.factors:
                made = [
                    (share * other, (*factors, *more))
                    for share, factors in made
                    for other, more in _terms(factor, places)
                ]
            assert all(len(factors) <= 2 for _share, factors in made)
            return made
        case Sum():
            return [
                (-share if place in node.minus else share, factors)
                for place, term in enumerate(node.terms)
                for share, factors in _terms(term, places)
            ]
    raise TypeError(node)


# --- formulas

At = Mapping[str, Fraction]
_Compiled = Callable[[At, bool], Any]


def calculated(expr: sp.Expr, at: At, exact: bool = False) -> Fraction:
    """The value of a formula with a number for each of its letters. Raises Breakdown where it has none.

    exact: a function that leaves the fractions, such as e^x, is a breakdown; else it is what float64 prints for it
    """
    try:
        value = _formula(expr)(at, exact)
    except OverflowError:
        raise Breakdown("large") from None
    if not isinstance(value, Fraction):
        return Fraction(value)
    return value


@lru_cache(maxsize=1024)
def _formula(expr: sp.Expr) -> _Compiled:
    made: list[_Compiled] = []
    steps = steps_of(expr)
    for step in steps:
        made.append(_step(step, [made[place] for place in step.args], [steps[place] for place in step.args]))
    return made[-1]


_COMPARED: dict[str, Callable[[Any, Any], bool]] = {">": gt, "<": lt, ">=": ge, "<=": le, "=": eq, "!=": ne}


def _step(step: Step, args: list[_Compiled], steps: list[Step]) -> _Compiled:
    name, data = step.name, step.data
    match name:
        case "letter":
            return lambda at, exact: at[data]
        case "number":
            return _constant(Fraction(*data))
        case "exact":
            sign, mantissa, exponent, _bits = data
            return _constant(as_typed(math.ldexp(-mantissa if sign else mantissa, exponent)))
        case "pi" | "e":
            return lambda at, exact: _printed(getattr(math, name), exact)
        case "true" | "false":
            return _constant(name == "true")
        case "sum":
            return lambda at, exact: sum((each(at, exact) for each in args), Fraction(0))
        case "product":
            return _product(args, steps)
        case "power":
            return lambda at, exact: _power(args[0](at, exact), data)
        case "root":
            return lambda at, exact: _root(args[0](at, exact), args[1](at, exact), exact)
        case "magnitude":
            return lambda at, exact: abs(args[0](at, exact))
        case "sign":
            return lambda at, exact: Fraction((args[0](at, exact) > 0) - (args[0](at, exact) < 0))
        case "cases":
            pairs = list(zip(args[::2], args[1::2], strict=True))
            return lambda at, exact: next(value(at, exact) for condition, value in pairs if condition(at, exact))
        case "and":
            return lambda at, exact: all(each(at, exact) for each in args)
        case "or":
            return lambda at, exact: any(each(at, exact) for each in args)
        case "not":
            return lambda at, exact: not args[0](at, exact)
    if name in _COMPARED:
        return lambda at, exact: _COMPARED[name](args[0](at, exact), args[1](at, exact))
    return lambda at, exact: _function(name, args[0](at, exact), exact)


def _constant(value: Any) -> _Compiled:
    return lambda at, exact: value


def _product(args: list[_Compiled], steps: list[Step]) -> _Compiled:
    """What is divided by is multiplied out first and must not be 0; beyond that a factor that is 0 decides: 0 · ln 0 is 0 on paper."""
    below = [arg for arg, step in zip(args, steps, strict=True) if step.name == "power" and step.data < 0]
    above = [arg for arg in args if arg not in below]

    def value(at: At, exact: bool) -> Fraction:
        share = reduce(mul, (each(at, exact) for each in below), Fraction(1))
        total, broken = Fraction(1), None
        for each in above:
            try:
                total *= each(at, exact)
            except Breakdown as found:
                broken = broken or found
            if not total:
                return total
        if broken:
            raise broken
        return total * share

    return value


def _power(base: Fraction, exponent: int) -> Fraction:
    if not base and exponent < 0:
        raise Breakdown("zero")
    return base**exponent


def _root(base: Fraction, exponent: Fraction, exact: bool) -> Fraction:
    if exponent.denominator == 1 and abs(exponent) <= 64:
        return _power(base, int(exponent))
    if base < 0:
        raise Breakdown("root")
    if not base:
        if exponent < 0:
            raise Breakdown("zero")
        return base
    return _printed(float(base) ** float(exponent), exact)


def _function(name: str, x: Fraction, exact: bool) -> Fraction:
    if exact:
        raise Breakdown("function")
    if name == "log":
        if x <= 0:
            raise Breakdown("ln")
        return _printed(_ln(x))
    if name == "exp" and FAR < x < FARTHEST:  # e^x is too large for float64, but what is divided by it is not too small
        return Fraction(Decimal(float(x)).exp(_TWENTY))
    return _printed(getattr(math, name)(float(x)))


FAR, FARTHEST = 700, 20_000
_TWENTY = Context(prec=20)


def _ln(x: Fraction) -> float:
    try:
        return math.log(float(x))
    except (OverflowError, ValueError):  # too large for float64, or so small that it is 0 there
        return math.log(x.numerator) - math.log(x.denominator)


def _printed(value: float, exact: bool = False) -> Fraction:
    """A float64 as the decimals that it is printed with."""
    if exact:
        raise Breakdown("function")
    if not math.isfinite(value):
        raise Breakdown("large")
    return as_typed(value)


def as_typed(value: float) -> Fraction:
    """The fraction that somebody means who types a number: 3/20 for 0.15, which float64 keeps only nearly."""
    return Fraction(repr(value))


# --- rounding

UP, EVEN = ROUND_HALF_UP, ROUND_HALF_EVEN
"""A half away from zero, as at school, or to the even neighbour."""


def halves(value: Number, places: int) -> tuple[Decimal, Decimal]:
    """A number kept to so many decimals, decided on all its digits, as UP and as EVEN would; they differ on a tie alone.

    Raises Breakdown where it is out of range.

    >>> [str(each) for each in halves(Fraction("0.12345"), 4)], [str(each) for each in halves(Decimal("-0.00004"), 4)]
    (['0.1235', '0.1234'], ['0.0000', '0.0000'])
    """
    if isinstance(value, Decimal):
        if value.adjusted() > LARGEST:
            raise Breakdown("large")
        unit = Decimal(1).scaleb(-places)
        up, even = value.quantize(unit, UP, WIDE), value.quantize(unit, EVEN, WIDE)
        return up if up else up.copy_abs(), even if even else even.copy_abs()
    whole, rest = divmod(abs(value.numerator) * 10**places, value.denominator)
    tie, more = 2 * rest == value.denominator, 2 * rest >= value.denominator
    sign = -1 if value < 0 else 1
    up = Decimal(sign * (whole + more)).scaleb(-places, WIDE)
    if up.adjusted() > LARGEST:
        raise Breakdown("large")
    return up, Decimal(sign * (whole + whole % 2)).scaleb(-places, WIDE) if tie else up
