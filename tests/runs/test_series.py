"""Parameters and gradients at many iterations at once, against one iteration after the other."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, run, trace
from backprop.lessons.examples import EXAMPLES
from backprop.runs import history, series
from backprop.runs.history import MAX_ITERATIONS, Run
from tests import strategies

DIVERGING = Lesson(
    layers=(1, 1, 1), activations=("linear", "linear"), loss="squared_error", weights=(((1.5,),), ((-2.0,),)), inputs=((2.0,),), targets=((1.0,),), learning_rate=0.9,
)  # fmt: skip
RETURNING = Lesson(
    layers=(1, 1), activations=("linear",), loss="half_squared_error", weights=(((1e200,),),), biases=(None,), inputs=((1.0,),), targets=((0.0,),), learning_rate=0.9,
)  # fmt: skip


def norm(rows) -> float:
    """The root of the sum of squares, as math knows it."""
    return math.hypot(*np.asarray(rows).ravel().tolist())


@pytest.mark.parametrize("name", EXAMPLES)
def test_stacked_parameters_and_norms_are_those_of_the_traces(name):
    lesson, iterations = example(name), (0, 1, 2, 9, 10, 99, 100, 101, 250)
    parameters = series.stacked(lesson, iterations)
    norms = series.norms(lesson, parameters)
    assert norms.shape == (lesson.network.depth, len(iterations))
    for place, k in enumerate(iterations):
        now = trace(lesson, k)
        for layer in range(1, now.network.depth + 1):
            assert np.array_equal(parameters.W[layer - 1][place], now["W", layer].value), f"{name}, W{layer} at {k}"
            if ("b", layer) in now:
                assert np.array_equal(parameters.b[layer - 1][place, 0], now["b", layer].value)
            assert norms[layer - 1, place] == pytest.approx(norm(now["dL_dW", layer].value), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(strategies.lessons(), st.sets(st.integers(0, 30), min_size=1, max_size=6).map(sorted), st.integers(1, 7))
def test_walking_and_stacking_give_the_same_numbers_in_the_order_of_their_cells(lesson, iterations, chunk):
    rows = {
        first + k: parameters
        for first, some in series.walked(lesson, iterations[-1], chunk)
        for k, parameters in enumerate(zip(*(series.columns(some, l + 1) for l in range(len(some.W))), strict=True))
    }
    assert list(rows) == list(range(iterations[-1] + 1))
    for k in iterations:
        now = trace(lesson, k)
        for layer in range(1, lesson.network.depth + 1):
            cells = series.numbers(lesson, layer)
            expected = [now.at(cell) for cell in cells]
            assert np.array_equal(rows[k][layer - 1], expected, equal_nan=True), (layer, k)
            stacked = series.columns(series.stacked(lesson, iterations), layer)
            assert np.array_equal(stacked[iterations.index(k)], expected, equal_nan=True)


@given(st.integers(0, 10_000))
def test_a_drawing_samples_the_whole_run(last):
    found = series.sampled(last)
    assert found[0] == 0 and found[-1] == last and list(found) == sorted(set(found))
    assert len(found) <= series.MOST + 1
    if last < series.MOST:
        assert found == tuple(range(last + 1))
    else:
        assert len(found) > series.MOST / 4 and max(np.diff(found)) <= last / 20
        assert {k + 1 for k in found[:-1:2]} <= {*found, last + 1}, "a swing needs neighbours"


def test_the_norm_of_a_large_gradient_is_a_number_although_its_square_is_none():
    lesson = RETURNING.changed(weights=(((3e200,),),))
    norms = series.norms(lesson, series.stacked(lesson, (0,)))
    assert norms[0, 0] == 3e200
    zero = RETURNING.changed(weights=(((0.0,),),))
    assert series.norms(zero, series.stacked(zero, (0,)))[0, 0] == 0.0


def test_a_run_whose_numbers_have_all_left_float64_is_not_computed_further(monkeypatch):
    steps, step = [], history.descend
    monkeypatch.setattr(history, "descend", lambda *given: steps.append(1) or step(*given))
    ran = Run(DIVERGING)
    losses, last = ran.reach(10_000).loss, next(ran.passed([9_999]))
    assert len(losses) == 10_001 and len(steps) < 400
    by_hand, w = [], [1.5, -2.0]
    b = [0.0, 0.0]
    with np.errstate(all="ignore"):
        for _k in range(400):  # the same in scalars
            w1, w2, b1, b2 = np.float64(w[0]), np.float64(w[1]), np.float64(b[0]), np.float64(b[1])
            hidden = w1 * 2.0 + b1
            error = 2 * (w2 * hidden + b2 - 1.0)
            by_hand.append(float((w2 * hidden + b2 - 1.0) ** 2))
            w = [w1 - 0.9 * error * w2 * 2.0, w2 - 0.9 * error * hidden]
            b = [b1 - 0.9 * error * w2, b2 - 0.9 * error]
    gone = next(k for k, loss in enumerate(by_hand) if not math.isfinite(loss))
    assert np.isfinite(losses[:gone]).all() and not np.isfinite(losses[gone + 2 :]).any()
    assert all(np.isnan(W).all() for W in last.W)


def test_a_loss_that_left_float64_may_come_back():
    ran, w = run(RETURNING, 250), 1e200
    for _each in range(250):
        w = w - 0.9 * w
    assert math.isinf(ran.loss[0]) and ran.loss[-1] == pytest.approx(0.5 * w * w, rel=1e-9, abs=0)
    assert ran.parameters(250).W[0][0, 0] == pytest.approx(w, rel=1e-9, abs=0)


def test_a_run_at_rest_says_the_same_at_every_later_iteration():
    lesson = example("towardsai").changed(learning_rate=0.0)
    ran = run(lesson, 5_000)
    assert len(set(ran.loss.tolist())) == 1 and len(ran.loss) == 5_001
    assert np.array_equal(ran.parameters(4_321).W[0], lesson.parameters.W[0])


def test_out_of_reach_is_said():
    with pytest.raises(ValueError, match="out of reach"):
        series.stacked(example("line"), (0, MAX_ITERATIONS + 1))
