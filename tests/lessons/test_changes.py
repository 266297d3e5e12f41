"""One number or the structure of a lesson changed: the result is a valid lesson that differs there and nowhere else."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import Lesson, example, run, trace
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.engine.steps import Cell
from backprop.lessons import changes
from backprop.lessons.changes import restructured, set_number, starting_from
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.lesson import Init, LessonError
from tests import strategies


def given_numbers(lesson: Lesson) -> dict[Cell, float]:
    """Every number that a lesson gives, as its trace has it."""
    t = trace(lesson)
    return {cell: t.at(cell) for step in t.given for cell in t.cells(step)}


# --- one number


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_given_number_can_be_set_alone(name):
    lesson = example(name)
    before = given_numbers(lesson)
    sharing = lesson.network.loss.needs == "softmax"
    for cell in before:
        if sharing and cell.quantity == "t":
            continue
        changed = set_number(lesson, cell, 0.625)
        assert given_numbers(changed) == {**before, cell: 0.625}, cell
        assert Lesson.from_json(changed.to_json()) == changed


@given(strategies.lessons(), st.data())
def test_any_given_number_of_any_lesson_can_be_set(lesson, data):
    before = given_numbers(lesson)
    cell = data.draw(st.sampled_from(sorted(before, key=str)))
    value = data.draw(st.floats(0, 1))
    alone = cell.quantity == "t" and lesson.network.loss.needs == "softmax" and lesson.layers[-1] == 1
    if alone and value != 1:  # a single softmax output has nobody to share with: its target is 1
        with pytest.raises(LessonError):
            set_number(lesson, cell, value)
        return
    after = given_numbers(set_number(lesson, cell, value))
    assert after[cell] == value
    moved = {other for other in before if after[other] != before[other]} - {cell}
    shares = {other for other in before if other.quantity == "t" and other.sample == cell.sample}
    assert moved <= (shares if cell.quantity == "t" and lesson.network.loss.needs == "softmax" else set())


def test_a_tied_bias_is_one_number_for_its_layer():
    lesson = set_number(example("towardsai"), Cell("b", 2), -0.25)
    assert lesson.biases == ((0.35, 0.35), (-0.25, -0.25)) and lesson.shared_bias


def test_a_weight_that_was_drawn_becomes_a_weight_that_is_given():
    drawn = example("xor").changed(weights=None, init={"scheme": "xavier", "seed": 3})
    changed = set_number(drawn, Cell("W", 1, None, 2, 1), 9.0)
    assert changed.init is None
    assert changed.weights[0][1] == (9.0, drawn.parameters.W[0][1, 1])
    assert changed.weights[1] == tuple(map(tuple, drawn.parameters.W[1].tolist()))


@pytest.mark.parametrize(
    ("targets", "unit", "value", "expected"),
    [
        ((0.0, 1.0, 0.0), 2, 0.6, (0.2, 0.6, 0.2)),
        ((0.0, 1.0, 0.0), 1, 0.25, (0.25, 0.75, 0.0)),
        ((0.5, 0.25, 0.25), 1, 0.2, (0.2, 0.4, 0.4)),
        ((0.5, 0.25, 0.25), 3, 1.0, (0.0, 0.0, 1.0)),
        ((0.5, 0.25, 0.25), 3, 7.0, (0.0, 0.0, 1.0)),
        ((0.5, 0.25, 0.25), 1, -3.0, (0.0, 0.5, 0.5)),
    ],
)
def test_with_softmax_the_other_targets_share_the_rest(targets, unit, value, expected):
    lesson = example("softmax").changed(targets=(targets,))
    changed = set_number(lesson, Cell("t", 2, 1, unit), value).targets[0]
    assert changed == pytest.approx(expected) and math.fsum(changed) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    "cell",
    [
        Cell("x", 0, 2, 1),
        Cell("W", 3, None, 1, 1),
        Cell("W", 1, None, 3, 1),
        Cell("W", 1, None, 1),
        Cell("z", 1, 1, 1),
        Cell("dL_dW", 1, None, 1, 1),
        Cell("nonsense"),
        Cell("b", 4),
    ],
)
def test_a_number_that_the_lesson_does_not_have(cell):
    with pytest.raises(KeyError):
        set_number(example("towardsai"), cell, 0.5)


def test_a_layer_without_biases_has_none_to_set():
    with pytest.raises(KeyError):
        set_number(example("csdn"), Cell("b", 1, unit=1), 0.5)


@pytest.mark.parametrize(
    ("name", "cell", "value", "told"),
    [
        ("towardsai", Cell("learning_rate"), -1.0, "learning_rate"),
        ("towardsai", Cell("x", 0, 1, 1), float("nan"), "inputs"),
        ("towardsai", Cell("W", 1, None, 1, 1), float("inf"), "weights"),
        ("towardsai", Cell("b", 1), float("inf"), "biases"),
        ("dabbura-relu", Cell("t", 3, 1, 1), 1.5, "targets"),
        ("softmax", Cell("t", 2, 1, 1), float("nan"), "targets"),
    ],
)
def test_a_number_that_is_not_allowed_is_refused(name, cell, value, told):
    with pytest.raises(LessonError, match=told):
        set_number(example(name), cell, value)


# --- start from here


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_lesson_that_starts_where_another_has_got_to_goes_on_alike(name):
    lesson = example(name)
    on = starting_from(lesson, run(lesson, 3).parameters(3))
    assert run(on, 4).loss.tolist() == run(lesson, 7).loss[3:].tolist()
    assert on.init is None and on.shared_bias == lesson.shared_bias


# --- another network


@given(
    strategies.lessons(),
    st.lists(st.integers(-1, 9), max_size=8),
    st.lists(st.sampled_from([*ACTIVATIONS, "nonsense", {"formula": "z^3"}, {"formula": "z+"}]), max_size=7),
    st.sampled_from([*LOSSES, "nonsense", {"formula": "(a-t)^4"}, {"formula": "z"}]),
    st.one_of(st.none(), st.integers(-1, 2**32)),
)
def test_anything_asked_for_is_a_lesson_of_that_structure_or_refused(lesson, layers, activations, loss, seed):
    try:
        changed = restructured(lesson, layers, activations, loss, seed)
    except LessonError as error:
        assert error.faults and all(fault.strip() for fault in error.faults)
        return
    assert changed.layers == tuple(layers) and changed.loss == loss
    assert changed.learning_rate == lesson.learning_rate and len(changed.inputs) == len(lesson.inputs)
    assert Lesson.from_json(changed.to_json()) == changed
    assert seed is None or changed.init.seed == seed


@given(strategies.lessons(), st.lists(st.integers(1, 8), min_size=2, max_size=7), st.sampled_from(sorted(LOSSES)))
def test_every_size_with_a_fitting_output_can_be_had(lesson, layers, loss):
    activations = ["tanh"] * (len(layers) - 2) + [LOSSES[loss].needs or "linear"]
    changed = restructured(lesson, layers, activations, loss)
    assert [W.shape for W in changed.parameters.W] == [(b, a) for a, b in pairwise(layers)]
    for before, after in zip(lesson.inputs, changed.inputs, strict=True):
        kept = min(len(before), len(after))
        assert after[:kept] == before[:kept] and set(after[kept:]) <= {0.5}


def test_the_numbers_stay_where_only_the_activation_changes():
    lesson = example("towardsai")
    changed = restructured(lesson, lesson.layers, ["tanh", "linear"], "squared_error")
    assert (changed.weights, changed.biases, changed.targets) == (lesson.weights, lesson.biases, lesson.targets)


def test_a_seed_draws_the_weights_that_it_names():
    lesson = example("towardsai")
    one, again, other = (restructured(lesson, (2, 3, 2), ["tanh"] * 2, "squared_error", seed) for seed in (5, 5, 6))
    assert one == again and one.parameters.W[0].tolist() != other.parameters.W[0].tolist()


def test_a_network_without_biases_stays_without():
    changed = restructured(example("csdn"), (3, 2, 2), ["sigmoid"] * 2, "half_squared_error")
    assert changed.biases == (None, None)


@pytest.mark.parametrize(
    ("before", "loss", "after"),
    [
        ((-3.0, 0.4, 9.0), "binary_cross_entropy", (0.0, 0.4, 1.0)),
        ((0.2, 0.3, 0.5), "cross_entropy", (0.2, 0.3, 0.5)),
        ((0.2, 0.3, 0.9), "cross_entropy", (1 / 3,) * 3),
        ((-3.0, 0.4, 9.0), "squared_error", (-3.0, 0.4, 9.0)),
    ],
)
def test_targets_become_what_a_loss_allows(before, loss, after):
    lesson = example("softmax").changed(activations=["tanh", "linear"], loss="squared_error", targets=(before,))
    changed = restructured(lesson, lesson.layers, ["tanh", LOSSES[loss].needs or "linear"], loss)
    assert changed.targets == (after,)


# --- all numbers at once


@given(strategies.lessons())
def test_the_numbers_of_a_lesson_are_those_its_trace_gives(lesson):
    assert changes.numbers(lesson) == given_numbers(lesson)


@given(strategies.lessons(), st.data())
def test_what_differs_in_numbers_is_found_and_put_back(lesson, data):
    cells = [cell for cell in given_numbers(lesson) if cell.quantity != "t"]
    wanted = {cell: data.draw(st.floats(0, 5)) for cell in data.draw(st.lists(st.sampled_from(cells), max_size=4))}
    changed = changes.with_numbers(lesson, wanted)
    assert given_numbers(changed) == {**given_numbers(lesson), **wanted}
    found = changes.difference(lesson, changed)
    assert found is not None and set(found) <= set(wanted)
    assert changes.with_numbers(lesson, found).to_json() == changed.to_json()


def test_a_minus_zero_is_a_difference():
    lesson = example("towardsai")
    zero, minus = (changes.with_numbers(lesson, {Cell("x", 0, 1, 1): value}) for value in (0.0, -0.0))
    assert [str(value) for value in changes.difference(zero, minus).values()] == ["-0.0"]


@pytest.mark.parametrize("other", [name for name in EXAMPLES if not name.startswith("towardsai")])
def test_another_network_is_not_a_difference_in_numbers(other):
    assert changes.difference(example("towardsai"), example(other)) is None


def test_a_number_that_the_lesson_has_not_is_no_number_of_it():
    with pytest.raises(KeyError):
        changes.with_numbers(example("towardsai"), {Cell("W", 3, None, 1, 1): 0.5})


# --- the fields of the page Lesson


@pytest.mark.parametrize("kind", changes.BIASES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_biases_of_every_kind(name, kind):
    lesson = changes.rebuilt(example(name), {"biases": kind})
    assert changes.bias_kind(lesson) == kind
    assert lesson.inputs == example(name).inputs and lesson.network.sizes == example(name).network.sizes
    has = [b is not None for b in lesson.parameters.b]
    assert has == [kind != "none"] * len(has)
    if changes.bias_kind(example(name)) == kind:
        assert lesson == example(name)


def test_several_fields_together_that_would_not_fit_alone():
    lesson = example("towardsai")
    with pytest.raises(LessonError):
        changes.rebuilt(lesson, {"loss": "cross_entropy"})
    both = changes.rebuilt(lesson, {"loss": "cross_entropy", "activations": ("sigmoid", "softmax")})
    assert both.loss == "cross_entropy" and both.weights == lesson.weights and both.title == lesson.title


def test_drawn_weights_become_typed_ones_and_stay_the_same():
    drawn = changes.rebuilt(example("towardsai"), {"init": Init(scheme="he", seed=5)})
    typed = changes.rebuilt(drawn, {"init": None})
    assert drawn.init.seed == 5 and typed.init is None
    assert given_numbers(typed) == given_numbers(drawn)


def test_plain_fields():
    lesson = changes.rebuilt(example("xor"), {"title": "Monday", "learning_rate": 0.125, "update_biases": False})
    assert (lesson.title, lesson.learning_rate, lesson.update_biases) == ("Monday", 0.125, False)
    assert lesson.weights == example("xor").weights


@pytest.mark.parametrize(
    ("now", "count", "then"),
    [
        (("tanh", "sigmoid"), 2, ("tanh", "sigmoid")),
        (("tanh", "sigmoid"), 4, ("tanh", "tanh", "tanh", "sigmoid")),
        (("tanh", "relu", "softmax"), 2, ("tanh", "softmax")),
        (("linear",), 3, ("sigmoid", "sigmoid", "linear")),
        (("tanh", "softmax"), 1, ("softmax",)),
        (("tanh", "softmax"), 0, ()),
    ],
)
def test_activations_for_another_number_of_layers(now, count, then):
    assert changes.activations_for(now, count) == then
