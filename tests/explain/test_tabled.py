"""Rows in TeX: every row under every convention is set by KaTeX."""

import pytest

from backprop.engine.activations import ACTIVATIONS, typed
from backprop.engine.losses import LOSSES
from backprop.explain import tabled
from backprop.explain.conventions import CONVENTIONS
from backprop.runs import sampled
from tests.tex import assert_sets

TYPED = ("z*tanh(ln(1+exp(z)))", "abs(z)", "max(-1,min(1,z))", "exp(-z^2)", "2^z", "atan(sqrt(z))", "erf(z)")


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_every_activation_is_set(row, convention):
    rules = tabled.of_activation(row, sampled.derived(row), convention)
    for rule in rules[:3]:
        assert_sets(rule.tex("goldenrod"), frozenset({"goldenrod"}))
    assert convention.pre in rules.formula.tex("steelblue") and "\x02" not in str(rules)


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("row", LOSSES.values(), ids=LOSSES)
def test_every_loss_is_set(row, convention):
    rules = tabled.of_loss(row, sampled.loss_derived(row), convention)
    for rule in rules:
        if rule is not None:
            assert_sets(rule.tex("orangered"))
    assert (rules.fused is None) == (row.fused is None)


def test_the_lines_are_those_of_the_textbook():
    sigmoid, bce = ACTIVATIONS["sigmoid"], LOSSES["binary_cross_entropy"]
    rules = tabled.of_activation(sigmoid, sampled.derived(sigmoid))
    assert rules.slope.name == "f'(z)" and rules.slope.text == r"{a}\,(1 - {a})"
    assert tabled.of_loss(bce, sampled.loss_derived(bce)).fused.text == "{a} - {t}"
    softmax = ACTIVATIONS["softmax"]
    assert tabled.of_activation(softmax, sampled.derived(softmax)).slope.more.text == r"- {a_{1}}\,{a_{2}}"


@pytest.mark.parametrize("text", TYPED)
def test_typed_formulas_are_set(text):
    row = typed(text)
    for rule in tabled.of_activation(row, sampled.derived(row))[:3]:
        assert rule.text.count("{") == rule.text.count("}") and "\x02" not in rule.text
