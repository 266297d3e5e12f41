"""How numbers are written: digits, scientific form, signs, what was typed, what has left float64."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop.explain.numerals import DIGITS, full, parts, plain, rounded, tex, typed

PLAIN = [
    # value, digits, shown
    (0.593269992107187, 4, "0.5933"),
    (-0.0380982365165562, 4, "−0.0381"),
    (0.000438567734474347, 4, "4.386·10⁻⁴"),
    (-0.000438567734474347, 4, "−4.386·10⁻⁴"),
    (0.001, 4, "0.0010"),
    (0.000999, 4, "9.990·10⁻⁴"),
    (0.0, 4, "0.0000"),
    (-0.0, 4, "0.0000"),
    (1.0, 4, "1.0000"),
    (12345.678, 2, "12345.68"),
    (99999.0, 2, "99999.00"),
    (100000.0, 4, "1.000·10⁵"),
    (-4.248354255291589e-18, 4, "−4.248·10⁻¹⁸"),
    (0.005, 2, "5.0·10⁻³"),
    (0.1234567890123456, 12, "0.123456789012"),
    (float("inf"), 4, "> 1.8·10³⁰⁸"),
    (float("-inf"), 4, "< −1.8·10³⁰⁸"),
    (float("nan"), 4, "undefined"),
]


@pytest.mark.parametrize(("value", "digits", "shown"), PLAIN)
def test_plain(value, digits, shown):
    assert plain(value, digits) == shown


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.593269992107187, 4, "0.5933"),
        (-0.0380982365165562, 4, "-0.0381"),
        (0.000438567734474347, 4, r"4.386\cdot 10^{-4}"),
        (-0.0, 4, "0.0000"),
        (float("inf"), 4, r"{>}\,1.8\cdot 10^{308}"),
        (float("-inf"), 4, r"{<}\,{-1.8}\cdot 10^{308}"),
        (float("nan"), 4, r"\text{undefined}"),
    ],
)
def test_tex(value, digits, shown):
    assert tex(value, digits) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.05, "0.05"),
        (0.1, "0.10"),
        (1.0, "1.00"),
        (-0.4, "−0.40"),
        (0.812173, "0.812173"),
        (2.0, "2.00"),
        (0.1234567, "0.1235"),
        (1e-5, "1.000·10⁻⁵"),
        (1234567.0, "1.235·10⁶"),
        (0.0, "0.00"),
    ],
)
def test_given_numbers_are_shown_as_typed(value, shown):
    assert plain(value, given=True) == shown


def test_a_plus_is_written_where_it_is_asked_for():
    assert (
        plain(0.5, sign=True) == "+0.5000"
        and plain(-0.5, sign=True) == "−0.5000"
        and plain(0.0, sign=True) == "+0.0000"
    )


@given(st.floats(), st.integers(2, 12))
def test_plain_and_tex_show_the_same_digits(value, digits):
    as_text, as_tex = plain(value, digits), tex(value, digits)
    if math.isfinite(value):
        superscripts = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
        assert as_text.translate(superscripts).replace("·10", r"\cdot 10^{") + ("}" if "·" in as_text else "") == as_tex


@given(st.floats(-1e307, 1e307), st.integers(2, 12))
def test_what_is_shown_is_the_number_rounded(value, digits):
    shown = rounded(value, digits)
    read = float(re.sub(r"\\cdot 10\^\{(.*)\}", r"e\1", tex(value, digits)))
    assert read == shown or (read == 0 and shown == 0)
    if abs(value) >= 1e5 or 0 < abs(value) < 10.0 ** (1 - digits):
        assert math.isclose(shown, value, rel_tol=0.5000001 * 10.0 ** (1 - digits), abs_tol=1e-323)
    else:
        assert abs(shown - value) <= 0.5000001 * 10.0**-digits
    assert rounded(shown, digits) == shown


@given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda v: v != 0), st.integers(2, 12))
def test_no_number_but_zero_is_shown_as_zero(value, digits):
    assert any(c in "123456789" for c in parts(value, digits)[0])


@given(st.integers(-(10**6) + 1, 10**6 - 1), st.integers(0, 6))
def test_typed_numbers_read_back(whole, places):
    value = whole / 10**places
    text = typed(value)
    if text is not None:
        assert float(text) == abs(value) and len(text.split(".")[1]) >= 2


@given(st.floats(allow_nan=False))
def test_full_reads_back_to_the_bit_and_is_shortest(value):
    assert float(full(value)).hex() == value.hex() and full(value) == repr(value)


def test_nan_is_full_too():
    assert full(float("nan")) == "nan"


def test_the_default_precision_is_four():
    assert DIGITS == 4 and rounded(float("inf")) == float("inf")
