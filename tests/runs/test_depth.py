"""A gradient through many layers, against plain loops over the definition."""

import math

import numpy as np
import pytest

from backprop.engine.activations import ACTIVATIONS, typed
from backprop.engine.network import SCHEMES
from backprop.runs.depth import passage, root_mean_square

ROWS = {name: row for name, row in ACTIVATIONS.items() if not row.vector}


def by_hand(f, slope, deep, wide, spread, seed):
    """(rms of ∂L/∂z, rms of f′(z), √n · rms of W) by layer, number by number. spread: standard deviation of a weight."""
    draw = np.random.RandomState(seed)
    W = [[[float(draw.randn()) * spread for _from in range(wide)] for _to in range(wide)] for _layer in range(deep)]
    other = np.random.RandomState([seed, 1])
    a = [[float(other.randn()) for _unit in range(wide)]]
    t = [float(other.randn()) for _unit in range(wide)]
    z = []
    for layer in W:
        z.append([sum(w * x for w, x in zip(row, a[-1], strict=True)) for row in layer])
        a.append([f(each) for each in z[-1]])
    slopes = [[slope(each) for each in row] for row in z]
    error = [(one - want) * s for one, want, s in zip(a[-1], t, slopes[-1], strict=True)]
    errors = [error]
    for l in range(deep - 1, 0, -1):
        arriving = [sum(W[l][k][j] * error[k] for k in range(wide)) for j in range(wide)]
        error = [one * s for one, s in zip(arriving, slopes[l - 1], strict=True)]
        errors.insert(0, error)

    def size(values):
        return math.sqrt(sum(each * each for each in values) / len(values))

    weights = [math.sqrt(wide) * size([w for row in layer for w in row]) for layer in W[1:]]
    return [size(each) for each in errors], [size(each) for each in slopes], weights


FUNCTIONS = {
    "linear": (lambda z: z, lambda z: 1.0),
    "sigmoid": (lambda z: 1 / (1 + math.exp(-z)), lambda z: math.exp(-z) / (1 + math.exp(-z)) ** 2),
    "tanh": (math.tanh, lambda z: 1 / math.cosh(z) ** 2),
    "relu": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("scheme", ["xavier", "he"])
def test_the_sizes_are_those_of_a_pass_in_plain_loops(name, scheme):
    deep, wide, times, seed = 6, 5, 1.3, 4
    spread = times * math.sqrt({"xavier": 2 / (2 * wide), "he": 2 / wide}[scheme])
    gradients, slopes, weights = by_hand(*FUNCTIONS[name], deep, wide, spread, seed)
    found = passage(ACTIVATIONS[name], deep, wide, scheme, times, seed)
    assert found.gradients == pytest.approx(gradients, rel=1e-10)
    assert [layer.slope for layer in found.layers] == pytest.approx(slopes, rel=1e-10)
    assert [layer.weights for layer in found.layers[:-1]] == pytest.approx(weights, rel=1e-10)
    expected, alone = gradients[-1], gradients[-1]
    for l in range(deep - 2, -1, -1):
        expected, alone = expected * slopes[l] * weights[l], alone * slopes[l]
        assert found.by_both[l] == pytest.approx(expected, rel=1e-10)
        assert found.by_slopes[l] == pytest.approx(alone, rel=1e-10)
    assert found.factor ** (deep - 1) == pytest.approx(gradients[0] / gradients[-1], rel=1e-10)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_one_unit_a_layer_is_exactly_the_product_of_its_factors(name, scheme):
    found = passage(ROWS[name], 12, 1, scheme, 1.0, 3)
    assert found.by_both == pytest.approx(found.gradients, rel=1e-9, abs=0)


def test_what_the_lecture_says():
    sigmoid = passage(ACTIVATIONS["sigmoid"], 10, 64, "xavier")
    assert sigmoid.left < 1e-4 and sigmoid.slope < 0.25
    assert passage(ACTIVATIONS["relu"], 20, 64, "he").left > 1e-2
    assert passage(ACTIVATIONS["tanh"], 10, 16, "normal").left < 1e-9
    assert passage(ACTIVATIONS["linear"], 20, 16, "he", 5.0).left > 1e9
    zeros = passage(ACTIVATIONS["sigmoid"], 5, 4, "zeros")
    assert zeros.gradients[:-1] == (0.0,) * 4 and zeros.gradients[-1] > 0 and zeros.left == 0


def test_what_has_left_float64_is_told_without_a_warning():
    found = passage(typed("exp(exp(z))"), 8, 16, "he", 10.0)
    assert not math.isfinite(found.gradients[0]) and math.isnan(found.left) and math.isnan(found.factor)
    assert root_mean_square(np.array([3e200, 4e200])) == pytest.approx(math.sqrt(12.5) * 1e200)


def test_a_vector_activation_and_an_unknown_scheme_are_refused():
    with pytest.raises(ValueError, match="softmax"):
        passage(ACTIVATIONS["softmax"], 3, 2, "he")
    with pytest.raises(ValueError, match="allowed"):
        passage(ACTIVATIONS["tanh"], 3, 2, "nonsense")
