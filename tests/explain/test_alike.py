"""Digits that agree: by the half unit of the last of them, in exact arithmetic."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop.explain import numerals
from backprop.explain.alike import DIGITS, agreeing, written

FINITE = st.floats(allow_nan=False, allow_infinity=False)
NEAR = st.floats(-1e-3, 1e-3)


def first_place(number: float) -> int:
    """The power of ten of the first digit, found by counting; 0 for 0."""
    size, place = abs(Fraction(number)), 0
    if size:
        while size >= 10:
            size, place = size / 10, place + 1
        while size < 1:
            size, place = size * 10, place - 1
    return place


def agree_in(value: float, reference: float, n: int) -> bool:
    """Are the two at most half a unit of the nth digit of the reference apart?"""
    unit = Fraction(10) ** (first_place(reference) - n + 1)
    return 2 * abs(Fraction(value) - Fraction(reference)) <= unit


@pytest.mark.parametrize(
    ("value", "reference", "count"),
    [
        (0.4999999, 0.5000001, 6),
        (0.5000001, 0.4999999, 6),
        (9.9999, 10.0, 5),
        (10.0, 9.9999, 4),
        (-0.25, 0.25, 0),
        (0.0, 0.25, 0),
        (-0.0, 0.0, DIGITS),
        (1e-9, 0.0, 9),
        (1.0, 0.0, 0),
        (2.0, 2.0, DIGITS),
        (1.5e-7, 1.5e-8, 0),
        (math.inf, math.inf, DIGITS),
        (math.inf, -math.inf, 0),
        (math.inf, 1.0, 0),
        (1.0, math.inf, 0),
        (math.nan, math.nan, 0),
        (math.nan, 1.0, 0),
        (5e-324, 5e-324, DIGITS),
        (1.7e308, -1.7e308, 0),
    ],
)
def test_cases(value, reference, count):
    assert agreeing(value, reference) == count


@given(FINITE, st.one_of(FINITE, NEAR), st.integers(1, 16))
def test_as_many_digits_agree_as_half_a_unit_allows(reference, change, digits):
    for value in (change, reference + change, reference * (1 + change)):
        if not math.isfinite(value):
            continue
        count = agreeing(value, reference, digits)
        assert 0 <= count <= digits
        assert count == 0 or agree_in(value, reference, count)
        assert count == digits or not agree_in(value, reference, count + 1)
        assert agreeing(-value, -reference, digits) == count


@given(FINITE, st.floats(-1e-6, 1e-6), st.floats(0, 1))
def test_who_is_nearer_agrees_at_least_as_far(reference, change, share):
    far, near = reference + change, reference + change * share
    if math.isfinite(far) and abs(Fraction(near) - Fraction(reference)) <= abs(Fraction(far) - Fraction(reference)):
        assert agreeing(near, reference) >= agreeing(far, reference)


def number(text: str) -> Fraction:
    """A number as it is written, exactly."""
    text = text.replace(numerals.MINUS, "-")
    mantissa, _, power = text.partition("·10")
    exponent = int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)
    return Fraction(mantissa) * Fraction(10) ** exponent


@given(FINITE, st.one_of(FINITE, NEAR))
def test_what_is_written_is_the_number_and_its_dark_digits_are_those_that_agree(reference, change):
    for value in (reference, change, reference + change, reference * (1 + change)):
        if not math.isfinite(value):
            continue
        same, other, power = written(value, reference)
        apart = abs(first_place(value) - first_place(reference)) > 5
        place = first_place(value if value and apart and not agreeing(value, reference) else reference)
        wrong = abs(number(same + other + power) - Fraction(value))
        assert wrong <= Fraction(10) ** (place - DIGITS + 1)
        dark = sum(c.isdigit() for c in other)
        assert (not same) if agreeing(value, reference) == 0 else dark == DIGITS - agreeing(value, reference)
        assert not (same + other).startswith(numerals.MINUS) or value < 0


def test_with_the_marks_of_the_class():
    assert written(0.08216704056, 0.082167040564) == ("0.08216704056", "0000", "")
    assert written(-4.386e-4, -4.3856773447435e-4) == ("−4.386", "0000000000", "·10⁻⁴")
    assert written(math.nan, 0.5) == ("", "undefined", "")
    assert written(math.inf, math.inf) == ("> 1.8·10³⁰⁸", "", "")
    try:
        numerals.write(comma=True, fractions=True)
        assert written(0.25, 0.25) == ("0,25000000000000", "", "")
        assert written(0.25, math.inf) == ("", "0,25000000000000", "")
    finally:
        numerals.write()
