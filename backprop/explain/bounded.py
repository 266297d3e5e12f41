"""Real numbers with a bound of their error: what arithmetic on them can and cannot say.

A Number is (value, e): the truth is within 2^e of the value, a number of mpmath's; with e = EXACT it is the value. Functions take
the bits to which they round. They are mpmath's below its contexts (libmp), with no state that threads could share.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from mpmath import libmp

Mpf = tuple[int, int, int, int]
Number = tuple[Mpf, int]

EXACT = -(2**80)
MOST_BITS = 4096
SMALLEST = -2400
"""What is certainly below 2^SMALLEST counts as 0; float64 ends at 2^-1074, and the slope of tanh at 800 is 2^-2306."""
LARGEST = 64
"""From 2^LARGEST on an exponent is out of reach: e^x is then 0, or too large to be a number."""

for _constant in (libmp.mpf_pi, libmp.mpf_e, libmp.mpf_ln2, libmp.mpf_ln10):
    _constant(2 * MOST_BITS)  # these are kept, and lengthened on demand in two steps, between which a thread could read


class Undefined(ArithmeticError):
    """There is no such real number: a root or logarithm of a negative one, a division by zero, or a number beyond all bounds."""


class Uncertain(ArithmeticError):
    """More bits are needed."""


def size_of(value: Mpf) -> int:
    """The smallest k with |value| < 2^k; EXACT for 0."""
    return value[2] + value[3] if value[1] else EXACT


def rounded(value: Mpf, error: int, bits: int) -> Number:
    """An unrounded result: kept as it is while it is exact and short, else rounded to so many bits."""
    if error == EXACT and value[3] <= 4 * bits:
        return value, EXACT
    return libmp.mpf_pos(value, bits, "n"), max(error, size_of(value) - bits) + 1


def given(number: float) -> Number:
    """A float64 as it is. Raises Undefined where it is not finite."""
    value = libmp.from_float(number)
    if not value[1] and value != libmp.fzero:
        raise Undefined
    return value, EXACT


def fraction(p: int, q: int, bits: int) -> Number:
    """p/q, rounded."""
    value = libmp.from_rational(p, q, bits, "n")
    return value, size_of(value) - bits


def add(terms: Iterable[Number], bits: int) -> Number:
    """The sum; exact where the terms are and it is short enough."""
    terms = [term for term in terms if term != (libmp.fzero, EXACT)]
    if not terms:
        return libmp.fzero, EXACT
    values, errors = zip(*terms, strict=True)
    total = libmp.mpf_sum(values, 4 * bits, "n")
    largest, worst = max(map(size_of, values)), max(errors)
    if worst == EXACT and largest - min(value[2] for value in values) < 3 * bits:
        return rounded(total, EXACT, bits)
    return rounded(total, max(worst, largest - 4 * bits) + len(values).bit_length(), bits)


def multiply(one: Number, other: Number, bits: int) -> Number:
    """The product; 0 where a factor is exactly 0."""
    (v, e), (w, f) = one, other
    value = libmp.mpf_mul(v, w)
    if (e == EXACT and not v[1]) or (f == EXACT and not w[1]):
        return libmp.fzero, EXACT
    error = EXACT if e == f == EXACT else max(size_of(v) + f, size_of(w) + e, e + f) + 2
    return rounded(value, error, bits)


def _relative(number: Number) -> int:
    """k with a relative error below 2^k. Raises Uncertain where not even the sign is certain."""
    value, error = number
    if error == EXACT:
        return EXACT
    if error > size_of(value) - 4:
        raise Uncertain
    return error - size_of(value) + 2


def _from_relative(value: Mpf, relative: int, bits: int) -> Number:
    return value, size_of(value) + max(relative, -bits) + 1


def power(base: Number, n: int, bits: int) -> Number:
    """base^n for a whole number n that is not 0. Raises Undefined for 1/0, Uncertain where it could be that."""
    value, error = base
    if error == EXACT and not value[1]:
        if n < 0:
            raise Undefined
        return libmp.fzero, EXACT
    if error > size_of(value) - 4 - abs(n).bit_length():
        if n < 0:
            raise Uncertain
        most = max(size_of(value), error) + 1
        return libmp.mpf_pow_int(value, n, bits, "n"), n.bit_length() + (n - 1) * most + error + 1
    return _from_relative(libmp.mpf_pow_int(value, n, bits, "n"), _relative(base) + abs(n).bit_length() + 1, bits)


def root(base: Number, exponent: Number, bits: int) -> Number:
    """base^exponent for any exponent. Raises Undefined for a negative base, if the exponent is no whole number; Uncertain where it could be that."""
    if base == (libmp.fzero, EXACT) and exponent[0][0] == 0 and exponent[0][1]:
        return libmp.fzero, EXACT
    if exponent[1] == EXACT and libmp.mpf_eq(exponent[0], libmp.mpf_nint(exponent[0], 53)):
        return power(base, libmp.to_int(exponent[0]), bits)
    return exponential(multiply(exponent, logarithm(base, bits), bits), bits)


def exponential(number: Number, bits: int) -> Number:
    """e^x. Raises Undefined for an x from 2^LARGEST on."""
    value, error = number
    if size_of(value) > LARGEST:
        if not value[0]:
            raise Undefined
        return libmp.fzero, -(2**LARGEST)
    if not value[1] and error == EXACT:
        return libmp.fone, EXACT
    if error > -4:
        raise Uncertain
    return _from_relative(libmp.mpf_exp(value, bits + 8, "n"), error + 2, bits)


def logarithm(number: Number, bits: int) -> Number:
    """ln x. Raises Undefined for 0 and below, Uncertain where it could be that."""
    value, error = number
    if not value[1] and error == EXACT:
        raise Undefined
    relative = _relative(number)
    if value[0]:
        raise Undefined
    result = libmp.mpf_log(value, bits + 8, "n")
    return result, max(relative, size_of(result) - bits) + 2


def _smooth(function: Callable[..., Mpf], slope: Callable[[int], int], most: float) -> Callable[[Number, int], Number]:
    """A function of arguments up to 2^most, whose slope near a result below 2^k is below 2^slope(k)."""

    def compute(number: Number, bits: int) -> Number:
        value, error = number
        if size_of(value) > most:
            raise Undefined
        result = function(value, bits + 8, "n")
        size = size_of(result)
        moved = error + slope(max(size, 0))
        if moved > 0 and slope(1):  # it may grow beyond all bounds on the way
            raise Uncertain
        return result, max(moved, size - bits) + 2

    return compute


FUNCTIONS: dict[str, Callable[[Number, int], Number]] = {
    "exp": exponential,
    "log": logarithm,
    "sin": _smooth(libmp.mpf_sin, lambda k: 0, 2000),
    "cos": _smooth(libmp.mpf_cos, lambda k: 0, 2000),
    "tan": _smooth(libmp.mpf_tan, lambda k: 2 * k + 4, 2000),
    "atan": _smooth(libmp.mpf_atan, lambda k: 0, math.inf),
    "sinh": _smooth(libmp.mpf_sinh, lambda k: k + 2, LARGEST),
    "cosh": _smooth(libmp.mpf_cosh, lambda k: k + 2, LARGEST),
    "tanh": _smooth(libmp.mpf_tanh, lambda k: 0, math.inf),
    "erf": _smooth(libmp.mpf_erf, lambda k: 1, math.inf),
}
"""By the name of SymPy's function."""


def sign(number: Number) -> int:
    """−1, 0 or 1. Raises Uncertain."""
    value, error = number
    if error == EXACT or max(size_of(value), error) < SMALLEST:
        return libmp.mpf_sign(value) if error == EXACT else 0
    if error > size_of(value) - 2:
        raise Uncertain
    return libmp.mpf_sign(value)
