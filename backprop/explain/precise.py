"""A SymPy expression computed from float64 numbers to DIGITS digits.

The expression is cut once into steps, each different part one step (`steps_of`), which are plain data and travel between
processes. `digits` walks them with mpmath's numbers at one precision and at twice that, until both agree: so what cancels costs
bits and not digits, and 1 − σ(800) is 10⁻³⁴⁷, not 0.
"""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import sympy as sp
from mpmath import MPContext, libmp

DIGITS = 40
FIRST_BITS, MOST_BITS = 256, 4096
CERTAIN = 140
"""Bits in which two walks must agree: DIGITS digits and a few more."""
SMALLEST = -1100
"""What is below 2^SMALLEST counts as 0 where it does not settle; float64 ends at 2^−1074."""
LARGEST = 64
"""From 2^LARGEST on an exponent is out of reach: e^x is then 0, or too large to be a number."""
SIDE = 40
"""A sum that is smaller than its largest term by so many bits is 0 but for the rounding of float64."""

ZERO = 0
"""What is 0 exactly and not by cancellation: the input of a path, the slope of a unit that is off. Every other number is mpmath's."""

for _constant in (libmp.mpf_pi, libmp.mpf_e, libmp.mpf_ln2, libmp.mpf_ln10):
    _constant(2 * MOST_BITS)  # these are kept, and lengthened on demand in two steps, between which a thread could read


class Undefined(ArithmeticError):
    """There is no such real number."""


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
            return Step("exact", (), tuple(map(int, part._mpf_)))
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


_own = threading.local()


def _context(bits: int) -> MPContext:
    """This thread's own context: mpmath's shared one has one precision for all."""
    if not hasattr(_own, "context"):
        _own.context = MPContext()
    _own.context.prec = bits
    return _own.context


def digits(steps: tuple[Step, ...], numbers: Callable[[str], float]) -> Decimal:
    """The value of an expression with a float64 for each of its letters, to DIGITS digits; 0 below 2^SMALLEST where it does not settle.

    Infinite where it is absurdly large. NaN where it has no value: where it leaves the real numbers, where a number is not
    finite, or where MOST_BITS are not enough.
    """
    before: Any = None
    value: Any = None
    bits = FIRST_BITS
    while bits <= MOST_BITS:
        own = _context(bits)
        before, bits = value, 2 * bits
        try:
            value = _walk(steps, numbers, own)
        except Undefined:  # perhaps only at this precision: what was divided by may have cancelled
            value = None
        if value is ZERO:
            return Decimal(0)
        if value and before and abs(value - before) <= own.ldexp(abs(value), -CERTAIN):
            return _decimal(value, own)
    if value is None or before is None or max(own.mag(value), own.mag(before)) > SMALLEST:
        return Decimal("NaN")
    return Decimal(0)


def _decimal(value: Any, own: MPContext) -> Decimal:
    if value and abs(own.mag(value)) > 2**30:
        return Decimal(0) if own.mag(value) < 0 else Decimal("Infinity" if value > 0 else "-Infinity")
    return Decimal(own.nstr(value, DIGITS))


def _walk(steps: tuple[Step, ...], numbers: Callable[[str], float], own: MPContext) -> Any:
    """The value of the last step. Raises Undefined, but not for a case that does not hold."""
    results: list[Any] = []

    def result(place: int) -> Any:
        came = results[place]
        if isinstance(came, ArithmeticError):
            raise came
        return came

    for step in steps:
        try:
            came = _one(step, result, numbers, own)
            if isinstance(came, own.mpc) or (isinstance(came, own.mpf) and not own.isfinite(came)):
                raise Undefined
            results.append(came)
        except ArithmeticError as fault:
            results.append(Undefined(*fault.args))
        except ValueError:
            results.append(Undefined())
    return result(-1)


_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}
_GROWING = ("exp", "sinh", "cosh")
_FUNCTIONS = ("exp", "log", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "erf", "sign")


def _one(step: Step, result: Callable[[int], Any], numbers: Callable[[str], float], own: MPContext) -> Any:
    name, args, data = step
    match name:
        case "letter":
            number = numbers(data)
            return own.mpf(number) if number else ZERO
        case "side":
            return _side([result(place) for place in args], data, numbers, own)
        case "number":
            return own.mpf(data[0]) / data[1] if data[0] else ZERO
        case "exact":
            return own.make_mpf(data)
        case "pi" | "e":
            return +getattr(own, name)
        case "sum":
            terms = [term for term in map(result, args) if term is not ZERO]
            return own.fsum(terms) if terms else ZERO
        case "product":
            factors = list(map(result, args))
            return ZERO if any(each is ZERO for each in factors) else own.fprod(factors)
        case "power":
            base = result(args[0])
            return ZERO if base is ZERO and data > 0 else base**data
        case "root":
            return _power(result(args[0]), result(args[1]), own)
        case "magnitude":
            return abs(result(args[0]))
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
    if name in _COMPARED:
        return _COMPARED[name](*(result(place) for place in args))
    if name in _FUNCTIONS:
        return _function(name, result(args[0]), own)
    raise Undefined


def _function(name: str, x: Any, own: MPContext) -> Any:
    """A function at x; an exponent out of reach makes 0 of e^x, or no number."""
    if x and own.mag(x) > LARGEST:
        if name == "exp" and x < 0:
            return own.ldexp(1, -(2**LARGEST))
        if name in _GROWING:
            raise Undefined
        if name in ("tanh", "erf"):
            return own.sign(x)
    return getattr(own, name)(x)


def _power(base: Any, exponent: Any, own: MPContext) -> Any:
    if base == 0 and exponent > 0:
        return base
    if own.isint(exponent):
        return base ** int(exponent)
    return _function("exp", exponent * own.log(base), own) if base > 0 else own.nan


def _side(parts: list[Any], name: str, numbers: Callable[[str], float], own: MPContext) -> Any:
    value, *terms = parts
    largest = max(own.mag(term) for term in terms)
    return value if not any(terms) or own.mag(value) > largest - SIDE else own.mpf(numbers(name))
