"""Networks and parameters: shapes, frozen numbers, initialisation by its stated formulas."""

import math

import numpy as np
import pytest

from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.engine.network import SCHEMES, Network, frozen, initialise, parameters


def network(sizes=(3, 4, 2), biased=(True, True), loss="half_squared_error", last="sigmoid", shared=False) -> Network:
    rows = (*(ACTIVATIONS["tanh"] for _ in sizes[2:]), ACTIVATIONS[last])
    return Network(tuple(sizes), rows, LOSSES[loss], biased, shared)


def test_shapes_have_a_row_per_receiving_unit():
    net = network(biased=(True, False))
    assert net.depth == 2
    assert [net.shape(l) for l in (1, 2)] == [(4, 3), (2, 4)]
    assert [net.bias_shape(l) for l in (1, 2)] == [(4,), None]
    assert network(shared=True).bias_shape(1) == (1,)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("last", ACTIVATIONS)
def test_fused_is_the_pair_that_the_loss_needs(loss, last):
    assert network(loss=loss, last=last).fused == (LOSSES[loss].needs == last)


def test_parameters_are_read_only_float64():
    made = parameters([[[1, 2]], [[3]]], [[4], None])
    assert [w.tolist() for w in made.W] == [[[1.0, 2.0]], [[3.0]]] and made.b[0].tolist() == [4.0] and made.b[1] is None
    for array in (*made.W, made.b[0]):
        assert array.dtype == float
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


def test_tied_biases_keep_one_number():
    assert parameters([], [[0.35, 0.35], None], shared_bias=True).b[0].tolist() == [0.35]


def test_frozen_gives_back_the_same_array():
    array = np.zeros(2)
    assert frozen(array) is array and not array.flags.writeable


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
@pytest.mark.parametrize("scale", [None, 0.25])
def test_every_scheme_draws_its_stated_formula_layer_by_layer_in_row_order(scheme, seed, scale):
    net = network((3, 4, 2))
    came = initialise(net, scheme, scale, seed)
    draws = np.random.RandomState(seed)
    s = SCHEMES[scheme] if scale is None else scale
    for W, (rows, columns) in zip(came.W, [(4, 3), (2, 4)], strict=True):
        factor = {
            "normal": 1,
            "uniform": 1,
            "xavier": math.sqrt(2 / (rows + columns)),
            "he": math.sqrt(2 / columns),
            "zeros": 0,
        }[scheme]
        expected = [
            [
                s
                * factor
                * (draws.uniform(-1, 1) if scheme == "uniform" else draws.randn() if scheme != "zeros" else 0.0)
                for _ in range(columns)
            ]
            for _ in range(rows)
        ]
        np.testing.assert_allclose(W, expected, rtol=1e-15, atol=0, err_msg=f"{scheme}, scale {scale}, seed {seed}")
        assert not W.flags.writeable
    assert [b.tolist() for b in came.b] == [[0.0] * 4, [0.0] * 2]


def test_default_scales():
    assert SCHEMES == {"normal": 0.01, "uniform": 0.5, "xavier": 1.0, "he": 1.0, "zeros": 1.0}


def test_layers_without_biases_and_tied_ones_get_their_shapes():
    assert initialise(network(biased=(True, False)), "he").b[1] is None
    assert [b.shape for b in initialise(network(shared=True), "he").b] == [(1,), (1,)]


def test_an_unknown_scheme_is_refused_with_the_allowed_ones():
    with pytest.raises(
        ValueError, match="“magic” is not an initialisation; allowed are normal, uniform, xavier, he, zeros"
    ):
        initialise(network(), "magic")
