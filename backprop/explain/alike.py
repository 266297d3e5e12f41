"""Two numbers side by side: how many of their digits agree, and how they are written so that this is seen."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import NamedTuple

from backprop.explain import numerals

DIGITS = 14
"""Significant digits of numbers that are compared: as many as rounding leaves of a long calculation in float64."""

_APART = 5
"""Powers of ten between two numbers from which on each is written for itself."""

_EXACT = Context(prec=800, Emax=10_000, Emin=-10_000)
"""Holds any difference of two float64 numbers without rounding."""


class Written(NamedTuple):
    """A number in three pieces: the digits that agree, those that do not, and the power of ten behind them (or nothing)."""

    same: str
    other: str
    power: str = ""


def agreeing(value: float, reference: float, digits: int = DIGITS) -> int:
    """How many significant digits of the reference the value has: 0 … digits.

    n digits agree where the two are at most half a unit of the nth digit apart; so 0.4999999 and 0.5000001 agree in six
    digits, though none is written alike. Beside a reference of 0, which has no first digit, the decimals count.
    What is not finite agrees with its like alone; nan with nothing.
    """
    if value == reference:
        return digits
    if not (math.isfinite(value) and math.isfinite(reference)):
        return 0
    apart = _EXACT.abs(_EXACT.subtract(Decimal(value), Decimal(reference)))
    first = Decimal(reference).adjusted() if reference else 0
    doubled = _EXACT.add(apart, apart)  # 2·|v − r| ≤ 10^(first − n + 1)
    agree = first + 1 - doubled.adjusted() - (0 if doubled == Decimal(1).scaleb(doubled.adjusted(), _EXACT) else 1)
    return min(max(0, agree), digits)


def written(value: float, reference: float, digits: int = DIGITS) -> Written:
    """The value with the reference's decimals and power of ten, so that the two can stand beside each other."""
    if not math.isfinite(value) or not math.isfinite(reference):
        text = numerals.plain(value, digits) if not math.isfinite(value) else _alone(value, digits)
        return Written(text, "") if value == reference else Written("", text)
    agree = agreeing(value, reference, digits)
    first, exponent = _scale(reference)
    if agree == 0 and value and abs(Decimal(value).adjusted() - first) > _APART:
        return Written("", _alone(value, digits))
    decimals = digits - 1 - (first - exponent)
    scaled = _EXACT.scaleb(Decimal(value), -exponent)
    text = f"{abs(scaled.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN, _EXACT)):f}"
    sign = numerals.MINUS if value < 0 and any(c in "123456789" for c in text) else ""
    text = sign + numerals.pointed(text)
    power = numerals.power(exponent) if exponent else ""
    places = [place for place, letter in enumerate(text) if letter.isdigit()]
    cut = 0 if agree == 0 else len(text) if agree == digits else places[agree - digits]
    return Written(text[:cut], text[cut:], power)


def _scale(reference: float) -> tuple[int, int]:
    """(the power of ten of the first digit, the power of ten that is written behind the number: 0 for none)."""
    first = Decimal(reference).adjusted() if reference else 0
    return first, 0 if -4 < first < 5 else first


def _alone(value: float, digits: int) -> str:
    """A number that has nothing in common with the reference, in as many significant digits."""
    return "".join(written(value, value, digits))
