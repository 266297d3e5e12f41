"""A typed formula or number becomes a SymPy expression, by a whitelist and within bounds; it is never evaluated as Python.

The text is cut to a syntax tree by Python's own parser (which runs nothing), and the tree is walked node by node:
numbers, the named variables, + - * / and powers, brackets, and the functions of FUNCTIONS. Anything else is refused.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp

from backprop.engine import beyond
from backprop.language import _

MAX_LENGTH = 200
MAX_DEPTH = 24
MAX_EXPONENT = 16
MAX_NUMBER = 1e100
MAX_CASES = 32


class FormulaError(ValueError):
    """The formula cannot be read; the message is one sentence for the person who typed it."""


def _larger(*args: sp.Expr) -> sp.Expr:
    return reduce(lambda first, other: _either(sp.StrictGreaterThan, first, other), args)


def _smaller(*args: sp.Expr) -> sp.Expr:
    return reduce(lambda first, other: _either(sp.StrictLessThan, first, other), args)


def _either(relation: type[sp.Rel], first: sp.Expr, other: sp.Expr) -> sp.Expr:
    """first where relation(first, other) holds, else other. Cases within cases stay in the values: SymPy solves conditions that hold cases, for minutes."""
    if isinstance(first, sp.Piecewise):
        return sp.Piecewise(
            *((_either(relation, value, other), condition) for value, condition in first.args), evaluate=False
        )
    if isinstance(other, sp.Piecewise):
        return sp.Piecewise(
            *((_either(relation, first, value), condition) for value, condition in other.args), evaluate=False
        )
    if first.is_number and other.is_number:
        return first if relation(first, other) == sp.true else other
    return sp.Piecewise((first, relation(first, other, evaluate=False)), (other, True), evaluate=False)


def _cases(expr: sp.Expr) -> int:
    """How many formulas a max or min chooses from; what hides one inside another formula counts as many."""
    if isinstance(expr, sp.Piecewise):
        return sum(_cases(value) for value, _condition in expr.args)
    inside = expr.atoms(sp.Piecewise)
    return 1 if not inside else 8 if len(inside) == 1 and all(_cases(piece) == 2 for piece in inside) else MAX_CASES


@dataclass(frozen=True)
class Function:
    """A function that a formula may use: how SymPy builds it, how a plain number is put through it, how many arguments it takes."""

    build: Callable[..., Any]
    number: Callable[..., float]
    arguments: tuple[int, int] = (1, 1)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


FUNCTIONS: dict[str, Function] = {
    "exp": Function(sp.exp, math.exp),
    "ln": Function(sp.log, math.log),
    "log": Function(sp.log, math.log),
    "sqrt": Function(sp.sqrt, math.sqrt),
    "sin": Function(sp.sin, math.sin),
    "cos": Function(sp.cos, math.cos),
    "tan": Function(sp.tan, math.tan),
    "atan": Function(sp.atan, math.atan),
    "sinh": Function(sp.sinh, math.sinh),
    "cosh": Function(sp.cosh, math.cosh),
    "tanh": Function(sp.tanh, math.tanh),
    "erf": Function(sp.erf, math.erf),
    "sigmoid": Function(lambda x: 1 / (1 + sp.exp(-x)), _logistic),
    "abs": Function(sp.Abs, abs),
    "max": Function(_larger, max, (2, 4)),
    "min": Function(_smaller, min, (2, 4)),
}
CONSTANTS: dict[str, sp.Expr] = {"pi": sp.pi, "e": sp.E}


def parse(text: str, variables: tuple[str, ...] = ()) -> sp.Expr:
    """Read a formula such as "z*tanh(ln(1+exp(z)))" in the given real variables.

    Raises FormulaError with one sentence when the text is too long or too deep, is not arithmetic, names
    something unknown, or holds a number or power out of bounds.
    """
    if not isinstance(text, str):
        raise FormulaError(_("A formula is a text, not {came}.").format(came=type(text).__name__))
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            _("The formula has {came} characters; at most {limit} are allowed.").format(
                came=len(text), limit=MAX_LENGTH
            )
        )
    if not text.strip():
        raise FormulaError(_("The formula is empty."))
    if not text.isascii() or not text.isprintable():
        raise FormulaError(_("The formula may hold only plain ASCII letters, digits and signs."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip().replace("^", "**"), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise FormulaError(_("“{text}” cannot be read as a formula.").format(text=text)) from None
    symbols = {name: sp.Symbol(name, real=True) for name in variables}
    expr = _read(tree.body, symbols, 0)
    if expr.has(sp.I):
        raise FormulaError(_("The formula takes a root of a negative number."))
    return expr


def parse_number(text: str) -> float:
    """Read a number, or arithmetic on numbers such as "0.7414*0.1868*0.5933", as a float. Raises FormulaError."""
    return float(parse(text))


def _read(node: ast.AST, symbols: dict[str, sp.Symbol], depth: int) -> sp.Expr:
    if depth > MAX_DEPTH:
        raise FormulaError(_("The formula is nested deeper than {limit} levels.").format(limit=MAX_DEPTH))
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as number):
            return _number(number)
        case ast.Name(id=name):
            if name in symbols:
                return symbols[name]
            if name in CONSTANTS:
                return CONSTANTS[name]
            raise FormulaError(
                _("“{name}” is not known here; allowed are {allowed}.").format(
                    name=name, allowed=", ".join([*symbols, *CONSTANTS, *FUNCTIONS])
                )
            )
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_read(operand, symbols, depth + 1)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _read(operand, symbols, depth + 1)
        case ast.BinOp(left=left, op=op, right=right):
            return _operate(op, _read(left, symbols, depth + 1), _read(right, symbols, depth + 1))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return _call(name, [_read(arg, symbols, depth + 1) for arg in args])
        case ast.Call(func=ast.Name(id=name)):
            raise FormulaError(
                _("“{name}” is not a function that is known here; allowed are {allowed}.").format(
                    name=name, allowed=", ".join(FUNCTIONS)
                )
            )
    raise FormulaError(
        _("A formula holds numbers, variables, + - * / ^, brackets and the functions {allowed}; nothing else.").format(
            allowed=", ".join(FUNCTIONS)
        )
    )


def _number(number: float) -> sp.Expr:
    """A number within bounds; whole numbers stay whole, so that z^2 stays z²."""
    if not math.isfinite(number) or abs(number) > MAX_NUMBER:
        raise FormulaError(
            _("A number in the formula is out of bounds; at most {limit} is allowed.").format(limit="1e100")
        )
    return sp.Integer(number) if isinstance(number, int) else sp.Float(number)


def _operate(op: ast.operator, left: sp.Expr, right: sp.Expr) -> sp.Expr:
    match op:
        case ast.Add():
            result = left + right
        case ast.Sub():
            result = left - right
        case ast.Mult():
            result = left * right
        case ast.Div():
            if _is_zero(right):
                raise FormulaError(_("The formula divides by zero."))
            result = left / right
        case ast.Pow():
            result = _power(left, right)
        case _:
            raise FormulaError(_("Allowed signs are + - * / and ^."))
    return _folded(result)


def _is_zero(expr: sp.Expr) -> bool:
    """Is it the number 0, also as 0.0 (which SymPy does not call equal to 0)?"""
    return bool(expr.is_number and float(expr) == 0)


def _power(base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    if not exponent.is_number:
        if base == sp.E or (base.is_number and base.is_positive and float(base) <= MAX_EXPONENT):
            return base**exponent
        raise FormulaError(
            _("An exponent with a variable needs a number between 0 and {limit} beneath it.").format(limit=MAX_EXPONENT)
        )
    size = abs(float(exponent))
    if size > MAX_EXPONENT:
        raise FormulaError(
            _("The exponent {came} is out of bounds; at most {limit} is allowed.").format(
                came=exponent, limit=MAX_EXPONENT
            )
        )
    if _is_zero(base) and float(exponent) <= 0:
        raise FormulaError(_("The formula divides by zero."))
    if base.is_number and not _is_zero(base) and size * abs(math.log10(abs(float(base)))) > 100:
        raise FormulaError(
            _("A number in the formula is out of bounds; at most {limit} is allowed.").format(limit="1e100")
        )
    if base.is_number and float(base) < 0 and not exponent.is_integer:
        raise FormulaError(_("The formula takes a root of a negative number."))
    inner = base.as_base_exp()[1]
    if inner.is_number and abs(float(inner)) * size > 4 * MAX_EXPONENT:
        raise FormulaError(
            _("The exponent {came} is out of bounds; at most {limit} is allowed.").format(
                came=inner * exponent, limit=4 * MAX_EXPONENT
            )
        )
    return base**exponent


def _call(name: str, args: list[sp.Expr]) -> sp.Expr:
    function = FUNCTIONS[name]
    fewest, most = function.arguments
    if not fewest <= len(args) <= most:
        raise FormulaError(
            _("“{name}” came with {came} arguments; allowed are {fewest} to {most}.").format(
                name=name, came=len(args), fewest=fewest, most=most
            )
        )
    if all(arg.is_number for arg in args):  # folded at once: no towers of exp(exp(...)) for SymPy to puzzle over
        try:
            return _number(float(function.number(*map(float, args))))
        except (ValueError, OverflowError):
            raise FormulaError(_("“{name}” has no finite value there.").format(name=name)) from None
    if name in ("max", "min") and 2 ** (len(args) - 1) * math.prod(map(_cases, args)) > MAX_CASES:
        raise FormulaError(
            _("“max” and “min” stand too often inside one another; at most {limit} cases are allowed.").format(
                limit=MAX_CASES
            )
        )
    return function.build(*args)


def _folded(expr: sp.Expr) -> sp.Expr:
    """A constant is kept within bounds at every step, so that nothing grows without limit."""
    if expr.is_number:
        if not expr.is_real or abs(float(expr)) > MAX_NUMBER:
            raise FormulaError(
                _("A number in the formula is out of bounds; at most {limit} is allowed.").format(limit="1e100")
            )
        if not expr.is_Integer and not isinstance(expr, sp.Float):
            if expr.is_Rational and max(abs(expr.p), expr.q) < 10**6:
                return expr
            return sp.Float(float(expr))
        if expr.is_Integer and abs(expr) > 10**15:
            return sp.Float(float(expr))
    return expr


def numeric(expr: sp.Expr | sp.Tuple, variables: tuple[str, ...]) -> Callable[..., np.ndarray]:
    """A NumPy function of float64 arrays for an expression that `parse` has built (or SymPy's derivative of one).

    A Tuple of k expressions gives arrays (k, …). What leaves the real numbers or float64 comes out as nan or inf,
    without a warning; what leaves float64 only on its way arrives all the same, see beyond.py.
    """
    return _called(expr, variables, beyond.followed)


def as_typed(expr: sp.Expr, variables: tuple[str, ...]) -> Callable[..., np.ndarray]:
    """The same, computed just as it stands, as other programs do: e^800/(1 + e^800) is nan."""
    return _called(expr, variables, beyond.as_typed)


def _called(
    expr: sp.Expr | sp.Tuple, variables: tuple[str, ...], made: Callable[..., Callable[..., Sequence[np.ndarray]]]
) -> Callable[..., np.ndarray]:
    parts = tuple(expr) if isinstance(expr, sp.Tuple) else (expr,)
    function = made(parts, [sp.Symbol(name, real=True) for name in variables])

    def call(*arrays: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            rows = function(*arrays)
        shape = np.broadcast(*arrays).shape
        came = np.empty((len(parts), *shape))
        for k, row in enumerate(rows):
            came[k] = beyond.real(row)
        return came if isinstance(expr, sp.Tuple) else came[0]

    return call
