"""The loss along one number: place by place it is what a lesson with that number has."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backprop import example, trace
from backprop.engine.steps import Cell, mean_loss
from backprop.explain.symbols import gradient_of
from backprop.lessons import changes
from backprop.lessons.examples import EXAMPLES
from backprop.runs.landscape import MOVABLE, along, central
from tests.strategies import lessons, typed_left_float64


def movable(t):
    return [cell for step in (*t.given, *t.steps) if step.quantity in MOVABLE for cell in t.cells(step)]


@given(lessons(layers=3, units=3, samples=3), st.data())
def test_a_given_number_moves_the_loss_as_a_changed_lesson_does(lesson, data):
    t = trace(lesson)
    cell = data.draw(st.sampled_from([each for each in movable(t) if each.quantity in ("W", "b", "x")]))
    values = data.draw(st.lists(st.floats(-3, 3), min_size=1, max_size=4))
    wanted = [changes.set_number(lesson, cell, value) for value in values]
    expected = [mean_loss(each.network, each.parameters, each.X, each.T) for each in wanted]
    assert along(t, cell, np.array(values)) == pytest.approx(expected, rel=1e-12, abs=1e-300, nan_ok=True)


@pytest.mark.parametrize("name", EXAMPLES)
def test_at_its_own_value_the_loss_is_the_loss_and_its_slope_the_gradient(name):
    t = trace(example(name))
    for cell in movable(t):
        assert along(t, cell, np.array([t.at(cell)]))[0] == pytest.approx(t.loss, rel=1e-12)
        gradient = t.at(gradient_of(cell))
        assert central(t, cell, np.array([1e-5]))[0] == pytest.approx(gradient, abs=1e-7 * max(1.0, abs(gradient)))


@given(lessons(layers=3, units=3, samples=2), st.data())
def test_what_lies_behind_a_computed_number_follows_it(lesson, data):
    """The slope along any z or a is its gradient, where the loss is smooth there."""
    t = trace(lesson)
    assume(not typed_left_float64(lesson, t) and np.isfinite(t.loss) and t.loss < 1e3)
    cell = data.draw(st.sampled_from([each for each in movable(t) if each.quantity in ("z", "a")]))
    output = cell.layer == t.network.depth and t.network.loss.needs
    assume(not (cell.quantity == "a" and output and not 1e-3 < t.at(cell) < 1 - 1e-3))
    gradient = t.at(gradient_of(cell))
    left, here, right = along(t, cell, t.at(cell) + np.array([-1e-5, 0, 1e-5]))
    sides = np.array([(here - left) / 1e-5, (right - here) / 1e-5])
    assume(np.isfinite(sides).all() and abs(gradient) < 1e3)
    assert sides.min() - 1e-2 * max(1, abs(gradient)) <= gradient <= sides.max() + 1e-2 * max(1, abs(gradient))


def test_extremes_come_without_a_warning():
    t = trace(example("genomexyz"))
    assert np.isinf(along(t, Cell("W", 2, None, 1, 1), np.array([1e300]))[0])
    softmax = trace(example("softmax"))
    assert np.isfinite(along(softmax, Cell("a", 2, 1, 1), np.array([0.0, 0.5]))).all()


def test_what_cannot_be_moved():
    t = trace(example("towardsai"))
    for cell in (Cell("t", 2, 1, 1), Cell("dL_dW", 1, None, 1, 1), Cell("W", 3, None, 1, 1)):
        with pytest.raises(KeyError):
            along(t, cell, np.array([0.0]))
