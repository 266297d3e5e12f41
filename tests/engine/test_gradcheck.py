"""check: what agrees, what differs, and what sits on a kink."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from backprop import Lesson, check, example
from backprop.engine import activations, gradcheck
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.lessons.examples import EXAMPLES
from tests import strategies


def told(rows) -> str:
    return "\n".join(
        f"{row.cell}: backprop {row.backprop!r}, difference {row.difference!r}, tolerance {row.tolerance!r}, {row.verdict}"
        for row in rows
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_gradient_of_every_example_is_compared_and_agrees(name):
    lesson = example(name)
    rows = check(lesson)
    sizes = list(zip(lesson.layers, lesson.layers[1:], strict=False))
    biases = sum((1 if lesson.shared_bias else n) for (_, n), b in zip(sizes, lesson.network.biased, strict=True) if b)
    assert len(rows) == sum(a * b for a, b in sizes) + biases + len(lesson.inputs) * lesson.layers[0]
    assert all(row.verdict == "agrees" for row in rows), told(row for row in rows if row.verdict != "agrees")


@settings(max_examples=40)
@given(strategies.lessons())
def test_random_lessons_agree_or_sit_on_a_kink_of_a_typed_formula(lesson):
    typed = [each.formula for each in lesson.activations if not isinstance(each, str)]
    bent = any("max" in text or "min" in text or "abs" in text for text in typed)
    wrong = [row for row in check(lesson) if row.verdict == "differs"]
    assert not wrong or bent, f"{lesson!r}\n{told(wrong)}"


@pytest.fixture
def wrong_slope(monkeypatch):
    """A function that makes the slope of an activation wrong by one part in 10,000, until the test ends."""

    def wrong(name: str) -> None:
        row = ACTIVATIONS[name]
        activations.leaky_relu.cache_clear()
        monkeypatch.setitem(ACTIVATIONS, name, replace(row, slope_at=lambda z, a: row.slope_at(z, a) * 1.0001))

    yield wrong
    activations.leaky_relu.cache_clear()


@pytest.mark.parametrize("name", strategies.SCALARS)
def test_a_wrong_slope_is_found(name, wrong_slope):
    wrong_slope(name)
    last = "tanh" if name == "sigmoid" else "sigmoid"
    numbers = {
        "weights": [[[0.5, 0.3], [0.2, 0.4]], [[0.7, -0.6]]],
        "inputs": [[0.5, 0.9]],
        "targets": [[2.0]],
        "learning_rate": 0.1,
    }
    lesson = Lesson(
        title=f"{name} is wrong", layers=[2, 2, 1], activations=[name, last], loss="squared_error", **numbers
    )
    rows = check(lesson)
    before, after = ({row.verdict for row in rows if (row.cell.layer == 2) == behind} for behind in (False, True))
    assert "differs" in before and after == {"agrees"}, told(rows)


@pytest.mark.parametrize("name", LOSSES)
def test_a_wrong_loss_slope_is_found(name, monkeypatch):
    row = LOSSES[name]
    field = "fused_at" if row.needs else "slope_at"
    right = getattr(row, field)
    monkeypatch.setitem(LOSSES, name, replace(row, **{field: lambda z, a, t: right(z, a, t) + 1e-4}))
    lesson = Lesson(
        title=f"a wrong slope of {name}",
        layers=[1, 2],
        activations=[row.needs or "tanh"],
        loss=name,
        weights=[[[0.5], [-0.3]]],
        inputs=[[0.7]],
        targets=[[0.25, 0.75]],
        learning_rate=0.1,
    )
    rows = check(lesson)
    assert any(each.verdict == "differs" for each in rows), told(rows)


def kinked(activation: str, weight: float = 1.0, x: float = 0.0) -> Lesson:
    numbers = {
        "weights": [[[weight]], [[1.0]]],
        "biases": [[0.0], [0.0]],
        "inputs": [[x]],
        "targets": [[1.0]],
        "learning_rate": 0.1,
    }
    return Lesson(layers=[1, 1, 1], activations=[activation, "linear"], loss="half_squared_error", **numbers)


@pytest.mark.parametrize("name", [name for name in strategies.SCALARS if ACTIVATIONS[name].kinks])
def test_exactly_at_a_kink_it_is_reported_as_such(name):
    rows = {(row.cell.quantity, row.cell.layer): row for row in check(kinked(name))}
    assert rows["dL_db", 1].verdict == "kink" and rows["dL_dx", 0].verdict == "kink", told(rows.values())
    assert rows["dL_dW", 1].verdict == "agrees"  # moving w does not move z = w·0
    assert rows["dL_dW", 2].verdict == rows["dL_db", 2].verdict == "agrees"


@pytest.mark.parametrize("distance", [1e-3, 1e-5, 1e-6])
def test_near_a_kink_the_moves_shrink_until_they_do_not_cross_it(distance):
    for x in (distance, -distance):
        rows = check(kinked("relu", x=x))
        assert all(row.verdict == "agrees" for row in rows), f"x = {x}\n{told(rows)}"


def test_a_kink_does_not_hide_a_wrong_gradient_elsewhere(wrong_slope):
    wrong_slope("tanh")
    numbers = {
        "weights": [[[1.0]], [[0.5]]],
        "biases": [[0.0], [0.3]],
        "inputs": [[0.0]],
        "targets": [[1.0]],
        "learning_rate": 0.1,
    }
    lesson = Lesson(
        title="kink and fault", layers=[1, 1, 1], activations=["relu", "tanh"], loss="squared_error", **numbers
    )
    verdicts = {(each.cell.quantity, each.cell.layer): each.verdict for each in check(lesson)}
    assert verdicts["dL_db", 2] == "differs" and verdicts["dL_db", 1] == "kink", verdicts


@pytest.mark.parametrize(
    ("z", "t"), [(40.0, 1.0), (-40.0, 0.0), (40.0, 0.0), (800.0, 1.0), (-800.0, 1.0), (800.0, 0.5)]
)
def test_saturated_outputs_agree(z, t):
    lesson = Lesson(
        layers=[1, 1],
        activations=["sigmoid"],
        loss="binary_cross_entropy",
        weights=[[[z]]],
        inputs=[[1.0]],
        targets=[[t]],
        learning_rate=0.1,
    )
    rows = check(lesson)
    assert all(row.verdict == "agrees" for row in rows), told(rows)


def test_the_tolerance_is_the_stated_one():
    lesson = example("towardsai")
    for row in check(lesson):
        if row.cell.quantity == "dL_dW" and row.cell.layer == 2:
            assert row.tolerance == pytest.approx(
                gradcheck.RELATIVE * 0.08266762784753328 + gradcheck.ABSOLUTE * 1.0, rel=1e-9
            )
    assert (gradcheck.RELATIVE, gradcheck.ABSOLUTE) == (1e-6, 1e-9)


def test_it_checks_any_iteration_and_leaves_the_trace_alone():
    rows = check(example("xor"), 100)
    assert all(row.verdict == "agrees" for row in rows), told(rows)
    assert np.array_equal(example("xor").X, [[0, 0], [0, 1], [1, 0], [1, 1]])
