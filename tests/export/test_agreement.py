"""What a file must meet, and how closely."""

import numpy as np
import pytest

from backprop import Lesson, example, trace
from backprop.export.agreement import comparable, far, rounding
from backprop.lessons.examples import EXAMPLES


def lesson(weight: float, loss: str = "squared_error", activation: str = "linear") -> Lesson:
    return Lesson(
        layers=[1, 1],
        activations=[activation],
        loss=loss,
        weights=[[[weight]]],
        inputs=[[1.0]],
        targets=[[1.0]],
        learning_rate=1.0,
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_of_the_examples_is_met_to_eleven_digits(name):
    t = trace(example(name))
    assert comparable(t) == {step.number for step in t}
    tolerance = rounding(t)
    assert set(tolerance) == {step.number for step in t}
    assert all(1e-16 < tolerance[step.number] < 1e-11 for step in t)


def test_nothing_is_compared_from_the_first_number_on_that_has_left_float64():
    t = trace(lesson(1e200))
    assert not np.isfinite(t.loss)
    assert comparable(t) == {t["z", 1].number, t["a", 1].number}


def test_an_infinite_error_of_a_fused_output_spoils_nothing_behind_it():
    t = trace(lesson(-800.0, "binary_cross_entropy", "sigmoid"))
    assert t["dL_da", 1].value.item() == -np.inf and t["dL_dz", 1].value.item() == -1.0
    assert comparable(t) == {step.number for step in t} - {t["dL_da", 1].number}


@pytest.mark.parametrize(("weight", "out"), [(4.9, False), (5.1, True), (-800.0, True)])
def test_far_is_told_of_fused_outputs_only(weight, out):
    assert far(trace(lesson(weight, "binary_cross_entropy", "sigmoid")), 5.0) is out
    assert not far(trace(lesson(weight)), 5.0)
