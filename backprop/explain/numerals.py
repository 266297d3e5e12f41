"""How numbers are written: given ones as typed, computed ones with the app's one display precision.

Below 0.001 a computed number is written in scientific form, so that it keeps d significant digits (with fewer than four
decimals from 10^(1−d) down); a minus is a true
minus; what has left float64 is written "> 1.8·10³⁰⁸". The same decisions serve plain text (network, tables) and TeX.
"""

from __future__ import annotations

import math

from backprop.language import _

DIGITS = 4
MINUS = "−"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
GIVEN = ("x", "t", "learning_rate", "W", "b")
"""Quantities that somebody typed, as far as their digits say so."""


def parts(value: float, digits: int = DIGITS) -> tuple[str, int | None]:
    """(digits without sign, power of ten or None) of a finite computed number."""
    size = abs(value)
    if size and (size < 10.0 ** (1 - min(digits, DIGITS)) or size >= 1e5):
        mantissa, exponent = f"{size:.{max(digits, 2) - 1}e}".split("e")
        return mantissa, int(exponent)
    return f"{size:.{digits}f}", None


def typed(value: float) -> str | None:
    """A number as somebody typed it (without sign, at least two decimals), or None if it has too many digits for that."""
    text = repr(abs(value))
    if "e" in text or "n" in text:
        return None
    whole, decimals = text.split(".")
    return f"{whole}.{decimals:0<2}" if len(decimals) <= 6 and len(whole) <= 6 else None


def rounded(value: float, digits: int = DIGITS) -> float:
    """The number that the digits shown stand for."""
    if not math.isfinite(value):
        return value
    mantissa, exponent = parts(value, digits)
    return math.copysign(float(mantissa if exponent is None else f"{mantissa}e{exponent}"), value)


def plain(value: float, digits: int = DIGITS, given: bool = False, sign: bool = False) -> str:
    """For text and pictures: 0.5933, −0.0381, 4.386·10⁻⁴; sign=True writes a + as well."""
    if math.isnan(value):
        return _("undefined")
    if math.isinf(value):
        return "> 1.8·10³⁰⁸" if value > 0 else f"< {MINUS}1.8·10³⁰⁸"
    text, exponent = (typed(value) if given else None, None)
    if text is None:
        text, exponent = parts(value, digits)
    if exponent is not None:
        text = f"{text}·10{str(exponent).translate(_SUPERSCRIPT)}"
    return (MINUS if _negative(value, text) else "+" if sign else "") + text


def tex(value: float, digits: int = DIGITS, given: bool = False) -> str:
    """For KaTeX: 4.386\\cdot 10^{-4}."""
    if math.isnan(value):
        return r"\text{" + _("undefined") + "}"
    if math.isinf(value):
        return r"{>}\,1.8\cdot 10^{308}" if value > 0 else r"{<}\,{-1.8}\cdot 10^{308}"
    text, exponent = (typed(value) if given else None, None)
    if text is None:
        text, exponent = parts(value, digits)
    if exponent is not None:
        text = rf"{text}\cdot 10^{{{exponent}}}"
    return ("-" if _negative(value, text) else "") + text


def _negative(value: float, text: str) -> bool:
    """Does the number shown carry a minus? Not if all its digits are zero."""
    return value < 0 and any(c in "123456789" for c in text)


def full(value: float) -> str:
    """The shortest text that reads back to the same float64: for files."""
    return repr(float(value))
