"""Exact arithmetic between two roundings: every formula against mpmath, a true tie, and what cannot be computed."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import mp, mpf

from backprop.engine import activations
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.practice.arithmetic import Breakdown, as_typed, calculated, halves
from tests.oracle import evaluate
from tests.strategies import TYPED

FORMULAS = {
    **{f"{name}{kind}": getattr(row, kind) for name, row in ACTIVATIONS.items() for kind in ("formula", "slope")},
    **{f"{name}{kind}": getattr(row, kind) for name, row in LOSSES.items() for kind in ("term", "slope")},
    **{text: activations.typed(text).formula for text in TYPED},
    **{f"{text}'": activations.typed(text).slope for text in TYPED},
}
EXACT = ("linear", "relu", "leaky_relu", "half_squared_error", "squared_error", "mean_squared_error")


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("z, a, t", [("0.3775", "0.5933", "0.01"), ("-1.25", "0.0625", "1"), ("2", "0.9999", "0")])
def test_a_formula_is_what_high_precision_says(name, z, a, t):
    expr = FORMULAS[name]
    at = {"z": z, "a": a, "t": t, "alpha": "0.01", "n": "3"}
    came = calculated(expr, {letter: Fraction(text) for letter, text in at.items()})
    expected = evaluate(expr, {symbol: mpf(at[symbol.name]) for symbol in expr.free_symbols})
    assert abs(mpf(came.numerator) / came.denominator - expected.value) <= 1e-14 * expected.size
    if name.removesuffix("formula").removesuffix("term").removesuffix("slope") in EXACT:
        letters = {symbol: sp.Rational(at[symbol.name]) for symbol in expr.free_symbols}
        assert came == Fraction(str(expr.subs(letters)))


def test_far_out_a_sigmoid_is_0_or_1_and_softplus_a_line():
    for z in (-1000, -750, 750, 1000, 19_000):
        at = {"z": Fraction(z)}
        assert float(calculated(ACTIVATIONS["sigmoid"].formula, at)) == (z > 0)
        assert float(calculated(ACTIVATIONS["softplus"].formula, at)) == pytest.approx(max(z, 0))


@pytest.mark.parametrize(
    "formula, z, why",
    [("ln(z)", 0, "ln"), ("ln(z)", -1, "ln"), ("1/z", 0, "zero"), ("sqrt(z)", -1, "root"), ("e^z", 10**6, "large"), ("z/z^2", 0, "zero")],
)  # fmt: skip
def test_what_has_no_value_says_why(formula, z, why):
    with pytest.raises(Breakdown) as found:
        calculated(activations.typed(formula).formula, {"z": Fraction(z)})
    assert found.value.why == why


def test_a_target_of_0_switches_its_logarithm_off():
    term = LOSSES["binary_cross_entropy"].term
    assert calculated(term, {"a": Fraction(1), "t": Fraction(1)}) == 0
    with pytest.raises(Breakdown) as found:
        calculated(term, {"a": Fraction(1), "t": Fraction(0)})
    assert found.value.why == "ln"
    with pytest.raises(Breakdown) as found:
        calculated(LOSSES["binary_cross_entropy"].slope, {"a": Fraction(1), "t": Fraction(1)})
    assert found.value.why == "zero"


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if not name.startswith(EXACT)])
def test_a_function_leaves_the_fractions(name):
    with pytest.raises(Breakdown) as found:
        calculated(ACTIVATIONS[name].formula, {"z": Fraction(-1, 2)}, exact=True)
    assert found.value.why == "function"


@pytest.mark.parametrize(
    "value, places, up, even",
    [
        ("0.12345", 4, "0.1235", "0.1234"),
        ("0.12355", 4, "0.1236", "0.1236"),
        ("-0.125", 2, "-0.13", "-0.12"),
        ("0.1234499999999999999999", 4, "0.1234", "0.1234"),
        ("0.12345000000000000000001", 4, "0.1235", "0.1235"),
        ("-0.00004", 4, "0.0000", "0.0000"),
        ("-0.00005", 4, "-0.0001", "0.0000"),
        ("2.5", 0, "3", "2"),
        ("7", 3, "7.000", "7.000"),
    ],
)
def test_a_half_goes_up_or_to_the_even_neighbour(value, places, up, even):
    for number in (Decimal(value), Fraction(value)):
        assert [str(each) for each in halves(number, places)] == [up, even]


@given(st.fractions(-1000, 1000, max_denominator=10**6), st.integers(0, 12))
def test_both_are_nearest(value, places):
    unit = Fraction(1, 10**places)
    for came in halves(value, places):
        assert abs(Fraction(came) - value) * 2 <= unit and came.as_tuple().exponent == -places
        assert not (came.is_zero() and came.is_signed())


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_typed_is_the_decimal_that_was_meant(a, b):
    assert float(as_typed(a)) == a
    assume(a != b)
    assert as_typed(a) != as_typed(b)
    assert as_typed(0.15) == Fraction(3, 20) != Fraction(0.15)


def test_too_large_is_told():
    for number in (Decimal("1e309"), Fraction(10**309)):
        with pytest.raises(Breakdown) as found:
            halves(number, 2)
        assert found.value.why == "large"
    assert halves(Fraction(10**308), 2)[0] == Decimal("1e308") and math.isfinite(float(halves(Decimal("1e308"), 2)[0]))
    assert mp.dps >= 30
