"""What a formula hides: the table's rows by what textbooks say of them, typed formulas by hand, and no formula too hard to look at."""

import dataclasses
import math
import time

import numpy as np
import pytest

from backprop.engine.activations import ACTIVATIONS, typed
from backprop.engine.examined import examined
from backprop.engine.findings import SATURATED, Gap, Jump, Kink
from backprop.engine.losses import LOSSES
from tests import strategies

NAN, INF = math.nan, math.inf
PHI = {"relu": (0.0, 1.0), "leaky_relu": (0.01, 1.0)}
# name: (limit at −∞, limit at +∞, infimum, supremum, saturated sides)
TEXTBOOK = {
    "linear": (-INF, INF, -INF, INF, ()),
    "sigmoid": (0, 1, 0, 1, ("left", "right")),
    "tanh": (-1, 1, -1, 1, ("left", "right")),
    "relu": (0, INF, 0, INF, ("left",)),
    "leaky_relu": (-INF, INF, -INF, INF, ()),
    "softplus": (0, INF, 0, INF, ("left",)),
    "elu": (-1, INF, -1, INF, ("left",)),
    "gelu": (0, INF, -0.16997120747990369, INF, ("left",)),
    "silu": (0, INF, -0.27846454276107380, INF, ("left",)),
    "softmax": (0, 1, 0, 1, ("left", "right")),
}


def same(came, expected):
    """Equal, with nan equal to nan; limits are told with eight digits."""
    for name, number in dataclasses.asdict(expected).items():
        there = getattr(came, name)
        if isinstance(number, float):
            assert there == pytest.approx(number, rel=5e-8, abs=1e-9, nan_ok=True), f"{name}: {came}, not {expected}"
        else:
            assert there == number, f"{name}: {came}, not {expected}"


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_what_textbooks_say(name):
    row = ACTIVATIONS[name]
    found = examined(row)
    left, right, infimum, supremum, sides = TEXTBOOK[name]
    assert not found.gaps and not found.jumps and not found.more, found
    assert (found.left, found.right) == (left, right)
    assert (found.infimum, found.supremum) == pytest.approx((infimum, supremum), abs=1e-12)
    assert tuple(tail.side for tail in found.tails) == sides
    assert found.agreement.relative < 1e-6 and found.agreement.points >= 400 and not found.agreement.missing
    assert [kink.at for kink in found.kinks] == list(row.kinks)
    for kink in found.kinks:
        assert (kink.left, kink.right, kink.used) == (*PHI[name], PHI[name][0])


def test_tails_begin_where_the_slope_is_a_hundredth():
    # σ' = 0.0025 where e^z/(1 + e^z)² is, which is a quadratic in e^z
    root = math.log((398 + math.sqrt(398**2 - 4)) / 2)
    starts = [tail.start for tail in examined(ACTIVATIONS["sigmoid"]).tails]
    assert starts == pytest.approx([-root, root], rel=1e-9)
    assert examined(ACTIVATIONS["elu"]).tails[0].start == pytest.approx(math.log(SATURATED), rel=1e-9)
    (flat,) = examined(ACTIVATIONS["relu"]).tails
    assert flat.flat and flat.start == 0.0
    outside = examined(ACTIVATIONS["sigmoid"], -2.0, 2.0).tails
    assert [tail.start for tail in outside] == pytest.approx([-root, root], rel=1e-9), "seen beyond the range, too"


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_examined_over_a(name):
    found = examined(LOSSES[name], -1.0, 2.0, target=0.5)
    gaps = {
        "binary_cross_entropy": [
            Gap(-1.0, 0.0, True, True, "undefined", NAN, INF),
            Gap(1.0, 2.0, True, True, "undefined", INF, NAN),
        ],
        "cross_entropy": [Gap(-1.0, 0.0, True, True, "undefined", NAN, INF)],
    }
    for came, expected in zip(found.gaps, gaps.get(name, []), strict=True):
        same(came, expected)
    assert found.variable == "a" and not found.kinks and found.agreement.relative < 1e-6
    if name not in gaps:
        assert (found.lowest, found.lowest_at) == pytest.approx((0.0, 0.5), abs=1e-12)


FOUND = {
    "ln(z)": [Gap(-6.0, 0.0, True, True, "undefined", NAN, -INF)],
    "1/z": [Gap(0.0, 0.0, True, True, "pole", -INF, INF)],
    "1/(z-0.1)^2": [Gap(0.1, 0.1, True, True, "pole", INF, INF)],
    "abs(z)": [Kink(0.0, -1.0, 1.0, 0.0)],
    "max(z,0.1)": [Kink(0.1, 0.0, 1.0, 0.0)],
    "max(z,0.1*z,z-1)": [Kink(0.0, 0.1, 1.0, 0.1)],
    "min(max(z,-1),1)": [Kink(-1.0, 0.0, 1.0, 0.0), Kink(1.0, 1.0, 0.0, 0.0)],
    "sqrt(z)": [Gap(-6.0, 0.0, True, False, "undefined", NAN, 0.0), Kink(0.0, NAN, INF, INF)],
    "sqrt(4-z^2)": [
        Gap(-6.0, -2.0, True, False, "undefined", NAN, 0.0),
        Gap(2.0, 6.0, False, True, "undefined", 0.0, NAN),
        Kink(-2.0, NAN, INF, INF),
        Kink(2.0, -INF, NAN, -INF),
    ],
    "sin(z)/z": [Gap(0.0, 0.0, True, True, "hole", 1.0, 1.0)],
    "(1-cos(z))/z^2": [Gap(0.0, 0.0, True, True, "hole", 0.5, 0.5)],
    "z/abs(z)": [Gap(0.0, 0.0, True, True, "hole", -1.0, 1.0), Jump(0.0, -1.0, 1.0)],
    "atan(1/(z-1))": [Jump(1.0, -math.pi / 2, math.pi / 2)],
    "abs(z)^0.5": [Kink(0.0, -INF, INF, NAN)],
    "ln((z-2)^2)": [Gap(2.0, 2.0, True, True, "pole", -INF, -INF)],
    "ln(z^2-2*z+1)": [Gap(1.0, 1.0, True, True, "pole", -INF, -INF)],
    "exp(z^4)": [
        Gap(-6.0, -(math.log(1.7976931348623157e308) ** 0.25), True, True, "overflow", NAN, INF),
        Gap(math.log(1.7976931348623157e308) ** 0.25, 6.0, True, True, "overflow", INF, NAN),
    ],
    "sqrt(-1-z^2)": [Gap(-6.0, 6.0, True, True, "undefined", NAN, NAN)],
    "abs(z)*z": [],
    "sqrt(1+z^2)": [],
    "abs(z^2+1)": [],
    "max(z^2,-1)": [],
    "z^3": [],
    "2": [],
}


@pytest.mark.parametrize("text", FOUND)
def test_gaps_kinks_and_jumps_are_found(text):
    found = examined(typed(text))
    came = [*found.gaps, *found.kinks, *found.jumps]
    assert len(came) == len(FOUND[text]), came
    for each, expected in zip(came, FOUND[text], strict=True):
        assert type(each) is type(expected), came
        same(each, expected)


def test_poles_of_the_tangent():
    found = examined(typed("tan(z)"))
    assert [gap.low for gap in found.gaps] == pytest.approx([k * math.pi / 2 for k in (-3, -1, 1, 3)])
    assert {(gap.kind, gap.left, gap.right) for gap in found.gaps} == {("pole", INF, -INF)}
    assert (found.lowest, found.highest) == (-INF, INF)


def test_the_least_and_the_largest_value_on_the_range():
    found = examined(typed("z^3 - 3*z"), -2.0, 1.5)
    assert (found.lowest, found.lowest_at) == pytest.approx((-2.0, -2.0))
    assert (found.highest, found.highest_at) == pytest.approx((2.0, -1.0))
    assert (found.steepest, found.steepest_at) == pytest.approx((9.0, -2.0))
    assert (examined(typed("ln(z)")).lowest, examined(typed("exp(-z^2)")).highest) == (-INF, 1.0)


@pytest.mark.parametrize("text", ["sin(z)", "z*sin(z)"])
def test_what_swings_tends_to_nothing(text):
    found = examined(typed(text))
    assert math.isnan(found.left) and math.isnan(found.right) and not found.tails


def test_a_wrong_slope_is_seen():
    right = typed("z^3 + sin(z)")
    wrong = dataclasses.replace(right, slope_at=lambda z, a: 1.01 * right.slope_at(z, a))
    assert examined(right).agreement.relative < 1e-6
    found = examined(wrong).agreement
    assert 0.009 < found.relative < 0.011 and found.slope == pytest.approx(1.01 * found.difference, rel=1e-5)
    lost = dataclasses.replace(right, slope_at=lambda z, a: np.where(z > 3, np.nan, right.slope_at(z, a)))
    assert examined(lost).agreement.missing == 100


def test_a_formula_that_swings_too_fast_is_not_called_wrong():
    found = examined(typed("sin(100*z^3)"))
    assert found.agreement.relative < 1e-3 and found.agreement.points > 200
    assert examined(typed("1/sin(100*z)")).more


@pytest.mark.parametrize("text", strategies.TYPED)
def test_every_typed_formula_of_the_tests_agrees_with_its_slope(text):
    found = examined(typed(text))
    assert found.agreement.relative < 1e-6 and found.agreement.points > 390 and not found.agreement.missing, found


def test_a_range_must_be_one():
    for low, high in ((1.0, 1.0), (2.0, 1.0), (-INF, 0.0), (0.0, NAN)):
        with pytest.raises(ValueError, match="low < high"):
            examined(ACTIVATIONS["relu"], low, high)


@pytest.mark.parametrize(
    "text",
    [
        "max(abs(z),max(abs(z-1),max(abs(z-2),max(abs(z-3),abs(z-4)))))",
        "ln(abs(sin(9*z)))/cos(z)^0.3",
        "erf(tan(z))/(2+sinh(z)/cosh(z))",
        "sqrt(z^2-1)+1/z",
    ],
)
def test_a_look_is_quick(text):
    row, spent = typed(text), []
    for _again in range(3):
        start = time.process_time()
        examined(row)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.3, f"{text}: {min(spent):.3f} s"
