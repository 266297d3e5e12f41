"""How numbers are written: digits, scientific form, signs, what was typed, what has left float64."""

import contextvars
import math
import re
import threading
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop.explain import numerals
from backprop.explain.numerals import DIGITS, all_digits, fraction, full, parts, plain, rounded, tex, typed

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


# --- comma and fractions


def as_written(what, comma=False, fractions=False):
    """What a function gives in a context where numbers are written so."""

    def run():
        numerals.write(comma, fractions)
        return what()

    return contextvars.copy_context().run(run)


@given(st.floats(), st.integers(2, 12), st.booleans(), st.booleans())
def test_a_comma_is_a_comma_and_nothing_else(value, digits, typed_in, sign):
    assert as_written(lambda: plain(value, digits, typed_in, sign), comma=True) == plain(
        value, digits, typed_in, sign
    ).replace(".", ",")
    assert as_written(lambda: tex(value, digits, typed_in), comma=True) == tex(value, digits, typed_in).replace(
        ".", "{,}"
    )
    assert as_written(lambda: rounded(value, digits), comma=True) == pytest.approx(rounded(value, digits), nan_ok=True)


@pytest.mark.parametrize(
    ("value", "text", "in_tex"),
    [
        (0.5, "1/2", r"\tfrac{1}{2}"),
        (-0.05, "−1/20", r"-\tfrac{1}{20}"),
        (0.35, "7/20", r"\tfrac{7}{20}"),
        (1 / 3, "1/3", r"\tfrac{1}{3}"),
        (-1.75, "−7/4", r"-\tfrac{7}{4}"),
        (1.0, "1", "1"),
        (-2.0, "−2", "-2"),
        (0.0, "0", "0"),
        (-0.0, "0", "0"),
        (0.01, "1/100", r"\tfrac{1}{100}"),
        (0.1 + 0.2, "0,3000", "0{,}3000"),
        (0.593269992107187, "0,5933", "0{,}5933"),
        (0.001, "0,0010", "0{,}0010"),
        (1234.5, "1234,5000", "1234{,}5000"),
        (1e-9, "1,000·10⁻⁹", r"1{,}000\cdot 10^{-9}"),
        (float("inf"), "> 1,8·10³⁰⁸", r"{>}\,1{,}8\cdot 10^{308}"),
    ],
)
def test_what_is_exactly_a_fraction(value, text, in_tex):
    assert as_written(lambda: (plain(value), tex(value)), True, True) == (text, in_tex)


@given(st.one_of(st.floats(-1000, 1000), st.builds(lambda p, q: p / q, st.integers(-900, 900), st.integers(1, 130))))
def test_a_fraction_is_one_exactly_when_some_small_denominator_fits(value):
    fitting = [(round(value * q), q) for q in range(1, 101) if round(value * q) / q == value and abs(value) < 1000]
    assert fraction(value) == (fitting[0] if fitting else None)
    if fitting:
        above, below = fitting[0]
        assert as_written(lambda: rounded(value, 2), fractions=True) == above / below == value


@given(st.floats(allow_nan=False))
def test_files_know_of_no_writing(value):
    assert as_written(lambda: full(value), True, True) == full(value)
    assert as_written(lambda: all_digits(value), True, True) == full(value).replace(".", ",")


def test_one_visitors_comma_is_not_anothers():
    """Two visitors in threads of their own, one after the other and mixed."""
    shown, turns = {}, threading.Barrier(2)

    def visit(name, comma):
        numerals.write(comma)
        turns.wait()
        shown[name] = plain(0.5)

    threads = [threading.Thread(target=visit, args=(name, name == "de")) for name in ("de", "en")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shown == {"de": "0,5000", "en": "0.5000"} and plain(0.5) == "0.5000"


def test_the_mark_in_a_text():
    assert as_written(lambda: numerals.pointed("−2 … 0.5 (a.b)"), True) == "−2 … 0,5 (a.b)"
    assert as_written(numerals.separators, True)[0] == "," and numerals.separators()[0] == "."


@pytest.mark.parametrize(
    "value, places, text",
    [("0.04", 4, "0.0400"), ("-0.04", 2, "−0.04"), ("-0.00", 2, "0.00"), ("12", 1, "12.0"), ("-1e9", 2, "−1.000·10⁹")],
)
def test_exactly_so_many_decimals(value, places, text):
    assert numerals.fixed(Decimal(value), places) == text == numerals.fixed(float(value), places)
    assert as_written(lambda: numerals.fixed(Decimal(value), places), True) == text.replace(".", ",")


def test_a_fraction_in_lowest_terms():
    assert numerals.ratio(Fraction(-302, 800)) == "−151/400" and numerals.ratio(Fraction(6, 2)) == "3"
