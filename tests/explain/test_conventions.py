"""The conventions: each says in one sentence what it changes, and none of them changes what is true."""

import numpy as np
import pytest

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.explain import symbols
from backprop.explain.conventions import CONVENTIONS, DEFAULT
from backprop.lessons.examples import EXAMPLES


def test_the_names_that_stand_in_links():
    assert list(CONVENTIONS) == ["za", "gurarie", "ab", "net", "dabbura"] and DEFAULT is CONVENTIONS["za"]


@pytest.mark.parametrize("row", CONVENTIONS.values(), ids=CONVENTIONS)
def test_each_says_in_one_sentence_what_it_changes(row):
    assert row.title and row.changes.endswith(".") and row.changes.count(". ") == 0
    for letter in (row.pre, row.act, row.loss):
        spoken = symbols.unicode(letter)
        assert spoken in row.changes, f"{spoken} is not told"


@pytest.mark.parametrize("row", CONVENTIONS.values(), ids=CONVENTIONS)
def test_told_a_network_it_stays_the_same_row(row):
    told = row.on((3, 2, 1), 4)
    assert told is row.on((3, 2, 1), 4) is told.on((3, 2, 1), 4) and told is not row
    assert (told.name, told.title, told.on((2, 1), 1).sizes) == (row.name, row.title, (2, 1))


@pytest.mark.parametrize("name", EXAMPLES)
def test_weights_are_numbered_through_in_the_order_of_the_walk(name):
    t = trace(example(name))
    convention = CONVENTIONS["net"].of(t)
    weights = [cell for step in t.given if step.quantity == "W" for cell in t.cells(step)]
    assert [symbols.index(cell, convention) for cell in weights] == [str(n) for n in range(1, len(weights) + 1)]
    units = [symbols.index(cell, convention) for step in t if step.quantity == "z" for cell in t.cells(step)]
    hidden, outputs = sum(t.network.sizes[1:-1]), t.network.sizes[-1]
    assert sorted(set(units)) == sorted(
        [f"h{n}" for n in range(1, hidden + 1)] + [f"o{n}" for n in range(1, outputs + 1)]
    )


@pytest.mark.parametrize("name", ["dabbura-tanh", "dabbura-relu", "neuron"])
def test_what_stands_as_dZ_over_m_is_dabburas_dZ_over_m(name):
    """His own algorithm, columns as samples: dA without 1/m, dW = 1/m dZ Aᵀ; beside it the numbers that the names stand for."""
    t = trace(example(name))
    m, depth = t.samples, t.network.depth
    row = CONVENTIONS["dabbura"].of(t)
    A = [t["x", 0].value.T, *(t["a", l].value.T for l in range(1, depth + 1))]
    Z = [None, *(t["z", l].value.T for l in range(1, depth + 1))]
    Y = t["t", depth].value.T
    slopes = {
        "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
        "tanh": lambda z: 1 - np.tanh(z) ** 2,
        "relu": lambda z: 1.0 * (z > 0),
    }
    dA = A[-1] - Y if name == "neuron" else -(Y / A[-1] - (1 - Y) / (1 - A[-1]))
    for l in range(depth, 0, -1):
        dZ = dA * slopes[t.network.activations[l - 1].name](Z[l])
        dW, db = dZ @ A[l - 1].T / m, dZ.sum(axis=1) / m
        for quantity, his in (("dL_da", dA.T), ("dL_dz", dZ.T), ("dL_dW", dW), ("dL_db", db)):
            cell = next(iter(t.cells(t[quantity, l])))
            share = m if symbols.tex(cell, row).startswith(r"\tfrac") else 1
            assert share * t[quantity, l].value == pytest.approx(his, rel=1e-9), f"{quantity} {l}"
        dA = t["W", l].value.T @ dZ
    if m > 1:
        assert symbols.tex(Cell("dL_dz", depth, 1, 1), row) == rf"\tfrac{{1}}{{{m}}}\,dZ^{{{depth}}}_{{1}}"
