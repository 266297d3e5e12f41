"""Formulas that leave float64 on their way: where they should arrive, against what is known of them, and that nothing else changes."""

import math
import time
import warnings

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from backprop.engine import formula
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.formula import as_typed, numeric, parse
from tests import strategies

Z = sp.Symbol("z", real=True)
FAR = np.array([-1e15, -1e6, -12000.0, -800.0, -360.0, -3.0, 0.0, 3.0, 360.0, 800.0, 12000.0, 1e6, 1e15])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sigmoid(z)", "sigmoid"),
        ("1/(1+exp(-z))", "sigmoid"),
        ("exp(z)/(1+exp(z))", "sigmoid"),
        ("ln(1+exp(z))", "softplus"),
        ("z/(1+exp(-z))", "silu"),
        ("(exp(z)-exp(-z))/(exp(z)+exp(-z))", "tanh"),
        ("sinh(z)/cosh(z)", "tanh"),
    ],
)
def test_a_typed_activation_arrives_where_the_tables_does(text, name):
    row, expr = ACTIVATIONS[name], parse(text, ("z",))
    a = row.value(FAR)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        came, slope = numeric(expr, ("z",))(FAR), numeric(sp.diff(expr, Z), ("z",))(FAR)
    np.testing.assert_allclose(came, a, rtol=1e-12, atol=1e-15, err_msg=text)
    np.testing.assert_allclose(slope, row.slope_at(FAR, a), rtol=1e-12, atol=1e-15, err_msg=text)


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        ("1/ln(1+exp(z))", 800.0, 1 / 800),
        ("1/ln(1+exp(z))", 12000.0, 1 / 12000),
        ("atan(ln(1+exp(z)))", 800.0, math.atan(800.0)),
        ("exp(z)^0.5/exp(z/2)", 1000.0, 1.0),
        ("max(exp(z), 2)/exp(z)", 20000.0, 1.0),
        ("sin(exp(z)/exp(z))", 20000.0, math.sin(1.0)),
        ("erf(exp(z))*abs(exp(z))/exp(z)", 20000.0, 1.0),
        ("sqrt(exp(z))/2^z", 20000.0, 0.0),
        ("exp(exp(z))/exp(exp(z))", 9.0, 1.0),
        ("exp(z)", 800.0, math.inf),
        ("exp(exp(exp(z)))", 800.0, math.inf),
        ("sin(exp(exp(z)))", 800.0, math.nan),
        ("ln(-exp(z))", 800.0, math.nan),
        ("sqrt(1-exp(z))", 20000.0, math.nan),
        ("(1-exp(z))^1.5", 20000.0, math.nan),
        ("1/(exp(z)-exp(z)*1.0)", 20000.0, math.nan),
    ],
)
def test_one_number_far_out(text, at, value):
    try:
        expr = parse(text, ("z",))
    except formula.FormulaError:
        return  # SymPy has seen that it is 1/0
    assert numeric(expr, ("z",))(np.array([at]))[0] == pytest.approx(value, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("text", [*strategies.TYPED, "(1-cos(z))/z^2", "1/z", "ln(z)"])
@given(st.lists(st.integers(-2000, 2000).map(lambda k: k / 100), min_size=1, max_size=4))
def test_what_stays_within_float64_is_not_touched(text, numbers):
    """Bit for bit, also beside a number that overflows."""
    expr = parse(text, ("z",))
    for each in (expr, sp.diff(expr, Z)):
        plain = as_typed(each, ("z",))(np.array(numbers))
        assert numeric(each, ("z",))(np.array([*numbers, 1e300]))[:-1].tobytes() == plain.tobytes()


def test_shapes_and_tuples():
    two = numeric(sp.Tuple(Z, sp.exp(Z) / (1 + sp.exp(Z)), sp.Integer(3)), ("z",))
    came = two(np.array([[0.0, 900.0, 1e5]]))
    assert came.shape == (3, 1, 3) and came[1].tolist() == [[0.5, 1.0, 1.0]] and (came[2] == 3).all()
    both = numeric(parse("exp(a)/(exp(a)+exp(t))", ("a", "t")), ("a", "t"))
    np.testing.assert_allclose(
        both(np.array([[1000.0], [0.0]]), np.array([1000.0, 999.0])), [[0.5, 1 / (1 + math.exp(-1))], [0.0, 0.0]]
    )


def test_an_array_that_overflows_everywhere_takes_bounded_time():
    slope = numeric(sp.diff(parse("sin(exp(z^3))/exp(z^3)", ("z",)), Z), ("z",))
    start = time.process_time()
    slope(np.linspace(30, 60, 100_000))
    assert time.process_time() - start < 3.0
