"""Every number's explanation, computed from its symbols' full values, is that number; and its factors are a chain."""

from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, trace
from backprop.engine.losses import LOSSES
from backprop.engine.steps import Cell
from backprop.explain import terms
from backprop.explain.derivation import RULES, contributions, explain
from backprop.explain.terms import Product, Ref, Sum
from backprop.lessons.examples import EXAMPLES
from tests import oracle, strategies


def assert_every_explanation_is_its_number(lesson: Lesson, iteration: int = 0) -> None:
    t = trace(lesson, iteration)
    for step in t:
        for cell in t.cells(step):
            explanation = explain(t, cell)
            expr, found = terms.expression(explanation.rule)
            numbers = {symbol: t.at(each) for symbol, each in found.items()}
            told = f"{lesson!r}\n{cell} = {expr}\nat {numbers}\n"
            assert explanation.cell == cell and explanation.value == t.at(cell)
            expected = oracle.evaluate(expr, numbers)
            assert oracle.agree(explanation.value, expected), (
                f"{told}is {expected.value} (size {expected.size}); the trace has {explanation.value!r}"
            )
            assert oracle.agree(terms.true_value(explanation.rule, t), expected), (
                f"{told}is {expected.value}; from the trace's own factors {terms.true_value(explanation.rule, t)!r}"
            )


@pytest.mark.parametrize("iteration", [0, 1, 50])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_explanation_of_every_example_is_its_number(name, iteration):
    assert_every_explanation_is_its_number(example(name), iteration)


@settings(max_examples=80)
@given(strategies.lessons(), st.integers(0, 3))
def test_every_explanation_of_random_lessons_is_its_number(lesson, iteration):
    assume(not strategies.typed_left_float64(lesson, trace(lesson, iteration)))
    assert_every_explanation_is_its_number(lesson, iteration)


FAR = [
    (loss, z)
    for loss in LOSSES
    if LOSSES[loss].needs
    for z in (12.0, 14.9, 15.1, 36.0, 40.0, 800.0, -14.9, -15.1, -40.0, -800.0)
]


def far(loss: str, z: float, targets=(0.0, 1.0)) -> Lesson:
    """A hidden unit before two outputs, the first of which is at z."""
    data = {
        "layers": [1, 1, 2],
        "activations": ["linear", LOSSES[loss].needs],
        "loss": loss,
        "weights": [[[1.0]], [[z], [0.3]]],
        "biases": [[0.0], None],
    }
    return Lesson(**data, inputs=[[1.0], [0.5]], targets=[targets, targets[::-1]], learning_rate=0.5)


@pytest.mark.parametrize("targets", [(0.0, 1.0), (1.0, 0.0), (0.25, 0.75)])
@pytest.mark.parametrize(("loss", "z"), FAR)
def test_where_outputs_saturate_the_rule_shown_is_one_that_works(loss, z, targets):
    assert_every_explanation_is_its_number(far(loss, z, targets))


@pytest.mark.parametrize(("loss", "z"), FAR)
def test_a_saturated_output_is_explained_by_the_fused_rule_and_says_so(loss, z):
    t = trace(far(loss, z))
    explanation = explain(t, Cell("dL_dz", 2, 1, 1))
    assert ("fused" in explanation.notes) == (abs(z) > 15), explanation.notes
    assert (
        ("saturated" in explain(t, Cell("dL_da", 2, 1, 1)).notes)
        == ("saturated" in explain(t, Cell("loss_term", 2, 1, 1)).notes)
        == (abs(z) > 15)
    )


# --- the chain


def ends(node) -> tuple:
    """(above, below) of a factor: what it is the derivative of, and by what; of a sum of products, of each of them alike."""
    if isinstance(node, Product):
        factors = [ends(factor) for factor in node.factors]
        for (_, here), (there, _) in pairwise(factors):
            assert here == there, f"the chain breaks between ∂{here} and ∂{there}: {node}"
        return factors[0][0], factors[-1][1]
    if isinstance(node, Sum):
        (pair,) = {ends(term) for term in node.terms}
        return pair
    return node.partial


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_factors_of_every_gradient_are_a_chain_from_the_loss_to_the_parameter(name):
    t = trace(example(name))
    for step in t:
        if step.quantity in ("dL_dW", "dL_db", "dL_dx", "dL_da", "dL_dz"):
            for cell in t.cells(step):
                explanation = explain(t, cell)
                for part in explanation.parts or (explanation.rule,):
                    above, below = ends(part)
                    wanted = cell._replace(quantity=cell.quantity[4:])
                    assert (
                        above.quantity == "loss"
                        and (below.quantity, below.layer, below.unit, below.from_unit)
                        == wanted._replace(sample=None)[:2] + wanted[3:]
                    ), f"{cell}: {above} to {below}"


def test_the_sum_over_the_following_units_of_a_hidden_weight_is_written_out():
    t = trace(example("towardsai"))
    sum_, slope, came_in = explain(t, Cell("dL_dW", 1, None, 1, 1)).rule.factors
    assert isinstance(sum_, Sum) and [term.factors[0].cell for term in sum_.terms] == [
        Cell("dL_dz", 2, 1, 1),
        Cell("dL_dz", 2, 1, 2),
    ]
    assert [term.factors[1].cell for term in sum_.terms] == [Cell("W", 2, None, 1, 1), Cell("W", 2, None, 2, 1)]
    assert slope.cell == Cell("da_dz", 1, 1, 1) and came_in == Ref(
        Cell("x", 0, 1, 1), "in", (Cell("z", 1, 1, 1), Cell("W", 1, None, 1, 1))
    )


def test_the_output_weight_of_the_article_has_its_three_factors():
    t = trace(example("towardsai"))
    factors = explain(t, Cell("dL_dW", 2, None, 1, 1)).rule.factors
    assert [f"{value:.4f}" for value in (factors[0].value, factors[1].value, t.at(factors[2].cell))] == [
        "0.7414",
        "0.1868",
        "0.5933",
    ]
    assert [factor.kind for factor in factors] == ["error", "slope", "in"]


# --- samples


@pytest.mark.parametrize("name", [name for name in EXAMPLES if len(example(name).inputs) > 1])
def test_the_mean_of_the_samples_contributions_is_the_gradient(name):
    t = trace(example(name))
    for step in t:
        if step.quantity in ("dL_dW", "dL_db"):
            for cell in t.cells(step):
                parts = contributions(explain(t, cell), t)
                assert len(parts) == t.samples and sum(parts) / t.samples == pytest.approx(
                    t.at(cell), rel=1e-12, abs=1e-15
                ), f"{name}: {cell}: {parts}"


def test_the_picked_sample_is_shown_and_kept_in_range():
    t = trace(example("xor"))
    cell = Cell("dL_dW", 1, None, 1, 2)
    for asked, shown in ((1, 1), (3, 3), (9, 4), (0, 1)):
        explanation = explain(t, cell, sample=asked)
        assert (
            explanation.sample == shown
            and explanation.part is explanation.rule.terms[shown - 1]
            and explanation.parts == explanation.rule.terms
        )
    assert explain(t, Cell("z", 1, 2, 1), sample=3).sample == 2


def test_one_sample_has_no_parts():
    t = trace(example("towardsai"))
    explanation = explain(t, Cell("dL_dW", 2, None, 1, 1))
    assert explanation.parts == () and explanation.part is explanation.rule and contributions(explanation, t) == []


# --- what is said with it, and what cannot be explained


def test_notes():
    flat = trace(
        Lesson(
            layers=[1, 1, 1],
            activations=["relu", "linear"],
            loss="squared_error",
            weights=[[[1.0]], [[1.0]]],
            inputs=[[0.0]],
            targets=[[1.0]],
            learning_rate=0.1,
        )
    )
    for quantity in ("da_dz", "dL_dz"):
        assert "kink" in explain(flat, Cell(quantity, 1, 1, 1)).notes
    assert "kink" in explain(flat, Cell("dL_dW", 1, None, 1, 1)).notes
    tied = trace(example("towardsai"))
    assert (
        explain(tied, Cell("dL_db", 1)).notes == ("shared",) and explain(tied, Cell("dL_dW", 1, None, 1, 1)).notes == ()
    )


@pytest.mark.parametrize(
    "cell",
    [
        Cell("x", 0, 1, 1),
        Cell("W", 1, None, 1, 1),
        Cell("learning_rate"),
        Cell("what"),
        Cell("a", 9, 1, 1),
        Cell("dL_dW", 1, None, 3, 1),
    ],
)
def test_given_and_unknown_cells_have_no_explanation(cell):
    with pytest.raises(KeyError):
        explain(trace(example("towardsai")), cell)


def test_there_is_a_rule_for_every_computed_quantity():
    assert set(RULES) == {step.quantity for step in trace(example("gurarie"))}
