"""What the tests compare with: exact arithmetic that knows its own condition, and SymPy's derivative of the whole loss.

Nothing here uses the engine's NumPy functions, its passes, or the explanations' own readings of a rule; of the engine
only the meaning is used, the SymPy formulas of ACTIVATIONS and LOSSES.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import sympy as sp
from mpmath import mp, mpf
from mpmath.libmp import ComplexResult

from backprop.engine import activations, losses

DIGITS = 50
mp.dps = DIGITS
LARGEST = mpf("1.7976931348623157e308")
SMALLEST = mpf("2.2250738585072014e-308")


# --- numbers that know how much a rounding of what they are made of moves them


@dataclass(frozen=True)
class Sized:
    """A number and its size: if every leaf is off by a relative ε, the number is off by at most about size·ε.

    For a sum the size is Σ|summands|; for f(x) it is |f(x)| + |f′(x)|·size(x).
    """

    value: mpf
    size: mpf

    def __add__(self, other):
        other = sized(other)
        return Sized(self.value + other.value, self.size + other.size)

    def __neg__(self):
        return Sized(-self.value, self.size)

    def __sub__(self, other):
        return self + -sized(other)

    def __mul__(self, other):
        other = sized(other)
        return Sized(self.value * other.value, self.size * other.size)

    def __truediv__(self, other):
        other = sized(other)
        if other.value == 0:
            return Sized(mp.nan if self.value == 0 else mp.inf, mp.inf)
        return Sized(self.value / other.value, self.size * other.size / other.value**2)

    def __pow__(self, other):
        n = sized(other)
        if n.size == abs(n.value) and self.value == 0:
            return (
                Sized(self.value ** int(n.value), self.size ** int(n.value)) if n.value > 0 else Sized(mp.inf, mp.inf)
            )
        if n.size == abs(n.value) and (self.value > 0 or n.value == int(n.value)):
            value = self.value**n.value if n.value != int(n.value) else self.value ** int(n.value)
            return Sized(value, abs(value) * (1 + abs(n.value) * self.size / abs(self.value)))
        return call("exp", n * call("ln", self))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other):
        return sized(other) - self

    def __rtruediv__(self, other):
        return sized(other) / self

    def __rpow__(self, other):
        return sized(other) ** self

    def __gt__(self, other):
        return self.value > sized(other).value

    def __lt__(self, other):
        return self.value < sized(other).value

    def __ge__(self, other):
        return self.value >= sized(other).value

    def __le__(self, other):
        return self.value <= sized(other).value


def sized(number) -> Sized:
    """A leaf: its size is itself."""
    if isinstance(number, Sized):
        return number
    exact = mpf(number)
    return Sized(exact, abs(exact))


FUNCTIONS = {
    # name: (function, slope)
    "exp": (mp.exp, mp.exp),
    "ln": (mp.log, lambda x: 1 / x),
    "sqrt": (mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x))),
    "sin": (mp.sin, mp.cos),
    "cos": (mp.cos, mp.sin),
    "tan": (mp.tan, lambda x: 1 + mp.tan(x) ** 2),
    "atan": (mp.atan, lambda x: 1 / (1 + x * x)),
    "sinh": (mp.sinh, mp.cosh),
    "cosh": (mp.cosh, mp.sinh),
    "tanh": (mp.tanh, lambda x: 1 - mp.tanh(x) ** 2),
    "erf": (mp.erf, lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)),
    "abs": (abs, mp.sign),
    "sign": (mp.sign, lambda x: 0),
}


def call(name: str, argument) -> Sized:
    """A function of FUNCTIONS at a Sized number; nan where it has no real value."""
    x = sized(argument)
    function, slope = FUNCTIONS[name]
    if name == "ln" and x.value == 0:
        return Sized(-mp.inf, mp.inf)
    if name in ("ln", "sqrt") and x.value < 0:
        return Sized(mp.nan, mp.inf)
    try:
        value = function(x.value)
        steep = abs(slope(x.value)) if x.value or name != "sqrt" else mp.inf
    except (ComplexResult, ZeroDivisionError):
        return Sized(mp.nan, mp.inf)
    return Sized(value, abs(value) + steep * x.size if steep and x.size else abs(value))


# --- a line of arithmetic, as it stands in the CSV

_NUMBER = re.compile(r"(?<![\w.])(\d+\.?\d*(?:e[+-]?\d+)?|inf|nan)(?![\w.])")
_WORDS = {name: (lambda x, name=name: call(name, x)) for name in FUNCTIONS} | {
    "Abs": lambda x: call("abs", x),
    "when": lambda condition, then, other: then if condition else other,
    "number": lambda text: sized(float(text)),
    "pi": sized(mp.pi),
    "E": sized(mp.e),
}


def calculate(line: str) -> Sized:
    """The value of a line such as "0.5*(-0.3)^2 + if(1.0 > 0, 2.0, 0)": numbers, + - * / ^, brackets, functions, if."""
    assert re.fullmatch(r"[\w\s.+\-*/^(),<>=]*", line), f"not a line of arithmetic: {line!r}"
    python = re.sub(r"\bif\(", "when(", _NUMBER.sub(r'number("\1")', line)).replace("^", "**")
    return sized(eval(python, {"__builtins__": {}, **_WORDS}))


# --- a SymPy expression at given numbers


def evaluate(expr: sp.Expr, numbers: Mapping[sp.Symbol, float]) -> Sized:
    """The value of an expression with its symbols' full values."""
    if expr in numbers:
        return sized(numbers[expr])
    if expr.is_Rational:
        return sized(expr.p) / expr.q
    if expr.is_Float or expr.is_NumberSymbol:
        return sized(mpf(expr.evalf(DIGITS)._mpf_) if expr.is_NumberSymbol else mpf(expr._mpf_))
    if isinstance(expr, sp.Piecewise):
        for value, condition in expr.args:
            if condition == sp.true or _holds(condition, numbers):
                return evaluate(value, numbers)
        raise AssertionError(f"no case of {expr} holds at {numbers}")
    args = [evaluate(arg, numbers) for arg in expr.args]
    if expr.is_Add:
        return reduce(operator.add, args)
    if expr.is_Mul:
        return reduce(operator.mul, args)
    if expr.is_Pow:
        return args[0] ** args[1]
    return call({"log": "ln", "Abs": "abs"}.get(expr.func.__name__, expr.func.__name__), *args)


def _holds(condition, numbers) -> bool:
    if isinstance(condition, (sp.And, sp.Or)):
        return (all if isinstance(condition, sp.And) else any)(_holds(arg, numbers) for arg in condition.args)
    left, right = (evaluate(arg, numbers) for arg in condition.args)
    return {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}[condition.rel_op](left, right)


def agree(came: float, expected: Sized, relative: float = 1e-11) -> bool:
    """Is a float64 the expected number: to `relative` of its size, or as far as float64 reaches?"""
    value = expected.value
    if mp.isnan(value):
        return math.isnan(came)
    if abs(value) > LARGEST * (1 - mpf(relative)):
        return abs(came) >= float(LARGEST) * (1 - relative) and (came > 0) == (value > 0)
    return abs(mpf(came) - value) <= relative * expected.size + SMALLEST


# --- SymPy's derivative of the whole composed loss


class Composed:
    """A number of a lesson's start plus theta, and what follows from it: each pre-activation that it moves is a function of theta.

    SymPy is told z(theta) by name and differentiates what is made of it by its own chain rule; what z and dz/dtheta are at 0
    was found in the same way one layer before. So no derivative is taken twice, and none by hand.
    moved: ("W1", (unit, from_unit)), ("b2", (unit,)), ("x", (sample, unit)), counted from 0; with shared_bias ("b2", ()).
    """

    def __init__(self, lesson, moved: tuple[str, tuple[int, ...]]) -> None:
        self.lesson, self.moved = lesson, moved
        self.theta = sp.Symbol("theta", real=True)
        self.here: dict[sp.Basic, mpf] = {self.theta: mpf(0)}

    def number(self, name: str, index: tuple[int, ...], value: float) -> sp.Expr:
        """A given number, exactly."""
        here = self.moved[0] == name and (self.moved[1] == index or (name.startswith("b") and self.moved[1] == ()))
        return exact(value) + self.theta if here else exact(value)

    def value(self, expr: sp.Expr) -> mpf:
        """At theta = 0."""
        return evaluate(expr, self.here).value

    def slope(self, expr: sp.Expr) -> mpf:
        """The derivative by theta at 0."""
        return evaluate(sp.diff(expr, self.theta), self.here).value

    def named(self, name: str, expr: sp.Expr) -> sp.Expr:
        """A function of theta that stands for the expression; a number where it does not move."""
        if not expr.has(self.theta):
            return exact(self.value(expr))
        function = sp.Function(name, real=True)(self.theta)
        self.here |= {function: self.value(expr), sp.Derivative(function, self.theta): self.slope(expr)}
        return function

    def activated(self, l: int, z: list[sp.Expr]) -> list[sp.Expr]:
        """What a layer sends on."""
        spec = self.lesson.activations[l - 1]
        if spec == "softmax":
            return [activations.softmax_formula(tuple(z), k) for k in range(len(z))]
        row = activations.ACTIVATIONS[spec] if isinstance(spec, str) else activations.typed(spec.formula)
        formula = row.formula.subs(activations.alpha, exact(self.lesson.leaky_slope))
        return [self._cases(formula, {activations.z: self.value(each)}).xreplace({activations.z: each}) for each in z]

    def _cases(self, formula: sp.Expr, here: Mapping[sp.Symbol, mpf]) -> sp.Expr:
        """A piecewise formula is decided where its letters stand for theta = 0, because there its derivative is taken."""
        while pieces := formula.atoms(sp.Piecewise):
            outermost = max(pieces, key=lambda piece: piece.count_ops())
            cases = (value for value, condition in outermost.args if condition == sp.true or _holds(condition, here))
            formula = formula.xreplace({outermost: next(cases)})
        return formula

    def loss(self) -> sp.Expr:
        """The mean loss over the samples."""
        lesson, start, total = self.lesson, self.lesson.parameters, sp.Integer(0)
        for s, (x, targets) in enumerate(zip(lesson.inputs, lesson.targets, strict=True)):
            sent = [self.number("x", (s, i), value) for i, value in enumerate(x)]
            for l, units in enumerate(lesson.layers[1:], 1):
                W, b = start.W[l - 1], start.b[l - 1]
                z = [
                    sp.Add(*(self.number(f"W{l}", (k, j), W[k, j]) * each for j, each in enumerate(sent)))
                    for k in range(units)
                ]
                if b is not None:
                    tied = lesson.shared_bias
                    z = [each + self.number(f"b{l}", (k,), b[0 if tied else k]) for k, each in enumerate(z)]
                sent = self.activated(l, [self.named(f"z_{s}_{l}_{k}", each) for k, each in enumerate(z)])
            for output, target in zip(sent, targets, strict=True):
                row = losses.LOSSES[lesson.loss] if isinstance(lesson.loss, str) else losses.typed(lesson.loss.formula)
                term = self._cases(row.term, {losses.a: self.value(output), losses.t: mpf(target)})
                total += term.subs({losses.n: len(targets), losses.t: exact(target)}).xreplace({losses.a: output})
        return total / len(lesson.inputs)


def exact(number: float | mpf) -> sp.Expr:
    return sp.Float(mpf(number), DIGITS)


def derivative(lesson, moved: tuple[str, tuple[int, ...]]) -> mpf:
    """∂(mean loss)/∂(one number) at a lesson's start: SymPy differentiates the whole composed loss."""
    composed = Composed(lesson, moved)
    return composed.slope(composed.loss())
