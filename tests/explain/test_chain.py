"""The chain over all paths: TeX that sets, products that a calculator confirms, and a sum that adds up as it stands there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import example, trace
from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals
from backprop.explain.chain import MOST_LINES, chain, together
from backprop.explain.paths import FOLLOWED, ledger
from backprop.explain.readings import Style
from backprop.explain.symbols import CONVENTIONS
from backprop.lessons.examples import EXAMPLES
from tests import calculator, strategies
from tests.tex import assert_sets

KINDS = ("in", "weight", "error", "slope", "delta", "loss", "update", "plain", "mute", "result", "wash")
STYLE = Style({kind: f"colour-of-{kind}" for kind in KINDS}, 4)
READINGS = ("partials", "factors", "numbers")


def followed(t: Trace) -> list[Cell]:
    return [cell for step in (*t.given, *t.steps) if step.quantity in FOLLOWED for cell in t.cells(step)]


def rows(tex: str) -> list[list[str]]:
    """The cells of each row of a table."""
    body = tex[tex.index(" ", tex.index("{rc")) :].rsplit(r"\end{array}", 1)[0]
    return [
        [cell.strip() for cell in row.split("]", 1)[-1 if place else 0].split(" & ")]
        for place, row in enumerate(body.split(r"\\["))
    ]


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_chain_of_every_example_sets(name, reading):
    t = trace(example(name))
    for convention in (CONVENTIONS["za"], CONVENTIONS["net"], CONVENTIONS["dabbura"]):
        style = Style(STYLE.colours, 4, convention)
        for cell in followed(t)[::7]:
            found = ledger(t, cell, t.samples)
            for narrow in (False, True):
                assert_sets(chain(t, found, reading, style, narrow), frozenset(STYLE.colours.values()))
            if first := together(t, found, reading, style):
                assert_sets(first)


@given(strategies.lessons(layers=4, units=3), st.sampled_from(READINGS), st.integers(2, 12))
def test_every_chain_of_any_lesson_sets(lesson, reading, digits):
    t = trace(lesson)
    for cell in followed(t)[::6]:
        tex = chain(t, ledger(t, cell), reading, Style(STYLE.colours, digits))
        assert_sets(tex.replace(r"\text{undefined}", ""))


def close(shown: float, value: float, digits: int) -> bool:
    """Is a calculator's result what is shown for a value? On the edge either neighbour will do."""
    unit = abs(numerals.rounded(value, digits)) * 10.0 ** (1 - digits) if abs(value) < 1e-3 else 10.0**-digits
    return abs(shown - numerals.rounded(value, digits)) <= 0.51 * unit + 1e-15


@pytest.mark.parametrize("digits", [4, 7])
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_calculator_confirms_every_product_and_the_sum(name, digits):
    t = trace(example(name))
    style = Style(STYLE.colours, digits)
    for cell in followed(t)[::5]:
        found = ledger(t, cell)
        table = rows(chain(t, found, "numbers", style))
        shown = table[: min(found.count, MOST_LINES)]
        products = []
        for row, path in zip(shown, found.paths, strict=False):
            if len(path.factors) + found.count == 2:
                continue  # one path of one factor is its own product
            *line, equals, product = row[2:]
            assert equals in ("=", r"\approx")
            products.append(calculator.value(product.strip("()") if product.startswith("(-") else product))
            assert close(calculator.value(" ".join(line)), products[-1], digits) or close(
                calculator.value(" ".join(line)), path.value, digits
            ), (cell, row)
        if products and found.count <= MOST_LINES:
            own = found.total if found.parts else t.at(found.gradient)
            assert close(sum(products), own, digits), (cell, products, own)


def test_more_paths_than_lines_are_told():
    t = trace(example("deep"))
    tex = chain(t, ledger(t, Cell("x", 0, 1, 1)), "factors", STYLE)
    assert r"\text{12 more paths}" in tex and len(rows(tex)) == MOST_LINES + 1


def test_the_sum_first_is_the_backward_pass():
    t = trace(example("towardsai"))
    found = ledger(t, Cell("W", 1, None, 1, 1))
    line, answer = together(t, found, "numbers", STYLE).split(r" \;\approx\; ")
    assert close(calculator.value(line), found.total, 4) and r"4.386\cdot 10^{-4}" in answer
    assert (
        together(t, found, "partials", STYLE) == ""
        and together(t, ledger(t, Cell("W", 2, None, 1, 1)), "factors", STYLE) == ""
    )
