"""A typed formula where it leaves float64 on its way and not at its end: 1/(1 + e^800) is 0, ln(1 + e^800) is 800.

float64 is tried first, and only where a number has overflowed there is more done: in long doubles, whose exponents reach
sixteen times further, and what is left in mpmath's numbers, whose exponents do not end.
"""

from __future__ import annotations

import math
import operator
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from typing import Any

import numpy as np
import sympy as sp
from mpmath import MPContext

Array = np.ndarray

MOST = 256
"""Numbers of an array that are computed one by one, at most; more are left as they came."""
CLOSE = 1e-9
"""Numbers that differ by less than this share are the same: then the float64 stays."""
REACH = 2.0**64
"""What is further out is infinite in an exponent, and without a value in a sine."""
BITS = 256

_erf = np.frompyfunc(math.erf, 1, 1)


def as_typed(parts: Sequence[sp.Expr], symbols: Sequence[sp.Symbol]) -> Callable[..., list[Array]]:
    """Formulas as a NumPy function, computed as they stand: one array each, of the precision of what is put in."""
    names = {"erf": lambda x: np.asarray(_erf(x), dtype=float), "select": _chosen}
    return sp.lambdify(symbols, tuple(parts), modules=[names, "numpy"], cse=True)


def _chosen(conditions: Sequence[Any], values: Sequence[Any], default: float) -> Array:
    """np.select, also where a condition on conditions has come out as objects."""
    return np.select([np.asarray(each, dtype=bool) for each in conditions], list(values), default)


def real(row: Any) -> Any:
    """nan for what SymPy has written with an imaginary number, such as a root of −e^z."""
    return np.where(np.imag(row) == 0, np.real(row), np.nan) if np.iscomplexobj(row) else row


def followed(parts: Sequence[sp.Expr], symbols: Sequence[sp.Symbol]) -> Callable[..., Sequence[Array]]:
    """The same in float64, where a formula that overflows on its way arrives where it should."""
    function = as_typed(parts, symbols)
    exact = [_exactly(part, symbols) for part in parts]

    def call(*arrays: Array) -> Sequence[Array]:
        seen: list[str] = []
        with np.errstate(all="ignore", over="call", call=lambda kind, _flag: seen.append(kind)):
            raw = function(*arrays)
        if not seen:  # nearly always, so that this has to be quick
            return raw
        shape = np.broadcast_shapes(*map(np.shape, arrays))
        came = [np.broadcast_to(np.asarray(real(row), dtype=float), shape) for row in raw]
        wide, still = _watched(function, [np.asarray(each, dtype=np.longdouble) for each in arrays], shape)
        put = [np.broadcast_to(each, shape) for each in arrays]
        return [
            _mended(first, second, one, put, still, function, k)
            for k, (first, second, one) in enumerate(zip(came, wide, exact, strict=True))
        ]

    return call


def _watched(
    function: Callable[..., Sequence[Any]], arrays: Sequence[Any], shape: tuple[int, ...]
) -> tuple[list[Array], bool]:
    """(what comes, as float64, did anything overflow on the way?)."""
    seen: list[str] = []
    with np.errstate(all="ignore", over="call", call=lambda kind, _flag: seen.append(kind)):
        raw = function(*arrays)
    with np.errstate(all="ignore"):  # here it may: 1e400 is inf
        return [np.broadcast_to(np.asarray(real(row), dtype=float), shape) for row in raw], bool(seen)


def _mended(
    came: Array, wide: Array, exact: Callable[..., float], put: list[Array], still: bool, function: Any, k: int
) -> Array:
    """What came, with the numbers in it that have overflowed on their way replaced; of others none is touched."""
    mended = came.copy()
    with np.errstate(all="ignore"):
        same = (came == wide) | (np.isnan(came) & np.isnan(wide)) | (np.abs(came - wide) <= CLOSE * np.abs(wide))
    known = np.logical_and.reduce([np.isfinite(each) for each in put]) if put else np.ones(came.shape, dtype=bool)
    for place in np.argwhere(~same & known):
        at = tuple(place)
        if not np.isfinite(came[at]) or _watched(function, [each[at] for each in put], ())[1]:
            mended[at] = wide[at]
    if still:
        lost = ~np.isfinite(mended)
        for place in np.argwhere((lost | (mended.size <= MOST)) & known)[:MOST]:
            at = tuple(place)
            if lost[at] or _watched(function, [np.longdouble(each[at]) for each in put], ())[1]:
                mended[at] = exact(*(float(each[at]) for each in put))
    return mended


# --- one number


def _exactly(expr: sp.Expr, symbols: Sequence[sp.Symbol]) -> Callable[..., float]:
    """The formula at one place, without an end to the exponents; nan where it has no real value."""

    @lru_cache(maxsize=512)
    def at(*numbers: float) -> float:
        own = _context()
        try:
            return float(_value(expr, dict(zip(symbols, map(own.mpf, numbers), strict=True)), own))
        except (ArithmeticError, ValueError, TypeError):
            return math.nan

    return at


_own = threading.local()


def _context() -> MPContext:
    """This thread's own: mpmath's shared one has one precision for all."""
    if not hasattr(_own, "context"):
        _own.context = MPContext()
        _own.context.prec = BITS
    return _own.context


def _value(expr: sp.Basic, here: dict[sp.Symbol, Any], own: MPContext) -> Any:
    if isinstance(expr, sp.Symbol):
        return here[expr]
    if isinstance(expr, sp.Rational):
        return own.mpf(int(expr.p)) / int(expr.q)
    if not expr.args:
        return own.mpf(expr._mpf_) if isinstance(expr, sp.Float) else own.mpf(str(sp.N(expr, 80)))
    if isinstance(expr, sp.Piecewise):
        return next(_value(value, here, own) for value, condition in expr.args if _holds(condition, here, own))
    args = [_value(arg, here, own) for arg in expr.args]
    match expr:
        case sp.Add():
            return reduce(operator.add, args)
        case sp.Mul():
            return reduce(operator.mul, args)
        case sp.Pow():
            return _power(args[0], args[1], own)
        case sp.exp():
            return _exp(args[0], own)
    return _FUNCTIONS[type(expr).__name__](args[0], own)


def _holds(condition: sp.Basic, here: dict[sp.Symbol, Any], own: MPContext) -> bool:
    if not isinstance(condition, sp.Rel):
        return condition == sp.true
    left, right = (_value(side, here, own) for side in condition.args)
    return bool(_SIGNS[condition.rel_op](left, right))


_SIGNS = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


def _power(base: Any, exponent: Any, own: MPContext) -> Any:
    if base == 0 and exponent < 0:
        raise ZeroDivisionError
    if base < 0 and exponent != int(exponent):
        raise ValueError
    if exponent == int(exponent) and abs(exponent) < 1000:
        return base ** int(exponent)
    return _exp(exponent * own.log(base), own) if base > 0 else own.mpf(0)


def _exp(x: Any, own: MPContext) -> Any:
    if abs(x) <= REACH or own.isnan(x):
        return own.exp(x)
    return own.inf if x > 0 else own.mpf(0)


def _hyperbolic(sign: int) -> Callable[[Any, MPContext], Any]:
    return lambda x, own: (_exp(x, own) + sign * _exp(-x, own)) / 2


def _turning(name: str) -> Callable[[Any, MPContext], Any]:
    return lambda x, own: getattr(own, name)(x) if abs(x) <= REACH else own.nan


def _log(x: Any, own: MPContext) -> Any:
    if x <= 0:
        raise ValueError
    return own.log(x)


_FUNCTIONS: dict[str, Callable[[Any, MPContext], Any]] = {
    "log": _log,
    "sin": _turning("sin"),
    "cos": _turning("cos"),
    "tan": _turning("tan"),
    "atan": lambda x, own: own.atan(x),
    "sinh": _hyperbolic(-1),
    "cosh": _hyperbolic(1),
    "tanh": lambda x, own: own.tanh(x) if abs(x) < 10_000 else own.sign(x),
    "erf": lambda x, own: own.erf(x) if abs(x) < 100 else own.sign(x),
    "Abs": lambda x, own: abs(x),
    "sign": lambda x, own: own.sign(x),
}
