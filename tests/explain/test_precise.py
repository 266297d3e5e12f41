"""Expressions to 40 certain digits, against exact arithmetic that knows its own condition."""

from decimal import Decimal

import pytest
import sympy as sp
from mpmath import mp, mpf

from backprop.explain.longhand import Magnitude
from backprop.explain.precise import digits, steps_of
from tests import oracle
from tests.explain.test_terms import ROWS

x, y, z = (sp.Symbol(name, real=True) for name in "xyz")


def compute(expr, sides=None, **numbers) -> Decimal:
    return digits(steps_of(expr, sides), lambda name: numbers[name])


def same(came: Decimal, expected, digits: int = 39) -> bool:
    return abs(mpf(str(came)) - expected) <= mpf(10) ** -digits * abs(expected)


@pytest.mark.parametrize(("name", "expr"), ROWS, ids=[name for name, _ in ROWS])
def test_every_formula_of_the_tables(name, expr):
    for numbers in ({"z": 0.7, "a": 0.3, "t": 0.9, "n": 2.0, "alpha": 0.01}, {"z": -1.3, "a": 0.6, "t": 0.2, "n": 3.0, "alpha": 0.25}):  # fmt: skip
        came = compute(expr, **numbers)
        expected = oracle.evaluate(expr, {s: numbers[str(s)] for s in expr.free_symbols}).value
        with mp.workdps(50):
            assert abs(mpf(str(came)) - expected) <= mpf(10) ** -30 * max(1, abs(expected)), (name, came, expected)


def test_what_cancels_keeps_all_digits():
    with mp.workdps(1500):
        assert same(compute(1 - 1 / (1 + sp.exp(-z)), z=800.0), 1 / (1 + mp.exp(800)))
        assert same(compute(1 - sp.tanh(z) ** 2, z=300.0), 1 / mp.cosh(300) ** 2)
        assert same(compute((1 + sp.erf(z)) / 2, z=-20.0), mp.erfc(20) / 2)
        assert same(compute((x + y) - x, x=1e300, y=1e-300), mpf(1e-300))
        assert same(compute(sp.log(sp.exp(x) + sp.exp(y)) - x, x=300.0, y=-300.0), mp.log1p(mp.exp(-600)))


def test_as_many_digits_as_were_promised():
    assert compute(sp.pi + z, z=0.0) == Decimal("3.141592653589793238462643383279502884197")
    assert compute(sp.E * z, z=1.0) == Decimal("2.718281828459045235360287471352662497757")
    assert compute(z, z=0.1) == Decimal("0.1000000000000000055511151231257827021182")
    assert compute(z / 3, z=1.0) == Decimal("0." + 40 * "3")
    assert compute(sp.Float(0.1, 60) * z, z=3.0) == Decimal("0.3000000000000000166533453693773481063545")


def test_numbers_that_are_none():
    nan = [
        (sp.log(z), -1.0), (sp.log(z), 0.0), (sp.sqrt(z), -1.0), (1 / z, 0.0), (z**2.5, -1.0), (sp.exp(sp.exp(z)), 100.0), (z, float("inf")), (z, float("nan")),
        (sp.atan2(1, z), 1.0),
    ]  # fmt: skip
    for expr, number in nan:
        assert compute(expr, z=number).is_nan(), expr
    assert compute(sp.exp(sp.exp(z)), z=40.0) == Decimal("Infinity") == -compute(-sp.exp(sp.exp(z)), z=40.0)
    assert compute(sp.exp(-sp.exp(z)), z=40.0) == compute(sp.exp(-sp.exp(sp.exp(z))), z=40.0) == 0


def test_nothing_is_0_or_as_good_as_0():
    assert compute(sp.sin(z) ** 2 + sp.cos(z) ** 2 - 1, z=0.7) == 0  # certainly below the smallest float64
    assert compute(z * sp.exp(z), z=0.0) == 0
    assert compute(1 / (1 - sp.sin(z) ** 2 - sp.cos(z) ** 2), z=0.7).is_nan()  # nobody can tell


def test_cases_are_decided_and_the_others_not_computed():
    expr = sp.Piecewise((sp.log(z), z > 0), (1 / z, z < 0), (7, True))
    assert [float(compute(expr, z=each)) for each in (1.0, -2.0, 0.0)] == [0.0, -0.5, 7.0]
    both = sp.Piecewise((1, sp.And(x > 0, sp.Not(sp.Eq(y, 2)))), (2, sp.Or(x >= 1, y <= -1)), (3, sp.Ne(x, 0)), (4, True))  # fmt: skip
    places = [(1.0, 1.0), (1.0, 2.0), (0.5, 2.0), (0.0, 2.0), (0.0, -1.0)]
    assert [int(compute(both, x=a, y=b)) for a, b in places] == [1, 2, 3, 4, 2]
    none = sp.Piecewise((1, z > 0))
    assert compute(none, z=1.0) == 1 and compute(none, z=-1.0).is_nan()


def test_magnitudes_and_signs():
    for each, slope in ((2.5, 1), (-2.5, -1), (0.0, 0)):
        assert compute(Magnitude(z), z=each) == abs(Decimal(each)) == compute(sp.Abs(z), z=each)
        assert compute(sp.diff(Magnitude(z), z), z=each) == slope


def test_a_side_is_the_sum_itself_or_the_given_number_where_that_is_rounding():
    side = sp.Symbol("s", real=True)
    expr, sides = sp.Piecewise((1, side > 0), (sp.Integer(0), True)), {side: x + y}
    assert compute(expr, sides, x=0.1, y=-0.0999, s=-5.0) == 1  # the given number has the wrong sign
    assert compute(expr, sides, x=0.1, y=-0.09999999999999999, s=0.0) == 0
    assert compute(expr, sides, x=0.1, y=-0.09999999999999999, s=1e-17) == 1
    assert compute(expr, sides, x=0.1, y=-0.1, s=0.0) == 0
    assert compute(expr, {side: x * y}, x=0.0, y=1.0, s=1.0) == 0


def test_each_different_part_is_one_step():
    part = sp.exp(-x - y)
    steps = steps_of(part / (1 + part) ** 2 + part)
    assert [step.name for step in steps].count("exp") == 1 and len(steps) < 15
