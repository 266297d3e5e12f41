"""Calculations in a line of text, "0.15 · 0.05 = 0.0075": with as many digits as a pupil's calculator needs for the number shown."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable

import sympy as sp

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals
from backprop.explain.terms import Local, active, ascii_template, local_value

LONGEST = 90
"""Characters of a formula with its numbers in; a longer one is not written out."""


class Shown:
    """Numbers with so many digits; `exact` says whether each of them stood there whole."""

    def __init__(self, digits: int) -> None:
        self.digits, self.exact = digits, True

    def __call__(self, value: float, given: bool = False) -> tuple[str, float]:
        """A number's text and what the text stands for. given: as somebody typed it."""
        given = given and numerals.typed(value) is not None
        seen = value if given else numerals.rounded(value, self.digits)
        self.exact = self.exact and seen == value
        return html.escape(numerals.plain(value, self.digits, given=given)), seen


Calculation = Callable[[Shown], tuple[str, float]]


def calculated(value: float, digits: int, *ways: Calculation) -> str:
    """A calculation and its result: "0.15 · 0.05 = 0.0075". The first way whose numbers come to the value as it is shown; else it alone."""
    target, (result, seen) = numerals.decimals(value, digits), Shown(digits)(value)
    for way in ways:
        for more in range(digits, 13):
            show = Shown(more)
            text, came = way(show)
            if len(re.sub("<[^>]+>", "", text)) > LONGEST:
                break
            if numerals.decimals(came, digits) == target:
                return text if text == result else f"{text} {'=' if show.exact and seen == value else '≈'} {result}"
    return result


def added(*values: tuple[float, bool]) -> Calculation:
    """Numbers added up; each with whether it was given."""

    def write(show: Shown) -> tuple[str, float]:
        text, total = "", 0.0
        for value, given in values:
            one, seen = show(value, given)
            minus = text and one.startswith(numerals.MINUS)
            text += (f" {numerals.MINUS} {one[1:]}" if minus else f" + {one}") if text else one
            total += seen
        return text, total

    return write


def multiplied(*factors: Calculation) -> Calculation:
    def write(show: Shown) -> tuple[str, float]:
        written = [factor(show) for factor in factors]
        texts = [_bracketed(text) if place else text for place, (text, _seen) in enumerate(written)]
        return " · ".join(texts), math.prod(seen for _text, seen in written)

    return write


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith(numerals.MINUS) or " " in text else text


def number(value: float, given: bool = False) -> Calculation:
    """One number; the gradient 1 with which the way back begins has no digits to be shown."""
    return (lambda show: ("1", 1.0)) if value == 1.0 and not given else lambda show: show(value, given)


_MARK = re.compile("\x02(.*?)\x03")
_POWER = re.compile(r"\^(\d)")
_EXP = re.compile(r"exp\(((?:[^()]|\([^()]*\))*)\)")


def written(expr: sp.Expr, put: Callable[[str], str]) -> str:
    """A formula of a table row in a line of text, (a−t)²/2, with `put` for its letters."""
    line = ascii_template(expr).replace("-", numerals.MINUS).replace("*", "·").replace("sqrt(", "√(")
    line = _POWER.sub(lambda m: "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(m[1])], numerals.pointed(line))
    return _MARK.sub(lambda m: put(m[1]), line)


def put_in(leaf: Local, trace: Trace) -> Calculation:
    """The formula of a Local with its numbers put in."""
    bound, fixed = dict(leaf.bound), dict(leaf.constants)
    expr = active(leaf.expr, {name: trace.at(cell) for name, cell in leaf.bound})

    def write(show: Shown) -> tuple[str, float]:
        seen: dict[Cell, float] = {}

        def put(name: str) -> str:
            if name not in bound:
                return str(int(fixed[name])) if name == "n" else show(fixed[name], True)[0]
            cell = bound[name]
            text, seen[cell] = show(trace.at(cell), cell.quantity in numerals.GIVEN)
            return text if expr.is_Symbol or re.fullmatch(r"[\d.,]+", text) else f"({text})"

        text = _EXP.sub(r"e<sup>\1</sup>", written(expr, put))
        return text, local_value(leaf, lambda cell: seen.get(cell, trace.at(cell)))

    return write
