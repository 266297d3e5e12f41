"""Every row of ACTIVATIONS: the slope is the derivative, and the NumPy functions are the SymPy formulas, also at extremes."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from backprop.engine import activations
from backprop.engine.activations import (
    ACTIVATIONS,
    LEAKY_SLOPE,
    TypedActivation,
    activation,
    alpha,
    leaky_relu,
    softmax_formula,
    softmax_slope,
    typed,
)
from backprop.engine.formula import FormulaError
from tests import oracle, strategies

A, Z = activations.a, activations.z
SCALAR = [ACTIVATIONS[name] for name in strategies.SCALARS]
EXTREMES = (-800.0, -745.0, -40.0, -15.0, -1e-9, -0.0, 0.0, 1e-300, 1e-9, 0.5, 15.0, 36.8, 40.0, 745.0, 800.0)
PRECISE = 1500  # digits: enough for 1 − tanh²(800)
ROUNDING = 1e-13  # honest bound for z in ±800: e^z turns a rounding of its exponent x into |x|·1.1e-16
GELU_ROUNDING = 1e-12  # the exponent is −z²/2, down to −745


def names(row):
    return row.name


def meaning(row, value: float, expr: sp.Expr, digits: int = PRECISE) -> mpf:
    """A formula of a row, with a put in as f(z), at z."""
    with mp.workdps(digits):
        numbers = {Z: value, alpha: row.constants.get("alpha", 0.0)}
        if A in expr.free_symbols:
            numbers[A] = oracle.evaluate(row.formula, numbers)
        return oracle.evaluate(expr, numbers).value


def assert_near(came: float, expected: mpf, allowed, told: str) -> None:
    assert abs(mpf(float(came)) - expected) <= allowed + oracle.SMALLEST, (
        f"{told}: came {came!r}, expected {mp.nstr(expected, 20)}"
    )


# --- slope = derivative


def pieces(expr: sp.Expr) -> list[tuple[sp.Expr, sp.Basic]]:
    return [(piece.expr, piece.cond) for piece in expr.args] if isinstance(expr, sp.Piecewise) else [(expr, sp.true)]


@pytest.mark.parametrize("row", SCALAR, ids=names)
def test_the_slope_in_textbook_form_is_sympys_derivative(row):
    for (f, condition), (slope, where) in (
        zip(pieces(row.formula), pieces(row.slope), strict=True)
        if isinstance(row.formula, sp.Piecewise)
        else [((row.formula, 0), (row.slope, 0))]
    ):
        assert condition == where
        difference = sp.simplify((sp.diff(f, Z) - slope.subs(A, f)).rewrite(sp.exp))
        assert difference == 0, f"{row.name}: d/dz {f} − ({slope}) = {difference}, expected 0"


@pytest.mark.parametrize("row", SCALAR, ids=names)
def test_the_slope_is_the_derivative_at_fifty_digits_at_many_points(row):
    for k in range(-60, 61):
        at = k / 7 + 0.01
        with mp.workdps(oracle.DIGITS):
            expected = mp.diff(lambda x: meaning(row, x, row.formula, 2 * oracle.DIGITS), mpf(at))
        came = meaning(row, at, row.slope, 2 * oracle.DIGITS)
        assert abs(came - expected) <= 1e-20 * (1 + abs(expected)), (
            f"{row.name} at z = {at}: slope {came}, derivative {expected}"
        )


@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_softmax_slope_is_sympys_derivative(n):
    zs = sp.symbols(f"z1:{n + 1}", real=True)
    outputs = [softmax_formula(zs, i) for i in range(n)]
    letters = sp.symbols(f"a1:{n + 1}", real=True)
    for i in range(n):
        for j in range(n):
            slope = softmax_slope(letters[i], letters[j]).subs(dict(zip(letters, outputs, strict=True)))
            assert sp.simplify(sp.diff(outputs[i], zs[j]) - slope) == 0, f"∂a{i + 1}/∂z{j + 1} of softmax"


# --- numbers = meaning


@pytest.mark.parametrize("row", SCALAR, ids=names)
@given(value=st.one_of(st.floats(-40, 40), st.sampled_from(EXTREMES), st.floats(-800, 800)))
def test_the_numbers_are_the_formula(row, value):
    with np.errstate(under="ignore"):
        z = np.array([[value]])
        a = row.value(z)
        slope = row.slope_at(z, a)
    bound = GELU_ROUNDING if row.name == "gelu" else ROUNDING
    expected = meaning(row, value, row.formula)
    assert_near(a[0, 0], expected, bound * abs(expected), f"{row.name}({value!r})")
    steep = meaning(row, value, row.slope)
    crosses_zero = 1e-15 if row.name in ("gelu", "silu") else 0.0
    assert_near(slope[0, 0], steep, bound * abs(steep) + crosses_zero, f"slope of {row.name} at {value!r}")


@pytest.mark.parametrize("row", [ACTIVATIONS[name] for name in strategies.VECTORS], ids=names)
@given(z=st.lists(st.one_of(st.floats(-40, 40), st.sampled_from(EXTREMES)), min_size=1, max_size=6))
def test_the_numbers_of_softmax_and_its_jacobian_are_the_formula(row, z):
    values = np.array([z])
    with np.errstate(under="ignore"):
        a = row.value(values)
        jacobian = row.slope_at(values, a)
    with mp.workdps(PRECISE):
        e = [mp.exp(mpf(each)) for each in z]
        exact = [each / mp.fsum(e) for each in e]
    for i, expected in enumerate(exact):
        assert_near(a[0, i], expected, 1e-12 * expected, f"softmax({z})[{i + 1}]")
        for j, other in enumerate(exact):
            with mp.workdps(PRECISE):
                steep = (
                    -expected * other if i != j else expected * mp.fsum(each for k, each in enumerate(exact) if k != i)
                )
            assert_near(jacobian[0, i, j], steep, 1e-12 * abs(steep), f"∂a{i + 1}/∂z{j + 1} of softmax at {z}")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_slopes_keep_the_shape_and_leave_their_arguments_alone(name):
    row = ACTIVATIONS[name]
    z = np.linspace(-2, 2, 12).reshape(4, 3)
    before = z.copy()
    a = row.value(z)
    kept = a.copy()
    slope = row.slope_at(z, a)
    assert a.shape == (4, 3) and a.dtype == float and a is not z and not np.shares_memory(a, z)
    assert slope.shape == ((4, 3, 3) if row.vector else (4, 3)) and slope.dtype == float
    assert (z == before).all() and (a == kept).all()


# --- conventions and specifications


@pytest.mark.parametrize("row", [row for row in SCALAR if row.kinks], ids=names)
def test_at_a_kink_the_slope_is_the_one_of_the_left_side(row):
    for kink in row.kinks:
        at = np.array([[kink]])
        came = row.slope_at(at, row.value(at))[0, 0]
        left, right = (meaning(row, kink + move, row.slope) for move in (-1e-9, 1e-9))
        assert left != right, f"{row.name} has no kink at {kink}"
        assert came == float(left) == float(meaning(row, kink, row.slope)), (
            f"{row.name} at {kink}: came {came}, left {left}, right {right}"
        )


@pytest.mark.parametrize("row", [row for row in SCALAR if not row.kinks], ids=names)
def test_without_kinks_the_slope_is_continuous_at_zero(row):
    assert meaning(row, -1e-12, row.slope) == pytest.approx(float(meaning(row, 1e-12, row.slope)), abs=1e-10)


def test_relu_at_zero_is_flat_and_leaky_relu_has_its_small_slope_there():
    zero = np.zeros((1, 1))
    assert ACTIVATIONS["relu"].slope_at(zero, zero)[0, 0] == 0.0
    assert leaky_relu(0.2).slope_at(zero, zero)[0, 0] == 0.2


def test_leaky_relu_takes_its_slope():
    assert leaky_relu(LEAKY_SLOPE) is ACTIVATIONS["leaky_relu"]
    row = activation("leaky_relu", 0.25)
    assert row.constants == {"alpha": 0.25}
    assert row.value(np.array([-2.0, 2.0])).tolist() == [-0.5, 2.0]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_specification_leads_back_to_the_row(name):
    row = ACTIVATIONS[name]
    assert row.name == name and row.title and activation(row.spec) is row


@pytest.mark.parametrize("text", strategies.TYPED)
def test_a_typed_formula_is_differentiated(text):
    row = activation({"formula": text})
    assert isinstance(row, TypedActivation) and row is typed(text) and row.spec == {"formula": text}
    points = np.array([-1.3, -0.2, 0.7, 2.1])
    a = row.value(points)
    central = (row.value(points + 1e-6) - row.value(points - 1e-6)) / 2e-6
    np.testing.assert_allclose(row.slope_at(points, a), central, rtol=1e-7, atol=1e-8, err_msg=text)
    for at, came in zip(points, a, strict=True):
        assert oracle.agree(came, oracle.evaluate(row.formula, {Z: at}), 1e-14), f"{text} at {at}"


def test_unknown_ones_are_refused_with_the_allowed_ones():
    with pytest.raises(ValueError, match=r"“sigmoidal” is not an activation; allowed are linear, sigmoid, .*softmax"):
        activation("sigmoidal")
    with pytest.raises(FormulaError, match="“y” is not known here"):
        activation({"formula": "y"})
