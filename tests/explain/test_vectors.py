"""The rules of whole layers: matrices that fit together, numbers that are the trace's, TeX that sets."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import example, trace
from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, vectors
from backprop.explain.readings import Style
from backprop.explain.symbols import CONVENTIONS, DEFAULT
from backprop.explain.vectors import Block
from backprop.lessons.examples import EXAMPLES
from tests import strategies
from tests.tex import assert_sets

COLOURS = {
    kind: f"colour-of-{kind}"
    for kind in ("in", "weight", "error", "slope", "delta", "loss", "update", "plain", "mute", "result", "wash")
}


def layered(t: Trace):
    """The steps that a whole layer makes at once; the loss is a single number."""
    return [step for step in t if step.quantity != "loss"]


def array(t: Trace, block: Block) -> np.ndarray:
    return np.array([[t.at(cell) for cell in row] for row in block.cells])


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_layer_of_every_example_sets(name, convention):
    t = trace(example(name))
    for digits, hidden in ((4, False), (9, True)):
        style = Style(COLOURS, digits, convention, hidden)
        for step in layered(t):
            assert_sets(vectors.display(t, step, t.samples, style), frozenset(COLOURS.values()))


@given(strategies.lessons(units=4), st.sampled_from(sorted(CONVENTIONS)), st.integers(2, 12))
def test_every_layer_of_any_lesson_sets(lesson, convention, digits):
    t = trace(lesson)
    for step in layered(t):
        tex = vectors.display(t, step, 1, Style(COLOURS, digits, CONVENTIONS[convention]))
        assert_sets(tex.replace(r"\text{undefined}", ""))


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_matrices_of_a_product_fit_and_make_what_stands_left(name, convention):
    """W a + b, Wᵀ δ, δ aᵀ, ∂L/∂a ⊙ f′ and W − η ∂L/∂W, computed with the numbers in the blocks."""
    t = trace(example(name))
    sample = t.samples
    for step in layered(t):
        left, right = vectors.line(t, step, sample, convention)
        blocks = [array(t, token) for token in right if isinstance(token, Block)]
        sums = (step.quantity == "dL_db" and (t.samples > 1 or t.network.shared_bias)) or step.quantity == "a"
        if not blocks or sums:
            continue
        signs = [token.strip() for token in right if not isinstance(token, Block)]
        value, *others = blocks
        for sign, other in zip(signs, others, strict=False):
            if sign == r"\,":
                value = value @ other
            elif sign == r"\odot":
                value = value * other
            else:
                value = value + other if sign == "+" else value - t.at(Cell("learning_rate")) * other
        assert value == pytest.approx(array(t, left), rel=1e-12, abs=1e-15), f"{name}: {step.quantity} {step.layer}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_block_holds_the_numbers_of_its_step(name):
    t = trace(example(name))
    for step in layered(t):
        left, _right = vectors.line(t, step, 1, DEFAULT)
        held = [cell for row in left.cells for cell in row]
        assert held == [cell for cell in t.cells(step) if cell.sample in (None, 1)]


def test_the_numbers_of_a_small_layer_are_all_written():
    t = trace(example("towardsai"))
    tex = vectors.display(t, t["z", 1], 1, Style(COLOURS))
    for number in ("0.15", "0.20", "0.25", "0.30", "0.05", "0.10", "0.35", "0.3775", "0.3925"):
        assert number in tex, number
    assert r"2\times 2" in tex and r"2\times 1" in tex


def test_the_numbers_of_a_large_layer_are_left_to_the_table():
    t = trace(example("dabbura-tanh"))
    tex = vectors.display(t, t["z", 2], 1, Style(COLOURS))
    assert r"5\times 5" in tex and "numbers" not in tex and numerals.tex(t["z", 2].value[0, 4]) in tex


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_covered_result_is_not_written(name):
    t = trace(example(name))
    for step in layered(t):
        framed = vectors.display(t, step, 1, Style(COLOURS, hidden=True)).partition(r"\fcolorbox")[2]
        assert not re.search(r"\d\.\d", framed), step


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_rule_on_one_line_is_text_or_nothing(name, convention):
    t = trace(example(name))
    for step in layered(t):
        line = vectors.rule_html(t, step, 1, convention)
        assert not re.search(r"[\\{}$]", line), line
        assert line.count("<") == line.count(">") and re.sub(r"</?(b|sup|sub|i)>", "", line).count("<") == 0, line


@pytest.mark.parametrize(
    ("convention", "key", "rule"),
    [
        ("za", ("z", 2), "z(2) = W(2) a(1) + b(2)"),
        ("za", ("dL_dz", 1), "δ(1) = ∂L/∂a(1) ⊙ f'(z(1))"),
        ("za", ("dL_dW", 2), "∂L/∂W(2) = δ(2) a(1)⊤"),
        ("za", ("W_new", 1), "W'(1) = W(1) − η ∂L/∂W(1)"),
        ("ab", ("z", 2), "a(2) = b(1) W(2) + θ(2)"),
        ("net", ("z", 2), "net(2) = W(2) out(1) + b(2)"),
        ("gurarie", ("z", 2), "Z[2] = W[2] A[1] + b[2]"),
        ("gurarie", ("a", 2), "Ŷ = f(Z[2])"),
        ("gurarie", ("dL_dW", 2), "∂J/∂W[2] = ∂J/∂Z[2] A[1]⊤"),
        ("gurarie", ("W_new", 1), "W'[1] = W[1] − α ∂J/∂W[1]"),
        ("ab", ("dL_dW", 2), "∂E/∂W(2) = b(1)⊤ δ(2)"),
        ("ab", ("dL_da", 1), "∂E/∂b(1) = δ(2) W(2)⊤"),
        ("dabbura", ("dL_dz", 1), "dZ1 = dA1 ⊙ g'(Z1)"),
    ],
)
def test_how_rules_read(convention, key, rule):
    t = trace(example("gurarie"))
    line = vectors.rule_html(t, t[key], 1, CONVENTIONS[convention])
    assert " ".join(re.sub(r"<.*?>", "", line).split()) == rule


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        (("z", 1), "Z1 = W1 X + b1"),
        (("dL_dz", 3), "1/4 dZ3 = 1/4 dA3 ⊙ g'(Z3)"),
        (("dL_dW", 3), "dW3 = 1/4 dZ3 A2⊤"),
        (("dL_db", 3), "db3 = Σs 1/4 dZ3s"),
        (("dL_da", 2), "1/4 dA2 = W3⊤ 1/4 dZ3"),
    ],
)
def test_dabburas_rules_with_his_samples_as_columns(key, rule):
    t = trace(example("dabbura-tanh"))
    line = vectors.rule_html(t, t[key], 1, CONVENTIONS["dabbura"])
    assert " ".join(re.sub(r"<.*?>", "", line).split()) == rule
    left, _right = vectors.line(t, t["z", 1], 3, CONVENTIONS["dabbura"])
    assert array(t, left) == pytest.approx(t["z", 1].value.T) and left.shape == (5, 4)


def test_there_is_a_rule_for_every_step_that_a_layer_makes():
    with pytest.raises(KeyError):
        t = trace(example("neuron"))
        vectors.line(t, t["loss"], 1, DEFAULT)
