"""Numbers with a bound of their error: whatever the truth within the bound, the result's bound holds it."""

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import libmp, mp, mpf

from backprop.explain import bounded
from backprop.explain.bounded import EXACT, Uncertain, Undefined

BITS = 200
values = st.one_of(
    st.floats(-20, 20, allow_subnormal=False),
    st.floats(-1e-3, 1e-3, allow_subnormal=False),
    st.sampled_from([0.0, 1.0, -1.0, 0.5, 40.0, -40.0, 800.0, -800.0, 1e6, 1e-300]),
)
errors = st.one_of(st.just(EXACT), st.integers(-190, 0))
shifts = st.sampled_from([-1.0, -0.7, 0.0, 0.3, 1.0])


@st.composite
def numbers(draw):
    """(a number with a bound, a truth within it)"""
    value, error = draw(values), draw(errors)
    truth = mpf(value) + (mpf(draw(shifts)) * mpf(2) ** error if error != EXACT else 0)
    return (libmp.from_float(value), error), truth


def holds(came: bounded.Number, truth: mpf) -> bool:
    value, error = came
    off = abs(mp.make_mpf(value) - truth)
    return off == 0 if error == EXACT else off <= mpf(2) ** error


@pytest.fixture(autouse=True)
def many_digits():
    before = mp.prec
    mp.prec = 4000
    yield
    mp.prec = before


@settings(max_examples=80)
@given(st.lists(numbers(), min_size=1, max_size=4))
def test_sums(terms):
    assert holds(bounded.add([number for number, _ in terms], BITS), mp.fsum(truth for _, truth in terms))


@settings(max_examples=60)
@given(numbers(), numbers())
def test_products(one, other):
    assert holds(bounded.multiply(one[0], other[0], BITS), one[1] * other[1])


@settings(max_examples=80)
@given(numbers(), st.sampled_from([-16, -3, -2, -1, 1, 2, 3, 8]))
def test_whole_powers(base, n):
    number, truth = base
    try:
        came = bounded.power(number, n, BITS)
    except Undefined:
        assert truth == 0 and n < 0
    except Uncertain:
        assert n < 0 and number[1] != EXACT
    else:
        assert truth != 0 or n > 0
        assert holds(came, truth**n)


@settings(max_examples=60)
@given(numbers(), st.sampled_from([0.5, -0.5, 2.5, -1.5, 3.0]))
def test_other_powers(base, exponent):
    number, truth = base
    try:
        came = bounded.root(number, (libmp.from_float(exponent), EXACT), BITS)
    except Undefined:
        assert truth <= 0 and (exponent < 0 or truth < 0)
    except Uncertain:
        assert number[1] != EXACT
    else:
        assert holds(came, truth ** int(exponent) if exponent == 3.0 else truth**exponent if truth else mpf(0))


EXPECTED = {"exp": mp.exp, "log": mp.log, "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "atan": mp.atan, "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh, "erf": mp.erf}  # fmt: skip


@pytest.mark.parametrize("name", bounded.FUNCTIONS)
@settings(max_examples=30)
@given(numbers())
def test_functions(name, argument):
    number, truth = argument
    assume(abs(truth) < 1000)  # mpmath's own would be at it for long
    try:
        came = bounded.FUNCTIONS[name](number, BITS)
    except Undefined:
        assert name == "log" and truth <= 0
    except Uncertain:
        assert number[1] != EXACT
    else:
        assert holds(came, EXPECTED[name](truth))


def test_what_is_exact_stays_exact():
    tenth, fifth, third = (bounded.given(each) for each in (0.1, 0.2, 0.30000000000000004))
    assert bounded.add([tenth, fifth, (libmp.mpf_neg(third[0]), EXACT)], BITS)[1] == EXACT
    assert bounded.multiply(bounded.given(0.0), (libmp.fone, 5), BITS) == (libmp.fzero, EXACT)
    exact = Fraction(0.1) * Fraction(0.2)
    value, error = bounded.multiply(tenth, fifth, BITS)
    assert error == EXACT and Fraction(*libmp.to_rational(value)) == exact


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_what_is_no_number(number):
    with pytest.raises(Undefined):
        bounded.given(number)


def test_far_away():
    far = bounded.given(1e300)
    assert bounded.FUNCTIONS["exp"](bounded.given(-1e300), BITS)[0] == libmp.fzero
    for name in ("exp", "sinh", "cosh"):
        with pytest.raises(Undefined):
            bounded.FUNCTIONS[name](far, BITS)
    for name, expected in (("tanh", 1.0), ("erf", 1.0), ("atan", math.pi / 2), ("sin", math.sin(1e300))):
        assert libmp.to_float(bounded.FUNCTIONS[name](far, BITS)[0]) == pytest.approx(expected, rel=1e-15)


def test_signs():
    assert [bounded.sign(bounded.given(each)) for each in (-2.0, 0.0, 3.0)] == [-1, 0, 1]
    assert bounded.sign((libmp.from_float(1.0), -9)) == 1
    assert bounded.sign((libmp.fzero, -3000)) == 0
    with pytest.raises(Uncertain):
        bounded.sign((libmp.from_float(1.0), 1))
