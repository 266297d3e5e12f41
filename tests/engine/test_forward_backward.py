"""Three independent agreements: NumPy's backward pass = central differences = SymPy's derivative of the whole composed loss.

Over every activation × loss that goes together, every example, batches, tied biases, no biases, typed formulas, saturation.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from backprop import Lesson, check, example, trace
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.backward import backward
from backprop.engine.forward import forward, sample_losses
from backprop.engine.losses import LOSSES
from backprop.engine.network import Parameters
from backprop.engine.update import update
from backprop.lessons.examples import EXAMPLES
from tests import oracle, strategies

PAIRS = [
    (activation, loss) for activation in ACTIVATIONS for loss in LOSSES if LOSSES[loss].needs in (None, activation)
]


def gradients(lesson: Lesson) -> list[tuple[str, tuple, float, str]]:
    """Every gradient of the trace: (what the oracle moves, index, NumPy's number, its name)."""
    t = trace(lesson)
    found = []
    for step in t:
        if step.quantity in ("dL_dW", "dL_db", "dL_dx"):
            letter = {"dL_dW": f"W{step.layer}", "dL_db": f"b{step.layer}", "dL_dx": "x"}[step.quantity]
            for index in np.ndindex(step.value.shape):
                moved = () if step.quantity == "dL_db" and lesson.shared_bias else index
                found.append(
                    (
                        letter,
                        moved,
                        float(step.value[index]),
                        f"{step.quantity} of layer {step.layer} at {[i + 1 for i in index]}",
                    )
                )
    return found


def assert_three_agree(lesson: Lesson, turn: int | None = None) -> None:
    """SymPy's derivative for each gradient, or for one of each array where it is some case's turn; central differences for all."""
    found = gradients(lesson)
    largest = max(abs(number) for _, _, number, _ in found)
    arrays = {letter: [each for each in found if each[0] == letter] for letter, *_ in found}
    for array in arrays.values():
        for letter, index, number, told in array if turn is None else [array[turn % len(array)]]:
            expected = oracle.derivative(lesson, (letter, index))
            allowed = 1e-11 * max(abs(expected), mpf(largest) / 100) + mpf(10) ** -45  # what cancels, at so many digits
            assert abs(mpf(number) - expected) <= allowed, (
                f"{lesson!r}\n{told}: backward {number!r}, SymPy's derivative of the composed loss {mp.nstr(expected, 20)}"
            )
    rows = check(lesson)
    assert len(rows) == len(found)
    wrong = [row for row in rows if row.verdict != "agrees"]
    assert not wrong, f"{lesson!r}\nbackward and central differences differ: {wrong}"


def batch(hidden, last, loss, **changes) -> Lesson:
    """2-2-2 on two samples."""
    targets = [[0.25, 0.75], [1.0, 0.0]] if isinstance(loss, str) and LOSSES[loss].needs else [[0.3, -0.8], [1.1, 0.4]]
    data = {
        "layers": [2, 2, 2],
        "activations": [hidden, last],
        "loss": loss,
        "weights": [[[0.15, -0.6], [0.75, 0.3]], [[0.4, -0.45], [-0.9, 0.55]]],
        "biases": [[0.35, -0.2], [0.6, 0.1]],
        "inputs": [[0.5, 1.1], [-0.7, 0.9]],
        "targets": targets,
        "learning_rate": 0.5,
    }
    return Lesson(**{**data, **changes})


@pytest.mark.parametrize(("last", "loss"), PAIRS)
def test_every_output_activation_with_every_loss_that_goes_with_it(last, loss):
    turn = PAIRS.index((last, loss))
    assert_three_agree(batch(strategies.SCALARS[turn % len(strategies.SCALARS)], last, loss), turn)


@pytest.mark.parametrize("hidden", strategies.SCALARS)
def test_every_hidden_activation_with_every_fused_pair(hidden):
    for row in LOSSES.values():
        if row.needs:
            assert_three_agree(batch(hidden, row.needs, row.name, leaky_slope=0.3), strategies.SCALARS.index(hidden))


@pytest.mark.parametrize("text", strategies.TYPED)
def test_typed_formulas(text):
    assert_three_agree(batch({"formula": text}, {"formula": text}, "half_squared_error"), strategies.TYPED.index(text))


@pytest.mark.parametrize("last", ["linear", "tanh", "softmax", {"formula": "z*tanh(z)"}], ids=str)
@pytest.mark.parametrize("text", strategies.TYPED_LOSSES)
def test_typed_losses_go_with_any_output(text, last):
    assert_three_agree(batch("sigmoid", last, {"formula": text}), strategies.TYPED_LOSSES.index(text))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    "changes",
    [
        {"shared_bias": True, "biases": [[0.35, 0.35], [0.6, 0.6]]},
        {"shared_bias": True, "biases": [None, [0.6, 0.6]]},
        {"biases": [None, None]},
        {"biases": [[0.35, -0.2], None]},
        {"weights": [[[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]},
        {"inputs": [[0.0, 0.0], [0.0, 0.0]]},
    ],
    ids=["tied", "tied and none", "no biases", "some biases", "zero weights", "zero inputs"],
)
def test_tied_biases_no_biases_and_zeros(loss, changes):
    assert_three_agree(batch("tanh", LOSSES[loss].needs or "softplus", loss, **changes), turn=list(LOSSES).index(loss))


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example(name):
    lesson = example(name)
    assert_three_agree(lesson, turn=None if len(gradients(lesson)) * len(lesson.inputs) < 100 else 1)


# --- where an output saturates

SATURATED = [(loss, z) for loss in LOSSES if LOSSES[loss].needs for z in (40.0, -40.0, 800.0, -800.0)]


def saturated(loss: str, z: float, targets: list[float]) -> Lesson:
    """One layer without biases whose first output is at z and the others at 0."""
    outputs = len(targets)
    return Lesson(
        layers=[1, outputs],
        activations=[LOSSES[loss].needs],
        loss=loss,
        weights=[[[z]] + [[0.0]] * (outputs - 1)],
        biases=[None],
        inputs=[[1.0]],
        targets=[targets],
        learning_rate=0.5,
    )


@pytest.mark.parametrize("targets", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.25, 0.25]])
@pytest.mark.parametrize(("loss", "z"), SATURATED)
def test_saturated_outputs_make_no_nan_and_lose_no_digit(loss, z, targets):
    lesson = saturated(loss, z, targets)
    t = trace(lesson)
    assert not any(np.isnan(step.value).any() for step in t), {(step.quantity, step.layer): step.value for step in t}
    with mp.workdps(760):
        zs = [mpf(z), mpf(0), mpf(0)]
        if loss == "cross_entropy":
            a = [mp.exp(each) / mp.fsum(map(mp.exp, zs)) for each in zs]
            expected = [mp.fsum(a[k] * targets[j] - targets[k] * a[j] for j in range(3)) for k in range(3)]
            cost = mp.fsum(-wanted * mp.log(out) for out, wanted in zip(a, targets, strict=True))
        else:
            expected = [
                (1 - wanted) / (1 + mp.exp(-each)) - wanted / (1 + mp.exp(each))
                for each, wanted in zip(zs, targets, strict=True)
            ]
            cost = mp.fsum(
                wanted * mp.log(1 + mp.exp(-each)) + (1 - wanted) * mp.log(1 + mp.exp(each))
                for each, wanted in zip(zs, targets, strict=True)
            )
        for quantity, places in (("dL_dz", [(0, k) for k in range(3)]), ("dL_dW", [(k, 0) for k in range(3)])):
            for k, place in enumerate(places):
                came = float(t[quantity, 1].value[place])
                assert abs(mpf(came) - expected[k]) <= 1e-12 * abs(expected[k]) + oracle.SMALLEST, (
                    f"{quantity} of unit {k + 1}: came {came!r}, expected {mp.nstr(expected[k], 20)}"
                )
        assert abs(mpf(t.loss) - cost) <= 1e-13 * cost + oracle.SMALLEST, (
            f"loss: came {t.loss!r}, expected {mp.nstr(cost, 20)}"
        )


@pytest.mark.parametrize(
    ("z", "t", "slope"),
    [
        (40.0, 1.0, -4.248354255291589e-18),
        (-40.0, 0.0, 4.248354255291589e-18),
        (40.0, 0.0, 1.0),
        (800.0, 1.0, -0.0),
        (800.0, 0.0, 1.0),
        (-800.0, 1.0, -1.0),
    ],
)
def test_the_slope_of_one_saturated_sigmoid(z, t, slope):
    lesson = Lesson(
        layers=[1, 1],
        activations=["sigmoid"],
        loss="binary_cross_entropy",
        weights=[[[z]]],
        biases=[None],
        inputs=[[1.0]],
        targets=[[t]],
        learning_rate=0.5,
    )
    assert trace(lesson)["dL_dz", 1].value[0, 0] == pytest.approx(slope, rel=1e-15, abs=5e-324)


@given(z=st.floats(-800, 800), wanted=st.floats(0, 1))
def test_a_sigmoid_output_at_any_z_is_exact(z, wanted):
    lesson = Lesson(
        layers=[1, 1],
        activations=["sigmoid"],
        loss="binary_cross_entropy",
        weights=[[[z]]],
        biases=[None],
        inputs=[[1.0]],
        targets=[[wanted]],
        learning_rate=0.5,
    )
    came = trace(lesson)
    with mp.workdps(760):
        on, off = 1 / (1 + mp.exp(-mpf(z))), 1 / (1 + mp.exp(mpf(z)))
        expected = {
            "a": (on, on),
            "da_dz": (on * off, on * off),
            "dL_dz": ((1 - mpf(wanted)) * on - wanted * off, (1 - mpf(wanted)) * on + wanted * off),
            "loss_term": (-wanted * mp.log(on) - (1 - mpf(wanted)) * mp.log(off),) * 2,
        }
        for quantity, (value, size) in expected.items():
            number = float(came[quantity, 1].value[0, 0])
            assert abs(mpf(number) - value) <= 1e-13 * size + oracle.SMALLEST, (
                f"{quantity} at z = {z!r}, t = {wanted!r}: came {number!r}, expected {mp.nstr(value, 20)}"
            )


# --- the passes themselves


@given(strategies.lessons())
def test_the_passes_return_and_store_nothing(lesson):
    network, start, X, T = lesson.network, lesson.parameters, lesson.X, lesson.T
    kept = [array.copy() for array in (*start.W, *(b for b in start.b if b is not None), X, T)]
    with np.errstate(all="ignore"):
        passed = forward(network, start, X)
        once, twice, without = (
            backward(network, start, passed, T),
            backward(network, start, passed, T),
            backward(network, start, passed, T, inputs=False),
        )
        update(start, once, 0.5)
    for first, second, third in zip(once[:5], twice[:5], without[:5], strict=True):
        for one, two, three in zip(first, second, third, strict=True):
            assert (one is None and two is None and three is None) or (
                np.array_equal(one, two, equal_nan=True) and np.array_equal(one, three, equal_nan=True)
            )
    assert without.dL_dx is None and once.dL_dx.shape == X.shape
    for array, before in zip((*start.W, *(b for b in start.b if b is not None), X, T), kept, strict=True):
        assert np.array_equal(array, before)


@given(strategies.lessons())
def test_a_batch_is_the_mean_of_its_samples(lesson):
    whole, m = trace(lesson), len(lesson.inputs)
    alone = [trace(lesson.changed(inputs=[x], targets=[t])) for x, t in zip(lesson.inputs, lesson.targets, strict=True)]
    np.testing.assert_allclose(whole.loss, np.mean([t.loss for t in alone]), rtol=1e-13)
    for step in whole:
        if step.quantity in ("dL_dW", "dL_db"):
            parts = np.array([t[step.quantity, step.layer].value for t in alone])
            np.testing.assert_allclose(
                step.value,
                parts.mean(axis=0),
                rtol=1e-12,
                atol=1e-13 * (1 + np.abs(parts).max()),
                err_msg=f"{lesson!r}: {step.quantity} of layer {step.layer}",
            )
        elif step.quantity == "dL_dx":
            parts = np.concatenate([t["dL_dx"].value for t in alone])
            np.testing.assert_allclose(
                step.value * m, parts, rtol=1e-12, atol=1e-13 * (1 + np.abs(parts).max()), err_msg=f"{lesson!r}: dL_dx"
            )


def test_forward_by_hand():
    lesson = Lesson(
        layers=[2, 1],
        activations=["relu"],
        loss="squared_error",
        weights=[[[2.0, -1.0]]],
        biases=[[0.5]],
        inputs=[[3.0, 4.0], [0.0, 1.0]],
        targets=[[1.0], [1.0]],
        learning_rate=0.1,
    )
    passed = forward(lesson.network, lesson.parameters, lesson.X)
    assert [z.tolist() for z in passed.z] == [[[2.5], [-0.5]]]
    assert [a.tolist() for a in passed.a] == [[[3.0, 4.0], [0.0, 1.0]], [[2.5], [0.0]]]
    assert sample_losses(lesson.network, passed, lesson.T).tolist() == [2.25, 1.0]


def test_backward_and_update_by_hand():
    lesson = Lesson(
        layers=[2, 1],
        activations=["relu"],
        loss="squared_error",
        weights=[[[2.0, -1.0]]],
        biases=[[0.5]],
        inputs=[[3.0, 4.0], [0.0, 1.0]],
        targets=[[1.0], [1.0]],
        learning_rate=0.5,
    )
    passed = forward(lesson.network, lesson.parameters, lesson.X)
    came = backward(lesson.network, lesson.parameters, passed, lesson.T)
    assert (
        came.dL_da[0].tolist() == [[1.5], [-1.0]]
        and came.da_dz[0].tolist() == [[1.0], [0.0]]
        and came.dL_dz[0].tolist() == [[1.5], [0.0]]
    )
    assert (
        came.dL_dW[0].tolist() == [[4.5, 6.0]]
        and came.dL_db[0].tolist() == [1.5]
        and came.dL_dx.tolist() == [[3.0, -1.5], [0.0, 0.0]]
    )
    new = update(lesson.parameters, came, 0.5)
    assert new.W[0].tolist() == [[-0.25, -4.0]] and new.b[0].tolist() == [-0.25]
    assert update(lesson.parameters, came, 0.5, update_biases=False).b[0].tolist() == [0.5]


@pytest.mark.parametrize("name", EXAMPLES)
def test_without_its_story_the_backward_pass_has_the_same_gradients(name):
    lesson = example(name)
    passed = forward(lesson.network, lesson.parameters, lesson.X)
    whole, bare = (
        backward(lesson.network, lesson.parameters, passed, lesson.T, inputs=False, story=story)
        for story in (True, False)
    )
    for one, other in zip((*whole.dL_dW, *whole.dL_dz), (*bare.dL_dW, *bare.dL_dz), strict=True):
        assert one.tobytes() == other.tobytes()
    assert (bare.dL_da[-1] is None) == lesson.network.fused


@given(strategies.lessons(), st.integers(2, 4))
def test_several_networks_at_once_have_the_gradients_of_each(lesson, count):
    several = [replace(lesson.parameters, W=tuple(w * (1 + k / 7) for w in lesson.parameters.W)) for k in range(count)]
    stacked = Parameters(
        tuple(np.stack(layer) for layer in zip(*(each.W for each in several), strict=True)),
        tuple(None if b is None else np.stack([b] * count)[:, None] for b in lesson.parameters.b),
    )
    with np.errstate(all="ignore"):
        together = backward(lesson.network, stacked, forward(lesson.network, stacked, lesson.X), lesson.T)
        for k, each in enumerate(several):
            alone = backward(lesson.network, each, forward(lesson.network, each, lesson.X), lesson.T)
            for one, other in zip((*together.dL_dW, *together.dL_db), (*alone.dL_dW, *alone.dL_db), strict=True):
                if other is None:
                    assert one is None
                else:
                    found = one[k].reshape(other.shape)
                    scale = np.abs(other).max(initial=0.0)
                    assert np.allclose(found, other, rtol=1e-9, atol=1e-11 * scale, equal_nan=True) or not scale < 1e100
