"""A formula of the engine's tables as a spreadsheet writes it: EXP for exp, LN for ln, IF for cases, powers in brackets.

A spreadsheet has no infinity, and an error spreads to everything behind it. So what would overflow on the way to a plain
number is written in another form of the same value, and what is too long for one cell is cut in parts.
"""

from __future__ import annotations

import re
from functools import lru_cache

import sympy as sp
from sympy.printing.str import StrPrinter

from backprop.engine import losses
from backprop.explain import numerals
from backprop.explain.terms import nested_cases

LARGEST = 700
"""e^700 is a number in a spreadsheet, e^710 an error."""

_OPEN, _CLOSE = "\x02", "\x03"
MARK = re.compile(f"{_OPEN}(.*?){_CLOSE}")

LONGEST, DEEPEST, SHORT = 3000, 50, 40
"""A spreadsheet's cell takes 8192 signs and 64 functions one in another; these bounds leave room for addresses."""


@lru_cache(maxsize=1024)
def templates(expr: sp.Expr) -> tuple[str, ...]:
    """A formula as a spreadsheet writes it, with marks where its letters stand.

    It is the last; before it come the parts that need cells of their own, if it is too long for one. Each may read those
    before it, as the letters #0, #1, …
    """
    printer = _Printer()
    found: dict[str, int] = {}

    def light(expr: sp.Basic) -> sp.Basic:
        expr = _rebuilt(expr, tuple(map(light, expr.args)))
        return _rebuilt(expr, tuple(map(apart, expr.args))) if _heavy(printer.doprint(expr)) else expr

    def apart(expr: sp.Basic) -> sp.Basic:
        if not isinstance(expr, sp.Expr):  # a condition, a case
            return _rebuilt(expr, tuple(map(apart, expr.args)))
        text = bare(printer.doprint(expr))
        if len(text) <= SHORT:
            return expr
        return sp.Symbol(f"#{found.setdefault(text, len(found))}", real=True)

    whole = bare(printer.doprint(light(tame(expr))))
    return (*found, whole)


@lru_cache(maxsize=1024)
def plain(expr: sp.Expr) -> str:
    """The formula as it stands in the textbook, to be read: without precautions and in one piece."""
    return bare(_Printer().doprint(expr))


def _heavy(text: str) -> bool:
    depth = deepest = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    return len(text) > LONGEST or deepest > DEEPEST


def _rebuilt(expr: sp.Basic, args: tuple[sp.Basic, ...]) -> sp.Basic:
    """The expression with other arguments. What stays is not touched: SymPy would put it in another order."""
    if args == expr.args:
        return expr
    if isinstance(expr, (sp.Piecewise, sp.Rel)):
        return expr.func(*args, evaluate=False)
    return expr.func(*args)


def call(function: str, args: list[str]) -> str:
    """EXP and z ⇒ EXP(z)."""
    return f"{function}({', '.join(map(bare, args))})"


def bare(text: str) -> str:
    """(1 + z) ⇒ 1 + z: without brackets around the whole."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return bare(text[1:-1]) if sign == ")" and place == len(text) - 1 and text[0] == "(" else text
    return text


# What a formula says in another form where exponentials would leave a spreadsheet's range.


class Damped(sp.Function):
    """1 + exp(u), with exp(u) at most exp(limit): for what stands beneath a fraction. Damped(u, limit)."""


class LogSum(sp.Function):
    """ln(Σ exp(u)), from the largest u. LogSum(u, …)."""


class Share(sp.Function):
    """exp(u) / Σ exp(u), from the largest u. Share(place of that u among those of the sum, u, …)."""


class Switched(sp.Function):
    """factor·value, 0 where the factor is 0, however large the value. Switched(factor, value)."""


class Tail(sp.Function):
    """1 + erf(u), which for a negative u is the rest of a difference. Tail(u)."""


@lru_cache(maxsize=4096)
def tame(expr: sp.Basic) -> sp.Basic:
    """The same formula, for a spreadsheet: the parts that would leave its range in one of the forms above.

    ln(1 + exp(z)) ⇒ LogSum(0, z)
    1/(1 + exp(-z)) ⇒ 1/Damped(-z, 700)
    exp(z1)/(exp(z1) + exp(z2)) ⇒ Share(0, z1, z2)
    t*(1 + exp(z)) ⇒ Switched(t, 1 + exp(z))
    1 + erf(z) ⇒ Tail(z)
    """
    done = _ranged(expr)
    return _rebuilt(expr, tuple(map(tame, expr.args))) if done is None else done


def _ranged(expr: sp.Expr) -> sp.Expr | None:
    if isinstance(expr, sp.log) and (powers := _exponents(expr.args[0])):
        return LogSum(*map(tame, powers))
    if expr.is_Pow and expr.exp.is_number and expr.exp.is_negative:
        powers = _exponents(expr.base)
        if powers and powers[0] == 0 and len(powers) == 2:
            return Damped(tame(powers[1]), sp.Integer(int(LARGEST / max(1, -expr.exp)))) ** expr.exp
    if expr.is_Mul:
        found = _share(expr)
        return _switched(expr) if found is None else found
    return _tail(expr) if expr.is_Add else None


def _exponents(expr: sp.Expr) -> list[sp.Expr] | None:
    """1 + exp(u) + exp(v) ⇒ 0, u, v; None for what is not such a sum."""
    if not expr.is_Add or not all(isinstance(term, sp.exp) or term == 1 for term in expr.args):
        return None
    return [sp.Integer(0) if term == 1 else term.args[0] for term in sp.ordered(expr.args)]


def _share(expr: sp.Mul) -> sp.Expr | None:
    for under in expr.args:
        powers = _exponents(under.base) if under.is_Pow and under.exp == -1 else None
        for over in expr.args:
            if powers and isinstance(over, sp.exp) and over.args[0] in powers:
                rest = sp.Mul(*(factor for factor in expr.args if factor not in (under, over)))
                return Share(sp.Integer(powers.index(over.args[0])), *map(tame, powers)) * tame(rest)
    return None


def _switched(expr: sp.Mul) -> sp.Expr | None:
    """Of the losses in z alone: their t is a letter of its own."""
    targets = [factor for factor in expr.args if factor.free_symbols == {losses.t}]
    if not targets:
        return None
    growing = [factor for factor in expr.args if factor not in targets and tame(factor).has(sp.exp)]
    if not growing:
        return None
    rest = (factor for factor in expr.args if factor not in targets and factor not in growing)
    return sp.Mul(*rest, Switched(sp.Mul(*targets), tame(sp.Mul(*growing))))


def _tail(expr: sp.Add) -> sp.Expr | None:
    for term in expr.args:
        scale, function = term.as_coeff_Mul()
        if isinstance(function, sp.erf) and scale in expr.args:
            rest = sp.Add(*(each for each in expr.args if each not in (term, scale)))
            return scale * Tail(tame(function.args[0])) + tame(rest)
    return None


_NAMES = {
    "exp": "EXP",
    "log": "LN",
    "sin": "SIN",
    "cos": "COS",
    "tan": "TAN",
    "atan": "ATAN",
    "sinh": "SINH",
    "cosh": "COSH",
    "tanh": "TANH",
    "erf": "ERF",
    "Abs": "ABS",
    "sign": "SIGN",
    "And": "AND",
    "Or": "OR",
}


class _Printer(StrPrinter):
    """SymPy's plain text, as a spreadsheet writes it. There a minus binds closer than ^, so powers stand in brackets."""

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return f"{_OPEN}{expr.name}{_CLOSE}"

    def _print_Float(self, expr: sp.Float) -> str:
        return numerals.full(float(expr)).upper()

    def _print_Exp1(self, expr: sp.Expr) -> str:
        return "EXP(1)"

    def _print_Pi(self, expr: sp.Expr) -> str:
        return "PI()"

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        base, exponent = expr.args
        if exponent.is_number and exponent.is_negative:
            return f"(1/{self._operand(base**-exponent)})"
        if exponent == sp.Rational(1, 2):
            return call("SQRT", [self._print(base)])
        return f"({self._operand(base)}^{self._operand(exponent)})"

    def _operand(self, expr: sp.Expr) -> str:
        text = self._print(expr)
        bracketed = expr.is_Pow or isinstance(expr, (Damped, LogSum, Share)) or type(expr).__name__ in _NAMES
        alone = bracketed or expr.is_Symbol or (expr.is_Integer and expr >= 0)
        return text if alone else f"({text})"

    def _print_Function(self, expr: sp.Function) -> str:
        return call(_NAMES[type(expr).__name__], [self._print(arg) for arg in expr.args])

    _print_Abs = _print_sign = _print_And = _print_Or = _print_log = _print_exp = _print_Function

    def _print_Relational(self, expr: sp.Rel) -> str:
        left, right = (self._print(side) for side in expr.args)
        return f"{left} {({'==': '=', '!=': '<>'}).get(expr.rel_op, expr.rel_op)} {right}"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        return nested_cases(expr, self._print, lambda *parts: call("IF", list(parts)))

    def _print_atan2(self, expr: sp.Expr) -> str:
        return call("ATAN2", [self._print(arg) for arg in reversed(expr.args)])

    def _print_Damped(self, expr: sp.Expr) -> str:
        return f"(1 + EXP({call('MIN', [self._print(arg) for arg in expr.args])}))"

    def _print_Tail(self, expr: sp.Expr) -> str:
        return call("ERFC", [self._print(-expr.args[0])])

    def _print_LogSum(self, expr: sp.Expr) -> str:
        if len(expr.args) == 2 and expr.args[0] == 0:
            u = self._print(expr.args[1])
            return f"(MAX(0, {u}) + LN(1 + EXP(-ABS({u}))))"
        return f"({self._largest(expr.args)} + LN({' + '.join(self._scaled(expr.args))}))"

    def _print_Share(self, expr: sp.Expr) -> str:
        place, *powers = expr.args
        scaled = self._scaled(powers)
        return f"({scaled[int(place)]}/({' + '.join(scaled)}))"

    def _scaled(self, powers: list[sp.Expr]) -> list[str]:
        largest = self._largest(powers)
        return [f"EXP({self._print(power)} - {largest})" for power in powers]

    def _largest(self, powers: list[sp.Expr]) -> str:
        return call("MAX", [self._print(power) for power in powers])

    def _print_Switched(self, expr: sp.Expr) -> str:
        factor, value = expr.args
        return f"IF({self._print(factor)} = 0, 0, {self._operand(factor)}*{self._operand(value)})"
