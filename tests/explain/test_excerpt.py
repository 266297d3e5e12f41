"""Excerpts: as much as there is room for, nothing lost in what is drawn as one, and a walk that knows no more than it may."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, trace
from backprop.engine.steps import Cell, Trace
from backprop.explain.excerpt import COLUMNS, ROWS, Excerpt, excerpt, positions
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.faults import MAX_LAYERS, MAX_UNITS
from tests import strategies

FOLLOWED = ("x", "W", "b", "z", "a")


def followable(t: Trace, sample: int = 1) -> list[Cell]:
    steps = [step for step in (*t.given, *t) if step.quantity in FOLLOWED]
    return [cell for step in steps for cell in t.cells(step) if cell.sample in (None, sample)]


def lesson_of(sizes: list[int], last: str = "tanh", loss: str = "squared_error", samples: int = 1) -> Lesson:
    targets = [[1.0] + [0.0] * (sizes[-1] - 1)] * samples
    return Lesson(
        layers=sizes,
        activations=["tanh"] * (len(sizes) - 2) + [last],
        loss=loss,
        init={"scheme": "xavier"},
        inputs=[[0.5] * sizes[0]] * samples,
        targets=targets,
        learning_rate=0.1,
    )


def assert_sound(drawn: Excerpt) -> None:
    """Columns hold each vertex once, edges run to the next column, and what is drawn as one adds up to it."""
    column = {key: place for place, keys in enumerate(drawn.columns) for key in keys}
    assert sorted(column) == sorted(drawn.vertices) and sum(map(len, drawn.columns)) == len(column)
    assert tuple(keys for line in drawn.lines for keys in line) == drawn.columns
    for key, vertex in drawn.vertices.items():
        assert all(column[key] - column[edge.source] == 1 for edge in vertex.inputs)
        whole = drawn.graph.vertices.get(key)
        if whole is not None:
            assert (vertex.value, vertex.gradient) == (whole.value, whole.gradient) or math.isnan(
                vertex.gradient or 0.0
            )
            assert len(vertex.inputs) in (0, len(whole.inputs), len({e.source for e in vertex.inputs}))
        if vertex.operation == "+" and vertex.inputs:
            values = [drawn.vertices[edge.source].value for edge in vertex.inputs]
            if all(map(math.isfinite, values)):
                assert vertex.value == pytest.approx(math.fsum(values), rel=1e-11, abs=1e-11 * sum(map(abs, values)))
    for one, other in pairwise(drawn.lines):
        assert sum(len(drawn.feeds[key]) for key in one[-1]) == 1, (one, other)


def assert_fits(drawn: Excerpt) -> None:
    assert max(map(len, drawn.lines)) <= COLUMNS
    assert sum(max(map(len, line)) for line in drawn.lines) <= ROWS


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_of_every_example_has_its_excerpt(name):
    t = trace(example(name))
    for cell in followable(t)[::3]:
        for narrow in (False, True):
            drawn = excerpt(t, cell, 1, (), narrow)
            assert_sound(drawn)
            assert drawn.followed in drawn.pinned <= drawn.route and drawn.graph.end in drawn.pinned
            if narrow:
                assert max(map(len, drawn.columns)) <= 2
            else:
                assert_fits(drawn)


@pytest.mark.parametrize(
    ("name", "cell", "level"),
    [
        ("towardsai", Cell("W", 1, None, 1, 1), "whole"),
        ("xor", Cell("x", 0, 3, 2), "whole"),
        ("gurarie", Cell("W", 1, None, 1, 1), "touched"),
        ("softmax", Cell("W", 1, None, 2, 1), "touched"),
        ("softmax", Cell("x", 0, 1, 1), "way"),
        ("softmax", Cell("a", 2, 1, 1), "touched"),
        ("csdn", Cell("W", 1, None, 1, 1), "way"),
        ("dabbura-relu", Cell("b", 1, None, 5), "way"),
        ("deep", Cell("W", 1, None, 1, 1), "way"),
    ],
)
def test_the_first_level_that_fits(name, cell, level):
    assert excerpt(trace(example(name)), cell).level == level


@settings(max_examples=40)
@given(st.lists(st.integers(1, MAX_UNITS), min_size=2, max_size=MAX_LAYERS + 1), st.data())
def test_any_network_that_a_lesson_may_have(sizes, data):
    last, loss = data.draw(
        st.sampled_from([("tanh", "squared_error"), ("softmax", "cross_entropy"), ("softmax", "squared_error")])
    )
    t = trace(lesson_of(sizes, last, loss, data.draw(st.integers(1, 2))))
    cell = data.draw(st.sampled_from(followable(t)))
    units = tuple(data.draw(st.integers(1, size)) for size in t.network.sizes[cell.layer or 0 :])
    drawn = excerpt(t, cell, 1, units)
    assert_sound(drawn)
    assert_fits(drawn)
    assert len(drawn.vertices) <= 60
    if not drawn.graph.vertices[drawn.followed].inputs or drawn.level != "whole":
        behind = sizes[(cell.layer or 0) + 1 :]
        if not t.network.activations[-1].vector:
            assert drawn.ways == math.prod(behind)
    narrow = excerpt(t, cell, 1, units, True)
    assert_sound(narrow)
    assert narrow.level == "way" and narrow.route == narrow.pinned


def test_a_hundred_thousand_ways_are_counted_and_not_walked():
    t = trace(lesson_of([MAX_UNITS] * (MAX_LAYERS + 1)))
    drawn = excerpt(t, Cell("x", 0, 1, 3))
    assert drawn.ways == MAX_UNITS**MAX_LAYERS and drawn.level == "way" and len(drawn.vertices) < 50


@given(st.data())
def test_the_pinned_way_runs_through_the_units_it_is_told(data):
    t = trace(lesson_of([3, 4, 4, 3]))
    cell = data.draw(st.sampled_from(followable(t)))
    units = tuple(data.draw(st.integers(1, size)) for size in t.network.sizes[cell.layer or 0 :])
    if cell.unit is not None and cell.layer:
        units = (cell.unit, *units[1:])
    drawn = excerpt(t, cell, 1, units)
    passed = {
        (vertex.cell.layer, vertex.cell.unit)
        for key, vertex in drawn.vertices.items()
        if key in drawn.pinned and vertex.cell and vertex.cell.quantity == "a"
    }
    first = 1 if cell.quantity == "x" else cell.layer
    expected = {(layer, units[layer - (cell.layer or 0)]) for layer in range(first, t.network.depth + 1)}
    assert passed == expected


def test_positions_go_there_and_back():
    t = trace(example("towardsai"))
    cell = Cell("W", 1, None, 1, 1)
    assert positions(t, cell) == 2 * (8 + 4 + 4 + 2 + 1)  # products, sums, activations, parts of the loss, the loss
    assert positions(t, cell, 1, (1, 2), True) == 2 * 8


@pytest.mark.parametrize("units", [(), (1,), (9, 9, 9), (1, 2, 3, 4, 5, 6)])
def test_units_that_make_no_sense_are_overlooked(units):
    drawn = excerpt(trace(example("csdn")), Cell("W", 1, None, 2, 1), 1, units)
    assert_sound(drawn)
    assert drawn.graph.end in drawn.pinned


@settings(max_examples=30)
@given(strategies.lessons(), st.data())
def test_the_walk_knows_a_number_only_when_it_is_made(lesson, data):
    t = trace(lesson)
    cell = data.draw(st.sampled_from(followable(t)))
    drawn = excerpt(t, cell, 1, (), data.draw(st.booleans()))
    last = drawn.positions
    count = last // 2
    assert drawn.now(0) is None and drawn.now(last + 1) is None and drawn.now(-1) is None
    forward = [drawn.now(op) for op in range(1, count + 1)]
    assert forward == list(drawn.operations) and [drawn.now(op) for op in range(count + 1, last + 1)] == forward[::-1]
    seen: set[str] = set()
    for op in range(last + 1):
        now = drawn.now(op)
        if now is not None and not drawn.back(op):
            assert all(drawn.computed(edge.source, op) for edge in drawn.vertices[now].inputs)
            assert drawn.computed(now, op) and not any(drawn.returned(key, op) for key in drawn.vertices)
            assert [key for key in forward if drawn.computed(key, op)] == forward[:op]
        elif now is not None:
            assert drawn.returned(now, op), "an operation passes back what has come back to it"
            fresh = {key for key in drawn.vertices if drawn.completed(key, op)}
            assert fresh.isdisjoint(seen)
            assert fresh <= {edge.source for edge in drawn.vertices[now].inputs} | {drawn.graph.end}
            seen |= fresh
    for op in {0, last}:
        assert all(drawn.computed(key, op) and drawn.returned(key, op) for key in drawn.vertices)


@pytest.mark.parametrize(
    "cell", [Cell("W", 1, None, 9, 1), Cell("W", 1, 1, 1, 1), Cell("t", 2, 1, 1), Cell("loss", 2), Cell("x", 0, 1, 3)]
)
def test_a_number_that_is_not_there_has_no_excerpt(cell):
    with pytest.raises(KeyError):
        excerpt(trace(example("towardsai")), cell)


def test_a_tied_bias_and_a_sample_may_be_named_either_way():
    t = trace(example("towardsai"))
    assert excerpt(t, Cell("b", 1, None, 2)).followed == excerpt(t, Cell("b", 1)).followed == "b.1"
    t = trace(example("xor"))
    assert excerpt(t, Cell("z", 1, 3, 1), 1).followed == "z.1.3.1"
    assert excerpt(t, Cell("W", 1, None, 1, 1), 99).graph.vertices["x.0.4.1"]
