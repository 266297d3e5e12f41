"""How numbers are written: given ones as typed, computed ones with the app's one display precision.

Below 0.001 a computed number is written in scientific form, so that it keeps d significant digits (with fewer than four
decimals from 10^(1−d) down); a minus is a true
minus; what has left float64 is written "> 1.8·10³⁰⁸". The same decisions serve plain text (network, tables) and TeX.

A class may write a decimal comma, and fractions where a number is exactly one. Which of these is in force is a context
variable, because one server speaks to many visitors at once and each visitor's script runs in a context of its own;
whoever keeps a text with numbers in it keeps it with `writing()` in the key. Files know none of this: see `full`.
"""

from __future__ import annotations

import math
import re
from contextvars import ContextVar
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from backprop.language import _

DIGITS = 4
MINUS = "−"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
GIVEN = ("x", "t", "learning_rate", "W", "b")
"""Quantities that somebody typed, as far as their digits say so."""

LARGEST_DENOMINATOR = 100
LONG = 6
"""Characters of a mantissa that is written whole."""
LONGEST = 1e9
"""A number from here on is not written with a fixed count of decimals."""


class Writing(NamedTuple):
    """comma: 0,5 instead of 0.5; fractions: 1/2 where a number is exactly a fraction with a small denominator."""

    comma: bool = False
    fractions: bool = False


_STANDARD = Writing()
_writing: ContextVar[Writing] = ContextVar("writing", default=_STANDARD)


def write(comma: bool = False, fractions: bool = False) -> None:
    """From here on, in this context, numbers are written so."""
    _writing.set(Writing(comma, fractions))


def writing() -> Writing:
    """How numbers are written in this context."""
    return _writing.get()


def parts(value: float, digits: int = DIGITS) -> tuple[str, int | None]:
    """(digits without sign, power of ten or None) of a finite computed number, with a decimal point."""
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


@lru_cache(maxsize=8192)
def fraction(value: float) -> tuple[int, int] | None:
    """(p, q) of a finite number below 1000 that is exactly p/q with q ≤ 100, in lowest terms; else None.

    Exactly: no other float64 is nearer to p/q.
    """
    if not abs(value) < 1000:
        return None
    near = Fraction(value).limit_denominator(LARGEST_DENOMINATOR)
    return (near.numerator, near.denominator) if near.numerator / near.denominator == value else None


def rounded(value: float, digits: int = DIGITS) -> float:
    """The number that the digits shown stand for."""
    if not math.isfinite(value) or (_writing.get().fractions and fraction(value)):
        return value
    mantissa, exponent = parts(value, digits)
    return math.copysign(float(mantissa if exponent is None else f"{mantissa}e{exponent}"), value)


def decimals(value: float, digits: int = DIGITS) -> tuple[str, int | None, bool] | str:
    """What two numbers have in common that look the same as decimals, whatever is in force."""
    if not math.isfinite(value):
        return str(value)
    mantissa, exponent = parts(value, digits)
    return mantissa, exponent, _negative(value, mantissa)


def plain(value: float, digits: int = DIGITS, given: bool = False, sign: bool = False) -> str:
    """For text and pictures: 0.5933, −0.0381, 4.386·10⁻⁴, 7/20; sign=True writes a + as well."""
    if math.isnan(value):
        return _("undefined")
    if math.isinf(value):
        return pointed("> 1.8·10³⁰⁸" if value > 0 else f"< {MINUS}1.8·10³⁰⁸")
    comma, fractions = _writing.get()
    if fractions and (exact := fraction(value)):
        above, below = exact
        text = str(abs(above)) if below == 1 else f"{abs(above)}/{below}"
        return (MINUS if above < 0 else "+" if sign else "") + text
    as_typed = typed(value) if given else None
    text, exponent = (as_typed, None) if as_typed is not None else parts(value, digits)
    minus = _negative(value, text)
    if comma:
        text = text.replace(".", ",")
    if exponent is not None:
        text += power(exponent)
    return (MINUS if minus else "+" if sign else "") + text


def short(value: float) -> str:
    """A number that somebody chose, without zeros at its end: 0.5, 25, 5·10⁵.

    >>> short(0.5), short(25.0), short(-500000.0)
    ('0.5', '25', '−5·10⁵')
    """
    size = abs(value)
    if not math.isfinite(value) or (size and not 1e-4 <= size < 1e5):
        mantissa, _exponent, power_of_ten = f"{value:e}".partition("e")
        if not math.isfinite(value) or len(mantissa.rstrip("0")) > LONG:
            return plain(value, DIGITS)
        digits = mantissa.rstrip("0").rstrip(".").replace("-", MINUS)
        return f"{pointed(digits)}·{ten_to(int(power_of_ten))}"
    return pointed(f"{value:.10g}".replace("-", MINUS))


def fixed(value: float | Decimal, places: int) -> str:
    """A number with exactly so many decimals, zeros at the end included: −0.0400; one that is too long for that as `plain`."""
    if not abs(float(value)) < LONGEST:
        return plain(float(value))
    text = f"{value:.{places}f}"
    return pointed((MINUS if _negative(float(value), text) else "") + text.removeprefix("-"))


def ratio(value: Fraction) -> str:
    """A fraction in lowest terms, however long: −151/400; 3 where it is whole."""
    text = f"{abs(value.numerator)}" + (f"/{value.denominator}" if value.denominator > 1 else "")
    return (MINUS if value < 0 else "") + text


def count(number: int) -> str:
    """A whole number of things: 262 144, in groups of three."""
    return f"{number:,}".replace(",", "\u202f")


def power(exponent: int) -> str:
    """·10⁻⁴, as it stands behind a number."""
    return "·" + ten_to(exponent)


def ten_to(exponent: int) -> str:
    """10⁻⁴"""
    return f"10{str(exponent).translate(_SUPERSCRIPT)}"


def tex(value: float, digits: int = DIGITS, given: bool = False) -> str:
    """For KaTeX: 4.386\\cdot 10^{-4}, with a comma 4{,}386\\cdot 10^{-4}; \\tfrac{7}{20}."""
    if math.isnan(value):
        return r"\text{" + _("undefined") + "}"
    if math.isinf(value):
        return pointed_tex(r"{>}\,1.8\cdot 10^{308}" if value > 0 else r"{<}\,{-1.8}\cdot 10^{308}")
    comma, fractions = _writing.get()
    if fractions and (exact := fraction(value)):
        above, below = exact
        text = str(abs(above)) if below == 1 else rf"\tfrac{{{abs(above)}}}{{{below}}}"
        return ("-" if above < 0 else "") + text
    as_typed = typed(value) if given else None
    text, exponent = (as_typed, None) if as_typed is not None else parts(value, digits)
    minus = _negative(value, text)
    if comma:
        text = text.replace(".", "{,}")
    if exponent is not None:
        text = rf"{text}\cdot 10^{{{exponent}}}"
    return ("-" if minus else "") + text


def _negative(value: float, text: str) -> bool:
    """Does the number shown carry a minus? Not if all its digits are zero."""
    return value < 0 and any(c in "123456789" for c in text)


_POINT = re.compile(r"(?<![A-Za-z])\.(?=\d)")


def pointed(text: str) -> str:
    """A text with numbers in it, their decimal points as the class writes them."""
    return _POINT.sub(",", text) if _writing.get().comma else text


def pointed_tex(text: str) -> str:
    """The same for TeX, where a bare comma would be followed by a space."""
    return _POINT.sub("{,}", text) if _writing.get().comma else text


def separators() -> str:
    """Plotly's `separators`: the decimal mark, then what stands between thousands."""
    return ",\u202f" if _writing.get().comma else ".\u202f"


def all_digits(value: float) -> str:
    """Every digit of a number, for the screen: as `full`, with the decimal mark of the class."""
    return pointed(repr(float(value)))


def full(value: float) -> str:
    """The shortest text that reads back to the same float64: for files, the same under every writing."""
    return repr(float(value))
