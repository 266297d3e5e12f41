"""Why an answer is what it is: signs that multiply to the answer's, numbers that are the trace's, sentences that are true."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, trace
from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals
from backprop.explain.words import to_text
from backprop.lessons.examples import EXAMPLES
from backprop.practice.prediction import Question, question
from backprop.practice.reasons import MINUSES, factors, reason
from backprop.runs.walk import Walk
from tests.strategies import lessons


def every(t: Trace) -> list[Question]:
    return [asked for cell in Walk(t).cells if (asked := question(t, cell))]


def told(t: Trace, cell: Cell, digits: int = 4) -> str:
    asked = question(t, cell)
    assert asked
    return to_text(reason(t, asked, 1, digits))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_signs_of_the_factors_make_the_sign_of_the_product(name):
    t = trace(example(name))
    found = 0
    for asked in every(t):
        signs = [each.sign for each in factors(t, asked, 1)]
        if signs:
            found += 1
            assert math.prod(signs) == np.sign(t.at(asked.cell)), asked
            text = to_text(reason(t, asked, 1))
            assert (0 in signs) == text.endswith("is 0, and so is the product.")
            assert 0 in signs or text == MINUSES[signs.count(-1)]
    assert found or name == "line"


def test_the_factors_are_those_of_the_equation():
    t = trace(example("towardsai"))
    asked = question(t, Cell("dL_dW", 2, None, 2, 1))
    assert [(each.kind, each.sign) for each in factors(t, asked, 1)] == [("error", -1), ("slope", 1), ("in", 1)]
    hidden = question(t, Cell("dL_dW", 1, None, 1, 1))
    assert [each.kind for each in factors(t, hidden, 1)] == ["delta", "slope", "in"]


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("digits", [2, 4, 9])
def test_a_comparison_names_both_numbers_so_that_they_differ(name, digits):
    t = trace(example(name))
    for asked in every(t):
        if asked.kind != "larger" or asked.answer == "equal":
            continue
        text = to_text(reason(t, asked, 1, digits)).partition(". ")[0]
        sizes = sorted((abs(t.at(each)), each) for each in (asked.cell, asked.known))
        shown = re.findall(r"= (−?[\d.]+(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?)", text)
        assert len(shown) == 2 and shown[0].strip("−") != shown[1].strip("−"), text
        large, small = (
            next(d for d in range(digits, 13) if numerals.plain(t.at(cell), d) == number.rstrip("."))
            for (_size, cell), number in zip(sizes[::-1], shown, strict=True)
        )
        assert large >= digits and small >= digits


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_said_of_a_sum_adds_up(name):
    t = trace(example(name))
    for asked in every(t):
        text = to_text(reason(t, asked, 1))
        if "add up to" in text:
            value = t.at(asked.cell)
            parts = [float(n.replace("−", "-")) for n in re.findall(r"−?\d+\.\d+(?!·)", text.split(" = ")[-1])]
            if "·10" not in text:
                assert len(parts) == 2 and numerals.plain(sum(parts), 4) == numerals.plain(value, 4), text


def test_the_reasons_of_one_network():
    t = trace(example("towardsai"))
    assert told(t, Cell("dL_da", 2, 1, 1)) == "The output lies above its target: were it larger, so would be the loss."
    assert told(t, Cell("dL_da", 2, 1, 2)).endswith("Output 1 is further from its target.")
    assert told(t, Cell("da_dz", 2, 1, 2)).endswith("The curve is steepest at 0, and z1 is nearer to 0 than z2.")
    assert told(t, Cell("dL_dW", 2, None, 2, 1)) == "One minus among the factors makes the product negative."
    assert told(t, Cell("dL_dW", 2, None, 1, 2)).endswith("All but what came in is the same for both.")
    assert told(t, Cell("W_new", 2, None, 2, 1)).endswith("larger means less loss, so it goes up.")
    assert told(t, Cell("W_new", 2, None, 1, 1)).endswith("larger means more loss, so it goes down.")
    assert "the sigmoid lies above 0.5" in told(t, Cell("a", 1, 1, 1))


def test_the_reasons_of_what_stays_and_what_is_zero():
    t = trace(example("dabbura-relu"))
    assert told(t, Cell("a", 1, 1, 1)).endswith("the ReLU is exactly 0.")
    assert told(t, Cell("da_dz", 2, 1, 3)).endswith("the curve of the ReLU rises.")
    assert told(t, Cell("dL_dW", 2, None, 4, 2)) == "Every part of the sum is 0."
    assert told(t, Cell("W_new", 2, None, 1, 1)).startswith("The gradient is 0, so")
    still = trace(example("towardsai").changed(learning_rate=0.0))
    assert told(still, Cell("W_new", 1, None, 1, 1)) == "The learning rate is 0, so nothing moves."
    slow = trace(example("towardsai").changed(learning_rate=1e-30))
    assert told(slow, Cell("W_new", 1, None, 1, 1)) == "The step is too small for the digits that a computer keeps."
    soft = trace(example("softmax"))
    assert told(soft, Cell("dL_da", 2, 1, 1)) == "The target is 0, so the loss does not read this output."


def test_a_product_too_small_to_be_kept():
    lesson = Lesson(
        layers=[1, 1], activations=["linear"], loss="squared_error", weights=[[[1e-200]]], inputs=[[1e-200]],
        targets=[[-1e-200]], learning_rate=0.1,
    )  # fmt: skip
    assert "smaller than any number a computer keeps" in told(trace(lesson), Cell("dL_dW", 1, None, 1, 1))


@settings(max_examples=30, deadline=None)
@given(lessons(), st.sampled_from((1.0, 0.0, 1e-170, 1e150, 1e305)), st.integers(2, 12))
def test_any_lesson_has_a_whole_sentence_for_every_answer(lesson, scale, digits):
    t = trace(lesson.changed(inputs=tuple(tuple(x * scale for x in row) for row in lesson.inputs)))
    for asked in every(t):
        marked = reason(t, asked, 1, digits)
        text = to_text(marked)
        assert text.endswith(".") and not re.search(r"[{}]|[<>](?! −?1\.8)|nan\b|inf\b", text), text
        signs = [each.sign for each in factors(t, asked, 1)]
        if text in MINUSES:
            assert math.prod(signs) == np.sign(t.at(asked.cell))
