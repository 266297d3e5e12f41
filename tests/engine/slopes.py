"""Is a derivative the derivative? Difference quotients with 250 digits, from the formula alone; at a kink its slope is one of the sides'."""

from __future__ import annotations

import math

import sympy as sp
from mpmath import mp, mpf

from tests import oracle

STEPS = (mpf(10) ** -90, mpf(10) ** -91)


def disagreement(expr: sp.Expr, value: float, came: float, letter: sp.Symbol, numbers: dict[sp.Symbol, float]) -> str:
    """Empty where `came` is the slope of expr at the numbers, else what it should be.

    Where the quotients of two steps disagree on both sides (a pole, a vertical tangent, a place where nothing is finite)
    there is nothing to hold it against; nor where float64 has too few digits for the value itself, as of sin(1e99 − z).
    """
    with mp.workdps(250):
        at = mpf(numbers[letter])

        def f(x):
            exact = oracle.evaluate(expr, {**numbers, letter: x}).value
            if not mp.isfinite(exact) or abs(exact) > mpf(10) ** 290:
                raise ArithmeticError
            return exact

        sides = []
        try:
            here = f(at)
            if not math.isfinite(value) or abs(here - mpf(value)) > mpf(10) ** -12 * abs(here):
                return ""
            for way in (1, -1):
                wide, narrow = ((f(at + way * h) - here) / (way * h) for h in STEPS)
                if abs(wide - narrow) <= mpf(10) ** -9 * max(abs(wide), abs(narrow)) + mpf(10) ** -9:
                    sides.append((10 * narrow - wide) / 9)
        except (ArithmeticError, ValueError, TypeError, AssertionError, KeyError):
            return ""
        if len(sides) < 2:
            return ""
        if max(map(abs, sides)) > mpf(10) ** 290:
            return ""
        for side in sides if abs(sides[0] - sides[1]) > mpf(10) ** -8 * max(map(abs, sides)) else [sum(sides) / 2]:
            # what SymPy's derivative adds up in float64 may cancel: its rounding is that of its summands
            if math.isfinite(came) and abs(mpf(came) - side) <= mpf(10) ** -7 * (1 + abs(side)):
                return ""
        return f"{came!r}, not {', '.join(mp.nstr(side, 17) for side in sides)}"
