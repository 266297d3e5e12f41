"""Runs abreast are the runs one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import Lesson, example, run
from backprop.engine.steps import Cell
from backprop.lessons.examples import EXAMPLES
from backprop.runs.abreast import Abreast, at_rates, stacked
from backprop.runs.history import Run, history
from tests.strategies import lessons

RATES = (0.0, 0.05, 0.5, 3.0)


@pytest.mark.parametrize("name", EXAMPLES)
def test_several_rates_at_once_are_several_runs(name):
    lesson = example(name)
    together = at_rates(lesson, RATES).reach(30).losses(30)
    for rate, losses in zip(RATES, together, strict=True):
        assert losses == pytest.approx(run(lesson.changed(learning_rate=rate), 30).loss, rel=1e-9), rate


@given(lessons(layers=3, units=3, samples=3), st.lists(st.floats(0, 2), min_size=1, max_size=4))
def test_any_lesson_at_any_rates(lesson, rates):
    together = at_rates(lesson, tuple(rates)).reach(3).losses(3)
    alone = [run(lesson.changed(learning_rate=rate), 3).loss for rate in rates]
    close = np.isclose(together, alone, rtol=1e-6, atol=1e-9, equal_nan=True)
    huge = ~(np.abs(alone) < 1e12)  # there the last digit of a weight decides
    assert (close | huge).all(), (together, alone)


@pytest.mark.parametrize("name", EXAMPLES)
def test_several_starts_at_once_are_several_runs(name):
    lesson = example(name)
    others = [lesson, *(lesson.changed(weights=None, init={"scheme": "xavier", "seed": seed}) for seed in (1, 2))]
    starts = stacked([each.parameters for each in others])
    rates = np.full(len(others), lesson.learning_rate)
    together = Abreast(lesson.network, starts, lesson.X, lesson.T, rates, lesson.update_biases).reach(20).losses(20)
    for each, losses in zip(others, together, strict=True):
        assert losses == pytest.approx(run(each, 20).loss, rel=1e-9)


def test_only_what_may_learn_moves():
    lesson = example("towardsai")
    cells = (Cell("W", 1, None, 1, 2), Cell("W", 2, None, 2, 1))
    runs = at_rates(lesson, (0.5, 5.0), cells).reach(5)
    for layer in (0, 1):
        same = runs.now.W[layer] == lesson.parameters.W[layer]
        assert (~same).sum() == 2, "one weight of this layer in each of the two runs"
    assert runs.losses(5)[0] == pytest.approx(Run(lesson, cells).losses(5), rel=1e-12)


def test_a_slice_of_time_is_enough_for_a_part():
    runs = at_rates(example("csdn"), (0.1, 0.2)).reach(5_000, seconds=0.0)
    assert 0 <= runs.known(5_000) < 100
    assert runs.losses(5_000).shape == (2, runs.known(5_000) + 1)


def test_what_is_held_stays_where_it_is_also_when_its_gradient_leaves_float64():
    lesson = Lesson(
        layers=[1, 1, 1], activations=["linear"] * 2, loss="squared_error", weights=[[[2.0]], [[3.0]]],
        biases=[None, None], inputs=[[1.0]], targets=[[0.0]], learning_rate=1e6,
    )  # fmt: skip
    moving = Cell("W", 2, None, 1, 1)
    for k in range(60):
        assert history(lesson, (moving,)).parameters(k).W[0][0, 0] == 2.0
    assert not np.isfinite(history(lesson, (moving,)).parameters(60).W[1][0, 0])
