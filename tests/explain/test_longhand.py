"""A long expression in a person's order: what stands in it, where, and how many operations that is."""

import pytest
import sympy as sp

from backprop.engine.steps import Cell
from backprop.explain.composed import cell_of, letter_of
from backprop.explain.fitting import laid_out
from backprop.explain.longhand import Call, Cases, Magnitude, Over, Times, Total, count, number_tex, written
from backprop.explain.terms import fill

w, v, x, y, b, t, z = (sp.Symbol(name, real=True) for name in ("W_1_1_1", "W_2_1_1", "x_0_1", "x_0_2", "b_1_1", "t_2_1", "z_1_1"))  # fmt: skip
CELLS = {s.name: cell_of(s.name) for s in (w, v, x, y, b, t, z)}


def line(expr) -> str:
    """On one line, letters by their names."""
    inside = Call("f", written(expr, CELLS))  # outermost, a sum would have a line for each term
    text = laid_out(inside, lambda part: fill(part, lambda name: name.replace("_", "")), 1e9)
    text = text.removeprefix(r"\begin{aligned}  & = f").removesuffix(r" \end{aligned}").replace(r"\kern.17em ", "·")
    return text.removeprefix(r"\left(").removesuffix(r"\right)") if text.startswith(r"\left") else text[1:-1]


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (b + w * x, r"{W111}·{x01} + {b11}"),
        (-b - w * x, r"-{W111}·{x01} - {b11}"),
        (1 + sp.exp(-b - w * x), r"1 + \exp(-{W111}·{x01} - {b11})"),
        (sp.exp(-z) + 1, r"1 + e^{- {z11}}"),
        (sp.exp(z) - 1, r"e^{{z11}} - 1"),
        (1 / (1 + sp.exp(-z)) - t, r"\dfrac{1}{1 + e^{- {z11}}} - {t21}"),
        (sp.exp(-z) / (1 + sp.exp(-z)) ** 2 * x * v, r"{W211} \cdot \dfrac{e^{- {z11}}}{(1 + e^{- {z11}})^{2}} \cdot {x01}"),
        (v / (1 + sp.exp(-z)), r"\dfrac{{W211}}{1 + e^{- {z11}}}"),
        (sp.exp(2 * z) / (sp.exp(z) + 1) ** 2, r"\dfrac{e^{2·{z11}}}{(1 + e^{{z11}})^{2}}"),
        (-x * (-v - t) * 2, r"2 \cdot ({W211} + {t21}) \cdot {x01}"),
        (v * sp.tanh(w * x + b) ** 2, r"{W211}·\tanh^{2}({W111}·{x01} + {b11})"),
        (sp.log(x / y), r"\ln\left(\dfrac{{x01}}{{x02}}\right)"),
        (sp.sqrt(x), r"\sqrt{{x01}}"),
        (x**3 / 2, r"\frac{1}{2}·{x01}^{3}"),
        (sp.exp(-(x**2)) * 2 / sp.sqrt(sp.pi), r"\frac{2}{\sqrt{\pi}}·e^{- {x01}^{2}}"),
        (2**z, r"2^{{z11}}"),
        (Magnitude(w * x), r"\left|{W111}·{x01}\right|"),
        (sp.sign(x) * sp.erf(y), r"\mathrm{erf}({x02})·\mathrm{sign}({x01})"),
        (sp.Piecewise((w * x, z > 0), (0, True)), r"\begin{cases} {W111}·{x01} & \text{if } {z11} > 0 \\ 0 & \text{if } {z11} \leq 0 \end{cases}"),
        (sp.Piecewise((1, z > 0), (2, z > -1), (x, True)), r"\begin{cases} 1 & \text{if } {z11} > 0 \\ 2 & \text{if } {z11} > -1 \\ {x01} & \text{else} \end{cases}"),
        (sp.Float(0.1, 60) * x, r"0.1·{x01}"),
        (sp.Integer(0), "0"),
    ],
)  # fmt: skip
def test_as_a_person_would_write_it(expr, expected):
    assert line(expr) == expected


def test_the_tree():
    tree = written(v * (1 / (1 + sp.exp(-w * x - b)) - t), CELLS)
    assert isinstance(tree, Times) and isinstance(tree.factors[0], Total)
    assert isinstance(tree.factors[0].terms[0][1], Over)
    assert isinstance(written(sp.tanh(x), CELLS), Call)
    assert isinstance(written(sp.Piecewise((x, z > 0), (0, True)), CELLS), Cases)


def test_the_same_part_is_the_same_object():
    part = sp.tanh(w * x + b)
    tree = written(v * part + sp.log(1 + sp.exp(part)), CELLS)
    objects = []

    def walk(each):
        if isinstance(each, Call) and each.name == r"\tanh":
            objects.append(id(each))
        for inside in [each.inside] if isinstance(each, Call) else [term for _, term in each.terms] if isinstance(each, Total) else each.factors if isinstance(each, Times) else []:  # fmt: skip
            walk(inside)

    walk(tree)
    assert len(objects) == 2 and len(set(objects)) == 1


@pytest.mark.parametrize(
    ("expr", "expected"),
    [(x, 0), (x + y, 1), (x * y + b, 2), (-x, 0), (x - y, 1), (1 / x, 1), (x / y, 1), (x / y**2, 2), (sp.exp(-x), 1), (1 / (1 + sp.exp(-x)), 3), (sp.Piecewise((x * y, z > 0), (0, True)), 3), (sp.Integer(3), 0)],
)  # fmt: skip
def test_counting(expr, expected):
    assert count(expr) == expected


def test_numbers():
    assert number_tex(sp.Rational(1, 3)) == r"\frac{1}{3}" and number_tex(sp.Float(0.01, 60)) == "0.01"


@pytest.mark.parametrize("cell", [Cell("W", 3, None, 2, 1), Cell("b", 1, None, 2), Cell("b", 1), Cell("x", 0, None, 4)])
def test_letters_and_cells(cell):
    assert cell_of(letter_of(cell).name) == cell
