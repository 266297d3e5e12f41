"""A rule on one line: every leaf once, signs and brackets where arithmetic wants them, dots where terms are left out."""

import pytest

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.explain import inline, symbols
from backprop.explain.lines import stepwise
from backprop.explain.terms import Const, Product, Ref, Sum


def letter(name: str) -> Ref:
    return Ref(Cell(name))


def plain(leaf, first) -> str:
    return leaf.ascii if isinstance(leaf, Const) else leaf.cell.quantity if first else f"[{leaf.cell.quantity}]"


A, B, C, D = map(letter, "abcd")
LONG = Sum((*(Product((letter(f"w{j}"), letter(f"x{j}"))) for j in range(1, 6)), D), tail=1)


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (A, "a"),
        (Product((A, B)), "a*[b]"),
        (Sum((Product((A, B)), C)), "a*[b] + [c]"),
        (Sum((A, B), minus=frozenset({1})), "a − [b]"),
        (Product((Sum((A, B)), C)), "(a + [b])*[c]"),
        (Product((C, Sum((A,)))), "c*[a]"),
        (Product((A, Const(1.0, "1", "1"))), "a*1"),
    ],
)
def test_how_a_tree_reads(node, text):
    assert inline.written(node, plain, "*") == text


def test_factors_in_reverse_order():
    assert inline.written(Sum((Product((A, B)), Product((C, D)))), plain, "*", turned=True) == "b*[a] + [d]*[c]"


@pytest.mark.parametrize(
    ("kept", "text"),
    [
        (None, "w1*[x1] + [w2]*[x2] + [w3]*[x3] + [w4]*[x4] + [w5]*[x5] + [d]"),
        ((0, None, 4), "w1*[x1] + ⋯ + [w5]*[x5] + [d]"),
        ((None, 2, None), "⋯ + [w3]*[x3] + ⋯ + [d]"),
    ],
)
def test_terms_that_are_left_out_are_dots_and_a_bias_stays(kept, text):
    assert inline.written(LONG, plain, "*", kept) == text


def test_a_sum_over_samples_is_written_once_with_the_picked_sample():
    t = trace(example("xor"))
    node = stepwise(t, Cell("dL_dW", 2, None, 1, 1))
    seen = []

    def leaf(each, _first) -> str:
        seen.append(each.cell.sample)
        return symbols.text(each.cell)

    assert inline.over_samples(node, 3, leaf, "·") == "Σ<sub>s</sub> ∂L/∂z₁·a₁" and seen == [3, 3]
    assert inline.over_samples(stepwise(t, Cell("z", 1, 1, 1)), 1, leaf, "·") is None


def test_the_cells_of_a_line():
    t = trace(example("towardsai"))
    assert [cell.address for cell in inline.cells(stepwise(t, Cell("z", 1, 1, 1)))] == [
        "W.1..1.1", "x.0.1.1", "W.1..1.2", "x.0.1.2", "b.1",
    ]  # fmt: skip
