"""Python as text: formulas of the engine's tables for NumPy and PyTorch, arrays in full, comments, a title that can do no harm."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping

import numpy as np
import sympy as sp
from sympy.codegen.cfunctions import expm1
from sympy.codegen.numpy_nodes import logaddexp
from sympy.printing.pycode import PythonCodePrinter

from backprop.explain.numerals import full
from backprop.explain.terms import nested_cases

Array = np.ndarray

WIDTH = 100
"""Lines are broken here: what a notebook shows without scrolling."""

_FUNCTIONS = {"log": "log", "exp": "exp", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh",
              "tanh": "tanh", "Abs": "abs", "sign": "sign", "expm1": "expm1", "logaddexp": "logaddexp"}  # fmt: skip
_OWN = {
    "np": {"atan": "np.arctan", "erf": "erf", "times": "times"},
    "torch": {"atan": "torch.atan", "erf": "torch.erf"},
}
"""NumPy has no erf, and `times` is a function that the notebook defines."""


class _Printer(PythonCodePrinter):
    """SymPy as array code. library: "np" or "torch"; names: what each letter of the formula is called in the code."""

    def __init__(self, library: str, names: Mapping[str, str]) -> None:
        functions = {name: f"{library}.{its}" for name, its in _FUNCTIONS.items()} | _OWN[library]
        super().__init__({"user_functions": functions})
        self._library, self._names = library, names

    def _print(self, expr: object, **settings: object) -> str:
        if isinstance(expr, sp.Expr) and expr.is_number and not expr.is_Rational and not expr.is_Float:
            return PythonCodePrinter().doprint(expr)  # math.sqrt(2): torch.sqrt takes no plain number
        return super()._print(expr, **settings)

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return self._names[expr.name]

    def _print_Float(self, expr: sp.Float) -> str:
        return full(float(expr))

    def _print_sign(self, expr: sp.Expr) -> str:
        return f"{self._library}.sign({self._print(expr.args[0])})"

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        return self._hprint_Pow(expr, rational=rational, sqrt=f"{self._library}.sqrt")

    def _print_Relational(self, expr: sp.Rel) -> str:
        return f"{self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)}"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        return nested_cases(expr, self._print, lambda *parts: f"{self._library}.where({', '.join(parts)})")


def printed(expr: sp.Expr, library: str, names: Mapping[str, str], constants: Mapping[str, float] | None = None) -> str:
    """A formula as NumPy ("np") or PyTorch ("torch") code: letters become `names`, those of `constants` their numbers."""
    numbers = {name: repr(v) if v >= 0 else f"({v!r})" for name, v in (constants or {}).items()}
    return _Printer(library, {**names, **numbers}).doprint(expr)


def switched(expr: sp.Expr, letter: sp.Symbol) -> sp.Expr:
    """Each product of a sum as times(what is free of the letter, the rest): for a factor of 0 that must win over a value of ∞."""
    parts = [term.as_independent(letter, as_Add=False) for term in sp.Add.make_args(expr)]
    return sp.Add(*(sp.Function("times")(factor, rest) for factor, rest in parts))


def steady(expr: sp.Expr) -> sp.Expr:
    """The same formula where e^z would leave float64 or lose digits: ln(1 + e^z) as logaddexp, e^z − 1 as expm1.

    >>> steady(sp.log(1 + sp.exp(sp.Symbol("z"))))
    logaddexp(0, z)
    """
    u = sp.Wild("u")
    return expr.replace(sp.log(1 + sp.exp(u)), logaddexp(sp.Integer(0), u)).replace(sp.exp(u) - 1, expm1(u))


def far_out(expr: sp.Expr, **numbers: Array) -> bool:
    """Does a part of a typed formula, or its slope in the first letter, leave float64 at one of these numbers? Then the chain rule, part
    by part, may not arrive where the formula itself does: 0 · ∞ has no value."""
    letters = [sp.Symbol(name, real=True) for name in numbers]
    names = {"erf": np.vectorize(math.erf, otypes=[float]), "expm1": np.expm1}
    for part in sp.preorder_traversal(expr):
        if isinstance(part, sp.Expr) and part.has(*letters):
            for each in (part, sp.diff(part, letters[0])):
                with np.errstate(all="ignore"):
                    if not np.isfinite(sp.lambdify(letters, each, [names, "numpy"])(*numbers.values())).all():
                        return True
    return False


def array(value: Array, indent: str = "") -> str:
    """An array (or a number) as nested lists in full; one row a line where a line is too short for it."""
    if value.ndim == 0:
        return full(float(value))
    flat = "[" + ", ".join(array(row) for row in value) + "]"
    if value.ndim == 1 or len(indent) + len(flat) <= WIDTH - 20:
        return flat
    inner = indent + " "
    return "[" + f",\n{inner}".join(array(row, inner) for row in value) + "]"


def one_line(title: str) -> str:
    """A title on one line of at most 200 characters, without those that a screen cannot show or that turn text round."""
    return " ".join("".join(c if c.isprintable() else " " for c in title).split())[:200]


def comment(text: str) -> str:
    """A sentence as comment lines."""
    return textwrap.fill(text, WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False)


def quoted(text: str, indent: str = "") -> str:
    """A sentence as it may stand in a docstring."""
    text = text.replace("\\", "/").replace('"', "'")
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False).strip()
