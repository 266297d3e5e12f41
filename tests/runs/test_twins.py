"""Units that are one and the same: found by their bits, told apart by them, and why weights stand still."""

import numpy as np
import pytest

from backprop import Lesson, example, run
from backprop.engine.network import Parameters, parameters
from backprop.runs.starts import taken
from backprop.runs.twins import groups, numbers, still, twins


def test_groups_are_equal_bit_for_bit():
    a, above = 0.1 + 0.2, 0.3
    assert groups(np.array([[a, 1.0], [above, 1.0], [a, 1.0]])) == ((1, 3),)
    assert groups(np.array([[1.0], [2.0], [1.0], [2.0], [3.0]])) == ((1, 3), (2, 4))
    assert groups(np.array([[0.0], [-0.0]])) == ((1, 2),)
    assert groups(np.zeros((1, 2))) == ()


def test_the_numbers_of_a_unit():
    lesson = example("gurarie")
    found = numbers(lesson.network, lesson.parameters, 1)
    assert found.incoming.shape == (4, 3) and found.bias.shape == (4, 1) and found.outgoing.shape == (4, 1)
    np.testing.assert_array_equal(found.rows[2], [*lesson.weights[0][2], lesson.biases[0][2], lesson.weights[1][0][2]])
    tied = example("towardsai")
    assert numbers(tied.network, tied.parameters, 1).bias.ravel().tolist() == [0.35, 0.35]
    bare = example("csdn")
    assert numbers(bare.network, bare.parameters, 2).bias.shape == (3, 0)


def made(first: list[list[float]], second: list[list[float]]) -> Parameters:
    return parameters([first, second], [[0.5, 0.5], [0.0]])


LESSON = example("xor")
EQUAL = made([[1.0, 2.0], [1.0, 2.0]], [[3.0, 3.0]])
STATES = {
    "equal": (EQUAL, made([[5.0, 6.0], [5.0, 6.0]], [[7.0, 7.0]])),
    "nearly": (EQUAL, made([[1.0, 2.0], [1.0, 2.0 + 4e-16]], [[3.0, 3.0]])),
    "drifted": (EQUAL, made([[1.0, 2.0], [1.0, 2.1]], [[3.0, 3.0]])),
    "sums": (made([[1.0, 2.0], [1.0, 2.0]], [[3.0, 4.0]]), made([[1.0, 2.0], [1.1, 2.0]], [[3.0, 4.0]])),
    "different": (made([[1.0, 2.0], [1.5, 2.0]], [[3.0, 3.0]]), made([[1.0, 2.0], [1.1, 2.0]], [[3.0, 4.0]])),
    "met": (made([[1.0, 2.0], [1.5, 2.0]], [[3.0, 3.0]]), EQUAL),
}


@pytest.mark.parametrize("state", STATES)
def test_the_state_of_two_units(state):
    (found,) = twins(LESSON.network, *STATES[state])
    assert found.state == state
    assert (found.apart > 0) == (state in ("nearly", "drifted"))


def test_one_unit_is_alone_and_no_hidden_layer_has_none():
    lesson = Lesson(layers=[2, 1, 1], activations=["tanh", "linear"], loss="squared_error", init={"scheme": "zeros"}, inputs=[[1, 2]], targets=[[3]], learning_rate=0.1)  # fmt: skip
    (found,) = twins(lesson.network, lesson.parameters, lesson.parameters)
    assert found.state == "alone"
    assert twins(example("line").network, example("line").parameters, example("line").parameters) == ()


def stands(name: str, iteration: int = 0, **changed):
    lesson = taken(example(name).changed(**changed) if changed else example(name), "zeros", 1)
    parameters = run(lesson, iteration).parameters(iteration)
    return still(lesson.network, parameters, lesson.X, lesson.T, lesson.update_biases)


def test_zeros_with_sigmoid_wake_up_layer_by_layer():
    assert stands("csdn", 0).causes == {1: "outgoing", 2: "outgoing"}
    assert stands("csdn", 1).causes == {1: "outgoing"}
    assert stands("csdn", 2).causes == {}
    assert stands("towardsai", 0) == ({1: "outgoing"}, ()) and stands("towardsai", 1).causes == {}


@pytest.mark.parametrize("iteration", [0, 1, 50])
def test_zeros_with_tanh_or_relu_move_nothing_but_the_output_bias(iteration):
    unequal = {"targets": ((1.0,), (1.0,), (0.0,), (1.0,))}
    assert stands("xor", iteration, **unequal) == ({1: "outgoing", 2: "incoming"}, (2,))
    assert stands("softmax", iteration) == ({1: "outgoing", 2: "incoming"}, (2,))
    assert stands("dabbura-relu", iteration, **unequal) == ({1: "outgoing", 2: "incoming", 3: "incoming"}, (3,))
    assert stands("xor", iteration) == ({1: "outgoing", 2: "incoming"}, ()), "the targets of XOR cancel"
    assert stands("xor", iteration, **unequal, update_biases=False).biases == ()


def test_inputs_of_zero_and_an_output_that_is_right():
    dark = example("towardsai").changed(inputs=((0.0, 0.0),))
    assert still(dark.network, dark.parameters, dark.X, dark.T).causes == {1: "incoming"}
    right = example("line").changed(inputs=((1.0,),), targets=((2.0,),), weights=(((2.0,),),), biases=((0.0,),))
    assert still(right.network, right.parameters, right.X, right.T) == ({1: "error"}, ())
    dead = example("dabbura-relu").changed(biases=((-99.0,) * 5, (0.0,) * 5, (0.0,)))
    assert still(dead.network, dead.parameters, dead.X, dead.T).causes[1] == "flat"
    torn = example("line").changed(
        inputs=((1.0,), (1.0,)), targets=((1.0,), (3.0,)), weights=(((2.0,),),), biases=((0.0,),)
    )
    assert still(torn.network, torn.parameters, torn.X, torn.T).causes == {1: "cancel"}
