"""Paths: their sum is the gradient, by four accounts that know nothing of each other; their number is the closed form."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backprop import check, example, trace
from backprop.engine.steps import Cell, Trace
from backprop.explain.paths import FOLLOWED, count, followable, gradient_cell, ledger, multiplications, nested, shared
from backprop.explain.terms import Product, true_value
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.lesson import Lesson
from tests import oracle
from tests.strategies import lessons, typed_left_float64


def numbers(t: Trace) -> list[Cell]:
    """Every number of a trace that can be followed."""
    steps = [step for step in (*t.given, *t.steps) if step.quantity in FOLLOWED]
    return [cell for step in steps for cell in t.cells(step)]


def by_hand(t: Trace, cell: Cell, sample: int) -> list[float]:
    """Every path's product, unit by unit: the chain rule written down once more, from the trace's slopes alone."""
    depth, sizes, s = t.network.depth, t.network.sizes, (cell.sample or sample) - 1
    vector, fused = t.network.activations[-1].vector, t.network.fused
    saturated = abs(t["z", depth].value[s]).max() > 15
    whole = fused and (vector or saturated)

    def from_z(layer: int, unit: int) -> list[float]:
        if layer == depth and whole:
            return [t["dL_dz", depth].value[s, unit]]
        slope = t["da_dz", layer].value[s]
        if layer == depth and vector:
            return [slope[k, unit] * t["dL_da", depth].value[s, k] for k in range(sizes[-1])]
        return [slope[unit] * rest for rest in from_a(layer, unit)]

    def from_a(layer: int, unit: int) -> list[float]:
        if layer == depth:
            return [t["dL_da", depth].value[s, unit]]
        W = t["W", layer + 1].value
        return [W[k, unit] * rest for k in range(sizes[layer + 1]) for rest in from_z(layer + 1, k)]

    layer, unit = cell.layer or 0, (cell.unit or 1) - 1
    match cell.quantity:
        case "W":
            came_in = t["a" if layer > 1 else "x", layer - 1].value[s, cell.from_unit - 1]
            return [came_in * rest for rest in from_z(layer, unit)]
        case "b":
            return [rest for k in ([unit] if cell.unit else range(sizes[layer])) for rest in from_z(layer, k)]
        case "z":
            return from_z(layer, unit)
    return from_a(layer, unit)


def moved(cell: Cell) -> tuple[str, tuple[int, ...]]:
    """A given number as the oracle names it."""
    match cell.quantity:
        case "W":
            return f"W{cell.layer}", (cell.unit - 1, cell.from_unit - 1)
        case "b":
            return f"b{cell.layer}", (cell.unit - 1,) if cell.unit else ()
    return "x", (cell.sample - 1, cell.unit - 1)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_of_every_example(name):
    t = trace(example(name))
    for cell in numbers(t):
        for sample in {1, t.samples}:
            found = ledger(t, cell, sample)
            products = by_hand(t, cell, sample)
            assert found.count == count(t, cell, sample) == len(products)
            assert found.total == pytest.approx(math.fsum(products), rel=1e-13, abs=1e-18)
            if found.complete:
                assert [path.value for path in found.paths] == pytest.approx(products, rel=1e-13, abs=1e-300)
            for path in found.paths:
                assert true_value(Product(path.factors), t) == path.value
        largest = float(np.abs(t[found.gradient.quantity, found.gradient.layer].value).max())
        assert ledger(t, cell).whole == pytest.approx(t.at(gradient_cell(t, cell)), abs=1e-13 * (largest or 1))


@settings(max_examples=40)
@given(lessons(layers=5, units=2, samples=2), st.data())
def test_path_sum_backprop_sympy_and_differences_agree(lesson, data):
    t = trace(lesson)
    assume(not typed_left_float64(lesson, t))
    cell = data.draw(st.sampled_from([c for c in numbers(t) if c.quantity in ("W", "b", "x")]))
    found = ledger(t, cell)
    size = sum(sum(map(abs, by_hand(t, cell, s))) for s in range(1, t.samples + 1))
    assume(math.isfinite(size) and size < 1e6 and math.isfinite(t.loss))
    backprop = t.at(found.gradient)
    assert ledger(t, cell).whole == pytest.approx(backprop, abs=1e-9 * size, rel=1e-9)
    row = next(row for row in check(lesson) if row.cell == found.gradient)
    assert row.verdict != "differs"
    if row.verdict == "agrees":
        scale = max(size, 1.0, abs(t.loss))
        assert row.difference == pytest.approx(ledger(t, cell).whole, rel=1e-9, abs=1e-9 * scale)
        assert float(oracle.derivative(lesson, moved(cell))) == pytest.approx(
            ledger(t, cell).whole, rel=1e-9, abs=1e-9 * size
        )


@given(lessons(layers=5, units=4, samples=2), st.data())
def test_the_count_is_the_closed_form(lesson, data):
    """Counted unit by unit, as somebody with a pencil would."""
    t = trace(lesson)
    cell = data.draw(st.sampled_from(numbers(t)))
    sizes, depth = t.network.sizes, t.network.depth
    first = (cell.layer or 0) + (cell.quantity in ("x", "a"))
    own = cell.quantity in ("W", "b", "z") and cell.unit is not None
    layers = [range(sizes[l]) if l > first or not own else [cell.unit - 1] for l in range(first, depth + 1)]
    routes = len(list(itertools.product(*layers)))
    whole = t.network.fused and (t.network.activations[-1].vector or abs(t["z", depth].value[0]).max() > 15)
    if t.network.activations[-1].vector and not whole and not (cell.quantity == "a" and cell.layer == depth):
        routes *= sizes[-1]
    assert count(t, cell._replace(sample=1 if cell.sample else None)) == routes


def wide(units: int = 8, depth: int = 6) -> Trace:
    lesson = Lesson(
        layers=[units] * (depth + 1),
        activations=["tanh"] * depth,
        loss="half_squared_error",
        init={"scheme": "xavier", "seed": 3},
        inputs=[[0.1 * k for k in range(units)]],
        targets=[[0.5] * units],
        learning_rate=0.1,
    )
    return trace(lesson)


def test_of_too_many_paths_the_largest_are_listed_and_the_rest_added_up():
    t = wide()
    cell = Cell("x", 0, 1, 2)
    found = ledger(t, cell)
    assert found.count == 8**6 and len(found.paths) == 8 and not found.complete
    sizes = [abs(path.value) for path in found.paths]
    assert sizes == sorted(sizes, reverse=True)
    assert found.total == pytest.approx(t.at(Cell("dL_dx", 0, 1, 2)), rel=1e-9)
    assert found.rest + sum(path.value for path in found.paths) == pytest.approx(found.total, rel=1e-12)
    small = wide(units=3, depth=3)
    few = ledger(small, Cell("x", 0, 1, 2), most=5)
    products = sorted(map(abs, by_hand(small, Cell("x", 0, 1, 2), 1)), reverse=True)
    assert [abs(path.value) for path in few.paths] == pytest.approx(products[:5], rel=1e-12)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_sum_taken_first_gives_the_same(name):
    t = trace(example(name))
    for cell in numbers(t):
        found, node = ledger(t, cell), nested(t, cell)
        assert (node is None) == (found.count == 1 or (cell.quantity == "b" and cell.unit is None))
        if node is not None:
            assert true_value(node, t) == pytest.approx(found.total, rel=1e-9, abs=1e-15)


class Counted(float):
    """A number that counts the products it takes part in."""

    made = 0

    def __mul__(self, other):
        Counted.made += 1
        return Counted(float(self) * float(other))

    def __add__(self, other):
        return Counted(float(self) + float(other))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_backward_pass_takes_as_many_products_as_it_says(name):
    """The δ-recursion once more, unit by unit, with numbers that count."""
    t = trace(example(name))
    sizes, depth = t.network.sizes, t.network.depth
    last = t.network.activations[-1]
    whole = t.network.fused and (last.vector or abs(t["z", depth].value[0]).max() > 15)

    def look(quantity: str, layer: int, *index: int) -> Counted:
        return Counted(t[quantity, layer].value[index])

    def delta(layer: int, unit: int, known: dict) -> Counted:
        if (layer, unit) not in known:
            if layer == depth and whole:
                known[layer, unit] = look("dL_dz", depth, 0, unit)
            elif layer == depth and last.vector:
                known[layer, unit] = sum(
                    (look("da_dz", depth, 0, k, unit) * look("dL_da", depth, 0, k) for k in range(sizes[-1])),
                    Counted(0),
                )
            else:
                known[layer, unit] = arriving(layer, unit, known) * look("da_dz", layer, 0, unit)
        return known[layer, unit]

    def arriving(layer: int, unit: int, known: dict) -> Counted:
        if layer == depth:
            return look("dL_da", depth, 0, unit)
        return sum(
            (look("W", layer + 1, k, unit) * delta(layer + 1, k, known) for k in range(sizes[layer + 1])), Counted(0)
        )

    for cell in numbers(t):
        if cell.sample not in (None, 1):
            continue
        Counted.made, known = 0, {}
        layer, unit = cell.layer, (cell.unit or 1) - 1
        match cell.quantity:
            case "W":
                came = delta(layer, unit, known) * Counted(t.at(t.sends(layer - 1, cell.from_unit, 1)))
            case "b":
                came = sum((delta(layer, k, known) for k in ([unit] if cell.unit else range(sizes[layer]))), Counted(0))
            case "z":
                came = delta(layer, unit, known)
            case _:
                came = arriving(layer, unit, known)
        assert float(came) == pytest.approx(ledger(t, cell).total, rel=1e-12, abs=1e-16)
        assert multiplications(t, cell) == Counted.made, cell


def test_the_articles_first_weight():
    """Towards AI's w₁: the products by exact arithmetic on the article's numbers (tests/reference/articles.json has their sum)."""
    t = trace(example("towardsai"))
    found = ledger(t, Cell("W", 1, None, 1, 1))
    z1, a1 = 0.3775, 0.593269992107187255173654561579
    out = (0.751365069552315707956911533485, 0.772928465321462588524437526648)
    assert t.at(Cell("z", 1, 1, 1)) == z1
    expected = [
        0.05 * a1 * (1 - a1) * w * o * (1 - o) * (o - target)
        for w, o, target in zip((0.4, 0.5), out, (0.01, 0.99), strict=True)
    ]
    assert [path.value for path in found.paths] == pytest.approx(expected, rel=1e-14)
    assert found.total == pytest.approx(0.000438567734474346727048375599047, rel=1e-14)
    assert [path.units for path in found.paths] == [(1, 1), (1, 2)]
    assert tuple(leaf.kind for leaf in found.paths[0].factors) == ("in", "slope", "weight", "slope", "error")
    assert shared(found.paths) == (True, True, False, False, False)


def test_a_batch_adds_up_its_samples():
    t = trace(example("dabbura-tanh"))
    found = ledger(t, Cell("W", 1, None, 2, 1), 3)
    assert found.sample == 3 and len(found.parts) == 4 and found.parts[2] == found.total
    assert ledger(t, Cell("x", 0, 2, 1), 3).sample == 2  # an input has its own sample
    assert ledger(t, Cell("x", 0, 2, 1), 3).parts == ()


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        (Cell("dL_dW", 2, None, 1, 2), Cell("W", 2, None, 1, 2)),
        (Cell("W_new", 2, None, 1, 2), Cell("W", 2, None, 1, 2)),
        (Cell("b_new", 1), None),
        (Cell("dL_db", 1, None, 1), Cell("b", 1, None, 1)),
        (Cell("da_dz", 1, 1, 2), Cell("z", 1, 1, 2)),
        (Cell("da_dz", 2, 1, 2, 3), Cell("z", 2, 1, 3)),
        (Cell("dL_dx", 0, 1, 2), Cell("x", 0, 1, 2)),
        (Cell("loss", 2), None),
        (Cell("t", 2, 1, 1), None),
        (Cell("W", 9, None, 1, 1), None),
    ],
)
def test_what_a_click_means(address, meant):
    assert followable(trace(example("softmax")), address) == meant


def test_what_cannot_be_followed():
    t = trace(example("towardsai"))
    for cell in (
        Cell("t", 2, 1, 1),
        Cell("loss", 2),
        Cell("learning_rate"),
        Cell("W", 1, None, 3, 1),
        Cell("dL_dW", 1, None, 1, 1),
    ):
        with pytest.raises(KeyError):
            ledger(t, cell)
