"""The trace: which quantities, in which order, and where each number lives."""

import numpy as np
import pytest

from backprop import Lesson, example, trace
from backprop.engine.backward import backward
from backprop.engine.forward import forward
from backprop.engine.steps import PHASES, QUANTITIES, Cell, assembled, mean_loss, record
from backprop.engine.update import update
from backprop.lessons.examples import EXAMPLES
from tests import strategies

TWO_LAYERS = [
    ("forward", "z", 1), ("forward", "a", 1), ("forward", "z", 2), ("forward", "a", 2),
    ("loss", "loss_term", 2), ("loss", "loss", 2),
    ("backward", "dL_da", 2), ("backward", "da_dz", 2), ("backward", "dL_dz", 2), ("backward", "dL_dW", 2), ("backward", "dL_db", 2),
    ("backward", "dL_da", 1), ("backward", "da_dz", 1), ("backward", "dL_dz", 1), ("backward", "dL_dW", 1), ("backward", "dL_db", 1),
    ("backward", "dL_dx", 0),
    ("update", "W_new", 1), ("update", "b_new", 1), ("update", "W_new", 2), ("update", "b_new", 2),
]  # fmt: skip


def story(steps) -> list[tuple]:
    return [(step.phase, step.quantity, step.layer) for step in steps]


def test_two_layers_take_21_steps_in_the_order_of_the_contract():
    t = trace(example("gurarie"))
    assert story(t) == TWO_LAYERS and len(t) == 21
    assert [step.number for step in t] == list(range(1, 22))


def test_19_steps_where_biases_are_not_updated():
    t = trace(example("towardsai"))
    assert story(t) == [each for each in TWO_LAYERS if each[1] != "b_new"] and len(t) == 19


def test_given_comes_before_the_steps():
    given = [("x", 0), ("t", 2), ("learning_rate", None), ("W", 1), ("b", 1), ("W", 2), ("b", 2)]
    assert story(trace(example("gurarie")).given) == [("given", *each) for each in given]
    assert all(step.number is None for step in trace(example("gurarie")).given)


def test_layers_without_biases_have_no_bias_quantities():
    t = trace(example("csdn"))
    assert not {"b", "dL_db", "b_new"} & {step.quantity for step in (*t.given, *t)}
    assert ("b", 1) not in t and ("W", 1) in t


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_keeps_every_quantity_with_its_shape(name):
    lesson = example(name)
    t, m, depth = trace(lesson), len(lesson.inputs), len(lesson.layers) - 1
    for step in (*t.given, *t):
        rows, columns = (
            (lesson.layers[step.layer], lesson.layers[step.layer - 1]) if step.layer else (lesson.layers[0], 0)
        )
        vector = step.quantity == "da_dz" and lesson.activations[step.layer - 1] in strategies.VECTORS
        shapes = {
            "learning_rate": (),
            "W": (rows, columns),
            "dL_dW": (rows, columns),
            "W_new": (rows, columns),
            "loss": (m + 1,),
            "loss_term": (m, lesson.layers[-1]),
        }
        biases = (1,) if lesson.shared_bias else (rows,)
        expected = shapes.get(
            step.quantity,
            biases if step.quantity in ("b", "dL_db", "b_new") else (m, rows, rows) if vector else (m, rows),
        )
        assert step.value.shape == expected, (
            f"{step.quantity} of layer {step.layer}: came {step.value.shape}, expected {expected}"
        )
        assert step.value.dtype == float and step.phase == QUANTITIES[step.quantity][0] and step.phase in PHASES
        assert len(step.axes) == step.value.ndim
    assert t.samples == m and t.network.depth == depth


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_array_of_a_trace_can_be_written(name):
    t = trace(example(name))
    arrays = [step.value for step in (*t.given, *t)] + [*t.after.W, *(b for b in t.after.b if b is not None)]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_cell_finds_its_number_in_c_order(name):
    t = trace(example(name))
    for step in (*t.given, *t):
        cells = list(t.cells(step))
        assert [t.at(cell) for cell in cells] == step.value.ravel().tolist(), f"{step.quantity} of layer {step.layer}"
        assert len(set(cells)) == len(cells)


def test_cells_name_their_places():
    t = trace(example("softmax"))
    assert next(t.cells(t["W", 2])) == Cell("W", 2, None, 1, 1)
    assert list(t.cells(t["da_dz", 2]))[1] == Cell("da_dz", 2, 1, 1, 2)
    assert list(t.cells(t["da_dz", 1]))[1] == Cell("da_dz", 1, 1, 2, None)
    assert list(t.cells(t["loss"])) == [Cell("loss", 2, 1), Cell("loss", 2)]
    assert list(t.cells(t["learning_rate"])) == [Cell("learning_rate")]


def test_a_tied_bias_is_a_cell_without_unit():
    t = trace(example("towardsai"))
    assert list(t.cells(t["b", 1])) == [Cell("b", 1)] and t.at(Cell("b", 1)) == 0.35
    assert list(t.cells(t["dL_db", 2])) == [Cell("dL_db", 2)]
    assert t.at(Cell("dL_db", 2)) == t["dL_dz", 2].value.sum()


def test_steps_are_found_by_quantity_and_layer():
    t = trace(example("towardsai"))
    assert t["dL_dW", 2].value[0, 0] == pytest.approx(0.082167040564230778, rel=1e-15)
    assert t["loss"] is t["loss", 2] and t["x"] is t["x", 0] and t["learning_rate"].value == 0.5
    for key in ("dL_dW", "nonsense", ("dL_dW", 3), ("x", 1), ("b_new", 1)):
        with pytest.raises(KeyError):
            t[key]


@pytest.mark.parametrize(
    "cell",
    [
        Cell("a", 1, 2, 1),
        Cell("a", 1, 1, 3),
        Cell("a", 1, 1, 0),
        Cell("a", 3, 1, 1),
        Cell("a", 1, 1),
        Cell("W", 1, None, 1),
        Cell("b_new", 1),
        Cell("what", 1),
    ],
)
def test_a_cell_that_is_not_there_raises_key_error(cell):
    with pytest.raises(KeyError):
        trace(example("towardsai")).at(cell)


def test_what_a_unit_sends_on():
    t = trace(example("towardsai"))
    assert t.sends(0, 2, 1) == Cell("x", 0, 1, 2) and t.sends(1, 2, 1) == Cell("a", 1, 1, 2)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_loss_of_a_trace_is_the_mean_over_samples_of_the_sum_of_terms(name):
    lesson = example(name)
    t = trace(lesson)
    assert t.loss == pytest.approx(t["loss_term"].value.sum(axis=1).mean(), rel=1e-15)
    assert t.loss == mean_loss(lesson.network, lesson.parameters, lesson.X, lesson.T)


def test_what_leaves_float64_is_inf_without_a_warning():
    lesson = Lesson(
        layers=[1, 1],
        activations=["linear"],
        loss="squared_error",
        weights=[[[1e200]]],
        inputs=[[1e200]],
        targets=[[0.0]],
        learning_rate=1.0,
    )
    t = trace(lesson)
    assert t["z", 1].value[0, 0] == np.inf and t.loss == np.inf


def test_after_holds_the_new_parameters_also_where_biases_stay():
    t = trace(example("towardsai"))
    assert (t.after.W[1] == t["W_new", 2].value).all() and t.after.b[1].tolist() == [0.6]
    g = trace(example("gurarie"))
    assert (g.after.b[0] == g["b_new", 1].value).all()


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_computed_outside_makes_the_same_trace(name):
    lesson = example(name)
    network, start, X, T, rate = lesson.network, lesson.parameters, lesson.X, lesson.T, lesson.learning_rate
    passed = forward(network, start, X)
    gradients = backward(network, start, passed, T)
    after = update(start, gradients, rate, lesson.update_biases)
    came = assembled(network, start, passed, gradients, after, X, T, rate, lesson.update_biases, 7)
    expected = record(network, start, X, T, rate, lesson.update_biases, 7)
    assert (came.iteration, came.update_biases, came.after) == (7, lesson.update_biases, after)
    for mine, theirs in zip((*came.given, *came), (*expected.given, *expected), strict=True):
        assert (mine.number, mine.quantity, mine.layer) == (theirs.number, theirs.quantity, theirs.layer)
        assert mine.value.tobytes() == theirs.value.tobytes() and not mine.value.flags.writeable


def test_a_trace_keeps_what_it_is_given_however_wrong():
    lesson = example("gurarie")
    network, start, X, T = lesson.network, lesson.parameters, lesson.X, lesson.T
    passed = forward(network, start, X)
    gradients = backward(network, start, passed, T)
    doubled = gradients._replace(dL_dW=[2 * each for each in gradients.dL_dW])
    came = assembled(network, start, passed, doubled, update(start, doubled, -1.0), X, T, 0.1)
    right = trace(lesson)
    assert (came["dL_dW", 1].value == 2 * right["dL_dW", 1].value).all() and came.loss == right.loss
    assert (came["W_new", 2].value == start.W[1] + 2 * right["dL_dW", 2].value).all()
    assert came.at(Cell("learning_rate")) == 0.1
