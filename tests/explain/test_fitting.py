"""Lines that fit: what is broken where, and how wide and long things are."""

import re

import pytest

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.explain import symbols
from backprop.explain.composed import cell_of
from backprop.explain.conventions import CONVENTIONS
from backprop.explain.expanded import expand
from backprop.explain.fitting import WIDER, laid_out, length, wide
from backprop.explain.longhand import Over, Times, Total
from backprop.explain.terms import fill
from tests import tex

LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def out(tree, room, left="") -> str:
    return laid_out(tree, lambda text: text, room, left)


def lines(text: str) -> list[str]:
    """The lines of the outermost table."""
    depth, found = 0, [""]
    for part in re.split(r"(\\begin\{aligned\}|\\end\{aligned\}|\\\\\[6pt\])", text):
        depth += {r"\begin{aligned}": 1, r"\end{aligned}": -1}.get(part, 0)
        if part == r"\\[6pt]" and depth == 1:
            found.append("")
        else:
            found[-1] += part
    return found


def test_a_term_a_line_and_what_fits_is_not_broken():
    terms = Total((("+", "a"), ("-", Times(("b", "c"))), ("+", "d")))
    assert out(terms, 50, "L") == r"\begin{aligned} L & = a \\[6pt] & \kern1.33em {}- b\kern.17em c \\[6pt] & \kern1.33em {}+ d \end{aligned}"  # fmt: skip
    assert out(Times(("a", "b")), 50, "L") == r"\begin{aligned} L & = a\kern.17em b \end{aligned}"
    assert out(Total((("-", "a"),)), 50) == r"\begin{aligned}  & = -a \end{aligned}"


def test_a_wide_product_is_broken_between_its_factors():
    product = Times(tuple(Total((("+", each), ("+", "q"))) for each in LETTERS))
    rows = lines(out(product, 20))
    assert len(rows) > 4 and all(r"{}\cdot (" in row for row in rows[1:])
    assert all(wide(row.replace("&", "")) < 24 for row in rows)
    assert [re.findall(r"\((\w) \+ q\)", row) for row in rows] and re.findall(r"\((\w) \+ q\)", " ".join(rows)) == list(LETTERS)  # fmt: skip


def test_inside_brackets_and_fractions_many_terms_a_line():
    total = Total(tuple(("+", each) for each in LETTERS))
    text = out(Times((Total((("+", Over("1", total)), ("-", "t"))), "x")), 25)
    tex.assert_sets(text)
    assert r"\dfrac{1}{\begin{aligned}" in text and 2 <= text.count(r"{}+ ") <= 4
    assert re.findall(r"[+&] (\w)(?= )", text)


@pytest.mark.parametrize("room", [12.0, 20.0, 35.0, 51.0, 80.0, 1e6])
@pytest.mark.parametrize("cell", [Cell("W", 1, None, 1, 1), Cell("x", 0, None, 2)])
def test_nothing_is_lost_between_the_lines(room, cell):
    t = trace(example("gurarie"))
    convention = CONVENTIONS["za"].of(t)
    tree = expand(t.network, cell).tree

    def put(printed):
        return fill(printed, lambda name: symbols.tex(cell_of(name), convention))

    text = laid_out(tree, put, room)
    tex.assert_sets(text)
    plain = re.sub(r"\\kern[\d.]+em|\\(begin|end)\{aligned\}|\\\\\[6pt\]|\\left|\\right|\\cdot|\{\}|[&\s]", "", text)
    whole = laid_out(tree, put, 1e9)
    assert plain == re.sub(r"\\kern[\d.]+em|\\(begin|end)\{aligned\}|\\\\\[6pt\]|\\left|\\right|\\cdot|\{\}|[&\s]", "", whole)  # fmt: skip
    widest = max(wide(line.replace("&", "")) for line in lines(text))
    assert widest <= 1.3 * room * max(WIDER[:-1]) or room < 13


def test_how_wide():
    assert wide("") == 0 and wide("x + x") > wide("x x") > wide("x")
    assert wide(r"\dfrac{x}{x + x}") == pytest.approx(wide("x + x"), abs=0.5)
    assert wide("x^{(1)}_{11}") < wide("x") + 1.2 and wide(r"\sqrt{x}") > wide("x")
    assert wide(r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{else} \end{cases}") > wide(r"x\text{if }x > 0")
    assert wide(r"\kern1.5em ") == 1.5 and wide(r"\left(x\right)") > wide("x")


def test_how_long():
    for name, cell in (("towardsai", Cell("W", 1, None, 1, 1)), ("xor", Cell("x", 0, None, 1)), ("softmax", Cell("z", 1, None, 1))):  # fmt: skip
        tree = expand(example(name).network, cell).tree
        assert length(tree, str) == pytest.approx(len(laid_out(tree, str, 1e9)), rel=0.05)


def test_where_the_room_is_small_the_left_side_stands_above():
    left = r"\dfrac{\partial L}{\partial w^{(1)}_{11}}"
    rows = lines(out(Times(("a", "b")), 8, left))
    assert len(rows) == 2 and rows[0].endswith(f"& {left} = ")
