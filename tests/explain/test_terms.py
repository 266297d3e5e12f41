"""Rules as trees, and that all readings of a tree say the same."""

import math
import time

import pytest
import sympy as sp
from hypothesis import given
from sympy.printing.latex import LatexPrinter

from backprop import example, trace
from backprop.engine import activations
from backprop.engine.activations import ACTIVATIONS, typed
from backprop.engine.losses import LOSSES
from backprop.engine.steps import Cell
from backprop.explain import terms
from backprop.explain.derivation import RULES, explain
from backprop.explain.terms import KINDS, Const, Local, Product, Ref, Sum, TexPrinter, tex_template
from tests import oracle, strategies

A = activations.a
W, X, B = Cell("W", 1, None, 1, 1), Cell("x", 0, 1, 1), Cell("b", 1, None, 1)
NUMBERS = {W: -0.5, X: 2.0, B: 0.25}
TREE = Sum((Product((Ref(W, "weight"), Ref(X, "in"))), Ref(B, "weight")))
LOCAL = Local(A * (1 - A), (("a", X),), -2.0, "slope")


def look(cell: Cell) -> float:
    return NUMBERS[cell]


def test_leaves_and_cells_from_left_to_right():
    assert [leaf.cell for leaf in terms.leaves(TREE)] == [W, X, B]
    assert list(terms.cells(TREE)) == [(W, "weight"), (X, "in"), (B, "weight")]
    assert list(terms.cells(LOCAL)) == [(X, "slope")]


def test_evaluate():
    assert terms.evaluate(TREE, look, lambda leaf: leaf.value) == -0.75
    assert terms.evaluate(Sum((Ref(W), TREE), minus=frozenset({1})), look, lambda leaf: leaf.value) == 0.25
    assert terms.evaluate(Product((Const(0.5, "1/2", "1/2"), LOCAL)), look, lambda leaf: leaf.value) == -1.0
    assert terms.evaluate(Sum((Product((Ref(B), Ref(B))), Ref(B))), look, lambda leaf: leaf.value) == pytest.approx(
        look(B) ** 2 + look(B)
    )


def test_local_value_computes_the_formula():
    assert terms.local_value(LOCAL, look) == -2.0
    assert math.isnan(terms.local_value(Local(1 / (A - sp.Symbol("q")), (("a", X), ("q", X)), 0.0), look))
    assert math.isnan(terms.local_value(Local(sp.log(A), (("a", W),), 0.0), look))


def test_expression_has_a_symbol_per_cell():
    expr, found = terms.expression(TREE)
    assert set(found.values()) == {W, X, B} and expr.free_symbols == set(found)
    assert float(expr.subs({symbol: look(cell) for symbol, cell in found.items()})) == -0.75


def test_ascii_puts_brackets_where_they_are_needed():
    def name(cell):
        return {W: "(-0.5)", X: "2.0", B: "0.25"}[cell]

    assert terms.ascii(TREE, name) == "(-0.5)*2.0 + 0.25"
    assert terms.ascii(Product((TREE, LOCAL)), name) == "((-0.5)*2.0 + 0.25)*2.0*(1 - 2.0)"
    assert terms.ascii(Sum((Ref(W), TREE), minus=frozenset({1})), name) == "(-0.5) - ((-0.5)*2.0 + 0.25)"
    assert terms.ascii(Product((Ref(X), Local(A - 1, (("a", B),), 0.0))), name) == "2.0*(0.25 - 1)"


ROWS = [
    *((f"{row.name}: formula", row.formula) for row in ACTIVATIONS.values()),
    *((f"{row.name}: slope", row.slope) for row in ACTIVATIONS.values()),
    *(
        (f"{row.name}: {part}", getattr(row, part))
        for row in LOSSES.values()
        for part in ("term", "slope", "fused", "term_z", "slope_z")
        if getattr(row, part) is not None
    ),
    *((f"{text}: formula", typed(text).formula) for text in strategies.TYPED),
    *((f"{text}: slope", typed(text).slope) for text in strategies.TYPED),
]


@pytest.mark.parametrize(("name", "expr"), ROWS, ids=[name for name, _ in ROWS])
def test_every_formula_of_the_tables_printed_in_ascii_says_what_it_means(name, expr):
    template = terms.ascii_template(expr)
    for numbers in (
        {"z": 0.7, "a": 0.3, "t": 0.9, "n": 2.0, "alpha": 0.01},
        {"z": -1.3, "a": 0.6, "t": 0.2, "n": 3.0, "alpha": 0.25},
    ):
        line = terms.fill(template, lambda letter, numbers=numbers: f"({numbers[letter]!r})")
        came, expected = oracle.calculate(line), oracle.evaluate(expr, {s: numbers[str(s)] for s in expr.free_symbols})
        assert abs(came.value - expected.value) <= 1e-30 * expected.size, (
            f"{name} = {line}: {came.value}, expected {expected.value}"
        )


@pytest.mark.parametrize(("name", "expr"), ROWS, ids=[name for name, _ in ROWS])
def test_every_formula_of_the_tables_printed_in_tex_is_whole(name, expr):
    tex = terms.fill(terms.tex_template(expr), lambda letter: letter)
    assert tex.count("{") == tex.count("}") and "\x02" not in tex and "\x03" not in tex, f"{name}: {tex}"
    assert tex.count(r"\left") == tex.count(r"\right") and tex.count(r"\begin{") == tex.count(r"\end{"), (
        f"{name}: {tex}"
    )
    for symbol in expr.free_symbols:
        assert str(symbol) in tex


@pytest.mark.parametrize(("name", "expr"), ROWS, ids=[name for name, _ in ROWS])
def test_active_decides_the_cases_and_keeps_the_value(name, expr):
    for z in (-2.5, -0.4, 0.0, 0.3, 1.9):
        numbers = {"z": z, "a": 0.3, "t": 0.9, "n": 2.0, "alpha": 0.01}
        came = terms.active(expr, numbers)
        assert not came.has(sp.Piecewise), f"{name} at z = {z}: {came}"
        exact = {s: numbers[str(s)] for s in expr.free_symbols}
        assert abs(oracle.evaluate(came, exact).value - oracle.evaluate(expr, exact).value) <= 1e-30, (
            f"{name} at z = {z}"
        )


def test_typed_numbers_are_printed_in_full():
    assert (
        terms.fill(terms.ascii_template(typed("0.1234567890123456*z + 0.1").formula), str)
        == "0.1234567890123456*z + 0.1"
    )
    assert terms.fill(terms.ascii_template(typed("0.1").formula), str) == "0.1"


@given(strategies.lessons())
def test_every_rule_of_a_random_lesson_is_made_of_what_the_legend_knows(lesson):
    t = trace(lesson)
    for step in t:
        for cell in t.cells(step):
            for leaf in terms.leaves(explain(t, cell).rule):
                assert leaf.kind in KINDS
                for read in (
                    [leaf.cell]
                    if isinstance(leaf, Ref)
                    else [c for _, c in leaf.bound]
                    if isinstance(leaf, Local)
                    else []
                ):
                    t.at(read)


@given(strategies.lessons(layers=2))
def test_the_formula_of_every_local_is_its_value(lesson):
    t = trace(lesson)
    for step in t:
        for cell in t.cells(step):
            for leaf in terms.leaves(explain(t, cell).rule):
                if isinstance(leaf, Local):
                    numbers = {name: t.at(c) for name, c in leaf.bound} | dict(leaf.constants)
                    expected = (
                        oracle.evaluate(leaf.expr, {s: numbers[str(s)] for s in leaf.expr.free_symbols}) / leaf.over
                    )
                    assert oracle.agree(leaf.value, expected), (
                        f"{lesson!r}\n{cell}: {leaf.expr} at {numbers} is {expected.value}, the trace has {leaf.value!r}"
                    )
                    computed = terms.local_value(leaf, t.at)
                    assert math.isnan(computed) or oracle.agree(computed, expected), (
                        f"{lesson!r}\n{cell}: {leaf.expr} at {numbers} is {expected.value}, computed {computed!r}"
                    )


def test_formula_and_substitution_of_the_first_lesson():
    t = trace(example("towardsai"))
    rule = explain(t, Cell("z", 1, 1, 1)).rule
    assert (
        terms.formula(rule, 1) == "W1[1,1]*x[1] + W1[1,2]*x[2] + b1"
        and terms.substitution(rule, t) == "0.15*0.05 + 0.2*0.1 + 0.35"
    )
    assert set(RULES) == {step.quantity for step in trace(example("gurarie"))}


class PlainPrinter(TexPrinter):
    """Without the short cut for powers with a negative exponent."""

    _print_Mul = LatexPrinter._print_Mul


@pytest.mark.parametrize(
    "text",
    ["sigmoid(sigmoid(z))", "sigmoid(sigmoid(sigmoid(z)))", "z*exp(-exp(z))", "exp(-exp(z))/(1+exp(-exp(z)))", "2^(-exp(z))*sin(z)", "-z*exp(-exp(z))", "z*exp(-z^2)"],
)  # fmt: skip
def test_a_short_cut_prints_the_same(text):
    settings = {"mul_symbol": r"\,", "ln_notation": True, "fold_short_frac": False}
    for expr in (typed(text).formula, typed(text).slope):
        assert TexPrinter(settings).doprint(expr) == PlainPrinter(settings).doprint(expr)


def test_sigmoids_within_sigmoids_are_printed_at_once():
    """SymPy's own way takes twelve seconds for six, and minutes for more."""
    row, start = typed("sigmoid(" * 9 + "z" + ")" * 9), time.perf_counter()
    assert tex_template(row.slope).count("frac") > 9
    assert time.perf_counter() - start < 3
