"""Two parameters over the iterations, and which two."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import Lesson, example, trace
from backprop.engine.steps import Cell
from backprop.lessons.examples import EXAMPLES
from backprop.runs.history import Run
from backprop.runs.pair import DOTS, chosen, learnable, state, stride, suggested, way
from tests.strategies import lessons


@given(lessons(layers=3, units=3, samples=1))
def test_every_parameter_of_the_trace_can_be_chosen(lesson):
    t = trace(lesson)
    expected = {cell for step in t.given if step.quantity in ("W", "b") for cell in t.cells(step)}
    assert set(learnable(lesson)) == expected


@given(lessons(layers=3, units=2, samples=1), st.data())
def test_two_different_ones_are_chosen_whatever_is_asked_for(lesson, data):
    every = learnable(lesson)
    asked = st.one_of(st.none(), st.sampled_from(every), st.just(Cell("W", 9, None, 9, 9)))
    first, second = data.draw(asked), data.draw(asked)
    pair = chosen(lesson, first, second)
    if len(every) < 2:
        assert pair is None
        return
    one, other = pair
    assert one in every and other in every and one != other
    assert one == first or first not in every
    assert other == second or second not in every or second == one


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_way_is_that_of_the_run(name):
    lesson = example(name)
    cells = suggested(lesson)
    for last in (0, 7, 250):
        came = way(lesson, cells, last)
        every = range(0, last + 1, stride(last))
        assert len(came) == len(every) <= DOTS + 1
        for k, (u, v) in zip(every, came.tolist(), strict=True):
            if k % 50 == 0:
                t = trace(lesson, k)
                assert (u, v) == (t.at(cells[0]), t.at(cells[1]))


def test_a_run_in_which_two_learn_is_descent_in_two_dimensions():
    lesson = example("towardsai")
    cells = suggested(lesson)
    u, v = (trace(lesson).at(cell) for cell in cells)
    for k in range(6):
        t = state(lesson, k, cells)
        assert (t.at(cells[0]), t.at(cells[1])) == pytest.approx((u, v), rel=1e-12)
        gradient = [t.at(cell._replace(quantity="dL_dW")) for cell in cells]
        u, v = u - lesson.learning_rate * gradient[0], v - lesson.learning_rate * gradient[1]
        assert np.array_equal(t["W", 1].value, lesson.parameters.W[0])


def test_a_bias_that_is_not_updated_stays():
    lesson = example("towardsai")
    assert not lesson.update_biases
    cells = (Cell("b", 1), Cell("W", 1, None, 1, 1))
    assert np.unique(way(lesson, cells, 50)[:, 0]).tolist() == [float(lesson.parameters.b[0][0])]


def test_a_network_of_one_weight_has_no_two():
    lone = Lesson(layers=[1, 1], activations=["linear"], loss="squared_error", weights=[[[2.0]]], biases=[None], inputs=[[1.0]], targets=[[0.0]], learning_rate=0.1)  # fmt: skip
    assert chosen(lone, None, None) is None
    with_bias = lone.changed(biases=((0.5,),))
    assert chosen(with_bias, None, None) == (Cell("W", 1, None, 1, 1), Cell("b", 1, unit=1))
    assert Run(with_bias).parameters(3)
