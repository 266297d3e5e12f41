"""A SymPy expression computed from float64 numbers to as many digits as are asked for, all of them certain.

The expression is cut once into steps, each different part one step (`steps_of`), which are plain data and travel between
processes. `digits` walks them with numbers that carry a bound of their error (bounded.py), and begins again with more bits until
enough digits are certain. So what cancels costs bits and not digits: 1 − σ(800) is 10⁻³⁴⁷, not 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import sympy as sp
from mpmath import libmp

from backprop.explain.bounded import (
    EXACT,
    FUNCTIONS,
    MOST_BITS,
    SMALLEST,
    Number,
    Uncertain,
    Undefined,
    add,
    fraction,
    given,
    multiply,
    power,
    root,
    rounded,
    sign,
    size_of,
)

DIGITS = 40
FIRST_BITS = 224
CERTAIN = 140
"""Bits for DIGITS digits and a few more."""
ABSURD = 2**30
SIDE = 40
"""A sum that is smaller than its largest term by so many bits is 0 but for the rounding of float64."""


class Step(NamedTuple):
    """One operation: its name, the places of the steps it works on, and what else it needs (a letter, a number)."""

    name: str
    args: tuple[int, ...] = ()
    data: Any = None


def steps_of(expr: sp.Expr, sides: Mapping[sp.Symbol, sp.Expr] | None = None) -> tuple[Step, ...]:
    """The expression as steps, the last of which is its value. Each different part is computed once.

    sides: letters that stand for an expression where only the side of a kink matters: they are that expression, but the
    number given for the letter where the expression is 0 but for rounding
    """
    steps: list[Step] = []
    found: dict[sp.Basic, int] = {}

    def place(part: sp.Basic) -> int:
        if part not in found:
            step = read(part)
            found[part] = len(steps)
            steps.append(step)
        return found[part]

    def read(part: sp.Basic) -> Step:
        if isinstance(part, sp.Symbol):
            if not sides or part not in sides:
                return Step("letter", (), part.name)
            whole = sides[part]
            return Step("side", (place(whole), *map(place, sp.Add.make_args(whole))), part.name)
        if isinstance(part, sp.Rational):
            return Step("number", (), (int(part.p), int(part.q)))
        if isinstance(part, sp.Float):
            sign, man, exp, bc = part._mpf_
            return Step("exact", (), (int(sign), int(man), int(exp), int(bc)))
        if isinstance(part, sp.Piecewise):
            return Step("cases", tuple(place(each) for value, condition in part.args for each in (condition, value)))
        if isinstance(part, sp.Pow) and isinstance(part.exp, sp.Integer):
            return Step("power", (place(part.base),), int(part.exp))
        return Step(_NAMES.get(type(part).__name__, "unknown"), tuple(map(place, part.args)))

    place(expr)
    return tuple(steps)


_NAMES = {
    "Add": "sum", "Mul": "product", "Pow": "root", "Pi": "pi", "Exp1": "e",
    "BooleanTrue": "true", "BooleanFalse": "false", "And": "and", "Or": "or", "Not": "not",
    "StrictGreaterThan": ">", "StrictLessThan": "<", "GreaterThan": ">=", "LessThan": "<=", "Equality": "=", "Unequality": "!=",
    **{name: name for name in ("exp", "log", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "erf", "sign")},
    "Abs": "magnitude", "Magnitude": "magnitude",
}  # fmt: skip


def digits(steps: tuple[Step, ...], numbers: Callable[[str], float]) -> Decimal:
    """The value of an expression with a float64 for each of its letters, to DIGITS certain digits; 0 below 2^SMALLEST.

    Infinite where it is absurdly large. NaN where it has none: where it leaves the real numbers, where a number is not finite, or where MOST_BITS are not enough.
    """
    bits = FIRST_BITS
    while bits <= MOST_BITS:
        try:
            value, error = _walk(steps, numbers, bits)
        except Undefined:
            return Decimal("NaN")
        except Uncertain:
            pass
        else:
            size = size_of(value)
            if error <= size - CERTAIN:
                if abs(size) > ABSURD:
                    return Decimal(0) if size < 0 else Decimal("-Infinity" if value[0] else "Infinity")
                return Decimal(libmp.to_str(value, DIGITS))
            if max(size, error) < SMALLEST:
                return Decimal(0)
        bits *= 2
    return Decimal("NaN")


_HOLDS: dict[str, Callable[[int], bool]] = {
    ">": lambda sign: sign > 0,
    "<": lambda sign: sign < 0,
    ">=": lambda sign: sign >= 0,
    "<=": lambda sign: sign <= 0,
    "=": lambda sign: sign == 0,
    "!=": lambda sign: sign != 0,
}


def _walk(steps: tuple[Step, ...], numbers: Callable[[str], float], bits: int) -> Number:
    """The value of the last step. Raises Undefined and Uncertain, but not for a case that does not hold."""
    results: list[Any] = []

    def result(place: int) -> Any:
        came = results[place]
        if isinstance(came, ArithmeticError):
            raise came
        return came

    for step in steps:
        try:
            results.append(_one(step, result, numbers, bits))
        except (Undefined, Uncertain) as fault:
            results.append(fault)
    return result(-1)


def _one(step: Step, result: Callable[[int], Any], numbers: Callable[[str], float], bits: int) -> Any:
    name, args, data = step
    match name:
        case "letter":
            return given(numbers(data))
        case "side":
            return _side([result(place) for place in args], data, numbers)
        case "number":
            return rounded(libmp.from_int(data[0]), EXACT, bits) if data[1] == 1 else fraction(data[0], data[1], bits)
        case "exact":
            return data, EXACT
        case "pi":
            return libmp.mpf_pi(bits), 2 - bits
        case "e":
            return libmp.mpf_e(bits), 2 - bits
        case "sum":
            return add([result(place) for place in args], bits)
        case "product":
            product = result(args[0])
            for place in args[1:]:
                product = multiply(product, result(place), bits)
            return product
        case "power":
            return power(result(args[0]), data, bits)
        case "root":
            return root(result(args[0]), result(args[1]), bits)
        case "magnitude":
            value, error = result(args[0])
            return libmp.mpf_abs(value), error
        case "sign":
            return libmp.from_int(sign(result(args[0]))), EXACT
        case "cases":
            for condition, value in zip(args[::2], args[1::2], strict=True):
                if result(condition):
                    return result(value)
            raise Undefined
        case "true" | "false":
            return name == "true"
        case "and":
            return all(result(place) for place in args)
        case "or":
            return any(result(place) for place in args)
        case "not":
            return not result(args[0])
    if name in _HOLDS:
        left, (value, error) = result(args[0]), result(args[1])
        return _HOLDS[name](sign(add((left, (libmp.mpf_neg(value), error)), bits)))
    if name in FUNCTIONS:
        return FUNCTIONS[name](result(args[0]), bits)
    raise Undefined


def _side(parts: list[Number], name: str, numbers: Callable[[str], float]) -> Number:
    (value, error), terms = parts[0], parts[1:]
    largest = max(size_of(term) for term, _error in terms)
    if max(size_of(value), error) > largest - SIDE:
        return value, error
    return given(numbers(name))
