"""The strip "The same number four ways": digits, their agreement, and what stands in SymPy's place."""

import re
from decimal import Decimal
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.explain.conventions import CONVENTIONS, DEFAULT
from backprop.explain.symbols import gradient_of
from backprop.lessons.examples import EXAMPLES
from backprop.ui.following.ways import ways_html
from tests import oracle
from tests.strategies import lessons

W = Cell("W", 1, None, 1, 1)


def html(t, cell=W, path_sum=None, epsilon=5, exact=None, pending="SymPy is at work.", convention=DEFAULT) -> str:
    path_sum = t.at(gradient_of(cell)) if path_sum is None else path_sum
    return ways_html(t, cell, gradient_of(cell), path_sum, epsilon, exact, pending, 4, convention)


def text(part: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", part)).split())


def columns(page: str) -> dict[str, tuple[str, str, str, str]]:
    """Of each way: how many digits are said to agree, the dark digits, the pale ones, the note."""
    found = {}
    for part in page.split('<div class="fw-way">')[1:]:
        title, count = re.search(r"<b>([^<]*)(?:<i>(.*?)</i>)?</b>", part).groups()
        dark = re.search(r'<strong class="fw-same">(.*?)</strong>', part)
        pale = re.search(r'<span class="fw-other">(.*?)</span>', part)
        note = re.search(r"<small>(.*?)</small>|<p>(.*?)</p>", part)
        found[title] = (count or "", dark[1] if dark else "", pale[1] if pale else "", text(note[0]))
    return found


@pytest.mark.parametrize("name", ["towardsai", "genomexyz", "xor", "softmax", "neuron"])
def test_backprop_agrees_with_the_derivative_of_the_whole_formula(name):
    lesson = example(name)
    t = trace(lesson)
    exact = float(oracle.derivative(lesson, ("W1", (0, 0))))
    found = columns(html(t, exact=exact))
    assert list(found) == ["Backprop", "Sum of the paths", "Finite difference", "SymPy"]
    assert found["SymPy"][:3] == ("", found["SymPy"][1], "")
    digits = found["SymPy"][1].replace("−", "-")
    assert len(re.sub(r"[-.]", "", digits).lstrip("0")) == 14
    assert int(found["Backprop"][0].split()[0]) >= 12 and int(found["Finite difference"][0].split()[0]) >= 7
    assert Decimal((found["Backprop"][1] + found["Backprop"][2]).replace("−", "-")) != 0


def test_what_differs_is_pale():
    t = trace(example("towardsai"))
    g = t.at(gradient_of(Cell("W", 2, None, 1, 1)))
    found = columns(html(t, Cell("W", 2, None, 1, 1), path_sum=g + 1e-6, exact=g))
    assert found["Backprop"][:3] == ("14 digits", "0.082167040564231", "")
    assert found["Sum of the paths"][:3] == ("4 digits", "0.08216", "8040564231")
    assert columns(html(t, path_sum=-t.at(gradient_of(W)), exact=1.0))["Sum of the paths"][0] == "0 digits"


def test_without_sympy_backprop_is_what_the_others_are_compared_with():
    t = trace(example("softmax"))
    page = html(t, pending="The formula is too long for SymPy <here>.")
    found = columns(page)
    assert "digits that agree with backprop are bold" in page and found["Backprop"][0] == ""
    assert found["SymPy"] == ("", "", "", "The formula is too long for SymPy <here>.")
    assert "digits that agree with SymPy are bold" in html(t, exact=1.0)


@pytest.mark.parametrize(
    ("name", "cell", "convention", "note"),
    [
        ("towardsai", W, "za", "δ(1)1 · x1, as on page One iteration"),
        ("towardsai", Cell("W", 2, None, 1, 2), "net", "δo1 · outh2, as on page One iteration"),
        ("xor", W, "za", "δ(1)1 · x1, summed over the 4 samples"),
        ("gurarie", Cell("b", 1, None, 2), "gurarie", "∂J/∂Z[1]2 · 1, as on page One iteration"),
        ("gurarie", Cell("x", 0, 1, 1), "za", "δ(1)1 · w(1)11 + ⋯ + δ(1)4 · w(1)41"),
        ("towardsai", Cell("a", 1, 1, 1), "za", "δ(2)1 · w(2)11 + δ(2)2 · w(2)21, as on page One iteration"),
        ("towardsai", Cell("z", 1, 1, 1), "za", "∂L/∂a(1)1 · ∂a(1)1/∂z(1)1, as on page One iteration"),
        ("neuron", Cell("a", 1, 1, 1), "za", "as on page One iteration"),
    ],
)
def test_how_backprop_came_to_it(name, cell, convention, note):
    found = columns(html(trace(example(name)), cell, convention=CONVENTIONS[convention]))
    assert found["Backprop"][3] == note


def test_the_wiggle_and_its_slider():
    t = trace(example("towardsai"))
    notes = {k: columns(html(t, epsilon=k))["Finite difference"][3] for k in (1, 5, 6, 15)}
    assert notes[5] == "wiggle w(1)11 by ±0.00001, watch L" and "±0.1," in notes[1]
    assert "±10⁻⁶," in notes[6] and "±10⁻¹⁵," in notes[15]
    assert html(t, epsilon=0) == html(t, epsilon=1) and html(t, epsilon=99) == html(t, epsilon=15)
    sliders = {tuple(re.findall(r"<input[^>]*>", html(t, epsilon=k))) for k in (1, 7, 15)}
    assert len(sliders) == 1 and 'data-field="epsilon" min="1" max="15" step="1"' in sliders.pop()[0]
    try:
        numerals.write(comma=True)
        page = html(t, epsilon=3)
    finally:
        numerals.write()
    assert "±0,001," in text(page) and not re.search(r"\d\.\d", text(page))


ANY = st.one_of(st.none(), st.floats())


@settings(max_examples=40)
@given(lessons(), st.floats(), ANY, st.integers(1, 15), st.sampled_from(tuple(CONVENTIONS)))
def test_no_number_breaks_it(lesson, path_sum, exact, epsilon, convention):
    t = trace(lesson)
    for cell in (W, Cell("x", 0, 1, 1), Cell("z", t.network.depth, 1, 1), Cell("a", 1, 1, 1)):
        page = html(t, cell, path_sum, epsilon, exact, convention=CONVENTIONS[convention])
        shown = re.sub(r'title="[^"]*"', "", page)
        assert not re.search(r"\bnan\b|\binf\b|None", shown) and page.count("<div") == page.count("</div>")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_kind_of_number(name):
    t = trace(example(name))
    depth, tied = t.network.depth, t.network.shared_bias
    biases = [Cell("b", l, None, None if tied else 1) for l in range(1, depth + 1) if ("b", l) in t]
    for cell in (*biases, *(Cell(q, l, 1, 1) for q in "za" for l in range(1, depth + 1)), Cell("W", depth, None, 1, 1)):
        found = columns(html(t, cell, exact=t.at(gradient_of(cell))))
        assert found["Backprop"][0] == "14 digits" and "\\" not in found["Backprop"][3]
