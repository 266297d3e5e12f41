"""What is typed into a blank, read as a number: 0.1868, 0,1868, −2.3·10⁻⁴, 0.7414*0.1868; and how many digits it has."""

from __future__ import annotations

import re
from typing import NamedTuple

from backprop.engine.formula import CONSTANTS, FUNCTIONS, MAX_LENGTH, FormulaError, parse_number
from backprop.language import _
from backprop.practice.reckoning import half_unit


class Typed(NamedTuple):
    """A number as it was typed: its value, and what its last digit counts, such as 0.001; 0 for a calculation."""

    value: float
    unit: float = 0.0

    @property
    def decimals(self) -> int:
        """How many decimals a plain number has; 0 for what is none."""
        return len(f"{self.unit:.20f}".rstrip("0").partition(".")[2]) if 0 < self.unit < 1 else 0

    def cut_from(self, value: float, digits: int) -> bool:
        """Is it a number right as far as its digits go, and they are fewer than asked for? It may have been rounded twice."""
        half = half_unit(value, digits)
        fewer = 2 * half * (1 + 1e-9) < self.unit <= abs(value)
        return fewer and abs(self.value - value) <= (0.5 * self.unit + half) * (1 + 1e-9)


def typed(text: str) -> Typed:
    """What somebody typed. Raises FormulaError."""
    value = number(text)
    plain = _PLAIN.fullmatch(_normal(text))
    if not plain:
        return Typed(value)
    return Typed(value, 10.0 ** (int(plain["power"] or 0) - len(plain["decimals"] or "")))


def number(text: str) -> float:
    """The number alone. Raises FormulaError."""
    if len(text) > MAX_LENGTH:
        return parse_number(text)  # which says how long it may be
    if "_" in text:
        raise FormulaError(_("“{text}” cannot be read as a number.").format(text=text))
    plain = _normal(text)
    strange = next((name for name in re.findall(r"[^\W\d]+", plain) if name not in _NAMES), None)
    if strange is not None:
        raise FormulaError(
            _(
                "“{name}” is no number. Type a number or a calculation with + - * / ^, brackets, exp, sqrt and the like."
            ).format(name=strange[:20])
        )
    return parse_number(plain)


def _normal(text: str) -> str:
    """Signs of print and of other keyboards as ASCII; a decimal comma as a point; ·10⁻⁴ and ·10-4 as e-4."""
    plain = _CROSS.sub("*", text.strip().translate(_SIGNS).removesuffix("=").rstrip())
    plain = _GAP.sub("", plain)
    if not _SEVERAL.search(plain):  # in max(1,2) a comma separates arguments, in 1,234.5 thousands
        plain = _COMMA.sub(".", plain)
    plain = _POWER.sub(lambda power: f"e{(power[1] or power[2]).translate(_SUPERSCRIPT)}", plain)
    return plain.translate(_TIMES)


_SIGNS = str.maketrans({"−": "-", "÷": "/", "，": ",", "．": ".", "（": "(", "）": ")", "\u00a0": " "})
_NAMES = {*FUNCTIONS, *CONSTANTS, "E"}
_TIMES = str.maketrans({"·": "*", "×": "*"})
_SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_SEVERAL, _COMMA = re.compile(r"max|min|\d,\d{3}\."), re.compile(r",(?=\d)")
_CROSS, _GAP = re.compile(r"(?<=\d)\s*[xX]\s*(?=\d)"), re.compile(r"(?<=\d)\s+(?=[eE][+-]?\d)")
"""0.05x0.15, and the gap of 4.386 E-4."""
_POWER = re.compile(r"(?<=\d)\s*[·×*]\s*10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4})|(?<=\d)\s*[·×]\s*10(-\d{1,3})$")
_PLAIN = re.compile(r"[+-]?\d*(?:\.(?P<decimals>\d*))?(?:e(?P<power>[+-]?\d{1,3}))?", re.ASCII)
