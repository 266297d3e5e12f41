"""Where things stand: inside the drawing, without touching each other, for every network that a lesson may have."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import example
from backprop.figures.marks import between
from backprop.figures.plan import Wide, plan
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.faults import MAX_LAYERS, MAX_UNITS

SHAPES = {"wide": (968, 280), "upright": (358, None)}
PILLS = {
    ("A", False): (58, 24),
    ("A", True): (52, 24),
    ("B", False): (54, 20),
    ("C", False): (54, 20),
    ("C", True): (54, 20),
}

networks = st.lists(st.integers(1, MAX_UNITS), min_size=2, max_size=MAX_LAYERS + 1).map(tuple)
shapes = st.sampled_from(sorted(SHAPES))


def edges(sizes: tuple[int, ...], layer: int) -> list[tuple[int, int]]:
    """(unit, from_unit) of every edge into a layer."""
    return [(i, j) for i in range(1, sizes[layer] + 1) for j in range(1, sizes[layer - 1] + 1)]


def half_sizes(where: Wide, layer: int) -> tuple[float, float]:
    """Half the width and height of a unit's outline."""
    if where.level.name == "C":
        return where.radius, where.radius
    return where.band(layer)[1] / 2, where.level.height / 2


@settings(max_examples=300)
@given(networks, shapes)
def test_units_stand_inside_the_drawing_and_apart(sizes, shape):
    where = plan(sizes, *SHAPES[shape])
    spots = [(layer, *where.at(layer, unit)) for layer, count in enumerate(sizes) for unit in range(1, count + 1)]
    for layer, x, y in spots:
        wide, tall = half_sizes(where, layer)
        assert x - wide >= -0.5 and x + wide <= where.width + 0.5, (where.level.name, layer, x)
        assert y - tall >= -0.5 and y + tall <= where.height + 0.5, (where.level.name, layer, y)
    for (l1, x1, y1), (l2, x2, y2) in combinations(spots, 2):
        (w1, t1), (w2, t2) = half_sizes(where, l1), half_sizes(where, l2)
        assert abs(x1 - x2) >= w1 + w2 - 0.5 or abs(y1 - y2) >= t1 + t2 - 0.5, (where.level.name, sizes, l1, l2)


@settings(max_examples=300)
@given(networks, shapes)
def test_signals_run_on_from_layer_to_layer(sizes, shape):
    where = plan(sizes, *SHAPES[shape])
    along = (lambda spot: spot[1]) if where.upright else (lambda spot: spot[0])
    for layer in range(1, len(sizes)):
        for unit, sender in edges(sizes, layer):
            assert along(where.leaves(layer - 1, sender)) < along(where.arrives(layer, unit)), (sizes, layer)
    for unit in range(1, sizes[-1] + 1):
        assert along(where.leaves(len(sizes) - 1, unit)) < along(where.loss_entry(unit)) + 0.5, sizes


@settings(max_examples=200)
@given(networks, shapes)
def test_weights_that_are_all_written_do_not_touch(sizes, shape):
    where = plan(sizes, *SHAPES[shape])
    width, height = PILLS[where.level.name, where.upright]
    for layer in range(1, len(sizes)):
        u = where.pill_place(layer, width, height)
        if u is None or where.level.name == "C":
            continue
        spots = [between(where.leaves(layer - 1, j), where.arrives(layer, i), u) for i, j in edges(sizes, layer)]
        for (x1, y1), (x2, y2) in combinations(spots, 2):
            assert abs(x1 - x2) >= width or abs(y1 - y2) >= height, (sizes, layer, u)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("towardsai", "A"),
        ("neuron", "A"),
        ("xor", "A"),
        ("gurarie", "B"),
        ("csdn", "B"),
        ("dabbura-tanh", "C"),
        ("deep", "C"),
    ],
)
def test_the_richest_level_that_fits_is_taken(name, level):
    assert plan(example(name).layers, *SHAPES["wide"]).level.name == level


@pytest.mark.parametrize("name", EXAMPLES)
def test_on_a_phone_it_is_upright_and_as_tall_as_it_needs(name):
    where = plan(example(name).layers, *SHAPES["upright"])
    assert where.upright and where.width == 358
    assert where.loss_centre()[1] + 34 <= where.height
