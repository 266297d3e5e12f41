"""Rows as curves: softmax as one function, a loss through its output's slope, against formulas written here."""

import math

import numpy as np
import pytest

from backprop.engine.activations import ACTIVATIONS, typed
from backprop.engine.losses import LOSSES
from backprop.runs import sampled


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_is_what_differences_of_the_curve_say(name):
    row, h = ACTIVATIONS[name], 1e-5
    at = np.array([-3.1, -0.7, 0.4, 2.2])
    ahead, behind = sampled.of_activation(row, at + h).value, sampled.of_activation(row, at - h).value
    assert sampled.of_activation(row, at).slope == pytest.approx((ahead - behind) / (2 * h), rel=1e-6, abs=1e-9)


def test_of_softmax_one_output_gains_what_the_other_loses():
    first, second = (sampled.of_activation(ACTIVATIONS["softmax"], np.array([1.5]), k) for k in (0, 1))
    one = 1 / (1 + math.exp(-1.5))
    assert first.value[0] == pytest.approx(one) and second.value[0] == pytest.approx(1 - one)
    assert first.slope[0] == pytest.approx(one * (1 - one)) and second.slope[0] == pytest.approx(-one * (1 - one))


def test_where_there_is_no_value_there_is_no_slope():
    found = sampled.of_activation(typed("ln(z)"), np.array([-1.0, 2.0]))
    assert np.isnan(found.slope[0]) and found.slope[1] == 0.5


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("t", [0.0, 0.3, 1.0])
def test_a_loss_by_a_and_by_z_is_what_differences_say(name, t):
    outputs, h = 2, 1e-6

    def term(a: float) -> float:
        return {
            "half_squared_error": (a - t) ** 2 / 2,
            "squared_error": (a - t) ** 2,
            "mean_squared_error": (a - t) ** 2 / outputs,
            "binary_cross_entropy": -t * math.log(a) - (1 - t) * math.log(1 - a),
            "cross_entropy": -t * math.log(a),
        }[name]

    def of_z(z: float) -> float:
        a = 1 / (1 + math.exp(-z))
        if name == "cross_entropy":  # by z₁ both outputs of the sample change
            return term(a) - (1 - t) * math.log(1 - a)
        return term(a)

    for a in (0.2, 0.5, 0.93):
        z = math.log(a / (1 - a))
        found = sampled.of_loss(LOSSES[name], np.array([a]), t, outputs)
        assert found.value[0] == pytest.approx(term(a))
        assert found.slope[0] == pytest.approx((term(a + h) - term(a - h)) / (2 * h), rel=1e-6, abs=1e-8)
        assert found.through[0] == pytest.approx((of_z(z + h) - of_z(z - h)) / (2 * h), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("row", [*ACTIVATIONS.values(), typed("z*tanh(ln(1+exp(z)))")], ids=lambda row: row.title)
def test_sympy_and_the_textbook_agree(row):
    assert sampled.apart(row) < 1e-14


@pytest.mark.parametrize("name", LOSSES)
def test_sympy_and_the_textbook_agree_on_a_loss(name):
    assert sampled.loss_apart(LOSSES[name]) < 1e-14


@pytest.mark.parametrize("name", LOSSES)
def test_a_curve_is_finite_between_its_ends(name):
    found = sampled.loss_curve(LOSSES[name], 0.25)
    assert all(np.isfinite(each).all() for each in found) and found.x[0] > 0 and found.x[-1] < 1
