"""A number moved by a nudge: the loss after it is that of the lesson with the number changed."""

import math

import numpy as np
import pytest

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.lessons.examples import EXAMPLES
from backprop.runs.nudge import descent, differences, nudged, stretch


def moved_loss(lesson, cell: Cell, by: float) -> float:
    """The loss of the lesson with a weight, bias or input changed by hand."""
    start = lesson.parameters
    W = [w.copy() for w in start.W]
    b = [None if each is None else each.copy() for each in start.b]
    X = np.array(lesson.inputs)
    if cell.quantity == "W":
        W[cell.layer - 1][cell.unit - 1, cell.from_unit - 1] += by
    elif cell.quantity == "b":
        b[cell.layer - 1][(cell.unit or 1) - 1] += by
    else:
        X[cell.sample - 1, cell.unit - 1] += by
    wide = [
        None if each is None else [float(each[0])] * lesson.layers[l] if lesson.shared_bias else each.tolist()
        for l, each in enumerate(b, 1)
    ]
    changed = lesson.changed(init=None, weights=[w.tolist() for w in W], biases=wide, inputs=X.tolist())
    return trace(changed).loss


def cells(t) -> list[Cell]:
    """A first weight, a last weight, a bias where there is one, an input."""
    depth, tied = t.network.depth, t.network.shared_bias
    found = [Cell("W", 1, None, 1, 1), Cell("W", depth, None, 1, 1), Cell("x", 0, 1, 1)]
    return found + ([Cell("b", depth, None, None if tied else 1)] if ("b", depth) in t else [])


@pytest.mark.parametrize("by", [0.5, -1.5])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_loss_after_a_nudge_is_that_of_the_changed_lesson(name, by):
    lesson = example(name)
    t = trace(lesson)
    for cell in cells(t):
        moved = nudged(t, cell, 2.0, by)
        expected = moved_loss(lesson, cell, by)
        assert moved.before == pytest.approx(t.loss, rel=1e-13)
        assert moved.after == pytest.approx(expected, rel=1e-13)
        assert moved.true == pytest.approx(expected - t.loss, rel=1e-9, abs=1e-15)
        assert moved.predicted == 2.0 * by
        values, losses = stretch(t, cell, moved.value - 1.5, moved.value + 0.5, 5)
        assert values == pytest.approx(moved.value + np.array([-1.5, -1.0, -0.5, 0.0, 0.5]))
        assert losses[-1 if by > 0 else 0] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("name", ["towardsai", "xor", "softmax"])
def test_the_finite_differences_are_those_of_changed_lessons(name):
    lesson = example(name)
    t = trace(lesson)
    for cell in cells(t):
        found = differences(t, cell)
        assert len(found) == 15
        for k in (1, 3, 5):
            step = 10.0**-k
            by_hand = (moved_loss(lesson, cell, step) - moved_loss(lesson, cell, -step)) / (2 * step)
            assert found[k - 1] == pytest.approx(by_hand, rel=1e-8, abs=1e-13 / step)


@pytest.mark.parametrize("name", EXAMPLES)
def test_descent_is_the_step_of_the_update(name):
    t = trace(example(name))
    for cell in cells(t):
        new = cell._replace(quantity=f"{cell.quantity}_new")
        if (new.quantity, new.layer) in t:
            assert t.at(cell) + descent(t, cell) == pytest.approx(t.at(new), rel=1e-14)
        else:
            assert descent(t, cell) is None
    assert descent(t, Cell("a", 1, 1, 1)) is None


def test_a_nudge_out_of_float64_is_not_an_error():
    t = trace(example("line"))
    cell = Cell("W", 1, None, 1, 1)
    moved = nudged(t, cell, t.at(Cell("dL_dW", 1, None, 1, 1)), 1e200)
    assert moved.after == math.inf == moved.true and nudged(t, cell, math.inf, 0.0).predicted == 0.0
    with pytest.raises(KeyError):
        nudged(t, Cell("loss", 1), 0.0, 1.0)
