"""The loss over two numbers: point by point it is what a lesson with these two numbers has."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import Lesson, example
from backprop.engine.steps import Cell, mean_loss
from backprop.lessons import changes
from backprop.lessons.examples import EXAMPLES
from backprop.runs.pair import learnable, suggested
from backprop.runs.surface import surface
from tests.strategies import lessons


def lone(lesson: Lesson, first: Cell, second: Cell, u: float, v: float) -> float:
    moved = changes.set_number(changes.set_number(lesson, first, u), second, v)
    return mean_loss(moved.network, moved.parameters, moved.X, moved.T)


def whole(lesson: Lesson, first: Cell, second: Cell, u, v) -> np.ndarray:
    return surface(lesson.network, lesson.parameters, lesson.X, lesson.T, first, second, np.array(u), np.array(v))


@given(lessons(layers=3, units=3, samples=3), st.data())
def test_every_point_is_the_loss_of_a_changed_lesson(lesson, data):
    every = learnable(lesson)
    if len(every) < 2:
        return
    first, second = data.draw(st.lists(st.sampled_from(every), min_size=2, max_size=2, unique=True))
    u, v = (data.draw(st.lists(st.floats(-3, 3), min_size=1, max_size=3)) for _each in range(2))
    came = whole(lesson, first, second, u, v)
    expected = [[lone(lesson, first, second, x, y) for x in u] for y in v]
    assert came.shape == (len(v), len(u))
    assert came == pytest.approx(np.array(expected), rel=1e-9, abs=1e-12, nan_ok=True), (
        f"{first.address}, {second.address}"
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_any_two_parameters_of_any_example_go_together(name):
    lesson = example(name)
    every = learnable(lesson)
    some = [suggested(lesson), (every[0], every[-1]), (every[-1], every[0]), (every[-1], every[-2])]
    for first, second in some:
        assert whole(lesson, first, second, [0.3], [-0.7])[0, 0] == pytest.approx(
            lone(lesson, first, second, 0.3, -0.7), rel=1e-10
        )


def test_what_leaves_float64_comes_without_a_warning():
    lesson = example("genomexyz")
    grid = whole(lesson, *suggested(lesson), [0.0, 1e308], [0.0, -1e308])
    assert np.isfinite(grid[0, 0]) and not np.isfinite(grid[1, 1])
