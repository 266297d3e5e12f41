"""Where the vertices of a graph stand: apart, inside the drawing, and with no edge through any of them."""

import math
import re
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import example, trace
from backprop.explain.conventions import CONVENTIONS, DEFAULT, Convention
from backprop.explain.excerpt import Excerpt, excerpt
from backprop.figures.capsules import HALF, capsule
from backprop.figures.graph import PHONE, SIZE
from backprop.figures.ranks import BELOW, ROW, WIDE, Ranks, abreast, apart, stacked
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.faults import MAX_LAYERS, MAX_UNITS
from tests.explain.test_excerpt import followable, lesson_of

Box = tuple[float, float, float, float]
NARROWEST = 48.0
"""px of two numbers beside a capsule on a phone, such as −0.0381."""


def placed(drawn: Excerpt, t, narrow: bool, convention: Convention) -> tuple[Ranks, dict[str, Box]]:
    """The ranks, and the box of each vertex with its numbers: left, top, right, bottom."""
    lengths = {key: capsule(t, vertex, convention.of(t)).length for key, vertex in drawn.vertices.items()}
    ranks = stacked(drawn, lengths, PHONE) if narrow else abreast(drawn, lengths, *SIZE)
    boxes = {}
    for key, (x, y) in ranks.at.items():
        half = lengths[key] / 2
        if narrow:
            number = NARROWEST if drawn.vertices[key].value is not None else 0
            boxes[key] = (x - half, y - ROW / 2, x + half + 6 + number, y + ROW / 2)
        else:
            wide = max(half, WIDE / 2)
            boxes[key] = (x - wide, y - HALF, x + wide, y + BELOW)
    return ranks, boxes


def points(d: str) -> list[tuple[float, float]]:
    """Points along a path of M, H, V, C and q."""
    x = y = 0.0
    found = []

    def run(*through: tuple[float, float]) -> None:
        nonlocal x, y
        ends = [(x, y), *through]
        for k in range(1, 13):
            level = ends
            while len(level) > 1:
                level = [(a + (c - a) * k / 12, b + (e - b) * k / 12) for (a, b), (c, e) in pairwise(level)]
            found.append(level[0])
        x, y = through[-1]

    for letter, text in re.findall(r"([MHVCq])([^MHVCq]*)", d):
        n = [float(each) for each in text.split()]
        match letter:
            case "M":
                x, y = n
            case "H":
                run((n[0], y))
            case "V":
                run((x, n[0]))
            case "C":
                run((n[0], n[1]), (n[2], n[3]), (n[4], n[5]))
            case "q":
                run((x + n[0], y + n[1]), (x + n[2], y + n[3]))
    return found


def assert_tidy(drawn: Excerpt, t, narrow: bool, convention: Convention = DEFAULT) -> Ranks:
    ranks, boxes = placed(drawn, t, narrow, convention)
    assert boxes.keys() == drawn.vertices.keys()
    for left, top, right, bottom in boxes.values():
        assert (
            left >= 0
            and right <= ranks.width + (0.5 if not narrow else 6)
            and top >= 0
            and bottom <= ranks.height + 0.5
        )
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (one, other)
    for key, vertex in drawn.vertices.items():
        for edge in vertex.inputs:
            way = points(ranks.edge(edge.source, key))
            (x, y), (u, v) = way[0], way[-1]
            middle = ranks.middle(edge.source, key)
            assert min(math.dist(middle, each) for each in way) < 40, "a slope stands on its edge"
            along, aside = (1, 0) if narrow else (0, 1)
            before = [each for each in way if each[along] < ranks.column[edge.source][1]]
            if (edge.source, key) not in ranks.turns:
                assert {round(each[aside], 6) for each in before} <= {round(way[0][aside], 6)}, (
                    "straight out of its column"
                )
            assert (v > y) if narrow else (u > x or (edge.source, key) in ranks.turns)
            for each, (left, top, right, bottom) in boxes.items():
                if each not in (edge.source, key):
                    assert not any(left < x < right and top < y < bottom for x, y in way), (edge.source, key, each)
    return ranks


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_under_every_convention(name, narrow):
    t = trace(example(name))
    for place, cell in enumerate(followable(t)[::4]):
        convention = list(CONVENTIONS.values())[place % len(CONVENTIONS)]
        ranks = assert_tidy(excerpt(t, cell, 1, (), narrow), t, narrow, convention)
        assert narrow or ranks.height <= SIZE[1]


@settings(max_examples=40)
@given(st.lists(st.integers(1, MAX_UNITS), min_size=2, max_size=MAX_LAYERS + 1), st.data())
def test_any_network_that_a_lesson_may_have(sizes, data):
    last, loss = data.draw(
        st.sampled_from([("leaky_relu", "mean_squared_error"), ("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy"), ("softmax", "squared_error")])
    )  # fmt: skip
    t = trace(lesson_of(sizes, last, loss, data.draw(st.integers(1, 2))))
    cell = data.draw(st.sampled_from(followable(t)))
    narrow = data.draw(st.booleans())
    ranks = assert_tidy(
        excerpt(t, cell, 1, (), narrow), t, narrow, data.draw(st.sampled_from(list(CONVENTIONS.values())))
    )
    assert ranks.width == (PHONE if narrow else SIZE[0])
    assert narrow or (ranks.height <= SIZE[1] and ranks.gap >= 10)


def test_one_way_alone_runs_straight():
    t = trace(example("gurarie"))
    for narrow in (False, True):
        drawn = excerpt(t, followable(t)[0], 1, (), narrow)
        ranks, _boxes = placed(drawn, t, narrow, DEFAULT)
        assert len({round(ranks.at[key][0 if narrow else 1], 6) for key in drawn.pinned}) == 1


@given(
    st.lists(st.tuples(st.floats(-9, 9), st.floats(0.1, 9)), min_size=1, max_size=5),
    st.integers(5, 8),
    st.integers(0, 99),
)
def test_apart_is_the_nearest_that_keeps_its_distance(wanted, room, seed):
    places, weights = zip(*wanted, strict=True)
    found = apart(places, weights, 0.0, room - 1.0)
    assert all(b - a >= 1 - 1e-9 for a, b in pairwise(found))
    assert found[0] >= -1e-9 and found[-1] <= room - 1 + 1e-9

    def cost(each):
        return sum(weight * (a - b) ** 2 for a, b, weight in zip(each, places, weights, strict=True))

    step = 0.01 * (1 + seed)
    for k in range(len(found)):  # moving any run of neighbours together, as far as it may, only makes it worse
        for stop in range(k + 1, len(found) + 1):
            for move in (step, -step):
                other = [each + move if k <= place < stop else each for place, each in enumerate(found)]
                inside = other[0] >= 0 and other[-1] <= room - 1
                if inside and all(b - a >= 1 for a, b in pairwise(other)):
                    assert cost(other) >= cost(found) - 1e-9
