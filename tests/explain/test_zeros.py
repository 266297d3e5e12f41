"""Zeros along the chain: networks built so that one factor is 0."""

import re

import numpy as np
import pytest
from hypothesis import given, settings

from backprop import trace
from backprop.engine.steps import Cell
from backprop.explain.symbols import gradient_of
from backprop.explain.zeros import why_zero, zero_number
from backprop.lessons.lesson import Lesson
from tests.strategies import lessons

W1, W2, B1 = Cell("W", 1, None, 1, 1), Cell("W", 2, None, 1, 1), Cell("b", 1, None, 1)


def net(**changes) -> Lesson:
    """2-2-1 with ReLU and a linear output, everything open and nothing 0."""
    return Lesson(
        **{
            "layers": [2, 2, 1],
            "activations": ["relu", "linear"],
            "loss": "half_squared_error",
            "weights": [[[1.0, 2.0], [3.0, 1.0]], [[1.0, 1.0]]],
            "biases": [[0.5, 0.5], [0.5]],
            "inputs": [[1.0, 2.0]],
            "targets": [[1.0]],
            "learning_rate": 0.1,
        }
        | changes
    )


def told(lesson: Lesson, cell: Cell, sample: int = 1) -> str:
    t = trace(lesson)
    text = why_zero(t, cell, gradient_of(cell), sample)
    return " ".join(re.sub(r"<[^>]+>", "", text).split())


@pytest.mark.parametrize(
    ("changes", "cell", "reason"),
    [
        ({}, W1, ""),
        ({"inputs": [[0.0, 2.0]]}, W1, "The gradient of w(1)11 is 0. What came in, x1, is 0."),
        ({"inputs": [[0.0, 2.0]]}, B1, ""),
        ({"biases": [[-9.0, 0.5], [0.5]]}, W1, "The gradient of w(1)11 is 0. Unit 1 of layer 1 is off."),
        ({"biases": [[-9.0, 0.5], [0.5]]}, B1, "The gradient of b(1)1 is 0. Unit 1 of layer 1 is off."),
        ({"biases": [[-9.0, 0.5], [0.5]]}, W2, "The gradient of w(2)11 is 0. What came in, a(1)1, is 0."),
        ({"biases": [[-9.0, 0.5], [0.5]]}, Cell("z", 1, 1, 1), "The gradient of z(1)1 is 0. Unit 1 of layer 1 is off."),
        ({"biases": [[-9.0, -9.0], [0.5]]}, Cell("x", 0, 1, 1), "The gradient of x1 is 0. Every unit of layer 1 is off, so nothing comes back."),
        ({"targets": [[11.5]]}, W2, "The gradient of w(2)11 is 0. Output 1 has met its target."),
        ({"targets": [[11.5]]}, W1, "The gradient of w(1)11 is 0. Every output has met its target, so nothing comes back."),
        ({"targets": [[11.5]]}, Cell("a", 2, 1, 1), "The gradient of a(2)1 is 0. Output 1 has met its target."),
        ({"weights": [[[1.0, 2.0], [3.0, 1.0]], [[0.0, 1.0]]]}, W1, "The gradient of w(1)11 is 0. Every weight through which something could come back is 0."),
        ({"weights": [[[1.0, 2.0], [3.0, 1.0]], [[0.0, 1.0]]]}, Cell("a", 1, 1, 1), "The gradient of a(1)1 is 0. Every weight through which something could come back is 0."),
        ({"weights": [[[1.0, 2.0], [-1.0, 1.0]], [[1.0, 1.0]]]}, Cell("x", 0, 1, 1), "The gradient of x1 is 0. What comes back along several ways adds up to 0."),
        ({"weights": [[[1.0, 2.0], [3.0, 1.0]], [[1e-300, 1.0]]], "inputs": [[1e-300, 2.0]]}, W1, "The gradient of w(1)11 is 0. No factor is 0, but their product is smaller than any number a computer keeps."),
        ({"inputs": [[0.0, 2.0], [1.0, 2.0]], "targets": [[1.0], [1.0]]}, W1, "Sample 1 adds 0 to the gradient of w(1)11. What came in, x1, is 0."),
        ({"inputs": [[1.0, 2.0], [1.0, 2.0]], "targets": [[11.0], [12.0]]}, W2, "The parts of the samples cancel each other: the gradient is 0."),
        ({"biases": [[-9.0, -9.0], [0.5]], "shared_bias": True}, Cell("b", 1), "The gradient of b(1) is 0. Every unit of layer 1 is off, so nothing comes back."),
        ({"weights": [[[1.0, 2.0], [3.0, 1.0]], [[1.0, -1.0]]], "shared_bias": True}, Cell("b", 1), "The gradient of b(1) is 0. What comes back along several ways adds up to 0."),
        ({"activations": ["sigmoid", "linear"], "biases": [[2000.0, 0.0], [0.5]]}, W1, "The gradient of w(1)11 is 0. Unit 1 of layer 1 is off."),
    ],
)  # fmt: skip
def test_the_factor_that_makes_a_gradient_zero(changes, cell, reason):
    assert told(net(**changes), cell) == reason


def test_the_other_sample_has_its_own_reason():
    lesson = net(inputs=[[0.0, 2.0], [1.0, 2.0]], targets=[[1.0], [1.0]])
    assert told(lesson, W1, 1) and not told(lesson, W1, 2)


@settings(max_examples=30)
@given(lessons())
def test_a_reason_is_told_just_where_the_gradient_is_zero(lesson):
    t = trace(lesson)
    for cell in (W1, Cell("x", 0, 1, 1), Cell("z", 1, 1, 1), Cell("a", t.network.depth, 1, 1)):
        gradient = t.at(gradient_of(cell))
        if t.samples == 1 or cell.sample:
            assert (why_zero(t, cell, gradient_of(cell), 1) != "") == (gradient == 0), (cell, gradient)
        elif gradient == 0:
            assert why_zero(t, cell, gradient_of(cell), 1)


def test_a_parameter_that_is_zero_has_another_factor():
    t = trace(net(weights=[[[0.0, 2.0], [3.0, 1.0]], [[1.0, 1.0]]], biases=[[0.0, 0.5], [0.5]]))
    weight, bias = zero_number(t, W1, 3.0, 1), zero_number(t, B1, 3.0, 1)
    assert "is 0, but its gradient is not: its own factor is what came in" in weight and weight.endswith("= 1.00.")
    assert bias.endswith("is 0, but its gradient is not: the factor of a bias is 1, whatever its value.")
    for cell, gradient in ((W1, 0.0), (Cell("W", 1, None, 2, 1), 3.0), (Cell("x", 0, 1, 1), 3.0)):
        assert zero_number(t, cell, gradient, 1) == ""
    start = np.array([[0.0, 0.0]])
    assert zero_number(trace(net(inputs=start.tolist())), Cell("x", 0, 1, 1), 1.0, 1) == ""
