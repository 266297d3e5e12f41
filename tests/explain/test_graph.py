"""The computational graph: its numbers, its order, and gradients that reverse accumulation makes as the engine makes them."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, trace
from backprop.engine.steps import Cell, Trace
from backprop.explain.factors import fused
from backprop.explain.graph import OTHERS, Graph, graph
from backprop.lessons.examples import EXAMPLES
from tests import oracle, strategies

GRADIENTS = {"x": "dL_dx", "W": "dL_dW", "b": "dL_db", "z": "dL_dz", "a": "dL_da"}


def sizes(g: Graph) -> dict[str, float]:
    """What each gradient would be if nothing in it cancelled: the scale of its rounding."""
    found = dict.fromkeys(g.vertices, 0.0) | {g.end: 1.0}
    for vertex in reversed(g.vertices.values()):
        for edge in vertex.inputs:
            found[edge.source] += found[vertex.key] * abs(edge.slope or 0.0)
    return found


def assert_gradients(t: Trace) -> int:
    """Every vertex against the trace; a parameter's parts of all samples added up. Returns how many were compared."""
    parts: dict[Cell, list[tuple[float, float]]] = {}
    for sample in range(1, t.samples + 1):
        g = graph(t, sample)
        scale = sizes(g)
        for key, vertex in g.vertices.items():
            if vertex.cell and vertex.cell.quantity in GRADIENTS:
                at = vertex.cell._replace(quantity=GRADIENTS[vertex.cell.quantity])
                assert vertex.gradient is not None
                parts.setdefault(at, []).append((vertex.gradient, scale[key]))
    for at, each in parts.items():
        want, scale_of_all = t.at(at), sum(scale for _part, scale in each)
        if math.isfinite(want) and math.isfinite(scale_of_all):
            assert sum(part for part, _scale in each) == pytest.approx(
                want, rel=0, abs=1e-10 * scale_of_all + 1e-300
            ), at
    return len(parts)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_gradients_of_every_example_are_the_engines(name):
    t = trace(example(name))
    outputs = t.samples * t.network.sizes[-1] if fused(t, 1) else 0  # their activations are joined with the loss
    given_ones = {"x", "W", "b", "z", "a"}
    count = sum(step.value.size for step in (*t.given, *t) if step.quantity in given_ones)
    assert assert_gradients(t) == count - outputs


@settings(max_examples=30)
@given(strategies.lessons())
def test_the_gradients_of_any_lesson_are_the_engines(lesson):
    assert_gradients(trace(lesson))


def test_the_gradients_are_sympys():
    lesson = example("xor")
    t = trace(lesson)
    for letter, index in (("W1", (1, 0)), ("W2", (0, 1)), ("b1", (0,))):
        unit, *sender = (place + 1 for place in index)
        cell = Cell(letter[0], int(letter[1]), None, unit, *sender)
        came = sum(graph(t, sample).vertices[cell.address].gradient for sample in range(1, t.samples + 1))
        assert came == pytest.approx(float(oracle.derivative(lesson, (letter, index))), rel=1e-12)


@settings(max_examples=30)
@given(strategies.lessons())
def test_every_operation_makes_its_value_of_its_inputs(lesson):
    t = trace(lesson)
    if strategies.typed_left_float64(lesson, t):
        return
    for sample in range(1, t.samples + 1):
        vertices = graph(t, sample).vertices
        for vertex in vertices.values():
            values = [vertices[edge.source].value for edge in vertex.inputs]
            if vertex.operation == "×":
                assert vertex.value == pytest.approx(math.prod(values), rel=1e-14)
            elif vertex.operation == "+":
                assert vertex.value == pytest.approx(math.fsum(values), rel=1e-12, abs=1e-12 * sum(map(abs, values)))
            elif vertex.operation == "mean":
                assert vertex.value == pytest.approx(math.fsum(values) / t.samples, rel=1e-12)
            if vertex.cell is not None:
                assert vertex.value == pytest.approx(t.at(vertex.cell), rel=1e-14)


@settings(max_examples=30)
@given(strategies.lessons(), st.booleans())
def test_the_order_is_the_traces(lesson, opened):
    t = trace(lesson)
    g = graph(t, t.samples, opened)
    seen: set[str] = set()
    for key, vertex in g.vertices.items():
        assert all(edge.source in seen for edge in vertex.inputs), key
        seen.add(key)
        assert bool(vertex.inputs) == (vertex.operation not in ("", "…"))
    computed = [vertex.cell for vertex in g.vertices.values() if vertex.inputs and vertex.cell]
    order = {cell: place for place, cell in enumerate(cell for step in t for cell in t.cells(step))}
    assert all(order[one] < order[other] for one, other in pairwise(computed))
    assert all(g.feeds[key] for key in g.vertices if key != g.end) and not g.feeds[g.end]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_operation_is_there(name):
    t = trace(example(name))
    network, vertices = t.network, graph(t, 1).vertices.values()
    kinds = [vertex.operation for vertex in vertices]
    assert kinds.count("×") == sum(a * b for a, b in pairwise(network.sizes))
    hidden = sum(network.sizes[1:-1])
    joined = fused(t, 1)
    assert kinds.count("activation") == hidden + (0 if joined else network.sizes[-1])
    assert kinds.count("fused") == joined and kinds.count("loss") == (0 if joined else network.sizes[-1])
    assert kinds.count("mean") == (t.samples > 1) and (OTHERS in {v.key for v in vertices}) == (t.samples > 1)
    assert all(v.gradient is None for v in vertices if v.cell and v.cell.quantity == "t")


SATURATED = {
    "sigmoid": ("binary_cross_entropy", [[0.0, 1.0]]),
    "softmax": ("cross_entropy", [[0.0, 1.0]]),
}


@pytest.mark.parametrize("last", SATURATED)
def test_zero_times_infinity_never_shows(last):
    loss, targets = SATURATED[last]
    far = [[900.0], [-900.0]]
    t = trace(
        Lesson(layers=[1, 1, 2], activations=["linear", last], loss=loss, weights=[[[1.0]], far], inputs=[[1.0]], targets=targets, learning_rate=0.1)
    )  # fmt: skip
    for opened in (False, True):
        for vertex in graph(t, 1, opened).vertices.values():
            assert vertex.value is None or not math.isnan(vertex.value)
            assert vertex.gradient is None or not math.isnan(vertex.gradient)
    made = graph(t, 1).vertices
    for unit, delta in ((1, 1.0), (2, -1.0)):
        assert made[Cell("z", 2, 1, unit).address].gradient == pytest.approx(delta)
    assert made[Cell("x", 0, 1, 1).address].gradient == pytest.approx(1800.0)
    opened_up = graph(t, 1, opened=True)
    for unit in (1, 2):
        a = Cell("a", 2, 1, unit)
        assert opened_up.vertices[a.address].gradient == t.at(a._replace(quantity="dL_da"))
