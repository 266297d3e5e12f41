"""Zeros, dips, limits and difference quotients against functions whose answers are known."""

import math

import numpy as np
import pytest

from backprop.engine.limits import at_infinity, bisected, difference_quotients, one_sided, zoomed

ZERO = np.zeros(1)


def test_every_zero_is_halved_to_the_last_bit():
    found = bisected(lambda x: x**2 - 2.0, np.array([0.0, -3.0]), np.array([2.0, 0.0]))
    assert np.abs(found - [math.sqrt(2), -math.sqrt(2)]).max() <= 2.3e-16
    assert len(bisected(np.sin, np.array([]), np.array([]))) == 0


def test_a_dip_is_zoomed_into():
    at, least = zoomed(lambda x: (x - 0.3) ** 2 + 1.0, -1.0, 1.0)
    assert at == pytest.approx(0.3, abs=1e-7) and least == pytest.approx(1.0, abs=1e-14)
    assert zoomed(lambda x: np.where(x < 0, np.nan, x), -1.0, 1.0)[1] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("function", "way", "limit"),
    [
        (lambda x: 3.0 + x, 1.0, 3.0),
        (np.sqrt, 1.0, 0.0),
        (lambda x: x**0.1, 1.0, 0.0),
        (lambda x: np.sin(x) / x, 1.0, 1.0),
        (lambda x: 1.0 / x, -1.0, -math.inf),
        (np.log, 1.0, -math.inf),
        (np.log, -1.0, math.nan),
        (np.sign, -1.0, -1.0),
    ],
)
def test_what_a_side_tends_to(function, way, limit):
    with np.errstate(all="ignore"):
        came, _doubt = one_sided(function, ZERO, np.array([way * 1e-2]), np.array([way * 1e-4]))
    assert came[0] == pytest.approx(limit, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize(
    ("function", "limit"),
    [
        (np.arctan, math.pi / 2),
        (np.exp, math.inf),
        (np.log, math.inf),
        (np.sin, math.nan),
        (lambda x: np.exp(-x), 0.0),
        (lambda x: np.sin(x) / x, 0.0),
        (lambda x: -x + 5, -math.inf),
        (lambda x: np.sqrt(-x), math.nan),
        (lambda x: 2.0 + 1.0 / x, 2.0),
    ],
)
def test_what_becomes_of_it_far_out(function, limit):
    with np.errstate(all="ignore"):
        assert at_infinity(function, 1.0) == pytest.approx(limit, rel=1e-9, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize(
    ("function", "slope"), [(np.exp, np.exp), (np.sin, np.cos), (lambda x: x**8, lambda x: 8 * x**7)]
)
def test_difference_quotients_are_slopes(function, slope):
    points = np.linspace(-3.1, 3.0, 50)
    found, rounding, sure = difference_quotients(function, points, 6.0)
    assert sure.all() and (np.abs(found - slope(points)) <= 1e-8 * np.abs(slope(points)) + 10 * rounding).all()


def test_a_step_is_no_slope():
    _found, _rounding, sure = difference_quotients(np.sign, ZERO, 6.0)
    assert not sure[0]
