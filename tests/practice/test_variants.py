"""Variants: the same structure, the same numbers for everyone, friendly ones, and no unit that learns nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, trace
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.lessons.examples import EXAMPLES
from backprop.practice.variants import MAX_SEED, variant
from tests import strategies

SEEDS = (*range(1, 40), 2**31, MAX_SEED)
KEPT = ("title", "layers", "activations", "loss", "learning_rate", "update_biases", "shared_bias", "leaky_slope")

seeds = st.integers(1, MAX_SEED)


def built(layers: list[int], activation: str, m: int = 1, biased: bool = True, **more) -> Lesson:
    """A lesson of a structure; its numbers are all zero."""
    last = more.pop("last", activation)
    return Lesson(
        layers=layers,
        activations=[*[activation] * (len(layers) - 2), last],
        loss=more.pop("loss", "half_squared_error"),
        init={"scheme": "zeros"},
        inputs=[[0.0] * layers[0]] * m,
        targets=more.pop("targets", [[0.0] * layers[-1]] * m),
        learning_rate=0.1,
        **({} if biased else {"biases": [None] * (len(layers) - 1)}),
        **more,
    )


def decimals(number: float) -> int:
    text = repr(number)
    return 0 if text.endswith(".0") else len(text.partition(".")[2])


@settings(max_examples=50, deadline=None)
@given(strategies.lessons(), seeds)
def test_the_structure_stays_and_nothing_else(lesson, seed):
    drawn = variant(lesson, seed)
    assert all(getattr(drawn, key) == getattr(lesson, key) for key in KEPT)
    assert drawn.network.biased == lesson.network.biased and len(drawn.inputs) == len(lesson.inputs)
    assert drawn.init is None and Lesson.from_json(drawn.to_json()) == drawn


@settings(max_examples=60, deadline=None)
@given(strategies.lessons(), seeds, seeds)
def test_a_variant_depends_on_the_structure_and_the_seed_alone(lesson, one, other):
    assert variant(variant(lesson, one), other).to_json() == variant(lesson, other).to_json()


def test_a_seed_stands_for_the_same_numbers_for_ever():
    """Links and sheets of paper carry seeds; who changes these numbers breaks them."""
    drawn = variant(example("towardsai"), 17)
    assert drawn.inputs == ((0.3, 0.7),) and drawn.targets == ((0.6, 0.4),)
    assert drawn.weights == (((-0.9, -0.7), (0.8, 0.5)), ((-0.5, 0.8), (0.3, -0.2)))
    assert drawn.biases == ((0.8, 0.8), (0.8, 0.8))
    drawn = variant(example("dabbura-relu"), 1)
    assert drawn.weights[0][0] == (0.55, 0.9, 0.95) and drawn.weights[1][4] == (-0.04, 0.22, -0.26, 0.96, -0.46)
    assert drawn.biases[1] == (0.5, -0.7, 0.6, -0.4, 0.8) and drawn.targets == ((0.0,), (1.0,), (1.0,), (0.0,))


def test_seeds():
    lesson = example("xor")
    assert variant(lesson, 0) is lesson
    for seed in (-1, MAX_SEED + 1):
        with pytest.raises(ValueError, match=f"Seed {seed} is out of reach; allowed are 0 to 4294967295"):
            variant(lesson, seed)
    assert len({variant(lesson, seed).to_json() for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_numbers_are_friendly(name):
    for seed in SEEDS:
        drawn = variant(example(name), seed)
        for W, b in zip(drawn.weights, drawn.biases, strict=True):
            weights = [w for row in W for w in row]
            sizes = [abs(w) for w in weights]
            assert 0 not in sizes and max(sizes) < 1 and len(set(sizes)) == len(sizes)
            assert max(map(decimals, weights)) <= (1 if len(weights) <= 9 else 2)
            assert b is None or (0 not in b and max(map(decimals, b)) <= 1)
            assert b is None or len(set(b)) == (1 if drawn.shared_bias else len(b))
        assert len(set(drawn.inputs)) == len(drawn.inputs)
        for x in drawn.inputs:
            assert all(0 < each < 1 and decimals(each) <= 2 for each in x) and len(set(x)) == len(x)


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_unit_is_dead_at_a_kink_or_saturated_and_no_target_is_met(name):
    for seed in SEEDS:
        lesson = variant(example(name), seed)
        t = trace(lesson)
        for l, activation in enumerate(lesson.network.activations, 1):
            z, slope = t["z", l].value, t["da_dz", l].value
            assert (np.abs(z) <= 2.5).all() and (slope != 0).all()
            assert all((np.abs(z - kink) > 0.05).all() for kink in activation.kinks)
        assert (np.abs(t["a", lesson.network.depth].value - lesson.T) > 0.01).all()


@pytest.mark.parametrize("biased", [True, False], ids=["biased", "bare"])
@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
@pytest.mark.parametrize("activation", [name for name, row in ACTIVATIONS.items() if not row.vector])
def test_every_unit_is_alive_in_networks_of_any_size(activation, biased, shared):
    """Also where an output of 0.1 comes through six units in a row, and where 64 weights share one layer."""
    for layers, m in (([1] * 7, 1), ([8] * 7, 16), ([1, 8, 1], 16), ([3, 5, 5, 1], 4), ([8, 1, 8], 3)):
        for seed in (1, 2, 3):
            lesson = variant(built(layers, activation, m, biased, shared_bias=shared, leaky_slope=0.0), seed)
            t = trace(lesson)
            for l in range(1, len(layers)):
                assert np.isfinite(t["z", l].value).all() and np.abs(t["z", l].value).max() < 3.5
                alive = t["da_dz", l].value != 0
                assert alive.any(axis=0).all() and alive.mean() > 0.97, (layers, seed, l)


@pytest.mark.parametrize("loss", LOSSES)
def test_targets_suit_the_loss(loss):
    needs = LOSSES[loss].needs
    for n, m in ((1, 1), (3, 4), (8, 16)):
        even = [[1 / n] * n] * m
        for seed in (1, 2, 3, 4):
            lesson = variant(built([2, n], needs or "tanh", m, loss=loss, targets=even), seed)
            if needs == "softmax":
                assert (np.sort(lesson.T, axis=1)[:, -1] == 1).all() and (lesson.T.sum(axis=1) == 1).all()
                assert m < n or (lesson.T.sum(axis=0) >= m // n).all()
            elif needs:
                assert set(lesson.T.ravel()) <= {0.0, 1.0}
                assert m == 1 or set(lesson.T[:, 0]) == {0.0, 1.0}
            else:
                assert all(len(set(row)) == n and 0 not in row for row in lesson.targets)
                assert (np.abs(trace(lesson)["a", 1].value - lesson.T) > 0.14).all()


@pytest.mark.parametrize(
    "formula", ["3", "0*z", "ln(z)", "sqrt(0-z*z-1)", "1/z", "exp(exp(z))^16", "max(z, 0)", "abs(z)", *strategies.TYPED]
)
def test_a_typed_formula_may_be_anything(formula):
    lesson = built([2, 3, 2], "tanh", 4).changed(activations=[{"formula": formula}] * 2)
    for seed in SEEDS[:5]:
        assert trace(variant(lesson, seed)).samples == 4


def test_a_typed_rectifier_is_kept_alive_like_the_named_one():
    lesson = built([2, 4, 2], "tanh", 4, biased=False).changed(activations=[{"formula": "max(z, 0)"}, "linear"])
    for seed in SEEDS:
        assert (trace(variant(lesson, seed))["da_dz", 1].value != 0).any(axis=0).all()
